"""Cuts each topic partition's records into chunks and stores every record exactly once.

The protocol. A chunk's name is its topic, partition and first offset, in the folder of the day until which the stored
chunk before it reached (`names.raw_chunk`); it is created only if nothing is there. Whoever comes second (another
writer, or this one after a crash) finds the name taken, takes the *stored* end as the truth, commits that and reads on
from there. Since every chunk begins where a stored one ended, chunks never overlap and never leave a hole, whatever the
writers cut at, and two writers at one offset know the same chunk before it, so they mean the same name. Offsets are
committed after the chunk; a commit that is lost costs nothing, because a start looks for the newest stored chunk.

Rejected records go to an object of their own first; the chunk names it. What no chunk names was left by a crash and
is removed.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

from cloud.lake.judge import Judge, Record
from cloud.lake.open_chunk import OpenChunk
from contracts import names
from contracts.event import BadEvent
from contracts.lake import Chunk, chunk_of
from runtime.object_store import AlreadyThere, ObjectInfo, ObjectStore, StoreError

_log = logging.getLogger(__name__)

_FIRST_RETRY_S: Final = 0.5
_LAST_RETRY_S: Final = 30.0
_REASON_PAUSE_S: Final = 10.0
_OLDEST_DAYS: Final = 10_000
Partition = tuple[str, int]
"""Topic and partition number."""


class Log(Protocol):
    """What the writer needs of Kafka."""

    def commit(self, partition: Partition, offset: int) -> None:
        """Remember that everything below `offset` is in the lake. May fail silently: chunks are the truth."""

    def seek(self, partition: Partition, offset: int) -> None:
        """Deliver records from `offset` on next; nothing fetched before may follow."""

    def low(self, partition: Partition) -> int:
        """The oldest offset that Kafka still has. Raises `StoreError` if it does not say."""


@dataclass(frozen=True)
class Rotation:
    """When a chunk is stored; looked at after each batch, so a chunk may exceed a bound by one batch."""

    records: int = 50_000
    value_bytes: int = 16 * 1024 * 1024
    age_s: float = 60.0
    buffered_bytes: int = 64 * 1024 * 1024
    """Values held over all partitions; beyond it the oldest chunk goes first."""


@dataclass
class Counters:
    """What this writer put into the lake since it started."""

    records: int = 0
    chunks: int = 0
    rejected: int = 0
    adopted: int = 0
    """Chunks found stored already."""
    lost: int = 0
    """Records that Kafka dropped before they were read."""
    last_chunk_s: float = field(default_factory=time.monotonic)


@dataclass
class _Owned:
    log_id: str
    log: str
    """Part of the chunks' names where the topic was made anew, see `names.raw_chunk`."""
    since: str
    """The folder that the open chunk will lie in."""
    chunk: OpenChunk
    asked_again: int = -1
    """The offset from which a hole was read again."""
    unsure: bool = True
    """Whether a crash or a failed attempt may have left quarantine objects that no chunk names."""


