"""What a hand does on a plot over time: drag, wheel, box, pinch, click, keys; the plot itself says what that means."""

from __future__ import annotations

from enum import Enum, auto
from typing import Final, Protocol, cast

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QGestureEvent, QPinchGesture

from widgets import style
from widgets.time_plot_pane import Pane

WHEEL_FACTOR: Final = 0.8
"""The span after one notch of the wheel, of what it was."""
GRAB_PX: Final = 6.0
_DRAG_PX: Final = 4.0
_NOTCH: Final = 120.0


class Handled(Protocol):
    """What the hand moves: a plot over time. Places are in pixels of the view."""

    def pane_at(self, at: QPointF) -> Pane | None: ...
    def cursor_near(self, x: float) -> str | None: ...
    def hover(self, at: QPointF | None) -> None: ...
    def pan_from(self, from_us: int, pixels: float) -> None: ...
    def zoom_time(self, factor: float, x: float) -> None: ...
    def zoom_values(self, pane: Pane, factor: float, y: float) -> None: ...
    def zoom_box(self, pane: Pane, box: QRectF, *, done: bool) -> None: ...
    def place_cursor_at(self, name: str, x: float) -> None: ...
    def take_back_click(self) -> None: ...
    def fit(self) -> None: ...
    def ask_menu(self, at: QPointF) -> None: ...
    def step_cursor(self, columns: int) -> None: ...
    def swap_cursor(self) -> None: ...
    def clear_cursors(self) -> bool: ...
    def drop_cursor(self) -> None: ...
    def undo(self) -> None: ...
    def redo(self) -> None: ...
    @property
    def span_us(self) -> tuple[int, int]: ...


class _Doing(Enum):
    NOTHING = auto()
    PRESSED = auto()
    PANNING = auto()
    BOXING = auto()
    CURSOR = auto()


class PlotView(pg.GraphicsLayoutWidget):  # type: ignore[misc]
    """The scene's view; every event goes to the hand, none to pyqtgraph's own mouse."""

    def __init__(self, plot: Handled) -> None:
        super().__init__()
        self._hand = plot
        self._doing = _Doing.NOTHING
        self._pressed = QPointF()
        self._started_us = 0
        self._pane: Pane | None = None
        self._name = "a"
        self.ci.setContentsMargins(0, 0, 0, 0)
        self.ci.setSpacing(4)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.viewport().grabGesture(Qt.GestureType.PinchGesture)

    def show_focus(self, *, on: bool) -> None:
        """A ring for who came by the keyboard."""
        edge = f"2px solid {style.current()['hand.focus']}" if on else "none"
        self.setStyleSheet(f"PlotView {{ border: {edge}; }}")

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()
        self._pressed, self._pane = event.position(), self._hand.pane_at(event.position())
        if event.button() is Qt.MouseButton.RightButton:
            self._hand.ask_menu(event.position())
        if event.button() is not Qt.MouseButton.LeftButton or self._pane is None:
            return
        name = self._hand.cursor_near(self._pressed.x())
        self._doing = _Doing.PRESSED if name is None else _Doing.CURSOR
        self._name = name or "a"
        self._started_us = self._hand.span_us[0]

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        event.accept()
        at = event.position()
        moved = at - self._pressed
        if self._doing is _Doing.PRESSED and max(abs(moved.x()), abs(moved.y())) > _DRAG_PX:
            boxing = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            self._doing = _Doing.BOXING if boxing else _Doing.PANNING
        if self._doing is _Doing.PANNING:
            self._hand.pan_from(self._started_us, moved.x())
        elif self._doing is _Doing.BOXING and self._pane is not None:
            self._hand.zoom_box(self._pane, QRectF(self._pressed, at).normalized(), done=False)
        elif self._doing is _Doing.CURSOR:
            self._hand.place_cursor_at(self._name, at.x())
        elif self._doing is _Doing.NOTHING:
            self._hand.hover(at)
            near = self._hand.pane_at(at) is not None and self._hand.cursor_near(at.x()) is not None
            self.viewport().setCursor(Qt.CursorShape.SplitHCursor if near else Qt.CursorShape.ArrowCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()
        doing, self._doing = self._doing, _Doing.NOTHING
        if doing is _Doing.BOXING and self._pane is not None:
            self._hand.zoom_box(self._pane, QRectF(self._pressed, event.position()).normalized(), done=True)
        elif doing is _Doing.PRESSED:
            second = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            self._hand.place_cursor_at("b" if second else "a", event.position().x())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        event.accept()
        if event.button() is Qt.MouseButton.LeftButton and self._hand.pane_at(event.position()) is not None:
            self._hand.take_back_click()
            self._hand.fit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.accept()
        pane, turned = self._hand.pane_at(event.position()), event.angleDelta()
        if pane is None:
            return
        sideways = turned.x() if not turned.y() else 0
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            sideways = turned.y() or turned.x()
        if sideways:
            self._hand.pan_from(self._hand.span_us[0], sideways)
        elif event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._hand.zoom_values(pane, WHEEL_FACTOR ** (turned.y() / _NOTCH), event.position().y())
        else:
            self._hand.zoom_time(WHEEL_FACTOR ** (turned.y() / _NOTCH), event.position().x())

    def leaveEvent(self, event: QEvent) -> None:
        self._hand.hover(None)
        super().leaveEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Gesture:
            pinch = cast(QGestureEvent, event).gesture(Qt.GestureType.PinchGesture)
            if isinstance(pinch, QPinchGesture):
                self.pinch(pinch.scaleFactor(), self.viewport().mapFromGlobal(pinch.centerPoint().toPoint()).x())
                event.accept()
                return True
        return bool(super().viewportEvent(event))

    def pinch(self, scale: float, x: float) -> None:
        """Two fingers moved apart by `scale` around x: what one finger had begun is over."""
        self._doing = _Doing.NOTHING
        if scale > 0:
            self._hand.zoom_time(1 / scale, x)


_KEYS: Final = frozenset(
    {
        Qt.Key.Key_Left,
        Qt.Key.Key_Right,
        Qt.Key.Key_Up,
        Qt.Key.Key_Down,
        Qt.Key.Key_Home,
        Qt.Key.Key_Return,
        Qt.Key.Key_Plus,
        Qt.Key.Key_Minus,
    }
)


def is_key_of_plot(event: QKeyEvent) -> bool:
    """Whether a plot that has the focus takes this key, before any shortcut of the window."""
    if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
        return False
    return event.key() in _KEYS


def press_key(plot: Handled, event: QKeyEvent, middle_px: float) -> bool:
    """Do what a key says; whether it says anything. Arrows move the cursor in hand, or the paper if there is none."""
    key, held = event.key(), event.modifiers()
    if held & Qt.KeyboardModifier.AltModifier and key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
        (plot.undo if key == Qt.Key.Key_Left else plot.redo)()
    elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
        way = -1 if key == Qt.Key.Key_Left else 1
        plot.step_cursor(way * (10 if held & Qt.KeyboardModifier.ShiftModifier else 1))
    elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
        plot.swap_cursor()
    elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
        plot.drop_cursor()
    elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Minus):
        plot.zoom_time(WHEEL_FACTOR if key == Qt.Key.Key_Plus else 1 / WHEEL_FACTOR, middle_px)
    elif key == Qt.Key.Key_Home:
        plot.fit()
    elif key == Qt.Key.Key_Escape:
        return plot.clear_cursors()
    else:
        return False
    return True
