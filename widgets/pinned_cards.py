"""Tags kept in sight: each a low card with value, quality and age, above the open faceplate."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtCore import Signal as QtSignal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from contracts.number_text import age
from contracts.sample import now_us
from contracts.signal_list import Signal
from data.reading import NEVER_SEEN, Reading, age_s
from resources.words import language, t
from widgets import marks, style
from widgets.buttons import IconButton
from widgets.plant_now import PlantNow
from widgets.quality_words import quality_word, value_token
from widgets.signal_words import shown, value_text

MOST: Final = 2
"""With the open faceplate three cards stand in the dock."""


class PinnedCard(QWidget):
    """One tag."""

    chosen = QtSignal(str)
    closed = QtSignal(str)

    def __init__(self, now: PlantNow, signal: Signal) -> None:
        super().__init__()
        self.signal = signal
        self._now = now
        self._reading: Reading = NEVER_SEEN
        self._age = ""
        self.setFixedHeight(72)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._close = IconButton("x", t("action.unpin"), self, px=16)
        self._close.clicked.connect(lambda: self.closed.emit(signal.kks))
        self.refresh()

    def refresh(self) -> None:
        """Show the newest reading."""
        reading = self._now.readings.get(self.signal.kks, NEVER_SEEN)
        text = t("ago", age=age(age_s(reading, now_us()), language())) if reading.time_us else ""
        if (reading, text) != (self._reading, self._age):
            self._reading, self._age = reading, text
            value = value_text(self.signal, reading.value)
            self.setAccessibleName(f"{shown(self.signal.kks)}, {value} {self.signal.unit}, {text}")
            self.update()

    def resizeEvent(self, _event: object) -> None:
        self._close.move(self.width() - 36, 4)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(self.signal.kks)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setFont(style.font("strong", "semibold", condensed=True))
        painter.setPen(style.color("text.primary"))
        painter.drawText(QRectF(20, 8, 220, 20), middle, shown(self.signal.kks))
        painter.setFont(style.font("caption"))
        painter.setPen(style.color("text.secondary"))
        name = painter.fontMetrics().elidedText(self.signal.description, Qt.TextElideMode.ElideRight, 200)
        painter.drawText(QRectF(20, 27, 200, 16), middle, name)
        painter.drawText(QRectF(20, 45, 220, 18), middle, f"{quality_word(self._reading.quality)} · {self._age}")
        unit = self.signal.unit if self.signal.kind == "analog" else ""
        marks.paint_value(
            painter,
            QRectF(220, 30, self.width() - 240, 32),
            value_text(self.signal, self._reading.value),
            unit,
            px=20,
            token=value_token(self._reading.quality),
        )
        painter.setPen(style.color("line.hair"))
        painter.drawLine(0, self.height() - 1, self.width(), self.height() - 1)


class PinnedCards(QWidget):
    """At most `MOST` cards under each other; the oldest gives way."""

    chosen = QtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "dock-right")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._cards: list[PinnedCard] = []
        self.hide()

    @property
    def tags(self) -> list[str]:
        """What is pinned, oldest first."""
        return [card.signal.kks for card in self._cards]

    def pin(self, now: PlantNow, signal: Signal) -> None:
        """Keep a tag in sight; one that is pinned already is let go."""
        if signal.kks in self.tags:
            self.unpin(signal.kks)
            return
        if len(self._cards) == MOST:
            self.unpin(self._cards[0].signal.kks)
        card = PinnedCard(now, signal)
        card.chosen.connect(self.chosen)
        card.closed.connect(self.unpin)
        self._cards.append(card)
        self._column.addWidget(card)
        self.show()

    def unpin(self, kks: str) -> None:
        """Let one go."""
        for card in [card for card in self._cards if card.signal.kks == kks]:
            self._cards.remove(card)
            self._column.removeWidget(card)
            card.deleteLater()
        self.setVisible(bool(self._cards))

    def refresh(self) -> None:
        """Show the newest readings."""
        for card in self._cards:
            card.refresh()
