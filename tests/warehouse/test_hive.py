"""A real HiveServer2 reads gs:// and says what DuckDB says of the same files."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from sqlalchemy import (
    Column,
    Date,
    DateTime,
    Double,
    MetaData,
    String,
    Table,
    create_engine,
    inspect,
    select,
    text,
)

from cloud.warehouse import partitions, schema
from cloud.warehouse.__main__ import main
from cloud.warehouse.client import HiveClient
from contracts import tables, views
from data.historians.historian import Cancel, Cancelled, Historian, HistorianError, TimedOut
from data.historians.opening import open_historian
from runtime.object_store import open_store
from tests.engines.box import Box, wait_until
from tests.engines.hive import HiveBox
from tests.engines.lake_files import Row, us, write_day, write_raw

pytestmark = pytest.mark.engine

R = "sim-west"
LEVEL, FLOW, VALVE = "10EGB11CL001XQ01", "10EGA20CF001XQ01", "10EGB11AA001XB01"
NOW = us("2026-10-26 00:05:00")
REFERENCE = Path(__file__).parents[2] / "resources" / "plants" / "sim-r1"

ODD_TIMES = (
    "1969-12-31 23:59:59.999999",
    "2026-03-29 02:30:00.5",
    "2100-02-28 23:59:59.999999",
)
"""Before 1970, in the hours that daylight saving skips and repeats in Europe, and far ahead."""


def rows_of(day: str, from_hour: int = 0, to_hour: int = 24) -> list[Row]:
    """A level each 10 s, a flow each 30 s (some of it bad), a valve now and then."""
    start = us(f"{day} 00:00:00")
    rows: list[Row] = []
    for n in range(from_hour * 360, to_hour * 360):
        t = start + n * 10_000_000
        rows.append((LEVEL, t, 5 + np.sin(n / 500), 192))
        if n % 3 == 0:
            bad = n % 100 == 0
            rows.append((FLOW, t + 250_000, None if bad else 900.0 + n % 17, 24 if bad else 192 if n % 5 else 68))
        if n % 720 == 0:
            rows.append((VALVE, t + 1, float(n // 720 % 2), 192))
    return rows


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory, hive: HiveBox) -> Path:
    """25 October 2026 was not loaded, 23 and 24 were; a late event of the 24th; all in raw chunks too."""
    folder = tmp_path_factory.mktemp("lake")
    days = ("2026-10-23", "2026-10-24", "2026-10-25")
    for day in days[:2]:
        write_day(folder, R, day, rows_of(day))
    for day in {when[:10] for when in ODD_TIMES}:
        write_day(folder, R, day, [(LEVEL, us(when), 1.0, 192) for when in ODD_TIMES if when.startswith(day)])
    topic = f"{R}.tanks"
    write_raw(folder, topic, 0, [row for day in days[1:] for row in rows_of(day)])
    late = (LEVEL, us("2026-10-24 12:00:05"), 77.0, 192)
    write_raw(folder, topic, 50_000, [*rows_of("2026-10-25", 23), *rows_of("2026-10-26", 0, 1)[:40], late])
    hive.upload(folder)
    with HiveClient(hive.address) as client, pytest.MonkeyPatch.context() as patch:
        patch.setenv("STORAGE_EMULATOR_HOST", hive.emulator)
        partitions.repair_days(client)
        partitions.RawPartitions(open_store(hive.lake), hive.lake).follow(client)
    return folder


@pytest.fixture(scope="module")
def both(hive: HiveBox, lake: Path) -> Iterator[tuple[Historian, Historian]]:
    """Hive over gs://, DuckDB over the same files."""
    found = (
        open_historian(f"hive://{hive.address}", R, lambda: NOW),
        open_historian(str(lake), R, lambda: NOW),
    )
    yield found
    for one in found:
        one.close()


def test_the_tables_lie_in_the_bucket(hive: HiveBox) -> None:
    with HiveClient(hive.address) as client:
        told = "\n".join(row[0] for row in client.run("SHOW CREATE TABLE history"))
        applied = client.run("SELECT version, script, lake FROM schema_version")
    assert f"'{hive.lake}/history'" in told
    wanted = [*schema.scripts(), *schema.views()]
    assert [(row[0], row[1], row[2]) for row in applied] == [(each.version, each.name, hive.lake) for each in wanted]


def test_applying_the_ddl_again_changes_nothing(hive: HiveBox) -> None:
    with HiveClient(hive.address) as client:
        assert schema.apply(client, hive.lake) == []


