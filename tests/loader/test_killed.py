"""A loader process that is killed at any of its steps and run again leaves what one that was never killed leaves."""

from __future__ import annotations

import json
import random
import shutil
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from cloud.loader.due import due_days
from cloud.loader.run import run_due
from contracts import names, plant, tables
from contracts.lake import chunk_of
from runtime.object_store import COLDLINE, ObjectStore, open_store
from tests.engines.hive import HiveBox
from tests.lake.plants import LEVEL, PUMP, SLOW, record, write_plant
from tests.loader.lake_days import DAY, NEXT_DAY, REFINERY, TABLES, Feed, fingerprint, us

ROOT = Path(__file__).parents[2]


def fill(store: ObjectStore, folder: Path) -> None:
    """Two days in four chunks, one of them across midnight."""
    source = random.Random(3)
    begin, end = us(f"{DAY} 00:00:00"), us("2026-03-30 00:00:00")
    made = [
        record(0, begin + (end - begin) * n // 300, source.uniform(0, 20), source.choice([LEVEL, PUMP, SLOW]))
        for n in range(300)
    ]
    Feed(store, folder, chunk=80).send_records([*made, *made[40:50]])


def run(folder: Path, lake: str, hive: str = "", die_at: int = 0) -> tuple[int, list[str]]:
    """A loader process; its exit code and the steps it began."""
    command = [sys.executable, "-m", "tests.loader.killed_loader", "--plant", folder, "--lake", lake]
    done = subprocess.run(
        [*map(str, command), "--hive", hive, "--die-at", str(die_at)],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode in {0, -signal.SIGKILL}, done.stderr
    return done.returncode, done.stdout.splitlines()


def left(store: ObjectStore) -> dict[str, Any]:
    """All that a reader can see of the loader's work; a report without how long it took."""
    seen: dict[str, Any] = dict(fingerprint(store, DAY, NEXT_DAY))
    for day in (DAY, NEXT_DAY):
        report = json.loads(store.read(names.day_manifest(REFINERY, day)))
        del report["seconds"]
        seen[day] = report
    for info in store.list(names.raw_prefix(REFINERY)):
        seen[info.name] = (info.storage_class, info.metadata["end_offset"])
    return seen


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_plant(tmp_path / "plant")


def test_killed_at_each_step_on_a_folder_and_run_again_it_leaves_the_same(tmp_path: Path, folder: Path) -> None:
    full = tmp_path / "full"
    fill(open_store(str(full)), folder)
    whole = tmp_path / "whole"
    shutil.copytree(full, whole)
    code, steps = run(folder, str(whole))
    assert code == 0
    expected = left(open_store(str(whole)))
    cold = {name for name, seen in expected.items() if name.startswith("raw/") and seen[0] == COLDLINE}
    of_day = {
        info.name
        for info in open_store(str(whole)).list("raw/")
        if chunk_of(info.name, info.metadata).days.keys() == {DAY}
    }
    assert cold == of_day
    assert cold
    kinds = {step.split("/")[0] for step in steps}
    assert kinds >= {f"{how} {what}" for how in ("put", "half-way") for what in (*TABLES, "manifest")}
    assert kinds >= {"cool raw", "half-way raw"}

    def kill(number: int) -> None:
        lake = tmp_path / f"killed-at-{number}"
        shutil.copytree(full, lake)
        code, begun = run(folder, str(lake), die_at=number)
        assert (code, begun[-1]) == (-signal.SIGKILL, steps[number - 1])
        store = open_store(str(lake))
        run_due(store, plant.load(folder))
        assert left(store) == expected, f"killed at {steps[number - 1]}"
        assert due_days(store, plant.load(folder)) == {}

    with ThreadPoolExecutor(4) as several:  # they mostly wait for the disk
        list(several.map(kill, range(1, len(steps) + 1)))


@pytest.mark.engine
def test_killed_while_hive_is_told_and_run_again_it_leaves_the_same(
    hive: HiveBox, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Among Hive's statements, at a chunk's cooling and at the very end; the other steps are tested on a folder."""
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", hive.emulator)
    store = open_store(hive.lake)

    def begin() -> None:
        clear(hive, store)
        fill(store, folder)

    def end() -> dict[str, Any]:
        return {**left(store), "partitions": partitions(hive)}

    begin()
    code, steps = run(folder, hive.lake, hive.address)
    assert code == 0
    expected = end()
    for table in TABLES:
        assert expected["partitions"][table] == sorted({tables.partition_of(table, day) for day in (DAY, NEXT_DAY)})
    of_hive = [number for number, step in enumerate(steps, 1) if step.startswith("hive")]
    assert len(of_hive) == 2 * len(TABLES)
    chosen = [of_hive[1], of_hive[6], next(n for n, step in enumerate(steps, 1) if step.startswith("cool")), len(steps)]
    for number in chosen:
        begin()
        code, begun = run(folder, hive.lake, hive.address, number)
        assert (code, begun[-1]) == (-signal.SIGKILL, steps[number - 1])
        run_due(store, plant.load(folder), hive.address)
        assert end() == expected, f"killed at {steps[number - 1]}"
    clear(hive, store)


def partitions(hive: HiveBox) -> dict[str, list[str]]:
    from cloud.warehouse.client import HiveClient

    with HiveClient(hive.address) as client:
        return {
            table: [
                str(row[0]).rpartition("=")[2]
                for row in client.run(f"SHOW PARTITIONS {table} PARTITION (refinery='{REFINERY}')")
            ]
            for table in TABLES
        }


def clear(hive: HiveBox, store: ObjectStore) -> None:
    from cloud.warehouse.client import HiveClient

    with HiveClient(hive.address) as client:
        for table in TABLES:
            client.run(f"ALTER TABLE {table} DROP IF EXISTS PARTITION (refinery='{REFINERY}')")
    day_folders = (f"{table}/refinery={REFINERY}/" for table in TABLES)
    for prefix in (names.raw_prefix(REFINERY), f"manifest/{REFINERY}/", *day_folders):
        for info in list(store.list(prefix)):
            store.delete(info.name)
