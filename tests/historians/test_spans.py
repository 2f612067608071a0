"""Time-weighted statistics, excursions, counts and values at times, against plain Python over the same samples."""

from __future__ import annotations

import math
import random
from pathlib import Path

import numpy as np
import pytest

from data.historians.duckdb import open_duckdb
from data.historians.historian import HistorianError
from data.historians.sql_historian import SqlHistorian
from tests.engines.lake_files import Row, us, write_day, write_raw
from tests.historians.worked_by_hand import excursions, statistics

R = "sim-r1"
A, B = "10EGB11CL001XQ01", "10EGA20CF001XQ01"
HOLD_S = 180.0
NOW = us("2026-11-23 06:00:00")
DAYS = tuple(f"2026-11-{day}" for day in range(17, 24))


def rows_of(kks: str, day: str) -> list[Row]:
    """Samples of uneven steps, some bad, with silences longer than the hold."""
    source = random.Random(f"{kks}{day}")
    rows: list[Row] = []
    t, end = us(f"{day} 00:00:00") + 5_000_000, us(f"{day} 23:59:59") + 1_000_000
    while t < end:
        bad = source.random() < 0.05
        rows.append((kks, t, None if bad else source.gauss(10, 3), 24 if bad else source.choice([192, 192, 68])))
        t += int(source.choice([7.5, 30, 60, 110, 600]) * 1_000_000)
    return rows


@pytest.fixture(scope="module")
def samples() -> dict[str, list[Row]]:
    return {kks: [row for day in DAYS for row in rows_of(kks, day) if row[1] < NOW] for kks in (A, B)}


@pytest.fixture(scope="module")
def historian(tmp_path_factory: pytest.TempPathFactory, samples: dict[str, list[Row]]) -> SqlHistorian:
    """Five loaded days, then two that are open."""
    lake = tmp_path_factory.mktemp("lake")
    for day in DAYS[:5]:
        write_day(lake, R, day, [row for kks in (A, B) for row in rows_of(kks, day)])
    begin = us(f"{DAYS[5]} 00:00:00")
    write_raw(lake, f"{R}.tanks", 0, [row for kks in (A, B) for row in samples[kks] if row[1] >= begin])
    return open_duckdb(lake, R, lambda: NOW)


SPANS = {
    "an hour": ("2026-11-18 10:12:13.5", "2026-11-18 11:00:00"),
    "across midnight": ("2026-11-18 22:00:00", "2026-11-19 00:30:00"),
    "from a closed into an open day": ("2026-11-20 23:00:00", "2026-11-22 01:00:00"),
    "before all samples": ("2026-11-16 00:00:00", "2026-11-17 00:00:04"),
    "three days": ("2026-11-18 10:12:13.5", "2026-11-21 11:00:00"),
}


@pytest.mark.parametrize("name", SPANS)
def test_statistics_weigh_each_value_by_how_long_it_was_in_force(
    name: str, historian: SqlHistorian, samples: dict[str, list[Row]]
) -> None:
    begin, end = map(us, SPANS[name])
    found = historian.statistics([A, B], begin, end, hold_s={A: HOLD_S, B: 60.0}, from_samples=True)
    for kks, hold_s in ((A, HOLD_S), (B, 60.0)):
        expected = statistics(samples[kks], begin, end, hold_s)
        np.testing.assert_allclose(found[kks][:7], expected, rtol=1e-9, equal_nan=True)


@pytest.mark.parametrize("name", SPANS)
def test_excursions_begin_and_end_where_the_value_passes_the_limit(
    name: str, historian: SqlHistorian, samples: dict[str, list[Row]]
) -> None:
    begin, end = map(us, SPANS[name])
    for above, limit in ((True, 13.0), (False, 8.0), (True, 19.5)):
        found = historian.excursions([A, B], begin, end, limit, above=above, hold_s=HOLD_S)
        for kks in (A, B):
            assert [tuple(one) for one in found[kks]] == excursions(samples[kks], begin, end, limit, above, HOLD_S)


