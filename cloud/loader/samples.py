"""A day's samples in the order of KKS and time, in bounded memory.

A distribution sort: where the rows do not fit, they are first dealt out to files by ranges of KKS, and each range is
sorted by itself. A range holds one tag at least, so memory grows with the busiest tag, never with the plant.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cloud.loader.chunks import StoredChunk
from contracts.lake import BadChunk
from runtime.object_store import ObjectStore, StoreError

ROWS_AT_ONCE: Final = 1_000_000
"""About 300 MB while they are sorted and rolled up."""

TEMPORARY: Final = "sinoptico-load-"
"""How the names of the loader's folders on this machine's disk begin."""

_DEALT_AT_ONCE: Final = 250_000
"""Rows; of a plant with hundreds of ranges each then gets some kilobytes at a time."""

Rows = npt.NDArray[np.void]
_ROW: Final = np.dtype([("tag", "<i4"), ("ts", "<i8"), ("v", "<f8"), ("q", "<i2")])
"""One sample as it waits on disk; a value that is null is NaN here, which no event can carry."""


class Samples(NamedTuple):
    """Samples of one range of KKS, sorted by KKS and time, each once."""

    kks: list[str]
    """Sorted; `tag` counts in it."""
    tag: npt.NDArray[np.int32]
    ts: npt.NDArray[np.int64]
    """µs since 1970-01-01 UTC."""
    v: npt.NDArray[np.float64]
    """NaN where there is no value."""
    q: npt.NDArray[np.int16]
    duplicates: int
    """Samples dropped because one of that KKS and time came before."""
    conflicts: int
    """How many of those were not the same value and quality; an event sent again should be."""


def sorted_samples(
    store: ObjectStore,
    chunks: Sequence[StoredChunk],
    since_us: int,
    until_us: int,
    *,
    count_from_us: int,
    rows_at_once: int = ROWS_AT_ONCE,
) -> Iterator[Samples]:
    """All samples of [since_us, until_us), range after range of KKS; duplicates are counted from `count_from_us` on."""
    total = sum(
        span.events
        for stored in chunks
        for span in stored.chunk.days.values()
        if span.first_us < until_us and span.last_us >= since_us
    )
    tags = _Tags()
    if total <= rows_at_once:
        rows = [_read(store, stored, since_us, until_us, tags) for stored in chunks]
        if rows:
            yield _sorted(np.concatenate(rows), tags, count_from_us)
        return
    ranges = _ranges(store, chunks, rows_at_once)
    with tempfile.TemporaryDirectory(prefix=TEMPORARY) as folder:
        for path in _dealt_out(store, chunks, since_us, until_us, tags, ranges, Path(folder)):
            yield _sorted(np.fromfile(path, _ROW), tags, count_from_us)
            path.unlink()


class _Tags:
    """Numbers for KKS in the order they are met."""

    def __init__(self) -> None:
        self.number_of: dict[str, int] = {}

    def numbers(self, column: pa.ChunkedArray) -> npt.NDArray[np.int32]:
        encoded = column.combine_chunks()
        own = [self.number_of.setdefault(kks, len(self.number_of)) for kks in encoded.dictionary.to_pylist()]
        numbers: npt.NDArray[np.int32] = np.array(own, np.int32)[encoded.indices.to_numpy()]
        return numbers


def _read(store: ObjectStore, stored: StoredChunk, since_us: int, until_us: int, tags: _Tags) -> Rows:
    table = _table(store, stored, ["kks", "ts", "v", "q"])
    ts = table["ts"].cast(pa.int64()).to_numpy()
    inside = (ts >= since_us) & (ts < until_us)
    rows: Rows = np.empty(len(ts), _ROW)
    rows["tag"] = tags.numbers(table["kks"])
    rows["ts"] = ts
    rows["v"] = table["v"].to_numpy()
    rows["q"] = table["q"].to_numpy()
    kept: Rows = rows[inside]
    return kept


def _table(store: ObjectStore, stored: StoredChunk, columns: list[str]) -> Any:
    name = stored.info.name
    try:
        table = pq.read_table(pa.BufferReader(store.read(name)), columns=columns, read_dictionary=["kks"])
    except (pa.ArrowException, OSError) as error:
        if isinstance(error, StoreError):
            raise
        raise BadChunk(f"{name}: cannot be read as Parquet: {error}") from error
    if table.column_names != columns:
        raise BadChunk(f"{name}: has no columns {', '.join(sorted(set(columns) - set(table.column_names)))}")
    return table


def _ranges(store: ObjectStore, chunks: Sequence[StoredChunk], rows_at_once: int) -> dict[str, int]:
    """KKS → number of its range; ranges are in the order of KKS and hold about `rows_at_once` rows."""
    counts: Counter[str] = Counter()
    for stored in chunks:
        for count in pc.value_counts(_table(store, stored, ["kks"])["kks"].combine_chunks()).to_pylist():
            counts[count["values"]] += count["counts"]
    ranges = {}
    number, filled = 0, 0
    for kks in sorted(counts):
        if filled and filled + counts[kks] > rows_at_once:
            number, filled = number + 1, 0
        ranges[kks] = number
        filled += counts[kks]
    return ranges


def _dealt_out(
    store: ObjectStore,
    chunks: Sequence[StoredChunk],
    since_us: int,
    until_us: int,
    tags: _Tags,
    ranges: dict[str, int],
    folder: Path,
) -> list[Path]:
    paths = [folder / f"{number:06d}" for number in range(max(ranges.values()) + 1)]
    for path in paths:
        path.touch()
    waiting: list[Rows] = []
    for place, stored in enumerate(chunks, 1):
        waiting.append(_read(store, stored, since_us, until_us, tags))
        if place == len(chunks) or sum(map(len, waiting)) >= _DEALT_AT_ONCE:
            _deal(np.concatenate(waiting), tags, ranges, paths)
            waiting.clear()
    return paths


def _deal(rows: Rows, tags: _Tags, ranges: dict[str, int], paths: Sequence[Path]) -> None:
    range_of_tag = np.array([ranges[kks] for kks in tags.number_of], np.int64)
    own = range_of_tag[rows["tag"]]
    order = np.argsort(own, kind="stable")
    rows, own = rows[order], own[order]
    begin = np.flatnonzero(np.r_[True, own[1:] != own[:-1]]) if len(own) else np.empty(0, np.int64)
    # Opened anew each time: a large plant has more ranges than a process may have open files.
    for first, last in zip(begin, [*begin[1:], len(own)], strict=True):
        with paths[own[first]].open("ab") as file:
            rows[first:last].tofile(file)


def _sorted(rows: Rows, tags: _Tags, count_from_us: int) -> Samples:
    met = list(tags.number_of)
    present = np.unique(rows["tag"])
    kks = sorted(met[number] for number in present)
    rank = np.zeros(len(met), np.int32)
    rank[[tags.number_of[each] for each in kks]] = np.arange(len(kks))
    tag = rank[rows["tag"]]
    # Stable, and chunks come in the order of offsets: of two equals the one that arrived first stays.
    order = np.lexsort((rows["ts"], tag))
    tag, ts, v, q = tag[order], rows["ts"][order], rows["v"][order], rows["q"][order]
    again = np.zeros(len(ts), bool)
    again[1:] = (tag[1:] == tag[:-1]) & (ts[1:] == ts[:-1])
    differs = np.zeros(len(ts), bool)
    differs[1:] = again[1:] & ((v[1:].view(np.int64) != v[:-1].view(np.int64)) | (q[1:] != q[:-1]))
    keep = ~again
    counted = ts >= count_from_us
    return Samples(
        kks,
        tag[keep],
        ts[keep],
        v[keep],
        q[keep],
        duplicates=int((again & counted).sum()),
        conflicts=int((differs & counted).sum()),
    )
