"""What is under the cursor, and what lies next in a direction. Plain geometry, no Qt."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from pid_renderer.binding import Binding
from pid_renderer.drawing import Box, Drawing, Point, Polyline

Way = Literal["left", "right", "up", "down"]
_PIPE_REACH_PX = 6.0


@dataclass(frozen=True)
class Target:
    """Something that can be pointed at."""

    code: str
    box: Box


class Targets:
    """All elements of a sheet that carry a code."""

    def __init__(self, drawing: Drawing, binding: Binding) -> None:
        self.symbols: dict[str, Target] = {}
        self._pipes: list[tuple[str, Polyline]] = []
        for code, id_ in binding.element_ids.items():
            element = drawing.elements[id_]
            if element.box is not None and element.family not in ("pipe", "signal line", "other"):
                self.symbols[code] = Target(code, element.box)
        for item in drawing.primitives:
            if isinstance(item, Polyline) and item.pipe:
                owner = drawing.elements.get(item.owner)
                while owner is not None and owner.id not in binding.code_of:
                    owner = drawing.elements.get(owner.parent)
                if owner is not None:
                    self._pipes.append((binding.code_of[owner.id], item))

    def at(self, point: Point, scale: float, smallest_px: float) -> str:
        """Code of the symbol under `point` (mm), else of the pipe; each is at least `smallest_px` wide and high."""
        reach = smallest_px / scale
        best, best_distance = "", math.inf
        for target in self.symbols.values():
            box = target.box
            if box.grown(max(0.0, (reach - min(box.width, box.height)) / 2)).meets(Box(*point, *point)):
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
        for code, run in self._pipes:
            if run.box.grown(near).meets(Box(*point, *point)) and _distance(point, run.points) <= near:
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


def _distance(point: Point, line: Iterable[Point]) -> float:
    points = list(line)
    return min(_to_piece(point, a, b) for a, b in pairwise(points))


def _to_piece(p: Point, a: Point, b: Point) -> float:
    dx, dy = b[0] - a[0], b[1] - a[1]
    square = dx * dx + dy * dy
    t = 0.0 if square == 0 else min(1.0, max(0.0, ((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / square))
    return math.hypot(p[0] - a[0] - t * dx, p[1] - a[1] - t * dy)
