"""Roll-ups of hours and days: a day's rows put among those of its month."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cloud.loader import months
from contracts import names, tables
from runtime.object_store import AlreadyThere, ObjectInfo, ObjectStore, open_store

R, TABLE = "lake-test", tables.HOUR_TABLE
DAYS = ("2026-03-01", "2026-03-02", "2026-03-31")
HOUR_US = 3_600_000_000
TAGS = [f"10EGB{number:02d}CL001XQ01" for number in range(40)]
SCHEMA = pa.schema([("kks", pa.string()), ("ts", pa.timestamp("us")), ("v_mean", pa.float64())])


def day_us(day: str) -> int:
    return int(np.datetime64(day, "us").astype(np.int64))


def rows_of(day: str, value: float) -> list[tuple[str, int, float]]:
    """Every tag's hours; the first tag of the day alone is another on each."""
    tags = sorted([*TAGS, f"10AAA{day[-2:]}CL001XQ01"])
    return [(tag, day_us(day) + hour * HOUR_US, value) for tag in tags for hour in range(24)]


def put(store: ObjectStore, folder: Path, day: str, value: float, before: ObjectInfo | None, made_of: str) -> None:
    rows = rows_of(day, value)
    file = folder / "history_hour.parquet"
    kks, ts, v = zip(*rows, strict=True)
    table = pa.table([pa.array(kks), pa.array(ts, pa.int64()).cast(pa.timestamp("us")), pa.array(v)], schema=SCHEMA)
    pq.write_table(table, file)
    months.put_day(store, TABLE, R, day, day_us(day), file, before, made_of)


def load(store: ObjectStore, folder: Path, day: str, value: float = 1.0, made_of: str = "a") -> None:
    put(store, folder, day, value, store.stat(names.day_file(TABLE, R, day)), made_of)


@pytest.fixture
def store(tmp_path: Path) -> ObjectStore:
    return open_store(str(tmp_path / "lake"))


def stored(store: ObjectStore) -> list[tuple[Any, ...]]:
    table = pq.read_table(pa.BufferReader(store.read(names.day_file(TABLE, R, DAYS[0]))))
    columns = (table["kks"], table["ts"].cast(pa.int64()), table["v_mean"])
    return list(zip(*(column.to_pylist() for column in columns), strict=True))


def expected(**values: float) -> list[tuple[Any, ...]]:
    return sorted(row for day, value in values.items() for row in rows_of(day.replace("_", "-")[1:], value))


def test_a_month_has_its_days_in_the_order_of_tag_and_time(
    store: ObjectStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(months, "ROW_GROUP", 100)  # a tag's rows in two row groups, a row group of several tags
    for day in (DAYS[1], DAYS[2], DAYS[0]):
        load(store, tmp_path, day)
    assert stored(store) == expected(_2026_03_01=1.0, _2026_03_02=1.0, _2026_03_31=1.0)
    name = names.day_file(TABLE, R, DAYS[0])
    assert name == "history_hour/refinery=lake-test/month=2026-03/part-0.parquet"
    groups = pq.read_metadata(pa.BufferReader(store.read(name)))
    sizes = [groups.row_group(n).num_rows for n in range(groups.num_row_groups)]
    assert set(sizes[:-1]) == {100}


def test_the_order_in_which_days_are_loaded_changes_no_byte(
    store: ObjectStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(months, "ROW_GROUP", 100)
    other = open_store(str(tmp_path / "other"))
    for day in DAYS:
        load(store, tmp_path, day)
    for day in (*reversed(DAYS), DAYS[1]):
        load(other, tmp_path, day)
    name = names.day_file(TABLE, R, DAYS[0])
    assert store.read(name) == other.read(name)
    assert store.stat(name).metadata == other.stat(name).metadata  # type: ignore[union-attr]


def test_a_day_that_is_loaded_again_replaces_its_own_rows_alone(store: ObjectStore, tmp_path: Path) -> None:
    for day in DAYS:
        load(store, tmp_path, day)
    load(store, tmp_path, DAYS[1], 7.0, "b")
    assert stored(store) == expected(_2026_03_01=1.0, _2026_03_02=7.0, _2026_03_31=1.0)
    info = store.stat(names.day_file(TABLE, R, DAYS[1]))
    assert [months.made_of(info, day) for day in (*DAYS, "2026-03-05")] == ["a", "b", "a", None]


def test_another_day_that_came_between_is_kept_and_the_same_day_is_an_error(store: ObjectStore, tmp_path: Path) -> None:
    load(store, tmp_path, DAYS[0])
    seen = store.stat(names.day_file(TABLE, R, DAYS[0]))
    load(store, tmp_path, DAYS[1])
    put(store, tmp_path, DAYS[2], 3.0, seen, "c")
    assert stored(store) == expected(_2026_03_01=1.0, _2026_03_02=1.0, _2026_03_31=3.0)
    with pytest.raises(AlreadyThere):
        put(store, tmp_path, DAYS[1], 9.0, seen, "late")
