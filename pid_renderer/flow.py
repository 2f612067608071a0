"""Where something flows: what the flow meters and pumps on a pipe say about it, and the arrows that show it.

A pipe is drawn by it only with the layer Caudales: as its service's line where something flows, faint where nothing
does, dotted where what should say so is old, bad or missing. Without the layer a pipe says nothing of its flow: the
design's pictures of the live sheet, which leave the layer out, draw the pipes round a stopped pump and its shut valves
like any other, and a line that tells nothing cannot tell anything false.
"""

from __future__ import annotations

from itertools import pairwise
from math import atan2, ceil, degrees, dist
from typing import TYPE_CHECKING, Final, NamedTuple, TypeGuard

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPolygonF

from data.reading import NEVER_SEEN
from pid_renderer.binding import Binding
from pid_renderer.drawing import Box, Drawing, Point, Polyline, Primitive
from pid_renderer.flow_balance import FLOWING as FLOWING
from pid_renderer.flow_balance import PLAIN as PLAIN
from pid_renderer.flow_balance import STILL as STILL
from pid_renderer.flow_balance import UNKNOWN as UNKNOWN
from pid_renderer.flow_balance import Balance
from pid_renderer.live_columns import FORCED, GOOD, UNCERTAIN, LiveColumns
from pid_renderer.live_state import Readings, drive_look, fraction, trust, valve_look

if TYPE_CHECKING:
    from pid_renderer.symbol import Canvas2D

FLOWING_OF_RANGE = 0.01
"""More than 1 % of a meter's range is flow; less is its noise."""

STEPS: Final = 4
"""Places of an arrow before it is where the next one was."""
PITCH_PX: Final = 64.0
HALF_PX: Final = 4.0
"""Half an arrow."""


_STANDING: Final = ("stopped", "tripped", "out of service")
_BELIEVED: Final = ("good", "uncertain", "forced")


def is_pipe(item: Primitive) -> TypeGuard[Polyline]:
    """Whether a stroke is a run of a pipe, in which something may flow."""
    return isinstance(item, Polyline) and item.pipe and item.layer == "piping"


class Watch(NamedTuple):
    """Segments, and what is looked at first to know whether they flow."""

    segments: tuple[str, ...]
    meter: NDArray[np.int64]
    """Row of the first meter of each."""
    asked: NDArray[np.bool_]
    """Whether pumps or another meter may know where the first meter does not."""
    told: NDArray[np.bool_]
    """Whether any signal may ever tell."""


