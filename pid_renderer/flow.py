"""Where something flows: what the flow meters and pumps on a pipe say about it, and the arrows that show it."""

from __future__ import annotations

from itertools import pairwise
from math import atan2, degrees, hypot
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPolygonF

from data.reading import NEVER_SEEN
from pid_renderer.binding import Binding
from pid_renderer.drawing import Box, Drawing, Polyline
from pid_renderer.live_state import Readings, drive_look, fraction, trust

if TYPE_CHECKING:
    from pid_renderer.symbol import Canvas2D

FLOWING_OF_RANGE = 0.01
"""More than 1 % of a meter's range is flow; less is its noise."""

_STEPS = 4
_PITCH_PX = 64.0


class Flow:
    """Flow of each pipe segment of a drawing: known true, known false, or not known."""

    def __init__(self, drawing: Drawing, binding: Binding) -> None:
        self._binding = binding
        self.segments: dict[str, bool | None] = {}
        self._runs: dict[str, list[Polyline]] = {}
        self._meters: dict[str, list[str]] = {}
        self._drives: dict[str, list[str]] = {}
        for item in drawing.primitives:
            if isinstance(item, Polyline) and item.pipe and item.layer == "piping":
                self._runs.setdefault(item.owner, []).append(item)
        holder = {
            link.source: link.target for link in drawing.links if link.kind in ("is located in", "is the location of")
        }
        for id_, code in binding.code_of.items():
            element = drawing.elements[id_]
            signal = binding.signal(code, "flow")
            if element.family == "instrument" and signal is not None:
                sources = [id_, *drawing.children_of.get(id_, ())]
                for place in (holder.get(source, "") for source in sources):
                    segment = drawing.elements[place].parent if place in drawing.elements else ""
                    if segment in self._runs:
                        self._meters.setdefault(segment, []).append(signal.kks)
        for joint in drawing.connections:
            for end in (joint.source, joint.target):
                element_ = drawing.elements.get(end)
                while element_ is not None and element_.family not in ("pump", "compressor"):
                    element_ = drawing.elements.get(element_.parent)
                if element_ is not None and element_.id in binding.code_of:
                    self._drives.setdefault(joint.segment, []).append(binding.code_of[element_.id])

    def judge(self, readings: Readings) -> None:
        """Read meters first, pumps where there is no meter."""
        self.segments = {segment: self._flows(segment, readings) for segment in self._runs}

    def _flows(self, segment: str, readings: Readings) -> bool | None:
        by_kks = self._binding.code_of_signal
        for kks in self._meters.get(segment, ()):
            reading = readings.get(kks, NEVER_SEEN)
            signal = next(s for s in self._binding.signals_of[by_kks[kks]] if s.kks == kks)
            if reading.value is not None and trust(reading) in ("good", "uncertain", "forced"):
                return fraction(signal, reading.value) > FLOWING_OF_RANGE
        states = [drive_look(self._binding, code, readings).state for code in self._drives.get(segment, ())]
        if "running" in states:
            return True
        return False if states and all(state in ("stopped", "tripped") for state in states) else None

    def paint(self, on: Canvas2D, visible: Box) -> None:
        """Arrows along the pipes that flow; the painter's unit is the millimetre."""
        painter, half = on.painter, on.px(4.0)
        pitch, shift = on.px(_PITCH_PX), on.px(_PITCH_PX) * (on.step % _STEPS) / _STEPS
        arrow = QPolygonF([QPointF(half, 0), QPointF(-half, -half), QPointF(-half, half)])
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(on.colors.color("equip.line"))
        for segment, flows in self.segments.items():
            if not flows:
                continue
            left = pitch / 2 + shift
            for run in self._runs[segment]:
                if not run.box.meets(visible):
                    left = pitch / 2 + shift
                    continue
                for (x0, y0), (x1, y1) in pairwise(run.points):
                    length = hypot(x1 - x0, y1 - y0)
                    while left < length:
                        painter.save()
                        painter.translate(x0 + (x1 - x0) * left / length, y0 + (y1 - y0) * left / length)
                        painter.rotate(degrees(atan2(y1 - y0, x1 - x0)))
                        painter.drawPolygon(arrow)
                        painter.restore()
                        left += pitch
                    left -= length
