"""Tables of rows and columns: sorted by what a cell is rather than how it reads, copied and exported as numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSortFilterProxyModel, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QApplication, QTableView, QWidget

from widgets import style
from widgets.table_files import Cell

Index = QModelIndex | QPersistentModelIndex


class Table(QAbstractTableModel):
    """Rows of cells under headings; the right columns are numbers."""

    def __init__(self, headings: Sequence[str], numeric: Sequence[bool]) -> None:
        super().__init__()
        self.headings, self.numeric = list(headings), list(numeric)
        self.cells: list[list[Cell]] = []

    def show_rows(self, rows: list[list[Cell]]) -> None:
        """Replace all rows; keeps the selection when their number did not change."""
        if len(rows) != len(self.cells):
            self.beginResetModel()
            self.cells = rows
            self.endResetModel()
        elif rows != self.cells:
            self.cells = rows
            self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, len(self.headings) - 1))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self.cells)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.headings)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        cell = self.cells[index.row()][index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return cell.text
        if role == Qt.ItemDataRole.UserRole:
            return float("-inf") if cell.value is None else cell.value
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if self.numeric[index.column()] else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.ForegroundRole:
            return style.color(cell.token)
        if role == Qt.ItemDataRole.FontRole:
            return style.font("body", "semibold" if cell.strong else "regular")
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.headings[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if self.numeric[section] else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None


class TableSheet(QTableView):
    """A sorted view of a table that copies what is selected as tab-separated text."""

    def __init__(self, model: Table, parent: QWidget | None = None, *, row_px: int = 30) -> None:
        super().__init__(parent)
        self.table = model
        self._sorted = QSortFilterProxyModel(self)
        self._sorted.setSortRole(Qt.ItemDataRole.UserRole)
        self._sorted.setSourceModel(model)
        self.setModel(self._sorted)
        self.setSortingEnabled(True)
        self._sorted.sort(-1)
        self.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.horizontalHeader().setStretchLastSection(True)
        self.horizontalHeader().setHighlightSections(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(row_px)
        self.setShowGrid(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)

    def shown_row(self, row: int) -> QModelIndex:
        """Where a row of the table stands now."""
        return self._sorted.mapFromSource(self.table.index(row, 0))

    def source_row(self, index: QModelIndex) -> int:
        """Which row of the table a clicked one is."""
        return self._sorted.mapToSource(index).row()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            QApplication.clipboard().setText(self.selected_text())
        else:
            super().keyPressEvent(event)

    def selected_text(self) -> str:
        """The selected rows (all without a selection), headings first, cells parted by tabs."""
        chosen = sorted({index.row() for index in self.selectedIndexes()}) or range(self._sorted.rowCount())
        lines = ["\t".join(self.table.headings)]
        for row in chosen:
            cells = self.table.cells[self._sorted.mapToSource(self._sorted.index(row, 0)).row()]
            lines.append("\t".join(cell.text for cell in cells))
        return "\n".join(lines)
