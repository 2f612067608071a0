"""Finds the raw chunks that hold events of a day without listing the whole lake.

Chunks of a partition are named by offset and arrive in that order, and the lake writer lets no event in that is more
than `LATE_US` old or `FUTURE_US` ahead at its arrival: so a day's chunks lie in a span of arrivals, whose beginning is
found by bisection over offsets.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Final, NamedTuple

from contracts import names
from contracts.lake import FUTURE_US, LATE_US, Chunk, chunk_of
from runtime.object_store import ObjectInfo, ObjectStore

DAY_US: Final = 86_400 * 1_000_000
_SLACK_US: Final = FUTURE_US
"""Producers' clocks differ a little, so arrivals are in the order of offsets only roughly."""

_BISECT_TO: Final = 100_000
"""Offsets; about two chunks at their default size. Listing these is cheaper than further steps."""


class StoredChunk(NamedTuple):
    """A chunk and its object."""

    info: ObjectInfo
    chunk: Chunk


def day_start_us(day: str) -> int:
    """The day's first microsecond (UTC). Raises `ValueError` for anything but `YYYY-MM-DD`."""
    try:
        parsed = date.fromisoformat(day)
    except ValueError as error:
        raise ValueError(f"day {day!r}: write YYYY-MM-DD") from error
    if parsed.isoformat() != day:
        raise ValueError(f"day {day!r}: write YYYY-MM-DD")
    return (parsed - date(1970, 1, 1)).days * DAY_US


def next_day(day: str) -> str:
    """The day after."""
    return (date.fromisoformat(day) + timedelta(days=1)).isoformat()


def day_before(day: str) -> str:
    """The day before."""
    return (date.fromisoformat(day) - timedelta(days=1)).isoformat()


def today() -> str:
    """The UTC day that is not over yet."""
    return datetime.now(UTC).date().isoformat()


def overlapping(store: ObjectStore, refinery: str, since_us: int, until_us: int) -> list[StoredChunk]:
    """Chunks with an event in [since_us, until_us), by partition and offset. Raises `BadChunk`."""
    found = []
    for folder in partition_folders(store, refinery):
        for stored in _arriving(store, folder, since_us - FUTURE_US - _SLACK_US, until_us + LATE_US + _SLACK_US):
            spans = stored.chunk.days.values()
            if any(span.first_us < until_us and span.last_us >= since_us for span in spans):
                found.append(stored)
    return found


def finished_by(store: ObjectStore, refinery: str, day: str) -> list[StoredChunk]:
    """Chunks that arrived about `day` and hold nothing newer: those that may go to cold storage once it is loaded."""
    since_us = day_start_us(day)
    found = []
    for folder in partition_folders(store, refinery):
        for stored in _arriving(store, folder, since_us - FUTURE_US - _SLACK_US, since_us + DAY_US + LATE_US):
            chunk = stored.chunk
            last_us = chunk.last_ts_us or chunk.last_arrived_us
            if since_us <= last_us < since_us + DAY_US:
                found.append(stored)
    return found


def partition_folders(store: ObjectStore, refinery: str) -> list[str]:
    """`raw/<refinery>/<zone>/p000/` of every topic partition, found by leaping from one to the next."""
    prefix = names.raw_prefix(refinery)
    folders: list[str] = []
    start = ""
    while info := next(iter(store.list(prefix, start, limit=1)), None):
        folder = info.name.rpartition("/")[0]
        folders.append(f"{folder}/")
        start = folder + chr(ord("/") + 1)
    return folders


def chunks_from(store: ObjectStore, folder: str, offset: int) -> Iterator[StoredChunk]:
    """A partition's chunks whose first offset is `offset` or more. Raises `BadChunk`."""
    for info in store.list(folder, f"{folder}{offset:020d}"):
        yield StoredChunk(info, chunk_of(info.name, info.metadata))


def _arriving(store: ObjectStore, folder: str, since_us: int, until_us: int) -> Iterator[StoredChunk]:
    for stored in chunks_from(store, folder, _offset_before(store, folder, since_us)):
        if stored.chunk.first_arrived_us >= until_us:
            return
        if stored.chunk.last_arrived_us >= since_us:
            yield stored


def _offset_before(store: ObjectStore, folder: str, arrived_us: int) -> int:
    """An offset below which every chunk arrived before `arrived_us`."""

    def older_at(offset: int) -> Chunk | None:
        info = next(iter(store.list(folder, f"{folder}{offset:020d}", limit=1)), None)
        chunk = None if info is None else chunk_of(info.name, info.metadata)
        return chunk if chunk is not None and chunk.last_arrived_us < arrived_us else None

    low, high = 0, _BISECT_TO
    while chunk := older_at(high):
        low, high = chunk.end_offset, chunk.end_offset * 4
    while high - low > _BISECT_TO:
        middle = (low + high) // 2
        if chunk := older_at(middle):
            low = chunk.end_offset
        else:
            high = middle
    return low
