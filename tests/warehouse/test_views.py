"""The analysts' views: right, with what was valid at a sample's time, and the same on Hive over gs:// and on DuckDB."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cloud.warehouse import dimensions, partitions
from cloud.warehouse.client import HiveClient
from contracts import names, plant, views
from contracts.sample import now_us
from data.historians.duckdb import DuckDbEngine
from runtime.object_store import open_store
from tests.engines.hive import HiveBox
from tests.engines.lake_files import us, write_day, write_raw

R = "sim-views"
LEVEL, TEMPERATURE, MOVED = "10EGB11CL001XQ01", "10EGB11CT001XQ01", "10EGB12CP001XQ01"
TANK, OTHER = "10EGB11BB001", "10EGB12BB001"
DAY, NEXT = "2026-03-28", "2026-03-29"
NOW = now_us()
CHANGED = datetime(2026, 3, 29, 12, tzinfo=UTC)

HEADER = "kks,description,unit,kind,role,low,high,plc,address,zone,equipment,design_min,design,design_max"
BEFORE = f"""{HEADER}
{LEVEL},Level of tank 1,m,analog,level,0,18,p1,input-register:1:REAL,tanks,{TANK},4,10,15
{TEMPERATURE},Temperature of tank 1,°C,analog,temperature,0,100,p1,input-register:3:REAL,tanks,{TANK},,,
{MOVED},Pressure,bar,analog,pressure,0,10,p1,input-register:5:REAL,tanks,{TANK},,,
"""
AFTER = (
    BEFORE.replace("level,0,18", "level,0,20")
    .replace(f"tanks,{TANK},4,10,15", f"tanks,{TANK},4,12,16")
    .replace(
        f"pressure,0,10,p1,input-register:5:REAL,tanks,{TANK}", f"pressure,0,10,p1,input-register:5:REAL,lpg,{OTHER}"
    )
)
TOML = f"""[refinery]
id = "{R}"
name = "Views"
timezone = "Europe/Madrid"
heartbeat_s = 10
[plc.p1]
connection = "modbus-tcp://127.0.0.1:1"
scan_s = 1
[[tanks]]
kks = "{TANK}"
name = "Tank 1"
product = "Brent"
service = "crude"
level = "{LEVEL}"
temperature = "{TEMPERATURE}"
strapping = "strapping.csv"
density_15c_kg_m3 = 834.0
"""


def write_plant(folder: Path, signals: str) -> Path:
    folder.mkdir()
    (folder / "plant.toml").write_text(TOML, encoding="utf-8")
    (folder / "signals.csv").write_text(signals, encoding="utf-8")
    (folder / "strapping.csv").write_text("level_m,volume_m3\n0,0\n20,20000\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two loaded days, a sample of today in a raw chunk, and a plant whose tags were re-ranged and moved at noon."""
    folder, home = tmp_path_factory.mktemp("lake"), tmp_path_factory.mktemp("plants")
    for day in (DAY, NEXT):
        hours = [us(f"{day} {hour:02d}:30:00") for hour in range(24)]
        rows = [(LEVEL, t, 5 + n / 2, 192) for n, t in enumerate(hours)]
        rows += [(TEMPERATURE, t, 20.0 + n, 192 if n % 2 else 24) for n, t in enumerate(hours)]
        rows += [(MOVED, t, 3.0, 192) for t in hours]
        write_day(folder, R, day, rows)
    write_raw(folder, f"{R}.tanks", 0, [(LEVEL, NOW - 2_000_000, 1.0, 192), (LEVEL, NOW - 1_000_000, 7.5, 192)])
    store = open_store(str(folder))
    dimensions.write(store, plant.load(write_plant(home / "before", BEFORE)), datetime(2026, 1, 1, tzinfo=UTC))
    changed = dimensions.write(store, plant.load(write_plant(home / "after", AFTER)), CHANGED)
    assert set(changed) == {"zones", "equipment", "signals", "design_conditions"}
    return folder


Ask = Callable[[str], list[tuple[Any, ...]]]


