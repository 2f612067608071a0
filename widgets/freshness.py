"""How fresh the picture is: four bars and seconds, and the clock that the frame loop itself paints."""

from __future__ import annotations

from datetime import tzinfo

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from contracts.number_text import age
from resources.words import language, t
from widgets import marks, style
from widgets.clock_text import clock, day, local, offset


def bars(age_s: float, heartbeat_s: float) -> int:
    """4 up to one heartbeat, 3 up to 1.5, 2 up to 3, 1 older."""
    return 4 if age_s <= heartbeat_s else 3 if age_s <= 1.5 * heartbeat_s else 2 if age_s <= 3 * heartbeat_s else 1


class Freshness(QWidget):
    """Age of the newest event of the slowest source against its heartbeat."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedWidth(138)
        self._age_s, self._heartbeat_s, self._alive = float("inf"), 1.0, False

    def show_age(self, age_s: float, heartbeat_s: float, *, alive: bool) -> None:
        """Show the newest event's age in seconds."""
        self._age_s, self._heartbeat_s, self._alive = age_s, heartbeat_s, alive
        self.setAccessibleName(f"{t('freshness.title')}: {age(age_s, language())}")
        self.setToolTip(t("freshness.tip"))
        self.update()

    def show_frozen(self) -> None:
        """Strike the bars until the next `show_age`: the screen is not refreshed, so its age is not known."""
        self._age_s, self._alive = float("inf"), False
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        middle = self.height() / 2
        count = bars(self._age_s, self._heartbeat_s)
        marks.paint_freshness(painter, QRectF(4, middle - 9, 24, 18), count, dead=not self._alive)
        painter.setFont(style.font("caption"))
        painter.setPen(style.color("text.tertiary"))
        painter.drawText(QPointF(36, middle - 4), t("freshness.title"))
        painter.setFont(style.font("body", "semibold"))
        painter.setPen(style.color("text.primary"))
        text = age(self._age_s, language())
        painter.drawText(QPointF(36, middle + 12), text)
        used = QFontMetricsF(style.font("body", "semibold")).horizontalAdvance(text)
        painter.setFont(style.font("caption"))
        painter.setPen(style.color("text.tertiary"))
        painter.drawText(QPointF(40 + used, middle + 12), t("freshness.of", age=age(self._heartbeat_s, language())))


class Clock(QWidget):
    """The plant's wall clock. It moves only when a refresh paints it, so a frozen screen shows a stopped clock."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedWidth(212)
        self._now_us = 0
        self._zone: tzinfo | None = None

    def show_time(self, now_us: int, zone: tzinfo) -> None:
        """Called once a refresh."""
        second = now_us // 1_000_000
        if second != self._now_us // 1_000_000 or zone is not self._zone:
            self._now_us, self._zone = now_us, zone
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._zone is None:
            return
        painter = QPainter(self)
        middle = self.height() / 2
        font = style.font("clock", "semibold")
        painter.setFont(font)
        painter.setPen(style.color("text.primary"))
        text = clock(self._now_us, self._zone)
        painter.drawText(QPointF(0, middle + QFontMetricsF(font).capHeight() / 2), text)
        x = QFontMetricsF(font).horizontalAdvance(text) + 12
        painter.setFont(style.font("caption"))
        painter.setPen(style.color("text.tertiary"))
        zone_name = local(self._now_us, self._zone).tzname() or ""
        painter.drawText(QPointF(x, middle - 4), f"{day(self._now_us, self._zone)} · {zone_name}")
        painter.drawText(QPointF(x, middle + 11), f"{offset(self._now_us, self._zone)} · {t('clock.source')}")
