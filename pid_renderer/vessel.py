"""Tanks, spheres, drums and column sumps: they fill with their level."""

from __future__ import annotations

from collections.abc import Hashable
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Final

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainterPath, QPen

from contracts.signal_list import Signal
from pid_renderer.drawing import Box, Drawing
from pid_renderer.ink import product_of
from pid_renderer.live_state import LevelLook, Readings, fraction, level_look
from pid_renderer.shape import roof_parts
from pid_renderer.symbol import Canvas2D, Gauge, LiveSymbol, polygon

_OLD_DASH: Final = (2.0, 3.0)
"""A surface that was there when it was last seen, px at 100 %."""


@lru_cache(maxsize=8)
def _agitators(drawing: Drawing) -> tuple[Box, ...]:
    return tuple(e.box for e in drawing.elements.values() if e.family == "agitator" and e.box is not None)


class Vessel(LiveSymbol):
    """A tank, sphere, drum or column sump that fills with its level."""

    order = 0

    _ticks: tuple[float, list[QLineF], QRectF | None] | None = None

    @cached_property
    def level(self) -> Signal | None:
        """The signal that fills it."""
        return self.binding.signal(self.code, "level")

    @cached_property
    def product(self) -> str:
        """Service of what it holds, which tinges its contents; empty where not known."""
        return product_of(self.drawing, self.element)

    def owners(self) -> set[str]:
        return super().owners() | set(roof_parts(self.drawing, self.element))

    @cached_property
    def _inside(self) -> QPainterPath:
        inside = QPainterPath()
        inside.addPolygon(polygon(self.shape.silhouette))
        inside.closeSubpath()
        return inside

    @cached_property
    def _is_box(self) -> bool:
        return len(self.shape.silhouette) == 4

    @cached_property
    def _shell(self) -> QRectF:
        shell = self.shape.shell
        return QRectF(shell.left, shell.top, shell.width, shell.height)

    @cached_property
    def box(self) -> Box:
        """Extent of what it draws, the liquid's surface included."""
        top = min(self.shape.box.top, self.shape.shell.top)
        return Box(self.shape.box.left, top, self.shape.box.right, self.shape.box.bottom).grown(2.0)

    def steps(self, signal: Signal) -> int:
        return 400 if self.level is not None and signal.kks == self.level.kks else super().steps(signal)

    def likeness(self) -> Hashable:
        s = self.level
        marks = () if s is None else (s.ll, s.l, s.h, s.hh, s.design_min, s.design_max)
        heights = (None if s is None or v is None else fraction(s, v) for v in marks)
        return self.product, self.shape.floating_roof, *heights

    def signals(self) -> tuple[Signal, ...]:
        return () if self.level is None else (self.level,)

    def look(self, readings: Readings) -> LevelLook:
        return level_look(self.level, readings)

    @cached_property
    def text_at(self) -> float:
        """Where across the vessel its level is written, mm: the middle of its widest part without an agitator."""
        shell = self.shape.shell
        edges = [(shell.left, shell.left), (shell.right, shell.right)]
        edges += [(box.left, box.right) for box in _agitators(self.drawing) if box.meets(shell)]
        gaps = [(right[0] - left[1], left[1] + right[0]) for left, right in pairwise(sorted(edges))]
        return max(gaps)[1] / 2

    def surface(self) -> float | None:
        """Height of the surface on the sheet, mm; None where no level is drawn."""
        shown = self.shown
        if not isinstance(shown, LevelLook) or shown.level is None:
            return None
        return self.shape.shell.bottom - shown.level * self.shape.shell.height

    @cached_property
    def gauge(self) -> Gauge | None:
        """Its level."""
        if self.level is None:
            return None
        roof = self.shape.floating_roof
        return Gauge(self.level, self.shape.shell, True, (-1.0, 2.0), 5.0 if roof else 2.0, roof)

    def has_gauge(self, shown: Hashable) -> bool:
        return isinstance(shown, LevelLook) and shown.level is not None

    def paint(self, on: Canvas2D) -> None:
        shown = self.shown
        assert isinstance(shown, LevelLook)
        if self._is_box:
            on.painter.fillRect(self._shell, on.colors.brush("equip.body"))
        else:
            on.painter.fillPath(self._inside, on.colors.brush("equip.body"))
        if shown.trust == "bad":
            on.hatch(self._inside, "line.strong")
        surface = self.surface()
        roof = self.shape.floating_roof
        if self.part:
            self._paint_part(on)
        elif surface is not None:
            self._paint_liquid(on, surface)
            if not roof:
                self._paint_surface(on, surface, *self._chord(surface))
        on.tint(self._inside, shown.deviation_step)
        if self.level is not None:
            self._paint_ticks(on, self.level)
        self._outline(on)
        on.rim(self._inside, shown.deviation_step)
        if roof and (self.part == "surface" or (not self.part and surface is not None)):
            self._paint_roof(on, surface)

    def _paint_liquid(self, on: Canvas2D, surface: float) -> None:
        shell = self._shell
        liquid = QRectF(shell.left(), surface, shell.width(), shell.bottom() - surface)
        brush = on.colors.brush(f"liquid.{self.product}")
        if self._is_box:
            on.painter.fillRect(liquid, brush)
            return
        part = QPainterPath()
        part.addRect(liquid)
        on.painter.fillPath(self._inside.intersected(part), brush)

    def _paint_surface(self, on: Canvas2D, y: float, left: float, right: float, width_px: float = 2.0) -> None:
        on.pen("equip.liquidLine", width_px, _OLD_DASH if self._is_old else ())
        on.painter.drawLine(QPointF(left, y), QPointF(right, y))

    def _paint_roof(self, on: Canvas2D, surface: float | None) -> None:
        """It rides on the surface; one last seen long ago is a row of dashes. Of any height without a surface."""
        shell, inset = self._shell, on.px(1.5)
        thick = shell.height() if surface is None or self.part else on.px(5.0)
        y = shell.bottom() - thick / 2 if surface is None or self.part else surface - thick / 2
        pen = QPen(on.colors.color("equip.line"), thick)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        if self._is_old:
            pen.setDashPattern([on.px(length) / thick for length in _OLD_DASH])
        on.painter.setPen(pen)
        on.painter.drawLine(QPointF(shell.left() + inset, y), QPointF(shell.right() - inset, y))

    def _paint_part(self, on: Canvas2D) -> None:
        """What is above the surface, the surface itself, or what is below, each all over the inside."""
        shell = self._shell
        if self.part == "empty" or (self.part == "surface" and self.shape.floating_roof):
            return
        self._paint_liquid(on, shell.top())
        if self.part == "surface":
            painter, middle = on.painter, shell.center().y()
            painter.save()
            painter.setClipPath(self._inside, Qt.ClipOperation.IntersectClip)
            self._paint_surface(on, middle, shell.left(), shell.right(), shell.height() / on.px(1.0))
            painter.restore()

    @property
    def _is_old(self) -> bool:
        return isinstance(self.shown, LevelLook) and self.shown.trust == "stale"

    def _chord(self, y: float) -> tuple[float, float]:
        """Where a level line meets the walls of a round vessel."""
        crossings = []
        corners = self.shape.silhouette
        for (x0, y0), (x1, y1) in zip(corners, (*corners[1:], corners[0]), strict=True):
            if y0 != y1 and min(y0, y1) <= y <= max(y0, y1):
                crossings.append(x0 + (x1 - x0) * (y - y0) / (y1 - y0))
        return (min(crossings), max(crossings)) if crossings else (self._shell.left(), self._shell.left())

    def _paint_ticks(self, on: Canvas2D, signal: Signal) -> None:
        """LL and HH long, L and H short, the design span as a bar, all inside the right wall."""
        if self._ticks is None or self._ticks[0] != on.view.scale:
            self._ticks = (on.view.scale, *self._make_ticks(on, signal))
        _, ticks, design = self._ticks
        if design is not None:
            on.painter.fillRect(design, on.colors.brush("design.mark"))
        on.pen("equip.line", 1.4)
        on.painter.drawLines(ticks)

    def _make_ticks(self, on: Canvas2D, signal: Signal) -> tuple[list[QLineF], QRectF | None]:
        shell, design = self._shell, None

        def wall(value: float) -> tuple[float, float]:
            y = shell.bottom() - fraction(signal, value) * shell.height()
            return y, (shell.right() if self._is_box else self._chord(y)[1])

        if signal.design_min is not None and signal.design_max is not None:
            (top, x0), (bottom, x1) = wall(signal.design_max), wall(signal.design_min)
            design = QRectF(min(x0, x1) - on.px(5.5), top, on.px(3.5), bottom - top)
        lines = []
        for value, length in ((signal.ll, 14.0), (signal.l, 9.0), (signal.h, 9.0), (signal.hh, 14.0)):
            if value is not None:
                y, x = wall(value)
                lines.append(QLineF(x - on.px(length), y, x, y))
        return lines, design
