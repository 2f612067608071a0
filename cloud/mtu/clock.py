"""Source times that never repeat: an event's identity is (refinery, kks, ts)."""

from __future__ import annotations

import threading

from contracts.sample import now_us


class Clock:
    """Wall-clock stamps in UTC microseconds, each later than the one before, whatever the wall clock does."""

    def __init__(self, last_us: int) -> None:
        """`last_us`: the latest time ever given out, from the journal; 0 for none."""
        self._last_us = last_us
        self._lock = threading.Lock()

    def stamp(self) -> int:
        """The time now; one microsecond after the last stamp while the wall clock is behind it."""
        with self._lock:
            self._last_us = max(now_us(), self._last_us + 1)
            return self._last_us

    @property
    def ahead_s(self) -> float:
        """How far the stamps are ahead of the wall clock: positive after it was set back."""
        return max(0.0, (self._last_us - now_us()) / 1e6)
