"""Finds the raw chunks that hold events of a day without listing the whole lake.

Chunks of a partition lie in folders by the day until which the one before them reached, in the order of arrival; and
the lake writer lets no event in that is more than `LATE_US` old or `FUTURE_US` ahead at its arrival: so a day's chunks
lie in a span of arrivals, and only its folders are looked through.
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

_OLDEST_DAYS: Final = 10_000
_FIRST_DAY: Final = date(1900, 1, 1)
"""What Hive, DuckDB and the writers are tested from."""


class StoredChunk(NamedTuple):
    """A chunk and its object."""

    info: ObjectInfo
    chunk: Chunk


def day_start_us(day: str) -> int:
    """The day's first microsecond (UTC). Raises `ValueError` for anything but `YYYY-MM-DD` from 1900 on."""
    try:
        parsed = date.fromisoformat(day)
    except ValueError as error:
        raise ValueError(f"day {day!r}: write YYYY-MM-DD") from error
    if parsed.isoformat() != day:
        raise ValueError(f"day {day!r}: write YYYY-MM-DD")
    if parsed < _FIRST_DAY:
        raise ValueError(f"day {day}: a lake holds no day before {_FIRST_DAY}")
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
    for log in logs(store, refinery):
        for stored in _arriving(store, log, since_us - FUTURE_US - _SLACK_US, until_us + LATE_US + _SLACK_US):
            spans = stored.chunk.days.values()
            if any(span.first_us < until_us and span.last_us >= since_us for span in spans):
                found.append(stored)
    return found


def finished_by(store: ObjectStore, refinery: str, day: str) -> list[StoredChunk]:
    """Chunks that arrived about `day` and hold nothing newer: those that may go to cold storage once it is loaded."""
    since_us = day_start_us(day)
    found = []
    for log in logs(store, refinery):
        for stored in _arriving(store, log, since_us - FUTURE_US - _SLACK_US, since_us + DAY_US + LATE_US):
            chunk = stored.chunk
            last_us = chunk.last_ts_us or chunk.last_arrived_us
            if since_us <= last_us < since_us + DAY_US:
                found.append(stored)
    return found


def logs(store: ObjectStore, refinery: str) -> list[str]:
    """`raw/<refinery>/<zone>/p000/` of every topic partition, found by leaping from one to the next."""
    prefix = names.raw_prefix(refinery)
    found: list[str] = []
    start = ""
    while info := next(iter(store.list(prefix, start, limit=1)), None):
        found.append(names.log_of(info.name))
        start = found[-1][:-1] + chr(ord("/") + 1)
    return found


def chunks_from(store: ObjectStore, log: str, start: str) -> Iterator[StoredChunk]:
    """A partition's chunks from the name `start` on, in the order of arrival. Raises `BadChunk`."""
    for info in store.list(log, start):
        yield StoredChunk(info, chunk_of(info.name, info.metadata))


def _arriving(store: ObjectStore, log: str, since_us: int, until_us: int) -> Iterator[StoredChunk]:
    for stored in chunks_from(store, log, _folder_before(store, log, names.day_of(since_us))):
        if stored.chunk.first_arrived_us >= until_us:
            return
        if stored.chunk.last_arrived_us >= since_us:
            yield stored


def _folder_before(store: ObjectStore, log: str, day: str) -> str:
    """A name from which to list all chunks that reach into `day`.

    The last chunk of a folder before it may: it arrived when the next one's folder was begun. Looked for backwards in
    leaps, for a plant may have been silent for weeks.
    """
    days_back = 1
    while days_back < _OLDEST_DAYS:
        start = f"{log}{date.fromisoformat(day) - timedelta(days=days_back)}"
        info = next(iter(store.list(log, start, limit=1)), None)
        if info is not None and names.since_of(info.name) < day:
            return start
        days_back = 2 * days_back + 1
    return log
