"""One pane of a plot over time: its axes, the pens of one or two units, and what stands behind and before them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QGraphicsRectItem, QStyleOptionGraphicsItem, QWidget

from analysis.pyramid import MISSING, Strip
from contracts.signal_list import Signal
from resources.words import t
from widgets import style
from widgets.pen_strokes import OTHER_PERIOD_DASH, OTHER_PERIOD_PX, Frame, look_of, paint_envelope, paint_line
from widgets.time_plot_axes import AXIS_PX, TimeAxis, ValueAxis

DIMMED: Final = 0.35
LEAST_PART: Final = 0.01
"""A pane shows at least this part of its signals' range: the noise of a still signal does not fill the paper."""
_MARGIN: Final = 0.12
_GROUND_ALPHA: Final = 190
_TITLE_PX: Final = 24.0
"""What the title needs over the lines."""
_LIMIT_REACH: Final = 0.6
"""A limit no further off than this part of what is drawn is brought into sight."""
_ROLES: Final = ("level", "flow", "pressure", "temperature", "position", "setpoint", "power", "speed", "density")


@dataclass
class Pen:
    """One signal of a plot and what is to be drawn of it now."""

    signal: Signal
    place: int
    """From 0: says its look."""
    strip: Strip | None = None
    other: Strip | None = None
    """The same signal in another period, its times moved into this one."""
    other_label: str = ""


@dataclass
class Axis:
    """One axis of values: a unit and its pens."""

    unit: str
    pens: list[Pen] = field(default_factory=list)
    low: float = 0.0
    high: float = 1.0
    held: bool = False
    """Whether a person chose the range; fitting gives it back."""
    empty: bool = True

    @property
    def title(self) -> str:
        """`Level · m`, or the unit alone where its signals measure different things."""
        roles = {pen.signal.role for pen in self.pens}
        role = next(iter(roles)) if len(roles) == 1 else ""
        return " · ".join(part for part in (t(f"role.{role}") if role in _ROLES else "", self.unit) if part)

    def fit(self, height_px: float) -> bool:
        """Take in what is drawn. Moves only where a value leaves the paper or uses little of it: no breathing."""
        if self.held or (extent := self._extent()) is None:
            return False
        low, high = self._with_limits(*extent)
        least = max(max((pen.signal.high - pen.signal.low for pen in self.pens), default=1.0) * LEAST_PART, 1e-9)
        if high - low < least:
            middle = (low + high) / 2
            low, high = middle - least / 2, middle + least / 2
        used = (high - low) / max(self.high - self.low, 1e-300)
        if not self.empty and low >= self.low and high <= self.high and used >= 0.35:
            return False
        span = high - low
        above = max(_MARGIN, _TITLE_PX / max(height_px - 2 * _TITLE_PX, _TITLE_PX))
        self.low, self.high, self.empty = low - span * _MARGIN, high + span * above, False
        return True

    def _extent(self) -> tuple[float, float] | None:
        lows, highs = [], []
        for pen in self.pens:
            for strip in (pen.strip, pen.other):
                if strip is not None and (known := strip.states != MISSING).any():
                    lows.append(float((strip.mean if strip.low is None else strip.low)[known].min()))
                    highs.append(float((strip.mean if strip.high is None else strip.high)[known].max()))
        return (min(lows), max(highs)) if lows else None

    def _with_limits(self, low: float, high: float) -> tuple[float, float]:
        reach = (high - low) * _LIMIT_REACH
        limits = [
            limit
            for pen in self.pens[:1]
            for limit in (pen.signal.ll, pen.signal.l, pen.signal.h, pen.signal.hh)
            if limit is not None and low - reach <= limit <= high + reach
        ]
        return min([low, *limits]), max([high, *limits])


class Layer(QGraphicsRectItem):
    """Painted in pixels of the pane's paper, under or over its neighbours.

    A rectangle, so that its bounds are known without Python: Qt asks for them while it takes a scene apart, when the
    Python half may already be gone.
    """

    def __init__(self, box: pg.ViewBox, paint: Callable[[QPainter], None], z: float) -> None:
        super().__init__(box.rect(), box)
        self._paint = paint
        self.setZValue(z)

    def paint(self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None) -> None:
        painter.save()
        painter.setClipRect(self.rect())
        self._paint(painter)
        painter.restore()


