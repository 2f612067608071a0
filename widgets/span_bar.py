"""Which span the historian shows: lengths up to the present, words, steps back and on, a calendar, what to compare."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, tzinfo
from typing import Final

from PySide6.QtCore import QDate, QPoint, Qt
from PySide6.QtCore import Signal as QtSignal
from PySide6.QtWidgets import (
    QApplication,
    QButtonGroup,
    QCalendarWidget,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from contracts.sample import now_us
from resources.words import t
from widgets.buttons import IconButton, chip
from widgets.span_words import HOUR_US, BadSpan, Span, parse_span, span_text

SPANS_H: Final = (1, 8, 24, 72, 720, 8760)
OFFSETS_D: Final = (1, 7, 28, 365)
"""Days before, to compare with."""
DAY_US: Final = 24 * HOUR_US
_COMPARE_PX, _NARROW_COMPARE_PX = 170, 124
_WORDS_PX, _NARROW_WORDS_PX = 292, 276


class SpanBar(QWidget):
    """A row of controls. It asks; who shows the span tells it back with `show_span`."""

    asked = QtSignal(object)
    """A `Span` to show."""
    stepped = QtSignal(int)
    """−1: the span before, 1: the span after."""
    back_asked = QtSignal()
    on_asked = QtSignal()
    compare_asked = QtSignal(object)
    """How many µs before the other period is; 0 for none."""
    refused = QtSignal(str)
    """What was typed says no span: a sentence."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._zone: tzinfo = UTC
        self._span_us = (0, 1)
        self._other_us = 0
        self._chips = QButtonGroup(self)
        self.words = QLineEdit()
        self.words.setAccessibleName(t("span.words"))
        self.words.setToolTip(t("span.words.tip"))
        self.words.setFixedWidth(_WORDS_PX)
        self.words.returnPressed.connect(self._typed)
        self._zone_name = QLabel()
        self._zone_name.setProperty("look", "caption")
        self.back = IconButton("arrow-back-up", t("span.back"))
        self.on = IconButton("arrow-forward-up", t("span.on"))
        before, after = IconButton("arrow-left", t("span.before")), IconButton("arrow-right", t("span.after"))
        self._calendar_button = IconButton("calendar", t("span.calendar"))
        self.compare = QComboBox()
        self.compare.setEditable(True)
        self.compare.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.compare.setAccessibleName(t("compare.with"))
        self.compare.setToolTip(t("compare.tip"))
        self.compare.setFixedWidth(_COMPARE_PX)
        self._fill_compare()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for hours in SPANS_H:
            button = chip(_length(hours))
            button.clicked.connect(lambda _=False, hours=hours: self._follow(hours))
            self._chips.addButton(button, hours)
            row.addWidget(button)
        for widget in (self.back, self.on, before, self.words, self._zone_name, after, self._calendar_button):
            row.addWidget(widget)
        row.addSpacing(4)
        row.addWidget(self.compare)
        self.back.clicked.connect(self.back_asked)
        self.on.clicked.connect(self.on_asked)
        before.clicked.connect(lambda: self.stepped.emit(-1))
        after.clicked.connect(lambda: self.stepped.emit(1))
        self._calendar_button.clicked.connect(self._show_calendar)
        self.compare.activated.connect(self._compare_chosen)

    # ---- what is shown

    def fold(self, *, narrow: bool) -> None:
        """Say less where there is no room: the plot names the zone too."""
        self._zone_name.setVisible(not narrow)
        self.words.setFixedWidth(_NARROW_WORDS_PX if narrow else _WORDS_PX)
        self.compare.setFixedWidth(_NARROW_COMPARE_PX if narrow else _COMPARE_PX)

    def use_zone(self, zone: tzinfo) -> None:
        """Whose calendar words mean."""
        self._zone = zone

    def show_span(self, from_us: int, to_us: int, follow_us: int = 0) -> None:
        """Say which span is shown; `follow_us`: it goes on with the present."""
        self._span_us = (from_us, to_us)
        if not self.words.hasFocus():
            self.words.setText(span_text(from_us, to_us, self._zone))
            self.words.setCursorPosition(0)
        self._zone_name.setText(datetime.fromtimestamp(to_us / 1e6, UTC).astimezone(self._zone).tzname() or "")
        self._chips.setExclusive(False)
        for button in self._chips.buttons():
            button.setChecked(self._chips.id(button) * HOUR_US == follow_us)
        self._chips.setExclusive(True)

    def show_history(self, *, back: bool, on: bool) -> None:
        """Whether there are spans to go back and on to."""
        self.back.setEnabled(back)
        self.on.setEnabled(on)

    def show_compared(self, offset_us: int) -> None:
        """Say which other period is shown."""
        self._other_us = offset_us
        place = self.compare.findData(offset_us)
        if place >= 0:
            self.compare.setCurrentIndex(place)
        else:
            self.compare.setEditText(t("compare.days", n=f"{offset_us / DAY_US:.4g}"))

    # ---- what a person does

    def _follow(self, hours: int) -> None:
        present = now_us()
        self.asked.emit(Span(present - hours * HOUR_US, present, follows=True))

    def _typed(self) -> None:
        try:
            span = parse_span(self.words.text(), now_us(), self._zone)
        except BadSpan as error:
            self.refused.emit(str(error))
            return
        self.words.clearFocus()
        self.asked.emit(span)

    def _fill_compare(self) -> None:
        self.compare.addItem(t("compare.none"), 0)
        for days in OFFSETS_D:
            self.compare.addItem(t("compare.day") if days == 1 else t("compare.days", n=days), days * DAY_US)
        self.compare.addItem(t("compare.before"), -1)

    def _compare_chosen(self, place: int) -> None:
        chosen = self.compare.itemData(place)
        if self.compare.currentText().strip() != self.compare.itemText(place).strip():
            self._compare_typed()
        else:
            self.compare_asked.emit(self._span_us[1] - self._span_us[0] if chosen == -1 else int(chosen))

    def _compare_typed(self) -> None:
        """Words say either how long before (`3 d`) or the period itself (`semana pasada`)."""
        try:
            span = parse_span(self.compare.currentText(), now_us(), self._zone)
        except BadSpan as error:
            self.refused.emit(str(error))
            self.show_compared(self._other_us)
            return
        self.compare_asked.emit(span.to_us - span.from_us if span.follows else self._span_us[0] - span.from_us)

    def _show_calendar(self) -> None:
        box = Calendar(self._zone, self._span_us, self)
        box.asked.connect(self.asked)
        box.pop_up(self._calendar_button.mapToGlobal(QPoint(0, self._calendar_button.height() + 4)))


