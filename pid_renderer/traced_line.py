"""Heat-traced pipes: a line beside the pipe, solid when the tracing is on, dotted when it is off."""

from __future__ import annotations

from functools import cached_property
from itertools import pairwise
from math import hypot
from typing import NamedTuple

from PySide6.QtCore import QLineF

from contracts.signal_list import Signal
from data.reading import AlarmMark
from pid_renderer.drawing import Polyline
from pid_renderer.ink import reading_scale
from pid_renderer.live_state import DOUBTED, Readings, any_is, is_set, worst_alarm
from pid_renderer.symbol import Canvas2D, LiveSymbol

_BESIDE_PX = 4.5


class TracingLook(NamedTuple):
    """What the tracing of a pipe shows."""

    on: bool | None
    """None where nobody knows."""
    stale: bool
    alarm: AlarmMark | None
    forced: bool


class TracedLine(LiveSymbol):
    """The tracing of a pipe; the pipe itself stays the sheet's."""

    order = 1

    def owners(self) -> set[str]:
        return set()

    @cached_property
    def _signals(self) -> tuple[Signal, ...]:
        return tuple(s for s in self.binding.signals_of.get(self.code, ()) if s.role in ("tracing", "fault", "trip"))

    def signals(self) -> tuple[Signal, ...]:
        return self._signals

    def look(self, readings: Readings) -> TracingLook:
        own = self._signals
        return TracingLook(
            is_set(self.binding.signal(self.code, "tracing"), readings),
            any_is(own, readings, *DOUBTED),
            worst_alarm(own, readings, self.plated),
            any_is(own, readings, "forced"),
        )

    @cached_property
    def _beside(self) -> list[QLineF]:
        """The pipe's straight pieces, moved to their left hand."""
        by = _BESIDE_PX / reading_scale(self.drawing)
        lines = []
        for item in self.own:
            if isinstance(item, Polyline) and item.pipe:
                for (x0, y0), (x1, y1) in pairwise(item.points):
                    length = hypot(x1 - x0, y1 - y0)
                    if length > 2 * by:
                        dx, dy = by * (y1 - y0) / length, -by * (x1 - x0) / length
                        lines.append(QLineF(x0 + dx, y0 + dy, x1 + dx, y1 + dy))
        return lines

    def paint(self, on: Canvas2D) -> None:
        shown = self.shown
        assert isinstance(shown, TracingLook)
        if shown.on is None:
            on.pen("quality.bad", 1.4, (1.5, 3.0, 5.0, 3.0))
        elif shown.stale:
            on.pen("quality.stale", 1.4, (2.0, 2.0) if shown.on else (1.5, 6.0))
        else:
            on.pen("equip.line", 1.4, () if shown.on else (1.5, 4.5))
        on.painter.drawLines(self._beside)
