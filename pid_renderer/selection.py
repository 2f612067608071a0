"""Where the corners stand that mark a selection: round the symbol, clear of every text and value."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from itertools import product
from typing import Final, NamedTuple

from pid_renderer import ink
from pid_renderer.drawing import Box, Element, Text
from pid_renderer.live_sheet import LiveSheet
from pid_renderer.plate import Plate
from pid_renderer.plates import state_of
from pid_renderer.sheet_layers import SheetLayer, layer_of
from pid_renderer.sheet_obstacles import ink_box
from pid_renderer.sheet_painter import SMALLEST_TEXT_PX, detail_of
from pid_renderer.value_form import State
from pid_renderer.view import View

OFF_PX: Final = 6.0
_SHORTEST_PX, _LONGEST_PX, _OF_SIDE = 7.0, 18.0, 0.2
_OFF_PX: Final = (OFF_PX, 3.0, 1.0)
"""How far off a side stands: closer where a neighbour's text leaves no more."""
_CLEAR_PX: Final = 1.0
_ABOVE_DIGITS: Final = 0.25
"""Of the room of a value, what is free above its digits and below."""
_NEAR_MM: Final = 40.0


def arm_px(frame: Box) -> float:
    """How long the arms of the corners of a frame are."""
    return max(_SHORTEST_PX, min(_LONGEST_PX, _OF_SIDE * min(frame.width, frame.height)))


class Selection:
    """The frame of what is selected; what stands round it is looked up once for each."""

    def __init__(self) -> None:
        self._framed: Framed | None = None

    def frame(self, live: LiveSheet, code: str, view: View) -> Box | None:
        """Where the corners stand, in pixels of the window; None for nothing, or what draws nothing."""
        element = live.element(code) if code else None
        if element is None or element.box is None:
            self._framed = None
            return None
        if self._framed is None or self._framed.live is not live or self._framed.element is not element:
            self._framed = Framed(live, element, element.box)
        return self._framed.frame(view)


class _Words(NamedTuple):
    """A text of the drawing near an element."""

    box: Box
    """Millimetres."""
    mine: bool
    height_mm: float
    from_zoom: float
    layer: SheetLayer | None


class Framed:
    """The frame of one element: with those of its own texts and values inside that it would cross."""

    def __init__(self, live: LiveSheet, element: Element, box: Box) -> None:
        self.live, self.element, self._box = live, element, box
        near = box.grown(_NEAR_MM)
        drawing = live.drawing
        mine = {element.id, *drawing.children_of.get(element.id, ())}
        self._words: list[_Words] = []
        for item in drawing.primitives:
            if isinstance(item, Text) and item.text.strip() and item.box.meets(near):
                text = ink_box(item, strong=ink.text_token(drawing, item) == "text.primary")
                if not box.holds(text):
                    detail, layer = detail_of(item, drawing), layer_of(item, drawing)
                    self._words.append(_Words(text, item.owner in mine, item.height_mm, detail, layer))
        self._plates = [p for p in live.plates if p.vessel is None and p.anchor.box.meets(near)]
        self._made_for: Hashable = None
        self._frame = box

    def frame(self, view: View) -> Box:
        """Where the corners stand now, in pixels of the window; a mere pan only moves them."""
        shown = [(plate.shown, plate.shift_mm) for plate in self._plates if not plate.hidden]
        wanted = view.scale, self.live.hidden, tuple(shown)
        if wanted != self._made_for:
            self._made_for, self._frame = wanted, self._found(View(view.scale, 0.0, 0.0))
        frame, x, y = self._frame, view.x, view.y
        return Box(frame.left + x, frame.top + y, frame.right + x, frame.bottom + y)

    def _found(self, view: View) -> Box:
        own, others = self._around(view)
        symbol = body = view.box_px(self._box)
        for _ in own:
            crossed = [box for box in own if _crosses(body.grown(OFF_PX), box)]
            if not crossed:
                break
            for box in crossed:
                body = body.union(box)
        frames = (
            Box(each.left - side, each.top - above, each.right + side, each.bottom + below)
            for each in (body, symbol)
            for side, above, below in product(_OFF_PX, repeat=3)
        )
        texts = [box for box in (*own, *others) if box.meets(body.grown(OFF_PX + _CLEAR_PX))]
        best, least = body, len(texts) + 1
        for frame in frames:
            count = sum(_crosses(frame, text) for text in texts)
            if count < least:
                best, least = frame, count
            if not count:
                break
        return best

    def _around(self, view: View) -> tuple[Sequence[Box], Sequence[Box]]:
        """Texts and values in sight of the element itself, and of its neighbours, in pixels."""
        live, scale = self.live, view.scale
        found = [
            (words.mine, words.box)
            for words in self._words
            if words.from_zoom <= scale / live.scale_100
            and words.height_mm * scale >= SMALLEST_TEXT_PX
            and words.layer not in live.hidden
        ]
        found += [(self._is_own(plate), self._written(plate, scale)) for plate in self._plates if not plate.hidden]
        own = [view.box_px(box) for mine, box in found if mine]
        return own, [view.box_px(box) for mine, box in found if not mine]

    def _written(self, plate: Plate, scale: float) -> Box:
        """What a value takes, mm: its box, or where it has none its digits."""
        box = self.live.plate_box(plate, scale)
        if state_of(plate.shown) is not State.CALM:
            return box
        less = _ABOVE_DIGITS * box.height
        return box._replace(top=box.top + less, bottom=box.bottom - less)

    def _is_own(self, plate: Plate) -> bool:
        return self.live.binding.element_ids.get(plate.code) == self.element.id


def _crosses(frame: Box, text: Box) -> bool:
    """Whether one of the four corners runs through a text."""
    arm, box = arm_px(frame), text.grown(_CLEAR_PX)
    for x, sx in ((frame.left, 1.0), (frame.right, -1.0)):
        for y, sy in ((frame.top, 1.0), (frame.bottom, -1.0)):
            if box.meets(Box(min(x, x + sx * arm), y, max(x, x + sx * arm), y)):
                return True
            if box.meets(Box(x, min(y, y + sy * arm), x, max(y, y + sy * arm))):
                return True
    return False
