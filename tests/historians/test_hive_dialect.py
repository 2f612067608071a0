"""What our Hive dialect makes of SQLAlchemy's statements, without a server."""

from __future__ import annotations

import re
import socket
from datetime import UTC, date, datetime, timedelta, timezone
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Double,
    Float,
    MetaData,
    Numeric,
    SmallInteger,
    String,
    Table,
    create_engine,
    insert,
    select,
)
from sqlalchemy.exc import ArgumentError
from sqlalchemy.schema import CreateTable

from app.historian_words import spoken
from data.historians import statements, thrift_columns
from data.historians.historian import HistorianError
from data.historians.hive import open_hive, sentence
from data.historians.hive_dialect import HiveDialect
from data.historians.statements import Days, What
from resources import words

DIALECT = HiveDialect()
READINGS = Table(
    "readings",
    MetaData(),
    Column("kks", String(40)),
    Column("at", DateTime),
    Column("day", Date),
    Column("v", Float),
    Column("w", Double),
    Column("q", SmallInteger),
    Column("n", BigInteger),
    Column("price", Numeric),
    Column("good", Boolean),
    Column("note", String),
)


def compiled(statement: Any) -> str:
    text = str(statement.compile(dialect=DIALECT, compile_kwargs={"render_postcompile": True}))
    return " ".join(text.split())


def test_hive_is_reached_by_a_url_of_its_own() -> None:
    assert isinstance(create_engine("hive+sinoptico://ana:secret@plant:10000/lake").dialect, HiveDialect)
    _, arguments = DIALECT.create_connect_args(create_engine("hive+sinoptico://ana:secret@plant:1/lake").url)
    assert arguments == {
        "host": "plant",
        "port": 1,
        "username": "ana",
        "password": "secret",
        "database": "lake",
        "auth": "LDAP",
        "timeout_s": 300.0,
    }


def test_a_table_is_declared_with_hives_types_and_no_constraints() -> None:
    assert compiled(CreateTable(READINGS)) == (
        "CREATE TABLE `readings` ( `kks` VARCHAR(40), `at` TIMESTAMP, `day` DATE, `v` DOUBLE, `w` DOUBLE, "
        "`q` SMALLINT, `n` BIGINT, `price` DECIMAL(38,18), `good` BOOLEAN, `note` STRING )"
    )


def test_a_time_is_bound_as_a_text_that_is_cast() -> None:
    statement = select(READINGS.c.v).where(
        READINGS.c.at >= datetime(2026, 10, 25, 1, 30, tzinfo=UTC), READINGS.c.day == date(2026, 10, 25)
    )
    assert "`at` >= CAST(%(at_1)s AS TIMESTAMP)" in compiled(statement)
    assert "`day` = CAST(%(day_1)s AS DATE)" in compiled(statement)
    bind = DIALECT.colspecs[DateTime]().bind_processor(DIALECT)
    madrid = timezone(timedelta(hours=1))
    assert bind(datetime(2026, 10, 25, 2, 30, tzinfo=madrid)) == "2026-10-25 01:30:00.000000"
    assert bind(None) is None


def test_insert_keeps_its_column_list() -> None:
    assert compiled(insert(READINGS).values(kks="A", v=1.0)).startswith("INSERT INTO `readings` (`kks`, `v`) VALUES")


def test_limit_offset_and_distinctness_are_said_hives_way() -> None:
    statement = select(READINGS.c.v).where(READINGS.c.v.is_not_distinct_from(READINGS.c.n)).limit(10).offset(5)
    assert compiled(statement).endswith("<=> `readings`.`n` LIMIT %(param_2)s, %(param_1)s")


def test_an_in_with_nothing_to_choose_from_compiles() -> None:
    assert "1 != 1" in compiled(select(READINGS.c.v).where(READINGS.c.kks.in_([])))


APPLY = "python -m cloud.warehouse apply --hive HOST:PORT"

WHAT = What("sim-r1", ("A", "B"), 0, 60_000_000, Days("1970-01-01", "1970-01-03", ("1970-01-02",)))


@pytest.mark.parametrize(
    "statement",
    [
        statements.samples(statements.HISTORY, WHAT, 100),
        statements.sample_buckets(statements.HISTORY_ALL, WHAT, 1000),
        statements.rollup_rows(statements.ROLLUPS["history_hour"], WHAT, 100),
        statements.rollup_buckets(statements.ROLLUPS["history_day"], WHAT, 1000),
        statements.last_samples(statements.HISTORY, WHAT),
    ],
    ids=["samples", "sample_buckets", "rollup_rows", "rollup_buckets", "last_samples"],
)
def test_every_statement_names_its_partitions_first_and_compiles_for_both_engines(statement: Any) -> None:
    for dialect, quote in ((DIALECT, "`"), (create_engine("duckdb://").dialect, "")):
        text = " ".join(str(statement.compile(dialect=dialect)).split())
        where = text[text.index("WHERE") :].replace(quote, "") if quote else text[text.index("WHERE") :]
        first, second, third = (
            re.search(pattern, where).start() for pattern in (r"\.refinery =", r"\.(day|month) BETWEEN", r"\.kks IN")
        )
        assert first < second < third
        assert "TIMESTAMP '1970-01-01 00:01:00.000000'" in where


