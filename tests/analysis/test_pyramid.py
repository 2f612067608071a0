"""The pyramid against what its samples say, counted plainly."""

import time

import numpy as np
import pytest

from analysis.pyramid import GOOD, HELD, MISSING, UNCERTAIN, Pyramid, states_of
from analysis.span_statistics import statistics, value_at
from contracts.quality import Quality

START_US = 1_795_431_600_000_000
SECOND_US = 1_000_000


def samples(n: int, seed: int = 1):
    chance = np.random.default_rng(seed)
    times = START_US + np.cumsum(chance.integers(200_000, 3_000_000, n))
    return times.astype(np.int64), np.cumsum(chance.normal(0, 1, n)), np.full(n, GOOD, np.uint8)


def built(times, values, states, hold_us=None) -> Pyramid:
    pyramid = Pyramid(hold_us)
    pyramid.append(times, values, states)
    return pyramid


def equal(a, b) -> bool:
    pairs = zip(a, b, strict=True)
    return all((x is None) == (y is None) and (x is None or np.array_equal(x, y, equal_nan=True)) for x, y in pairs)


def test_few_samples_are_drawn_as_they_are_with_one_beyond_each_end():
    times, values, states = samples(100)
    strip = built(times, values, states).view(int(times[10]) + 1, int(times[20]) - 1, 500)
    assert strip.low is None
    assert np.array_equal(strip.times_us, times[10:21])
    assert np.array_equal(strip.mean, values[10:21])


@pytest.mark.parametrize("columns", [100, 617, 1900])
@pytest.mark.parametrize("part", [1.0, 0.31, 0.05])
def test_many_samples_keep_their_extremes_wherever_they_are(columns, part):
    times, values, states = samples(100_000)
    span = int((times[-1] - times[0]) * part)
    from_us = int(times[3000])
    strip = built(times, values, states).view(from_us, from_us + span, columns)
    inside = (times >= from_us) & (times < from_us + span)
    assert strip.times_us.size <= 2 * columns + 3
    assert np.nanmax(strip.mean if strip.high is None else strip.high) >= values[inside].max()
    assert np.nanmin(strip.mean if strip.low is None else strip.low) <= values[inside].min()
    assert np.all(np.diff(strip.times_us) > 0)


def test_a_column_says_least_greatest_and_mean_of_its_own_samples():
    times = START_US + np.arange(100_000) * SECOND_US
    values = np.random.default_rng(2).normal(5, 2, times.size)
    strip = built(times, values, np.zeros(times.size, np.uint8)).view(START_US, int(times[-1]), 500)
    half_us = int(times[-1] - START_US) / 1000
    slack = 2 * half_us
    for n in range(10, strip.times_us.size - 10, 37):
        near = np.abs(times - strip.times_us[n]) < half_us + slack
        own = np.abs(times - strip.times_us[n]) < half_us - slack / 4
        assert values[near].min() <= strip.low[n] <= values[own].min()
        assert values[near].max() >= strip.high[n] >= values[own].max()
        assert strip.mean[n] == pytest.approx(values[own].mean(), abs=0.4)


def test_what_was_appended_piece_by_piece_equals_what_was_built_at_once():
    times, values, states = samples(20_000)
    states[np.random.default_rng(3).random(states.size) < 0.01] = MISSING
    whole = built(times, values, states, hold_us=2_500_000)
    grown = Pyramid(2_500_000)
    place = 0
    for size in (1, 1, 2, 500, 3, 7000, 1, 12_492):
        grown.append(times[place : place + size], values[place : place + size], states[place : place + size])
        place += size
    assert place == times.size
    assert np.array_equal(whole.values, grown.values, equal_nan=True)
    for span in (20_000 * SECOND_US, 900 * SECOND_US):
        one, other = (made.view(START_US, START_US + span, 300) for made in (whole, grown))
        assert np.nanmax(one.high if one.high is not None else one.mean) == np.nanmax(
            other.high if other.high is not None else other.mean
        )
    assert statistics(whole, START_US, int(times[-1])) == statistics(grown, START_US, int(times[-1]))


def test_appended_alike_gives_the_very_same_view():
    times, values, states = samples(5000)
    one, other = built(times, values, states), built(times[:4000], values[:4000], states[:4000])
    for n in range(4000, 5000, 10):
        other.append(times[n : n + 10], values[n : n + 10], states[n : n + 10])
    for from_part in (0.0, 0.4, 0.79):
        from_us = START_US + int(from_part * 8000 * SECOND_US)
        assert equal(
            one.view(from_us, from_us + 5000 * SECOND_US, 200), other.view(from_us, from_us + 5000 * SECOND_US, 200)
        )


def test_appending_costs_what_is_new_and_not_what_is_old():
    def cost_s(n: int) -> float:
        times, values, states = samples(n + 2000)
        pyramid = built(times[:n], values[:n], states[:n])
        spent = []
        for place in range(n, n + 2000, 10):
            began = time.process_time()
            pyramid.append(times[place : place + 10], values[place : place + 10], states[place : place + 10])
            spent.append(time.process_time() - began)
        return float(np.median(spent))

    assert cost_s(1_000_000) < 10 * cost_s(2000)


def test_samples_that_are_not_newer_are_left_out():
    times, values, states = samples(100)
    pyramid = built(times, values, states)
    pyramid.append(times[50:], values[50:] + 1, states[50:])
    assert len(pyramid) == 100
    assert np.array_equal(pyramid.values, values)


