"""Valves: light when open, dark when closed, half and half on their way."""

from __future__ import annotations

from functools import cached_property
from math import radians, sin

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainterPath

from contracts.signal_list import Signal
from pid_renderer.live_state import Readings, ValveLook, valve_look
from pid_renderer.marks import paint_icon
from pid_renderer.symbol import Canvas2D, LiveSymbol, polygon


class Valve(LiveSymbol):
    """A valve: light when open, dark when closed, half and half on its way; a control valve has a travel bar."""

    order = 2

    @cached_property
    def _body(self) -> QPainterPath:
        body = QPainterPath()
        body.setFillRule(Qt.FillRule.WindingFill)
        for corners in self.shape.polygons:
            body.addPolygon(polygon(corners))
            body.closeSubpath()
        if body.isEmpty():
            body.addPolygon(polygon(self.shape.silhouette))
            body.closeSubpath()
        return body

    @cached_property
    def _upright(self) -> bool:
        return abs(sin(radians(self.shape.rotation_deg))) > 0.7

    def steps(self, signal: Signal) -> int:
        return (
            100
            if signal.kind == "analog" and signal.role in ("position", "command", "output")
            else super().steps(signal)
        )

    def look(self, readings: Readings) -> ValveLook:
        return valve_look(self.binding, self.code, readings, self.plated)

    def paint(self, on: Canvas2D) -> None:
        shown = self.shown
        assert isinstance(shown, ValveLook)
        painter, box = on.painter, self.shape.box
        fill = {"open": "equip.running", "closed": "equip.stopped", "unknown": "quality.badFill"}.get(
            shown.state, "equip.stopped"
        )
        painter.fillPath(self._body, on.colors.brush(fill))
        if shown.state in ("travelling", "throttling"):
            half = QPainterPath()
            half.addRect(
                QRectF(box.left, box.top, box.width, box.height / 2)
                if self._upright
                else QRectF(box.left, box.top, box.width / 2, box.height)
            )
            painter.fillPath(self._body.intersected(half), on.colors.brush("equip.running"))
        on.hollow()
        on.pen("equip.line", 1.4, (2.0, 2.0) if shown.stale else ())
        painter.drawPath(self.outline)
        if shown.state == "unknown":
            (x, y), reach = box.centre, 0.5 * max(box.width, box.height)
            on.pen("quality.bad", 2.0)
            painter.drawLine(QPointF(x - reach, y - reach), QPointF(x + reach, y + reach))
            painter.drawLine(QPointF(x - reach, y + reach), QPointF(x + reach, y - reach))
        if shown.control and shown.position is not None:
            self._travel(on, shown.position)

    def _travel(self, on: Canvas2D, position: float) -> None:
        """How far it is open: a bar along the valve, beside or below it."""
        box, thick, gap = self.shape.box, on.px(3.0), on.px(2.0)
        if self._upright:
            track = QRectF(box.right + gap, box.top, thick, box.height)
            bar = QRectF(track.left(), track.bottom() - position * track.height(), thick, position * track.height())
        else:
            track = QRectF(box.left, box.bottom + gap, box.width, thick)
            bar = QRectF(track.left(), track.top(), position * track.width(), thick)
        on.painter.fillRect(track, on.colors.brush("bg.sunken"))
        on.painter.fillRect(bar, on.colors.brush("value.live"))

    def paint_marks(self, on: Canvas2D) -> None:
        super().paint_marks(on)
        if isinstance(self.shown, ValveLook) and self.shown.forced:
            x, y = on.view.to_px((self.shape.box.right, self.shape.box.top))
            paint_icon(on.painter, x + 6, y - 4, "hand-stop", on.colors.color("quality.forced"), 14)
