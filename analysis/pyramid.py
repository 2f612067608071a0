"""One signal's samples at every coarseness, so that any span is drawn from a few thousand numbers.

Level 0 are the samples; each level above it holds bins four times as wide as the one below: least and greatest value,
time-weighted mean, quality. Bins begin at multiples of their width, so a line does not shimmer when it is panned, and
a new sample touches one bin a level. A view is cut from the level just finer than a pixel.

A value holds until the next sample (as `contracts.tables.ROLLUP` has it), but for `hold_us` at most: after that, and
where a sample is bad, nothing is known, and the line breaks there at every coarseness.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from contracts.quality import Quality

Times = NDArray[np.int64]
Values = NDArray[np.float64]
States = NDArray[np.uint8]
Columns = dict[str, NDArray[Any]]

GOOD: Final = 0
UNCERTAIN: Final = 1
HELD: Final = 2
"""The last good value, kept because nothing newer came (OPC last known, last usable)."""
MISSING: Final = 3
"""Nothing is known: a bad sample, or none for longer than a value holds."""

_BITS: Final = 2
"""Each level's bins are four times as wide as those below."""
_PARTS: Final[Mapping[str, type]] = {
    "low": float,
    "high": float,
    "total": float,
    "weight": float,
    "state": np.uint8,
    "end": np.uint8,
}
"""What a row of any level holds: extremes, value times duration, duration in µs, worst state, state at its end."""
_LIVE_BITS: Final = 22
"""The first bins' width (4.2 s) where too few samples say how dense they will come."""


class Strip(NamedTuple):
    """What is drawn of a span: at most one bucket a column, or each sample where these are few."""

    times_us: Times
    mean: Values
    """NaN where nothing is known."""
    low: Values | None
    """Infinite where nothing is known; None where each point is a sample, as is `high`."""
    high: Values | None
    """Minus infinite where nothing is known."""
    states: States
    """Of each point, and of the line from it to the next."""
    column_us: float = 0.0
    """How wide a bucket is; 0 where each point is a sample or a bucket as it was given."""


def states_of(codes: NDArray[np.int16], values: Values) -> States:
    """What OPC quality codes mean for a line. A value that is not finite is missing whatever its code says."""
    kind = codes & 0xC0
    states = np.full(codes.shape, GOOD, np.uint8)
    states[kind == 0x40] = UNCERTAIN
    states[kind == 0] = MISSING
    exact = codes & ~0b11
    states[(exact == int(Quality.LAST_KNOWN)) | (exact == int(Quality.LAST_USABLE))] = HELD
    states[~np.isfinite(values)] = MISSING
    return states


class _Rows:
    """Equally long arrays that grow at their end, and are cut there, in amortised constant time."""

    def __init__(self, kinds: Mapping[str, type]) -> None:
        self._arrays: Columns = {name: np.empty(0, kind) for name, kind in kinds.items()}
        self.size = 0

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self._arrays[name][: self.size]

    def replace_from(self, start: int, columns: Columns) -> None:
        """Cut to `start` rows and put these after them."""
        size = start + next(iter(columns.values())).size
        for name, column in columns.items():
            array = self._arrays[name]
            if array.size < size:
                grown = np.empty(max(size, 2 * array.size), array.dtype)
                grown[:start] = array[:start]
                self._arrays[name] = array = grown
            array[start:size] = column
        self.size = size


class _Level(_Rows):
    """Bins of one width, 2 ** `bits` µs; bins without a sample are left out."""

    def __init__(self, bits: int) -> None:
        super().__init__({"bin": np.int64, "first": np.int64, **_PARTS})
        self.bits = bits

    def take_over(self, below: _Rows, keys: Times, shift: int, start: int) -> int:
        """Take what changed in the level below from its row `start`; the first of its own rows that changed.

        `keys` of the rows below, shifted, are their bins here.
        """
        place = int(np.searchsorted(self["bin"], keys[start] >> shift)) if self.size else 0
        if place < self.size:
            start = int(self["first"][place])
        bins = keys[start:] >> shift
        firsts = _first_of_each(bins)
        parts = {name: below[name][start:] for name in _PARTS}
        rows = merged(parts, firsts)
        self.replace_from(place, {"bin": bins[firsts], "first": firsts + start, **rows})
        return place


