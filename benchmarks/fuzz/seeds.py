"""Two small P&IDs of our own, one a format, in which every kind of thing stands once."""

from __future__ import annotations

from typing import Final

_PROTEUS_SEED: Final = """<?xml version="1.0" encoding="UTF-8"?>
<PlantModel><PlantInformation SchemaVersion="4.1" OriginatingSystem="Seed" Units="mm"/>
<Drawing Name="S" Title="Seed"><Presentation R="1" G="1" B="1"/><Extent><Min X="0" Y="0"/><Max X="400"
Y="300"/></Extent>
<DrawingBorder ID="B" Name="Border"><PolyLine><Presentation LineType="0" LineWeight="0.5" R="0" G="0" B="0"/>
<Coordinate X="1" Y="1"/><Coordinate X="399" Y="1"/><Coordinate X="399"
Y="299"/></PolyLine></DrawingBorder></Drawing>
<Equipment ID="T" ComponentClass="Tank" TagName="10EGB11BB001" ComponentName="HOOK">
<Position><Location X="100" Y="200" Z="0"/><Axis X="0" Y="0" Z="1"/><Reference X="0" Y="1" Z="0"/></Position>
<Scale X="2" Y="1"/><GenericAttributes Number="2" Set="A">
<GenericAttribute Name="UpperLimitDesignPressureAssignmentClass" Value="2,5" Units="barg"/>
<GenericAttribute Name="FluidCodeAssignmentClass" Value="MNb"/></GenericAttributes>
<Nozzle ID="N1" ComponentClass="Nozzle"><ConnectionPoints NumPoints="2"><Node ID="n0"/><Node ID="n1">
<Position><Location X="120" Y="180"/></Position></Node></ConnectionPoints></Nozzle>
<Label ID="L1" ComponentClass="ValueLabel"><Extent><Min X="100" Y="100"/><Max X="120" Y="110"/></Extent>
<Text String="" Height="3" Justification="CenterCenter" ItemID="T" DependantAttribute="[TagName] [FluidCode]">
<Position><Location X="100" Y="190"/></Position></Text></Label></Equipment>
<Equipment ID="P" ComponentClass="CentrifugalPump" TagName="P-1"><Circle Radius="5" Filled="Solid">
<Position><Location X="50" Y="50"/></Position></Circle><TrimmedCurve StartAngle="10" EndAngle="200"><Ellipse
PrimaryAxis="4"
SecondaryAxis="2"><Position><Location X="50" Y="50"/><Reference X="0.6"
Y="0.8"/></Position></Ellipse></TrimmedCurve>
<BsplineCurve Degree="2"><ControlPoints><Coordinate X="1" Y="1"/><Coordinate X="5" Y="9"/><Coordinate X="9" Y="1"/>
</ControlPoints><KnotMultiplicities><Multiplicity>3</Multiplicity>
<Multiplicity>3</Multiplicity></KnotMultiplicities><Knots><Knot>0</Knot><Knot>1</Knot></Knots>
</BsplineCurve><Nozzle ID="N2"/></Equipment>
<PipingNetworkSystem ID="S" TagName="L-1"><PipingNetworkSegment ID="G" ComponentClass="PipingNetworkSegment">
<CenterLine><Coordinate X="50" Y="50"/><Coordinate X="80" Y="50"/><Coordinate X="80" Y="180"/></CenterLine>
<PipingComponent ID="V" ComponentClass="GlobeValve" TagName="V-1"><Line><Coordinate X="60" Y="50"/><Coordinate
X="65" Y="55"/>
</Line><ConnectionPoints NumPoints="3" FlowIn="1" FlowOut="2"><Node/><Node ID="v1"/><Node
ID="v2"/></ConnectionPoints>
</PipingComponent><PipeOffPageConnector ID="O" ComponentClass="FlowOutPipeOffPageConnector"><CrossPageConnection
DrawingName="other"/></PipeOffPageConnector><Connection FromID="N2" FromNode="1" ToID="N1"
ToNode="1"/></PipingNetworkSegment>
</PipingNetworkSystem><ProcessInstrumentationFunction ID="F" TagName="LIC 101"
ComponentClass="ProcessInstrumentationFunction"><Circle
Radius="4"><Position><Location X="200" Y="200"/></Position></Circle>
<ProcessSignalGeneratingFunction ID="Q"><Association Type="is
located in"
ItemID="T"/></ProcessSignalGeneratingFunction><InformationFlow ID="I"
ComponentClass="SignalConveyingFunction"><Association
Type="has logical start" ItemID="F"/><Association Type="has logical end" ItemID="V"/><Connection FromID="F"
ToID="V"/>
</InformationFlow></ProcessInstrumentationFunction><InstrumentationLoopFunction ID="K"><Association
Type="is a collection including" ItemID="F"/></InstrumentationLoopFunction>
<ShapeCatalogue Name="C"><Equipment ID="s" ComponentName="HOOK"><PolyLine><Coordinate X="0" Y="0"/><Coordinate
X="10" Y="0"/>
<Coordinate X="10" Y="5"/></PolyLine><Text String="HOOK" Height="2"><Position><Location X="1"
Y="1"/></Position></Text>
</Equipment></ShapeCatalogue></PlantModel>
"""


