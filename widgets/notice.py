"""One line over the drawing that goes by itself: what could not be done, or what to do next."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QLabel, QWidget

STAYS_MS: Final = 5000


class Notice(QLabel):
    """Says one thing at a time, at the top middle of its parent."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("look", "notice")
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self.hide)
        self.hide()

    def say(self, text: str, *, stays_ms: int = STAYS_MS) -> None:
        """Show a line for a while; 0: until `hide`."""
        self.setText(text)
        self.setAccessibleName(text)
        self.adjustSize()
        parent = self.parentWidget()
        if parent is not None:
            self.move(max(0, (parent.width() - self.width()) // 2), 10)
        self.show()
        self.raise_()
        self._timer.stop()
        if stays_ms:
            self._timer.start(stays_ms)
