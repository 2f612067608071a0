"""The line over the drawing: back and forward, title, layers, tools, zoom, views, picture and full screen."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtCore import Signal as QtSignal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from resources.words import t
from widgets.buttons import IconButton, chip
from widgets.layers_panel import LIVE_LAYERS, ON_AT_FIRST, SHEET_LAYERS, LayersPanel

CHIPS_FROM_PX, DETAIL_FROM_PX, TOOLS_FROM_PX = 1240, 1000, 700


class CanvasHead(QWidget):
    """36 px; its switches speak, the canvas obeys."""

    layers_changed = QtSignal(object)
    """By layer, whether it is on."""
    walk_requested = QtSignal(int)
    """-1 back, +1 forward."""
    zoom_requested = QtSignal(float)
    full_size_requested = QtSignal()
    fit_requested = QtSignal()
    rectangle_requested = QtSignal()
    trace_requested = QtSignal()
    views_requested = QtSignal(object)
    """The button under which the menu of views belongs."""
    legend_requested = QtSignal()
    bindings_requested = QtSignal()
    overlays_requested = QtSignal()
    picture_requested = QtSignal()
    full_screen_requested = QtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "canvas")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setMinimumHeight(38)
        self.layers: dict[str, bool] = {name: name in ON_AT_FIRST for name in (*LIVE_LAYERS, *SHEET_LAYERS)}
        self._title, self._detail = QLabel(), QLabel()
        self._title.setProperty("look", "strong")
        self._title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._detail.setProperty("look", "label")
        self._walk = {
            -1: IconButton("arrow-left", t("view.back")),
            1: IconButton("arrow-right", t("view.forward")),
        }
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 4, 14, 2)
        row.setSpacing(4)
        for step, button in self._walk.items():
            button.clicked.connect(lambda _on, step=step: self.walk_requested.emit(step))
            row.addWidget(button)
        row.addSpacing(2)
        row.addWidget(self._title, 1)
        row.addWidget(self._detail)
        row.addSpacing(8)
        self._chips = {}
        for name in LIVE_LAYERS:
            switch = chip(t(f"layers.{name}"))
            switch.clicked.connect(lambda _on, name=name: self.toggle(name))
            self._chips[name] = switch
            row.addWidget(switch)
        self._panel = LayersPanel(self)
        self._panel.toggled.connect(self.toggle)
        self._layers = IconButton("stack", t("layers.title"), checkable=True)
        self._layers.clicked.connect(self.show_panel)
        row.addWidget(self._layers)
        row.addSpacing(6)
        self._tools: list[QWidget] = []
        for icon, tip, signal in (
            ("route", t("trace.tool"), self.trace_requested),
            ("zoom-scan", t("zoom.rectangle"), self.rectangle_requested),
        ):
            row.addWidget(self._button(icon, tip, signal))
        self._zoom = chip("100 %")
        self._zoom.setCheckable(False)
        self._zoom.setFixedWidth(58)
        self._zoom.setToolTip(t("zoom.full_size"))
        self._zoom.setAccessibleName(t("zoom.full_size"))
        self._zoom.clicked.connect(self.full_size_requested)
        smaller, larger = IconButton("minus", t("zoom.out"), px=16), IconButton("plus", t("zoom.in"), px=16)
        smaller.clicked.connect(lambda: self.zoom_requested.emit(1 / 1.25))
        larger.clicked.connect(lambda: self.zoom_requested.emit(1.25))
        for widget in (smaller, self._zoom, larger):
            row.addWidget(widget)
        row.addWidget(self._button("focus-centered", t("zoom.fit"), self.fit_requested, keep=True))
        row.addSpacing(6)
        views = IconButton("home", t("views.title"))
        views.clicked.connect(lambda: self.views_requested.emit(views))
        row.addWidget(views)
        row.addWidget(self._button("list-details", t("legend.title"), self.legend_requested))
        row.addWidget(self._button("link", t("page.bindings"), self.bindings_requested))
        row.addWidget(self._button("pencil", t("edit.overlays"), self.overlays_requested))
        row.addWidget(self._button("camera", t("action.picture"), self.picture_requested))
        row.addWidget(self._button("maximize", t("action.full_screen"), self.full_screen_requested, keep=True))
        self.show_walk(back=False, forward=False)
        self._tick()

    def _button(self, icon: str, tip: str, signal: object, *, keep: bool = False) -> IconButton:
        button = IconButton(icon, tip)
        button.clicked.connect(signal)
        if not keep:
            self._tools.append(button)
        return button

    def show_drawing(self, title: str, detail: str) -> None:
        """Name the sheet."""
        self._title.setText(title)
        self._title.setToolTip(title)
        self._detail.setText(detail)

    def show_zoom(self, zoom: float) -> None:
        """1.0 is the sheet in its own size."""
        self._zoom.setText(f"{round(zoom * 100)} %")

    def show_walk(self, *, back: bool, forward: bool) -> None:
        """Whether there is a view to go back or forward to."""
        self._walk[-1].setEnabled(back)
        self._walk[1].setEnabled(forward)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wide = event.size().width()
        self._detail.setVisible(wide > DETAIL_FROM_PX)
        for switch in self._chips.values():
            switch.setVisible(wide > CHIPS_FROM_PX)
        for tool in self._tools:
            tool.setVisible(wide > TOOLS_FROM_PX)

    def show_panel(self) -> None:
        """Open the pop-over with all layers."""
        self._tick()
        self._panel.pop_up(self._layers)

    def toggle(self, layer: str) -> None:
        """Switch one layer, by its key or a click."""
        self.set_layers({**self.layers, layer: not self.layers[layer]})

    def set_layers(self, on: Mapping[str, bool]) -> None:
        """Switch all layers."""
        self.layers = {name: bool(on[name]) for name in self.layers}
        self._tick()
        self.layers_changed.emit(self.layers)

    def _tick(self) -> None:
        for name, switch in self._chips.items():
            switch.setChecked(self.layers[name])
        self._panel.show_layers(self.layers)
        hidden = [t(f"layers.{name}") for name in SHEET_LAYERS if not self.layers[name]]
        # The button stays blue while a part of the drawing is left out: nobody may take that for the plant.
        self._layers.setChecked(bool(hidden))
        tip = t("layers.hidden", what=", ".join(hidden)) if hidden else t("layers.title")
        self._layers.setToolTip(tip)
        self._layers.setAccessibleName(tip)
