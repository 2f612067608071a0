"""Where on a sheet something may stand without covering a text: badges and values look for their place here. No Qt."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from math import floor
from typing import Final

from pid_renderer.drawing import Box, Drawing, Polyline, Text

_CELL_MM: Final = 25.0
_TEXT, _SYMBOL, _LINE = 1000.0, 30.0, 1.0
"""What it costs to cover one: words are never worth covering, a pipe's line hardly matters."""
_SYMBOLS: Final = frozenset(
    {"tank", "vessel", "column", "pump", "compressor", "exchanger", "furnace", "agitator"}
    | {"valve", "actuator", "instrument", "connector"}
)


class FreeRoom:
    """What the texts, the kept places, the symbols and the lines of one sheet take."""

    def __init__(self, drawing: Drawing) -> None:
        self._cells: dict[tuple[int, int], list[tuple[Box, float, str]]] = {}
        for item in drawing.primitives:
            if isinstance(item, Text):
                if item.text.strip():
                    self.take(item.box, _TEXT, item.owner)
            elif isinstance(item, Polyline) and item.pipe:
                for (x0, y0), (x1, y1) in pairwise(item.points):
                    self.take(Box(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)), _LINE, item.owner)
        for element in drawing.elements.values():
            if element.box is not None and element.family in _SYMBOLS:
                self.take(element.box, _SYMBOL, element.id)
        for anchor in drawing.anchors:
            self.take(anchor.box, _TEXT, "")

    def take(self, box: Box, cost: float = _TEXT, owner: str = "") -> None:
        """From now on `box` is taken; to cover it costs `cost`."""
        for cell in _cells(box):
            self._cells.setdefault(cell, []).append((box, cost, owner))

    def cost(self, box: Box, own: Collection[str] = ()) -> float:
        """What a thing in `box` would cover; what the elements `own` draw does not count."""
        seen: set[int] = set()
        total = 0.0
        for cell in _cells(box):
            for item in self._cells.get(cell, ()):
                if item[0].meets(box) and item[2] not in own and id(item) not in seen:
                    seen.add(id(item))
                    total += item[1]
        return total

    def best(self, candidates: Iterable[Box], own: Collection[str] = ()) -> int:
        """Number of the first of the cheapest candidates."""
        best, least = 0, float("inf")
        for number, box in enumerate(candidates):
            cost = self.cost(box, own)
            if cost == 0.0:
                return number
            if cost < least:
                best, least = number, cost
        return best


@lru_cache(maxsize=8)
def room_of(drawing: Drawing) -> FreeRoom:
    """The sheet's room, made when it is first asked for."""
    return FreeRoom(drawing)


def around(box: Box, width: float, height: float, gap: float) -> Sequence[Box]:
    """Places for something `width` × `height` round a symbol: its corners, its sides, then one step further out."""
    left, right = box.left - gap - width, box.right + gap
    above, below = box.top - gap - height, box.bottom + gap
    x, y = box.centre[0] - width / 2, box.centre[1] - height / 2
    near = [(left, above), (right, above), (left, below), (right, below), (left, y), (right, y), (x, above), (x, below)]
    far = [(left - width, y), (right + width, y), (x, above - height), (x, below + height)]
    return [Box(px, py, px + width, py + height) for px, py in (*near, *far)]


def _cells(box: Box) -> Iterator[tuple[int, int]]:
    for x in range(floor(box.left / _CELL_MM), floor(box.right / _CELL_MM) + 1):
        for y in range(floor(box.top / _CELL_MM), floor(box.bottom / _CELL_MM) + 1):
            yield x, y