def merged(parts: Columns, firsts: NDArray[np.int64]) -> Columns:
    """Rows `firsts[i]` to `firsts[i + 1]` as one each: least, greatest, sums, and the worst state that can be drawn."""
    rows = {
        "low": np.minimum.reduceat(parts["low"], firsts),
        "high": np.maximum.reduceat(parts["high"], firsts),
        "total": np.add.reduceat(parts["total"], firsts),
        "weight": np.add.reduceat(parts["weight"], firsts),
    }
    state = parts["state"]
    if not state.any():
        return rows | {"state": np.zeros(firsts.size, np.uint8), "end": np.zeros(firsts.size, np.uint8)}
    # A bin of which part is unknown does not look as good as one that is known throughout.
    worst = np.maximum.reduceat(np.where(state == MISSING, np.uint8(UNCERTAIN), state), firsts)
    empty = np.minimum.reduceat(state, firsts) == MISSING
    rows["state"] = np.where(empty, np.uint8(MISSING), worst)
    rows["end"] = parts["end"][np.append(firsts[1:], state.size) - 1]
    return rows


class Pyramid:
    """The samples of one signal, oldest first; extended at the end by `append`."""

    def __init__(self, hold_us: int | None = None) -> None:
        """`hold_us`: how long a value holds without a newer one; None: until the next sample."""
        self.hold_us = hold_us
        self._samples = _Rows({"time": np.int64, "mean": float, **_PARTS})
        self._levels: list[_Level] = []
        self._bucketed = False

    def __len__(self) -> int:
        return self._samples.size

    @property
    def times_us(self) -> Times:
        """When each sample was taken, and, of those that held no longer, when that was."""
        return self._samples["time"]

    @property
    def values(self) -> Values:
        """Each sample's value, NaN where it is missing; a bucket's mean."""
        return self._samples["mean"]

    @property
    def low(self) -> Values:
        """Each sample's value, a bucket's least; infinite where it is missing."""
        return self._samples["low"]

    @property
    def high(self) -> Values:
        """Each sample's value, a bucket's greatest; minus infinite where it is missing."""
        return self._samples["high"]

    @property
    def states(self) -> States:
        """GOOD, UNCERTAIN, HELD or MISSING of each sample."""
        return self._samples["state"]

    @property
    def bucketed(self) -> bool:
        """Whether some points are buckets, whose inner spread is not known."""
        return self._bucketed

    def append(
        self, times_us: Times, values: Values, states: States, low: Values | None = None, high: Values | None = None
    ) -> None:
        """Samples newer than all so far (others are left out), in time order. `low` and `high` where they are buckets.

        Costs as much as there are new samples, not as there are old ones.
        """
        known = self._samples.size
        if known:
            newer = int(np.searchsorted(times_us, self.times_us[-1], side="right"))
            times_us, values, states = times_us[newer:], values[newer:], states[newer:]
            low, high = None if low is None else low[newer:], None if high is None else high[newer:]
        if not times_us.size:
            return
        self._bucketed = self._bucketed or low is not None
        values = np.where(states == MISSING, np.nan, values)
        low = np.where(states == MISSING, np.inf, values if low is None else low)
        high = np.where(states == MISSING, -np.inf, values if high is None else high)
        columns: Columns = {"time": times_us, "mean": values, "low": low, "high": high, "state": states}
        start = max(0, known - 1)
        columns = {name: np.concatenate([self._samples[name][start:], new]) for name, new in columns.items()}
        if self.hold_us is not None:
            columns = _with_gaps(columns, self.hold_us)
        weight = np.append(np.maximum(np.diff(columns["time"]), 1), 1).astype(float)
        weight[columns["state"] == MISSING] = 0.0
        total = np.where(columns["state"] == MISSING, 0.0, columns["mean"]) * weight
        parts = {"total": total, "weight": weight, "end": columns["state"]}
        self._samples.replace_from(start, columns | parts)
        self._raise(start)

    def _raise(self, start: int) -> None:
        """Bring the levels up to the samples, which changed from row `start`."""
        if not self._levels:
            self._levels = [_Level(_first_bits(self.times_us))]
        below, keys, shift, place = self._samples, self.times_us, self._levels[0].bits, 0
        while True:
            level = self._levels[place]
            start = level.take_over(below, keys, shift, start)
            if level.size <= 1:
                return
            place += 1
            if place == len(self._levels):
                self._levels.append(_Level(level.bits + _BITS))
                start = 0
            below, keys, shift = level, level["bin"], _BITS

    def view(self, from_us: int, to_us: int, columns: int) -> Strip:
        """What to draw from `from_us` to `to_us` in so many pixel columns, and one point beyond each end."""
        times = self.times_us
        first, last = _around(times, from_us, to_us)
        if last - first <= columns:
            part = slice(first, last)
            low, high = (self.low[part], self.high[part]) if self._bucketed else (None, None)
            return Strip(times[part], self.values[part], low, high, self.states[part])
        column_us = (to_us - from_us) / columns
        rows: _Rows = self._samples
        fine = [level for level in self._levels if 1 << level.bits <= column_us]
        if fine:
            rows, bits = fine[-1], fine[-1].bits
            bins, half_us = rows["bin"], 1 << bits >> 1
            first, last = _around(bins, (from_us - half_us) >> bits, ((to_us - half_us) >> bits) + 1)
            at_us = (bins[first:last] << bits) + half_us
        else:
            at_us = times[first:last]
        return _columns(at_us, {name: rows[name][first:last] for name in _PARTS}, column_us)


