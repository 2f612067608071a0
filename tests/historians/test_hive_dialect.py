"""What our Hive dialect makes of SQLAlchemy's statements, without a server."""

from __future__ import annotations

import socket
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

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

from data.historians.hive_dialect import HiveDialect

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


@pytest.mark.parametrize("query", ["timeout_s=soon", "auth=MAGIC"])
def test_an_option_that_is_none_is_told(query: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, pytest.raises(ArgumentError, match="expected"):
        create_engine(f"hive+sinoptico://127.0.0.1:{server.getsockname()[1]}/x?{query}").connect()
