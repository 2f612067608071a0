"""What DEXPI 2.0 files mean: pipes, attributes, classes, links and jumps."""

from __future__ import annotations

import pytest

from pid_renderer.drawing import BadDrawing, Polyline, SheetJump
from pid_renderer.plant_graph import PlantGraph
from tests.pid_renderer.dexpi2_files import (
    data,
    group,
    model,
    obj,
    parts,
    point,
    polyline,
    quantity,
    read_bytes,
    refers,
    static,
    tank,
)


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
