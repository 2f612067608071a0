"""SELECTs about how long values were in force, in SQLAlchemy Core, the same for Hive and DuckDB.

Each is one statement over samples of closed and of open days together: a sample's successor may be of the next day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Double,
    Select,
    Subquery,
    Table,
    and_,
    case,
    cast,
    func,
    literal_column,
    or_,
    select,
    union_all,
)

from data.historians.statements import GOOD, USABLE, EpochUs, What, moment

Parts = Sequence[tuple[Table, What]]
"""Which table answers for which days, tags and times."""

Hold = float | Mapping[str, float]
"""Seconds that a value stays in force, for all tags or by tag."""


def quality_counts(parts: Parts) -> Select[Any]:
    """`kks, q, n`."""
    rows = _rows(parts)
    return select(rows.c.kks, rows.c.q, func.count().label("n")).group_by(rows.c.kks, rows.c.q)


def statistics(parts: Parts, from_us: int, to_us: int, hold: Hold) -> Select[Any]:
    """`kks, v_min, v_max, shift, total, squares, weight, n, n_good` of from ≤ time < to.

    `total` and `squares` are the sums of (v - shift) and of its square, by the microseconds in force; `weight` is the
    sum of those. `parts` begin a hold before `from_us`. The shift, the plain mean, keeps the squares from cancelling.
    """
    rows = _in_force(_rows(parts), to_us, hold)
    usable = and_(rows.c.q >= USABLE, rows.c.v.is_not(None))
    shifted = select(
        rows.c.kks,
        rows.c.us,
        rows.c.q,
        case((usable, rows.c.v)).label("v"),
        func.avg(case((usable, rows.c.v))).over(partition_by=rows.c.kks).label("shift"),
        cast(rows.c.until_us - func.greatest(rows.c.us, _number(from_us)), Double).label("held"),
    ).where(rows.c.until_us > _number(from_us))
    s = shifted.subquery("d")
    value, weight = s.c.v - s.c.shift, case((s.c.v.is_not(None), s.c.held))
    own = s.c.us >= _number(from_us)
    return select(
        s.c.kks,
        func.min(s.c.v).label("v_min"),
        func.max(s.c.v).label("v_max"),
        func.min(s.c.shift).label("shift"),
        func.sum(value * s.c.held).label("total"),
        func.sum(value * value * s.c.held).label("squares"),
        func.sum(weight).label("weight"),
        func.count(case((own, 1))).label("n"),
        func.count(case((and_(own, s.c.q >= GOOD), 1))).label("n_good"),
    ).group_by(s.c.kks)


def excursions(parts: Parts, from_us: int, to_us: int, limit: float, hold: Hold, *, above: bool) -> Select[Any]:
    """`kks, begin_us, end_us, extreme`: runs of samples beyond `limit`, each in force when the one before it ended."""
    rows = _in_force(_rows(parts), to_us, hold)
    bound: ColumnElement[float] = literal_column(repr(float(limit)))
    beyond = and_(rows.c.q >= USABLE, rows.c.v > bound if above else rows.c.v < bound)
    marked = select(rows.c.kks, rows.c.us, rows.c.v, rows.c.until_us, case((beyond, 1), else_=0).label("beyond")).where(
        rows.c.until_us > _number(from_us)
    )
    m = marked.subquery("m")
    order: dict[str, Any] = {"partition_by": m.c.kks, "order_by": m.c.us}
    before = select(
        m.c.kks,
        m.c.us,
        m.c.v,
        m.c.until_us,
        m.c.beyond,
        func.lag(m.c.beyond).over(**order).label("beyond_before"),
        func.lag(m.c.until_us).over(**order).label("until_before"),
    ).subquery("b")
    begins = or_(
        before.c.beyond_before.is_(None),
        before.c.beyond_before != before.c.beyond,
        before.c.until_before < before.c.us,
    )
    runs = select(
        before.c.kks,
        before.c.us,
        before.c.v,
        before.c.until_us,
        before.c.beyond,
        func.sum(case((begins, 1), else_=0))
        .over(partition_by=before.c.kks, order_by=before.c.us, rows=(None, 0))
        .label("run"),
    ).subquery("r")
    return (
        select(
            runs.c.kks,
            func.greatest(func.min(runs.c.us), _number(from_us)).label("begin_us"),
            func.max(runs.c.until_us).label("end_us"),
            (func.max(runs.c.v) if above else func.min(runs.c.v)).label("extreme"),
        )
        .where(runs.c.beyond == 1)
        .group_by(runs.c.kks, runs.c.run)
    )


def near_times(parts: Parts, first_us: int, step_us: int) -> Select[Any]:
    """`kks, us, v, q` of the first and the last sample of each tag in each step from `first_us` on, and before it."""
    rows, width = _rows(parts), _number(step_us)
    offset: ColumnElement[int] = rows.c.us - _number(first_us)
    # Twice, for the remainder of a negative number is negative on both engines.
    step = rows.c.us - (offset % width + width) % width
    placed = select(rows.c.kks, rows.c.us, rows.c.v, rows.c.q, step.label("step")).subquery("p")
    both: dict[str, Any] = {"partition_by": (placed.c.kks, placed.c.step)}
    ranked = select(
        placed.c.kks,
        placed.c.us,
        placed.c.v,
        placed.c.q,
        func.row_number().over(**both, order_by=placed.c.us).label("nth"),
        func.row_number().over(**both, order_by=placed.c.us.desc()).label("nth_last"),
    ).subquery("n")
    return select(ranked.c.kks, ranked.c.us, ranked.c.v, ranked.c.q).where(
        or_(ranked.c.nth == 1, ranked.c.nth_last == 1)
    )


def near_windows(parts: Parts, windows: Sequence[tuple[int, int]]) -> Select[Any]:
    """`kks, us, v, q` of all samples in the windows (from ≤ time ≤ to, µs)."""
    selects = []
    for table, what in parts:
        inside = or_(*(and_(table.c.ts >= moment(first), table.c.ts < moment(last + 1)) for first, last in windows))
        selects.append(_samples(table, what).where(inside))
    rows = (union_all(*selects) if len(selects) > 1 else selects[0]).subquery("s")
    return select(rows.c.kks, rows.c.us, rows.c.v, rows.c.q)


def _samples(table: Table, what: What) -> Select[Any]:
    return select(table.c.kks, EpochUs(table.c.ts).label("us"), table.c.v, table.c.q).where(what.of(table))


def _rows(parts: Parts) -> Subquery:
    """The samples of all parts."""
    selects = [_samples(table, what) for table, what in parts]
    return (union_all(*selects) if len(selects) > 1 else selects[0]).subquery("s")


def _in_force(rows: Subquery, to_us: int, hold: Hold) -> Subquery:
    """With `until_us`: the next sample, or the end of the hold or of the span if that is earlier."""
    following = func.lead(rows.c.us).over(partition_by=rows.c.kks, order_by=rows.c.us)
    n = select(rows.c.kks, rows.c.us, rows.c.v, rows.c.q, following.label("next_us")).subquery("n")
    until = func.least(func.coalesce(n.c.next_us, _number(to_us)), n.c.us + _hold_us(n, hold), _number(to_us))
    return select(n.c.kks, n.c.us, n.c.v, n.c.q, until.label("until_us")).subquery("f")


def _hold_us(rows: Subquery, hold: Hold) -> ColumnElement[Any]:
    if not isinstance(hold, Mapping):
        return _number(round(hold * 1e6))
    return case({kks: _number(round(hold_s * 1e6)) for kks, hold_s in hold.items()}, value=rows.c.kks, else_=_number(0))


def _number(value: int) -> ColumnElement[int]:
    """A literal, so that both engines take it for a BIGINT."""
    return literal_column(f"CAST({value} AS BIGINT)", BigInteger)
