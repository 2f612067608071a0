"""A historian over any SQL engine: which table answers best, and the parts of an answer joined.

Days that have been loaded come from `history` or a roll-up of it; days that may still grow (not loaded, or so young
that late events are likely) come from `history_all`, which also looks at the raw chunks. Each part is one statement.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from datetime import date, timedelta
from typing import Any, Final, NamedTuple, Protocol

from sqlalchemy import Select, Table

from contracts import names, tables
from contracts.sample import now_us
from data.historians import columns, statements
from data.historians.historian import (
    ROW_LIMIT,
    TIMEOUT_S,
    Bucketed,
    Cancel,
    Columns,
    HistorianError,
    KnownSignal,
    LoadedDays,
    Progress,
    Series,
    TooManyRows,
    quiet,
)
from data.historians.statements import Days, What

GROWING_DAYS: Final = 3
"""Today and the two days before are read with their raw chunks even when loaded, for the loader has not seen what has
arrived since. What comes later still (a gateway cut off for days) is seen after the next night's load; `history_all`
itself has it at once, but would look through all chunks for each question about last year."""

PLAIN_ROWS_PER_BUCKET: Final = 6
"""Up to so many roll-up rows a bucket are fetched and merged here: Hive's MapReduce takes seconds to start."""


class Watch(NamedTuple):
    """How one call is watched and ended."""

    progress: Progress
    cancel: Cancel
    deadline: float
    """On `time.monotonic()`'s clock."""
    timeout_s: float


class Engine(Protocol):
    """What runs one statement. Both methods raise `HistorianError` and nothing else."""

    def run(self, statement: Select[Any], watch: Watch) -> Columns:
        """The statement's answer: `kks` an array of str, integers whole, floats with NaN for NULL."""

    def loaded_days(self, refinery: str, watch: Watch) -> list[str]:
        """The days with a partition of `history`, in order."""

    def close(self) -> None:
        """Let go of connections."""


