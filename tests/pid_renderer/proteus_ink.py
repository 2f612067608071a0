"""What a Proteus file draws, worked out again without the reader: lxml, matrices, and curves walked in small steps.

The reader is judged against this, so no code of it is used here. It is not independent in four conclusions on what
vendors mean, which it repeats: Comos draws a `Normal` item in place although it names a shape; Comos' arcs in place
lack their item's scale; AutoCAD writes labels in their symbol's coordinates; DEXPI's own exporter mirrors left to
right. A wrong conclusion there would be wrong here too; only Comos' are also held against PDFs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from lxml import etree

UNIT_MM = {"metre": 1000.0, "m": 1000.0, "mm": 1.0, "millimetre": 1.0, "inch": 25.4, "in": 25.4}
LINES = ("Line", "PolyLine", "CenterLine", "Shape")
CURVES = ("Circle", "Ellipse")
SKIPPED = ("ShapeCatalogue", "PlantInformation")


@dataclass(frozen=True)
class Mark:
    """One stroke or text: extent in millimetres from the sheet's top left corner, y down."""

    tag: str
    line: int
    box: tuple[float, float, float, float]
    text: str = ""


@dataclass(frozen=True)
class Sheet:
    marks: list[Mark]
    width_mm: float
    height_mm: float
    program: str
    sized: bool
    """Whether the file says how large the sheet is, in a unit that is known."""

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Around all marks."""
        boxes = np.array([mark.box for mark in self.marks])
        return (*boxes[:, :2].min(0), *boxes[:, 2:].max(0))


def read(path: Path) -> Sheet:
    root = etree.parse(str(path)).getroot()
    for node in root.iter():
        if isinstance(node.tag, str):
            node.tag = etree.QName(node).localname
    information = root.find("PlantInformation")
    unit = UNIT_MM.get((information.get("Units") or "mm").lower())
    low, high = root.find("Drawing/Extent/Min"), root.find("Drawing/Extent/Max")
    sized = unit is not None and low is not None and float(high.get("X")) > float(low.get("X"))
    if sized:
        size = (float(high.get("X")) - float(low.get("X"))) * unit
        sized = 10.0 < np.hypot(size, (float(high.get("Y")) - float(low.get("Y"))) * unit) < 5000.0
    sheet = np.eye(3)
    width = height = 0.0
    if sized:
        left, top = float(low.get("X")), float(high.get("Y"))
        width, height = (float(high.get("X")) - left) * unit, (top - float(low.get("Y"))) * unit
        sheet = np.array([[unit, 0, -left * unit], [0, -unit, top * unit], [0, 0, 1.0]])
    shapes = {shape.get("ComponentName"): shape for shape in reversed(root.findall("ShapeCatalogue/*"))}
    ids = {node.get("ID"): node for node in root.iter() if isinstance(node.tag, str) and node.get("ID")}
    marks: list[Mark] = []
    program = information.get("OriginatingSystem") or ""
    for top_node in root:
        if top_node.tag not in SKIPPED:
            for node in top_node.iter():
                if node.getparent().tag not in ("TrimmedCurve", "CompositeCurve"):
                    marks += _mark(node, sheet @ _labelled(node, program), ids)
                shape = shapes.get(node.get("ComponentName")) if node.get("ComponentName") else None
                frame = _position(node)
                if shape is not None and frame is not None and not _stands_in_place(node):
                    for part in shape.iter():
                        if part.getparent().tag not in ("TrimmedCurve", "CompositeCurve"):
                            marks += _mark(part, sheet @ frame @ _scale(node), ids)
    return Sheet(marks, width, height, program, sized)


def _stands_in_place(node) -> bool:
    """Comos writes the strokes of a `Normal` item in place, and names its shape all the same."""
    return node.get("ComponentType") == "Normal" and any(part.tag in (*LINES, *CURVES, "TrimmedCurve") for part in node)


def _labelled(node, program: str) -> np.ndarray:
    """AutoCAD P&ID writes labels that have no place of their own in their symbol's coordinates."""
    label = node.getparent()
    local = "AutoCAD" in program and node.tag == "Text" and label.tag == "Label" and node.find("Extent") is None
    if not local or label.find("Position") is not None or _position(label.getparent()) is None:
        return np.eye(3)
    item, at = _position(label.getparent()), _position(node)[:2, 2]
    # Others write such labels on the sheet: they lie near their symbol then, and not near the origin.
    near = np.hypot(*at) < np.hypot(*(at - item[:2, 2]))
    return item @ _scale(label.getparent()) if near else np.eye(3)


