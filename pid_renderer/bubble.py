"""Transmitters: solid when good, dashed, dotted, hatched or blue when not."""

from __future__ import annotations

from functools import cached_property

from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainterPath

from contracts.signal_list import Signal
from data.reading import NEVER_SEEN
from pid_renderer.drawing import Text, union
from pid_renderer.live_state import Readings, Trust, trust
from pid_renderer.sheet_painter import paint_text
from pid_renderer.symbol import Canvas2D, LiveSymbol, polygon


class Bubble(LiveSymbol):
    """A transmitter's bubble: solid when good, dashed, dotted, hatched or blue when not."""

    order = 3
    reach_px = 1.2

    @cached_property
    def main(self) -> Signal | None:
        """The signal whose quality it shows."""
        return self.binding.main(self.code)

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
    def texts(self) -> list[Text]:
        """Its letters and number, which labels of their own may draw."""
        drawing = self.drawing
        bubble = union(item.box for item in self.own if not isinstance(item, Text)) or self.shape.box
        labels = [i for i in drawing.children_of.get(self.element.id, ()) if drawing.elements[i].family == "label"]
        return [item for item in self.own if isinstance(item, Text)] + [
            item
            for label in labels
            for item in drawing.primitives_of.get(label, ())
            if isinstance(item, Text) and item.box.meets(bubble)
        ]

    def owners(self) -> set[str]:
        return super().owners() | {text.owner for text in self.texts}

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

    def paint_texts(self, on: Canvas2D) -> None:
        if self.shown not in ("bad", "last known"):
            token = {"stale": "quality.stale", "forced": "quality.forced"}.get(str(self.shown), "text.primary")
            for text in self.texts:
                paint_text(on.painter, on.view, text, on.colors, token, strong=True)

    def paint_marks(self, on: Canvas2D) -> None:
        """Its value's plate carries every mark."""
