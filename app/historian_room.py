"""The historian's page joined with the window: signals are dragged to it from drawing, tree, tables and faceplate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPointF
from PySide6.QtWidgets import QLabel, QWidget

from app.signal_drag import DragFrom, DropOn
from widgets.signal_words import signals_of
from widgets.tables import TableSheet

if TYPE_CHECKING:
    from app.main_window import MainWindow


class HistorianRoom(QObject):
    """Where signals come from, and where they can be dropped."""

    def __init__(self, window: MainWindow, rail_button: QWidget, open_page: int) -> None:
        super().__init__(window)
        self._window = window
        page = window.synoptic
        page.drawing_shown.connect(lambda *_: self._watch_canvas())
        self._watch_canvas()
        DragFrom(page.navigator.tree.viewport(), self._in_tree)
        for sheet in (window.stock.sheet, window.alarms.sheet):
            DragFrom(sheet.viewport(), lambda at, sheet=sheet: self._in_table(sheet, at))  # type: ignore[misc]
        for label in page.faceplate.findChildren(QLabel):
            if label.property("look") == "tag":
                DragFrom(label, lambda _at: page.faceplate.leading)
        # Held over the rail the page opens, and the drag goes on to its plot.
        DropOn(rail_button, lambda code: window.open_history([code]), lambda: window.show_page(open_page))
        DropOn(page.trend, self._to_trend)

    def _watch_canvas(self) -> None:
        canvas = self._window.synoptic.canvas
        if not canvas.property("gives-signals"):
            canvas.setProperty("gives-signals", True)
            DragFrom(canvas, canvas.kks_at, with_alt=True)

    def _in_tree(self, at: QPointF) -> str:
        return self._window.synoptic.navigator.code_at(at.toPoint())

    def _in_table(self, sheet: TableSheet, at: QPointF) -> str:
        index = sheet.indexAt(at.toPoint())
        if not index.isValid():
            return ""
        plant = self._window.synoptic.live.plant
        row = sheet.table.cells[sheet.source_row(index)]
        codes = [cell.value for cell in row if isinstance(cell.value, str) and cell.value]
        return next((code for code in codes if code in plant.by_kks or signals_of(plant, code)), "")

    def _to_trend(self, code: str) -> None:
        page = self._window.synoptic
        for signal in signals_of(page.live.plant, code)[:1]:
            page.add_to_trend(signal.kks)
