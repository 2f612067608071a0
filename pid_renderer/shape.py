"""The geometry a live symbol fills: taken from the strokes the file draws for it, so live and static always agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import atan2, cos, hypot, radians, sin
from typing import Final

from pid_renderer.drawing import Arc, Box, Drawing, Element, Point, Polyline, Primitive, Text, box_around, union

_ROOF_CLASSES: Final = ("FloatingRoof",)
_MOST: Final = 0.6
"""Of a symbol's extent: an outline that takes as much is its body."""
_AT_RIM: Final = (0.55, 1.1)
"""Where the corners of a pump's triangle stand, in radii of its circle."""
_SMALL: Final = 0.5
_CURVED: Final = 5
"""Points from which on a line is a curve."""


@dataclass(frozen=True)
class Shape:
    """What can be filled in one element's symbol; sheet millimetres."""

    box: Box
    """Extent of the symbol."""
    shell: Box
    """What a level fills: between the walls of a tank, all of a drum or sphere."""
    silhouette: tuple[Point, ...]
    """Outline of the inside, a convex polygon."""
    circle: tuple[Point, float] | None
    """Centre and radius of the largest full circle."""
    polygons: tuple[tuple[Point, ...], ...]
    """Closed outlines, such as the halves of a valve."""
    arrow: tuple[Point, ...]
    """The triangle inside a circle that shows where a pump delivers, its tip second; empty where there is none."""
    floating_roof: bool
    rotation_deg: float

    def moved(self, dx: float, dy: float) -> Shape:
        """The same shape elsewhere, by millimetres."""

        def points(old: Sequence[Point]) -> tuple[Point, ...]:
            return tuple((x + dx, y + dy) for x, y in old)

        return replace(
            self,
            box=self.box.moved(dx, dy),
            shell=self.shell.moved(dx, dy),
            silhouette=points(self.silhouette),
            circle=None if self.circle is None else (points([self.circle[0]])[0], self.circle[1]),
            polygons=tuple(points(polygon) for polygon in self.polygons),
            arrow=points(self.arrow),
        )


def pointer(shape: Shape, *, small: bool = False) -> tuple[Point, ...]:
    """The triangle of a pump that looks where the file's own arrow looks: to the side of the discharge."""
    (x, y), r = shape.circle or (shape.box.centre, min(shape.box.width, shape.box.height) / 2)
    r *= _SMALL if small else 1.0
    turn = radians(shape.rotation_deg)
    if shape.arrow:
        tip = shape.arrow[1]
        turn = atan2(tip[1] - y, tip[0] - x)
    return tuple(
        (x + r * (u * cos(turn) - v * sin(turn)), y + r * (u * sin(turn) + v * cos(turn)))
        for u, v in ((-0.36, -0.56), (0.66, 0.0), (-0.36, 0.56))
    )


def is_arrow(item: Primitive, shape: Shape) -> bool:
    """Whether a stroke is the file's own pointer, or a part of it: the live one stands for it."""
    corners = {(round(x, 2), round(y, 2)) for x, y in shape.arrow}
    return isinstance(item, Polyline) and {(round(x, 2), round(y, 2)) for x, y in item.points} <= corners


def parts(drawing: Drawing, element: Element) -> tuple[str, ...]:
    """Ids of the element and of what stands inside it: trays, a tube bundle, an impeller. A live symbol draws all."""
    found = [element.id]
    for id_ in found:
        found += [child for child in drawing.children_of.get(id_, ()) if drawing.elements[child].family == "other"]
    return tuple(found)


def strokes_of(drawing: Drawing, element: Element) -> list[Polyline | Arc]:
    """The lines and arcs of the element and of what stands inside it."""
    return [
        item
        for id_ in parts(drawing, element)
        for item in drawing.primitives_of.get(id_, ())
        if not isinstance(item, Text)
    ]


def body(shape: Shape) -> tuple[Point, ...]:
    """What a symbol fills to say that it works: the largest closed outline, where it is most of the symbol."""
    largest = max(shape.polygons, key=_area, default=())
    around = box_around(largest) if largest else None
    if around is not None and around.width * around.height >= _MOST * shape.box.width * shape.box.height:
        return largest
    return shape.silhouette


def _area(corners: Sequence[Point]) -> float:
    """Of a polygon, by the shoelace formula."""
    turns = pairwise((*corners, corners[0]))
    return abs(sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in turns)) / 2


def shape_of(drawing: Drawing, element: Element) -> Shape | None:
    """The shape of an element; None where the file draws nothing for it."""
    strokes = strokes_of(drawing, element)
    if not strokes or element.box is None:
        return None
    box = union(item.box for item in strokes)
    if box is None:
        return None
    circle = _circle(strokes, box)
    shell, silhouette = _inside(element, strokes, box, circle)
    return Shape(
        box=box,
        shell=shell,
        silhouette=silhouette,
        circle=circle,
        polygons=tuple(
            item.points for item in strokes if isinstance(item, Polyline) and item.closed and not item.filled
        ),
        arrow=_arrow(strokes, circle),
        floating_roof=has_floating_roof(drawing, element),
        rotation_deg=element.placement.rotation_deg if element.placement else 0.0,
    )


def roof_parts(drawing: Drawing, element: Element) -> tuple[str, ...]:
    """Ids of the children that draw a floating roof at a fixed height: a live tank draws it where it is."""
    return tuple(
        id_ for id_ in drawing.children_of.get(element.id, ()) if drawing.elements[id_].component_class in _ROOF_CLASSES
    )


def has_floating_roof(drawing: Drawing, element: Element) -> bool:
    """Whether the roof rides on the liquid."""
    if roof_parts(drawing, element):
        return True
    words = f"{element.symbol} {element.component_class} {element.text('RoofType')}".lower().replace("_", "")
    return "floatingroof" in words


