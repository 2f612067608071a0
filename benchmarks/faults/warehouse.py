"""The same account asked of the engines: DuckDB over every table of both lakes, HiveServer2 over the object store."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.faults import account
from benchmarks.faults.cell import Cell
from benchmarks.faults.stream import Stream
from cloud.warehouse.client import HiveClient
from tests.engines.hive import HiveBox

DISTINCT_DAYS = 2
"""Of how many days Hive also counts the identities; DuckDB does it for all."""


def ask_duckdb(name: str, lake: Path, streams: Sequence[Stream]) -> list[str]:
    """Events and identities of every refinery and day, raw and in history; what is not as sent."""
    faults = []
    with duckdb.connect() as connection:
        for table, day, source in (
            ("history", "day", f"read_parquet('{lake}/history/*/*/*.parquet', hive_partitioning=true)"),
            (
                "history_raw",
                "strftime(ts, '%Y-%m-%d')",
                f"(SELECT *, split_part(topic, '.', 1) AS refinery FROM read_parquet('{lake}/raw/**/*.parquet'))",
            ),
        ):
            rows = connection.execute(
                f"SELECT refinery, CAST({day} AS VARCHAR), count(*), sum(v), count(DISTINCT (kks, ts)) "
                f"FROM {source} GROUP BY 1, 2"
            ).fetchall()
            faults += _compared(f"DuckDB on the {name}'s {table}", rows, streams)
            faults += [
                f"DuckDB on the {name}'s {table}: {refinery} {each} has {count - distinct} events double"
                for refinery, each, count, _, distinct in rows
                if count != distinct
            ]
    return faults


def ask_hive(state: Path, lake: str, emulator: str, cell: Cell, say: Callable[[str], None]) -> list[str]:
    """The same of a real HiveServer2 over `gs://`; identities on a sample of days."""
    faults = []
    box = HiveBox(state, lake, emulator)
    try:
        with HiveClient(box.address) as client:
            for table, day in (("history", "day"), ("history_raw", "date_format(ts, 'yyyy-MM-dd')")):
                rows = client.run(f"SELECT refinery, {day}, count(*), sum(v) FROM {table} GROUP BY refinery, {day}")
                faults += _compared(f"Hive's {table}", rows, cell.streams)
                say(f"faults: Hive counts {sum(row[2] for row in rows):,} rows in {table}")
            for refinery, day in list(account.expected_days(cell.streams))[:DISTINCT_DAYS]:
                where = f"refinery = '{refinery}' AND day = '{day}'"
                ((count, distinct),) = client.run(
                    f"SELECT count(*), count(DISTINCT kks, ts) FROM history WHERE {where}"
                )
                if count != distinct:
                    faults.append(f"Hive's history: {refinery} {day} has {count - distinct} events double")
    finally:
        box.stop()
    return faults


def _compared(where: str, rows: Iterable[Sequence[Any]], streams: Sequence[Stream]) -> list[str]:
    found = {(row[0], row[1]): (int(row[2]), float(row[3])) for row in rows}
    expected = account.expected_days(streams)
    faults = [
        f"{where}: {refinery} {day} has {found.get((refinery, day), (0, 0.0))[0]} events, {count} were sent"
        for (refinery, day), (count, total) in expected.items()
        if found.get((refinery, day), (0, 0.0))[0] != count
        or not math.isclose(found[refinery, day][1], total, rel_tol=1e-9)
    ]
    return faults + [f"{where}: {each} was never sent" for each in found.keys() - expected.keys()]
