"""What lies up- and downstream of something on one sheet: elements, and the very lines that join them. No Qt."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal

from pid_renderer.drawing import Drawing, Element, Point, Polyline
from pid_renderer.plant_graph import PlantGraph

Direction = Literal["up", "down", "both"]
_JOINED_WITHIN_MM: Final = 0.6
"""Files round the ends of lines and the places of nozzles each on its own."""


@dataclass(frozen=True)
class Line:
    """A pipe's centre line, its points in the direction of the flow."""

    points: tuple[Point, ...]
    upstream: bool


@dataclass(frozen=True)
class Route:
    """Ids are the drawing's element ids, nearest first."""

    starts: tuple[str, ...]
    up: tuple[str, ...]
    down: tuple[str, ...]
    lines: tuple[Line, ...]
    instruments: tuple[str, ...] = ()
    """What measures or acts on the way."""
    pipes: tuple[str, ...] = ()
    """Piping segments it runs along, all of them or a part."""

    @property
    def elements(self) -> tuple[str, ...]:
        """All of it, the start first."""
        return tuple(dict.fromkeys((*self.starts, *self.up, *self.down)))

    def joined(self, other: Route) -> Route:
        """Both routes of one sheet."""
        return Route(
            tuple(dict.fromkeys((*self.starts, *other.starts))),
            tuple(dict.fromkeys((*self.up, *other.up))),
            tuple(dict.fromkeys((*self.down, *other.down))),
            tuple(dict.fromkeys((*self.lines, *other.lines))),
            tuple(dict.fromkeys((*self.instruments, *other.instruments))),
            tuple(dict.fromkeys((*self.pipes, *other.pipes))),
        )

    @cached_property
    def bright(self) -> frozenset[str]:
        """Elements, instruments and pipes on the way."""
        return frozenset((*self.elements, *self.instruments, *self.pipes))


def follow(graph: PlantGraph, starts: Iterable[str], direction: Direction) -> Route:
    """The route from elements (ids). An instrument stands for what it measures, an actuator for its valve.

    Raises KeyError for an id that is not on the sheet.
    """
    drawing = graph.drawing
    first = tuple(dict.fromkeys(id_ for start in starts for id_ in _in_the_flow(graph, drawing.elements[start])))
    segments = {id_ for id_ in first if drawing.elements[id_].family == "pipe"}
    steps = [step for step in drawing.connections if step.segment in segments]
    ends_up = [id_ for id_ in first if id_ not in segments] + [step.source for step in steps]
    ends_down = [id_ for id_ in first if id_ not in segments] + [step.target for step in steps]
    up = _reached(ends_up, graph.upstream, first, with_ends=bool(steps)) if direction != "down" else ()
    down = _reached(ends_down, graph.downstream, first, with_ends=bool(steps)) if direction != "up" else ()
    way = {*first, *up, *down}
    crossed = {step.segment for step in drawing.connections if step.source in way and step.target in way}
    instruments = [
        source
        for source, target, kind in graph.graph.edges(data="kind")
        if kind in ("measures", "controls") and target in way | crossed and source not in way
    ]
    lines = tuple(_lines(drawing, first, segments, up, down))
    return Route(first, up, down, lines, tuple(dict.fromkeys(instruments)), tuple(sorted(crossed | segments)))


def _in_the_flow(graph: PlantGraph, element: Element) -> list[str]:
    """The element itself where fluid passes it, else what it measures or belongs to; a system means its pipes."""
    drawing = graph.drawing
    if element.family in ("instrument", "signal line"):
        measured = [
            target
            for _, target, kind in graph.graph.out_edges(element.id, data="kind")
            if kind in ("measures", "controls")
        ]
        return [id_ for target in measured for id_ in _in_the_flow(graph, drawing.elements[target])] or [element.id]
    if element.family == "actuator" and element.parent in drawing.elements:
        return [element.parent]
    if element.family == "pipe" and not any(step.segment == element.id for step in drawing.connections):
        inside = [id_ for id_ in drawing.children_of.get(element.id, ()) if drawing.elements[id_].family == "pipe"]
        return inside or [element.id]
    return [element.id]


def _reached(
    ends: Iterable[str], query: Callable[[str], list[str]], first: tuple[str, ...], *, with_ends: bool
) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for end in dict.fromkeys(ends):
        if with_ends:
            found[end] = None
        found.update(dict.fromkeys(query(end)))
    return tuple(id_ for id_ in found if id_ not in first)


def _lines(
    drawing: Drawing, first: tuple[str, ...], segments: set[str], up: tuple[str, ...], down: tuple[str, ...]
) -> Iterable[Line]:
    """The centre lines whose both ends the route touches."""
    above, below = {*first, *up}, {*first, *down}
    at = _Ports(drawing)
    steps = {(step.source, step.target) for step in drawing.connections}
    touched = {
        s.segment: s for s in drawing.connections if {s.source, s.target} <= above or {s.source, s.target} <= below
    }
    for item in drawing.primitives:
        if not isinstance(item, Polyline) or not item.pipe or drawing.elements.get(item.owner) is None:
            continue
        segment = item.owner
        if segment not in touched and segment not in segments:
            continue
        begin, end = at.near(item.points[0]), at.near(item.points[-1])
        own = segment in segments
        if (
            not own
            and not (_touches(begin, above) and _touches(end, above))
            and not (_touches(begin, below) and _touches(end, below))
        ):
            continue
        upstream = not own and not (_touches(begin, below) and _touches(end, below))
        backwards = any((b, a) in steps for a in begin for b in end) and not any(
            (a, b) in steps for a in begin for b in end
        )
        yield Line(item.points[::-1] if backwards else item.points, upstream)


def _touches(elements: list[str], reached: set[str]) -> bool:
    """Whether an end lies on the route; an end that joins nothing known does not speak against it."""
    return not elements or any(id_ in reached for id_ in elements)


class _Ports:
    """Elements by where their connection points are."""

    def __init__(self, drawing: Drawing) -> None:
        self._cells: dict[tuple[int, int], list[tuple[Point, str]]] = {}
        for id_, points in drawing.ports.items():
            for point in points:
                self._cells.setdefault((round(point[0]), round(point[1])), []).append((point, id_))

    def near(self, point: Point) -> list[str]:
        """Elements with a connection point at `point`."""
        x, y = round(point[0]), round(point[1])
        return [
            id_
            for column in (x - 1, x, x + 1)
            for row in (y - 1, y, y + 1)
            for place, id_ in self._cells.get((column, row), ())
            if abs(place[0] - point[0]) <= _JOINED_WITHIN_MM and abs(place[1] - point[1]) <= _JOINED_WITHIN_MM
        ]
