"""Answers about spans: time-weighted statistics, counts by quality, excursions, values at times.

Where a span is long, closed days come from roll-ups, and samples are read only where these cannot tell.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Final

import numpy as np
from sqlalchemy import Table

from contracts import names, tables
from data.historians import columns, span_statements, statements
from data.historians.asking import Asked
from data.historians.historian import ROW_LIMIT, Columns, Excursion, Integers, Series, Statistics, TooManyRows
from data.historians.span_statements import Hold, Parts
from data.historians.statements import USABLE, Days, What, day_start_us

_DAY_US: Final = 86_400_000_000

_ROLLUP_FROM: Final = (
    (30 * _DAY_US, tables.DAY_TABLE),
    (2 * _DAY_US, tables.HOUR_TABLE),
    (_DAY_US // 8, tables.MINUTE_TABLE),
)
"""From what length on a span's statistics come from which roll-up: its rows stay few enough for a plain select."""

_LONG_US: Final = 2 * _DAY_US
"""From here on roll-ups tell first on which days a limit was passed at all."""

_WINDOWS: Final = 40
_WINDOWS_US: Final = _DAY_US
"""So many windows, of so much time together, are read whole: a plain select, which Hive answers without MapReduce."""


def quality_counts(asked: Asked, kks: Sequence[str], from_us: int, to_us: int) -> dict[str, dict[int, int]]:
    """See `Historian.quality_counts`. One statement."""
    counts: dict[str, dict[int, int]] = {tag: {} for tag in kks}
    if parts := asked.parts(kks, from_us, to_us):
        found = asked.run(span_statements.quality_counts(parts))
        for tag, q, n in zip(found["kks"].tolist(), found["q"].tolist(), found["n"].tolist(), strict=True):
            counts[tag][int(q)] = int(n)
    return {tag: dict(sorted(of_tag.items())) for tag, of_tag in counts.items()}


def statistics(
    asked: Asked, kks: Sequence[str], from_us: int, to_us: int, hold: Hold, *, from_samples: bool
) -> dict[str, Statistics]:
    """See `Historian.statistics`. One statement, or with a roll-up one for it and one for each ragged end."""
    table, what = (None, None) if from_samples else _whole_periods(asked, kks, from_us, to_us)
    if table is None or what is None:
        return _of_samples(asked, kks, from_us, to_us, hold)
    inside = _of_rollup(kks, asked.run(statements.rollup_rows(table, what, ROW_LIMIT)), table.name)
    ends = [_of_samples(asked, kks, first, last, hold) for first, last in _rest(from_us, to_us, what)]
    return {tag: _together(inside[tag], [end[tag] for end in ends]) for tag in kks}


