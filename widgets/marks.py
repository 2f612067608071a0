"""Marks painted alike everywhere: alarm badges, freshness bars, a value with its unit, hatch and arrows."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QFontMetricsF, QPainter, QPen, QPolygonF

from widgets import style

THIN_SPACE = "\N{THIN SPACE}"


def badge_polygon(priority: int, center: QPointF, half: float) -> QPolygonF:
    """The shape that says the priority without colour: square, triangle up, triangle down, diamond."""
    x, y = center.x(), center.y()
    corners: tuple[tuple[float, float], ...]
    if priority == 1:
        corners = ((-0.86, -0.86), (0.86, -0.86), (0.86, 0.86), (-0.86, 0.86))
    elif priority == 2:
        corners = ((0.0, -1.05), (1.15, 0.9), (-1.15, 0.9))
    elif priority == 3:
        corners = ((-1.15, -0.9), (1.15, -0.9), (0.0, 1.05))
    else:
        corners = ((0.0, -1.12), (1.12, 0.0), (0.0, 1.12), (-1.12, 0.0))
    return QPolygonF([QPointF(x + half * a, y + half * b) for a, b in corners])


def paint_badge(painter: QPainter, center: QPointF, priority: int, state: str, half: float = 6.0) -> None:
    """An alarm badge: ringed until acknowledged, then solid; hollow when returned; grey `A` on the shelf."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    hue, shelved = style.color(f"alarm.p{priority}"), state == "shelved"
    light = style.current().name == "light"
    shape = badge_polygon(priority, center, half)
    outline = style.color("alarm.badgeInk") if light and priority in (2, 3) else hue
    if shelved:
        painter.setPen(QPen(style.color("text.tertiary"), 1.2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
    elif state == "returned":
        painter.setPen(QPen(style.color("alarm.p3Outline") if priority == 3 else hue, 1.6))
        painter.setBrush(Qt.BrushStyle.NoBrush)
    else:
        if state == "unacknowledged":
            painter.setPen(QPen(hue, 1.3))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPolygon(badge_polygon(priority, center, half + 3.2))
        painter.setPen(QPen(outline, 1.0))
        painter.setBrush(hue)
    painter.drawPolygon(shape)
    ink = f"alarm.p{priority}Text" if state in ("unacknowledged", "acknowledged") else "text.primary"
    painter.setPen(style.color("text.tertiary" if shelved else ink))
    painter.setFont(style.font(max(8, round(half * 1.5)), "bold"))
    lift = {2: 0.22, 3: -0.22}.get(priority, 0.0) * half
    box = QRectF(center.x() - half, center.y() - half + lift, 2 * half, 2 * half)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, "A" if shelved else str(priority))
    painter.restore()


def paint_freshness(painter: QPainter, rect: QRectF, bars: int, *, dead: bool) -> None:
    """Four rising bars, `bars` of them lit; struck through when the source is dead."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    width = rect.width() / 5.6
    for i in range(4):
        height = rect.height() * (i + 1) / 4
        bar = QRectF(rect.left() + i * 1.5 * width, rect.bottom() - height, width, height)
        painter.fillRect(bar, style.color("text.secondary" if i < bars and not dead else "line.hair"))
    if dead:
        painter.setPen(QPen(style.color("text.primary"), 1.8))
        painter.drawLine(rect.topLeft(), rect.bottomRight())
    painter.restore()


def paint_value(
    painter: QPainter,
    rect: QRectF,
    value: str,
    unit: str,
    *,
    px: int = 13,
    weight: style.Weight = "semibold",
    token: str = "value.live",  # noqa: S107 - a colour token, not a secret
    right: bool = True,
) -> float:
    """A number and its smaller grey unit on one base line, at the rectangle's right (or left); the width used."""
    number_font = style.font(px, weight)
    unit_font = style.font(max(11, px - 4 if px < 30 else px - 18))
    number_metrics, unit_metrics = QFontMetricsF(number_font), QFontMetricsF(unit_font)
    number_width = number_metrics.horizontalAdvance(value)
    gap = 3.0 if px < 30 else 6.0
    unit_width = unit_metrics.horizontalAdvance(unit) + gap if unit else 0.0
    x = rect.right() - number_width - unit_width if right else rect.left()
    baseline = rect.center().y() + (number_metrics.capHeight() / 2)
    painter.setFont(number_font)
    painter.setPen(style.color(token))
    painter.drawText(QPointF(x, baseline), value)
    if unit:
        painter.setFont(unit_font)
        painter.setPen(style.color("text.tertiary"))
        painter.drawText(QPointF(x + number_width + gap, baseline), unit)
    return number_width + unit_width


def hatch(token: str = "line.strong") -> QBrush:  # noqa: S107
    """The diagonal hatch of what is bad or missing."""
    return QBrush(style.color(token), Qt.BrushStyle.BDiagPattern)
