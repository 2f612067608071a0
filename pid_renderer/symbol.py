"""What a live symbol is: `look` turns readings into a small comparable value, `paint` draws such a value.

Only a symbol whose look changed is painted again.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Final, NamedTuple

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPolygonF

from contracts.signal_list import Signal
from data.reading import AlarmMark
from pid_renderer.binding import Binding
from pid_renderer.drawing import Arc, Box, Drawing, Element, Point, Polyline, Primitive, Text
from pid_renderer.free_room import WAYS, around, room_of
from pid_renderer.ink import reading_scale
from pid_renderer.live_state import Readings
from pid_renderer.marks import paint_badge, paint_icon
from pid_renderer.paint_box import PaintBox
from pid_renderer.shape import Shape, body, has_floating_roof, parts, shape_of
from pid_renderer.sheet_painter import path_of
from pid_renderer.view import View
from resources.theme import tokens

MARK_PX: Final = 14.0
_BADGE_HALF_PX: Final = float(tokens()["symbol"]["badgeHalf"])
_RING: Final = 1.62
"""Of a badge's half size: that of its ring."""
_TUCKED: Final = 0.5
"""How far a badge may lie over the empty corner of its symbol's box, of its half size."""


@dataclass
class Canvas2D:
    """What a symbol paints with. The painter's unit is the millimetre of the sheet."""

    painter: QPainter
    view: View
    colors: PaintBox
    zoom: float
    """1.0 = 100 %."""
    lit: bool
    """The bright part of the alarms' blink."""
    step: int
    """Counts at the flow layer's pace."""
    flow: bool
    alarms: bool
    design: bool = False
    """Whether symbols tell how far they are from design."""
    on_paper: bool = False
    """Strokes alone, no kept picture: for pictures, print and PDF."""

    def through(self, painter: QPainter, view: View) -> Canvas2D:
        """The same with another painter and view."""
        return replace(self, painter=painter, view=view)

    def other_phase(self) -> Canvas2D:
        """The same at another moment of the clock."""
        return replace(self, lit=not self.lit, step=self.step + 1)

    def snapped(self, pixels: float) -> float:
        """The nearest whole device pixel, where values stand on a screen; on paper every place is as good."""
        if self.on_paper:
            return pixels
        ratio = self.painter.device().devicePixelRatioF()
        return math.floor(pixels * ratio + 0.5) / ratio

    def px(self, pixels: float) -> float:
        """Millimetres that `pixels` take, grown with the drawing but never thinner than on a small picture."""
        return pixels * min(max(self.zoom, 0.6), 2.0) / self.view.scale

    def pen(self, token: str, width_px: float, dash_px: Sequence[float] = ()) -> None:
        """Set the pen by pixels at 100 %."""
        self.painter.setPen(self.colors.pen(token, self.px(width_px), [self.px(length) for length in dash_px]))

    def fill(self, token: str) -> None:
        """Set the brush to a token's colour."""
        self.painter.setBrush(self.colors.brush(token))

    def hollow(self) -> None:
        """No brush."""
        self.painter.setBrush(Qt.BrushStyle.NoBrush)

    def hatch(self, path: QPainterPath, token: str) -> None:
        """Diagonal hatch of fixed pitch on the screen, whatever the zoom."""
        brush = self.colors.hatch(token)
        turned = self.painter.worldTransform().inverted()[0]
        brush.setTransform(turned)
        self.painter.fillPath(path, brush)

    def cross(self, body: QPainterPath, box: Box) -> None:
        """Hatch and ×: nobody knows."""
        self.hatch(body, "line.strong")
        (x, y), half = box.centre, 0.34 * min(box.width, box.height)
        self.pen("quality.bad", 2.0)
        self.painter.drawLine(QPointF(x - half, y - half), QPointF(x + half, y + half))
        self.painter.drawLine(QPointF(x - half, y + half), QPointF(x + half, y - half))

    def doubt(self, body: QPainterPath, width_px: float = 5.0) -> None:
        """Take the rim of a filled body away, so that its dotted outline stands free: what it says is old."""
        self.hollow()
        self.pen("bg.canvas", width_px)
        self.painter.drawPath(body)

    def half(self, body: QPainterPath, box: Box, token: str, *, upright: bool = False) -> None:
        """Fill the left half of `body`, or the upper one: on its way from one state to the other."""
        part = QPainterPath()
        wide, high = (box.width, box.height / 2) if upright else (box.width / 2, box.height)
        part.addRect(QRectF(box.left, box.top, wide, high))
        self.painter.fillPath(body.intersected(part), self.colors.brush(token))

    def bang(self, box: Box, token: str) -> None:
        """The ! of what has tripped, in the middle of `box`."""
        (x, y), high = box.centre, 0.56 * min(box.width, box.height)
        wide, top = 0.2 * high, y - high / 2
        brush = self.colors.brush(token)
        self.painter.fillRect(QRectF(x - wide / 2, top, wide, 0.64 * high), brush)
        self.painter.fillRect(QRectF(x - wide / 2, top + 0.8 * high, wide, 0.2 * high), brush)

    def tint(self, body: QPainterPath, step: int) -> None:
        """How far from design: the step's colour over the body."""
        if step and self.design:
            self.painter.fillPath(body, self.colors.tint(step))

    def rim(self, body: QPainterPath, step: int) -> None:
        """The step's colour round the body, over its outline."""
        if step and self.design:
            self.pen(self.colors.step(step), 2.0)
            self.hollow()
            self.painter.drawPath(body)