def test_panning_by_whole_pixels_moves_the_same_columns():
    times, values, states = samples(100_000)
    pyramid = built(times, values, states)
    span, columns = 100_000 * SECOND_US, 1000
    one = pyramid.view(START_US, START_US + span, columns)
    other = pyramid.view(START_US + 7 * span // columns, START_US + 7 * span // columns + span, columns)
    common, here, there = np.intersect1d(one.times_us, other.times_us, return_indices=True)
    assert common.size > 980
    inner = slice(2, -2)
    assert np.array_equal(one.mean[here][inner], other.mean[there][inner], equal_nan=True)
    assert np.array_equal(one.low[here][inner], other.low[there][inner], equal_nan=True)


@pytest.mark.parametrize("hours", [0.2, 24])
def test_a_silence_longer_than_a_value_holds_breaks_the_line_at_every_coarseness(hours):
    times = START_US + np.concatenate([np.arange(1000), 10_000 + np.arange(30_000)]) * SECOND_US
    pyramid = built(times, np.ones(times.size), np.zeros(times.size, np.uint8), hold_us=30 * SECOND_US)
    middle = START_US + 5000 * SECOND_US
    span = int(hours * 3600) * SECOND_US
    strip = pyramid.view(middle - span, middle + span, 400)
    before, after = strip.times_us < middle, strip.times_us > middle
    gap = strip.times_us[np.isnan(strip.mean)]
    assert gap.size == 1
    if before.sum() > 1 and after.sum() > 1:
        last, first = strip.times_us[before & ~np.isnan(strip.mean)][-1], strip.times_us[after][0]
        assert last < gap[0] < first


def test_a_bad_sample_that_nothing_followed_for_long_breaks_the_line_even_within_its_column():
    seconds = np.concatenate([np.arange(5000), [5000], 20_000 + np.arange(30_000)])
    states = np.zeros(seconds.size, np.uint8)
    states[5000] = MISSING
    strip = built(START_US + seconds * SECOND_US, np.ones(seconds.size), states).view(
        START_US, START_US + 50_000 * SECOND_US, 300
    )
    gone = np.flatnonzero(np.isnan(strip.mean))
    assert gone.size == 1
    assert strip.times_us[gone[0] + 1] - strip.times_us[gone[0] - 1] > 14_000 * SECOND_US


def test_a_column_of_which_part_is_bad_does_not_look_good():
    times = START_US + np.arange(50_000) * SECOND_US
    states = np.zeros(times.size, np.uint8)
    states[20_000] = MISSING
    strip = built(times, np.ones(times.size), states).view(START_US, int(times[-1]), 100)
    assert np.isfinite(strip.mean).all()
    assert np.count_nonzero(strip.states == UNCERTAIN) == 1


def test_codes_become_what_a_line_can_say():
    codes = np.array([192, 216, 64, 80, 68, 20, 0, 24, 32, 192], np.int16)
    values = np.array([1.0] * 9 + [np.nan])
    wanted = [GOOD, GOOD, UNCERTAIN, UNCERTAIN, HELD, HELD, MISSING, MISSING, MISSING, MISSING]
    assert states_of(codes, values).tolist() == wanted
    assert int(Quality.LAST_KNOWN) in codes.tolist()


def test_figures_weigh_each_value_by_the_time_it_was_in_force():
    times = START_US + np.array([0, 10, 20, 50]) * SECOND_US
    pyramid = built(times, np.array([1.0, 5.0, 2.0, 9.0]), np.zeros(4, np.uint8))
    found = statistics(pyramid, START_US + 5 * SECOND_US, START_US + 40 * SECOND_US)
    mean = (5 * 1 + 10 * 5 + 20 * 2) / 35
    assert (found.least, found.most, found.n) == (1.0, 5.0, 2)
    assert found.mean == pytest.approx(mean)
    assert found.deviation == pytest.approx(
        np.sqrt((5 * (1 - mean) ** 2 + 10 * (5 - mean) ** 2 + 20 * (2 - mean) ** 2) / 35)
    )
    assert found.integral_h == pytest.approx(95 / 3600)
    assert found.good_part == 1.0


def test_a_bad_time_counts_against_the_good_part_and_for_nothing_else():
    times = START_US + np.array([0, 10, 20, 30]) * SECOND_US
    pyramid = built(times, np.array([1.0, 100.0, 3.0, 3.0]), np.array([GOOD, MISSING, UNCERTAIN, GOOD], np.uint8))
    found = statistics(pyramid, START_US, START_US + 40 * SECOND_US)
    assert (found.least, found.most) == (1.0, 3.0)
    assert found.good_part == pytest.approx(0.5)
    assert found.worst == MISSING
    assert found.mean == pytest.approx((10 * 1 + 20 * 3) / 30)


def test_a_small_deviation_on_a_large_value_keeps_its_digits():
    times = START_US + np.arange(1000) * SECOND_US
    values = 1e9 + np.tile([0.0, 1.0], 500)
    found = statistics(built(times, values, np.zeros(1000, np.uint8)), START_US, int(times[-1]) + SECOND_US)
    assert found.deviation == pytest.approx(0.5, abs=1e-6)


def test_a_span_without_samples_has_no_figures():
    times, values, states = samples(10)
    pyramid = built(times, values, states)
    assert statistics(pyramid, START_US - 100, START_US - 50).mean is None
    assert statistics(Pyramid(), START_US, START_US + 1).n == 0


def test_a_value_holds_for_so_long_and_no_longer():
    pyramid = built(np.array([START_US]), np.array([4.0]), np.zeros(1, np.uint8), hold_us=30 * SECOND_US)
    assert value_at(pyramid, START_US + 29 * SECOND_US) == (4.0, GOOD)
    assert value_at(pyramid, START_US + 31 * SECOND_US) == (None, MISSING)
    assert value_at(pyramid, START_US - 1) == (None, MISSING)
    assert statistics(pyramid, START_US, START_US + 60 * SECOND_US).good_part == pytest.approx(0.5)
