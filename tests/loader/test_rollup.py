"""Roll-ups against the rule written out the slow way, and the cases a person can check by hand."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest

from cloud.loader.chunks import DAY_US
from cloud.loader.rollup import Rollup, by_minute, gaps_of, merged
from cloud.loader.samples import Samples

DAY = 20_000 * DAY_US
S = 1_000_000


def samples_of(rows: list[tuple[int, int, float | None, int]]) -> Samples:
    """(tag, seconds since the day began, value, quality)"""
    rows = sorted(rows, key=lambda row: row[:2])
    return Samples(
        kks=[f"T{number}" for number in range(max((row[0] for row in rows), default=0) + 1)],
        tag=np.array([row[0] for row in rows], np.int32),
        ts=np.array([DAY + int(row[1] * S) for row in rows], np.int64),
        v=np.array([math.nan if row[2] is None else row[2] for row in rows], np.float64),
        q=np.array([row[3] for row in rows], np.int16),
        duplicates=0,
        conflicts=0,
    )


def as_dicts(rollup: Rollup) -> dict[tuple[int, int], dict[str, float]]:
    return {
        (int(tag), int(ts - DAY) // S): {
            "v_min": low, "v_max": high, "v_mean": mean, "s": us / S, "n": n, "n_good": good, "q": q,
        }
        for tag, ts, low, high, mean, us, n, good, q in zip(*rollup, strict=True)
    }  # fmt: skip


def test_a_value_counts_for_as_long_as_it_was_in_force() -> None:
    hold = np.array([30 * S], np.int64)
    minutes = as_dicts(by_minute(samples_of([(0, 0, 10.0, 192), (0, 15, 20.0, 192), (0, 45, 30.0, 192)]), hold, DAY))
    first = minutes[0, 0]
    assert first["v_mean"] == pytest.approx((10 * 15 + 20 * 30 + 30 * 15) / 60)
    assert (first["v_min"], first["v_max"], first["s"], first["n"], first["n_good"]) == (10, 30, 60, 3, 3)
    held = minutes[0, 60]
    assert (held["v_mean"], held["s"], held["n"]) == (30, 15, 0), "held over the minute's border, then given up"
    assert len(minutes) == 2


def test_what_was_in_force_at_midnight_is_carried_in_and_counts_only_from_midnight() -> None:
    hold = np.array([30 * S], np.int64)
    minutes = as_dicts(by_minute(samples_of([(0, -10, 7.0, 192), (0, 5, 9.0, 192)]), hold, DAY))
    assert minutes[0, 0]["s"] == 35
    assert minutes[0, 0]["v_mean"] == pytest.approx((7 * 5 + 9 * 30) / 35)
    assert minutes[0, 0]["n"] == 1, "the carried sample is the day before's"


def test_nothing_is_held_beyond_the_day() -> None:
    hold = np.array([30 * S], np.int64)
    minutes = as_dicts(by_minute(samples_of([(0, 86_390, 7.0, 192)]), hold, DAY))
    assert {key: row["s"] for key, row in minutes.items()} == {(0, 86_340): 10}


def test_a_bad_value_has_no_share_and_is_seen() -> None:
    hold = np.array([60 * S], np.int64)
    minutes = as_dicts(by_minute(samples_of([(0, 0, 10.0, 192), (0, 30, None, 24), (0, 60, 5.0, 68)]), hold, DAY))
    assert (minutes[0, 0]["v_mean"], minutes[0, 0]["s"], minutes[0, 0]["q"]) == (10, 30, 24)
    assert (minutes[0, 0]["n"], minutes[0, 0]["n_good"]) == (2, 1)
    assert (minutes[0, 60]["v_mean"], minutes[0, 60]["n_good"], minutes[0, 60]["q"]) == (5, 0, 68)


def test_a_minute_of_bad_values_only_has_no_mean_but_a_row() -> None:
    minutes = as_dicts(by_minute(samples_of([(0, 0, None, 24)]), np.array([30 * S], np.int64), DAY))
    assert math.isnan(minutes[0, 0]["v_mean"])
    assert math.isnan(minutes[0, 0]["v_min"])
    assert (minutes[0, 0]["s"], minutes[0, 0]["n"], minutes[0, 0]["q"]) == (0, 1, 24)


@pytest.mark.parametrize("seed", range(5))
def test_roll_ups_agree_with_the_rule_written_out_second_by_second(seed: int) -> None:
    source = random.Random(seed)
    qualities = [192, 192, 192, 68, 24, 216]
    rows = [
        (tag, second, source.choice([None, *(source.uniform(-5, 5) for _ in range(9))]), source.choice(qualities))
        for tag in range(3)
        for second in sorted(source.sample(range(-100, 8000), 400))
    ]
    hold_s = [30, 45, 600]
    minutes = by_minute(samples_of(rows), np.array(hold_s, np.int64) * S, DAY)
    for seconds, rollup in ((60, minutes), (3600, merged(minutes, 3600)), (86_400, merged(minutes, 86_400))):
        expected: dict[tuple[int, int], list[tuple[float | None, int]]] = {}
        taken: dict[tuple[int, int], list[tuple[float | None, int]]] = {}
        for tag in range(3):
            own = [row for row in rows if row[0] == tag]
            for this, following in zip(own, [*own[1:], (tag, 10**9, None, 0)], strict=True):
                if this[1] >= 0:
                    taken.setdefault((tag, this[1] // seconds * seconds), []).append((this[2], this[3]))
                for second in range(max(0, this[1]), min(following[1], this[1] + hold_s[tag], 86_400)):
                    expected.setdefault((tag, second // seconds * seconds), []).append((this[2], this[3]))
        found = as_dicts(rollup)
        assert found.keys() == expected.keys()
        for key, in_force in expected.items():
            usable = [value for value, quality in in_force if value is not None and quality >= 64]
            row = found[key]
            assert row["s"] == len(usable)
            assert row["n"] == len(taken.get(key, []))
            assert row["n_good"] == sum(value is not None and quality >= 192 for value, quality in taken.get(key, []))
            assert row["q"] == min(quality for _, quality in in_force)
            if usable:
                assert row["v_mean"] == pytest.approx(sum(usable) / len(usable), abs=1e-9)
                assert (row["v_min"], row["v_max"]) == (min(usable), max(usable))
                assert row["v_min"] <= row["v_mean"] <= row["v_max"]


def test_silences_longer_than_three_heartbeats_are_gaps_the_days_ends_included() -> None:
    hold = np.array([30 * S, 30 * S], np.int64)
    steady = [(1, second, 1.0, 192) for second in range(-10, 86_400, 20)]
    gaps = gaps_of(samples_of([(0, 100, 1.0, 192), (0, 120, 1.0, 192), (0, 400, 1.0, 192), *steady]), hold, DAY)
    assert list(gaps) == ["T0"]
    assert gaps["T0"] == (3, 100 + 280 + 86_000, 86_000)
