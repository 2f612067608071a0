"""How each kind of element lives: tanks fill, pumps and valves take the fill of their state, bubbles show their quality.

Each symbol works in two steps: `look` turns readings into a small value that can be compared, `paint` draws such a
value. Only a symbol whose look changed is painted again.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from math import atan2, cos, hypot, radians, sin

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPolygonF

from contracts.signal_list import Signal
from data.reading import NEVER_SEEN, AlarmMark
from pid_renderer.binding import Binding
from pid_renderer.drawing import Box, Drawing, Element, Point, Text
from pid_renderer.live_state import (
    DriveLook,
    LevelLook,
    Readings,
    Trust,
    ValveLook,
    drive_look,
    fraction,
    level_look,
    trust,
    valve_look,
)
from pid_renderer.marks import paint_badge, paint_icon
from pid_renderer.paint_box import PaintBox
from pid_renderer.shape import Shape, shape_of
from pid_renderer.sheet_painter import paint_text, path_of
from pid_renderer.view import View
from resources.theme import tokens


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
    design: bool

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


class LiveSymbol(ABC):
    """One element that shows its signals."""

    order = 1
    """Painting order: what holds liquid first, bubbles last."""

    reach_px = 12.0
    """How far badges, hands and wide strokes stand out of `box`."""

    def __init__(self, drawing: Drawing, element: Element, code: str, binding: Binding) -> None:
        self.element = element
        self.code = code
        self.binding = binding
        shape = shape_of(drawing, element)
        if shape is None:
            raise ValueError(f"{element.id} draws nothing")
        self.shape: Shape = shape
        own = drawing.primitives_of.get(element.id, ())
        self.outline = path_of(own)
        self.texts = [item for item in own if isinstance(item, Text)]
        self.box: Box = shape.box.grown(0.12 * max(shape.box.width, shape.box.height))
        self.shown: Hashable = None
        self.plated: frozenset[str] = frozenset()
        """Signals with a plate of their own, whose alarms it shows."""

    def signals(self) -> tuple[Signal, ...]:
        """Signals whose readings the look depends on."""
        return self.binding.signals_of.get(self.code, ())

    @abstractmethod
    def look(self, readings: Readings) -> Hashable:
        """What there is to see."""

    @abstractmethod
    def paint(self, on: Canvas2D) -> None:
        """Paint `self.shown`."""

    def phase(self, on: Canvas2D) -> Hashable:
        """What of the clock its picture depends on: the blink where an alarm waits, nothing else."""
        alarm = getattr(self.shown, "alarm", None)
        return on.lit if alarm is not None and alarm.state == "unacknowledged" else None

    def paint_marks(self, on: Canvas2D) -> None:
        """Paint what stands in pixels, over everything: badges and hands."""

    def _outline(self, on: Canvas2D, width_px: float = 1.8) -> None:
        on.pen("equip.line", width_px)
        on.hollow()
        on.painter.drawPath(self.outline)

    def _badge(self, on: Canvas2D, mark: AlarmMark | None) -> None:
        if mark is not None and on.alarms:
            x, y = on.view.to_px((self.shape.box.left, self.shape.box.top))
            half = float(tokens()["symbol"]["badgeHalf"]) * max(0.8, min(on.zoom, 1.5))
            paint_badge(on.painter, x - 2, y - 2, mark, on.colors, half=half, lit=on.lit)


def _polygon(points: Sequence[Point]) -> QPolygonF:
    return QPolygonF([QPointF(x, y) for x, y in points])


class Vessel(LiveSymbol):
    """A tank, sphere, drum or column sump that fills with its level."""

    order = 0

    def __init__(self, drawing: Drawing, element: Element, code: str, binding: Binding) -> None:
        super().__init__(drawing, element, code, binding)
        self.level = binding.signal(code, "level")
        self._inside = QPainterPath()
        self._inside.addPolygon(_polygon(self.shape.silhouette))
        self._inside.closeSubpath()
        shell = self.shape.shell
        self._is_box = len(self.shape.silhouette) == 4
        self._shell = QRectF(shell.left, shell.top, shell.width, shell.height)
        top = min(self.shape.box.top, shell.top)
        self.box = Box(self.shape.box.left, top, self.shape.box.right, self.shape.box.bottom).grown(2.0)

    def signals(self) -> tuple[Signal, ...]:
        return () if self.level is None else (self.level,)

    def look(self, readings: Readings) -> LevelLook:
        return level_look(self.level, readings)

    def surface(self) -> float | None:
        """Height of the surface on the sheet, mm; None where no level is drawn."""
        shown = self.shown
        if not isinstance(shown, LevelLook) or shown.level is None:
            return None
        return self.shape.shell.bottom - shown.level * self.shape.shell.height

    def paint(self, on: Canvas2D) -> None:
        shown = self.shown
        assert isinstance(shown, LevelLook)
        painter, shell = on.painter, self._shell
        painter.fillPath(self._inside, on.colors.brush("equip.body"))
        if shown.trust == "bad":
            on.hatch(self._inside, "line.strong")
        surface = self.surface()
        if surface is not None:
            self._paint_liquid(on, surface)
        if self.level is not None:
            self._paint_ticks(on, self.level)
        self._outline(on)
        if surface is not None and self.shape.floating_roof:
            thick = on.px(5.0)
            painter.fillRect(
                QRectF(shell.left() + on.px(1.5), surface - thick, shell.width() - on.px(3.0), thick),
                on.colors.brush("equip.line"),
            )

    def _paint_liquid(self, on: Canvas2D, surface: float) -> None:
        painter, shell = on.painter, self._shell
        liquid = QRectF(shell.left(), surface, shell.width(), shell.bottom() - surface)
        if self._is_box:
            painter.fillRect(liquid, on.colors.brush("equip.liquid"))
            left, right = shell.left(), shell.right()
        else:
            part = QPainterPath()
            part.addRect(liquid)
            painter.fillPath(self._inside.intersected(part), on.colors.brush("equip.liquid"))
            left, right = self._chord(surface)
        if not self.shape.floating_roof:
            on.pen("equip.liquidLine", 2.0)
            painter.drawLine(QPointF(left, surface), QPointF(right, surface))

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
        shell = self._shell

        def wall(value: float) -> tuple[float, float]:
            y = shell.bottom() - fraction(signal, value) * shell.height()
            return y, (shell.right() if self._is_box else self._chord(y)[1])

        if signal.design_min is not None and signal.design_max is not None:
            (top, x0), (bottom, x1) = wall(signal.design_max), wall(signal.design_min)
            x = min(x0, x1) - on.px(5.5)
            on.painter.fillRect(QRectF(x, top, on.px(3.5), bottom - top), on.colors.brush("design.mark"))
        on.pen("equip.line", 1.4)
        for value, length in ((signal.ll, 14.0), (signal.l, 9.0), (signal.h, 9.0), (signal.hh, 14.0)):
            if value is not None:
                y, x = wall(value)
                on.painter.drawLine(QPointF(x - on.px(length), y), QPointF(x, y))


class Drive(LiveSymbol):
    """A pump or compressor: light and solid when running, dark and hollow when stopped."""

    order = 2

    def __init__(self, drawing: Drawing, element: Element, code: str, binding: Binding) -> None:
        super().__init__(drawing, element, code, binding)
        self._body = QPainterPath()
        if self.shape.circle is not None:
            (x, y), r = self.shape.circle
            self._body.addEllipse(QPointF(x, y), r, r)
        else:
            self._body.addPolygon(_polygon(self.shape.silhouette))
            self._body.closeSubpath()
        self._arrow = self._arrow_path()

    def _arrow_path(self) -> QPainterPath:
        """A triangle that looks where the file's own arrow looks: to the side of the discharge."""
        (x, y), r = self.shape.circle or (
            self.shape.box.centre,
            min(self.shape.box.width, self.shape.box.height) / 2,
        )
        turn = radians(self.shape.rotation_deg)
        if len(self.shape.arrow) >= 3:
            tip = max(self.shape.arrow[1:-1], key=lambda p: hypot(p[0] - x, p[1] - y))
            turn = atan2(tip[1] - y, tip[0] - x)
        corners = [
            (x + r * (u * cos(turn) - v * sin(turn)), y + r * (u * sin(turn) + v * cos(turn)))
            for u, v in ((-0.36, -0.56), (0.66, 0.0), (-0.36, 0.56))
        ]
        path = QPainterPath()
        path.addPolygon(_polygon(corners))
        path.closeSubpath()
        return path

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
            painter.fillPath(self._arrow, on.colors.brush("text.primary" if on.colors.theme.name == "light" else "bg.canvas"))
        else:
            on.pen("bg.surface" if on.colors.theme.name == "light" and shown.state != "unknown" else "text.secondary", 1.5)
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

    def paint_marks(self, on: Canvas2D) -> None:
        if isinstance(self.shown, DriveLook):
            self._badge(on, self.shown.alarm)


