"""What lies over a canvas while somebody edits: drags plates and notes, picks an element, drops a signal.

A child of the canvas that takes only what it handles; every other press, key and turn of the wheel goes on to it.
"""

from __future__ import annotations

from typing import Final, Literal

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QDragMoveEvent,
    QDropEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QWidget

from contracts.tags import SIGNAL_MIME
from pid_renderer.annotations import Annotations
from pid_renderer.canvas import Canvas
from pid_renderer.drawing import Box, Point
from pid_renderer.editable import Guide, Item, element_at, items_on, moved_thing, sized_thing, snapped
from pid_renderer.live_sheet import rect
from pid_renderer.paint_box import PaintBox, font, text_width
from resources.theme import Theme
from resources.theme import theme as theme_called

Mode = Literal["off", "bind", "pick", "overlays"]
"""Hidden; taking dropped signals; waiting for one click on an element; moving plates and notes."""

STEP_MM, LONG_STEP_MM = 0.5, 5.0
_SNAP_PX, _DRAG_FROM_PX, _HANDLE_PX = 6.0, 4.0, 9.0
_NUDGES_MS: Final = 250
"""Arrow keys within this time are one move: the sheet is made anew once, however long a key is held."""
_ARROWS: Final[dict[int, Point]] = {
    Qt.Key.Key_Left: (-1.0, 0.0),
    Qt.Key.Key_Right: (1.0, 0.0),
    Qt.Key.Key_Up: (0.0, -1.0),
    Qt.Key.Key_Down: (0.0, 1.0),
}


