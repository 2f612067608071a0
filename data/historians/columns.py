"""Statements' answers in numpy: parts joined, roll-up rows merged to buckets, split by tag."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from data.historians.historian import Buckets, Columns, Integers, Series
from data.historians.statements import GOOD, USABLE

_BUCKET_TYPES: Final = {
    "tag": np.int64,
    "us": np.int64,
    "v_min": np.float64,
    "v_max": np.float64,
    "v_mean": np.float64,
    "weight": np.float64,
    "n": np.int64,
    "n_good": np.int64,
    "q_worst": np.int16,
}
_SAMPLE_TYPES: Final = {"tag": np.int64, "us": np.int64, "v": np.float64, "q": np.int16}


class Grid(NamedTuple):
    """Equal buckets from `from_us` on."""

    from_us: int
    width_us: int

    def start(self, us: Integers) -> Integers:
        """The start of the bucket each time lies in."""
        return us - (us - self.from_us) % self.width_us


def series(kks: Sequence[str], parts: Sequence[Columns]) -> dict[str, Series]:
    """Samples by tag in the order of time, every tag asked for present; `tag` of a part is a place in `kks`."""
    joined, bounds = _by_tag(len(kks), _joined(parts, _SAMPLE_TYPES))
    return {
        tag: Series(joined["us"][first:last], joined["v"][first:last], joined["q"][first:last])
        for tag, (first, last) in zip(kks, bounds, strict=True)
    }


def newest(one: Series) -> Series:
    """The last sample alone, or none."""
    return Series(one.us[-1:], one.v[-1:], one.q[-1:])


def numbered(kks: Sequence[str], found: Columns) -> Columns:
    """With `tag`, the place in `kks`, in the place of the text."""
    place = {tag: number for number, tag in enumerate(kks)}
    return {**found, "tag": np.array([place[tag] for tag in found["kks"].tolist()], np.int64)}


def merged(rows: Columns, grid: Grid) -> Columns:
    """Rows of narrower buckets merged to those of `grid`; the mean by `weight`."""
    if not len(rows["us"]):
        return rows
    tag, start = rows["tag"], grid.start(rows["us"])
    order = np.lexsort((start, tag))
    tag, start = tag[order], start[order]
    firsts = np.flatnonzero(np.r_[True, (tag[1:] != tag[:-1]) | (start[1:] != start[:-1])])

    def of(name: str) -> NDArray[Any]:
        return rows[name][order]

    weight = np.where(np.isnan(of("v_mean")), 0.0, np.nan_to_num(of("weight")))
    weights = np.add.reduceat(weight, firsts)
    total = np.add.reduceat(np.nan_to_num(of("v_mean")) * weight, firsts)
    return {
        "tag": tag[firsts],
        "us": start[firsts],
        "v_min": np.fmin.reduceat(of("v_min"), firsts),
        "v_max": np.fmax.reduceat(of("v_max"), firsts),
        "v_mean": np.divide(total, weights, out=np.full_like(total, np.nan), where=weights > 0),
        "weight": weights,
        "n": np.add.reduceat(of("n"), firsts),
        "n_good": np.add.reduceat(of("n_good"), firsts),
        "q_worst": np.minimum.reduceat(of("q_worst"), firsts),
    }


def of_samples(found: Columns) -> Columns:
    """Samples as rows of buckets of their own; bad ones count but have no value."""
    usable = (found["q"] >= USABLE) & ~np.isnan(found["v"])
    v = np.where(usable, found["v"], np.nan)
    return {
        "tag": found["tag"],
        "us": found["us"],
        "v_min": v,
        "v_max": v,
        "v_mean": v,
        "weight": usable.astype(np.int64),
        "n": np.ones(len(v), np.int64),
        "n_good": (found["q"] >= GOOD).astype(np.int64),
        "q_worst": found["q"],
    }


def weighed_by_count(found: Columns) -> Columns:
    """With the number of samples as weight: seconds of a roll-up and samples of the open day do not add up.

    A bucket in which nothing was reported, because the value held, counts as one sample.
    """
    return {**found, "weight": np.maximum(found["n"], 1)}


def buckets(kks: Sequence[str], parts: Sequence[Columns], grid: Grid) -> dict[str, Buckets]:
    """Buckets by tag in the order of time; where two parts tell of one bucket they are merged."""
    whole, bounds = _by_tag(len(kks), merged(_joined(parts, _BUCKET_TYPES), grid))
    return {
        tag: Buckets(*(whole[name][first:last] for name in Buckets._fields))
        for tag, (first, last) in zip(kks, bounds, strict=True)
    }


def _joined(parts: Sequence[Columns], types: Mapping[str, type]) -> Columns:
    return {
        name: np.concatenate([np.asarray(part[name], dtype) for part in parts]) if parts else np.empty(0, dtype)
        for name, dtype in types.items()
    }


def _by_tag(count: int, joined: Columns) -> tuple[Columns, list[tuple[int, int]]]:
    """The rows sorted by tag and time, and where each of `count` tags begins and ends."""
    order = np.lexsort((joined["us"], joined["tag"]))
    sizes = np.bincount(joined["tag"], minlength=count)
    ends = np.cumsum(sizes)
    return (
        {name: values[order] for name, values in joined.items()},
        list(zip((ends - sizes).tolist(), ends.tolist(), strict=True)),
    )
