"""Mouse and keyboard on the canvas: what a press, a drag and a key mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent

from pid_renderer.hit import Way

if TYPE_CHECKING:
    from pid_renderer.canvas import Canvas

Tool = Literal["point", "rectangle", "trace"]
"""What the next press does: choose and pan, zoom into a rectangle, trace a line. The last two serve once."""

ZOOM_STEP: Final = 1.25
_DRAG_FROM_PX: Final = 5.0
_PAN_STEP_PX: Final = 80.0
_TWICE_WITHIN_MS: Final = 1000
_SMALLEST_RECTANGLE_PX: Final = 12.0
_WAYS: Final[dict[int, Way]] = {
    Qt.Key.Key_Left: "left",
    Qt.Key.Key_Right: "right",
    Qt.Key.Key_Up: "up",
    Qt.Key.Key_Down: "down",
}
_PANS: Final[dict[Way, tuple[float, float]]] = {
    "left": (_PAN_STEP_PX, 0.0),
    "right": (-_PAN_STEP_PX, 0.0),
    "up": (0.0, _PAN_STEP_PX),
    "down": (0.0, -_PAN_STEP_PX),
}


class Hands:
    """Turns events into what the canvas does."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self.tool: Tool = "point"
        self.rectangle: QRectF | None = None
        """The rectangle being drawn, window pixels."""
        self._pressed: QPointF | None = None
        self._dragging = False
        self._on_minimap = False
        self._for_rectangle = False
        self._released_ms = -_TWICE_WITHIN_MS

    def take(self, tool: Tool) -> None:
        """Use a tool for the next press; the same again puts it away."""
        self.tool = "point" if tool == self.tool else tool
        self.show_cursor("")

    def show_cursor(self, code: str) -> None:
        """The cursor says what a press would do over `code`."""
        shape = Qt.CursorShape.PointingHandCursor if code else Qt.CursorShape.ArrowCursor
        if self.tool == "rectangle":
            shape = Qt.CursorShape.CrossCursor
        elif self.tool == "trace":
            shape = Qt.CursorShape.PointingHandCursor if code else Qt.CursorShape.WhatsThisCursor
        self._canvas.setCursor(shape)

    # -- mouse -----------------------------------------------------------------------------------------------------

    def press(self, event: QMouseEvent) -> None:
        """A button goes down."""
        canvas, position = self._canvas, event.position()
        if event.button() in (Qt.MouseButton.BackButton, Qt.MouseButton.ForwardButton):
            canvas.walk_requested.emit(-1 if event.button() == Qt.MouseButton.BackButton else 1)
            return
        if event.button() not in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            return
        self._on_minimap = canvas.go_by_minimap(position)
        if self._on_minimap:
            return
        self._pressed, self._dragging = position, False
        with_control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        self._for_rectangle = event.button() == Qt.MouseButton.LeftButton and (self.tool == "rectangle" or with_control)

    def move(self, event: QMouseEvent) -> None:
        """The cursor moves."""
        canvas, position = self._canvas, event.position()
        if self._on_minimap:
            canvas.go_by_minimap(position, dragging=True)
            return
        if self._pressed is None:
            if canvas.hover.move(canvas.kks_at(position), position):
                self.show_cursor(canvas.hover.code)
                canvas.hovered.emit(canvas.hover.code)
            return
        way = position - self._pressed
        if not self._dragging and way.manhattanLength() <= _DRAG_FROM_PX:
            return
        self._dragging = True
        canvas.hover.hide()
        if self._for_rectangle:
            self.rectangle = QRectF(self._pressed, position).normalized()
            canvas.update()
            return
        canvas.setCursor(Qt.CursorShape.ClosedHandCursor)
        self._pressed = position
        canvas.pan_by(way.x(), way.y())

    def release(self, event: QMouseEvent) -> None:
        """A button comes up."""
        canvas = self._canvas
        self._released_ms = event.timestamp()
        pressed, self._pressed = self._pressed, None
        dragged, self._dragging = self._dragging, False
        self._on_minimap = False
        if self.rectangle is not None:
            rectangle, self.rectangle = self.rectangle, None
            self.tool = "point"
            if min(rectangle.width(), rectangle.height()) >= _SMALLEST_RECTANGLE_PX:
                canvas.zoom_into(rectangle)
            canvas.update()
        elif pressed is not None and not dragged and event.button() == Qt.MouseButton.LeftButton:
            with_shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self.press_on(canvas.kks_at(event.position()), trace=with_shift)
        self.show_cursor(canvas.hover.code)

    def press_on(self, code: str, *, trace: bool = False) -> None:
        """What a click or a tap on `code` (empty: paper) does with the tool in hand."""
        canvas = self._canvas
        if trace or self.tool == "trace":
            self.tool = "point"
            if code:
                canvas.choose(code)
                canvas.trace_requested.emit(code)
            return
        canvas.choose(code)
        if canvas.is_connector(code):
            canvas.jump_requested.emit(code)
        else:
            canvas.chosen.emit(code)

    def double_click(self, event: QMouseEvent) -> None:
        """Twice on a symbol goes to it, twice on paper shows all."""
        # The first of the two may have been on another sheet's connector, which brought this sheet to the front.
        here = event.timestamp() - self._released_ms < _TWICE_WITHIN_MS
        if event.button() == Qt.MouseButton.LeftButton and here:
            self.go_to(event.position())

    def go_to(self, position: QPointF) -> None:
        """Near to what is under a pixel; the whole sheet from paper."""
        code = self._canvas.kks_at(position)
        if code:
            self._canvas.zoom_to(code)
        else:
            self._canvas.fit()

    # -- keyboard --------------------------------------------------------------------------------------------------

    def key(self, event: QKeyEvent) -> bool:
        """Do what a key says; False for one that means nothing here."""
        canvas, key = self._canvas, event.key()
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if key in _WAYS and event.modifiers() & Qt.KeyboardModifier.AltModifier:
            return False
        if key in _WAYS and shift:
            canvas.pan_by(*_PANS[_WAYS[key]])
        elif key in _WAYS:
            canvas.choose_next(_WAYS[key])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and canvas.selected:
            self.press_on(canvas.selected, trace=shift)
        elif key == Qt.Key.Key_Menu or (key == Qt.Key.Key_F10 and shift):
            canvas.ask_menu()
        elif key == Qt.Key.Key_Escape and self.tool != "point":
            self.take("point")
        elif key == Qt.Key.Key_Escape and canvas.selected and not canvas.is_tracing:
            canvas.choose("")
            canvas.chosen.emit("")
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            canvas.zoom_by(ZOOM_STEP)
        elif key == Qt.Key.Key_Minus:
            canvas.zoom_by(1 / ZOOM_STEP)
        elif key == Qt.Key.Key_0:
            canvas.fit()
        else:
            return False
        return True
