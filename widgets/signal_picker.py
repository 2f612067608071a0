"""A small pop-over to choose one signal by typing; it never blocks the window."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, Qt
from PySide6.QtCore import Signal as QtSignal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from resources.words import t
from widgets.search import Hit, find

_MOST = 200


class SignalPicker(QFrame):
    """Type, choose, gone."""

    signal_chosen = QtSignal(str)
    """Its KKS or tag."""

    def __init__(self, hits: Sequence[Hit], parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("look", "card")
        self.setFixedSize(380, 300)
        self._hits = hits
        self._line, self._list = QLineEdit(), QListWidget()
        self._line.setPlaceholderText(t("search.placeholder"))
        self._line.setAccessibleName(t("search.placeholder"))
        self._line.textChanged.connect(self._offer)
        self._line.returnPressed.connect(self._take)
        self._list.itemClicked.connect(self._take)
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.addWidget(self._line)
        column.addWidget(self._list, 1)
        self._offer("")

    def pop_up(self, at: QPoint) -> None:
        """Show it with its corner there, on the screen."""
        self.move(at)
        self.show()
        self._line.setFocus()

    def _offer(self, text: str) -> None:
        self._list.clear()
        for hit in find(self._hits, text, _MOST) if text.strip() else self._hits[:_MOST]:
            item = QListWidgetItem(f"{hit.title}   {hit.detail}")
            item.setData(Qt.ItemDataRole.UserRole, hit.code)
            self._list.addItem(item)
        self._list.setCurrentRow(0)

    def _take(self) -> None:
        item = self._list.currentItem()
        if item is not None:
            self.signal_chosen.emit(item.data(Qt.ItemDataRole.UserRole))
            self.close()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up) and self._list.count():
            step = 1 if event.key() == Qt.Key.Key_Down else -1
            self._list.setCurrentRow((self._list.currentRow() + step) % self._list.count())
        else:
            super().keyPressEvent(event)
