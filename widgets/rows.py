"""Rows of a label and a value, aligned; the one form of every list of facts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from widgets import marks, style

_NOTE_PX: Final = 15


class Row(NamedTuple):
    """One fact."""

    label: str
    value: str
    unit: str = ""
    strong: bool = False
    token: str = "value.live"  # noqa: S105
    note: str = ""
    """A second, smaller line: where the value comes from."""


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
        self.setAccessibleDescription(
            "; ".join(f"{row.label}: {row.value} {row.unit} {row.note}".strip() for row in rows)
        )
        if resized:
            self.updateGeometry()
        self.update()

    def _height(self, row: Row) -> int:
        return self._row_px + (_NOTE_PX if row.note else 0)

    def sizeHint(self) -> QSize:
        return QSize(160, max(self._row_px, sum(map(self._height, self._rows))))

    def minimumSizeHint(self) -> QSize:
        return QSize(80, sum(map(self._height, self._rows)))

    def event(self, event: QEvent) -> bool:
        """A line too long for its room is said whole under the cursor."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            top = 0
            for row in self._rows:
                top += self._height(row)
                if event.pos().y() < top:
                    QToolTip.showText(event.globalPos(), f"{row.label}\n{row.note}" if row.note else "", self)
                    break
            return True
        return super().event(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
        hair = QColor(style.color("line.hair"))
        bottom = 0
        for row in self._rows:
            box = QRectF(0, bottom, self.width(), self._row_px)
            bottom += self._height(row)
            used = marks.paint_value(painter, box, row.value, row.unit, px=13, token=row.token)
            painter.setFont(style.font("label", "semibold" if row.strong else "regular"))
            painter.setPen(style.color("text.primary" if row.strong else "text.secondary"))
            room = box.adjusted(0, 0, -used - 8, 0)
            text = painter.fontMetrics().elidedText(row.label, Qt.TextElideMode.ElideRight, int(room.width()))
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
            if row.note:
                painter.setFont(style.font("caption"))
                painter.setPen(style.color("text.tertiary"))
                under = QRectF(0, box.bottom() - 5, self.width(), _NOTE_PX)
                text = painter.fontMetrics().elidedText(row.note, Qt.TextElideMode.ElideRight, self.width())
                painter.drawText(under, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
            if self._lines:
                painter.setPen(hair)
                painter.drawLine(QPointF(0, bottom - 0.5), QPointF(self.width(), bottom - 0.5))
