"""Paper and title block: the smallest sheet of the A series that holds the plan, in landscape."""

from __future__ import annotations

from dataclasses import replace
from math import ceil, floor
from typing import Final

from pid_renderer.drawing import Box, Drawing, Polyline, Primitive, Stroke
from pid_renderer.layout import labels
from pid_renderer.layout.block import Span, covering
from pid_renderer.layout.symbols import LANE_MM

SIZES_MM: Final[tuple[tuple[str, float, float], ...]] = (
    ("A4", 297.0, 210.0), ("A3", 420.0, 297.0), ("A2", 594.0, 420.0), ("A1", 841.0, 594.0), ("A0", 1189.0, 841.0),
    ("A4×3", 630.0, 297.0), ("A3×3", 891.0, 420.0), ("A2×3", 1261.0, 594.0), ("A1×3", 1783.0, 841.0),
    ("2A0", 1682.0, 1189.0), ("4A0", 2378.0, 1682.0),
)  # fmt: skip
"""ISO 216, the shorter elongated sizes of ISO 5457, and DIN 476; landscape. Longer ones are a strip on a screen."""

MARGIN: Final = 3
"""Lanes around the plan for pipes that go round it."""

BORDER_MM: Final = 10.0
_FREE_MM: Final = 10.0
_TITLE_MM: Final = (180.0, 30.0)
SIGN: Final = (
    "Dispuesto por Sinóptico: el fichero no trae gráficos.",
    "Laid out by Sinóptico: the file has no graphics.",
)
"""What the title block says, so that nobody takes the sheet for the engineer's."""


def paper_for(width_lanes: int, height_lanes: int) -> tuple[str, float, float]:
    """Name, width and height of the paper for a plan; larger than all for a plan that fits none."""
    need_w = width_lanes * LANE_MM + 2 * (BORDER_MM + _FREE_MM)
    need_h = height_lanes * LANE_MM + 2 * (BORDER_MM + _FREE_MM) + _TITLE_MM[1]
    for name, width, height in sorted(SIZES_MM, key=lambda size: size[1] * size[2]):
        if need_w <= width and need_h <= height:
            return name, width, height
    width = max(need_w, need_h * 2**0.5)
    return f"{width:.0f} × {width / 2**0.5:.0f} mm", width, width / 2**0.5


def corner_lanes(width: float, height: float, plan_width: int, plan_height: int) -> tuple[int, int]:
    """The lane on which the plan's top left corner stands, so that it is centred above the title block."""
    free_w = width / LANE_MM - plan_width
    free_h = (height - _TITLE_MM[1]) / LANE_MM - plan_height
    return round(free_w / 2), round(free_h / 2)


def reserved(width: float, height: float) -> list[Span]:
    """Lanes that no pipe may take: the margin outside of the border, and the title block."""
    edge = ceil(BORDER_MM / LANE_MM)
    right, bottom = ceil(width / LANE_MM), ceil(height / LANE_MM)
    title = Box(width - BORDER_MM - _TITLE_MM[0], height - BORDER_MM - _TITLE_MM[1], width, height)
    return [
        Span(0, 0, edge, bottom),
        Span(0, 0, right, edge),
        Span(floor((width - BORDER_MM) / LANE_MM), 0, right, bottom),
        Span(0, floor((height - BORDER_MM) / LANE_MM), right, bottom),
        covering(title),
    ]


def title_block(drawing: Drawing, paper: str, width: float, height: float) -> list[Primitive]:
    """The border and, at its lower right, who drew this and from what."""

    def rule(*points: tuple[float, float], weight: float = 0.35) -> Polyline:
        return Polyline("", "sheet", points, Stroke(weight, "", ()))

    b = BORDER_MM
    right, bottom = width - b, height - b
    left, top = right - _TITLE_MM[0], bottom - _TITLE_MM[1]
    border = ((b, b), (right, b), (right, bottom), (b, bottom), (b, b))
    marks: list[Primitive] = [
        Polyline("", "sheet", border, Stroke(0.7, "", ()), closed=True),
        rule((left, bottom), (left, top), (right, top)),
        rule((left, top + 10.0), (right, top + 10.0)),
        rule((left, top + 21.0), (right, top + 21.0)),
    ]
    rows: list[tuple[str, float, float]] = [
        (labels.clipped(drawing.title or drawing.source), 4.0, top + 5.0),
        (SIGN[0], 3.0, top + 13.2),
        (SIGN[1], 3.0, top + 17.8),
        (f"{drawing.source} · {drawing.exporter} · {paper}", 2.5, top + 25.5),
    ]
    for content, size, y in rows:
        fits = min(size, (_TITLE_MM[0] - 8.0) / (labels.LETTER_MM * max(1, len(content))))
        written = labels.text(content, (left + 4.0, y), fits, "left", "center")
        marks.append(replace(written, layer="sheet"))
    return marks
