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
