"""Rows of a label and a value, aligned; the one form of every list of facts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets import marks, style


class Row(NamedTuple):
    """One fact."""

    label: str
    value: str
    unit: str = ""
    strong: bool = False
    token: str = "value.live"  # noqa: S105


class Rows(QWidget):
    """Facts under each other: label left, number right with its unit, a hairline below each."""

    def __init__(self, parent: QWidget | None = None, *, row_px: int = 26, lines: bool = False) -> None:
        super().__init__(parent)
        self._rows: tuple[Row, ...] = ()
        self._row_px, self._lines = row_px, lines
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Replace the facts; repaints only if they differ."""
        if tuple(rows) == self._rows:
            return
        resized = len(rows) != len(self._rows)
        self._rows = tuple(rows)
        self.setAccessibleDescription("; ".join(f"{row.label}: {row.value} {row.unit}" for row in rows))
        if resized:
            self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(160, max(1, len(self._rows)) * self._row_px)

    def minimumSizeHint(self) -> QSize:
        return QSize(80, len(self._rows) * self._row_px)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
        hair = QColor(style.color("line.hair"))
        for number, row in enumerate(self._rows):
            box = QRectF(0, number * self._row_px, self.width(), self._row_px)
            used = marks.paint_value(painter, box, row.value, row.unit, px=13, token=row.token)
            painter.setFont(style.font("label", "semibold" if row.strong else "regular"))
            painter.setPen(style.color("text.primary" if row.strong else "text.secondary"))
            room = box.adjusted(0, 0, -used - 8, 0)
            text = painter.fontMetrics().elidedText(row.label, Qt.TextElideMode.ElideRight, int(room.width()))
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
            if self._lines:
                painter.setPen(hair)
                painter.drawLine(QPointF(0, box.bottom() - 0.5), QPointF(self.width(), box.bottom() - 0.5))
