"""What the historian's span answers mean, in plain loops; and a day with the loader's own roll-ups."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from cloud.loader.rollup import by_minute, merged
from cloud.loader.samples import Samples
from contracts import names, tables
from tests.engines.lake_files import Row, us, write, write_day

Force = tuple[int, int, float | None, int, int]
"""since, until, v, q, ts."""


def in_force(rows: list[Row], begin: int, end: int, hold_s: float) -> list[Force]:
    """Each sample of one tag with when it was in force in the span."""
    found: list[Force] = []
    for n, (_, t, v, q) in enumerate(rows):
        following = rows[n + 1][1] if n + 1 < len(rows) else end
        until = min(following, t + round(hold_s * 1e6), end)
        if t < end and until > begin:
            found.append((max(t, begin), until, v, q, t))
    return found


def statistics(rows: list[Row], begin: int, end: int, hold_s: float) -> tuple[float, ...]:
    """The fields of `Statistics` but its table."""
    force = in_force(rows, begin, end, hold_s)
    usable = [(until - since, v) for since, until, v, q, _ in force if q >= 64 and v is not None]
    own = [q for _, t, _, q in rows if begin <= t < end]
    n, n_good = len(own), sum(q >= 192 for q in own)
    if not usable:
        return (math.nan, math.nan, math.nan, math.nan, 0.0, n, n_good)
    weight = sum(dt for dt, _ in usable)
    mean = sum(dt * v for dt, v in usable) / weight
    std = math.sqrt(sum(dt * (v - mean) ** 2 for dt, v in usable) / weight)
    values = [v for _, v in usable]
    return (min(values), max(values), mean, std, weight / 1e6, n, n_good)


def excursions(
    rows: list[Row], begin: int, end: int, limit: float, above: bool, hold_s: float
) -> list[tuple[int, int, float]]:
    """(begin, end, extreme) of each."""
    runs: list[tuple[int, int, float]] = []
    for since, until, v, q, _ in in_force(rows, begin, end, hold_s):
        if q < 64 or v is None or not (v > limit if above else v < limit):
            continue
        # A run goes on where the one before ended at this sample, and at no other sample's expense.
        if runs and runs[-1][1] == since:
            first, _, extreme = runs[-1]
            runs[-1] = (first, until, max(extreme, v) if above else min(extreme, v))
        else:
            runs.append((since, until, v))
    return runs


def write_loaded_day(lake: Path, refinery: str, day: str, rows: list[Row], carried: list[Row], hold_s: float) -> None:
    """One tag's day with the loader's own roll-ups; `carried` are the day before's last samples."""
    write_day(lake, refinery, day, rows)
    kks, day_us = rows[0][0], us(f"{day} 00:00:00")
    every = [*carried, *rows]
    v = np.array([math.nan if row[2] is None else row[2] for row in every])
    samples = Samples(
        [kks],
        np.zeros(len(every), np.int32),
        np.array([row[1] for row in every], np.int64),
        v,
        np.array([row[3] for row in every], np.int16),
        0,
        0,
    )
    minutes = by_minute(samples, np.array([round(hold_s * 1e6)], np.int64), day_us)
    for table, seconds in tables.ROLLUP_SECONDS.items():
        r = merged(minutes, seconds) if seconds > 60 else minutes
        values = [[None if math.isnan(x) else x for x in c.tolist()] for c in (r.v_min, r.v_max, r.v_mean)]
        made = zip(
            [kks] * len(r.ts),
            r.ts.tolist(),
            *values,
            (r.duration_us / 1e6).tolist(),
            r.n.tolist(),
            r.n_good.tolist(),
            r.q_worst.tolist(),
            strict=True,
        )
        file = f"{names.table_prefix(table, refinery, day)}part-0.parquet"
        if table in tables.MONTHLY:
            # Days of a month beside one another: what write_day put there is of another arithmetic.
            (lake / file).unlink(missing_ok=True)
            file = f"{names.table_prefix(table, refinery, day)}part-{day}.parquet"
        write(lake, file, tables.ROLLUP, list(made))