class LakeWriter:
    """See the module. One thread calls it."""

    def __init__(self, store: ObjectStore, judge: Judge, log: Log, rotation: Rotation) -> None:
        self._store = store
        self._judge = judge
        self._log = log
        self._rotation = rotation
        self._owned: dict[Partition, _Owned] = {}
        self._retry_at_s = 0.0
        self._retry_s = _FIRST_RETRY_S
        self._reason_told_s = -_REASON_PAUSE_S
        self.counters = Counters()
        self.trouble = ""
        """Why the store takes nothing at the moment; empty while it works. While set, nothing should be read."""

    @property
    def open_records(self) -> int:
        """Records held here and not in the lake yet."""
        return sum(owned.chunk.records for owned in self._owned.copy().values())

    @property
    def buffered_bytes(self) -> int:
        """Values held here, over all partitions."""
        return sum(owned.chunk.value_bytes for owned in self._owned.copy().values())

    def positions(self) -> dict[Partition, int]:
        """The next offset of each owned partition."""
        return {partition: owned.chunk.end_offset for partition, owned in self._owned.copy().items()}

    def start(self, partition: Partition, committed: int | None, log_id: str) -> int:
        """Own a partition; the offset to read from, which is where the stored chunks end. Raises `StoreError`."""
        topic, number = partition
        log = self._log_name(partition, log_id)
        prefix = names.raw_partition_prefix(topic, number, log)
        position, since = committed, names.FIRST_SINCE
        if last := _last_chunk(self._store, prefix):
            stored = chunk_of(last.name, last.metadata)
            position = max(position or 0, stored.end_offset)
            since = names.since_after(names.since_of(last.name), stored.last_arrived_us)
        low = self._log.low(partition)
        chunk = OpenChunk(topic, number, low if position is None else position)
        if position is not None and low > position:
            self._lose(chunk, low - position)
            chunk.end_offset = low
        if position is not None and position != committed:
            self._log.commit(partition, position)
        self._owned[partition] = _Owned(log_id, log, since, chunk)
        return chunk.end_offset

    def _log_name(self, partition: Partition, log_id: str) -> str:
        """Empty for the first topic of its name; a topic that was made anew gets chunks of its own."""
        first = next(iter(self._store.list(names.raw_partition_prefix(*partition), limit=1)), None)
        if first is None or chunk_of(first.name, first.metadata).log_id == log_id:
            return ""
        return log_id[:8]

    def stop(self, partition: Partition) -> None:
        """Disown a partition; what is not stored yet will be read again by its next owner."""
        self._owned.pop(partition, None)

    def add(self, records: Iterable[Record]) -> None:
        """Take a batch, in the order of offsets within a partition, and store what is due."""
        read_again: set[Partition] = set()
        for record in records:
            partition = (record.topic, record.partition)
            owned = self._owned.get(partition)
            if owned is None or partition in read_again or record.offset < owned.chunk.end_offset:
                continue
            chunk = owned.chunk
            if record.offset > chunk.end_offset and not self._explained(partition, owned, record):
                read_again.add(partition)
                continue
            try:
                chunk.add(record, self._judge.event_of(record))
            except BadEvent as error:
                chunk.reject(record, str(error))
                self._tell_rejected(record, str(error))
        for partition in read_again:
            self._log.seek(partition, self._owned[partition].chunk.end_offset)
        self.store_due()

    def _explained(self, partition: Partition, owned: _Owned, record: Record) -> bool:
        """Whether the offsets missing before `record` are gone from Kafka for good; if not, they are read again.

        Offsets that stay away the second time are such as Kafka never delivers (compacted away, transaction marks).
        """
        chunk = owned.chunk
        try:
            dropped = min(self._log.low(partition), record.offset) - chunk.end_offset
        except StoreError as error:
            _log.warning("%s", error)
            return False
        if dropped > 0:
            self._lose(chunk, dropped)
            chunk.end_offset += dropped
        if record.offset == chunk.end_offset or owned.asked_again == chunk.end_offset:
            return True
        owned.asked_again = chunk.end_offset
        return False

    def store_due(self, *, everything: bool = False) -> None:
        """Store the chunks that are full or old (or all), unless the store is in trouble and its pause not over."""
        now = time.monotonic()
        if now < self._retry_at_s and not everything:
            return
        bounds = self._rotation
        by_age = sorted(
            (item for item in self._owned.items() if item[1].chunk.records), key=lambda item: item[1].chunk.opened_s
        )
        buffered = sum(owned.chunk.value_bytes for _, owned in by_age)
        for partition, owned in by_age:
            chunk = owned.chunk
            due = (
                everything
                or chunk.records >= bounds.records
                or chunk.value_bytes >= bounds.value_bytes
                or now - chunk.opened_s >= bounds.age_s
                or buffered > bounds.buffered_bytes
                or self.trouble
            )
            if due:
                buffered -= chunk.value_bytes
                if not self._try_to_store(partition, owned):
                    return

    def _try_to_store(self, partition: Partition, owned: _Owned) -> bool:
        try:
            self._store_chunk(partition, owned)
        except StoreError as error:
            owned.unsure = True
            if not self.trouble:
                _log.error("the lake takes no chunk; reading pauses and is tried again: %s", error)
            self.trouble = str(error)
            self._retry_at_s = time.monotonic() + self._retry_s
            self._retry_s = min(2 * self._retry_s, _LAST_RETRY_S)
            return False
        if self.trouble:
            _log.warning("the lake takes chunks again")
        self.trouble = ""
        self._retry_at_s, self._retry_s = 0.0, _FIRST_RETRY_S
        return True

    def _store_chunk(self, partition: Partition, owned: _Owned) -> None:
        chunk = owned.chunk
        name = names.raw_chunk(chunk.topic, chunk.partition, chunk.first_offset, owned.log, owned.since)
        stored = Chunk(
            topic=chunk.topic,
            partition=chunk.partition,
            first_offset=chunk.first_offset,
            end_offset=chunk.end_offset,
            count=chunk.events,
            rejected=len(chunk.rejected),
            first_arrived_us=chunk.first_arrived_us,
            last_arrived_us=chunk.last_arrived_us,
            log_id=owned.log_id,
            quarantine=self._store_rejected(name, chunk),
            lost=chunk.lost,
            days=chunk.days(),
        )
        try:
            self._store.create(name, chunk.parquet(), stored.metadata())
            self.counters.chunks += 1
            self.counters.records += chunk.records
            self.counters.rejected += len(chunk.rejected)
        except AlreadyThere:
            info = self._store.stat(name)
            if info is None:
                raise StoreError(f"{name}: was there and is gone; who removes chunks from the lake?") from None
            own_quarantine, stored = stored.quarantine, chunk_of(name, info.metadata)
            self.counters.adopted += 1
            owned.unsure = owned.unsure or own_quarantine != stored.quarantine
        if owned.unsure or chunk.rejected:
            self._remove_unnamed_quarantine(name, stored.quarantine)
            owned.unsure = False
        self.counters.last_chunk_s = time.monotonic()
        owned.chunk = OpenChunk(chunk.topic, chunk.partition, stored.end_offset)
        owned.since = names.since_after(owned.since, stored.last_arrived_us)
        self._log.commit(partition, stored.end_offset)
        if stored.end_offset != chunk.end_offset:
            self._log.seek(partition, stored.end_offset)

    def _store_rejected(self, chunk_name: str, chunk: OpenChunk) -> str:
        if not chunk.rejected:
            return ""
        name = f"{_quarantine_stem(chunk_name)}{secrets.token_hex(4)}.parquet"
        with suppress(AlreadyThere):  # the name is by chance, so it is ours: a first answer got lost on its way
            self._store.create(
                name, chunk.quarantine_parquet(), {"chunk": chunk_name, "count": str(len(chunk.rejected))}
            )
        return name

    def _remove_unnamed_quarantine(self, chunk_name: str, named: str) -> None:
        for info in list(self._store.list(_quarantine_stem(chunk_name))):
            if info.name != named:
                self._store.delete(info.name)

    def _lose(self, chunk: OpenChunk, records: int) -> None:
        chunk.lost += records
        self.counters.lost += records
        _log.error(
            "%s partition %d: %d records from offset %d on are lost: Kafka dropped them before the lake read them; "
            "give the topic a longer retention",
            chunk.topic,
            chunk.partition,
            records,
            chunk.end_offset,
        )

    def _tell_rejected(self, record: Record, reason: str) -> None:
        now = time.monotonic()
        if now - self._reason_told_s >= _REASON_PAUSE_S:
            self._reason_told_s = now
            _log.warning(
                "%s partition %d offset %d goes to quarantine: %s",
                record.topic,
                record.partition,
                record.offset,
                reason,
            )


def _last_chunk(store: ObjectStore, prefix: str) -> ObjectInfo | None:
    """The newest chunk below `prefix`, found from today backwards: a lake holds years, and a list begins at the old."""
    days_back = 0
    today = datetime.now(UTC).date()
    while days_back < _OLDEST_DAYS:
        start = f"{prefix}{today - timedelta(days=days_back)}"
        if newest := deque(store.list(prefix, start), maxlen=1):
            return newest[0]
        days_back = 2 * days_back + 1
    newest = deque(store.list(prefix), maxlen=1)
    return newest[0] if newest else None


def _quarantine_stem(chunk_name: str) -> str:
    """raw/r1/tanks/p000/2026-11-24/0….parquet → quarantine/r1/tanks/p000/2026-11-24/0…-"""
    return f"quarantine/{chunk_name.removeprefix('raw/').removesuffix('.parquet')}-"