def test_the_engines_differ_in_how_a_time_becomes_a_number_and_in_nothing_else() -> None:
    statement = statements.samples(statements.HISTORY, WHAT, 100)
    assert "CAST(CAST(`history`.`ts` AS DECIMAL(20,6)) * 1000000 AS BIGINT)" in compiled(statement)
    assert "epoch_us(history.ts)" in str(statement.compile(dialect=create_engine("duckdb://").dialect))


@pytest.mark.parametrize(
    ("values", "nulls", "expected"),
    [
        (np.array([1.0, 2.0, 3.0]), b"", [1.0, 2.0, 3.0]),
        (np.array([1, 2, 3]), b"\x02", [1.0, np.nan, 3.0]),
        (np.arange(10.0), b"\x01", [np.nan, *np.arange(1.0, 10.0)]),
        (np.array([], np.float64), b"", []),
    ],
)
def test_nulls_of_a_column_become_nan(values: np.ndarray, nulls: bytes, expected: list[float]) -> None:
    np.testing.assert_array_equal(thrift_columns._with_nulls(values, nulls), expected)


@pytest.mark.parametrize(
    ("theirs", "ours", "spanish"),
    [
        (
            "Error while compiling statement: FAILED: SemanticException [Error 10001]: Table not found 'history'",
            f"Table not found 'history'; bring its tables up to date with: {APPLY}",
            f"no tiene la tabla 'history'; actualice sus tablas con: {APPLY}",
        ),
        ("Error validating the login", "login or password is wrong", "usuario o contraseña incorrectos"),
        (
            "Error while compiling statement: FAILED: HiveAccessControlException Permission denied: Principal "
            "[name=ana, type=USER] does not have following privileges for operation QUERY [[SELECT] on Object "
            "[type=TABLE_OR_VIEW, name=default.history]]",
            "ana may not read default.history",
            "ana no puede leer default.history",
        ),
        (
            "Error while processing statement: FAILED: Execution Error, return code 2 from "
            "org.apache.hadoop.hive.ql.exec.mr.MapRedTask",
            "the server could not run it; its log says why",
            "el servidor no pudo ejecutarlo; su registro dice por qué",
        ),
        (
            "Error while compiling statement: FAILED: SemanticException [Error 10072]: Database does not exist: west",
            "there is no database west",
            "no existe la base de datos west",
        ),
    ],
)
def test_the_servers_words_are_told_in_ours_and_in_spanish(theirs: str, ours: str, spanish: str) -> None:
    answer = SimpleNamespace(
        status=SimpleNamespace(errorMessage=f"{theirs}\n\tat org.apache.hive.Stack.of(Calls.java:1)")
    )
    told = sentence(RuntimeError(answer))
    assert told == ours
    words.use("es")
    try:
        assert spoken(f"Hive at h:1: {told}") == f"Hive en h:1: {spanish}"
    finally:
        words.use("en")


def test_what_the_historian_itself_says_is_told_in_spanish_too() -> None:
    words.use("es")
    try:
        for english in (
            "more than 5 samples; ask for less time, fewer tags or an overview",
            "more than 5 samples near these times; ask for fewer times or equal steps",
            "the span ends before it begins",
            "nan is no limit; give a number",
            "no answer within 3 s; ask for less time or fewer tags",
            "Hive gave no answer within 3 s; ask for less time or fewer tags",
        ):
            assert spoken(english) != english
    finally:
        words.use("en")


def test_a_server_that_is_away_is_told() -> None:
    assert sentence(ConnectionRefusedError(111, "x")) == "it does not answer; is it running, and is the port right?"


def test_a_server_that_says_nothing_is_told_within_the_time_it_may_take() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        historian = open_hive(f"hive://127.0.0.1:{mute.getsockname()[1]}?timeout_s=0.3", "sim-r1")
        with pytest.raises(HistorianError, match="takes connections but says nothing"):
            historian.span()
        historian.close()


@pytest.mark.parametrize("query", ["timeout_s=soon", "auth=MAGIC"])
def test_an_option_that_is_none_is_told(query: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, pytest.raises(ArgumentError, match="expected"):
        create_engine(f"hive+sinoptico://127.0.0.1:{server.getsockname()[1]}/x?{query}").connect()
