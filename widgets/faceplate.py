"""One tag's card: what it is, what is wrong with it, its value with quality, time and age, and where it comes from."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtCore import Signal as QtSignal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from analysis.alarms import Alarm
from contracts.number_text import UNKNOWN, age
from contracts.sample import now_us
from contracts.signal_list import Signal
from data.reading import NEVER_SEEN, Reading, age_s
from resources.words import language, t
from widgets import faceplate_facts, marks, style
from widgets.buttons import IconButton, action_button, link_button
from widgets.clock_text import clock
from widgets.gauges import RangeBar, Sparkline
from widgets.kks_words import kks_words
from widgets.plant_now import PlantNow
from widgets.quality_words import quality_icon, quality_word, value_token
from widgets.rows import Row, Rows
from widgets.signal_words import shown, value_text


class AlarmRow(QWidget):
    """One standing alarm of the tag: badge, limit, since when, and the button that acknowledges it."""

    acknowledged = QtSignal(str, str)

    def __init__(self, alarm: Alarm, since: str) -> None:
        super().__init__()
        self._alarm = alarm
        self.setFixedHeight(36)
        row = QHBoxLayout(self)
        row.setContentsMargins(40, 0, 8, 0)
        name = QLabel(t(f"limit.{alarm.limit}"))
        name.setProperty("look", "head")
        when = QLabel(t("alarm.since", time=since))
        when.setProperty("look", "label")
        row.addWidget(name)
        row.addStretch(1)
        row.addWidget(when)
        if alarm.state in ("unacknowledged", "returned"):
            button = link_button(t("alarm.acknowledge"))
            button.clicked.connect(lambda: self.acknowledged.emit(alarm.kks, alarm.limit))
            row.addWidget(button)
        else:
            row.addWidget(QLabel(t(f"alarm.state.{alarm.state}")))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        alarm, box = self._alarm, QRectF(self.rect()).adjusted(1, 1, -1, -1)
        token = "alarm.p3Outline" if alarm.priority == 3 else f"alarm.p{alarm.priority}"
        pen = QPen(style.color("line.strong" if alarm.state == "shelved" else token), 2)
        pen.setStyle(Qt.PenStyle.DashLine if alarm.state == "returned" else Qt.PenStyle.SolidLine)
        painter.setPen(pen)
        if alarm.state == "unacknowledged":
            painter.setBrush(style.color(f"alarm.p{alarm.priority}Soft"))
        painter.drawRoundedRect(box, 3, 3)
        marks.paint_badge(painter, QRectF(8, 0, 24, self.height()).center(), alarm.priority, alarm.state, 7.5)


class Hero(QWidget):
    """The value, large, with its unit; a state as a word."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(50)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._text, self._unit, self._code, self._word = UNKNOWN, "", 0, False

    def show_value(self, signal: Signal, reading: Reading) -> None:
        """Show a reading of a signal."""
        self._text, self._unit = value_text(signal, reading.value), signal.unit if signal.kind == "analog" else ""
        self._code, self._word = reading.quality, signal.kind != "analog"
        self.setAccessibleName(f"{self._text} {self._unit}")
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        px = 28 if self._word else style.px("valueHero")
        while px > 24 and painter.fontMetrics().horizontalAdvance(self._text) * px / 13 > self.width() * 0.95:
            px -= 4
        box = QRectF(self.rect())
        marks.paint_value(painter, box, self._text, self._unit, px=px, token=value_token(self._code), right=False)


