"""Walk a Proteus XML 3.3–4.2 tree (DEXPI 1.x) and make a `Drawing` of it.

Vendors differ: some place shapes of the file's own catalogue (C01, Comos, AVEVA, AutoCAD), some write every stroke in
place (SmartPlant), some both. Strokes under an element are in sheet coordinates, strokes in the catalogue in
the shape's own. What is not understood is counted in `Drawing.unread`.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise
from typing import Any, Final

from pid_renderer import component_class
from pid_renderer.drawing import (
    Anchor,
    Attribute,
    BadDrawing,
    Box,
    Connection,
    Drawing,
    Element,
    Family,
    Layer,
    Link,
    Point,
    Primitive,
    Text,
    Unread,
    box_around,
    union,
)
from pid_renderer.physical_unit import sheet_unit_mm
from pid_renderer.proteus import attributes as attribute
from pid_renderer.proteus import habits
from pid_renderer.proteus.geometry import IDENTITY, Affine, NotANumber, number, symbol_frame
from pid_renderer.proteus.strokes import DRAWN, NOT_DRAWN, Pencil, color_of, placement

_ITEMS: Final = frozenset(
    {
        "Equipment",
        "Nozzle",
        "PipingNetworkSystem",
        "PipingNetworkSegment",
        "PipingComponent",
        "PipeOffPageConnector",
        "PipeConnectorSymbol",
        "PipeFlowArrow",
        "PropertyBreak",
        "PipeSlopeSymbol",
        "InsulationSymbol",
        "ProcessInstrumentationFunction",
        "ProcessInstrument",
        "InstrumentComponent",
        "InstrumentConnection",
        "InstrumentLoop",
        "InstrumentationLoopFunction",
        "ActuatingFunction",
        "ActuatingElectricalFunction",
        "ActuatingSystem",
        "ActuatingSystemComponent",
        "ActuatingElectricalSystem",
        "ActuatingElectricalSystemComponent",
        "ProcessSignalGeneratingFunction",
        "ProcessSignalGeneratingSystem",
        "ProcessSignalGeneratingSystemComponent",
        "InformationFlow",
        "SignalLine",
        "SignalConnectorSymbol",
        "Component",
        "Label",
        "Drawing",
        "DrawingBorder",
        "PlantStructureItem",
        "MetaData",
        "ScopeBubble",
        "AnnotationItem",
        "System",
        "Group",
        "PlantArea",
        "InstrumentationLoop",
        "SignalOffPageConnector",
        "Burst",
        "Tapping",
    }
)
_SILENT: Final = frozenset(
    {
        "PlantInformation",
        "UnitsOfMeasure",
        "Extent",
        "Presentation",
        "Position",
        "Scale",
        "GenericAttributes",
        "PersistentID",
        "Association",
        "ConnectionPoints",
        "Connection",
        "CrossPageConnection",
        "LinkedPersistentID",
        "Description",
        "ShapeCatalogue",
        "History",
        "Transaction",
        "TextStringFormatSpecification",
        "TextAngle",
        "Coordinate",
        "Min",
        "Max",
    }
)
_VALUE_LABEL: Final = "ValueLabel"
"""A label of a class that ends so keeps room for a live value; the class is ours, DEXPI has none."""
_STRAY: Final = 0.02
"""Part of the ink that may lie outside of the stated sheet and still be taken for a mistake in the file."""
_TEMPLATE_NAME: Final = re.compile(r"\[([^\[\]]+)\]")


def read_tree(root: Any, name: str) -> Drawing:
    """The drawing in a `<PlantModel>` tree. Raises `BadDrawing` where it holds nothing to draw or list."""
    if root.tag != "PlantModel":
        raise BadDrawing(
            f"{name}, line {root.sourceline}: the root element is <{root.tag}>; a Proteus P&ID begins with <PlantModel>"
        )
    return _Reader(root, name).drawing()


class _Reader:
    def __init__(self, root: Any, name: str) -> None:
        self.root = root
        self.name = name
        self.unread: Counter[str] = Counter()
        self.first_line: dict[str, int] = {}
        self.primitives: list[Primitive] = []
        self.elements: dict[str, Element] = {}
        self.connections: list[Connection] = []
        self.links: list[Link] = []
        self.anchors: list[Anchor] = []
        self.ports: dict[str, tuple[Point, ...]] = {}
        self.shapes: dict[str, Any] = {}
        for shape in root.iterfind("ShapeCatalogue/*"):
            if shape.get("ComponentName"):
                self.shapes.setdefault(shape.get("ComponentName"), shape)
        self.sheet, self.width, self.height, self.unit_mm = self._sheet()
        self.pencil = Pencil(self.unit_mm, habits.of(root), self._miss)

    def _miss(self, what: str, node: Any) -> None:
        self.unread[what] += 1
        self.first_line.setdefault(what, node.sourceline or 0)

    # -- the sheet -------------------------------------------------------------------------------------------------

    def _sheet(self) -> tuple[Affine, float, float, float]:
        """From file coordinates to millimetres with y down; width and height of the sheet, mm; mm in a file unit."""
        information = self.root.find("PlantInformation")
        unit_text = "mm" if information is None else information.get("Units") or "mm"
        unit_mm = sheet_unit_mm(unit_text)
        box = self._extent_of_sheet()
        if box is None:
            return IDENTITY, 0.0, 0.0, unit_mm or 1.0
        diagonal = math.hypot(box.width, box.height) * (unit_mm or 1.0)
        if unit_mm is None or not 10.0 <= diagonal <= 5000.0:
            self._miss(f"sheet unit {unit_text!r} (the sheet's size was guessed)", self.root)
            unit_mm = (unit_mm or 1.0) * 10.0 ** (2 - math.floor(math.log10(max(diagonal, 1e-6))))
        frame = Affine(unit_mm, 0.0, 0.0, -unit_mm, -unit_mm * box.left, unit_mm * box.bottom)
        return frame, box.width * unit_mm, box.height * unit_mm, unit_mm

    def _extent_of_sheet(self) -> Box | None:
        """The stated size, or that of all ink where none is stated or much lies outside; file units, y up.

        Box fields are used with y growing upwards here: `bottom` is the largest y.
        """
        stated = self._stated()
        ink = list(self._ink())
        outside = [(p, n) for p, n in ink if stated is not None and not stated.meets(Box(*p, *p))]
        if stated is not None and len(outside) <= _STRAY * len(ink):
            for _, node in outside:
                self._miss("a point outside of the sheet", node)
            return stated
        boxes = [Box(*point, *point) for point, _ in ink]
        return union(boxes if stated is None else [stated, *boxes])

    def _stated(self) -> Box | None:
        stated = self.root.find("Drawing/Extent")
        low, high = (None, None) if stated is None else (stated.find("Min"), stated.find("Max"))
        if low is None or high is None:
            return None
        try:
            box = Box(number(low, "X"), number(low, "Y"), number(high, "X"), number(high, "Y"))
        except NotANumber as error:
            self._miss(f"sheet size: {error}", stated)
            return None
        return box if box.width > 0 and box.height > 0 else None

    def _ink(self) -> Iterable[tuple[Point, Any]]:
        """Every point that strokes, texts and symbols stand at, with its node; file units."""
        for top in self.root:
            if top.tag == "ShapeCatalogue":
                continue
            for point in top.iter("Coordinate", "Location"):
                if point.tag == "Location":
                    holder = point.getparent().getparent()
                    inked = holder.tag in ("Text", "Circle", "Ellipse") or holder.get("ComponentName") in self.shapes
                    if not inked or (holder.tag == "Text" and not holder.get("String")):
                        continue
                try:
                    x, y = number(point, "X"), number(point, "Y")
                except NotANumber:
                    continue  # counted where the stroke itself is read
                yield (x, y), point

    # -- the walk --------------------------------------------------------------------------------------------------

    def drawing(self) -> Drawing:
        for node in self.root:
            if node.tag not in ("ShapeCatalogue", "PlantInformation"):
                self._visit(node, "", "sheet")
        if not self.elements:
            raise BadDrawing(
                f"{self.name}, line {self.root.sourceline}: <PlantModel> holds no plant item and no drawing"
            )
        self._resolve_texts()
        information = self.root.find("PlantInformation")
        sheet = self.root.find("Drawing")
        exporter = ""
        if information is not None:
            program = information.get("OriginatingSystem") or "unknown program"
            exporter = f"{program}, Proteus {information.get('SchemaVersion') or '?'}"
        return Drawing(
            title=(sheet.get("Title") or sheet.get("Name") or "") if sheet is not None else "",
            source=self.name,
            exporter=exporter,
            width_mm=self.width,
            height_mm=self.height,
            primitives=tuple(self.primitives),
            elements=self.elements,
            connections=tuple(self.connections),
            links=tuple(self.links),
            anchors=tuple(self.anchors),
            unread=tuple(Unread(what, count, self.first_line[what]) for what, count in self.unread.most_common()),
            ports=self.ports,
            ground="" if sheet is None else color_of(sheet),
        )

    def _visit(self, node: Any, parent: str, layer: Layer) -> None:
        if node.tag not in _ITEMS:
            if node.tag not in _SILENT and node.get("Value") is None:
                self._miss(f"<{node.tag}>", node)
            return
        symbol = node.get("ComponentName") or ""
        of = component_class.family(node.tag, node.get("ComponentClass") or "", symbol)
        own_layer = component_class.layer(node.tag, of, "sheet" if node.tag in ("Drawing", "DrawingBorder") else layer)
        id_ = self._unique_id(node)
        self.elements[id_] = self._element(node, id_, parent, of, symbol, None)
        first = len(self.primitives)
        self._draw_symbol(node, id_, symbol, own_layer)
        is_pipe = of in ("pipe", "signal line")
        for child in node:
            if child.tag in DRAWN:
                self.primitives.extend(self.pencil.draw(child, id_, own_layer, self.sheet, pipe=is_pipe))
        own = self.primitives[first:]
        for child in node:
            if child.tag not in DRAWN and child.tag not in NOT_DRAWN:
                self._visit(child, id_, own_layer)
        self._note_relations(node, id_)
        box = union(p.box for p in own if not isinstance(p, Text)) or self._box_of_children(node, id_)
        if box is None and own:
            box = union(p.box for p in own)
        self.elements[id_] = self._element(node, id_, parent, of, symbol, box)
        if parent and (node.get("ComponentClass") or "").endswith(_VALUE_LABEL):
            self._note_anchor(node, parent, own)

    def _unique_id(self, node: Any) -> str:
        wanted = node.get("ID") or f"{node.tag}@{node.sourceline}"
        if wanted not in self.elements:
            return str(wanted)
        if node.get("ID"):
            self._miss("an ID used twice", node)
        copy = 2
        while f"{wanted}~{copy}" in self.elements:
            copy += 1
        return f"{wanted}~{copy}"

    def _element(self, node: Any, id_: str, parent: str, of: Family, symbol: str, box: Box | None) -> Element:
        values: dict[str, Attribute] = attribute.read(node)
        shape = self.shapes.get(symbol)
        if shape is not None:
            values = attribute.read(shape) | values
        tag, code = attribute.tag(node, values)
        try:
            where = placement(node, self.sheet)
        except NotANumber as error:
            self._miss(f"position: {error}", node)
            where = None
        return Element(
            id=id_,
            component_class=node.get("ComponentClass") or "",
            family=of,
            tag=tag,
            kks=code,
            symbol=symbol,
            box=box,
            placement=where,
            attributes=values,
            parent=parent,
            line=node.sourceline or 0,
        )

    def _draw_symbol(self, node: Any, id_: str, symbol: str, layer: Layer) -> None:
        if not symbol:
            return
        shape = self.shapes.get(symbol)
        if shape is None:
            if not any(child.tag in DRAWN for child in node.iter()):
                self._miss(f"symbol {symbol!r} is not in the file's catalogue", node)
            return
        try:
            frame = symbol_frame(node)
        except NotANumber as error:
            self._miss(f"position: {error}", node)
            return
        if frame is None:
            self._miss("symbol without a position", node)
            return
        placed = self.sheet.after(frame)
        for part in shape.iter():
            if part.tag in DRAWN and part.getparent().tag not in DRAWN:
                self.primitives.extend(self.pencil.draw(part, id_, layer, placed, pipe=False))

    def _box_of_children(self, node: Any, id_: str) -> Box | None:
        if node.tag in ("Drawing", "PipingNetworkSystem"):
            return None
        return union(
            child.box
            for child in self.elements.values()
            if child.parent == id_ and child.box is not None and child.family not in ("label", "nozzle")
        )

    # -- what joins elements ---------------------------------------------------------------------------------------

    def _note_relations(self, node: Any, id_: str) -> None:
        for link in node.iterfind("Association"):
            if link.get("ItemID"):
                self.links.append(Link(link.get("Type") or "", id_, link.get("ItemID")))
        points = node.find("ConnectionPoints")
        if points is not None:
            self.ports[id_] = tuple(self._ports(points))
        if node.tag == "PipingNetworkSegment":
            self._chain(node, id_)
        elif node.tag in ("InformationFlow", "SignalLine"):
            for joint in node.iterfind("Connection"):
                if joint.get("FromID") and joint.get("ToID"):
                    self.links.append(Link("signal", joint.get("FromID"), joint.get("ToID")))

    def _ports(self, points: Any) -> Iterable[Point]:
        for node in points.iterfind("Node"):
            location = node.find("Position/Location")
            if location is not None:
                try:
                    yield self.sheet(number(location, "X"), number(location, "Y"))
                except NotANumber as error:
                    self._miss(f"connection point: {error}", location)

    def _chain(self, segment: Any, id_: str) -> None:
        """From → the components in the file's order → To, as the schema reads a segment."""
        joint = segment.find("Connection")
        start = joint.get("FromID") if joint is not None else None
        end = joint.get("ToID") if joint is not None else None
        inside = [
            part.get("ID")
            for part in segment
            if part.tag in ("PipingComponent", "PipeOffPageConnector", "PipeConnectorSymbol", "ProcessInstrument")
            and part.get("ID")
        ]
        chain = [*([start] if start and start not in inside else []), *inside]
        if end and end not in inside:
            chain.append(end)
        elif end and chain and chain[-1] != end:
            chain.remove(end)
            chain.append(end)
        if start in inside and chain and chain[0] != start:
            chain.remove(start)
            chain.insert(0, start)
        self.connections.extend(Connection(source, target, id_) for source, target in pairwise(chain))

    # -- text templates --------------------------------------------------------------------------------------------

    def _resolve_texts(self) -> None:
        """A text without a string of its own shows the attribute, or the `[A] [B]` template, it refers to."""
        for place, item in enumerate(self.primitives):
            if not isinstance(item, Text) or item.text or not item.attribute:
                continue
            element = self.elements.get(item.refers_to)
            names = _TEMPLATE_NAME.findall(item.attribute) or [item.attribute]
            texts = {name: element.text(name, attribute.short_name(name)) if element else "" for name in names}
            if not any(texts.values()):
                what = f"text for {item.attribute}, which has no value"
                self.unread[what] += 1
                self.first_line.setdefault(what, element.line if element else 0)
            shown = _TEMPLATE_NAME.sub(lambda match, texts=texts: texts[match[1]], item.attribute)  # type: ignore[misc]
            self.primitives[place] = replace(item, text=shown if shown != item.attribute else texts[names[0]])

    def _note_anchor(self, node: Any, parent: str, own: list[Primitive]) -> None:
        """The room a value label keeps; its empty text is no ink."""
        values = attribute.read(node)
        role = values["Role"].text if "Role" in values else ""
        signal = values["KKS"].text.replace(" ", "") if "KKS" in values else ""
        for text in own:
            if isinstance(text, Text):
                box = self._extent(node) or text.box
                self.anchors.append(Anchor(parent, role, signal, box, text.horizontal))
        del self.primitives[len(self.primitives) - len(own) :]

    def _extent(self, node: Any) -> Box | None:
        low, high = node.find("Extent/Min"), node.find("Extent/Max")
        if low is None or high is None:
            return None
        try:
            return box_around([self.sheet(number(point, "X"), number(point, "Y")) for point in (low, high)])
        except NotANumber as error:
            self._miss(f"extent: {error}", node)
            return None