class Flow:
    """Flow of each pipe segment of a drawing."""

    def __init__(self, drawing: Drawing, binding: Binding) -> None:
        self._binding = binding
        self.states: dict[str, int] = {}
        """By segment, as `judge` found it: PLAIN, FLOWING, STILL or UNKNOWN."""
        self.runs: dict[str, list[Polyline]] = {}
        self._meters: dict[str, list[str]] = {}
        self._drives: dict[str, list[str]] = {}
        self._valves: dict[str, set[str]] = {}
        for item in drawing.primitives:
            if is_pipe(item):
                self.runs.setdefault(item.owner, []).append(item)
        sensed_at: dict[str, list[str]] = {}
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
                        sensed_at.setdefault(segment, []).append(place)
                        self._meters.setdefault(segment, []).append(signal.kks)
        for joint in drawing.connections:
            for end in (joint.source, joint.target):
                element_ = drawing.elements.get(end)
                while element_ is not None and element_.family not in ("pump", "compressor"):
                    element_ = drawing.elements.get(element_.parent)
                if element_ is not None and element_.id in binding.code_of:
                    self._drives.setdefault(joint.segment, []).append(binding.code_of[element_.id])
                    sensed_at.setdefault(joint.segment, []).append(end)
                if element_ is None and end in binding.code_of and drawing.elements[end].family == "valve":
                    self._valves.setdefault(joint.segment, set()).add(binding.code_of[end])
                    sensed_at.setdefault(joint.segment, []).append(end)
        self._balance = Balance(drawing, self.runs, sensed_at)

    def judge(self, readings: Readings) -> dict[str, int]:
        """Read meters first, then pumps and valves, then what can be neither made nor lost at a tee."""
        sensed = np.array([self._state(segment, readings) for segment in self.runs], np.int8)
        self.states = dict(zip(self.runs, self._balance.settle(sensed).tolist(), strict=True))
        return self.states

    def watch(self, columns: LiveColumns) -> Watch:
        """The same from columns."""
        none, rows = columns.none, columns.rows
        meters = [self._meters.get(segment, ()) for segment in self.runs]
        first = np.array([rows.get(found[0], none) if found else none for found in meters], np.int64)
        asked = np.array(
            [
                len(found) > 1 or segment in self._drives or segment in self._valves
                for segment, found in zip(self.runs, meters, strict=True)
            ],
            bool,
        )
        told = asked | (first != none) | self._balance.reached
        return Watch(tuple(self.runs), first, asked, told)

    def states_of(self, watch: Watch, columns: LiveColumns, readings: Readings) -> NDArray[np.int8]:
        """What is known of each segment of `watch`."""
        trust, metered = columns.trust[watch.meter], watch.meter != columns.none
        sure = metered & ((trust == GOOD) | (trust == UNCERTAIN) | (trust == FORCED))
        flows = columns.fraction[watch.meter] > FLOWING_OF_RANGE
        found = np.where(sure, np.where(flows, FLOWING, STILL), np.where(metered, UNKNOWN, PLAIN)).astype(np.int8)
        for number in np.flatnonzero(watch.asked & ~sure).tolist():
            found[number] = self._state(watch.segments[number], readings)
        return self._balance.settle(found)

    def _state(self, segment: str, readings: Readings) -> int:
        """By the segment's own meters, valves and drives."""
        by_kks = self._binding.code_of_signal
        for kks in self._meters.get(segment, ()):
            reading = readings.get(kks, NEVER_SEEN)
            signal = next(s for s in self._binding.signals_of[by_kks[kks]] if s.kks == kks)
            if reading.value is not None and trust(reading) in _BELIEVED:
                return FLOWING if fraction(signal, reading.value) > FLOWING_OF_RANGE else STILL
        valves = [valve_look(self._binding, code, readings) for code in self._valves.get(segment, ())]
        if any(valve.state == "closed" and not valve.stale for valve in valves):
            return STILL
        drives = [self._runs(code, readings) for code in self._drives.get(segment, ())]
        if True in drives:
            return FLOWING
        if drives and None not in drives:
            return STILL
        # An open valve lets something flow and does not tell whether it does; one in doubt may be shut.
        doubted = segment in self._meters or drives or any(v.stale or v.state == "unknown" for v in valves)
        return UNKNOWN if doubted else PLAIN

    def _runs(self, code: str, readings: Readings) -> bool | None:
        """Whether a drive runs for certain."""
        look, running = drive_look(self._binding, code, readings), self._binding.signal(code, "running")
        if look.state == "running" and running is not None:
            return True if trust(readings.get(running.kks, NEVER_SEEN)) in _BELIEVED else None
        return False if look.state in _STANDING and not look.stale else None

    def paint(self, on: Canvas2D, visible: Box) -> None:
        """Arrows along the pipes that flow; the painter's unit is the millimetre."""
        painter, shape = on.painter, arrow(on.px(HALF_PX))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(on.colors.color("equip.line"))
        for segment, state in self.states.items():
            for run in self.runs[segment] if state == FLOWING else ():
                if not run.box.meets(visible):
                    continue
                for (x, y), turn_deg in along(run, on.px(PITCH_PX), 2 * HALF_PX / on.view.scale, on.step):
                    painter.save()
                    painter.translate(x, y)
                    painter.rotate(turn_deg)
                    painter.drawPolygon(shape)
                    painter.restore()


def arrow(half: float = HALF_PX) -> QPolygonF:
    """One that points to the right, round the origin."""
    return QPolygonF([QPointF(half, 0), QPointF(-half, -half), QPointF(-half, half)])


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
