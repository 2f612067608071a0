"""Forty questions to the historian, each answered alike by HiveServer2 over gs:// and by DuckDB on the same files."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cloud.warehouse import partitions
from cloud.warehouse.client import HiveClient
from data.historians.historian import Historian
from data.historians.opening import open_historian
from runtime.object_store import open_store
from tests.engines.hive import HiveBox
from tests.engines.lake_files import Row, us, write_day, write_raw

pytestmark = pytest.mark.engine

R = "sim-forty"
LEVEL, FLOW, VALVE, NONE = "10EGB11CL001XQ01", "10EGA20CF001XQ01", "10EGB11AA001XB01", "10XXX11CL001XQ01"
DAYS = tuple(f"2026-09-{day}" for day in (27, 28, 29, 30)) + tuple(f"2026-10-0{day}" for day in (1, 2, 4, 5, 6))
"""Two months; 3 October was not loaded and is in the raw chunks only."""
NOW = us("2026-10-06 10:00:00")
T = us("2026-09-28 00:00:00")
MINUTE, HOUR, DAY = 60_000_000, 3_600_000_000, 86_400_000_000
HOLD = {LEVEL: 180.0, FLOW: 270.0, VALVE: 10_800.0, NONE: 1.0}
ALL = [LEVEL, FLOW, VALVE]

QUESTIONS: dict[str, Callable[[Historian], Any]] = {
    "loaded days": lambda h: h.span(),
    "signals": lambda h: h.signals(),
    "raw: an hour": lambda h: h.raw([LEVEL], T, T + HOUR),
    "raw: three signals": lambda h: h.raw(ALL, T + 7 * HOUR, T + 9 * HOUR),
    "raw: across midnight": lambda h: h.raw([LEVEL, FLOW], T - HOUR, T + HOUR),
    "raw: across months": lambda h: h.raw([FLOW], us("2026-09-30 23:00:00"), us("2026-10-01 01:00:00")),
    "raw: a day that was not loaded": lambda h: h.raw(ALL, us("2026-10-03 00:00:00"), us("2026-10-03 06:00:00")),
    "raw: the open day": lambda h: h.raw([LEVEL], NOW - 2 * HOUR, NOW),
    "raw: closed and open days": lambda h: h.raw([FLOW], us("2026-10-02 22:00:00"), NOW),
    "raw: one microsecond": lambda h: h.raw([LEVEL], T, T + 1),
    "raw: an unknown signal": lambda h: h.raw([NONE, LEVEL], T, T + HOUR),
    "raw: before all": lambda h: h.raw(ALL, us("1999-01-01 00:00:00"), us("1999-01-02 00:00:00")),
    "buckets: of samples": lambda h: h.buckets([LEVEL, FLOW], T, T + HOUR, 97),
    "buckets: of samples, asked for": lambda h: h.buckets([LEVEL], T, T + DAY, 24, from_samples=True),
    "buckets: minutes": lambda h: h.buckets([LEVEL, FLOW], T, T + DAY, 700),
    "buckets: minutes, merged by the engine": lambda h: h.buckets([LEVEL], T, T + 6 * HOUR, 20),
    "buckets: hours": lambda h: h.buckets(ALL, T, T + 4 * DAY, 90),
    "buckets: hours across months": lambda h: h.buckets(
        [FLOW], us("2026-09-29 05:00:00"), us("2026-10-02 05:00:00"), 70
    ),
    "buckets: hours around a day not loaded": lambda h: h.buckets([LEVEL], us("2026-10-02 00:00:00"), NOW, 100),
    "buckets: days": lambda h: h.buckets(ALL, us("2026-09-27 00:00:00"), NOW, 9),
    "buckets: one": lambda h: h.buckets(ALL, T, T + 3 * DAY, 1),
    "buckets: the open day": lambda h: h.buckets([LEVEL], NOW - 3 * HOUR, NOW, 50),
    "value at: closed": lambda h: h.value_at(ALL, T + 12 * HOUR, lookback_s=7200),
    "value at: open": lambda h: h.value_at(ALL, NOW, lookback_s=7200),
    "value at: none so near": lambda h: h.value_at([VALVE], T + HOUR, lookback_s=60),
    "at times: few": lambda h: h.at_times(ALL, [T + 5, T + 3 * HOUR, T + DAY], lookback_s=7200),
    "at times: few, sloped": lambda h: h.at_times([LEVEL], [T + 5, T + 3 * HOUR + 7], lookback_s=120, sloped=True),
    "at times: each half hour": lambda h: h.at_times([LEVEL, FLOW], range(T, T + 2 * DAY, HOUR // 2), lookback_s=600),
    "at times: sloped, into open days": lambda h: h.at_times(
        [FLOW], range(us("2026-10-01 00:00:00"), NOW, HOUR), lookback_s=600, sloped=True
    ),
    "statistics: an hour": lambda h: h.statistics([LEVEL, FLOW], T, T + HOUR, hold_s=HOLD),
    "statistics: of minutes": lambda h: h.statistics([FLOW], T + 7, T + 5 * HOUR + 7, hold_s=270.0),
    "statistics: of hours": lambda h: h.statistics([*ALL, NONE], T, T + 3 * DAY, hold_s=HOLD),
    "statistics: of hours and the open days": lambda h: h.statistics([LEVEL], T + 5 * MINUTE, NOW, hold_s=180.0),
    "counts: a day": lambda h: h.quality_counts(ALL, T, T + DAY),
    "counts: with the open days": lambda h: h.quality_counts([FLOW, NONE], T, NOW),
    "excursions: above, an hour": lambda h: h.excursions([FLOW], T, T + HOUR, 910.0, hold_s=270.0),
    "excursions: below, a day": lambda h: h.excursions([LEVEL], T, T + DAY, 4.2, above=False, hold_s=180.0),
    "excursions: of a long span": lambda h: h.excursions([LEVEL], T, T + 4 * DAY, 5.99, hold_s=180.0),
    "excursions: into the open day": lambda h: h.excursions([LEVEL], NOW - 5 * HOUR, NOW, 5.9, hold_s=180.0),
    "excursions: never": lambda h: h.excursions(ALL, T, T + 4 * DAY, 1e9, hold_s=HOLD),
}


def rows_of(day: str, to_hour: int = 24) -> list[Row]:
    """A level each minute, a flow each 90 s (some of it bad), a valve each two hours."""
    start = us(f"{day} 00:00:00")
    rows: list[Row] = []
    for n in range(to_hour * 60):
        t = start + n * MINUTE
        rows.append((LEVEL, t, 5 + math.sin((t - T) / HOUR / 5), 192 if n % 7 else 68))
        if n % 3 < 2:
            bad = n % 100 == 0
            at = t + (n % 3) * 30_000_000 + 250_001
            rows.append((FLOW, at, None if bad else 900.0 + n % 17 + 0.1, 24 if bad else 192))
        if n % 120 == 0:
            rows.append((VALVE, t + 1, float(n // 120 % 2), 192))
    return rows


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory, hive: HiveBox) -> Path:
    folder = tmp_path_factory.mktemp("lake")
    for day in DAYS[:-1]:
        write_day(folder, R, day, rows_of(day))
    offset = 0
    for day, to_hour in (("2026-10-03", 24), ("2026-10-05", 24), ("2026-10-06", 10)):
        rows = [*rows_of(day, to_hour), (LEVEL, us("2026-10-04 12:00:30"), 77.0, 192)]
        write_raw(folder, f"{R}.tanks", offset, rows)
        offset += len(rows)
    hive.upload(folder)
    with HiveClient(hive.address) as client, pytest.MonkeyPatch.context() as patch:
        patch.setenv("STORAGE_EMULATOR_HOST", hive.emulator)
        partitions.repair_days(client)
        partitions.RawPartitions(open_store(hive.lake), hive.lake).follow(client)
    return folder


@pytest.fixture(scope="module")
def of_hive(hive: HiveBox, lake: Path) -> Iterator[dict[str, Future[Any]]]:
    """All questions put to Hive, three at a time."""
    historian = open_historian(f"hive://{hive.address}", R, lambda: NOW)
    with ThreadPoolExecutor(3) as pool:
        yield {name: pool.submit(question, historian) for name, question in QUESTIONS.items()}
    historian.close()


@pytest.fixture(scope="module")
def of_duckdb(lake: Path) -> Iterator[Historian]:
    historian = open_historian(str(lake), R, lambda: NOW)
    yield historian
    historian.close()


def test_there_are_forty_questions() -> None:
    assert len(QUESTIONS) == 40


@pytest.mark.parametrize("question", QUESTIONS)
def test_hive_and_duckdb_give_the_same_answer(
    question: str, of_hive: dict[str, Future[Any]], of_duckdb: Historian
) -> None:
    assert_same(of_hive[question].result(), QUESTIONS[question](of_duckdb))


def test_what_hive_said_and_is_kept_on_disk_is_the_same_too(
    hive: HiveBox, lake: Path, of_duckdb: Historian, tmp_path: Path
) -> None:
    historian = open_historian(f"hive://{hive.address}", R, lambda: NOW, tmp_path)
    for name in ("raw: across midnight", "buckets: hours across months", "buckets: minutes, merged by the engine"):
        expected = QUESTIONS[name](of_duckdb)
        assert_same(QUESTIONS[name](historian), expected)
        kept = set(tmp_path.rglob("*.npy"))
        assert kept
        assert_same(QUESTIONS[name](historian), expected)
        assert set(tmp_path.rglob("*.npy")) == kept
    historian.close()


def test_the_questions_have_answers(of_duckdb: Historian) -> None:
    """Two empty answers are the same answer: where something is to be found, something is."""
    silent = {"signals", "raw: before all", "value at: none so near", "excursions: never"}
    assert {name for name, question in QUESTIONS.items() if not _found(question(of_duckdb))} == silent


def _found(answer: Any) -> bool:
    """Whether there is a number in it."""
    if isinstance(answer, np.ndarray):
        return bool(np.any(np.isfinite(answer.astype(float))))
    if isinstance(answer, dict):
        return any(_found(value) for value in answer.values())
    if isinstance(answer, tuple):
        own = answer.tags if hasattr(answer, "tags") else answer
        return _found(own) if own is not answer else any(_found(value) for value in own)
    return isinstance(answer, str) or (math.isfinite(answer) and answer != 0)


def assert_same(one: Any, other: Any) -> None:
    """Of the same types; whole numbers equal, others to nine digits: sums in another order differ in the last ones."""
    assert type(one) is type(other)
    if isinstance(one, np.ndarray):
        assert one.dtype == other.dtype
        np.testing.assert_allclose(one, other, rtol=1e-12)
    elif isinstance(one, dict):
        assert one.keys() == other.keys()
        for key in one:
            assert_same(one[key], other[key])
    elif isinstance(one, tuple):
        assert len(one) == len(other)
        for a, b in zip(one, other, strict=True):
            assert_same(a, b)
    elif isinstance(one, float):
        assert one == pytest.approx(other, rel=1e-9, nan_ok=True)
    else:
        assert one == other
