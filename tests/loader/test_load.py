"""A day's load: right, the same however often and whenever it dies, on a folder and on a real object store."""

from __future__ import annotations

import os
import random
import threading
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cloud.lake.judge import Record
from cloud.loader.chunks import overlapping
from cloud.loader.due import due_days
from cloud.loader.load import CannotLoad, load_day
from cloud.loader.run import run_day, run_due
from contracts import names, plant, tables
from contracts.lake import BadChunk
from contracts.plant import Plant
from runtime.object_store import COLDLINE, STANDARD, ObjectStore, open_store
from tests.lake.plants import LEVEL, PUMP, SLOW, record, write_plant
from tests.lake.simulated_log import CrashingStore
from tests.loader.lake_days import DAY, NEXT_DAY, REFINERY, TABLES, Feed, fingerprint, rows, us


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_plant(tmp_path / "plant")


@pytest.fixture
def a_plant(folder: Path) -> Plant:
    return plant.load(folder)


@pytest.fixture
def store(lake_url: str) -> ObjectStore:
    return open_store(lake_url)


@pytest.fixture
def feed(store: ObjectStore, folder: Path) -> Feed:
    return Feed(store, folder)


def busy_days(seed: int = 1, count: int = 1500) -> list[Record]:
    """Two days of three tags in the order of arrival, some sent twice."""
    source = random.Random(seed)
    begin, end = us(f"{DAY} 00:00:00"), us("2026-03-30 00:00:00")
    made = []
    for number in range(count):
        ts_us = begin + (end - begin) * number // count
        kks = source.choice([LEVEL, PUMP, SLOW])
        value, quality = source.choice([(source.uniform(0, 20), 192)] * 5 + [(None, 24)])
        made.append(record(0, ts_us, value, kks, quality))
        if source.random() < 0.05:
            made.append(made[-1])
    return made


def test_a_day_holds_its_samples_once_in_the_order_of_tag_and_time(
    store: ObjectStore, a_plant: Plant, feed: Feed
) -> None:
    sent = busy_days()
    feed.send_records(sent)
    report = load_day(store, a_plant, DAY)
    begin, end = us(f"{DAY} 00:00:00"), us(f"{NEXT_DAY} 00:00:00")
    own = [each for each in sent if begin <= each.arrived_us - 1000 < end]
    found = rows(store, tables.HISTORY_TABLE, DAY)
    keys = [(row["kks"], row["ts"]) for row in found]
    assert keys == sorted(set(keys))
    assert len(keys) == len({each.value for each in own})
    assert (report["rows_in"], report["rows_out"]) == (len(own), len(found))
    assert report["duplicates"] == len(own) - len(found) > 0
    assert report["conflicts"] == 0
    assert any(row["v"] is None and row["q"] == 24 for row in found), "bad quality is kept, and flagged"
    schema = pq.read_schema(pa.BufferReader(store.read(names.day_file(tables.HISTORY_TABLE, REFINERY, DAY))))
    assert [str(field.type) for field in schema] == ["string", "timestamp[us]", "double", "int16"]


def test_two_different_samples_of_one_tag_and_time_are_a_conflict_and_the_first_stays(
    store: ObjectStore, a_plant: Plant, feed: Feed
) -> None:
    feed.send((f"{DAY} 10:00:00", 1.0), (f"{DAY} 10:00:00", 2.0))
    assert load_day(store, a_plant, DAY)["conflicts"] == 1
    assert [row["v"] for row in rows(store, tables.HISTORY_TABLE, DAY)] == [1.0]


def test_days_are_utc_days_whatever_the_plants_clocks_do(store: ObjectStore, a_plant: Plant, feed: Feed) -> None:
    hours = [f"{day} {hour:02d}:00:00" for day in (DAY, NEXT_DAY) for hour in range(24)]
    feed.send(*((text, 1.0) for text in hours), (f"{NEXT_DAY} 23:59:59.999999", 2.0), ("2026-03-30 00:00:00", 3.0))
    for day, count in ((DAY, 24), (NEXT_DAY, 25)):
        load_day(store, a_plant, day)
        found = rows(store, tables.HISTORY_TABLE, day)
        assert len(found) == count
        assert {row["ts"].date().isoformat() for row in found} == {day}
    assert len(rows(store, tables.HOUR_TABLE, NEXT_DAY)) == 24