def _whole_periods(
    asked: Asked, kks: Sequence[str], from_us: int, to_us: int
) -> tuple[Table, What] | tuple[None, None]:
    """The roll-up for a span of this length and the whole periods of closed days in it; None where there are none."""
    name = next((table for least_us, table in _ROLLUP_FROM if to_us - from_us >= least_us), None)
    if name is not None:
        period_us = tables.ROLLUP_SECONDS[name] * 1_000_000
        first, last = -(-from_us // period_us) * period_us, to_us // period_us * period_us
        for table, what in asked.parts(kks, first, last, statements.ROLLUPS[name]) if first < last else []:
            if table is statements.ROLLUPS[name]:
                return table, what
    return None, None


def _rest(from_us: int, to_us: int, what: What) -> list[tuple[int, int]]:
    """What of the span the roll-up's rows do not cover."""
    covered = [(day_start_us(first), day_start_us(last, 1)) for first, last in what.days.runs()]
    edges = [from_us, *(edge for run in covered for edge in run), to_us]
    clipped = [min(max(edge, what.from_us), what.to_us) for edge in edges[1:-1]]
    times = [from_us, *clipped, to_us]
    return [(first, last) for first, last in zip(times[::2], times[1::2], strict=True) if first < last]


def _of_rollup(kks: Sequence[str], found: Columns, table: str) -> dict[str, Statistics]:
    answer = {}
    for tag in kks:
        own = found["kks"] == tag
        low, high, mean = (found[name][own].astype(float) for name in ("v_min", "v_max", "v_mean"))
        weight = np.where(np.isnan(mean), 0.0, found["weight"][own].astype(float))
        usable_s = float(weight.sum())
        answer[tag] = Statistics(
            float(np.fmin.reduce(low, initial=np.nan)),
            float(np.fmax.reduce(high, initial=np.nan)),
            float((np.nan_to_num(mean) * weight).sum() / usable_s) if usable_s else math.nan,
            math.nan,
            usable_s,
            int(found["n"][own].sum()),
            int(found["n_good"][own].sum()),
            table,
        )
    return answer


def _of_samples(asked: Asked, kks: Sequence[str], from_us: int, to_us: int, hold: Hold) -> dict[str, Statistics]:
    nothing = Statistics(math.nan, math.nan, math.nan, math.nan, 0.0, 0, 0, tables.HISTORY_TABLE)
    answer = dict.fromkeys(kks, nothing)
    if parts := asked.parts(kks, from_us - _longest_us(hold), to_us):
        found = asked.run(span_statements.statistics(parts, from_us, to_us, hold))
        for row in zip(*(found[name].tolist() for name in _STATISTICS), strict=True):
            tag, low, high, shift, total, squares, weight, n, n_good = row
            mean = std = math.nan
            if weight > 0:
                off = total / weight
                # Rounding may carry a mean of equal values past them.
                mean = min(max(shift + off, low), high)
                std = math.sqrt(max(0.0, squares / weight - off * off))
            usable_s = weight / 1e6 if weight > 0 else 0.0
            answer[tag] = Statistics(low, high, mean, std, usable_s, int(n), int(n_good), tables.HISTORY_TABLE)
    return answer


_STATISTICS: Final = ("kks", "v_min", "v_max", "shift", "total", "squares", "weight", "n", "n_good")


def _together(inside: Statistics, ends: Sequence[Statistics]) -> Statistics:
    parts = [inside, *ends]
    usable_s = sum(part.usable_s for part in parts)
    weighed = sum(part.v_mean * part.usable_s for part in parts if part.usable_s)
    return Statistics(
        float(np.fmin.reduce([part.v_min for part in parts])),
        float(np.fmax.reduce([part.v_max for part in parts])),
        weighed / usable_s if usable_s else math.nan,
        math.nan,
        usable_s,
        sum(part.n for part in parts),
        sum(part.n_good for part in parts),
        inside.table,
    )


def excursions(
    asked: Asked, kks: Sequence[str], from_us: int, to_us: int, limit: float, hold: Hold, *, above: bool
) -> dict[str, tuple[Excursion, ...]]:
    """See `Historian.excursions`. One statement; of a long span a second, before it, for the days on which to look."""
    answer: dict[str, list[Excursion]] = {tag: [] for tag in kks}
    parts: Parts = asked.parts(kks, from_us - _longest_us(hold), to_us)
    if to_us - from_us >= _LONG_US:
        parts = _days_beyond(asked, parts, limit, above=above)
    if parts:
        found = asked.run(span_statements.excursions(parts, from_us, to_us, limit, hold, above=above))
        for tag, *run in zip(*(found[name].tolist() for name in _EXCURSION), strict=True):
            answer[tag].append(Excursion(*run))
    return {tag: tuple(sorted(runs)) for tag, runs in answer.items()}


_EXCURSION: Final = ("kks", "begin_us", "end_us", "extreme")


def _days_beyond(asked: Asked, parts: Parts, limit: float, *, above: bool) -> Parts:
    """Closed days only where a roll-up says that the limit was passed, and the day after each."""
    kept: list[tuple[Table, What]] = []
    for table, what in parts:
        if table is not statements.HISTORY:
            kept.append((table, what))
            continue
        hours = statements.ROLLUPS[tables.HOUR_TABLE]
        beyond = hours.c.v_max > limit if above else hours.c.v_min < limit
        # Whole days: an hour that began before the span may reach into it.
        whole = what._replace(from_us=day_start_us(what.days.first), to_us=day_start_us(what.days.last, 1))
        found = asked.run(statements.rollup_rows(hours, whole, ROW_LIMIT).where(beyond))
        days = {names.day_of(int(us)) for us in np.unique(found["us"] // _DAY_US * _DAY_US)}
        days |= {(date.fromisoformat(day) + timedelta(days=1)).isoformat() for day in days}
        own = [day for day in what.days.all() if day in days]
        if own:
            others = tuple(day for day in Days(own[0], own[-1]).all() if day not in set(own))
            kept.append((table, what._replace(days=Days(own[0], own[-1], others))))
    return kept


def at_times(asked: Asked, kks: Sequence[str], times: Integers, lookback_us: int, sloped: bool) -> dict[str, Series]:
    """See `Historian.at_times`. One statement."""
    found: dict[str, Series] = columns.series(kks, [])
    if len(times) and (parts := asked.parts(kks, int(times[0]) - lookback_us, int(times[-1]) + lookback_us + 1)):
        windows = _windows(times, lookback_us)
        steps = np.unique(np.diff(times))
        if len(steps) == 1 and (len(windows) > _WINDOWS or sum(b - a for a, b in windows) > _WINDOWS_US):
            statement = span_statements.near_times(parts, int(times[0]), int(steps[0]))
        else:
            whole = [(int(times[0]) - lookback_us, int(times[-1]) + lookback_us)]
            statement = span_statements.near_windows(parts, windows if len(windows) <= _WINDOWS else whole)
        answer = columns.numbered(kks, asked.run(statement.limit(ROW_LIMIT + 1)))
        if len(answer["us"]) > ROW_LIMIT:
            raise TooManyRows(f"more than {ROW_LIMIT} samples near these times; ask for fewer times or equal steps")
        found = columns.series(kks, [answer])
    return {tag: _at(times, found[tag], lookback_us, sloped) for tag in kks}


def _windows(times: Integers, lookback_us: int) -> list[tuple[int, int]]:
    """Where samples near the times can lie, joined where they touch."""
    apart = np.flatnonzero(np.diff(times) > 2 * lookback_us)
    firsts, lasts = times[np.r_[0, apart + 1]], times[np.r_[apart, len(times) - 1]]
    return [(int(a) - lookback_us, int(b) + lookback_us) for a, b in zip(firsts, lasts, strict=True)]


def _at(times: Integers, series: Series, lookback_us: int, sloped: bool) -> Series:
    v, q = np.full(len(times), np.nan), np.zeros(len(times), np.int16)
    before = np.searchsorted(series.us, times, side="right") - 1
    known = np.flatnonzero(before >= 0)
    known = known[times[known] - series.us[before[known]] <= lookback_us]
    here = before[known]
    v[known], q[known] = series.v[here], series.q[here]
    if sloped and len(series.us) > 1:
        some = here < len(series.us) - 1
        places, left = known[some], here[some]
        right, usable = left + 1, (series.q >= USABLE) & ~np.isnan(series.v)
        near = (series.us[right] - series.us[left] <= lookback_us) & usable[left] & usable[right]
        places, left, right = places[near], left[near], right[near]
        part = (times[places] - series.us[left]) / (series.us[right] - series.us[left])
        v[places] = series.v[left] + part * (series.v[right] - series.v[left])
    return Series(times, v, q)


def _longest_us(hold: Hold) -> int:
    longest_s = max(hold.values(), default=0.0) if isinstance(hold, Mapping) else hold
    return max(0, round(longest_s * 1e6))
