"""The plant as a tree of drawings and zones with the worst alarm of each branch; below it what is in the tanks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple, cast

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtCore import Signal as QtSignal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QLineEdit,
    QSizePolicy,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from contracts.number_text import number
from contracts.plant import Plant
from contracts.quality import is_good
from resources.words import language, t
from widgets import marks, style
from widgets.plant_now import TankNow

_KEY = Qt.ItemDataRole.UserRole
_BADGE = Qt.ItemDataRole.UserRole + 1
_CODE = Qt.ItemDataRole.UserRole + 2

WIDE_PX: Final = 248
"""Wider than the drawings alone would need: an equipment's code and name stand in one line."""


class Branch(NamedTuple):
    """What a branch of the tree carries: a plant's id and a drawing's place in its list (-1: the plant itself)."""

    refinery: str
    drawing: int


class Standing(NamedTuple):
    """A standing alarm as a branch shows it."""

    rank: int
    """Among all standing alarms of the plant, the most urgent 0."""
    priority: int
    state: str


class Node(NamedTuple):
    """A system, an equipment or an instrument of a sheet."""

    code: str
    """Empty for a system, which is nowhere on the sheet."""
    title: str
    tip: str
    children: tuple[Node, ...]


class _Badges(QStyledItemDelegate):
    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().paint(painter, option, index)
        if (badge := index.data(_BADGE)) is not None:
            priority, state = badge
            rect = option.rect
            marks.paint_badge(painter, QPointF(rect.right() - 10, rect.center().y() + 1), priority, state, 5)


class _Tree(QTreeWidget):
    """The style sheet's tree has no arrows of its own that follow the theme."""

    def drawBranches(self, painter: QPainter, rect: QRect, index: QModelIndex | QPersistentModelIndex) -> None:
        item = self.itemFromIndex(cast("QModelIndex", index))
        if item is None or not any(not child.isHidden() for child in _leaves(item)):
            return
        name = "chevron-down" if item.isExpanded() else "chevron-right"
        at = QPointF(rect.right() - 12, rect.center().y() - 5.5)
        painter.drawPixmap(at, style.pixmap(name, "text.secondary", 12, self.devicePixelRatioF()))


class StockLine(NamedTuple):
    """One product over its tanks."""

    product: str
    volume_m3: float | None
    capacity_m3: float
    good: bool


def by_product(tanks: Sequence[TankNow]) -> list[StockLine]:
    """Observed volume per product; a product with one unknown tank has no total, and one doubtful tank dims it."""
    totals: dict[str, StockLine] = {}
    for now in tanks:
        before = totals.get(now.tank.product, StockLine(now.tank.product, 0.0, 0.0, good=True))
        held = now.inventory.tov_m3
        volume = None if before.volume_m3 is None or held is None else before.volume_m3 + held
        totals[now.tank.product] = StockLine(
            now.tank.product,
            volume,
            before.capacity_m3 + now.inventory.capacity_m3,
            before.good and is_good(now.reading.quality),
        )
    return list(totals.values())


class StockBars(QWidget):
    """A bar of the capacity for each product."""

    ROW_PX = 37

    def __init__(self) -> None:
        super().__init__()
        self._lines: list[StockLine] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_stock(self, lines: list[StockLine]) -> None:
        """Replace the products."""
        if lines != self._lines:
            resized = len(lines) != len(self._lines)
            self._lines = lines
            if resized:
                self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(180, self.ROW_PX * len(self._lines))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        for place, line in enumerate(self._lines):
            top = place * self.ROW_PX
            box = QRectF(0, top, self.width(), 22)
            token = "value.live" if line.good else "quality.stale"
            used = marks.paint_value(painter, box, number(line.volume_m3, 0, language()), "m³", token=token)
            painter.setFont(style.font("label"))
            painter.setPen(style.color("text.secondary"))
            room = int(self.width() - used - 6)
            name = painter.fontMetrics().elidedText(line.product, Qt.TextElideMode.ElideRight, room)
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, name)
            track = QRectF(0, top + 24, self.width(), 5)
            painter.fillRect(track, style.color("bg.sunken"))
            if line.volume_m3 is None:
                painter.fillRect(track, marks.hatch())
            elif line.capacity_m3 > 0:
                track.setWidth(track.width() * min(1.0, line.volume_m3 / line.capacity_m3))
                painter.fillRect(track, style.color("equip.liquidLine"))


