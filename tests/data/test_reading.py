"""A value that is old, bad or from the future never looks good."""

import math

import pytest

from contracts.quality import Quality
from contracts.sample import WAITING, Sample
from data.reading import NEVER_SEEN, age_s, judge

NOW_US = 1_795_459_593_000_000
HEARTBEAT_S = 10.0


def at(age: float, value: float | None = 7.5, quality: int = Quality.GOOD) -> Sample:
    return Sample(value, NOW_US - int(age * 1e6), int(quality))


@pytest.mark.parametrize(
    ("age", "expected"), [(0, 192), (29.9, 192), (30.1, 68), (86_400, 68), (-4.9, 192), (-5.1, 64), (-3600, 64)]
)
def test_a_good_value_is_good_for_three_heartbeats_and_uncertain_ahead_of_the_clock(age, expected):
    newest = at(age)
    assert judge(newest, newest, NOW_US, HEARTBEAT_S).quality == expected


def test_a_lost_plc_keeps_the_last_good_value_with_its_own_time():
    reading = judge(at(1, None, Quality.COMM_FAILURE), at(40), NOW_US, HEARTBEAT_S)
    assert (reading.value, reading.time_us, reading.quality) == (7.5, NOW_US - 40_000_000, Quality.LAST_KNOWN)


def test_a_bad_value_keeps_its_code_however_old():
    newest = at(999, 3.0, Quality.SENSOR_FAILURE)
    assert judge(newest, WAITING, NOW_US, HEARTBEAT_S).quality == Quality.SENSOR_FAILURE


def test_a_tag_never_seen_waits_without_a_value_or_an_age():
    reading = judge(WAITING, WAITING, NOW_US, HEARTBEAT_S)
    assert reading == NEVER_SEEN
    assert math.isinf(age_s(reading, NOW_US))


def test_an_uncertain_value_that_is_old_is_old():
    newest = at(31, quality=Quality.SUB_NORMAL)
    assert judge(newest, newest, NOW_US, HEARTBEAT_S).quality == Quality.LAST_USABLE
