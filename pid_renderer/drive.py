"""Pumps and compressors: light and solid when running, dark and hollow when stopped."""

from __future__ import annotations

from collections.abc import Hashable
from functools import cached_property

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainterPath

from pid_renderer.live_state import DriveLook, Readings, drive_look
from pid_renderer.shape import pointer
from pid_renderer.symbol import Canvas2D, LiveSymbol, polygon


class Drive(LiveSymbol):
    """A pump or compressor: light and solid when running, dark and hollow when stopped."""

    order = 2

    @cached_property
    def _body(self) -> QPainterPath:
        body = QPainterPath()
        if self.shape.circle is not None:
            (x, y), r = self.shape.circle
            body.addEllipse(QPointF(x, y), r, r)
        else:
            body.addPolygon(polygon(self.shape.silhouette))
            body.closeSubpath()
        return body

    @cached_property
    def _arrow(self) -> QPainterPath:
        arrow = QPainterPath()
        arrow.addPolygon(polygon(pointer(self.shape)))
        arrow.closeSubpath()
        return arrow

    def look(self, readings: Readings) -> DriveLook:
        return drive_look(self.binding, self.code, readings, self.plated)

    def paint(self, on: Canvas2D) -> None:
        shown = self.shown
        assert isinstance(shown, DriveLook)
        painter = on.painter
        fill = {"running": "equip.running", "unknown": "quality.badFill"}.get(shown.state, "equip.stopped")
        painter.fillPath(self._body, on.colors.brush(fill))
        box = self.shape.box
        if shown.state == "starting":
            half = QPainterPath()
            half.addRect(QRectF(box.left, box.top, box.width / 2, box.height))
            painter.fillPath(self._body.intersected(half), on.colors.brush("equip.running"))
        on.hollow()
        on.pen("equip.line", 1.8, (2.0, 2.0) if shown.stale else ())
        painter.drawPath(self._body)
        if shown.state == "running":
            painter.fillPath(
                self._arrow, on.colors.brush("text.primary" if on.colors.theme.name == "light" else "bg.canvas")
            )
        else:
            on.pen(
                "bg.surface" if on.colors.theme.name == "light" and shown.state != "unknown" else "text.secondary", 1.5
            )
            painter.drawPath(self._arrow)
        if shown.state == "unknown":
            self._cross(on)
        if shown.state == "running" and on.flow and self.shape.circle is not None:
            self._turn(on)

    def phase(self, on: Canvas2D) -> Hashable:
        turning = on.flow and isinstance(self.shown, DriveLook) and self.shown.state == "running"
        return super().phase(on), on.step % 4 if turning else None

    def _cross(self, on: Canvas2D) -> None:
        box = self.shape.box
        on.hatch(self._body, "line.strong")
        (x, y), half = box.centre, 0.34 * min(box.width, box.height)
        on.pen("quality.bad", 2.0)
        on.painter.drawLine(QPointF(x - half, y - half), QPointF(x + half, y + half))
        on.painter.drawLine(QPointF(x - half, y + half), QPointF(x + half, y - half))

    def _turn(self, on: Canvas2D) -> None:
        """A short arc inside the rim that steps round: discreet, and still on a still picture."""
        assert self.shape.circle is not None
        (x, y), r = self.shape.circle
        r *= 0.84
        on.pen("equip.line", 2.2)
        for start in (0, 180):
            on.painter.drawArc(QRectF(x - r, y - r, 2 * r, 2 * r), round((start - 45 * on.step) * 16), 40 * 16)
