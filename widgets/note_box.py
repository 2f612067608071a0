"""A small pop-over to write a note for the drawing."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtCore import Signal as QtSignal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from resources.words import t
from widgets.buttons import action_button

LONGEST = 500


class NoteBox(QFrame):
    """Text, and a button; Ctrl and Enter keep it, Esc leaves it."""

    written = QtSignal(str)
    """The text, without blanks at its ends; never empty."""

    def __init__(self, text: str, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("look", "card")
        self.setFixedSize(320, 170)
        title = QLabel(t("edit.menu.note_text"))
        title.setProperty("look", "head")
        self.text = QPlainTextEdit(text)
        self.text.setAccessibleName(t("edit.menu.note_text"))
        self.text.setTabChangesFocus(True)
        keep = action_button(t("edit.note_keep"), "check")
        keep.clicked.connect(self.keep)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(keep)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 8, 10, 8)
        column.addWidget(title)
        column.addWidget(self.text, 1)
        column.addLayout(row)

    def pop_up(self, at: QPoint) -> None:
        """Show it with its corner there, on the screen."""
        self.move(at)
        self.show()
        self.text.setFocus()
        self.text.selectAll()

    def keep(self) -> None:
        """Hand the text over and go; an empty one is no note."""
        text = self.text.toPlainText().strip()[:LONGEST]
        if text:
            self.written.emit(text)
        self.close()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if (
            event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            and event.modifiers() & Qt.KeyboardModifier.ControlModifier
        ):
            self.keep()
        else:
            super().keyPressEvent(event)
