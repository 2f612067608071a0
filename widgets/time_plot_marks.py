"""What stands behind and before the pens: design band, limits, gaps; seam, now, cursors and the zoom box."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from analysis.pyramid import MISSING
from contracts.number_text import number
from contracts.signal_list import Signal
from resources.words import language, t
from widgets import marks, style
from widgets.pen_strokes import Frame, look_of
from widgets.time_plot_pane import Axis, Pane, say

_DESIGN_OPACITY: Final = 0.38
_SPAN_OPACITY: Final = 0.07
_LIMIT_WORDS_PX: Final = 160.0
"""Right of the pane's title."""
_DOT_PX: Final = 3.0
_SECOND_US: Final = 1_000_000
_UNITS: Final = ((86_400, "d"), (3600, "h"), (60, "min"), (1, "s"))


def duration_text(us: int) -> str:
    """`2 h 47 min`, `3 d 4 h`, `45 s`: the two largest units that say something."""
    left = abs(us) / _SECOND_US
    if left < 10:
        return f"{number(left, 2 if left < 1 else 1, language())} s"
    left = round(left)
    parts: list[str] = []
    for size, unit in _UNITS:
        if left >= size and len(parts) < 2:
            parts.append(f"{int(left // size)} {unit}")
            left -= left // size * size
        elif parts:
            break
    return " ".join(parts)


@dataclass
class Marks:
    """Instants of a plot, in µs; None where there is none."""

    seam_us: int | None = None
    gaps: Sequence[tuple[int, int]] = ()
    now_us: int | None = None
    hover_us: int | None = None
    a_us: int | None = None
    b_us: int | None = None
    active: str = "a"
    zoom_box: tuple[Pane, QRectF] | None = None
    """The rectangle being drawn on a pane, in its pixels."""


def priority_of(signal: Signal, limit: str) -> int:
    """The alarm's priority: an inner limit warns one step milder where there is an outer one (`analysis.alarms`)."""
    outer = {"l": signal.ll, "h": signal.hh}.get(limit)
    return signal.priority if outer is None else min(4, signal.priority + 1)


def paint_back(painter: QPainter, pane: Pane, shown: Marks, *, first: bool) -> None:
    """Behind the pens. `first`: the pane that carries the words."""
    _grid(painter, pane)
    for number_of_axis, axis in enumerate(pane.axes):
        frame, signal = pane.frame(axis), _spoken_for(axis, pane.lifted)
        if signal is not None:
            _design(painter, frame, signal)
            _limits(painter, frame, signal, right=number_of_axis > 0)
    frame = pane.frame(pane.axes[0])
    for from_us, to_us in shown.gaps:
        _gap(painter, frame, from_us, to_us, words=first)


def _grid(painter: QPainter, pane: Pane) -> None:
    """Hairlines; filled, which costs a fraction of a line's stroke."""
    (left, right), (low, high) = pane.box.viewRange()
    rect, ink = pane.box.rect(), style.color("line.hair")
    seconds, values = pane.ticks()
    for at in seconds:
        x = round((at - left) / (right - left) * rect.width())
        painter.fillRect(QRectF(x, 0, 1, rect.height()), ink)
    for value in values:
        y = round((high - value) / (high - low) * rect.height())
        painter.fillRect(QRectF(0, y, rect.width(), 1), ink)


def _spoken_for(axis: Axis, lifted: str | None) -> Signal | None:
    """Whose limits and design are shown: the lifted pen's, else those of the first pen that has any."""
    signals = [pen.signal for pen in axis.pens]
    chosen = next((signal for signal in signals if signal.kks == lifted), None)
    if chosen is not None:
        return chosen
    return next((s for s in signals if any(x is not None for x in (s.design_min, s.ll, s.l, s.h, s.hh))), None)


def _design(painter: QPainter, frame: Frame, signal: Signal) -> None:
    if signal.design_min is None or signal.design_max is None:
        return
    top, bottom = frame.y(np.array([signal.design_max, signal.design_min]))
    ink = style.color("design.band")
    ink = QColor(ink)
    ink.setAlphaF(_DESIGN_OPACITY)
    painter.fillRect(QRectF(0, top, frame.width, bottom - top), ink)
    low, high = (number(value, signal.decimals, language()) for value in (signal.design_min, signal.design_max))
    painter.setFont(style.font("caption", "medium"))
    painter.setPen(style.color("design.mark"))
    place = min(max(bottom, 20.0), frame.height) - 16
    words = t("trend.design", low=low, high=high, unit=signal.unit)
    if top < frame.height and bottom > 0:
        right = Qt.AlignmentFlag.AlignRight
        painter.drawText(QRectF(0, place, frame.width - 6, 14), right, words)


def _limits(painter: QPainter, frame: Frame, signal: Signal, *, right: bool) -> None:
    painter.setFont(style.font("caption", "medium"))
    spoken: list[float] = []
    for limit in ("hh", "h", "l", "ll"):
        value = getattr(signal, limit)
        if value is None or not frame.low <= value <= frame.high:
            continue
        y = round(float(frame.y(np.array([value]))[0])) + 0.5
        pen = QPen(style.color(f"alarm.p{priority_of(signal, limit)}"), 1.2)
        pen.setDashPattern([5, 3])
        painter.setPen(pen)
        painter.drawLine(QPointF(0, y), QPointF(frame.width, y))
        # Words that would lie on each other: the outer limit's stay above its line, the inner one's go below.
        above = y > 16 and all(abs(y - 14 - other) > 13 for other in spoken)
        painter.setPen(style.color("text.primary"))
        text = f"{limit.upper()} {number(value, signal.decimals, language())}"
        wide = QFontMetricsF(painter.font()).horizontalAdvance(text)
        end = frame.width * 0.86 if right else max(_LIMIT_WORDS_PX, frame.width * 0.12)
        box = QRectF(end - wide, y - 15 if above else y + 1, wide, 14)
        say(painter, box, text)
        spoken.append(box.top())


