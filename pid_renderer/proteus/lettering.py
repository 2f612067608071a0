"""Each Proteus `<Text>`: its lines, where they stand, how high and how wide they are."""

from __future__ import annotations

import math
from typing import Any, Final, Literal, NamedTuple

from pid_renderer.drawing import Layer, Point, Text
from pid_renderer.proteus.geometry import Affine, NotANumber, number, position
from pid_renderer.proteus.habits import Habits

CAPITALS: Final = 0.7
"""Height of a capital in font sizes: ISO 3098 lettering 0.7, Arial 0.716, IBM Plex Sans 0.698."""
_BEARINGS: Final = 0.14
"""Room beside a line's ink, both sides together, in font sizes."""

Horizontal = Literal["left", "center", "right"]
Vertical = Literal["top", "center", "bottom"]
_ACROSS: Final[dict[Horizontal, Horizontal]] = {"left": "right", "right": "left", "center": "center"}
_UPSIDE: Final[dict[Vertical, Vertical]] = {"top": "bottom", "bottom": "top", "center": "center"}


def text(
    node: Any, owner: str, layer: Layer, frame: Affine, habits: Habits, color: str, letter: float = 1.0
) -> Text | None:
    """The text of `node`, its height in `letter` units of the frame; None for one that shows nothing.

    Raises `NotANumber`.
    """
    own = position(node)
    if own is None:
        raise NotANumber("no position")
    refers_to, template = _reference(node)
    written = _string(node)
    if not written.strip() and not template:
        return None
    turned = _angle(node)
    if abs(turned) > 0.5 and abs(math.remainder(turned - own.direction_deg(0.0), 360.0)) < 0.5:
        # Comos writes the turn of a border's text twice; taken twice, it stands upside down and off the sheet.
        turned = 0.0
    place = frame.after(own)
    justification = node.get("Justification") or "LeftBottom"
    horizontal: Horizontal = (
        "center" if justification.startswith("Center") else "right" if justification.startswith("Right") else "left"
    )
    vertical: Vertical = (
        "top" if justification.endswith("Top") else "bottom" if justification.endswith("Bottom") else "center"
    )
    height = letter * number(node, "Height") * (1 / CAPITALS if habits.capitals else 1.0)
    at, width = (own.e, own.f), 0.0
    room = _room(node, own.direction_deg(turned), height, habits, written, vertical)
    if room is not None:
        # The extent is measured, the justification what a vendor's mapping made of it: AVEVA's differ by half a line.
        (x, y), (half_x, half_y) = room.middle, room.half
        side = {"left": -1.0, "center": 0.0, "right": 1.0}[horizontal]
        at, width, vertical = (x + side * half_x, y + side * half_y), room.width, "center"
    angle = (place.direction_deg(turned) + 180.0) % 360.0 - 180.0
    # Sheets run down, so a frame that is not mirrored turns the other way round than the file's own axes.
    if place.a * place.d - place.b * place.c > 0:
        vertical = _UPSIDE[vertical]
    if abs(angle) > 179.5 and abs(math.remainder(turned, 360.0)) < 0.5:
        # Upside down only comes from a mirrored or turned symbol here; people read such a text upright.
        angle, horizontal, vertical = 0.0, _ACROSS[horizontal], _UPSIDE[vertical]
    return Text(
        owner,
        layer,
        written,
        frame(*at),
        height * place.size,
        angle,
        horizontal,
        vertical,
        color,
        refers_to,
        template,
        width * place.size,
        (node.get("Font") or "").strip(),
    )


def _string(node: Any) -> str:
    """The attribute, or one child element a line."""
    lines = [line.get("Value") or line.text or "" for line in node.iterfind("String")]
    written = node.get("String") or "\n".join(lines)
    return written.replace("\r\n", "\n").replace("\r", "\n").replace("\\n", "\n")


def _reference(node: Any) -> tuple[str, str]:
    """Whose attribute a text shows, and which: a name, or a template such as `[A]-[B]`."""
    parts = node.findall("TextStringFormatSpecification/ObjectAttributesReference")
    items = [part.get("ItemID") for part in parts if part.get("ItemID")]
    if not items:
        return node.get("ItemID") or "", node.get("DependantAttribute") or ""
    shown = [part for part in parts if part.get("ItemID") in (None, items[0])]
    if len(shown) == 1:
        return items[0], shown[0].get("DependantAttribute") or ""
    return items[0], "".join(
        f"[{part.get('DependantAttribute')}]" if part.get("ItemID") else part.get("DependantAttribute") or ""
        for part in shown
    )


def _angle(node: Any) -> float:
    """TextAngle in degrees, and 0 for nonsense, which vendors write for level texts."""
    try:
        return number(node, "TextAngle", 0.0)
    except NotANumber:
        return 0.0


class _Room(NamedTuple):
    """What the file's extent says of a text, in the coordinates of the text's position."""

    middle: Point
    half: Point
    """From the middle to the end of the longest line."""
    width: float


def _room(node: Any, angle_deg: float, height: float, habits: Habits, written: str, vertical: Vertical) -> _Room | None:
    """The room the extent gives a text; None where it gives none, one that no font fills, or one on the wrong side."""
    low, high = node.find("Extent/Min"), node.find("Extent/Max")
    if low is None or high is None or abs(math.remainder(angle_deg, 90.0)) > 1.0:
        return None
    try:
        left, bottom, right, top = (number(corner, axis) for corner in (low, high) for axis in "XY")
    except NotANumber:
        return None
    c, s = round(math.cos(math.radians(angle_deg))), round(math.sin(math.radians(angle_deg)))
    across, up = (right - left, top - bottom) if c else (top - bottom, right - left)
    lines = written.split("\n")
    least = 0.9 * height * (CAPITALS if habits.capitals else 1.0) * len(lines)
    longest = max(len(line) for line in lines) * height
    x, y = number(node.find("Position/Location"), "X"), number(node.find("Position/Location"), "Y")
    near = left - height <= x <= right + height and bottom - height <= y <= top + height
    middle_x, middle_y = (left + right) / 2, (bottom + top) / 2
    if up < least or not 0.15 * longest <= across <= 1.5 * longest or not near:
        return None
    above = ((y - middle_y) * c - (x - middle_x) * s) / up
    if (vertical == "top" and above < -0.25) or (vertical == "bottom" and above > 0.25):
        return None
    return _Room(
        (middle_x, middle_y),
        (c * across / 2, s * across / 2),
        across + _BEARINGS * height if habits.capitals else across,
    )