def test_the_value_in_force_at_midnight_is_carried_in_whichever_day_is_loaded_first(
    store: ObjectStore, a_plant: Plant, feed: Feed
) -> None:
    feed.send((f"{DAY} 23:59:50", 7.0), (f"{NEXT_DAY} 00:00:10", 9.0))
    load_day(store, a_plant, NEXT_DAY)
    first = rows(store, tables.MINUTE_TABLE, NEXT_DAY)[0]
    assert (first["v_min"], first["v_max"], first["n"], first["duration_good"]) == (7.0, 9.0, 1, 40.0)
    assert first["v_mean"] == pytest.approx((7 * 10 + 9 * 30) / 40)


def test_an_external_sort_gives_the_same_rows(store: ObjectStore, a_plant: Plant, feed: Feed) -> None:
    feed.send_records(busy_days())
    load_day(store, a_plant, DAY)
    at_once = {table: rows(store, table, DAY) for table in TABLES}
    for name in [*fingerprint(store, DAY), names.day_manifest(REFINERY, DAY)]:
        store.delete(name)
    load_day(store, a_plant, DAY, rows_at_once=300)
    assert {table: rows(store, table, DAY) for table in TABLES} == at_once


def test_a_reader_of_one_tag_can_skip_row_groups(tmp_path: Path, folder: Path, a_plant: Plant) -> None:
    store = open_store(str(tmp_path / "lake"))
    feed = Feed(store, folder, chunk=20_000)
    begin = us(f"{DAY} 00:00:00")
    feed.send_records(
        [record(0, begin + n * 1_000_000, 1.0, kks) for n in range(60_000) for kks in (LEVEL, PUMP, SLOW)]
    )
    load_day(store, a_plant, DAY)
    metadata = pq.read_metadata(pa.BufferReader(store.read(names.day_file(tables.HISTORY_TABLE, REFINERY, DAY))))
    spans = [metadata.row_group(n).column(0).statistics for n in range(metadata.num_row_groups)]
    assert metadata.num_row_groups >= 3
    assert any(span.max < LEVEL or span.min > LEVEL for span in spans)


