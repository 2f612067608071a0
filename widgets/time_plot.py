"""Lines over time: panes by unit, pens with their envelope, limits and design behind, seam, gaps, now and two cursors.

Each pen has a pyramid (`analysis.pyramid`), so a frame of pan or zoom costs what the paper is wide, not what the past
is long. Drag pans, Shift and drag zooms into a box, the wheel zooms at the mouse (Ctrl: values, Shift: sideways), two
fingers pinch, a click places cursor A and Shift and click cursor B, a double click fits, Alt and an arrow goes back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import tzinfo
from functools import partial
from typing import Final, NamedTuple

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, QSize, Qt, QTimer
from PySide6.QtCore import Signal as QtSignal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from analysis.pyramid import Pyramid, Strip, states_of
from analysis.span_statistics import SpanStatistics, statistics, value_at
from contracts.signal_list import Signal
from contracts.tables import HOLD_HEARTBEATS
from resources.words import t
from widgets import style
from widgets.clock_text import local
from widgets.event_lane import EventLane, PlotEvent
from widgets.lines import Line, pyramid_of
from widgets.plant_now import Codes, Times, Values
from widgets.signal_words import shown
from widgets.time_plot_axes import AXIS_PX, TimeAxis
from widgets.time_plot_hand import PlotView, is_key_of_plot, press_key
from widgets.time_plot_marks import Marks, duration_text, paint_back, paint_front
from widgets.time_plot_moves import LEAST_SPAN_US, PlotMoves
from widgets.time_plot_pane import Pane, Pen, arrange, keep_ranges, new_plot
from widgets.time_plot_scale import CursorScale

SETTLE_MS: Final = 150
"""After so long at rest columns are one pixel wide again."""
MOVING_PX: Final = 2.0
"""While the hand moves they are two pixels wide: half the work. With more than `MANY_PENS` they are three."""
MANY_PENS: Final = 8
AHEAD_PX: Final = 8
"""Of future that is shown where the present is followed: room for the dots."""


class PenFigures(NamedTuple):
    """What a table says of one pen: values in force at both cursors, and the span between (else the one shown)."""

    signal: Signal
    at_a: float | None
    at_b: float | None
    difference: float | None
    span: SpanStatistics


class TimePlot(QWidget):
    """Panes that share one span of time. What the person does to the span is said through `span_changed`."""

    span_changed = QtSignal(object, object)
    """From and to in µs, after the person panned or zoomed."""
    cursor_moved = QtSignal(object)
    """Where the mouse is, in µs, or None: the passing cursor."""
    cursors_changed = QtSignal()
    """A or B was placed, moved or taken away: `figures` says something else."""
    menu_requested = QtSignal(object, object)
    """The right button: a global position and the time there, in µs."""
    event_chosen = QtSignal(object)
    """The key of an event of the lane that was clicked."""

    def __init__(self, zone: tzinfo, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._zone = zone
        self._base_us = 0
        self._signals: list[Signal] = []
        self._looks: tuple[int, ...] = ()
        self._panes: list[Pane] = []
        self._pyramids: dict[str, Pyramid] = {}
        self._others: dict[str, tuple[Pyramid, int]] = {}
        self._span_us = (0, 1)
        self._marks, self._lifted, self._shared = Marks(), "", False
        self._moves = PlotMoves(self)
        self._view = PlotView(self._moves)
        self._zone_name = QLabel(self._view)
        self._zone_name.setProperty("look", "caption")
        self.lane = EventLane()
        self.lane.chosen.connect(self.event_chosen)
        self._scale = CursorScale(zone)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.timeout.connect(self.flush)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(SETTLE_MS)
        self._rest.timeout.connect(self.flush)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(t("trend.plot"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.lane)
        column.addWidget(self._view, 1)
        column.addWidget(self._scale)

    # ---- what is drawn

    @property
    def columns(self) -> int:
        """Pixel columns of the plot: how many buckets are worth asking for."""
        return max(100, round((self.width() - AXIS_PX - 8) * self.devicePixelRatioF()))

    @property
    def span_us(self) -> tuple[int, int]:
        """What is shown."""
        return self._span_us

    @property
    def signals(self) -> Sequence[Signal]:
        """The pens, in their order."""
        return self._signals

    @property
    def looks(self) -> Sequence[int]:
        """The number of each pen's look."""
        return self._looks or tuple(range(len(self._signals)))

    def pyramid(self, kks: str) -> Pyramid | None:
        """All that is known of a pen; None before its first line."""
        return self._pyramids.get(kks)

    @property
    def zone(self) -> tzinfo:
        """Whose clock the axis shows."""
        return self._zone

    def set_signals(self, signals: Sequence[Signal], base_us: int, looks: Sequence[int] = ()) -> None:
        """Which lines there are, pen by pen; lines of others are let go. `base_us`: near what is shown.

        `looks`: the number of each pen's look (`pen_strokes.look_of`), where that is not its place.
        """
        self._signals, self._base_us, self._looks = list(signals), base_us, tuple(looks)
        self.setAccessibleDescription("; ".join(f"{shown(s.kks)} {s.description}, {s.unit}" for s in signals))
        kept = {signal.kks for signal in signals}
        self._pyramids = {kks: pyramid for kks, pyramid in self._pyramids.items() if kks in kept}
        self._others = {kks: other for kks, other in self._others.items() if kks in kept}
        self.restyle()

    def set_shared(self, *, shared: bool) -> None:
        """Two units a pane, at its left and right, or (at first) each unit in a pane of its own."""
        if shared != self._shared:
            self._shared = shared
            self.restyle()

    def restyle(self) -> None:
        """Build the panes in the theme's colours; what is shown stays."""
        before = {axis.unit: axis for pane in self._panes for axis in pane.axes}
        self._view.setBackground(style.color("bg.surface"))
        for pane in self._panes:
            pane.take_apart()
        self._view.ci.clear()
        self._panes = []
        arranged = arrange(self._signals, shared=self._shared, looks=self._looks)
        keep_ranges(before, arranged)
        right = any(len(axes) > 1 for axes in arranged)
        for row, axes in enumerate(arranged):
            pane = Pane(new_plot(self._view, row, TimeAxis(self._base_us, self._zone)), axes)
            pane.dress(last=row == len(arranged) - 1, right=right)
            pane.lifted = self._lifted or None
            self._panes.append(pane)
            for paint, z in ((paint_back, -5.0), (paint_front, 10.0)):
                pane.add_layer(partial(self._paint_marks, paint, pane, first=row == 0), z)
        self.flush()

    def _paint_marks(self, paint: Callable[..., None], pane: Pane, painter: QPainter, *, first: bool) -> None:
        paint(painter, pane, self._marks, first=first)

    def show_line(self, kks: str, line: Line) -> None:
        """Draw a signal's points, buckets or samples, instead of those before."""
        self._pyramids[kks] = pyramid_of(line)
        self._soon.start()

    def show_samples(self, kks: str, times_us: Times, values: Values, codes: Codes) -> None:
        """Draw a signal's newest samples; called again with what came since (older ones may be left out), it extends.

        A value holds for `HOLD_HEARTBEATS` of its heartbeats, then the line breaks.
        """
        signal = next((signal for signal in self._signals if signal.kks == kks), None)
        if signal is None:
            return
        known = self._pyramids.get(kks)
        # A source that begins anew, perhaps at an older time, is not the continuation of the one before.
        older = known is not None and len(known) and times_us.size and times_us[-1] < known.times_us[-1]
        if known is None or older or not times_us.size or len(known) > 2 * times_us.size + 100:
            known = self._pyramids[kks] = Pyramid(int(HOLD_HEARTBEATS * signal.heartbeat_s * 1e6))
        known.append(times_us, values, states_of(codes, values))
        self._soon.start()

    def extend_line(self, kks: str, times_us: Times, values: Values, codes: Codes) -> None:
        """Go on after a line's last point with the samples that are newer than it."""
        known = self._pyramids.get(kks)
        if known is not None and times_us.size and (not len(known) or times_us[-1] > known.times_us[-1]):
            known.append(times_us, values, states_of(codes, values))
            self._soon.start()

    def show_other_period(self, kks: str, line: Line | None, offset_us: int = 0, label: str = "") -> None:
        """Draw the same signal of another time, `offset_us` later than it was, dotted; None takes it away.

        `label` stands at its start; without one it says how long before (or after) it was.
        """
        if line is None:
            self._others.pop(kks, None)
        else:
            self._others[kks] = (pyramid_of(line), offset_us)
        word = "trend.earlier" if offset_us >= 0 else "trend.later"
        for pen in self._pens():
            if pen.signal.kks == kks:
                pen.other_label = label or t(word, span=duration_text(offset_us))
        self._soon.start()

    def flush(self) -> None:
        """Bring panes and axes up to the span and the lines. What was shown since the last frame costs one of these."""
        self._soon.stop()
        from_us, to_us = self._span_us
        for pane in self._panes:
            pixels = pane.box.rect().width() * (pane.picture_scale or self.devicePixelRatioF())
            columns = max(10, round(pixels / self._column_px))
            pane.moving = self._rest.isActive()
            for pen in pane.pens:
                kks = pen.signal.kks
                pyramid = self._pyramids.get(kks)
                pen.strip = None if pyramid is None else pyramid.view(from_us, to_us, columns)
                other = self._others.get(kks)
                pen.other = None if other is None else _moved(*other, from_us, to_us, columns)
            pane.show_span(from_us, to_us, self._base_us)
        self._show_frame_of_time()

    @property
    def _column_px(self) -> float:
        if not self._rest.isActive():
            return 1.0
        return MOVING_PX if len(self._signals) <= MANY_PENS else MOVING_PX + 1

    def _show_frame_of_time(self) -> None:
        """Lane, cursor chips and zone stand where the paper stands."""
        edges = self.paper_px
        self.lane.show_span(self._span_us, edges)
        self._scale.show_cursors(self._span_us, edges, self._marks)
        self._zone_name.setText(local(self._span_us[0], self._zone).tzname() or "")
        self._zone_name.adjustSize()
        self._zone_name.move(6, self._view.height() - self._zone_name.height() - 1)

    @property
    def paper_px(self) -> tuple[float, float]:
        """Where the panes' paper begins and ends, from this widget's left."""
        if not self._panes:
            return float(AXIS_PX), float(self.width())
        rect = self._panes[0].paper
        return rect.left(), rect.right()

    def set_span(self, from_us: int, to_us: int) -> None:
        """Show this span, without saying `span_changed`."""
        self._span_us = (from_us, max(to_us, from_us + LEAST_SPAN_US))
        self._soon.start()

    def follow(self, now_us: int, span_us: int) -> None:
        """Show the last `span_us` and a little of the future, with the present marked.

        The paper moves by whole pixels only, so that lines scroll rather than shimmer.
        """
        left, right = self.paper_px
        pixel_us = max(1.0, span_us / max(1.0, right - left))
        end = int(np.ceil((now_us + AHEAD_PX * pixel_us) / pixel_us) * pixel_us)
        self.set_now(now_us)
        self.set_span(end - span_us, end)

    def set_marks(self, seam_us: int | None, gaps: Sequence[tuple[int, int]]) -> None:
        """Where history ends and live begins, and the spans without data."""
        self._marks.seam_us, self._marks.gaps = seam_us, list(gaps)
        self.repaint_marks()

    def set_now(self, now_us: int | None) -> None:
        """Where the present is: a grey line with a dot a pen; after it the paper is empty."""
        if now_us != self._marks.now_us:
            self._marks.now_us = now_us
            self.repaint_marks()

    def set_events(self, events: Sequence[PlotEvent]) -> None:
        """What happened, in the lane above; without any there is no lane."""
        self.lane.show_events(events)

    def dim_others(self, kks: str | None) -> None:
        """Lift one pen: the others drop to 35 %, and its limits and design are the ones shown."""
        self._lifted = kks or ""
        for pane in self._panes:
            pane.lifted = kks
            pane.repaint_pens()
        self.repaint_marks()

    def _pens(self) -> list[Pen]:
        return [pen for pane in self._panes for pen in pane.pens]

    def repaint_marks(self) -> None:
        """Seam, gaps, now or cursors changed."""
        for pane in self._panes:
            pane.repaint_layers()

    # ---- figures

    @property
    def panes(self) -> Sequence[Pane]:
        """From above."""
        return self._panes

    @property
    def marks(self) -> Marks:
        """Seam, gaps, now and cursors."""
        return self._marks

    @property
    def known_us(self) -> tuple[int, int] | None:
        """From the first point of any line to the last; None without any."""
        times = [pyramid.times_us for pyramid in self._pyramids.values() if len(pyramid)]
        return (min(int(own[0]) for own in times), max(int(own[-1]) for own in times)) if times else None

    def values_at(self, at_us: int) -> dict[str, float | None]:
        """Each line's value at a time: the last point at or before it, while it holds."""
        return {kks: value_at(pyramid, at_us)[0] for kks, pyramid in self._pyramids.items()}

    @property
    def cursors_us(self) -> tuple[int | None, int | None]:
        """Where A and B are."""
        return self._marks.a_us, self._marks.b_us

    def set_cursors(self, a_us: int | None, b_us: int | None) -> None:
        """Place or (None) take away cursors A and B."""
        self._marks.a_us, self._marks.b_us = a_us, b_us
        if self._marks.active == "b" and b_us is None:
            self._marks.active = "a"
        self.repaint_marks()
        self._scale.show_cursors(self._span_us, self.paper_px, self._marks)
        self.cursors_changed.emit()

    @property
    def figures_span_us(self) -> tuple[int, int]:
        """Whose statistics `figures` gives: between the cursors where both are, else what is shown."""
        a_us, b_us = self.cursors_us
        return self._span_us if a_us is None or b_us is None else (min(a_us, b_us), max(a_us, b_us))

    def figures(self) -> list[PenFigures]:
        """Values at the cursors (the passing one stands in for A), difference B − A, and statistics, pen by pen."""
        a_us, b_us = self.cursors_us
        a_us = self._marks.hover_us if a_us is None else a_us
        if b_us is not None and self._marks.a_us is None:
            a_us = None
        from_us, to_us = self.figures_span_us
        found = []
        for signal in self._signals:
            pyramid = self._pyramids.get(signal.kks) or Pyramid()
            at_a = None if a_us is None else value_at(pyramid, a_us)[0]
            at_b = None if b_us is None else value_at(pyramid, b_us)[0]
            both = None if at_a is None or at_b is None else at_b - at_a
            found.append(PenFigures(signal, at_a, at_b, both, statistics(pyramid, from_us, to_us)))
        return found

    # ---- the hand

    def fit(self) -> None:
        """All that is known, over the whole range of its values."""
        self._moves.fit()

    @property
    def can_undo(self) -> bool:
        """Whether there is a view to go back to."""
        return self._moves.history.can_undo

    @property
    def can_redo(self) -> bool:
        """Whether a view was left by going back."""
        return self._moves.history.can_redo

    def undo(self) -> None:
        """Back to the view before the last pan or zoom."""
        self._moves.undo()

    def redo(self) -> None:
        """On to the view that was left by going back."""
        self._moves.redo()

    def go(self, from_us: int, to_us: int) -> None:
        """Show a span as the hand does: at once, with `span_changed`, coarser until it rests."""
        self._rest.start()
        self.set_span(from_us, to_us)
        self.flush()
        self.span_changed.emit(*self._span_us)

    def visit(self, from_us: int, to_us: int) -> None:
        """Go to a span as the hand does, so that `undo` leads back."""
        self._moves.visit(from_us, max(to_us, from_us + LEAST_SPAN_US))

    @property
    def ranges(self) -> Mapping[str, tuple[float, float]]:
        """The ranges of the axes that a person chose, by unit."""
        return self._moves.ranges

    def set_ranges(self, ranges: Mapping[str, tuple[float, float]]) -> None:
        """Hold the axes of these units at these ranges, and fit the others."""
        self._moves.set_ranges(ranges)
        self.flush()

    def hovered(self, at_us: int | None) -> None:
        """The mouse is over a time, or left."""
        self._marks.hover_us = at_us
        self.repaint_marks()
        self.cursor_moved.emit(at_us)

    def ask_menu(self, at: QPointF, at_us: int) -> None:
        """The right button at a place of the view."""
        self.menu_requested.emit(self._view.mapToGlobal(at), at_us)

    # ---- Qt

    def paint_on(self, painter: QPainter, at: QPoint, scale: float = 1.0) -> None:
        """All of it as it is shown, without the passing cursor, on a picture of `scale` pixels to one of the screen."""
        hover_us, self._marks.hover_us = self._marks.hover_us, None
        self._rest.stop()
        for pane in self._panes:
            pane.picture_scale = scale
        self.flush()
        self.render(painter, at)
        for pane in self._panes:
            pane.picture_scale = None
        self._marks.hover_us = hover_us
        self.flush()

    def sizeHint(self) -> QSize:
        return QSize(640, 300)

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            escape = event.key() == Qt.Key.Key_Escape and self.cursors_us != (None, None)
            if escape or is_key_of_plot(event):
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not press_key(self._moves, event, sum(self.paper_px) / 2):
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._view.show_focus(on=event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason))

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._view.show_focus(on=False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._soon.start()


def _moved(pyramid: Pyramid, offset_us: int, from_us: int, to_us: int, columns: int) -> Strip:
    strip = pyramid.view(from_us - offset_us, to_us - offset_us, columns)
    return strip._replace(times_us=np.asarray(strip.times_us + offset_us, np.int64))
