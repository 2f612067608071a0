"""The sheet a Proteus file draws on: from its units with y up to millimetres with y down."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import PurePath
from typing import Any, Final, NamedTuple

from pid_renderer.drawing import Arc, Box, Drawing, Element, Point, Polyline, Primitive, Text, union
from pid_renderer.physical_unit import sheet_unit_mm
from pid_renderer.proteus.geometry import IDENTITY, Affine, NotANumber, number

_STRAY: Final = 0.02
"""Part of the ink that may lie outside of the stated sheet and still be taken for a mistake in the file."""


_EDGE_MM, _MARGIN_MM = 0.5, 5.0
"""How near to the edge ink makes a sheet grow, and the margin it then gets."""
_PAPERS_MM: Final = (
    *((1189.0 / 2 ** ((n + 1) / 2), 1189.0 / 2 ** (n / 2)) for n in range(6)),
    (215.9, 279.4), (279.4, 431.8), (431.8, 558.8), (558.8, 863.6), (863.6, 1117.6),
)  # fmt: skip
"""ISO 216 A0 to A5 and ANSI/ASME Y14.1 A to E."""
_INCH_MM: Final = 25.4
_SHEET_NAMES: Final = ("DrawingNumber", "DrawingName", "Drawing_Number", "SheetNumber", "Sheet_Number")


class SheetFrame(NamedTuple):
    """How the file's coordinates lie on paper."""

    frame: Affine
    width_mm: float
    height_mm: float
    unit_mm: float
    """Millimetres in one unit of the file."""
    letter_mm: float
    """Millimetres in one unit of text heights and line weights: the stated unit holds for them in inch sheets too."""


def room_for(boxes: Iterable[Box], width_mm: float, height_mm: float) -> Box | None:
    """A larger sheet (mm of the present one) where ink, of extents `boxes`, reaches over the edge; None if all is well.

    A sheet of a paper's size is one. Other sizes are what an exporter found around the strokes it looked at, texts and
    line widths not among them.
    """
    if width_mm <= 0 or height_mm <= 0 or _is_paper(width_mm, height_mm):
        return None
    sheet = Box(0.0, 0.0, width_mm, height_mm)
    near = sheet.grown(0.1 * math.hypot(width_mm, height_mm))
    far = sheet.grown(math.hypot(width_mm, height_mm))
    ink = union(box for box in boxes if near.meets(box) and far.holds(box))
    if ink is None or sheet.grown(-_EDGE_MM).holds(ink):
        return None
    return sheet.union(ink.grown(_MARGIN_MM))


def _is_paper(width_mm: float, height_mm: float) -> bool:
    short, long = sorted((width_mm, height_mm))
    return any(abs(short - a) < 3.0 and abs(long - b) < 3.0 for a, b in _PAPERS_MM)


def resized(drawing: Drawing, room: Box) -> Drawing:
    """The drawing on the sheet `room` (mm of its present one): everything moves, nothing else changes."""
    dx, dy = -room.left, -room.top

    def box(of: Box | None) -> Box | None:
        return None if of is None else Box(of.left + dx, of.top + dy, of.right + dx, of.bottom + dy)

    def point(at: Point) -> Point:
        return at[0] + dx, at[1] + dy

    def primitive(item: Primitive) -> Primitive:
        match item:
            case Polyline():
                return replace(item, points=tuple((x + dx, y + dy) for x, y in item.points))
            case Arc():
                return replace(item, centre=point(item.centre))
            case Text():
                return replace(item, at=point(item.at))

    def element(item: Element) -> Element:
        where = item.placement
        moved = None if where is None else where._replace(origin=point(where.origin))
        return replace(item, box=box(item.box), placement=moved)

    return replace(
        drawing,
        width_mm=room.width,
        height_mm=room.height,
        primitives=tuple(map(primitive, drawing.primitives)),
        elements={id_: element(item) for id_, item in drawing.elements.items()},
        anchors=tuple(item._replace(box=box(item.box) or item.box) for item in drawing.anchors),
        ports={id_: tuple(map(point, ports)) for id_, ports in drawing.ports.items()},
    )