class Gauge(NamedTuple):
    """A bar as long as one signal's place in its range."""

    signal: Signal
    box: Box
    """What it fills, mm."""
    upright: bool
    """From the bottom up; else from left to right."""
    between: tuple[float, float]
    """Places in the range, 0 to 1, at and beyond which the symbol looks otherwise too: nearly shut, nearly open."""
    surface_px: float = 0.0
    """Thickness of what is painted at its end, at 100 %."""
    rises: bool = False
    """Whether that stands on the end, as a floating roof does, and not half and half."""


class LiveSymbol(ABC):
    """One element that shows its signals.

    A sheet has ten thousand. Making one must cost next to nothing: what it draws with is a `cached_property`, computed
    when it is first painted. Of symbols with equal `likeness` only one paints, once for each picture; the others copy
    it. So a picture may depend on nothing but `likeness`, the quality, alarm and value (to `steps`) of `signals`, the
    `phase`, and for a `transient` look on what the symbol remembers.
    """

    part = ""
    """`empty` or `full` while a picture is painted that is cut at its gauge's end, `surface` for what lies there."""

    order = 1
    """Painting order: what holds liquid first, bubbles last."""

    reach_px = 25.0
    """How far badges, hands and wide strokes stand out of `box`."""

    def __init__(self, drawing: Drawing, element: Element, code: str, binding: Binding) -> None:
        self.drawing = drawing
        self.element = element
        self.code = code
        self.binding = binding
        self.shown: Hashable = None
        self.plated: frozenset[str] = frozenset()
        """Signals with a plate of their own, whose alarms it shows."""

    @cached_property
    def own(self) -> tuple[Primitive, ...]:
        """What the file draws for the element and for what stands inside it."""
        of = self.drawing.primitives_of
        return tuple(item for id_ in parts(self.drawing, self.element) for item in of.get(id_, ()))

    def owners(self) -> set[str]:
        """Elements whose strokes it draws, so that the static sheet leaves them out."""
        return set(parts(self.drawing, self.element))

    @cached_property
    def corner(self) -> Point:
        """Top left of the file's box, mm: what its picture is placed by."""
        box = self.element.box
        return (0.0, 0.0) if box is None else (box.left, box.top)

    @cached_property
    def strokes(self) -> Hashable:
        """Its strokes from its corner: symbols of one class and family with the same ones have the same shape."""
        element, (x, y) = self.element, self.corner
        turn = element.placement.rotation_deg if element.placement is not None else 0.0
        found: list[Hashable] = [element.family, round(turn, 3), has_floating_roof(self.drawing, element)]
        found += [_from(item, x, y) for item in self.own if not isinstance(item, Text)]
        return tuple(found)

    @cached_property
    def shape(self) -> Shape:
        """What can be filled. Computed once for all with the same strokes."""
        known, (x, y) = _shapes(self.drawing), self.corner
        first = known.get(self.strokes)
        if first is None:
            shape = shape_of(self.drawing, self.element)
            if shape is None:
                raise ValueError(f"{self.element.id} draws nothing")
            known[self.strokes] = shape, self.corner
            return shape
        shape, (x0, y0) = first
        return shape.moved(x - x0, y - y0)

    @cached_property
    def outline(self) -> QPainterPath:
        """The file's strokes."""
        return path_of(self.own)

    @cached_property
    def texts(self) -> list[Text]:
        """The texts the symbol draws itself."""
        return [item for item in self.own if isinstance(item, Text)]

    @cached_property
    def box(self) -> Box:
        """Extent of what it draws, without badges and wide strokes (`reach_px`)."""
        return self.shape.box

    def signals(self) -> tuple[Signal, ...]:
        """Signals whose readings the look depends on."""
        return self.binding.signals_of.get(self.code, ())

    def roles(self) -> tuple[tuple[str, str], ...]:
        """What each of its signals means: the same values in other roles make another state."""
        return tuple((signal.role, signal.kind) for signal in self.signals())

    def steps(self, signal: Signal) -> int:
        """How many steps of the signal's range its picture tells apart; 0 where only quality and alarm show."""
        return 0 if signal.kind == "analog" else 1

    @cached_property
    def gauge(self) -> Gauge | None:
        """A bar whose every length would be a picture; its picture is painted empty and full, and cut where it ends."""
        return None

    def has_gauge(self, shown: Hashable) -> bool:  # noqa: ARG002 - for those that have one
        """Whether a look shows the gauge."""
        return self.gauge is not None

    def likeness(self) -> Hashable:
        """What beside geometry its picture depends on and no reading changes: ticks of limits, say."""
        return ()

    @abstractmethod
    def look(self, readings: Readings) -> Hashable:
        """What there is to see."""

    def transient(self, look: Hashable) -> bool:  # noqa: ARG002 - for those that remember
        """Whether a look lasts only so long: the symbol is then asked at each news of its signals."""
        return False

    @abstractmethod
    def paint(self, on: Canvas2D) -> None:
        """Paint `self.shown`."""

    def phase(self, on: Canvas2D) -> Hashable:
        """What of the clock its picture depends on: the blink where an alarm waits, nothing else."""
        alarm = getattr(self.shown, "alarm", None)
        if alarm is None:
            return None
        return on.lit if alarm.state == "unacknowledged" else None

    def is_marked(self) -> bool:
        """Whether a badge or a small icon stands beside it."""
        return getattr(self.shown, "alarm", None) is not None or getattr(self.shown, "forced", False)

    def paint_texts(self, on: Canvas2D) -> None:  # noqa: B027 - most draw none
        """Paint the texts it draws itself, over its strokes; the painter's unit is the pixel."""

    def paint_marks(self, on: Canvas2D) -> None:
        """Paint the badge of an alarm no plate shows, a hand where forced; the painter's unit is the pixel.

        They stand where there is room round the very symbol, so they are no part of the picture it shares.
        """
        self._badge(on, getattr(self.shown, "alarm", None))
        if getattr(self.shown, "forced", False):
            self._mark(on, "hand-stop", "quality.forced")

    def _outline(self, on: Canvas2D, width_px: float = 1.8) -> None:
        on.pen("equip.line", width_px)
        on.hollow()
        on.painter.drawPath(self.outline)

    @cached_property
    def _badge_way(self) -> Point:
        """At which corner or side the badge stands, -1 … 1 in x and y: off every text and kept place."""
        ring = _RING * _BADGE_HALF_PX / reading_scale(self.drawing)
        places = around(self.box, 2 * ring, 2 * ring, -_TUCKED * ring)
        return WAYS[room_of(self.drawing).best(places, parts(self.drawing, self.element))]

    @cached_property
    def _mark_way(self) -> Point:
        """Where a small icon stands, likewise; never where the badge does."""
        size = MARK_PX / reading_scale(self.drawing)
        ways = [way for way in WAYS[::-1] if way != self._badge_way]
        places = around(self.box, size, size, 0.0)
        free = room_of(self.drawing).best([places[WAYS.index(way)] for way in ways], parts(self.drawing, self.element))
        return ways[free]

    def _beside_px(self, on: Canvas2D, way: Point, out_px: float) -> Point:
        """The pixel `out_px` off the corner or side `way`."""
        box = on.view.box_px(self.box)
        (x, y), (dx, dy) = box.centre, way
        return x + dx * (box.width / 2 + out_px), y + dy * (box.height / 2 + out_px)

    def _mark(self, on: Canvas2D, name: str, token: str) -> None:
        """A small icon beside the symbol: a hand, a clock."""
        size = MARK_PX * _grown(on.zoom)
        x, y = self._beside_px(on, self._mark_way, size / 2)
        paint_icon(on.painter, x, y, name, on.colors.color(token), round(size))

    def _badge(self, on: Canvas2D, mark: AlarmMark | None) -> None:
        if mark is not None and on.alarms:
            half = _BADGE_HALF_PX * _grown(on.zoom)
            x, y = self._beside_px(on, self._badge_way, (1 - _TUCKED) * _RING * half)
            paint_badge(on.painter, x, y, mark, on.colors, half=half, lit=on.lit)


