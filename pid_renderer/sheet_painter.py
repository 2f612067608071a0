"""Paint the static drawing: every stroke and text of the file, in the theme's inks, at any scale."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath

from pid_renderer import ink
from pid_renderer.drawing import Arc, Box, Drawing, Polyline, Primitive, Text
from pid_renderer.flow import STILL, UNKNOWN, is_pipe
from pid_renderer.ink import DOTS_PX, Ink
from pid_renderer.paint_box import PaintBox, font, metrics, text_width
from pid_renderer.sheet_layers import SheetLayer, layer_of
from pid_renderer.view import View
from resources.theme import Theme

SMALLEST_TEXT_PX = 3.0
"""Smaller text is a grey smear that costs as much as a legible one."""


_NOTHING_SAID: Final[Mapping[str, int]] = MappingProxyType({})


def path_of(primitives: Iterable[Primitive]) -> QPainterPath:
    """The strokes of `primitives` as one path in millimetres; texts are left out."""
    path = QPainterPath()
    for item in primitives:
        if isinstance(item, Polyline):
            if len(item.points) == 2 and item.points[0] == item.points[1]:
                continue  # a line without length, which a round or square end would make a dot
            path.moveTo(*item.points[0])
            for point in item.points[1:]:
                path.lineTo(*point)
            if item.closed:
                path.closeSubpath()
        elif isinstance(item, Arc):
            if item.whole and item.rotation_deg % 90.0 == 0.0 and item.rx == item.ry:
                path.addEllipse(QPointF(*item.centre), item.rx, item.ry)
                continue
            # Qt counts arc angles counter-clockwise on the screen, the drawing clockwise.
            if item.rotation_deg == 0.0:
                around = QRectF(item.centre[0] - item.rx, item.centre[1] - item.ry, 2 * item.rx, 2 * item.ry)
                path.arcMoveTo(around, -item.start_deg)
                path.arcTo(around, -item.start_deg, -item.sweep_deg)
                continue
            points = item.sampled()
            path.moveTo(*points[0])
            for point in points[1:]:
                path.lineTo(*point)
    return path


_BUBBLES_FROM, _DETAIL_FROM = 0.5, 0.25
"""Zooms under which instruments, and then all but vessels and pipes, are left out."""


def detail_of(primitive: Primitive, drawing: Drawing) -> float:
    """The zoom from which a primitive is shown."""
    owner = drawing.elements.get(primitive.owner)
    if primitive.layer == "instruments":
        return _BUBBLES_FROM
    if primitive.layer == "sheet" or (isinstance(primitive, Polyline) and primitive.pipe):
        return 0.0
    while owner is not None and owner.family == "label":
        owner = drawing.elements.get(owner.parent)
    family = owner.family if owner is not None else "other"
    if family == "instrument":
        return _BUBBLES_FROM
    return 0.0 if family in ("tank", "vessel", "column", "furnace") else _DETAIL_FROM


class _Item:
    """One primitive ready to paint."""

    __slots__ = ("box", "filled", "from_zoom", "ink", "layer", "path", "pipe", "text")

    def __init__(self, primitive: Primitive, stroke: Ink, from_zoom: float, layer: SheetLayer | None) -> None:
        self.layer = layer
        self.ink = stroke
        self.from_zoom = from_zoom
        self.box = primitive.box
        self.text = primitive if isinstance(primitive, Text) else None
        self.path = None if self.text else path_of([primitive])
        self.filled = not isinstance(primitive, Text) and primitive.filled
        self.pipe = primitive if is_pipe(primitive) else None


def pen_px(width_px: float, zoom: float) -> float:
    """How wide a stroke is on the screen that is `width_px` wide at 100 %."""
    return max(0.8 if zoom < 1 else 1.0, width_px * min(zoom, 2.0))


def _drawn(stroke: Ink, theme: Theme) -> Ink:
    return ink.pipe(theme, stroke.pipe_of) if stroke.pipe_of else stroke


class SheetPainter:
    """The drawing's static part, without the elements in `without` (which live symbols draw themselves)."""

    def __init__(self, drawing: Drawing, without: Collection[str] = ()) -> None:
        self._scale_100 = ink.reading_scale(drawing)
        self.hidden: frozenset[SheetLayer] = frozenset()
        """Layers left out of `paint`."""
        self._items: list[_Item] = [
            _Item(primitive, stroke, detail_of(primitive, drawing), layer_of(primitive, drawing))
            for primitive, stroke in ink.inks(drawing)
            if primitive.owner not in without
        ]
        self._items.sort(key=lambda item: item.text is not None)
        self._boxes = np.array([item.box for item in self._items], np.float64).reshape(-1, 4)

    def pipes(self, theme: Theme) -> list[tuple[Polyline, float]]:
        """The runs of pipes, and how wide they are at 100 %, px."""
        return [(item.pipe, _drawn(item.ink, theme).width_px) for item in self._items if item.pipe is not None]

    def paint(
        self,
        painter: QPainter,
        view: View,
        visible: Box,
        colors: PaintBox,
        *,
        everything: bool = False,
        flows: Mapping[str, int] = _NOTHING_SAID,
    ) -> None:
        """Paint what meets `visible` (mm); a small picture thins out unless `everything` is asked for.

        `flows`: what is known of the flow of pipe segments (see `flow.Flow`). Those that stand still are painted first,
        so that no faint line cuts one that flows.
        """
        zoom = view.scale / self._scale_100
        near = (self._boxes[:, :2] <= visible[2:]).all(axis=1) & (self._boxes[:, 2:] >= visible[:2]).all(axis=1)
        shown = [
            item
            for item in (self._items[number] for number in np.flatnonzero(near).tolist())
            if (everything or item.from_zoom <= zoom) and item.layer not in self.hidden
        ]
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(view.x, view.y)
        painter.scale(view.scale, view.scale)
        still = (
            [item for item in shown if item.pipe is not None and flows.get(item.pipe.owner) == STILL] if flows else []
        )
        faint = frozenset(map(id, still))
        for item in [*still, *(item for item in shown if id(item) not in faint)] if still else shown:
            if item.path is not None:
                stroke = _drawn(item.ink, colors.theme)
                width, token = pen_px(stroke.width_px, zoom) / view.scale, stroke.token
                dash, unit = stroke.dash_px, max(zoom, 0.5) / view.scale
                if id(item) in faint:
                    token = f"faint.{token}"
                elif item.pipe is not None and flows.get(item.pipe.owner) == UNKNOWN:
                    dash, unit = DOTS_PX, max(zoom, 1.0) / view.scale
                painter.setPen(colors.pen(token, width, [length * unit for length in dash]))
                painter.setBrush(colors.color(token) if item.filled else Qt.BrushStyle.NoBrush)
                painter.drawPath(item.path)
        painter.restore()
        painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
        for item in shown:
            if item.text is not None:
                paint_text(painter, view, item.text, colors, item.ink.token)