class Faceplate(QWidget):
    """The card of one tag; it follows the readings it is shown and asks `PlantNow` for the rest."""

    closed = QtSignal()
    acknowledge_requested = QtSignal(str, str)
    shelve_requested = QtSignal(str)
    trend_requested = QtSignal(str)
    history_requested = QtSignal(str)
    equipment_chosen = QtSignal(str)
    pin_requested = QtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "dock-right")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedWidth(388)
        self._now: PlantNow | None = None
        self._signals: list[Signal] = []
        self._design: tuple[Row, ...] = ()
        self._alarm_key: tuple[object, ...] = ()
        self._tag, self._name = QLabel(), QLabel()
        self._tag.setProperty("look", "tag")
        self._name.setProperty("look", "label")
        self._name.setWordWrap(True)
        self._meaning = QLabel()
        self._meaning.setProperty("look", "caption")
        self._equipment = link_button("")
        self._equipment.clicked.connect(lambda: self.equipment_chosen.emit(self._signals[0].equipment))
        self._alarms = QVBoxLayout()
        self._alarms.setSpacing(4)
        self._hero, self._bar, self._spark = Hero(), RangeBar(), Sparkline()
        self._percent, self._quality = QLabel(), QLabel()
        self._quality_icon = QLabel()
        for label in (self._percent, self._quality):
            label.setProperty("look", "label-strong")
        self._facts = Rows(row_px=25)
        self._live, self._actions = QWidget(), QWidget()
        """What only something with a signal has."""
        self._tabs = QTabBar()
        self._pages = QStackedWidget()
        self._page_rows = [Rows(row_px=27, lines=True) for _ in faceplate_facts.PAGES]
        self._build()

    def _build(self) -> None:
        close = IconButton("x", t("action.close"))
        close.clicked.connect(self.closed)
        head = QHBoxLayout()
        head.addWidget(self._tag)
        head.addStretch(1)
        self._pin = IconButton("pin", t("action.pin"))
        self._pin.clicked.connect(lambda: self.pin_requested.emit(self.leading))
        head.addWidget(self._pin)
        head.addWidget(close)
        second = QHBoxLayout()
        second.addWidget(self._name, 1)
        second.addWidget(self._equipment)
        quality_row = QHBoxLayout()
        quality_row.setSpacing(6)
        quality_row.addWidget(self._quality_icon)
        quality_row.addWidget(self._quality, 1)
        left = QVBoxLayout()
        left.setSpacing(4)
        left.addWidget(self._hero)
        left.addWidget(self._percent)
        left.addLayout(quality_row)
        left.addSpacing(6)
        left.addWidget(self._facts)
        left.addSpacing(8)
        left.addWidget(self._spark)
        left.addStretch(1)
        middle = QHBoxLayout(self._live)
        middle.setContentsMargins(0, 0, 0, 0)
        middle.addLayout(left, 1)
        middle.addWidget(self._bar)
        self._tabs.setDrawBase(False)
        self._tabs.setExpanding(False)
        for page, rows in zip(faceplate_facts.PAGES, self._page_rows, strict=True):
            self._tabs.addTab(t(f"faceplate.tab.{page}"))
            area = QScrollArea()
            area.setWidgetResizable(True)
            area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
            inner = QWidget()
            column = QVBoxLayout(inner)
            column.setContentsMargins(0, 4, 6, 0)
            column.addWidget(rows)
            column.addStretch(1)
            area.setWidget(inner)
            self._pages.addWidget(area)
        self._tabs.currentChanged.connect(self._pages.setCurrentIndex)
        actions = QHBoxLayout(self._actions)
        actions.setContentsMargins(0, 0, 0, 0)
        actions.setSpacing(8)
        for text, icon, signal in (
            ("action.trend", "chart-line", self.trend_requested),
            ("action.history", "history", self.history_requested),
            ("action.shelve", "bell", self.shelve_requested),
        ):
            button = action_button(t(text), icon)
            button.clicked.connect(lambda _=False, signal=signal: signal.emit(self._signals[0].kks))
            actions.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 14, 16, 12)
        column.setSpacing(4)
        column.addLayout(head)
        column.addLayout(second)
        column.addWidget(self._meaning)
        column.addSpacing(2)
        column.addLayout(self._alarms)
        column.addSpacing(4)
        column.addWidget(self._live)
        column.addSpacing(6)
        column.addWidget(self._tabs)
        column.addWidget(self._pages, 1)
        column.addWidget(self._actions)

    @property
    def leading(self) -> str:
        """The tag shown, or an empty text."""
        return self._signals[0].kks if self._signals else ""

    def show_signals(self, now: PlantNow, signals: list[Signal], design: Sequence[Row] = ()) -> None:
        """Show a device by its signals, the leading one first. `design`: what the drawing's file says of it."""
        self._now, self._signals, self._design, self._alarm_key = now, signals, tuple(design), ()
        signal = signals[0]
        self._show_head(shown(signal.kks), signal.description, kks_words(now.plant, signal.kks))
        self._equipment.setText(shown(signal.equipment))
        self._show_parts(live=True)
        self._equipment.setVisible(bool(signal.equipment))
        # What is no tank has no inventory: its card opens on its alarms.
        in_tank = now.tank_now(signal.kks) is not None
        self._tabs.setTabVisible(0, in_tank)
        self._tabs.setCurrentIndex(0 if in_tank else 1)
        self.refresh()

    def show_design(self, tag: str, name: str, meaning: str, design: Sequence[Row]) -> None:
        """Show something without a signal by what the drawing's file says of it."""
        self._now, self._signals, self._design = None, [], tuple(design)
        self._show_head(tag, name, meaning)
        self._clear_alarms()
        self._show_parts(live=False)
        self.show_page("design")
        self._page_rows[faceplate_facts.PAGES.index("design")].show_rows(self._design)

    def _show_head(self, tag: str, name: str, meaning: str) -> None:
        self._tag.setText(tag)
        self._name.setText(name)
        for label in (self._tag, self._name, self._meaning):
            label.setToolTip(meaning)
        metrics = self._meaning.fontMetrics()
        self._meaning.setText(metrics.elidedText(meaning, Qt.TextElideMode.ElideRight, self.width() - 40))
        self._meaning.setVisible(bool(meaning))

    def _show_parts(self, *, live: bool) -> None:
        for part in (self._live, self._actions, self._pin, self._equipment):
            part.setVisible(live)
        for number, page in enumerate(faceplate_facts.PAGES):
            self._tabs.setTabVisible(number, live or page == "design")

    def refresh(self) -> None:
        """Show the newest readings; cheap enough for four times a second."""
        if self._now is None or not self._signals:
            return
        now, signal = self._now, self._signals[0]
        reading = now.readings.get(signal.kks, NEVER_SEEN)
        self._show_alarms()
        self._hero.show_value(signal, reading)
        self._bar.setVisible(signal.kind == "analog")
        if signal.kind == "analog":
            self._bar.show_signal(signal, reading)
        past = now.recent(signal.kks)
        self._percent.setText(faceplate_facts.percent_and_rate(signal, reading, past))
        self._percent.setVisible(bool(self._percent.text()))
        self._quality_icon.setPixmap(
            style.pixmap(quality_icon(reading.quality), "text.secondary", 16, self.devicePixelRatioF())
        )
        word = f"<b>{quality_word(reading.quality)}</b>"
        if reading.time_us:
            time = clock(reading.time_us, now.plant.timezone, milliseconds=True)
            word += f" {time} · {t('ago', age=age(age_s(reading, now_us()), language()))}"
        self._quality.setText(word)
        self._facts.show_rows(faceplate_facts.facts(now, signal, self._signals[1:], past))
        least = 0.005 * (signal.high - signal.low)
        self._spark.show_past(*past, stepped=signal.stepped, limit=signal.h, least=least)
        for page, rows in zip(faceplate_facts.PAGES, self._page_rows, strict=True):
            if self._tabs.currentIndex() == faceplate_facts.PAGES.index(page):
                design = self._design if page == "design" else ()
                rows.show_rows([*faceplate_facts.PAGE_ROWS[page](now, signal), *design])

    def _show_alarms(self) -> None:
        if self._now is None:
            return
        standing = [
            alarm for signal in self._signals for alarm in self._now.alarms(signal.kks) if alarm.state != "normal"
        ]
        key = tuple((alarm.kks, alarm.limit, alarm.state) for alarm in standing)
        if key == self._alarm_key:
            return
        self._clear_alarms()
        self._alarm_key = key
        for alarm in standing:
            row = AlarmRow(alarm, clock(alarm.since_us, self._now.plant.timezone))
            row.acknowledged.connect(self.acknowledge_requested)
            self._alarms.addWidget(row)

    def _clear_alarms(self) -> None:
        self._alarm_key = ()
        while (item := self._alarms.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.deleteLater()

    def show_page(self, page: str) -> None:
        """Turn to one of the four pages."""
        self._tabs.setCurrentIndex(faceplate_facts.PAGES.index(page))
        self.refresh()