def _length(hours: int) -> str:
    return f"{hours} h" if hours <= 24 else f"{hours // 24} d" if hours < 8760 else t("span.year")


class Calendar(QFrame):
    """A month to choose a day from, or with Shift the days from the one chosen before to this one."""

    asked = QtSignal(object)

    def __init__(self, zone: tzinfo, span_us: Sequence[int], parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("look", "card")
        self._zone = zone
        first = datetime.fromtimestamp(span_us[0] / 1e6, UTC).astimezone(zone).date()
        self._first = first
        self.days = QCalendarWidget()
        self.days.setFirstDayOfWeek(Qt.DayOfWeek.Monday)
        self.days.setVerticalHeaderFormat(QCalendarWidget.VerticalHeaderFormat.ISOWeekNumbers)
        self.days.setSelectedDate(QDate(first.year, first.month, first.day))
        self.days.setMaximumDate(QDate.currentDate().addDays(1))
        self.days.clicked.connect(self._clicked)
        hint = QLabel(t("span.calendar.hint"))
        hint.setProperty("look", "caption")
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.addWidget(self.days)
        column.addWidget(hint)

    def pop_up(self, at: QPoint) -> None:
        """Show it with its corner there, on the screen."""
        self.move(at)
        self.show()
        self.days.setFocus()

    def _clicked(self, day: QDate) -> None:
        to_last = QApplication.keyboardModifiers() & Qt.KeyboardModifier.ShiftModifier
        self.choose(date(day.year(), day.month(), day.day()), to_last=bool(to_last))

    def choose(self, day: date, *, to_last: bool) -> None:
        """A day, or all from the one chosen before to it; the latter closes the calendar."""
        first, last = sorted((self._first, day)) if to_last else (day, day)
        self._first = day
        try:
            self.asked.emit(parse_span(f"{first.isoformat()} to {last.isoformat()}", now_us(), self._zone))
        except BadSpan:
            return
        if to_last:
            self.close()
