"""Blocks for what is in the pipes: a row of in-line pieces, a junction, an off-page connector."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import ceil
from typing import Final

from pid_renderer.drawing import Box, Drawing, Placement, Polyline, Stroke
from pid_renderer.layout import gauges as gauge_column
from pid_renderer.layout import labels
from pid_renderer.layout.block import Block, Port
from pid_renderer.layout.fittings import BUBBLE_MM, IN_ARROW, Fitting, actuator_for, fitting_for
from pid_renderer.layout.marks import LIGHT_MM, PIPE_MM, circle, line, placed
from pid_renderer.layout.symbols import LANE_MM, Side
from pid_renderer.layout.topology import Gauge, Piece, Run

Gauges = Mapping[str, Sequence[Gauge]]
"""Instruments by what they hang on."""

_ACTUATOR_FOOT_MM: Final = 5.5
_STUB_STEP: Final = 3
"""Lanes from piece to piece of a dead end."""


def pipe(points: Sequence[tuple[float, float]], segment: str, width: float = PIPE_MM) -> Polyline:
    """A stretch of a pipe's centre line."""
    return Polyline(segment, "piping", tuple(points), Stroke(width, "", ()), pipe=True)


class _InPipe:
    """What the three kinds of block share: a piece with its actuators, dead end, gauges and label."""

    def __init__(self, drawing: Drawing, block: Block, gauges: Gauges, actuators: Mapping[str, Sequence[str]]) -> None:
        self.drawing, self.block, self.gauges, self.actuators = drawing, block, gauges, actuators

    def piece(self, of: Piece, lane: int, *, backward: bool) -> float:
        """Draw a piece with its middle on `lane`; half its length, mm."""
        element = self.drawing.elements[of.element]
        fitting = fitting_for(element)
        x = lane * LANE_MM
        self._symbol(of.element, fitting, (x, 0.0), 180.0 if backward else 0.0)
        self.block.keep(Box(x - fitting.half, -fitting.rise, x + fitting.half, fitting.rise))
        top = self._actuators(of.element, lane, fitting)
        if of.stub:
            self.stub(of, lane, up=any(self.gauges.get(id_) for id_ in of.stub))
        hanging = list(self.gauges.get(of.element, ()))
        if hanging:
            foot = (lane, -ceil(top / LANE_MM))
            taps = [(x, -fitting.rise if fitting.half > 0.6 else 0.0)]
            if self.actuators.get(of.element):
                side = fitting.half * (1 if backward else -1)
                taps = [(x + side, 0.0)]
            gauge_column.column(self.block, self.drawing, sorted(hanging, key=lambda g: not g.tapped), foot, taps)
        tag = labels.tag_of(element)
        if tag and fitting.half > 0.6:
            self._tag(of.element, tag, (x, fitting.rise + 1.4))
        return fitting.half

    def reach(self, of: Piece) -> tuple[int, int, int]:
        """Lanes a piece needs to each side on the line, and to the right above it (0 for nothing above)."""
        element = self.drawing.elements[of.element]
        fitting = fitting_for(element)
        tag = labels.tag_of(element) if fitting.half > 0.6 else ""
        half = max(fitting.half, labels.width(tag, labels.NOTE_MM) / 2 + 1.0 if tag else 0.0)
        above = 0
        hanging = [*self.gauges.get(of.element, ()), *(g for id_ in of.stub for g in self.gauges.get(id_, ()))]
        if hanging:
            above = ceil((BUBBLE_MM / 2 + 1.0 + gauge_column.PLATE_MM[0]) / LANE_MM) + 1
        elif self.actuators.get(of.element):
            above = 2
        return ceil(half / LANE_MM), ceil(half / LANE_MM), above

    def left_above(self, of: Piece) -> int:
        """Lanes needed to the left of a piece's middle, above the line."""
        count = sum(len(self.gauges.get(id_, ())) for id_ in (of.element, *of.stub))
        return 0 if not count and not self.actuators.get(of.element) else 2 if count < 2 else 2 + count

    def _symbol(self, id_: str, fitting: Fitting, at: tuple[float, float], turn: float) -> None:
        self.block.primitives += placed(fitting.marks, id_, "piping", at, turn)
        self.block.placements[id_] = Placement(at, turn, mirrored=False, scale=(1.0, 1.0))
        ends = ((at[0] - fitting.half, at[1]), (at[0] + fitting.half, at[1]))
        if turn in (90.0, 270.0):
            ends = ((at[0], at[1] - fitting.half), (at[0], at[1] + fitting.half))
        self.block.points[id_] = ends if turn in (0.0, 90.0) else ends[::-1]

    def _tag(self, id_: str, tag: str, at: tuple[float, float], horizontal: str = "center") -> None:
        wide = labels.width(tag, labels.NOTE_MM)
        vertical = "top" if horizontal == "center" else "center"
        self.block.labels.append((id_, labels.text(tag, at, labels.NOTE_MM, horizontal, vertical), False))
        left = at[0] - wide / 2 if horizontal == "center" else at[0]
        top = at[1] if horizontal == "center" else at[1] - 1.6
        self.block.keep(Box(left, top, left + wide, top + labels.LINE * labels.NOTE_MM))

    def _actuators(self, id_: str, lane: int, fitting: Fitting) -> float:
        """Draw the actuators of a valve; how high above the pipe all of it reaches, mm."""
        movers = self.actuators.get(id_, ())
        if not movers:
            return fitting.rise
        x, foot = lane * LANE_MM, _ACTUATOR_FOOT_MM
        mover = self.drawing.elements[movers[0]]
        words = f"{mover.component_class} {mover.symbol} {mover.text('DeviceTypeName', 'ActuatorType')}"
        marks = actuator_for(words)
        self.block.primitives += placed((line((x, 0.0), (x, -foot)),), movers[0], "piping", (0.0, 0.0))
        self.block.primitives += placed(marks, movers[0], "piping", (x, -foot))
        height = max(-mark.box.top for mark in marks)
        tall = foot + height
        self.block.keep(Box(x - 3.0, -tall, x + 3.0, 0.0))
        cell = (lane, -ceil(tall / LANE_MM))
        port = Port(cell, ("top", "left", "right"), (x, -tall))
        for id_ in movers:
            self.block.placements[id_] = Placement((x, -foot), 0.0, mirrored=False, scale=(1.0, 1.0))
            self.block.points[id_] = ((x, -tall),)
            self.block.ports[id_] = (port,)
        fail = mover.text("FailActionRepresentation")
        if fail:
            self._tag(movers[0], fail, (x + 4.2, -foot - 1.8), "left")
        return tall

    def stub(self, of: Piece, lane: int, *, up: bool) -> None:
        """A dead end, upwards (to a gauge) or downwards."""
        x = lane * LANE_MM
        sign = -1 if up else 1
        at, came = 0.0, 0.6
        lowest = 0.0
        for place, id_ in enumerate(of.stub):
            element = self.drawing.elements[id_]
            fitting = fitting_for(element)
            step = _STUB_STEP if fitting.half > 1.5 else 2
            at += sign * step * LANE_MM
            # The arrow of a check valve looks away from the pipe.
            self._symbol(id_, fitting, (x, at), 270.0 if up else 90.0)
            stretch = pipe(((x, sign * came), (x, at - sign * fitting.half)), of.stub_segments[place], LIGHT_MM + 0.1)
            self.block.primitives.append(stretch)
            self.block.keep(Box(x - fitting.rise, at - fitting.half, x + fitting.rise, at + fitting.half))
            came = abs(at) + fitting.half
            lowest = at + sign * fitting.half
            tag = labels.tag_of(element)
            if tag:
                self._tag(id_, tag, (x + fitting.rise + 1.2, at), "left")
        self.block.keep(Box(x - 0.5, min(0.0, lowest), x + 0.5, max(0.0, lowest)))
        hanging = [gauge for id_ in of.stub for gauge in self.gauges.get(id_, ())]
        if hanging:
            gauge_column.column(self.block, self.drawing, hanging, (lane, -ceil(-lowest / LANE_MM)), [(x, lowest)])


