"""Signals dragged from wherever they stand: drawing (with Alt), tree, tables, faceplate; dropped on a plot or the rail.

Filters on the widgets' events, so that the rooms which draw them need not know that anything can be dragged.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEvent, QMimeData, QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QDrag, QDragEnterEvent, QDropEvent, QFontMetrics, QMouseEvent, QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QWidget

from contracts.tags import SIGNAL_MIME
from widgets import style
from widgets.signal_words import shown

_PAD_PX: Final = 8


def signal_mime(code: str) -> QMimeData:
    """What is carried: the KKS of a signal or an equipment."""
    content = QMimeData()
    content.setData(SIGNAL_MIME, code.encode())
    content.setText(code)
    return content


class DragFrom(QObject):
    """A drag begins where the left button goes down on a code and the mouse moves on."""

    def __init__(self, widget: QWidget, code_at: Callable[[QPointF], str], *, with_alt: bool = False) -> None:
        """`code_at`: what stands at a place of `widget`, empty for nothing; `with_alt`: only while Alt is held."""
        super().__init__(widget)
        self._widget, self._code_at, self._with_alt = widget, code_at, with_alt
        self._pressed: QPoint | None = None
        self._code = ""
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if isinstance(event, QMouseEvent):
            if kind is QEvent.Type.MouseButtonPress and event.button() is Qt.MouseButton.LeftButton:
                alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
                self._code = self._code_at(event.position()) if alt or not self._with_alt else ""
                self._pressed = event.position().toPoint() if self._code else None
                # With Alt the press is the drag's own; without, it also chooses.
                return self._with_alt and self._pressed is not None
            if kind is QEvent.Type.MouseMove and self._pressed is not None:
                way = event.position().toPoint() - self._pressed
                if way.manhattanLength() >= QApplication.startDragDistance():
                    self._pressed = None
                    self.start(self._code)
                return True
            if kind is QEvent.Type.MouseButtonRelease:
                self._pressed = None
        return super().eventFilter(watched, event)

    def start(self, code: str) -> None:
        """Carry a code until it is dropped."""
        drag = QDrag(self._widget)
        drag.setMimeData(signal_mime(code))
        drag.setPixmap(_label(shown(code), self._widget.devicePixelRatioF()))
        drag.setHotSpot(QPoint(-12, -4))
        drag.exec(Qt.DropAction.CopyAction)


class DropOn(QObject):
    """A widget that takes codes."""

    def __init__(
        self, widget: QWidget, dropped: Callable[[str], None], entered: Callable[[], None] | None = None
    ) -> None:
        """`entered`: what happens as soon as a code is over the widget."""
        super().__init__(widget)
        self._dropped, self._entered = dropped, entered
        widget.setAcceptDrops(True)
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QDropEvent) and event.mimeData().hasFormat(SIGNAL_MIME):
            if event.type() is QEvent.Type.Drop:
                event.acceptProposedAction()
                self._dropped(bytes(event.mimeData().data(SIGNAL_MIME).data()).decode("utf-8", "replace"))
                return True
            event.acceptProposedAction()
            if isinstance(event, QDragEnterEvent) and self._entered is not None:
                self._entered()
            return True
        return super().eventFilter(watched, event)


def _label(text: str, ratio: float) -> QPixmap:
    font = style.font("body", "semibold", condensed=True)
    metrics = QFontMetrics(font)
    width, height = metrics.horizontalAdvance(text) + 2 * _PAD_PX, metrics.height() + _PAD_PX
    picture = QPixmap(round(width * ratio), round(height * ratio))
    picture.setDevicePixelRatio(ratio)
    picture.fill(style.color("hand.accent"))
    painter = QPainter(picture)
    painter.setFont(font)
    painter.setPen(style.color("bg.raised"))
    painter.drawText(_PAD_PX, _PAD_PX // 2 + metrics.ascent(), text)
    painter.end()
    return picture
