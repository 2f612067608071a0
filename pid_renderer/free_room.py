"""Where on a sheet something may stand without covering a text: badges and values look for their place here. No Qt."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import lru_cache
from itertools import pairwise
from math import floor
from typing import Final

from pid_renderer.drawing import Box, Drawing, Polyline, Text

_CELL_MM: Final = 25.0
_COARSER: Final = 16
"""How many times as long the cells of each next grid are."""
_MOST_CELLS: Final = 64
"""Cells of a grid that one thing may take; what is larger goes to a coarser one, however far a file draws."""
_TEXT, _SYMBOL, _LINE = 1000.0, 30.0, 1.0
"""What it costs to cover one: words are never worth covering, a pipe's line hardly matters."""
_SPARE: Final = 0.1
_MAY_GROW: Final = 0.01
SYMBOL_FAMILIES: Final = frozenset(
    {"tank", "vessel", "column", "pump", "compressor", "exchanger", "furnace", "agitator"}
    | {"valve", "actuator", "instrument", "connector"}
)
"""Of elements whose box is a symbol, with the letters in it."""

_Item = tuple[Box, float, str]
_Cell = tuple[int, int]
_Grid = dict[_Cell, list[_Item]]


class FreeRoom:
    """What the texts, the kept places, the symbols and the lines of one sheet take."""

    def __init__(self, drawing: Drawing) -> None:
        self._grids: dict[float, _Grid] = {_CELL_MM: {}}
        """By the length of their cells, mm."""
        for item in drawing.primitives:
            if isinstance(item, Text):
                if item.text.strip():
                    self.take(item.box, _TEXT, item.owner)
            elif isinstance(item, Polyline) and item.pipe:
                for (x0, y0), (x1, y1) in pairwise(item.points):
                    self.take(Box(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)), _LINE, item.owner)
        for element in drawing.elements.values():
            if element.box is not None and element.family in SYMBOL_FAMILIES:
                self.take(element.box, _SYMBOL, element.id)
        for anchor in drawing.anchors:
            # The number takes the middle of the room kept for it, and needs some air at its ends.
            box, spare = anchor.box, _SPARE * anchor.box.height
            self.take(Box(box.left - spare, box.top + spare, box.right + spare, box.bottom - spare))

    def take(self, box: Box, cost: float = _TEXT, owner: str = "") -> None:
        """From now on `box` is taken; to cover it costs `cost`. To take a place twice changes nothing."""
        item, cell_mm = (box, cost, owner), _CELL_MM
        cell = floor(box[0] / cell_mm), floor(box[1] / cell_mm)
        if cell == (floor(box[2] / cell_mm), floor(box[3] / cell_mm)):
            self._grids[cell_mm].setdefault(cell, []).append(item)
            return
        while _count(box, cell_mm) > _MOST_CELLS:
            cell_mm *= _COARSER
        grid = self._grids.setdefault(cell_mm, {})
        for cell in _cells(box, cell_mm):
            grid.setdefault(cell, []).append(item)

    def cost(self, box: Box, own: Collection[str] = ()) -> float:
        """What a thing in `box` would cover; what the elements `own` draw does not count."""
        found = {
            item
            for cell_mm, grid in self._grids.items()
            for cell in (grid if _count(box, cell_mm) > len(grid) else _cells(box, cell_mm))
            for item in grid.get(cell, ())
            if item[0].meets(box) and item[2] not in own
        }
        return sum(cost for _, cost, _ in found)

    def best(self, candidates: Sequence[Box], own: Collection[str] = (), wider: Sequence[Box] = ()) -> int:
        """Number of the first of the cheapest candidates. `wider` is what each may grow to, which weighs less."""
        best, least = 0, float("inf")
        for number, box in enumerate(candidates):
            cost = self.cost(box, own)
            if wider and cost < least:
                cost += _MAY_GROW * self.cost(wider[number], own)
            if cost == 0.0:
                return number
            if cost < least:
                best, least = number, cost
        return best


@lru_cache(maxsize=8)
def room_of(drawing: Drawing) -> FreeRoom:
    """The sheet's room, made when it is first asked for."""
    return FreeRoom(drawing)


WAYS: Final = ((-1.0, -1.0), (1.0, -1.0), (-1.0, 1.0), (1.0, 1.0), (-1.0, 0.0), (1.0, 0.0), (0.0, -1.0), (0.0, 1.0))
"""Corners and sides of a box, as steps from its middle."""


def around(box: Box, width: float, height: float, gap: float) -> list[Box]:
    """Places for something `width` × `height`, `gap` off a symbol, one for each of `WAYS`."""
    (x, y), places = box.centre, []
    for dx, dy in WAYS:
        px = x + dx * (box.width / 2 + gap + width / 2)
        py = y + dy * (box.height / 2 + gap + height / 2)
        places.append(Box(px - width / 2, py - height / 2, px + width / 2, py + height / 2))
    return places


def _count(box: Box, cell_mm: float) -> int:
    left, top, right, bottom = box
    wide = floor(right / cell_mm) - floor(left / cell_mm) + 1
    return wide * (floor(bottom / cell_mm) - floor(top / cell_mm) + 1)


def _cells(box: Box, cell_mm: float) -> list[_Cell]:
    left, top = floor(box[0] / cell_mm), floor(box[1] / cell_mm)
    right, bottom = floor(box[2] / cell_mm), floor(box[3] / cell_mm)
    return [(x, y) for x in range(left, right + 1) for y in range(top, bottom + 1)]