def run_block(
    drawing: Drawing, name: str, run: Run, gauges: Gauges, actuators: Mapping[str, Sequence[str]], *, backward: bool
) -> Block:
    """The pieces of a run along one line; ports `s` (where the fluid comes from) and `t`.

    `backward`: the fluid runs from right to left.
    """
    block = Block(name)
    maker = _InPipe(drawing, block, gauges, actuators)
    pieces = run.pieces[::-1] if backward else run.pieces
    segments = run.segments[::-1] if backward else run.segments
    on_line, above, lanes = -1, -99, []
    for piece in pieces:
        left, right, over = maker.reach(piece)
        lane = on_line + 1 + left
        if over:
            lane = max(lane, above + 1 + maker.left_above(piece))
            above = lane + over
        on_line = lane + right
        lanes.append(lane)
    end = on_line + 1
    came: float = 0.0 if segments[0] else lanes[0] * LANE_MM
    for piece, lane, segment in zip(pieces, lanes, segments, strict=False):
        half = maker.piece(piece, lane, backward=backward)
        x = lane * LANE_MM
        if segment and x - half > came:
            block.primitives.append(pipe(_directed((came, 0.0), (x - half, 0.0), backward), segment))
        came = x + half
    if segments[-1]:
        block.primitives.append(pipe(_directed((came, 0.0), (end * LANE_MM, 0.0), backward), segments[-1]))
    left_port = Port((0, 0), ("left",), (0.0, 0.0))
    right_port = Port((end, 0), ("right",), (end * LANE_MM, 0.0))
    block.keep(Box(0.0, -1.5, end * LANE_MM, 1.5))
    block.ports["t" if backward else "s"] = (left_port,)
    block.ports["s" if backward else "t"] = (right_port,)
    return block


