"""All layers in one place: what lives on the drawing, and what of the drawing itself is shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import QPoint, Qt
from PySide6.QtCore import Signal as QtSignal
from PySide6.QtWidgets import QCheckBox, QFrame, QGridLayout, QLabel, QWidget

from resources.words import t

LIVE_LAYERS: Final = ("values", "alarms", "design", "flow")
SHEET_LAYERS: Final = ("process", "instruments", "signals", "labels")
LAYER_KEYS: Final[Mapping[str, str]] = {
    "values": "V",
    "alarms": "A",
    "design": "D",
    "flow": "C",
    "process": "Shift+P",
    "instruments": "Shift+I",
    "signals": "Shift+S",
    "labels": "Shift+L",
}
ON_AT_FIRST: Final = frozenset({"values", "alarms", *SHEET_LAYERS})


class LayersPanel(QFrame):
    """A pop-over that stays while one switches."""

    toggled = QtSignal(str)
    """The layer a person switched."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setProperty("look", "card")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        grid = QGridLayout(self)
        grid.setContentsMargins(16, 12, 16, 14)
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(6)
        self._boxes: dict[str, QCheckBox] = {}
        row = 0
        for title, names in (("layers.live", LIVE_LAYERS), ("layers.sheet", SHEET_LAYERS)):
            label = QLabel(t(title))
            label.setProperty("look", "head")
            grid.addWidget(label, row, 0, 1, 2)
            row += 1
            for name in names:
                box = QCheckBox(t(f"layers.{name}"))
                box.clicked.connect(lambda _on, name=name: self.toggled.emit(name))
                key = QLabel(LAYER_KEYS[name].replace("Shift+", "⇧ "))
                key.setProperty("look", "caption")
                grid.addWidget(box, row, 0)
                grid.addWidget(key, row, 1, Qt.AlignmentFlag.AlignRight)
                self._boxes[name] = box
                row += 1

    def show_layers(self, on: Mapping[str, bool]) -> None:
        """Tick what is on."""
        for name, box in self._boxes.items():
            box.setChecked(on[name])

    def pop_up(self, under: QWidget) -> None:
        """Open below a button, inside its window."""
        self.adjustSize()
        corner = under.mapToGlobal(QPoint(under.width() - self.width(), under.height() + 4))
        left = under.window().mapToGlobal(QPoint(4, 0)).x()
        self.move(max(left, corner.x()), corner.y())
        self.show()
        next(iter(self._boxes.values())).setFocus()
