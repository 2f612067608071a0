"""The live trend: the recent past of up to eight signals, with a legend that is a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtCore import Signal as QtSignal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from contracts.number_text import UNKNOWN
from contracts.signal_list import Signal
from data.reading import NEVER_SEEN
from resources.words import t
from widgets import style
from widgets.buttons import IconButton, chip
from widgets.pen_list import paint_pen
from widgets.plant_now import PlantNow
from widgets.quality_words import value_token
from widgets.signal_words import shown, value_text
from widgets.time_plot import TimePlot

MOST_PENS: Final = 8
_NO_LIMIT_PX: Final = 16_777_215
"""Qt's own QWIDGETSIZE_MAX."""
SPANS_MIN: Final = (2, 10, 60)


class Legend(QWidget):
    """Pen, tag and name, value at the cursor and now, unit."""

    removed = QtSignal(str)
    hovered = QtSignal(object)
    ROW_PX, LEAST_ROW_PX = 36, 20

    def __init__(self) -> None:
        super().__init__()
        self.setFixedWidth(352)
        self.setMouseTracking(True)
        self._rows: list[tuple[Signal, str, str, str]] = []

    def show_rows(self, rows: list[tuple[Signal, str, str, str]]) -> None:
        """Signal, value at the cursor, value now, ink of the latter."""
        self._rows = rows
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(352, 24 + self.ROW_PX * len(self._rows))

    @property
    def _row_px(self) -> float:
        """Lower rows without names where the dock is low."""
        return max(self.LEAST_ROW_PX, min(self.ROW_PX, (self.height() - 24) / max(1, len(self._rows))))

    def _at(self, y: float) -> str | None:
        place = int((y - 24) // self._row_px)
        return self._rows[place][0].kks if 0 <= place < len(self._rows) else None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.hovered.emit(self._at(event.position().y()))

    def leaveEvent(self, _event: QEvent) -> None:
        self.hovered.emit(None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        kks = self._at(event.position().y())
        if kks is not None and event.button() is Qt.MouseButton.MiddleButton:
            self.removed.emit(kks)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(style.font("caption"))
        painter.setPen(style.color("text.tertiary"))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(40, 0, 100, 24), Qt.AlignmentFlag.AlignVCenter, t("trend.signal"))
        painter.drawText(QRectF(176, 0, 66, 24), right, t("trend.cursor"))
        painter.drawText(QRectF(246, 0, 66, 24), right, t("trend.now"))
        row_px = self._row_px
        for place, (signal, at_cursor, at_now, token) in enumerate(self._rows):
            top = 24 + place * row_px
            paint_pen(painter, place, 8, 32, top + 12)
            painter.setFont(style.font("body", "semibold", condensed=True))
            painter.setPen(style.color("text.primary"))
            painter.drawText(QRectF(40, top + 2, 150, 18), Qt.AlignmentFlag.AlignVCenter, shown(signal.kks))
            painter.setFont(style.font("caption"))
            painter.setPen(style.color("text.tertiary"))
            if row_px == self.ROW_PX:
                name = painter.fontMetrics().elidedText(signal.description, Qt.TextElideMode.ElideRight, 150)
                painter.drawText(QRectF(40, top + 17, 160, 16), Qt.AlignmentFlag.AlignVCenter, name)
            painter.drawText(QRectF(316, top + 2, 40, 18), Qt.AlignmentFlag.AlignVCenter, signal.unit)
            painter.setFont(style.font("body", "semibold"))
            painter.setPen(style.color("hand.accent"))
            painter.drawText(QRectF(186, top + 2, 56, 18), right, at_cursor)
            painter.setPen(style.color(token))
            painter.drawText(QRectF(246, top + 2, 66, 18), right, at_now)
            painter.setPen(style.color("line.hair"))
            painter.drawLine(QPointF(8, top + row_px - 1), QPointF(self.width() - 10, top + row_px - 1))


class Trend(QWidget):
    """The bottom dock."""

    closed = QtSignal()
    history_requested = QtSignal(object)
    fold_requested = QtSignal()

    LEAST_PX: Final = 150

    def __init__(self, now: PlantNow, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "dock-bottom")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setMinimumHeight(self.LEAST_PX)
        self._now = now
        self._signals: list[Signal] = []
        self._span_min = SPANS_MIN[1]
        self._cursor_us: int | None = None
        self._following = True
        title, self._detail = QLabel(t("trend.title")), QLabel()
        title.setProperty("look", "strong")
        self._detail.setProperty("look", "label")
        head = QHBoxLayout()
        head.setSpacing(6)
        head.addWidget(title)
        head.addSpacing(6)
        head.addWidget(self._detail)
        head.addStretch(1)
        group = QButtonGroup(self)
        self._only_open: list[QWidget] = []
        for minutes in SPANS_MIN:
            button = chip(t("trend.minutes", n=minutes) if minutes < 60 else "1 h")
            button.setChecked(minutes == self._span_min)
            button.clicked.connect(lambda _=False, minutes=minutes: self._follow(minutes))
            group.addButton(button)
            head.addWidget(button)
            self._only_open.append(button)
        history = IconButton("history", t("trend.to_history"))
        history.clicked.connect(lambda: self.history_requested.emit([s.kks for s in self._signals]))
        close = IconButton("x", t("action.close"))
        close.clicked.connect(self.closed)
        self._fold = IconButton("chevron-down", t("trend.fold"))
        self._fold.clicked.connect(self.fold_requested)
        head.addWidget(history)
        head.addWidget(self._fold)
        head.addWidget(close)
        self._plot = TimePlot(now.plant.timezone)
        self._plot.span_changed.connect(self._person_moved)
        self._plot.cursor_moved.connect(self._cursor)
        self._legend = Legend()
        self._legend.removed.connect(self.remove)
        self._legend.hovered.connect(self._plot.dim_others)
        body = QHBoxLayout()
        body.addWidget(self._plot, 1)
        body.addWidget(self._legend)
        self._only_open += [self._plot, self._legend]
        self._head = head
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 6, 10, 4)
        column.setSpacing(2)
        column.addLayout(head)
        column.addLayout(body, 1)

    @property
    def is_folded(self) -> bool:
        """Whether only its head is seen."""
        return self.maximumHeight() < self.LEAST_PX

    def fold(self, *, folded: bool) -> None:
        """Only the head, so that the drawing has the room; or all of it again."""
        for widget in self._only_open:
            widget.setVisible(not folded)
        head = self._head.sizeHint().height() + 10
        self.setMinimumHeight(head if folded else self.LEAST_PX)
        self.setMaximumHeight(head if folded else _NO_LIMIT_PX)
        self._fold.show_icon("chevron-up" if folded else "chevron-down", t("trend.open" if folded else "trend.fold"))

    @property
    def tags(self) -> list[str]:
        """What is drawn."""
        return [signal.kks for signal in self._signals]

    def show_signals(self, now: PlantNow, signals: Sequence[Signal]) -> None:
        """Draw these signals instead."""
        self._now = now
        self._signals = [signal for signal in signals if signal.kind == "analog"][:MOST_PENS]
        self._rebuild()

    def add(self, signal: Signal) -> None:
        """One pen more; the oldest goes when there are eight."""
        if signal.kks not in self.tags and signal.kind == "analog":
            self._signals = [*self._signals, signal][-MOST_PENS:]
            self._rebuild()

    def remove(self, kks: str) -> None:
        """One pen less."""
        self._signals = [signal for signal in self._signals if signal.kks != kks]
        self._rebuild()

    def restyle(self) -> None:
        """Take the theme's colours."""
        self._plot.restyle()
        self._legend.update()

    def _rebuild(self) -> None:
        newest = max((self._now.readings.get(kks, NEVER_SEEN).time_us for kks in self.tags), default=0)
        self._plot.set_signals(self._signals, newest)
        self._say()

    def _say(self) -> None:
        self._detail.setText(t("trend.detail", pens=len(self._signals), minutes=self._span_min))

    def _follow(self, minutes: int) -> None:
        self._span_min, self._following = minutes, True
        self._say()

    def _person_moved(self, _from_us: int, _to_us: int) -> None:
        self._following = False

    def _cursor(self, at_us: int | None) -> None:
        self._cursor_us = at_us
        self._show_legend()

    def refresh(self, now_us: int) -> None:
        """Draw the recent past up to now."""
        if not self.isVisible() or self.is_folded:
            return
        if self._following:
            self._plot.follow(now_us, self._span_us(now_us))
        else:
            self._plot.set_now(now_us)
        for signal in self._signals:
            self._plot.show_samples(signal.kks, *self._now.recent(signal.kks))
        self._plot.flush()
        self._show_legend()

    def _span_us(self, now_us: int) -> int:
        """The span chosen, shorter while there is less past than that."""
        firsts = [int(times[0]) for times, _, _ in (self._now.recent(kks) for kks in self.tags) if times.size]
        known = now_us - min(firsts, default=now_us)
        return min(self._span_min, max(SPANS_MIN[0], 1 + known // 60_000_000)) * 60_000_000

    def _show_legend(self) -> None:
        at = {} if self._cursor_us is None else self._plot.values_at(self._cursor_us)
        rows = []
        for signal in self._signals:
            reading = self._now.readings.get(signal.kks, NEVER_SEEN)
            there = at.get(signal.kks)
            cursor = UNKNOWN if there is None else value_text(signal, there)
            rows.append((signal, cursor, value_text(signal, reading.value), value_token(reading.quality)))
        self._legend.show_rows(rows)