def _position(node) -> np.ndarray | None:
    place = node.find("Position/Location")
    if place is None:
        return None
    turn = node.find("Position/Reference")
    x, y = (1.0, 0.0) if turn is None else (float(turn.get("X") or 1), float(turn.get("Y") or 0))
    along = np.array([x, y]) / (np.hypot(x, y) or 1.0) if np.hypot(x, y) > 1e-9 else np.array([1.0, 0.0])
    axis = node.find("Position/Axis")
    mirrored = axis is not None and float(axis.get("Z") or 1) < 0
    about = node.getroottree().find("PlantInformation")
    if mirrored and about is not None and about.get("Application") == "Dexpi":
        along = -along  # DEXPI mirrors left to right, a Proteus axis upside down
    up = np.array([-along[1], along[0]]) * (-1 if mirrored else 1)
    frame = np.eye(3)
    frame[:2, 0], frame[:2, 1] = along, up
    frame[:2, 2] = float(place.get("X")), float(place.get("Y"))
    return frame


def _scale(node) -> np.ndarray:
    found = node.find("Scale")
    return np.eye(3) if found is None else np.diag([float(found.get("X") or 1), float(found.get("Y") or 1), 1.0])


def _mark(node, frame: np.ndarray, ids) -> list[Mark]:
    if node.tag in LINES:
        points = [(float(p.get("X")), float(p.get("Y"))) for p in node.findall("Coordinate")]
        return [Mark(node.tag, node.sourceline, _box(frame, np.array(points)))] if len(points) > 1 else []
    if node.tag in CURVES:
        return _curve(node, node, frame, 0.0, 360.0)
    if node.tag == "TrimmedCurve":
        start, end = float(node.get("StartAngle")), float(node.get("EndAngle"))
        while end <= start + 1e-9:
            end += 360.0
        return [
            mark
            for curve in node
            if curve.tag in CURVES
            for mark in _scaled(curve, node, frame, _curve(curve, node, frame, start, min(end, start + 360.0)))
        ]
    if node.tag == "CompositeCurve":
        return [mark for part in node for mark in _mark(part, frame, ids)]
    if node.tag == "Text":
        shown = _text(node, ids)
        own = _position(node)
        if not shown.strip() or own is None:
            return []
        return [Mark("Text", node.sourceline, _box(frame @ own, np.zeros((1, 2))), shown)]
    return []


def _curve(node, named, frame: np.ndarray, start: float, end: float) -> list[Mark]:
    own = _position(node)
    if own is None:
        return []
    rx = float(node.get("Radius") or node.get("PrimaryAxis"))
    ry = float(node.get("Radius") or node.get("SecondaryAxis"))
    t = np.radians(np.linspace(start, end, 1441))
    return [Mark(named.tag, node.sourceline, _box(frame @ own, np.column_stack([rx * np.cos(t), ry * np.sin(t)])))]


def _scaled(curve, node, frame: np.ndarray, marks: list[Mark]) -> list[Mark]:
    """Comos leaves the scale out of arcs in place, but the item's extent holds them with it: they reach its edge."""
    item = node.getparent()
    low, high = item.find("Extent/Min"), item.find("Extent/Max")
    factor = _scale(item)
    if low is None or item.get("ComponentType") != "Normal" or np.allclose(factor, np.eye(3)):
        return marks
    extent = _box(frame, np.array([[float(c.get("X")), float(c.get("Y"))] for c in (low, high)]))
    own = _position(curve)
    larger = own.copy()
    turn = _position(item)[:2, :2]
    larger[:2, :2] = turn @ factor[:2, :2] @ np.linalg.inv(turn) @ own[:2, :2]
    radius = float(curve.get("Radius") or curve.get("PrimaryAxis"))
    t = np.radians(np.linspace(float(node.get("StartAngle")), float(node.get("EndAngle")), 1441))
    box = _box(frame @ larger, radius * np.column_stack([np.cos(t), np.sin(t)]))
    reaches = any(abs(a - b) < 0.01 for a, b in zip(box, extent, strict=True))
    return [Mark(node.tag, node.sourceline, box)] if reaches else marks


def _box(frame: np.ndarray, points: np.ndarray) -> tuple[float, float, float, float]:
    moved = points @ frame[:2, :2].T + frame[:2, 2]
    return (*map(float, moved.min(0)), *map(float, moved.max(0)))


def _text(node, ids) -> str:
    written = (node.get("String") or "").replace("\r\n", "\n").replace("\r", "\n").replace("\\n", "\n")
    if written.strip():
        return written
    template = node.get("DependantAttribute") or ""
    item = ids.get(node.get("ItemID"))
    return re.sub(r"\[([^\[\]]+)\]", lambda found: _value(item, found[1]), template)


def _value(item, name: str) -> str:
    if item is None:
        return ""

    def plain(text: str) -> str:
        return re.sub(r"(?<=.)(AssignmentClass|Specialization)$", "", text)

    holders = [
        *item.iterfind("GenericAttributes/GenericAttribute"),
        *(c for c in item if c.get("Value") and not len(c)),
    ]
    for holder in holders:
        if plain(holder.get("Name") or holder.tag) == plain(name) and (holder.get("Value") or "").strip():
            return holder.get("Value").strip()
    return item.get(name) or ""
