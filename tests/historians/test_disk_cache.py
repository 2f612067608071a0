"""What is kept on disk of closed days: the same answers, fewer statements, nothing old, no more than allowed."""

from __future__ import annotations

import logging
import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from contracts import names, tables
from data.historians.disk_cache import DiskCache
from data.historians.duckdb import DuckDbEngine
from data.historians.sql_historian import SqlHistorian
from tests.engines.lake_files import Row, us, write_day, write_raw

R = "sim-r1"
A, B = "10EGB11CL001XQ01", "10EGA20CF001XQ01"
DAYS = ("2026-10-30", "2026-10-31", "2026-11-01", "2026-11-02", "2026-11-03", "2026-11-05")
"""Two months; the 4th was not loaded."""
NOW = us("2026-11-08 06:00:00")
HOUR = 3_600_000_000


class Counting(DuckDbEngine):
    """Remembers its statements."""

    def run(self, statement: Any, watch: Any) -> Any:
        self.asked = [*getattr(self, "asked", []), statement]
        return super().run(statement, watch)


def rows_of(day: str, step_us: int = 20_000_000) -> list[Row]:
    begin = us(f"{day} 00:00:00")
    rows: list[Row] = []
    for t in range(begin, begin + 24 * HOUR, step_us):
        n = t // step_us
        bad = n % 97 == 0
        rows.append((A, t, None if bad else float(n % 1000), 24 if bad else 192))
        rows.append((B, t + 7, n % 7 / 3, 68))
    return rows


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lake")
    for day in DAYS:
        write_day(folder, R, day, rows_of(day, 120_000_000))
    write_raw(folder, f"{R}.tanks", 0, [*rows_of("2026-11-04", 120_000_000), *rows_of("2026-11-08", 600_000_000)[:60]])
    return folder


def opened(lake: Path, cache: DiskCache | None) -> tuple[SqlHistorian, Counting]:
    engine = Counting(lake, R)
    return SqlHistorian(engine, R, lambda: NOW, cache), engine


def statements_of(engine: Counting) -> int:
    count, engine.asked = len(getattr(engine, "asked", [])), []
    return count


QUESTIONS: dict[str, tuple[str, str, int]] = {
    "days": ("2026-10-29 00:00:00", "2026-11-08 06:00:00", 5),
    "hours": ("2026-10-30 03:00:00", "2026-11-03 05:00:00", 60),
    "hours, wide": ("2026-10-30 03:00:00", "2026-11-03 05:00:00", 12),
    "minutes": ("2026-10-31 03:00:00", "2026-11-01 05:00:00", 600),
    "samples": ("2026-10-31 22:17:00", "2026-11-01 02:00:00", 1000),
    "with a day that was not loaded": ("2026-11-03 12:00:00", "2026-11-05 12:00:00", 40),
}


@pytest.mark.parametrize("name", QUESTIONS)
def test_answers_are_the_same_with_a_cache_the_first_time_and_again(name: str, lake: Path, tmp_path: Path) -> None:
    first, last, count = QUESTIONS[name]
    plain, _ = opened(lake, None)
    cached, engine = opened(lake, DiskCache(tmp_path / "cache", "here"))
    for _ in range(2):
        one, other = (each.buckets([A, B], us(first), us(last), count) for each in (plain, cached))
        assert one[:2] == other[:2]
        for tag in (A, B):
            for mine, theirs in zip(one.tags[tag], other.tags[tag], strict=True):
                assert mine.dtype == theirs.dtype
                np.testing.assert_allclose(mine, theirs, rtol=1e-12)
        begin, end = us(first), us(last)
        one_raw, other_raw = (each.raw([B, A], begin, min(end, begin + 30 * HOUR)) for each in (plain, cached))
        for tag in (A, B):
            for mine, theirs in zip(one_raw[tag], other_raw[tag], strict=True):
                np.testing.assert_array_equal(mine, theirs)
    assert engine.asked


