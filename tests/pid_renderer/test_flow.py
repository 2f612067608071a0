"""Which pipes flow: by meters, pumps and valves, and by what a tee can neither make nor lose."""

from __future__ import annotations

import numpy as np
import pytest

from contracts.quality import Quality
from data.reading_table import ReadingTable
from pid_renderer.drawing import Connection, Drawing, Element
from pid_renderer.flow import FLOWING, PLAIN, STILL, UNKNOWN, Flow
from pid_renderer.flow_balance import Balance
from pid_renderer.live_columns import LiveColumns
from tests.pid_renderer.conftest import reading

OFF, ON = reading(0.0), reading(1.0)
_FLOWS = {FLOWING: True, STILL: False}
HEADER = "10EGA20CF001XQ01"


def valve(code: str, *, is_open: bool):
    return {f"{code}XB01": ON if is_open else OFF, f"{code}XB02": OFF if is_open else ON}


@pytest.fixture
def flow(sheet) -> Flow:
    return Flow(sheet.drawing, sheet.binding)


def segment_of(sheet, code: str) -> str:
    """The pipe segment a valve or pump stands in, or at the delivery of."""
    id_ = sheet.binding.element_ids[code]
    return next(joint.segment for joint in sheet.drawing.connections if id_ in (joint.source, joint.target))


def judged(flow: Flow, readings) -> dict[str, bool | None]:
    return {segment: _FLOWS.get(state) for segment, state in flow.judge(readings).items()}


def test_a_closed_valve_stops_its_branch_and_a_doubted_one_says_nothing(sheet, flow, calm):
    branch = segment_of(sheet, "10EGB11AA001")
    assert judged(flow, calm(**valve("10EGB11AA001", is_open=False)))[branch] is False
    doubted = {"10EGB11AA001XB01": OFF, "10EGB11AA001XB02": reading(1.0, Quality.LAST_USABLE, 99)}
    assert judged(flow, calm(**doubted))[branch] is None


def test_what_flows_into_a_header_leaves_by_its_only_open_branch(sheet, flow, calm):
    closed = valve("10EGB11AA001", is_open=False) | valve("10EGB12AA001", is_open=False)
    branch = segment_of(sheet, "10EGB13AA001")
    assert judged(flow, calm(**closed, **{HEADER: reading(900.0)}))[branch] is True
    assert judged(flow, calm(**closed, **{HEADER: reading(0.0)}))[branch] is False


def test_with_two_branches_open_nobody_knows_which_takes_it(sheet, flow, calm):
    closed = valve("10EGB11AA001", is_open=False)
    found = judged(flow, calm(**closed, **{HEADER: reading(900.0)}))
    assert found[segment_of(sheet, "10EGB12AA001")] is None
    assert found[segment_of(sheet, "10EGB13AA001")] is None


def test_a_meter_is_believed_before_a_valve(sheet, flow, calm):
    metered = next(segment for segment, kks in flow._meters.items() if HEADER in kks)
    assert judged(flow, calm(**{HEADER: reading(900.0)}))[metered] is True
    assert judged(flow, calm(**{HEADER: reading(None, Quality.COMM_FAILURE)}))[metered] is None


def test_the_columns_say_what_the_readings_say(sheet, flow, calm):
    closed = valve("10EGB11AA001", is_open=False) | valve("10EGB12AA001", is_open=False)
    for changed in ({}, closed, closed | {HEADER: reading(0.0)}, {HEADER: reading(None, Quality.BAD)}):
        readings = calm(**changed)
        columns, table = LiveColumns(sheet.plant.signals), ReadingTable([s.kks for s in sheet.plant.signals])
        for kks, seen in readings.items():
            table.put(kks, seen)
        columns.take(table, np.arange(len(sheet.plant.signals)))
        watch = flow.watch(columns)
        states = flow.states_of(watch, columns, readings)
        assert dict(zip(watch.segments, states.tolist(), strict=True)) == flow.judge(readings)
        assert set(states[~watch.told].tolist()) <= {PLAIN}


PUMPS = ("10EGC11AP001", "10EGC12AP001")
SUCTION_VALVES = ("10EGB11AA002", "10EGB12AA002", "10EGB13AA002", "10EGB14AA002")


def running(code: str, *, runs: bool):
    return {f"{code}XB01": ON if runs else OFF, f"{code}XB02": OFF, f"{code}XL01": ON if runs else OFF}


def suction_header(sheet) -> str:
    return next(
        joint.segment
        for joint in sheet.drawing.connections
        if joint.source.startswith("PipeTee") and joint.target.startswith("PipeTee")
        and any(
            other.target == joint.source and other.segment == segment_of(sheet, "10EGB12AA002")
            for other in sheet.drawing.connections
        )
    )  # fmt: skip


def test_a_header_in_which_nothing_flows_stills_every_drop_however_many_valves_are_open(sheet, flow, calm):
    states = flow.judge(calm(**{HEADER: reading(0.0)}))
    for code in ("10EGB11AA001", "10EGB12AA001", "10EGB13AA001"):
        assert states[segment_of(sheet, code)] == STILL


