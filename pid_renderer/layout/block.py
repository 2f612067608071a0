"""A rigid piece of the sheet: strokes, ports and the lanes it keeps free of pipes, around an origin of its own.

Everything on the sheet is made of blocks: one a piece of equipment with its nozzles, gauges and labels, one a run of
in-line pieces, one a junction, one a connector. Blocks are moved, never changed.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import ceil, floor
from typing import Final, NamedTuple

from pid_renderer.drawing import Anchor, Box, Placement, Point, Primitive, Text
from pid_renderer.layout.marks import shifted
from pid_renderer.layout.symbols import LANE_MM, Side

Cell = tuple[int, int]
"""A crossing of two lanes, x to the right, y down."""

OUTWARD: Final[dict[Side, Cell]] = {"left": (-1, 0), "right": (1, 0), "top": (0, -1), "bottom": (0, 1)}


class Port(NamedTuple):
    """Where a pipe may meet a block."""

    cell: Cell
    """The crossing on its border where the pipe begins."""
    sides: tuple[Side, ...]
    """Ways the pipe may take from there."""
    exact: Point
    """Where the stroke ends, mm: the crossing itself, or the wall behind it."""


class Span(NamedTuple):
    """Lanes from corner to corner, both included."""

    left: int
    top: int
    right: int
    bottom: int

    def moved(self, dx: int, dy: int) -> Span:
        """The span elsewhere."""
        return Span(self.left + dx, self.top + dy, self.right + dx, self.bottom + dy)

    def union(self, other: Span) -> Span:
        """The smallest span around both."""
        return Span(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )


def covering(box: Box) -> Span:
    """The lanes that would run through a box of millimetres, or within 1 mm of it."""
    return Span(
        floor((box.left - 1.0) / LANE_MM) + 1,
        floor((box.top - 1.0) / LANE_MM) + 1,
        ceil((box.right + 1.0) / LANE_MM) - 1,
        ceil((box.bottom + 1.0) / LANE_MM) - 1,
    )


@dataclass
class Block:
    """One rigid piece."""

    id: str
    primitives: list[Primitive] = field(default_factory=list)
    ports: dict[str, tuple[Port, ...]] = field(default_factory=dict)
    """By name: a nozzle, the node itself, or a bubble or actuator a signal goes to; several where any will do."""
    solid: list[Span] = field(default_factory=list)
    placements: dict[str, Placement] = field(default_factory=dict)
    points: dict[str, tuple[Point, ...]] = field(default_factory=dict)
    """Connection points of elements, mm."""
    anchors: list[Anchor] = field(default_factory=list)
    labels: list[tuple[str, Text, bool]] = field(default_factory=list)
    """Texts beside or in an element's symbol, and whether they are its tag rather than a note."""

    @property
    def span(self) -> Span:
        """All lanes it covers, its ports included; the origin's alone for an empty one."""
        found: Span | None = None
        for span in self.solid:
            found = span if found is None else found.union(span)
        for port in (port for ports in self.ports.values() for port in ports):
            one = Span(*port.cell, *port.cell)
            found = one if found is None else found.union(one)
        return found or Span(0, 0, 0, 0)

    def keep(self, box: Box) -> None:
        """No pipe through `box`, mm."""
        span = covering(box)
        if span.left <= span.right and span.top <= span.bottom:
            self.solid.append(span)

    def moved(self, by: Cell) -> Block:
        """The block with its origin at `by`."""
        dx, dy = by[0] * LANE_MM, by[1] * LANE_MM

        def there(point: Point) -> Point:
            return point[0] + dx, point[1] + dy

        def box(of: Box) -> Box:
            return Box(of.left + dx, of.top + dy, of.right + dx, of.bottom + dy)

        return Block(
            self.id,
            [shifted(mark, dx, dy) for mark in self.primitives],
            {
                id_: tuple(Port((p.cell[0] + by[0], p.cell[1] + by[1]), p.sides, there(p.exact)) for p in ports)
                for id_, ports in self.ports.items()
            },
            [span.moved(*by) for span in self.solid],
            {id_: old._replace(origin=there(old.origin)) for id_, old in self.placements.items()},
            {id_: tuple(there(point) for point in points) for id_, points in self.points.items()},
            [anchor._replace(box=box(anchor.box)) for anchor in self.anchors],
            [(id_, replace(text, at=there(text.at)), is_tag) for id_, text, is_tag in self.labels],
        )


def mm(cell: Cell) -> Point:
    """Where a crossing lies, mm."""
    return cell[0] * LANE_MM, cell[1] * LANE_MM
