"""Pipes whose file leaves out where they begin or end, joined to what stands at the end of their line.

AVEVA and Comos leave the end out where a line changes its specification, though the drawing goes on.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from pid_renderer.drawing import Connection, Element, Link, Point, Polyline, Primitive

_NEAR_MM: Final = 0.6
"""Lines end at a component's connection point up to rounding."""
_JOINED: Final = frozenset({"nozzle", "piping component", "connector"})


def joined(
    elements: Mapping[str, Element],
    primitives: Iterable[Primitive],
    ports: Mapping[str, Sequence[Point]],
    connections: Sequence[Connection],
    links: Sequence[Link],
) -> tuple[list[Connection], list[Link]]:
    """The connections that close open ends, and the links without those ends.

    An end is closed only where nothing is in doubt: the pipe has one open end, its known end stands at its line too,
    and a single other element does; or its last component is the first of another pipe.
    """
    opened: defaultdict[str, list[Link]] = defaultdict(list)
    for link in links:
        if link.kind in ("open before", "open after"):
            opened[link.source].append(link)
    members: defaultdict[str, set[str]] = defaultdict(set)
    directed: dict[str, bool] = {}
    for joint in connections:
        members[joint.segment] |= {joint.source, joint.target}
        directed[joint.segment] = joint.directed
    at = _Places((id_, point) for id_, points in ports.items() if elements[id_].kind in _JOINED for point in points)
    tips: defaultdict[str, list[Point]] = defaultdict(list)
    for item in primitives:
        if isinstance(item, Polyline) and item.pipe and len(opened.get(item.owner, ())) == 1:
            tips[item.owner] += [item.points[0], item.points[-1]]
    found, closed = [], set()
    for segment, points in tips.items():
        (link,) = opened[segment]
        here = {id_ for point in points for id_ in at.near(point)}
        others = here - members[segment] - {link.target}
        if link.target in here and len(others) == 1:
            (other,) = others
            ends = (other, link.target) if link.kind == "open before" else (link.target, other)
            found.append(Connection(*ends, segment, directed.get(segment, True)))
            closed.add(link)
    onward = {step.source for step in (*connections, *found)}
    arrived = {step.target for step in (*connections, *found)}
    for link in (link for ends in opened.values() for link in ends):
        # A pipe that ends at a valve which another pipe leaves is not open there; a tee may have a branch that is.
        passed = link.target in (arrived if link.kind == "open before" else onward)
        if passed and elements[link.target].kind == "piping component" and not _branches(elements[link.target]):
            closed.add(link)
    return found, [link for link in links if link not in closed]


def _branches(element: Element) -> bool:
    return "Tee" in element.component_class or "Branch" in element.component_class


class _Places:
    """Elements by where their connection points lie."""

    def __init__(self, ports: Iterable[tuple[str, Point]]) -> None:
        self._cells: defaultdict[tuple[int, int], list[tuple[str, Point]]] = defaultdict(list)
        for id_, point in ports:
            self._cells[self._cell(point)].append((id_, point))

    def near(self, point: Point) -> set[str]:
        """Ids of the elements with a connection point at `point`."""
        column, row = self._cell(point)
        around = ((column + i, row + j) for i in (-1, 0, 1) for j in (-1, 0, 1))
        return {id_ for cell in around for id_, at in self._cells.get(cell, ()) if math.dist(at, point) < _NEAR_MM}

    @staticmethod
    def _cell(point: Point) -> tuple[int, int]:
        return math.floor(point[0] / _NEAR_MM), math.floor(point[1] / _NEAR_MM)
