"""What matters most now: counts by priority, then the first alarms with what they are, fewer in a low window."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtCore import Signal as QtSignal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from analysis.alarms import Alarm, counts
from contracts.number_text import number
from contracts.signal_list import Signal
from data.reading import Reading
from resources.words import language, t
from widgets import marks, style
from widgets.clock_text import clock
from widgets.plant_now import PlantNow
from widgets.quality_words import value_token
from widgets.signal_words import shown, value_text


class StripRow(NamedTuple):
    """One alarm with what its row shows."""

    alarm: Alarm
    signal: Signal
    reading: Reading
    now: PlantNow


class AlarmStrip(QWidget):
    """The strip that every page keeps: it can be clicked, never closed."""

    chosen = QtSignal(str)
    acknowledge_requested = QtSignal(str, str)
    opened = QtSignal(bool)
    """Whether a person wants all rows in a low window."""

    ROW_PX = 24
    MOST_ROWS = 3
    COUNTS_PX = 258

    def __init__(self, parent: QWidget | None = None, *, open_when_low: bool = False) -> None:
        super().__init__(parent)
        self._is_low, self._open_when_low = False, open_when_low
        self._rows: tuple[StripRow, ...] = ()
        self._counts = (0, 0, 0, 0)
        self._unacknowledged = self._shelved = 0
        self._lit = True
        self.set_low(low=False)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        self.setAccessibleName(t("alarm.strip"))

    def set_low(self, *, low: bool) -> None:
        """In a low window one row leaves the drawing the room of two; a click on the counts opens them all."""
        self._is_low = low
        self._shown_rows = 1 if low and not self._open_when_low else self.MOST_ROWS
        self.setFixedHeight(self._shown_rows * self.ROW_PX + 1)
        self.update()

    @property
    def rows_shown(self) -> int:
        """How many alarms have a row."""
        return self._shown_rows

    def show_alarms(self, rows: Sequence[StripRow], *, lit: bool) -> None:
        """Show standing alarms, already in order; `lit` is the phase of the one common blink."""
        kept = tuple(rows)
        alarms = [row.alarm for row in kept]
        self._rows, self._counts, self._lit = kept, counts(alarms), lit
        self._unacknowledged = sum(alarm.state in ("unacknowledged", "returned") for alarm in alarms)
        self._shelved = sum(alarm.state == "shelved" for alarm in alarms)
        summary = t("alarm.summary", unacknowledged=self._unacknowledged, shelved=self._shelved)
        self.setToolTip(summary if self._is_low else "")
        self.setAccessibleDescription(
            ", ".join(f"{row.signal.description} {row.alarm.limit}" for row in kept[: self._shown_rows])
        )
        self.update()

    @property
    def first(self) -> Alarm | None:
        """The alarm that F9 acknowledges."""
        return next(
            (r.alarm for r in self._rows[: self._shown_rows] if r.alarm.state in ("unacknowledged", "returned")), None
        )

    @property
    def visible_alarms(self) -> list[Alarm]:
        """Those that have a row."""
        return [row.alarm for row in self._rows[: self._shown_rows]]

    def sizeHint(self) -> QSize:
        return QSize(800, self._shown_rows * self.ROW_PX + 1)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        if event.position().x() < self.COUNTS_PX:
            if self._is_low:
                self._open_when_low = not self._open_when_low
                self.set_low(low=True)
                self.opened.emit(self._open_when_low)
            return
        number_of_row = int((event.position().y() - 1) // self.ROW_PX)
        if 0 <= number_of_row < min(self._shown_rows, len(self._rows)):
            row = self._rows[number_of_row]
            if event.position().x() > self.width() - 150 and row.alarm.state in ("unacknowledged", "returned"):
                self.acknowledge_requested.emit(row.alarm.kks, row.alarm.limit)
            else:
                self.chosen.emit(row.alarm.kks)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), style.color("bg.surface"))
        painter.setPen(style.color("line.strong"))
        painter.drawLine(QPointF(0, 0.5), QPointF(self.width(), 0.5))
        self._paint_counts(painter)
        if not self._rows:
            painter.setFont(style.font("label"))
            painter.setPen(style.color("text.secondary"))
            box = QRectF(self.COUNTS_PX + 20, 1, 600, self.ROW_PX)
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, t("alarm.none"))
        for place, row in enumerate(self._rows[: self._shown_rows]):
            self._paint_row(painter, row, QRectF(self.COUNTS_PX, 1 + place * self.ROW_PX, self.width(), self.ROW_PX))
        painter.setPen(style.color("line.hair"))
        painter.drawLine(QPointF(self.COUNTS_PX + 0.5, 1), QPointF(self.COUNTS_PX + 0.5, self.height()))

    def _paint_counts(self, painter: QPainter) -> None:
        slim = self._shown_rows == 1
        middle, step = (13.0, 50.0) if slim else (25.0, 57.0)
        for i, count in enumerate(self._counts):
            center = QPointF((22 if slim else 26) + i * step, middle)
            state, half = "acknowledged" if count else "shelved", 7 if slim else 8
            if count:
                marks.paint_badge(painter, center, i + 1, state, half)
            else:
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                painter.setPen(QPen(style.color("line.strong"), 1.2))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawPolygon(marks.badge_polygon(i + 1, center, half))
            painter.setFont(style.font("strong", "semibold"))
            painter.setPen(style.color("text.primary" if count else "text.tertiary"))
            painter.drawText(QPointF(center.x() + 15, middle + 5), str(count))
        if self._is_low:
            icon = style.icon("chevron-up" if slim else "chevron-down", "text.secondary", size=16)
            icon.paint(painter, QRect(self.COUNTS_PX - 26, round(middle) - 8, 16, 16))
        if not slim:
            painter.setFont(style.font("caption"))
            painter.setPen(style.color("text.secondary"))
            text = t("alarm.summary", unacknowledged=self._unacknowledged, shelved=self._shelved)
            painter.drawText(QPointF(16, 58), text)

    def _paint_row(self, painter: QPainter, row: StripRow, box: QRectF) -> None:
        alarm, signal = row.alarm, row.signal
        waiting = alarm.state in ("unacknowledged", "returned")
        if alarm.state == "unacknowledged" and self._lit:
            painter.fillRect(box, style.color(f"alarm.p{alarm.priority}Soft"))
        left, middle = box.left(), box.center().y()
        state = alarm.state if alarm.state != "unacknowledged" or self._lit else "acknowledged"
        marks.paint_badge(painter, QPointF(left + 21, middle), alarm.priority, state, 6)
        wide = self.width() > 1500
        columns = (left + 42, left + 112, left + (246 if wide else 226))
        tail = self.width() - 16.0
        value_right = left + (self.width() - left) * (0.49 if wide else 0.56)

        def text(
            x: float, right: float, words: str, token: str, weight: style.Weight = "regular", *, flush: bool = False
        ) -> None:
            painter.setFont(style.font("label", weight))
            painter.setPen(style.color(token))
            area = QRectF(x, box.top(), right - x, box.height())
            cut = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, int(area.width()))
            side = Qt.AlignmentFlag.AlignRight if flush else Qt.AlignmentFlag.AlignLeft
            painter.drawText(area, side | Qt.AlignmentFlag.AlignVCenter, cut)

        zone = row.now.plant.timezone
        text(columns[0], columns[1], clock(alarm.since_us, zone), "text.secondary")
        text(columns[1], columns[2], shown(signal.kks).rsplit(" ", 1)[0], "text.primary", "semibold")
        name = f"{t(f'limit.{alarm.limit}')} · {signal.description}"
        text(columns[2], value_right - 110, name, "text.primary", "semibold" if waiting else "regular")
        unit = signal.unit if signal.kind == "analog" else ""
        marks.paint_value(
            painter,
            QRectF(value_right - 120, box.top(), 120, box.height()),
            value_text(signal, row.reading.value),
            unit,
            px=12,
            token=value_token(row.reading.quality),
        )
        text(value_right + 24, value_right + 270, self._against(row), "text.secondary")
        if wide:
            text(value_right + 280, tail - 160, signal.extra.get("action", ""), "text.secondary")
        if waiting:
            key = "alarm.acknowledge_key" if alarm is self.first else "alarm.acknowledge"
            text(tail - 150, tail, t(key), "hand.accent", "semibold", flush=True)
        else:
            text(tail - 150, tail, t(f"alarm.state.{alarm.state}"), "text.secondary", flush=True)

    @staticmethod
    def _against(row: StripRow) -> str:
        alarm, signal, value = row.alarm, row.signal, row.reading.value
        if alarm.limit == "FAULT":
            return ""
        text = f"{alarm.limit} {number(alarm.limit_value, signal.decimals, language())}"
        if value is not None and alarm.present:
            over = value - alarm.limit_value
            text += f" · {'+' if over > 0 else ''}{number(over, signal.decimals, language())} {signal.unit}"
        if not alarm.present and alarm.returned_us:
            text += f" · {t('alarm.returned_at', time=clock(alarm.returned_us, row.now.plant.timezone))}"
        return text
