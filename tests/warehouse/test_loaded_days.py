"""Lake writer, loader and historian together, on Hive over gs:// and on DuckDB over a folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from cloud.loader.run import run_due
from contracts import plant, tables
from data.historians.opening import open_historian
from runtime.object_store import ObjectStore, open_store
from tests.engines.broker import wait_until
from tests.engines.hive import HiveBox
from tests.lake.plants import LEVEL, PUMP, write_plant
from tests.loader.lake_days import DAY, NEXT_DAY, REFINERY, Feed, us

NOW = us("2026-03-30 00:05:00")
SENT = [
    (f"{day} {hour:02d}:{minute:02d}:00", hour + minute / 60)
    for day in (DAY, NEXT_DAY)
    for hour in range(24)
    for minute in range(0, 60, 10)
]
LATE = f"{NEXT_DAY} 03:05:00"
TODAY = "2026-03-30 00:01:00"


def fill(store: ObjectStore, folder: Path, hive: str) -> None:
    """Two loaded days, then an event of the second that was late, and one of the open day."""
    feed = Feed(store, folder)
    feed.send(*SENT)
    feed.send((f"{DAY} 06:00:00", 1.0), (f"{DAY} 18:00:00", None), kks=PUMP)
    run_due(store, plant.load(folder), hive)
    feed.send((LATE, 5.5), late_s=86_400)
    feed.send((TODAY, 6.5))


def check(place: str) -> None:
    historian = open_historian(place, REFINERY, lambda: NOW)
    try:
        assert historian.span().days[-2:] == (DAY, NEXT_DAY)
        series = historian.raw([LEVEL, PUMP], us(f"{DAY} 00:00:00"), NOW)
        assert series[LEVEL].us.tolist() == sorted([*(us(text) for text, _ in SENT), us(LATE), us(TODAY)])
        assert len(series[PUMP].us) == 2
    finally:
        historian.close()
    weeks_later = open_historian(place, REFINERY, lambda: NOW + 30 * 86_400_000_000)
    try:
        told = weeks_later.buckets([LEVEL], us(f"{DAY} 00:00:00"), us(f"{NEXT_DAY} 00:00:00"), 24)
        assert told.table == tables.HOUR_TABLE
        assert told.tags[LEVEL].n.tolist() == [6] * 24
        assert told.tags[LEVEL].v_max.tolist() == pytest.approx([hour + 5 / 6 for hour in range(24)])
        held = weeks_later.buckets([PUMP], us(f"{DAY} 06:00:00"), us(f"{DAY} 12:00:00"), 6).tags[PUMP]
        assert held.v_mean[0] == 1.0
    finally:
        weeks_later.close()


def test_what_was_loaded_is_read_by_duckdb(tmp_path: Path) -> None:
    fill(open_store(str(tmp_path / "lake")), write_plant(tmp_path / "plant"), "")
    check(str(tmp_path / "lake"))


@pytest.fixture
def gs_store(hive: HiveBox, monkeypatch: pytest.MonkeyPatch) -> ObjectStore:
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", hive.emulator)
    return open_store(hive.lake)


@pytest.mark.engine
def test_what_was_loaded_is_read_by_hive_over_gs(hive: HiveBox, gs_store: ObjectStore, tmp_path: Path) -> None:
    folders = int(hive.last["folders"])
    fill(gs_store, write_plant(tmp_path / "plant"), hive.address)
    wait_until(lambda: int(hive.last["folders"]) > folders, 60)
    check(f"hive://{hive.address}")
