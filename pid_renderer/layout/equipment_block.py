"""A piece of equipment with its nozzles, gauges and label, as one rigid block."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pid_renderer.drawing import Box, Drawing, Element, Placement, Point, union
from pid_renderer.layout import gauges as gauge_column
from pid_renderer.layout import labels
from pid_renderer.layout.block import OUTWARD, Block, Port, mm
from pid_renderer.layout.marks import LIGHT_MM, Marks, line, placed, reach
from pid_renderer.layout.symbols import LANE_MM, Side, agitator, floating_roof, packing, symbol_for, trays
from pid_renderer.layout.topology import Gauge

_OPEN: Final = "floating roof tank"
_LEVELLED: Final = frozenset({"tank", "vessel", "column"})


@dataclass
class End:
    """One pipe's end at a piece of equipment."""

    port: str
    """Name of the port: the nozzle's id, or one of its own where the file has no nozzle."""
    nozzle: str
    """Element id; empty where the pipe meets the body."""
    side: Side
    leaves: bool
    """Whether the fluid leaves by it."""
    shared: bool = False
    """Whether several pipes meet it."""
    order: float = 0.0
    """Where its pipe goes: the smaller, the higher (or the more to the left)."""


def equipment_block(
    drawing: Drawing, id_: str, ends: Sequence[End], spare: Sequence[str], gauges: Sequence[Gauge]
) -> Block:
    """The block of `id_`: pipes at `ends`, unused nozzles `spare` on top, `gauges` above."""
    return _Builder(drawing, drawing.elements[id_], ends, spare, gauges).block


