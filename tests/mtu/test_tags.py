"""Scaling, quality, deadband and heartbeat of one device's tags."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from cloud.mtu.clock import Clock
from cloud.mtu.tags import TagTable
from contracts import signal_list
from contracts.quality import Quality

START = 1_800_000_000_000_000


def table(tmp_path: Path, *rows: str, heartbeat_s: float = 10.0) -> TagTable:
    header = "kks,kind,role,plc,address,zone,low,high,raw_low,raw_high,deadband"
    file = tmp_path / "signals.csv"
    file.write_text("\n".join([header, *rows]) + "\n")
    return TagTable("r1", signal_list.read(file, heartbeat_s=heartbeat_s))


def analog(number: int, ends: str = ",,,", deadband: str = "") -> str:
    return f"10EGB11CL{number:03d}XQ01,analog,level,plc1,x,tanks,{ends},{deadband}"


def one(tags: TagTable, value: float, time_us: int, quality: int = Quality.GOOD) -> bool:
    rows = np.array([0], dtype=np.intp)
    return bool(tags.news(rows, np.array([value]), np.array([quality], dtype=np.int16), time_us)[0])


@pytest.mark.parametrize(
    ("raw", "value", "quality"),
    [
        (4000, 0.0, 192),
        (20000, 12.5, 192),
        (12000, 6.25, 192),
        (3300, -0.546875, 192),
        (20700, 13.046875, 192),
        (3100, -0.703125, 84),
        (21000, 13.28125, 84),
    ],
)
def test_raw_values_are_scaled_without_clamping_and_marked_beyond_five_per_cent(tmp_path, raw, value, quality):
    tags = table(tmp_path, analog(1, "0,12.5,4000,20000"))
    values, qualities = tags.scale(np.array([0]), np.array([float(raw)]))
    assert (values[0], qualities[0]) == (value, quality)


def test_an_inverted_raw_span_is_scaled_too(tmp_path):
    tags = table(tmp_path, analog(1, "0,10,1000,0"))
    assert tags.scale(np.array([0]), np.array([250.0]))[0].tolist() == [7.5]


def test_a_value_in_units_is_passed_as_it_is(tmp_path):
    tags = table(tmp_path, analog(1, "0,20,,"))
    values, _ = tags.scale(np.array([0]), np.array([np.float64(np.float32(0.1))]))
    assert values[0] == np.float64(np.float32(0.1))


def test_a_signal_without_a_declared_range_is_never_out_of_range(tmp_path):
    tags = table(tmp_path, analog(1))
    assert tags.scale(np.array([0]), np.array([350.0]))[1].tolist() == [192]


@pytest.mark.parametrize("raw", [np.nan, np.inf, -np.inf])
def test_what_is_no_number_becomes_null_with_sensor_failure(tmp_path, raw):
    tags = table(tmp_path, analog(1, "0,20,,"))
    rows = np.array([0], dtype=np.intp)
    values, qualities = tags.scale(rows, np.array([raw]))
    (events,) = tags.events(rows, values, qualities, START).values()
    assert json.loads(events[0][1]) == {"kks": "10EGB11CL001XQ01", "ts": START, "v": None, "q": 16}


def test_a_number_too_large_to_scale_becomes_null(tmp_path):
    tags = table(tmp_path, analog(1, "0,1e10,0,1"))
    values, qualities = tags.scale(np.array([0]), np.array([1e308]))
    assert np.isnan(values[0])
    assert qualities[0] == Quality.SENSOR_FAILURE


def test_without_a_deadband_any_change_is_reported_and_none_twice(tmp_path):
    tags = table(tmp_path, analog(1))
    assert [one(tags, value, START + place) for place, value in enumerate([1.0, 1.0, 1.0000001, 1.0])] == [
        True,
        False,
        True,
        True,
    ]


def test_the_deadband_is_measured_from_what_was_last_reported(tmp_path):
    tags = table(tmp_path, analog(1, deadband="0.5"))
    told = [one(tags, value, START + place) for place, value in enumerate([1.0, 1.4, 1.5, 1.6, 1.2])]
    assert told == [True, False, False, True, False]


def test_a_change_of_quality_is_reported_inside_the_deadband(tmp_path):
    tags = table(tmp_path, analog(1, deadband="5"))
    assert one(tags, 1.0, START)
    assert one(tags, 1.0, START + 1, Quality.RANGE_EXCEEDED)
    assert one(tags, np.nan, START + 2, Quality.COMM_FAILURE)
    assert not one(tags, np.nan, START + 3, Quality.COMM_FAILURE)
    assert one(tags, 1.0, START + 4)


def test_a_steady_value_is_repeated_within_each_heartbeat(tmp_path):
    tags = table(tmp_path, analog(1), heartbeat_s=10)
    told = [second for second in range(100) if one(tags, 7.0, START + second * 1_000_000)]
    gaps = [later - earlier for earlier, later in pairwise(told)]
    assert told[0] == 0
    assert gaps[1:] == [10] * (len(gaps) - 1)
    assert gaps[0] <= 10


def test_heartbeats_of_many_tags_do_not_burst(tmp_path):
    tags = table(tmp_path, *(analog(number) for number in range(1, 501)), heartbeat_s=10)
    rows = np.arange(500)
    good = np.full(500, 192, dtype=np.int16)
    told = [int(tags.news(rows, np.ones(500), good, START + second * 1_000_000).sum()) for second in range(30)]
    assert told[0] == 500
    assert all(45 <= count <= 55 for count in told[11:])


def test_events_go_to_the_topic_of_their_zone_with_their_kks_as_key(tmp_path):
    row = "10EGB11CL002XQ01,analog,level,plc1,x,flare,,,,,"
    tags = table(tmp_path, analog(1), row)
    rows = np.array([0, 1], dtype=np.intp)
    by_topic = tags.events(rows, np.array([1.0, 2.0]), np.array([192, 192], dtype=np.int16), START)
    assert {topic: [key for key, _ in events] for topic, events in by_topic.items()} == {
        "r1.tanks": ["10EGB11CL001XQ01"],
        "r1.flare": ["10EGB11CL002XQ01"],
    }


def test_time_goes_on_while_the_wall_clock_is_behind(monkeypatch):
    clock = Clock(START)
    monkeypatch.setattr("cloud.mtu.clock.now_us", lambda: START - 3_600_000_000)
    assert [clock.stamp(), clock.stamp()] == [START + 1, START + 2]
    assert clock.ahead_s == pytest.approx(3600, abs=0.001)
    monkeypatch.setattr("cloud.mtu.clock.now_us", lambda: START + 50)
    assert clock.stamp() == START + 50
    assert clock.stamp() == START + 51
