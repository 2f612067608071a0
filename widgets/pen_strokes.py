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
        scale = self.height / max(1e-300, self.high - self.low)
        return np.clip((self.high - values) * scale, -_FAR_PX, _FAR_PX)


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
    known = strip.states != MISSING
    x, top, bottom = frame.x(strip.times_us), frame.y(strip.high), frame.y(strip.low)
    known &= bottom - top > look.width
    ink = QColor(look.color)
    ink.setAlphaF(ENVELOPE_OPACITY * look.opacity)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
    near = x[-1] - x[0] <= _COLUMN_PX * pixel * x.size
    if near and not _is_vector(painter):
        painter.setPen(QPen(ink, 0))
        _draw_lines(painter, x[known], top[known], x[known], bottom[known])
        return
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ink)
    # A bucket reaches half way to its neighbours, but not across a gap.
    usual = float(np.median(np.diff(x))) if x.size > 1 else 1.0
    rects = _primitives(QRectF, int(known.sum()))
    rects.ndarray()[:] = np.column_stack(
        [x[known] - usual / 2, top[known], np.full(int(known.sum()), usual), (bottom - top)[known]]
    )
    painter.drawRects(*rects.drawargs())


def paint_line(painter: QPainter, strip: Strip, frame: Frame, look: Look, *, stepped: bool) -> None:
    """The mean, or the samples themselves; uncertain at half the ink, held values dotted, missing ones not at all."""
    if strip.times_us.size == 0:
        return
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=True)
    x, y, states = _corners(frame.x(strip.times_us), frame.y(strip.mean), strip.states, stepped=stepped)
    joined = np.isfinite(y[:-1]) & np.isfinite(y[1:])
    kinds = ((GOOD, look.dash, 1.0), (UNCERTAIN, look.dash, UNCERTAIN_OPACITY), (HELD, HELD_DASH, 1.0))
    for kind, dash, opacity in kinds if states.any() else kinds[:1]:
        chosen = joined & (states[:-1] == kind)
        if chosen.any():
            ink = QColor(look.color)
            ink.setAlphaF(look.opacity * opacity)
            _stroke(painter, x, y, chosen, ink, look.width, dash, frame)
    _dots(painter, x, y, joined, look)


def _corners(x: Pixels, y: Pixels, states: NDArray[np.uint8], *, stepped: bool) -> tuple[Pixels, Pixels, Any]:
    """Points to join by straight lines: a stepped signal keeps its value until the next one."""
    if not stepped or x.size < 2:
        return _without_flats(x, y, states)
    return _without_flats(np.repeat(x, 2)[1:], np.repeat(y, 2)[:-1], np.repeat(states, 2)[:-1])


def _without_flats(x: Pixels, y: Pixels, states: NDArray[np.uint8]) -> tuple[Pixels, Pixels, Any]:
    """Points between two that stand as high, to half a pixel, say nothing."""
    if x.size < 400:
        return x, y, states
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
    ink: QColor,
    width: float,
    dash: Sequence[float],
    frame: Frame,
) -> None:
    pen = QPen(ink, width)
    if _is_vector(painter):
        if dash:
            pen.setDashPattern([part / width for part in dash])
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        finite = np.nan_to_num(y)
        painter.drawPath(pg.arrayToQPath(x, finite, connect=np.append(chosen, False).astype(np.int32)))
        return
    pen.setCapStyle(Qt.PenCapStyle.FlatCap if dash else Qt.PenCapStyle.SquareCap)
    painter.setPen(pen)
    if dash:
        x, y, chosen = _dashed(x, y, chosen, dash, frame)
    starts = np.flatnonzero(chosen)
    _draw_lines(painter, x[starts], y[starts], x[starts + 1], y[starts + 1])


def _dashed(
    x: Pixels, y: Pixels, chosen: NDArray[np.bool_], dash: Sequence[float], frame: Frame
) -> tuple[Pixels, Pixels, NDArray[np.bool_]]:
    """The pieces that lie in a dash. Dashes are counted from 1970, so that they stay while the plot is panned."""
    period = sum(dash)
    ends = np.cumsum(dash)
    pixel_us = (frame.to_us - frame.from_us) / frame.width
    phase = frame.from_us / pixel_us % period
    first, last = max(x[0], -period), min(x[-1], frame.width + period)
    turns = np.arange(np.floor((first + phase) / period), np.ceil((last + phase) / period) + 1) * period - phase
    cuts = (turns[:, None] + np.append(0.0, ends[:-1])).ravel()
    cuts = cuts[(cuts > x[0]) & (cuts < x[-1])]
    places = np.searchsorted(x, cuts, side="right")
    left = places - 1
    with np.errstate(invalid="ignore", divide="ignore"):
        cut_y = y[left] + (y[places] - y[left]) * ((cuts - x[left]) / (x[places] - x[left]))
    order = np.argsort(np.concatenate([x, cuts]), kind="stable")
    joined = np.concatenate([chosen, [False], chosen[left]])[order]
    x, y = np.concatenate([x, cuts])[order], np.concatenate([y, cut_y])[order]
    middle = (x[:-1] + x[1:]) / 2
    inside = np.searchsorted(ends, (middle + phase) % period, side="right") % 2 == 0
    # Along a rise the clock stands still: it is drawn whole rather than left out.
    steep = np.abs(np.diff(y)) > _STEEP * np.maximum(np.diff(x), 1.0)
    return x, y, joined[:-1] & (inside | steep)


def _dots(painter: QPainter, x: Pixels, y: Pixels, joined: NDArray[np.bool_], look: Look) -> None:
    """A sample between two gaps would be a line of no length."""
    lonely = np.isfinite(y) & ~np.append(joined, False) & ~np.append(False, joined)
    if lonely.any():
        ink = QColor(look.color)
        ink.setAlphaF(look.opacity)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink)
        half = look.width / 2 + 0.3
        rects = _primitives(QRectF, int(lonely.sum()))
        rects.ndarray()[:] = np.column_stack(
            [x[lonely] - half, y[lonely] - half, np.full((int(lonely.sum()), 2), 2 * half)]
        )
        painter.drawRects(*rects.drawargs())


def _draw_lines(painter: QPainter, x1: Pixels, y1: Pixels, x2: Pixels, y2: Pixels) -> None:
    if x1.size:
        lines = _primitives(QLineF, x1.size)
        lines.ndarray()[:] = np.column_stack([x1, y1, x2, y2])
        painter.drawLines(*lines.drawargs())


def _primitives(kind: type, count: int) -> Any:
    """Room for lines or rectangles in one piece of memory, which Qt takes without a Python object each."""
    array = pg.Qt.internals.PrimitiveArray(kind, 4)
    array.resize(count)
    return array


def _is_vector(painter: QPainter) -> bool:
    engine = painter.paintEngine()
    return engine is not None and engine.type() in (QPaintEngine.Type.SVG, QPaintEngine.Type.Pdf)