@pytest.fixture(scope="module", params=["duckdb", pytest.param("hive", marks=pytest.mark.engine)])
def ask(request: pytest.FixtureRequest, lake: Path) -> Iterator[Ask]:
    """Asks an engine in SQL that both understand."""
    if request.param == "duckdb":
        engine = DuckDbEngine(lake, R)
        engine._see_new_files()  # as each statement of the historian begins
        yield lambda sql: engine._root.cursor().execute(sql).fetchall()
        engine.close()
        return
    hive: HiveBox = request.getfixturevalue("hive")
    hive.upload(lake)
    with HiveClient(hive.address) as client:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("STORAGE_EMULATOR_HOST", hive.emulator)
            partitions.repair_days(client)
            partitions.RawPartitions(open_store(hive.lake), hive.lake).follow(client)
        yield client.run


def test_a_sample_has_the_unit_range_and_place_that_were_valid_at_its_time(ask: Ask) -> None:
    rows = ask(
        "SELECT kks, substr(CAST(ts AS STRING), 12, 5) AS at, v, description, unit, high, zone, equipment, "
        f"equipment_name FROM history_described WHERE refinery = '{R}' AND day = '{NEXT}' "
        f"AND kks IN ('{LEVEL}', '{MOVED}') AND hour(ts) IN (11, 12)"
    )
    assert sorted(rows) == [
        (LEVEL, "11:30", 10.5, "Level of tank 1", "m", 18.0, "tanks", TANK, "Tank 1"),
        (LEVEL, "12:30", 11.0, "Level of tank 1", "m", 20.0, "tanks", TANK, "Tank 1"),
        (MOVED, "11:30", 3.0, "Pressure", "bar", 10.0, "tanks", TANK, "Tank 1"),
        (MOVED, "12:30", 3.0, "Pressure", "bar", 10.0, "lpg", OTHER, None),
    ]


def test_the_latest_value_of_each_signal_of_these_days(ask: Ask) -> None:
    rows = ask(f"SELECT kks, v, q, unit, description, day FROM latest_value WHERE refinery = '{R}'")
    assert rows == [(LEVEL, 7.5, 192, "m", "Level of tank 1", names.day_of(NOW - 1_000_000))]


def test_the_share_of_good_samples_of_a_day(ask: Ask) -> None:
    rows = ask(
        "SELECT day, kks, samples, samples_good, share_of_samples_good, q_worst, equipment "
        f"FROM quality_day WHERE refinery = '{R}' AND month = '2026-03' AND kks <> '{MOVED}'"
    )
    assert sorted(rows) == [
        (day, kks, 24, good, good / 24, worst, TANK)
        for day in (DAY, NEXT)
        for kks, good, worst in ((LEVEL, 24, 192), (TEMPERATURE, 12, 24))
    ]


def test_a_tanks_day_in_one_row(ask: Ask) -> None:
    rows = ask(
        "SELECT day, tank, name, product, level_unit, level_min, level_max, level_mean, level_first_hour, "
        f"level_last_hour, temperature_mean FROM tank_day WHERE refinery = '{R}' AND month = '2026-03'"
    )
    assert sorted(rows) == [
        (day, TANK, "Tank 1", "Brent", "m", 5.0, 16.5, pytest.approx(10.75), 5.0, 16.5, pytest.approx(32.0))
        for day in (DAY, NEXT)
    ]


def test_how_far_an_hour_was_from_the_design_of_its_time(ask: Ask) -> None:
    rows = ask(
        "SELECT substr(CAST(ts AS STRING), 12, 2) AS hour_of_day, design, deviation, below_design, above_design "
        f"FROM design_deviation_hour WHERE refinery = '{R}' AND month = '2026-03' AND kks = '{LEVEL}' "
        f"AND substr(CAST(ts AS STRING), 1, 10) = '{NEXT}'"
    )
    wanted = []
    for n in range(24):
        design, most = (10.0, 15.0) if n < 12 else (12.0, 16.0)
        value = 5 + n / 2
        wanted.append((f"{n:02d}", design, value - design, value < 4, value > most))
    assert sorted(rows) == wanted


def test_every_view_is_asked_for_here() -> None:
    assert set(views.names()) == {
        "history_described", "latest_value", "quality_day", "tank_day", "design_deviation_hour",
    }  # fmt: skip
