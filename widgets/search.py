"""Find a tag, an equipment or a drawing by typing; blanks in a KKS do not matter."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QPoint, QRectF, QSize, Qt
from PySide6.QtCore import Signal as QtSignal
from PySide6.QtGui import QAction, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from resources.words import t
from widgets import style

MOST_HITS: Final = 12
_SHEET_PX: Final = 150
_ROUND_TEXT_PX: Final = 72
"""Glass, padding and frame beside the placeholder."""
_HIT = Qt.ItemDataRole.UserRole
Index = QModelIndex | QPersistentModelIndex


class Hit(NamedTuple):
    """Something that can be found."""

    refinery: str
    code: str
    """KKS, tag or id; empty for a drawing."""
    title: str
    detail: str
    number: int = -1
    """The drawing it is on; -1 where that is not known."""
    sheet: str = ""
    """That drawing's title, or what else stands at the right."""
    more: str = ""
    """Further words it is found by: what kind of thing it is, what its code means."""
    signals: tuple[str, ...] = ()
    """Descriptions of an equipment's signals: who names one of them and the equipment's kind wants the equipment."""


@lru_cache(maxsize=200_000)
def folded(text: str) -> str:
    """Text as it is compared: no accents, no case, no blanks."""
    plain = unicodedata.normalize("NFKD", text)
    return "".join(c for c in plain if not unicodedata.combining(c) and not c.isspace()).casefold()


def find(hits: Sequence[Hit], text: str, most: int = MOST_HITS) -> list[Hit]:
    """The best hits: codes that begin so, codes that hold it, words of title and detail, words of what it means.

    An equipment counts by its name also if one word is of itself and the others describe one of its signals.
    """
    wanted = folded(text)
    if not wanted:
        return []
    words = [folded(word) for word in text.split()]
    ranked: list[tuple[int, int, Hit]] = []
    for number, hit in enumerate(hits):
        code, rest, more = folded(hit.code), folded(f"{hit.title} {hit.detail}"), folded(hit.more)
        if code.startswith(wanted):
            ranked.append((0, number, hit))
        elif wanted in code:
            ranked.append((1, number, hit))
        elif all(word in rest or word in code for word in words) or _by_signal(hit, f"{rest} {code} {more}", words):
            ranked.append((2, number, hit))
        elif all(word in rest or word in code or word in more for word in words):
            ranked.append((3, number, hit))
    return [hit for _, _, hit in sorted(ranked, key=lambda entry: entry[:2])[:most]]


def _by_signal(hit: Hit, own: str, words: Sequence[str]) -> bool:
    others = [word for word in words if word not in own]
    if not hit.signals or len(others) == len(words):
        return False
    return any(all(word in folded(text) for word in others) for text in hit.signals)


class _TwoColumns(QStyledItemDelegate):
    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return QSize(300, 28)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        hit: Hit = index.data(_HIT)
        rect = QRectF(option.rect)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, style.color("hand.soft"))
        painter.setFont(style.font("body", "semibold", condensed=True))
        painter.setPen(style.color("text.primary"))
        painter.drawText(rect.adjusted(10, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, hit.title)
        painter.setFont(style.font("label"))
        painter.setPen(style.color("text.secondary"))
        at_right = int(_SHEET_PX if hit.sheet else 0)
        rules = painter.fontMetrics()
        cut = rules.elidedText(hit.detail, Qt.TextElideMode.ElideRight, int(rect.width() - 190 - at_right))
        painter.drawText(rect.adjusted(176, 0, -8, 0), Qt.AlignmentFlag.AlignVCenter, cut)
        if hit.sheet:
            painter.setPen(style.color("text.tertiary"))
            sheet = rules.elidedText(hit.sheet, Qt.TextElideMode.ElideRight, at_right - 20)
            sides = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
            painter.drawText(rect.adjusted(0, 0, -10, 0), sides, sheet)


class Search(QLineEdit):
    """The search field with its list of hits below."""

    found = QtSignal(str, str, int)
    """Refinery, code and drawing of the hit chosen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._hits: Sequence[Hit] = ()
        self.setAccessibleName(t("search.placeholder"))
        self._glass = QAction(style.icon("search", size=16), "", self)
        self.addAction(self._glass, QLineEdit.ActionPosition.LeadingPosition)
        self._popup = QFrame(self, Qt.WindowType.ToolTip)
        self._popup.setProperty("look", "card")
        self._list = QListWidget()
        self._list.setItemDelegate(_TwoColumns(self._list))
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.itemClicked.connect(self._take)
        column = QVBoxLayout(self._popup)
        column.setContentsMargins(1, 4, 1, 4)
        column.addWidget(self._list)
        self.textEdited.connect(self._offer)
        self.returnPressed.connect(lambda: self._take(self._list.currentItem()))
        if (application := QApplication.instance()) is not None:
            application.installEventFilter(self)
        self.fold(narrow=False)

    def fold(self, *, narrow: bool) -> None:
        """Say less where there is no room; what is said is never cut."""
        self.setPlaceholderText(t("search.placeholder.short" if narrow else "search.placeholder"))
        self.ensurePolished()
        wanted = self.fontMetrics().horizontalAdvance(self.placeholderText()) + _ROUND_TEXT_PX
        self.setFixedWidth(max(256, wanted))

    def index(self, hits: Sequence[Hit]) -> None:
        """What can be found from now on."""
        self._hits = hits

    def begin(self) -> None:
        """Put the cursor here."""
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.selectAll()

    def _offer(self, text: str) -> None:
        found = find(self._hits, text)
        self._list.clear()
        for hit in found:
            item = QListWidgetItem(hit.title)
            item.setData(_HIT, hit)
            self._list.addItem(item)
        if not text.strip():
            self._popup.hide()
            return
        if not found:
            item = QListWidgetItem()
            item.setData(_HIT, Hit("", "", t("search.nothing"), text.strip()))
            item.setFlags(Qt.ItemFlag.NoItemFlags)
            self._list.addItem(item)
        self._list.setCurrentRow(0)
        self._popup.setFixedSize(max(620, self.width()), 28 * self._list.count() + 12)
        corner = self.mapToGlobal(QPoint(0, self.height() + 4))
        self._popup.move(corner)
        self._popup.show()

    def _take(self, item: QListWidgetItem | None) -> None:
        if item is None:
            return
        hit: Hit = item.data(_HIT)
        self._popup.hide()
        if hit.refinery:
            self.clear()
            self.clearFocus()
            self.found.emit(hit.refinery, hit.code, hit.number)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up) and self._list.count():
            step = 1 if event.key() == Qt.Key.Key_Down else -1
            self._list.setCurrentRow((self._list.currentRow() + step) % self._list.count())
        elif event.key() == Qt.Key.Key_Escape:
            self._popup.hide()
            self.clear()
            self.clearFocus()
        else:
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if (
            event.type() == QEvent.Type.MouseButtonPress
            and self._popup.isVisible()
            and isinstance(watched, QWidget)
            and not self._popup.isAncestorOf(watched)
            and watched not in (self, self._popup)
        ):
            self._popup.hide()
        return super().eventFilter(watched, event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange and hasattr(self, "_glass"):
            self._glass.setIcon(style.icon("search", size=16))
