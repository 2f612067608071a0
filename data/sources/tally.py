"""What a source counts about itself: events stored, records it could not use and why, and how old events arrive."""

from __future__ import annotations

import time
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from contracts.sample import now_us


class Tally:
    """Written by the source's thread, read by the thread that reports."""

    def __init__(self) -> None:
        self.events = 0
        """Samples that were new to the store."""
        self.rejected = 0
        """Records that were no event, or an event of a tag that is not in the signal list."""
        self.last_rejection = ""
        self._ages: list[NDArray[np.int64]] = []
        self._lock = Lock()
        self._turned_s = time.monotonic()

    def turn(self) -> None:
        """The source's loop came round once more."""
        self._turned_s = time.monotonic()

    @property
    def idle_s(self) -> float:
        """Seconds since the source's loop last came round."""
        return time.monotonic() - self._turned_s

    def stored(self, new: int, times_us: NDArray[np.int64]) -> None:
        """Count a batch: how many were new, and the source times of all."""
        with self._lock:
            self.events += new
            self._ages.append(now_us() - times_us)

    def reject(self, reason: str) -> None:
        """Count one record that cannot be used."""
        self.rejected += 1
        self.last_rejection = reason

    def lag_ms(self) -> tuple[float, float] | None:
        """Age of the events at their arrival since the last call, p50 and p99; None if there were none."""
        with self._lock:
            ages, self._ages = self._ages, []
        if not ages:
            return None
        p50, p99 = np.percentile(np.concatenate(ages), (50, 99)) / 1000
        return round(float(p50), 1), round(float(p99), 1)
