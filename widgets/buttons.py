"""Buttons of the interface: an icon alone (with a tip), a text that reads like a link, an action with icon and verb."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtWidgets import QPushButton, QToolButton, QWidget

from widgets import style


class IconButton(QToolButton):
    """An icon that acts; its tip is also its accessible name. It redraws itself when the theme changes."""

    def __init__(
        self, icon: str, tip: str, parent: QWidget | None = None, *, px: int = 18, checkable: bool = False
    ) -> None:
        super().__init__(parent)
        self._name, self._px = icon, px
        self.setToolTip(tip)
        self.setAccessibleName(tip)
        self.setCheckable(checkable)
        self.setAutoRaise(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._draw()

    def show_icon(self, icon: str, tip: str) -> None:
        """Another icon, for what a press does now."""
        self._name = icon
        self.setToolTip(tip)
        self.setAccessibleName(tip)
        self._draw()

    def _draw(self) -> None:
        self.setIcon(style.icon(self._name, size=self._px))
        self.setIconSize(QSize(self._px, self._px))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._draw()


class ActionButton(QPushButton):
    """A verb with its icon."""

    def __init__(self, text: str, icon: str) -> None:
        super().__init__(text)
        self._name = icon
        self._draw()

    def _draw(self) -> None:
        if self._name:
            self.setIcon(style.icon(self._name, "text.primary", size=16))
            self.setIconSize(QSize(16, 16))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._draw()


def action_button(text: str, icon: str = "") -> ActionButton:
    """A button with a verb."""
    return ActionButton(text, icon)


def link_button(text: str) -> QPushButton:
    """A text in the colour of the hand that can be pressed."""
    button = QPushButton(text)
    button.setProperty("look", "link")
    button.setCursor(Qt.CursorShape.PointingHandCursor)
    return button


def chip(text: str) -> QPushButton:
    """A small switch: on is blue."""
    button = QPushButton(text)
    button.setProperty("look", "chip")
    button.setCheckable(True)
    return button
