"""Fingers on the canvas: one pans, two zoom, a tap chooses, two taps go near, a long press asks for the menu."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QObject, QPointF, QTimer
from PySide6.QtGui import QEventPoint, QTouchEvent

if TYPE_CHECKING:
    from pid_renderer.canvas import Canvas

LONG_PRESS_MS: Final = 600
_DOUBLE_TAP_MS: Final = 350
_STILL_PX: Final = 12.0
"""A finger is never still; less than this is a tap."""


class Touch(QObject):
    """Follows the fingers of one canvas."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._start = QPointF()
        self._last: tuple[QPointF, float] | None = None
        self._moved = False
        self._asked = False
        self._last_tap: tuple[int, QPointF] | None = None
        self._long = QTimer(self, singleShot=True, interval=LONG_PRESS_MS)
        self._long.timeout.connect(self._ask)

    def take(self, event: QTouchEvent) -> None:
        """One event of a touch screen."""
        kind = event.type()
        down = [point for point in event.points() if point.state() != QEventPoint.State.Released]
        if kind == QEvent.Type.TouchBegin:
            self._canvas.hover.hide()
            self._start, self._moved, self._asked = event.points()[0].position(), False, False
            self._last = None
            self._long.start()
        if kind == QEvent.Type.TouchCancel or len(down) > 1:
            self._long.stop()
        if kind == QEvent.Type.TouchCancel:
            self._last = None
        elif kind == QEvent.Type.TouchEnd:
            self._end(event.points()[0].position(), event.timestamp())
        else:
            self._follow([point.position() for point in down])

    def _follow(self, fingers: list[QPointF]) -> None:
        """Pan by the middle of the fingers and zoom by how far they are apart."""
        middle = sum(fingers, QPointF()) / max(1, len(fingers))
        spread = math.hypot(*(fingers[0] - fingers[1]).toTuple()) if len(fingers) > 1 else 0.0
        last, self._last = self._last, (middle, spread)
        if not self._moved and len(fingers) == 1 and (middle - self._start).manhattanLength() < _STILL_PX:
            return
        self._moved = True
        self._long.stop()
        # A finger that came or went moves the middle, not the sheet.
        if last is None or (last[1] > 0) != (spread > 0):
            return
        way = middle - last[0]
        self._canvas.pan_by(way.x(), way.y())
        if spread > 0:
            self._canvas.zoom_by(spread / last[1], middle)

    def _end(self, at: QPointF, time_ms: int) -> None:
        self._long.stop()
        self._last = None
        if self._moved or self._asked:
            return
        before = self._last_tap
        if before and time_ms - before[0] < _DOUBLE_TAP_MS and (at - before[1]).manhattanLength() < 3 * _STILL_PX:
            self._last_tap = None
            self._canvas.hands.go_to(at)
            return
        self._last_tap = time_ms, at
        self._canvas.hands.press_on(self._canvas.kks_at(at))

    def _ask(self) -> None:
        self._asked = True
        self._canvas.ask_menu(self._start)
