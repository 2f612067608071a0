"""A value beside its symbol: bare when normal, in a box when something about it is not."""

from __future__ import annotations

from functools import lru_cache
from typing import Final, NamedTuple

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QPainter

from pid_renderer import paint_box
from pid_renderer.live_state import BoxRoom, ValueLook
from pid_renderer.marks import paint_badge, paint_cross, paint_icon, paint_trend_arrow, paint_word
from pid_renderer.paint_box import PaintBox, Weight, metrics, text_width
from pid_renderer.value_form import State
from resources.theme import tokens

SMALLEST_PX = 12
_MARK = {"uncertain": 10.0, "stale": 16.0, "last known": 13.0, "bad": 13.0, "forced": 17.0}
"""Room for the sign before the value, px at 100 %."""


class Fit(NamedTuple):
    """Sizes and fonts of a plate at one zoom."""

    value_px: int
    unit_px: int
    zoom: float
    value_font: QFont
    unit_font: QFont
    value_rise: float
    """From the middle of the value's capitals down to its base line, px."""


@lru_cache(maxsize=64)
def fit(zoom: float, *, tank: bool = False) -> Fit:
    """Type sizes at a zoom: they grow with the drawing, and never go under what can be read."""
    kind = tokens()["type"]["px"]
    size = float(kind["valueTank" if tank else "value"])
    grown = min(2.5, zoom)
    value = max(SMALLEST_PX, round(size * grown))
    unit = max(11 if value > SMALLEST_PX else 9, value - (5 if tank else 4))
    return Fit(
        value,
        unit,
        max(0.8, grown),
        paint_box.font(value, "semibold", numerals=True),
        paint_box.font(unit),
        metrics(value, "semibold").capHeight() / 2,
    )


BLANK = "\N{FIGURE SPACE}"
"""Stands for a digit that somebody else paints."""
BADGE_PX = 36.0
"""What an alarm's badge takes at the left of a plate, at 100 %."""
BADGE_WIDE_PX = 31.0
"""How far the badge itself stands out of a plate: its ring's half width beyond its middle."""
TICKS_PX = 12.0
"""What limits and design take of a vessel's inside."""
_AS_ZERO = str.maketrans(f"123456789{BLANK}", "0000000000")


class Numeral(NamedTuple):
    """Where a number was painted, px, and in which ink."""

    x: float
    base: float
    ink: str


@lru_cache(maxsize=1024)
def advance(text: str, px: int, weight: Weight = "semibold") -> float:
    """Width of a number's text, px. All digits are equally wide, blanks too."""
    return metrics(px, weight, numerals=True).horizontalAdvance(text.translate(_AS_ZERO))


def _value_width(text: str, sizes: Fit) -> float:
    return advance(text, sizes.value_px)


def width(look: ValueLook, sizes: Fit) -> float:
    """Pixels from the plate's left to its right edge, the box's padding included."""
    total = _value_width(look.text, sizes) + _arrow_room(look, sizes)
    if look.unit:
        total += 3.0 + text_width(look.unit, sizes.unit_px)
    if not look.bare:
        total += _MARK.get(look.trust, 0.0) * sizes.zoom
    if look.age:
        total += 6.0 + text_width(look.age, sizes.unit_px)
    if look.deviation:
        total += 18.0 + text_width(look.deviation, sizes.unit_px, "semibold")
    elif look.deviation_step and not look.arrowless:
        total += 3.0 + 7.0 * sizes.zoom
    return total + (2 * _padding(look, sizes) if is_boxed(look) else 0.0)


def _arrow_room(look: ValueLook, sizes: Fit) -> float:
    return 13.0 * sizes.zoom if look.arrow else 0.0


def _padding(look: ValueLook, sizes: Fit) -> float:
    return 5.0 * sizes.zoom if look.room == "full" else 2.0


def is_boxed(look: ValueLook, *, design: bool = True) -> bool:
    """Whether the value stands in a box."""
    if look.bare:
        return False
    alarm = look.alarm is not None and look.alarm.state in ("unacknowledged", "acknowledged", "returned")
    return look.trust != "good" or alarm or (design and look.deviation_step != 0)


def state_of(look: ValueLook) -> State:
    """What its box and badge take, whatever is written in them."""
    if look.alarm is not None:
        return State.ALARMED
    return State.MARKED if is_boxed(look) else State.CALM


_HEIGHT: Final[dict[BoxRoom, float]] = {"full": 1.5, "low": 1.15, "tight": 0.8}


def height(sizes: Fit, room: BoxRoom = "full") -> float:
    """Height of a plate's box."""
    return sizes.value_px * _HEIGHT[room]


