"""How fast a level moves, from its recent past."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from analysis.stock import Strapping

WINDOW_S: Final = 120.0
SETTLED_S: Final = 45.0
LEAST_S, LEAST_SAMPLES = 10.0, 3
_STEP_M: Final = 0.05


class Slope(NamedTuple):
    """How fast, and from how much past."""

    per_hour: float
    span_s: float

    def is_within(self, deadband: float) -> bool:
        """Whether it cannot be told from rest: two deadbands over its span."""
        return abs(self.per_hour) <= 2 * deadband * 3600 / self.span_s

    @property
    def is_settled(self) -> bool:
        """Whether its span is long enough to say that something rests."""
        return self.span_s >= SETTLED_S


def slope(times_us: NDArray[Any], values: NDArray[Any], codes: NDArray[Any]) -> Slope | None:
    """Slope of the last two minutes of samples that are not bad, units per hour, by least squares.

    None with fewer than three samples or less than ten seconds of them.
    """
    usable = ((codes & 0xC0) != 0) & np.isfinite(values)
    if usable.sum() < LEAST_SAMPLES:
        return None
    times_s, kept = times_us[usable] / 1e6, values[usable]
    recent = times_s >= times_s[-1] - WINDOW_S
    times_s, kept = times_s[recent] - times_s[-1], kept[recent]
    if kept.size < LEAST_SAMPLES or times_s[-1] - times_s[0] < LEAST_S:
        return None
    centred = times_s - times_s.mean()
    per_hour = float((centred * (kept - kept.mean())).sum() / (centred**2).sum() * 3600)
    return Slope(per_hour, float(times_s[-1] - times_s[0]))


def volume_per_hour(strapping: Strapping, level_m: float, rate_m_h: float) -> float | None:
    """m³/h at a level that moves by `rate_m_h`: the table's slope there; None beyond the table."""
    below, above = max(strapping.levels_m[0], level_m - _STEP_M), min(strapping.height_m, level_m + _STEP_M)
    low, high = strapping.volume_m3(below), strapping.volume_m3(above)
    if low is None or high is None or above <= below:
        return None
    return (high - low) / (above - below) * rate_m_h
