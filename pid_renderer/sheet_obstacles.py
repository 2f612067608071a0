"""What of a drawing a printed value must not cover: its texts, such as line names; then symbols and pipes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from math import cos, radians, sin
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pid_renderer import ink
from pid_renderer.box_pairs import Boxes, Grid
from pid_renderer.drawing import Box, Drawing, Polyline, Text, box_around
from pid_renderer.free_room import SYMBOL_FAMILIES
from pid_renderer.paint_box import Weight, metrics, text_width
from pid_renderer.sheet_painter import SMALLEST_TEXT_PX, detail_of

TEXT_WEIGHT, SYMBOL_WEIGHT, LINE_WEIGHT = 30.0, 1.0, 0.5
"""What a pixel covered of each costs."""
_WEIGHTS: Final = (TEXT_WEIGHT, SYMBOL_WEIGHT, LINE_WEIGHT)
_CELL_PX: Final = 64.0
_REFERENCE_PX: Final = 100
_LINE_MM: Final = 0.2
_AT_A_TIME: Final = 200


class Obstacles(NamedTuple):
    """What no value should cover at one zoom."""

    boxes: Boxes
    """In pixels from the sheet's corner."""
    weight: NDArray[np.float64]
    """What covering a pixel of each costs; 0 for a text that is not shown."""
    is_text: NDArray[np.bool_]


class SheetObstacles:
    """The texts, symbols and pipes of one sheet, measured once."""

    def __init__(self, drawing: Drawing) -> None:
        self._drawing = drawing
        self._is_measured = False

    def measure(self) -> Iterator[None]:
        """Measure everything, in slices of a few milliseconds; needed before the first `at`."""
        if self._is_measured:
            return
        drawing = self._drawing
        symbols = {id_: each.box for id_, each in drawing.elements.items() if each.family in SYMBOL_FAMILIES}
        texts = [
            item
            for item in drawing.primitives
            # The letters in a symbol are a part of it.
            if isinstance(item, Text) and item.text.strip() and item.owner not in symbols
        ]
        boxes: list[Box] = []
        from_zoom: list[float] = []
        for text in texts:
            boxes.append(ink_box(text, strong=ink.text_token(drawing, text) == "text.primary"))
            from_zoom.append(detail_of(text, drawing))
            if len(boxes) % _AT_A_TIME == 0:
                yield
        parts, self._from_zoom = [boxes], np.array(from_zoom, np.float64)
        self._height_mm = np.array([text.height_mm for text in texts], np.float64)
        boxes = []
        for item in drawing.primitives:
            if isinstance(item, Polyline) and item.pipe:
                boxes += (box_around(ends).grown(_LINE_MM) for ends in pairwise(item.points))
                if len(boxes) % _AT_A_TIME == 0:
                    yield
        parts += [[box for box in symbols.values() if box is not None], boxes]
        yield
        self._boxes_mm = np.array([box for part in parts for box in part], np.float64).reshape(-1, 4)
        self._weight = np.repeat(_WEIGHTS, [len(part) for part in parts])
        self._is_text = self._weight == TEXT_WEIGHT
        yield
        self.grid = Grid(self._boxes_mm, _CELL_PX / ink.reading_scale(drawing))
        self._is_measured = True

    def at(self, zoom: float, scale: float) -> Obstacles:
        """As they stand at a zoom, `scale` px per mm."""
        weight = self._weight.copy()
        weight[: len(self._height_mm)] *= (self._from_zoom <= zoom) & (self._height_mm * scale >= SMALLEST_TEXT_PX)
        return Obstacles(self._boxes_mm * scale, weight, self._is_text)


def ink_box(text: Text, *, strong: bool) -> Box:
    """The extent (mm) of a text as the sheet paints it, from the capitals' top to the descenders."""
    weight: Weight = "semibold" if strong else "regular"
    rule = metrics(_REFERENCE_PX, weight, True)
    unit = text.height_mm / _REFERENCE_PX
    lines = text.text.split("\n")
    wide = max(text_width(line, _REFERENCE_PX, weight, True) for line in lines) * unit
    more = rule.height() * (len(lines) - 1)
    base = {
        "top": rule.ascent(),
        "center": rule.capHeight() / 2 - more / 2,
        "bottom": rule.ascent() - rule.height() - more + (rule.descent() if len(lines) == 1 else 0.0),
    }[text.vertical]
    top, bottom = (base - rule.capHeight()) * unit, (base + more + 0.8 * rule.descent()) * unit
    left = {"left": 0.0, "center": -wide / 2, "right": -wide}[text.horizontal]
    c, s = cos(radians(text.angle_deg)), sin(radians(text.angle_deg))
    corners = [(x, y) for x in (left, left + wide) for y in (top, bottom)]
    return box_around((text.at[0] + x * c - y * s, text.at[1] + x * s + y * c) for x, y in corners)
