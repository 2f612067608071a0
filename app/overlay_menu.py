"""What can be done where somebody right-clicks while editing values and notes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QMenu, QWidget

from contracts.plant import Plant
from contracts.tags import shown
from pid_renderer.annotations import AddedPlate, MovedPlate, Note, Thing
from pid_renderer.drawing import Point
from pid_renderer.editable import Item, sized_thing
from resources.words import t
from widgets.note_box import NoteBox
from widgets.search import Hit
from widgets.signal_picker import SignalPicker

_LARGER = 1.25


class OverlayDeeds(NamedTuple):
    """Who does what the menu offers."""

    add_plate: Callable[[str, Point], None]
    add_note: Callable[[str, Point], None]
    change: Callable[[Thing], None]
    remove: Callable[[Item], None]
    put_back: Callable[[Item], None]
    show_hidden: Callable[[], None]


def overlay_menu(
    parent: QWidget, plant: Plant, item: Item | None, at: Point, on_screen: QPoint, hidden: int, deeds: OverlayDeeds
) -> QMenu:
    """The menu at a point of the sheet (mm), shown there on the screen; `hidden`: how many plates are."""
    menu = QMenu(parent)
    if item is None:
        menu.addAction(t("edit.menu.plate"), partial(_ask_signal, parent, plant, at, on_screen, deeds))
        menu.addAction(
            t("edit.menu.note"), partial(_ask_note, parent, "", on_screen, lambda text: deeds.add_note(text, at))
        )
        if hidden:
            menu.addSeparator()
            menu.addAction(t("edit.menu.show_hidden", n=hidden), deeds.show_hidden)
    else:
        _about(menu, parent, item, on_screen, deeds)
    menu.popup(on_screen)
    return menu


def _about(menu: QMenu, parent: QWidget, item: Item, on_screen: QPoint, deeds: OverlayDeeds) -> None:
    thing = item.thing
    if isinstance(thing, Note):
        change = partial(_ask_note, parent, thing.text, on_screen, lambda text: deeds.change(thing._replace(text=text)))
        menu.addAction(t("edit.menu.change_note"), change)
    if isinstance(thing, AddedPlate):
        label = menu.addAction(t("edit.menu.label"), lambda: deeds.change(thing._replace(label=not thing.label)))
        label.setCheckable(True)
        label.setChecked(thing.label)
    menu.addAction(t("edit.menu.larger"), lambda: deeds.change(sized_thing(item, _LARGER)))
    menu.addAction(t("edit.menu.smaller"), lambda: deeds.change(sized_thing(item, 1 / _LARGER)))
    menu.addSeparator()
    if isinstance(thing, MovedPlate) and not item.is_automatic:
        menu.addAction(t("edit.menu.back"), lambda: deeds.put_back(item))
    text = t("edit.menu.hide") if isinstance(thing, MovedPlate) else t("edit.menu.delete")
    menu.addAction(text, lambda: deeds.remove(item))


def _ask_signal(parent: QWidget, plant: Plant, at: Point, on_screen: QPoint, deeds: OverlayDeeds) -> None:
    hits = [Hit(plant.refinery, s.kks, shown(s.kks), s.description) for s in plant.signals]
    picker = SignalPicker(hits, parent)
    picker.signal_chosen.connect(lambda signal: deeds.add_plate(signal, at))
    picker.pop_up(on_screen)


def _ask_note(parent: QWidget, text: str, on_screen: QPoint, keep: Callable[[str], None]) -> None:
    box = NoteBox(text, parent)
    box.written.connect(keep)
    box.pop_up(on_screen)
