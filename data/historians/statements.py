"""The historian's SELECTs in SQLAlchemy Core, the same for Hive and DuckDB.

The partition predicate stands first. Times leave as BIGINT microseconds: both engines have them exactly, and PyHive
would bring a TIMESTAMP as text. What the engines say differently is the one element `EpochUs`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    TIMESTAMP,
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Double,
    Integer,
    MetaData,
    Select,
    SmallInteger,
    String,
    Table,
    and_,
    case,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine

from contracts import tables

_TYPES: Final[dict[str, type[TypeEngine[Any]]]] = {
    "STRING": String,
    "DOUBLE": Double,
    "TIMESTAMP": TIMESTAMP,
    "BOOLEAN": Boolean,
    "SMALLINT": SmallInteger,
    "INT": Integer,
    "BIGINT": BigInteger,
}

METADATA: Final = MetaData()


def _table(name: str, columns: Iterable[tables.Column]) -> Table:
    return Table(name, METADATA, *(Column(column.name, _TYPES[column.hive_type]) for column in columns))


HISTORY: Final = _table(tables.HISTORY_TABLE, (*tables.HISTORY, *tables.PARTITION))
HISTORY_ALL: Final = _table(tables.ALL_VIEW, (*tables.HISTORY, *tables.PARTITION))
ROLLUPS: Final = {
    name: _table(name, (*tables.ROLLUP, *tables.partition_columns(name))) for name in tables.ROLLUP_SECONDS
}
SIGNALS: Final = _table(tables.SIGNALS_VIEW, tables.DIMENSIONS["signals"])

USABLE: Final = 64
"""Quality codes from here on are uncertain or good; below it, bad."""
GOOD: Final = 192


class EpochUs(FunctionElement[int]):
    """A TIMESTAMP as microseconds since 1970-01-01, exact also before 1970."""

    type = BigInteger()
    inherit_cache = True


@compiles(EpochUs, "duckdb")
def _epoch_us_duckdb(element: EpochUs, compiler: SQLCompiler, **kw: Any) -> str:
    return f"epoch_us({compiler.process(element.clauses, **kw)})"


@compiles(EpochUs, "hive")
def _epoch_us_hive(element: EpochUs, compiler: SQLCompiler, **kw: Any) -> str:
    # By way of a decimal: a double has no room for microseconds of this century.
    return f"CAST(CAST({compiler.process(element.clauses, **kw)} AS DECIMAL(20,6)) * 1000000 AS BIGINT)"


def moment(us: int) -> ColumnElement[Any]:
    """A TIMESTAMP literal: PyHive cannot bind one, and a literal is what both engines prune row groups by."""
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=us)
    return literal_column(f"TIMESTAMP '{at:%Y-%m-%d %H:%M:%S.%f}'")


def day_start_us(day: str, later: int = 0) -> int:
    """The first microsecond of a UTC day, or of one so many days later."""
    return ((date.fromisoformat(day) - date(1970, 1, 1)).days + later) * 86_400_000_000


class Days(NamedTuple):
    """UTC days first … last (inclusive), save some."""

    first: str
    last: str
    without: tuple[str, ...] = ()

    def all(self) -> list[str]:
        """Every one, in order."""
        begin, others = date.fromisoformat(self.first), frozenset(self.without)
        count = (date.fromisoformat(self.last) - begin).days + 1
        days = ((begin + timedelta(days=number)).isoformat() for number in range(count))
        return [day for day in days if day not in others]

    def runs(self) -> list[tuple[str, str]]:
        """Those that follow one another without a hole, as (first, last)."""
        return _runs(self.all())


def _runs(days: Iterable[str]) -> list[tuple[str, str]]:
    """Days that follow one another, as (first, last)."""
    runs: list[tuple[str, str]] = []
    for day in days:
        if runs and day_start_us(runs[-1][1], 1) == day_start_us(day):
            runs[-1] = (runs[-1][0], day)
        else:
            runs.append((day, day))
    return runs


class What(NamedTuple):
    """Which samples: of one refinery's tags, from ≤ time < to, on some days."""

    refinery: str
    kks: Sequence[str]
    from_us: int
    to_us: int
    days: Days

    def of(self, table: Table) -> ColumnElement[bool]:
        """The predicate on a table with `refinery, day` (or `month`)`, kks, ts`, partitions first."""
        terms = [table.c.refinery == self.refinery]
        from_us, to_us = self.from_us, self.to_us
        if table.name in tables.MONTHLY:
            terms.append(table.c.month.between(self.days.first[:7], self.days.last[:7]))
            # A month's file has days before and after those meant, and some between that are told from elsewhere.
            from_us, to_us = max(from_us, day_start_us(self.days.first)), min(to_us, day_start_us(self.days.last, 1))
            terms += [
                or_(table.c.ts < moment(day_start_us(first)), table.c.ts >= moment(day_start_us(last, 1)))
                for first, last in _runs(self.days.without)
            ]
        else:
            terms.append(table.c.day.between(self.days.first, self.days.last))
            if self.days.without:
                terms.append(table.c.day.not_in(self.days.without))
        terms += [table.c.kks.in_(self.kks), table.c.ts >= moment(from_us), table.c.ts < moment(to_us)]
        return and_(*terms)