def _circle(strokes: Sequence[Polyline | Arc], box: Box) -> tuple[Point, float] | None:
    best: tuple[Point, float] | None = None
    for item in strokes:
        if not isinstance(item, Arc) or not item.whole or abs(item.rx - item.ry) >= 0.05 * item.rx:
            continue
        if 2 * item.rx >= 0.5 * min(box.width, box.height) and (best is None or item.rx > best[1]):
            best = (item.centre, item.rx)
    return best


def _inside(
    element: Element, strokes: Sequence[Polyline | Arc], box: Box, circle: tuple[Point, float] | None
) -> tuple[Box, tuple[Point, ...]]:
    if circle is not None:
        (x, y), r = circle
        ring = Arc("", "equipment", (x, y), r, r, 0.0, 0.0, 360.0, strokes[0].stroke)
        return Box(x - r, y - r, x + r, y + r), ring.sampled(5.0)
    if element.family == "tank":
        walls = _walls(strokes, box)
        if walls is not None:
            (left, top, right, bottom) = walls
            above = _dish(strokes, (left, top), (right, top), -1.0)
            below = _dish(strokes, (left, bottom), (right, bottom), 1.0)
            deepest = max((y for _, y in below), default=bottom)
            outline = ((left, top), *above, (right, top), (right, bottom), *below[::-1], (left, bottom))
            return Box(left, top, right, deepest), tuple(dict.fromkeys(outline))
    points = [
        point
        for item in strokes
        for point in (item.points if isinstance(item, Polyline) else item.sampled() if isinstance(item, Arc) else ())
    ]
    hull = convex_hull(points)
    return box_around(hull), hull


def _walls(strokes: Sequence[Polyline | Arc], box: Box) -> Box | None:
    """The box between the two outermost long upright lines."""
    uprights: list[tuple[float, float, float]] = []
    for item in strokes:
        if not isinstance(item, Polyline):
            continue
        points = (*item.points, item.points[0]) if item.closed else item.points
        for (x0, y0), (x1, y1) in pairwise(points):
            if abs(x1 - x0) < 0.01 * box.width and abs(y1 - y0) > 0.4 * box.height:
                uprights.append((x0, min(y0, y1), max(y0, y1)))
    if not uprights:
        return None
    left, right = min(uprights), max(uprights)
    if right[0] - left[0] < 0.5 * box.width:
        return None
    return Box(left[0], max(left[1], right[1]), right[0], min(left[2], right[2]))


def _dish(strokes: Sequence[Polyline | Arc], left: Point, right: Point, way: float) -> tuple[Point, ...]:
    """The curve from the end of one wall to that of the other, left to right: a dished end; empty for none.

    `way` is -1 above the walls, +1 below. A cone is no dish: it holds no liquid, and a tank is not filled into it.
    """
    near = 0.04 * (right[0] - left[0])
    for item in strokes:
        points = item.points if isinstance(item, Polyline) else item.sampled()
        if len(points) < _CURVED or (isinstance(item, Polyline) and item.closed):
            continue
        if points[0][0] > points[-1][0]:
            points = points[::-1]
        joined = all(hypot(a[0] - b[0], a[1] - b[1]) <= near for a, b in ((points[0], left), (points[-1], right)))
        if (
            joined
            and all(way * (y - left[1]) >= -near for _, y in points)
            and len({round(y, 3) for _, y in points}) > 2
        ):
            return points[1:-1]
    return ()


def _arrow(strokes: Sequence[Polyline | Arc], circle: tuple[Point, float] | None) -> tuple[Point, ...]:
    """The three corners of a triangle in the circle, its tip in the middle: drawn open, closed or as two strokes."""
    if circle is None:
        return ()
    (x, y), r = circle
    corners: list[Point] = []
    for item in strokes:
        if not isinstance(item, Polyline):
            continue
        points = tuple(dict.fromkeys(item.points))
        if not all(_AT_RIM[0] * r <= hypot(px - x, py - y) <= _AT_RIM[1] * r for px, py in points):
            continue
        if len(points) == 3:
            return points if not item.closed and item.points[0] != item.points[-1] else _tip_between(points)
        if len(points) == 2:
            corners.extend(points)
    # Two separate strokes that meet at the rim draw the same arrow.
    distinct = list(dict.fromkeys((round(px, 3), round(py, 3)) for px, py in corners))
    return _tip_between(tuple(distinct)) if len(distinct) == 3 else ()


def _tip_between(corners: tuple[Point, ...]) -> tuple[Point, ...]:
    """A triangle's corners with its tip between the others: the one whose two sides are most nearly equal."""

    def unlike(n: int) -> float:
        (x, y), (ax, ay), (bx, by) = corners[n], corners[n - 1], corners[n - 2]
        return abs(hypot(ax - x, ay - y) - hypot(bx - x, by - y))

    tip = min(range(3), key=unlike)
    return corners[tip - 1], corners[tip], corners[tip - 2]


def convex_hull(points: Sequence[Point]) -> tuple[Point, ...]:
    """The convex polygon around `points` (Andrew's monotone chain, 1979)."""
    ordered = sorted(set(points))
    if len(ordered) < 3:
        return tuple(ordered)

    def half(chain: Sequence[Point]) -> list[Point]:
        kept: list[Point] = []
        for point in chain:
            while len(kept) >= 2 and _turn(kept[-2], kept[-1], point) <= 0:
                kept.pop()
            kept.append(point)
        return kept[:-1]

    return tuple(half(ordered) + half(ordered[::-1]))


def _turn(a: Point, b: Point, c: Point) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
