"""Small marks: alarm badges, quality icons, the triangle that says more or less. Badges are kept as pixmaps."""

from __future__ import annotations

import math
from functools import lru_cache
from importlib import resources
from typing import Final

from PySide6.QtCore import QByteArray, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPixmap, QPolygonF

from data.reading import AlarmMark
from pid_renderer.paint_box import PaintBox, font, metrics, text_width
from resources.theme import ThemeName, tokens
from resources.theme import theme as theme_of

_LETTERS: Final = {"shelved": "A", "suppressed": "D", "out of service": "S"}


def badge_outline(priority: int, half: float) -> QPainterPath:
    """The shape of a priority round the origin: square, triangle up, triangle down, diamond."""
    path = QPainterPath()
    kind = tokens()["alarmShape"].get(f"p{priority}", "diamond")
    if kind == "square":
        path.addRect(QRectF(-half * 0.9, -half * 0.9, half * 1.8, half * 1.8))
        return path
    corners = {
        "triangle-up": [(0, -1.15), (1.15, 0.9), (-1.15, 0.9)],
        "triangle-down": [(-1.15, -0.9), (1.15, -0.9), (0, 1.15)],
        "diamond": [(0, -1.15), (1.15, 0), (0, 1.15), (-1.15, 0)],
    }[kind]
    path.addPolygon(QPolygonF([QPointF(x * half, y * half) for x, y in corners]))
    path.closeSubpath()
    return path


@lru_cache(maxsize=256)
def _badge(theme: ThemeName, priority: int, state: str, ring: bool, half: float, ratio: float) -> QPixmap:
    colors = PaintBox(theme_of(theme))
    size = math.ceil(half * 2 * 2.1) + 2
    pixmap = QPixmap(round(size * ratio), round(size * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(size / 2, size / 2)
    alarm = f"alarm.p{priority}"
    own = state in ("unacknowledged", "acknowledged")
    letter = _LETTERS.get(state, str(priority))
    if ring:
        painter.setPen(QPen(colors.color(alarm), 2.0))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(badge_outline(priority, half * 1.62))
    edge = colors.color(alarm)
    if colors.theme.name == "light" and priority in (2, 3):
        edge = colors.color("alarm.badgeInk") if own else colors.color("alarm.p3Outline" if priority == 3 else alarm)
    if own:
        fill, ink = colors.color(alarm), colors.color(f"{alarm}Text")
    elif state == "returned":
        fill, ink = colors.color("bg.surface"), colors.color("text.primary")
    else:
        fill, ink, edge = colors.color("bg.surface"), colors.color("text.tertiary"), colors.color("line.strong")
    painter.setPen(QPen(edge, 1.0 if own else 1.6))
    painter.setBrush(fill)
    painter.drawPath(badge_outline(priority, half))
    px = max(8, round(half * 1.3))
    painter.setFont(font(px, "bold"))
    painter.setPen(ink)
    drop = {"triangle-up": 0.28, "triangle-down": -0.2}.get(tokens()["alarmShape"].get(f"p{priority}", ""), 0.0)
    y = metrics(px, "bold").capHeight() / 2 + drop * half
    painter.drawText(QPointF(-text_width(letter, px, "bold") / 2, y), letter)
    painter.end()
    return pixmap


def paint_badge(
    painter: QPainter, x: float, y: float, mark: AlarmMark, colors: PaintBox, *, half: float, lit: bool
) -> None:
    """A badge centred at window pixel (x, y). `lit` = the blink is in its bright part."""
    ring = mark.state == "unacknowledged" and lit
    ratio = painter.device().devicePixelRatioF()
    pixmap = _badge(colors.theme.name, mark.priority, mark.state, ring, round(half, 1), ratio)
    size = pixmap.width() / ratio
    painter.drawPixmap(QPointF(x - size / 2, y - size / 2), pixmap)


@lru_cache(maxsize=64)
def icon(name: str, ink: str, px: int, ratio: float) -> QPixmap:
    """An icon of the set in one colour, `px` high; empty where the file is missing."""
    text = (resources.files("resources") / "icons" / f"{name}.svg").read_text(encoding="utf-8")
    device = round(px * ratio)
    text = text.replace("currentColor", ink).replace('width="24"', f'width="{device}"', 1)
    text = text.replace('height="24"', f'height="{device}"', 1)
    pixmap = QPixmap()
    pixmap.loadFromData(QByteArray(text.encode()), "SVG")
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


def paint_icon(painter: QPainter, x: float, y: float, name: str, color: QColor, px: int) -> None:
    """An icon centred at (x, y)."""
    painter.drawPixmap(
        QPointF(x - px / 2, y - px / 2), icon(name, color.name(), px, painter.device().devicePixelRatioF())
    )


def paint_cross(painter: QPainter, x: float, y: float, half: float, color: QColor, width: float = 2.0) -> None:
    """The × of what is bad."""
    painter.setPen(QPen(color, width))
    painter.drawLine(QPointF(x - half, y - half), QPointF(x + half, y + half))
    painter.drawLine(QPointF(x - half, y + half), QPointF(x + half, y - half))


def paint_trend_arrow(painter: QPainter, x: float, y: float, half: float, color: QColor, *, up: bool) -> None:
    """▲ or ▼: the fonts have neither."""
    s = -1.0 if up else 1.0
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    painter.drawPolygon(
        QPolygonF([QPointF(x, y + s * half), QPointF(x + half, y - s * half), QPointF(x - half, y - s * half)])
    )


@lru_cache(maxsize=512)
def _word(text: str, px: int, ink: str, ratio: float) -> tuple[QPixmap, float]:
    rule = metrics(px)
    width, height = math.ceil(rule.horizontalAdvance(text)) + 2, math.ceil(rule.height()) + 2
    pixmap = QPixmap(round(width * ratio), round(height * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setFont(font(px))
    painter.setPen(QColor(ink))
    painter.drawText(QPointF(1.0, 1.0 + rule.ascent()), text)
    painter.end()
    return pixmap, 1.0 + rule.ascent()


def paint_word(painter: QPainter, x: float, base: float, text: str, px: int, color: QColor) -> None:
    """A short text that seldom changes, such as a unit, by a kept pixmap: a sixth of what writing it costs."""
    pixmap, rise = _word(text, px, color.name(), painter.device().devicePixelRatioF())
    painter.drawPixmap(QPointF(round(x) - 1.0, round(base - rise)), pixmap)
