"""Strokes that a vendor wrote in place of a catalogue shape, and what Comos forgets when it does."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, Final

from pid_renderer.drawing import Arc, Point, Polyline, Primitive
from pid_renderer.proteus.geometry import Affine, NotANumber, ellipse, position, scale, symbol_frame
from pid_renderer.proteus.habits import Habits, labelled

_MEETS_MM: Final = 0.05
"""Coordinates are written with four decimals of the file's unit; a gap this small is no gap."""


def replaces_shape(node: Any, drawn: Sequence[Primitive]) -> bool:
    """Whether the item's own strokes stand for its catalogue shape, so that the shape must not be drawn as well."""
    return node.get("ComponentType") == "Normal" and any(isinstance(item, Polyline | Arc) for item in drawn)


def with_scaled_arcs(
    node: Any, drawn: Sequence[Primitive], sheet: Affine, miss: Callable[[str, Any], None]
) -> list[Primitive]:
    """`drawn`, where an arc that touches nothing but would, had it the item's own scale, gets that scale.

    Comos scales an item's lines and the middles of its arcs when it writes them in place, but not their radii.
    """
    try:
        frame, (sx, sy) = position(node), scale(node)
    except NotANumber:
        return list(drawn)  # counted where the symbol is placed
    if frame is None or (sx, sy) == (1.0, 1.0) or 0.0 in (sx, sy):
        return list(drawn)
    turn = sheet.after(frame)._replace(e=0.0, f=0.0)
    length = turn.size
    back = Affine(turn.a, turn.c, turn.b, turn.d, 0.0, 0.0)
    unit = 1 / (length * length)
    enlarge = turn.after(Affine(sx * unit, 0.0, 0.0, sy * unit, 0.0, 0.0)).after(back)
    ends = _Ends(point for item in drawn if isinstance(item, Polyline) for point in (item.points[0], item.points[-1]))
    result: list[Primitive] = []
    for item in drawn:
        if isinstance(item, Arc) and not item.whole and not _meets(item, ends):
            larger = _enlarged(item, enlarge)
            if _meets(larger, ends):
                miss("an arc without its symbol's scale (drawn with it)", node)
                item = larger
        result.append(item)
    return result


def text_frame(node: Any, sheet: Affine, habits: Habits, known: dict[Any, Affine]) -> Affine:
    """The frame of a text's coordinates: the sheet's, or that of the symbol it labels. `known` keeps those by item."""
    if not habits.labels_in_symbol or node.tag != "Text":
        return sheet
    try:
        item = labelled(node)
        if item is None:
            return sheet
        if item not in known:
            around = symbol_frame(item)
            known[item] = sheet if around is None else sheet.after(around)
    except NotANumber:
        return sheet  # counted where the symbol is placed
    return known[item]


def _enlarged(arc: Arc, enlarge: Affine) -> Arc:
    turn = math.radians(arc.rotation_deg)
    c, s = math.cos(turn), math.sin(turn)
    own = enlarge.after(Affine(c, s, -s, c, 0.0, 0.0))._replace(e=arc.centre[0], f=arc.centre[1])
    image = ellipse(own, arc.rx, arc.ry, arc.start_deg, arc.sweep_deg)
    return replace(
        arc,
        rx=image.rx,
        ry=image.ry,
        rotation_deg=image.rotation_deg,
        start_deg=image.start_deg,
        sweep_deg=image.sweep_deg,
    )


class _Ends:
    """Points, found by place."""

    def __init__(self, points: Iterable[Point]) -> None:
        self._near: defaultdict[tuple[int, int], list[Point]] = defaultdict(list)
        for point in points:
            self._near[self._cell(point)].append(point)

    def has(self, wanted: Point) -> bool:
        """Whether one of them lies at `wanted`."""
        column, row = self._cell(wanted)
        cells = ((column + i, row + j) for i in (-1, 0, 1) for j in (-1, 0, 1))
        return any(math.dist(wanted, end) < _MEETS_MM for cell in cells for end in self._near.get(cell, ()))

    @staticmethod
    def _cell(point: Point) -> tuple[int, int]:
        return math.floor(point[0] / _MEETS_MM), math.floor(point[1] / _MEETS_MM)


def _meets(arc: Arc, ends: _Ends) -> bool:
    return ends.has(arc.at(arc.start_deg)) and ends.has(arc.at(arc.start_deg + arc.sweep_deg))
