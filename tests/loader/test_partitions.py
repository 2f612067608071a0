"""What the loader says when Hive is not there; that it adds partitions is tested with Hive itself (tests/warehouse)."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from cloud.loader.due import due_days
from cloud.loader.partitions import HiveTrouble, add_day
from cloud.loader.run import run_due
from contracts import plant, tables
from contracts.lake import BadChunk
from runtime.object_store import open_store
from tests.lake.plants import write_plant
from tests.loader.lake_days import DAY, NEXT_DAY, Feed, rows


@pytest.mark.parametrize("address", ["nowhere", "127.0.0.1:9", ":10000", "127.0.0.1:thrift"])
def test_a_hive_that_is_not_there_is_told_in_a_sentence(address: str) -> None:
    with pytest.raises(HiveTrouble, match="Hive at"):
        add_day(address, "r1", DAY)


def test_a_hive_that_accepts_and_never_answers_is_told_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cloud.loader.partitions._TIMEOUT_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as frozen, pytest.raises(HiveTrouble, match="read timeout"):
        add_day(f"127.0.0.1:{frozen.getsockname()[1]}", "r1", DAY)


def test_a_day_whose_partition_was_not_added_stays_due(tmp_path: Path) -> None:
    folder = write_plant(tmp_path / "plant")
    store = open_store(str(tmp_path / "lake"))
    Feed(store, folder).send((f"{DAY} 10:00:00", 1.0))
    site = plant.load(folder)
    with pytest.raises(HiveTrouble):
        run_due(store, site, "127.0.0.1:9")
    assert list(due_days(store, site)) == [DAY]
    assert [report["unchanged"] for report in run_due(store, site)] == [True]


def test_a_day_that_cannot_be_read_keeps_no_other_day_waiting(tmp_path: Path) -> None:
    folder = write_plant(tmp_path / "plant")
    store = open_store(str(tmp_path / "lake"))
    Feed(store, folder, chunk=1).send((f"{DAY} 10:00:00", 1.0), (f"{NEXT_DAY} 10:00:00", 2.0))
    first = next(iter(store.list("raw/")))
    store.replace(first.name, b"torn", first.generation, first.metadata)
    site = plant.load(folder)
    with pytest.raises(BadChunk, match="cannot be read as Parquet"):
        run_due(store, site)
    assert [row["v"] for row in rows(store, tables.HISTORY_TABLE, NEXT_DAY)] == [2.0]
    assert list(due_days(store, site)) == [DAY]
