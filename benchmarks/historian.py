"""What the historian costs: a year of 100 signals and of one signal at 1 Hz, on DuckDB and on a real HiveServer2.

The lake is made once (`_historian_lake.py`). Embedded figures are CPU seconds of this process, all threads, warm; of
Hive they are seconds a person waits, and beside them the CPU seconds of its JVM.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple

import psutil

from benchmarks import _historian_lake as made
from benchmarks._historian_lake import BEGIN_US, DAY_US, END_US, A, B
from data.historians.historian import Historian
from data.historians.opening import open_historian
from tests.engines.box import Box

BUCKETS: Final = 2000
HOUR_US: Final = 3_600_000_000
CLOSED_US: Final = END_US + 30 * DAY_US
"""The clock: long after, so that every day is closed."""

EMBEDDED_CPU_S: Final = {
    "duckdb_a_raw_cpu_s": 0.6,
    "duckdb_a_rollup_cpu_s": 0.05,
    "duckdb_b_raw_cpu_s": 3.0,
    "duckdb_b_rollup_cpu_s": 0.05,
    "duckdb_b_hour_cpu_s": 0.1,
}
EXPORT_PER_CPU_S: Final = 1_000_000
HIVE_S: Final = {"hive_a_rollup_s": 2.0, "hive_b_rollup_s": 2.0}
PYHIVE_DAYS_OF_B: Final = 10
"""A year of B through PyHive's fetchall would take ten minutes and 10 GB."""


class Cost(NamedTuple):
    """Of one call: what a person waits, and the CPU time of whoever worked."""

    wall_s: float
    cpu_s: float


def run() -> dict[str, Any]:
    """The figures; `missed` names those beyond their bound."""
    lake = made.lake()
    figures: dict[str, Any] = _embedded(lake) | _hive(lake)
    missed = [
        f"{name} {figures[name]}, bound {bound}"
        for name, bound in (EMBEDDED_CPU_S | HIVE_S).items()
        if figures[name] > bound
    ]
    missed += [
        f"{name} {figures[name]:,}, bound {EXPORT_PER_CPU_S:,}"
        for name in ("duckdb_a_export_rows_per_cpu_s", "duckdb_b_export_rows_per_cpu_s")
        if figures[name] < EXPORT_PER_CPU_S
    ]
    sentence = (
        f"a year to {BUCKETS} buckets on DuckDB, CPU: A raw {figures['duckdb_a_raw_cpu_s']} s, roll-up "
        f"{figures['duckdb_a_rollup_cpu_s']} s; B raw {figures['duckdb_b_raw_cpu_s']} s, roll-up "
        f"{figures['duckdb_b_rollup_cpu_s']} s, any hour {figures['duckdb_b_hour_cpu_s']} s; export "
        f"{figures['duckdb_b_export_rows_per_cpu_s'] / 1e6:.1f} million rows/s; Hive: A roll-up "
        f"{figures['hive_a_rollup_s']} s, raw {figures['hive_a_raw_s']} s; B roll-up {figures['hive_b_rollup_s']} s, "
        f"raw {figures['hive_b_raw_s']} s; plain SELECT with PyHive's fetchall of A's signal "
        f"{figures['pyhive_a_plain_select_s']} s"
    )
    return {"rows_a": A.rows, "rows_b": B.rows, **figures, "sentence": sentence, "missed": missed}


