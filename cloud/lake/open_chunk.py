"""The records of one topic partition that are not in the lake yet, and how they become Parquet."""

from __future__ import annotations

import io
import math
import time
from array import array
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from cloud.lake.judge import Record
from contracts import names, tables
from contracts.event import Event
from contracts.lake import DaySpan

_DAY_US: Final = 86_400 * 1_000_000
_TIME: Final = pa.timestamp("us")
_ARROW_TYPE: Final = {
    "STRING": pa.string(),
    "TIMESTAMP": _TIME,
    "DOUBLE": pa.float64(),
    "SMALLINT": pa.int16(),
    "INT": pa.int32(),
    "BIGINT": pa.int64(),
}
RAW_SCHEMA: Final = pa.schema([(column.name, _ARROW_TYPE[column.hive_type]) for column in tables.HISTORY_RAW])
QUARANTINE_SCHEMA: Final = pa.schema(
    [
        ("reason", pa.string()),
        ("topic", pa.string()),
        ("kafka_partition", pa.int32()),
        ("kafka_offset", pa.int64()),
        ("arrived", _TIME),
        ("key", pa.binary()),
        ("value", pa.binary()),
    ]
)


class OpenChunk:
    """Grows by `add` and `reject`, in the order of offsets. About 40 bytes an event (plain arrays, no objects)."""

    def __init__(self, topic: str, partition: int, first_offset: int) -> None:
        self.topic = topic
        self.partition = partition
        self.first_offset = first_offset
        self.end_offset = first_offset
        self.value_bytes = 0
        """Sum of the records' values, the measure by which chunks are cut."""
        self.lost = 0
        self.opened_s = 0.0
        """Monotonic time of the first record; 0 while empty."""
        self.first_arrived_us = 0
        self.last_arrived_us = 0
        self.rejected: list[tuple[Record, str]] = []
        self._code_of: dict[str, int] = {}
        self._codes = array("i")
        self._ts = array("q")
        self._v = array("d")
        self._q = array("h")
        self._offsets = array("q")
        self._arrived = array("q")

    @property
    def events(self) -> int:
        """Events inside."""
        return len(self._ts)

    @property
    def records(self) -> int:
        """Records inside, the rejected ones too."""
        return len(self._ts) + len(self.rejected)

    def add(self, record: Record, event: Event) -> None:
        """Take an event."""
        self._took(record)
        codes = self._code_of
        self._codes.append(codes.setdefault(event.kks, len(codes)))
        self._ts.append(event.ts)
        self._v.append(math.nan if event.v is None else event.v)
        self._q.append(event.q)
        self._offsets.append(record.offset)
        self._arrived.append(record.arrived_us)

    def reject(self, record: Record, reason: str) -> None:
        """Take a record that is no event of the plant."""
        self._took(record)
        self.rejected.append((record, reason))

    def _took(self, record: Record) -> None:
        if not self.opened_s:
            self.opened_s = time.monotonic()
            self.first_arrived_us = record.arrived_us
        self.last_arrived_us = record.arrived_us
        self.end_offset = record.offset + 1
        self.value_bytes += len(record.value or b"")

    def days(self) -> dict[str, DaySpan]:
        """Events by UTC day of their source time."""
        ts = np.frombuffer(self._ts, np.int64)
        spans = {}
        for number in np.unique(ts // _DAY_US):
            own = ts[ts // _DAY_US == number]
            spans[names.day_of(int(own[0]))] = DaySpan(len(own), int(own.min()), int(own.max()))
        return spans

    def parquet(self) -> bytes:
        """The events as Parquet with the columns of `tables.HISTORY_RAW`, in the order of offsets."""
        v = np.frombuffer(self._v, np.float64)
        kks = pa.DictionaryArray.from_arrays(np.frombuffer(self._codes, np.int32), pa.array(self._code_of, pa.string()))
        count = self.events
        columns = [
            kks.cast(pa.string()),
            pa.array(np.frombuffer(self._ts, np.int64)).cast(_TIME),
            pa.array(v, mask=np.isnan(v)),
            pa.array(np.frombuffer(self._q, np.int16)),
            pa.repeat(pa.scalar(self.topic), count),
            pa.repeat(pa.scalar(self.partition, pa.int32()), count),
            pa.array(np.frombuffer(self._offsets, np.int64)),
            pa.array(np.frombuffer(self._arrived, np.int64)).cast(_TIME),
        ]
        return _parquet(pa.table(columns, schema=RAW_SCHEMA))

    def quarantine_parquet(self) -> bytes:
        """The rejected records, whole, with the reasons."""
        rows = [
            (reason, record.topic, record.partition, record.offset, record.arrived_us, record.key, record.value)
            for record, reason in self.rejected
        ]
        columns = [
            pa.array(column, field.type)
            for column, field in zip(zip(*rows, strict=True), QUARANTINE_SCHEMA, strict=True)
        ]
        return _parquet(pa.table(columns, schema=QUARANTINE_SCHEMA))


def _parquet(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    # Without Arrow's own schema inside: Hive and DuckDB read the same plain Parquet types.
    pq.write_table(table, sink, compression="zstd", store_schema=False)
    return sink.getvalue()