class _Builder:
    def __init__(
        self, drawing: Drawing, element: Element, ends: Sequence[End], spare: Sequence[str], gauges: Sequence[Gauge]
    ) -> None:
        self.drawing, self.element = drawing, element
        self.block = Block(element.id)
        self.parts = [drawing.elements[i] for i in drawing.children_of.get(element.id, ())]
        self.sections = self._sections()
        inside = " ".join(part.component_class for part in self.parts)
        inside += " ".join(drawing.elements[i].component_class for s in self.sections
                           for i in drawing.children_of.get(s.id, ()))  # fmt: skip
        self.symbol = symbol_for(element, inside)
        self.sides: dict[Side, list[End]] = defaultdict(list)
        for end in ends:
            if all(end.port != known.port for known in self.sides[end.side]):
                self.sides[end.side].append(end)
        for found in self.sides.values():
            found.sort(key=lambda end: (end.leaves and element.family in _LEVELLED, end.order))
        self.gauges = sorted(gauges, key=lambda g: not g.tapped)
        taken = {end.nozzle for end in ends} | {gauge.tap for gauge in gauges}
        self.spare = [nozzle for nozzle in spare if nozzle not in taken]
        self.width, self.height = self._size()
        self.marks = self.symbol.draw(self.width * LANE_MM, self.height * LANE_MM)
        self._draw_body()
        self._set_ends()
        self._set_top()
        self._set_label()

    def _sections(self) -> list[Element]:
        """Sections of a column, which the file may keep beside the vessel they are in."""
        held = {
            link.source if link.kind == "is located in" else link.target
            for link in self.drawing.links
            if (link.kind == "is located in" and link.target == self.element.id)
            or (link.kind == "is the location of" and link.source == self.element.id)
        }
        found = [e for e in self.drawing.elements.values() if e.id in held and "ColumnSection" in e.component_class]
        return found + [e for e in self.parts if "ColumnSection" in e.component_class and e.id not in held]

    def _size(self) -> tuple[int, int]:
        width, height = self.symbol.width, self.symbol.height
        if self.symbol.grows:
            tall = max(len(self.sides["left"]), len(self.sides["right"]))
            step = 3 if self.element.family in _LEVELLED else 2
            height = max(height, _even(step * tall), 10 * len(self.sections) + 4 if self.sections else 0)
            width = max(width, _even(self._top_slots() + 1), _even(2 * len(self.sides["bottom"]) + 1))
        return width, height

    def _top_slots(self) -> int:
        tapped = sum(gauge.tapped for gauge in self.gauges)
        fixed = len(self.sides["top"]) + len(self.spare)
        return fixed + self._apart() + (tapped + 1 if tapped > 1 else tapped)

    def _apart(self) -> int:
        """Lanes more between a pipe that leaves upwards and a single column of bubbles, which is three lanes wide."""
        tapped = sum(gauge.tapped for gauge in self.gauges)
        return 1 if self.sides["top"] and self.gauges and tapped < 2 else 0

    # -- body ------------------------------------------------------------------------------------------------------

    def _draw_body(self) -> None:
        id_, w, h = self.element.id, self.width * LANE_MM, self.height * LANE_MM
        self.block.primitives += placed(self.marks, id_, "equipment", (0.0, 0.0))
        self.block.placements[id_] = Placement((0.0, 0.0), 0.0, mirrored=False, scale=(1.0, 1.0))
        self.block.keep(Box(-w / 2, -h / 2, w / 2, h / 2))
        if self.symbol.name == "generic":
            name = labels.clipped(self.element.component_class or "?")
            fits = min(labels.NOTE_MM, (w - 3.0) / (labels.LETTER_MM * max(1, len(name))))
            self.block.labels.append((id_, labels.text(name, (0.0, 0.0), fits, "center", "center"), False))
        for place, section in enumerate(self.sections):
            deep = (h - w) / len(self.sections)
            top = -h / 2 + w / 2 + place * deep
            inner = " ".join(self.drawing.elements[i].component_class
                             for i in self.drawing.children_of.get(section.id, ()))  # fmt: skip
            marks = packing(w, top + 3, top + deep - 3) if "acking" in inner else trays(w, top + 2, top + deep - 2, 5)
            self._part(section.id, marks, (0.0, 0.0))
            tag = labels.tag_of(section)
            if tag:
                written = labels.text(tag, (w / 2 + 2, top + deep / 2), labels.NOTE_MM, "left", "center")
                self.block.labels.append((section.id, written, True))
                self.block.keep(
                    Box(w / 2 + 2, top + deep / 2 - 2, w / 2 + 2 + labels.width(tag, 2.5), top + deep / 2 + 2)
                )
        for part in self.parts:
            lowered = part.component_class.lower()
            if "floatingroof" in lowered:
                self._part(part.id, floating_roof(w), (0.0, -0.25 * h))
            elif part.family == "agitator" or "agitator" in lowered or "stirrer" in lowered:
                self._part(part.id, agitator(0.62 * h), (0.0, -h / 2))
                self.block.keep(Box(-4.0, -h / 2 - 8.0, 4.0, -h / 2))

    def _part(self, id_: str, marks: Marks, at: Point) -> None:
        self.block.primitives += placed(marks, id_, "equipment", at)
        self.block.placements[id_] = Placement(at, 0.0, mirrored=False, scale=(1.0, 1.0))

    # -- nozzles ---------------------------------------------------------------------------------------------------

    def _offsets(self, side: Side) -> list[int]:
        """Lanes from the middle at which the ends of a side stand."""
        count = len(self.sides[side])
        room = self.height if side in ("left", "right") else self.width
        if not count:
            return []
        if self.element.family in _LEVELLED and side in ("left", "right") and self.symbol.name != "sphere":
            # Liquid is drawn from low on the wall, and comes in above it.
            ins = [i for i, end in enumerate(self.sides[side]) if not end.leaves]
            outs = [i for i, end in enumerate(self.sides[side]) if end.leaves]
            low, high = room // 2 - 2, -room // 2 + 3
            if not ins:
                return [low - 2 * (len(outs) - 1 - i) for i in range(len(outs))]
            if not outs and len(ins) == 1:
                return [0 if self.element.family == "column" else -room // 4]
            step = max(2, (low - high) // max(1, count - 1))
            return [min(high + step * i, low) if i < count - 1 else low for i in range(count)]
        step = max(1, min(2, (room - 2) // max(1, count - 1))) if count > 1 else 0
        first = -(step * (count - 1)) // 2
        return [first + step * i for i in range(count)]

    def _set_ends(self) -> None:
        for side in ("left", "right", "bottom"):
            for end, offset in zip(self.sides[side], self._offsets(side), strict=True):
                self._set_end(end, side, offset)

    def _set_end(self, end: End, side: Side, offset: int) -> None:
        dx, dy = OUTWARD[side]
        if side in ("left", "right"):
            cell = (dx * (self.width // 2 + 1), offset)
        else:
            cell = (offset, dy * (self.height // 2 + 1))
        wall = self._wall(side, offset)
        sides: tuple[Side, ...] = (side,)
        if end.shared:
            sides = (side, "top", "bottom") if side in ("left", "right") else (side, "left", "right")
        self.block.ports[end.port] = (Port(cell, sides, mm(cell) if end.nozzle else wall),)
        if end.nozzle:
            self._nozzle(end.nozzle, wall, mm(cell), side)

    def _wall(self, side: Side, offset: int) -> Point:
        at = offset * LANE_MM
        met = None if side == "top" and self.symbol.name == _OPEN else reach(self.marks, side, at)
        edge = {"left": -self.width, "right": self.width, "top": -self.height, "bottom": self.height}[side]
        along = edge * LANE_MM / 2 if met is None else met
        if side == "top" and self.symbol.name == _OPEN:
            along += LANE_MM  # a probe hangs in from the rim
        return (along, at) if side in ("left", "right") else (at, along)

    def _nozzle(self, id_: str, wall: Point, tip: Point, side: Side) -> None:
        dx, dy = OUTWARD[side]
        x, y = tip[0] - 0.6 * dx, tip[1] - 0.6 * dy
        tick = 1.4
        marks = (
            line(wall, tip, width=LIGHT_MM),
            line((x - tick * dy, y - tick * dx), (x + tick * dy, y + tick * dx), width=LIGHT_MM),
        )
        self.block.primitives += placed(marks, id_, "equipment", (0.0, 0.0))
        turn = {"right": 0.0, "bottom": 90.0, "left": 180.0, "top": 270.0}[side]
        self.block.placements[id_] = Placement(wall, turn, mirrored=False, scale=(1.0, 1.0))
        self.block.points[id_] = (tip,)

    def _set_top(self) -> None:
        """From left to right: pipes, unused nozzles, the taps of gauges with their column of bubbles."""
        tapped = [gauge for gauge in self.gauges if gauge.tapped]
        slots = self._top_slots()
        room = self.width - 1
        start = -min(slots - 1, room - 1) // 2 if slots else 0
        edge = self.width // 2 - 1
        if tapped or self.element.family not in _LEVELLED:
            start = max(start, -edge)
        top = -self.height // 2
        next_slot = start
        for end in self.sides["top"]:
            self._set_end(end, "top", min(next_slot, edge))
            next_slot += 1
        for nozzle in self.spare:
            at = min(next_slot, edge)
            tip = (at * LANE_MM, (top - 1) * LANE_MM)
            self._nozzle(nozzle, self._wall("top", at), tip, "top")
            self.block.keep(Box(tip[0] - 1.4, tip[1], tip[0] + 1.4, top * LANE_MM))
            next_slot += 1
        if not self.gauges:
            return
        next_slot += self._apart()
        at_slot = [min(next_slot + i, edge) for i in range(len(tapped))]
        if len(tapped) > 1:
            at_slot = [min(next_slot + len(tapped), edge), *at_slot[: len(tapped) - 1][::-1]]
        taps: list[Point] = []
        for gauge, at in zip(tapped, at_slot, strict=True):
            wall = self._wall("top", at)
            if gauge.tap in self.drawing.elements and self.drawing.elements[gauge.tap].family == "nozzle":
                tip = (at * LANE_MM, (top - 1) * LANE_MM)
                self._nozzle(gauge.tap, wall, tip, "top")
                taps.append(tip)
            else:
                taps.append(wall)
        foot = (at_slot[0] if at_slot else min(next_slot, edge), top)
        gauge_column.column(self.block, self.drawing, self.gauges, foot, taps)

    # -- words -----------------------------------------------------------------------------------------------------

    def _set_label(self) -> None:
        rows = labels.equipment_rows(self.drawing, self.element)
        y = self.height * LANE_MM / 2 + 2.0
        ports = [port[0].cell[0] for end in self.sides["bottom"] if (port := self.block.ports.get(end.port))]
        x, horizontal = (min(ports) * LANE_MM - 3.0, "right") if ports else (0.0, "center")
        boxes: list[Box] = []
        for row, height in rows:
            written = labels.text(row, (x, y), height, horizontal)
            self.block.labels.append((self.element.id, written, height == labels.TAG_MM))
            wide = labels.width(row, height)
            left = x - wide if horizontal == "right" else x - wide / 2
            boxes.append(Box(left, y, left + wide, y + labels.LINE * height))
            y += labels.LINE * height
        around = union(boxes)
        if around is not None:
            self.block.keep(around)


def _even(lanes: int) -> int:
    return lanes + lanes % 2
