"""Which folders of chunks Hive and DuckDB look through: those the loader has not done with, as its journal says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from cloud.loader.run import run_due
from cloud.warehouse.partitions import RawPartitions
from contracts import names, plant, tables
from contracts.lake import Journal, journal_of
from data.historians.open_chunks import open_chunks
from runtime.object_store import open_store
from tests.lake.plants import TOPIC, write_plant
from tests.loader.lake_days import DAY, NEXT_DAY, REFINERY, Feed

LOG = names.raw_partition_prefix(TOPIC, 0)


class Metastore:
    """Stands in for Hive: remembers partitions."""

    def __init__(self) -> None:
        self.folders: dict[str, set[str]] = {tables.RAW_TABLE: set(), tables.OPEN_TABLE: set()}
        self.statements: list[str] = []

    def run(self, statement: str) -> list[tuple[Any, ...]]:
        self.statements.append(statement)
        table = statement.split()[2]
        since = re.findall(r"since='([^']*)'", statement)
        if " ADD " in statement:
            self.folders[table].update(since)
        elif " DROP " in statement:
            self.folders[table].difference_update(since)
        elif statement.startswith("SHOW"):
            return [(f"refinery={REFINERY}/zone=tanks/part=p000/since={each}",) for each in self.folders[table]]
        return []


def folders(globs: list[str]) -> set[str]:
    return {names.since_of(glob) for glob in globs}


def test_only_folders_with_chunks_that_are_not_loaded_are_looked_through(tmp_path: Path) -> None:
    folder, lake = write_plant(tmp_path / "plant"), tmp_path / "lake"
    store, site, hive = open_store(str(lake)), plant.load(folder), Metastore()
    follower = RawPartitions(store, str(lake))

    def look() -> None:
        follower.follow(hive)  # type: ignore[arg-type]
        # One that starts anew knows the same from Hive.
        again = RawPartitions(store, str(lake))
        before = len(hive.statements)
        again.follow(hive)  # type: ignore[arg-type]
        assert all(statement.startswith("SHOW") for statement in hive.statements[before:])
        of_duckdb = folders(open_chunks(lake))
        newest = max(hive.folders[tables.RAW_TABLE], default="")  # DuckDB is not told chunk by chunk
        assert hive.folders[tables.OPEN_TABLE] <= of_duckdb <= {*hive.folders[tables.OPEN_TABLE], newest}

    look()
    feed = Feed(store, folder, chunk=8)
    days = [f"2026-03-{number}" for number in range(20, 30)]
    for day in days:
        feed.send(*((f"{day} {hour:02d}:30:00", 1.0) for hour in range(24)))
    look()
    everything = {names.FIRST_SINCE, *days}
    assert hive.folders == {tables.RAW_TABLE: everything, tables.OPEN_TABLE: everything}
    run_due(store, site)
    look()
    assert hive.folders == {tables.RAW_TABLE: everything, tables.OPEN_TABLE: set()}
    repaired = hive.statements.index("MSCK REPAIR TABLE history")
    assert repaired < next(n for n, told in enumerate(hive.statements) if " DROP " in told), "else days could vanish"
    feed.send((f"{DAY} 11:15:00", 3.0), late_s=5 * 86_400)
    feed.send(("2026-04-03 00:00:00", 3.0))
    look()
    assert hive.folders[tables.OPEN_TABLE] == {"2026-03-29", "2026-04-02"}, (
        "the late event reopens no folder of its day"
    )
    run_due(store, site)
    look()
    assert hive.folders[tables.OPEN_TABLE] == set()


def test_a_day_whose_load_failed_keeps_its_chunks_open_and_no_older_ones(tmp_path: Path) -> None:
    store = open_store(str(tmp_path))
    first, last = f"{LOG}{DAY}/{0:020d}.parquet", f"{LOG}{NEXT_DAY}/{9:020d}.parquet"
    journal = Journal(seen={LOG: last}, due={DAY: 3}, due_from={DAY: {LOG: first}}, marks=3)
    assert journal.open_from(LOG) == first
    assert Journal(seen={LOG: last}).open_from(LOG) > last
    assert Journal().open_from(LOG) == LOG
    store.create(names.load_journal(REFINERY), journal.content())
    assert journal_of(store.read(names.load_journal(REFINERY))) == journal


@pytest.mark.parametrize(
    "content", [b"", b"[]", b'{"seen": {"a": 7}}', b'{"due": 1}', b'{"seen": {}, "more": 1}', b"7"]
)
def test_what_is_no_journal_is_told_and_read_as_nothing_loaded(content: bytes, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"."):
        journal_of(content)
    (tmp_path / LOG / DAY).mkdir(parents=True)
    path = tmp_path / names.load_journal(REFINERY)
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    assert open_chunks(tmp_path) == [f"{LOG}{DAY}/*.parquet"]
