"""Loads one refinery's UTC day: raw chunks → one sorted file and its roll-ups.

Every table's day is one object of a fixed name, made aside and put in place by one compare-and-swap on its
generation. A reader of a table sees the old day or the new one, never half of one and never both, and there is no
other moment to speak of: Google's upload, like a folder's rename, shows an object whole or not at all. Names that
change with each load, and a manifest that says which are live, would need every reader to know the manifest; Hive and
DuckDB read the folder. The four tables of a day follow one another, history last, so that whoever sees the history
finds its roll-ups (of hours and days a file holds a month, see months.py); the manifest comes after all of them, and
without it the day is simply loaded again.

Each object carries the fingerprint of what it was made of, and the same chunks give the same bytes: loading twice, at
once or after a crash anywhere, ends in the same objects.
"""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from cloud.loader import chunks as chunk_finder
from cloud.loader import months
from cloud.loader.chunks import DAY_US, StoredChunk
from cloud.loader.rollup import Gaps, Rollup, by_minute, gaps_of, merged
from cloud.loader.samples import ROWS_AT_ONCE, TEMPORARY, Samples, sorted_samples
from contracts import names, tables
from contracts.plant import Plant
from runtime.object_store import AlreadyThere, ObjectInfo, ObjectStore

_log = logging.getLogger(__name__)

VERSION: Final = 2
"""Raise it when the same chunks shall give other tables: every day is then made anew when it is next asked for."""

_ROW_GROUP: Final = 65_536
"""Rows; small enough that a reader of one tag skips most of the file by the row groups' statistics of KKS."""

_TRIES: Final = 5
_ABANDONED_S: Final = 86_400
_TABLES: Final = (*tables.ROLLUP_SECONDS, tables.HISTORY_TABLE)
_ARROW_TYPE: Final = {
    "STRING": pa.string(),
    "TIMESTAMP": pa.timestamp("us"),
    "DOUBLE": pa.float64(),
    "SMALLINT": pa.int16(),
    "BIGINT": pa.int64(),
}
_SCHEMA: Final = {
    name: pa.schema([(column.name, _ARROW_TYPE[column.hive_type]) for column in columns])
    for name, columns in (
        (tables.HISTORY_TABLE, tables.HISTORY),
        *((each, tables.ROLLUP) for each in tables.ROLLUP_SECONDS),
    )
}


class CannotLoad(ValueError):
    """A day that cannot be loaded as asked; the text says why."""


def load_day(store: ObjectStore, plant: Plant, day: str, *, rows_at_once: int = ROWS_AT_ONCE) -> dict[str, Any]:
    """Load a day that is over and return its report, which is also the day's manifest in the lake.

    Raises `CannotLoad` for a day that is not over or not a day, `StoreError`, and `contracts.lake.BadChunk`.
    """
    try:
        day_us = chunk_finder.day_start_us(day)
    except ValueError as error:
        raise CannotLoad(str(error)) from error
    if day >= chunk_finder.today():
        raise CannotLoad(f"{day} is not over (UTC); its samples are read from the raw chunks until then")
    began_s = time.monotonic()
    _forget_abandoned()
    for _ in range(_TRIES):
        before = {table: store.stat(names.day_file(table, plant.refinery, day)) for table in _TABLES}
        manifest = day_report(store, plant.refinery, day)
        found = chunk_finder.overlapping(store, plant.refinery, day_us - longest_hold_us(plant), day_us + DAY_US)
        fingerprint = _fingerprint(plant, found)
        made_of = {_made_of(table, info, day) for table, info in before.items()}
        if manifest and manifest["made_of"] == fingerprint:
            empty = not manifest["rows_out"] and not any(manifest["rollup_rows"].values())
            if made_of == {fingerprint} or (empty and made_of == {None}):
                return {**manifest, "unchanged": True}
        with tempfile.TemporaryDirectory(prefix=TEMPORARY) as folder:
            day_files = _DayFiles(Path(folder))
            report = _make(store, plant, day_us, found, day_files, rows_at_once)
            try:
                _put_in_place(store, plant.refinery, day, day_us, day_files, before, fingerprint)
            except AlreadyThere:
                _log.info("%s %s: another loader was quicker; looking again", plant.refinery, day)
                continue
        report = {"refinery": plant.refinery, "day": day, "made_of": fingerprint, **report}
        report["seconds"] = round(time.monotonic() - began_s, 2)
        if _keep_manifest(store, plant.refinery, day, report):
            return {**report, "unchanged": False}
    raise CannotLoad(f"{plant.refinery} {day}: {_TRIES} times another loader came between; run it again")