def sheet_frame(root: Any, symbols: dict[str, Any], miss: Callable[[str, Any], None]) -> SheetFrame:
    """The sheet of the `<PlantModel>` at `root`; `miss(what, node)` hears what had to be guessed."""
    information = root.find("PlantInformation")
    unit_text = "mm" if information is None else information.get("Units") or "mm"
    unit_mm = sheet_unit_mm(unit_text)
    box = _extent(root, symbols, miss)
    if box is None:
        return SheetFrame(IDENTITY, 0.0, 0.0, unit_mm or 1.0, unit_mm or 1.0)
    diagonal = math.hypot(box.width, box.height) * (unit_mm or 1.0)
    letter_mm: float | None = None
    if unit_mm is None or not 10.0 <= diagonal <= 5000.0:
        miss(f"sheet unit {unit_text[:40]!r} (the sheet's size was guessed)", root)
        if diagonal < 10.0 and _shrinks_to_inches(root):
            letter_mm, unit_mm = unit_mm or 1.0, _INCH_MM
        else:
            unit_mm = (unit_mm or 1.0) * 10.0 ** (2 - math.floor(math.log10(max(diagonal, 1e-6))))
    frame = Affine(unit_mm, 0.0, 0.0, -unit_mm, -unit_mm * box.left, unit_mm * box.bottom)
    return SheetFrame(frame, box.width * unit_mm, box.height * unit_mm, unit_mm, letter_mm or unit_mm)


def _shrinks_to_inches(root: Any) -> bool:
    """Whether symbols drawn in mm are made as small as a sheet in inches needs, whatever unit the file states."""
    for node in root.iter("Scale"):
        try:
            if abs(number(node, "X", 1.0) * _INCH_MM - 1.0) < 1e-3:
                return True
        except NotANumber:
            continue  # counted where the symbol is placed
    return False


def _extent(root: Any, symbols: dict[str, Any], miss: Callable[[str, Any], None]) -> Box | None:
    """The stated size, or that of all ink where none is stated or much lies outside; file units, y up.

    Box fields are used with y growing upwards here: `bottom` is the largest y.
    """
    stated = _stated(root, miss)
    ink = list(_ink(root, symbols))
    outside = [(p, n) for p, n in ink if stated is not None and not stated.meets(Box(*p, *p))]
    if stated is not None and len(outside) <= _STRAY * len(ink):
        for _, node in outside:
            miss("a point outside of the sheet", node)
        return stated
    boxes = [Box(*point, *point) for point, _ in ink]
    return union(boxes if stated is None else [stated, *boxes])


def _stated(root: Any, miss: Callable[[str, Any], None]) -> Box | None:
    stated = root.find("Drawing/Extent")
    low, high = (None, None) if stated is None else (stated.find("Min"), stated.find("Max"))
    if low is None or high is None:
        return None
    try:
        box = Box(number(low, "X"), number(low, "Y"), number(high, "X"), number(high, "Y"))
    except NotANumber as error:
        miss(f"sheet size: {error}", stated)
        return None
    return box if box.width > 0 and box.height > 0 else None


def _ink(root: Any, symbols: dict[str, Any]) -> Iterator[tuple[Point, Any]]:
    """Every point that strokes, texts and symbols stand at, with its node; file units."""
    for top in root:
        if top.tag == "ShapeCatalogue":
            continue
        for point in top.iter("Coordinate", "Location"):
            if point.tag == "Location" and not _holds_ink(point, symbols):
                continue
            try:
                x, y = number(point, "X"), number(point, "Y")
            except NotANumber:
                continue  # counted where the stroke itself is read
            yield (x, y), point


def _holds_ink(location: Any, symbols: dict[str, Any]) -> bool:
    position = location.getparent()
    holder = None if position is None else position.getparent()
    if holder is None:
        return False
    if holder.tag == "Text":
        return bool(holder.get("String"))
    return holder.tag in ("Circle", "Ellipse") or holder.get("ComponentName") in symbols


def sheet_names(drawing: Any, elements: Iterable[Element], source: str) -> tuple[str, ...]:
    """What other sheets may call this one: the `<Drawing>`'s names, those of the title block, the file's."""
    found = [] if drawing is None else [drawing.get("Name"), drawing.get("Title")]
    for element in elements:
        if element.component_class == "MetaData" or element.id.startswith("Drawing@"):
            found += [element.text(name) for name in _SHEET_NAMES]
    found.append(re.sub(r"(\.xml)+$", "", PurePath(source).name, flags=re.IGNORECASE))
    return tuple(dict.fromkeys(name for name in found if name))
