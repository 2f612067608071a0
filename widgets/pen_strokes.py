"""A pen's line over its envelope, painted from a strip of at most a bucket a pixel column.

What makes it quick on a processor: the envelope is one vertical line a column, without antialiasing; the mean is drawn
as separate solid pieces, which the raster engine takes without its stroker; a dash is made by leaving pieces out, by
the clock and not by the length, so dashes stay where they are while the plot is panned. A vector file gets paths.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QPaintEngine, QPainter, QPen

from analysis.pyramid import GOOD, HELD, MISSING, UNCERTAIN, Strip
from widgets import style

Pixels = NDArray[np.float64]

ENVELOPE_OPACITY: Final = 0.2
UNCERTAIN_OPACITY: Final = 0.5
HELD_DASH: Final = (1.0, 4.0)
OTHER_PERIOD_PX: Final = 1.4
OTHER_PERIOD_DASH: Final = (1.5, 3.0)
_FAR_PX: Final = 1e5
"""Beyond the paper no raster engine need follow exactly."""
_DENSE_PX: Final = 1.6
"""Points closer than this are fine enough for a dash to begin and end at."""
_MOVING_DENSE_PX: Final = 3.3
"""While the hand moves, columns of up to three pixels are."""
_OVERLAP_PX: Final = 0.5
_MANY: Final = 400
_STEEP: Final = 3.0
_FLAT_PX: Final = 0.5
_COLUMN_PX: Final = 1.6
"""Points closer than this are one a column: their envelope is vertical lines; else it is an area."""


class Frame(NamedTuple):
    """Where a pane shows what: a span of time over its width, a range of values over its height."""

    from_us: int
    to_us: int
    low: float
    high: float
    width: float
    height: float

    def x(self, times_us: NDArray[np.int64]) -> Pixels:
        """Pixels from the left."""
        return np.asarray((times_us - self.from_us) * (self.width / max(1, self.to_us - self.from_us)))

    def y(self, values: NDArray[np.float64]) -> Pixels:
        """Pixels from the top."""
        placed = (self.high - values) * (self.height / max(1e-300, self.high - self.low))
        np.maximum(placed, -_FAR_PX, out=placed)
        np.minimum(placed, _FAR_PX, out=placed)
        return placed


class Look(NamedTuple):
    """How a pen is drawn."""

    color: QColor
    dash: tuple[float, ...]
    width: float
    opacity: float = 1.0


def look_of(place: int, opacity: float = 1.0) -> Look:
    """The look of pen number `place` (from 0). After the eighth the hues come again with another dash."""
    pens = style.current().pens
    spec = pens[place % len(pens)]
    dash = pens[(place + place // len(pens)) % len(pens)].dash
    return Look(QColor(spec.color), tuple(dash), 2.4 if place == 0 else 2.0, opacity)


def paint_envelope(painter: QPainter, strip: Strip, frame: Frame, look: Look, pixel: float = 1.0) -> None:
    """Least to greatest, at 20 % of the pen. `pixel`: a device pixel's size."""
    if strip.low is None or strip.high is None or strip.times_us.size == 0:
        return
    x, top, bottom = frame.x(strip.times_us), frame.y(strip.high), frame.y(strip.low)
    seen = bottom - top > look.width
    if strip.states.any():
        seen &= strip.states != MISSING
    x, top, tall = x[seen], top[seen], (bottom - top)[seen]
    ink = QColor(look.color)
    ink.setAlphaF(ENVELOPE_OPACITY * look.opacity)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
    wide = max(pixel, _bucket_px(strip, frame))
    if wide <= _COLUMN_PX * pixel and not _is_vector(painter):
        painter.setPen(QPen(ink, 0))
        _draw_lines(painter, x, top, x, top + tall)
        return
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ink)
    _draw_rects(painter, x - wide / 2, top, wide, tall)


def _bucket_px(strip: Strip, frame: Frame) -> float:
    column_us = strip.column_us
    if not column_us:
        column_us = float(np.median(np.diff(strip.times_us))) if strip.times_us.size > 1 else 0.0
    return column_us * frame.width / max(1, frame.to_us - frame.from_us)


