"""The whole sheet small in a corner: where the window looks, where alarms stand; a click jumps, a drag pans."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QPainter, QPixmap

from pid_renderer.drawing import Box, Drawing, Point
from pid_renderer.paint_box import PaintBox
from pid_renderer.view import View
from resources.theme import tokens

_MARGIN: Final = 12.0
_PADDING: Final = 4.0


class Minimap:
    """Place and paint of the minimap of one window. `shown` is a person's wish; a sheet wholly in sight needs none."""

    def __init__(self) -> None:
        self.shown = True

    def is_wanted(self, drawing: Drawing, view: View, window: QSizeF) -> bool:
        """Whether it stands anywhere."""
        if not self.shown or drawing.width_mm <= 0:
            return False
        sheet = view.box_px(Box(0.0, 0.0, drawing.width_mm, drawing.height_mm))
        return not Box(-1.0, -1.0, window.width() + 1.0, window.height() + 1.0).holds(sheet)

    @staticmethod
    def place(window: QSizeF, keep_clear: Iterable[Box]) -> QRectF:
        """Where it stands: bottom right, or top right while one of `keep_clear` (pixels) lies there."""
        wide, high = tokens()["size"]["minimap"]
        left = window.width() - wide - _MARGIN
        low = Box(left, window.height() - high - _MARGIN, left + wide, window.height() - _MARGIN)
        top = Box(left, _MARGIN, left + wide, _MARGIN + high)
        boxes = list(keep_clear)
        covers_low = any(low.grown(_MARGIN).meets(box) for box in boxes)
        covers_top = any(top.grown(_MARGIN).meets(box) for box in boxes)
        return QRectF(left, top.top if covers_low and not covers_top else low.top, wide, high)

    def point(self, drawing: Drawing, frame: QRectF, position: QPointF) -> Point:
        """The point of the sheet (mm) under a pixel of the minimap at `frame`."""
        scale, origin = _inside(frame, drawing)
        return (position.x() - origin.x()) / scale, (position.y() - origin.y()) / scale

    @staticmethod
    def picture_view(drawing: Drawing, frame: QRectF) -> tuple[QSizeF, float, QPointF]:
        """Size of the small picture, its pixels per millimetre and the sheet's corner in it."""
        scale, corner = _inside(frame, drawing)
        room = QSizeF(frame.width() - 2 * _PADDING, frame.height() - 2 * _PADDING)
        return room, scale, corner - frame.topLeft() - QPointF(_PADDING, _PADDING)

    @staticmethod
    def paint(
        painter: QPainter, frame: QRectF, picture: QPixmap, drawing: Drawing, seen: Box,
        alarms: Sequence[tuple[Box, int]], colors: PaintBox,
    ) -> None:  # fmt: skip
        """Paint it: the sheet, alarms where they are, and what is `seen` (mm) as a blue frame."""
        scale, origin = _inside(frame, drawing)
        painter.setPen(colors.pen("line.strong", 1.0))
        painter.setBrush(colors.brush("bg.surface"))
        painter.drawRect(frame)
        painter.drawPixmap(frame.topLeft() + QPointF(_PADDING, _PADDING), picture)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for box, priority in alarms:
            painter.setPen(colors.pen(f"alarm.p{priority}", 2.0))
            painter.drawRect(_rect(box, scale, origin))
        inside = frame.adjusted(1, 1, -1, -1)
        view = _rect(seen, scale, origin).intersected(inside)
        painter.setPen(colors.pen("hand.accent", 1.5))
        painter.drawRect(view)
        painter.save()
        painter.setOpacity(0.12)
        painter.fillRect(view, colors.color("hand.accent"))
        painter.restore()


def _inside(frame: QRectF, drawing: Drawing) -> tuple[float, QPointF]:
    """Scale and corner of the sheet inside the minimap."""
    room_x, room_y = frame.width() - 2 * _PADDING, frame.height() - 2 * _PADDING
    scale = min(room_x / max(drawing.width_mm, 1e-6), room_y / max(drawing.height_mm, 1e-6))
    middle = frame.center()
    return scale, QPointF(middle.x() - drawing.width_mm * scale / 2, middle.y() - drawing.height_mm * scale / 2)


def _rect(box: Box, scale: float, origin: QPointF) -> QRectF:
    return QRectF(origin.x() + box.left * scale, origin.y() + box.top * scale, box.width * scale, box.height * scale)
