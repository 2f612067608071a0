"""Roll-ups of one day: what `tables.ROLLUP` says of every tag and bucket, and where a tag was silent.

A sample is in force from its time until the tag's next sample, but for `HOLD_HEARTBEATS` heartbeats at most, and
inside the day only; what was in force when the day began is carried in from the day before. So no instant counts
twice, and a day's roll-ups depend on its own samples and on the last ones before it, never on how often it is loaded.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from cloud.loader.chunks import DAY_US
from cloud.loader.samples import Samples

_UNCERTAIN_OR_GOOD: Final = 0x40
_GOOD: Final = 0xC0
"""OPC DA's two quality bits, see `contracts.quality`."""

_I64 = npt.NDArray[np.int64]
_F64 = npt.NDArray[np.float64]


class Rollup(NamedTuple):
    """Columns of `tables.ROLLUP`; `tag` counts in the samples' `kks`. v_* are NaN where nothing usable was in force."""

    tag: npt.NDArray[np.int32]
    ts: _I64
    v_min: _F64
    v_max: _F64
    v_mean: _F64
    duration_us: _I64
    n: _I64
    n_good: _I64
    q_worst: npt.NDArray[np.int16]


class Gaps(NamedTuple):
    """Silences of one tag in one day, longer than it may be silent."""

    gaps: int
    total_s: float
    longest_s: float


def in_force_until(samples: Samples, hold_us: _I64, end_us: int) -> _I64:
    """When each sample stops being in force; `hold_us` is per tag."""
    until: _I64 = np.minimum(samples.ts + hold_us[samples.tag], end_us)
    same = samples.tag[1:] == samples.tag[:-1]
    until[:-1][same] = np.minimum(until[:-1][same], samples.ts[1:][same])
    return until


def by_minute(samples: Samples, hold_us: _I64, day_us: int) -> Rollup:
    """The minutes of the day that begins at `day_us`. `samples` may begin before it (carried in)."""
    until = in_force_until(samples, hold_us, day_us + DAY_US)
    since = np.maximum(samples.ts, day_us)
    held = until > since
    since, until = since[held] - day_us, until[held] - day_us
    tag, v, q = samples.tag[held], samples.v[held], samples.q[held]
    taken = samples.ts[held] >= day_us
    minute_us = 60_000_000
    first = since // minute_us
    pieces = (until - 1) // minute_us - first + 1
    of = np.repeat(np.arange(len(pieces)), pieces)
    index_in = np.arange(len(of)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    bucket = first[of] + index_in
    duration = np.minimum(until[of], (bucket + 1) * minute_us) - np.maximum(since[of], bucket * minute_us)
    usable = (q & _UNCERTAIN_OR_GOOD != 0) & ~np.isnan(v)
    good = usable & (q & _GOOD == _GOOD)
    counted = (index_in == 0) & taken[of]
    return _reduced(
        tag[of],
        bucket * minute_us + day_us,
        v_min=np.where(usable, v, np.inf)[of],
        v_max=np.where(usable, v, -np.inf)[of],
        weighted=np.where(usable, v, 0.0)[of] * duration,
        duration=np.where(usable[of], duration, 0),
        n=counted.astype(np.int64),
        n_good=(counted & good[of]).astype(np.int64),
        q=q[of],
    )


def merged(rollup: Rollup, seconds: int) -> Rollup:
    """The same in longer buckets, of `seconds` (a multiple of the present ones)."""
    width_us = seconds * 1_000_000
    empty = np.isnan(rollup.v_mean)
    return _reduced(
        rollup.tag,
        rollup.ts // width_us * width_us,
        v_min=np.where(empty, np.inf, rollup.v_min),
        v_max=np.where(empty, -np.inf, rollup.v_max),
        weighted=np.where(empty, 0.0, rollup.v_mean) * rollup.duration_us,
        duration=rollup.duration_us,
        n=rollup.n,
        n_good=rollup.n_good,
        q=rollup.q_worst,
    )


def gaps_of(samples: Samples, hold_us: _I64, day_us: int) -> dict[str, Gaps]:
    """Silences of each tag between samples, and to the day's ends, where they are longer than its hold."""
    end_us = day_us + DAY_US
    count = len(samples.kks)
    silent = np.zeros(count, np.int64), np.zeros(count, np.int64), np.zeros(count, np.int64)

    def note(tag: npt.NDArray[np.int32], length_us: _I64) -> None:
        long = length_us > hold_us[tag]
        np.add.at(silent[0], tag[long], 1)
        np.add.at(silent[1], tag[long], length_us[long])
        np.maximum.at(silent[2], tag[long], length_us[long])

    if not len(samples.ts):
        return {}
    same = samples.tag[1:] == samples.tag[:-1]
    begin = np.flatnonzero(np.r_[True, ~same])
    end = np.flatnonzero(np.r_[~same, True])
    note(samples.tag[begin], samples.ts[begin] - day_us)
    since, until = np.maximum(samples.ts[:-1][same], day_us), samples.ts[1:][same]
    note(samples.tag[1:][same], until - since)
    note(samples.tag[end], end_us - np.maximum(samples.ts[end], day_us))
    return {
        samples.kks[number]: Gaps(int(silent[0][number]), silent[1][number] / 1e6, silent[2][number] / 1e6)
        for number in np.flatnonzero(silent[0])
    }


def _reduced(
    tag: npt.NDArray[np.int32],
    ts: _I64,
    *,
    v_min: _F64,
    v_max: _F64,
    weighted: _F64,
    duration: _I64,
    n: _I64,
    n_good: _I64,
    q: npt.NDArray[np.int16],
) -> Rollup:
    """One row for each run of equal tag and time; both are sorted already."""
    if not len(tag):
        return Rollup(tag, ts, v_min, v_max, weighted, duration, n, n_good, q)
    begin = np.flatnonzero(np.r_[True, (tag[1:] != tag[:-1]) | (ts[1:] != ts[:-1])])
    total = np.add.reduceat(duration, begin)
    some = total > 0
    low, high = np.minimum.reduceat(v_min, begin), np.maximum.reduceat(v_max, begin)
    mean = np.full(len(begin), np.nan)
    # Rounding may carry a mean of equal values past them.
    mean[some] = np.clip(np.add.reduceat(weighted, begin)[some] / total[some], low[some], high[some])
    return Rollup(
        tag=tag[begin],
        ts=ts[begin],
        v_min=np.where(some, low, np.nan),
        v_max=np.where(some, high, np.nan),
        v_mean=mean,
        duration_us=total,
        n=np.add.reduceat(n, begin),
        n_good=np.add.reduceat(n_good, begin),
        q_worst=np.minimum.reduceat(q, begin),
    )
