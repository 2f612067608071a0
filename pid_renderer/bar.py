"""A transmitter on a picture too small for its bubble and number: a bar as high as its value in its range."""

from __future__ import annotations

from collections.abc import Hashable
from functools import cached_property
from typing import Final, NamedTuple

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainterPath

from contracts.signal_list import Signal
from data.reading import NEVER_SEEN
from pid_renderer.drawing import Box
from pid_renderer.live_state import Readings, Trust, fraction, trust
from pid_renderer.symbol import Canvas2D, LiveSymbol

STEPS: Final = 12
_WIDE: Final = 0.42
"""Of the bubble's width."""
_SMALLEST_ABNORMAL_PX: Final = 12.0
_DASHES: Final[dict[Trust, tuple[float, ...]]] = {"uncertain": (3.0, 2.0), "stale": (1.5, 2.0)}
_INKS: Final[dict[Trust, str]] = {"stale": "quality.stale", "forced": "quality.forced"}


class BarLook(NamedTuple):
    """What a bar shows."""

    trust: Trust
    step: int
    """0 empty … `STEPS` full."""


class Bar(LiveSymbol):
    """Stands for a bubble. What is not good shows it as the bubble does, and is never smaller than 12 px."""

    order = 3

    @cached_property
    def main(self) -> Signal | None:
        """The signal it shows."""
        return self.binding.main(self.code)

    def signals(self) -> tuple[Signal, ...]:
        return () if self.main is None else (self.main,)

    def steps(self, signal: Signal) -> int:
        return STEPS if signal.kind == "analog" else super().steps(signal)

    def look(self, readings: Readings) -> BarLook:
        if self.main is None:
            return BarLook("good", 0)
        reading = readings.get(self.main.kks, NEVER_SEEN)
        kind = trust(reading)
        known = reading.value is not None and kind not in ("bad", "last known")
        return BarLook(kind, round(STEPS * fraction(self.main, reading.value or 0.0)) if known else 0)

    def paint(self, on: Canvas2D) -> None:
        shown = self.shown
        assert isinstance(shown, BarLook)
        box = self._box(on, shown)
        body = QPainterPath()
        body.addRect(QRectF(box.left, box.top, box.width, box.height))
        on.painter.fillPath(body, on.colors.brush("equip.body"))
        high = box.height * shown.step / STEPS
        ink = on.colors.brush(_INKS.get(shown.trust, "value.live"))
        on.painter.fillRect(QRectF(box.left, box.bottom - high, box.width, high), ink)
        on.hollow()
        if shown.trust in ("bad", "last known"):
            on.hatch(body, "line.strong")
            on.pen("quality.bad", 1.6)
            on.painter.drawLine(QPointF(box.left, box.top), QPointF(box.right, box.bottom))
            on.painter.drawLine(QPointF(box.left, box.bottom), QPointF(box.right, box.top))
        on.pen(_INKS.get(shown.trust, "equip.line"), 1.4, _DASHES.get(shown.trust, ()))
        on.painter.drawPath(body)

    def _box(self, on: Canvas2D, shown: BarLook) -> Box:
        (x, y), room = self.shape.box.centre, self.shape.box
        smallest = _SMALLEST_ABNORMAL_PX / on.view.scale if shown.trust != "good" else 0.0
        high = max(room.height, smallest)
        wide = max(_WIDE * room.width, 0.5 * smallest)
        return Box(x - wide / 2, y - high / 2, x + wide / 2, y + high / 2)

    def likeness(self) -> Hashable:
        return "bar"
