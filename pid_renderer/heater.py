"""Exchangers and furnaces: light when heat moves, with a bar of their duty against the design."""

from __future__ import annotations

from collections.abc import Hashable
from functools import cached_property
from typing import Final, NamedTuple

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainterPath

from contracts.number_text import Language
from contracts.signal_list import Signal
from pid_renderer.drawing import Arc, Box
from pid_renderer.free_room import room_of
from pid_renderer.heat_state import FULL_SCALE, HeatLook, HeatSignals, heat_look, heat_signals, heat_text
from pid_renderer.ink import reading_scale
from pid_renderer.live_state import Readings, ValueLook
from pid_renderer.shape import body, parts
from pid_renderer.sheet_painter import path_of
from pid_renderer.symbol import Canvas2D, LiveSymbol, body_path

BAR_PX: Final = 5.0
GAP_PX: Final = 3.0
_STEPS: Final = 200


class Bar(NamedTuple):
    """Where the duty's bar stands."""

    box: Box
    upright: bool


def bar_of(symbol: LiveSymbol) -> Bar:
    """Beside the symbol, where it covers least: below, above, right or left of it."""
    px, box = 1.0 / reading_scale(symbol.drawing), symbol.shape.box
    thick, gap = BAR_PX * px, GAP_PX * px
    places = (
        Box(box.left, box.bottom + gap, box.right, box.bottom + gap + thick),
        Box(box.right + gap, box.top, box.right + gap + thick, box.bottom),
        Box(box.left - gap - thick, box.top, box.left - gap, box.bottom),
        Box(box.left, box.top - gap - thick, box.right, box.top - gap),
    )
    chosen = room_of(symbol.drawing).best(places, parts(symbol.drawing, symbol.element))
    return Bar(places[chosen], chosen in (1, 2))


class Heater(LiveSymbol):
    """What exchangers and furnaces have in common: heat, and its bar."""

    order = 2

    @cached_property
    def heat(self) -> HeatSignals:
        """Its signals and its design."""
        return heat_signals(self.element, self.code, self.binding)

    @cached_property
    def bar(self) -> Bar | None:
        """Where its duty stands against design; None where no design, or never a duty, can be known."""
        of = self.heat
        computed = None not in (of.flow, of.inlet, of.outlet, of.capacity_j_kg_k)
        return bar_of(self) if of.design_w and (of.duty is not None or computed) else None

    @cached_property
    def box(self) -> Box:
        """Extent of the symbol and its bar."""
        return self.shape.box if self.bar is None else self.shape.box.union(self.bar.box)

    def signals(self) -> tuple[Signal, ...]:
        return self.heat.all()

    def steps(self, signal: Signal) -> int:
        return _STEPS if signal.kind == "analog" else super().steps(signal)

    def likeness(self) -> Hashable:
        of, bar = self.heat, self.bar
        own = self.shape.box
        at = bar and (round(bar.box.left - own.left, 3), round(bar.box.top - own.top, 3), bar.upright)
        signals = tuple(s and (s.low, s.high, s.unit, s.design) for s in of[:10] if s is None or isinstance(s, Signal))
        return at, signals, of.design_w, of.capacity_j_kg_k, of.density_kg_m3

    def look(self, readings: Readings) -> HeatLook:
        return heat_look(self.heat, readings, self.plated)

    @property
    def computes(self) -> Signal | None:
        """The last of the signals its duty is computed from; None where one measures the duty, or too few are known."""
        return self.heat.outlet if self.heat.duty is None and self.heat.inlet is not None else None

    def computed(self, readings: Readings, language: Language) -> ValueLook:
        """Duty or temperature difference, as its plate shows it."""
        text = heat_text(self.heat, readings, language)
        return ValueLook(text.text, text.unit, text.trust, "", None, 0, "")

    @cached_property
    def _body(self) -> QPainterPath:
        return body_path(self.shape)

    @cached_property
    def _coil(self) -> QPainterPath:
        """The strokes inside the body: all but its own outline."""
        around = body(self.shape)
        return path_of(
            item
            for item in self.own
            if not (isinstance(item, Arc) and item.whole) and getattr(item, "points", ()) != around
        )

    def paint(self, on: Canvas2D) -> None:
        shown = self.shown
        assert isinstance(shown, HeatLook)
        painter, is_lit = on.painter, self._is_lit(on, shown)
        fill = "equip.running" if is_lit else {"unknown": "quality.badFill", "working": "equip.body"}.get(shown.state)
        painter.fillPath(self._body, on.colors.brush(fill or "equip.stopped"))
        if shown.state == "starting":
            on.half(self._body, self.shape.box, "equip.running")
        on.tint(self._body, shown.deviation_step)
        doubtful = shown.trust not in ("good", "forced")
        if doubtful:
            on.doubt(self._body)
        dash = (6.0, 3.0) if shown.state == "bypassed" else (2.0, 2.0) if doubtful else ()
        on.hollow()
        on.pen("equip.line", 2.6 if shown.state == "tripped" else 1.8, dash)
        painter.drawPath(self.outline)
        if shown.state != "unknown":
            painter.save()
            painter.setClipPath(self._body, Qt.ClipOperation.IntersectClip)
            on.pen("line.strong" if shown.state == "starting" else _coil_ink(on, is_lit=is_lit), 1.8, dash)
            painter.drawPath(self._coil)
            painter.restore()
        on.rim(self._body, shown.deviation_step)
        if shown.state == "unknown":
            on.cross(self._body, self.shape.box)
        elif shown.state == "tripped":
            on.bang(self.shape.box, _hollow_ink(on))
        if self.bar is not None:
            _paint_bar(on, self.bar, shown)

    @staticmethod
    def _is_lit(on: Canvas2D, shown: HeatLook) -> bool:
        """Whether the body is light. In the dark theme the steps of the lens are made for a dark one."""
        tinted = on.design and shown.deviation_step != 0 and on.colors.theme.name == "dark"
        return shown.state == "working" and not tinted


