"""Readings of all tags as columns: ten thousand change in one step, and a `Reading` is made only for who asks for one.

One row a tag. `changed_at` holds for each row the number of the write that last changed it, so every reader keeps the
number it has seen and asks for what is newer.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, Final, get_args

import numpy as np
from numpy.typing import NDArray

from contracts.quality import Quality
from data.reading import AHEAD_S, NEVER_SEEN, STALE_AFTER_HEARTBEATS, AlarmMark, AlarmState, Reading

ALARM_STATES: Final[tuple[AlarmState, ...]] = get_args(AlarmState)
ALARM_CODES: Final = 1 + 4 * len(ALARM_STATES)
"""0 = no alarm; else 1 + 6 · (priority - 1) + place in `ALARM_STATES`."""

Rows = NDArray[np.int64]


def alarm_code(mark: AlarmMark | None) -> int:
    """Priority and state of a mark as one number."""
    return 0 if mark is None else 1 + len(ALARM_STATES) * (mark.priority - 1) + ALARM_STATES.index(mark.state)


class ReadingTable(Mapping[str, Reading]):
    """The newest reading of each tag. Looked at as a mapping it gives a `Reading` by KKS."""

    def __init__(self, tags: Sequence[str]) -> None:
        self.tags = tuple(tags)
        self.rows = {tag: row for row, tag in enumerate(self.tags)}
        count = len(self.tags)
        self.value: NDArray[np.float64] = np.full(count, np.nan)
        """Engineering units, as `Reading.value`; NaN for none."""
        self.time_us: NDArray[np.int64] = np.zeros(count, np.int64)
        self.quality: NDArray[np.int16] = np.full(count, NEVER_SEEN.quality, np.int16)
        self.deviation: NDArray[np.float64] = np.full(count, np.nan)
        """Percent, as `Reading.deviation_percent`; NaN for none."""
        self.alarm: NDArray[np.uint8] = np.zeros(count, np.uint8)
        """See `ALARM_CODES`."""
        self.marks: dict[int, AlarmMark] = {}
        """The marks behind `alarm`, by row."""
        self.changed_at: NDArray[np.int64] = np.zeros(count, np.int64)
        self.tick = 0

    def __getitem__(self, tag: str) -> Reading:
        return self.at(self.rows[tag])

    def __iter__(self) -> Iterator[str]:
        return iter(self.tags)

    def __len__(self) -> int:
        return len(self.tags)

    def __contains__(self, tag: object) -> bool:
        return tag in self.rows

    def at(self, row: int) -> Reading:
        """The reading in a row."""
        value, deviation = float(self.value[row]), float(self.deviation[row])
        return Reading(
            None if math.isnan(value) else value,
            int(self.time_us[row]),
            int(self.quality[row]),
            self.marks.get(row),
            None if math.isnan(deviation) else deviation,
        )

    def since(self, tick: int) -> Rows:
        """Rows changed after the write number `tick`."""
        return np.flatnonzero(self.changed_at > tick)

    def write(
        self,
        rows: Rows,
        value: NDArray[np.float64],
        time_us: NDArray[np.int64],
        quality: NDArray[np.int16],
        deviation: NDArray[np.float64],
    ) -> Rows:
        """Store columns for `rows` (each at most once); the rows that differ from before. Alarms are `mark`'s."""
        pairs: tuple[tuple[NDArray[Any], NDArray[Any]], ...] = (
            (self.value, value),
            (self.time_us, time_us),
            (self.quality, quality),
            (self.deviation, deviation),
        )
        differs = np.zeros(rows.size, bool)
        for column, new in pairs:
            old = column[rows]
            unequal = old != new
            if column.dtype.kind == "f":
                unequal &= ~(np.isnan(old) & np.isnan(new))
            differs |= unequal
        changed = rows if differs.all() else rows[differs]
        for column, new in pairs:
            column[rows] = new
        if changed.size:
            self.tick += 1
            self.changed_at[changed] = self.tick
        return changed

    def mark(self, row: int, mark: AlarmMark | None) -> bool:
        """Set or clear a row's alarm; whether that is new."""
        if self.marks.get(row) == mark:
            return False
        if mark is None:
            del self.marks[row]
        else:
            self.marks[row] = mark
        self.alarm[row] = alarm_code(mark)
        self.tick += 1
        self.changed_at[row] = self.tick
        return True

    def put(self, tag: str, reading: Reading) -> None:
        """Store one reading; a tag the table does not have is none of its business."""
        row = self.rows.get(tag)
        if row is None:
            return
        self.value[row] = math.nan if reading.value is None else reading.value
        self.time_us[row], self.quality[row] = reading.time_us, reading.quality
        self.deviation[row] = math.nan if reading.deviation_percent is None else reading.deviation_percent
        self.mark(row, reading.alarm)
        self.tick += 1
        self.changed_at[row] = self.tick


def judge_rows(
    newest_and_good: Sequence[NDArray[Any]], now_us: int, heartbeat_us: NDArray[np.float64], *, source_alive: bool
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int16]]:
    """`reading.judge` for many tags at once: value (NaN for none), time and quality of each reading.

    `newest_and_good`: value, time, quality of the newest sample, then of the last good one, as `Snapshot` has them.
    While the source is away nothing is newer than last usable.
    """
    value, time_us, code, good_value, good_us, _ = newest_and_good
    missing = np.isnan(value)
    bad = code & 0xC0 == 0
    lost = missing & (good_us > 0) & ~np.isnan(good_value)
    never = missing & ~lost
    found = np.where(lost, good_value, value)
    found_us = np.where(lost, good_us, np.where(never, 0, time_us))
    found_code = np.where(lost, np.int16(Quality.LAST_KNOWN), code).astype(np.int16)
    usable = ~missing & ~bad
    ahead = usable & (code & 0xC0 == 0xC0) & (found_us - now_us > AHEAD_S * 1e6)
    old = usable & ~ahead & ((found_us == 0) | (now_us - found_us > STALE_AFTER_HEARTBEATS * heartbeat_us))
    found_code[ahead] = Quality.UNCERTAIN
    found_code[usable if not source_alive else old] = Quality.LAST_USABLE
    return found, found_us, found_code


class Changes(Mapping[str, Reading]):
    """The rows of a table that changed: as a mapping for who wants single readings, as columns for who draws all."""

    def __init__(self, table: ReadingTable, rows: Rows) -> None:
        self.table = table
        self.rows = rows

    def __getitem__(self, tag: str) -> Reading:
        row = self.table.rows[tag]
        if row not in self._own:
            raise KeyError(tag)
        return self.table.at(row)

    @cached_property
    def _own(self) -> frozenset[int]:
        return frozenset(self.rows.tolist())

    def __iter__(self) -> Iterator[str]:
        return (self.table.tags[row] for row in self.rows.tolist())

    def __len__(self) -> int:
        return int(self.rows.size)