def _first_bits(times_us: Times) -> int:
    if times_us.size < 3:
        return _LIVE_BITS
    dense_us = max(1, int(np.median(np.diff(times_us[:100_000]))))
    return int(2 * dense_us).bit_length()


def _around(times_us: Times, from_us: int, to_us: int) -> tuple[int, int]:
    first = max(0, int(np.searchsorted(times_us, from_us, side="right")) - 1)
    return first, min(times_us.size, int(np.searchsorted(times_us, to_us, side="left")) + 1)


def _with_gaps(columns: Columns, hold_us: int) -> Columns:
    """A missing sample where each value stopped holding."""
    times, states = columns["time"], columns["state"]
    late = np.flatnonzero((np.diff(times) > hold_us) & (states[:-1] != MISSING))
    if not late.size:
        return columns
    blanks: dict[str, Any] = {
        "time": times[late] + hold_us,
        "mean": np.nan,
        "low": np.inf,
        "high": -np.inf,
        "state": MISSING,
    }
    return {name: np.insert(column, late + 1, blanks[name]) for name, column in columns.items()}


def _first_of_each(sorted_numbers: Times) -> NDArray[np.int64]:
    """Where each different number first stands."""
    changed = np.empty(sorted_numbers.size, bool)
    changed[:1] = True
    np.not_equal(sorted_numbers[1:], sorted_numbers[:-1], out=changed[1:])
    return np.flatnonzero(changed)


def _columns(at_us: Times, parts: Columns, column_us: float) -> Strip:
    """Bins merged by the pixel column their middle lies in; columns are counted from 1970, so panning keeps them."""
    number = np.floor(at_us / column_us).astype(np.int64)
    firsts = _first_of_each(number)
    part = merged(parts, firsts)
    number = number[firsts]
    times = ((number + 0.5) * column_us).astype(np.int64)
    weight, state, end = part["weight"], part["state"], part["end"]
    if not state.any() and number[-1] - number[0] < number.size:
        return Strip(times, part["total"] / weight, part["low"], part["high"], state, column_us)
    mean = np.full(number.size, np.nan)
    known = state != MISSING
    mean[known] = part["total"][known] / weight[known]
    apart = np.append(np.diff(number) > 1, False)
    # Where the next column is far, what was in force last reaches to it: nothing, after a bad sample or a silence.
    state = np.where(apart & (end != MISSING), np.maximum(end, state), state)
    low, high = part["low"], part["high"]
    breaks = np.flatnonzero(apart & known & (end == MISSING)) + 1
    if breaks.size:
        times = np.insert(times, breaks, times[breaks - 1] + int(column_us))
        mean, low, high = (
            np.insert(mean, breaks, np.nan),
            np.insert(low, breaks, np.inf),
            np.insert(high, breaks, -np.inf),
        )
        state = np.insert(state, breaks, MISSING)
    return Strip(times, mean, low, high, state, column_us)
