"""What one device's tags last said, and which of them have something to say now.

All tags of a device are rows of one table of numpy columns: a block of sixty values costs a few array operations.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from contracts import event, names
from contracts.quality import Quality
from contracts.sample import Sample
from contracts.signal_list import Signal

Floats = NDArray[np.float64]
Codes = NDArray[np.int16]
Rows = NDArray[np.intp]

_OUTSIDE: Final = 0.05
"""Share of the span beyond which a value is out of range; a transmitter's own over-range (NAMUR NE 43) is below it."""

_GOLDEN: Final = 0.6180339887498949
"""Multiples of the golden ratio, modulo 1, fill an interval evenly however many there are."""

_UNDECLARED_RANGE: Final = (0.0, 100.0)
"""What the signal list fills in where low and high are empty: no statement about the plant."""


class TagTable:
    """Scaling, limits, deadband and heartbeat of the signals of one device; written by its poll thread only."""

    def __init__(self, refinery: str, signals: Sequence[Signal], first_row: int = 0) -> None:
        """`first_row` counts the tags of the devices before this one: heartbeats spread over the whole plant."""
        self.kks = [signal.kks for signal in signals]
        self.topics = [names.topic(refinery, signal.zone) for signal in signals]

        def column(values: list[float]) -> Floats:
            return np.array(values, dtype=np.float64)

        scaled = [signal.raw_low is not None and signal.raw_high is not None for signal in signals]
        self._scaled = np.array(scaled, dtype=bool)
        self._raw_low = column([signal.raw_low or 0.0 for signal in signals])
        self._raw_span = column([(s.raw_high or 0.0) - (s.raw_low or 0.0) or 1.0 for s in signals])
        self._low = column([signal.low for signal in signals])
        self._span = column([signal.high - signal.low for signal in signals])
        ranged = np.array(
            [
                signal.kind == "analog" and (has_raw or (signal.low, signal.high) != _UNDECLARED_RANGE)
                for signal, has_raw in zip(signals, scaled, strict=True)
            ],
            dtype=bool,
        )
        margin = np.where(ranged, _OUTSIDE * self._span, np.inf)
        self._lowest = self._low - margin
        self._highest = self._low + self._span + margin

        self._deadband = column([signal.deadband for signal in signals])
        self._heartbeat_us = np.array([round(signal.heartbeat_s * 1e6) for signal in signals], dtype=np.int64)
        self._scan_us = np.array([round(signal.scan_s * 1e6) for signal in signals], dtype=np.int64)
        fraction = (np.arange(first_row, first_row + len(signals)) * _GOLDEN) % 1.0
        self._phase_us = (fraction * self._heartbeat_us).astype(np.int64)

        self._value = np.full(len(signals), np.nan)
        self._quality = np.full(len(signals), Quality.WAITING, dtype=np.int16)
        self._slot = np.full(len(signals), -1, dtype=np.int64)

    def __len__(self) -> int:
        return len(self.kks)

    def scale(self, rows: Rows, raw: Floats) -> tuple[Floats, Codes]:
        """Engineering units and quality of raw values a device gave as good.

        Linear: low + (raw − raw_low) / (raw_high − raw_low) · (high − low), exact at both ends. Not a number or
        infinite: no value, sensor failure. More than 5 % of the span outside low..high: kept, range exceeded.
        """
        scaled = self._scaled[rows]
        with np.errstate(over="ignore", invalid="ignore"):
            units = self._low[rows] + (raw - self._raw_low[rows]) / self._raw_span[rows] * self._span[rows]
        values = np.where(scaled, units, raw)
        outside = (values < self._lowest[rows]) | (values > self._highest[rows])
        qualities = np.where(outside, Quality.RANGE_EXCEEDED, Quality.GOOD).astype(np.int16)
        finite = np.isfinite(values)
        qualities[~finite] = Quality.SENSOR_FAILURE
        values[~finite] = np.nan
        return values, qualities

    def news(self, rows: Rows, values: Floats, qualities: Codes, time_us: int) -> NDArray[np.bool_]:
        """Which of `rows` are to be reported at `time_us`, and remembers that they were.

        A change beyond the deadband of what was last reported (0: any change), a change of quality, or the heartbeat:
        its slots lie on a fixed grid, one phase a tag, and are served by the last scan before they are over.
        """
        slot = (time_us + self._scan_us[rows] + self._phase_us[rows]) // self._heartbeat_us[rows]
        with np.errstate(invalid="ignore"):
            moved = np.abs(values - self._value[rows]) > self._deadband[rows]
        reported: NDArray[np.bool_] = moved | (qualities != self._quality[rows]) | (slot > self._slot[rows])
        told = rows[reported]
        self._value[told] = values[reported]
        self._quality[told] = qualities[reported]
        self._slot[told] = slot[reported]
        return reported

    def events(self, rows: Rows, values: Floats, qualities: Codes, time_us: int) -> dict[str, list[tuple[str, bytes]]]:
        """What must be told at `time_us`: topic → (key, encoded event), in the order of `rows`."""
        reported = self.news(rows, values, qualities, time_us)
        by_topic: dict[str, list[tuple[str, bytes]]] = {}
        told, kks = rows[reported], self.kks
        for row, value, quality in zip(
            told.tolist(), values[reported].tolist(), qualities[reported].tolist(), strict=True
        ):
            sample = Sample(None if value != value else value, time_us, quality)
            by_topic.setdefault(self.topics[row], []).append((kks[row], event.encode(kks[row], sample)))
        return by_topic
