"""The synoptic at a moment of the past: what each tag showed then."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from app.past_readings import readings_at
from contracts import plant as plant_files
from contracts.quality import Quality
from data.historians.historian import Series

ROOT = Path(__file__).parents[2]
AT_US = 1_764_000_000_000_000
LEVEL = "10EGB11CL001XQ01"


class Recorded:
    """A historian that holds these samples: (seconds before the moment, value, quality)."""

    def __init__(self, samples: dict[str, list[tuple[float, float, int]]]) -> None:
        self.samples = samples

    def raw(self, kks, from_us, to_us):
        def series(tag: str) -> Series:
            rows = sorted((AT_US - round(s * 1e6), v, q) for s, v, q in self.samples.get(tag, []))
            rows = [row for row in rows if from_us <= row[0] < to_us]
            us, v, q = zip(*rows, strict=True) if rows else ((), (), ())
            return Series(np.array(us, np.int64), np.array(v, np.float64), np.array(q, np.int16))

        return {tag: series(tag) for tag in kks}


@pytest.fixture(scope="module")
def plant():
    return plant_files.load(ROOT / "resources" / "plants" / "sim-r1")


def test_the_newest_sample_up_to_the_moment_counts(plant):
    found = readings_at(Recorded({LEVEL: [(5, 9.0, 192), (1, 9.5, 192), (-1, 3.0, 192)]}), plant, AT_US)
    assert list(found) == [LEVEL]
    assert (found[LEVEL].value, found[LEVEL].quality) == (9.5, Quality.GOOD)
    assert found[LEVEL].time_us == AT_US - 1_000_000


def test_a_sample_that_was_old_then_is_not_good(plant):
    heartbeat = plant.by_kks[LEVEL].heartbeat_s
    found = readings_at(Recorded({LEVEL: [(3.9 * heartbeat, 9.0, 192)]}), plant, AT_US)
    assert found[LEVEL].quality == Quality.LAST_USABLE


def test_a_bad_event_keeps_the_last_good_value_with_its_time(plant):
    found = readings_at(Recorded({LEVEL: [(4, 9.0, 192), (1, float("nan"), 24)]}), plant, AT_US)
    assert (found[LEVEL].value, found[LEVEL].quality) == (9.0, Quality.LAST_KNOWN)
    assert found[LEVEL].time_us == AT_US - 4_000_000


def test_a_value_beyond_its_limit_is_in_alarm(plant):
    signal = plant.by_kks[LEVEL]
    found = readings_at(Recorded({LEVEL: [(1, signal.hh + 0.1, 192)]}), plant, AT_US)
    assert found[LEVEL].alarm is not None
