"""Which pipes flow: by meters, pumps and valves, and by what a tee can neither make nor lose."""

from __future__ import annotations

import numpy as np
import pytest

from contracts.quality import Quality
from data.reading_table import ReadingTable
from pid_renderer.flow import FLOWING, PLAIN, STILL, Flow, conserved
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


def test_a_line_that_runs_on_past_a_tee_says_nothing_about_its_branch():
    net = {"line": True, "branch": None}
    assert conserved(net, {"line": 1, "branch": 1}) == {"line": True, "branch": True}
    assert conserved(net, {"line": 2, "branch": 1}) == net
    assert conserved({"line": False, "branch": None}, {"line": 2, "branch": 1})["branch"] is False
    assert conserved({"line": False, "branch": None}, {"line": 2, "branch": 2})["branch"] is None
    assert conserved(net | {"other": True}, {"line": 1, "branch": 1, "other": 1})["branch"] is None
