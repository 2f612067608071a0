"""Lines over time: one pane a unit, a mean line over its min/max envelope, seam, gaps, limits and a cursor.

It draws what it is given, never more than two points a pixel column; who feeds it decimates (`decimate`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from typing import Any, Final, NamedTuple

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt
from PySide6.QtCore import Signal as QtSignal
from PySide6.QtGui import QColor, QPen
from PySide6.QtWidgets import QVBoxLayout, QWidget

from contracts.number_text import number
from contracts.signal_list import Signal
from resources.words import language, t
from widgets import marks, style
from widgets.plant_now import Times, Values

NO_DATA_PX: Final = 90
"""A gap narrower than its words goes without them."""
_TICKS_S: Final = (
    1,
    2,
    5,
    10,
    15,
    30,
    60,
    120,
    300,
    600,
    900,
    1800,
    3600,
    7200,
    10800,
    21600,
    43200,
    86400,
    172800,
    604800,
)


class Line(NamedTuple):
    """One signal's points: `low` and `high` are None where every sample is drawn."""

    times_us: Times
    mean: Values
    low: Values | None = None
    high: Values | None = None


def decimate(times_us: Times, values: Values, columns: int) -> Line:
    """At most `columns` buckets of a raw series: mean with minimum and maximum. NaN stays a gap."""
    if times_us.size <= 2 * columns:
        return Line(times_us, values)
    edges = np.linspace(times_us[0], times_us[-1], columns + 1)
    starts = np.unique(np.searchsorted(times_us, edges[:-1]))
    counts = np.diff(np.append(starts, times_us.size))
    known = np.isfinite(values)
    total = np.add.reduceat(np.where(known, values, 0.0), starts)
    good = np.add.reduceat(known.astype(np.int64), starts)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(good > 0, total / good, np.nan)
    low = np.minimum.reduceat(np.where(known, values, np.inf), starts)
    high = np.maximum.reduceat(np.where(known, values, -np.inf), starts)
    gap = good == 0
    low[gap] = high[gap] = np.nan
    middle = times_us[starts + counts // 2]
    return Line(middle, mean, low, high)


class _TimeAxis(pg.AxisItem):  # type: ignore[misc]
    def __init__(self, base_us: int, zone: tzinfo) -> None:
        super().__init__("bottom")
        self._base_us, self._zone = base_us, zone

    def _local(self, x: float) -> datetime:
        return datetime.fromtimestamp(self._base_us / 1e6 + x, UTC).astimezone(self._zone)

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        wanted = (high - low) / max(2.0, size / 130)
        step = next((s for s in _TICKS_S if s >= wanted), _TICKS_S[-1])
        shift = self._local(low).utcoffset()
        offset_s = self._base_us / 1e6 + (0 if shift is None else shift.total_seconds())
        first = np.ceil((low + offset_s) / step) * step - offset_s
        return [(step, np.arange(first, high, step).tolist())]

    def tickStrings(self, values: Sequence[float], _scale: float, spacing: float) -> list[str]:
        months = t("months").split()
        texts = []
        for value in values:
            moment = self._local(value + 0.0005)
            if spacing >= 86_400 or (moment.hour == 0 and moment.minute == 0 and spacing >= 60):
                texts.append(f"{moment.day} {months[moment.month - 1]}")
            else:
                texts.append(moment.strftime("%H:%M:%S" if spacing < 60 else "%H:%M"))
        return texts


class _ValueAxis(pg.AxisItem):  # type: ignore[misc]
    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        wanted = (high - low) / max(2.5, min(6.0, size / 30))
        power = 10 ** np.floor(np.log10(wanted)) if wanted > 0 else 1.0
        step = float(next(power * nice for nice in (1, 2, 2.5, 5, 10) if power * nice >= wanted * 0.999))
        first = np.ceil(low / step) * step
        return [(step, np.arange(first, high, step).tolist())]

    def tickStrings(self, values: Sequence[float], _scale: float, spacing: float) -> list[str]:
        decimals = max(0, -int(np.floor(np.log10(spacing) + 1e-9))) if spacing > 0 else 0
        if round(spacing * 10**decimals, 6) % 1:
            decimals += 1
        return [number(value, min(decimals, 6), language()) for value in values]


class _Pane:
    """One plot: the signals of one unit."""

    def __init__(self, plot: pg.PlotItem, unit: str) -> None:
        self.plot, self.unit = plot, unit
        self.curves: dict[str, tuple[Any, Any, Any, Any]] = {}
        self.extras: list[Any] = []
        self.gap_texts: list[tuple[Any, float]] = []
        self.floor: Any = None
        """The line under what is history, up to `seam_x`."""
        self.seam_x: float | None = None
        self.cursor: Any = None
        self.title: Any = None


class TimePlot(QWidget):
    """Panes that share one span of time. Drag pans, the wheel zooms; both say so through `span_changed`."""

    span_changed = QtSignal(object, object)
    """From and to in µs, after the person panned or zoomed."""
    cursor_moved = QtSignal(object)

    def __init__(self, zone: tzinfo, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._zone = zone
        self._base_us = 0
        self._signals: list[Signal] = []
        self._panes: list[_Pane] = []
        self._lines: dict[str, Line] = {}
        self._setting = False
        self._span_us = (0, 1)
        self._seam_us: int | None = None
        self._gaps: Sequence[tuple[int, int]] = ()
        self._cursor_us: int | None = None
        self._dimmed: str | None = None
        self._view = pg.GraphicsLayoutWidget()
        self._view.ci.setContentsMargins(0, 0, 0, 0)
        self._view.ci.setSpacing(4)
        self._view.scene().sigMouseMoved.connect(self._mouse)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._view)

    @property
    def columns(self) -> int:
        """Pixel columns of the plot: how many buckets are worth asking for."""
        return max(100, self.width() - 60)

    @property
    def span_us(self) -> tuple[int, int]:
        """What is shown."""
        return self._span_us

    def set_signals(self, signals: Sequence[Signal], base_us: int) -> None:
        """Which lines there are, pen by pen; empties the plot. `base_us`: near what is shown, for exact drawing."""
        self._signals, self._base_us = list(signals), base_us
        self._lines = {kks: line for kks, line in self._lines.items() if kks in {s.kks for s in signals}}
        self.restyle()

    def restyle(self) -> None:
        """Build the panes in the theme's colours."""
        self._view.setBackground(style.color("bg.surface"))
        self._view.ci.clear()
        self._panes = []
        units = list(dict.fromkeys(signal.unit for signal in self._signals))
        for row, unit in enumerate(units):
            last = row == len(units) - 1
            axis = _TimeAxis(self._base_us, self._zone)
            plot = self._view.ci.addPlot(row, 0, axisItems={"bottom": axis, "left": _ValueAxis("left")})
            pane = _Pane(plot, unit)
            self._dress(pane, last=last)
            self._panes.append(pane)
            if row:
                plot.setXLink(self._panes[0].plot)
        if self._panes:
            self._panes[0].plot.getViewBox().sigXRangeChanged.connect(self._range_changed)
        for kks, line in self._lines.items():
            self.show_line(kks, line)
        self._show_span()
        self._mark()

    def _dress(self, pane: _Pane, *, last: bool) -> None:
        plot = pane.plot
        plot.hideButtons()
        plot.setMenuEnabled(False)
        plot.getViewBox().setBackgroundColor(style.color("bg.raised"))
        plot.getViewBox().setMouseEnabled(x=True, y=False)
        plot.getViewBox().setDefaultPadding(0.04)
        ink = QPen(style.color("line.hair"))
        for side in ("left", "bottom"):
            axis = plot.getAxis(side)
            axis.setPen(ink)
            axis.setTextPen(style.color("text.secondary"))
            axis.setTickFont(style.font("caption"))
            axis.setStyle(tickLength=0)
        plot.getAxis("left").setWidth(52)
        plot.getAxis("bottom").setStyle(showValues=last)
        if not last:
            plot.getAxis("bottom").setHeight(2)
        plot.showGrid(x=True, y=True, alpha=0.35)
        plot.setLabel("left", None)
        title = pg.LabelItem(pane.unit, size="11px", color=style.current()["text.tertiary"], justify="left")
        title.setParentItem(plot.getViewBox())
        title.anchor(itemPos=(0, 0), parentPos=(0, 0), offset=(6, 0))
        pane.title = title
        for signal in self._signals:
            if signal.unit == pane.unit:
                pane.curves[signal.kks] = self._curve(plot, signal)

    def _curve(self, plot: pg.PlotItem, signal: Signal) -> tuple[Any, Any, Any, Any]:
        place = [s.kks for s in self._signals].index(signal.kks)
        spec = style.current().pens[place % 8]
        color = QColor(spec.color)
        pen = pg.mkPen(color, width=2)
        if spec.dash:
            pen.setDashPattern([part / 2 for part in spec.dash])
        soft = QColor(color)
        soft.setAlpha(51)
        mode = "right" if signal.stepped else None
        low = pg.PlotCurveItem(connect="finite", pen=None, stepMode=mode)
        high = pg.PlotCurveItem(connect="finite", pen=None, stepMode=mode)
        band = pg.FillBetweenItem(low, high, brush=soft)
        mean = pg.PlotCurveItem(connect="finite", pen=pen, stepMode=mode)
        for item in (band, mean):
            plot.addItem(item)
        return mean, low, high, band

    def show_line(self, kks: str, line: Line) -> None:
        """Draw a signal's points."""
        self._lines[kks] = line
        for pane in self._panes:
            if kks in pane.curves:
                mean, low, high, band = pane.curves[kks]
                x = (line.times_us - self._base_us) / 1e6
                mean.setData(x, line.mean)
                band.setVisible(line.low is not None)
                if line.low is not None and line.high is not None:
                    low.setData(x, line.low)
                    high.setData(x, line.high)
                else:
                    low.setData([], [])
                    high.setData([], [])
                self._fit_values(pane)

    def _fit_values(self, pane: _Pane) -> None:
        low, high = np.inf, -np.inf
        from_us, to_us = self._span_us
        for kks in pane.curves:
            if (line := self._lines.get(kks)) is not None and line.times_us.size:
                inside = (line.times_us >= from_us) & (line.times_us <= to_us)
                bottom = (line.mean if line.low is None else line.low)[inside]
                top = (line.mean if line.high is None else line.high)[inside]
                if np.isfinite(bottom).any():
                    low, high = min(low, float(np.nanmin(bottom))), max(high, float(np.nanmax(top)))
        if low > high:
            return
        spans = [s.high - s.low for s in self._signals if s.unit == pane.unit]
        least = max(max(spans, default=1.0) * 0.01, 1e-9)
        if high - low < least:
            middle = (low + high) / 2
            low, high = middle - least / 2, middle + least / 2
        plot_range = pane.plot.getViewBox().viewRange()[1]
        margin = (high - low) * 0.12
        # Moves only when a value leaves the paper or uses little of it, so the axis does not breathe with the noise.
        used = (high - low) / max(plot_range[1] - plot_range[0], 1e-12)
        if low < plot_range[0] or high > plot_range[1] or used < 0.35:
            pane.plot.getViewBox().setYRange(low - margin, high + margin, padding=0)

    def set_span(self, from_us: int, to_us: int) -> None:
        """Show this span, without saying `span_changed`."""
        self._span_us = (from_us, to_us)
        self._show_span()

    def _show_span(self) -> None:
        self._setting = True
        for pane in self._panes[:1]:
            low, high = ((us - self._base_us) / 1e6 for us in self._span_us)
            pane.plot.setXRange(low, high, padding=0)
        self._setting = False
        for pane in self._panes:
            self._fit_values(pane)
            self._place_gap_texts(pane)

    @staticmethod
    def _place_gap_texts(pane: _Pane) -> None:
        (left, _), (bottom, top) = pane.plot.getViewBox().viewRange()
        for text, x in pane.gap_texts:
            text.setPos(x, top)
        if pane.floor is not None and pane.seam_x is not None:
            pane.floor.setData([left, max(left, pane.seam_x)], [bottom, bottom])

    def set_marks(self, seam_us: int | None, gaps: Sequence[tuple[int, int]]) -> None:
        """Where history ends and live begins, and the spans without data."""
        if (seam_us, list(gaps)) != (self._seam_us, list(self._gaps)):
            self._seam_us, self._gaps = seam_us, gaps
            self._mark()

    def _mark(self) -> None:
        for number_of_pane, pane in enumerate(self._panes):
            for item in pane.extras:
                pane.plot.removeItem(item)
            pane.extras, pane.gap_texts, pane.floor, pane.seam_x = [], [], None, None
            self._mark_design(pane)
            for from_us, to_us in self._gaps:
                edges = [(us - self._base_us) / 1e6 for us in (from_us, to_us)]
                region = pg.LinearRegionItem(edges, movable=False, brush=marks.hatch("line.hair"), pen=pg.mkPen(None))
                region.setZValue(-5)
                pane.extras.append(region)
                wide = (to_us - from_us) / max(1, self._span_us[1] - self._span_us[0]) * self.columns
                if number_of_pane == 0 and wide > NO_DATA_PX:
                    text = pg.TextItem(t("trend.no_data"), color=style.color("text.secondary"), anchor=(0.5, 0))
                    text.setFont(style.font("caption"))
                    text.setParentItem(region)
                    pane.gap_texts.append((text, sum(edges) / 2))
            if self._seam_us is not None:
                teal = style.color("mode.replay")
                pen = pg.mkPen(teal, width=1.6, style=Qt.PenStyle.DashLine)
                x = (self._seam_us - self._base_us) / 1e6
                pane.seam_x = x
                line = pg.InfiniteLine(x, pen=pen)
                if number_of_pane == 0:
                    for word, side in (("trend.historian", 1.0), ("trend.live", 0.0)):
                        pg.InfLineLabel(line, t(word), position=0.94, color=teal, anchors=[(side, 0.5), (side, 0.5)])
                pane.extras.append(line)
                floor = pg.PlotCurveItem(pen=pg.mkPen(teal, width=3))
                pane.floor = floor
                pane.extras.append(floor)
            for item in pane.extras:
                pane.plot.addItem(item, ignoreBounds=True)
            pane.cursor = pg.InfiniteLine(0, pen=pg.mkPen(style.color("hand.accent"), width=1.4))
            pane.cursor.setVisible(False)
            pane.plot.addItem(pane.cursor, ignoreBounds=True)
            pane.extras.append(pane.cursor)
            self._place_gap_texts(pane)

    def _mark_design(self, pane: _Pane) -> None:
        """The design span of the pane's first pen that has one, behind everything."""
        signal = next((s for s in self._signals if s.unit == pane.unit and s.design_min is not None), None)
        if signal is None or signal.design_min is None or signal.design_max is None:
            return
        ink = style.color("design.band")
        ink.setAlphaF(0.38)
        band = pg.LinearRegionItem(
            (signal.design_min, signal.design_max), "horizontal", brush=ink, pen=pg.mkPen(None), movable=False
        )
        band.setZValue(-10)
        pane.extras.append(band)

    def dim_others(self, kks: str | None) -> None:
        """Lift one pen: the others drop to 35 %."""
        for pane in self._panes:
            for name, (mean, _low, _high, band) in pane.curves.items():
                opacity = 1.0 if kks is None or name == kks else 0.35
                mean.setOpacity(opacity)
                band.setOpacity(opacity)

    def values_at(self, at_us: int) -> dict[str, float | None]:
        """Each line's value at a time: the last point at or before it."""
        found: dict[str, float | None] = {}
        for kks, line in self._lines.items():
            place = int(np.searchsorted(line.times_us, at_us, side="right")) - 1
            value = float(line.mean[place]) if place >= 0 else float("nan")
            found[kks] = value if value == value else None
        return found

    def _mouse(self, at: QPointF) -> None:
        for pane in self._panes:
            if pane.plot.getViewBox().sceneBoundingRect().contains(at):
                x = pane.plot.getViewBox().mapSceneToView(at).x()
                for other in self._panes:
                    other.cursor.setVisible(True)
                    other.cursor.setPos(x)
                self.cursor_moved.emit(self._base_us + int(x * 1e6))
                return
        for pane in self._panes:
            pane.cursor.setVisible(False)
        self.cursor_moved.emit(None)

    def _range_changed(self, _box: object, bounds: tuple[float, float]) -> None:
        if not self._setting:
            self._span_us = (self._base_us + int(bounds[0] * 1e6), self._base_us + int(bounds[1] * 1e6))
            self.span_changed.emit(*self._span_us)
