"""Columns: the profile of temperature and pressure over their height, against design, and the level of their sump."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from functools import cached_property
from itertools import pairwise
from typing import Final

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainterPath

from contracts.signal_list import Signal
from pid_renderer.column_state import ColumnLook, PointLook, Profile, column_look, profiles, sump
from pid_renderer.drawing import Box, Point, Polyline, Primitive
from pid_renderer.live_state import LevelLook, Readings
from pid_renderer.sheet_painter import path_of
from pid_renderer.symbol import Canvas2D, LiveSymbol, polygon

_STEPS: Final = 200
_INSET: Final = 0.12
"""Of the column's width: how far from the walls the ends of a profile's scale stand."""
_DOT_PX: Final = 3.2


class Column(LiveSymbol):
    """A column with what is measured along it."""

    order = 0

    @cached_property
    def level(self) -> Signal | None:
        """The signal of its sump's level."""
        return self.binding.signal(self.code, "level")

    @cached_property
    def profiles(self) -> tuple[Profile, ...]:
        """Temperature, then pressure, where two points at least are measured."""
        return profiles(self.drawing, self.element, self.code, self.binding)

    @cached_property
    def _own_signals(self) -> tuple[Signal, ...]:
        return self.binding.signals_at.get(self.code, ())

    def signals(self) -> tuple[Signal, ...]:
        points = [point.signal for profile in self.profiles for point in profile.points]
        level = [] if self.level is None else [self.level]
        return tuple({signal.kks: signal for signal in (*level, *points, *self._own_signals)}.values())

    def steps(self, signal: Signal) -> int:
        return _STEPS if signal.kind == "analog" else super().steps(signal)

    def likeness(self) -> Hashable:
        top = self.shape.box.top
        return self.level is not None, tuple(
            (p.quantity, p.low, p.high, tuple((round(q.y_mm - top, 3), q.signal.design) for q in p.points))
            for p in self.profiles
        )

    def look(self, readings: Readings) -> ColumnLook:
        return column_look(self.profiles, self.level, self._own_signals, readings, self.plated)

    @cached_property
    def _inside(self) -> QPainterPath:
        inside = QPainterPath()
        inside.addPolygon(polygon(self.shape.silhouette))
        inside.closeSubpath()
        return inside

    @cached_property
    def _sump(self) -> Box | None:
        return None if self.level is None else sump(self.element, self.shape.shell, self.level)

    def _is_tray(self, item: Primitive) -> bool:
        """A level line inside: a tray or the edge of a packing."""
        box = self.shape.box
        return (
            isinstance(item, Polyline)
            and not item.closed
            and item.box.height < 0.01 * box.height
            and box.top + 0.02 * box.height < item.box.top < box.bottom - 0.02 * box.height
        )

    @cached_property
    def _trays(self) -> QPainterPath:
        return path_of(item for item in self.own if self._is_tray(item))

    @cached_property
    def outline(self) -> QPainterPath:
        """The file's strokes without the trays."""
        return path_of(item for item in self.own if not self._is_tray(item))

    def paint(self, on: Canvas2D) -> None:
        shown = self.shown
        assert isinstance(shown, ColumnLook)
        on.painter.fillPath(self._inside, on.colors.brush("equip.body"))
        if on.design and shown.profiles:
            self._paint_sections(on, self.profiles[0], shown.profiles[0])
        if self._sump is not None:
            self._paint_sump(on, self._sump, shown.sump)
        on.hollow()
        on.pen("line.strong", 1.0, (5.0, 3.0))
        on.painter.drawPath(self._trays)
        self._outline(on)
        # Temperatures over pressures: they are more, and their line is what the eye follows.
        for profile, points in reversed(list(zip(self.profiles, shown.profiles, strict=True))):
            self._paint_profile(on, profile, points)

    def _paint_sump(self, on: Canvas2D, box: Box, level: LevelLook) -> None:
        part = QPainterPath()
        if level.level is None:
            part.addRect(QRectF(box.left, box.top, box.width, box.height))
            on.hatch(self._inside.intersected(part), "line.strong")
            return
        surface = box.bottom - level.level * box.height
        part.addRect(QRectF(box.left, surface, box.width, box.bottom - surface))
        on.painter.fillPath(self._inside.intersected(part), on.colors.brush("equip.liquid"))
        on.painter.save()
        on.painter.setClipPath(self._inside)
        on.pen("equip.liquidLine", 2.0, (2.0, 3.0) if level.trust == "stale" else ())
        on.painter.drawLine(QPointF(box.left, surface), QPointF(box.right, surface))
        on.painter.restore()

    def _paint_sections(self, on: Canvas2D, profile: Profile, points: tuple[PointLook, ...]) -> None:
        """Under the lens each point's part of the height takes its step."""
        heights = [point.y_mm for point in profile.points]
        box = self.shape.shell
        edges = [box.top, *((a + b) / 2 for a, b in pairwise(heights)), box.bottom]
        for (top, bottom), point in zip(pairwise(edges), points, strict=True):
            if point.step:
                part = QPainterPath()
                part.addRect(QRectF(box.left, top, box.width, bottom - top))
                on.painter.fillPath(self._inside.intersected(part), on.colors.tint(point.step))

    def _at(self, part: float, y: float) -> Point:
        box = self.shape.shell
        return box.left + (_INSET + part * (1 - 2 * _INSET)) * box.width, y

    def _paint_profile(self, on: Canvas2D, profile: Profile, points: tuple[PointLook, ...]) -> None:
        design = [self._at(part, y) for part, y in profile.design]
        on.hollow()
        if len(design) >= 2 and profile.quantity == "temperature":
            on.pen("design.mark", 1.6, (5.0, 2.5))
            on.painter.drawPolyline(polygon(design))
        places = [
            None if look.part is None else self._at(look.part, point.y_mm)
            for point, look in zip(profile.points, points, strict=True)
        ]
        joined = profile.quantity == "temperature"
        for (a, b), (one, other) in zip(pairwise(places), pairwise(points), strict=True):
            if joined and a is not None and b is not None:
                # A line through an old value is no measured one.
                old = "stale" in (one.trust, other.trust)
                on.pen("quality.stale" if old else "value.live", 1.2, (1.5, 2.5) if old else ())
                on.painter.drawLine(QPointF(*a), QPointF(*b))
        for place, point, look in zip(places, profile.points, points, strict=True):
            self._paint_point(on, place or self._at(0.0, point.y_mm), look, round_=profile.quantity == "temperature")

    def _paint_point(self, on: Canvas2D, at: Point, look: PointLook, *, round_: bool) -> None:
        """A dot or a diamond (pressure); hollow when old, ringed when forced, a × when bad, ▲ ▼ off design."""
        (x, y), r = at, on.px(_DOT_PX)
        if look.part is None:
            on.pen("quality.bad", 1.8)
            on.painter.drawLine(QPointF(x - r, y - r), QPointF(x + r, y + r))
            on.painter.drawLine(QPointF(x - r, y + r), QPointF(x + r, y - r))
            return
        ink = {"stale": "quality.stale", "forced": "quality.forced", "uncertain": "quality.uncertain"}.get(
            look.trust, "value.live"
        )
        on.pen(ink, 1.4)
        on.fill(ink if look.trust in ("good", "forced") else "bg.canvas")
        if look.step and on.design:
            on.painter.drawPolygon(polygon(list(_triangle(x, y, 1.5 * r, up=look.step > 0))))
        elif round_:
            on.painter.drawEllipse(QPointF(x, y), r, r)
        else:
            on.painter.drawPolygon(polygon([(x, y - 1.3 * r), (x + 1.3 * r, y), (x, y + 1.3 * r), (x - 1.3 * r, y)]))
        on.hollow()
        if look.trust == "forced":
            on.painter.drawEllipse(QPointF(x, y), 2 * r, 2 * r)
        elif look.trust == "uncertain":
            on.painter.drawLine(QPointF(x - 0.4 * r, y), QPointF(x + 0.4 * r, y))


def _triangle(x: float, y: float, r: float, *, up: bool) -> Iterator[Point]:
    s = -1.0 if up else 1.0
    yield x, y + s * r
    yield x + r, y - s * 0.8 * r
    yield x - r, y - s * 0.8 * r
