"""The sheet of keys, F1."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QGridLayout, QLabel, QWidget

from resources.words import t

KEYS: Final = (
    ("Ctrl K  /", "search"),
    ("1 – 4", "pages"),
    ("F9  Shift F9", "acknowledge"),
    ("F10", "shelve"),
    ("F11", "full_screen"),
    ("V  A  D", "layers"),
    ("+  −  0", "zoom"),
    ("T  H", "trend"),
    ("N", "next_alarm"),
    ("P", "provenance"),
    ("Ctrl ←  Ctrl →", "drawings"),
    ("Ctrl E", "export"),
    ("B  O", "bindings"),
    ("Ctrl Z  Ctrl Y", "undo"),
    ("Esc", "close"),
)


class KeysSheet(QDialog):
    """Two columns: key, what it does."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(t("action.keys"))
        grid = QGridLayout(self)
        grid.setContentsMargins(24, 20, 24, 20)
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(8)
        for row, (keys, what) in enumerate(KEYS):
            key = QLabel(keys)
            key.setProperty("look", "head")
            grid.addWidget(key, row, 0)
            grid.addWidget(QLabel(t(f"keys.{what}")), row, 1)
