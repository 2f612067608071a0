"""History and what is newer than it become lines: each instant from exactly one of the two, breaks where nothing was.

No Qt, no waiting: what was asked for is put together here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from contracts.plant import Plant
from contracts.quality import Quality
from contracts.tables import HISTORY_TABLE, HOLD_HEARTBEATS
from data.historians.historian import Bucketed, Buckets, Series
from widgets.lines import Line
from widgets.past import Answer, Past

LIVE: Final = "live"
"""The name of the answer's table where only the live store's recent past was asked."""
NEAR_ROWS: Final = 60_000
"""Up to so many samples are fetched as they are: a plot of them zooms without asking again."""
CHUNKS_APART_US: Final = 3_600_000_000
"""A tag that ends so much before the others is silent; it is not that its chunk is still open."""
_LEAST_GAP_US: Final = 30_000_000


def near(plant: Plant, kks: Sequence[str], from_us: int, to_us: int) -> bool:
    """Whether a span is short enough to be drawn from samples: each signal may change at every scan."""
    per_s = sum(1 / max(0.1, plant.by_kks[tag].scan_s) for tag in kks if tag in plant.by_kks)
    return (to_us - from_us) / 1e6 * per_s <= NEAR_ROWS


def cut_of(found: Bucketed, from_us: int, to_us: int) -> int:
    """Where buckets end and samples take over: the last bucket is not full yet. `to_us` where history goes as far."""
    ends = [int(one.us[-1]) for one in found.tags.values() if one.us.size]
    if not ends:
        return from_us
    if max(ends) + found.width_us >= to_us:
        return to_us
    return max(min(ends), max(ends) - CHUNKS_APART_US)


def hold_us(plant: Plant, tag: str) -> int:
    """How long a sample holds without a newer one."""
    signal = plant.by_kks.get(tag)
    return round(HOLD_HEARTBEATS * 1e6 * (plant.heartbeat_s if signal is None else signal.heartbeat_s))


def line_of_samples(series: Series, hold: int, until_us: int) -> Line:
    """Samples as a line that breaks where a value held no longer; `until_us`: what is known by then is all."""
    times, values, codes = series.us, np.asarray(series.v, float), np.asarray(series.q, np.int16)
    # Last known values are kept: they are drawn dotted.
    values = np.where(((codes & 0xC0) == 0) & (codes != int(Quality.LAST_KNOWN)), np.nan, values)
    if not times.size:
        return Line(times, values, codes=codes)
    late = np.flatnonzero(np.diff(times, append=max(until_us, int(times[-1]))) > hold)
    broken = np.full(late.size, int(Quality.COMM_FAILURE), np.int16) if late.size else np.empty(0, np.int16)
    return Line(
        np.insert(times, late + 1, times[late] + hold),
        np.insert(values, late + 1, np.nan),
        codes=np.insert(codes, late + 1, broken),
    )


def line_of_buckets(history: Buckets, width_us: int) -> Line:
    """Buckets as a line at their middles; two that are further apart than three widths are not joined."""
    middle = history.us + width_us // 2
    breaks = np.flatnonzero(np.diff(history.us) > 3 * max(width_us, 10_000_000)) + 1
    # A bucket of which part is bad does not look as good as one that is good throughout.
    bad = (history.q_worst & 0xC0) == 0
    codes = np.where(bad & (history.n_good > 0), np.int16(Quality.UNCERTAIN), history.q_worst).astype(np.int16)

    def column(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.insert(values.astype(float), breaks, np.nan)

    times = np.insert(middle, breaks, history.us[np.maximum(breaks - 1, 0)] + width_us)
    gone = np.full(breaks.size, int(Quality.COMM_FAILURE), np.int16)
    return Line(
        times,
        column(history.v_mean),
        column(history.v_min),
        column(history.v_max),
        np.insert(codes, breaks, gone) if breaks.size else codes,
    )


def after(line: Line, newer: Line, width_us: int) -> Line:
    """One line of two; not joined where more than three widths (at least 10 s) lie between."""
    if not line.times_us.size:
        return newer
    if not newer.times_us.size:
        return line
    apart = int(newer.times_us[0] - line.times_us[-1]) > 3 * max(width_us, 10_000_000)
    blank = 1 if apart else 0
    low, high = (newer.mean if part is None else part for part in (newer.low, newer.high))

    def column(older: NDArray[np.float64] | None, later: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.concatenate([line.mean if older is None else older, np.full(blank, np.nan), later])

    return Line(
        np.concatenate([line.times_us, np.full(blank, line.times_us[-1] + 1), newer.times_us]),
        column(line.mean, newer.mean),
        column(line.low, low),
        column(line.high, high),
        np.concatenate([_codes(line), np.full(blank, int(Quality.COMM_FAILURE), np.int16), _codes(newer)]),
    )


def _codes(line: Line) -> NDArray[np.int16]:
    known = np.full(line.times_us.size, int(Quality.GOOD), np.int16)
    return known if line.codes is None else np.asarray(line.codes, np.int16)


def joined(
    plant: Plant,
    kks: Sequence[str],
    span_us: tuple[int, int],
    found: Bucketed | None,
    cut_us: int,
    stored: Mapping[str, Series],
    newer: Mapping[str, Series],
    present_us: int,
) -> Answer:
    """Buckets before `cut_us`, the historian's samples from there on, and what is newer after each tag's last.

    Without buckets (`found` None) all are samples. A sample's identity is its time: none comes twice.
    """
    from_us, to_us = span_us
    past: dict[str, Past] = {}
    rows, newest, reaches_live = 0, 0, False
    width_us = 0 if found is None else found.width_us
    for tag in kks:
        own = stored.get(tag)
        samples = Series(np.empty(0, np.int64), np.empty(0), np.empty(0, np.int16)) if own is None else own
        history = None if found is None else found.tags.get(tag)
        line = Line(np.empty(0, np.int64), np.empty(0))
        n = n_good = 0
        known_until = from_us - 1
        if history is not None and history.us.size:
            whole = history.us < cut_us if samples.us.size else np.full(history.us.size, fill_value=True)
            history = Buckets._make(part[whole] for part in history)
            n, n_good = int(history.n.sum()), int(history.n_good.sum())
            line = line_of_buckets(history, width_us)
            if history.us.size:
                known_until = int(history.us[-1]) + width_us - 1
        if samples.us.size:
            known_until = int(samples.us[-1])
        rows += n + samples.us.size
        newest = max(newest, known_until + 1)
        live = newer.get(tag)
        if live is not None:
            later = (live.us > known_until) & (live.us < to_us)
            reaches_live = reaches_live or bool(later.any())
            samples = Series(
                np.concatenate([samples.us, live.us[later]]),
                np.concatenate([samples.v, live.v[later]]),
                np.concatenate([samples.q, live.q[later]]),
            )
        n, n_good = n + samples.us.size, n_good + int(((samples.q & 0xC0) == 0xC0).sum())
        tail = line_of_samples(samples, hold_us(plant, tag), min(present_us, to_us))
        past[tag] = Past(after(line, tail, width_us) if line.times_us.size else tail, n, n_good)
    has_history = newest > from_us
    seam = newest if has_history and reaches_live else None
    holds = min((hold_us(plant, tag) for tag in kks), default=0)
    least_us = max(5 * width_us, _LEAST_GAP_US, holds)
    table = (HISTORY_TABLE if found is None else found.table) if has_history else LIVE
    end_us = min(to_us, max(present_us, from_us))
    return Answer(from_us, to_us, past, seam, gaps(past, from_us, end_us, least_us), table, rows, 0.0, width_us)


def gaps(past: Mapping[str, Past], from_us: int, to_us: int, least_us: int) -> list[tuple[int, int]]:
    """Spans longer than `least_us` in which no signal has a sample. Bad samples are no gap: there the line breaks."""
    times = [entry.line.times_us for entry in past.values()]
    inside = [each[(each > from_us) & (each < to_us)] for each in times]
    known = np.unique(np.concatenate([*inside, np.array([from_us, to_us])]))
    wide = np.flatnonzero(np.diff(known) > least_us)
    return [(int(known[place]), int(known[place + 1])) for place in wide]
