"""The drawing for people who listen to the screen: each symbol is a child of the canvas with name, state and place.

Made only when an assistive program asks. Qt keeps what it was given, so nodes live as long as the program: they look up
what they stand for by place in the canvas's list, and a place beyond it is not valid any more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

import shiboken6
from PySide6.QtCore import QObject, QPoint, QPointF, QRect, QSize
from PySide6.QtGui import QAccessible, QAccessibleEvent, QAccessibleInterface, QAccessibleObject, QWindow

from pid_renderer.describe import accessible_name

if TYPE_CHECKING:
    from pid_renderer.canvas import Canvas

_nodes: Final[list[QAccessibleInterface]] = []


class SymbolNode(QAccessibleInterface):
    """One symbol of the sheet in front of a canvas."""

    def __init__(self, canvas_node: CanvasNode, place: int) -> None:
        super().__init__()
        self._canvas_node, self._place = canvas_node, place

    @property
    def code(self) -> str:
        """What it stands for; empty where the sheet has no such place any more."""
        # Qt deletes the canvas's node with the canvas, and keeps this one.
        codes = self._canvas_node.codes if shiboken6.isValid(self._canvas_node) else []
        return codes[self._place] if self._place < len(codes) else ""

    def isValid(self) -> bool:
        return bool(self.code)

    def object(self) -> QObject | None:  # type: ignore[override]
        return None

    def window(self) -> QWindow | None:  # type: ignore[override]
        return None

    def parent(self) -> QAccessibleInterface | None:  # type: ignore[override]
        return self._canvas_node if shiboken6.isValid(self._canvas_node) else None

    def child(self, _index: int) -> QAccessibleInterface | None:  # type: ignore[override]
        return None

    def childAt(self, _x: int, _y: int) -> QAccessibleInterface | None:  # type: ignore[override]
        return None

    def childCount(self) -> int:
        return 0

    def indexOfChild(self, _child: QAccessibleInterface) -> int:
        return -1

    def role(self) -> QAccessible.Role:
        return QAccessible.Role.Graphic

    def text(self, kind: QAccessible.Text) -> str:
        if kind != QAccessible.Text.Name or not self.code:
            return ""
        live = self._canvas_node.canvas.live
        return "" if live is None else accessible_name(live, self.code, live.language)

    def setText(self, _kind: QAccessible.Text, _text: str) -> None:
        """A drawing's symbol is not renamed."""

    def rect(self) -> QRect:
        if not self.code:
            return QRect()
        canvas = self._canvas_node.canvas
        target = canvas.targets.symbols.get(self.code) if canvas.targets is not None else None
        if target is None:
            return QRect()
        box = canvas.view.box_px(target.box)
        corner = canvas.mapToGlobal(QPoint(round(box.left), round(box.top)))
        return QRect(corner, QSize(max(1, round(box.width)), max(1, round(box.height))))

    def state(self) -> QAccessible.State:
        state = QAccessible.State()
        if not self.code:
            state.invalid = True
            return state
        canvas = self._canvas_node.canvas
        state.focusable = state.selectable = True
        chosen = canvas.chosen_code == self.code
        state.selected = chosen
        state.focused = chosen and canvas.hasFocus()
        state.offscreen = not self.rect().intersects(self._canvas_node.rect())
        return state


class CanvasNode(QAccessibleObject):
    """The canvas with its symbols in reading order."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._children: list[SymbolNode] = []

    @property
    def canvas(self) -> Canvas:
        """The widget itself."""
        return cast("Canvas", self.object())

    @property
    def codes(self) -> list[str]:
        """The symbols that can be pointed at, top left first."""
        targets = self.canvas.targets
        return [] if targets is None else targets.in_reading_order

    def parent(self) -> QAccessibleInterface | None:  # type: ignore[override]
        above = self.canvas.parentWidget()
        return QAccessible.queryAccessibleInterface(above) if above is not None else None

    def child(self, index: int) -> QAccessibleInterface | None:  # type: ignore[override]
        if not 0 <= index < len(self.codes):
            return None
        while len(self._children) <= index:
            node = SymbolNode(self, len(self._children))
            self._children.append(node)
            _nodes.append(node)
        return self._children[index]

    def childCount(self) -> int:
        return len(self.codes)

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        return self._children.index(child) if child in self._children else -1

    def childAt(self, x: int, y: int) -> QAccessibleInterface | None:  # type: ignore[override]
        code = self.canvas.kks_at(QPointF(self.canvas.mapFromGlobal(QPointF(x, y))))
        return self.child(self.codes.index(code)) if code in self.codes else None

    def focusChild(self) -> QAccessibleInterface | None:  # type: ignore[override]
        chosen = self.canvas.chosen_code
        return self.child(self.codes.index(chosen)) if chosen in self.codes else None

    def role(self) -> QAccessible.Role:
        return QAccessible.Role.Canvas

    def text(self, kind: QAccessible.Text) -> str:
        if kind == QAccessible.Text.Name:
            return self.canvas.accessibleName()
        return self.canvas.accessibleDescription() if kind == QAccessible.Text.Description else ""

    def rect(self) -> QRect:
        return QRect(self.canvas.mapToGlobal(QPoint(0, 0)), self.canvas.size())

    def state(self) -> QAccessible.State:
        state = QAccessible.State()
        state.focusable = True
        state.focused = self.canvas.hasFocus()
        state.invisible = not self.canvas.isVisible()
        return state


def _make(_class_name: str, thing: QObject) -> QAccessibleInterface | None:
    from pid_renderer.canvas import Canvas

    if not isinstance(thing, Canvas):
        return None
    node = CanvasNode(thing)
    _nodes.append(node)
    return node


def install() -> None:
    """Answer for canvases from now on; once is enough."""
    if not _installed:
        _installed.append(True)
        QAccessible.installFactory(_make)


_installed: Final[list[bool]] = []


def say_chosen(canvas: Canvas) -> None:
    """Tell listeners that another symbol has the focus."""
    codes = [] if canvas.targets is None else canvas.targets.in_reading_order
    if QAccessible.isActive() and canvas.chosen_code in codes:
        event = QAccessibleEvent(canvas, QAccessible.Event.Focus)
        event.setChild(codes.index(canvas.chosen_code))
        QAccessible.updateAccessibility(event)
