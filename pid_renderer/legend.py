"""What the marks on the drawing mean, painted by the very hands that paint the drawing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Final, NamedTuple

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from contracts.number_text import Language
from data.reading import AlarmMark, AlarmState
from pid_renderer import ink, plates
from pid_renderer.binding import Binding
from pid_renderer.drawing import Arc, Box, Drawing, Element, Family, Placement, Polyline, Stroke
from pid_renderer.drive import Drive
from pid_renderer.flow import FLOWING, STILL, UNKNOWN, arrow, is_pipe
from pid_renderer.ink import DOTS_PX
from pid_renderer.live_state import DriveLook, DriveState, Trust, ValueLook, ValveLook, ValveState
from pid_renderer.marks import paint_badge
from pid_renderer.paint_box import PaintBox, font, metrics, text_width
from pid_renderer.symbol import Canvas2D, LiveSymbol, paint_symbol
from pid_renderer.valve import Valve
from pid_renderer.view import View
from resources.theme import Theme, tokens
from resources.theme import theme as theme_called
from resources.words import words

_ROW: Final = 23.0
_HEAD: Final = 32.0
_MARGIN: Final = 14.0
_GAP: Final = 8.0
"""Between a sample and its words, and twice that between columns."""
_MOST_LINES: Final = 8
_NO_STROKE: Final = Stroke(0.0, "", ())

Sample = Callable[[QPainter, QRectF, PaintBox], None]


class _Row(NamedTuple):
    sample: Sample
    key: str
    """Of its words."""


class _Column(NamedTuple):
    title: str
    sample_px: float
    """Room for the samples; their words stand right of them."""
    rows: list[_Row]

    def width(self, texts: Mapping[str, str]) -> float:
        """With the words of a language."""
        words_px = max(text_width(texts[row.key], 12) for row in self.rows)
        return max(self.sample_px + _GAP + words_px, text_width(texts[self.title], 13, "semibold")) + 2 * _GAP


class Legend(QWidget):
    """A card over the canvas; a click puts it away."""

    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._colors = PaintBox(theme_called("light"))
        self._language: Language = "es"
        self._columns: list[_Column] = []
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.set_sheet(None)
        self.hide()

    def set_sheet(self, drawing: Drawing | None) -> None:
        """Explain the marks of this sheet: of all services only those it has."""
        found = set() if drawing is None else {item.pipe_of for _, item in ink.inks(drawing) if item.pipe_of}
        columns = [
            _Column("legend.values", 92.0, [_value(kind) for kind in _TRUSTS] + [_deviation()]),
            _Column("legend.alarms", 72.0, [_alarm(n) for n in (1, 2, 3, 4)] + [_alarm_state(s) for s in _STATES]),
            _Column("legend.equipment", 24.0, [_drive(s) for s in _DRIVES] + [_valve(s) for s in _VALVES]),
        ]
        lines = [_pipe(name) for name in theme_called("light").services if name in found]
        if lines:
            columns.append(_Column("legend.lines", 48.0, lines[:_MOST_LINES]))
        if drawing is not None and any(is_pipe(item) for item in drawing.primitives):
            columns.append(_Column("legend.flow", 48.0, [_flow(key, state) for key, state in _FLOWS.items()]))
        self._columns = columns
        self.setFixedSize(self.sizeHint())
        self.update()

    def set_look(self, theme: Theme, language: Language) -> None:
        """Theme and language."""
        self._colors, self._language = PaintBox(theme), language
        texts = words(language)
        said = [f"{texts[title]}: {', '.join(texts[row.key] for row in rows)}" for title, _, rows in self._columns]
        self.setAccessibleName(texts["legend.name"])
        self.setAccessibleDescription(". ".join(said))
        self.setFixedSize(self.sizeHint())
        self.update()

    def sizeHint(self) -> QSize:
        texts = words(self._language)
        rows = max((len(column.rows) for column in self._columns), default=0)
        wide = sum(column.width(texts) for column in self._columns)
        return QSize(round(2 * _MARGIN + wide - 2 * _GAP), round(_HEAD + _ROW * rows + 8))

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        self.closed.emit()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colors, texts = self._colors, words(self._language)
        painter.fillRect(self.rect(), colors.color("bg.canvas"))
        painter.setPen(colors.pen("line.strong", 1.0))
        painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))
        left = _MARGIN
        for column in self._columns:
            _write(painter, left, _HEAD / 2 + 1, texts[column.title], colors, strong=True)
            for number, row in enumerate(column.rows):
                top = _HEAD + number * _ROW
                painter.save()
                row.sample(painter, QRectF(left, top, column.sample_px, _ROW), colors)
                painter.restore()
                _write(painter, left + column.sample_px + _GAP, top + _ROW / 2, texts[row.key], colors)
            left += column.width(texts)


def _write(painter: QPainter, x: float, middle: float, text: str, colors: PaintBox, *, strong: bool = False) -> None:
    painter.setFont(font(13 if strong else 12, "semibold" if strong else "regular"))
    painter.setPen(colors.color("text.primary" if strong else "text.secondary"))
    painter.drawText(QPointF(x, middle + metrics(12).capHeight() / 2), text)


# ---- values and alarms

_TRUSTS: Final[tuple[Trust, ...]] = ("good", "uncertain", "stale", "last known", "bad", "forced")
_STATES: Final[tuple[AlarmState, ...]] = ("unacknowledged", "acknowledged", "returned", "shelved")


def _plate(look: ValueLook, key: str, *, badge: bool = False) -> _Row:
    def paint(painter: QPainter, box: QRectF, colors: PaintBox) -> None:
        left = box.left() + (22.0 if badge else 0.0)
        plates.paint(painter, left, box.center().y(), look, plates.fit(0.8), colors, lit=True, alarms=True)

    return _Row(paint, key)


def _value(kind: Trust) -> _Row:
    text = "— — —" if kind == "bad" else "15,9"
    age = "6 min" if kind == "stale" else ""
    unit = "" if kind == "bad" else "m"
    return _plate(ValueLook(text, unit, kind, age, None, 0, ""), f"legend.{kind.replace(' ', '_')}")


def _deviation() -> _Row:
    return _plate(ValueLook("15,9", "", "good", "", None, 2, "+8 %"), "legend.deviation")


def _alarm(priority: int) -> _Row:
    def paint(painter: QPainter, box: QRectF, colors: PaintBox) -> None:
        mark = AlarmMark(priority, "", "acknowledged", 0)
        half = float(tokens()["symbol"]["badgeHalf"])
        paint_badge(painter, box.left() + 12, box.center().y(), mark, colors, half=half, lit=True)

    return _Row(paint, f"legend.p{priority}")


def _alarm_state(state: AlarmState) -> _Row:
    mark = AlarmMark(2, "", state, 0)
    return _plate(ValueLook("15,9", "m", "good", "", mark, 0, ""), f"legend.{state}", badge=True)


# ---- equipment and lines

_DRIVES: Final[tuple[DriveState, ...]] = ("running", "stopped", "tripped", "unknown")
_VALVES: Final[tuple[ValveState, ...]] = ("open", "closed", "travelling", "unknown")


def _drive(state: DriveState) -> _Row:
    return _Row(_living("pump", DriveLook(state, False, None)), f"legend.drive_{state}")


def _valve(state: ValveState) -> _Row:
    look = ValveLook(state, None, False, False, False, None)
    return _Row(_living("valve", look), f"legend.valve_{state}")


def _living(family: Family, look: DriveLook | ValveLook) -> Sample:
    def paint(painter: QPainter, box: QRectF, colors: PaintBox) -> None:
        symbol = _symbol(family)
        symbol.shown = look
        # 10 mm of symbol on 19 px.
        view = View(1.9, box.left() + 11.0, box.center().y())
        paint_symbol(Canvas2D(painter, view, colors, 0.75, True, 0, False, False), symbol)

    return paint


@cache
def _symbol(family: Family) -> LiveSymbol:
    """A pump or a valve as our own catalogue draws it, 10 mm wide round the origin."""
    strokes: tuple[Arc | Polyline, ...]
    if family == "pump":
        strokes = (
            Arc("x", "equipment", (0.0, 0.0), 5.0, 5.0, 0.0, 0.0, 360.0, _NO_STROKE),
            Polyline("x", "equipment", ((0.0, -5.0), (5.0, 0.0), (0.0, 5.0)), _NO_STROKE),
        )
    else:
        bow = ((-5.0, -3.2), (5.0, 3.2), (5.0, -3.2), (-5.0, 3.2))
        strokes = (Polyline("x", "piping", bow, _NO_STROKE, closed=True),)
    name = "CentrifugalPump" if family == "pump" else "GateValve"
    box = Box(-5.0, -5.0, 5.0, 5.0) if family == "pump" else Box(-5.0, -3.2, 5.0, 3.2)
    placement = Placement((0.0, 0.0), 0.0, False, (1.0, 1.0))
    element = Element("x", name, family, "x", "", "", box, placement, {}, "", 0)
    drawing = Drawing("", "", "", 10.0, 10.0, strokes, {"x": element})
    binding = Binding({"x": "x"}, {"x": "x"}, {}, {"x": ()}, (), ())
    return (Drive if family == "pump" else Valve)(drawing, element, "x", binding)


def _pipe(service: str) -> _Row:
    def paint(painter: QPainter, box: QRectF, colors: PaintBox) -> None:
        drawn = ink.pipe(colors.theme, service)
        painter.setPen(colors.pen(drawn.token, drawn.width_px, drawn.dash_px))
        y = box.center().y()
        painter.drawLine(QPointF(box.left(), y), QPointF(box.right(), y))

    return _Row(paint, f"service.{service}")


_FLOWS: Final = {"legend.flow_on": FLOWING, "legend.flow_none": STILL, "legend.flow_unknown": UNKNOWN}


def _flow(key: str, state: int) -> _Row:
    def paint(painter: QPainter, box: QRectF, colors: PaintBox) -> None:
        token = "faint.equip.line" if state == STILL else "equip.line"
        painter.setPen(
            colors.pen(token, float(tokens()["stroke"]["processMajor"]), DOTS_PX if state == UNKNOWN else ())
        )
        y = box.center().y()
        painter.drawLine(QPointF(box.left(), y), QPointF(box.right(), y))
        if state == FLOWING:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colors.color("equip.line"))
            painter.drawPolygon(arrow().translated(box.center()))

    return _Row(paint, key)