def test_loaders_that_run_at_once_end_in_the_same_tables(store: ObjectStore, a_plant: Plant, feed: Feed) -> None:
    feed.send_records(busy_days(count=300))
    failed: list[BaseException] = []

    def load() -> None:
        try:
            run_due(store, a_plant)
        except BaseException as error:  # noqa: BLE001 - handed to the test's own thread
            failed.append(error)

    threads = [threading.Thread(target=load) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    together = fingerprint(store, DAY, NEXT_DAY)
    for name in [*together, names.day_manifest(REFINERY, DAY), names.day_manifest(REFINERY, NEXT_DAY)]:
        store.delete(name)
    for day in (DAY, NEXT_DAY):
        load_day(store, a_plant, day)
    assert fingerprint(store, DAY, NEXT_DAY) == together


def test_loading_again_changes_nothing(store: ObjectStore, a_plant: Plant, feed: Feed) -> None:
    feed.send_records(busy_days(count=100))
    assert not load_day(store, a_plant, DAY)["unchanged"]
    before = {info.name: info.generation for info in store.list("history")}
    assert load_day(store, a_plant, DAY)["unchanged"]
    assert {info.name: info.generation for info in store.list("history")} == before


def test_a_day_whose_file_is_gone_is_made_again(store: ObjectStore, a_plant: Plant, feed: Feed) -> None:
    feed.send_records(busy_days(count=100))
    load_day(store, a_plant, DAY)
    before = fingerprint(store, DAY)
    for names_of_day in ([names.day_file(tables.HISTORY_TABLE, REFINERY, DAY)], list(before)):
        for name in names_of_day:
            store.delete(name)
        assert not load_day(store, a_plant, DAY)["unchanged"]
        assert fingerprint(store, DAY) == before


def test_what_a_killed_loader_left_on_the_disk_is_removed_a_day_later(
    tmp_path: Path, a_plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    old, new = tmp_path / "sinoptico-load-old", tmp_path / "sinoptico-load-new"
    for folder in (old, new):
        folder.mkdir()
        (folder / "rows").write_bytes(b"rows")
    os.utime(old, (0, 0))
    load_day(open_store(str(tmp_path / "lake")), a_plant, DAY)
    assert (old.exists(), new.exists()) == (False, True)


def test_a_late_event_reopens_its_day_and_no_other(store: ObjectStore, a_plant: Plant, feed: Feed) -> None:
    feed.send((f"{DAY} 10:00:00", 1.0), (f"{NEXT_DAY} 10:00:00", 2.0))
    assert [report["day"] for report in run_due(store, a_plant)] == [DAY, NEXT_DAY]
    assert run_due(store, a_plant) == []
    feed.send((f"{DAY} 11:00:00", 3.0), late_s=5 * 86_400)
    (report,) = run_due(store, a_plant)
    assert (report["day"], report["rows_out"], report["unchanged"]) == (DAY, 2, False)
    assert [row["v"] for row in rows(store, tables.HISTORY_TABLE, DAY)] == [1.0, 3.0]
    assert run_due(store, a_plant) == []


def test_a_late_event_just_before_midnight_reopens_the_day_it_is_carried_into(
    store: ObjectStore, a_plant: Plant, feed: Feed
) -> None:
    feed.send((f"{DAY} 23:00:00", 1.0), (f"{NEXT_DAY} 10:00:00", 2.0))
    run_due(store, a_plant)
    feed.send((f"{DAY} 23:59:45", 5.0), late_s=86_400)
    assert [report["day"] for report in run_due(store, a_plant)] == [DAY, NEXT_DAY]
    assert rows(store, tables.MINUTE_TABLE, NEXT_DAY)[0]["v_mean"] == 5.0


def test_a_chunk_that_comes_while_a_day_is_loaded_makes_it_due_again(
    store: ObjectStore, a_plant: Plant, feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed.send((f"{DAY} 10:00:00", 1.0))

    def load_and_be_late(*args: object, **options: object) -> dict[str, object]:
        report = load_day(store, a_plant, DAY)
        feed.send((f"{DAY} 11:00:00", 3.0), late_s=3600)
        due_days(store, a_plant)  # another loader looks
        return report

    monkeypatch.setattr("cloud.loader.run.load_day", load_and_be_late)
    run_due(store, a_plant)
    monkeypatch.undo()
    (report,) = run_due(store, a_plant)
    assert report["rows_out"] == 2


def test_the_day_before_goes_to_coldline_and_is_looked_after(store: ObjectStore, a_plant: Plant, feed: Feed) -> None:
    feed.send(*((f"{DAY} {hour:02d}:30:00", 1.0) for hour in range(24)))
    feed.send((f"{DAY} 23:59:59", 1.0), (f"{NEXT_DAY} 00:00:01", 1.0))  # one chunk across midnight
    feed.send((f"{NEXT_DAY} 12:00:00", 2.0))
    early = run_day(store, a_plant, NEXT_DAY)["cold_storage"]
    assert (early["cooled"], early["cold"]) == (0, 0)
    assert "not loaded" in early["detail"]
    late = run_day(store, a_plant, DAY)["own_cold_storage"]
    assert late == {"day": DAY, "cooled": 1, "cold": 1, "not_cold": []}, "its turn had passed"
    assert run_day(store, a_plant, NEXT_DAY)["cold_storage"] == {"day": DAY, "cooled": 0, "cold": 1, "not_cold": []}
    assert [info.storage_class for info in store.list("raw/")] == [COLDLINE, STANDARD, STANDARD]
    assert run_day(store, a_plant, NEXT_DAY)["cold_storage"]["cooled"] == 0
    later = run_day(store, a_plant, "2026-03-30")["cold_storage"]
    assert (later["day"], later["cooled"]) == (NEXT_DAY, 2), "the chunk across midnight goes with its later day"
    assert [row["v"] for row in rows(store, tables.HISTORY_TABLE, NEXT_DAY)] == [1.0, 2.0]
    assert load_day(store, a_plant, DAY)["unchanged"], "a cold chunk is the same chunk"


def test_a_day_that_was_reopened_is_cooled_once_it_is_loaded_again_and_not_before(
    store: ObjectStore, a_plant: Plant, feed: Feed
) -> None:
    feed.send((f"{DAY} 10:00:00", 1.0))
    feed.send((f"{NEXT_DAY} 10:00:00", 2.0))
    run_day(store, a_plant, DAY)
    feed.send((f"{DAY} 11:00:00", 3.0), late_s=5 * 86_400)
    stays = run_day(store, a_plant, NEXT_DAY)["cold_storage"]
    assert (stays["cooled"], stays["detail"]) == (0, f"more of {DAY} has come since it was loaded, so it stays")
    report = run_day(store, a_plant, DAY)
    assert report["rows_out"] == 2
    assert report["own_cold_storage"] == {"day": DAY, "cooled": 2, "cold": 2, "not_cold": []}
    assert [info.storage_class for info in store.list("raw/")] == [COLDLINE, STANDARD, COLDLINE]


class WarmStore(CrashingStore):
    """Says yes to cold storage and does nothing, as some object stores do."""

    def set_storage_class(self, name: str, storage_class: str) -> None:
        pass


def test_chunks_that_are_not_cold_though_they_were_moved_are_told(
    tmp_path: Path, folder: Path, a_plant: Plant, caplog: pytest.LogCaptureFixture
) -> None:
    store = open_store(str(tmp_path / "lake"))
    Feed(store, folder).send((f"{DAY} 10:00:00", 1.0))
    (chunk,) = [info.name for info in store.list("raw/")]
    run_day(store, a_plant, DAY)
    cold = run_day(WarmStore(store), a_plant, NEXT_DAY)["cold_storage"]
    assert (cold["cold"], cold["not_cold"]) == (0, [chunk])
    assert "1 of 1 chunks were moved to cold storage and are not there" in caplog.text


def test_silent_signals_are_named_in_the_report(store: ObjectStore, a_plant: Plant, feed: Feed) -> None:
    feed.send((f"{DAY} 12:00:00", 1.0))
    gaps = load_day(store, a_plant, DAY)["gaps"]
    assert gaps[PUMP] == {"gaps": 1, "total_s": 86_400.0, "longest_s": 86_400.0}
    assert gaps[LEVEL]["gaps"] == 2


def test_a_day_without_any_chunk_is_loaded_as_empty(store: ObjectStore, a_plant: Plant) -> None:
    report = run_day(store, a_plant, DAY)
    assert (report["rows_out"], report["chunks"]) == (0, 0)
    assert list(store.list("history")) == []


def test_a_day_that_is_not_over_is_refused(store: ObjectStore, a_plant: Plant) -> None:
    for day in ("2999-01-01", "yesterday", "2026-2-3", "20260203", ""):
        with pytest.raises(CannotLoad):
            load_day(store, a_plant, day)


def test_chunks_of_a_day_are_found_among_many_without_reading_them_all(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store(str(tmp_path / "lake"))
    feed = Feed(store, folder, chunk=5)
    begin = us("2026-01-01 00:00:00")
    feed.send_records([record(0, begin + n * 1_800_000_000) for n in range(90 * 48)])  # 90 days, one each 30 min
    looked_at = 0

    class CountingStore(CrashingStore):
        def list(self, prefix: str, start: str = "", limit: int | None = None):  # type: ignore[no-untyped-def]
            nonlocal looked_at
            for info in super().list(prefix, start, limit):
                looked_at += 1
                yield info

    since = us("2026-02-10 00:00:00")
    found = overlapping(CountingStore(store), REFINERY, since, since + 86_400_000_000)
    everything = list(store.list("raw/"))
    assert sum(stored.chunk.days.get("2026-02-10", (0,))[0] for stored in found) == 48
    assert looked_at < len(everything) / 4


def test_a_chunk_without_metadata_is_named(tmp_path: Path, a_plant: Plant) -> None:
    store = open_store(str(tmp_path / "lake"))
    store.create("raw/lake-test/tanks/p000/00000000000000000000.parquet", b"PAR1")
    with pytest.raises(BadChunk, match=r"raw/lake-test/tanks/p000/0+\.parquet: its metadata"):
        run_day(store, a_plant, DAY)


def test_a_chunk_that_is_no_parquet_is_named(tmp_path: Path, folder: Path, a_plant: Plant) -> None:
    store = open_store(str(tmp_path / "lake"))
    Feed(store, folder).send((f"{DAY} 10:00:00", 1.0))
    (info,) = store.list("raw/")
    store.replace(info.name, b"PAR1 torn", info.generation, info.metadata)
    with pytest.raises(BadChunk, match=r"00000\.parquet: cannot be read as Parquet"):
        run_day(store, a_plant, DAY)


def test_a_torn_journal_or_manifest_costs_a_load_and_no_more(tmp_path: Path, folder: Path, a_plant: Plant) -> None:
    store = open_store(str(tmp_path / "lake"))
    Feed(store, folder).send((f"{DAY} 10:00:00", 1.0))
    run_due(store, a_plant)
    before = fingerprint(store, DAY)
    for name in (names.day_manifest(REFINERY, DAY), names.load_journal(REFINERY)):
        info = store.stat(name)
        assert info is not None
        store.replace(name, b'{"torn', info.generation)
    assert [(report["day"], report["unchanged"]) for report in run_due(store, a_plant)] == [(DAY, False)]
    assert fingerprint(store, DAY) == before
