"""Topology: what flows where, who measures and who moves what."""

from __future__ import annotations

import pytest

from pid_renderer.plant_graph import PlantGraph


@pytest.fixture(scope="module")
def graph(sheet) -> PlantGraph:
    return PlantGraph(sheet.drawing)


def codes(graph: PlantGraph, ids: list[str]) -> list[str]:
    return [kks for id_ in ids if (kks := graph.drawing.elements[id_].kks)]


def test_downstream_of_a_tank_is_its_outlet_valve_then_the_pump(graph):
    found = codes(graph, graph.downstream(graph.drawing.by_kks["10EGB11BB001"].id))
    assert found.index("10EGB11AA002") < found.index("10EGC11AP001")
    assert "10EGB11AA001" not in found


def test_upstream_of_the_pump_is_the_tank_and_its_inlet(graph):
    found = codes(graph, graph.upstream(graph.drawing.by_kks["10EGC11AP001"].id))
    assert {"10EGB11AA002", "10EGB11BB001", "10EGB11AA001"} <= set(found)
    assert "10EGC11AA003" not in found


def test_an_actuator_controls_its_valve_and_a_transmitter_measures_its_tank(graph):
    by_kks = graph.drawing.by_kks
    edges = {(s, t): data["kind"] for s, t, data in graph.graph.edges(data=True)}
    assert edges[("PIF-10EGB11CL001", by_kks["10EGB11BB001"].id)] == "measures"
    assert edges[("ActuatingSystem-10EGB11AA001", by_kks["10EGB11AA001"].id)] == "controls"


def test_a_loop_lists_its_instruments(graph):
    loops = {loop.tag: loop.members for loop in graph.loops}
    assert "PIF-10EGC10DF001" in loops["10EGC10DF001"]


def test_an_unknown_element_is_named(graph):
    with pytest.raises(KeyError, match="nowhere is not on"):
        graph.downstream("nowhere")


@pytest.mark.shared
def test_c01_flows_from_its_inlet_arrow_through_both_pumps_to_its_outlet(samples):
    from pid_renderer import proteus

    graph = PlantGraph(proteus.read(next((samples / "proteus-c01").glob("*.xml"))))
    reached = graph.downstream("FlowInPipeOffPageConnector-1")
    order = [reached.index(i) for i in ("CentrifugalPump-1", "Tank-1", "ReciprocatingPump-1")]
    assert order == sorted(order)
    assert "FlowOutPipeOffPageConnector-1" in reached
    assert {e.tag for e in graph.equipment} == {"T4750", "P4711", "P4712", "H1007", "H1008"}