def test_counts_by_quality_are_all_the_samples(historian: SqlHistorian, samples: dict[str, list[Row]]) -> None:
    begin, end = us("2026-11-19 12:00:00"), NOW
    found = historian.quality_counts([A, "10XXX11CL001XQ01"], begin, end)
    own = [q for _, t, _, q in samples[A] if begin <= t < end]
    assert found == {A: {q: own.count(q) for q in sorted(set(own))}, "10XXX11CL001XQ01": {}}


@pytest.mark.parametrize("sloped", [False, True])
@pytest.mark.parametrize("how", ["few times", "many equal steps", "many uneven steps"])
def test_values_at_times_are_the_last_before_or_lie_on_the_line(
    how: str, sloped: bool, historian: SqlHistorian, samples: dict[str, list[Row]]
) -> None:
    begin, end = us("2026-11-19 12:00:00"), us("2026-11-22 12:00:00")
    source = random.Random(how)
    times = {
        "few times": sorted(source.sample(range(begin, end), 20)),
        "many equal steps": list(range(begin, end, 1_800_000_000)),
        "many uneven steps": sorted(source.sample(range(begin, end), 100)),
    }[how]
    exact = samples[A][len(samples[A]) // 2][1]
    times = times if "equal" in how else sorted([*times, exact])
    found = historian.at_times([A, B], times, lookback_s=300, sloped=sloped)
    for kks in (A, B):
        assert found[kks].us.tolist() == times
        rows = samples[kks]
        for n, t in enumerate(times):
            before = max((row for row in rows if t - 300_000_000 <= row[1] <= t), key=lambda row: row[1], default=None)
            if before is None:
                assert (math.isnan(found[kks].v[n]), found[kks].q[n]) == (True, 0)
                continue
            value = before[2]
            after = min((row for row in rows if row[1] > t), key=lambda row: row[1], default=None)
            if sloped and after and after[1] - before[1] <= 300_000_000 and None not in (value, after[2]):
                assert value is not None
                assert after[2] is not None
                value += (t - before[1]) / (after[1] - before[1]) * (after[2] - value)
            np.testing.assert_allclose(found[kks].v[n], math.nan if value is None else value, rtol=1e-12)
            assert found[kks].q[n] == before[3]


def test_a_long_spans_statistics_from_roll_ups_are_those_of_the_samples(tmp_path: Path) -> None:
    """With roll-ups as the loader makes them, ragged ends and an open day."""
    from tests.historians.worked_by_hand import write_loaded_day

    carried: list[Row] = []
    all_rows: list[Row] = []
    days = [f"2026-11-{day:02d}" for day in range(10, 21)]
    for day in days:
        own = rows_of(A, day)
        write_loaded_day(tmp_path, R, day, own, carried, HOLD_S)
        carried = own[-1:]
        all_rows += own
    historian = open_duckdb(tmp_path, R, lambda: us("2026-11-30 00:00:00"))
    for first, last, table in (
        ("2026-11-10 03:04:05", "2026-11-19 21:22:23", "history_hour"),
        ("2026-11-12 03:04:05", "2026-11-12 12:22:23", "history_minute"),
        ("2026-11-01 00:00:00", "2026-12-05 00:00:00", "history_day"),
    ):
        begin, end = us(first), us(last)
        found = historian.statistics([A], begin, end, hold_s=HOLD_S)[A]
        expected = statistics(all_rows, begin, end, HOLD_S)
        assert found.table == table
        np.testing.assert_allclose(found[:3], expected[:3], rtol=1e-9)
        np.testing.assert_allclose(found[4:7], expected[4:7], rtol=1e-9)
        assert math.isnan(found.v_std)


def test_a_limit_that_is_no_number_and_times_in_disorder_are_told(historian: SqlHistorian) -> None:
    with pytest.raises(HistorianError, match="nan is no limit"):
        historian.excursions([A], 0, 1, math.nan, hold_s=1)
    with pytest.raises(HistorianError, match="ascending"):
        historian.at_times([A], [2, 1], lookback_s=1)