class Exchanger(Heater):
    """A heat exchanger, cooler or air cooler."""


class Furnace(Heater):
    """A fired heater: solid flames in a light body when it is lit, hollow ones in a dark body when it is out."""

    @cached_property
    def _flames(self) -> QPainterPath:
        """Three flames at the bottom of the body."""
        around = self._body.boundingRect()
        high, wide = 0.2 * around.height(), 0.13 * around.width()
        foot = around.bottom() - 0.06 * around.height()
        found = QPainterPath()
        for part in (0.25, 0.5, 0.75):
            x = around.left() + part * around.width()
            found.moveTo(x, foot - high)
            found.cubicTo(x + 0.5 * wide, foot - 0.55 * high, x + wide, foot, x, foot)
            found.cubicTo(x - wide, foot, x - 0.5 * wide, foot - 0.55 * high, x, foot - high)
        return found

    def paint(self, on: Canvas2D) -> None:
        super().paint(on)
        shown = self.shown
        assert isinstance(shown, HeatLook)
        if shown.state == "working":
            ink = _solid_ink(on) if self._is_lit(on, shown) else "text.primary"
            on.painter.fillPath(self._flames, on.colors.brush(ink))
            return
        on.pen("line.strong" if shown.state == "starting" else _hollow_ink(on), 1.6)
        on.hollow()
        on.painter.drawPath(self._flames)


def _solid_ink(on: Canvas2D) -> str:
    """Ink on a light body."""
    return "text.primary" if on.colors.theme.name == "light" else "bg.canvas"


def _hollow_ink(on: Canvas2D) -> str:
    """Ink on a dark body."""
    return "bg.surface" if on.colors.theme.name == "light" else "text.secondary"


def _coil_ink(on: Canvas2D, *, is_lit: bool) -> str:
    if on.colors.theme.name == "light":
        return "equip.line" if is_lit else "bg.surface"
    return "bg.canvas" if is_lit else "equip.line"


def _paint_bar(on: Canvas2D, bar: Bar, shown: HeatLook) -> None:
    """Share of the design duty; a tick across the bar stands at the design itself."""
    box, share = bar.box, shown.share
    track = QRectF(box.left, box.top, box.width, box.height)
    on.painter.fillRect(track, on.colors.brush("bg.sunken"))
    if share is not None:
        part = share / FULL_SCALE
        filled = (
            QRectF(box.left, box.bottom - part * box.height, box.width, part * box.height)
            if bar.upright
            else QRectF(box.left, box.top, part * box.width, box.height)
        )
        if shown.trust == "stale":
            path = QPainterPath()
            path.addRect(filled)
            on.hatch(path, "quality.stale")
        else:
            on.painter.fillRect(filled, on.colors.brush("value.live"))
    on.hollow()
    on.pen("equip.line", 1.0, () if share is not None else (2.0, 2.0))
    on.painter.drawRect(track)
    over, at = on.px(2.5), 1.0 / FULL_SCALE
    on.pen("design.mark", 2.2)
    if bar.upright:
        y = box.bottom - at * box.height
        on.painter.drawLine(QPointF(box.left - over, y), QPointF(box.right + over, y))
    else:
        x = box.left + at * box.width
        on.painter.drawLine(QPointF(x, box.top - over), QPointF(x, box.bottom + over))