def paint_line(
    painter: QPainter, strip: Strip, frame: Frame, look: Look, *, stepped: bool, moving: bool = False
) -> None:
    """The mean, or the samples themselves; uncertain at half the ink, held values dotted, missing ones not at all.

    `moving`: dashes may begin and end a pixel off.
    """
    if strip.times_us.size == 0:
        return
    dense_px = _MOVING_DENSE_PX if moving and strip.column_us else _DENSE_PX
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=True)
    x, y, states = _corners(frame.x(strip.times_us), frame.y(strip.mean), strip.states, stepped=stepped)
    if not look.dash and x.size > _MANY:
        x, y, states = _without_flats(x, y, states)
    if not states.any():
        whole = np.ones(x.size - 1, bool)
        _stroke(painter, x, y, whole, look.color, look.opacity, look.width, look.dash, frame, dense_px)
        if x.size == 1:
            _dots(painter, x, y, look)
        return
    finite = np.isfinite(y)
    joined = finite[:-1] & finite[1:]
    kinds = ((GOOD, look.dash, 1.0), (UNCERTAIN, look.dash, UNCERTAIN_OPACITY), (HELD, HELD_DASH, 1.0))
    for kind, dash, opacity in kinds:
        chosen = joined & (states[:-1] == kind)
        if chosen.any():
            _stroke(painter, x, y, chosen, look.color, look.opacity * opacity, look.width, dash, frame, dense_px)
    # A sample between two gaps would be a line of no length.
    lonely = finite & ~np.append(joined, False) & ~np.append(False, joined)
    if lonely.any():
        _dots(painter, x[lonely], y[lonely], look)


def _corners(x: Pixels, y: Pixels, states: NDArray[np.uint8], *, stepped: bool) -> tuple[Pixels, Pixels, Any]:
    """Points to join by straight lines: a stepped signal keeps its value until the next one."""
    if not stepped or x.size < 2:
        return x, y, states
    return np.repeat(x, 2)[1:], np.repeat(y, 2)[:-1], np.repeat(states, 2)[:-1]


def _without_flats(x: Pixels, y: Pixels, states: NDArray[np.uint8]) -> tuple[Pixels, Pixels, Any]:
    """Points between two that stand as high, to half a pixel, say nothing."""
    with np.errstate(invalid="ignore"):
        level = np.floor(y / _FLAT_PX)
    same = (level[1:] == level[:-1]) & (states[1:] == states[:-1])
    keep = np.ones(x.size, bool)
    keep[1:-1] = ~(same[1:] & same[:-1])
    return x[keep], y[keep], states[keep]


def _stroke(
    painter: QPainter,
    x: Pixels,
    y: Pixels,
    chosen: NDArray[np.bool_],
    color: QColor,
    opacity: float,
    width: float,
    dash: Sequence[float],
    frame: Frame,
    dense_px: float,
) -> None:
    pen = QPen(_thinned(color, opacity), width)
    if _is_vector(painter):
        if dash:
            pen.setDashPattern([part / width for part in dash])
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        used = np.append(chosen, False) | np.append(False, chosen)
        onward = np.append(chosen, False)[used].astype(np.int32)
        painter.drawPath(pg.arrayToQPath(x[used], y[used], connect=onward))
        return
    pen.setCapStyle(Qt.PenCapStyle.FlatCap if dash else Qt.PenCapStyle.SquareCap)
    painter.setPen(pen)
    if dash:
        x, y, chosen = _dashed(x, y, chosen, dash, frame, dense_px)
    if chosen.all():
        x1, y1, x2, y2 = x[:-1], y[:-1], x[1:], y[1:]
    else:
        starts = np.flatnonzero(chosen)
        x1, y1, x2, y2 = x[starts], y[starts], x[starts + 1], y[starts + 1]
    if dash:
        # Flat ends that only touch would let the paper shine through between them.
        longer = 1 + _OVERLAP_PX / np.maximum(np.hypot(x2 - x1, y2 - y1), 1e-6)
        x2, y2 = x1 + (x2 - x1) * longer, y1 + (y2 - y1) * longer
    _draw_lines(painter, x1, y1, x2, y2)


