"""The bottom line: how each source is, how much comes, how healthy the drawing is."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from contracts.number_text import number
from resources.words import language, t
from widgets import style
from widgets.plant_now import SourceNow


class StatusBar(QWidget):
    """24 px; a failed source gets one line here, not one dialog a tag."""

    def __init__(self, version: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "status")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(24)
        self._icon, self._source, self._parts, self._drawing = QLabel(), QLabel(), QLabel(), QLabel()
        self._historian, self._stood_still = QLabel(), QLabel()
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 12, 0)
        row.setSpacing(24)
        row.addWidget(self._icon)
        row.setSpacing(8)
        self._source.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        row.addWidget(self._source, 1)
        for label in (self._stood_still, self._parts, self._drawing, self._historian, QLabel(f"v{version}")):
            row.addSpacing(12)
            row.addWidget(label)
        for label in self.findChildren(QLabel):
            label.setProperty("look", "status")
        self._icon.hide()

    def show_source(self, source: SourceNow, tags: int, not_good: int) -> None:
        """The source in one line; what is wrong stands first. `not_good`: how many of its tags have no good value."""
        per_s = number(source.events_per_s, 0, language())
        text = t("status.source", source=source.name, tags=number(tags, 0, language()), rate=per_s)
        if not_good:
            text = f"{t('status.not_good', n=number(not_good, 0, language()))} · {text}"
        if source.rejected:
            text += f" · {t('status.rejected', n=number(source.rejected, 0, language()))}"
        if not source.alive:
            # The processes report in English; a person reads why by the state, and their words in the tooltip.
            text = f"{t(f'source.state.{source.state}')} — {t(f'source.why.{source.state}', source=source.name)}"
        wrong = bool(not_good) or not source.alive
        if wrong:
            icon = "plug-x" if not source.alive else "alert-triangle"
            self._icon.setPixmap(style.pixmap(icon, "text.primary", 14, self.devicePixelRatioF()))
        self._icon.setVisible(wrong)
        self._source.setText(f"<b>{text}</b>" if wrong else text)
        self._source.setToolTip(source.detail)

    def show_parts(self, text: str, why: str) -> None:
        """Which of the processes are away; empty while all run."""
        self._parts.setText(f"<b>{text}</b>" if text else "")
        self._parts.setToolTip(why)

    def show_drawing(self, text: str) -> None:
        """How much of the drawing lives."""
        self._drawing.setText(text)

    def show_historian(self, text: str) -> None:
        """What the historian holds."""
        self._historian.setText(text)

    def show_stood_still(self, text: str) -> None:
        """That the screen stood still, and for how long; empty while it moves."""
        self._stood_still.setText(f"<b>{text}</b>" if text else "")
