"""Under the plot: when the cursors are, in chips, and how long lies between them."""

from __future__ import annotations

from datetime import tzinfo

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from resources.words import t
from widgets import style
from widgets.clock_text import local
from widgets.time_plot_marks import Marks, duration_text

_HEIGHT_PX = 24
_MINUTE_US = 60_000_000


class CursorScale(QWidget):
    """A row of chips; hidden while there is no cursor."""

    def __init__(self, zone: tzinfo, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._zone = zone
        self._span_us = (0, 1)
        self._edges = (0.0, 1.0)
        self._chips: list[tuple[float, str]] = []
        self._between = ""
        self.setFixedHeight(_HEIGHT_PX)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.hide()

    def show_cursors(self, span_us: tuple[int, int], edges: tuple[float, float], shown: Marks) -> None:
        """Stand under the paper: its span, its edges in pixels, and the cursors."""
        from_us, to_us = span_us
        left, right = edges
        self._edges = edges
        self._chips = []
        for name, us in (("A", shown.a_us), ("B", shown.b_us)):
            if us is not None:
                x = left + (us - from_us) / max(1, to_us - from_us) * (right - left)
                self._chips.append((x, f"{name} {self._moment(us, to_us - from_us)}"))
        both = shown.a_us is not None and shown.b_us is not None
        self._between = f"Δ {duration_text(shown.b_us - shown.a_us)}" if both else ""  # type: ignore[operator]
        self.setVisible(bool(self._chips))
        self.setAccessibleDescription(", ".join([text for _, text in self._chips] + [self._between]))
        self.update()

    def _moment(self, us: int, span_us: int) -> str:
        moment = local(us, self._zone)
        day = f"{moment.day} {t('months').split()[moment.month - 1]}"
        if span_us > 2000 * 3600 * 1_000_000:
            day += f" {moment.year}"
        if span_us > 30 * 60 * _MINUTE_US:
            return f"{day} {moment:%H:%M}"
        if span_us > _MINUTE_US:
            return f"{day} {moment:%H:%M:%S}"
        return f"{moment:%H:%M:%S}.{moment.microsecond // 1000:03d}"

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), style.color("bg.surface"))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = style.font("caption", "semibold")
        painter.setFont(font)
        left, right = self._edges
        boxes: list[QRectF] = []
        for x, text in sorted(self._chips):
            if not left - 1 <= x <= right + 1:
                continue
            width = QFontMetricsF(font).horizontalAdvance(text) + 14
            start = min(max(x - width / 2, left), self.width() - width)
            if boxes and start < boxes[-1].right() + 3:
                start = boxes[-1].right() + 3
            box = QRectF(start, 3, width, _HEIGHT_PX - 6)
            boxes.append(box)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(style.color("hand.accent"))
            painter.drawRoundedRect(box, 3, 3)
            painter.setPen(style.color("bg.raised"))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
        width = QFontMetricsF(font).horizontalAdvance(self._between)
        painter.setPen(style.color("hand.accent"))
        if len(boxes) == 2 and boxes[1].left() - boxes[0].right() > width + 12:
            room = QRectF(boxes[0].right(), 0, boxes[1].left() - boxes[0].right(), _HEIGHT_PX)
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter, self._between)
        elif boxes and self._between:
            start = boxes[-1].right() + 8
            if start + width > self.width():
                start = boxes[0].left() - 8 - width
            painter.drawText(QRectF(start, 0, width, _HEIGHT_PX), Qt.AlignmentFlag.AlignCenter, self._between)
