"""The lake writer against a partition in memory: each record once, whatever dies, on a folder and on a real store."""

from __future__ import annotations

import errno
import os
import random
from pathlib import Path
from typing import Any

import pytest

from cloud.lake.judge import Record
from cloud.lake.writer import Rotation
from contracts import names, tables
from contracts.lake import chunk_of
from contracts.sample import now_us
from runtime.object_store import StoreError, open_store
from tests.lake.plants import LEVEL, PUMP, TOPIC, record, write_plant
from tests.lake.simulated_log import (
    Crash,
    CrashingStore,
    PartitionLog,
    RandomlyCrashingStore,
    Reader,
    quarantined_in,
    rows_in,
    table_in,
)

NOON_US = 1_795_000_000_000_000
FIVE_MINUTES_US = 300_000_000
ALL_AT_ONCE = Rotation(age_s=0.0)


@pytest.fixture
def plant(tmp_path: Path) -> Path:
    return write_plant(tmp_path / "plant")


def events(count: int, first: int = 0) -> list[Record]:
    return [record(first + n, NOON_US + n * 100_000, float(n)) for n in range(count)]


@pytest.mark.parametrize("seed", range(4))
def test_every_record_is_kept_exactly_once_by_two_writers_that_keep_dying(
    lake_url: str, plant: Path, seed: int
) -> None:
    source = random.Random(seed)
    count = 600 if lake_url.startswith("gs") else 3000
    log = PartitionLog([
        record(n, NOON_US + n * FIVE_MINUTES_US) if n % 50 else Record(TOPIC, 0, n, NOON_US, b"", b"no event")
        for n in range(count)
    ])  # fmt: skip
    store = open_store(lake_url)
    crashing = RandomlyCrashingStore(store, source, 0.1)
    deaths = adopted = 0

    def born() -> Reader:
        while True:
            try:
                return Reader(log, crashing, plant, Rotation(records=source.randint(20, 90), age_s=1e9))
            except Crash:
                continue

    readers = [born(), born()]
    while any(reader.position < count or reader.writer.open_records for reader in readers):
        which = source.randrange(2)
        try:
            if not readers[which].read(source.randint(1, 25)):
                readers[which].writer.store_due(everything=True)
        except Crash:
            deaths += 1
            adopted += readers[which].writer.counters.adopted
            readers[which] = born()
    adopted += sum(reader.writer.counters.adopted for reader in readers)
    kept = [row["kafka_offset"] for row in rows_in(store)] + [row["kafka_offset"] for row in quarantined_in(store)]
    assert sorted(kept) == list(range(count))
    assert deaths > 0
    assert adopted > 0, "the writers never met, so this proved nothing"
    ends = [chunk_of(info.name, info.metadata) for info in store.list("raw/")]
    assert [chunk.first_offset for chunk in ends[1:]] == [chunk.end_offset for chunk in ends[:-1]]
    folders = [names.since_of(info.name) for info in store.list("raw/")]
    assert len(set(folders)) > 2, "they never met at a day's end"
    for before, chunk, folder in zip(folders, ends, folders[1:], strict=False):
        assert folder == names.since_after(before, chunk.last_arrived_us)


def test_a_chunk_holds_the_contract_columns_in_the_order_of_offsets(tmp_path: Path, plant: Path) -> None:
    store = open_store(str(tmp_path / "lake"))
    reader = Reader(
        PartitionLog([record(0, NOON_US, 1.5), record(1, NOON_US + 7, None, PUMP, 24)]), store, plant, ALL_AT_ONCE
    )
    reader.read(10)
    name = names.raw_chunk(TOPIC, 0, 0)
    table = table_in(store, name)
    schema = table.schema
    assert schema.names == [column.name for column in tables.HISTORY_RAW]
    assert str(schema.field("ts").type) == "timestamp[us]"
    assert str(schema.field("q").type) == "int16"
    rows = table.to_pylist()
    assert [(row["kks"], row["v"], row["q"], row["kafka_offset"]) for row in rows] == [
        (LEVEL, 1.5, 192, 0),
        (PUMP, None, 24, 1),
    ]
    info = store.stat(name)
    assert info is not None
    chunk = chunk_of(name, info.metadata)
    assert (chunk.end_offset, chunk.count, chunk.first_ts_us, chunk.last_ts_us) == (2, 2, NOON_US, NOON_US + 7)


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (Record(TOPIC, 0, 0, NOON_US, b"k", b"\xff"), "not an event"),
        (Record(TOPIC, 0, 0, NOON_US, None, None), "no value"),
        (record(0, NOON_US, kks="10EGB99CL001XQ01"), "unknown KKS"),
        (record(0, NOON_US, arrived_us=NOON_US - 3_601_000_000), "future"),
        (record(0, NOON_US, arrived_us=NOON_US + 7 * 86_400_000_000 + 1), "late"),
        (record(0, NOON_US, quality=70_000), "quality"),
        (Record(TOPIC, 0, 0, NOON_US, b"k", b'{"kks":"%s","ts":%d,"v":1,"q":192}' % (LEVEL.encode(), 10**23)), ""),
        (Record(TOPIC, 0, 0, NOON_US, b"k", b'{"kks":"%s","ts":%d,"v":1e999,"q":192}' % (LEVEL.encode(), NOON_US)), ""),
    ],
)  # fmt: skip
def test_a_record_that_is_no_event_goes_to_quarantine_whole_and_harms_no_other(
    tmp_path: Path, plant: Path, bad: Record, reason: str
) -> None:
    store = open_store(str(tmp_path / "lake"))
    reader = Reader(PartitionLog([bad, *events(2, first=1)]), store, plant, ALL_AT_ONCE)
    reader.read(10)
    (kept,) = quarantined_in(store)
    assert reason in kept["reason"]
    assert (kept["kafka_offset"], kept["key"], kept["value"]) == (0, bad.key, bad.value)
    assert [row["kafka_offset"] for row in rows_in(store)] == [1, 2]
    assert reader.writer.counters.rejected == 1
    assert next(iter(store.list(names.quarantine_prefix("lake-test")))).metadata["chunk"] == names.raw_chunk(
        TOPIC, 0, 0
    )


