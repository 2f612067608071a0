"""Valves: light when open, dark when closed, half and half on their way; control valves with their travel."""

from __future__ import annotations

from collections.abc import Hashable
from functools import cached_property
from math import atan2, hypot, pi
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainterPath

from contracts.signal_list import Signal
from pid_renderer.drawing import Box
from pid_renderer.ink import reading_scale
from pid_renderer.live_state import NEARLY_OPEN, NEARLY_SHUT, Readings, ValveLook, valve_look
from pid_renderer.symbol import Canvas2D, Gauge, LiveSymbol, polygon
from pid_renderer.travel import Travel, bar_box, upright

_STRAIGHT: Final = 0.75 * pi
"""Two legs further apart than this are the run of a three-way valve, the third is its branch."""


class Valve(LiveSymbol):
    """A valve: light when open, dark when closed, half and half on its way; a control valve has a travel bar."""

    order = 2

    @cached_property
    def box(self) -> Box:
        """Extent of the symbol and its travel bar."""
        return self.shape.box.union(self._bar) if self._is_control else self.shape.box

    @cached_property
    def _is_control(self) -> bool:
        signal = self.binding.signal
        return signal(self.code, "position") is not None and signal(self.code, "open", "closed", "lifted") is None

    @cached_property
    def _legs(self) -> tuple[QPainterPath, ...]:
        """Each closed outline as a path; the whole inside where the file draws none."""
        legs = []
        for corners in self.shape.polygons or (self.shape.silhouette,):
            leg = QPainterPath()
            leg.addPolygon(polygon(corners))
            leg.closeSubpath()
            legs.append(leg)
        return tuple(legs)

    @cached_property
    def _body(self) -> QPainterPath:
        body = QPainterPath()
        body.setFillRule(Qt.FillRule.WindingFill)
        for leg in self._legs:
            body.addPath(leg)
        return body

    @cached_property
    def _upright(self) -> bool:
        return upright(self.shape)

    @cached_property
    def _travel(self) -> Travel:
        return Travel(self.signals())

    @cached_property
    def _bar(self) -> Box:
        """The travel bar, on the side where it covers least, mm."""
        return bar_box(self.drawing, self.element, self.shape, 1.0 / reading_scale(self.drawing))

    def steps(self, signal: Signal) -> int:
        travels = signal.kind == "analog" and signal.role in ("position", "command", "output")
        return 100 if travels else super().steps(signal)

    def look(self, readings: Readings) -> ValveLook:
        return self._travel.judge(valve_look(self.binding, self.code, readings, self.plated), readings)

    @cached_property
    def gauge(self) -> Gauge | None:
        """Its travel bar."""
        signal = self.binding.signal(self.code, "position")
        ends = NEARLY_SHUT / 100, NEARLY_OPEN / 100
        return None if signal is None else Gauge(signal, self._bar, self._upright, ends)

    def has_gauge(self, shown: Hashable) -> bool:
        return isinstance(shown, ValveLook) and shown.control and shown.position is not None

    def transient(self, look: Hashable) -> bool:
        return isinstance(look, ValveLook) and look.astray

    def is_marked(self) -> bool:
        return super().is_marked() or getattr(self.shown, "late", False)

    def likeness(self) -> Hashable:
        """Its signals' roles, and on which side its travel bar stands."""
        if self.binding.signal(self.code, "position") is None:
            return self.roles()
        return self.roles(), self._bar.left > self.shape.box.left, self._bar.top > self.shape.box.top

    def paint(self, on: Canvas2D) -> None:
        shown = self.shown
        assert isinstance(shown, ValveLook)
        self._fill(on, shown)
        if shown.stale:
            on.doubt(self._body, 3.2)
        on.hollow()
        on.pen("equip.line", 1.4, (2.0, 2.0) if shown.stale else ())
        on.painter.drawPath(self.outline)
        if shown.state == "unknown":
            (x, y), reach = self.shape.box.centre, 0.5 * max(self.shape.box.width, self.shape.box.height)
            on.pen("quality.bad", 2.0)
            on.painter.drawLine(QPointF(x - reach, y - reach), QPointF(x + reach, y + reach))
            on.painter.drawLine(QPointF(x - reach, y + reach), QPointF(x + reach, y - reach))
        if shown.control and shown.position is not None:
            position = {"empty": 0.0, "full": 1.0}.get(self.part, shown.position)
            self._paint_travel(on, position, shown.demanded, old=shown.stale)

    def _fill(self, on: Canvas2D, shown: ValveLook) -> None:
        fill = {"open": "equip.running", "unknown": "quality.badFill"}.get(shown.state, "equip.stopped")
        on.painter.fillPath(self._body, on.colors.brush(fill))
        if shown.state in ("travelling", "throttling"):
            on.half(self._body, self.shape.box, "equip.running", upright=self._upright)

    def _paint_travel(self, on: Canvas2D, position: float, demanded: float | None, *, old: bool) -> None:
        """How far it is open: a bar along the valve, and a blue tick where it was told to go."""
        box = self._bar
        track = QRectF(box.left, box.top, box.width, box.height)
        bar = (
            QRectF(box.left, box.bottom - position * box.height, box.width, position * box.height)
            if self._upright
            else QRectF(box.left, box.top, position * box.width, box.height)
        )
        on.painter.fillRect(track, on.colors.brush("bg.sunken"))
        if old:
            path = QPainterPath()
            path.addRect(bar)
            on.hatch(path, "quality.stale")
        else:
            on.painter.fillRect(bar, on.colors.brush("value.live"))
        on.hollow()
        on.pen("equip.line", 0.8)
        on.painter.drawRect(track)
        if demanded is None:
            return
        over, wide = on.px(1.6), on.px(2.4)
        for token, thick in (("bg.canvas", wide + 2 * on.px(1.0)), ("hand.setpoint", wide)):
            if self._upright:
                y = box.bottom - demanded * box.height
                tick = QRectF(box.left - over, y - thick / 2, box.width + 2 * over, thick)
            else:
                x = box.left + demanded * box.width
                tick = QRectF(x - thick / 2, box.top - over, thick, box.height + 2 * over)
            on.painter.fillRect(tick, on.colors.brush(token))

    def paint_marks(self, on: Canvas2D) -> None:
        super().paint_marks(on)
        if isinstance(self.shown, ValveLook) and self.shown.late and not self.shown.forced:
            self._mark(on, "clock", "text.primary")


