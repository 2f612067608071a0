"""The synoptic: navigator, drawing, faceplate and trend, joined; the widgets know the drawing only through here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from PySide6.QtCore import QPoint
from PySide6.QtCore import Signal as QtSignal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.branch_alarms import branch_alarms
from app.canvas_look import CanvasLook
from app.design_rows import design_rows
from app.drawing_menu import Deeds, drawing_menu
from app.equipment_tree import tree
from app.home_views import HomeViews
from app.live_plant import LivePlant
from app.picture import save_picture
from app.settings import Settings
from app.sheet_tabs import SheetTabs, Tab
from app.sheets import Sheet, Sheets
from app.tank_lines import tank_lines
from app.trace_view import TraceView
from app.travel import Travel
from app.trend_room import TrendRoom
from contracts.plant import Plant
from contracts.sample import now_us
from contracts.signal_list import Signal
from data.reading import Reading
from pid_renderer import describe
from pid_renderer.canvas import Canvas
from pid_renderer.drawing import BadDrawing
from pid_renderer.route import Direction
from pid_renderer.said import said
from resources.words import language, t
from widgets import style
from widgets.canvas_head import CanvasHead
from widgets.clock_text import clock
from widgets.faceplate import Faceplate
from widgets.mode_frame import ModeFrame
from widgets.navigator import Branch, Navigator
from widgets.notice import Notice
from widgets.pinned_cards import PinnedCards
from widgets.signal_words import signals_of
from widgets.source_card import Card
from widgets.trend import Trend

NARROW_PX: Final = 1600
MOST_OLD_PLATES: Final = 30
"""More old values of one source are one mark over the drawing."""
MOST_FIRST_PENS, MOST_FIRST_UNITS = 4, 2


def first_pens(plant: Plant) -> list[Signal]:
    """What the trend shows before anybody chose: tank levels, then flows; few enough panes to read."""
    levels = [plant.by_kks[tank.level] for tank in plant.tanks]
    others = [signal for signal in plant.signals if signal.role in ("flow", "pressure") and signal.kind == "analog"]
    pens: list[Signal] = []
    for signal in [*levels[: MOST_FIRST_PENS - 1], *others, *levels]:
        units = {pen.unit for pen in pens} | {signal.unit}
        if signal not in pens and len(units) <= MOST_FIRST_UNITS and len(pens) < MOST_FIRST_PENS:
            pens.append(signal)
    return pens or list(plant.signals[:1])


class SynopticPage(QWidget):
    """The open drawings, one in front, with what belongs to them."""

    drawing_shown = QtSignal(str, str)
    """Names of refinery and drawing."""
    health = QtSignal(str)
    history_requested = QtSignal(object)
    acknowledge_requested = QtSignal(str, str)
    shelve_requested = QtSignal(str)
    full_screen_requested = QtSignal()
    plant_changed = QtSignal(object)

    def __init__(self, plants: Sequence[LivePlant], settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._plants = {plant.plant.refinery: plant for plant in plants}
        self._live, self._settings = plants[0], settings
        self.sheets = Sheets()
        self._tree_of: dict[Branch, Sheet] = {}
        """Which sheet the tree holds now, so that a change of tabs builds none again."""
        self._alarms_shown: object = None
        self.head, self.frame = CanvasHead(), ModeFrame()
        self.navigator, self.faceplate = Navigator(), Faceplate()
        self.pinned = PinnedCards()
        self.trend = Trend(self._live)
        self.tabs = SheetTabs()
        self._card, self.notice = Card(self.tabs.stage), Notice(self.tabs.stage)
        self.look = CanvasLook(self.tabs, self.head, settings)
        self.tracing = TraceView(self.tabs, self.tabs.stage)
        self.travel = Travel(self.tabs, self._plants, self.sheets, HomeViews(settings), self)
        for widget, stretch in ((self.tabs.bar, 0), (self.head, 0), (self.tabs, 1)):
            self.frame.add(widget, stretch)
        self._lay_out()
        self._wire()
        self.tabs.canvas_made.connect(self._wire_canvas)
        self._wire_canvas(self.canvas)

    def _lay_out(self) -> None:
        self.middle = TrendRoom(self.frame, self.trend, self._settings)
        self._tree_wanted: bool | None = None
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.navigator)
        row.addWidget(self.middle, 1)
        dock = QVBoxLayout()
        dock.setSpacing(0)
        dock.addWidget(self.pinned)
        dock.addWidget(self.faceplate, 1)
        dock.addStretch(0)
        row.addLayout(dock)
        self.faceplate.hide()

    def _wire(self) -> None:
        self.navigator.drawing_chosen.connect(self.show_drawing)
        self.navigator.element_chosen.connect(self._go_to_element)
        self.tabs.shown.connect(self._tab_shown)
        head = self.head
        head.walk_requested.connect(self.travel.walk)
        head.zoom_requested.connect(self._zoom_by)
        head.full_size_requested.connect(self.full_size)
        head.fit_requested.connect(self.fit)
        head.rectangle_requested.connect(lambda: self.canvas.take_tool("rectangle"))
        head.trace_requested.connect(self.take_trace)
        head.views_requested.connect(self.travel.show_views)
        head.picture_requested.connect(self.save_picture)
        head.full_screen_requested.connect(self.full_screen_requested)
        self.travel.walked.connect(lambda back, forward: head.show_walk(back=back, forward=forward))
        self.travel.said.connect(self.notice.say)
        self.tracing.item_chosen.connect(lambda number, code: self.go_to(code, number))
        self.tracing.sheet_chosen.connect(lambda number: self.travel.open(self._live.plant.refinery, number))
        self.faceplate.closed.connect(self.close_faceplate)
        self.faceplate.acknowledge_requested.connect(self.acknowledge_requested)
        self.faceplate.shelve_requested.connect(self.shelve_requested)
        self.faceplate.trend_requested.connect(self.add_to_trend)
        self.faceplate.history_requested.connect(lambda kks: self.history_requested.emit([kks]))
        self.faceplate.equipment_chosen.connect(self.choose)
        self.faceplate.pin_requested.connect(self._pin)
        self.pinned.chosen.connect(self.choose)
        self.trend.closed.connect(self.trend.hide)
        self.trend.fold_requested.connect(self.toggle_trend)
        self.trend.history_requested.connect(self.history_requested)

    def _wire_canvas(self, canvas: Canvas) -> None:
        canvas.chosen.connect(self.open_faceplate)
        canvas.context_requested.connect(self._menu)
        canvas.zoom_changed.connect(self.head.show_zoom)
        canvas.view_changed.connect(self.travel.moved)
        canvas.jump_requested.connect(self.travel.jump)
        canvas.trace_requested.connect(self.trace)
        canvas.walk_requested.connect(self.travel.walk)
        self.look.begin(canvas)

    # ---- what is shown

    @property
    def canvas(self) -> Canvas:
        """The canvas in front."""
        return self.tabs.canvas

    @property
    def sheet(self) -> Sheet | None:
        """The sheet in front; None before one was opened, and for a file that cannot be read."""
        return self.tabs.current.sheet if self.tabs.current is not None else None

    @property
    def drawing(self) -> tuple[str, int]:
        """Refinery and number of the drawing in front."""
        return self.tabs.current.place if self.tabs.current is not None else (self._live.plant.refinery, 0)

    @property
    def is_low(self) -> bool:
        """Whether the window is too low for a trend of full height; its layout is remembered apart."""
        return self.middle.is_low

    @property
    def live(self) -> LivePlant:
        """The plant on the screen."""
        return self._live

    def open_again(self, places: Sequence[tuple[str, str]], front: tuple[str, int]) -> None:
        """Open the drawings of last time (refinery and file name) that still exist, one of them in front."""
        for refinery, name in places:
            live = self._plants.get(refinery)
            for number, source in enumerate(live.plant.drawings if live is not None else ()):
                if source.file.name == name and live is not None:
                    self.tabs.open(live, number, behind=True)
        refinery = front[0] if front[0] in self._plants else next(iter(self._plants))
        self.show_drawing(refinery, front[1] if refinery == front[0] else 0)

    def show_drawing(self, refinery: str, number: int = 0) -> None:
        """Open a drawing, in its tab. What is wrong with its file is said on the canvas, in one sentence."""
        self.travel.open(refinery, number)

    def _tab_shown(self, tab: Tab) -> None:
        live = tab.live
        if live is not self._live or not self.trend.tags:
            self._live = live
            self.trend.show_signals(live, first_pens(live.plant))
            self.plant_changed.emit(live)
        plant = live.plant
        self.navigator.show_plants([p.plant for p in self._plants.values()], Branch(*tab.place))
        self.frame.show_mode(training=plant.is_training)
        self._card.hide()
        self.notice.hide()
        if not plant.drawings:
            self._card.say("sitemap", t("card.no_drawing"), t("card.no_drawing.why"))
            self.head.show_drawing(plant.name, "")
            self.drawing_shown.emit(plant.name, "")
            return
        source = plant.drawings[tab.number]
        self.drawing_shown.emit(plant.name, source.title)
        try:
            self._fill(tab)
        except BadDrawing as error:
            self._card.say("sitemap", t("card.bad_drawing"), said(str(error), language()))
            self._card.place(self.canvas)
            self.head.show_drawing(source.title, "")
            return
        assert tab.sheet is not None
        self.look.apply()
        names = dict.fromkeys((source.file.stem, source.title))
        self.head.show_drawing(" · ".join(names), tab.sheet.origin)
        self.head.show_zoom(tab.canvas.zoom)
        self.health.emit(tab.sheet.health)
        self._grow_tree(live, tab.number, tab.sheet)
        tab.canvas.hints = self.travel.hints(tab)
        self.tracing.mark(tab)
        self.open_faceplate(tab.canvas.selected)
        self.travel.moved()

    def sheets_read(self) -> None:
        """All drawings of all plants were read: the tree holds them, and connectors say where they lead."""
        for live in self._plants.values():
            for number, sheet in self.sheets.at_hand(live.plant).items():
                self._grow_tree(live, number, sheet)
        for tab in self.tabs.tabs:
            tab.canvas.hints = self.travel.hints(tab)

    def _grow_tree(self, live: LivePlant, number: int, sheet: Sheet) -> None:
        branch = Branch(live.plant.refinery, number)
        if self._tree_of.get(branch) is not sheet:
            self._tree_of[branch] = sheet
            self.navigator.show_tree(branch, tree(sheet, live.plant))

    def _fill(self, tab: Tab) -> None:
        """Put a tab's sheet on its canvas, if it is not there yet, and make it current. Raises `BadDrawing`."""
        canvas = tab.canvas
        if tab.sheet is None:
            tab.sheet = self.sheets.open(tab.live.plant, tab.live.plant.drawings[tab.number])
            canvas.set_sheet(tab.sheet.drawing, tab.sheet.binding, tab.live.plant, style.current(), language())
            canvas.show_box(self.travel.home_box(tab))
        else:
            canvas.set_theme(style.current())
        self.show_tank_lines()
        canvas.show_readings(tab.live.readings)
        canvas.flush()

    def show_edited(self, tab: Tab, sheet: Sheet) -> None:
        """Show a sheet somebody edited, in the view and with the selection of before."""
        canvas = tab.canvas
        seen, selected = canvas.seen, canvas.selected
        tab.sheet = sheet
        self.sheets.replace(tab.live.plant, sheet)
        canvas.set_sheet(sheet.drawing, sheet.binding, tab.live.plant, style.current(), language())
        canvas.show_box(seen)
        canvas.choose(selected)
        if tab is self.tabs.current:
            self.look.apply()
            self.tracing.mark(tab)
            self.show_tank_lines()
            self._grow_tree(tab.live, tab.number, sheet)
            self.health.emit(sheet.health)
        canvas.show_readings(tab.live.readings)
        canvas.flush()

    def restyle(self) -> None:
        """Take the theme's colours."""
        self.canvas.set_theme(style.current())
        self.look.restyle()
        self.trend.restyle()
        for widget in self.findChildren(QWidget):
            widget.update()

    # ---- the refresh

    def show_readings(self, plant: LivePlant, changes: Mapping[str, Reading]) -> None:
        """The refresh's view: the drawing follows what changed, and the clock where a value is old."""
        if plant is self._live and self.sheet is not None:
            since_us = plant.all_old_since_us if len(plant.readings) > MOST_OLD_PLATES else None
            time = clock(since_us, plant.plant.timezone) if since_us is not None else ""
            self.canvas.show_veil(t("canvas.source_away", time=time) if time else "")
            self.canvas.show_readings(changes)

    def show_tank_lines(self) -> None:
        """Volume and rate under each tank of the drawing on the screen."""
        if self.sheet is not None and self.isVisible():
            self.canvas.show_derived(tank_lines(self._live))

    def show_alarms(self) -> None:
        """The worst standing alarm on each branch of the tree, where it is not what the tree shows already."""
        standing = {name: live.board.standing() for name, live in self._plants.items()}
        at_hand = {name: self.sheets.at_hand(live.plant) for name, live in self._plants.items()}
        key = (
            [(alarm.kks, alarm.priority, alarm.state) for alarms in standing.values() for alarm in alarms],
            [id(sheet) for sheets in at_hand.values() for sheet in sheets.values()],
        )
        if key != self._alarms_shown:
            self._alarms_shown = key
            self.navigator.show_alarms(*branch_alarms(standing, at_hand))

    def show_faceplate(self, plant: LivePlant, _changes: Mapping[str, Reading]) -> None:
        """The refresh's view of the card."""
        if plant is self._live and self.faceplate.isVisible():
            self.faceplate.refresh()
        self.pinned.refresh()

    def show_stock(self, plant: LivePlant, changes: Mapping[str, Reading]) -> None:
        """The refresh's view of the stock summary."""
        if plant is self._live and changes and self.navigator.isVisible():
            self.navigator.show_stock(plant.stock(), clock(now_us(), plant.plant.timezone))

    # ---- faceplate, trend, picture

    def choose(self, code: str) -> None:
        """Select something on the drawing and open its card."""
        self.canvas.choose(code)
        self.open_faceplate(code)

    def open_faceplate(self, code: str) -> None:
        """Open the card of a signal, circuit or equipment; what has neither signal nor design data closes it."""
        if code:
            self.navigator.select(Branch(*self.drawing), self._carried_by(code))
        signals = signals_of(self._live.plant, code, self._bound(code)) if code else []
        design = design_rows(self.canvas.live, code, signals) if code and self.canvas.live is not None else []
        if signals:
            self.faceplate.show_signals(self._live, signals, design)
        elif design and self.canvas.live is not None:
            said = describe.card(self.canvas.live, code, language(), now_us())
            name = " · ".join(text for text in (said.kind, said.name) if text)
            self.faceplate.show_design(said.tag, name, said.meaning, design)
        else:
            self.faceplate.hide()
            return
        self.faceplate.show()
        self._fold()

    def _carried_by(self, code: str) -> str:
        """The code of the element that shows a signal; another code itself."""
        return self.sheet.binding.code_of_signal.get(code, code) if self.sheet is not None else code

    def _bound(self, code: str) -> Sequence[Signal]:
        """What the sheet in front binds to a code."""
        return self.sheet.binding.signals_of.get(code, ()) if self.sheet is not None else ()

    def _pin(self, kks: str) -> None:
        self.pinned.pin(self._live, self._live.plant.by_kks[kks])

    def close_faceplate(self) -> None:
        """Esc: put the tool away, else end the trace, else close the card and drop the selection."""
        if self.canvas.hands.tool != "point":
            self.canvas.take_tool("point")
            self.notice.hide()
        elif self.tracing.trace is not None:
            self.tracing.end()
        else:
            self.faceplate.hide()
            self.canvas.choose("")

    def add_to_trend(self, kks: str) -> None:
        """One pen more in the trend."""
        if (signal := self._live.plant.by_kks.get(kks)) is not None:
            self.middle.open_trend()
            self.trend.add(signal)

    def save_picture(self) -> None:
        """Keep the drawing, or what is seen of it, as a file."""
        if (tab := self.tabs.current) is not None and tab.sheet is not None and (said := save_picture(self, tab)):
            self.notice.say(said)

    def _menu(self, code: str, at: QPoint) -> None:
        if not code:
            return
        deeds = Deeds(
            self.choose,
            self.add_to_trend,
            self.history_requested.emit,
            self._pin,
            self.canvas.zoom_to,
            self.show_in_tree,
            self.trace,
            self.travel.jump,
        )
        drawing_menu(
            self, self._live, code, deeds, connector=self.canvas.is_connector(code), bound=self._bound(code)
        ).popup(at)

    # ---- layers and zoom

    def fit(self) -> None:
        """The whole sheet."""
        self.canvas.fit()

    def _zoom_by(self, factor: float) -> None:
        self.canvas.zoom_by(factor)

    # ---- where one looks

    def go_to(self, code: str, number: int | None = None) -> None:
        """Find something on any sheet of the plant: open it, centre it and open its card."""
        signals = signals_of(self._live.plant, code, self._bound(code))
        found = self.travel.go_to(self._live, code, [signal.equipment for signal in signals], number)
        self.open_faceplate(code if signals else found)

    def _go_to_element(self, refinery: str, number: int, code: str) -> None:
        if refinery != self._live.plant.refinery:
            self.show_drawing(refinery, number)
        self.go_to(code, number)

    def full_size(self) -> None:
        """100 %."""
        self.canvas.zoom_by(1.0 / self.canvas.zoom)

    def zoom_to_selection(self) -> None:
        """Near to what is selected."""
        self.canvas.zoom_to(self.canvas.selected)

    # ---- trace and tree

    def take_trace(self) -> None:
        """The next click traces; what is selected is traced at once."""
        if self.canvas.selected and self.tracing.trace is None:
            self.trace(self.canvas.selected)
            return
        self.canvas.take_tool("trace")
        if self.canvas.hands.tool == "trace":
            self.notice.say(t("trace.pick"), stays_ms=0)
        else:
            self.notice.hide()

    def trace(self, code: str, direction: Direction = "both") -> None:
        """Follow a line from something on the sheet in front."""
        tab = self.tabs.current
        self.notice.hide()
        if tab is not None:
            self.tracing.start(tab, self.travel.jumps[tab.live.plant.refinery], code, direction)

    def toggle_trend(self) -> None:
        """Open the trend, or leave only its head; remembered, apart for a low window."""
        self.middle.toggle()

    def show_in_tree(self, code: str) -> None:
        """Open the tree at something."""
        self.show_tree(shown=True)
        if not self.navigator.select(Branch(*self.drawing), self._carried_by(code)):
            self.notice.say(t("tree.missing"))

    def toggle_tree(self) -> None:
        """Show or hide the tree, whatever the window's width says."""
        self.show_tree(shown=not self.navigator.isVisible())

    def show_tree(self, *, shown: bool) -> None:
        """The tree, or more room for the drawing."""
        self._tree_wanted = shown
        self._fold()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fold()

    def _fold(self) -> None:
        wide = self.width() >= NARROW_PX - 52
        self.navigator.setVisible(wide if self._tree_wanted is None else self._tree_wanted)
        self.middle.fit(self.height())
        if self._card.isVisible():
            self._card.place(self.canvas)
