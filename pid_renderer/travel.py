"""A valve's travel: its bar, and how long it has been on its way, which is worth a mark if too long. No Qt."""

from __future__ import annotations

from math import radians, sin
from typing import Final

from contracts.signal_list import Signal
from data.reading import NEVER_SEEN
from pid_renderer.drawing import Box, Drawing, Element
from pid_renderer.free_room import room_of
from pid_renderer.live_state import Readings, ValveLook
from pid_renderer.shape import Shape, parts

USUAL_S: Final = 60.0
"""Full travel of a large motor valve; a plant says its own in the signal list's column `travel_s`."""
_BAR_PX, _GAP_PX = 3.0, 1.2


def upright(shape: Shape) -> bool:
    """Whether a valve stands across the usual way."""
    return abs(sin(radians(shape.rotation_deg))) > 0.7


def bar_box(drawing: Drawing, element: Element, shape: Shape, mm: float) -> Box:
    """A valve's travel bar, on the side where it covers least, mm."""
    box, thick, gap = shape.box, _BAR_PX * mm, _GAP_PX * mm
    if upright(shape):
        bars = [
            Box(box.right + gap, box.top, box.right + gap + thick, box.bottom),
            Box(box.left - gap - thick, box.top, box.left - gap, box.bottom),
        ]
    else:
        bars = [
            Box(box.left, box.bottom + gap, box.right, box.bottom + gap + thick),
            Box(box.left, box.top - gap - thick, box.right, box.top - gap),
        ]
    return bars[room_of(drawing).best(bars, parts(drawing, element))]


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