def _embedded(lake: Path) -> dict[str, Any]:
    of_a, of_b = (open_historian(str(lake), each.refinery, lambda: CLOSED_US) for each in (A, B))
    hours = [BEGIN_US + day * DAY_US + hour * HOUR_US for day, hour in ((3, 0), (100, 11), (200, 23), (364, 7))]
    ten = A.tags[:10]
    try:
        figures = {
            f"duckdb_{name}_cpu_s": round(_least(time.process_time, question).cpu_s, 4)
            for name, question in (
                ("a_raw", lambda: _year(of_a, A.tags[37], from_samples=True)),
                ("a_rollup", lambda: _year(of_a, A.tags[37])),
                ("b_raw", lambda: _year(of_b, B.tags[0], from_samples=True)),
                ("b_rollup", lambda: _year(of_b, B.tags[0])),
            )
        }
        # Any hour: each of some is asked for the first time, then again; the dearest counts.
        figures["duckdb_b_hour_cpu_s"] = round(max(_hour(of_b, at) for at in hours), 4)
        a_export = _least(time.process_time, lambda: of_a.raw(ten, BEGIN_US, END_US), 2).cpu_s
        b_export = _least(time.process_time, lambda: of_b.raw(B.tags, BEGIN_US, BEGIN_US + 40 * DAY_US), 2).cpu_s
        figures["duckdb_a_export_rows_per_cpu_s"] = round(A.rows // 10 / a_export)
        figures["duckdb_b_export_rows_per_cpu_s"] = round(40 * B.samples_a_day / b_export)
    finally:
        of_a.close()
        of_b.close()
    return figures


def _hive(lake: Path) -> dict[str, Any]:
    """On the lake's folder; the metastore is kept beside it, so that only the first run adds 754 partitions."""
    box = Box("cloud.warehouse", "serve", "--state", lake.parent / "hive", "--lake", lake)
    try:
        box.wait_ready(300)
        address = str(box.last["hive"])
        process = next(child for child in psutil.Process(box.process.pid).children(recursive=True) if _is_hive(child))

        def jvm() -> float:
            return float(sum(process.cpu_times()[:2]))

        figures: dict[str, Any] = {}
        for name, which, tag in (("a", A, A.tags[37]), ("b", B, B.tags[0])):
            historian = open_historian(f"hive://{address}", which.refinery, lambda: CLOSED_US)
            try:
                rollup = _least(jvm, partial(_year, historian, tag), 5)
                raw = _cost(jvm, partial(_year, historian, tag, from_samples=True, timeout_s=1800.0))
            finally:
                historian.close()
            figures |= {f"hive_{name}_rollup_s": round(rollup.wall_s, 2), f"hive_{name}_rollup_jvm_cpu_s": rollup.cpu_s}
            figures |= {f"hive_{name}_raw_s": round(raw.wall_s, 1), f"hive_{name}_raw_jvm_cpu_s": raw.cpu_s}
        return figures | _plain_selects(address)
    finally:
        box.stop()


def _plain_selects(address: str) -> dict[str, Any]:
    """What one would do without all this: every sample, row by row."""
    from pyhive import hive

    host, port = address.split(":")
    figures: dict[str, Any] = {}
    with hive.connect(host, int(port)) as connection, connection.cursor() as cursor:
        for name, which, tag, days in (("a", A, A.tags[37], made.DAYS), ("b", B, B.tags[0], PYHIVE_DAYS_OF_B)):
            until = (made.FIRST + timedelta(days=days - 1)).date()
            began = time.perf_counter()
            cursor.execute(
                f"SELECT ts, v, q FROM history WHERE refinery = '{which.refinery}' AND day <= '{until}' "
                f"AND kks = '{tag}'"
            )
            rows = len(cursor.fetchall())
            assert rows == days * which.samples_a_day
            figures[f"pyhive_{name}_plain_select_s"] = round(time.perf_counter() - began, 1)
            figures[f"pyhive_{name}_rows"] = rows
    return figures


def _hour(historian: Historian, at_us: int) -> float:
    """Asked for the first time, and again: CPU seconds."""
    return _least(time.process_time, lambda: historian.raw(B.tags, at_us, at_us + HOUR_US), warm=False).cpu_s


def _year(historian: Historian, tag: str, **how: Any) -> None:
    found = historian.buckets([tag], BEGIN_US, END_US, BUCKETS, **how)
    assert int(found.tags[tag].n.sum()) in {A.samples_a_day * made.DAYS, B.samples_a_day * made.DAYS}


def _is_hive(process: psutil.Process) -> bool:
    return any("HiveServer2" in word for word in process.cmdline()) and "java" in process.name()


def _cost(cpu_s: Callable[[], float], question: Callable[[], object]) -> Cost:
    before, began = cpu_s(), time.perf_counter()
    question()
    wall_s = time.perf_counter() - began
    return Cost(wall_s, round(cpu_s() - before, 4))


def _least(cpu_s: Callable[[], float], question: Callable[[], object], times: int = 3, *, warm: bool = True) -> Cost:
    """Of some calls the least: what else runs on the machine only adds."""
    if warm:
        question()
    costs = [_cost(cpu_s, question) for _ in range(times)]
    return Cost(min(cost.wall_s for cost in costs), min(cost.cpu_s for cost in costs))