def _directed(
    a: tuple[float, float], b: tuple[float, float], backward: bool
) -> tuple[tuple[float, float], tuple[float, float]]:
    return (b, a) if backward else (a, b)


def junction_block(
    drawing: Drawing,
    id_: str,
    stub: Piece | None,
    gauges: Gauges,
    actuators: Mapping[str, Sequence[str]],
    *,
    stub_up: bool = False,
) -> Block:
    """A tee where pipes may come from any side; `stub_up`: its dead end stands above it, gauge or not."""
    block = Block(id_)
    maker = _InPipe(drawing, block, gauges, actuators)
    element = drawing.elements[id_]
    fitting = fitting_for(element)
    sides: list[Side] = ["left", "right", "top", "bottom"]
    if fitting.half <= 0.6:
        block.primitives += placed((circle(0.8, filled=True),), id_, "piping", (0.0, 0.0))
        block.placements[id_] = Placement((0.0, 0.0), 0.0, mirrored=False, scale=(1.0, 1.0))
        block.points[id_] = ((0.0, 0.0),)
        if stub is not None:
            up = stub_up or any(gauges.get(part) for part in stub.stub)
            maker.stub(stub, 0, up=up)
            sides.remove("top" if up else "bottom")
        hanging = list(gauges.get(id_, ()))
        if hanging:
            gauge_column.column(block, drawing, hanging, (0, -1), [(0.0, 0.0)])
            if "top" in sides:
                sides.remove("top")
        block.ports[id_] = (Port((0, 0), tuple(sides), (0.0, 0.0)),)
        return block
    maker.piece(Piece(id_) if stub is None else stub, 0, backward=False)
    half = ceil(fitting.half / LANE_MM)
    ports = [
        Port((-half, 0), ("left",), (-fitting.half, 0.0)),
        Port((half, 0), ("right",), (fitting.half, 0.0)),
        Port((0, half), ("bottom",), (0.0, 0.0)),
    ]
    if not actuators.get(id_) and not gauges.get(id_):
        ports.append(Port((0, -half), ("top",), (0.0, 0.0)))
    block.ports[id_] = tuple(ports)
    return block


def connector_block(drawing: Drawing, id_: str, *, leaves: bool, enters: bool, shared: bool, gauges: Gauges) -> Block:
    """A signpost to another sheet: fluid `leaves` it to the right, or `enters` it from the left."""
    block = Block(id_)
    element = drawing.elements[id_]
    block.primitives += placed(IN_ARROW.marks, id_, "piping", (0.0, 0.0))
    block.placements[id_] = Placement((0.0, 0.0), 0.0, mirrored=False, scale=(1.0, 1.0))
    block.keep(Box(-IN_ARROW.half, -IN_ARROW.rise, IN_ARROW.half, IN_ARROW.rise))
    half = round(IN_ARROW.half / LANE_MM)
    ports = []
    if leaves or not enters:
        ports.append(Port((half, 0), ("right", "top", "bottom") if shared else ("right",), (IN_ARROW.half, 0.0)))
    if enters:
        ports.append(Port((-half, 0), ("left", "top", "bottom") if shared else ("left",), (-IN_ARROW.half, 0.0)))
    block.ports[id_] = tuple(ports)
    block.points[id_] = tuple(port.exact for port in ports)
    tag = labels.tag_of(element) or labels.clipped(element.text("Description", "OffPageConnectorName"))
    if tag:
        block.labels.append((id_, labels.text(tag, (0.0, IN_ARROW.rise + 1.4)), False))
        wide = labels.width(tag, labels.NOTE_MM)
        block.keep(Box(-wide / 2, IN_ARROW.rise + 1.4, wide / 2, IN_ARROW.rise + 1.4 + labels.LINE * labels.NOTE_MM))
    hanging = list(gauges.get(id_, ()))
    if hanging:
        gauge_column.column(block, drawing, [replace(g, tapped=False) for g in hanging], (0, -1), [(0.0, 0.0)])
    return block