def _thinned(color: QColor, opacity: float) -> QColor:
    """The colour as it would be on the paper, but opaque: where pieces of a line overlap, it is no darker."""
    paper = style.color("bg.raised")
    ends = ((color.red(), paper.red()), (color.green(), paper.green()), (color.blue(), paper.blue()))
    return QColor(*(round(ink * opacity + ground * (1 - opacity)) for ink, ground in ends))


def _dashed(
    x: Pixels, y: Pixels, chosen: NDArray[np.bool_], dash: Sequence[float], frame: Frame, dense_px: float
) -> tuple[Pixels, Pixels, NDArray[np.bool_]]:
    """The pieces that lie in a dash. Dashes are counted from 1970, so that they stay while the plot is panned."""
    period = sum(dash)
    ends = np.cumsum(dash)
    pixel_us = (frame.to_us - frame.from_us) / frame.width
    phase = frame.from_us / pixel_us % period
    if x.size < 2 or float((x[1:] - x[:-1]).max()) > dense_px:
        x, y, chosen = _cut(x, y, chosen, ends, phase, frame.width)
    middle = (x[:-1] + x[1:]) / 2
    middle += phase
    middle %= period
    inside = middle < ends[0]
    for start, end in zip(ends[1::2], ends[2::2], strict=False):
        inside |= (middle >= start) & (middle < end)
    # Along a rise the clock stands still: it is drawn whole rather than left out.
    rise = np.abs(y[1:] - y[:-1])
    if not rise.max(initial=0.0) <= _STEEP:
        inside |= rise > _STEEP * np.maximum(x[1:] - x[:-1], 1.0)
    return x, y, chosen & inside


def _cut(
    x: Pixels, y: Pixels, chosen: NDArray[np.bool_], ends: Pixels, phase: float, width: float
) -> tuple[Pixels, Pixels, NDArray[np.bool_]]:
    """The same line with a point wherever a dash begins or ends."""
    period = float(ends[-1])
    first, last = max(x[0], -period), min(x[-1], width + period)
    turns = np.arange(np.floor((first + phase) / period), np.ceil((last + phase) / period) + 1) * period - phase
    cuts = (turns[:, None] + np.append(0.0, ends[:-1])).ravel()
    cuts = cuts[(cuts > x[0]) & (cuts < x[-1])]
    places = np.searchsorted(x, cuts, side="right")
    left = places - 1
    with np.errstate(invalid="ignore", divide="ignore"):
        cut_y = y[left] + (y[places] - y[left]) * ((cuts - x[left]) / (x[places] - x[left]))
    order = np.argsort(np.concatenate([x, cuts]), kind="stable")
    joined = np.concatenate([chosen, [False], chosen[left]])[order]
    return np.concatenate([x, cuts])[order], np.concatenate([y, cut_y])[order], joined[:-1]


def _dots(painter: QPainter, x: Pixels, y: Pixels, look: Look) -> None:
    ink = QColor(look.color)
    ink.setAlphaF(look.opacity)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ink)
    half = look.width / 2 + 0.3
    _draw_rects(painter, x - half, y - half, 2 * half, np.full(x.size, 2 * half))


def _draw_rects(painter: QPainter, left: Pixels, top: Pixels, width: float, height: Pixels) -> None:
    if left.size:
        rects = _primitives(QRectF, left.size)
        room = rects.ndarray()
        room[:, 0], room[:, 1], room[:, 2], room[:, 3] = left, top, width, height
        painter.drawRects(*rects.drawargs())


def _draw_lines(painter: QPainter, x1: Pixels, y1: Pixels, x2: Pixels, y2: Pixels) -> None:
    if x1.size:
        lines = _primitives(QLineF, x1.size)
        room = lines.ndarray()
        room[:, 0], room[:, 1], room[:, 2], room[:, 3] = x1, y1, x2, y2
        painter.drawLines(*lines.drawargs())


def _primitives(kind: type, count: int) -> Any:
    """Room for lines or rectangles in one piece of memory, which Qt takes without a Python object each."""
    array = pg.Qt.internals.PrimitiveArray(kind, 4)
    array.resize(count)
    return array


def _is_vector(painter: QPainter) -> bool:
    engine = painter.paintEngine()
    return engine is not None and engine.type() in (QPaintEngine.Type.SVG, QPaintEngine.Type.Pdf)