class Valve(LiveSymbol):
    """A valve: light when open, dark when closed, half and half on its way; a control valve has a travel bar."""

    order = 2

    def __init__(self, drawing: Drawing, element: Element, code: str, binding: Binding) -> None:
        super().__init__(drawing, element, code, binding)
        self._body = QPainterPath()
        self._body.setFillRule(Qt.FillRule.WindingFill)
        for polygon in self.shape.polygons:
            self._body.addPolygon(_polygon(polygon))
            self._body.closeSubpath()
        if self._body.isEmpty():
            self._body.addPolygon(_polygon(self.shape.silhouette))
            self._body.closeSubpath()
        self._upright = abs(sin(radians(self.shape.rotation_deg))) > 0.7
        self.box = self.shape.box.grown(0.6 * max(self.shape.box.width, self.shape.box.height))

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
        if not isinstance(self.shown, ValveLook):
            return
        self._badge(on, self.shown.alarm)
        if self.shown.forced:
            x, y = on.view.to_px((self.shape.box.right, self.shape.box.top))
            paint_icon(on.painter, x + 6, y - 4, "hand-stop", on.colors.color("quality.forced"), 14)


class Bubble(LiveSymbol):
    """A transmitter's bubble: solid when good, dashed, dotted, hatched or blue when not."""

    order = 3
    reach_px = 2.0

    def __init__(self, drawing: Drawing, element: Element, code: str, binding: Binding) -> None:
        super().__init__(drawing, element, code, binding)
        self.main = binding.main(code)
        self.box = self.shape.box
        self._body = QPainterPath()
        if self.shape.circle is not None:
            (x, y), r = self.shape.circle
            self._body.addEllipse(QPointF(x, y), r, r)
        else:
            self._body.addPolygon(_polygon(self.shape.silhouette))
            self._body.closeSubpath()
        labels = [i for i in drawing.children_of.get(element.id, ()) if drawing.elements[i].family == "label"]
        self.texts += [
            item
            for label in labels
            for item in drawing.primitives_of.get(label, ())
            if isinstance(item, Text) and item.box.meets(self.shape.box)
        ]

    def signals(self) -> tuple[Signal, ...]:
        return () if self.main is None else (self.main,)

    def look(self, readings: Readings) -> Trust:
        return "good" if self.main is None else trust(readings.get(self.main.kks, NEVER_SEEN))

    def paint(self, on: Canvas2D) -> None:
        painter = on.painter
        kind = self.shown
        on.hollow()
        if kind != "stale":
            fill = {"bad": "quality.badFill", "last known": "quality.badFill", "forced": "hand.soft"}
            painter.fillPath(self._body, on.colors.brush(fill.get(str(kind), "equip.body")))
        else:
            painter.fillPath(self._body, on.colors.brush("bg.canvas"))
        match kind:
            case "uncertain":
                on.pen("quality.uncertain", 1.6, (4.0, 2.5))
            case "stale":
                on.pen("quality.stale", 1.4, (1.5, 2.0))
            case "forced":
                on.pen("quality.forced", 2.0)
            case "bad" | "last known":
                on.hatch(self._body, "line.strong")
                on.pen("quality.bad", 1.6)
            case _:
                on.pen("equip.line", 1.4)
        painter.drawPath(self._body if kind in ("stale", "uncertain") else self.outline)
        if kind in ("bad", "last known"):
            (x, y), half = self.shape.box.centre, 0.35 * self.shape.box.height
            on.pen("quality.bad", 2.0)
            painter.drawLine(QPointF(x - half, y - half), QPointF(x + half, y + half))
            painter.drawLine(QPointF(x - half, y + half), QPointF(x + half, y - half))

    def paint_marks(self, on: Canvas2D) -> None:
        if self.shown not in ("bad", "last known"):
            token = {"stale": "quality.stale", "forced": "quality.forced"}.get(str(self.shown), "text.primary")
            for text in self.texts:
                paint_text(on.painter, on.view, text, on.colors, token, strong=True)


def live_symbol(drawing: Drawing, element: Element, code: str, binding: Binding) -> LiveSymbol | None:
    """The live symbol of an element; None where it draws nothing, has no signals, or its kind only has values."""
    if element.box is None or code not in binding.signals_of or shape_of(drawing, element) is None:
        return None
    match element.family:
        case "tank" | "vessel" | "column":
            return Vessel(drawing, element, code, binding) if binding.signal(code, "level") else None
        case "pump" | "compressor":
            return Drive(drawing, element, code, binding)
        case "valve":
            return Valve(drawing, element, code, binding)
        case "instrument":
            return Bubble(drawing, element, code, binding)
        case _:
            return None
