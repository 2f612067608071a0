"""The stock table: what each tank holds, by its strapping table, and how much still fits in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import QModelIndex
from PySide6.QtCore import Signal as QtSignal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QHeaderView, QLabel, QVBoxLayout, QWidget

from contracts.number_text import number
from contracts.plant import Plant
from contracts.quality import is_bad, is_good
from resources.words import language, t
from widgets.buttons import action_button
from widgets.plant_now import TankNow
from widgets.source_card import Card
from widgets.stock_rows import NUMERIC, headings, rows
from widgets.table_files import write_csv, write_xlsx
from widgets.tables import Table, TableSheet

_WIDTHS: Final = (128, 196, 124, 84, 124, 92, 112, 84, 90, 80, 100)


class StockPage(QWidget):
    """The table with totals above it and its exports."""

    chosen = QtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.table = Table(headings(), NUMERIC)
        self.sheet = TableSheet(self.table, row_px=34)
        self._tanks: dict[str, list[TankNow]] = {}
        title, self._note = QLabel(t("page.stock")), QLabel()
        title.setProperty("look", "title")
        self._note.setProperty("look", "label")
        copy, csv_button, xlsx_button = (
            action_button(t(text), icon)
            for text, icon in (("action.copy", "copy"), ("action.csv", "download"), ("action.xlsx", "file-spreadsheet"))
        )
        copy.clicked.connect(self._copy)
        csv_button.clicked.connect(lambda: self._save("csv"))
        xlsx_button.clicked.connect(lambda: self._save("xlsx"))
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(title)
        head.addSpacing(10)
        head.addWidget(self._note, 1)
        for button in (copy, csv_button, xlsx_button):
            head.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 14, 20, 0)
        column.setSpacing(10)
        column.addLayout(head)
        column.addWidget(self.sheet, 1)
        self._card = Card(self)
        self.sheet.doubleClicked.connect(self._open)
        header = self.sheet.horizontalHeader()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)

    def show_stock(self, plant: Plant, tanks: Sequence[TankNow]) -> None:
        """Show a plant's tanks; those of other plants stay."""
        self._tanks[plant.refinery] = list(tanks)
        everything = [tank for several in self._tanks.values() for tank in several]
        self.table.show_rows(rows(everything))
        gross = [tank.inventory.gsv_m3 for tank in everything]
        known = sum(value for value in gross if value is not None)
        doubtful = sum(not is_good(tank.reading.quality) for tank in everything)
        bad = sum(is_bad(tank.reading.quality) for tank in everything)
        self._note.setText(
            t("stock.note", tanks=len(everything), gsv=number(known, 0, language()), doubtful=doubtful, bad=bad)
        )
        if not everything:
            self._card.say("building-warehouse", t("card.no_tanks"), t("card.no_tanks.why"))
            self._card.place(self)
        else:
            self._card.hide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        scale = min(1.4, max(1.0, (self.width() - 44) / sum(_WIDTHS)))
        for place, width in enumerate(_WIDTHS):
            self.sheet.setColumnWidth(place, round(width * scale))

    def export(self) -> None:
        """Ask for a file and write the table."""
        self._save("xlsx")

    def _copy(self) -> None:
        from PySide6.QtWidgets import QApplication

        QApplication.clipboard().setText(self.sheet.selected_text())

    def _save(self, kind: str) -> None:
        name, _ = QFileDialog.getSaveFileName(self, t("action.export"), f"stock.{kind}", f"*.{kind}")
        if not name:
            return
        try:
            if kind == "csv":
                write_csv(Path(name), self.table.headings, self.table.cells)
            else:
                write_xlsx(Path(name), t("page.stock"), self.table.headings, self.table.cells)
        except OSError as error:
            self._note.setText(t("export.failed", why=str(error)))

    def _open(self, index: QModelIndex) -> None:
        self.chosen.emit(str(self.table.cells[self.sheet.source_row(index)][0].value))
