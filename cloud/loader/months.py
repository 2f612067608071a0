"""The roll-ups that are kept a month a file: a day's rows put among those of the other days.

A year of hours is asked for as a whole; as 365 small files most of the answer's time would be opening them.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cloud.loader.chunks import DAY_US
from contracts import names
from runtime.object_store import AlreadyThere, ObjectInfo, ObjectStore

ROW_GROUP: Final = 8192
"""Rows: 11 tags' hours of a month, so that a reader of one tag skips the rest of a large plant's file."""

_TRIES: Final = 50
_ORDER: Final = [("kks", "ascending"), ("ts", "ascending")]


def made_of(info: ObjectInfo | None, day: str) -> str | None:
    """The fingerprint of what the day's rows in a month's file were made of; None where it has none of them."""
    found = _days(info).get(day)
    return str(found) if found is not None else None


def put_day(
    store: ObjectStore,
    table: str,
    refinery: str,
    day: str,
    day_us: int,
    rows: Path,
    before: ObjectInfo | None,
    fingerprint: str,
) -> None:
    """Put `rows` (a sorted file of one day) in the place of the day's rows in its month's file.

    `before` is the file as it was when the day's chunks were looked at. Raises `AlreadyThere` if another loader has put
    this day meanwhile; if only other days came, they are kept.
    """
    name = names.day_file(table, refinery, day)
    target = rows.with_name(f"{rows.stem}-month.parquet")
    for _ in range(_TRIES):
        days = {**_days(before), day: fingerprint}
        source = store.open(name) if before is not None else None
        try:
            count = _merge(source, rows, target, day_us)
        finally:
            if source is not None:
                source.close()
        metadata = {"made_of": json.dumps(days, sort_keys=True, separators=(",", ":")), "rows": str(count)}
        try:
            store.replace(name, target, before.generation if before else 0, metadata)
        except AlreadyThere:
            now = store.stat(name)
            if made_of(now, day) != made_of(before, day):
                raise
            before = now
        else:
            return
    raise AlreadyThere(name)


def _days(info: ObjectInfo | None) -> Mapping[str, str]:
    found: Mapping[str, str] = json.loads(info.metadata.get("made_of", "{}")) if info is not None else {}
    return found


def _merge(month: BinaryIO | None, day: Path, target: Path, day_us: int) -> int:
    """Write the month with the day in it, a row group at a time in memory; how many rows it has."""
    added = pq.read_table(day)
    old = pq.ParquetFile(month) if month is not None else None
    with pq.ParquetWriter(
        target, added.schema, compression="zstd", store_schema=False, write_page_index=True
    ) as writer:
        out = _RowGroups(writer)
        waiting, tags, taken = added.slice(0, 0), added["kks"].to_pylist(), 0
        for number in range(old.num_row_groups if old is not None else 0):
            assert old is not None
            group = old.read_row_group(number).cast(added.schema)
            waiting = pa.concat_tables([waiting, group.filter(_of_other_days(group, day_us))])
            if not waiting.num_rows:
                continue
            # A tag may go on in the next row group: the last one waits for it.
            last = waiting["kks"][-1].as_py()
            whole = bisect_left(waiting["kks"].to_pylist(), last)
            until = bisect_left(tags, last, taken)
            out.write(pa.concat_tables([waiting.slice(0, whole), added.slice(taken, until - taken)]).sort_by(_ORDER))
            waiting, taken = waiting.slice(whole), until
        out.write(pa.concat_tables([waiting, added.slice(taken)]).sort_by(_ORDER))
        out.close()
    return out.rows


def _of_other_days(group: pa.Table, day_us: int) -> pa.ChunkedArray:
    us = group["ts"].cast(pa.int64())
    return pc.or_(pc.less(us, day_us), pc.greater_equal(us, day_us + DAY_US))


class _RowGroups:
    """Cuts rows into groups of one size, so that the same rows make the same file however they came."""

    def __init__(self, writer: pq.ParquetWriter) -> None:
        self._writer = writer
        self._waiting: pa.Table | None = None
        self.rows = 0

    def write(self, rows: pa.Table) -> None:
        self.rows += rows.num_rows
        waiting = rows if self._waiting is None else pa.concat_tables([self._waiting, rows])
        while waiting.num_rows >= ROW_GROUP:
            self._put(waiting.slice(0, ROW_GROUP))
            waiting = waiting.slice(ROW_GROUP)
        self._waiting = waiting

    def close(self) -> None:
        if self._waiting is not None and self._waiting.num_rows:
            self._put(self._waiting)

    def _put(self, rows: pa.Table) -> None:
        self._writer.write_table(rows.combine_chunks(), row_group_size=ROW_GROUP)