class EditLayer(QWidget):
    """The hand and the marks of editing."""

    placed = Signal(object, bool)
    """Things with their new place or size, and whether by an arrow key: such steps are one step for undo."""
    removed = Signal(object)
    """`Item`s to take away or hide."""
    picked = Signal(str)
    """Id of the element that was clicked in mode `pick`; empty: none, by Esc."""
    dropped = Signal(str, str, object)
    """A signal, the element's id (empty: paper) and the point (mm) it was dropped at."""
    menu_requested = Signal(object, object, object)
    """`Item` under a right click or None, the point (mm), and where on the screen."""
    left = Signal()
    """Esc in mode `overlays` with nothing selected."""

    def __init__(self) -> None:
        super().__init__()
        self.setMouseTracking(True)
        self.setAcceptDrops(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.mode: Mode = "off"
        self.items: list[Item] = []
        self.selected: list[Item] = []
        self._canvas: Canvas | None = None
        self._annotations = Annotations()
        self._colors = PaintBox(theme_called("light"))
        self._title = ""
        self._from: Point | None = None
        self._pressed_px = QPointF()
        self._shift: Point = (0.0, 0.0)
        self._sizing = 1.0
        self._hand: Literal["", "pressed", "moving", "sizing", "nudging"] = ""
        self._nudges = QTimer(self, singleShot=True)
        self._nudges.setInterval(_NUDGES_MS)
        self._nudges.timeout.connect(self.settle)
        self._guides: list[Guide] = []
        self._under: Box | None = None
        self.hide()

    # -- what is under it ------------------------------------------------------------------------------------------

    def cover(self, canvas: Canvas) -> None:
        """Lie over this canvas."""
        if canvas is not self._canvas:
            self.uncover()
            self._canvas = canvas
            self.setParent(canvas)
            canvas.installEventFilter(self)
            canvas.zoom_changed.connect(self.update)
            canvas.view_changed.connect(self.update)
        self.setGeometry(canvas.rect())
        self.setVisible(self.mode != "off")
        self.raise_()

    def uncover(self) -> None:
        """Lie over nothing: the canvas may go, and must not take the layer with it."""
        if self._canvas is not None:
            self._canvas.removeEventFilter(self)
            self._canvas.zoom_changed.disconnect(self.update)
            self._canvas.view_changed.disconnect(self.update)
            self._canvas = None
        # A move that was not kept yet belongs to the sheet that was here.
        self._nudges.stop()
        self._hand, self._shift, self.items, self.selected = "", (0.0, 0.0), [], []
        self.hide()
        self.setParent(None)

    def show_annotations(self, annotations: Annotations, theme: Theme) -> None:
        """What was put on the sheet now on the canvas; the selection stays on the same things."""
        self._annotations, self._colors = annotations, PaintBox(theme)
        kept = [item.identity for item in self.selected]
        live = self._canvas.live if self._canvas is not None else None
        self.items = items_on(live, annotations) if live is not None else []
        self.selected = [item for item in self.items if item.identity in kept]
        self.update()

    def set_mode(self, mode: Mode, title: str = "") -> None:
        """Begin or end; `title` says on the drawing what is going on."""
        self.settle()
        self.mode, self._title = mode, title
        self._hand, self._under, self._guides = "", None, []
        if mode != "overlays":
            self.selected = []
        if mode == "pick":
            self.setCursor(Qt.CursorShape.CrossCursor)
        else:
            self.unsetCursor()
        self.setVisible(mode != "off" and self._canvas is not None)
        if mode in ("pick", "overlays"):
            self.setFocus()
        self.setAccessibleName(title)
        self.update()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self._canvas is not None:
            self.setGeometry(self._canvas.rect())
        return super().eventFilter(watched, event)

    def _to_mm(self, position: QPointF) -> Point:
        assert self._canvas is not None
        return self._canvas.view.to_mm((position.x(), position.y()))

    @property
    def _scale(self) -> float:
        return self._canvas.view.scale if self._canvas is not None else 1.0

    def item_at(self, position: QPointF) -> Item | None:
        """The smallest plate or note under a pixel."""
        x, y = self._to_mm(position)
        here = Box(x, y, x, y)
        found = [item for item in self.items if item.box.grown(3.0 / self._scale).meets(here)]
        return min(found, key=lambda item: item.box.width * item.box.height, default=None)

    def _element_at(self, position: QPointF) -> str:
        live = self._canvas.live if self._canvas is not None else None
        return element_at(live.drawing, self._to_mm(position), 12.0 / self._scale) if live is not None else ""

    # -- mouse -----------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.ignore()
        self.settle()
        if event.button() != Qt.MouseButton.LeftButton or self.mode in ("off", "bind"):
            return
        if self.mode == "pick":
            element = self._element_at(event.position())
            if element:
                event.accept()
                self.picked.emit(element)
            return
        self._from, self._pressed_px = self._to_mm(event.position()), event.position()
        if self._handle().contains(event.position()):
            self._hand = "sizing"
            event.accept()
            return
        item = self.item_at(event.position())
        more = bool(event.modifiers() & (Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier))
        if item is None:
            self.select([])
            return
        if more:
            self.select(
                [i for i in self.selected if i is not item] if item in self.selected else [*self.selected, item]
            )
        elif item not in self.selected:
            self.select([item])
        self._hand = "pressed"
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        event.ignore()
        if self.mode == "pick" and not event.buttons():
            live = self._canvas.live if self._canvas is not None else None
            element = self._element_at(event.position())
            self._under = live.drawing.elements[element].box if live is not None and element else None
            self.update()
            return
        if self.mode != "overlays" or self._from is None or not self._hand:
            return
        event.accept()
        if self._hand == "pressed" and (event.position() - self._pressed_px).manhattanLength() > _DRAG_FROM_PX:
            self._hand = "moving"
        here = self._to_mm(event.position())
        if self._hand == "moving":
            free = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
            self._shift = here[0] - self._from[0], here[1] - self._from[1]
            self._guides = []
            if not free and self.selected and self._canvas is not None and self._canvas.live is not None:
                others = [item.box for item in self.items if item not in self.selected]
                self._shift, self._guides = snapped(
                    self.selected[0].box, self._shift, others, self._canvas.live.drawing, _SNAP_PX / self._scale
                )
        elif self._hand == "sizing":
            box = self.selected[0].box
            self._sizing = max(0.2, (here[0] - box.left) / max(box.width, 0.1))
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        hand, self._hand = self._hand, ""
        self._guides, self._from = [], None
        if hand == "":
            event.ignore()
            return
        event.accept()
        if hand == "moving" and self._shift != (0.0, 0.0):
            self.placed.emit([moved_thing(item, self._shift) for item in self.selected], False)
        elif hand == "sizing" and self._sizing != 1.0:
            self.placed.emit([sized_thing(self.selected[0], self._sizing)], False)
        self._shift, self._sizing = (0.0, 0.0), 1.0
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        item = self.item_at(event.position()) if self.mode == "overlays" else None
        event.setAccepted(item is not None)
        if item is not None:
            self.menu_requested.emit(item, self._to_mm(event.position()), event.globalPosition().toPoint())

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        event.setAccepted(self.mode == "overlays")
        if self.mode == "overlays":
            position, item = QPointF(event.pos()), self.item_at(QPointF(event.pos()))
            if event.reason() == QContextMenuEvent.Reason.Keyboard and self.selected:
                item = self.selected[0]
                position = self._shown_box(item).bottomLeft()
            if item is not None and item not in self.selected:
                self.select([item])
            self.menu_requested.emit(item, self._to_mm(position), self.mapToGlobal(position.toPoint()))

    def select(self, items: list[Item]) -> None:
        """Mark these."""
        self.settle()
        self.selected = items
        self.setAccessibleDescription(", ".join(item.name for item in items))
        self.update()

    # -- keys ------------------------------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        # The window's own keys (Esc, arrows in lists) must not take what moves a plate.
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._is_ours(event.key()):
            event.accept()
            return True
        return super().event(event)

    def _is_ours(self, key: int) -> bool:
        if self.mode == "pick":
            return key == Qt.Key.Key_Escape
        ours = (Qt.Key.Key_Escape, Qt.Key.Key_Delete, Qt.Key.Key_Backspace, Qt.Key.Key_Tab, *_ARROWS)
        return self.mode == "overlays" and key in ours

    def focusNextPrevChild(self, forward: bool) -> bool:
        # Tab goes from plate to plate while editing: without a mouse there is no other way to reach one.
        if self.mode != "overlays" or not self.items:
            return super().focusNextPrevChild(forward)
        here = self.items.index(self.selected[0]) if self.selected else (-1 if forward else 0)
        self.select([self.items[(here + (1 if forward else -1)) % len(self.items)]])
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if self.mode == "pick" and key == Qt.Key.Key_Escape:
            self.picked.emit("")
        elif self.mode == "overlays" and key in _ARROWS and self.selected:
            step = LONG_STEP_MM if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else STEP_MM
            x, y = _ARROWS[key]
            self._hand = "nudging"
            self._shift = self._shift[0] + x * step, self._shift[1] + y * step
            self._nudges.start()
            self.update()
        elif self.mode == "overlays" and key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and self.selected:
            self.settle()
            self.removed.emit(list(self.selected))
        elif self.mode == "overlays" and key == Qt.Key.Key_Escape:
            if self.selected:
                self.select([])
            else:
                self.left.emit()
        else:
            event.ignore()

    def settle(self) -> None:
        """Keep what the arrow keys moved so far."""
        self._nudges.stop()
        if self._hand == "nudging":
            shift, self._shift, self._hand = self._shift, (0.0, 0.0), ""
            self.placed.emit([moved_thing(item, shift) for item in self.selected], True)

    # -- a signal dragged here -------------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasFormat(SIGNAL_MIME):
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        live = self._canvas.live if self._canvas is not None else None
        element = self._element_at(event.position())
        self._under = live.drawing.elements[element].box if live is not None and element else None
        event.acceptProposedAction()
        self.update()

    def dropEvent(self, event: QDropEvent) -> None:
        signal = bytes(event.mimeData().data(SIGNAL_MIME).data()).decode("utf-8", "replace")
        self._under = None
        event.acceptProposedAction()
        self.update()
        self.dropped.emit(signal, self._element_at(event.position()), self._to_mm(event.position()))

    # -- marks -----------------------------------------------------------------------------------------------------

    def _shown_box(self, item: Item) -> QRectF:
        """Where an item is drawn now, window pixels: where the hand has it while it moves."""
        assert self._canvas is not None
        box = item.box
        if item in self.selected and self._hand in ("moving", "nudging"):
            dx, dy = self._shift
            box = Box(box.left + dx, box.top + dy, box.right + dx, box.bottom + dy)
        elif item in self.selected[:1] and self._hand == "sizing":
            box = Box(box.left, box.top, box.left + box.width * self._sizing, box.top + box.height * self._sizing)
        return rect(self._canvas.view.box_px(box)).adjusted(-2, -2, 2, 2)

    def _handle(self) -> QRectF:
        """Where the selected thing is taken to change its size; empty for none or several."""
        if len(self.selected) != 1 or self._canvas is None:
            return QRectF()
        corner = self._shown_box(self.selected[0]).bottomRight()
        return QRectF(corner.x() - _HANDLE_PX / 2, corner.y() - _HANDLE_PX / 2, _HANDLE_PX, _HANDLE_PX)

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._canvas is None or self.mode == "off":
            return
        painter, colors = QPainter(self), self._colors
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._under is not None:
            painter.setPen(colors.pen("hand.accent", 2.0))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(rect(self._canvas.view.box_px(self._under)).adjusted(-4, -4, 4, 4), 3, 3)
        if self.mode == "overlays":
            self._paint_items(painter)
        if self.mode in ("pick", "overlays"):
            self._paint_frame(painter)

    def _paint_items(self, painter: QPainter) -> None:
        colors = self._colors
        assert self._canvas is not None
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for item in self.items:
            chosen = item in self.selected
            painter.setPen(colors.pen("hand.accent", 2.0) if chosen else colors.pen("hand.accent", 1.0, (3, 3)))
            painter.drawRect(self._shown_box(item))
        painter.setPen(colors.pen("hand.accent", 1.0))
        for guide in self._guides:
            start, end = (self._canvas.view.to_px(point) for point in guide)
            painter.drawLine(QPointF(*start), QPointF(*end))
        handle = self._handle()
        if not handle.isEmpty():
            painter.setBrush(colors.brush("bg.raised"))
            painter.setPen(colors.pen("hand.accent", 2.0))
            painter.drawRect(handle)

    def _paint_frame(self, painter: QPainter) -> None:
        """A blue frame and a line that says so: nobody may take an edited sheet for a quiet one."""
        colors = self._colors
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(colors.pen("hand.accent", 3.0))
        painter.drawRect(QRectF(self.rect()).adjusted(1.5, 1.5, -1.5, -1.5))
        if not self._title:
            return
        wide = text_width(self._title, 13, "semibold") + 24
        box = QRectF((self.width() - wide) / 2, 0, wide, 26)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colors.brush("hand.accent"))
        painter.drawRoundedRect(box.adjusted(0, -6, 0, 0), 4, 4)
        painter.setFont(font(13, "semibold"))
        painter.setPen(colors.color("bg.raised"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self._title)
