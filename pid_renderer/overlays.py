"""What lies over the drawing: selection brackets, the hover card, the minimap."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPixmap, QPolygonF

from pid_renderer.drawing import Box
from pid_renderer.marks import paint_icon
from pid_renderer.paint_box import PaintBox, font, metrics, text_width
from resources.theme import tokens

_MARGIN: Final = 12.0


def bracket_rect(symbol: QRectF) -> QRectF:
    """Where the brackets round a symbol's pixel box stand."""
    off = 6.0
    return symbol.adjusted(-off, -off, off, off)


def paint_brackets(painter: QPainter, symbol: QRectF, colors: PaintBox) -> None:
    """Four blue corners, off the symbol, so every other mark stays."""
    box = bracket_rect(symbol)
    arm = max(7.0, min(18.0, 0.2 * min(box.width(), box.height())))
    painter.setPen(colors.pen("hand.focus", float(tokens()["stroke"]["selection"])))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for x, sx in ((box.left(), 1.0), (box.right(), -1.0)):
        for y, sy in ((box.top(), 1.0), (box.bottom(), -1.0)):
            painter.drawPolyline(QPolygonF([QPointF(x + sx * arm, y), QPointF(x, y), QPointF(x, y + sy * arm)]))


def minimap_rect(width: float, height: float) -> QRectF:
    """Place of the minimap in a window."""
    wide, high = tokens()["size"]["minimap"]
    return QRectF(width - wide - _MARGIN, height - high - _MARGIN, wide, high)


def sheet_in_minimap(frame: QRectF, width_mm: float, height_mm: float) -> tuple[float, QPointF]:
    """Scale and origin of the sheet inside the minimap."""
    scale = min((frame.width() - 8) / max(width_mm, 1e-6), (frame.height() - 8) / max(height_mm, 1e-6))
    return scale, QPointF(frame.center().x() - width_mm * scale / 2, frame.center().y() - height_mm * scale / 2)


def paint_minimap(
    painter: QPainter, frame: QRectF, picture: QPixmap, sheet: tuple[float, QPointF], shown: Box,
    alarms: Sequence[tuple[Box, int]], colors: PaintBox,
) -> None:  # fmt: skip
    """The whole sheet small, what is shown as a blue frame, alarms where they are."""
    scale, origin = sheet
    painter.setPen(colors.pen("line.strong", 1.0))
    painter.setBrush(colors.brush("bg.surface"))
    painter.drawRect(frame)
    painter.drawPixmap(frame.topLeft() + QPointF(4, 4), picture)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for box, priority in alarms:
        painter.setPen(colors.pen(f"alarm.p{priority}", 2.0))
        painter.drawRect(
            QRectF(origin.x() + box.left * scale, origin.y() + box.top * scale, box.width * scale, box.height * scale)
        )
    painter.setPen(colors.pen("hand.accent", 1.5))
    view = QRectF(
        origin.x() + shown.left * scale, origin.y() + shown.top * scale, shown.width * scale, shown.height * scale
    )
    painter.drawRect(view.intersected(frame.adjusted(1, 1, -1, -1)))


def hover_rect(lines: Sequence[str], cursor: QPointF, window: QRectF) -> QRectF:
    """Where a card of some lines stands: beside the cursor, inside the window."""
    wide = 24.0 + max(text_width(line, 13, "semibold") for line in lines)
    high = 14.0 + 18.0 * len(lines)
    x = cursor.x() + 16 if cursor.x() + 16 + wide < window.right() else cursor.x() - 12 - wide
    y = cursor.y() + 18 if cursor.y() + 18 + high < window.bottom() else cursor.y() - 10 - high
    return QRectF(max(x, window.left() + 2), max(y, window.top() + 2), wide, high)


def paint_hover(painter: QPainter, frame: QRectF, lines: Sequence[str], colors: PaintBox) -> None:
    """The card: tag first, then what it is, value, quality and age."""
    painter.setPen(colors.pen("line.strong", 1.0))
    painter.setBrush(colors.brush("bg.raised"))
    radius = float(tokens()["space"]["radius"]["card"])
    painter.drawRoundedRect(frame, radius, radius)
    for row, line in enumerate(lines):
        first, value = row == 0, row >= 2
        painter.setFont(font(13, "semibold" if first else "medium" if value else "regular", first))
        painter.setPen(colors.color("text.primary" if first else "value.live" if value else "text.secondary"))
        base = frame.top() + 7 + 18 * row + 9 + metrics(13).capHeight() / 2
        painter.drawText(QPointF(frame.left() + 12, base), line)


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


def paint_message(painter: QPainter, window: QRectF, text: str, colors: PaintBox) -> None:
    """A sentence in the middle of an empty canvas."""
    painter.setFont(font(14, "medium"))
    painter.setPen(colors.color("text.secondary"))
    painter.drawText(window, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, text)
