"""The synoptic: navigator, drawing, faceplate and trend, joined; the widgets know the drawing only through here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QPoint, Qt
from PySide6.QtCore import Signal as QtSignal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QMenu, QSplitter, QVBoxLayout, QWidget

from app.live_plant import LivePlant
from app.sheets import Sheet, Sheets
from app.tank_lines import tank_lines
from contracts.plant import Plant
from contracts.sample import now_us
from contracts.signal_list import Signal
from data.reading import Reading
from pid_renderer.canvas import Canvas
from pid_renderer.drawing import BadDrawing
from resources.theme import tokens
from resources.words import language, t
from widgets import style
from widgets.canvas_head import LAYERS, CanvasHead
from widgets.clock_text import clock
from widgets.faceplate import Faceplate
from widgets.mode_frame import ModeFrame
from widgets.navigator import Branch, Navigator
from widgets.pinned_cards import PinnedCards
from widgets.signal_words import signals_of
from widgets.source_card import Card
from widgets.trend import Trend

NARROW_PX: Final = 1600
LOW_PX, LOW_TREND_PX = 700, 168
MOST_OLD_PLATES: Final = 30
"""More old values of one source are one mark over the drawing."""
TREND_PX: Final = int(tokens()["size"]["trendDock"])
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
    """One drawing at a time, with what belongs to it."""

    drawing_shown = QtSignal(str, str)
    """Names of refinery and drawing."""
    health = QtSignal(str)
    history_requested = QtSignal(object)
    acknowledge_requested = QtSignal(str, str)
    shelve_requested = QtSignal(str)
    full_screen_requested = QtSignal()
    plant_changed = QtSignal(object)

    def __init__(self, plants: Sequence[LivePlant], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._plants = {plant.plant.refinery: plant for plant in plants}
        self._live = plants[0]
        self._sheets = Sheets()
        self.sheet: Sheet | None = None
        self.drawing = (self._live.plant.refinery, 0)
        self.canvas = Canvas()
        self.head, self.frame = CanvasHead(), ModeFrame()
        self.navigator, self.faceplate = Navigator(), Faceplate()
        self.pinned = PinnedCards()
        self.trend = Trend(self._live)
        self._card = Card(self.canvas)
        self.frame.add(self.head)
        self.frame.add(self.canvas, 1)
        self.middle = QSplitter(Qt.Orientation.Vertical)
        self.middle.setHandleWidth(1)
        self.middle.setChildrenCollapsible(False)
        self.middle.addWidget(self.frame)
        self.middle.addWidget(self.trend)
        self.middle.setStretchFactor(0, 1)
        self.middle.setSizes([780, TREND_PX])
        self._low = False
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
        self._wire()

    def _wire(self) -> None:
        self.navigator.drawing_chosen.connect(self.show_drawing)
        self.canvas.chosen.connect(self.open_faceplate)
        self.canvas.context_requested.connect(self._menu)
        self.canvas.zoom_changed.connect(self.head.show_zoom)
        self.head.layers_changed.connect(lambda *on: self.canvas.set_layers(**dict(zip(LAYERS, on, strict=True))))
        self.head.zoom_requested.connect(self.canvas.zoom_by)
        self.head.fit_requested.connect(self.canvas.fit)
        self.head.picture_requested.connect(self.save_picture)
        self.head.full_screen_requested.connect(self.full_screen_requested)
        self.faceplate.closed.connect(self.close_faceplate)
        self.faceplate.acknowledge_requested.connect(self.acknowledge_requested)
        self.faceplate.shelve_requested.connect(self.shelve_requested)
        self.faceplate.trend_requested.connect(self.add_to_trend)
        self.faceplate.history_requested.connect(lambda kks: self.history_requested.emit([kks]))
        self.faceplate.equipment_chosen.connect(self.choose)
        self.faceplate.pin_requested.connect(self._pin)
        self.pinned.chosen.connect(self.choose)
        self.trend.closed.connect(self.trend.hide)
        self.trend.history_requested.connect(self.history_requested)

    @property
    def is_low(self) -> bool:
        """Whether the window is too low for a trend of full height; its layout is remembered apart."""
        return self._low

    @property
    def live(self) -> LivePlant:
        """The plant on the screen."""
        return self._live

    def show_drawing(self, refinery: str, number: int = 0) -> None:
        """Open a drawing. What is wrong with its file is said on the canvas, in one sentence."""
        live = self._plants[refinery]
        if live is not self._live or self.sheet is None:
            self._live = live
            self.faceplate.hide()
            self.trend.show_signals(live, first_pens(live.plant))
            self.plant_changed.emit(live)
        self.drawing = (refinery, number)
        plant = live.plant
        self.navigator.show_plants([p.plant for p in self._plants.values()], Branch(refinery, number))
        self.frame.show_mode(training=plant.is_training)
        self._card.hide()
        if not plant.drawings:
            self._card.say("sitemap", t("card.no_drawing"), t("card.no_drawing.why"))
            self.drawing_shown.emit(plant.name, "")
            return
        source = plant.drawings[min(number, len(plant.drawings) - 1)]
        try:
            self.sheet = self._sheets.open(plant, source)
        except BadDrawing as error:
            self.sheet = None
            self._card.say("sitemap", t("card.bad_drawing"), str(error))
            self._card.place(self.canvas)
            self.drawing_shown.emit(plant.name, source.title)
            return
        self._put_on_canvas()
        self.canvas.fit()
        self.head.show_drawing(f"{source.file.stem} · {source.title}", self.sheet.origin)
        self.health.emit(self.sheet.health)
        self.drawing_shown.emit(plant.name, source.title)

    def _put_on_canvas(self) -> None:
        if self.sheet is not None:
            self.canvas.set_sheet(self.sheet.drawing, self.sheet.binding, self._live.plant, style.current(), language())
            self.show_tank_lines()
            self.canvas.show_readings(self._live.readings)

    def restyle(self) -> None:
        """Take the theme's colours."""
        self.canvas.set_theme(style.current())
        self.trend.restyle()
        for widget in self.findChildren(QWidget):
            widget.update()

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

    def show_faceplate(self, plant: LivePlant, _changes: Mapping[str, Reading]) -> None:
        """The refresh's view of the card."""
        if plant is self._live and self.faceplate.isVisible():
            self.faceplate.refresh()
        self.pinned.refresh()

    def show_stock(self, plant: LivePlant, changes: Mapping[str, Reading]) -> None:
        """The refresh's view of the stock summary."""
        if plant is self._live and changes and self.navigator.isVisible():
            self.navigator.show_stock(plant.stock(), clock(now_us(), plant.plant.timezone))

    def choose(self, code: str) -> None:
        """Select something on the drawing and open its card."""
        self.canvas.choose(code)
        self.open_faceplate(code)

    def open_faceplate(self, code: str) -> None:
        """Open the card of a signal, circuit or equipment; an element without signals closes it."""
        signals = signals_of(self._live.plant, code) if code else []
        if not signals:
            self.faceplate.hide()
            return
        self.faceplate.show_signals(self._live, signals)
        self.faceplate.show()
        self._fold()

    def _pin(self, kks: str) -> None:
        self.pinned.pin(self._live, self._live.plant.by_kks[kks])

    def close_faceplate(self) -> None:
        """Close the card and drop the selection."""
        self.faceplate.hide()
        self.canvas.choose("")

    def go_to(self, code: str) -> None:
        """Find something: centre it and open its card."""
        signals = signals_of(self._live.plant, code)
        bound = self.sheet.binding.code_of_signal if self.sheet is not None else {}
        self.canvas.zoom_to(bound.get(code, code))
        self.open_faceplate(code if signals else bound.get(code, code))

    def add_to_trend(self, kks: str) -> None:
        """One pen more in the trend."""
        if (signal := self._live.plant.by_kks.get(kks)) is not None:
            self.trend.show()
            self.trend.add(signal)

    def save_picture(self) -> None:
        """Keep the drawing as it is now."""
        name, _ = QFileDialog.getSaveFileName(self, t("action.picture"), f"{self.drawing[0]}.png", "PNG (*.png)")
        if name:
            self.canvas.picture().save(str(Path(name)))

    def _menu(self, code: str, at: QPoint) -> None:
        signals = signals_of(self._live.plant, code)
        if not signals:
            return
        menu = QMenu(self)
        menu.addAction(t("action.faceplate"), lambda: self.choose(code))
        for signal in signals[:6]:
            if signal.kind == "analog":
                menu.addAction(f"{t('action.trend')} · {signal.description}", partial(self.add_to_trend, signal.kks))
        menu.addAction(t("action.history"), lambda: self.history_requested.emit([s.kks for s in signals]))
        menu.popup(at)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fold()

    def _fold(self) -> None:
        self.navigator.setVisible(self.width() >= NARROW_PX - 52)
        low = self.height() < LOW_PX
        if low != self._low:
            self._low = low
            wanted = LOW_TREND_PX if low else TREND_PX
            self.middle.setSizes([self.height() - wanted, wanted])
        if self._card.isVisible():
            self._card.place(self.canvas)
