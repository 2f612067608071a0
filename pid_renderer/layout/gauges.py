"""Bubbles and the room for their values, set in a column above what they measure."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from pid_renderer.drawing import Anchor, Box, Drawing, Placement, Point, Stroke
from pid_renderer.layout import labels
from pid_renderer.layout.block import Block, Cell, Port, mm
from pid_renderer.layout.fittings import BUBBLE_MM, bubble
from pid_renderer.layout.marks import SIGNAL_MM, line, placed
from pid_renderer.layout.symbols import LANE_MM
from pid_renderer.layout.topology import Gauge

PLATE_MM: Final = (28.0, 7.0)
"""Room for a value and its unit: 70 × 18 px at 100 %."""
ROW: Final = 5
"""Lanes from bubble to bubble in a column."""


def set_bubble(block: Block, drawing: Drawing, id_: str, at: Cell) -> None:
    """A bubble with its middle at `at`, its tag in it and its value's room to the right."""
    element = drawing.elements[id_]
    x, y = mm(at)
    r = BUBBLE_MM / 2
    block.primitives += placed(bubble(labels.where_of(element)), id_, "instruments", (x, y))
    block.placements[id_] = Placement((x, y), 0.0, mirrored=False, scale=(1.0, 1.0))
    block.points[id_] = ((x - r, y), (x, y - r), (x + r, y), (x, y + r))
    upper, lower = labels.bubble_rows(element)
    for row, middle in ((upper, y - 2.2), (lower, y + 2.2)):
        if row:
            fits = min(labels.NOTE_MM, 9.6 / (labels.LETTER_MM * len(row)))
            block.labels.append((id_, labels.text(row, (x, middle), fits, "center", "center"), True))
    if not upper and not lower:
        name = labels.clipped(element.component_class)[:6]
        block.labels.append((id_, labels.text(name, (x, y), 2.0, "center", "center"), True))
    plate = Box(x + r + 1.0, y - PLATE_MM[1] / 2, x + r + 1.0 + PLATE_MM[0], y + PLATE_MM[1] / 2)
    block.anchors.append(Anchor(id_, "", "", plate, "left"))
    block.keep(Box(x - r, y - r, x + r, y + r))
    block.keep(plate)
    block.ports[id_] = (
        Port((at[0], at[1] - 2), ("top",), (x, y - r)),
        Port((at[0], at[1] + 2), ("bottom",), (x, y + r)),
        Port((at[0] - 2, at[1]), ("left",), (x - r, y)),
    )


def measuring_line(block: Block, gauge: Gauge, *points: Point) -> None:
    """The thin line from where it is measured to the bubble's rim."""
    mark = line(*points, width=SIGNAL_MM)
    block.primitives.append(replace(mark, owner=gauge.line, layer="instruments", pipe=False,
                                    stroke=Stroke(SIGNAL_MM, "", ())))  # fmt: skip


def column(block: Block, drawing: Drawing, gauges: list[Gauge], foot: Cell, taps: list[Point]) -> None:
    """Bubbles one over another, the first over `foot` and four lanes higher; `taps[k]` is where gauge k is measured.

    The line of the first goes straight up; the others run in lanes of their own to the left of the column.
    """
    x = foot[0]
    for row, gauge in enumerate(gauges):
        at = (x, foot[1] - 4 - ROW * row)
        set_bubble(block, drawing, gauge.element, at)
        centre = mm(at)
        if not gauge.tapped:
            continue
        tap = taps[row] if row < len(taps) else taps[-1]
        if row == 0 and abs(tap[0] - centre[0]) < 1e-6:
            measuring_line(block, gauge, tap, (centre[0], centre[1] + BUBBLE_MM / 2))
            block.keep(Box(tap[0] - 0.1, centre[1], tap[0] + 0.1, tap[1]))
            block.ports[gauge.element] = tuple(p for p in block.ports[gauge.element] if p.sides != ("bottom",))
            continue
        lane = tap[0] if tap[0] <= centre[0] - 2 * LANE_MM else centre[0] - (1 + max(row, 1)) * LANE_MM
        low = (foot[1] - 1) * LANE_MM
        bend = [tap] if lane == tap[0] else [tap, (tap[0], low), (lane, low)]
        measuring_line(block, gauge, *bend, (lane, centre[1]), (centre[0] - BUBBLE_MM / 2, centre[1]))
        block.keep(Box(lane - 0.1, centre[1], lane + 0.1, tap[1]))
