"""The historian on DuckDB: the open day, late events, roll-ups, times, cancel."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import numpy as np
import pytest

from contracts import names, tables
from data.historians.asking import split_days
from data.historians.duckdb import DuckDbEngine, open_duckdb
from data.historians.historian import Cancel, Cancelled, HistorianError, TimedOut, TooManyRows
from data.historians.opening import open_historian
from data.historians.sql_historian import SqlHistorian
from data.historians.statements import Days
from tests.engines.lake_files import Row, us, write, write_day, write_raw

R = "sim-r1"
TOPIC = "sim-r1.tank-farm"
LEVEL, FLOW = "10EGB11CL001XQ01", "10EGA20CF001XQ01"
MINUTE = 60_000_000


def every(step_us: int, first: str, last: str, kks: str = LEVEL) -> list[Row]:
    """A sample each step, first ≤ time < last, its value its number of steps since 1970 modulo 1000."""
    return [(kks, t, float(t // step_us % 1000), 192) for t in range(us(first), us(last), step_us)]


def at(now: str, lake: Path) -> SqlHistorian:
    return open_duckdb(lake, R, lambda: us(now))


def test_an_empty_lake_answers_with_empty_series(tmp_path: Path) -> None:
    historian = at("2026-11-23 10:00:00", tmp_path)
    assert len(historian.raw([LEVEL], 0, us("2026-11-23 10:00:00"))[LEVEL].us) == 0
    assert historian.signals() == ()
    assert historian.span().last is None


def test_files_that_appear_later_are_seen_by_an_open_historian(tmp_path: Path) -> None:
    historian = at("2026-11-23 10:00:00", tmp_path)
    begin, end = us("2026-11-20 00:00:00"), us("2026-11-21 00:00:00")
    assert len(historian.raw([LEVEL], begin, end)[LEVEL].us) == 0
    write_day(tmp_path, R, "2026-11-20", every(MINUTE, "2026-11-20 00:00:00", "2026-11-21 00:00:00"))
    assert len(historian.raw([LEVEL], begin, end)[LEVEL].us) == 1440
    assert historian.span().days == ("2026-11-20",)


@pytest.mark.parametrize("loaded", [True, False], ids=["loaded", "load failed"])
def test_a_span_across_midnight_has_no_gap_and_no_double_whether_the_load_ran_or_not(
    loaded: bool, tmp_path: Path
) -> None:
    write_day(tmp_path, R, "2026-11-21", every(MINUTE, "2026-11-21 00:00:00", "2026-11-22 00:00:00"))
    if loaded:
        write_day(tmp_path, R, "2026-11-22", every(MINUTE, "2026-11-22 00:00:00", "2026-11-23 00:00:00"))
    # Chunks hold all days and overlap: what a gateway sent again after a crash is there twice.
    write_raw(tmp_path, TOPIC, 0, every(MINUTE, "2026-11-21 00:00:00", "2026-11-22 18:00:00"))
    write_raw(tmp_path, TOPIC, 5000, every(MINUTE, "2026-11-22 17:00:00", "2026-11-23 00:05:00"))
    historian = at("2026-11-23 00:05:00", tmp_path)
    begin, end = us("2026-11-21 12:00:00"), us("2026-11-23 00:05:00")
    series = historian.raw([LEVEL], begin, end)[LEVEL]
    assert series.us.tolist() == list(range(begin, end, MINUTE))
    for count in (5, 100, 3000):
        told = historian.buckets([LEVEL], begin, end, count)
        assert told.tags[LEVEL].n.sum() >= len(series.us)
        inside = (told.tags[LEVEL].us >= begin) & (told.tags[LEVEL].us < end)
        assert abs(int(told.tags[LEVEL].n[inside].sum()) - len(series.us)) <= told.width_us // MINUTE


def test_an_event_that_came_after_its_day_was_loaded_is_found_and_the_loaded_copy_is_preferred(tmp_path: Path) -> None:
    rows = every(MINUTE, "2026-11-22 00:00:00", "2026-11-23 00:00:00")
    late = (LEVEL, us("2026-11-22 12:00:30"), 7.0, 192)
    write_day(tmp_path, R, "2026-11-22", [(*rows[0][:2], 1.5, 68), *rows[1:]])
    write_raw(tmp_path, TOPIC, 0, [*rows, late])
    series = at("2026-11-23 06:00:00", tmp_path).raw([LEVEL], us("2026-11-22 00:00:00"), us("2026-11-23 00:00:00"))[
        LEVEL
    ]
    assert len(series.us) == 1441
    assert series.v[series.us == late[1]].tolist() == [7.0]
    assert (series.v[0], series.q[0]) == (1.5, 68)


def test_another_refinerys_events_are_not_told(tmp_path: Path) -> None:
    write_raw(tmp_path, "r10.tank-farm", 0, every(MINUTE, "2026-11-23 00:00:00", "2026-11-23 01:00:00"))
    write_day(tmp_path, "r10", "2026-11-20", every(MINUTE, "2026-11-20 00:00:00", "2026-11-20 01:00:00"))
    historian = open_duckdb(tmp_path, "r1", lambda: us("2026-11-23 02:00:00"))
    assert len(historian.raw([LEVEL], us("2026-11-20 00:00:00"), us("2026-11-23 02:00:00"))[LEVEL].us) == 0


def test_bad_samples_count_but_do_not_move_extremes_and_mean(tmp_path: Path) -> None:
    t = us("2026-11-20 00:00:00")
    write_day(
        tmp_path,
        R,
        "2026-11-20",
        [(LEVEL, t, 1.0, 192), (LEVEL, t + 1, 3.0, 68), (LEVEL, t + 2, 99.0, 12), (LEVEL, t + 3, None, 24)],
    )
    told = at("2026-11-23 00:00:00", tmp_path).buckets([LEVEL, FLOW], t, t + 10, 1)
    one = told.tags[LEVEL]
    assert (one.v_min[0], one.v_max[0], one.v_mean[0]) == (1.0, 3.0, 2.0)
    assert (one.n[0], one.n_good[0], one.q_worst[0]) == (4, 1, 12)
    assert len(told.tags[FLOW].us) == 0


def test_a_bucket_without_a_usable_sample_has_no_value(tmp_path: Path) -> None:
    t = us("2026-11-20 00:00:00")
    write_day(tmp_path, R, "2026-11-20", [(LEVEL, t, None, 24), (LEVEL, t + 2_000_000, 4.0, 192)])
    for count, span in ((2, 4_000_000), (1440, 1440 * MINUTE)):
        told = at("2026-11-23 00:00:00", tmp_path).buckets([LEVEL], t, t + span, count)
        assert told.tags[LEVEL].n.sum() == 2
    first = at("2026-11-23 00:00:00", tmp_path).buckets([LEVEL], t, t + 4_000_000, 2).tags[LEVEL]
    assert np.isnan([first.v_min[0], first.v_max[0], first.v_mean[0]]).all()
    assert first.v_mean[1] == 4.0


def test_wide_buckets_come_from_the_coarsest_roll_up_that_fits_and_say_so(tmp_path: Path) -> None:
    for day in range(1, 15):
        name = f"2026-10-{day:02d}"
        write_day(tmp_path, R, name, every(10_000_000, f"{name} 00:00:00", f"{name} 23:59:59"))
    historian = at("2026-11-23 00:00:00", tmp_path)
    begin, end = us("2026-10-01 00:00:00"), us("2026-10-15 00:00:00")
    assert [historian.buckets([LEVEL], begin, end, n).table for n in (10, 100, 2000, 30_000)] == [
        tables.DAY_TABLE,
        tables.HOUR_TABLE,
        tables.MINUTE_TABLE,
        tables.HISTORY_TABLE,
    ]
    by_engine, merged_here = (historian.buckets([LEVEL], begin, end, n).tags[LEVEL] for n in (15, 14))
    assert by_engine.n.sum() == merged_here.n.sum() == 14 * 8640
    assert (by_engine.v_min.min(), by_engine.v_max.max()) == (0.0, 999.0)


def test_the_last_value_before_a_time_is_found_no_further_back_than_asked(tmp_path: Path) -> None:
    t = us("2026-11-20 12:00:00")
    rows = [(LEVEL, t - 30_000_000, 1.0, 192), (LEVEL, t, 2.0, 192), (LEVEL, t + 1, 3.0, 192)]
    write_day(tmp_path, R, "2026-11-20", rows)
    historian = at("2026-11-23 00:00:00", tmp_path)
    assert historian.value_at([LEVEL], t, lookback_s=10)[LEVEL].v.tolist() == [2.0]
    assert historian.value_at([LEVEL], t - 1, lookback_s=60)[LEVEL].v.tolist() == [1.0]
    assert len(historian.value_at([LEVEL], t - 1, lookback_s=10)[LEVEL].v) == 0


@pytest.mark.parametrize(
    "when",
    ["1950-06-01 12:00:00.000001", "2026-03-29 01:30:00", "2026-10-25 01:30:00.999999", "2100-02-28 23:59:59.999999"],
)
def test_a_time_is_told_to_the_microsecond_in_any_year(when: str, tmp_path: Path) -> None:
    day = when[:10]
    write_day(tmp_path, R, day, [(LEVEL, us(when), 1.0, 192)])
    historian = open_duckdb(tmp_path, R, lambda: us("2101-01-01 00:00:00"))
    assert historian.raw([LEVEL], us(when), us(when) + 1)[LEVEL].us.tolist() == [us(when)]
    assert len(historian.raw([LEVEL], us(when) + 1, us(when) + 2)[LEVEL].us) == 0
    assert historian.value_at([LEVEL], us(when), lookback_s=1)[LEVEL].us.tolist() == [us(when)]


def test_more_samples_than_the_limit_are_refused_not_cut(tmp_path: Path) -> None:
    write_day(tmp_path, R, "2026-11-20", every(MINUTE, "2026-11-20 00:00:00", "2026-11-21 00:00:00"))
    historian = at("2026-11-23 00:00:00", tmp_path)
    begin, end = us("2026-11-20 00:00:00"), us("2026-11-21 00:00:00")
    assert len(historian.raw([LEVEL], begin, end, limit=1440)[LEVEL].us) == 1440
    with pytest.raises(TooManyRows, match="more than 1439 samples"):
        historian.raw([LEVEL], begin, end, limit=1439)


def test_only_the_partitions_asked_for_are_read(tmp_path: Path) -> None:
    for day in range(1, 11):
        name = f"2026-10-{day:02d}"
        write_day(tmp_path, R, name, every(MINUTE, f"{name} 00:00:00", f"{name} 23:59:59"))
    for day in range(2, 11):
        (tmp_path / names.day_file("history", R, f"2026-10-{day:02d}")).write_bytes(b"not Parquet")
    historian = at("2026-11-23 00:00:00", tmp_path)
    assert len(historian.raw([LEVEL], us("2026-10-01 00:00:00"), us("2026-10-01 12:00:00"))[LEVEL].us) == 720


def test_a_broken_file_is_told_in_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / names.day_file("history", R, "2026-10-02")
    file.parent.mkdir(parents=True)
    file.write_bytes(b"not Parquet at all")
    with pytest.raises(HistorianError, match=r"part-0\.parquet") as raised:
        at("2026-11-23 00:00:00", tmp_path).raw([LEVEL], us("2026-10-02 00:00:00"), us("2026-10-02 12:00:00"))
    assert "\n" not in str(raised.value)


@pytest.fixture(scope="module")
def heavy(tmp_path_factory: pytest.TempPathFactory) -> SqlHistorian:
    """Two million samples, asked for in a way that takes DuckDB some seconds."""
    lake = tmp_path_factory.mktemp("heavy")
    step = 40_000
    write(
        lake,
        names.day_file("history", R, "2026-10-01"),
        tables.HISTORY,
        every(step, "2026-10-01 00:00:00", "2026-10-01 06:00:00"),
    )
    historian = open_duckdb(lake, R, lambda: us("2026-11-23 00:00:00"))
    engine = historian._engine
    assert isinstance(engine, DuckDbEngine)
    engine._see_new_files()
    engine._root.execute(
        "CREATE OR REPLACE VIEW history AS SELECT a.* REPLACE (a.v + b.v AS v) FROM "
        f"read_parquet('{lake.as_posix()}/history/*/*/*.parquet', hive_partitioning = true, "
        "hive_types = {'refinery': VARCHAR, 'day': VARCHAR}) a, range(3000) t(x), (SELECT 1.0 AS v) b "
        "WHERE a.v + x >= 0"
    )
    return historian


def ask(historian: SqlHistorian, **how: object) -> None:
    historian.buckets([LEVEL], us("2026-10-01 00:00:00"), us("2026-10-01 00:59:00"), 200, **how)  # type: ignore[arg-type]


def test_a_cancelled_call_ends_within_100_ms(heavy: SqlHistorian) -> None:
    cancel = Cancel()
    started = threading.Event()
    times: list[float] = []

    def press() -> None:
        started.wait(5)
        times.append(time.monotonic())
        cancel.cancel()

    person = threading.Thread(target=press)
    person.start()
    with pytest.raises(Cancelled):
        ask(heavy, cancel=cancel, progress=lambda *_: started.set())
    ended = time.monotonic()
    person.join()
    assert ended - times[0] < 0.1 + 0.4, "0.1 s for the person, the rest for a loaded machine"


def test_a_call_ends_at_its_time_limit(heavy: SqlHistorian) -> None:
    with pytest.raises(TimedOut, match=r"no answer within 0\.2 s"):
        ask(heavy, timeout_s=0.2)


def test_a_token_that_is_already_cancelled_starts_nothing(heavy: SqlHistorian) -> None:
    cancel = Cancel()
    cancel.cancel()
    with pytest.raises(Cancelled):
        ask(heavy, cancel=cancel)


def test_days_are_split_into_settled_and_growing() -> None:
    done, growing = split_days(
        us("2026-11-18 12:00:00"),
        us("2026-11-23 00:05:00"),
        ["2026-11-18", "2026-11-20", "2026-11-21", "2026-11-22"],
        us("2026-11-23 00:05:00"),
    )
    assert done == Days("2026-11-18", "2026-11-20", ("2026-11-19",))
    assert growing == Days("2026-11-19", "2026-11-23", ("2026-11-20",))


@pytest.mark.parametrize(
    ("place", "words"),
    [("mysql://x", "is hive://host:port or a lake folder"), ("/no/such/lake", "no such lake folder")],
)
def test_a_place_that_is_no_historian_is_told(place: str, words: str) -> None:
    with pytest.raises(HistorianError, match=words):
        open_historian(place, R)


def test_a_span_that_ends_before_it_begins_is_told(tmp_path: Path) -> None:
    with pytest.raises(HistorianError, match="ends before it begins"):
        at("2026-11-23 00:00:00", tmp_path).raw([LEVEL], 10, 10)
