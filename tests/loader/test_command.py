"""The loader's command: a day's report in words, a range loaded piece by piece, bad input told in a sentence."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from contracts import names
from contracts.sample import now_us
from runtime.object_store import open_store
from tests.engines.box import wait_until
from tests.lake.plants import PUMP, write_plant
from tests.loader.lake_days import DAY, NEXT_DAY, REFINERY, Feed, fingerprint

ROOT = Path(__file__).parents[2]
DAYS = [f"2026-03-{number}" for number in range(20, 30)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_plant(tmp_path / "plant")


def command(folder: Path, lake: Path, *arguments: str, report: bool = False) -> list[str]:
    words = ["report"] if report else []
    return [sys.executable, "-m", "cloud.loader", *words, "--plant", str(folder), "--lake", str(lake), *arguments]


def run(folder: Path, lake: Path, *arguments: str, report: bool = False) -> subprocess.CompletedProcess[str]:
    asked = command(folder, lake, *arguments, report=report)
    return subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, timeout=120)


def test_a_days_report_says_in_words_what_came_and_what_is_missing(tmp_path: Path, folder: Path) -> None:
    lake = tmp_path / "lake"
    feed = Feed(open_store(str(lake)), folder)
    feed.send((f"{DAY} 10:00:00", 1.0), (f"{DAY} 10:00:00", 1.0), (f"{DAY} 10:00:00", 2.0))
    feed.send((f"{DAY} 10:00:05", None), quality=24)
    early = run(folder, lake, "--day", DAY, report=True)
    assert (early.returncode, early.stderr) == (1, f"loader: {REFINERY} {DAY} is not loaded: nothing of it has come\n")
    assert run(folder, lake, "--from", DAY, "--to", NEXT_DAY).returncode == 0
    told = run(folder, lake, "--day", DAY, "--gaps", "2", report=True)
    assert told.returncode == 0, told.stderr
    lines = told.stdout.splitlines()
    assert lines[0] == f"{REFINERY} {DAY} (UTC)"
    assert lines[1].split(maxsplit=1)[1] == "2 read; of the 2 that end on this day 2 are in cold storage"
    assert [line.split(maxsplit=2)[2] for line in lines[2:3]] == ["4"]
    assert "rows out    2, of them 1 of bad quality" in told.stdout
    assert "duplicates  2 dropped, of them 1 not the same" in told.stdout
    assert "gaps        3 of 3 signals were silent for longer than 3 heartbeats" in told.stdout
    assert f"{PUMP}       1 ×         24 h in all,         24 h at most" in told.stdout
    assert "… and 1 more" in lines[-1]
    feed.send((f"{DAY} 11:00:00", 3.0), late_s=86_400)
    assert run(folder, lake, "--due").returncode == 0
    assert "rows out    3" in run(folder, lake, "--day", DAY, report=True).stdout


def test_a_range_is_loaded_day_by_day_and_goes_on_where_it_was_killed(tmp_path: Path, folder: Path) -> None:
    lake = tmp_path / "lake"
    store = open_store(str(lake))
    feed = Feed(store, folder, chunk=10)
    for day in DAYS:
        feed.send(*((f"{day} {hour:02d}:00:00", float(hour)) for hour in range(24)))
    killed = subprocess.Popen(
        command(folder, lake, "--from", DAYS[0], "--to", DAYS[-1]), cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        wait_until(lambda: store.stat(names.day_manifest(REFINERY, DAYS[2])), 60, 0.005)
    finally:
        psutil.Process(killed.pid).kill()
        told, _ = killed.communicate()
    begun = len(told.splitlines())
    assert begun < len(DAYS), "it was too quick to be killed"
    again = run(folder, lake, "--from", DAYS[0], "--to", DAYS[-1])
    assert again.returncode == 0, again.stderr
    reports = [json.loads(line) for line in again.stdout.splitlines()]
    assert [report["day"] for report in reports] == DAYS
    assert [report["unchanged"] for report in reports[: max(begun, 3)]] == [True] * max(begun, 3)
    assert not reports[-1]["unchanged"]
    assert {report["rows_out"] for report in reports} == {24}
    assert "(10 of 10 days, about 0 min left)" in again.stderr
    whole = tmp_path / "whole"
    other = Feed(open_store(str(whole)), folder, chunk=10)
    for day in DAYS:
        other.send(*((f"{day} {hour:02d}:00:00", float(hour)) for hour in range(24)))
    assert run(folder, whole, "--due").returncode == 0
    assert fingerprint(store, *DAYS) == fingerprint(open_store(str(whole)), *DAYS)


def test_a_day_that_cannot_be_loaded_keeps_no_other_of_the_range_waiting_and_the_command_says_so(
    tmp_path: Path, folder: Path
) -> None:
    lake = tmp_path / "lake"
    store = open_store(str(lake))
    Feed(store, folder, chunk=1).send((f"{DAY} 10:00:00", 1.0), (f"{NEXT_DAY} 10:00:00", 2.0))
    first = next(iter(store.list("raw/")))
    store.replace(first.name, b"torn", first.generation, first.metadata)
    told = run(folder, lake, "--from", DAY, "--to", NEXT_DAY)
    assert told.returncode == 1
    assert "cannot be read as Parquet" in told.stderr
    assert [json.loads(line)["day"] for line in told.stdout.splitlines()] == [NEXT_DAY]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--day", "tomorrow"], "loader: day 'tomorrow': write YYYY-MM-DD"),
        (["--day", "0001-01-01"], "loader: day 0001-01-01: a lake holds no day before 1900-01-01"),
        (["--from", NEXT_DAY, "--to", DAY], f"loader: {NEXT_DAY} to {DAY}: the range ends before it begins"),
        (["--from", DAY, "--to", names.day_of(now_us())], "is not over (UTC); the last day that can be loaded is"),
    ],
)
def test_bad_input_is_told_in_one_sentence(tmp_path: Path, folder: Path, arguments: list[str], words: str) -> None:
    told = run(folder, tmp_path / "lake", *arguments)
    assert told.returncode == 2
    assert words in told.stderr
    assert len(told.stderr.splitlines()) == 1
