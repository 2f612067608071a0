"""Signals and elements: what is bound and how, what is not, and what is proposed; accepted, refused, bound by hand."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QMimeData, QPoint, Qt
from PySide6.QtCore import Signal as QtSignal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QCompleter,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QVBoxLayout,
    QWidget,
)

from contracts.number_text import number
from contracts.tags import SIGNAL_MIME
from resources.words import language, t
from widgets.binding_rows import COLUMNS, FILTERS, NUMERIC, BindingRow, chosen
from widgets.buttons import IconButton, action_button, chip
from widgets.signal_words import shown
from widgets.table_files import write_csv, write_xlsx
from widgets.tables import Index, Table, TableSheet

SCORES: Final = (0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.3)
SURE: Final = 0.8
"""Scores from which proposals can be accepted together, and the one unless a person says another."""
_WIDTHS: Final = (170, 240, 60, 160, 140, 130, 90, 320)


class _Model(Table):
    """The table, whose signals can be dragged to the drawing, with what the KKS says and why as tips."""

    def __init__(self) -> None:
        super().__init__([t(f"bind.column.{name}") for name in COLUMNS], NUMERIC)
        self.rows: list[BindingRow] = []

    def show_bindings(self, rows: Sequence[BindingRow]) -> None:
        """Replace all rows."""
        self.rows = list(rows)
        self.show_rows([row.cells() for row in rows])

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.ToolTipRole:
            row = self.rows[index.row()]
            why = [f"{shown(c.tag) or c.element} {number(c.score, 2, language())}: {c.why}" for c in row.candidates]
            why += [f"{shown(o.signal)} {number(o.score, 2, language())}: {o.why}" for o in row.offers]
            return "\n".join(line for line in (row.tip, *why) if line)
        return super().data(index, role)

    def flags(self, index: Index) -> Qt.ItemFlag:
        drag = Qt.ItemFlag.ItemIsDragEnabled if index.isValid() and self.rows[index.row()].signal else Qt.ItemFlag(0)
        return super().flags(index) | drag

    def mimeTypes(self) -> list[str]:
        return [SIGNAL_MIME]

    def mimeData(self, indexes: Sequence[Any]) -> QMimeData:
        content = QMimeData()
        content.setData(SIGNAL_MIME, self.rows[indexes[0].row()].signal.encode())
        return content


class BindingPanel(QWidget):
    """A dock under the drawing."""

    accept_requested = QtSignal(object)
    """Pairs of signal and element id."""
    refuse_requested = QtSignal(object)
    bind_requested = QtSignal(object, str)
    """Signals, and the id of the element they belong to."""
    pick_requested = QtSignal(object)
    """Signals whose element the next click on the drawing names."""
    unbind_requested = QtSignal(object)
    undo_requested, redo_requested = QtSignal(), QtSignal()
    row_chosen = QtSignal(str, str)
    """Signal and element id of the row under the cursor."""
    elsewhere_requested, reload_requested, keep_requested = QtSignal(), QtSignal(), QtSignal()
    closed = QtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "dock-bottom")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setMinimumHeight(200)
        self._rows: list[BindingRow] = []
        self._model = _Model()
        self.sheet = TableSheet(self._model, row_px=26)
        self.sheet.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.sheet.setDragEnabled(True)
        self.sheet.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.sheet.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.sheet.customContextMenuRequested.connect(self._menu)
        self.sheet.doubleClicked.connect(lambda _index: self.accept())
        self.sheet.selectionModel().currentRowChanged.connect(self._row_changed)
        self.sheet.selectionModel().selectionChanged.connect(self._selection_changed)
        for place, width in enumerate(_WIDTHS):
            self.sheet.setColumnWidth(place, width)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 8, 14, 8)
        column.setSpacing(6)
        column.addLayout(self._head())
        column.addLayout(self._trouble_line())
        column.addWidget(self.sheet, 1)
        column.addLayout(self._actions())
        self.show_trouble("")
        self._selection_changed()

    def _head(self) -> QHBoxLayout:
        row = QHBoxLayout()
        title, self._count = QLabel(t("bind.title")), QLabel()
        title.setProperty("look", "strong")
        self._count.setProperty("look", "label")
        row.addWidget(title)
        row.addSpacing(6)
        row.addWidget(self._count)
        row.addStretch(1)
        self._filter = "all"
        self._filters = {}
        for name in FILTERS:
            button = chip(t(f"bind.filter.{name}"))
            button.clicked.connect(partial(self.show_filter, name))
            self._filters[name] = button
            row.addWidget(button)
        self._search = QLineEdit()
        self._search.setPlaceholderText(t("bind.search"))
        self._search.setAccessibleName(t("bind.search"))
        self._search.setClearButtonEnabled(True)
        self._search.setFixedWidth(190)
        self._search.textChanged.connect(self._refill)
        row.addWidget(self._search)
        self._undo = IconButton("arrow-back-up", t("edit.undo", what=""))
        self._redo = IconButton("arrow-forward-up", t("edit.redo", what=""))
        export, close = IconButton("file-spreadsheet", t("bind.export")), IconButton("x", t("action.close"))
        self._undo.clicked.connect(self.undo_requested)
        self._redo.clicked.connect(self.redo_requested)
        export.clicked.connect(self.export)
        close.clicked.connect(self.closed)
        for icon in (self._undo, self._redo, export, close):
            row.addWidget(icon)
        return row

    def _trouble_line(self) -> QHBoxLayout:
        """What keeps the edits from being saved, and what to do about it."""
        row = QHBoxLayout()
        self._trouble = QLabel()
        self._trouble.setProperty("look", "head")
        self._trouble.setWordWrap(True)
        row.addWidget(self._trouble, 1)
        self._ways = {
            "elsewhere": (action_button(t("edit.elsewhere"), "download"), self.elsewhere_requested),
            "reload": (action_button(t("edit.reload"), "refresh"), self.reload_requested),
            "keep": (action_button(t("edit.keep"), "check"), self.keep_requested),
        }
        for button, signal in self._ways.values():
            button.clicked.connect(signal)
            row.addWidget(button)
        return row

    def _actions(self) -> QHBoxLayout:
        row = QHBoxLayout()
        self._accept, self._refuse = action_button(t("bind.accept"), "check"), action_button(t("bind.refuse"), "x")
        self._unbind = action_button(t("bind.unbind"), "link-off")
        self._pick = action_button(t("bind.pick"), "focus-centered")
        self._element = QComboBox()
        self._element.setEditable(True)
        self._element.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self._element.setFixedWidth(190)
        self._element.setAccessibleName(t("bind.element"))
        line, completer = QLineEdit(), QCompleter(self._element.model(), self._element)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        line.setPlaceholderText(t("bind.element"))
        self._element.setLineEdit(line)
        self._element.setCompleter(completer)
        self._bind = action_button(t("bind.bind"), "link")
        self._bind.clicked.connect(self._bind_to_chosen)
        line.returnPressed.connect(self._bind_to_chosen)
        self._accept.clicked.connect(self.accept)
        self._refuse.clicked.connect(self.refuse)
        self._unbind.clicked.connect(self.unbind)
        self._pick.clicked.connect(self.pick)
        for button in (self._accept, self._refuse, self._unbind, self._pick):
            row.addWidget(button)
        row.addWidget(self._element)
        row.addWidget(self._bind)
        row.addStretch(1)
        above = QLabel(t("bind.accept_above"))
        above.setProperty("look", "label")
        self._score = QComboBox()
        for score in SCORES:
            self._score.addItem(number(score, 2, language()), score)
        self._score.setCurrentIndex(SCORES.index(SURE))
        self._score.setAccessibleName(t("bind.accept_above"))
        self._score.setFixedWidth(72)
        self._all = action_button(t("bind.accept_all"), "check")
        self._all.clicked.connect(self.accept_all)
        row.addWidget(above)
        row.addWidget(self._score)
        row.addWidget(self._all)
        return row

    # -- what is shown ---------------------------------------------------------------------------------------------

    def show_rows(self, rows: Sequence[BindingRow], elements: Sequence[tuple[str, str]]) -> None:
        """The signals and bare elements of a drawing, and all elements (tag, id) a signal may be bound to."""
        self._rows = list(rows)
        bound = sum(row.state == "bound" for row in rows)
        signals = sum(bool(row.signal) for row in rows)
        proposed = sum(row.state == "proposed" for row in rows)
        self._count.setText(t("bind.count", bound=bound, all=signals, proposed=proposed))
        self._all.setEnabled(proposed > 0)
        known = [(self._element.itemText(n), self._element.itemData(n)) for n in range(self._element.count())]
        if known != list(elements):
            self._element.clear()
            for tag, id_ in elements:
                self._element.addItem(tag, id_)
            self._element.setCurrentIndex(-1)
        self._refill()

    def show_filter(self, name: str) -> None:
        """Show the rows of one state."""
        self._filter = name
        self._refill()

    def show_undo(self, undo: str, redo: str) -> None:
        """What can be taken back and done again, in words; empty: nothing."""
        self._undo.setEnabled(bool(undo))
        self._undo.setToolTip(t("edit.undo", what=undo).strip())
        self._redo.setEnabled(bool(redo))
        self._redo.setToolTip(t("edit.redo", what=redo).strip())

    def show_trouble(self, text: str, *ways: str) -> None:
        """Why the edits are not saved, and which of `elsewhere`, `reload` and `keep` help; empty: all is well."""
        self._trouble.setText(text)
        self._trouble.setVisible(bool(text))
        for name, (button, _) in self._ways.items():
            button.setVisible(name in ways)

    @property
    def trouble(self) -> str:
        """What the line of trouble says."""
        return self._trouble.text()

    def _refill(self) -> None:
        kept = {row.signal or row.element for row in self.selected}
        for name, button in self._filters.items():
            button.setChecked(name == self._filter)
        self._model.show_bindings(chosen(self._rows, self._filter, self._search.text()))
        places = [n for n, row in enumerate(self._model.rows) if (row.signal or row.element) in kept]
        self.select_rows(places)

    def select_rows(self, places: Sequence[int]) -> None:
        """Mark rows of the table as it is filtered now."""
        selection = QItemSelection()
        for place in places:
            index = self.sheet.shown_row(place)
            selection.select(index, index)
        ways = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        self.sheet.selectionModel().select(selection, ways)
        self._selection_changed()

    @property
    def rows(self) -> list[BindingRow]:
        """What the table shows now, filtered."""
        return list(self._model.rows)

    @property
    def selected(self) -> list[BindingRow]:
        """The rows that are marked."""
        places = sorted({self.sheet.source_row(index) for index in self.sheet.selectionModel().selectedRows()})
        return [self._model.rows[place] for place in places if place < len(self._model.rows)]

    # -- what a person does ----------------------------------------------------------------------------------------

    def accept(self) -> None:
        """Bind the marked signals to their first candidates."""
        pairs = [row.proposal for row in self.selected if row.proposal is not None]
        if pairs:
            self.accept_requested.emit(pairs)

    def refuse(self) -> None:
        """Never propose these first candidates again."""
        pairs = [row.proposal for row in self.selected if row.proposal is not None]
        if pairs:
            self.refuse_requested.emit(pairs)

    def accept_all(self) -> None:
        """Accept every first candidate at or above the score."""
        score = self._score.currentData()
        pairs = [(r.signal, r.best.element) for r in self._rows if r.best is not None and r.best.score >= score]
        if pairs:
            self.accept_requested.emit(pairs)

    def unbind(self) -> None:
        """These signals belong to nothing on this drawing; a foreign one is left to its tag again."""
        signals = [row.signal for row in self.selected if row.state in ("bound", "foreign")]
        if signals:
            self.unbind_requested.emit(signals)

    def pick(self) -> None:
        """Bind the marked signals to what is clicked next on the drawing."""
        signals = [row.signal for row in self.selected if row.signal]
        if signals:
            self.pick_requested.emit(signals)

    def _bind_to_chosen(self) -> None:
        place = self._element.findText(self._element.currentText(), Qt.MatchFlag.MatchFixedString)
        signals = [row.signal for row in self.selected if row.signal]
        if place >= 0 and signals:
            self.bind_requested.emit(signals, self._element.itemData(place))

    def _selection_changed(self) -> None:
        rows = self.selected
        proposed = any(row.proposal is not None for row in rows)
        self._accept.setEnabled(proposed)
        self._refuse.setEnabled(proposed)
        self._unbind.setEnabled(any(row.state in ("bound", "foreign") for row in rows))
        for widget in (self._pick, self._bind):
            widget.setEnabled(any(row.signal for row in rows))

    def _row_changed(self, current: Index) -> None:
        # The first focus makes a row current that nobody chose.
        if current.isValid() and self.sheet.selectionModel().hasSelection():
            row = self._model.rows[self.sheet.source_row(current)]  # type: ignore[arg-type]
            self.row_chosen.emit(row.signal, row.element)

    def _menu(self, at: QPoint) -> None:
        rows = self.selected
        if not rows:
            return
        menu = QMenu(self)
        for candidate in rows[0].candidates if len(rows) == 1 else ():
            name = shown(candidate.tag) or candidate.element
            text = f"{t('bind.bind')} {name} · {number(candidate.score, 2, language())}"
            menu.addAction(text, partial(self.bind_requested.emit, [rows[0].signal], candidate.element))
        for offer in rows[0].offers if len(rows) == 1 else ():
            text = f"{t('bind.bind_signal')} {shown(offer.signal)} · {number(offer.score, 2, language())}"
            menu.addAction(text, partial(self.bind_requested.emit, [offer.signal], rows[0].element))
        if menu.actions():
            menu.addSeparator()
        for text, action, enabled in (
            (t("bind.refuse"), self.refuse, any(row.proposal is not None for row in rows)),
            (t("bind.unbind"), self.unbind, any(row.state in ("bound", "foreign") for row in rows)),
            (t("bind.pick"), self.pick, any(row.signal for row in rows)),
        ):
            menu.addAction(text, action).setEnabled(enabled)
        menu.popup(self.sheet.viewport().mapToGlobal(at))

    def export(self) -> None:
        """Write the table as it is filtered, as CSV or Excel."""
        name, _ = QFileDialog.getSaveFileName(self, t("bind.export"), "bindings.xlsx", "Excel (*.xlsx);;CSV (*.csv)")
        if name:
            self.export_to(Path(name))

    def export_to(self, path: Path) -> None:
        """Write the table to a file; what goes wrong stands in the line of trouble."""
        headings = [t(f"bind.column.{name}") for name in COLUMNS]
        cells = [row.cells() for row in self._model.rows]
        try:
            if path.suffix.lower() == ".csv":
                write_csv(path, headings, cells)
            else:
                write_xlsx(path, t("bind.title"), headings, cells)
        except OSError as error:
            self.show_trouble(t("edit.not_written", file=path, why=error.strerror or error))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.sheet.setFocus()
