"""A topic partition in memory, and a store that can crash its user at any step: what a broker test cannot do fast."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from cloud.lake.judge import Judge, KnownSignals, Record
from cloud.lake.writer import LakeWriter, Partition, Rotation
from contracts.lake import chunk_of
from runtime.object_store import ObjectInfo, ObjectStore

LOG_ID = "1" * 32


class Crash(BaseException):
    """The process dies here; nothing but a new one goes on."""


class PartitionLog:
    """What is in Kafka, and what the group committed."""

    def __init__(self, records: list[Record], low: int = 0) -> None:
        self.records = records
        self.low = low
        self.committed: int | None = None


class Reader:
    """One consumer of a `PartitionLog` with its `LakeWriter`."""

    def __init__(
        self,
        kafka: PartitionLog,
        store: ObjectStore,
        plant: Path,
        rotation: Rotation | None = None,
        log_id: str = LOG_ID,
    ) -> None:
        self.kafka = kafka
        self.partition: Partition = (kafka.records[0].topic, kafka.records[0].partition)
        self.writer = LakeWriter(store, Judge(KnownSignals([plant])), self, rotation or Rotation())
        self.position = self.writer.start(self.partition, kafka.committed, log_id)
        self.seeks = 0

    def commit(self, partition: Partition, offset: int) -> None:
        self.kafka.committed = offset  # a zombie may set it back, as in Kafka

    def seek(self, partition: Partition, offset: int) -> None:
        self.position = offset
        self.seeks += 1

    def low(self, partition: Partition) -> int:
        return self.kafka.low

    def read(self, count: int) -> int:
        """Read up to `count` records unless the writer wants none; how many there were."""
        if self.writer.trouble:
            self.writer.store_due()
            return 0
        position = max(self.position, self.kafka.low)
        batch = [record for record in self.kafka.records if position <= record.offset][:count]
        if batch:
            self.position = batch[-1].offset + 1
        self.writer.add(batch)
        return len(batch)


class CrashingStore:
    """Passes everything on to a real store; `step` is called before and after each change."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self.url = store.url

    def step(self) -> None:
        """Raise `Crash` or an error here."""

    def create(self, name: str, content: bytes | Path, metadata: Mapping[str, str] | None = None) -> ObjectInfo:
        return self.replace(name, content, 0, metadata)

    def replace(
        self, name: str, content: bytes | Path, generation: int, metadata: Mapping[str, str] | None = None
    ) -> ObjectInfo:
        self.step()
        info = self._store.replace(name, content, generation, metadata)
        self.step()
        return info

    def delete(self, name: str, generation: int | None = None) -> bool:
        self.step()
        return self._store.delete(name, generation)

    def set_storage_class(self, name: str, storage_class: str) -> None:
        self.step()
        self._store.set_storage_class(name, storage_class)

    def read(self, name: str) -> bytes:
        return self._store.read(name)

    def open(self, name: str) -> BinaryIO:
        return self._store.open(name)

    def list(self, prefix: str, start: str = "", limit: int | None = None) -> Iterator[ObjectInfo]:
        return self._store.list(prefix, start, limit)

    def stat(self, name: str) -> ObjectInfo | None:
        return self._store.stat(name)


class RandomlyCrashingStore(CrashingStore):
    def __init__(self, store: ObjectStore, source: random.Random, chance: float) -> None:
        super().__init__(store)
        self._source = source
        self._chance = chance

    def step(self) -> None:
        if self._source.random() < self._chance:
            raise Crash


def table_in(store: ObjectStore, name: str) -> pa.Table:
    """An object's Parquet table."""
    return pq.read_table(pa.BufferReader(store.read(name)))


def rows_in(store: ObjectStore, prefix: str = "raw/") -> list[dict[str, Any]]:
    """Every row of every chunk, in the order of names."""
    return [row for info in store.list(prefix) for row in table_in(store, info.name).to_pylist()]


def quarantined_in(store: ObjectStore) -> list[dict[str, Any]]:
    """Every rejected record that a chunk names."""
    chunks = [chunk_of(info.name, info.metadata) for info in store.list("raw/")]
    return [row for chunk in chunks if chunk.quarantine for row in rows_in(store, chunk.quarantine)]
