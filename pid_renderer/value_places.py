"""Where values stand: in the drawing's own labels, else beside their symbol where they cover least. No Qt."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, Literal

from pid_renderer.drawing import Anchor, Box, Drawing, Element, Text
from pid_renderer.free_room import room_of
from pid_renderer.ink import reading_scale
from pid_renderer.shape import parts

_WIDE_PX, _HIGH_PX, _GAP_PX = 64.0, 20.0, 4.0
"""A value of six characters with its unit, at 100 %."""
_GROWS: Final = 0.75
"""Of its width: what a box, a badge or a deviation adds at either side of a value that is not normal."""
_SELDOM: Final = 40.0
"""What it costs to stand where a value may grow to."""
_LIVE_NAME: Final = re.compile(
    r"(?:Measured|Actual|Current|Live|Process)"
    r"(Value|Variable|Level|Temperature|Pressure|Flow|FlowRate|Position|Speed|Power|Duty)$"
)
_ROLES: Final = {"Value": "", "Variable": "", "FlowRate": "flow"}


def own_labels(drawing: Drawing) -> Iterator[Anchor]:
    """Places of text templates that show what only a live plant can fill in: `[MeasuredValue]`, `[ActualLevel]`."""
    for item in drawing.primitives:
        if not isinstance(item, Text) or not item.refers_to or item.text.strip():
            continue
        name = item.attribute.strip("[] ").removesuffix("AssignmentClass")
        found = _LIVE_NAME.match(name)
        if found is not None:
            role = _ROLES.get(found[1], found[1].lower())
            x, y = item.at
            wide, high = 6 * 0.55 * item.height_mm, item.height_mm
            left = {"left": x, "center": x - wide / 2, "right": x - wide}[item.horizontal]
            top = {"top": y, "center": y - high / 2, "bottom": y - high}[item.vertical]
            yield Anchor(item.refers_to, role, "", Box(left, top, left + wide, top + high), item.horizontal)


def beside(drawing: Drawing, element: Element, box: Box, role: str = "") -> Anchor:
    """Room for a value beside the symbol in `box`, which is taken from then on.

    Right or left of an instrument, below or above a machine first.
    """
    px = 1.0 / reading_scale(drawing)
    wide, high, gap = _WIDE_PX * px, _HIGH_PX * px, _GAP_PX * px
    (x, y), room = box.centre, room_of(drawing)

    def place(left: float, top: float, horizontal: Literal["left", "center", "right"]) -> Anchor:
        return Anchor(element.id, role, "", Box(left, top, left + wide, top + high), horizontal)

    far, level = gap + high, y - high / 2
    right, left = place(box.right + gap, level, "left"), place(box.left - gap - wide, level, "right")
    below, above = place(x - wide / 2, box.bottom + gap, "center"), place(x - wide / 2, box.top - gap - high, "center")
    further = (
        place(x - wide / 2, box.bottom + gap + far, "center"),
        place(box.right + far, level, "left"),
        place(box.left - far - wide, level, "right"),
    )
    places = (right, left, below, above) if element.family == "instrument" else (below, above, right, left, *further)
    boxes = [place.box for place in places]
    wider = [Box(box.left - _GROWS * wide, box.top, box.right + _GROWS * wide, box.bottom) for box in boxes]
    name = f"value of {element.id}"
    chosen = room.best(boxes, (*parts(drawing, element), name), wider)
    room.take(boxes[chosen], owner=name)
    room.take(wider[chosen], _SELDOM, name)
    return places[chosen]
