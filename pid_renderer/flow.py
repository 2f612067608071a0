"""Where something flows: what the flow meters and pumps on a pipe say about it, and the arrows that show it."""

from __future__ import annotations

from collections.abc import Container, Mapping
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
        self._valves: dict[str, set[str]] = {}
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
                if element_ is None and end in binding.code_of and drawing.elements[end].family == "valve":
                    self._valves.setdefault(joint.segment, set()).add(binding.code_of[end])
        self._nets = _nets(drawing, self.runs)
        self._open_ends = _open_ends(drawing) if self._nets else {}

    def judge(self, readings: Readings) -> None:
        """Read meters first, then pumps and valves, then what can be neither made nor lost at a tee."""
        found = {segment: self._flows(segment, readings) for segment in self.runs}
        for net in self._nets:
            found.update(conserved({segment: found[segment] for segment in net}, self._open_ends))
        self.segments = found

    def watch(self, columns: LiveColumns) -> Watch:
        """The same from columns."""
        none, rows = columns.none, columns.rows
        meters = [self._meters.get(segment, ()) for segment in self.runs]
        first = np.array([rows.get(found[0], none) if found else none for found in meters], np.int64)
        asked = np.array(
            [
                len(found) > 1 or segment in self._drives or segment in self._valves
                for segment, found in zip(self.runs, meters, strict=True)
            ]
        )
        return Watch(tuple(self.runs), first, asked.astype(bool))

    def flowing(self, watch: Watch, columns: LiveColumns, readings: Readings) -> NDArray[np.bool_]:
        """Which segments of `watch` flow for certain."""
        trust = columns.trust[watch.meter]
        sure = (trust == GOOD) | (trust == UNCERTAIN) | (trust == FORCED)
        sure &= watch.meter != columns.none
        flows: NDArray[np.bool_] = sure & (columns.fraction[watch.meter] > FLOWING_OF_RANGE)
        asked = np.flatnonzero(watch.asked & ~sure).tolist()
        found = {number: self._flows(watch.segments[number], readings) for number in asked}
        for number, answer in found.items():
            flows[number] = answer is True
        place = {segment: number for number, segment in enumerate(watch.segments)} if self._nets else {}
        for net in self._nets:
            known = {s: bool(flows[place[s]]) if sure[place[s]] else found.get(place[s]) for s in net}
            for segment, answer in conserved(known, self._open_ends).items():
                flows[place[segment]] = answer is True
        return flows

    def _flows(self, segment: str, readings: Readings) -> bool | None:
        by_kks = self._binding.code_of_signal
        for kks in self._meters.get(segment, ()):
            reading = readings.get(kks, NEVER_SEEN)
            signal = next(s for s in self._binding.signals_of[by_kks[kks]] if s.kks == kks)
            if reading.value is not None and trust(reading) in ("good", "uncertain", "forced"):
                return fraction(signal, reading.value) > FLOWING_OF_RANGE
        for code in self._valves.get(segment, ()):
            valve = valve_look(self._binding, code, readings)
            if valve.state == "closed" and not valve.stale:
                return False
        states = [drive_look(self._binding, code, readings).state for code in self._drives.get(segment, ())]
        if "running" in states:
            return True
        return False if states and all(state in _STANDING for state in states) else None

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


def _nets(drawing: Drawing, segments: Container[str]) -> list[tuple[str, ...]]:
    """Segments that meet at tees and fittings: what flows into such a net flows out of it."""
    net_of: dict[str, set[str]] = {}
    meeting: dict[str, str] = {}
    for joint in drawing.connections:
        if joint.segment not in segments:
            continue
        own = net_of.setdefault(joint.segment, {joint.segment})
        for end in (joint.source, joint.target):
            element = drawing.elements.get(end)
            if element is None or element.family != "fitting":
                continue
            other = net_of[meeting.setdefault(end, joint.segment)]
            if other is not own:
                other |= own
                for segment in own:
                    net_of[segment] = other
                own = other
    return [tuple(sorted(net)) for net in {id(net): net for net in net_of.values()}.values() if len(net) > 1]


def _open_ends(drawing: Drawing) -> dict[str, int]:
    """How many ends of each segment lead somewhere: not to a tee of another segment, nor to a blind flange."""
    sources: dict[str, set[str]] = {}
    targets: dict[str, set[str]] = {}
    for joint in drawing.connections:
        sources.setdefault(joint.segment, set()).add(joint.source)
        targets.setdefault(joint.segment, set()).add(joint.target)
    found = {}
    for segment, starts in sources.items():
        ends = starts ^ targets[segment]
        found[segment] = sum(end in drawing.elements and drawing.elements[end].family != "fitting" for end in ends)
    return found


def conserved(net: Mapping[str, bool | None], open_ends: Mapping[str, int]) -> dict[str, bool | None]:
    """A net with one branch left unknown: it flows where one other alone does, and stands where no other flows.

    Only where neither can balance itself: a segment with two open ends may flow from one to the other.
    """
    unknown = [segment for segment, flows in net.items() if flows is None]
    flowing = [segment for segment, flows in net.items() if flows]
    single = all(open_ends.get(segment) == 1 for segment in (*unknown, *flowing))
    if len(unknown) == 1 and len(flowing) <= 1 and single:
        return {**net, unknown[0]: bool(flowing)}
    return dict(net)


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