def paint_text(
    painter: QPainter, view: View, text: Text, colors: PaintBox, token: str, *, strong: bool = False
) -> None:
    """One text of the drawing at its place, size and angle."""
    px = text.height_mm * view.scale
    if px < SMALLEST_TEXT_PX or not text.text.strip():
        return
    strong = strong or token == "text.primary"  # noqa: S105 - a colour token
    size = max(1, round(px))
    lines: Sequence[str] = text.text.split("\n")
    rule = metrics(size, "semibold" if strong else "regular", True)
    height = rule.height() * len(lines)
    # One line is centred on its capitals, which is what the eye takes for its middle.
    first = {
        "top": rule.ascent(),
        "center": rule.capHeight() / 2 - rule.height() * (len(lines) - 1) / 2,
        "bottom": rule.ascent() - height + (rule.descent() if len(lines) == 1 else 0.0),
    }[text.vertical]
    painter.save()
    painter.translate(*view.to_px(text.at))
    if text.angle_deg:
        painter.rotate(text.angle_deg)
    painter.setFont(font(size, "semibold" if strong else "regular", True))
    painter.setPen(colors.color(token))
    for row, line in enumerate(lines):
        width = text_width(line, size, "semibold" if strong else "regular", True)
        x = {"left": 0.0, "center": -width / 2, "right": -width}[text.horizontal]
        painter.drawText(QPointF(x, first + row * rule.height()), line)
    painter.restore()
