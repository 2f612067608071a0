"""The readings of a plant as they were at a moment: what the synoptic would have shown then."""

from __future__ import annotations

import math
from typing import Final

from analysis import deviation
from analysis.alarms import AlarmBoard
from contracts import quality
from contracts.plant import Plant
from contracts.sample import WAITING, Sample
from data.historians.historian import Historian, Series
from data.reading import AlarmMark, Reading, judge

_HEARTBEATS: Final = 4.0
"""How far back to look: each tag reports once a heartbeat, so older samples say only that a value was old."""


def readings_at(historian: Historian, plant: Plant, at_us: int) -> dict[str, Reading]:
    """Reading by signal at `at_us` (UTC, µs); a tag without a sample in reach is missing.

    Alarms begin anew in the span looked at, so who had acknowledged what is not known. Raises `HistorianError`.
    """
    longest_s = max((signal.heartbeat_s for signal in plant.signals), default=plant.heartbeat_s)
    reach_us = round(_HEARTBEATS * 1e6 * longest_s)
    found = historian.raw([signal.kks for signal in plant.signals], at_us - reach_us, at_us + 1)
    board = AlarmBoard(plant.signals)
    readings: dict[str, Reading] = {}
    for signal in plant.signals:
        series = found[signal.kks]
        if not series.us.size:
            continue
        for row in range(series.us.size):
            sample = _sample(series, row)
            board.update(signal.kks, sample.value, sample.quality, sample.time_us)
        reading = judge(_sample(series, -1), _last_good(series), at_us, signal.heartbeat_s)
        readings[signal.kks] = reading._replace(
            alarm=_mark(board, signal.kks), deviation_percent=deviation.percent(signal, reading.value)
        )
    return readings


def _sample(series: Series, row: int) -> Sample:
    value = float(series.v[row])
    return Sample(value if math.isfinite(value) else None, int(series.us[row]), int(series.q[row]))


def _last_good(series: Series) -> Sample:
    for row in range(series.us.size - 1, -1, -1):
        sample = _sample(series, row)
        if sample.value is not None and not quality.is_bad(sample.quality):
            return sample
    return WAITING


def _mark(board: AlarmBoard, kks: str) -> AlarmMark | None:
    alarm = board.worst(kks)
    if alarm is None or alarm.state == "normal":
        return None
    return AlarmMark(alarm.priority, alarm.limit, alarm.state, alarm.since_us)
