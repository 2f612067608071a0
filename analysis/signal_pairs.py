"""Two signals brought to the same instants, to set one against the other."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from analysis.pyramid import MISSING, Pyramid, States, Strip, Times, Values


class Pairs(NamedTuple):
    """Instants at which both have a value."""

    times_us: Times
    x: Values
    y: Values

    @classmethod
    def none(cls) -> Pairs:
        """No instant."""
        return cls(np.empty(0, np.int64), np.empty(0), np.empty(0))


def paired(along: Pyramid, up: Pyramid, from_us: int, to_us: int, most: int) -> Pairs:
    """At each point of either, the value in force of both; left out where one of them is missing.

    More than `most` points of a signal are merged first, `most` buckets to the span, by their time-weighted means.
    """
    one, other = along.view(from_us, to_us, most // 2), up.view(from_us, to_us, most // 2)
    times = np.union1d(one.times_us, other.times_us)
    times = times[(times >= from_us) & (times <= to_us)]
    (x, x_states), (y, y_states) = _at(one, times), _at(other, times)
    both = (x_states != MISSING) & (y_states != MISSING)
    return Pairs(times[both], x[both], y[both])


def _at(strip: Strip, times: Times) -> tuple[Values, States]:
    if not strip.times_us.size:
        return np.full(times.size, np.nan), np.full(times.size, MISSING, np.uint8)
    place = np.searchsorted(strip.times_us, times, side="right") - 1
    states = np.where(place < 0, np.uint8(MISSING), strip.states[place])
    return strip.mean[place], states
