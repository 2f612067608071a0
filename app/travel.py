"""Moving between sheets and views: by tab, by connector, by name, home, and back again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from PySide6.QtCore import QObject, QTimer
from PySide6.QtCore import Signal as QtSignal
from PySide6.QtWidgets import QWidget

from app.home_views import HomeViews
from app.live_plant import LivePlant
from app.sheet_jumps import SheetJumps
from app.sheet_tabs import SheetTabs, Tab
from app.sheets import Sheets
from app.view_history import Place, ViewHistory
from app.views_menu import ViewsMenu
from pid_renderer.drawing import Box
from resources.words import t

SETTLED_MS: Final = 700
"""A view that stands so long is one a person may want to come back to."""


class Travel(QObject):
    """What goes anywhere goes through here, so that there is always a way back."""

    walked = QtSignal(bool, bool)
    """Whether there is a view to go back to, and one to go forward to."""
    said = QtSignal(str)
    """Why something could not be reached."""

    def __init__(
        self, tabs: SheetTabs, plants: Mapping[str, LivePlant], sheets: Sheets, views: HomeViews, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._tabs, self._plants, self._views, self._sheets = tabs, plants, views, sheets
        self.jumps = {name: SheetJumps(live.plant, sheets) for name, live in plants.items()}
        self._history, self._walking = ViewHistory(), False
        self._settle = QTimer(self, singleShot=True, interval=SETTLED_MS)
        self._settle.timeout.connect(self.remember)
        tabs.leaving.connect(self._leave_unsettled)
        self._menu = ViewsMenu(views, parent)
        self._menu.wanted.connect(self._look_at)

    def open(self, refinery: str, number: int = 0) -> None:
        """Bring a drawing to the front, in its tab."""
        live = self._plants[refinery]
        number = min(number, max(0, len(live.plant.drawings) - 1))
        before = self._tabs.current
        if before is not None and before.place != (refinery, number):
            self._leave()
        self._tabs.open(live, number)

    # ---- back and forward

    def moved(self) -> None:
        """The view changed; where it comes to rest it is remembered."""
        if not self._walking:
            self._settle.start()

    def remember(self) -> None:
        """The present view is one to come back to."""
        self._settle.stop()
        tab = self._tabs.current
        if tab is not None and tab.sheet is not None:
            self._history.visit(Place(*tab.place, tab.canvas.seen, tab.canvas.selected))
        self.walked.emit(self._history.can(-1), self._history.can(1))

    def _leave(self) -> None:
        if not self._walking:
            self.remember()

    def _leave_unsettled(self) -> None:
        """A view that had no time to rest is one to come back to all the same."""
        if self._settle.isActive():
            self._leave()

    def walk(self, step: int) -> None:
        """Back (-1) or forward (+1) through the views of before, across sheets and plants."""
        if self._settle.isActive():
            self.remember()
        place = self._history.step(step)
        if place is None:
            return
        self._walking = True
        self.open(place.refinery, place.number)
        self._tabs.canvas.show_box(place.box)
        self._tabs.canvas.choose(place.selected)
        self._walking = False
        self.walked.emit(self._history.can(-1), self._history.can(1))

    # ---- by name and by connector

    def find(self, live: LivePlant, code: str) -> int | None:
        """The drawing of a plant that carries a code: the one in front, else the first that does."""
        tab, drawings = self._tabs.current, range(len(live.plant.drawings))
        numbers = list(drawings)
        if tab is not None and tab.live is live and tab.number in drawings:
            numbers.insert(0, tab.number)
        for number in numbers:
            sheet = self.jumps[live.plant.refinery].sheet(number)
            if sheet is not None and (
                code in sheet.binding.element_ids
                or code in sheet.binding.code_of_signal
                or code in sheet.drawing.elements
            ):
                return number
        return None

    def go_to(self, live: LivePlant, code: str, equipment: Iterable[str], number: int | None = None) -> str:
        """Bring a code to the middle, on whichever sheet carries it; else the equipment it belongs to.

        Returns the code by which the drawing carries it; the code itself where no drawing does.
        """
        if number is None:
            for tried in (code, *equipment):
                number = self.find(live, tried) if tried else None
                if number is not None:
                    code = tried
                    break
        self._leave()
        if number is None:
            return code
        self.open(live.plant.refinery, number)
        tab = self._tabs.current
        if tab is None or tab.sheet is None:
            return code
        code = tab.sheet.binding.code_of_signal.get(code, code)
        tab.canvas.zoom_to(code)
        self.remember()
        return code

    def jump(self, code: str) -> None:
        """Through an off-page connector to its other end, centred and marked; where there is none, say so."""
        tab = self._tabs.current
        element = tab.canvas.live.element(code) if tab is not None and tab.canvas.live is not None else None
        if tab is None or element is None:
            return
        live = tab.live
        destination = self.jumps[live.plant.refinery].of(tab.number).get(element.id)
        if destination is None or (destination.partner is None and not destination.said):
            self.said.emit(t("jump.mute"))
        elif destination.partner is None:
            self.said.emit(t("jump.unknown", where=destination.said))
        elif not destination.partner.element:
            self.open(live.plant.refinery, destination.partner.sheet)
            self.said.emit(t("jump.sheet_only", sheet=live.plant.drawings[destination.partner.sheet].title))
        else:
            sheet = self.jumps[live.plant.refinery].sheet(destination.partner.sheet)
            id_ = destination.partner.element
            there = id_ if sheet is None else sheet.binding.code_of.get(id_, id_)
            self.go_to(live, there, (), destination.partner.sheet)

    def hints(self, tab: Tab) -> dict[str, str]:
        """Where a click on each connector leads, once all sheets were read; nothing is read for it."""
        live, sheet = tab.live, tab.sheet
        if sheet is None or len(self._sheets.at_hand(live.plant)) < len(live.plant.drawings):
            return {}
        return {
            sheet.binding.code_of.get(id_, id_): t(
                "jump.hint", sheet=live.plant.drawings[destination.partner.sheet].title
            )
            for id_, destination in self.jumps[live.plant.refinery].of(tab.number).items()
            if destination.partner is not None
        }

    # ---- home views

    def home_box(self, tab: Tab) -> Box | None:
        """What part of a sheet it opens at; None: all of it."""
        return self._views.home_box(tab.live.plant.refinery, tab.name)

    def go_home(self) -> None:
        """The view the sheet in front opens at."""
        if (tab := self._tabs.current) is not None:
            self._look_at(self.home_box(tab))

    def keep_home(self) -> None:
        """Keep the present view as the one the sheet opens at."""
        if (tab := self._tabs.current) is not None:
            self._menu.keep(tab, home=True)

    def show_views(self, under: QWidget) -> None:
        """Open the menu of named views below a button."""
        if (tab := self._tabs.current) is not None:
            self._menu.pop_up(tab, under)

    def _look_at(self, box: Box | None) -> None:
        self._leave()
        self._tabs.canvas.show_box(box)
        self.remember()