QUESTIONS: dict[str, Callable[[Historian], Any]] = {
    "loaded days": lambda h: h.span(),
    "an hour of a loaded day": lambda h: h.raw([LEVEL, FLOW], us("2026-10-23 10:00:00"), us("2026-10-23 11:00:00")),
    "across midnight, load not run": lambda h: h.raw([LEVEL, FLOW, VALVE], us("2026-10-24 11:00:00"), NOW),
    "buckets of samples": lambda h: h.buckets([LEVEL, FLOW], us("2026-10-23 10:00:00"), us("2026-10-23 11:00:00"), 97),
    "minutes, plain": lambda h: h.buckets([LEVEL, FLOW], us("2026-10-23 00:00:00"), us("2026-10-24 00:00:00"), 700),
    "minutes, merged by the engine": lambda h: h.buckets(
        [LEVEL], us("2026-10-23 00:00:00"), us("2026-10-24 00:00:00"), 99
    ),
    "hours and the open day": lambda h: h.buckets([LEVEL, FLOW], us("2026-10-23 00:00:00"), NOW, 40),
    "a day and the open day": lambda h: h.buckets([LEVEL, FLOW, VALVE], us("2026-10-20 00:00:00"), NOW, 2),
    "value at a time, loaded": lambda h: h.value_at([LEVEL, FLOW, VALVE], us("2026-10-23 12:00:00"), lookback_s=7200),
    "value at a time, open": lambda h: h.value_at([LEVEL, FLOW, VALVE], us("2026-10-26 00:00:00"), lookback_s=7200),
    "nothing there": lambda h: h.raw(["10XXX11CL001XQ01"], us("2026-10-23 00:00:00"), us("2026-10-24 00:00:00")),
    "no signals known": lambda h: h.signals(),
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_hive_and_duckdb_give_the_same_answer(question: str, both: tuple[Historian, Historian]) -> None:
    of_hive, of_duckdb = (QUESTIONS[question](historian) for historian in both)
    assert_same(of_hive, of_duckdb)


def assert_same(one: Any, other: Any) -> None:
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
    else:
        assert one == other


def test_no_gap_no_double_and_no_late_event_lost_across_midnight_with_the_load_not_run(
    both: tuple[Historian, Historian],
) -> None:
    begin = us("2026-10-24 11:00:00")
    series = both[0].raw([LEVEL], begin, NOW)[LEVEL]
    expected = {*range(begin, NOW, 10_000_000), us("2026-10-24 12:00:05")}
    # The open day holds 40 rows, of which every third is a flow and one a valve.
    last = max(t for kks, t, *_ in rows_of("2026-10-26", 0, 1)[:40] if kks == LEVEL)
    assert series.us.tolist() == sorted(t for t in expected if t <= last)


def test_odd_times_are_exact_to_the_microsecond(hive: HiveBox, lake: Path) -> None:
    """Each day alone: a day between is a partition that is not there, and plain selects are what this is about."""
    for place in (f"hive://{hive.address}", str(lake)):
        historian = open_historian(place, R, lambda: us("2101-01-01 00:00:00"))
        for day in sorted({when[:10] for when in ODD_TIMES}):
            wanted = sorted(us(when) for when in ODD_TIMES if when.startswith(day))
            begin, end = wanted[0], wanted[-1]
            assert historian.raw([LEVEL], begin, end + 1)[LEVEL].us.tolist() == wanted
            assert historian.raw([LEVEL], begin + 1, end + 2)[LEVEL].us.tolist() == wanted[1:]
        historian.close()


def test_a_plants_dimension_tables_are_read_by_hive(
    hive: HiveBox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", hive.emulator)
    assert main(["apply", "--lake", hive.lake, "--hive", hive.address, "--plant", str(REFERENCE)]) == 0
    capsys.readouterr()
    historian = open_historian(f"hive://{hive.address}", "sim-r1", lambda: NOW)
    known = {signal.kks: signal for signal in historian.signals()}
    historian.close()
    assert known[LEVEL].role == "level"
    assert known[LEVEL].unit == "m"


def slow(historian: Historian, **how: Any) -> None:
    historian.buckets([LEVEL, FLOW], us("2026-10-24 00:00:00"), NOW, 500, **how)


def test_a_cancelled_query_returns_at_once_and_ends_on_the_server(both: tuple[Historian, Historian]) -> None:
    cancel, pressed = Cancel(), []
    heard = threading.Event()

    def press() -> None:
        heard.wait(60)
        pressed.append(time.monotonic())
        cancel.cancel()

    person = threading.Thread(target=press)
    person.start()
    with pytest.raises(Cancelled):
        slow(both[0], cancel=cancel, progress=lambda *_: heard.set())
    ended = time.monotonic()
    person.join()
    assert ended - pressed[0] < 0.1 + 0.4, "0.1 s for the person, the rest for a loaded machine"
    # The statement's thread ends once the server has confirmed the cancellation.
    wait_until(lambda: not [thread for thread in threading.enumerate() if thread.name == "hive statement"], 20)
    assert_same(*(QUESTIONS["an hour of a loaded day"](historian) for historian in both))


def test_a_query_ends_at_its_time_limit(both: tuple[Historian, Historian]) -> None:
    with pytest.raises(TimedOut, match="Hive gave no answer within"):
        slow(both[0], timeout_s=0.5)


def test_progress_tells_how_far_mapreduce_is(both: tuple[Historian, Historian]) -> None:
    told: list[tuple[float | None, int, str]] = []
    slow(both[0], progress=lambda *step: told.append(step))
    assert any(fraction is not None and stage.startswith("Stage-") for fraction, _, stage in told)


def test_our_dialect_finds_tables_views_columns_and_binds_times(hive: HiveBox, lake: Path) -> None:
    engine = create_engine(f"hive+sinoptico://{hive.address}/default")
    history = Table(
        "history",
        MetaData(),
        *(
            Column("kks", String),
            Column("ts", DateTime),
            Column("v", Double),
            Column("refinery", String),
            Column("day", String),
        ),
    )
    try:
        found = inspect(engine)
        assert not found.has_table("no_such_table")
        assert {"history", "history_raw", "history_open", "signals"} <= set(found.get_table_names())
        assert set(found.get_view_names()) == {"history_all", "current_signals", "schema_version", *views.names()}
        assert {column["name"]: str(column["type"]) for column in found.get_columns("history")} == {
            "kks": "VARCHAR",
            "ts": "TIMESTAMP",
            "v": "DOUBLE",
            "q": "SMALLINT",
            "refinery": "VARCHAR",
            "day": "VARCHAR",
        }
        when = datetime(2026, 10, 23, 10, tzinfo=UTC)
        statement = select(history.c.ts, history.c.v).where(
            history.c.refinery == R, history.c.day == "2026-10-23", history.c.kks == LEVEL, history.c.ts == when
        )
        with engine.connect() as connection:
            assert connection.execute(statement).one().ts == when.replace(tzinfo=None)
            dated = text("SELECT DATE '2026-10-25' AS d").columns(Column("d", Date))
            assert connection.execute(dated).scalar_one() == date(2026, 10, 25)
    finally:
        engine.dispose()


def test_hive_that_is_not_there_or_has_no_tables_is_told_in_one_sentence(hive: HiveBox) -> None:
    away = open_historian("hive://127.0.0.1:9", R)
    with pytest.raises(HistorianError, match=r"Hive at 127\.0\.0\.1:9: it does not answer"):
        away.span()
    with HiveClient(hive.address) as client:
        client.run("CREATE DATABASE IF NOT EXISTS bare")
    bare = open_historian(f"hive://{hive.address}/bare", R)
    with pytest.raises(HistorianError, match=r"python -m cloud\.warehouse apply"):
        bare.span()
    bare.close()


def test_a_folder_serves_as_a_lake_too(hive: HiveBox, lake: Path) -> None:
    with HiveClient(hive.address) as client:
        client.run("CREATE DATABASE IF NOT EXISTS in_a_folder")
    with HiveClient(hive.address, "in_a_folder") as client:
        schema.apply(client, str(lake))
        partitions.repair_days(client)
        told = "\n".join(row[0] for row in client.run("SHOW CREATE TABLE history"))
    assert f"'{lake.as_uri()}/history'" in told.replace("file:/", "file:///").replace("file://///", "file:///")
    historian = open_historian(f"hive://{hive.address}/in_a_folder", R, lambda: NOW)
    twin = open_historian(str(lake), R, lambda: NOW)
    assert_same(*(QUESTIONS["an hour of a loaded day"](one) for one in (historian, twin)))
    historian.close()


def test_a_new_folder_of_chunks_becomes_a_partition_by_itself(hive: HiveBox, tmp_path: Path) -> None:
    write_raw(tmp_path, "sim-new.tanks", 0, [(LEVEL, us("2026-10-26 00:00:00"), 1.0, 192)])
    before = int(hive.last["folders"])
    hive.upload(tmp_path)
    wait_until(lambda: int(hive.last["folders"]) > before, 60)
    with HiveClient(hive.address) as client:
        told = client.run(f"SHOW PARTITIONS {tables.RAW_TABLE}")
    assert ("refinery=sim-new/zone=tanks/part=p000/since=0000-00-00",) in told


def test_a_hive_that_runs_elsewhere_is_followed_by_a_process_of_its_own(hive: HiveBox) -> None:
    with Box(
        "cloud.warehouse", "follow", "--lake", hive.lake, "--hive", hive.address,
        env={"STORAGE_EMULATOR_HOST": hive.emulator},
    ) as follower:  # fmt: skip
        follower.wait_ready(60)
        assert follower.last["hive"] == hive.address
        assert follower.stop() == 0


def test_the_server_runs_alone_on_its_state_folder_and_its_jvm_is_guarded(hive: HiveBox) -> None:
    assert "HiveServer2" in " ".join(psutil.Process(hive.jvm_pid).cmdline())
    guards = [p for p in psutil.Process(hive.process.pid).children() if "runtime.jvm_guard" in " ".join(p.cmdline())]
    assert len(guards) == 1
