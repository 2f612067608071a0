"""How long a valve has been on its way: longer than it should take is worth a mark. No Qt."""

from __future__ import annotations

from typing import Final

from contracts.signal_list import Signal
from data.reading import NEVER_SEEN
from pid_renderer.live_state import Readings, ValveLook

USUAL_S: Final = 60.0
"""Full travel of a large motor valve; a plant says its own in the signal list's column `travel_s`."""


class Travel:
    """Remembers since when a valve is not where it was told to be, in the plant's own time: replay marks it too."""

    def __init__(self, signals: tuple[Signal, ...]) -> None:
        self._signals = signals
        self._allowed_us = round(1e6 * _allowed_s(signals))
        self._left_us: int | None = None

    def judge(self, look: ValveLook, readings: Readings) -> ValveLook:
        """`look`, marked where the valve is late. Only news of its signals moves the clock, a heartbeat included."""
        if not look.astray:
            self._left_us = None
            return look
        newest_us = max((readings.get(signal.kks, NEVER_SEEN).time_us for signal in self._signals), default=0)
        if self._left_us is None or newest_us < self._left_us:
            self._left_us = newest_us
        return look._replace(late=newest_us - self._left_us > self._allowed_us)


def _allowed_s(signals: tuple[Signal, ...]) -> float:
    for signal in signals:
        try:
            seconds = float(signal.extra.get("travel_s", "").replace(",", "."))
        except ValueError:
            continue
        if seconds > 0:
            return seconds
    return USUAL_S