def paint(
    painter: QPainter,
    left: float,
    middle: float,
    look: ValueLook,
    sizes: Fit,
    colors: PaintBox,
    *,
    lit: bool,
    alarms: bool,
) -> Numeral:
    """Paint a plate whose box begins at `left` and is centred on the line `middle`; where its number stands."""
    if not is_boxed(look) and look.alarm is None:
        ink = "value.live" if look.trust in ("good", "uncertain", "forced") else "quality.stale"
        _paint_number(painter, left, middle, look, sizes, colors, ink, "text.tertiary")
        return Numeral(left + _arrow_room(look, sizes), middle + sizes.value_rise, ink)
    high, wide = height(sizes, look.room), width(look, sizes)
    box = QRectF(left, middle - high / 2, wide, high)
    alarm = look.alarm if alarms else None
    old = look.bare and look.trust not in ("good", "uncertain", "forced")
    ink, unit_ink = "quality.stale" if old else "value.live", "text.tertiary"
    boxed = is_boxed(look)
    if boxed:
        ink, unit_ink = _paint_box(painter, box, look, colors, lit, alarms)
    if alarm is not None:
        if look.trust in ("last known", "bad") and alarm.state in ("unacknowledged", "acknowledged"):
            # Nobody knows whether it still holds: the last badge stays, hollow.
            alarm = alarm._replace(state="returned")
        x = left - (17.0 if alarm.state == "unacknowledged" else 13.0) * sizes.zoom
        paint_badge(painter, x, middle, alarm, colors, half=tokens()["symbol"]["badgeHalf"] * sizes.zoom, lit=lit)
    x = left + (_padding(look, sizes) if boxed else 0.0)
    x += _paint_sign(painter, x, middle, look, sizes, colors, ink)
    numeral = Numeral(x + _arrow_room(look, sizes), middle + sizes.value_rise, ink)
    x = _paint_number(painter, x, middle, look, sizes, colors, ink, unit_ink)
    base = middle + sizes.value_rise
    if look.age:
        painter.setFont(sizes.unit_font)
        painter.setPen(colors.color(unit_ink))
        painter.drawText(QPointF(x + 6.0, base), look.age)
    if look.deviation:
        up = look.deviation_step > 0
        paint_trend_arrow(painter, x + 9.0, middle, 3.5 * sizes.zoom, colors.color(ink), up=up)
        painter.setFont(paint_box.font(sizes.unit_px, "semibold"))
        painter.setPen(colors.color(ink))
        painter.drawText(QPointF(x + 16.0, base), look.deviation)
    elif look.deviation_step and not look.arrowless:
        half = 3.5 * sizes.zoom
        paint_trend_arrow(painter, x + 3.0 + half, middle, half, colors.color(ink), up=look.deviation_step > 0)
    return numeral


def _paint_number(
    painter: QPainter, x: float, middle: float, look: ValueLook, sizes: Fit, colors: PaintBox, ink: str, unit_ink: str
) -> float:
    """Value and unit; where they end."""
    base = middle + sizes.value_rise
    if look.arrow:
        half = 3.8 * sizes.zoom
        paint_trend_arrow(painter, x + half, middle, half, colors.color(ink), up=look.arrow > 0)
        x += _arrow_room(look, sizes)
    painter.setFont(sizes.value_font)
    painter.setPen(colors.color(ink))
    paint_text(painter, x, base, look.text, sizes.value_px)
    x += _value_width(look.text, sizes)
    if look.unit:
        paint_word(painter, x + 3.0, base, look.unit, sizes.unit_px, colors.color(unit_ink))
        x += 3.0 + text_width(look.unit, sizes.unit_px)
    return x


def paint_text(painter: QPainter, x: float, base: float, text: str, px: int, weight: Weight = "semibold") -> None:
    """A number's text with the painter's pen and font; of one with blanks only the signs between them."""
    if BLANK not in text:
        painter.drawText(QPointF(x, base), text)
        return
    for place, sign in enumerate(text):
        if sign != BLANK:
            painter.drawText(QPointF(x + advance(text[:place], px, weight), base), sign)