def _forget_abandoned() -> None:
    """Remove what loaders that were killed left on this machine's disk."""
    oldest_s = time.time() - _ABANDONED_S
    for folder in Path(tempfile.gettempdir()).glob(f"{TEMPORARY}*"):
        with suppress(FileNotFoundError):
            if folder.stat().st_mtime < oldest_s:
                shutil.rmtree(folder, ignore_errors=True)


def hold_us(plant: Plant, kks: str) -> int:
    """How long a tag's value stays in force without a new one."""
    signal = plant.by_kks.get(kks)
    heartbeat_s = plant.heartbeat_s if signal is None else signal.heartbeat_s
    return int(heartbeat_s * tables.HOLD_HEARTBEATS * 1e6)


def longest_hold_us(plant: Plant) -> int:
    """How far back a day's roll-ups may look."""
    return max(hold_us(plant, kks) for kks in ["", *plant.by_kks])


def is_loaded(store: ObjectStore, refinery: str, day: str) -> bool:
    """True if the day was loaded to the end at least once."""
    return store.stat(names.day_manifest(refinery, day)) is not None


class _DayFiles:
    """One local Parquet file a table, written as the ranges of KKS come."""

    def __init__(self, folder: Path) -> None:
        self.paths = {table: folder / f"{table}.parquet" for table in _TABLES}
        self.rows = dict.fromkeys(_TABLES, 0)
        self._stack = ExitStack()
        self._writers = {
            table: self._stack.enter_context(
                # Without Arrow's own schema inside: Hive and DuckDB read the same plain Parquet types.
                pq.ParquetWriter(path, _SCHEMA[table], compression="zstd", store_schema=False, write_page_index=True)
            )
            for table, path in self.paths.items()
        }

    def write(self, table: str, columns: Sequence[Any]) -> None:
        arrow = pa.table(columns, schema=_SCHEMA[table])
        self.rows[table] += arrow.num_rows
        self._writers[table].write_table(arrow, row_group_size=_ROW_GROUP)

    def close(self) -> None:
        self._stack.close()


def _make(
    store: ObjectStore,
    plant: Plant,
    day_us: int,
    found: Sequence[StoredChunk],
    day_files: _DayFiles,
    rows_at_once: int,
) -> dict[str, Any]:
    rows_in = duplicates = conflicts = bad = 0
    gaps: dict[str, Gaps] = {}
    with_samples: set[str] = set()
    try:
        since_us = day_us - longest_hold_us(plant)
        until_us = day_us + DAY_US
        for samples in sorted_samples(
            store, found, since_us, until_us, count_from_us=day_us, rows_at_once=rows_at_once
        ):
            hold = np.array([hold_us(plant, kks) for kks in samples.kks], np.int64)
            own = samples.ts >= day_us
            rows_in += int(own.sum()) + samples.duplicates
            duplicates += samples.duplicates
            conflicts += samples.conflicts
            bad += int((samples.q[own] & 0xC0 == 0).sum())
            with_samples.update(samples.kks)
            gaps |= gaps_of(samples, hold, day_us)
            day_files.write(tables.HISTORY_TABLE, _history_columns(samples, own))
            minutes = by_minute(samples, hold, day_us)
            for table, seconds in tables.ROLLUP_SECONDS.items():
                day_files.write(
                    table, _rollup_columns(samples.kks, merged(minutes, seconds) if seconds > 60 else minutes)
                )
    finally:
        day_files.close()
    silent = Gaps(1, DAY_US / 1e6, DAY_US / 1e6)
    gaps |= {kks: silent for kks in plant.by_kks if kks not in with_samples}
    return {
        "chunks": len(found),
        "rows_in": rows_in,
        "rows_out": day_files.rows[tables.HISTORY_TABLE],
        "rollup_rows": {table: day_files.rows[table] for table in tables.ROLLUP_SECONDS},
        "duplicates": duplicates,
        "conflicts": conflicts,
        "bad_quality": bad,
        "lost_before_the_lake": sum(stored.chunk.lost for stored in found),
        "gaps": {kks: gap._asdict() for kks, gap in sorted(gaps.items())},
    }


