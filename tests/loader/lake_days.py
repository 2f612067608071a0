"""Lakes with given events, filled by the real lake writer, and the tables that came out."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cloud.lake.judge import Record
from cloud.lake.writer import Rotation
from contracts import names, tables
from runtime.object_store import ObjectStore
from tests.lake.plants import LEVEL, TOPIC, record
from tests.lake.simulated_log import PartitionLog, Reader, table_in

DAY, NEXT_DAY, REFINERY = "2026-03-28", "2026-03-29", "lake-test"
"""The 29th is the day on which Europe's clocks go forward: 23 hours there, 24 in UTC."""

TABLES = (tables.HISTORY_TABLE, *tables.ROLLUP_SECONDS)


def us(text: str) -> int:
    """`2026-03-28 12:00:00.5` (UTC) in microseconds."""
    moment = datetime.fromisoformat(text).replace(tzinfo=UTC)
    return int(moment.timestamp()) * 1_000_000 + moment.microsecond


class Feed:
    """One partition of the test plant: what is sent to it lands in the lake in chunks of `chunk` records."""

    def __init__(self, store: ObjectStore, plant: Path, chunk: int = 50, partition: int = 0) -> None:
        self._partition = partition
        self._log = PartitionLog([record(0, 0, partition=partition)])
        self._log.records.clear()
        first = record(0, us(f"{DAY} 00:00:00"), partition=partition)
        self._log.records.append(first)
        self._reader = Reader(self._log, store, plant, Rotation(records=1, age_s=1e9))
        self._log.records.clear()
        self._chunk = chunk

    def send(
        self, *samples: tuple[str, float | None], kks: str = LEVEL, quality: int = 192, late_s: float = 0.0
    ) -> None:
        """(time, value) pairs; they arrive `late_s` after their time, or a millisecond."""
        for text, value in samples:
            ts_us = us(text)
            arrived_us = ts_us + int(late_s * 1e6) + 1000
            self._log.records.append(
                record(
                    len(self._log.records), ts_us, value, kks, quality, partition=self._partition, arrived_us=arrived_us
                )
            )
        while self._reader.read(self._chunk):
            pass

    def send_records(self, records: list[Record]) -> None:
        """The same with records made elsewhere; their offsets are set here."""
        for each in records:
            self._log.records.append(
                each._replace(offset=len(self._log.records), partition=self._partition, topic=TOPIC)
            )
        while self._reader.read(self._chunk):
            pass


def rows(store: ObjectStore, table: str, day: str) -> list[dict[str, Any]]:
    """A table's day."""
    name = names.day_file(table, REFINERY, day)
    found = [] if store.stat(name) is None else table_in(store, name).to_pylist()
    return [row for row in found if f"{row['ts']:%Y-%m-%d}" == day]


def fingerprint(store: ObjectStore, *days: str) -> dict[str, str]:
    """A hash of each table's bytes."""
    wanted = [names.day_file(table, REFINERY, day) for day in days for table in TABLES]
    return {name: hashlib.sha256(store.read(name)).hexdigest() for name in wanted if store.stat(name)}