def _value(name: str, kind: str, *inside: str) -> str:
    value = f'<AggregatedDataValue type="Core/{kind}">{"".join(inside)}</AggregatedDataValue>'
    return f'<Data property="{name}">{value}</Data>'


def _number(name: str, value: float) -> str:
    return f'<Data property="{name}"><Double>{value}</Double></Data>'


def _point(name: str, x: float, y: float) -> str:
    return _value(name, "Diagram.Point", _number("X", x), _number("Y", y))


def _string(name: str, text: str) -> str:
    return f'<Data property="{name}"><String>{text}</String></Data>'


def _object(kind: str, id_: str, *inside: str) -> str:
    return f'<Object id="{id_}" type="{kind}">{"".join(inside)}</Object>\n'


def _parts(role: str, *objects: str) -> str:
    return f'<Components property="{role}">{"".join(objects)}</Components>'


def _refers(role: str, to: str) -> str:
    return f'<References objects="{to}" property="{role}"/>'


_STROKE: Final = _value(
    "Stroke",
    "Diagram.Stroke",
    _value("Color", "Diagram.Color", *(f'<Data property="{name}"><Integer>9</Integer></Data>' for name in "RGB")),
    '<Data property="DashStyle"><DataReference data="Core/Diagram.DashStyle.Dash"/></Data>',
    _number("Width", 0.3),
)
_NODE: Final = "Plant/Piping.PipingNode"
_QUANTITY: Final = _value(
    "UpperLimitDesignPressure",
    "PhysicalQuantities.PhysicalQuantity",
    '<Data property="Unit"><DataReference data="Core/PhysicalQuantities.PressureGaugeUnit.Bar"/></Data>',
    _number("Value", 6.0),
)
_PLANT: Final = _object(
    "Plant/PlantModel",
    "M",
    _parts(
        "TaggedPlantItems",
        _object(
            "Plant/ProcessEquipment.Tank",
            "T",
            _string("TagName", "10EGB11BB001"),
            _QUANTITY,
            _parts("Nozzles", _object("Plant/ProcessEquipment.Nozzle", "N1", _parts("Nodes", _object(_NODE, "n1")))),
        ),
        _object("Plant/ProcessEquipment.CentrifugalPump", "P", _string("TagName", "P-1")),
    ),
    _parts(
        "PipingNetworkSystems",
        _object(
            "Plant/Piping.PipingNetworkSystem",
            "S",
            _parts(
                "Segments",
                _object(
                    "Plant/Piping.PipingNetworkSegment",
                    "G",
                    _parts(
                        "Connections",
                        _object("Plant/Piping.Pipe", "p", _refers("SourceItem", "#V"), _refers("TargetItem", "#N1")),
                    ),
                    _parts("Items", _object("Plant/Piping.GlobeValve", "V", _parts("Nodes", _object(_NODE, "v1")))),
                ),
            ),
        ),
    ),
    _parts(
        "ProcessInstrumentationFunctions",
        _object(
            "Plant/Instrumentation.ProcessInstrumentationFunction",
            "F",
            _string("ProcessInstrumentationFunctionNumber", "101"),
            _parts(
                "ProcessSignalGeneratingFunctions",
                _object("Plant/Instrumentation.ProcessSignalGeneratingFunction", "Q", _refers("SensingLocation", "#V")),
            ),
            _parts(
                "SignalConveyingFunctions",
                _object(
                    "Plant/Instrumentation.MeasuringLineFunction", "I", _refers("Source", "#Q"), _refers("Target", "#F")
                ),
            ),
        ),
    ),
)