def test_a_zoom_asks_only_for_what_the_new_view_needs(lake: Path, tmp_path: Path) -> None:
    historian, engine = opened(lake, DiskCache(tmp_path / "cache", "here"))

    def look(first: str, last: str, count: int, *tags: str) -> int:
        historian.buckets(tags or (A,), us(first), us(last), count)
        return statements_of(engine)

    assert look("2026-10-30 00:00:00", "2026-11-04 00:00:00", 100) == 1
    assert look("2026-10-30 12:00:00", "2026-11-02 00:00:00", 30) == 0, "hours of two months are here"
    assert look("2026-10-31 00:00:00", "2026-11-01 00:00:00", 1400) == 1, "minutes are not"
    assert look("2026-10-31 06:00:00", "2026-10-31 09:00:00", 170) == 0
    assert look("2026-10-31 06:00:00", "2026-10-31 07:00:00", 900) == 1, "samples are not"
    assert look("2026-10-31 06:10:00", "2026-10-31 06:20:00", 900) == 0
    assert look("2026-10-31 06:10:00", "2026-10-31 06:20:00", 900, A, B) == 1, "another signal is not"
    again, engine = opened(lake, DiskCache(tmp_path / "cache", "here"))
    again.raw([A, B], us("2026-10-31 05:00:00"), us("2026-10-31 20:00:00"))
    assert statements_of(engine) == 0, "it lasts"
    elsewhere, engine = opened(lake, DiskCache(tmp_path / "cache", "elsewhere"))
    elsewhere.raw([A], us("2026-10-31 05:00:00"), us("2026-10-31 20:00:00"))
    assert statements_of(engine) == 1, "another place, or login, has its own"


def test_a_day_that_was_loaded_anew_is_asked_for_anew_and_no_other(lake: Path, tmp_path: Path) -> None:
    lake = Path(shutil.copytree(lake, tmp_path / "lake"))
    historian, engine = opened(lake, DiskCache(tmp_path / "cache", "here"))
    begin, end = us("2026-10-31 20:00:00"), us("2026-11-01 04:00:00")
    before = historian.raw([A], begin, end)[A]
    late = (A, us("2026-11-01 01:00:01"), 77.0, 192)
    write_day(lake, R, "2026-11-01", [*rows_of("2026-11-01", 120_000_000), late])
    file = lake / names.day_file(tables.HISTORY_TABLE, R, "2026-11-01")
    os.utime(file, ns=(1, file.stat().st_mtime_ns + 1_000_000_000))
    statements_of(engine)
    after = historian.raw([A], begin, end)[A]
    assert len(after.us) == len(before.us) + 1
    assert late[1] in after.us
    (statement,) = engine.asked
    assert statements_of(engine) == 1
    days = [value for value in statement.compile(dialect=engine._engine.dialect).params.values() if value in DAYS]
    assert set(days) == {"2026-11-01"}
    kept = sorted(path.name[:10] for path in (tmp_path / "cache").rglob(f"history/{A}/*.npy"))
    assert kept == ["2026-10-31", "2026-11-01"], "the old copy is gone"


def test_open_days_are_never_kept(lake: Path, tmp_path: Path) -> None:
    historian, engine = opened(lake, DiskCache(tmp_path / "cache", "here"))
    for _ in range(2):
        historian.raw([A], us("2026-11-08 00:00:00"), NOW)
        historian.raw([A], us("2026-11-04 00:00:00"), us("2026-11-05 00:00:00"))
        assert statements_of(engine) == 2
    assert not list((tmp_path / "cache").rglob("*.npy"))


def test_the_least_recently_used_go_when_there_is_too_much(lake: Path, tmp_path: Path) -> None:
    cache = DiskCache(tmp_path / "cache", "here", limit_bytes=40_000)
    historian, engine = opened(lake, cache)
    for day in DAYS[:3]:
        for name in names_of(tmp_path):
            os.utime(name, (1, 1))
        historian.raw([A], us(f"{day} 00:00:00"), us(f"{day} 12:00:00"))
    assert sum(path.stat().st_size for path in names_of(tmp_path)) <= 40_000
    statements_of(engine)
    historian.raw([A], us(f"{DAYS[2]} 00:00:00"), us(f"{DAYS[2]} 12:00:00"))
    assert statements_of(engine) == 0, "the newest is still here"


def names_of(folder: Path) -> list[Path]:
    return list((folder / "cache").rglob("*.npy"))


def test_a_torn_block_is_asked_for_again(lake: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    historian, engine = opened(lake, DiskCache(tmp_path / "cache", "here"))
    begin, end = us("2026-10-31 00:00:00"), us("2026-10-31 12:00:00")
    whole = historian.raw([A], begin, end)[A]
    for path in names_of(tmp_path):
        path.write_bytes(path.read_bytes()[:200])
    statements_of(engine)
    with caplog.at_level(logging.WARNING):
        np.testing.assert_array_equal(historian.raw([A], begin, end)[A].us, whole.us)
    assert statements_of(engine) == 1
    assert "asked for again" in caplog.text


def test_where_nothing_can_be_kept_answers_still_come_and_it_is_said_once(
    lake: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "cache").write_text("a file where a folder should be")
    historian, _ = opened(lake, DiskCache(tmp_path / "cache", "here"))
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            assert len(historian.raw([A], us("2026-10-31 00:00:00"), us("2026-10-31 12:00:00"))[A].us) == 360
    assert caplog.text.count("nothing is kept") == 1
