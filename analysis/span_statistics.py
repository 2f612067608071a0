"""Figures of one signal over a span: extremes, time-weighted mean and deviation, count, share of good time, integral.

Every value counts for as long as it was in force: from its sample until the next one, cut at the span's ends. So the
mean agrees with the roll-ups (`contracts.tables.ROLLUP`), and a burst of samples weighs no more than its seconds.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from analysis.pyramid import GOOD, MISSING, Pyramid

_HOUR_US: Final = 3_600_000_000


class SpanStatistics(NamedTuple):
    """Of the values in force from `from_us` to `to_us`; None where there was none."""

    least: float | None
    most: float | None
    mean: float | None
    """Weighted by time."""
    deviation: float | None
    """Standard deviation, weighted by time, of what was in force (the population's: divided by the whole duration)."""
    integral_h: float | None
    """Value times hours: of a flow in m³/h, m³. Over the time in which a value is known."""
    n: int
    """Points drawn from: samples, or buckets where `bucketed`."""
    good_part: float
    """Share of the span, 0 to 1, in which a good value was in force."""
    worst: int | None
    """The worst state (`analysis.pyramid`: GOOD to MISSING); None where the span holds nothing."""
    bucketed: bool
    """Whether points are buckets: then the deviation leaves out what happened inside each, and is a least one."""


NOTHING: Final = SpanStatistics(None, None, None, None, None, 0, 0.0, None, False)


def statistics(pyramid: Pyramid, from_us: int, to_us: int) -> SpanStatistics:
    """The figures of a span. The value in force at its beginning counts, the sample at its very end does not.

    The newest sample is in force until `to_us`, but no longer than a value holds.
    """
    times = pyramid.times_us
    first = max(0, int(np.searchsorted(times, from_us, side="right")) - 1)
    last = int(np.searchsorted(times, to_us, side="left"))
    if last <= first or to_us <= from_us:
        return NOTHING
    edges = times[first : last + 1]
    if edges.size == last - first:
        newest = int(times[-1])
        end = to_us if pyramid.hold_us is None else min(to_us, newest + pyramid.hold_us)
        edges = np.append(edges, max(end, newest))
    edges = np.clip(edges, from_us, to_us)
    states, values = pyramid.states[first:last], pyramid.values[first:last]
    duration_us = np.diff(edges).astype(float)
    known = (states != MISSING) & (duration_us > 0)
    n = int(np.count_nonzero((times[first:last] >= from_us) & (states != MISSING)))
    worst = int(states.max())
    if not known.any():
        return NOTHING._replace(worst=worst)
    weight, value = duration_us[known], values[known]
    # Sums of squares around a value near the mean: around zero they would lose the digits of a small deviation.
    middle = float(value[0])
    whole = float(weight.sum())
    mean = middle + float(weight @ (value - middle)) / whole
    deviation = float(np.sqrt(weight @ (value - mean) ** 2 / whole))
    return SpanStatistics(
        float(pyramid.low[first:last][known].min()),
        float(pyramid.high[first:last][known].max()),
        mean,
        deviation,
        mean * whole / _HOUR_US,
        n,
        float(duration_us[states == GOOD].sum()) / (to_us - from_us),
        worst,
        pyramid.bucketed,
    )


def value_at(pyramid: Pyramid, at_us: int) -> tuple[float | None, int]:
    """The value in force at a time and its state; None and MISSING where nothing is known."""
    place = int(np.searchsorted(pyramid.times_us, at_us, side="right")) - 1
    if place < 0:
        return None, MISSING
    state = int(pyramid.states[place])
    newest = place == len(pyramid) - 1
    gone = newest and pyramid.hold_us is not None and at_us - int(pyramid.times_us[place]) > pyramid.hold_us
    if state == MISSING or gone:
        return None, MISSING
    return float(pyramid.values[place]), state