class ThreeWayValve(Valve):
    """Two ways out of one: 0 % leaves the run open and the branch shut, 100 % the other way round."""

    @cached_property
    def _branch(self) -> int | None:
        """Number of the leg off the run; None where the file does not draw three."""
        legs = self.shape.polygons
        if len(legs) != 3:
            return None
        middles = [(sum(x for x, _ in leg) / len(leg), sum(y for _, y in leg) / len(leg)) for leg in legs]
        # The legs meet in the corner nearest to all of them.
        corners = [corner for leg in legs for corner in leg]
        x, y = min(corners, key=lambda p: sum(hypot(p[0] - mx, p[1] - my) for mx, my in middles))
        ways = [atan2(my - y, mx - x) for mx, my in middles]
        return next((n for n in range(3) if _apart(ways[n - 1], ways[n - 2]) > _STRAIGHT), None)

    def likeness(self) -> Hashable:
        return self._branch, super().likeness()

    def _fill(self, on: Canvas2D, shown: ValveLook) -> None:
        if self._branch is None or shown.state == "unknown":
            super()._fill(on, shown)
            return
        run, branch = {
            "open": ("equip.stopped", "equip.running"),
            "closed": ("equip.running", "equip.stopped"),
        }.get(shown.state, ("equip.running", "equip.running"))
        for number, leg in enumerate(self._legs):
            on.painter.fillPath(leg, on.colors.brush(branch if number == self._branch else run))


class SafetyValve(Valve):
    """A safety valve: dark and shut as it should be; when it has lifted, light with rays of what it lets out."""

    def look(self, readings: Readings) -> ValveLook:
        return valve_look(self.binding, self.code, readings, self.plated)

    def is_marked(self) -> bool:
        return super().is_marked() or getattr(self.shown, "state", "") == "open"

    def paint_marks(self, on: Canvas2D) -> None:
        super().paint_marks(on)
        shown = self.shown
        if not isinstance(shown, ValveLook) or shown.state != "open" or shown.forced:
            return
        (x0, y0), (x, y) = (self._beside_px(on, self._mark_way, out) for out in (1.0, 12.0))
        along, side = (x - x0, y - y0), (y - y0, x0 - x)
        on.painter.setPen(on.colors.pen("text.primary", 2.0))
        for turn in (-0.7, 0.0, 0.7):
            tip = QPointF(x + turn * side[0], y + turn * side[1])
            foot = QPointF(x0 + 0.35 * (along[0] + turn * side[0]), y0 + 0.35 * (along[1] + turn * side[1]))
            on.painter.drawLine(foot, tip)


def _apart(one: float, other: float) -> float:
    """Angle between two ways, rad, 0 … π."""
    return abs((one - other + pi) % (2 * pi) - pi)
