"""What stands where on the historian page: pens at the left, spans above, plot, figures below."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from typing import Final

from PySide6.QtCore import QObject, Qt
from PySide6.QtCore import Signal as QtSignal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from resources.words import t
from widgets.buttons import IconButton
from widgets.figures_table import COLUMNS, FiguresTable
from widgets.pen_list import PenList, PenRow
from widgets.rows import Rows
from widgets.search import Search
from widgets.signal_words import shown
from widgets.source_card import Card
from widgets.span_bar import SpanBar
from widgets.tables import TableSheet
from widgets.time_plot import TimePlot
from widgets.xy_plot import XyPlot

LEFT_PX: Final = 268
_WIDE_PX: Final = 1440
"""A page narrower than this has a table without what the list of pens says too."""
_ROW_PX: Final = 26
_WIDTHS: Final = {
    "signal": 178, "unit": 62, "a": 66, "b": 66, "difference": 66, "min": 68, "max": 70, "mean": 108, "deviation": 90,
    "integral": 106, "samples": 78, "good": 82, "worst": 112,
}  # fmt: skip
_LEFT_OUT: Final = [COLUMNS.index(name) for name in ("name", "unit", "samples")]
_NAME: Final = COLUMNS.index("name")


class FiguresSheet(TableSheet):
    """The table of figures; Ctrl+C copies what is selected, or all."""

    def copy_all(self) -> None:
        """To the clipboard, headings first, cells parted by tabs."""
        QApplication.clipboard().setText(self.selected_text())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Undo) or event.matches(QKeySequence.StandardKey.Redo):
            event.ignore()
        else:
            super().keyPressEvent(event)


class HistorianLayout(QObject):
    """The page's parts."""

    note_chosen = QtSignal(str)
    xy_pair_changed = QtSignal()

    def __init__(self, page: QWidget, figures: FiguresTable) -> None:
        super().__init__(page)
        self.bar = SpanBar()
        self.pens, self.query, self.card = PenList(), Rows(row_px=24), Card()
        self.search = Search()
        self.views_button = IconButton("stack", t("historian.views"))
        self.formula_button = IconButton("math-function", t("formula.new"))
        self.shared_button = IconButton("layers-difference", t("historian.shared"), checkable=True)
        self.xy_button = IconButton("chart-dots", t("historian.xy"), checkable=True)
        self.copy_button = IconButton("copy", t("historian.copy"))
        self.again_button = IconButton("refresh", t("historian.again"))
        self.export_button = IconButton("download", t("historian.export"))
        self.sheet = FiguresSheet(figures, row_px=_ROW_PX)
        self.plot: TimePlot | None = None
        self.xy: XyPlot | None = None
        self._view_name, self._notes_title, self._notes = QLabel(), QLabel(t("note.title")), QListWidget()
        self._stage, self._xy_head = QStackedWidget(), QWidget()
        self._xy_choice = (QComboBox(), QComboBox())
        row = QHBoxLayout(page)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._left())
        row.addLayout(self._right(), 1)

    def _left(self) -> QWidget:
        left = QWidget()
        left.setProperty("look", "dock-left")
        left.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        left.setFixedWidth(LEFT_PX)
        title = QLabel(t("page.historian"))
        title.setProperty("look", "title")
        self._view_name.setProperty("look", "label")
        head, add = QHBoxLayout(), QHBoxLayout()
        head.addWidget(title)
        head.addStretch(1)
        head.addWidget(self.views_button)
        self.search.setPlaceholderText(t("historian.add"))
        self.search.setAccessibleName(t("historian.add"))
        self.search.setMinimumWidth(0)
        self.search.setMaximumWidth(LEFT_PX)
        add.setSpacing(4)
        add.addWidget(self.search, 1)
        add.addWidget(self.formula_button)
        hint = QLabel(t("pens.hint"))
        hint.setProperty("look", "caption")
        hint.setWordWrap(True)
        rule = QFrame()
        rule.setProperty("look", "hair")
        rule.setFixedHeight(1)
        query = QLabel(t("historian.query"))
        for label in (query, self._notes_title):
            label.setProperty("look", "head")
        self.card.setFixedWidth(LEFT_PX - 30)
        self._notes.setFrameShape(QFrame.Shape.NoFrame)
        self._notes.setAccessibleName(t("note.title"))
        self._notes.itemClicked.connect(lambda item: self.note_chosen.emit(item.data(Qt.ItemDataRole.UserRole)))
        self._notes.itemActivated.connect(lambda item: self.note_chosen.emit(item.data(Qt.ItemDataRole.UserRole)))
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(14, 0, 12, 8)
        column.setSpacing(8)
        for widget in (self.pens, hint, rule, query, self.query, self.card, self._notes_title, self._notes):
            column.addWidget(widget)
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidget(inside)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        whole = QVBoxLayout(left)
        whole.setContentsMargins(0, 12, 0, 0)
        whole.setSpacing(8)
        top = QVBoxLayout()
        top.setContentsMargins(14, 0, 12, 0)
        top.setSpacing(8)
        top.addLayout(head)
        top.addWidget(self._view_name)
        top.addLayout(add)
        whole.addLayout(top)
        whole.addWidget(scroll, 1)
        self._view_name.hide()
        self.show_notes([])
        return left

    def _right(self) -> QVBoxLayout:
        head = QHBoxLayout()
        head.setContentsMargins(14, 8, 10, 4)
        head.setSpacing(4)
        head.addWidget(self.bar)
        head.addStretch(1)
        for button in (
            self.shared_button, self.xy_button, self.again_button, self.copy_button, self.export_button,
        ):  # fmt: skip
            head.addWidget(button)
        choice = QHBoxLayout(self._xy_head)
        choice.setContentsMargins(14, 0, 14, 4)
        for name, combo in zip(("x", "y"), self._xy_choice, strict=True):
            label = QLabel(name)
            label.setProperty("look", "label-strong")
            combo.setAccessibleName(name)
            combo.currentIndexChanged.connect(lambda _place: self.xy_pair_changed.emit())
            choice.addWidget(label)
            choice.addWidget(combo)
        choice.addStretch(1)
        self._xy_head.hide()
        for place, name in enumerate(COLUMNS):
            if name in _WIDTHS:
                self.sheet.setColumnWidth(place, _WIDTHS[name])
        header = self.sheet.horizontalHeader()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(_NAME, QHeaderView.ResizeMode.Stretch)
        header.setMinimumSectionSize(40)
        right = QVBoxLayout()
        right.setSpacing(0)
        right.addLayout(head)
        right.addWidget(self._xy_head)
        right.addWidget(self._stage, 1)
        right.addWidget(self.sheet)
        return right

    # ---- what changes

    def new_plot(self, zone: tzinfo) -> TimePlot:
        """An empty plot, and its twin for x over y, in place of those of another plant."""
        for old in (self.plot, self.xy):
            if old is not None:
                self._stage.removeWidget(old)
                old.deleteLater()
        self.plot, self.xy = TimePlot(zone), XyPlot(zone)
        self._stage.addWidget(self.plot)
        self._stage.addWidget(self.xy)
        self.show_xy(on=self.xy_button.isChecked())
        return self.plot

    def show_xy(self, *, on: bool) -> None:
        """One signal against another, or both over time."""
        self._xy_head.setVisible(on)
        if self.plot is not None and self.xy is not None:
            self._stage.setCurrentWidget(self.xy if on else self.plot)

    def show_pens(self, rows: Sequence[PenRow]) -> None:
        """The list of pens, and the choice of two for x over y."""
        self.pens.show_pens(rows)
        drawn = [row for row in rows if row.shown]
        for place, combo in enumerate(self._xy_choice):
            chosen = combo.currentData()
            combo.blockSignals(True)
            combo.clear()
            for row in drawn:
                name = row.name or shown(row.signal.kks)
                combo.addItem(f"{name}  {row.signal.description}", row.signal.kks)
            at = combo.findData(chosen)
            combo.setCurrentIndex(at if at >= 0 else min(place, len(drawn) - 1))
            combo.blockSignals(False)
        self._fit_table()

    @property
    def xy_pair(self) -> tuple[str, str] | None:
        """The KKS along and the one up; None while there are none."""
        along, up = (combo.currentData() for combo in self._xy_choice)
        return (str(along), str(up)) if along and up else None

    def show_notes(self, notes: Sequence[tuple[str, str, str]]) -> None:
        """Id, time and text of each."""
        self._notes.clear()
        for note_id, when, text in notes:
            item = QListWidgetItem(f"{text.splitlines()[0] if text else ''}\n{when}")
            item.setData(Qt.ItemDataRole.UserRole, note_id)
            item.setToolTip(text)
            self._notes.addItem(item)
        self._notes_title.setVisible(bool(notes))
        self._notes.setVisible(bool(notes))
        self._notes.setFixedHeight(min(5, len(notes)) * 40 + 6)

    def show_view_name(self, name: str) -> None:
        """Which saved view was opened."""
        self._view_name.setText(name)
        self._view_name.setVisible(bool(name))

    def fit(self, width: int, height: int) -> None:
        """What has no room is left out."""
        narrow = width < _WIDE_PX
        for column in _LEFT_OUT:
            self.sheet.setColumnHidden(column, narrow)
        self.bar.fold(narrow=narrow)
        # Both have keys: F5 asks again, Ctrl and C copies.
        for button in (self.again_button, self.copy_button):
            button.setHidden(narrow)
        self._most_px = max(3 * _ROW_PX + 30, round(height * 0.24))
        self._fit_table()

    _most_px = 190

    def _fit_table(self) -> None:
        rows = self.sheet.table.rowCount()
        pens = len([1 for combo in self._xy_choice[:1] for _ in range(combo.count())])
        self.sheet.setFixedHeight(min(self._most_px, max(2, rows, pens) * _ROW_PX + 34))

    def restyle(self) -> None:
        """Take the theme's colours."""
        if self.xy is not None:
            self.xy.restyle()
