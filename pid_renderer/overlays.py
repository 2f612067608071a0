"""What lies over the drawing: selection brackets, the rectangle of a hand, the veil of a lost source."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPolygonF

from pid_renderer.drawing import Box
from pid_renderer.marks import paint_icon
from pid_renderer.paint_box import PaintBox, font, text_width
from pid_renderer.selection import arm_px
from resources.theme import tokens

_PICTURE_WIDTH_PX: Final = 1000.0
"""At this width a sentence of the usual size takes less than half of a picture."""


def paint_brackets(painter: QPainter, frame: Box, colors: PaintBox) -> None:
    """Four blue corners at a pixel box off the symbol, so every other mark stays."""
    arm = arm_px(frame)
    painter.setPen(colors.pen("hand.focus", float(tokens()["stroke"]["selection"])))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for x, sx in ((frame.left, 1.0), (frame.right, -1.0)):
        for y, sy in ((frame.top, 1.0), (frame.bottom, -1.0)):
            painter.drawPolyline(QPolygonF([QPointF(x + sx * arm, y), QPointF(x, y), QPointF(x, y + sy * arm)]))


def paint_rectangle(painter: QPainter, rectangle: QRectF, colors: PaintBox) -> None:
    """The rectangle a hand draws to zoom into."""
    painter.save()
    painter.setPen(colors.pen("hand.accent", 1.5, (5.0, 3.0)))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(rectangle)
    painter.setOpacity(0.12)
    painter.fillRect(rectangle, colors.color("hand.accent"))
    painter.restore()


def paint_veil(painter: QPainter, sheet: QRectF, window: QRectF, text: str, colors: PaintBox) -> None:
    """One hatch over a drawing whose source is gone, and one line that says so."""
    painter.save()
    painter.setOpacity(0.16)
    painter.fillRect(sheet, colors.hatch("quality.stale"))
    painter.restore()
    wide = 48.0 + text_width(text, 13, "semibold")
    box = QRectF(window.center().x() - wide / 2, window.top() + 8, wide, 30)
    painter.setPen(colors.pen("quality.bad", 1.0))
    painter.setBrush(colors.brush("bg.raised"))
    radius = float(tokens()["space"]["radius"]["card"])
    painter.drawRoundedRect(box, radius, radius)
    paint_icon(painter, box.left() + 20, box.center().y(), "clock", colors.color("text.primary"), 15)
    painter.setFont(font(13, "semibold"))
    painter.setPen(colors.color("text.primary"))
    painter.drawText(box.adjusted(36, 0, -8, 0), Qt.AlignmentFlag.AlignVCenter, text)


def paint_veil_on_picture(painter: QPainter, sheet: QRectF, picture: QRectF, text: str, colors: PaintBox) -> None:
    """The veil as large as a picture of any resolution needs it to be read, on one `_PICTURE_WIDTH_PX` wide."""
    size = picture.width() / _PICTURE_WIDTH_PX

    def scaled(box: QRectF) -> QRectF:
        return QRectF(box.left() / size, box.top() / size, box.width() / size, box.height() / size)

    painter.save()
    painter.scale(size, size)
    paint_veil(painter, scaled(sheet), scaled(picture), text, colors)
    painter.restore()


def paint_message(painter: QPainter, window: QRectF, text: str, colors: PaintBox) -> None:
    """A sentence in the middle of an empty canvas."""
    painter.setFont(font(14, "medium"))
    painter.setPen(colors.color("text.secondary"))
    painter.drawText(window, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, text)
