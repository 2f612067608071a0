"""The open sheets, each with a canvas of its own: going back to one costs nothing. Only the one in front lives."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Signal as QtSignal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from app.live_plant import LivePlant
from app.sheets import Sheet
from pid_renderer.canvas import Canvas
from widgets.drawing_tabs import DrawingTabs


@dataclass(eq=False)
class Tab:
    """One open drawing."""

    live: LivePlant
    number: int
    """Its place among the plant's drawings."""
    canvas: Canvas
    sheet: Sheet | None = None
    """None until it was read, and for a file that cannot be."""

    @property
    def place(self) -> tuple[str, int]:
        """Refinery and drawing."""
        return self.live.plant.refinery, self.number

    @property
    def title(self) -> str:
        """What the tab says."""
        drawings = self.live.plant.drawings
        return drawings[self.number].title if self.number < len(drawings) else self.live.plant.name

    @property
    def name(self) -> str:
        """The drawing's file name, by which it is remembered; a plant's list may be reordered."""
        drawings = self.live.plant.drawings
        return drawings[self.number].file.name if self.number < len(drawings) else ""


class SheetTabs(QWidget):
    """Tab bar over the canvases."""

    shown = QtSignal(object)
    """The `Tab` that came to the front."""
    leaving = QtSignal()
    """The tab in front is about to make way."""

    canvas_made = QtSignal(object)
    """A new `Canvas`, for who listens to all of them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tabs: list[Tab] = []
        self._front: Tab | None = None
        self._spare: Canvas | None = Canvas()
        self.bar, self.stage = DrawingTabs(), QStackedWidget()
        self.stage.addWidget(self._spare)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.stage, 1)
        self.bar.currentChanged.connect(self._bring)
        self.bar.tabMoved.connect(lambda start, end: self._tabs.insert(end, self._tabs.pop(start)))
        self.bar.close_requested.connect(self.close_tab)

    @property
    def tabs(self) -> tuple[Tab, ...]:
        """In the order of the bar."""
        return tuple(self._tabs)

    @property
    def current(self) -> Tab | None:
        """The one in front; None before any was opened."""
        return self._front

    @property
    def canvas(self) -> Canvas:
        """The canvas in front; an empty one before any drawing was opened."""
        if self._front is not None:
            return self._front.canvas
        return self._tabs[0].canvas if self._spare is None else self._spare

    def open(self, live: LivePlant, number: int, *, behind: bool = False) -> Tab:
        """The tab of a drawing, in front unless `behind`; a new one where it has none yet."""
        places = [tab.place for tab in self._tabs]
        wanted = (live.plant.refinery, number)
        place = places.index(wanted) if wanted in places else self._add(live, number)
        if not behind:
            self.bar.blockSignals(True)
            self.bar.setCurrentIndex(place)
            self.bar.blockSignals(False)
            if self._tabs[place] is not self._front:
                self._bring(place)
        return self._tabs[place]

    def _add(self, live: LivePlant, number: int) -> int:
        if self._spare is None:
            self._spare = Canvas()
            self.stage.addWidget(self._spare)
            self.canvas_made.emit(self._spare)
        canvas, self._spare = self._spare, None
        tab = Tab(live, number, canvas)
        self._tabs.append(tab)
        self.bar.blockSignals(True)
        place = self.bar.add(tab.title, f"{live.plant.name} · {tab.title}")
        self.bar.blockSignals(False)
        return place

    def step(self, by: int) -> None:
        """To the next tab or the one before, round the ends."""
        if self._tabs:
            self.bar.setCurrentIndex((self.bar.currentIndex() + by) % len(self._tabs))

    def close_front(self) -> None:
        """Close the tab in front."""
        self.close_tab(self.bar.currentIndex())

    def close_tab(self, place: int) -> None:
        """Close a tab; the last one stays."""
        if len(self._tabs) < 2:
            return
        tab = self._tabs.pop(place)
        self.bar.blockSignals(True)
        self.bar.drop(place)
        self.bar.blockSignals(False)
        if tab is self._front:
            self._bring(self.bar.currentIndex())
        self.stage.removeWidget(tab.canvas)
        tab.canvas.deleteLater()

    def _bring(self, place: int) -> None:
        if not 0 <= place < len(self._tabs):
            return
        if self._front is not None:
            self.leaving.emit()
        tab = self._front = self._tabs[place]
        for other in self._tabs:
            if other is not tab:
                other.canvas.rest()
        self.stage.setCurrentWidget(tab.canvas)
        self.shown.emit(tab)