def _grown(zoom: float) -> float:
    """How much a mark grows with the drawing: so little that it stays inside `reach_px`."""
    return max(0.8, min(zoom, 1.25))


@lru_cache(maxsize=8)
def _shapes(drawing: Drawing) -> dict[Hashable, tuple[Shape, Point]]:  # noqa: ARG001 - one table a drawing
    """By strokes: a shape, and the corner of the symbol it was computed for."""
    return {}


def _from(item: Primitive, x: float, y: float) -> Hashable:
    if isinstance(item, Polyline):
        return (
            item.closed,
            item.filled,
            item.pipe,
            tuple((round(px - x, 3), round(py - y, 3)) for px, py in item.points),
        )
    assert isinstance(item, Arc)
    (cx, cy), rx, ry = item.centre, round(item.rx, 3), round(item.ry, 3)
    turns = item.rotation_deg, item.start_deg, item.sweep_deg
    return item.filled, round(cx - x, 3), round(cy - y, 3), rx, ry, *(round(turn, 3) for turn in turns)


def polygon(points: Sequence[Point]) -> QPolygonF:
    """Points of the sheet as Qt's polygon."""
    return QPolygonF([QPointF(x, y) for x, y in points])


def body_path(shape: Shape) -> QPainterPath:
    """What a machine fills to say that it works: its circle, else its `body`."""
    found = QPainterPath()
    if shape.circle is not None:
        (x, y), r = shape.circle
        found.addEllipse(QPointF(x, y), r, r)
    else:
        found.addPolygon(polygon(body(shape)))
        found.closeSubpath()
    return found


def paint_symbol(on: Canvas2D, symbol: LiveSymbol) -> None:
    """Paint one symbol and its marks; the painter's unit is the pixel."""
    on.painter.save()
    on.painter.translate(on.view.x, on.view.y)
    on.painter.scale(on.view.scale, on.view.scale)
    symbol.paint(on)
    on.painter.restore()
    symbol.paint_texts(on)
    symbol.paint_marks(on)