class SqlHistorian:
    """`Historian` over an engine, for one refinery."""

    def __init__(self, engine: Engine, refinery: str, clock: Callable[[], int] = now_us) -> None:
        self._engine = engine
        self._refinery = names.checked_id(refinery, "refinery")
        self._clock = clock

    def signals(self, *, progress: Progress = quiet, cancel: Cancel | None = None) -> tuple[KnownSignal, ...]:
        """See `Historian.signals`."""
        found = self._engine.run(statements.signals(self._refinery), _watch(progress, cancel, TIMEOUT_S))
        rows = zip(*(found[name].tolist() for name in KnownSignal._fields), strict=True)
        return tuple(sorted(KnownSignal(*row) for row in rows))

    def span(self, *, progress: Progress = quiet, cancel: Cancel | None = None) -> LoadedDays:
        """See `Historian.span`."""
        return LoadedDays(tuple(self._engine.loaded_days(self._refinery, _watch(progress, cancel, TIMEOUT_S))))

    def raw(
        self,
        kks: Sequence[str],
        from_us: int,
        to_us: int,
        *,
        limit: int = ROW_LIMIT,
        progress: Progress = quiet,
        cancel: Cancel | None = None,
        timeout_s: float = TIMEOUT_S,
    ) -> dict[str, Series]:
        """See `Historian.raw`."""
        _check_span(from_us, to_us)
        kks = tuple(dict.fromkeys(kks))
        watch = _watch(progress, cancel, timeout_s)
        parts: list[Columns] = []
        rows = 0
        for table, what in self._parts(kks, from_us, to_us, watch):
            parts.append(self._engine.run(statements.samples(table, what, limit - rows + 1), watch))
            rows += len(parts[-1]["us"])
            if rows > limit:
                raise TooManyRows(f"more than {limit} samples; ask for less time, fewer tags or an overview")
        return columns.series(kks, parts)

    def buckets(
        self,
        kks: Sequence[str],
        from_us: int,
        to_us: int,
        buckets: int,
        *,
        progress: Progress = quiet,
        cancel: Cancel | None = None,
        timeout_s: float = TIMEOUT_S,
    ) -> Bucketed:
        """See `Historian.buckets`."""
        _check_span(from_us, to_us)
        kks = tuple(dict.fromkeys(kks))
        if buckets < 1:
            raise HistorianError(f"{buckets} buckets: ask for one at least")
        watch = _watch(progress, cancel, timeout_s)
        closed, period_us = _closed_table(from_us, to_us, buckets)
        width_us = -((from_us - to_us) // buckets)
        if period_us:
            # Buckets of whole periods, or a period that spans an edge would be told in the wrong bucket.
            width_us = -(-width_us // period_us) * period_us
            from_us -= from_us % period_us
            to_us = -(-to_us // period_us) * period_us
        grid = columns.Grid(from_us, width_us)
        parts: list[Columns] = []
        for table, what in self._parts(kks, from_us, to_us, watch, closed):
            plain = width_us <= period_us * PLAIN_ROWS_PER_BUCKET
            if table not in statements.ROLLUPS.values():
                statement = statements.sample_buckets(table, what, width_us)
            elif plain:
                statement = statements.rollup_rows(table, what, ROW_LIMIT)
            else:
                statement = statements.rollup_buckets(table, what, width_us)
            found = columns.numbered(kks, self._engine.run(statement, watch))
            parts.append(columns.weighed_by_count(columns.merged(found, grid) if plain else found))
        return Bucketed(width_us, closed.name, columns.buckets(kks, parts, grid))

    def value_at(
        self,
        kks: Sequence[str],
        at_us: int,
        *,
        lookback_s: float,
        progress: Progress = quiet,
        cancel: Cancel | None = None,
        timeout_s: float = TIMEOUT_S,
    ) -> dict[str, Series]:
        """See `Historian.value_at`."""
        kks = tuple(dict.fromkeys(kks))
        watch = _watch(progress, cancel, timeout_s)
        from_us, to_us = at_us - max(1, round(lookback_s * 1e6)), at_us + 1
        parts = [
            columns.numbered(kks, self._engine.run(statements.last_samples(table, what), watch))
            for table, what in self._parts(kks, from_us, to_us, watch)
        ]
        return {tag: columns.newest(series) for tag, series in columns.series(kks, parts).items()}

    def close(self) -> None:
        """See `Historian.close`."""
        self._engine.close()

    def _parts(
        self, kks: Sequence[str], from_us: int, to_us: int, watch: Watch, closed: Table = statements.HISTORY
    ) -> list[tuple[Table, What]]:
        """Which tables answer for which days."""
        if not kks:
            return []
        loaded = self._engine.loaded_days(self._refinery, watch)
        done, growing = split_days(from_us, to_us, loaded, self._clock())
        return [
            (table, What(self._refinery, kks, from_us, to_us, days))
            for table, days in ((closed, done), (statements.HISTORY_ALL, growing))
            if days is not None
        ]


def split_days(from_us: int, to_us: int, loaded: Collection[str], now: int) -> tuple[Days | None, Days | None]:
    """The UTC days of from ≤ time < to as (those that are loaded and settled, those that may still grow)."""
    first, last = (date.fromisoformat(names.day_of(us)) for us in (from_us, to_us - 1))
    young = (date.fromisoformat(names.day_of(now)) - timedelta(days=GROWING_DAYS - 1)).isoformat()
    known = frozenset(loaded)
    done: list[str] = []
    growing: list[str] = []
    for number in range((last - first).days + 1):
        day = (first + timedelta(days=number)).isoformat()
        (done if day in known and day < young else growing).append(day)
    return _days(done, growing), _days(growing, done)


def _days(wanted: list[str], others: list[str]) -> Days | None:
    if not wanted:
        return None
    first, last = wanted[0], wanted[-1]
    return Days(first, last, tuple(day for day in others if first < day < last))


def _closed_table(from_us: int, to_us: int, buckets: int) -> tuple[Table, int]:
    """The coarsest roll-up whose period fits into a bucket, and its period in µs; `history` and 0 if none does."""
    best: tuple[Table, int] = (statements.HISTORY, 0)
    for name, seconds in sorted(tables.ROLLUP_SECONDS.items(), key=lambda item: item[1]):
        if seconds * 1_000_000 * buckets <= to_us - from_us:
            best = (statements.ROLLUPS[name], seconds * 1_000_000)
    return best


def _check_span(from_us: int, to_us: int) -> None:
    if to_us <= from_us:
        raise HistorianError("the span ends before it begins")


def _watch(progress: Progress, cancel: Cancel | None, timeout_s: float) -> Watch:
    token = cancel or Cancel()
    token.check()
    return Watch(progress, token, time.monotonic() + timeout_s, timeout_s)
