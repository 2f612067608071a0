"""Where something flows: what the flow meters and pumps on a pipe say about it, and the arrows that show it."""

from __future__ import annotations

from itertools import pairwise
from math import atan2, ceil, degrees, dist
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPolygonF

from data.reading import NEVER_SEEN
from pid_renderer.binding import Binding
from pid_renderer.drawing import Box, Drawing, Point, Polyline
from pid_renderer.live_columns import FORCED, GOOD, UNCERTAIN, LiveColumns
from pid_renderer.live_state import Readings, drive_look, fraction, trust

if TYPE_CHECKING:
    from pid_renderer.symbol import Canvas2D

FLOWING_OF_RANGE = 0.01
"""More than 1 % of a meter's range is flow; less is its noise."""

STEPS: Final = 4
"""Places of an arrow before it is where the next one was."""
PITCH_PX: Final = 64.0
HALF_PX: Final = 4.0
"""Half an arrow."""


class Watch(NamedTuple):
    """Segments, and what is looked at first to know whether they flow."""

    segments: tuple[str, ...]
    meter: NDArray[np.int64]
    """Row of the first meter of each."""
    asked: NDArray[np.bool_]
    """Whether pumps or another meter may know where the first meter does not."""


class Flow:
    """Flow of each pipe segment of a drawing: known true, known false, or not known."""

    def __init__(self, drawing: Drawing, binding: Binding) -> None:
        self._binding = binding
        self.segments: dict[str, bool | None] = {}
        self.runs: dict[str, list[Polyline]] = {}
        self._meters: dict[str, list[str]] = {}
        self._drives: dict[str, list[str]] = {}
        for item in drawing.primitives:
            if isinstance(item, Polyline) and item.pipe and item.layer == "piping":
                self.runs.setdefault(item.owner, []).append(item)
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
                    if segment in self.runs:
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
        self.segments = {segment: self._flows(segment, readings) for segment in self.runs}

    def watch(self, columns: LiveColumns) -> Watch:
        """The same from columns."""
        none, rows = columns.none, columns.rows
        meters = [self._meters.get(segment, ()) for segment in self.runs]
        first = np.array([rows.get(found[0], none) if found else none for found in meters], np.int64)
        asked = np.array(
            [len(found) > 1 or segment in self._drives for segment, found in zip(self.runs, meters, strict=True)]
        )
        return Watch(tuple(self.runs), first, asked.astype(bool))

    def flowing(self, watch: Watch, columns: LiveColumns, readings: Readings) -> NDArray[np.bool_]:
        """Which segments of `watch` flow for certain."""
        trust = columns.trust[watch.meter]
        sure = (trust == GOOD) | (trust == UNCERTAIN) | (trust == FORCED)
        sure &= watch.meter != columns.none
        flows: NDArray[np.bool_] = sure & (columns.fraction[watch.meter] > FLOWING_OF_RANGE)
        for number in np.flatnonzero(watch.asked & ~sure).tolist():
            flows[number] = self._flows(watch.segments[number], readings) is True
        return flows

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
        painter, half = on.painter, on.px(HALF_PX)
        arrow = QPolygonF([QPointF(half, 0), QPointF(-half, -half), QPointF(-half, half)])
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(on.colors.color("equip.line"))
        for segment, flows in self.segments.items():
            for run in self.runs[segment] if flows else ():
                if not run.box.meets(visible):
                    continue
                for (x, y), turn_deg in along(run, on.px(PITCH_PX), 2 * HALF_PX / on.view.scale, on.step):
                    painter.save()
                    painter.translate(x, y)
                    painter.rotate(turn_deg)
                    painter.drawPolygon(arrow)
                    painter.restore()


def along(run: Polyline, pitch: float, shortest: float, step: int) -> list[tuple[Point, float]]:
    """Places of arrows along a run and their turn in degrees: evenly spaced, moved on by each step, one at least.

    `pitch` is about their distance, mm; a run under `shortest` has none.
    """
    pieces = [(a, b, dist(a, b)) for a, b in pairwise(run.points)]
    total = sum(length for _, _, length in pieces)
    if total < shortest:
        return []
    own_pitch, shift = total / max(1, round(total / pitch)), (0.5 + (step % STEPS) / STEPS) % 1.0
    found, before = [], 0.0
    for (x0, y0), (x1, y1), length in pieces:
        first, last = (ceil(at / own_pitch - shift) for at in (before, before + length))
        for number in range(first, last):
            part = ((number + shift) * own_pitch - before) / length
            found.append(((x0 + (x1 - x0) * part, y0 + (y1 - y0) * part), degrees(atan2(y1 - y0, x1 - x0))))
        before += length
    return found
