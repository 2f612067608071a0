"""The lake that the historian's benchmark asks, as the loader leaves it; made once and kept in the user's cache.

Set A: 100 signals, a sample each 100 s for 365 days (315,360 each). Set B: one signal at 1 Hz for the same year
(31.5 million). Both are 365 day files with their roll-ups, made by the loader's own arithmetic.
"""

from __future__ import annotations

import hashlib
import shutil
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from cloud.loader import months, rollup
from cloud.loader.load import _ROW_GROUP as LOADERS_ROW_GROUP
from cloud.loader.samples import Samples
from contracts import names, tables
from runtime.places import cache_folder

DAY_US: Final = 86_400_000_000
DAYS: Final = 365
FIRST: Final = datetime(2025, 1, 1, tzinfo=UTC)
BEGIN_US: Final = round(FIRST.timestamp()) * 1_000_000
END_US: Final = BEGIN_US + DAYS * DAY_US
HEARTBEAT_S: Final = 120
_ARROW: Final = {
    "STRING": pa.string(),
    "TIMESTAMP": pa.timestamp("us"),
    "DOUBLE": pa.float64(),
    "SMALLINT": pa.int16(),
    "BIGINT": pa.int64(),
}


class Set(NamedTuple):
    """One refinery of the benchmark."""

    refinery: str
    tags: tuple[str, ...]
    samples_a_day: int
    """Of each tag."""

    @property
    def rows(self) -> int:
        """In the whole year."""
        return len(self.tags) * self.samples_a_day * DAYS


A: Final = Set("sim-bench-a", tuple(f"10EGB{number:02d}CL{1 + number // 50:03d}XQ01" for number in range(100)), 864)
B: Final = Set("sim-bench-b", ("10EGA20CF001XQ01",), 86_400)


def lake() -> Path:
    """The lake's folder; made first where it is not there yet (a minute), anew when what makes it has changed."""
    folder = cache_folder() / "bench" / f"historian-{_fingerprint()}"
    if not folder.is_dir():
        for old in folder.parent.glob("historian-*"):
            shutil.rmtree(old)
        aside = folder.with_suffix(".new")
        aside.mkdir(parents=True)
        with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
            made = [pool.submit(_write_month, aside, each, month) for each in (A, B) for month in range(1, 13)]
            for one in made:
                one.result()
        aside.rename(folder)
    return folder / "lake"


def _fingerprint() -> str:
    """Of all that the files are made by."""
    sources = [Path(str(module.__file__)) for module in (rollup, names, tables)] + [Path(__file__)]
    told = b"".join(source.read_bytes() for source in sources) + f"{LOADERS_ROW_GROUP} {months.ROW_GROUP}".encode()
    return hashlib.sha256(told).hexdigest()[:12]


def _write_month(folder: Path, which: Set, month: int) -> None:
    lake = folder / "lake"
    rolled: dict[str, list[tuple[Any, ...]]] = {table: [] for table in tables.ROLLUP_SECONDS}
    for number in range(DAYS):
        day = FIRST + timedelta(days=number)
        if day.month != month:
            continue
        text = day.strftime("%Y-%m-%d")
        day_us = BEGIN_US + number * DAY_US
        samples = _samples(which, number, day_us)
        day_file = lake / names.day_file(tables.HISTORY_TABLE, which.refinery, text)
        _write(day_file, tables.HISTORY, [samples.kks, samples.tag, samples.ts, samples.v, samples.q])
        hold = np.full(len(which.tags), HEARTBEAT_S * tables.HOLD_HEARTBEATS * 1_000_000, np.int64)
        minutes = rollup.by_minute(samples, hold, day_us)
        for table, seconds in tables.ROLLUP_SECONDS.items():
            r = rollup.merged(minutes, seconds) if seconds > 60 else minutes
            fields = (r.tag, r.ts, r.v_min, r.v_max, r.v_mean, r.duration_us / 1e6, r.n, r.n_good, r.q_worst)
            rolled[table].append(fields)
            if table not in tables.MONTHLY:
                _write(lake / names.day_file(table, which.refinery, text), tables.ROLLUP, [samples.kks, *fields])
    for table in tables.MONTHLY:
        columns: list[Any] = [np.concatenate(parts) for parts in zip(*rolled[table], strict=True)]
        order = np.lexsort((columns[1], columns[0]))
        path = lake / names.day_file(table, which.refinery, f"{FIRST.year}-{month:02d}-01")
        sorted_columns = [sorted(which.tags), *(column[order] for column in columns)]
        _write(path, tables.ROLLUP, sorted_columns, months.ROW_GROUP)


def _samples(which: Set, number: int, day_us: int) -> Samples:
    count, each = len(which.tags), which.samples_a_day
    us = day_us + np.arange(each) * (DAY_US // each)
    noise = np.random.default_rng(number).normal(0, 0.02, (count, each))
    phase = np.arange(count)[:, np.newaxis]
    # To three decimals, as an instrument with 16 bits tells it.
    v = np.round(10 + np.sin(us / 3e10 + phase) + 0.3 * np.sin(us / 1e12) + noise, 3).ravel()
    q = np.full(count * each, 192, np.int16)
    q[number % each :: 4999] = 64
    tag = np.repeat(np.arange(count, dtype=np.int32), each)
    return Samples(sorted(which.tags), tag, np.tile(us, count), v, q, 0, 0)


def _write(path: Path, declared: tuple[tables.Column, ...], columns: list[Any], group: int = LOADERS_ROW_GROUP) -> None:
    kks, tag, *rest = columns
    schema = pa.schema([(column.name, _ARROW[column.hive_type]) for column in declared])
    texts = pa.DictionaryArray.from_arrays(tag, pa.array(kks, pa.string())).cast(pa.string())
    arrays = [texts, *(pa.array(values).cast(field.type) for values, field in zip(rest, list(schema)[1:], strict=True))]
    path.parent.mkdir(parents=True, exist_ok=True)
    table = pa.Table.from_arrays(arrays, schema=schema)
    with pq.ParquetWriter(path, schema, compression="zstd", store_schema=False, write_page_index=True) as writer:
        writer.write_table(table, row_group_size=group)