def _gap(painter: QPainter, frame: Frame, from_us: int, to_us: int, *, words: bool) -> None:
    left, right = frame.x(np.array([from_us, to_us]))
    left, right = max(left, 0.0), min(right, frame.width)
    if right - left < 1:
        return
    painter.fillRect(QRectF(left, 0, right - left, frame.height), marks.hatch("line.hair"))
    text = f"{duration_text(to_us - from_us)}\n{t('trend.no_data')}"
    font = style.font("caption", "medium")
    if words and right - left > QFontMetricsF(font).size(0, text).width() - 24:
        painter.setFont(font)
        painter.setPen(style.color("text.secondary"))
        box = QRectF(left - 20, frame.height - 42, right - left + 40, 34)
        painter.drawText(box, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom, text)


def paint_front(painter: QPainter, pane: Pane, shown: Marks, *, first: bool) -> None:
    """Before the pens."""
    frame = pane.frame(pane.axes[0])
    font = style.font("caption", "medium")
    for title, left in ((pane.axes[0].title, True), *((axis.title, False) for axis in pane.axes[1:])):
        painter.setFont(font)
        painter.setPen(style.color("text.secondary"))
        wide = QFontMetricsF(font).horizontalAdvance(title)
        say(painter, QRectF(6 if left else frame.width - wide - 6, 3, wide, 15), title)
    _seam(painter, frame, shown.seam_us, 14.0 if first and len(pane.axes) < 2 else 30.0 if first else None)
    if shown.now_us is not None:
        _now(painter, pane, frame, shown.now_us)
    _cursors(painter, frame, shown)
    if shown.zoom_box is not None and shown.zoom_box[0] is pane:
        ink = QColor(style.color("hand.accent"))
        painter.setPen(QPen(ink, 1))
        ink.setAlphaF(2 * _SPAN_OPACITY)
        painter.setBrush(ink)
        painter.drawRect(shown.zoom_box[1])


def _x(frame: Frame, us: int) -> float:
    return round(float(frame.x(np.array([us]))[0])) + 0.5


def _seam(painter: QPainter, frame: Frame, seam_us: int | None, words_y: float | None) -> None:
    if seam_us is None or seam_us <= frame.from_us:
        return
    teal = style.color("mode.replay")
    x = _x(frame, seam_us)
    painter.fillRect(QRectF(0, frame.height - 3, min(x, frame.width), 3), teal)
    if x > frame.width:
        return
    pen = QPen(teal, 1.6)
    pen.setDashPattern([3, 2])
    painter.setPen(pen)
    painter.drawLine(QPointF(x, 0), QPointF(x, frame.height))
    if words_y is not None:
        font = style.font("caption", "semibold")
        painter.setFont(font)
        past, live = t("trend.historian"), t("trend.live")
        metrics = QFontMetricsF(font)
        painter.setPen(teal)
        if x > metrics.horizontalAdvance(past) + 80:
            wide = metrics.horizontalAdvance(past)
            say(painter, QRectF(x - 7 - wide, words_y - 11, wide, 14), past)
        painter.setPen(style.color("text.primary"))
        if x + metrics.horizontalAdvance(live) + 9 < frame.width:
            say(painter, QRectF(x + 7, words_y - 11, metrics.horizontalAdvance(live), 14), live)


def _now(painter: QPainter, pane: Pane, frame: Frame, now_us: int) -> None:
    if not frame.from_us <= now_us <= frame.to_us:
        return
    x = _x(frame, now_us)
    painter.setPen(QPen(style.color("line.strong"), 1))
    painter.drawLine(QPointF(x, 0), QPointF(x, frame.height))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    for axis in pane.axes:
        own = pane.frame(axis)
        for pen in axis.pens:
            # Where the newest value stands: none, if the last thing known is that nothing is known.
            if pen.strip is None or not pen.strip.times_us.size or pen.strip.states[-1] == MISSING:
                continue
            last_us = int(pen.strip.times_us[-1])
            place = _x(own, min(last_us, now_us))
            if place > x - 0.05 * frame.width:
                painter.setOpacity(pane.opacity(pen))
                painter.setBrush(look_of(pen.place).color)
                painter.drawEllipse(QPointF(place, float(own.y(pen.strip.mean[-1:])[0])), _DOT_PX, _DOT_PX)
    painter.setOpacity(1.0)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)


def _cursors(painter: QPainter, frame: Frame, shown: Marks) -> None:
    blue = QColor(style.color("hand.accent"))
    if shown.a_us is not None and shown.b_us is not None:
        soft = QColor(blue)
        soft.setAlphaF(_SPAN_OPACITY)
        left, right = sorted((_x(frame, shown.a_us), _x(frame, shown.b_us)))
        painter.fillRect(QRectF(left, 0, right - left, frame.height), soft)
    for name, us in (("a", shown.a_us), ("b", shown.b_us)):
        if us is not None and frame.from_us <= us <= frame.to_us:
            painter.setPen(QPen(blue, 2.0 if name == shown.active else 1.4))
            x = _x(frame, us)
            painter.drawLine(QPointF(x, 0), QPointF(x, frame.height))
    if shown.hover_us is not None and frame.from_us <= shown.hover_us <= frame.to_us:
        painter.setPen(QPen(blue, 1, Qt.PenStyle.DotLine))
        x = _x(frame, shown.hover_us)
        painter.drawLine(QPointF(x, 0), QPointF(x, frame.height))
