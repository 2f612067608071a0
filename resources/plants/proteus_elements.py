"""The elements of Proteus XML 4.1 that a sheet is made of, each from plain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import hypot
from typing import Final

from lxml import etree

from resources.plants.symbols import SYMBOLS, Letter, Point, Ring, Stroke

_RDL: Final = "http://sandbox.dexpi.org/rdl/"
_FONT: Final = "Calibri"

Quantity = tuple[float, str]
"""A design value and its DEXPI unit, e.g. `(12.5, "Bar")`."""

_AS_THEY_ARE: Final = frozenset({"KKS", "ConnectedDrawing", "Role"})
"""Attributes of ours; DEXPI's own textual ones carry the suffix `AssignmentClass`."""

_OWN_CONTENT: Final = frozenset(
    {
        "ActuatingSystemComponent",
        "CenterLine",
        "Connection",
        "Equipment",
        "InformationFlow",
        "Nozzle",
        "PipeFlowArrow",
        "PipeOffPageConnector",
        "PipingComponent",
        "PipingNetworkSegment",
        "ProcessSignalGeneratingFunction",
    }
)


def put_in_schema_order(root: etree._Element) -> None:
    """Inside each item, what every plant item may hold comes before what only its kind holds (order kept otherwise)."""
    for element in root.iter():
        if "ComponentClass" in element.attrib:
            element[:] = sorted(element, key=lambda child: child.tag in _OWN_CONTENT)


def number(value: float) -> str:
    """A coordinate or quantity as the file writes it: shortest, at most three decimals."""
    return f"{round(value, 3) + 0.0:g}" if abs(value) < 1e5 else f"{value:.0f}"


def named(identity: str, kind: str) -> dict[str, str]:
    """The attributes every item carries."""
    return {"ID": identity, "ComponentClass": kind, "ComponentClassURI": _RDL + kind}


def item(tag: str, identity: str, kind: str, shape: str = "", kks: str = "") -> etree._Element:
    """An item of DEXPI class `kind`, drawn by the catalogue's `shape` where it has one."""
    element = etree.Element(tag, named(identity, kind))
    if shape:
        if shape not in SYMBOLS:
            raise KeyError(f"{identity}: {shape} is not in the shape catalogue (symbols.py)")
        element.set("ComponentName", shape)
    if kks:
        element.set("TagName", kks)
    return element


def place(element: etree._Element, at: Point, direction: Point = (1.0, 0.0), scale: Point = (1.0, 1.0)) -> None:
    """Where the item's symbol goes, turned so that its X axis looks along `direction`."""
    element.append(_position(at, direction))
    if scale != (1.0, 1.0):
        etree.SubElement(element, "Scale", X=number(scale[0]), Y=number(scale[1]))


def _position(at: Point, direction: Point = (1.0, 0.0)) -> etree._Element:
    position = etree.Element("Position")
    etree.SubElement(position, "Location", X=number(at[0]), Y=number(at[1]), Z="0")
    etree.SubElement(position, "Axis", X="0", Y="0", Z="1")
    etree.SubElement(position, "Reference", X=number(direction[0]), Y=number(direction[1]), Z="0")
    return position


def attributes(
    element: etree._Element, texts: Mapping[str, str], design: Mapping[str, Quantity], kks: str = ""
) -> None:
    """DEXPI attributes: texts, quantities with units, and the item's KKS."""
    rows: list[dict[str, str]] = []
    for name, text in {**texts, **({"KKS": kks} if kks else {})}.items():
        if text:
            full = name if name in _AS_THEY_ARE else f"{name}AssignmentClass"
            rows.append({"Name": full, "AttributeURI": _RDL + full, "Format": "string", "Value": text})
    for name, (value, unit) in design.items():
        row = {"Name": name, "AttributeURI": _RDL + name, "Format": "double", "Value": number(value)}
        rows.append({**row, "Units": unit, "UnitsURI": _RDL + unit})
    if rows:
        group = etree.SubElement(element, "GenericAttributes", Set="DexpiAttributes", Number=str(len(rows)))
        for row in rows:
            etree.SubElement(group, "GenericAttribute", row)