def _history_columns(samples: Samples, own: Any) -> list[Any]:
    v = samples.v[own]
    return [
        _kks_column(samples.kks, samples.tag[own]),
        pa.array(samples.ts[own]).cast(pa.timestamp("us")),
        pa.array(v, mask=np.isnan(v)),
        pa.array(samples.q[own]),
    ]


def _rollup_columns(kks: list[str], rollup: Rollup) -> list[Any]:
    empty = np.isnan(rollup.v_mean)
    return [
        _kks_column(kks, rollup.tag),
        pa.array(rollup.ts).cast(pa.timestamp("us")),
        pa.array(rollup.v_min, mask=empty),
        pa.array(rollup.v_max, mask=empty),
        pa.array(rollup.v_mean, mask=empty),
        pa.array(rollup.duration_us / 1e6),
        pa.array(rollup.n),
        pa.array(rollup.n_good),
        pa.array(rollup.q_worst),
    ]


def _kks_column(kks: list[str], tag: Any) -> Any:
    return pa.DictionaryArray.from_arrays(tag, pa.array(kks, pa.string())).cast(pa.string())


def _put_in_place(
    store: ObjectStore,
    refinery: str,
    day: str,
    day_us: int,
    day_files: _DayFiles,
    before: dict[str, ObjectInfo | None],
    fingerprint: str,
) -> None:
    if not any(day_files.rows.values()) and not any(_made_of(table, info, day) for table, info in before.items()):
        return
    for table in _TABLES:
        info = before[table]
        if table in tables.MONTHLY:
            months.put_day(store, table, refinery, day, day_us, day_files.paths[table], info, fingerprint)
            continue
        name = names.day_file(table, refinery, day)
        metadata = {"made_of": fingerprint, "rows": str(day_files.rows[table])}
        store.replace(name, day_files.paths[table], info.generation if info else 0, metadata)


def _made_of(table: str, info: ObjectInfo | None, day: str) -> str | None:
    if table in tables.MONTHLY:
        return months.made_of(info, day)
    return info.metadata.get("made_of") if info is not None else None


def _fingerprint(plant: Plant, found: Sequence[StoredChunk]) -> str:
    """What a day's tables depend on: the chunks, how long values are held, which signals there are, this code."""
    holds = {kks: hold_us(plant, kks) for kks in ["", *sorted(plant.by_kks)]}
    made_of = [VERSION, [(stored.info.name, stored.chunk.end_offset) for stored in found], holds]
    return hashlib.sha256(json.dumps(made_of).encode()).hexdigest()


def day_report(store: ObjectStore, refinery: str, day: str) -> dict[str, Any] | None:
    """What the day's last load told; None if it was never loaded to the end."""
    name = names.day_manifest(refinery, day)
    if store.stat(name) is None:
        return None
    try:
        manifest: dict[str, Any] = json.loads(store.read(name))
    except ValueError as error:
        _log.warning("%s: %s; the day is loaded anew", name, error)
        return None
    return manifest


def _keep_manifest(store: ObjectStore, refinery: str, day: str, report: dict[str, Any]) -> bool:
    name = names.day_manifest(refinery, day)
    info = store.stat(name)
    try:
        store.replace(name, json.dumps(report).encode(), info.generation if info else 0)
    except AlreadyThere:
        return False
    return True