class Navigator(QWidget):
    """The left dock."""

    drawing_chosen = QtSignal(str, int)
    element_chosen = QtSignal(str, int, str)
    """Refinery, drawing and code."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "dock-left")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedWidth(WIDE_PX)
        title = QLabel(t("navigator.title"))
        title.setProperty("look", "head")
        self._filter = QLineEdit()
        self._filter.setPlaceholderText(t("navigator.filter"))
        self._filter.textChanged.connect(self._hide_others)
        self._tree = _Tree()
        self._tree.setHeaderHidden(True)
        self._tree.setIndentation(12)
        self._tree.setUniformRowHeights(True)
        self._trees: dict[Branch, Sequence[Node]] = {}
        self._items: dict[tuple[Branch, str], QTreeWidgetItem] = {}
        self._plants: list[Plant] = []
        self._worst: tuple[Mapping[str, Standing | None], Mapping[Branch, Mapping[str, Standing]]] = ({}, {})
        self._front = Branch("", -1)
        self._tree.setItemDelegate(_Badges(self._tree))
        self._tree.setAccessibleName(t("navigator.title"))
        self._tree.currentItemChanged.connect(self._choose)
        self._tree.itemActivated.connect(self._choose)
        stock_title = QLabel(t("navigator.stock"))
        stock_title.setProperty("look", "head")
        self._stock = StockBars()
        self._stock_part: tuple[QWidget, ...] = ()
        self._note = QLabel()
        self._note.setProperty("look", "caption")
        self._note.setWordWrap(True)
        rule = QFrame()
        rule.setProperty("look", "hair")
        rule.setFixedHeight(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 12, 12, 12)
        column.setSpacing(8)
        for widget in (title, self._filter):
            column.addWidget(widget)
        column.addWidget(self._tree, 1)
        column.addWidget(rule)
        column.addWidget(stock_title)
        column.addWidget(self._stock)
        column.addWidget(self._note)
        self._stock_part = (rule, stock_title, self._stock, self._note)

    @property
    def tree(self) -> QTreeWidget:
        """The branches."""
        return self._tree

    def code_at(self, at: QPoint) -> str:
        """The code of the equipment or instrument at a place of the tree; empty where there is none."""
        item = self._tree.itemAt(at)
        return "" if item is None else str(item.data(0, _CODE) or "")

    def show_plants(self, plants: Sequence[Plant], shown: Branch) -> None:
        """Fill the tree, and mark the drawing in front."""
        self._tree.blockSignals(True)
        self._front = shown
        for part in self._stock_part:
            part.setVisible(any(plant.tanks for plant in plants))
        if list(plants) != self._plants:
            self._plants = list(plants)
            self._fill()
        for root in self._roots():
            for leaf in _leaves(root):
                front = leaf.data(0, _KEY) == shown
                leaf.setExpanded(front)
                if front:
                    self._tree.setCurrentItem(leaf)
        self._tree.blockSignals(False)

    def _fill(self) -> None:
        self._tree.clear()
        self._items.clear()
        for plant in self._plants:
            root = QTreeWidgetItem([plant.name])
            root.setData(0, _KEY, Branch(plant.refinery, -1))
            root.setFont(0, style.font("body", "semibold"))
            self._tree.addTopLevelItem(root)
            for number_of_drawing, drawing in enumerate(plant.drawings):
                leaf = QTreeWidgetItem([drawing.title])
                branch = Branch(plant.refinery, number_of_drawing)
                leaf.setData(0, _KEY, branch)
                leaf.setToolTip(0, drawing.title)
                root.addChild(leaf)
                self._grow(leaf, branch, self._trees.get(branch, ()))
            root.setExpanded(True)
        self.show_alarms(*self._worst)

    def show_tree(self, branch: Branch, nodes: Sequence[Node]) -> None:
        """What stands on a drawing: its systems with their equipment and instruments."""
        if self._trees.get(branch) == nodes:
            return
        self._trees[branch] = nodes
        self._tree.blockSignals(True)
        for root in self._roots():
            for leaf in _leaves(root):
                if leaf.data(0, _KEY) == branch:
                    leaf.takeChildren()
                    self._items = {key: item for key, item in self._items.items() if key[0] != branch}
                    self._grow(leaf, branch, nodes)
                    self._badge_drawing(leaf)
                    leaf.setExpanded(branch == self._front)
        self._tree.blockSignals(False)
        self._hide_others(self._filter.text())

    def _grow(self, parent: QTreeWidgetItem, branch: Branch, nodes: Sequence[Node]) -> None:
        for node in nodes:
            item = QTreeWidgetItem([node.title])
            item.setData(0, _KEY, branch)
            item.setData(0, _CODE, node.code)
            item.setToolTip(0, node.tip)
            if not node.code:
                item.setFont(0, style.font("body", "medium"))
            parent.addChild(item)
            if node.code:
                self._items[branch, node.code] = item
            self._grow(item, branch, node.children)

    def select(self, branch: Branch, code: str) -> bool:
        """Mark what is selected on the drawing, without acting on it; False where the tree does not hold it."""
        item = self._items.get((branch, code))
        if item is None:
            return False
        self._tree.blockSignals(True)
        self._tree.setCurrentItem(item)
        self._tree.scrollToItem(item)
        self._tree.blockSignals(False)
        return True

    def show_alarms(
        self, plants: Mapping[str, Standing | None], sheets: Mapping[Branch, Mapping[str, Standing]]
    ) -> None:
        """The worst standing alarm of each refinery, and on each drawing that was read, of each code.

        A branch shows the worst of what it holds. On a drawing the code `""` is the drawing itself.
        """
        self._worst = plants, sheets
        for root in self._roots():
            _set_badge(root, plants.get(root.data(0, _KEY).refinery))
            for leaf in _leaves(root):
                self._badge_drawing(leaf)

    def _badge_drawing(self, leaf: QTreeWidgetItem) -> None:
        of_codes = self._worst[1].get(leaf.data(0, _KEY), {})
        for child in _leaves(leaf):
            _badge_branch(child, of_codes)
        _set_badge(leaf, of_codes.get(""))

    def show_stock(self, tanks: Sequence[TankNow], sampled: str) -> None:
        """Stock by product, and when it was sampled."""
        self._stock.show_stock(by_product(tanks))
        self._note.setText(t("navigator.sampled", time=sampled, tanks=len(tanks)))

    def _choose(self, item: QTreeWidgetItem | None) -> None:
        if item is None:
            return
        branch, code = item.data(0, _KEY), item.data(0, _CODE)
        if code:
            self.element_chosen.emit(branch.refinery, branch.drawing, code)
        elif code is None:
            self.drawing_chosen.emit(branch.refinery, max(0, branch.drawing))

    def _hide_others(self, text: str) -> None:
        """Leave what holds the text, all under it and all above it; blanks in a code do not matter."""
        wanted = "".join(text.casefold().split())
        for root in self._roots():
            for leaf in _leaves(root):
                _sift(leaf, wanted)

    def _roots(self) -> list[QTreeWidgetItem]:
        found = (self._tree.topLevelItem(i) for i in range(self._tree.topLevelItemCount()))
        return [item for item in found if item is not None]


def _leaves(root: QTreeWidgetItem) -> list[QTreeWidgetItem]:
    found = (root.child(n) for n in range(root.childCount()))
    return [item for item in found if item is not None]


def _badge_branch(item: QTreeWidgetItem, of_codes: Mapping[str, Standing]) -> Standing | None:
    """Badge an item and all under it; the worst of them."""
    below = [_badge_branch(child, of_codes) for child in _leaves(item)]
    own = of_codes.get(str(item.data(0, _CODE) or " "))
    worst = min((found for found in (own, *below) if found is not None), default=None)
    _set_badge(item, worst)
    return worst


def _set_badge(item: QTreeWidgetItem, worst: Standing | None) -> None:
    badge = None if worst is None else (worst.priority, worst.state)
    if item.data(0, _BADGE) != badge:
        item.setData(0, _BADGE, badge)


def _sift(item: QTreeWidgetItem, wanted: str) -> bool:
    """Hide an item unless it or something under it holds the text; whether it stays."""
    text = "".join(f"{item.text(0)}{item.toolTip(0)}".casefold().split())
    if wanted in text:
        _show_all(item)
        item.setExpanded(bool(wanted) and item.childCount() > 0 and item.data(0, _CODE) is not None)
        return True
    below = [_sift(child, wanted) for child in _leaves(item)]
    item.setHidden(not any(below))
    item.setExpanded(any(below))
    return any(below)


def _show_all(item: QTreeWidgetItem) -> None:
    item.setHidden(False)
    for child in _leaves(item):
        _show_all(child)
