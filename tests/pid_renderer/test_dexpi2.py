"""The DEXPI 2.0 reader: small files of our own, and files that nobody should trust."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from pid_renderer import reading
from pid_renderer.dexpi2 import read_tree, strokes
from pid_renderer.drawing import Arc, BadDrawing, Drawing, Polyline, SheetJump, Text
from pid_renderer.plant_graph import PlantGraph
from pid_renderer.reading import read_as_written as read
from pid_renderer.said import said
from pid_renderer.xml_document import parse

IMPORTS = (
    '<Import prefix="Core" source="https://data.dexpi.org/models/2.0.0/Core.xml"/>'
    '<Import prefix="Plant" source="https://data.dexpi.org/models/2.0.0/Plant.xml"/>'
)


def read_bytes(content: bytes, name: str) -> Drawing:
    return read_tree(parse(content, name), name)


def data(name: str, value: object) -> str:
    kind = "Boolean" if isinstance(value, bool) else "Double" if isinstance(value, float) else "String"
    return f'<Data property="{name}"><{kind}>{str(value).lower() if kind == "Boolean" else value}</{kind}></Data>'


def aggregated(name: str, kind: str, *fields: str) -> str:
    return f'<Data property="{name}"><AggregatedDataValue type="{kind}">{"".join(fields)}</AggregatedDataValue></Data>'


def literal(name: str, path: str) -> str:
    return f'<Data property="{name}"><DataReference data="{path}"/></Data>'


def point(name: str, *places: tuple[float, float]) -> str:
    values = "".join(
        f'<AggregatedDataValue type="Core/Diagram.Point">{data("X", float(x))}{data("Y", float(y))}'
        "</AggregatedDataValue>"
        for x, y in places
    )
    return f'<Data property="{name}">{values}</Data>'


def quantity(name: str, value: float, unit: str) -> str:
    return aggregated(
        name,
        "Core/PhysicalQuantities.PhysicalQuantity",
        literal("Unit", f"Core/PhysicalQuantities.{unit}"),
        data("Value", value),
    )


def obj(kind: str, *inside: str, id_: str = "", name: str = "") -> str:
    marks = (f' id="{id_}"' if id_ else "") + (f' name="{name}"' if name else "")
    return f'<Object type="{kind}"{marks}>{"".join(inside)}</Object>'


def parts(role: str, *objects: str) -> str:
    return f'<Components property="{role}">{"".join(objects)}</Components>'


def refers(role: str, *ids: str) -> str:
    return f'<References property="{role}" objects="{" ".join(ids)}"/>'


def group(represents: str, *inside: str) -> str:
    return obj("Core/Diagram.RepresentationGroup", refers("Represents", f"#{represents}"), *inside)


def static(*elements: str) -> str:
    return obj("Core/Diagram.Static", parts("Elements", *elements))


def polyline(*places: tuple[float, float]) -> str:
    return obj("Core/Diagram.PolyLine", point("Points", *places))


def usage(shape: str, x: float, y: float, turn: float = 0.0, mirrored: bool = False, scale: float = 1.0) -> str:
    return obj(
        "Core/Diagram.ShapeUsage",
        point("Position", (x, y)),
        data("Rotation", turn),
        data("IsMirrored", mirrored),
        data("ScaleX", scale),
        data("ScaleY", scale),
        refers("Shape", shape),
    )


HOOK = obj(
    "Core/Diagram.Shape",
    data("Name", "HOOK"),
    parts("Primitives", polyline((0, 0), (10, 0), (10, 5))),
    id_="Hook",
)


def model(
    plant: Iterable[str] = (), ink: Iterable[str] = (), shapes: str = HOOK, kind: str = "Plant/PlantModel"
) -> bytes:
    frame = "".join(
        data(name, value) for name, value in (("MinX", 0.0), ("MinY", 0.0), ("MaxX", 400.0), ("MaxY", 300.0))
    )
    diagram = (
        parts("Diagram", obj("Core/Diagram.Diagram", data("Name", "S"), frame, parts("Groups", *ink))) if ink else ""
    )
    return (
        f'<Model name="m" uri="http://example.org/m">{IMPORTS}<Object type="Core/EngineeringModel">'
        f"{parts('ConceptualModel', obj(kind, *plant))}{diagram}"
        f"{parts('ShapeCatalogues', obj('Core/Diagram.ShapeCatalogue', parts('Shapes', shapes)))}</Object></Model>"
    ).encode()


def tank(*inside: str, id_: str = "T") -> str:
    return obj("Plant/ProcessEquipment.Tank", *inside, id_=id_)


def placed(turn: float = 0.0, mirrored: bool = False, scale: float = 1.0) -> list[tuple[float, float]]:
    content = model(
        [parts("TaggedPlantItems", tank())],
        [group("T", parts("Groups", static(usage("#Hook", 100, 50, turn, mirrored, scale))))],
    )
    (line,) = read_bytes(content, "t.xml").primitives_of["T"]
    assert isinstance(line, Polyline)
    return [(round(x, 6) + 0.0, round(y, 6) + 0.0) for x, y in line.points]


def test_a_sheet_has_y_down_as_the_format_has():
    assert placed() == [(100, 50), (110, 50), (110, 55)]


def test_a_shape_is_turned_clockwise():
    assert placed(turn=90.0) == [(100, 50), (100, 60), (95, 60)]


def test_a_mirrored_shape_is_mirrored_left_to_right_before_it_is_turned():
    assert placed(mirrored=True) == [(100, 50), (90, 50), (90, 55)]
    assert placed(mirrored=True, turn=90.0) == [(100, 50), (100, 40), (95, 40)]


def test_a_shape_is_scaled_before_it_is_turned():
    assert placed(turn=90.0, scale=2.0) == [(100, 50), (100, 70), (90, 70)]


def test_an_arc_runs_clockwise_from_its_start_to_its_end_across_the_axis():
    arc = obj(
        "Core/Diagram.EllipseArc",
        point("Center", (100, 100)),
        data("HorizontalSemiAxis", 10.0),
        data("VerticalSemiAxis", 5.0),
        data("Rotation", 0.0),
        data("StartAngle", 270.0),
        data("EndAngle", 90.0),
    )
    drawing = read_bytes(
        model([parts("TaggedPlantItems", tank())], [group("T", parts("Groups", static(arc)))]), "t.xml"
    )
    (found,) = drawing.primitives_of["T"]
    assert isinstance(found, Arc)
    assert found.at(found.start_deg) == pytest.approx((100, 95))
    assert found.at(found.start_deg + found.sweep_deg / 2) == pytest.approx((110, 100))
    assert found.at(found.start_deg + found.sweep_deg) == pytest.approx((100, 105))


def pipe_between() -> tuple[list[str], list[str]]:
    """A pump's nozzle N1, a valve, a tank's nozzle N2, two pipes in one segment; ink of one of the pipes."""
    node = "Plant/Piping.PipingNode"
    nozzle = "Plant/ProcessEquipment.Nozzle"
    pump = obj("Plant/ProcessEquipment.CentrifugalPump", data("TagName", "P-1"), id_="P")
    pump = pump.replace(
        "</Object>", parts("Nozzles", obj(nozzle, parts("Nodes", obj(node, id_="n1")), id_="N1")) + "</Object>"
    )
    items = tank(parts("Nozzles", obj(nozzle, parts("Nodes", obj(node, id_="n2")), id_="N2")), data("TagName", "T-1"))
    valve = obj("Plant/Piping.GlobeValve", parts("Nodes", obj(node, id_="v1"), obj(node, id_="v2")), id_="V")
    first = obj("Plant/Piping.Pipe", refers("SourceItem", "#N1"), refers("TargetNode", "#v1"), id_="pipe1")
    second = obj("Plant/Piping.Pipe", refers("SourceItem", "#V"), refers("TargetItem", "#N2"), id_="pipe2")
    segment = obj(
        "Plant/Piping.PipingNetworkSegment", parts("Connections", first, second), parts("Items", valve), id_="S"
    )
    system = obj("Plant/Piping.PipingNetworkSystem", data("LineNumber", "L-1"), parts("Segments", segment), id_="L")
    positions = parts(
        "NodePositions",
        obj("Plant/Diagram.PipingNodePosition", refers("Node", "#n1"), point("Position", (10, 20)), id_="at1"),
    ) + parts(
        "NodePositions",
        obj("Plant/Diagram.PipingNodePosition", refers("Node", "#v1"), point("Position", (60, 40)), id_="at2"),
    )
    line = obj(
        "Core/Diagram.ConnectorLine", refers("Source", "#at1"), point("InnerPoints", (10, 40)), refers("Target", "#at2")
    )
    arrow = obj("Core/Diagram.PipeFlowArrow", parts("Elements", polyline((30, 39), (32, 40))))
    ink = [
        group("P", parts("Groups", static(polyline((0, 10), (10, 30))))),
        group(
            "L",
            parts(
                "Groups", group("S", positions, parts("Groups", group("pipe1", parts("Groups", static(line))), arrow))
            ),
        ),
    ]
    return [parts("TaggedPlantItems", pump, items), parts("PipingNetworkSystems", system)], ink


def test_pipes_join_items_in_the_direction_of_flow_and_their_ink_is_the_segments():
    drawing = read_bytes(model(*pipe_between()), "t.xml")
    assert [(joint.source, joint.target, joint.segment) for joint in drawing.connections] == [
        ("N1", "V", "S"),
        ("V", "N2", "S"),
    ]
    line = drawing.primitives_of["S"][0]
    assert isinstance(line, Polyline)
    assert line.points == ((10, 20), (10, 40), (60, 40))
    assert line.pipe
    assert drawing.ports["N1"] == ((10, 20),)
    assert "T" in PlantGraph(drawing).downstream("P")


def test_an_arrow_is_a_part_of_its_pipe():
    drawing = read_bytes(model(*pipe_between()), "t.xml")
    (arrow,) = (each for each in drawing.elements.values() if each.component_class == "PipeFlowArrow")
    assert (arrow.parent, arrow.family) == ("S", "fitting")


def test_a_quantity_is_given_in_si_and_a_gauge_pressure_says_so():
    chamber = obj(
        "Plant/ProcessEquipment.Chamber",
        quantity("UpperLimitDesignTemperature", 90.0, "TemperatureUnit.DegreeCelsius"),
        quantity("UpperLimitDesignPressure", 2.5, "PressureGaugeUnit.Bar"),
        quantity("LowerLimitDesignPressure", 0.5, "PressureAbsoluteUnit.Bar"),
        id_="C",
    )
    values = (
        read_bytes(model([parts("TaggedPlantItems", tank(parts("Chambers", chamber)))]), "t.xml")
        .elements["C"]
        .attributes
    )
    found = {name: (each.text, each.unit_text, round(each.value or 0.0, 6), each.unit) for name, each in values.items()}
    assert found["UpperLimitDesignTemperature"] == ("90.0", "DegreeCelsius", 363.15, "K")
    assert found["UpperLimitDesignPressure"] == ("2.5", "Bar", 250000.0, "Pa(g)")
    assert found["LowerLimitDesignPressure"] == ("0.5", "Bar", 50000.0, "Pa")


def text_of(template: str, written: str, *, reference: str = "#T") -> Text:
    fragments = "".join(
        obj(
            "Core/Diagram.AttributeRepresentation",
            data("AttributeName", name),
            refers("Object", reference),
            literal("Type", "Core/Diagram.AttributeRepresentationType.Value"),
        )
        if name.isalpha() or "(" in name
        else obj("Core/Diagram.LiteralText", data("Text", name))
        for name in template.split("|")
    )
    label = obj(
        "Core/Diagram.Text",
        point("Position", (5, 5)),
        data("Size", 3.0),
        data("Rotation", 0.0),
        literal("Alignment", "Core/Diagram.TextAlignment.RightTop"),
        data("Text", written),
        parts("Template", obj("Core/Diagram.TextTemplate", parts("Fragments", fragments))),
    )
    ink = [group("T", parts("Groups", obj("Plant/Diagram.EquipmentTagNameLabel", parts("Elements", label))))]
    values = data("TagName", "T-1") + data("NominalCapacityVolume", "26") + data("FluidCode", "MNb")
    drawing = read_bytes(model([parts("TaggedPlantItems", tank(values))], ink), "t.xml")
    (found,) = (each for each in drawing.primitives if isinstance(each, Text))
    assert drawing.elements[found.owner].kind == "label"
    assert drawing.elements[found.owner].parent == "T"
    return found


def test_a_text_says_which_attribute_of_which_element_it_shows():
    text = text_of("TagName", "T-1")
    assert (text.text, text.refers_to, text.attribute) == ("T-1", "T", "TagName")
    assert (text.horizontal, text.vertical) == ("right", "top")


def test_a_text_left_empty_is_made_from_its_template():
    assert text_of("TagName", "").text == "T-1"
    assert text_of("TagName|: |FluidCode", "").text == "T-1: MNb"
    assert text_of("NominalCapacity(Volume)", "").text == "26"


def test_a_text_about_nothing_is_drawn_as_written():
    text = text_of("TagName", "as written", reference="#nowhere")
    assert (text.text, text.refers_to) == ("as written", "")


def test_a_controller_is_linked_to_what_senses_and_to_the_actuator_of_its_valve():
    sensing = obj("Plant/Instrumentation.ProcessSignalGeneratingFunction", refers("SensingLocation", "#V"), id_="sense")
    measuring = obj(
        "Plant/Instrumentation.MeasuringLineFunction", refers("Source", "#sense"), refers("Target", "#F"), id_="m"
    )
    acting = obj("Plant/Instrumentation.ActuatingFunction", refers("Systems", "#A"), id_="act")
    conveying = obj(
        "Plant/Instrumentation.SignalConveyingFunction", refers("Source", "#F"), refers("Target", "#act"), id_="c"
    )
    function = obj(
        "Plant/Instrumentation.ProcessInstrumentationFunction",
        data("ProcessInstrumentationFunctionCategory", "P"),
        data("ProcessInstrumentationFunctions", "IC"),
        data("ProcessInstrumentationFunctionNumber", "47"),
        parts("ProcessSignalGeneratingFunctions", sensing),
        parts("ActuatingFunctions", acting),
        parts("SignalConveyingFunctions", measuring, conveying),
        id_="F",
    )
    system = obj(
        "Plant/Instrumentation.ActuatingSystem",
        parts("ControlledActuator", obj("Plant/Instrumentation.ControlledActuator", id_="Y")),
        parts(
            "OperatedValveReference",
            obj("Plant/Instrumentation.OperatedValveReference", refers("Valve", "#V"), id_="R"),
        ),
        id_="A",
    )
    plant, _ = pipe_between()
    instruments = [parts("ProcessInstrumentationFunctions", function), parts("ActuatingSystems", system)]
    drawing = read_bytes(model([*plant, *instruments]), "t.xml")
    links = {(link.kind, link.source, link.target) for link in drawing.links}
    assert {("signal", "V", "F"), ("signal", "F", "Y"), ("refers to", "R", "V"), ("fulfills", "A", "act")} <= links
    assert {("is located in", "sense", "V"), ("has logical end", "c", "act")} <= links
    assert drawing.elements["F"].tag == "PIC 47"


def test_an_off_page_connector_says_where_it_leads_and_identifiers_are_kept():
    reference = obj(
        "Plant/Piping.PipeOffPageConnectorReferenceByNumber",
        data("ReferencedDrawingNumber", "D-2"),
        data("ReferencedConnectorNumber", "7"),
    )
    identifier = obj("Core/PersistentIdentifier", data("Context", "x"), data("Value", "uuid-1"))
    connector = obj(
        "Plant/Piping.FlowOutPipeOffPageConnector",
        data("PipeConnectorNumber", "3"),
        parts("ConnectorReference", reference),
        parts("PersistentIdentifiers", identifier),
        id_="O",
    )
    segment = obj("Plant/Piping.PipingNetworkSegment", parts("Items", connector), id_="S")
    system = obj("Plant/Piping.PipingNetworkSystem", parts("Segments", segment), id_="L")
    about = obj("Plant/Diagram.PlantMetaData", data("DrawingNumber", "D-1"))
    drawing = read_bytes(model([parts("PipingNetworkSystems", system), parts("MetaData", about)]), "t.xml")
    assert drawing.jumps == (SheetJump("O", "3", "out", "D-2", "7", ""),)
    assert drawing.aliases == {"uuid-1": "O"}
    assert "D-1" in drawing.names


def test_a_class_of_any_profile_is_told_by_what_owns_it():
    package = obj("MyProfile/Model.SkidPackage", data("MyProfile/ItemTag", "X-1"), id_="X")
    element = read_bytes(model([parts("TaggedPlantItems", package)]), "t.xml").elements["X"]
    assert (element.family, element.kind, element.tag) == ("equipment", "equipment", "X-1")


def test_symbols_of_a_profile_are_read_from_beside_the_drawing_and_never_from_elsewhere(tmp_path: Path):
    conditioned = obj(
        "Profile/SymbolVariant",
        parts("Condition", obj("Profile/PropertyValueCondition", data("Property", "Position"), data("Value", "shut"))),
        parts("Primitives", polyline((0, 0), (9, 9))),
    )
    plain = obj(
        "Profile/SymbolVariant",
        parts("Primitives", polyline((0, 0), (5, 0))),
        parts(
            "LabelTemplates",
            obj(
                "Profile/LabelTemplate", point("Position", (0, -2)), data("Size", 3.0), data("Text", "&lt;TagName&gt;")
            ),
        ),
    )
    symbol = obj("Profile/Symbol", parts("Variants", conditioned, plain), name="ND1")
    catalogue = obj("Profile/SymbolCatalogue", parts("Symbols", symbol))
    used = (
        usage("Mine/ND1", 100, 50).replace("Diagram.ShapeUsage", "Diagram.SymbolUsage").replace('"Shape"', '"Symbol"')
    )
    sheet = tmp_path / "sheet.xml"
    sheet.write_bytes(
        model([parts("TaggedPlantItems", tank(data("TagName", "T-1")))], [group("T", parts("Groups", static(used)))])
    )
    (missing,) = read(sheet).unread
    assert missing.what == "symbol 'Mine/ND1' is neither in the file nor in a profile beside it"
    (tmp_path / "Mine.xml").write_text(
        f'<Model name="Mine" uri="u"><Package name="S">{symbol}</Package>{catalogue}</Model>'
    )
    assert read(sheet).unread != ()  # the symbol's full name is Mine/S.ND1
    (tmp_path / "Mine.xml").write_text(f'<Model name="Mine" uri="u">{symbol}</Model>')
    drawing = read(sheet)
    assert drawing.unread == ()
    assert [each.box.width for each in drawing.primitives if isinstance(each, Polyline)] == [5.0]
    assert [each.text for each in drawing.primitives if isinstance(each, Text)] == ["T-1"]


def test_a_process_model_with_a_diagram_lives_by_its_steps():
    port = "Process/Process.MaterialPort"
    steps = parts(
        "ProcessSteps",
        obj("Process/Process.Pumping", parts("Ports", obj(port, id_="p1")), id_="Pump"),
        obj("Process/Process.ReactingChemicals", parts("Ports", obj(port, id_="p2")), id_="Reactor"),
    )
    temperature = obj("Core/QualifiedValue", quantity("Value", 120.0, "TemperatureUnit.DegreeCelsius"))
    stream = obj(
        "Process/Process.Stream", refers("Source", "#p1"), refers("Target", "#p2"), data("Identifier", "13"),
        parts("Temperature", temperature), id_="S",
    )  # fmt: skip
    ink = [group("Pump", parts("Groups", static(polyline((0, 0), (5, 5)))))]
    plant = [steps, parts("ProcessConnections", stream)]
    drawing = read_bytes(model(plant, ink, kind="Process/ProcessModel"), "t.xml")
    assert [(joint.source, joint.target) for joint in drawing.connections] == [("Pump", "Reactor")]
    assert (drawing.elements["Pump"].family, drawing.elements["Reactor"].family) == ("pump", "vessel")
    assert drawing.elements["S"].tag == "13"
    assert drawing.elements["S"].attributes["Temperature"].value == pytest.approx(393.15)
    with pytest.raises(BadDrawing, match="process model has no diagram"):
        read_bytes(model(plant, kind="Process/ProcessModel"), "t.xml")


def test_a_body_in_the_grounds_colour_covers_and_keeps_an_outline():
    white = aggregated("Color", "Core/Diagram.Color", *(data(name, 1.0) for name in "RGB"))
    box = obj(
        "Core/Diagram.Polygon",
        point("Points", (0, 0), (10, 0), (10, 10)),
        literal("FillStyle", "Core/Diagram.FillStyle.Solid"),
        aggregated("Stroke", "Core/Diagram.Stroke", white, data("Width", 0.3)),
    )
    ground = white.replace('"Color"', '"BackgroundColor"')
    content = model([parts("TaggedPlantItems", tank())], [group("T", parts("Groups", static(box)))])
    drawing = read_bytes(
        content.replace(b'<Data property="Name"><String>S<', ground.encode() + b'<Data property="Name"><String>S<'),
        "t.xml",
    )
    assert drawing.ground == "#FFFFFF"
    found = drawing.primitives_of["T"]
    assert [(each.filled, each.stroke.color) for each in found if isinstance(each, Polyline)] == [
        (True, "#FFFFFF"),
        (False, ""),
    ]


def test_what_is_not_understood_is_counted_with_its_line():
    strange = obj("Core/Diagram.Hologram")
    broken = polyline((1, 1), (2, 2)).replace("2.0", "NaN")
    content = model(
        [parts("TaggedPlantItems", tank(), tank())],
        [group("T", parts("Groups", static(strange, broken, usage("#nowhere", 1, 1)))), group("gone", "")],
    )
    unread = {item.what: item.count for item in read_bytes(content, "t.xml").unread}
    assert unread == {
        "an ID used twice": 1,
        "graphics of type Hologram": 1,
        "PolyLine X='NaN'": 1,
        "symbol '#nowhere' is neither in the file nor in a profile beside it": 1,
        "a group that represents nothing in the file": 1,
    }


def test_all_that_this_reader_says_is_said_in_spanish_too():
    room = Path(strokes.__file__).parent
    sentences = {
        re.sub(r"\{[^{}]*(?:\[[^]]*\])?[^{}]*\}", "7", text)
        for file in room.glob("*.py")
        for text in re.findall(r'miss\(\s*f?"([^"]+)"', file.read_text(encoding="utf-8"))
    }
    assert len(sentences) > 15
    alike = {"<7>"}
    assert [text for text in sorted(sentences - alike) if said(text, "es") == text] == []


def refused(content: bytes) -> str:
    with pytest.raises(BadDrawing) as caught:
        read_bytes(content, "bad.xml")
    text = str(caught.value)
    assert "\n" not in text
    assert text.startswith("bad.xml, line ")
    return text


def test_the_one_door_knows_both_formats_by_their_content_and_refuses_a_third():
    ink = group("T", parts("Groups", static(polyline((0, 0), (9, 9)))))
    content = model([parts("TaggedPlantItems", tank())], [ink])
    assert reading.read_bytes(content, "sheet.pdf").exporter.endswith("DEXPI 2.0")
    line = '<Line><Coordinate X="1" Y="1"/><Coordinate X="2" Y="2"/></Line>'
    proteus = f'<PlantModel><PlantInformation/><Equipment ID="E">{line}</Equipment></PlantModel>'
    assert "Proteus" in reading.read_bytes(proteus.encode(), "sheet").exporter
    with pytest.raises(BadDrawing, match=r"x, line 1: the root element is <svg>; a P&ID begins with <PlantModel>"):
        reading.read_bytes(b"<svg/>", "x")


def chain(length: int) -> str:
    """Objects that own one another by reference, each written at the top of the file."""
    links = (
        obj("Plant/ProcessEquipment.Chamber", parts("Chambers", f'<ObjectReference object="#o{i + 1}"/>'), id_=f"o{i}")
        for i in range(length)
    )
    return "".join(links)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b'<Model name="m" uri="u"/>', "is empty"),
        (b'<Model name="m" uri="u"><ConcreteClass name="Tank"/></Model>', "defines classes or symbols"),
        (b'<Model name="m" uri="u"><Object type="Core/EngineeringModel"/></Model>', "no plant and no diagram"),
        (b'<!DOCTYPE Model [<!ENTITY a "b">]><Model name="&a;"/>', "declarations"),
        (model()[:-40], "not well-formed"),
        (model().replace(b"</Model>", chain(500).encode() + b"</Model>"), "nest deeper than"),
    ],
)
def test_a_foreign_or_hostile_file_gets_one_sentence(content: bytes, words: str):
    assert words in refused(content)


def test_objects_that_own_one_another_in_a_circle_are_read_once():
    circle = tank(parts("Chambers", '<ObjectReference object="#b"/>'), id_="a") + tank(
        parts("Chambers", '<ObjectReference object="#a"/>'), id_="b"
    )
    content = model([parts("TaggedPlantItems", tank())]).replace(b"</Model>", circle.encode() + b"</Model>")
    drawing = read_bytes(content, "t.xml")
    assert [item.what for item in drawing.unread] == ["component '#a' belongs to two objects"]


def test_a_shape_used_without_end_is_refused_before_it_fills_the_memory(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(strokes, "MAX_PRIMITIVES", 1000)
    shape = HOOK.replace("</Components>", polyline((0, 0), (1, 1)) * 20 + "</Components>")
    content = model(
        [parts("TaggedPlantItems", tank())],
        [group("T", parts("Groups", static(usage("#Hook", 1, 1) * 50)))],
        shapes=shape,
    )
    assert "strokes to draw" in refused(content)
