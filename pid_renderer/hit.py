"""What is under the cursor, and what lies next in a direction. Plain geometry, no Qt."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Final, Literal, TypeVar

from pid_renderer.binding import LIVE_FAMILIES, Binding
from pid_renderer.drawing import Box, Drawing, Element, Point, Polyline

Way = Literal["left", "right", "up", "down"]
_PIPE_REACH_PX: Final = 6.0
_CELL_MM: Final = 40.0
_MOST_CELLS: Final = 4000
Cell = tuple[int, int] | None
_LARGE: Final = None
Thing = TypeVar("Thing")
_LINES: Final = frozenset({"pipe", "signal line", "other"})
_POINTED_AT_WITHOUT_TAG: Final = LIVE_FAMILIES | {"connector"}


@dataclass(frozen=True)
class Target:
    """Something that can be pointed at."""

    code: str
    """Its code; the element's id where it has none."""
    box: Box


class Targets:
    """All elements of a sheet that a hand may want, found by place."""

    def __init__(self, drawing: Drawing, binding: Binding) -> None:
        self.symbols: dict[str, Target] = {}
        self._symbol_cells: dict[Cell, list[Target]] = {}
        self._pipe_cells: dict[Cell, list[tuple[str, Polyline]]] = {}
        drawn = {id_: code for code, id_ in binding.element_ids.items()}
        for element in drawing.elements.values():
            if element.box is None or element.family in _LINES:
                continue
            code = drawn.get(element.id, "")
            if not code and element.id not in binding.code_of and element.family in _POINTED_AT_WITHOUT_TAG:
                code = element.id
            if code:
                target = self.symbols[code] = Target(code, element.box)
                for cell in _cells(element.box):
                    self._symbol_cells.setdefault(cell, []).append(target)
        for item in drawing.primitives:
            if isinstance(item, Polyline) and item.pipe and item.owner in drawing.elements:
                entry = (_code_of_line(drawing, binding, drawing.elements[item.owner]), item)
                for cell in _cells(item.box):
                    self._pipe_cells.setdefault(cell, []).append(entry)

    @cached_property
    def in_reading_order(self) -> list[str]:
        """Codes of all symbols by rows from the top, each row from the left."""
        return sorted(
            self.symbols,
            key=lambda code: (self.symbols[code].box.centre[1] // _CELL_MM, self.symbols[code].box.centre[0]),
        )

    def at(self, point: Point, scale: float, smallest_px: float) -> str:
        """Code of the symbol under `point` (mm), else of the pipe; each is at least `smallest_px` wide and high."""
        reach = smallest_px / scale
        here = Box(*point, *point)
        best, best_distance = "", math.inf
        for target in _near(self._symbol_cells, here.grown(reach / 2)):
            box = target.box
            if box.grown(max(0.0, (reach - min(box.width, box.height)) / 2)).meets(here):
                # The nearest centre wins, by the symbol's own size: a tank does not swallow what stands in it.
                distance = max(
                    abs(point[0] - box.centre[0]) / max(box.width, reach),
                    abs(point[1] - box.centre[1]) / max(box.height, reach),
                ) * math.sqrt(max(box.width, reach) * max(box.height, reach))
                if distance < best_distance:
                    best, best_distance = target.code, distance
        if best:
            return best
        near = _PIPE_REACH_PX / scale
        for code, run in _near(self._pipe_cells, here.grown(near)):
            if run.box.grown(near).meets(here) and _distance(point, run.points) <= near:
                return code
        return ""

    def next(self, code: str, way: Way) -> str:
        """The nearest symbol from `code` in a direction; the top left one where nothing is chosen."""
        if not self.symbols:
            return ""
        start = self.symbols.get(code)
        if start is None:
            return min(self.symbols.values(), key=lambda t: t.box.centre[0] + t.box.centre[1]).code
        x0, y0 = start.box.centre
        dx, dy = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}[way]
        best, best_cost = code, math.inf
        for target in self.symbols.values():
            x, y = target.box.centre[0] - x0, target.box.centre[1] - y0
            along, across = x * dx + y * dy, abs(x * dy) + abs(y * dx)
            if target.code != code and along > 0.5 and across <= 2.0 * along and along + 2 * across < best_cost:
                best, best_cost = target.code, along + 2 * across
        return best


def _code_of_line(drawing: Drawing, binding: Binding, owner: Element) -> str:
    """Code of the pipe, or of the nearest element around it that has one; else the pipe's id."""
    element: Element | None = owner
    while element is not None:
        if element.id in binding.code_of:
            return binding.code_of[element.id]
        element = drawing.elements.get(element.parent)
    return owner.id


def _cells(box: Box) -> Iterable[Cell]:
    """The cells a box meets; the one cell of all that is large where they are too many to walk."""
    columns = range(math.floor(box.left / _CELL_MM), math.floor(box.right / _CELL_MM) + 1)
    rows = range(math.floor(box.top / _CELL_MM), math.floor(box.bottom / _CELL_MM) + 1)
    if len(columns) * len(rows) > _MOST_CELLS:
        return [_LARGE]
    return [(x, y) for x in columns for y in rows]


def _near(index: dict[Cell, list[Thing]], box: Box) -> Iterator[Thing]:
    """Each thing in the cells that `box` meets, once."""
    seen: set[int] = set()
    cells = _cells(box)
    for cell in index if cells == [_LARGE] else (*cells, _LARGE):
        for thing in index.get(cell, ()):
            if id(thing) not in seen:
                seen.add(id(thing))
                yield thing


def _distance(point: Point, line: Iterable[Point]) -> float:
    points = list(line)
    return min(_to_piece(point, a, b) for a, b in pairwise(points))


def _to_piece(p: Point, a: Point, b: Point) -> float:
    dx, dy = b[0] - a[0], b[1] - a[1]
    square = dx * dx + dy * dy
    t = 0.0 if square == 0 else min(1.0, max(0.0, ((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / square))
    return math.hypot(p[0] - a[0] - t * dx, p[1] - a[1] - t * dy)
