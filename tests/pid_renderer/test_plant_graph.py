"""Topology: what flows where, who measures and who moves what."""

from __future__ import annotations

import time

import pytest

from pid_renderer import proteus, reading
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


# -- C01, with facts read by hand in C01V04-VER.EX01.xml -------------------------------------------------------------


@pytest.fixture(scope="module")
def c01(samples) -> PlantGraph:
    return PlantGraph(proteus.read(next((samples / "proteus-c01").glob("*.xml"))))


@pytest.mark.shared
def test_c01_flows_from_its_inlet_arrow_through_both_pumps_to_its_outlet(c01):
    reached = c01.downstream("FlowInPipeOffPageConnector-1")
    order = [reached.index(i) for i in ("CentrifugalPump-1", "PlateHeatExchanger-1", "Tank-1", "ReciprocatingPump-1")]
    assert order == sorted(order)
    assert "FlowOutPipeOffPageConnector-1" in reached
    assert {e.tag for e in c01.equipment} == {"T4750", "P4711", "P4712", "H1007", "H1008"}


@pytest.mark.shared
def test_in_c01_the_product_never_enters_the_cooling_water(c01):
    # H1007: nozzles N1 and N2 (lines 2916 and 2972) lie in chamber 1, N3 and N4 in chamber 2 with the open water lines.
    product = c01.downstream("Nozzle-3")
    assert "Chamber-1" in product
    assert "Nozzle-4" in product
    assert not {"Chamber-2", "Nozzle-13", "Nozzle-14", "PipingNetworkSegment-21"} & set(product)
    water = c01.upstream("Nozzle-14")
    assert water == ["PlateHeatExchanger-1", "Chamber-2", "Nozzle-13", "PipingNetworkSegment-20"]


@pytest.mark.shared
def test_a_pipe_from_nowhere_is_where_the_water_of_c01_comes_from(c01):
    # PipingNetworkSegment-20 (line 1946) has <Connection ToID="Nozzle-13"/> and no FromID.
    assert c01.downstream("PipingNetworkSegment-20")[:3] == ["Nozzle-13", "PlateHeatExchanger-1", "Chamber-2"]
    assert "PipingNetworkSegment-20" in c01.pipes_between(["Nozzle-13", "PipingNetworkSegment-20"])


@pytest.mark.shared
def test_the_pipes_between_tank_and_second_pump_of_c01_are_those_of_line_47124(c01):
    on_the_way = set(c01.downstream("Tank-1")) & set(c01.upstream("ReciprocatingPump-1")) | {"Tank-1"}
    line = {f"PipingNetworkSegment-{n}" for n in (4, 5, 6)}
    assert line <= set(c01.pipes_between(on_the_way))
    order = ["Nozzle-6", "ButterflyValve-1", "SwingCheckValve-1", "PipeReducer-1", "BallValve-1", "Nozzle-7"]
    downstream = c01.downstream("Nozzle-6")
    assert [i for i in downstream if i in order] == order[1:]


@pytest.mark.shared
@pytest.mark.parametrize(
    ("instrument", "transmitter", "where", "system", "valve"),
    [
        # InformationFlow at lines 2370 and 2380; ActuatingSystem at lines 61, 123, 172.
        (2, "ProcessSignalGeneratingFunction-2", "BlindFlange-2", "ActuatingSystem-1", "GlobeValve-1"),
        (3, None, None, "ActuatingSystem-2", "GlobeValve-2"),
        (4, "ProcessSignalGeneratingFunction-3", "Nozzle-17", "ActuatingSystem-3", "GlobeValve-3"),
    ],
)
def test_each_controller_of_c01_knows_its_transmitter_and_its_valve(c01, instrument, transmitter, where, system, valve):
    id_ = f"ProcessInstrumentationFunction-{instrument}"
    link = c01.controls[id_]
    assert link.transmitters == ((transmitter,) if transmitter else ())
    assert link.measures == ((where,) if where else ())
    assert (link.actuators, link.moves) == ((system,), (valve,))
    assert link.loop == f"InstrumentationLoopFunction-{instrument}"
    assert c01.moved_by(valve) == (id_,)


@pytest.mark.shared
def test_the_design_pressure_of_c01s_tank_sits_on_its_chamber_and_says_so(c01):
    found = [v for v in c01.design("Tank-1") if v.quantity == "UpperLimitDesignPressure"]
    assert [(v.element, v.value, v.unit, v.text, v.unit_text, v.line) for v in found] == [
        ("Chamber-7", pytest.approx(10_000), "Pa", "0.1", "Bar", 5269),
        ("Chamber-8", pytest.approx(5_000), "Pa", "0.05", "Bar", 5281),
    ]
    assert c01.item_of("Chamber-7") == c01.item_of("Nozzle-17") == "Tank-1"
    power = next(v for v in c01.design("CentrifugalPump-1") if v.quantity == "DesignShaftPower")
    assert (power.element, power.value, power.unit) == ("CentrifugalPump-1", 60_000, "W")


