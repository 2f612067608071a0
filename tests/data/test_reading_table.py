"""Readings as columns say what single readings say."""

from __future__ import annotations

import numpy as np

from contracts.quality import Quality
from contracts.sample import WAITING, Sample
from data.reading import NEVER_SEEN, AlarmMark, Reading, judge
from data.reading_table import Changes, ReadingTable, judge_rows

NOW = 1_700_000_000_000_000


def test_many_tags_are_judged_as_each_alone():
    chance = np.random.default_rng(3)
    codes = np.array([q.value for q in Quality], np.int16)
    count = 4000
    value = np.where(chance.random(count) < 0.2, np.nan, chance.normal(size=count))
    good = np.where(chance.random(count) < 0.3, np.nan, chance.normal(size=count))
    times = NOW - chance.integers(-20_000_000, 90_000_000, (2, count))
    times[1][np.isnan(good)] = 0
    quality = chance.choice(codes, (2, count))
    heartbeat = np.full(count, 10e6)
    found = judge_rows([value, times[0], quality[0], good, times[1], quality[1]], NOW, heartbeat, source_alive=True)
    for row in range(count):
        newest = Sample(None if np.isnan(value[row]) else float(value[row]), int(times[0][row]), int(quality[0][row]))
        last = Sample(float(good[row]), int(times[1][row]), int(quality[1][row])) if times[1][row] else WAITING
        single = judge(newest, last, NOW, 10.0)
        shown = None if np.isnan(found[0][row]) else float(found[0][row])
        assert Reading(shown, int(found[1][row]), int(found[2][row])) == single, (newest, last)


def test_only_rows_that_differ_count_as_changed():
    table = ReadingTable(["a", "b"])
    rows, two = np.arange(2), np.array([1.0, np.nan])
    times, codes, none = np.array([5, 0]), np.array([192, 32], np.int16), np.full(2, np.nan)
    assert table.write(rows, two, times, codes, none).tolist() == [0]
    assert table.write(rows, two, times, codes, none).tolist() == []
    tick = table.tick
    assert table.mark(1, AlarmMark(2, "H", "unacknowledged", 7))
    assert not table.mark(1, AlarmMark(2, "H", "unacknowledged", 7))
    changes = Changes(table, table.since(tick))
    assert dict(changes) == {"b": NEVER_SEEN._replace(alarm=AlarmMark(2, "H", "unacknowledged", 7))}
    assert "a" not in changes


def test_a_table_gives_back_what_was_put():
    table = ReadingTable(["a"])
    reading = Reading(-1.5, 9, 192, AlarmMark(1, "LL", "returned", 3), 12.5)
    table.put("a", reading)
    table.put("unknown", reading)
    assert dict(table) == {"a": reading}
    table.put("a", NEVER_SEEN)
    assert table["a"] == NEVER_SEEN
    assert table.alarm[0] == 0
