"""The last samples of each watched row: a ring a row, all in shared memory, one writer, readers without locks.

A ring counts its samples for ever; sample number n lies in place n modulo the capacity. The writer first says how far
it will go (`reserved`), then writes, then says how far it has come (`written`); what a reader copied is valid unless
the writer has meanwhile reserved the place for a later sample.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from data.shared_arrays import Fields

BYTES_PER_SAMPLE: Final = 18

Fence = Callable[[], None]


class RecentPast:
    """The rings inside a live store's arrays."""

    @staticmethod
    def fields(rows: int, rings: int, capacity: int) -> Fields:
        """The arrays of `rings` rings of `capacity` samples. Rows and rings refer to each other as number + 1."""
        return {
            "ring_of_row": ("i4", rows),
            "row_of_ring": ("i4", rings),
            "asked": ("i8", rings),
            "changes": ("i8", rings),
            "oldest": ("i8", rings),
            "reserved": ("i8", rings),
            "written": ("i8", rings),
            "recent_time_us": ("i8", (rings, capacity)),
            "recent_value": ("f8", (rings, capacity)),
            "recent_quality": ("i2", (rings, capacity)),
        }

    def __init__(self, arrays: dict[str, NDArray[Any]]) -> None:
        self._ring_of_row = arrays["ring_of_row"]
        self._row_of_ring = arrays["row_of_ring"]
        self._asked = arrays["asked"]
        self._changes = arrays["changes"]
        self._oldest = arrays["oldest"]
        self._reserved = arrays["reserved"]
        self._written = arrays["written"]
        self._times = arrays["recent_time_us"]
        self._values = arrays["recent_value"]
        self._qualities = arrays["recent_quality"]
        self._rings, self._capacity = self._times.shape

    def close(self) -> None:
        """Let go of the arrays."""
        self.__dict__.clear()

    def is_watched(self, row: int) -> bool:
        """Whether the row has a ring."""
        return bool(self._ring_of_row[row])

    def watch(self, rows: Iterable[int]) -> None:
        """Give these rows a ring, taking those that were asked for longest ago; what exceeds the rings is left out."""
        wanted = list(dict.fromkeys(rows))[: self._rings]
        now = int(self._asked.max(initial=0)) + 1
        for row in wanted:
            if ring := int(self._ring_of_row[row]):
                self._asked[ring - 1] = now
        free = iter(np.argsort(self._asked, kind="stable"))
        for row in wanted:
            if not self._ring_of_row[row]:
                self._give(int(next(free)), row, now)

    def _give(self, ring: int, row: int, now: int) -> None:
        self._changes[ring] += 1
        if before := int(self._row_of_ring[ring]):
            self._ring_of_row[before - 1] = 0
        self._oldest[ring] = self._reserved[ring] = self._written[ring] = 0
        self._row_of_ring[ring] = row + 1
        self._asked[ring] = now
        self._changes[ring] += 1
        self._ring_of_row[row] = ring + 1

    def repair(self) -> None:
        """Give up the places that an earlier writer had reserved when it was killed; the samples before them stay."""
        torn = np.flatnonzero(self._reserved != self._written)
        self._oldest[torn] = np.maximum(0, self._reserved[torn] - self._capacity)
        self._reserved[torn] = self._written[torn]
        self._changes[self._changes & 1 == 1] += 1

    def newest_us(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Time of the last sample in each row's ring; 0 where there is none."""
        ring = self._ring_of_row[rows].astype(np.int64) - 1
        last = self._written[ring] - 1
        return np.where((ring >= 0) & (last >= self._oldest[ring]), self._times[ring, last % self._capacity], 0)

    def write(
        self,
        row: NDArray[np.int64],
        value: NDArray[np.float64],
        time_us: NDArray[np.int64],
        quality: NDArray[np.int16],
        fence: Fence,
    ) -> None:
        """Add samples, sorted by row and time; rows without a ring are passed over."""
        ring = self._ring_of_row[row].astype(np.int64) - 1
        if (ring < 0).any():
            watched = np.flatnonzero(ring >= 0)
            ring, value, time_us, quality = ring[watched], value[watched], time_us[watched], quality[watched]
        if not ring.size:
            return
        starts = np.flatnonzero(np.append(True, ring[1:] != ring[:-1]))
        counts = np.diff(np.append(starts, ring.size))
        rings = ring[starts]
        nth = np.arange(ring.size) - np.repeat(starts, counts)
        place = (self._written[ring] + nth) % self._capacity
        if counts.max() > self._capacity:
            kept = np.flatnonzero(nth >= np.repeat(counts, counts) - self._capacity)
            ring, place, value, time_us, quality = ring[kept], place[kept], value[kept], time_us[kept], quality[kept]
        self._reserved[rings] += counts
        fence()
        self._times[ring, place] = time_us
        self._values[ring, place] = value
        self._qualities[ring, place] = quality
        fence()
        self._written[rings] += counts

    def read(self, row: int, fence: Fence) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int16]]:
        """Times, values and qualities of a row's ring, oldest first; empty if it has none."""
        ring = int(self._ring_of_row[row]) - 1
        if ring < 0:
            return _nothing()
        changes, written = int(self._changes[ring]), int(self._written[ring])
        fence()
        first = max(int(self._oldest[ring]), written - self._capacity)
        place = np.arange(first, written) % self._capacity
        columns = self._times[ring, place], self._values[ring, place], self._qualities[ring, place]
        fence()
        if changes & 1 or changes != self._changes[ring] or self._row_of_ring[ring] != row + 1:
            return _nothing()
        lost = max(0, int(self._reserved[ring]) - self._capacity - first)
        times, values, qualities = columns
        return times[lost:], values[lost:], qualities[lost:]


def _nothing() -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int16]]:
    return np.empty(0, np.int64), np.empty(0, np.float64), np.empty(0, np.int16)