def samples(table: Table, what: What, limit: int) -> Select[Any]:
    """`tag, us, v, q` of at most `limit` samples, in no order (sorting would cost Hive a MapReduce job).

    `tag` is the place in `what.kks`: millions of texts would cost more than all the rest.
    """
    tag = case({kks: literal_column(str(place)) for place, kks in enumerate(what.kks)}, value=table.c.kks)
    columns = (tag.label("tag"), EpochUs(table.c.ts).label("us"), table.c.v, table.c.q)
    return select(*columns).where(what.of(table)).limit(limit)


def sample_buckets(table: Table, what: What, width_us: int) -> Select[Any]:
    """`kks, us, v_min, v_max, v_mean, weight, n, n_good, q_worst` of each bucket, made from samples."""
    rows = select(table.c.kks, _bucket(table, what, width_us), table.c.v, table.c.q).where(what.of(table)).subquery("s")
    usable = case((rows.c.q >= USABLE, rows.c.v))
    return select(
        rows.c.kks,
        rows.c.us,
        func.min(usable).label("v_min"),
        func.max(usable).label("v_max"),
        func.avg(usable).label("v_mean"),
        func.count(usable).label("weight"),
        func.count().label("n"),
        func.count(case((rows.c.q >= GOOD, 1))).label("n_good"),
        func.min(rows.c.q).label("q_worst"),
    ).group_by(rows.c.kks, rows.c.us)


def rollup_rows(table: Table, what: What, limit: int) -> Select[Any]:
    """The same columns, each roll-up row as it stands: a plain select, which Hive answers without MapReduce."""
    return (
        select(
            table.c.kks,
            EpochUs(table.c.ts).label("us"),
            table.c.v_min,
            table.c.v_max,
            table.c.v_mean,
            table.c.duration_good.label("weight"),
            table.c.n,
            table.c.n_good,
            table.c.q_worst,
        )
        .where(what.of(table))
        .limit(limit)
    )


def day_rows(what: What) -> Select[Any]:
    """`kks, us, n` and what else the daily roll-up tells of each day: it changes with any sample of the day."""
    table = ROLLUPS[tables.DAY_TABLE]
    told = (table.c[name] for name in ("v_min", "v_max", "v_mean", "duration_good", "n_good", "q_worst"))
    return select(table.c.kks, EpochUs(table.c.ts).label("us"), table.c.n, *told).where(what.of(table))


def rollup_buckets(table: Table, what: What, width_us: int) -> Select[Any]:
    """The same columns, roll-up rows merged to wider buckets by the engine."""
    c = table.c
    rows = (
        select(
            c.kks,
            _bucket(table, what, width_us),
            *(c[name] for name in ("v_min", "v_max", "v_mean", "duration_good", "n", "n_good", "q_worst")),
        )
        .where(what.of(table))
        .subquery("s")
    )
    # NULLIF: a bucket with no usable time has no mean, and Hive and DuckDB agree on dividing by NULL only.
    weight = func.sum(case((rows.c.v_mean.is_not(None), rows.c.duration_good)))
    return select(
        rows.c.kks,
        rows.c.us,
        func.min(rows.c.v_min).label("v_min"),
        func.max(rows.c.v_max).label("v_max"),
        (func.sum(rows.c.v_mean * rows.c.duration_good) / func.nullif(weight, 0)).label("v_mean"),
        weight.label("weight"),
        _whole(func.sum(rows.c.n)).label("n"),
        _whole(func.sum(rows.c.n_good)).label("n_good"),
        func.min(rows.c.q_worst).label("q_worst"),
    ).group_by(rows.c.kks, rows.c.us)


def last_samples(table: Table, what: What) -> Select[Any]:
    """`kks, us, v, q` of the newest sample of each tag."""
    rows = (
        select(
            table.c.kks,
            EpochUs(table.c.ts).label("us"),
            table.c.v,
            table.c.q,
            func.row_number().over(partition_by=table.c.kks, order_by=table.c.ts.desc()).label("nth"),
        )
        .where(what.of(table))
        .subquery("s")
    )
    return select(rows.c.kks, rows.c.us, rows.c.v, rows.c.q).where(rows.c.nth == 1)


def signals(refinery: str) -> Select[Any]:
    """The signals of today."""
    names = ("kks", "description", "unit", "kind", "role", "zone", "equipment", "low", "high", "decimals")
    return select(*(SIGNALS.c[name] for name in names)).where(SIGNALS.c.refinery == refinery)


def _bucket(table: Table, what: What, width_us: int) -> ColumnElement[int]:
    us = EpochUs(table.c.ts)
    offset: ColumnElement[int] = us - literal_column(str(what.from_us))
    return (us - offset % literal_column(str(width_us))).label("us")


def _whole(count: ColumnElement[Any]) -> ColumnElement[int]:
    """DuckDB sums BIGINT to a 128-bit integer, which numpy does not have."""
    return count.cast(BigInteger)