def test_an_event_on_the_very_bound_of_late_or_future_is_kept(tmp_path: Path, plant: Path) -> None:
    store = open_store(str(tmp_path / "lake"))
    at_bounds = [
        record(0, NOON_US, arrived_us=NOON_US - 3_600_000_000),
        record(1, NOON_US + 1, arrived_us=NOON_US + 1 + 7 * 86_400_000_000),
    ]
    Reader(PartitionLog(at_bounds), store, plant, ALL_AT_ONCE).read(10)
    assert len(rows_in(store)) == 2


def test_a_signal_added_to_the_list_later_is_known_without_a_restart(
    tmp_path: Path, plant: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store(str(tmp_path / "lake"))
    added = "10EGB12CL001XQ01"
    log = PartitionLog([record(0, NOON_US), record(1, NOON_US, kks=added)])
    reader = Reader(log, store, plant, ALL_AT_ONCE)
    reader.read(1)
    with (plant / "signals.csv").open("a") as file:
        file.write(f"{added},analog,level,p1,input-register:9:REAL,tanks,10\n")
    monkeypatch.setattr("cloud.lake.judge._REREAD_S", 0.0)
    reader.read(1)
    assert [row["kks"] for row in rows_in(store)] == [LEVEL, added]


def test_chunks_are_cut_by_records_by_bytes_and_by_age(tmp_path: Path, plant: Path) -> None:
    def chunks(rotation: Rotation, name: str) -> list[int]:
        store = open_store(str(tmp_path / name))
        reader = Reader(PartitionLog(events(100)), store, plant, rotation)
        while reader.read(10):
            pass
        return [chunk_of(info.name, info.metadata).count for info in store.list("raw/")]

    assert chunks(Rotation(records=40), "records") == [40, 40]
    size = len(events(1)[0].value or b"")
    assert chunks(Rotation(value_bytes=size * 30), "bytes")[:2] == [30, 30]
    assert chunks(Rotation(age_s=0.0), "age") == [10] * 10
    assert chunks(Rotation(), "neither") == []


def test_an_idle_partition_is_stored_once_it_is_old(tmp_path: Path, plant: Path) -> None:
    store = open_store(str(tmp_path / "lake"))
    reader = Reader(PartitionLog(events(5)), store, plant, Rotation(age_s=0.05))
    reader.read(5)
    while not reader.writer.counters.chunks:
        reader.read(5)  # nothing comes any more
    assert len(rows_in(store)) == 5
    assert reader.writer.open_records == 0


def test_what_all_partitions_hold_together_is_bounded(tmp_path: Path, plant: Path) -> None:
    store = open_store(str(tmp_path / "lake"))
    size = len(events(1)[0].value or b"")
    reader = Reader(PartitionLog(events(200)), store, plant, Rotation(buffered_bytes=25 * size))
    worst = 0
    while reader.read(10):
        worst = max(worst, reader.writer.buffered_bytes)
    assert worst <= 35 * size


class FullStore(CrashingStore):
    full = False

    def step(self) -> None:
        if self.full:
            raise StoreError("cannot store: no space left on device")


def test_a_store_in_trouble_stops_the_reading_and_loses_nothing(
    tmp_path: Path, plant: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cloud.lake.writer._FIRST_RETRY_S", 0.01)
    monkeypatch.setattr("cloud.lake.writer._LAST_RETRY_S", 0.05)
    store = FullStore(open_store(str(tmp_path / "lake")))
    reader = Reader(PartitionLog(events(100)), store, plant, Rotation(records=10))
    reader.read(20)
    store.full = True
    reader.read(20)
    assert "no space left" in reader.writer.trouble
    held = reader.writer.open_records
    for _ in range(20):
        reader.read(20)
    assert reader.writer.open_records == held, "it went on reading"
    store.full = False
    while reader.position < 100 or reader.writer.open_records:
        reader.read(20)
    assert reader.writer.trouble == ""
    assert [row["kafka_offset"] for row in rows_in(store)] == list(range(100))


def test_a_full_disk_is_told_in_a_sentence(tmp_path: Path, plant: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = Reader(PartitionLog(events(1)), open_store(str(tmp_path / "lake")), plant, ALL_AT_ONCE)

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    reader.read(1)
    assert "No space left on device" in reader.writer.trouble
    assert list((tmp_path / "lake" / ".store" / "staging").iterdir()) == []


def test_records_that_kafka_dropped_before_they_were_read_are_counted(tmp_path: Path, plant: Path) -> None:
    store = open_store(str(tmp_path / "lake"))
    log = PartitionLog(events(100))
    Reader(log, store, plant, ALL_AT_ONCE).read(10)
    log.low = 30
    reader = Reader(log, store, plant, ALL_AT_ONCE)
    assert reader.writer.counters.lost == 20
    reader.read(10)
    log.low = 60
    reader.read(10)
    assert reader.writer.counters.lost == 40
    lost = [chunk_of(info.name, info.metadata).lost for info in store.list("raw/")]
    assert lost == [0, 20, 20]
    offsets = [row["kafka_offset"] for row in rows_in(store)]
    assert offsets == [*range(10), *range(30, 40), *range(60, 70)]


def test_a_commit_that_never_arrived_leads_to_no_double(tmp_path: Path, plant: Path) -> None:
    store = open_store(str(tmp_path / "lake"))
    log = PartitionLog(events(30))
    Reader(log, store, plant, ALL_AT_ONCE).read(10)
    log.committed = None
    log.low = 5
    reader = Reader(log, store, plant, ALL_AT_ONCE)
    assert reader.position == 10
    reader.read(30)
    assert [row["kafka_offset"] for row in rows_in(store)] == list(range(30))


def test_a_writer_that_starts_after_weeks_of_silence_goes_on_where_the_newest_chunk_ended(
    tmp_path: Path, plant: Path
) -> None:
    store = open_store(str(tmp_path / "lake"))
    day_us, present = 86_400_000_000, now_us()
    log = PartitionLog([record(n, present - (100 - n) * day_us) for n in range(60)])
    Reader(log, store, plant, ALL_AT_ONCE).read(30)
    Reader(log, store, plant, ALL_AT_ONCE).read(30)
    log.committed = 7  # what the group remembers is old; the chunks are the truth
    assert Reader(log, store, plant, ALL_AT_ONCE).position == 60
    assert [names.since_of(info.name) for info in store.list("raw/")] == [
        names.FIRST_SINCE,
        names.day_of(present - 71 * day_us),
    ]


def test_a_lake_from_before_there_were_folders_by_day_is_gone_on_with(tmp_path: Path, plant: Path) -> None:
    store = open_store(str(tmp_path / "lake"))
    log = PartitionLog(events(20))
    Reader(log, store, plant, ALL_AT_ONCE).read(10)
    (info,) = store.list("raw/")
    store.create(info.name.replace(f"/{names.FIRST_SINCE}/", "/"), store.read(info.name), info.metadata)
    store.delete(info.name)
    log.committed = None
    Reader(log, store, plant, ALL_AT_ONCE).read(20)
    assert [row["kafka_offset"] for row in rows_in(store)] == list(range(20))


def test_a_hole_that_is_no_loss_is_read_again_before_it_is_believed(tmp_path: Path, plant: Path) -> None:
    store = open_store(str(tmp_path / "lake"))
    log = PartitionLog([each for each in events(20) if each.offset not in {7, 8}])
    reader = Reader(log, store, plant, ALL_AT_ONCE)
    while reader.read(5):
        pass
    assert reader.seeks == 1
    assert reader.writer.counters.lost == 0
    assert [row["kafka_offset"] for row in rows_in(store)] == [n for n in range(20) if n not in {7, 8}]


def test_a_topic_made_anew_keeps_its_own_chunks_and_harms_none_of_the_old_ones(tmp_path: Path, plant: Path) -> None:
    store = open_store(str(tmp_path / "lake"))
    Reader(PartitionLog(events(10)), store, plant, ALL_AT_ONCE).read(10)
    later = [each._replace(value=each.value) for each in events(6)]
    Reader(PartitionLog(later), store, plant, ALL_AT_ONCE, log_id="2" * 32).read(10)
    assert len(rows_in(store)) == 16
    assert len({info.name.rpartition("/")[0] for info in store.list("raw/")}) == 2


def test_a_crash_between_the_rejected_records_and_their_chunk_leaves_none_twice(tmp_path: Path, plant: Path) -> None:
    class DiesAfterQuarantine(CrashingStore):
        def create(self, name: str, content: Any, metadata: Any = None) -> Any:
            if name.startswith("raw/"):
                raise Crash
            return super().create(name, content, metadata)

    store = open_store(str(tmp_path / "lake"))
    log = PartitionLog([Record(TOPIC, 0, 0, NOON_US, None, b"bad"), *events(3, first=1)])
    with pytest.raises(Crash):
        Reader(log, DiesAfterQuarantine(store), plant, ALL_AT_ONCE).read(10)
    Reader(log, store, plant, ALL_AT_ONCE).read(10)
    assert len(quarantined_in(store)) == 1
    assert len(list(store.list("quarantine/"))) == 1, "what no chunk names is removed"
