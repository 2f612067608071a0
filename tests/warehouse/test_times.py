"""One time is one time in our Parquet files, Hive and DuckDB, from 1900 to 2100 and when clocks are changed."""

from __future__ import annotations

import itertools
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cloud.loader.run import run_due
from cloud.warehouse import partitions
from cloud.warehouse.client import HiveClient
from contracts import names, plant, tables
from data.historians.duckdb import DuckDbEngine
from runtime.object_store import open_store
from tests.engines.hive import HiveBox
from tests.engines.lake_files import us, write_day, write_raw
from tests.lake.plants import write_plant
from tests.loader.lake_days import DAY, REFINERY, Feed

R, LEVEL = "sim-times", "10EGB11CL001XQ01"

TIMES = (
    "1900-01-01 00:00:00",
    "1900-02-28 23:59:59.999999",
    "1900-03-01 00:00:00.000001",
    "1911-03-10 23:50:39",  # Paris sets its clocks back by 9 min 21 s
    "1940-06-15 00:30:00",  # Spain's and France's zones change in wartime
    "1969-12-31 23:59:59.999999",
    "1970-01-01 00:00:00",
    "1999-12-31 23:59:59.999",
    "2000-02-29 12:00:00",
    "2026-03-08 02:30:00",  # no time in New York
    "2026-03-29 00:59:59.999999",  # Europe's clocks go forward at 01:00 UTC: 02:30 is no time there
    "2026-03-29 01:00:00",
    "2026-03-29 02:30:00.5",
    "2026-10-25 00:30:00",  # 02:30 in Madrid, the first time …
    "2026-10-25 01:30:00",  # … and the second
    "2026-11-01 01:30:00",  # twice in New York
    "2038-01-19 03:14:08",
    "2100-02-28 23:59:59.999999",
    "2100-03-01 00:00:00",
    "2100-12-31 23:59:59.999999",
)
EPOCH_US = {
    "hive": "CAST(CAST(ts AS DECIMAL(20,6)) * 1000000 AS BIGINT)",
    "duckdb": "epoch_us(ts)",
}


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The times in loaded days, and once more in an open chunk of another refinery."""
    folder = tmp_path_factory.mktemp("lake")
    for day in {time[:10] for time in TIMES}:
        write_day(folder, R, day, [(LEVEL, us(time), 1.0, 192) for time in TIMES if time.startswith(day)])
    write_raw(folder, f"{R}-2.tanks", 0, [(LEVEL, us(time), 1.0, 192) for time in TIMES])
    return folder


def wanted() -> list[tuple[Any, ...]]:
    """What an engine must say of each: its text, its microseconds, its day, hour and minute."""
    return sorted((_text(time), us(time), time[:10], int(time[11:13]), int(time[14:16])) for time in TIMES)


def _text(time: str) -> str:
    whole, _, fraction = time.partition(".")
    return f"{whole}.{fraction.rstrip('0')}".rstrip(".")


def question(engine: str, source: str, refinery: str) -> str:
    return (
        f"SELECT CAST(ts AS STRING) AS told, {EPOCH_US[engine]} AS us, day, hour(ts) AS h, minute(ts) AS m "
        f"FROM {source} WHERE refinery = '{refinery}'"
    )


def between(source: str, refinery: str, first: str, last: str) -> str:
    return (
        f"SELECT count(*) FROM {source} WHERE refinery = '{refinery}' "
        f"AND ts >= TIMESTAMP '{first}' AND ts < TIMESTAMP '{last}'"
    )


def test_duckdb_says_each_time_as_it_was_written(lake: Path) -> None:
    for refinery, source in ((R, "history"), (f"{R}-2", "history_all")):
        engine = DuckDbEngine(lake, refinery)
        engine._see_new_files()
        engine._root.execute("SET GLOBAL TimeZone = 'Europe/Madrid'")  # as an analyst's session may have it
        assert sorted(engine._root.cursor().execute(question("duckdb", source, refinery)).fetchall()) == wanted()
        for first, last in itertools.pairwise(TIMES):
            assert engine._root.cursor().execute(between(source, refinery, first, last)).fetchall() == [(1,)]
        engine.close()


@pytest.mark.engine
def test_hive_says_each_time_as_it_was_written(hive: HiveBox, lake: Path) -> None:
    hive.upload(lake)
    with HiveClient(hive.address) as client:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("STORAGE_EMULATOR_HOST", hive.emulator)
            partitions.repair_days(client)
            partitions.RawPartitions(open_store(hive.lake), hive.lake).follow(client)
        # Read plainly, and by way of MapReduce's sorting and grouping.
        assert sorted(client.run(question("hive", "history", R))) == wanted()
        assert sorted(client.run(question("hive", "history_all", f"{R}-2"))) == wanted()
        assert client.run(between("history", R, TIMES[0], TIMES[5])) == [(5,)]
        assert client.run(between("history", R, "2026-03-29 01:00:00", "2026-03-29 02:30:00.500001")) == [(2,)]


def test_our_writers_store_microseconds_of_utc_that_no_session_zone_can_move(tmp_path: Path) -> None:
    folder, lake = write_plant(tmp_path / "plant"), tmp_path / "lake"
    store = open_store(str(lake))
    Feed(store, folder).send((f"{DAY} 02:30:00.000001", 1.0))
    run_due(store, plant.load(folder))
    files = [next(iter(store.list("raw/"))).name]
    files += [names.day_file(table, REFINERY, DAY) for table in (tables.HISTORY_TABLE, *tables.ROLLUP_SECONDS)]
    for name in files:
        file = pq.ParquetFile(pa.BufferReader(store.read(name)))
        times = [file.schema.column(n) for n in range(len(file.schema)) if "Timestamp" in str(file.schema.column(n))]
        assert {(column.name, column.physical_type) for column in times} <= {("ts", "INT64"), ("arrived", "INT64")}
        for column in times:
            assert "isAdjustedToUTC=false, timeUnit=microseconds" in str(column.logical_type)
    (row,) = file.read().to_pylist() if file.metadata.num_rows == 1 else (None,)
    assert row is not None
    assert row["ts"] == datetime.fromisoformat(f"{DAY} 00:00:00")
