"""The DDL says what the contracts say; plants' files become dimension tables with validity in time."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from cloud.warehouse import dimensions, schema
from cloud.warehouse.__main__ import main
from contracts import plant, tables
from runtime.object_store import open_store

REFERENCE = Path(__file__).parents[2] / "resources" / "plants" / "sim-r1"


def declared() -> dict[str, tuple[list[tuple[str, str]], list[tuple[str, str]]]]:
    """Table → (columns, partition columns) of all CREATE TABLE statements."""
    found = {}
    for script in schema.scripts():
        for statement in script.statements("gs://lake"):
            match = re.match(
                r"CREATE EXTERNAL TABLE IF NOT EXISTS (\w+) \((.*?)\n\)\s*(?:PARTITIONED BY \((.*?)\)\s*)?"
                r"STORED AS PARQUET\s+LOCATION 'gs://lake/([\w/]+)'",
                statement,
                re.DOTALL,
            )
            if match:
                found[match[1]] = (columns(match[2]), columns(match[3] or ""))
    return found


def columns(text: str) -> list[tuple[str, str]]:
    bare = re.sub(r"COMMENT '[^']*'", "", text)
    return [(name, kind) for name, kind in (part.split() for part in bare.split(",") if part.strip())]


def test_every_table_of_the_contract_is_declared_with_its_columns() -> None:
    wanted = {tables.HISTORY_TABLE: tables.HISTORY, **tables.DIMENSIONS}
    wanted |= dict.fromkeys(tables.ROLLUP_SECONDS, tables.ROLLUP)
    wanted |= dict.fromkeys((tables.RAW_TABLE, tables.OPEN_TABLE), tables.HISTORY_RAW)
    found = declared()
    assert {name: found[name][0] for name in wanted} == {name: [tuple(c) for c in cs] for name, cs in wanted.items()}
    for name in (tables.HISTORY_TABLE, *tables.ROLLUP_SECONDS):
        assert found[name][1] == [tuple(column) for column in tables.partition_columns(name)]


def test_scripts_are_numbered_without_a_hole_and_can_be_run_twice() -> None:
    scripts = schema.scripts()
    assert [script.version for script in scripts] == list(range(1, len(scripts) + 1))
    for script in scripts:
        for statement in script.statements("gs://lake"):
            harmless = ("CREATE EXTERNAL TABLE IF NOT EXISTS", "CREATE OR REPLACE VIEW", "DROP TABLE IF EXISTS")
            assert statement.startswith(harmless), statement


def test_a_lake_folder_becomes_a_file_url_and_a_bucket_stays(tmp_path: Path) -> None:
    assert schema.lake_url("gs://lake/") == "gs://lake"
    assert schema.lake_url(str(tmp_path)) == tmp_path.as_uri()


def test_a_plants_signal_list_becomes_dimension_tables(tmp_path: Path) -> None:
    known = plant.load(REFERENCE)
    store = open_store(str(tmp_path))
    assert dimensions.write(store, known, datetime(2026, 11, 23, tzinfo=UTC)) == list(tables.DIMENSIONS)
    signals = pq.read_table(tmp_path / tables.dimension_file("signals", known.refinery)).to_pylist()
    assert [row["kks"] for row in signals] == [signal.kks for signal in known.signals]
    level = next(row for row in signals if row["role"] == "level")
    assert level["high"] == known.by_kks[level["kks"]].high
    assert level["valid_to"] is None
    assert dimensions.write(store, known, datetime(2026, 11, 24, tzinfo=UTC)) == []


def test_a_changed_row_is_closed_and_written_anew_from_then_on() -> None:
    then, now = datetime.fromisoformat("2026-01-01"), datetime.fromisoformat("2026-06-01")
    old = [
        {"kks": "A", "high": 10.0, "valid_from": then, "valid_to": None},
        {"kks": "B", "high": 5.0, "valid_from": then, "valid_to": None},
        {"kks": "C", "high": 1.0, "valid_from": then, "valid_to": None},
    ]
    rows = [{"kks": "A", "high": 20.0}, {"kks": "B", "high": 5.0}, {"kks": "D", "high": 2.0}]
    assert dimensions.merged(old, rows, ("kks",), now) == [
        {"kks": "A", "high": 10.0, "valid_from": then, "valid_to": now},
        {"kks": "B", "high": 5.0, "valid_from": then, "valid_to": None},
        {"kks": "C", "high": 1.0, "valid_from": then, "valid_to": now},
        {"kks": "A", "high": 20.0, "valid_from": now, "valid_to": None},
        {"kks": "D", "high": 2.0, "valid_from": now, "valid_to": None},
    ]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--lake", "s3://bucket"], "a lake is a folder or gs://bucket"),
        (["--lake", "LAKE", "--plant", "nowhere"], "plant.toml: not found"),
    ],
)
def test_a_bad_argument_is_told_in_one_sentence(
    arguments: list[str], words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["apply", *(word.replace("LAKE", str(tmp_path)) for word in arguments)]) == 2
    assert words in capsys.readouterr().out


def test_a_hive_that_is_not_there_is_told_in_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["apply", "--lake", str(tmp_path), "--hive", "127.0.0.1:9"]) == 1
    assert "Hive at 127.0.0.1:9 does not answer" in capsys.readouterr().out
