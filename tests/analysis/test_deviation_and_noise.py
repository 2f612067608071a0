import numpy as np
import pytest

from analysis.deviation import percent, step
from analysis.noise import left_noise_band
from tests.analysis.signals import signal


def test_deviation_is_of_the_design_value():
    assert percent(signal(design=10.0), 11.0) == pytest.approx(10)
    assert percent(signal(design=10.0), 9.0) == pytest.approx(-10)


def test_deviation_of_a_temperature_or_a_zero_is_of_the_design_span():
    assert percent(signal(role="temperature", design=30.0, design_min=10.0, design_max=60.0), 35.0) == pytest.approx(10)
    assert percent(signal(design=0.0, low=-5.0, high=5.0), 1.0) == pytest.approx(10)


def test_without_design_value_or_value_there_is_no_deviation():
    assert percent(signal(), 3.0) is None
    assert percent(signal(design=3.0), None) is None


@pytest.mark.parametrize(("value", "expected"), [(0, 0), (2, 0), (2.1, 1), (-5.1, -2), (10.1, 3), (-11, -3)])
def test_steps_of_the_deviation_scale_begin_beyond_2_5_and_10_percent(value, expected):
    assert step(value) == expected


def test_pure_noise_and_constants_stay_in_their_band():
    noise = np.random.default_rng(7)
    left = [left_noise_band(noise.normal(5, 0.1, 120), 0.01) for _ in range(300)]
    assert sum(left) == 0
    assert not left_noise_band(np.full(60, 3.0), 0.0)
    assert not left_noise_band(np.array([3.0]), 0.0)


def test_a_drift_or_a_step_leaves_the_noise_band():
    noise = np.random.default_rng(7).normal(0, 0.01, 60)
    assert left_noise_band(np.linspace(5, 5.2, 60) + noise, 0.01)
    assert left_noise_band(np.where(np.arange(60) < 30, 5.0, 5.2) + noise, 0.01)


def test_a_drift_smaller_than_the_deadband_does_not_count():
    assert not left_noise_band(np.linspace(5, 5.005, 60), 0.01)
