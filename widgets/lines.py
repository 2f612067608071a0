"""One signal's points over time, as the historian and the live store give them to whatever draws or exports."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from analysis.pyramid import GOOD, MISSING, Pyramid, states_of
from widgets.plant_now import Codes, Times, Values


class Line(NamedTuple):
    """One signal's points: `low` and `high` are None where every sample is drawn."""

    times_us: Times
    mean: Values
    """NaN where nothing is known."""
    low: Values | None = None
    high: Values | None = None
    codes: Codes | None = None
    """OPC quality of each point; None: good wherever there is a number."""


def pyramid_of(line: Line, hold_us: int | None = None) -> Pyramid:
    """A line at every coarseness. `hold_us`: how long a value holds without a newer one; None: until the next."""
    made = Pyramid(hold_us)
    gone = ~np.isfinite(line.mean)
    states = (
        np.where(gone, np.uint8(MISSING), np.uint8(GOOD)) if line.codes is None else states_of(line.codes, line.mean)
    )
    made.append(line.times_us, line.mean, states, line.low, line.high)
    return made


def decimate(times_us: Times, values: Values, columns: int) -> Line:
    """At most some `columns` buckets of a raw series: mean with minimum and maximum. NaN stays a gap."""
    if times_us.size <= 2 * columns:
        return Line(times_us, values)
    strip = pyramid_of(Line(times_us, values)).view(int(times_us[0]), int(times_us[-1]), columns)
    if strip.low is None or strip.high is None:
        return Line(strip.times_us, strip.mean)
    known = strip.states != MISSING
    low, high = (np.where(known, column, np.nan) for column in (strip.low, strip.high))
    return Line(strip.times_us, strip.mean, low, high)
