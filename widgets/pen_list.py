"""Which pen draws which signal: a swatch, the tag and its name, the unit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtCore import Signal as QtSignal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from contracts.signal_list import Signal
from widgets import style
from widgets.signal_words import shown

PEN_PX: Final = 2.4


def paint_pen(painter: QPainter, place: int, left: float, right: float, y: float) -> None:
    """A piece of pen number `place` (from 0), in its colour and dash."""
    spec = style.current().pens[place % 8]
    pen = QPen(QColor(spec.color), PEN_PX)
    if spec.dash:
        pen.setDashPattern([part / PEN_PX for part in spec.dash])
    painter.setPen(pen)
    painter.drawLine(QPointF(left, y), QPointF(right, y))


class PenList(QWidget):
    """One row a pen; `hovered` says which one the mouse is on, or None."""

    hovered = QtSignal(object)
    ROW_PX: Final = 40

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._signals: list[Signal] = []
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_signals(self, signals: Sequence[Signal]) -> None:
        """Replace the rows; pens go by order."""
        self._signals = list(signals)
        self.setAccessibleDescription("; ".join(f"{shown(s.kks)} {s.description}" for s in signals))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(160, self.ROW_PX * len(self._signals))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        place = int(event.position().y() // self.ROW_PX)
        self.hovered.emit(self._signals[place].kks if 0 <= place < len(self._signals) else None)

    def leaveEvent(self, _event: QEvent) -> None:
        self.hovered.emit(None)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        middle = Qt.AlignmentFlag.AlignVCenter
        for place, signal in enumerate(self._signals):
            top = place * self.ROW_PX
            paint_pen(painter, place, 0, 24, top + 13)
            room = int(self.width() - 34 - 44)
            painter.setFont(style.font("body", "semibold", condensed=True))
            painter.setPen(style.color("text.primary"))
            painter.drawText(QRectF(34, top + 3, room, 20), middle, shown(signal.kks))
            painter.setFont(style.font("caption"))
            painter.setPen(style.color("text.secondary"))
            name = painter.fontMetrics().elidedText(signal.description, Qt.TextElideMode.ElideRight, room)
            painter.drawText(QRectF(34, top + 20, room, 16), middle, name)
            painter.setPen(style.color("text.tertiary"))
            painter.drawText(QRectF(0, top + 3, self.width(), 20), middle | Qt.AlignmentFlag.AlignRight, signal.unit)
            painter.setPen(style.color("line.hair"))
            painter.drawLine(QPointF(0, top + self.ROW_PX - 0.5), QPointF(self.width(), top + self.ROW_PX - 0.5))
