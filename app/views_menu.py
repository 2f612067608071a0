"""The menu of a sheet's named views: go to one, keep the present one, rename, delete, choose the home."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject
from PySide6.QtCore import Signal as QtSignal
from PySide6.QtWidgets import QInputDialog, QLineEdit, QMenu, QWidget

from app.home_views import LONGEST_NAME, HomeViews
from app.sheet_tabs import Tab
from resources.words import t


class ViewsMenu(QObject):
    """Asks and keeps; `wanted` says where to look."""

    wanted = QtSignal(object)
    """A part of the sheet (`Box`, mm), or None for all of it."""

    def __init__(self, views: HomeViews, parent: QWidget) -> None:
        super().__init__(parent)
        self._views, self._parent = views, parent

    def pop_up(self, tab: Tab, under: QWidget) -> None:
        """Open the menu below a button."""
        menu = self.menu(tab)
        menu.popup(under.mapToGlobal(under.rect().bottomLeft()))

    def menu(self, tab: Tab) -> QMenu:
        """The menu for a sheet."""
        sheet = _sheet(tab)
        views, home = self._views.of(*sheet), self._views.home(*sheet)
        menu = QMenu(self._parent)
        menu.setAccessibleName(t("views.title"))
        whole = menu.addAction(t("views.whole"), lambda: self.wanted.emit(None))
        whole.setCheckable(True)
        whole.setChecked(not home)
        for name, box in views.items():
            action = menu.addAction(name, partial(self.wanted.emit, box))
            action.setCheckable(True)
            action.setChecked(name == home)
        menu.addSeparator()
        menu.addAction(t("views.keep"), lambda: self.keep(tab))
        menu.addAction(t("views.keep_home"), lambda: self.keep(tab, home=True))
        if views:
            menu.addSeparator()
            for title, do in (
                ("views.home", self._open_at),
                ("views.rename", self._rename),
                ("views.remove", self._remove),
            ):
                part = menu.addMenu(t(title))
                for name in views:
                    part.addAction(name, partial(do, sheet, name))
                if title == "views.home":
                    part.addAction(t("views.whole"), partial(self._open_at, sheet, ""))
        return menu

    def keep(self, tab: Tab, *, home: bool = False) -> None:
        """Ask for a name and keep the present view under it."""
        name = self._ask(t("views.name"), t("views.home_name") if home else "")
        if name:
            self._views.keep(*_sheet(tab), name, tab.canvas.seen, home=home)

    def _open_at(self, sheet: tuple[str, str], name: str) -> None:
        self._views.open_at(*sheet, name)

    def _rename(self, sheet: tuple[str, str], name: str) -> None:
        new = self._ask(t("views.new_name", name=name), name)
        if new and (new == name or new not in self._views.of(*sheet)):
            self._views.rename(*sheet, name, new)

    def _remove(self, sheet: tuple[str, str], name: str) -> None:
        self._views.remove(*sheet, name)

    def _ask(self, question: str, text: str) -> str:
        name, good = QInputDialog.getText(self._parent, t("views.title"), question, QLineEdit.EchoMode.Normal, text)
        return " ".join(name.split())[:LONGEST_NAME] if good else ""


def _sheet(tab: Tab) -> tuple[str, str]:
    return tab.live.plant.refinery, tab.name