class Pane:
    """A plot of pyqtgraph with one axis at the left and perhaps one at the right."""

    def __init__(self, plot: pg.PlotItem, axes: Sequence[Axis]) -> None:
        self.plot, self.axes = plot, list(axes)
        self.box: pg.ViewBox = plot.getViewBox()
        self.span_us = (0, 1)
        self.lifted: str | None = None
        self.moving = False
        """Whether a hand pans or zooms it now."""
        self.picture_scale: float | None = None
        """Pixels of the picture being painted to one of the screen; None on the screen."""
        self._right: ValueAxis | None = None
        self._kept: tuple[Any, QPixmap] | None = None
        self._painted: Any = None
        self._version = 0
        self._pens_layer = Layer(self.box, self._paint_pens, 5.0)
        self._layers = [self._pens_layer]

    def add_layer(self, paint: Callable[[QPainter], None], z: float) -> None:
        """Something more to paint on the paper; pens are at 5."""
        self._layers.append(Layer(self.box, paint, z))

    @property
    def unit(self) -> str:
        """The unit of its left axis."""
        return self.axes[0].unit

    @property
    def paper(self) -> QRectF:
        """Where it draws, in pixels of the view."""
        return self.box.mapRectToScene(self.box.rect())  # type: ignore[no-any-return]

    @property
    def pens(self) -> list[Pen]:
        """All its pens."""
        return [pen for axis in self.axes for pen in axis.pens]

    def dress(self, *, last: bool, right: bool) -> None:
        """Put on the theme's colours. `right`: whether any pane has a right axis, so that all papers are as wide."""
        plot, box = self.plot, self.box
        plot.hideButtons()
        plot.setMenuEnabled(False)
        box.setBackgroundColor(style.color("bg.raised"))
        box.setMouseEnabled(x=False, y=False)
        box.setDefaultPadding(0.0)
        box.disableAutoRange()
        sides = ["left", "bottom"]
        plot.showAxis("right", right)
        if right:
            sides.append("right")
            plot.getAxis("right").setStyle(showValues=len(self.axes) > 1)
        ink = QPen(style.color("line.hair"))
        for side in sides:
            axis = plot.getAxis(side)
            axis.setPen(ink)
            axis.setTextPen(style.color("text.secondary"))
            axis.setTickFont(style.font("caption"))
            axis.setStyle(tickLength=0)
            if side != "bottom":
                axis.setWidth(AXIS_PX)
        self._right = plot.getAxis("right") if len(self.axes) > 1 else None
        plot.getAxis("bottom").setStyle(showValues=last)
        if not last:
            plot.getAxis("bottom").setHeight(2)

    def ticks(self) -> tuple[list[float], list[float]]:
        """Where its hairlines run: seconds since the base, and values of the left axis."""
        rect, (x_range, y_range) = self.box.rect(), self.box.viewRange()
        found = []
        for side, (low, high), size in (("bottom", x_range, rect.width()), ("left", y_range, rect.height())):
            found.append([at for _, places in self.plot.getAxis(side).tickValues(low, high, size) for at in places])
        return found[0], found[1]

    def frame(self, axis: Axis) -> Frame:
        """Where the paper shows what, on one of the pane's axes."""
        rect = self.box.rect()
        return Frame(*self.span_us, axis.low, axis.high, rect.width(), rect.height())

    def show_span(self, from_us: int, to_us: int, base_us: int) -> None:
        """Move both ranges, each once."""
        self.span_us = (from_us, to_us)
        for layer in self._layers:
            layer.setRect(self.box.rect())
        for axis in self.axes:
            axis.fit(self.box.rect().height())
        left = self.axes[0]
        self.box.setRange(
            xRange=((from_us - base_us) / 1e6, (to_us - base_us) / 1e6), yRange=(left.low, left.high), padding=0
        )
        if self._right is not None:
            self._right.setRange(self.axes[1].low, self.axes[1].high)
        self.repaint_pens()

    def repaint_layers(self) -> None:
        """What stands behind or before the pens changed."""
        for layer in self._layers:
            layer.update()

    def take_apart(self) -> None:
        """Let go of the scene's items, which else keep each other alive in circles."""
        for layer in self._layers:
            if (scene := layer.scene()) is not None:
                scene.removeItem(layer)
        self._layers.clear()

    def repaint_pens(self) -> None:
        """The strips, their look or their place changed."""
        self._version += 1
        self._pens_layer.update()

    def _paint_pens(self, painter: QPainter) -> None:
        """Straight onto the paper while it moves; from the second painting of the same picture on, from a copy.

        So a cursor that follows the mouse costs no line again.
        """
        rect, ratio = self.box.rect(), painter.device().devicePixelRatio()
        if self.picture_scale is not None:
            self._draw_pens(painter, 1 / self.picture_scale)
            return
        key = (self._version, rect.width(), rect.height(), ratio)
        if self._kept is not None and self._kept[0] == key:
            painter.drawPixmap(0, 0, self._kept[1])
            return
        if self._painted == key and isinstance(painter.device(), QWidget):
            pixmap = QPixmap(round(rect.width() * ratio), round(rect.height() * ratio))
            pixmap.setDevicePixelRatio(ratio)
            pixmap.fill("transparent")
            own = QPainter(pixmap)
            self._draw_pens(own, 1 / ratio)
            own.end()
            self._kept = (key, pixmap)
            painter.drawPixmap(0, 0, pixmap)
            return
        self._painted, self._kept = key, None
        self._draw_pens(painter, 1 / ratio)

    def _draw_pens(self, painter: QPainter, pixel: float) -> None:
        drawn = [(axis, pen) for axis in self.axes for pen in axis.pens]
        # The lifted one last, over the others.
        drawn.sort(key=lambda item: item[1].signal.kks == self.lifted)
        for axis, pen in drawn:
            if pen.strip is not None:
                paint_envelope(painter, pen.strip, self.frame(axis), look_of(pen.place, self.opacity(pen)), pixel)
        for axis, pen in drawn:
            frame, look = self.frame(axis), look_of(pen.place, self.opacity(pen))
            if pen.other is not None:
                dotted = look._replace(dash=OTHER_PERIOD_DASH, width=OTHER_PERIOD_PX)
                paint_line(painter, pen.other, frame, dotted, stepped=pen.signal.stepped, moving=self.moving)
            if pen.strip is not None:
                paint_line(painter, pen.strip, frame, look, stepped=pen.signal.stepped, moving=self.moving)
        for axis, pen in drawn:
            self._label_other(painter, pen, self.frame(axis))

    def opacity(self, pen: Pen) -> float:
        """Of a pen: lifting one dims the others."""
        return 1.0 if self.lifted in (None, pen.signal.kks) else DIMMED

    @staticmethod
    def _label_other(painter: QPainter, pen: Pen, frame: Frame) -> None:
        other = pen.other
        if other is None or not pen.other_label:
            return
        seen = np.flatnonzero((other.states != MISSING) & (other.times_us >= frame.from_us))
        if seen.size:
            x = float(frame.x(other.times_us[seen[:1]])[0])
            y = float(frame.y(other.mean[seen[:1]])[0])
            painter.setFont(style.font("caption"))
            painter.setPen(style.color("text.secondary"))
            height = painter.fontMetrics().height()
            wide = painter.fontMetrics().horizontalAdvance(pen.other_label)
            top = y - height - 3 if y > 2 * height else y + 3
            say(painter, QRectF(max(x, 0.0) + 4, top, wide, height), pen.other_label)


