"""What a traced line passes: how much, what by name, and where it leaves the drawings at hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtCore import Signal as QtSignal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from resources.words import t
from widgets import style
from widgets.buttons import IconButton, chip, link_button

MOST_NAMES: Final = 8
DIRECTIONS: Final = ("up", "both", "down")


class Traced(NamedTuple):
    """A route in words."""

    title: str
    direction: str
    """up, both or down."""
    counts: str
    """`3 equipos · 4 válvulas`."""
    names: Sequence[tuple[str, str, int]]
    """Code, name and drawing number of the main items, nearest first."""
    sheets: Sequence[tuple[int, str]]
    """Other drawings it passes: number and title."""
    ends: Sequence[str]
    """In words where it enters and leaves the drawings at hand, and where it was not followed."""


class _Sample(QWidget):
    """How the two directions look: never by colour alone."""

    def __init__(self, *, upstream: bool) -> None:
        super().__init__()
        self._upstream = upstream
        self.setFixedSize(34, 12)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(style.color("hand.accent"), 5)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        if self._upstream:
            pen.setDashPattern((1.6, 0.9))
        painter.setOpacity(0.55)
        painter.setPen(pen)
        painter.drawLine(0, 6, 34, 6)


class TraceCard(QFrame):
    """Stands at the top left of the drawing while a route is marked."""

    closed = QtSignal()
    direction_chosen = QtSignal(str)
    chosen = QtSignal(int, str)
    """Drawing number and code of a main item."""
    sheet_chosen = QtSignal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "card")
        self.setFixedWidth(292)
        self._title, self._counts = QLabel(), QLabel()
        self._title.setProperty("look", "strong")
        self._title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._counts.setProperty("look", "label")
        self._counts.setWordWrap(True)
        close = IconButton("x", t("trace.end"), px=16)
        close.clicked.connect(self.closed)
        head = QHBoxLayout()
        head.addWidget(self._title, 1)
        head.addWidget(close)
        ways = QHBoxLayout()
        ways.setSpacing(6)
        self._ways = {}
        for name in DIRECTIONS:
            switch = chip(t(f"trace.{name}"))
            switch.clicked.connect(lambda _on, name=name: self.direction_chosen.emit(name))
            self._ways[name] = switch
            ways.addWidget(switch)
        ways.addStretch(1)
        legend = QHBoxLayout()
        legend.setSpacing(6)
        for upstream, word in ((True, "trace.comes"), (False, "trace.goes")):
            label = QLabel(t(word))
            label.setProperty("look", "caption")
            legend.addWidget(_Sample(upstream=upstream))
            legend.addWidget(label)
        legend.addStretch(1)
        self._body = QVBoxLayout()
        self._body.setSpacing(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 8, 8, 12)
        column.setSpacing(6)
        column.addLayout(head)
        column.addLayout(ways)
        column.addLayout(legend)
        column.addWidget(self._counts)
        column.addLayout(self._body)
        self.hide()

    def show_trace(self, traced: Traced) -> None:
        """Say what a route passes."""
        self._title.setText(traced.title)
        self._counts.setText(traced.counts)
        for name, switch in self._ways.items():
            switch.setChecked(name == traced.direction)
        self._empty()
        for code, name, number in traced.names[:MOST_NAMES]:
            button = link_button(f"{code}  {name}".strip())
            button.clicked.connect(lambda _on, number=number, code=code: self.chosen.emit(number, code))
            self._add(button)
        if (rest := len(traced.names) - MOST_NAMES) > 0:
            self._add(self._caption(t("trace.more", n=rest)))
        for number, title in traced.sheets:
            button = link_button(t("trace.passes", sheet=title))
            button.clicked.connect(lambda _on, number=number: self.sheet_chosen.emit(number))
            self._add(button)
        for end in traced.ends:
            self._add(self._caption(end))
        self.setAccessibleName(traced.title)
        self.setAccessibleDescription(traced.counts)
        self.show()
        self.raise_()
        self.adjustSize()

    def _add(self, widget: QWidget) -> None:
        self._body.addWidget(widget, 0, Qt.AlignmentFlag.AlignLeft)
        widget.show()

    def _empty(self) -> None:
        while (item := self._body.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()

    @staticmethod
    def _caption(text: str) -> QLabel:
        label = QLabel(text)
        label.setProperty("look", "caption")
        label.setWordWrap(True)
        label.setFixedWidth(260)
        return label
