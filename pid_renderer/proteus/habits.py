"""What one exporter means by a number that the schema leaves open, told from the file itself."""

from __future__ import annotations

import math
from collections.abc import Iterator
from statistics import median
from typing import Any, Final, NamedTuple

from pid_renderer.drawing import Box
from pid_renderer.proteus.geometry import Affine, NotANumber, number, position, symbol_frame

_CAD: Final = ("autocad", "aveva")
"""Programs that keep drawings as DWG, whose text height is that of a capital."""


class Habits(NamedTuple):
    """How to read this file's angles and text heights."""

    degrees: float = 1.0
    """One angle unit of the file, in degrees."""
    capitals: bool = False
    """Whether a text's Height is that of its capitals; else it is that of the font, capitals and descenders."""
    labels_in_symbol: bool = False
    """Whether labels without a place of their own are written in their symbol's coordinates, as AutoCAD P&ID does."""


def turn_mirrored(root: Any) -> None:
    """Write a DEXPI file's mirrored positions as Proteus means them, in place.

    Where the axis points down, Proteus' own axes (x along Reference, z down, so y to the other side) turn a symbol
    upside down. A file that says it is DEXPI's (`Application`) means DEXPI's `isMirrored`: left to right, then turned
    by Reference, half a turn apart from that. C01's safety valve tells: its pipes end where only the latter has ports.
    """
    information = root.find("PlantInformation")
    if information is None or (information.get("Application") or "").lower() != "dexpi":
        return
    for axis in root.iter("Axis"):
        try:
            mirrored = number(axis, "Z", 1.0) < 0
            reference = axis.getparent().find("Reference")
            x, y = (1.0, 0.0) if reference is None else (number(reference, "X", 1.0), number(reference, "Y", 0.0))
        except NotANumber:
            continue  # counted where the position itself is read
        if mirrored and reference is not None:
            reference.set("X", repr(-x))
            reference.set("Y", repr(-y))


def of(root: Any) -> Habits:
    """The habits of the file with this `<PlantModel>`."""
    return Habits(_degrees(root), _capitals(root), _labels_in_symbol(root))


def _degrees(root: Any) -> float:
    """Degrees, unless the file says radians, or all of its arcs end at a whole part of a turn in radians."""
    stated = root.find("PlantInformation/UnitsOfMeasure")
    unit = "" if stated is None else (stated.get("Angle") or "").lower()
    if unit.startswith("rad"):
        return 180.0 / math.pi
    angles = [angle for node in root.iter("TrimmedCurve") for angle in _angles(node)]
    telling = [abs(angle) for angle in angles if abs(angle) > 1e-6]
    if not telling or max(telling) > 4 * math.pi + 1e-3:
        return 1.0
    part = math.pi / 4
    whole = sum(abs(angle / part - round(angle / part)) < 1e-3 for angle in telling)
    return 180.0 / math.pi if whole > len(telling) / 2 else 1.0


def _angles(node: Any) -> Iterator[float]:
    for name in ("StartAngle", "EndAngle"):
        try:
            yield number(node, name)
        except NotANumber:
            continue  # counted where the curve itself is read


def _capitals(root: Any) -> bool:
    """Where texts have an extent, it is as high as a line of the font or as its capitals; else the program tells."""
    ratios = [ratio for node in root.iter("Text") for ratio in _line_ratio(node)]
    if len(ratios) >= 3:
        return median(ratios) < 1.06
    information = root.find("PlantInformation")
    program = "" if information is None else (information.get("OriginatingSystem") or "").lower()
    return program.startswith(_CAD)


def _line_ratio(node: Any) -> Iterator[float]:
    """Height of a one-line level text's extent in its stated heights."""
    try:
        low, high = node.find("Extent/Min"), node.find("Extent/Max")
        if low is None or high is None or len(node.get("String") or "") < 2 or number(node, "TextAngle", 0.0):
            return
        ratio = (number(high, "Y") - number(low, "Y")) / number(node, "Height")
    except (NotANumber, ZeroDivisionError):
        return  # counted where the text itself is read
    if 0.8 <= ratio <= 2.0:
        yield ratio


def labelled(text: Any) -> Any | None:
    """The item whose symbol a text without extent labels, where its label has no place of its own; else None."""
    label = text.getparent()
    if label is None or label.tag != "Label" or text.find("Extent") is not None or label.find("Position") is not None:
        return None
    return label.getparent()


def _labels_in_symbol(root: Any) -> bool:
    """Told by where such texts lie: within their item's extent as they stand, or only once placed as its symbol is."""
    votes = 0
    places: dict[Any, tuple[Affine | None, Box | None]] = {}
    for text in root.iter("Text"):
        item = labelled(text)
        if item is None:
            continue
        try:
            own = position(text)
            if item not in places:
                places[item] = symbol_frame(item), _extent(item)
        except NotANumber:
            continue  # counted where the item is read
        around, box = places[item]
        if own is None or around is None or box is None:
            continue
        here, there = (own.e, own.f), around(own.e, own.f)
        votes += int(box.meets(Box(*there, *there))) - int(box.meets(Box(*here, *here)))
    return votes > 0


def _extent(item: Any) -> Box | None:
    low, high = item.find("Extent/Min"), item.find("Extent/Max")
    if low is None or high is None:
        return None
    return Box(number(low, "X"), number(low, "Y"), number(high, "X"), number(high, "Y"))
