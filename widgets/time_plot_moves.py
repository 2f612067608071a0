"""What the hand's moves mean on a plot over time: pan, zoom, box, fit, back and on, cursors A and B."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Final, Protocol

from PySide6.QtCore import QPointF, QRectF

from widgets.time_plot_marks import Marks
from widgets.time_plot_pane import Axis, Pane
from widgets.zoom_history import View, ZoomHistory

LEAST_SPAN_US: Final = 1000
MOST_SPAN_US: Final = 200 * 31_556_952_000_000
GRAB_PX: Final = 6.0
_BOX_LEAST_PX: Final = 6.0
_BOX_VALUES_PX: Final = 24.0
"""A box lower than this chooses a span only, and leaves the values as they are."""


class Moved(Protocol):
    """The plot that is moved."""

    @property
    def panes(self) -> Sequence[Pane]: ...
    @property
    def marks(self) -> Marks: ...
    @property
    def span_us(self) -> tuple[int, int]: ...
    @property
    def paper_px(self) -> tuple[float, float]: ...
    @property
    def known_us(self) -> tuple[int, int] | None: ...
    @property
    def cursors_us(self) -> tuple[int | None, int | None]: ...
    def go(self, from_us: int, to_us: int) -> None: ...
    def flush(self) -> None: ...
    def repaint_marks(self) -> None: ...
    def set_cursors(self, a_us: int | None, b_us: int | None) -> None: ...
    def hovered(self, at_us: int | None) -> None: ...
    def ask_menu(self, at: QPointF, at_us: int) -> None: ...


class PlotMoves:
    """Each method is one thing the hand does; places are in pixels of the plot's view."""

    def __init__(self, plot: Moved) -> None:
        self._plot = plot
        self.history = ZoomHistory()
        self._before_click: tuple[int | None, int | None] = (None, None)

    @property
    def span_us(self) -> tuple[int, int]:
        """What is shown."""
        return self._plot.span_us

    # ---- pan and zoom

    def pane_at(self, at: QPointF) -> Pane | None:
        return next((pane for pane in self._plot.panes if pane.paper.contains(at)), None)

    def _time_at(self, x: float) -> int:
        left, right = self._plot.paper_px
        from_us, to_us = self._plot.span_us
        return from_us + round((x - left) / max(1.0, right - left) * (to_us - from_us))

    def _x_of(self, us: int) -> float:
        left, right = self._plot.paper_px
        from_us, to_us = self._plot.span_us
        return left + (us - from_us) / max(1, to_us - from_us) * (right - left)

    def cursor_near(self, x: float) -> str | None:
        near = [
            (abs(self._x_of(us) - x), name)
            for name, us in zip("ab", self._plot.cursors_us, strict=True)
            if us is not None and abs(self._x_of(us) - x) <= GRAB_PX
        ]
        return min(near)[1] if near else None

    def hover(self, at: QPointF | None) -> None:
        inside = at is not None and self.pane_at(at) is not None
        self._plot.hovered(self._time_at(at.x()) if inside and at is not None else None)

    def pan_from(self, from_us: int, pixels: float) -> None:
        left, right = self._plot.paper_px
        span_us = self._plot.span_us[1] - self._plot.span_us[0]
        start = from_us - round(round(pixels) * span_us / max(1.0, right - left))
        self._go(start, start + span_us)

    def zoom_time(self, factor: float, x: float) -> None:
        from_us, to_us = self._plot.span_us
        at_us = self._time_at(x)
        span_us = min(MOST_SPAN_US, max(LEAST_SPAN_US, round((to_us - from_us) * factor)))
        start = at_us - round((at_us - from_us) * span_us / (to_us - from_us))
        self._go(start, start + span_us)

    def zoom_values(self, pane: Pane, factor: float, y: float) -> None:
        part = (y - pane.paper.top()) / max(1.0, pane.paper.height())
        self._leave_view()
        for axis in pane.axes:
            at, span = axis.high - part * (axis.high - axis.low), (axis.high - axis.low) * factor
            axis.high, axis.held = at + part * span, True
            axis.low = axis.high - span
        self._plot.flush()

    def zoom_box(self, pane: Pane, box: QRectF, *, done: bool) -> None:
        paper = pane.paper
        inside = box.intersected(paper)
        wide = inside.height() < _BOX_VALUES_PX
        if not done:
            drawn = QRectF(inside.left(), paper.top(), inside.width(), paper.height()) if wide else inside
            self._plot.marks.zoom_box = (pane, drawn.translated(-paper.topLeft()))
            self._plot.repaint_marks()
            return
        self._plot.marks.zoom_box = None
        self._plot.repaint_marks()
        if inside.width() < _BOX_LEAST_PX:
            return
        self._leave_view()
        if not wide:
            for axis in pane.axes:
                high, span = axis.high, axis.high - axis.low
                axis.high = high - (inside.top() - paper.top()) / paper.height() * span
                axis.low, axis.held = high - (inside.bottom() - paper.top()) / paper.height() * span, True
        self._go(self._time_at(inside.left()), self._time_at(inside.right()))

    def fit(self) -> None:
        """All that is known, over the whole range of its values."""
        self._leave_view()
        for pane in self._plot.panes:
            for axis in pane.axes:
                axis.held, axis.empty = False, True
        if self._plot.known_us is None:
            self._plot.flush()
        else:
            self._go(*self._plot.known_us)

    def _go(self, from_us: int, to_us: int) -> None:
        self._leave_view()
        self._plot.go(from_us, to_us)

    def visit(self, from_us: int, to_us: int) -> None:
        """A step of its own, however soon after the last one."""
        self.history.pause()
        self._go(from_us, to_us)

    # ---- back and on

    def undo(self) -> None:
        """Back to the view before the last pan or zoom."""
        self._return_to(self.history.undo(self._shown_view()))

    def redo(self) -> None:
        """On to the view that was left by going back."""
        self._return_to(self.history.redo(self._shown_view()))

    @property
    def ranges(self) -> Mapping[str, tuple[float, float]]:
        """The ranges of the axes that a person chose, by unit."""
        return {axis.unit: (axis.low, axis.high) for pane in self._plot.panes for axis in pane.axes if axis.held}

    def set_ranges(self, ranges: Mapping[str, tuple[float, float]]) -> None:
        """Hold the axes of these units at these ranges, and fit the others."""
        for pane in self._plot.panes:
            for axis in pane.axes:
                _set_range(axis, ranges)

    def _shown_view(self) -> View:
        return View(*self._plot.span_us, self.ranges)

    def _leave_view(self) -> None:
        self.history.changing(self._shown_view(), time.monotonic())

    def _return_to(self, view: View | None) -> None:
        if view is None:
            return
        self.set_ranges(view.ranges)
        self._plot.go(view.from_us, view.to_us)

    # ---- cursors by hand

    def place_cursor_at(self, name: str, x: float) -> None:
        self._before_click = self._plot.cursors_us
        self._place(name, self._time_at(x))

    def take_back_click(self) -> None:
        self._plot.set_cursors(*self._before_click)

    def _place(self, name: str, us: int) -> None:
        a_us, b_us = self._plot.cursors_us
        self._plot.marks.active = name
        self._plot.set_cursors(us if name == "a" else a_us, us if name == "b" else b_us)

    def step_cursor(self, columns: int) -> None:
        from_us, to_us = self._plot.span_us
        left, right = self._plot.paper_px
        step_us = columns * (to_us - from_us) / max(1.0, right - left)
        at_us = self._plot.cursors_us[0 if self._plot.marks.active == "a" else 1]
        if at_us is None:
            self.pan_from(from_us, -columns * (right - left) / 10)
        else:
            self._place(self._plot.marks.active, at_us + round(step_us))

    def swap_cursor(self) -> None:
        if None not in self._plot.cursors_us:
            self._plot.marks.active = "b" if self._plot.marks.active == "a" else "a"
            self._plot.repaint_marks()

    def drop_cursor(self) -> None:
        """Cursor A where the mouse is or in the middle; B where A is already there."""
        from_us, to_us = self._plot.span_us
        hover_us = self._plot.marks.hover_us
        self._place(
            "a" if self._plot.marks.a_us is None else "b", (from_us + to_us) // 2 if hover_us is None else hover_us
        )

    def clear_cursors(self) -> bool:
        """Take both away; whether there was one."""
        if self._plot.cursors_us == (None, None):
            return False
        self._plot.set_cursors(None, None)
        return True

    def ask_menu(self, at: QPointF) -> None:
        self._plot.ask_menu(at, self._time_at(at.x()))


def _set_range(axis: Axis, ranges: Mapping[str, tuple[float, float]]) -> None:
    axis.held = axis.unit in ranges
    if axis.held:
        axis.low, axis.high = ranges[axis.unit]
    else:
        axis.empty = True
