"""A small vocabulary to write one P&ID sheet as Proteus XML 4.1 (the DEXPI exchange schema).

A `Sheet` collects equipment, pipes and instruments in sheet millimetres, Y up, and gives the document's bytes. It
writes what a plant's own drawing office would: tags, design data, connections, signal lines, and the place of each live
value as a `ValueLabel`. Nothing here knows a plant.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from lxml import etree

from resources.plants import proteus_elements as xml
from resources.plants.proteus_elements import Quantity
from resources.plants.proteus_pipes import TEXT_MM, Line, Port
from resources.plants.symbols import SYMBOLS, Point, Stroke

PLATE_MM: Final = (48.0, 13.0)
"""Width and height of a value's plate."""

SIGNAL_LINE: Final = "2"
"""Proteus LineType of a dashed line: electric signals."""


@dataclass
class Sheet:
    """One sheet under construction; `document()` gives the file."""

    name: str
    number: str
    title: str
    plant: str
    revision: str
    date: str
    width: float
    height: float
    _equipment: list[etree._Element] = field(default_factory=list)
    _instruments: list[etree._Element] = field(default_factory=list)
    _actuators: list[etree._Element] = field(default_factory=list)
    _systems: list[etree._Element] = field(default_factory=list)
    _loops: dict[str, etree._Element] = field(default_factory=dict)
    _border: list[etree._Element] = field(default_factory=list)
    _counts: dict[str, int] = field(default_factory=dict)

    def identity(self, stem: str) -> str:
        """A document-wide unique XML ID that begins with `stem`; an XML ID must not begin with a digit, as KKS does."""
        count = self._counts[stem] = self._counts.get(stem, 0) + 1
        return f"{stem}-{count}"

    def equipment(
        self,
        kind: str,
        shape: str,
        kks: str,
        at: Point,
        *,
        scale: Point = (1.0, 1.0),
        name: str = "",
        design: Mapping[str, Quantity] | None = None,
        text: Mapping[str, str] | None = None,
    ) -> etree._Element:
        """A tagged vessel or machine. `design` holds DEXPI quantities, `text` further attributes."""
        item = xml.item("Equipment", f"{kind}-{kks}", kind, shape, kks)
        xml.place(item, at, scale=scale)
        xml.attributes(item, {"TagName": kks, "EquipmentDescription": name, **(text or {})}, design or {}, kks)
        self._equipment.append(item)
        return item

    def part(self, parent: etree._Element, kind: str, shape: str, at: Point, scale: Point = (1.0, 1.0)) -> None:
        """A part of `parent` that may move or be drawn apart, such as a floating roof."""
        part = xml.item("Equipment", self.identity(kind), kind, shape)
        xml.place(part, at, scale=scale)
        parent.append(part)

    def nozzle(self, parent: etree._Element, name: str, at: Point, outward: Point, diameter_mm: int) -> Port:
        """A nozzle on `parent` whose flange looks along `outward`; gives the port a pipe starts at."""
        nozzle = xml.item("Nozzle", self.identity("Nozzle"), "Nozzle", "NOZZLE_SHAPE")
        reach = SYMBOLS["NOZZLE_SHAPE"].half_length
        flange = (at[0] + outward[0] * reach, at[1] + outward[1] * reach)
        xml.place(nozzle, at, direction=outward)
        xml.nodes(nozzle, [("process", flange)])
        xml.attributes(nozzle, {"SubTagName": name}, {"NominalDiameter": (float(diameter_mm), "Millimetre")})
        parent.append(nozzle)
        return Port(nozzle.get("ID"), 1, flange)

    def line(
        self, number: str, fluid: str, diameter_mm: int, piping_class: str, design: Mapping[str, Quantity]
    ) -> Line:
        """A pipe line with its number, fluid code, size and class; `fluid` is the service it carries."""
        system = xml.item(
            "PipingNetworkSystem", self.identity("PipingNetworkSystem"), "PipingNetworkSystem", "", number
        )
        texts = {
            "FluidCode": fluid,
            "LineNumber": number,
            "PipingClassCode": piping_class,
            "NominalDiameterRepresentation": f"DN {diameter_mm}",
        }
        xml.attributes(system, texts, design, number)
        self._systems.append(system)
        return Line(self, system, texts)

    def instrument(
        self, kks: str, shape: str, at: Point, *, category: str, functions: str, located_in: str = "", loop: str = ""
    ) -> etree._Element:
        """A bubble: measuring circuit or controller; `category` and `functions` are ISA-5.1 letters."""
        item = xml.item("ProcessInstrumentationFunction", f"PIF-{kks}", "ProcessInstrumentationFunction", shape, kks)
        xml.place(item, at)
        key, number = kks[-5:-3], kks[-3:]
        label = etree.SubElement(
            item, "Label", xml.named(self.identity("PIFLabel"), "ProcessInstrumentationFunctionLabel")
        )
        for text, rise in ((key, 4.1), (number, -4.3)):
            label.append(xml.text(text, (at[0], at[1] + rise), TEXT_MM))
        texts = {
            "ProcessInstrumentationFunctionCategory": category,
            "ProcessInstrumentationFunctions": functions,
            "ProcessInstrumentationFunctionNumber": kks,
            "Location": "Central" if shape.startswith("DCS") else "Field",
        }
        xml.attributes(item, texts, {}, kks)
        around = [(0.0, 11.0), (0.0, -11.0), (-11.0, 0.0), (11.0, 0.0)]
        xml.nodes(item, [("signal", (at[0] + x, at[1] + y)) for x, y in around])
        if located_in:
            source = etree.SubElement(
                item,
                "ProcessSignalGeneratingFunction",
                xml.named(f"PSGF-{kks}", "ProcessSignalGeneratingFunction"),
            )
            xml.associate(source, "is located in", located_in)
        self._in_loop(loop or kks, item)
        self._instruments.append(item)
        return item

    def _in_loop(self, loop: str, item: etree._Element) -> None:
        if loop not in self._loops:
            element = xml.item("InstrumentationLoopFunction", f"Loop-{loop}", "InstrumentationLoopFunction")
            xml.attributes(element, {"InstrumentationLoopFunctionNumber": loop}, {})
            self._loops[loop] = element
        xml.associate(self._loops[loop], "is a collection including", item.get("ID"))
        xml.associate(item, "is a part of", f"Loop-{loop}")

    def signal_line(
        self, bubble: etree._Element, kind: str, start: str, end: str, points: list[Point], *, dashed: bool
    ) -> None:
        """A measuring line (`MeasuringLineFunction`) or a conveyed signal (`SignalConveyingFunction`), drawn."""
        flow = xml.item("InformationFlow", self.identity(kind), kind, "")
        xml.associate(flow, "has logical start", start)
        xml.associate(flow, "has logical end", end)
        flow.append(xml.centre_line(points, weight=0.35, line_type=SIGNAL_LINE if dashed else "0"))
        bubble.append(flow)

    def actuator(self, kks: str, shape: str, at: Point, valve: str, valve_at: Point, fails: str = "") -> None:
        """What moves `valve`: motor, or diaphragm with its dome away from it. `fails` = FailOpen or FailClose."""
        # The valve alone carries the KKS: one code, one element.
        system = xml.item("ActuatingSystem", f"ActuatingSystem-{kks}", "ActuatingSystem")
        xml.attributes(system, {"ActuatingSystemNumber": kks}, {})
        drive = xml.item("ActuatingSystemComponent", f"Actuator-{kks}", "ControlledActuator", shape)
        toward, reach = xml.unit_vector(at, valve_at), SYMBOLS[shape].half_length
        # A letter stands upright; a dome's own axis runs across the stem.
        xml.place(drive, at, (1.0, 0.0) if reach else (-toward[1], toward[0]))
        foot = (at[0] + toward[0] * reach, at[1] + toward[1] * reach)
        drive.append(xml.stroke(Stroke((foot, valve_at))))
        if fails:
            xml.attributes(drive, {"FailAction": fails}, {})
        system.append(drive)
        operated = xml.item("ActuatingSystemComponent", f"Operated-{kks}", "OperatedValveReference", "")
        xml.associate(operated, "refers to", valve)
        system.append(operated)
        self._actuators.append(system)

    def value(
        self,
        item: etree._Element,
        signal: str,
        at: Point,
        *,
        kind: str = "ValueLabel",
        anchor: str = "LeftCenter",
        size: Point = PLATE_MM,
        source: str = "",
        role: str = "",
    ) -> None:
        """Keep a plate free for the live value of `signal` (full KKS). `at` is the plate's `anchor` point.

        The label hangs on `item`; its text refers to the item that measures, `source` where that is another one. For a
        figure that no signal carries but a viewer can work out, such as a tank's volume, give a `role` and no signal.
        """
        width, height = size
        left = at[0] - {"L": 0.0, "C": width / 2, "R": width}[anchor[0]]
        bottom = at[1] - height / 2
        label = etree.SubElement(item, "Label", xml.named(self.identity(kind), kind))
        label.append(xml.extent((left, bottom), (left + width, bottom + height)))
        text = xml.text("", at, height * 0.6, anchor)
        template = etree.SubElement(text, "TextStringFormatSpecification")
        etree.SubElement(
            template,
            "ObjectAttributesReference",
            ItemID=source or item.get("ID"),
            DependantAttribute="Value",
            DependantAttributeContents="Value",
        )
        label.append(text)
        xml.attributes(label, {"Role": role}, {}, signal)

    def label(
        self, item: etree._Element, text: str, at: Point, height: float, kind: str, anchor: str = "CenterCenter"
    ) -> None:
        """A fixed text that belongs to `item`: its tag, its name, a line number."""
        label = etree.SubElement(item, "Label", xml.named(self.identity(kind), kind))
        label.append(xml.text(text, at, height, anchor))

    def border(self, points: list[Point], weight: float = 0.4) -> None:
        """A line of the frame or the title block."""
        self._border.append(xml.stroke(Stroke(tuple(points), weight=weight)))

    def border_text(self, text: str, at: Point, height: float, anchor: str = "LeftCenter") -> None:
        """A text of the title block."""
        self._border.append(xml.text(text, at, height, anchor))

    def document(self) -> bytes:
        """The file: UTF-8 XML, the same bytes for the same sheet."""
        root = etree.Element("PlantModel")
        information = etree.SubElement(
            root,
            "PlantInformation",
            SchemaVersion="4.1",
            Application="Dexpi",
            ApplicationVersion="1.3",
            OriginatingSystem="Sinoptico",
            OriginatingSystemVendor="Sinoptico",
            OriginatingSystemVersion="1",
            Date=self.date,
            Time="00:00:00",
            Is3D="no",
            Units="mm",
            Discipline="PID",
            ProjectName=self.plant,
        )
        etree.SubElement(information, "UnitsOfMeasure", Distance="Millimetre")
        meta = etree.SubElement(root, "MetaData", xml.named("MetaData-1", "MetaData"))
        drawing_texts = {
            "DrawingNumber": self.number,
            "DrawingName": self.title,
            "RevisionNumber": self.revision,
            "ProcessPlantName": self.plant,
        }
        xml.attributes(meta, drawing_texts, {})
        root.append(xml.extent((0, 0), (self.width, self.height)))
        drawing = etree.SubElement(root, "Drawing", Name=self.number, Type="PID", Title=self.title)
        drawing.set("Revision", self.revision)
        drawing.set("Orientation", "Landscape")
        etree.SubElement(drawing, "Presentation", R="1", G="1", B="1")
        drawing.append(xml.extent((0, 0), (self.width, self.height)))
        border = etree.SubElement(drawing, "DrawingBorder", Name="Sheet")
        etree.SubElement(border, "Presentation", LineType="0", LineWeight="0.4", R="0", G="0", B="0")
        border.extend(self._border)
        for group in (self._equipment, self._systems, self._instruments, self._actuators, self._loops.values()):
            root.extend(group)
        xml.put_in_schema_order(root)
        root.append(xml.catalogue())
        etree.indent(root, "  ")
        return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8")) + b"\n"
