"""The one form in which something missing is said: an icon, what happened, why or how far, one action."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QVBoxLayout, QWidget

from resources.words import t
from widgets import style
from widgets.buttons import link_button


class Card(QFrame):
    """Empty, loading, failed and denied alike."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "card")
        self.setFixedWidth(420)
        self._icon_name = "info-circle"
        self._icon, self._what, self._why = QLabel(), QLabel(), QLabel()
        self._what.setProperty("look", "strong")
        self._why.setProperty("look", "label")
        for label in (self._what, self._why):
            label.setWordWrap(True)
        self._why.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._progress = QProgressBar()
        self._progress.setTextVisible(False)
        self._actions = QHBoxLayout()
        self._actions.setSpacing(16)
        column = QVBoxLayout()
        column.setSpacing(6)
        column.addWidget(self._what)
        column.addWidget(self._why)
        column.addWidget(self._progress)
        column.addLayout(self._actions)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 14, 16, 12)
        row.setSpacing(14)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(column, 1)
        self.hide()

    def say(
        self,
        icon: str,
        what: str,
        why: str,
        *actions: tuple[str, Callable[[], None]],
        progress: float | None = None,
        busy: bool = False,
    ) -> None:
        """Show the card. `progress` is 0 to 1; `busy` alone shows that it goes on without a known end."""
        self._icon_name = icon
        self._draw_icon()
        self._what.setText(what)
        self._why.setText(why)
        self._why.setVisible(bool(why))
        self._progress.setVisible(progress is not None or busy)
        self._progress.setRange(0, 1000 if progress is not None else 0)
        self._progress.setValue(round(1000 * (progress or 0)))
        while (item := self._actions.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.deleteLater()
        for text, action in actions:
            button = link_button(text)
            button.clicked.connect(action)
            self._actions.addWidget(button)
        if actions:
            self._actions.addStretch(1)
        self.show()
        self.adjustSize()
        self.raise_()
        self.setAccessibleName(what)
        self.setAccessibleDescription(why)

    def place(self, over: QWidget) -> None:
        """Stand in the middle of a widget."""
        self.adjustSize()
        self.move(over.rect().center() - self.rect().center())

    def _draw_icon(self) -> None:
        self._icon.setPixmap(style.pixmap(self._icon_name, "text.secondary", 24, self.devicePixelRatioF()))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._draw_icon()


def offer_direct(card: Card, part: str, why: str, direct: Callable[[], None], retry: Callable[[], None]) -> None:
    """A part of the path through Kafka is missing: say which, and offer Modbus without Kafka."""
    card.say("plug-x", t("card.part_missing", part=part), why, (t("card.direct"), direct), (t("card.retry"), retry))
