"""What lies in the lake against what was sent: the raw objects before any de-duplication, quarantine, and history."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.faults.stream import DAY_US, REASONS, REJECTED_EVERY, Stream
from contracts import names, tables
from contracts.lake import chunk_of
from runtime.object_store import ObjectStore

SHOWN: Final = 5


@dataclass
class Account:
    """One lake's account; `faults` must stay empty."""

    sent: int = 0
    events: int = 0
    """Of those sent, what is an event of the plant."""
    in_raw: int = 0
    in_quarantine: int = 0
    in_history: int = 0
    chunks: int = 0
    orphans: int = 0
    """Quarantine objects that no chunk names."""
    faults: list[str] = field(default_factory=list)


def of_lake(store: ObjectStore, streams: Sequence[Stream]) -> Account:
    """Compare the whole lake with what was sent."""
    account = Account(sent=sum(each.count for each in streams))
    named: set[str] = set()
    refineries = sorted({each.refinery for each in streams})
    for refinery in refineries:
        own = {(each.topic, each.partition): each for each in streams if each.refinery == refinery}
        _raw(account, store, refinery, own, named)
        _history(account, store, refinery, list(own.values()))
        account.orphans += sum(info.name not in named for info in store.list(names.quarantine_prefix(refinery)))
    if account.orphans:
        account.faults.append(f"{account.orphans} objects in quarantine that no chunk names")
    return account


def _raw(
    account: Account, store: ObjectStore, refinery: str, streams: Mapping[tuple[str, int], Stream], named: set[str]
) -> None:
    found: dict[tuple[str, int], list[pa.Table]] = {place: [] for place in streams}
    rejected: dict[tuple[str, int], Counter[int]] = {place: Counter() for place in streams}
    ends: Counter[tuple[str, int]] = Counter()
    for info in store.list(names.raw_prefix(refinery)):
        chunk = chunk_of(info.name, info.metadata)
        place = chunk.topic, chunk.partition
        account.chunks += 1
        if chunk.first_offset != ends[place]:
            account.faults.append(f"{info.name} begins at {chunk.first_offset}, the one before ended at {ends[place]}")
        ends[place] = chunk.end_offset
        if chunk.lost:
            account.faults.append(f"{info.name} says that {chunk.lost} records are lost")
        table = _table(store, info.name)
        if table.num_rows != chunk.count:
            account.faults.append(f"{info.name} holds {table.num_rows} events and says {chunk.count}")
        found[place].append(table)
        if chunk.quarantine:
            named.add(chunk.quarantine)
            _quarantined(account, store, chunk.quarantine, streams[place], rejected[place])
    for place, stream in streams.items():
        table = pa.concat_tables(found[place]) if found[place] else None
        good = stream.good()
        account.events += len(good)
        account.in_raw += table.num_rows if table else 0
        account.in_quarantine += rejected[place].total()
        bad = np.setdiff1d(np.arange(stream.count), good, assume_unique=True)
        offsets = table["kafka_offset"].to_numpy() if table else np.empty(0, np.int64)
        where = f"{stream.topic} {stream.partition}"
        _once(account, f"{where} in raw", offsets, good)
        _once(account, f"{where} in quarantine", np.array(list(rejected[place].elements()), np.int64), bad)
        if table:
            _same(account, f"{where} in raw", table, stream, offsets)


def _quarantined(account: Account, store: ObjectStore, name: str, stream: Stream, seen: Counter[int]) -> None:
    for row in _table(store, name).to_pylist():
        number = row["kafka_offset"]
        seen[number] += 1
        expected = REASONS.get(number % REJECTED_EVERY, "no reason")
        key, value = stream.record(number)
        if not row["reason"].startswith(expected) or (row["key"], row["value"]) != (key, value):
            account.faults.append(f"{name}: offset {number} is there as {row['reason']!r}, expected {expected!r}")


def _history(account: Account, store: ObjectStore, refinery: str, streams: Sequence[Stream]) -> None:
    """Every event once in the file of its day; its number follows from its tag and time."""
    place_of = {kks: place for place, stream in enumerate(streams) for kks in stream.tags}
    found: list[list[Any]] = [[] for _ in streams]
    for info in store.list(f"{tables.HISTORY_TABLE}/refinery={refinery}/"):
        day = info.name.partition("/day=")[2][:10]
        table = _table(store, info.name)
        kks = table["kks"].combine_chunks().dictionary_encode()
        place = np.array([place_of[each] for each in kks.dictionary.to_pylist()])[kks.indices.to_numpy()]
        ts = table["ts"].cast(pa.int64()).to_numpy()
        account.in_history += len(ts)
        if len(ts) and {names.day_of(int(ts.min())), names.day_of(int(ts.max()))} != {day}:
            account.faults.append(f"{info.name} holds events of another day")
        for number in range(len(streams)):
            found[number].append(table.filter(pa.array(place == number)))
    for stream, parts in zip(streams, found, strict=True):
        table = pa.concat_tables(parts) if parts else None
        ts = table["ts"].cast(pa.int64()).to_numpy() if table else np.empty(0, np.int64)
        numbers = (ts - stream.first_us) // stream.step_us
        _once(account, f"{stream.topic} {stream.partition} in history", numbers, stream.good())
        if table:
            _same(account, f"{stream.topic} {stream.partition} in history", table, stream, numbers)


def _once(account: Account, where: str, found: Any, expected: Any) -> None:
    present, times = np.unique(found, return_counts=True)
    for what, numbers in {
        "lost": np.setdiff1d(expected, present, assume_unique=True),
        "double": present[times > 1],
        "never sent": np.setdiff1d(present, expected, assume_unique=True),
    }.items():
        if len(numbers):
            shown = ", ".join(map(str, numbers[:SHOWN].tolist()))
            account.faults.append(f"{where}: {len(numbers)} {what}, at {shown}{' …' if len(numbers) > SHOWN else ''}")


def _same(account: Account, where: str, table: pa.Table, stream: Stream, numbers: Any) -> None:
    """Whether each row is what was sent under its number: so the numbers count identities (kks, ts), too."""
    kks = table["kks"].combine_chunks().dictionary_encode()
    tags = np.array([stream.tags.index(each) for each in kks.dictionary.to_pylist()], np.int64)
    v = table["v"].to_numpy()
    expected = stream.values(numbers)
    differs = (
        (tags[kks.indices.to_numpy()] != numbers % len(stream.tags))
        | (table["ts"].cast(pa.int64()).to_numpy() != stream.times(numbers))
        | ~((v == expected) | (np.isnan(v) & np.isnan(expected)))
        | (table["q"].to_numpy() != stream.qualities(numbers))
    )
    if differs.any():
        account.faults.append(f"{where}: {int(differs.sum())} events are not what was sent")


def _table(store: ObjectStore, name: str) -> Any:
    return pq.read_table(pa.BufferReader(store.read(name)))


def expected_days(streams: Sequence[Stream]) -> dict[tuple[str, str], tuple[int, float]]:
    """(refinery, day) → how many events, and the sum of their values."""
    counts: Counter[tuple[str, str]] = Counter()
    sums: dict[tuple[str, str], float] = {}
    for stream in streams:
        numbers = stream.good()
        day_number = stream.times(numbers) // DAY_US
        for each in np.unique(day_number):
            own = numbers[day_number == each]
            key = stream.refinery, names.day_of(int(each) * DAY_US)
            counts[key] += len(own)
            sums[key] = sums.get(key, 0.0) + float(np.nansum(stream.values(own)))
    return {key: (counts[key], sums[key]) for key in sorted(counts)}
