"""The drawings that are open, as tabs: drag to reorder, middle click or × to close."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtCore import Signal as QtSignal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QTabBar, QWidget

from resources.words import t
from widgets.buttons import IconButton


class DrawingTabs(QTabBar):
    """Shows itself once there is a choice: one drawing needs no tab."""

    close_requested = QtSignal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "drawings")
        self.setAccessibleName(t("tabs.title"))
        self.setMovable(True)
        self.setExpanding(False)
        self.setDrawBase(False)
        self.setUsesScrollButtons(True)
        self.setElideMode(Qt.TextElideMode.ElideRight)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.hide()

    def add(self, title: str, tip: str) -> int:
        """One drawing more, at the end; its place."""
        place = self.addTab(title)
        self.setTabToolTip(place, tip)
        close = IconButton("x", t("tabs.close"), px=12)
        close.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        close.clicked.connect(lambda: self._close(close))
        self.setTabButton(place, QTabBar.ButtonPosition.RightSide, close)
        self.setVisible(self.count() > 1)
        return place

    def rename(self, place: int, title: str, tip: str) -> None:
        """Another drawing in this tab."""
        self.setTabText(place, title)
        self.setTabToolTip(place, tip)

    def drop(self, place: int) -> None:
        """One drawing less."""
        self.removeTab(place)
        self.setVisible(self.count() > 1)

    def _close(self, button: QWidget) -> None:
        for place in range(self.count()):
            if self.tabButton(place, QTabBar.ButtonPosition.RightSide) is button:
                self.close_requested.emit(place)
                return

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        place = self.tabAt(event.position().toPoint())
        if event.button() == Qt.MouseButton.MiddleButton and place >= 0:
            self.close_requested.emit(place)
            return
        super().mouseReleaseEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride:
            # Ctrl+Tab belongs to the page, which steps through the tabs wherever the focus is.
            event.ignore()
            return False
        return super().event(event)
