"""Strokes in a symbol's own millimetres (y down, origin in its middle) and how they are set on the sheet."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from math import cos, hypot, radians, sin
from typing import Final

from pid_renderer.drawing import Arc, Layer, Point, Polyline, Primitive, Stroke, Text

HEAVY_MM: Final = 0.7
"""Outlines of vessels; line widths after ISO 10628-1: 1.0 main flow, 0.5 equipment, 0.25 the rest, one step finer."""
PIPE_MM: Final = 0.6
LIGHT_MM: Final = 0.4
SIGNAL_MM: Final = 0.25
DASHED: Final = (6.0, 4.0)

Marks = tuple[Primitive, ...]


def line(*points: Point, width: float = LIGHT_MM) -> Polyline:
    """An open line."""
    return Polyline("", "equipment", points, Stroke(width, "", ()))


def outline(*points: Point, width: float = LIGHT_MM, filled: bool = False) -> Polyline:
    """A closed line; `points` without the repeated first one."""
    return Polyline("", "equipment", (*points, points[0]), Stroke(width, "", ()), filled, closed=True)


def box(width: float, height: float, centre: Point = (0.0, 0.0), stroke: float = LIGHT_MM) -> Polyline:
    """An upright rectangle."""
    (x, y), w, h = centre, width / 2, height / 2
    return outline((x - w, y - h), (x + w, y - h), (x + w, y + h), (x - w, y + h), width=stroke)


def circle(radius: float, centre: Point = (0.0, 0.0), width: float = LIGHT_MM, *, filled: bool = False) -> Arc:
    """A full circle."""
    return arc(centre, radius, radius, 0.0, 360.0, width, filled=filled)


def arc(
    centre: Point, rx: float, ry: float, start: float, sweep: float, width: float = LIGHT_MM, *, filled: bool = False
) -> Arc:
    """A piece of an upright ellipse, degrees clockwise from the right."""
    return Arc("", "equipment", centre, rx, ry, 0.0, start, sweep, Stroke(width, "", ()), filled)


def letter(text: str, height: float, at: Point = (0.0, 0.0)) -> Text:
    """A text centred on `at`."""
    return Text("", "labels", text, at, height, 0.0, "center", "center", "")


def moved(point: Point, at: Point, turn_deg: float, *, mirrored: bool = False) -> Point:
    """`point` mirrored left to right, turned clockwise, then shifted."""
    x, y = (-point[0] if mirrored else point[0]), point[1]
    c, s = round(cos(radians(turn_deg)), 12), round(sin(radians(turn_deg)), 12)
    return at[0] + x * c - y * s, at[1] + x * s + y * c


def placed(
    marks: Marks, owner: str, layer: Layer, at: Point, turn_deg: float = 0.0, *, mirrored: bool = False
) -> list[Primitive]:
    """`marks` as strokes of `owner`; texts stay upright whatever the turn."""
    found: list[Primitive] = []
    for mark in marks:
        if isinstance(mark, Polyline):
            points = tuple(moved(point, at, turn_deg, mirrored=mirrored) for point in mark.points)
            found.append(replace(mark, owner=owner, layer=layer, points=points))
        elif isinstance(mark, Arc):
            centre = moved(mark.centre, at, turn_deg, mirrored=mirrored)
            start, sweep = (180.0 - mark.start_deg, -mark.sweep_deg) if mirrored else (mark.start_deg, mark.sweep_deg)
            if turn_deg % 180.0 == 90.0 and mark.rx != mark.ry:
                found.append(replace(mark, owner=owner, layer=layer, centre=centre, rotation_deg=turn_deg,
                                     start_deg=start, sweep_deg=sweep))  # fmt: skip
            else:
                turned = start if mark.whole else start + turn_deg
                found.append(replace(mark, owner=owner, layer=layer, centre=centre, start_deg=turned, sweep_deg=sweep))
        else:
            found.append(replace(mark, owner=owner, layer=layer, at=moved(mark.at, at, turn_deg, mirrored=mirrored)))
    return found


def shifted(mark: Primitive, dx: float, dy: float) -> Primitive:
    """`mark` moved by (dx, dy) mm."""
    if isinstance(mark, Polyline):
        return replace(mark, points=tuple((x + dx, y + dy) for x, y in mark.points))
    if isinstance(mark, Arc):
        return replace(mark, centre=(mark.centre[0] + dx, mark.centre[1] + dy))
    return replace(mark, at=(mark.at[0] + dx, mark.at[1] + dy))


def reach(marks: Marks, side: str, offset: float) -> float | None:
    """Where the outermost stroke stands on the line `offset` mm from the middle, looking from `side`.

    `side` is left, right (offset = y; gives x), top or bottom (offset = x; gives y). None where nothing is met.
    """
    along = 0 if side in ("left", "right") else 1
    across = 1 - along
    met: list[float] = []
    for mark in marks:
        if isinstance(mark, Text):
            continue
        points = mark.points if isinstance(mark, Polyline) else mark.sampled(6.0)
        for a, b in pairwise(points):
            low, high = sorted((a[across], b[across]))
            if not low - 1e-9 <= offset <= high + 1e-9 or hypot(b[0] - a[0], b[1] - a[1]) < 1e-12:
                continue
            if high - low < 1e-9:
                met.extend((a[along], b[along]))
            else:
                met.append(a[along] + (b[along] - a[along]) * (offset - a[across]) / (b[across] - a[across]))
    if not met:
        return None
    return min(met) if side in ("left", "top") else max(met)
