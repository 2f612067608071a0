import numpy as np
import pytest

from analysis import rate
from analysis.stock import Strapping
from contracts.quality import Quality


def past(seconds, values, code=Quality.GOOD):
    times = (np.asarray(seconds, float) * 1e6).astype(np.int64)
    return times, np.asarray(values, float), np.full(len(times), int(code), np.int16)


def test_the_slope_is_of_good_samples_and_needs_ten_seconds_of_them():
    found = rate.slope(*past(range(60), np.linspace(9, 9.1, 60)))
    assert found.per_hour == pytest.approx(0.1 / 59 * 3600)
    assert found.span_s == pytest.approx(59)
    assert rate.slope(*past(range(60), np.linspace(9, 9.1, 60), Quality.COMM_FAILURE)) is None
    assert rate.slope(*past([0, 1], [1, 2])) is None


def test_a_slope_within_two_deadbands_of_its_span_is_rest_once_the_span_is_long_enough():
    assert rate.Slope(0.05, 120).is_within(0.001)
    assert not rate.Slope(0.5, 120).is_within(0.001)
    assert rate.Slope(0.5, 12).is_within(0.001)
    assert rate.Slope(0.05, 120).is_settled
    assert not rate.Slope(0.05, 12).is_settled


def test_volume_follows_the_tables_slope_at_the_level():
    table = Strapping((0.0, 10.0, 20.0), (0.0, 1000.0, 3000.0))
    assert rate.volume_per_hour(table, 5.0, 0.2) == pytest.approx(20)
    assert rate.volume_per_hour(table, 15.0, -0.2) == pytest.approx(-40)
    assert rate.volume_per_hour(table, 20.0, 0.2) == pytest.approx(40)
    assert rate.volume_per_hour(table, 25.0, 0.2) is None
