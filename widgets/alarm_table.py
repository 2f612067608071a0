"""Every standing alarm, in the strip's order; a row opens its tag."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex
from PySide6.QtCore import Signal as QtSignal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from contracts.number_text import number
from resources.words import language, t
from widgets.alarm_strip import StripRow
from widgets.buttons import action_button
from widgets.clock_text import clock
from widgets.quality_words import value_token
from widgets.signal_words import shown, value_text
from widgets.table_files import Cell
from widgets.tables import Table, TableSheet

COLUMNS = ("priority", "since", "tag", "description", "limit", "value", "limit_value", "state")


class AlarmTable(QWidget):
    """The rail's alarm page."""

    chosen = QtSignal(str)
    acknowledge_requested = QtSignal(str, str)
    shelve_requested = QtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        numeric = (False, False, False, False, False, True, True, False)
        self._table = Table([t(f"alarm.column.{name}") for name in COLUMNS], numeric)
        self.sheet = TableSheet(self._table)
        self._rows: list[StripRow] = []
        title, self._note = QLabel(t("page.alarms")), QLabel()
        title.setProperty("look", "title")
        self._note.setProperty("look", "label")
        acknowledge, shelve = action_button(t("alarm.acknowledge"), "bell"), action_button(t("action.shelve"), "clock")
        acknowledge.clicked.connect(self._acknowledge)
        shelve.clicked.connect(self._shelve)
        head = QHBoxLayout()
        head.addWidget(title)
        head.addSpacing(12)
        head.addWidget(self._note, 1)
        head.addWidget(acknowledge)
        head.addWidget(shelve)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 14, 20, 0)
        column.setSpacing(10)
        column.addLayout(head)
        column.addWidget(self.sheet, 1)
        self.sheet.doubleClicked.connect(self._open)
        for place, width in enumerate((70, 100, 190, 360, 140, 130, 110, 180)):
            self.sheet.setColumnWidth(place, width)

    def show_alarms(self, rows: Sequence[StripRow]) -> None:
        """Replace the list."""
        self._rows = list(rows)
        cells = []
        for row in rows:
            alarm, signal = row.alarm, row.signal
            waiting = alarm.state in ("unacknowledged", "returned")
            fault = alarm.limit == "FAULT"
            limit = "" if fault else f"{number(alarm.limit_value, signal.decimals, language())} {signal.unit}"
            unit = f" {signal.unit}" if signal.kind == "analog" else ""
            value = f"{value_text(signal, row.reading.value)}{unit}"
            cells.append(
                [
                    Cell(f"P{alarm.priority}", alarm.priority, strong=waiting),
                    Cell(clock(alarm.since_us, row.now.plant.timezone), alarm.since_us, "text.secondary"),
                    Cell(shown(alarm.kks), alarm.kks, strong=True),
                    Cell(signal.description, signal.description, strong=waiting),
                    Cell(t(f"limit.{alarm.limit}"), alarm.limit),
                    Cell(value, row.reading.value, value_token(row.reading.quality), strong=True),
                    Cell(limit, alarm.limit_value, "text.secondary"),
                    Cell(t(f"alarm.state.{alarm.state}"), alarm.state, strong=waiting),
                ]
            )
        self._table.show_rows(cells)
        self._note.setText(t("alarm.none") if not rows else t("alarm.count", n=len(rows)))

    def _chosen_rows(self) -> list[StripRow]:
        indexes = {self.sheet.source_row(index) for index in self.sheet.selectedIndexes()}
        return [self._rows[number_of_row] for number_of_row in sorted(indexes) if number_of_row < len(self._rows)]

    def _acknowledge(self) -> None:
        for row in self._chosen_rows():
            self.acknowledge_requested.emit(row.alarm.kks, row.alarm.limit)

    def _shelve(self) -> None:
        for row in self._chosen_rows():
            self.shelve_requested.emit(row.alarm.kks)

    def _open(self, index: QModelIndex) -> None:
        self.chosen.emit(self._rows[self.sheet.source_row(index)].alarm.kks)
