"""A lake folder as lake writer and loader lay it out, written by pyarrow for tests."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from contracts import names, tables
from contracts.lake import Chunk, DaySpan
from runtime.object_store_folder import FolderStore

Row = tuple[str, int, float | None, int]
"""kks, ts (µs), v, q."""

_ARROW = {
    "STRING": pa.string(),
    "TIMESTAMP": pa.timestamp("us"),
    "DOUBLE": pa.float64(),
    "SMALLINT": pa.int16(),
    "INT": pa.int32(),
    "BIGINT": pa.int64(),
}


def us(text: str) -> int:
    """Microseconds of a UTC time such as `2026-11-22 23:59:59.5`."""
    moment = datetime.fromisoformat(text).replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return (moment.days * 86_400 + moment.seconds) * 1_000_000 + moment.microseconds


def schema(columns: Iterable[tables.Column]) -> pa.Schema:
    return pa.schema([(column.name, _ARROW[column.hive_type]) for column in columns])


def write(lake: Path, name: str, columns: Iterable[tables.Column], rows: Sequence[Sequence[object]]) -> None:
    path = lake / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(parquet(columns, rows))


def parquet(columns: Iterable[tables.Column], rows: Sequence[Sequence[object]]) -> bytes:
    declared = schema(columns)
    values: list[Any] = list(zip(*rows, strict=True)) or [[] for _ in declared]
    arrays = [pa.array(list(column), field.type) for column, field in zip(values, declared, strict=True)]
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_arrays(arrays, schema=declared), sink)
    return sink.getvalue()


def write_day(lake: Path, refinery: str, day: str, rows: Sequence[Row]) -> None:
    """A loaded day: history sorted by kks and ts, and its roll-ups."""
    ordered = sorted(rows)
    write(lake, names.day_file(tables.HISTORY_TABLE, refinery, day), tables.HISTORY, ordered)
    for table, seconds in tables.ROLLUP_SECONDS.items():
        name, rolled = names.day_file(table, refinery, day), _rolled(ordered, seconds * 1_000_000)
        if table in tables.MONTHLY and (lake / name).exists():
            here = pq.read_table(lake / name, partitioning=None)
            others = [row for row in zip(*here.to_pydict().values(), strict=True) if str(row[1])[:10] != day]
            rolled = sorted([*((kks, us(str(at)), *rest) for kks, at, *rest in others), *rolled], key=lambda r: r[:2])
        write(lake, name, tables.ROLLUP, rolled)


def _rolled(rows: Sequence[Row], period_us: int) -> list[tuple[object, ...]]:
    """Each sample weighs as long as the period is wide by its count: enough for a test of reading roll-ups."""
    groups: dict[tuple[str, int], list[Row]] = {}
    for row in rows:
        groups.setdefault((row[0], row[1] - row[1] % period_us), []).append(row)
    rolled: list[tuple[object, ...]] = []
    for (kks, start), group in groups.items():
        usable = [v for _, _, v, q in group if q >= 64 and v is not None]
        good = sum(q >= 192 for *_, q in group)
        ends = (min(usable), max(usable), float(np.mean(usable))) if usable else (None, None, None)
        rolled.append((kks, start, *ends, float(len(usable)), len(group), good, min(q for *_, q in group)))
    return rolled


def write_raw(lake: Path, topic: str, first_offset: int, rows: Sequence[Row], since: str = names.FIRST_SINCE) -> None:
    """One chunk of partition 0, in the folder `since`."""
    full = [
        (*row, topic, 0, first_offset + number, row[1] + 50_000 if row[1] < 4_000_000_000_000_000 else row[1])
        for number, row in enumerate(rows)
    ]
    days: dict[str, list[int]] = {}
    for row in rows:
        days.setdefault(names.day_of(row[1]), []).append(row[1])
    chunk = Chunk(
        topic=topic,
        partition=0,
        first_offset=first_offset,
        end_offset=first_offset + len(rows),
        count=len(rows),
        rejected=0,
        first_arrived_us=full[0][-1],
        last_arrived_us=full[-1][-1],
        days={day: DaySpan(len(times), min(times), max(times)) for day, times in days.items()},
    )
    FolderStore(lake).create(
        names.raw_chunk(topic, 0, first_offset, since=since), parquet(tables.HISTORY_RAW, full), chunk.metadata()
    )