def nodes(element: etree._Element, places: Sequence[tuple[str, Point]], flow: tuple[int, int] | None = None) -> None:
    """Connection points; DEXPI counts the item itself as node 0, so the first place is node 1."""
    identity = element.get("ID")
    points = etree.SubElement(element, "ConnectionPoints", NumPoints=str(len(places) + 1))
    if flow:
        points.set("FlowIn", str(flow[0]))
        points.set("FlowOut", str(flow[1]))
    etree.SubElement(points, "Node", ID=f"{identity}-Node-0")
    for index, (kind, at) in enumerate(places, start=1):
        node = etree.SubElement(points, "Node", ID=f"{identity}-Node-{index}", Type=kind)
        node.append(_position(at))


def associate(element: etree._Element, relation: str, other: str) -> None:
    """Say how `element` relates to the item whose ID is `other`."""
    etree.SubElement(element, "Association", Type=relation, ItemID=other)


def text(string: str, at: Point, height: float, anchor: str = "CenterCenter") -> etree._Element:
    """A text whose `anchor` (DEXPI Justification) is at `at`; `height` in millimetres."""
    element = etree.Element("Text", String=string, Font=_FONT, Height=number(height), Width="0", Justification=anchor)
    etree.SubElement(element, "Presentation", R="0", G="0", B="0")
    element.append(_position(at))
    return element


def extent(low: Point, high: Point) -> etree._Element:
    """A bounding box."""
    element = etree.Element("Extent")
    etree.SubElement(element, "Min", X=number(low[0]), Y=number(low[1]))
    etree.SubElement(element, "Max", X=number(high[0]), Y=number(high[1]))
    return element


def _pen(weight: float, line_type: str = "0") -> etree._Element:
    return etree.Element("Presentation", LineType=line_type, LineWeight=number(weight), R="0", G="0", B="0")


def centre_line(points: Sequence[Point], weight: float, line_type: str = "0") -> etree._Element:
    """A pipe's or a signal's drawn way."""
    element = etree.Element("CenterLine", NumPoints=str(len(points)))
    element.append(_pen(weight, line_type))
    for x, y in points:
        etree.SubElement(element, "Coordinate", X=number(x), Y=number(y))
    return element


def stroke(line: Stroke) -> etree._Element:
    """A poly-line, or a solid shape."""
    element = etree.Element("Shape" if line.filled else "PolyLine", NumPoints=str(len(line.points)))
    if line.filled:
        element.set("Filled", "Solid")
    element.append(_pen(line.weight))
    for x, y in line.points:
        etree.SubElement(element, "Coordinate", X=number(x), Y=number(y))
    return element


def _ring(ring: Ring) -> etree._Element:
    element = etree.Element("Circle", Radius=number(ring.radius))
    element.append(_pen(ring.weight))
    element.append(_position(ring.centre))
    return element


def catalogue() -> etree._Element:
    """Our shape catalogue as the file carries it."""
    root = etree.Element("ShapeCatalogue", Name="Sinoptico", Units="mm")
    for name, symbol in SYMBOLS.items():
        entry = etree.SubElement(root, symbol.element, ID=f"Shape-{name}", ComponentName=name)
        for part in symbol.parts:
            if isinstance(part, Stroke):
                entry.append(stroke(part))
            elif isinstance(part, Ring):
                entry.append(_ring(part))
            elif isinstance(part, Letter):
                entry.append(text(part.text, part.centre, part.height))
    return root


def unit_vector(start: Point, end: Point) -> Point:
    """The direction from `start` to `end`, length one. Raises ValueError where the two are one point."""
    x, y = end[0] - start[0], end[1] - start[1]
    length = hypot(x, y)
    if not length:
        raise ValueError(f"no direction from {start} to itself")
    return x / length, y / length