def _line(represents: str, x: float) -> str:
    points = "".join(
        f'<AggregatedDataValue type="Core/Diagram.Point">{_number("X", x)}{_number("Y", y)}</AggregatedDataValue>'
        for y in (50.0, 60.0)
    )
    line = _object("Core/Diagram.PolyLine", f"line{represents}", f'<Data property="Points">{points}</Data>', _STROKE)
    ink = _object("Core/Diagram.Static", f"ink{represents}", _parts("Elements", line))
    group = "Core/Diagram.RepresentationGroup"
    return _object(group, f"group{represents}", _refers("Represents", f"#{represents}"), _parts("Groups", ink))


_INK: Final = _object(
    "Core/Diagram.Diagram",
    "D",
    "".join(_number(name, value) for name, value in (("MinX", 0.0), ("MinY", 0.0), ("MaxX", 400.0), ("MaxY", 300.0))),
    _parts(
        "Groups",
        *(_line(represents, x) for represents, x in (("P", 100.0), ("V", 150.0), ("F", 200.0))),
        _object(
            "Core/Diagram.RepresentationGroup",
            "r1",
            _refers("Represents", "#T"),
            _parts(
                "NodePositions",
                _object(
                    "Plant/Diagram.PipingNodePosition", "at1", _refers("Node", "#n1"), _point("Position", 20.0, 30.0)
                ),
                _object("Plant/Diagram.PipingNodePosition", "at2", _point("Position", 90.0, 30.0)),
            ),
            _parts(
                "Groups",
                _object(
                    "Core/Diagram.Static",
                    "i1",
                    _parts(
                        "Elements",
                        _object(
                            "Core/Diagram.ShapeUsage",
                            "u",
                            _point("Position", 20.0, 30.0),
                            _number("Rotation", 90.0),
                            '<Data property="IsMirrored"><Boolean>true</Boolean></Data>',
                            _number("ScaleX", 2.0),
                            _number("ScaleY", 1.0),
                            _refers("Shape", "#H"),
                        ),
                        _object(
                            "Core/Diagram.ConnectorLine",
                            "c",
                            _refers("Source", "#at1"),
                            _refers("Target", "#at2"),
                            _STROKE,
                        ),
                    ),
                ),
                _object(
                    "Plant/Diagram.EquipmentTagNameLabel",
                    "l",
                    _parts(
                        "Elements",
                        _object(
                            "Core/Diagram.Text",
                            "t",
                            _point("Position", 20.0, 10.0),
                            _number("Size", 3.0),
                            _number("Rotation", 0.0),
                            _string("Text", ""),
                            _parts(
                                "Template",
                                _object(
                                    "Core/Diagram.TextTemplate",
                                    "tt",
                                    _parts(
                                        "Fragments",
                                        _object(
                                            "Core/Diagram.AttributeRepresentation",
                                            "a",
                                            _string("AttributeName", "TagName"),
                                            _refers("Object", "#T"),
                                        ),
                                        _object("Core/Diagram.LiteralText", "lt", _string("Text", " - ")),
                                    ),
                                ),
                            ),
                        ),
                    ),
                ),
            ),
        ),
    ),
)
_SHAPE: Final = _object(
    "Core/Diagram.Shape",
    "H",
    _string("Name", "HOOK"),
    _parts(
        "Primitives",
        _object(
            "Core/Diagram.EllipseArc",
            "e",
            _point("Center", 1.0, 2.0),
            _number("HorizontalSemiAxis", 4.0),
            _number("VerticalSemiAxis", 2.0),
            _number("Rotation", 15.0),
            _number("StartAngle", 300.0),
            _number("EndAngle", 100.0),
            _STROKE,
        ),
    ),
)

_MODEL: Final = _object(
    "Core/EngineeringModel",
    "E",
    _parts("ConceptualModel", _PLANT),
    _parts("Diagram", _INK),
    _parts("ShapeCatalogues", _object("Core/Diagram.ShapeCatalogue", "SC", _parts("Shapes", _SHAPE))),
)

SEEDS: Final[dict[str, str]] = {
    "seed-proteus.xml": _PROTEUS_SEED,
    "seed-dexpi2.xml": (
        f'<Model name="seed" uri="http://example.org/seed"><Import prefix="Core" source="Core.xml"/>{_MODEL}</Model>'
    ),
}
"""What a checkout without samples has, too: every kind of thing the readers know, once."""