# -- how other programs write the same ------------------------------------------------------------------------------


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "exchanger"),
    [("C01V01-HEX.EX01.xml", "H1008"), ("C01V01-SAG.EX01.XML", "H1008"), ("C02V01-AVV.EX01.xml", "H1008")],
)
def test_the_two_sides_of_an_exchanger_are_apart_without_chambers_too(samples, name, exchanger):
    graph = PlantGraph(proteus.read(next(samples.rglob(name))))
    item = next(e for e in graph.equipment if e.tag == exchanger)
    tags = [{graph.drawing.elements[n].tag for n in space.nozzles} for space in graph.spaces[item.id]]
    assert sorted(tags, key=min) == [{"N1", "N2"}, {"N3", "N4"}]


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "instrument", "valve"),
    [
        ("C01V01-HEX.EX01.xml", "TICSA 4750.03", "TV 4750.03"),
        ("C01V01-SAG.EX01.XML", "TICSA 4750.03", "TV4750.03"),
        ("C01V01-SAG.EX01.XML", "HS 4750.01", "HV4750.03"),
        ("I04V01-HEX.EX04.xml", "FIC 04", "FV 04"),
        ("I12V01_AUD.EX01.xml", "HC-012", "HV-012"),
    ],
)
def test_a_controller_finds_its_valve_whoever_wrote_the_file(samples, name, instrument, valve):
    graph = PlantGraph(proteus.read(next(samples.rglob(name))))
    tags = graph.drawing.elements
    (link,) = [link for link in graph.controls.values() if tags[link.instrument].tag == instrument]
    assert [tags[i].tag for i in link.moves] == [valve]


@pytest.mark.shared
def test_a_gauge_on_a_block_valve_does_not_move_it(samples):
    graph = PlantGraph(proteus.read(next(samples.rglob("C01V01-SAG.EX01.XML"))))
    (link,) = [v for v in graph.controls.values() if graph.drawing.elements[v.instrument].tag == "PI 4712.01"]
    assert link.moves == ()


@pytest.mark.shared
def test_a_line_that_changes_its_specification_goes_on_though_aveva_leaves_its_end_out(samples):
    # Segment MNc-47124-75HB13-80 has no ToID at V-002; the next one, MNc-47124-73HG12-80, has no FromID.
    graph = PlantGraph(proteus.read(next(samples.rglob("C02V01-AVV.EX01.xml"))))
    tank = next(e for e in graph.equipment if e.tag == "T4750")
    tags = [graph.drawing.elements[i].tag for i in graph.downstream(tank.id)]
    assert tags.index("V-002") < tags.index("P4711")


@pytest.mark.shared
def test_dexpi_2_0_gives_the_same_graph_of_c01(samples, c01):
    (path,) = (samples / "dexpi-2.0").glob("C01*.xml")
    new = PlantGraph(reading.read_as_written(path))
    assert _relations(new) == _relations(c01)


def _relations(graph: PlantGraph) -> set[tuple[str, ...]]:
    """Who flows to whom and who moves what, by ids without the hyphens that one format has."""

    def plain(*ids: str) -> tuple[str, ...]:
        return tuple(id_.replace("-", "") for id_ in ids)

    flows = {plain(e.id, d) for e in graph.equipment for d in graph.downstream(e.id)}
    moves = {plain(link.instrument, *link.moves, *link.transmitters) for link in graph.controls.values()}
    sides = {plain(item, *sorted(s.nozzles)) for item, found in graph.spaces.items() for s in found}
    return flows | moves | sides


# -- the reference plant --------------------------------------------------------------------------------------------


def test_steam_does_not_flow_into_the_fuel_oil_it_heats(graph):
    by_kks = graph.drawing.by_kks
    assert by_kks["10EGC30AC001"].id in graph.downstream(by_kks["10EGC30AA003"].id)
    oil = graph.downstream(by_kks["10EGB15BB001"].id)
    assert by_kks["10EGC30AC001"].id in oil
    assert by_kks["10EGC30AA003"].id not in graph.upstream(by_kks["10EGC30CF001"].id)
    assert len(graph.spaces[by_kks["10EGC30AC001"].id]) == 2


def test_the_fuel_oil_controller_moves_the_steam_valve(graph):
    by_kks = graph.drawing.by_kks
    link = graph.controls[by_kks["10EGC30DT001"].id]
    assert link.moves == (by_kks["10EGC30AA003"].id,)
    assert by_kks["10EGC30CT001"].id in link.transmitters


