"""Which pen draws which signal: a swatch, tag, name and unit; here pens are hidden, reordered, recoloured, removed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt
from PySide6.QtCore import Signal as QtSignal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFocusEvent,
    QIcon,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QMenu, QSizePolicy, QWidget

from contracts.signal_list import Signal
from resources.words import t
from widgets import style
from widgets.formula import PREFIX
from widgets.pen_strokes import look_of
from widgets.signal_words import shown

PEN_PX: Final = 2.4
_DRAG_PX: Final = 6


def paint_pen(painter: QPainter, place: int, left: float, right: float, y: float) -> None:
    """A piece of the pen whose look has number `place` (from 0), in its colour and dash."""
    look = look_of(place)
    pen = QPen(QColor(look.color), PEN_PX)
    if look.dash:
        pen.setDashPattern([part / PEN_PX for part in look.dash])
    painter.setPen(pen)
    painter.drawLine(QPointF(left, y), QPointF(right, y))


def recoloured(look: int, color: int) -> int:
    """The number of the look with another colour (0 to 7) and the same dash."""
    return _look(color, _dash(look))


def redashed(look: int, dash: int) -> int:
    """The number of the look with another dash (0 to 7) and the same colour."""
    return _look(look % len(style.current().pens), dash)


def _dash(look: int) -> int:
    n = len(style.current().pens)
    return (look + look // n) % n


def _look(color: int, dash: int) -> int:
    # See `look_of`: number c + n·k has colour c and dash (c + k) mod n.
    n = len(style.current().pens)
    return color + n * ((dash - color) % n)


class PenRow(NamedTuple):
    """A row of the list."""

    signal: Signal
    look: int
    shown: bool = True
    name: str = ""
    """What stands for the tag; empty: the tag itself."""


class PenList(QWidget):
    """One row a pen. Drag reorders; the keys: arrows, Alt and arrows, Space, Delete."""

    hovered = QtSignal(object)
    """The KKS of the pen the mouse is on, or None."""
    removed = QtSignal(str)
    shown_changed = QtSignal(str, bool)
    look_chosen = QtSignal(str, int)
    reordered = QtSignal(object)
    """Every KKS in the new order."""
    edit_requested = QtSignal(str)
    """A calculated signal shall be changed."""
    ROW_PX: Final = 40
    _EYE_PX: Final = 22

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[PenRow] = []
        self._pressed: int | None = None
        self._dragged_to: int | None = None
        self._from = QPointF()
        self._over: int | None = None
        self._current = 0
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(t("pens.title"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_signals(self, signals: Sequence[Signal]) -> None:
        """Replace the rows; pens go by order."""
        self.show_pens([PenRow(signal, place) for place, signal in enumerate(signals)])

    def show_pens(self, rows: Sequence[PenRow]) -> None:
        """Replace the rows."""
        self._rows = list(rows)
        self._current = max(0, min(self._current, len(self._rows) - 1))
        self.setAccessibleDescription("; ".join(f"{_name(row)} {row.signal.description}" for row in rows))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(160, self.ROW_PX * len(self._rows))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def _place_at(self, y: float) -> int | None:
        place = int(y // self.ROW_PX)
        return place if 0 <= place < len(self._rows) else None

    # ---- mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = self._place_at(event.position().y())
        if place is None:
            return
        self._current = place
        row = self._rows[place]
        if event.button() is Qt.MouseButton.MiddleButton:
            self.removed.emit(row.signal.kks)
        elif event.button() is Qt.MouseButton.LeftButton:
            if event.position().x() > self.width() - self._EYE_PX and event.position().y() % self.ROW_PX > 18:
                self.shown_changed.emit(row.signal.kks, not row.shown)
            else:
                self._pressed, self._from = place, event.position()
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        place = self._place_at(event.position().y())
        if self._pressed is not None:
            if self._dragged_to is not None or abs(event.position().y() - self._from.y()) > _DRAG_PX:
                self._dragged_to = max(0, min(len(self._rows), round(event.position().y() / self.ROW_PX)))
                self.update()
            return
        if place != self._over:
            self._over = place
            self.update()
        self.hovered.emit(None if place is None else self._rows[place].signal.kks)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        pressed, to, self._pressed, self._dragged_to = self._pressed, self._dragged_to, None, None
        if pressed is not None and to is not None and event.button() is Qt.MouseButton.LeftButton:
            self._move(pressed, to - 1 if to > pressed else to)
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        place = self._place_at(event.position().y())
        if place is not None and self._rows[place].signal.kks.startswith(PREFIX):
            self.edit_requested.emit(self._rows[place].signal.kks)

    def leaveEvent(self, _event: QEvent) -> None:
        self._over = None
        self.hovered.emit(None)
        self.update()

    def _move(self, place: int, to: int) -> None:
        if place == to or not 0 <= to < len(self._rows):
            return
        order = [row.signal.kks for row in self._rows]
        order.insert(to, order.pop(place))
        self._current = to
        self.reordered.emit(order)

    # ---- keys and menu

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, row = event.key(), self._rows[self._current] if self._rows else None
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(key))
        if row is None:
            super().keyPressEvent(event)
        elif step is not None and event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self._move(self._current, self._current + step)
        elif step is not None:
            self._current = max(0, min(len(self._rows) - 1, self._current + step))
            self.hovered.emit(self._rows[self._current].signal.kks)
        elif key == Qt.Key.Key_Delete:
            self.removed.emit(row.signal.kks)
        elif key == Qt.Key.Key_Space:
            self.shown_changed.emit(row.signal.kks, not row.shown)
        else:
            super().keyPressEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.hovered.emit(None)
        self.update()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        keyboard = event.reason() is QContextMenuEvent.Reason.Keyboard
        place = self._current if keyboard else self._place_at(event.pos().y())
        if place is not None and self._rows:
            at = self.mapToGlobal(QPoint(30, (place + 1) * self.ROW_PX)) if keyboard else event.globalPos()
            menu = self.menu(place)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(at)

    def menu(self, place: int) -> QMenu:
        """What can be done with a pen."""
        row, menu = self._rows[place], QMenu(self)
        kks = row.signal.kks
        colors, dashes = menu.addMenu(t("pens.color")), menu.addMenu(t("pens.dash"))
        for number in range(len(style.current().pens)):
            for part, made in ((colors, recoloured(row.look, number)), (dashes, redashed(row.look, number))):
                action = part.addAction(_swatch(made), str(number + 1))
                action.setCheckable(True)
                action.setChecked(made == row.look)
                action.triggered.connect(lambda _=False, made=made: self.look_chosen.emit(kks, made))
        entries: list[tuple[str, str, Callable[[], None]]] = [
            (
                "eye-off" if row.shown else "eye",
                t("pens.hide" if row.shown else "pens.show"),
                lambda: self.shown_changed.emit(kks, not row.shown),
            )
        ]
        if place:
            entries.append(("chevron-up", t("pens.up"), lambda: self._move(place, place - 1)))
        if place < len(self._rows) - 1:
            entries.append(("chevron-down", t("pens.down"), lambda: self._move(place, place + 1)))
        if kks.startswith(PREFIX):
            entries.append(("pencil", t("formula.edit"), lambda: self.edit_requested.emit(kks)))
        entries.append(("trash", t("pens.remove"), lambda: self.removed.emit(kks)))
        for icon, text, act in entries:
            action = menu.addAction(style.icon(icon), text)
            action.triggered.connect(lambda _=False, act=act: act())
        return menu

    # ---- paint

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        middle = Qt.AlignmentFlag.AlignVCenter
        for place, row in enumerate(self._rows):
            signal, top = row.signal, place * self.ROW_PX
            if self.hasFocus() and place == self._current:
                painter.fillRect(QRectF(0, top, self.width(), self.ROW_PX - 1), style.color("hand.soft"))
            painter.setOpacity(1.0 if row.shown else 0.4)
            paint_pen(painter, row.look, 2, 26, top + 13)
            room = int(self.width() - 34 - 50)
            painter.setFont(style.font("body", "semibold", condensed=True))
            painter.setPen(style.color("text.primary"))
            tag = painter.fontMetrics().elidedText(_name(row), Qt.TextElideMode.ElideRight, room)
            painter.drawText(QRectF(34, top + 3, room, 20), middle, tag)
            painter.setFont(style.font("caption"))
            painter.setPen(style.color("text.secondary"))
            name = painter.fontMetrics().elidedText(signal.description, Qt.TextElideMode.ElideRight, room + 24)
            painter.drawText(QRectF(34, top + 20, room + 24, 16), middle, name)
            painter.setPen(style.color("text.tertiary"))
            painter.drawText(
                QRectF(0, top + 3, self.width() - 4, 20), middle | Qt.AlignmentFlag.AlignRight, signal.unit
            )
            painter.setOpacity(1.0)
            if not row.shown or place == self._over:
                eye = style.pixmap("eye" if row.shown else "eye-off", "text.secondary", 14, self.devicePixelRatioF())
                painter.drawPixmap(QPointF(self.width() - 18, top + 21), eye)
            painter.setPen(style.color("line.hair"))
            painter.drawLine(QPointF(0, top + self.ROW_PX - 0.5), QPointF(self.width(), top + self.ROW_PX - 0.5))
        if self._dragged_to is not None:
            y = min(self.height() - 1.0, max(1.0, self._dragged_to * self.ROW_PX - 0.5))
            painter.setPen(QPen(style.color("hand.accent"), 2))
            painter.drawLine(QPointF(0, y), QPointF(self.width(), y))


def _name(row: PenRow) -> str:
    return row.name or shown(row.signal.kks)


def _swatch(look: int) -> QIcon:
    picture = QPixmap(36, 16)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    paint_pen(painter, look, 1, 35, 8)
    painter.end()
    return QIcon(picture)
