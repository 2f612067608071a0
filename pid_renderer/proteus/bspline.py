"""B-spline curves of any degree, with knots and weights, as points along them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from pid_renderer.drawing import Point

_PIECES: Final = 12
"""Straight pieces a knot span is drawn with."""
_MOST_PIECES: Final = 12_000
"""Of a whole curve: beyond, its spans are finer than any pixel, and de Boor's algorithm is slow."""

HIGHEST_DEGREE: Final = 12
_Homogeneous = tuple[float, float, float]


def clamped(points: int, degree: int) -> list[float]:
    """The knots of a curve whose file gives none: evenly spaced, and the curve begins and ends at its end points."""
    inner = points - degree
    return [0.0] * (degree + 1) + [float(i) for i in range(1, inner)] + [float(inner)] * (degree + 1)


def sampled(
    points: Sequence[Point], degree: int, knots: Sequence[float] = (), weights: Sequence[float] = ()
) -> tuple[Point, ...]:
    """Points along the curve of control `points`, its ends included.

    `knots` must not fall and number `len(points) + degree + 1`; `weights` are positive, one a point; either may be
    empty. Raises ValueError where they do not fit. Evaluated by de Boor's algorithm in homogeneous coordinates (Piegl
    and Tiller, The NURBS Book, 2nd ed., algorithm A4.1).
    """
    degree = min(degree, len(points) - 1)
    if not 1 <= degree <= HIGHEST_DEGREE:
        raise ValueError(f"{len(points)} control points and degree {degree}")
    knots = knots or clamped(len(points), degree)
    weights = weights or [1.0] * len(points)
    if len(knots) != len(points) + degree + 1 or any(after < before for before, after in pairwise(knots)):
        raise ValueError(f"{len(knots)} knots for {len(points)} control points of degree {degree}")
    if not knots[degree] < knots[len(points)]:
        raise ValueError(f"knots that span nothing for {len(points)} control points of degree {degree}")
    if len(weights) != len(points) or min(weights) <= 0:
        raise ValueError(f"{len(weights)} weights for {len(points)} control points, or one not above 0")
    controls = [(x * w, y * w, w) for (x, y), w in zip(points, weights, strict=True)]
    return tuple((x / w, y / w) for x, y, w in _walk(controls, degree, knots))


def _walk(controls: Sequence[_Homogeneous], degree: int, knots: Sequence[float]) -> Iterator[_Homogeneous]:
    last = len(controls)
    pieces = max(1, min(_PIECES, _MOST_PIECES // (last - degree)))
    for span in range(degree, last):
        start, end = knots[span], knots[span + 1]
        if end <= start:
            continue
        for piece in range(pieces):
            yield _de_boor(controls, degree, knots, span, start + (end - start) * piece / pieces)
    if knots[last] > knots[degree]:
        final = next(span for span in range(last - 1, degree - 1, -1) if knots[span + 1] > knots[span])
        yield _de_boor(controls, degree, knots, final, knots[last])


def _de_boor(
    controls: Sequence[_Homogeneous], degree: int, knots: Sequence[float], span: int, t: float
) -> _Homogeneous:
    d = list(controls[span - degree : span + 1])
    for level in range(1, degree + 1):
        for j in range(degree, level - 1, -1):
            low = knots[span - degree + j]
            high = knots[span + 1 + j - level]
            part = (t - low) / (high - low) if high > low else 0.0
            (x0, y0, w0), (x1, y1, w1) = d[j - 1], d[j]
            d[j] = (x0 + part * (x1 - x0), y0 + part * (y1 - y0), w0 + part * (w1 - w0))
    return d[degree]
