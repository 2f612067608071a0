"""What happened over the time of a plot, in a lane above it: frames with a beginning and an end, alarms, notes."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Literal, NamedTuple

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtCore import Signal as QtSignal
from PySide6.QtGui import QColor, QFontMetricsF, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from resources.words import t
from widgets import marks, style

Kind = Literal["frame", "alarm", "note"]


class PlotEvent(NamedTuple):
    """Something that happened."""

    key: Hashable
    """Told by `chosen`."""
    kind: Kind
    from_us: int
    to_us: int | None
    """Of a frame; None while it lasts, and of what has no length."""
    text: str
    priority: int = 4
    """Of an alarm, 1 to 4."""
    state: str = "acknowledged"
    """Of an alarm, as its badge shows it: unacknowledged, acknowledged, returned, shelved."""


class EventLane(QWidget):
    """24 px over the plot; hidden while nothing happened."""

    chosen = QtSignal(object)
    HEIGHT_PX = 24

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._events: list[PlotEvent] = []
        self._span_us = (0, 1)
        self._edges = (0.0, 1.0)
        self._places: list[tuple[QRectF, PlotEvent]] = []
        self.setFixedHeight(self.HEIGHT_PX)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        self.setAccessibleName(t("trend.events"))
        self.hide()

    def show_events(self, events: Sequence[PlotEvent]) -> None:
        """Replace them."""
        self._events = sorted(events, key=lambda event: event.from_us)
        self.setAccessibleDescription("; ".join(event.text for event in self._events))
        self.setVisible(bool(events))
        self.update()

    def show_span(self, span_us: tuple[int, int], edges: tuple[float, float]) -> None:
        """Stand over the paper: its span, and where it begins and ends in pixels."""
        if (span_us, edges) != (self._span_us, self._edges):
            self._span_us, self._edges = span_us, edges
            self.update()

    def _x(self, us: int) -> float:
        from_us, to_us = self._span_us
        left, right = self._edges
        return left + (us - from_us) / max(1, to_us - from_us) * (right - left)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        left, right = self._edges
        painter.fillRect(self.rect(), style.color("bg.surface"))
        painter.setFont(style.font("caption"))
        painter.setPen(style.color("text.tertiary"))
        side = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(0, 0, left - 6, self.height()), side, t("trend.events"))
        paper = QRectF(left, 2, right - left, self.height() - 4)
        painter.fillRect(paper, style.color("bg.raised"))
        painter.setClipRect(QRectF(left, 0, right - left, self.height()))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._places = []
        starts = [self._x(event.from_us) for event in self._events]
        # Alarms over frames: what is abnormal is never covered.
        for event in sorted(self._events, key=lambda event: event.kind == "alarm"):
            end_us = self._span_us[1] if event.to_us is None and event.kind == "frame" else event.to_us
            if event.from_us > self._span_us[1] or (end_us or event.from_us) < self._span_us[0]:
                continue
            x = self._x(event.from_us)
            if event.kind == "frame":
                box = QRectF(x, 4, max(3.0, self._x(end_us or event.from_us) - x), self.height() - 8)
                _paint_frame(painter, box.intersected(paper.adjusted(-4, 0, 4, 0)), event.text)
            elif event.kind == "alarm":
                box = QRectF(x - 7, 5, 14, 14)
                marks.paint_badge(painter, box.center(), event.priority, event.state, 6.0)
            else:
                box = QRectF(x - 7, 5, 14, 14)
                _paint_note(painter, box, event.text, min([right, *(start for start in starts if start > x)]) - 12)
            self._places.append((box, event))

    def _at(self, at: QPointF) -> PlotEvent | None:
        return next((event for box, event in reversed(self._places) if box.adjusted(-4, -5, 4, 5).contains(at)), None)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        found = self._at(event.position())
        self.setCursor(Qt.CursorShape.ArrowCursor if found is None else Qt.CursorShape.PointingHandCursor)
        if found is not None:
            QToolTip.showText(event.globalPosition().toPoint(), found.text, self)

    def leaveEvent(self, event: QEvent) -> None:
        QToolTip.hideText()
        super().leaveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton and (found := self._at(event.position())) is not None:
            self.chosen.emit(found.key)


def _paint_frame(painter: QPainter, box: QRectF, text: str) -> None:
    painter.setPen(QPen(style.color("line.strong"), 1))
    painter.setBrush(style.color("bg.sunken"))
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
    font = style.font("caption", "semibold")
    painter.setFont(font)
    painter.setPen(style.color("text.primary"))
    room = box.width() - 12
    if room > 20:
        shown = QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, room)
        painter.drawText(box.adjusted(6, 0, -6, 0), Qt.AlignmentFlag.AlignVCenter, shown)


def _paint_note(painter: QPainter, box: QRectF, text: str, right: float) -> None:
    """A note's sheet, and as many of its words as there is room for until the next event."""
    ink = QColor(style.color("hand.accent"))
    painter.setPen(QPen(ink, 1.4))
    painter.setBrush(style.color("bg.raised"))
    painter.drawRoundedRect(box.adjusted(1.5, 1.5, -1.5, -1.5), 2, 2)
    painter.drawLine(QPointF(box.right() - 6, box.bottom() - 2), QPointF(box.right() - 2, box.bottom() - 6))
    font = style.font("caption")
    width = right - box.right() - 5
    if width < 30:
        return
    painter.setFont(font)
    painter.setPen(style.color("text.secondary"))
    shown = QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, width)
    painter.drawText(QRectF(box.right() + 5, 0, width, 24), Qt.AlignmentFlag.AlignVCenter, shown)
