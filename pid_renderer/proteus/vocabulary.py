"""Every element kind of Proteus XML 3.3–4.2: what it is to us, who reads it, or why nobody needs to.

An element in none of these tables is counted in `Drawing.unread`.
"""

from __future__ import annotations

from typing import Final

from pid_renderer.drawing import Kind
from pid_renderer.proteus.strokes import DRAWN

ITEMS: Final[dict[str, Kind]] = {
    "Equipment": "equipment", "Nozzle": "nozzle",
    "PipingNetworkSystem": "piping system", "PipingNetworkSegment": "piping segment",
    "PipingComponent": "piping component",
    "PipeOffPageConnector": "connector", "PipeConnectorSymbol": "connector", "SignalOffPageConnector": "connector",
    "SignalConnectorSymbol": "connector",
    "ProcessInstrumentationFunction": "instrument", "ProcessInstrument": "instrument",
    "InstrumentComponent": "instrument",
    "InstrumentationLoopFunction": "loop", "InstrumentLoop": "loop", "InstrumentationLoop": "loop",
    "InformationFlow": "signal line", "SignalLine": "signal line", "InstrumentConnection": "signal line",
    "ActuatingFunction": "actuator", "ActuatingElectricalFunction": "actuator", "ActuatingSystem": "actuator",
    "ActuatingSystemComponent": "actuator", "ActuatingElectricalSystem": "actuator",
    "ActuatingElectricalSystemComponent": "actuator",
    "Label": "label",
    "PipeOffPageConnectorReference": "other", "SignalOffPageConnectorReference": "other",
    "ProcessSignalGeneratingFunction": "other", "ProcessSignalGeneratingSystem": "other",
    "ProcessSignalGeneratingSystemComponent": "other", "MeasuringSystem": "other", "MeasuringSystemComponent": "other",
    "PipeFlowArrow": "other", "PipeSlopeSymbol": "other", "PropertyBreak": "other", "InsulationSymbol": "other",
    "Component": "other", "Symbol": "other", "AnnotationItem": "other", "ScopeBubble": "other", "Burst": "other",
    "Tapping": "other", "Drawing": "other", "DrawingBorder": "other", "PlantStructureItem": "other",
    "PlantArea": "other", "PlantItem": "other", "MetaData": "other", "System": "other", "Group": "other",
}  # fmt: skip
"""Elements of the drawing, by the tally they belong to."""

CONNECTORS: Final = frozenset(tag for tag, kind in ITEMS.items() if kind == "connector")
"""Where a line leaves the sheet."""

USED: Final[dict[str, str]] = {
    "PlantInformation": "the sheet: unit, exporter",
    "UnitsOfMeasure": "the unit of angles",
    "ShapeCatalogue": "symbols",
    "Extent": "the sheet's size, texts' width, the room of value labels",
    "Min": "an extent's corner",
    "Max": "an extent's corner",
    "Presentation": "colour, weight and dashes of strokes",
    "Position": "where and how a symbol or text stands",
    "Location": "a position's origin",
    "Axis": "a position's axis: mirrored or not",
    "Reference": "a position's x axis",
    "Scale": "a symbol's scale",
    "Coordinate": "a point of a stroke",
    "ControlPoints": "a spline's points",
    "Knots": "a spline's knots",
    "Knot": "a spline's knot",
    "KnotMultiplicities": "a spline's knots",
    "Multiplicity": "a spline's knots",
    "WeightsData": "a spline's weights",
    "ControlPointWeight": "a spline's weights",
    "String": "a line of a text",
    "TextStringFormatSpecification": "a text's template",
    "ObjectAttributesReference": "a text's template",
    "GenericAttributes": "attributes",
    "GenericAttribute": "an attribute",
    "PersistentID": "names an element on other sheets",
    "Association": "a link",
    "ConnectionPoints": "ports",
    "Node": "a port",
    "Connection": "the way of the fluid or signal",
    "CrossPageConnection": "a jump to another sheet",
    "LinkedPersistentID": "a jump to another sheet",
}
"""Read where they belong, by the reader's other modules."""

VALUES: Final = frozenset(
    {"ConnectionType", "Description", "Discipline", "EndDiameter", "EndPreparation", "FabricationCategory", "GasketGap",
     "Inclination", "InsideDiameter", "LargeDiameter", "Manufacturer", "Material", "MaterialDescription",
     "MaterialOfConstruction", "ModelNumber", "NominalDiameter", "Note", "NozzleType", "OperatorType",
     "OutsideDiameter", "Rating", "Remark", "ScheduleThickness", "SmallDiameter", "StartDiameter", "Supplier",
     "TestPressure", "WallThickness", "Weight", "WeldType"}
)  # fmt: skip
"""Elements that state one attribute, or nothing where they are empty; others with a Value are read likewise."""

IRRELEVANT: Final[dict[str, str]] = {
    "History": "who edited the file and when",
    "Transaction": "who edited the file and when",
    "TextAngle": "repeats the text's attribute of that name; 0 in every export seen",
    "RDLService": "where classes are looked up on the web; no network here",
    "Identifier": "how a tag is put together of attributes, which are read themselves",
    "IdentifierElement": "how a tag is put together of attributes, which are read themselves",
}
"""Neither drawn nor part of the plant's meaning, and why."""

PARTS_OF_STROKES: Final[dict[str, frozenset[str]]] = {
    "TrimmedCurve": frozenset({"Circle", "Ellipse", "Line", "PolyLine"}),
    "CompositeCurve": DRAWN,
}
"""Strokes within strokes that the pencil draws."""