def say(painter: QPainter, box: QRectF, text: str) -> None:
    """Words on the paper, on a ground of their own so that lines under them do not strike them out."""
    ground = style.color("bg.raised")
    ground = QColor(ground.red(), ground.green(), ground.blue(), _GROUND_ALPHA)
    painter.fillRect(box.adjusted(-3, 0, 3, 0), ground)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def arrange(signals: Sequence[Signal], *, shared: bool, looks: Sequence[int] = ()) -> list[list[Axis]]:
    """The axes of each pane: one unit a pane, or two where panes are shared; pens keep the signals' order.

    `looks`: the number of each pen's look, where that is not its place.
    """
    axes: dict[str, Axis] = {}
    for place, signal in zip(looks or range(len(signals)), signals, strict=True):
        axes.setdefault(signal.unit, Axis(signal.unit)).pens.append(Pen(signal, place))
    every = list(axes.values())
    size = 2 if shared else 1
    return [every[start : start + size] for start in range(0, len(every), size)]


def keep_ranges(before: Mapping[str, Axis], panes: Sequence[Sequence[Axis]]) -> None:
    """Axes rebuilt keep the range they had, so that a change of theme or a pen more moves nothing."""
    for axes in panes:
        for axis in axes:
            if (old := before.get(axis.unit)) is not None:
                axis.low, axis.high, axis.held, axis.empty = old.low, old.high, old.held, old.empty


def new_plot(view: pg.GraphicsLayoutWidget, row: int, axis: TimeAxis) -> pg.PlotItem:
    """An empty plot in a row of its own."""
    items = {"bottom": axis, "left": ValueAxis("left"), "right": ValueAxis("right")}
    return view.ci.addPlot(row, 0, axisItems=items)
