"""What every signal of a sheet says, as columns: how far it is trusted, its place in its range, its alarm. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, get_args

import numpy as np
from numpy.typing import NDArray

from analysis import deviation
from contracts.signal_list import Signal
from data.reading_table import ALARM_STATES, ReadingTable, Rows
from pid_renderer.live_state import Trust, trust_of

TRUSTS: Final[tuple[Trust, ...]] = get_args(Trust)
GOOD, UNCERTAIN, STALE, LAST_KNOWN, BAD, FORCED = range(len(TRUSTS))
_OF_QUALITY: Final = np.array([TRUSTS.index(trust_of(code)) for code in range(256)], np.uint8)


class LiveColumns:
    """One row a signal, as in the table, and one more at the end for what has no signal: good, without a value."""

    def __init__(self, signals: Sequence[Signal]) -> None:
        count = len(signals) + 1
        low = np.array([signal.low for signal in signals])
        span = np.array([signal.high - signal.low for signal in signals])
        self._low, self._span = low, np.where(span == 0.0, 1.0, span)
        self.rows = {signal.kks: row for row, signal in enumerate(signals)}
        self.none = count - 1
        self.value: NDArray[np.float64] = np.full(count, np.nan)
        self.trust: NDArray[np.uint8] = np.full(count, BAD, np.uint8)
        self.trust[-1] = GOOD
        self.fraction: NDArray[np.float64] = np.zeros(count)
        """0 … 1 of the range; 0 without a value."""
        self.alarm: NDArray[np.uint8] = np.zeros(count, np.uint8)
        self.step: NDArray[np.int8] = np.zeros(count, np.int8)
        """Of the deviation scale, whatever the trust."""

    def take(self, table: ReadingTable, rows: Rows) -> None:
        """Judge rows again."""
        value = table.value[rows]
        known = ~np.isnan(value)
        self.value[rows] = value
        self.trust[rows] = np.where(known, _OF_QUALITY[table.quality[rows] & 0xFF], BAD)
        part = (value - self._low[rows]) / self._span[rows]
        self.fraction[rows] = np.where(known, np.clip(part, 0.0, 1.0), 0.0)
        self.alarm[rows] = table.alarm[rows]
        off = table.deviation[rows]
        size = np.zeros(rows.size, np.int8)
        distance = np.abs(off)
        for threshold in deviation.THRESHOLDS_PERCENT:
            size += distance > threshold
        self.step[rows] = np.where(off > 0, size, -size)

    @property
    def unacknowledged(self) -> Rows:
        """Rows with an alarm that waits for a person."""
        code = self.alarm.astype(np.int64) - 1
        return np.flatnonzero((code >= 0) & (code % len(ALARM_STATES) == ALARM_STATES.index("unacknowledged")))