def _paint_box(
    painter: QPainter, box: QRectF, look: ValueLook, colors: PaintBox, lit: bool, alarms: bool
) -> tuple[str, str]:
    """The box behind the value; tokens of the value's and the unit's ink on it."""
    radius = float(tokens()["space"]["radius"]["plate"])
    alarm = look.alarm if alarms else None
    pen, brush, ink, unit = colors.pen("line.strong", 1.0), Qt.BrushStyle.NoBrush, "value.live", "text.tertiary"
    fill: object = brush
    match look.trust:
        case "uncertain":
            pen, fill = colors.pen("quality.uncertain", 1.2, (4, 2.5)), colors.color("bg.canvas")
        case "stale":
            pen, ink, unit = colors.pen("quality.stale", 1.2, (1.5, 2.0)), "quality.stale", "quality.stale"
            fill = colors.color("bg.canvas")
        case "last known" | "bad":
            pen, ink, unit = colors.pen("quality.bad", 1.0), "quality.bad", "quality.bad"
            fill = colors.color("quality.badFill")
        case "forced":
            pen, ink = colors.pen("quality.forced", 1.2), "quality.forced"
            fill = colors.color("hand.soft")
        case "good" if alarm is not None and alarm.state in ("unacknowledged", "acknowledged", "returned"):
            edge = "alarm.p3Outline" if alarm.priority == 3 else f"alarm.p{alarm.priority}"
            stroke = tokens()["stroke"]
            if alarm.state == "unacknowledged":
                pen = colors.pen(edge, float(stroke["alarmUnack"]))
                fill = colors.color(f"alarm.p{alarm.priority}Soft") if lit else colors.color("bg.canvas")
            else:
                dash = (4.0, 3.0) if alarm.state == "returned" else ()
                pen, fill = colors.pen(edge, float(stroke["alarmAck"]), dash), colors.color("bg.canvas")
        case _:
            step = next((s for s in colors.theme.deviation if s.step == look.deviation_step), None)
            if step is not None and look.deviation_step:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(paint_box.plain_color(step.fill))
                painter.drawRoundedRect(box, radius, radius)
                painter.setBrush(Qt.BrushStyle.NoBrush)
                return f"deviation.{step.text}", f"deviation.{step.text}"
    tight = look.room == "tight"
    painter.setPen(Qt.PenStyle.NoPen if tight else pen)
    painter.setBrush(fill)
    painter.drawRoundedRect(box, radius, radius)
    if tight:
        # A frame would run through the digits.
        painter.setPen(pen)
        painter.drawLine(box.bottomLeft(), box.bottomRight())
    if look.trust in ("last known", "bad"):
        painter.save()
        painter.setOpacity(0.35)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colors.hatch("text.tertiary"))
        painter.drawRoundedRect(box, radius, radius)
        painter.restore()
    painter.setBrush(Qt.BrushStyle.NoBrush)
    return ink, unit


def _paint_sign(
    painter: QPainter, x: float, middle: float, look: ValueLook, sizes: Fit, colors: PaintBox, ink: str
) -> float:
    room = _MARK.get(look.trust, 0.0) * sizes.zoom
    centre = x + room / 2 - 1.0
    match look.trust:
        case "uncertain":
            painter.setFont(paint_box.font(sizes.value_px, "semibold"))
            painter.setPen(colors.color(ink))
            painter.drawText(QPointF(x, middle + metrics(sizes.value_px, "semibold").capHeight() / 2), "?")
        case "stale":
            paint_icon(painter, centre, middle, "clock", colors.color(ink), round(13 * sizes.zoom))
        case "last known" | "bad":
            paint_cross(painter, centre - 1.0, middle, 3.8 * sizes.zoom, colors.color(ink))
        case "forced":
            paint_icon(painter, centre, middle, "hand-stop", colors.color(ink), round(14 * sizes.zoom))
        case _:
            pass
    return room


def paint_centred(painter: QPainter, x: float, middle: float, text: str, px: int, colors: PaintBox) -> None:
    """A line of secondary text centred at (x, middle)."""
    painter.setFont(paint_box.font(px, numerals=True))
    painter.setPen(colors.color("text.secondary"))
    paint_text(painter, x - advance(text, px, "regular") / 2, middle + metrics(px).capHeight() / 2, text, px, "regular")


def extra_px(sizes: Fit) -> int:
    """Type size of the second line of a value in a vessel."""
    return max(11, round(13 * sizes.zoom))


def left_of(look: ValueLook, sizes: Fit, horizontal: str, wide: float) -> float:
    """From a plate's anchor to its left edge, px; a badge takes room before it, but pushes no number into another."""
    if horizontal == "left":
        return BADGE_PX * sizes.zoom if look.alarm is not None and look.room != "tight" else 0.0
    return -wide / 2 if horizontal == "center" else -wide


class Room(NamedTuple):
    """The inside of a vessel that a value stands in, px."""

    before: float
    """From its left wall to the middle of the value."""
    after: float
    """From there to its right wall."""

    @property
    def width(self) -> float:
        """From wall to wall."""
        return self.before + self.after

    def fit(self, zoom: float) -> Fit:
        """Type sizes for the room: a small vessel has a small value."""
        return fit(max(self._grown(zoom), 0.66), tank=True)

    def _grown(self, zoom: float) -> float:
        return min(zoom, self.width / 120.0)

    def put(self, look: ValueLook, zoom: float, *, alarms: bool) -> tuple[ValueLook, Fit, float]:
        """A value as it fits: its look, its type sizes, and its left edge from the middle, px."""
        sizes = self.fit(zoom)
        if width(look, sizes) > self.width - TICKS_PX:
            look = look._replace(deviation="")
        if width(look, sizes) > self.width - TICKS_PX:
            # A small vessel says the number; its unit is one click away.
            look = look._replace(unit="")
        badge = 24.0 * sizes.zoom if look.alarm is not None and alarms else 0.0
        wide = width(look, sizes)
        if wide + badge > self.width:
            sizes = fit(max(self._grown(zoom) * self.width / (wide + badge), 0.5), tank=True)
            wide = width(look, sizes)
        left = min((badge - wide) / 2, self.after - wide - 2.0)
        return look, sizes, max(left, 2.0 + badge - self.before)