def test_a_header_in_doubt_puts_its_drops_in_doubt(sheet, flow, calm):
    states = flow.judge(calm(**{HEADER: reading(None, Quality.BAD)}))
    assert states[segment_of(sheet, "10EGB12AA001")] == UNKNOWN


def test_a_running_pump_sucks_through_the_header_and_the_only_outlet_that_is_open(sheet, flow, calm):
    pumps = running(PUMPS[0], runs=True) | running(PUMPS[1], runs=False)
    states = flow.judge(calm(**pumps))
    assert states[suction_header(sheet)] == FLOWING
    assert states[segment_of(sheet, SUCTION_VALVES[1])] != FLOWING, "which tank it comes from, nobody knows"
    shut = {}
    for code in SUCTION_VALVES[1:]:
        shut |= valve(code, is_open=False)
    states = flow.judge(calm(**pumps, **shut))
    assert states[segment_of(sheet, SUCTION_VALVES[0])] == FLOWING


def test_with_both_pumps_stopped_the_suction_side_stands_still(sheet, flow, calm):
    states = flow.judge(calm(**running(PUMPS[0], runs=False), **running(PUMPS[1], runs=False)))
    assert states[suction_header(sheet)] == STILL
    assert {states[segment_of(sheet, code)] for code in SUCTION_VALVES} == {STILL}
    doubted = running(PUMPS[0], runs=False) | {f"{PUMPS[0]}XB01": reading(None, Quality.BAD)}
    states = flow.judge(calm(**doubted, **running(PUMPS[1], runs=False)))
    assert states[suction_header(sheet)] == UNKNOWN


def settled(joints, states, *, families=None, directed=True, sensed_at=None):
    """Segments of a made drawing by name; a joint is `a b segment`."""
    connections = tuple(Connection(*joint.split(), directed) for joint in joints)
    ids = {end for joint in connections for end in (joint.source, joint.target)}
    elements = {id_: _element(id_, (families or {}).get(id_, "fitting" if id_.startswith("t") else "nozzle"))
                for id_ in ids}  # fmt: skip
    drawing = Drawing("", "", "", 10.0, 10.0, (), elements, connections)
    names = tuple(dict.fromkeys(joint.segment for joint in connections))
    found = Balance(drawing, names, sensed_at or {}).settle(np.array([states.get(n, PLAIN) for n in names], np.int8))
    return dict(zip(names, found.tolist(), strict=True))


def _element(id_: str, family: str) -> Element:
    return Element(id_, "", family, "", "", "", None, None, {}, "", 0)


TEE = ["a t1 in", "t1 b left", "t1 c right"]


@pytest.mark.parametrize(
    ("states", "wanted"),
    [
        ({"in": STILL}, {"left": STILL, "right": STILL}),
        ({"in": FLOWING}, {"left": PLAIN, "right": PLAIN}),
        ({"in": FLOWING, "left": STILL}, {"right": FLOWING}),
        ({"in": FLOWING, "left": UNKNOWN}, {"right": UNKNOWN}),
        ({"left": FLOWING}, {"in": FLOWING, "right": PLAIN}),
        ({"left": STILL, "right": STILL}, {"in": STILL}),
        ({"in": UNKNOWN}, {"left": UNKNOWN, "right": UNKNOWN}),
        ({"in": STILL, "left": FLOWING}, {"right": PLAIN}),
        ({}, {"in": PLAIN, "left": PLAIN, "right": PLAIN}),
    ],
)
def test_a_tee_says_only_what_follows(states, wanted):
    found = settled(TEE, states)
    assert {name: found[name] for name in wanted} == wanted
    assert {name: found[name] for name in states} == states


def test_a_line_that_runs_on_past_a_tee_says_nothing_about_its_branch():
    joints = ["a t1 line", "t1 b line", "t1 c branch"]
    assert settled(joints, {"line": FLOWING}, sensed_at={"line": ["a"]})["branch"] == PLAIN
    assert settled(joints, {"line": STILL}, sensed_at={"line": ["a"]})["branch"] == STILL
    assert settled(joints, {"line": STILL}, sensed_at={"line": ["b"]})["branch"] == PLAIN


def test_what_follows_at_one_tee_goes_on_at_the_next_and_through_valves():
    joints = ["a v1 s1", "v1 t1 s2", "t1 t2 s3", "t1 b s4", "t2 c s5", "t2 d s6"]
    found = settled(joints, {"s1": STILL}, families={"v1": "valve"})
    assert set(found.values()) == {STILL}
    found = settled(joints, {"s5": FLOWING}, families={"v1": "valve"})
    assert (found["s3"], found["s2"], found["s1"]) == (FLOWING, FLOWING, FLOWING)
    assert (found["s4"], found["s6"]) == (PLAIN, PLAIN)


def test_nothing_is_said_where_a_pipe_may_flow_both_ways():
    assert settled(TEE, {"in": STILL}, directed=False)["left"] == PLAIN
