"""The line over the drawing: title, layers, zoom, picture and full screen."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtCore import Signal as QtSignal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from resources.words import t
from widgets.buttons import IconButton, chip

LAYERS = ("values", "alarms", "design", "flow")


class CanvasHead(QWidget):
    """36 px; its switches speak, the canvas obeys."""

    layers_changed = QtSignal(bool, bool, bool, bool)
    """Values, alarms, design, flow."""
    zoom_requested = QtSignal(float)
    fit_requested = QtSignal()
    picture_requested = QtSignal()
    full_screen_requested = QtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "canvas")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(38)
        self._title, self._detail = QLabel(), QLabel()
        self._title.setProperty("look", "strong")
        self._detail.setProperty("look", "label")
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 4, 14, 2)
        row.setSpacing(6)
        row.addWidget(self._title)
        row.addSpacing(8)
        row.addWidget(self._detail)
        row.addStretch(1)
        self._caption = QLabel(t("layers.title"))
        self._caption.setProperty("look", "label")
        row.addWidget(self._caption)
        self.layers = {}
        for name in LAYERS:
            switch = chip(t(f"layers.{name}"))
            switch.setChecked(name in ("values", "alarms"))
            switch.toggled.connect(self._say_layers)
            self.layers[name] = switch
            row.addWidget(switch)
        row.addSpacing(10)
        smaller, larger = IconButton("minus", t("zoom.out"), px=16), IconButton("plus", t("zoom.in"), px=16)
        smaller.clicked.connect(lambda: self.zoom_requested.emit(1 / 1.25))
        larger.clicked.connect(lambda: self.zoom_requested.emit(1.25))
        self._zoom = QLabel("100 %")
        self._zoom.setProperty("look", "head")
        self._zoom.setFixedWidth(50)
        self._zoom.setAlignment(Qt.AlignmentFlag.AlignCenter)
        for widget in (smaller, self._zoom, larger):
            row.addWidget(widget)
        row.addSpacing(8)
        for icon, tip, signal in (
            ("focus-centered", t("zoom.fit"), self.fit_requested),
            ("camera", t("action.picture"), self.picture_requested),
            ("maximize", t("action.full_screen"), self.full_screen_requested),
        ):
            button = IconButton(icon, tip)
            button.clicked.connect(signal)
            row.addWidget(button)

    def show_drawing(self, title: str, detail: str) -> None:
        """Name the sheet."""
        self._title.setText(title)
        self._detail.setText(detail)

    def show_zoom(self, zoom: float) -> None:
        """1.0 is the sheet in its own size."""
        self._zoom.setText(f"{round(zoom * 100)} %")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        for label in (self._detail, self._caption):
            label.setVisible(event.size().width() > 900)

    def toggle(self, layer: str) -> None:
        """Switch one layer, by its key."""
        self.layers[layer].toggle()

    def _say_layers(self) -> None:
        self.layers_changed.emit(*(self.layers[name].isChecked() for name in LAYERS))
