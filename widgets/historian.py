"""The historian: signals and a span become lines with their envelope; zooming asks again, more finely."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np
from PySide6.QtCore import QDateTime, QObject, Qt, QTimer, QTimeZone
from PySide6.QtCore import Signal as QtSignal
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QDateTimeEdit,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from contracts.number_text import number
from contracts.sample import now_us
from contracts.signal_list import Signal
from resources.words import language, t
from widgets.buttons import IconButton, chip
from widgets.past import Answer, Background, PastSource
from widgets.pen_list import PenList
from widgets.plant_now import PlantNow
from widgets.rows import Row, Rows
from widgets.signal_words import shown, value_text
from widgets.source_card import Card
from widgets.table_files import Cell
from widgets.tables import Table, TableSheet
from widgets.time_plot import TimePlot

SPANS_H: Final = (1, 8, 24, 72, 720)
FUTURE_PART: Final = 20
"""A twentieth of the span is left empty after now, so that the present does not stick to the edge."""

SETTLE_MS: Final = 250
"""Panning asks once it rests, not fifty times on the way."""
COLUMNS: Final = ("signal", "name", "unit", "cursor", "min", "max", "mean", "samples", "good")
_LANE: Final = "historian"


class _Progress(QObject):
    said = QtSignal(object, int, str)


class HistorianPage(QWidget):
    """The rail's historian page."""

    state = QtSignal(str)
    """What the historian holds, for the status bar."""

    def __init__(self, source: PastSource, background: Background, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._source, self._background = source, background
        self._now: PlantNow | None = None
        self._signals: list[Signal] = []
        self._answer: Answer | None = None
        self._cursor_us: int | None = None
        self._following_h: float | None = SPANS_H[0]
        self._asked_us = 0
        self._progress = _Progress()
        self._progress.said.connect(self._show_progress, Qt.ConnectionType.QueuedConnection)
        self._plot: TimePlot | None = None
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLE_MS)
        self._settle.timeout.connect(self.fetch)
        self._build()

    def _build(self) -> None:
        self._left = QWidget()
        self._left.setProperty("look", "dock-left")
        self._left.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._left.setFixedWidth(268)
        title = QLabel(t("page.historian"))
        title.setProperty("look", "title")
        self._add = QComboBox()
        self._add.setEditable(True)
        self._add.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self._add.setAccessibleName(t("historian.add"))
        self._add.activated.connect(self._add_chosen)
        query = QLabel(t("historian.query"))
        query.setProperty("look", "head")
        self._query = Rows(row_px=25)
        self._pens = PenList()
        self._card = Card()
        self._card.setFixedWidth(240)
        column = QVBoxLayout(self._left)
        column.setContentsMargins(14, 12, 12, 12)
        column.setSpacing(8)
        column.addWidget(title)
        column.addWidget(self._add)
        column.addWidget(self._pens)
        rule = QFrame()
        rule.setProperty("look", "hair")
        rule.setFixedHeight(1)
        column.addWidget(rule)
        column.addWidget(query)
        column.addWidget(self._query)
        column.addWidget(self._card)
        column.addStretch(1)
        head = QHBoxLayout()
        head.setContentsMargins(14, 8, 14, 4)
        head.setSpacing(6)
        self._spans = QButtonGroup(self)
        for hours in SPANS_H:
            button = chip(f"{hours} h" if hours <= 24 else f"{hours // 24} d")
            button.clicked.connect(lambda _=False, hours=hours: self._follow(hours))
            self._spans.addButton(button, hours)
            head.addWidget(button)
        self._spans.button(SPANS_H[0]).setChecked(True)
        head.addSpacing(8)
        self._from, self._to = QDateTimeEdit(), QDateTimeEdit()
        for edit, name in ((self._from, "historian.from"), (self._to, "historian.to")):
            edit.setDisplayFormat("dd.MM.yyyy HH:mm")
            edit.setCalendarPopup(True)
            edit.setAccessibleName(t(name))
            edit.editingFinished.connect(self._custom)
            head.addWidget(edit)
        head.addStretch(1)
        hint = QLabel(t("historian.hint"))
        hint.setProperty("look", "caption")
        head.addWidget(hint)
        for icon, tip, action in (
            ("refresh", "historian.again", self.fetch),
            ("download", "action.csv", self.export),
            ("camera", "action.picture", self._save_picture),
        ):
            acting = IconButton(icon, t(tip))
            acting.clicked.connect(lambda _=False, action=action: action())
            head.addWidget(acting)
        self._table = Table(
            [t(f"historian.column.{name}") for name in COLUMNS],
            (False, False, False, True, True, True, True, True, True),
        )
        self._sheet = TableSheet(self._table, row_px=28)
        self._sheet.setFixedHeight(190)
        for place, width in enumerate((170, 240, 60, 100, 100, 100, 100, 110)):
            self._sheet.setColumnWidth(place, width)
        header = self._sheet.horizontalHeader()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        self._right = QVBoxLayout()
        self._right.setSpacing(0)
        self._right.addLayout(head)
        self._right.addWidget(self._sheet)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._left)
        row.addLayout(self._right, 1)

    # ---- what is shown

    def open(self, now: PlantNow, tags: Sequence[str]) -> None:
        """Come to the page with a plant; the first time with these tags."""
        if now is not self._now:
            self._now = now
            self._add.clear()
            for signal in now.plant.signals:
                if signal.kind == "analog":
                    self._add.addItem(f"{shown(signal.kks)}  {signal.description}", signal.kks)
            self._add.setCurrentIndex(-1)
            if (line := self._add.lineEdit()) is not None:
                line.setPlaceholderText(t("historian.add"))
            if self._plot is not None:
                self._plot.deleteLater()
            self._plot = TimePlot(now.plant.timezone)
            self._plot.span_changed.connect(self._moved)
            self._plot.cursor_moved.connect(self._cursor)
            self._pens.hovered.connect(self._plot.dim_others)
            self._right.insertWidget(1, self._plot, 1)
            self.show_signals(tags)
        self.fetch()

    def show_signals(self, tags: Sequence[str]) -> None:
        """Draw these tags over the span."""
        if self._now is None or self._plot is None:
            return
        known = self._now.plant.by_kks
        self._signals = [known[tag] for tag in tags if tag in known][:8]
        self._plot.set_signals(self._signals, now_us())
        self._pens.show_signals(self._signals)
        self.fetch()

    def restyle(self) -> None:
        """Take the theme's colours."""
        if self._plot is not None:
            self._plot.restyle()

    def close_historian(self) -> None:
        """Want no answer any more."""
        self._settle.stop()
        self._background.cancel(_LANE)

    def refresh_live(self, now: int) -> None:
        """Where the span follows the present, ask again now and then."""
        if self._following_h is not None and now - self._asked_us > max(5.0, 3.6 * self._following_h) * 1e6:
            self.fetch()

    # ---- asking

    def fetch(self) -> None:
        """Ask for the span as it is; an older question is voided."""
        if self._now is None or self._plot is None or not self._signals:
            return
        source, now = self._source, self._now
        if not source.engine(now):
            self._card.say("database-off", t("historian.none"), t("historian.none.why"))
            return
        if self._following_h is not None:
            present = now_us()
            span_us = int(self._following_h * 3.6e9)
            self._plot.set_span(present - span_us, present + span_us // FUTURE_PART)
        self._asked_us = now_us()
        from_us, to_us = self._plot.span_us
        to_us = min(to_us, self._asked_us)
        if to_us <= from_us:
            return
        self._show_dates(from_us, to_us)
        tags, columns = [signal.kks for signal in self._signals], self._plot.columns
        cancel = source.new_cancel()
        progress = self._progress.said.emit

        def work() -> Answer:
            return source.fetch(now, tags, from_us, to_us, columns, progress, cancel)

        QTimer.singleShot(1000, self, lambda asked=self._asked_us: self._still(asked))
        self._background.run(_LANE, work, self._show_answer, self._failed, cancel.cancel)

    def _still(self, asked_us: int) -> None:
        if asked_us == self._asked_us and (self._answer is None or self._answer.to_us < asked_us - 10_000_000):
            self._say_busy(None, 0)

    def _say_busy(self, part: float | None, rows: int) -> None:
        far = "" if part is None else f"{round(100 * part)} % · "
        why = far + t("historian.rows", n=number(rows, 0, language()))
        self._card.say(
            "database", t("historian.asking"), why, (t("action.cancel"), self._cancel), progress=part, busy=part is None
        )

    def _show_progress(self, part: float | None, rows: int, _text: str) -> None:
        if self._card.isVisible() and (part is None or part < 1):
            self._say_busy(part, rows)

    def _cancel(self) -> None:
        self._background.cancel(_LANE)
        self._following_h = None
        self._card.say("database", t("historian.cancelled"), "", (t("action.retry"), self.fetch))

    def _failed(self, error: Exception) -> None:
        engine = "" if self._now is None else self._source.engine(self._now)
        self._card.say(
            "database-off", t("historian.failed", engine=engine), str(error), (t("action.retry"), self.fetch)
        )
        self.state.emit(t("historian.failed", engine=engine))

    def _show_answer(self, answer: Answer) -> None:
        if self._plot is None or self._now is None:
            return
        self._answer = answer
        self._card.hide()
        for kks, past in answer.past.items():
            self._plot.show_line(kks, past.line)
        self._plot.set_marks(answer.seam_us, answer.gaps)
        spoken = language()
        self._query.show_rows(
            [
                Row(t("historian.engine"), self._source.engine(self._now), token="text.primary"),  # noqa: S106
                Row(t("historian.table"), answer.table, token="text.primary"),  # noqa: S106
                Row(t("historian.read"), number(answer.rows, 0, spoken)),
                Row(t("historian.buckets"), number(self._plot.columns, 0, spoken)),
                Row(t("historian.took"), number(answer.seconds, 2, spoken), "s"),
            ]
        )
        self._show_table()
        self.state.emit(t("historian.state", engine=self._source.engine(self._now), table=answer.table))

    def _show_table(self) -> None:
        if self._answer is None or self._plot is None:
            return
        at = {} if self._cursor_us is None else self._plot.values_at(self._cursor_us)
        rows = []
        for signal in self._signals:
            past = self._answer.past.get(signal.kks)
            if past is None:
                continue
            line = past.line
            low, high = (line.mean if line.low is None else line.low), (line.mean if line.high is None else line.high)
            known = bool(np.isfinite(line.mean).any())
            figures = (
                at.get(signal.kks),
                float(np.nanmin(low)) if known else None,
                float(np.nanmax(high)) if known else None,
                float(np.nanmean(line.mean)) if known else None,
            )
            good = 100 * past.n_good / past.n if past.n else None
            rows.append(
                [
                    Cell(shown(signal.kks), signal.kks, strong=True),
                    Cell(signal.description, signal.description),
                    Cell(signal.unit, signal.unit, "text.tertiary"),
                    *(Cell(value_text(signal, value), value, "value.live", strong=True) for value in figures),
                    Cell(number(past.n, 0, language()), past.n),
                    Cell("—" if good is None else f"{number(good, 1, language())} %", good),
                ]
            )
        self._table.show_rows(rows)

    # ---- what a person does

    def _follow(self, hours: int) -> None:
        self._following_h = hours
        self.fetch()

    def _moved(self, _from_us: int, _to_us: int) -> None:
        self._following_h = None
        checked = self._spans.checkedButton()
        if checked is not None:
            self._spans.setExclusive(False)
            checked.setChecked(False)
            self._spans.setExclusive(True)
        self._settle.start()

    def _cursor(self, at_us: int | None) -> None:
        self._cursor_us = at_us
        self._show_table()

    def _show_dates(self, from_us: int, to_us: int) -> None:
        if self._now is None:
            return
        zone = QTimeZone(str(self._now.plant.timezone).encode())
        for edit, us in ((self._from, from_us), (self._to, to_us)):
            if not edit.hasFocus():
                edit.blockSignals(True)
                # Without it the field would show, and take, times of this machine's zone.
                edit.setTimeZone(zone)
                edit.setDateTime(QDateTime.fromMSecsSinceEpoch(us // 1000, zone))
                edit.blockSignals(False)

    def _custom(self) -> None:
        if self._now is None or self._plot is None:
            return
        from_us, to_us = (int(edit.dateTime().toMSecsSinceEpoch()) * 1000 for edit in (self._from, self._to))
        if from_us < to_us:
            self._following_h = None
            self._plot.set_span(from_us, to_us)
            self.fetch()

    def _add_chosen(self, place: int) -> None:
        tag = self._add.itemData(place)
        if tag and tag not in [signal.kks for signal in self._signals]:
            self.show_signals([*(signal.kks for signal in self._signals), tag])
        self._add.setCurrentIndex(-1)

    def export(self) -> None:
        """Write what is drawn as CSV: time in UTC, mean, minimum, maximum of each bucket."""
        if self._answer is None:
            return
        name, _ = QFileDialog.getSaveFileName(self, t("action.export"), "historian.csv", "*.csv")
        if name:
            try:
                write_csv(Path(name), self._answer)
            except OSError as error:
                self._card.say("info-circle", t("export.failed", why=str(error)), "")

    def _save_picture(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, t("action.picture"), "historian.png", "PNG (*.png)")
        if name and self._plot is not None:
            self._plot.grab().save(name)


def write_csv(path: Path, answer: Answer) -> None:
    """One line a signal and bucket. Raises OSError."""
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        writer = csv.writer(file)
        writer.writerow(["kks", "utc", "mean", "min", "max"])
        for kks, past in answer.past.items():
            line = past.line
            low, high = (line.mean if line.low is None else line.low), (line.mean if line.high is None else line.high)
            for us, mean, least, most in zip(line.times_us, line.mean, low, high, strict=True):
                stamp = datetime.fromtimestamp(us / 1e6, UTC).isoformat(timespec="milliseconds")
                writer.writerow([kks, stamp, *("" if value != value else value for value in (mean, least, most))])
