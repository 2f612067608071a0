"""The faceplate's two small drawings: the range bar with its limits, and the sparkline of the recent past."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from contracts import quality
from contracts.number_text import number
from contracts.signal_list import Signal
from data.reading import Reading
from resources.words import language, t
from widgets import marks, style
from widgets.plant_now import Codes, Times, Values
from widgets.quality_words import value_token


class RangeBar(QWidget):
    """A vertical bar of a signal's range: value, limits labelled right, the design range as a bracket left."""

    _BAR_PX = 20
    _LEFT_PX = 44

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._signal: Signal | None = None
        self._reading: Reading | None = None
        self.setFixedWidth(144)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)

    def show_signal(self, signal: Signal | None, reading: Reading | None) -> None:
        """Show a signal's value between its limits; None empties the bar."""
        self._signal, self._reading = signal, reading
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(144, 220)

    def paintEvent(self, _event: QPaintEvent) -> None:
        signal, reading = self._signal, self._reading
        if signal is None or reading is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        bar = QRectF(self._LEFT_PX, 10, self._BAR_PX, self.height() - 20)

        def y(value: float) -> float:
            part = (value - signal.low) / (signal.high - signal.low)
            return bar.bottom() - bar.height() * min(1.0, max(0.0, part))

        painter.setPen(QPen(style.color("equip.line"), 1))
        painter.setBrush(style.color("equip.body"))
        painter.drawRect(bar)
        if reading.value is not None and not quality.is_bad(reading.quality):
            fill = QRectF(bar.left(), y(reading.value), bar.width(), bar.bottom() - y(reading.value))
            painter.fillRect(fill.adjusted(1, 0, 0, 0), style.color("equip.liquid"))
            painter.setPen(QPen(style.color("equip.liquidLine"), 2))
            painter.drawLine(fill.topLeft(), fill.topRight())
        elif quality.is_bad(reading.quality):
            painter.fillRect(bar, marks.hatch())
        self._paint_design(
            painter, signal, bar, y(signal.design_min or signal.low), y(signal.design_max or signal.high)
        )
        self._paint_limits(painter, signal, reading, bar, y)
        painter.setFont(style.font("caption"))
        painter.setPen(style.color("text.tertiary"))
        for value, top in ((signal.high, bar.top() - 8), (signal.low, bar.bottom() - 8)):
            box = QRectF(0, top, self._LEFT_PX - 12, 16)
            painter.drawText(
                box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, number(value, 0, language())
            )

    def _paint_design(self, painter: QPainter, signal: Signal, bar: QRectF, bottom: float, top: float) -> None:
        if signal.design_min is None and signal.design_max is None:
            return
        painter.fillRect(QRectF(bar.left() - 7, top, 3.5, bottom - top), style.color("design.mark"))

    def _paint_limits(self, painter: QPainter, signal: Signal, reading: Reading, bar: QRectF, y) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
        taken: list[float] = []
        # From outside inwards, so that labels pushed apart keep their order.
        limits = (("HH", signal.hh, 1), ("H", signal.h, 1), ("LL", signal.ll, -1), ("L", signal.l, -1))
        for name, value, inwards in limits:
            if value is None:
                continue
            at = y(value)
            label_y = at
            while any(abs(label_y - other) < 15 for other in taken):
                label_y += inwards
            taken.append(label_y)
            active = reading.alarm is not None and reading.alarm.limit == name
            hue = style.color(f"alarm.p{reading.alarm.priority}" if active and reading.alarm else "text.secondary")
            painter.setPen(QPen(hue, 2.4 if active else 1.2))
            painter.drawLine(QPointF(bar.left(), at), QPointF(bar.right(), at))
            painter.setPen(QPen(style.color("line.strong"), 1))
            painter.drawLine(QPointF(bar.right() + 2, at), QPointF(bar.right() + 16, label_y))
            painter.setFont(style.font("caption", "semibold" if active else "regular"))
            painter.setPen(style.color("text.primary" if active else "text.secondary"))
            text = f"{name} {number(value, min(signal.decimals, 2), language())}"
            painter.drawText(QPointF(bar.right() + 20, label_y + 4), text)
        if reading.value is not None:
            at = y(reading.value)
            pointer = QPolygonF(
                [QPointF(bar.right() + 2, at), QPointF(bar.right() + 11, at - 6), QPointF(bar.right() + 11, at + 6)]
            )
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(style.color(value_token(reading.quality)))
            painter.drawPolygon(pointer)


class Sparkline(QWidget):
    """A signal's recent past as one line; it breaks where the quality is bad."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: list[QPolygonF] = []
        self._limit: float | None = None
        self._caption = ""
        self.setFixedHeight(64)

    def show_past(
        self, times_us: Times, values: Values, codes: Codes, *, stepped: bool, limit: float | None, least: float = 0.0
    ) -> None:
        """Draw samples (oldest first); `limit` is a dashed line where it is in sight.

        The height stands for `least` (units) at the least, so that noise does not look like movement.
        """
        kept = min(times_us.size, 4 * max(1, self.width()))
        times_us, values, codes = times_us[-kept:], values[-kept:], codes[-kept:]
        finite = values == values
        self._lines, self._limit = [], None
        self._caption = ""
        if finite.sum() >= 2:
            low, high = float(values[finite].min()), float(values[finite].max())
            margin = max((high - low) * 0.15, (least - (high - low)) / 2, abs(high) * 1e-6, 1e-9)
            low, high = low - margin, high + margin
            first, span = float(times_us[0]), max(1.0, float(times_us[-1] - times_us[0]))
            width, height = self.width() - 2, self.height() - 22
            line = QPolygonF()
            for time, value, code, known in zip(times_us, values, codes, finite, strict=True):
                if not known or quality.is_bad(int(code)):
                    self._lines.append(line)
                    line = QPolygonF()
                    continue
                x = 1 + width * (float(time) - first) / span
                y = 20 + height * (high - float(value)) / (high - low)
                if stepped and line.size():
                    line.append(QPointF(x, line.last().y()))
                line.append(QPointF(x, y))
            self._lines.append(line)
            if limit is not None and low <= limit <= high:
                self._limit = 20 + height * (high - limit) / (high - low)
            minutes = max(1, round(span / 60e6))
            self._caption = t("faceplate.recent_one") if minutes == 1 else t("faceplate.recent", minutes=minutes)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(style.font("caption"))
        painter.setPen(style.color("text.tertiary"))
        painter.drawText(QPointF(0, 12), self._caption or t("faceplate.no_recent"))
        if self._limit is not None:
            painter.setPen(QPen(style.color("alarm.p2"), 1, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(0, self._limit), QPointF(self.width(), self._limit))
        painter.setPen(QPen(style.color("value.live"), 1.5))
        for line in self._lines:
            painter.drawPolyline(line)
        painter.setPen(QPen(style.color("line.hair"), 1))
        painter.drawLine(QPointF(0, self.height() - 0.5), QPointF(self.width(), self.height() - 0.5))