# -- small files ----------------------------------------------------------------------------------------------------


def plant(body: str) -> PlantGraph:
    content = f'<PlantModel><PlantInformation SchemaVersion="4.1" Units="mm"/>{body}</PlantModel>'
    return PlantGraph(proteus.read_bytes(content.encode(), "t.xml"))


def segment(number: int, connection: str, inside: str = "", fluid: str = "") -> str:
    code = (
        f'<GenericAttributes><GenericAttribute Name="FluidCode" Value="{fluid}"/></GenericAttributes>' if fluid else ""
    )
    return f'<PipingNetworkSegment ID="S{number}">{code}{inside}<Connection {connection}/></PipingNetworkSegment>'


def exchanger(nozzles: str) -> str:
    return f'<Equipment ID="E" ComponentClass="HeatExchanger" TagName="E-1">{nozzles}</Equipment>'


FOUR = "".join(f'<Nozzle ID="N{i}" TagName="N{i}"/>' for i in range(1, 5))


def test_fluid_codes_tell_the_sides_of_an_exchanger_apart():
    graph = plant(
        exchanger(FOUR)
        + segment(1, 'ToID="N1"', fluid="MNa") + segment(2, 'FromID="N4"', fluid="MNb")
        + segment(3, 'ToID="N2"', fluid="WK") + segment(4, 'FromID="N3"', fluid="WK")
    )  # fmt: skip
    assert graph.downstream("N1") == ["E", "N4", "S2"]
    assert graph.upstream("N3") == ["E", "N2", "S3"]


def test_without_any_hint_an_exchanger_is_one_space():
    graph = plant(
        exchanger(FOUR) + segment(1, 'ToID="N1"') + segment(2, 'ToID="N2"') + segment(3, 'FromID="N3"')
    )  # fmt: skip
    assert set(graph.downstream("N1")) == {"E", "N3", "S3"}


def test_a_run_without_a_flow_of_its_own_is_walked_both_ways():
    run = (
        '<PipingNetworkSegment ID="S"><GenericAttributes>'
        '<GenericAttribute Name="FlowDirection" Value="Bi-Directional"/></GenericAttributes>'
        '<Connection FromID="A" ToID="B"/></PipingNetworkSegment>'
    )
    tanks = '<Equipment ID="T1" ComponentClass="Tank"><Nozzle ID="A"/></Equipment>'
    tanks += '<Equipment ID="T2" ComponentClass="Tank"><Nozzle ID="B"/></Equipment>'
    graph = plant(tanks + run)
    assert "T2" in graph.downstream("T1")
    assert "T1" in graph.downstream("T2")


def test_a_casing_that_stands_apart_belongs_to_the_pump_its_link_names():
    graph = plant(
        '<Equipment ID="P" ComponentClass="CentrifugalPump" TagName="P-1"/>'
        '<Equipment ID="C"><GenericAttributes><GenericAttribute Name="Description" Value="PumpCasing"/>'
        '<GenericAttribute Name="UpperLimitDesignPressure" Value="4" Units="barg"/></GenericAttributes>'
        '<Association Type="is a part of" ItemID="P"/></Equipment>'
    )
    assert graph.item_of("C") == "P"
    (value,) = graph.design("P")
    assert (value.element, value.value, value.unit) == ("C", pytest.approx(400_000), "Pa(g)")


def test_values_have_dexpis_name_whatever_the_program_calls_them():
    names = {
        "MaximumDesignPressure": "UpperLimitDesignPressure",
        "DS_Chamber1_MinDesignTemperature": "LowerLimitDesignTemperature",
        "ProcessDesign.Max.Pressure": "UpperLimitDesignPressure",
        "NominalCapacity(Volume)": "NominalCapacity",
        "LineWidth": None,
    }
    for name, quantity in names.items():
        item = f'<GenericAttribute Name="{name}" Value="1" Units="bar"/>'
        graph = plant(
            f'<Equipment ID="T" ComponentClass="Tank"><GenericAttributes>{item}</GenericAttributes></Equipment>'
        )
        assert [v.quantity for v in graph.design("T")] == ([quantity] if quantity else [])


def test_a_chain_of_twenty_thousand_valves_is_followed_in_a_second():
    count = 20_000
    valves = "".join(f'<PipingComponent ID="V{i}" ComponentClass="GateValve"/>' for i in range(count))
    run = f'<PipingNetworkSegment ID="S">{valves}</PipingNetworkSegment>'
    graph = plant(f'<PipingNetworkSystem ID="L">{run}</PipingNetworkSystem>')
    begun = time.process_time()
    assert len(graph.downstream("V0")) >= count - 1
    assert time.process_time() - begun < 2.0
