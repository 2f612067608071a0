"""One signal against another: how they go together, coloured from old to new."""

from __future__ import annotations

from datetime import tzinfo
from typing import Any, Final

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from analysis.pyramid import Pyramid
from analysis.signal_pairs import Pairs, paired
from contracts.signal_list import Signal
from resources.words import t
from widgets import style
from widgets.clock_text import local
from widgets.signal_words import shown
from widgets.time_plot_axes import AXIS_PX, ValueAxis

STEPS: Final = 8
"""Colours from old to new."""
MOST_PAIRS: Final = 4000
_DOT_PX: Final = 5


class XyPlot(QWidget):
    """A paper with the first signal along and the second up; drag pans, the wheel zooms, a double click fits."""

    def __init__(self, zone: tzinfo, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._signals: tuple[Signal, Signal] | None = None
        self._pairs = Pairs.none()
        self._view = pg.PlotWidget(axisItems={"bottom": ValueAxis("bottom"), "left": ValueAxis("left")})
        self._dots: list[Any] = []
        self._ramp = _TimeRamp(zone)
        self.setAccessibleName(t("xy.plot"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._view, 1)
        column.addWidget(self._ramp)
        self.restyle()

    @property
    def pairs(self) -> Pairs:
        """What is drawn."""
        return self._pairs

    def show_pair(self, x: Signal, y: Signal, along: Pyramid, up: Pyramid, from_us: int, to_us: int) -> None:
        """Draw `y` over `x` from `from_us` to `to_us`; both as `TimePlot.pyramid` gives them."""
        fresh = self._signals != (x, y)
        self._signals = (x, y)
        self._pairs = paired(along, up, from_us, to_us, MOST_PAIRS)
        self._ramp.show_span(from_us, to_us)
        self.setAccessibleDescription(t("xy.said", x=shown(x.kks), y=shown(y.kks), n=self._pairs.times_us.size))
        self._draw()
        if fresh:
            self.fit()

    def fit(self) -> None:
        """All pairs on the paper."""
        self._view.getViewBox().autoRange(padding=0.06)

    def restyle(self) -> None:
        """Take the theme's colours."""
        plot = self._view.getPlotItem()
        self._view.setBackground(style.color("bg.surface"))
        plot.hideButtons()
        plot.setMenuEnabled(False)
        box = plot.getViewBox()
        box.setBackgroundColor(style.color("bg.raised"))
        for side in ("left", "bottom"):
            axis = plot.getAxis(side)
            axis.setPen(QPen(style.color("line.hair")))
            axis.setTextPen(style.color("text.secondary"))
            axis.setTickFont(style.font("caption"))
            axis.setStyle(tickLength=0)
            axis.setGrid(60)
        plot.getAxis("left").setWidth(AXIS_PX + 18)
        self._draw()
        self._ramp.update()

    def _draw(self) -> None:
        plot = self._view.getPlotItem()
        for item in self._dots:
            plot.removeItem(item)
        self._dots = []
        if self._signals is None:
            return
        for side, signal in (("bottom", self._signals[0]), ("left", self._signals[1])):
            name = f"{shown(signal.kks)} · {signal.unit}"
            axis = plot.getAxis(side)
            axis.setLabel(text=name, color=style.current()["text.secondary"])
            axis.label.setFont(style.font("caption"))
        times, span = self._pairs.times_us, self._ramp.span_us
        step = np.clip((times - span[0]) * STEPS // max(1, span[1] - span[0]), 0, STEPS - 1)
        for number in range(STEPS):
            own = step == number
            if own.any():
                dots = pg.ScatterPlotItem(
                    self._pairs.x[own], self._pairs.y[own], size=_DOT_PX, pen=None, brush=ramp_color(number)
                )
                plot.addItem(dots)
                self._dots.append(dots)

    def mouseDoubleClickEvent(self, event: Any) -> None:
        self.fit()
        super().mouseDoubleClickEvent(event)


def ramp_color(step: int) -> QColor:
    """From the hairline's grey, long ago, to the colour of a live number."""
    old, new, part = style.color("line.hair"), style.color("value.live"), step / (STEPS - 1)
    ends = ((old.red(), new.red()), (old.green(), new.green()), (old.blue(), new.blue()))
    return QColor(*(round(a + (b - a) * (0.15 + 0.85 * part)) for a, b in ends))


class _TimeRamp(QWidget):
    """Which colour was when."""

    def __init__(self, zone: tzinfo) -> None:
        super().__init__()
        self._zone = zone
        self.span_us = (0, 1)
        self.setFixedHeight(26)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_span(self, from_us: int, to_us: int) -> None:
        """From the oldest colour to the newest."""
        self.span_us = (from_us, to_us)
        self.update()

    def _moment(self, us: int) -> str:
        moment = local(us, self._zone)
        return f"{moment.day} {t('months').split()[moment.month - 1]} {moment:%H:%M}"

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), style.color("bg.surface"))
        painter.setFont(style.font("caption"))
        painter.setPen(style.color("text.secondary"))
        begin, end = (self._moment(us) for us in self.span_us)
        wide = painter.fontMetrics().horizontalAdvance(begin)
        left = AXIS_PX + 18.0
        painter.drawText(QPointF(left, 17), begin)
        left += wide + 8
        for number in range(STEPS):
            painter.fillRect(QRectF(left + 18 * number, 8, 18, 10), ramp_color(number))
        painter.setPen(style.color("text.secondary"))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawText(QPointF(left + 18 * STEPS + 8, 17), f"{end} {local(self.span_us[1], self._zone).tzname()}")
