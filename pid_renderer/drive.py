"""Pumps, compressors, blowers and agitators: light and solid when running, dark and hollow when stopped."""

from __future__ import annotations

from collections.abc import Hashable
from functools import cached_property
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainterPath

from pid_renderer.drawing import Box, Primitive
from pid_renderer.live_state import DriveLook, Readings, drive_look
from pid_renderer.shape import is_arrow, pointer
from pid_renderer.sheet_painter import path_of
from pid_renderer.symbol import Canvas2D, LiveSymbol, body_path, polygon

_INTERSECT: Final = Qt.ClipOperation.IntersectClip


class Drive(LiveSymbol):
    """A machine that runs or stands still. With the flow layer on a mark inside it steps round."""

    order = 2

    @cached_property
    def _body(self) -> QPainterPath:
        """What is light when it runs."""
        return body_path(self.shape)

    @cached_property
    def outline(self) -> QPainterPath:
        """The file's strokes, without those the pointer stands for."""
        return path_of(item for item in self.own if not self._is_replaced(item))

    def _is_replaced(self, item: Primitive) -> bool:
        """Whether it is the file's arrow inside the circle, or a part of it."""
        return is_arrow(item, self.shape)

    @cached_property
    def _pointer(self) -> QPainterPath:
        """Large in the place of the file's arrow or in an empty body; small among what the file draws there itself."""
        shape, arrow = self.shape, QPainterPath()
        filled = any(shape.box.grown(-0.1 * shape.box.width).holds(item.box) for item in self.own)
        arrow.addPolygon(polygon(pointer(shape, small=filled and not shape.arrow)))
        arrow.closeSubpath()
        return arrow

    def likeness(self) -> Hashable:
        return self.roles()

    def look(self, readings: Readings) -> DriveLook:
        return drive_look(self.binding, self.code, readings, self.plated)

    def paint(self, on: Canvas2D) -> None:
        shown = self.shown
        assert isinstance(shown, DriveLook)
        fill = {"running": "equip.running", "unknown": "quality.badFill"}.get(shown.state, "equip.stopped")
        on.painter.fillPath(self._body, on.colors.brush(fill))
        box = self.shape.box
        if shown.state == "starting":
            on.half(self._body, box, "equip.running")
        if shown.stale:
            on.doubt(self._body)
        on.hollow()
        on.pen("equip.line", 2.6 if shown.state == "tripped" else 1.8, (2.0, 2.0) if shown.stale else ())
        on.painter.drawPath(self.outline)
        light = on.colors.theme.name == "light"
        on_light, on_dark = ("text.primary", "bg.surface") if light else ("bg.canvas", "text.secondary")
        match shown.state:
            case "unknown":
                self._paint_inside(on, "text.secondary", solid=False)
                on.cross(self._body, self._sign_box)
            case "tripped":
                self._paint_bang(on, on_dark)
            case "running":
                self._paint_inside(on, on_light, solid=True)
                if on.flow:
                    self._turn(on)
            case "starting":
                for token, left in ((on_light, box.left), (on_dark, box.left + box.width / 2)):
                    on.painter.save()
                    on.painter.setClipRect(QRectF(left, box.top, box.width / 2, box.height), _INTERSECT)
                    self._paint_inside(on, token, solid=False)
                    on.painter.restore()
            case _:
                self._paint_inside(on, on_dark, solid=False)
        if shown.state == "out of service":
            on.pen("equip.line", 2.2)
            on.painter.drawLine(QPointF(box.left, box.bottom), QPointF(box.right, box.top))

    @cached_property
    def _sign_box(self) -> Box:
        """Where its × and its ! stand."""
        return self.shape.box

    def _paint_bang(self, on: Canvas2D, token: str) -> None:
        on.bang(self._sign_box, token)

    def _paint_inside(self, on: Canvas2D, token: str, *, solid: bool) -> None:
        """The pointer to the discharge: solid when it delivers."""
        if solid:
            on.painter.fillPath(self._pointer, on.colors.brush(token))
            return
        on.pen(token, 1.5)
        on.hollow()
        on.painter.drawPath(self._pointer)

    def phase(self, on: Canvas2D) -> Hashable:
        turning = on.flow and isinstance(self.shown, DriveLook) and self.shown.state == "running"
        return super().phase(on), on.step % 4 if turning else None

    def _turn(self, on: Canvas2D) -> None:
        """A short arc inside the rim that steps round: discreet, and still on a still picture."""
        (x, y), r = self.shape.circle or (self.shape.box.centre, min(self.shape.box.width, self.shape.box.height) / 2)
        self._arcs(on, QRectF(x - 0.84 * r, y - 0.84 * r, 1.68 * r, 1.68 * r))

    @staticmethod
    def _arcs(on: Canvas2D, around: QRectF) -> None:
        on.pen("equip.line" if on.colors.theme.name == "light" else "bg.canvas", 2.2)
        for start in (0, 180):
            on.painter.drawArc(around, round((start - 45 * on.step) * 16), 40 * 16)


class Agitator(Drive):
    """A shaft with blades: they are light when it turns."""

    @cached_property
    def _body(self) -> QPainterPath:
        found = QPainterPath()
        found.setFillRule(Qt.FillRule.WindingFill)
        for corners in self.shape.polygons or (self.shape.silhouette,):
            found.addPolygon(polygon(corners))
            found.closeSubpath()
        return found

    def _is_replaced(self, item: Primitive) -> bool:  # noqa: ARG002 - nothing stands for a shaft
        return False

    def _paint_inside(self, on: Canvas2D, token: str, *, solid: bool) -> None:  # noqa: ARG002 - blades are not inked
        """A hub on the shaft between the blades: solid when it turns."""
        (x, y), r = self._hub, on.px(2.6)
        on.pen("equip.line", 1.5)
        on.painter.setBrush(on.colors.brush("equip.line" if solid else "equip.body"))
        on.painter.drawEllipse(QPointF(x, y), r, r)
        on.hollow()

    def _paint_bang(self, on: Canvas2D, token: str) -> None:
        """On a disc of its own: blades leave it no room."""
        (x, y), r = self._hub, on.px(8.0)
        on.pen("equip.line", 1.8)
        on.fill("equip.stopped")
        on.painter.drawEllipse(QPointF(x, y), r, r)
        on.bang(Box(x - r, y - r, x + r, y + r), token)
        on.hollow()

    @cached_property
    def _sign_box(self) -> Box:
        (x, y), half = self._hub, 0.5 * max(self._body.boundingRect().height(), 0.4 * self.shape.box.width)
        return Box(x - half, y - half, x + half, y + half)

    @cached_property
    def _hub(self) -> tuple[float, float]:
        """Middle of the blades."""
        around = self._body.boundingRect()
        return around.center().x(), around.center().y()

    def _turn(self, on: Canvas2D) -> None:
        around, high = self._body.boundingRect(), on.px(7.0)
        self._arcs(on, QRectF(around.left(), around.bottom() - high / 2, around.width(), high))
