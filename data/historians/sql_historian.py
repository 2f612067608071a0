"""A historian over any SQL engine: which table answers best, and the parts of an answer joined.

Each part (`asking.py`) is one statement; what weighs values by time is in `spans.py`.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from sqlalchemy import Table

from contracts import names, tables
from contracts.sample import now_us
from data.historians import columns, spans, statements
from data.historians.asking import Asked, Engine, Watch
from data.historians.disk_cache import DiskCache
from data.historians.historian import (
    ROW_LIMIT,
    TIMEOUT_S,
    Bucketed,
    Cancel,
    Columns,
    Excursion,
    HistorianError,
    Integers,
    KnownSignal,
    LoadedDays,
    Progress,
    Series,
    Statistics,
    TooManyRows,
    quiet,
)
from data.historians.span_statements import Hold
from data.historians.statements import What

PLAIN_ROWS_PER_BUCKET: Final = 6
"""Up to so many roll-up rows a bucket are fetched and merged here: Hive's MapReduce takes seconds to start."""


_CACHED_DAYS: Final = {
    tables.HISTORY_TABLE: 7,
    tables.MINUTE_TABLE: 100,
    tables.HOUR_TABLE: 4000,
    tables.DAY_TABLE: 40_000,
}
"""Longer parts are not kept: nobody zooms inside a year of samples, and they would drive out all else."""


class SqlHistorian:
    """`Historian` over an engine, for one refinery; closed days by way of `cache` where there is one."""

    def __init__(
        self,
        engine: Engine,
        refinery: str,
        clock: Callable[[], int] = now_us,
        cache: DiskCache | None = None,
    ) -> None:
        self._cache = cache
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
        asked = self._asked(progress, cancel, timeout_s)
        parts: list[Columns] = []
        rows = 0
        for table, what in asked.parts(kks, from_us, to_us):
            kept = self._kept(asked, table, what)
            parts.append(asked.run(statements.samples(table, what, limit - rows + 1)) if kept is None else kept)
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
        from_samples: bool = False,
        progress: Progress = quiet,
        cancel: Cancel | None = None,
        timeout_s: float = TIMEOUT_S,
    ) -> Bucketed:
        """See `Historian.buckets`."""
        _check_span(from_us, to_us)
        kks = tuple(dict.fromkeys(kks))
        if buckets < 1:
            raise HistorianError(f"{buckets} buckets: ask for one at least")
        asked = self._asked(progress, cancel, timeout_s)
        closed, period_us = (statements.HISTORY, 0) if from_samples else _closed_table(from_us, to_us, buckets)
        width_us = -((from_us - to_us) // buckets)
        if period_us:
            # Buckets of whole periods, or a period that spans an edge would be told in the wrong bucket.
            width_us = -(-width_us // period_us) * period_us
            from_us -= from_us % period_us
            to_us = -(-to_us // period_us) * period_us
        grid = columns.Grid(from_us, width_us)
        parts: list[Columns] = []
        for table, what in asked.parts(kks, from_us, to_us, closed):
            rolled, plain = table.name in tables.ROLLUP_SECONDS, width_us <= period_us * PLAIN_ROWS_PER_BUCKET
            if (kept := self._kept(asked, table, what)) is not None:
                found = columns.merged(kept if rolled else columns.of_samples(kept), grid)
            elif not rolled:
                found = columns.numbered(kks, asked.run(statements.sample_buckets(table, what, width_us)))
            elif plain:
                rows = asked.run(statements.rollup_rows(table, what, ROW_LIMIT))
                found = columns.merged(columns.numbered(kks, rows), grid)
            else:
                found = columns.numbered(kks, asked.run(statements.rollup_buckets(table, what, width_us)))
            parts.append(columns.weighed_by_count(found) if rolled else found)
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
        asked = self._asked(progress, cancel, timeout_s)
        from_us, to_us = at_us - max(1, round(lookback_s * 1e6)), at_us + 1
        parts = [
            columns.numbered(kks, asked.run(statements.last_samples(table, what)))
            for table, what in asked.parts(kks, from_us, to_us)
        ]
        return {tag: columns.newest(series) for tag, series in columns.series(kks, parts).items()}

    def at_times(
        self,
        kks: Sequence[str],
        times_us: Sequence[int] | Integers,
        *,
        lookback_s: float,
        sloped: bool = False,
        progress: Progress = quiet,
        cancel: Cancel | None = None,
        timeout_s: float = TIMEOUT_S,
    ) -> dict[str, Series]:
        """See `Historian.at_times`."""
        times = np.asarray(times_us, np.int64)
        if np.any(np.diff(times) < 0):
            raise HistorianError("the times must be ascending")
        kks = tuple(dict.fromkeys(kks))
        lookback_us = max(1, round(lookback_s * 1e6))
        return spans.at_times(self._asked(progress, cancel, timeout_s), kks, times, lookback_us, sloped)

    def statistics(
        self,
        kks: Sequence[str],
        from_us: int,
        to_us: int,
        *,
        hold_s: Hold,
        from_samples: bool = False,
        progress: Progress = quiet,
        cancel: Cancel | None = None,
        timeout_s: float = TIMEOUT_S,
    ) -> dict[str, Statistics]:
        """See `Historian.statistics`."""
        _check_span(from_us, to_us)
        kks = tuple(dict.fromkeys(kks))
        asked = self._asked(progress, cancel, timeout_s)
        return spans.statistics(asked, kks, from_us, to_us, hold_s, from_samples=from_samples)

    def quality_counts(
        self,
        kks: Sequence[str],
        from_us: int,
        to_us: int,
        *,
        progress: Progress = quiet,
        cancel: Cancel | None = None,
        timeout_s: float = TIMEOUT_S,
    ) -> dict[str, dict[int, int]]:
        """See `Historian.quality_counts`."""
        _check_span(from_us, to_us)
        return spans.quality_counts(self._asked(progress, cancel, timeout_s), tuple(dict.fromkeys(kks)), from_us, to_us)

    def excursions(
        self,
        kks: Sequence[str],
        from_us: int,
        to_us: int,
        limit: float,
        *,
        above: bool = True,
        hold_s: Hold,
        progress: Progress = quiet,
        cancel: Cancel | None = None,
        timeout_s: float = TIMEOUT_S,
    ) -> dict[str, tuple[Excursion, ...]]:
        """See `Historian.excursions`."""
        _check_span(from_us, to_us)
        if not math.isfinite(limit):
            raise HistorianError(f"{limit} is no limit; give a number")
        kks = tuple(dict.fromkeys(kks))
        asked = self._asked(progress, cancel, timeout_s)
        return spans.excursions(asked, kks, from_us, to_us, limit, hold_s, above=above)

    def close(self) -> None:
        """See `Historian.close`."""
        self._engine.close()

    def _kept(self, asked: Asked, table: Table, what: What) -> Columns | None:
        """A part's rows by way of the cache; None where there is none, or for what it does not keep."""
        days = len(what.days.all())
        if self._cache is None or table is statements.HISTORY_ALL or days > _CACHED_DAYS[table.name]:
            return None
        try:
            return self._cache.rows(asked, table, what)
        except TooManyRows:
            return None  # whole blocks are; the span itself may not be

    def _asked(self, progress: Progress, cancel: Cancel | None, timeout_s: float) -> Asked:
        return Asked(self._engine, self._refinery, self._clock(), _watch(progress, cancel, timeout_s))


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
