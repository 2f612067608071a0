"""The saved views of the historian: a menu to open, save and forget them."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtCore import Signal as QtSignal
from PySide6.QtWidgets import QFrame, QLabel, QLineEdit, QMenu, QVBoxLayout, QWidget

from resources.words import t
from widgets import style
from widgets.historian_memory import HistorianMemory, View

LONGEST_NAME = 60


class HistorianViews(QObject):
    """The views of one plant."""

    chosen = QtSignal(object)
    """A `View` to show."""
    save_requested = QtSignal(str)
    """What is shown shall be kept under this name."""
    failed = QtSignal(str)

    def __init__(self, memory: HistorianMemory, parent: QWidget) -> None:
        super().__init__(parent)
        self._memory, self._parent, self._refinery = memory, parent, ""

    def use(self, refinery: str) -> None:
        """The views of this plant from now on."""
        self._refinery = refinery

    def views(self) -> list[View]:
        """The saved ones."""
        try:
            return list(self._memory.views(self._refinery))
        except OSError as error:
            self.failed.emit(str(error))
            return []

    def save(self, view: View) -> None:
        """Keep a view."""
        try:
            self._memory.keep_view(self._refinery, view)
        except OSError as error:
            self.failed.emit(str(error))

    def forget(self, name: str) -> None:
        """Keep it no more."""
        try:
            self._memory.remove_view(self._refinery, name)
        except OSError as error:
            self.failed.emit(str(error))

    def last(self) -> View | None:
        """What was shown last; None where nothing was, or it cannot be read."""
        try:
            return self._memory.last(self._refinery)
        except OSError as error:
            self.failed.emit(str(error))
            return None

    def keep_last(self, view: View) -> None:
        """Remember what is shown."""
        try:
            self._memory.keep_last(self._refinery, view)
        except OSError as error:
            self.failed.emit(str(error))

    def menu(self) -> QMenu:
        """Views to open, save and forget."""
        menu, views = QMenu(self._parent), self.views()
        for view in views:
            menu.addAction(style.icon("chart-line"), view.name).triggered.connect(
                lambda _=False, view=view: self.chosen.emit(view)
            )
        if not views:
            menu.addAction(t("historian.view.none")).setEnabled(False)
        menu.addSeparator()
        menu.addAction(style.icon("plus"), t("historian.view.save")).triggered.connect(lambda _=False: self.ask_name())
        for view in views:
            text = t("historian.view.forget", name=view.name)
            menu.addAction(style.icon("trash"), text).triggered.connect(
                lambda _=False, name=view.name: self.forget(name)
            )
        return menu

    def pop_up(self, button: QWidget) -> None:
        """The menu under a button."""
        menu = self.menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._corner = button.mapToGlobal(button.rect().bottomLeft())
        menu.popup(self._corner)

    _corner = QPoint(100, 100)

    def ask_name(self) -> None:
        """Ask under which name to keep what is shown."""
        box = NameBox(self._parent)
        box.named.connect(self.save_requested)
        box.pop_up(self._corner)


class NameBox(QFrame):
    """A name for a view; Enter keeps it, Esc leaves it."""

    named = QtSignal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("look", "card")
        self.setFixedWidth(280)
        title = QLabel(t("historian.view.name"))
        title.setProperty("look", "head")
        self.name = QLineEdit()
        self.name.setMaxLength(LONGEST_NAME)
        self.name.setAccessibleName(t("historian.view.name"))
        self.name.returnPressed.connect(self._keep)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 8, 10, 10)
        column.addWidget(title)
        column.addWidget(self.name)

    def pop_up(self, at: QPoint) -> None:
        """Show it with its corner there, on the screen."""
        self.move(at)
        self.show()
        self.name.setFocus()

    def _keep(self) -> None:
        if name := " ".join(self.name.text().split()):
            self.named.emit(name)
            self.close()
