"""Notes on the historian's time axis: shown in the lane of events, written, changed, deleted, and undone."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Final, NamedTuple

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtCore import Signal as QtSignal
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QMenu, QWidget

from contracts.sample import now_us
from resources.words import t
from widgets import style
from widgets.clock_text import clock, day, local
from widgets.event_lane import PlotEvent
from widgets.historian_memory import HistorianMemory, Note
from widgets.note_box import NoteBox
from widgets.time_plot import TimePlot

_MOST_UNDO: Final = 50


class _Change(NamedTuple):
    before: Note | None
    after: Note | None


class HistorianNotes(QObject):
    """The notes of one plant on one plot."""

    failed = QtSignal(str)
    """A note could not be kept: one sentence."""
    changed = QtSignal()
    """There are other notes than before."""

    def __init__(self, memory: HistorianMemory, author: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._memory, self._author, self._parent = memory, author, parent
        self._plot: TimePlot | None = None
        self._refinery = ""
        self._done: list[_Change] = []
        self._undone: list[_Change] = []
        self.notes: list[Note] = []
        """Oldest first."""

    def use(self, plot: TimePlot, refinery: str) -> None:
        """Show a plant's notes on a plot."""
        self._plot, self._refinery = plot, refinery
        self._done, self._undone = [], []
        plot.event_chosen.connect(self._chosen)
        plot.menu_requested.connect(self._menu)
        self._read()

    # ---- what a person does

    def write(self, at_us: int, text: str, to_us: int | None = None) -> None:
        """A new note."""
        self._apply(_Change(None, Note(at_us, text, self._author, now_us(), to_us=to_us)))

    def edit(self, note: Note, text: str) -> None:
        """Another text for a note; its author is who wrote it last."""
        if text != note.text:
            written = dataclasses.replace(note, text=text, author=self._author, written_us=now_us())
            self._apply(_Change(note, written))

    def delete(self, note: Note) -> None:
        """Take a note away."""
        self._apply(_Change(note, None))

    def undo(self) -> bool:
        """Take back the last change; whether there was one."""
        return self._step(self._done, self._undone, back=True)

    def redo(self) -> bool:
        """Do again what was taken back; whether there was something."""
        return self._step(self._undone, self._done, back=False)

    def _step(self, source: list[_Change], target: list[_Change], *, back: bool) -> bool:
        if not source:
            return False
        change = source[-1]
        if self._put(_Change(change.after, change.before) if back else change):
            target.append(source.pop())
        return True

    def _apply(self, change: _Change) -> None:
        if self._put(change):
            self._done = [*self._done, change][-_MOST_UNDO:]
            self._undone.clear()

    def _put(self, change: _Change) -> bool:
        try:
            if change.after is not None:
                self._memory.put_note(self._refinery, change.after)
            elif change.before is not None:
                self._memory.remove_note(self._refinery, change.before.id)
        except OSError as error:
            self.failed.emit(str(error))
            return False
        self._read()
        return True

    def _read(self) -> None:
        try:
            self.notes = list(self._memory.notes(self._refinery))
        except OSError as error:
            self.notes = []
            self.failed.emit(str(error))
        if self._plot is not None:
            self._plot.set_events([self._event(note) for note in self.notes])
        self.changed.emit()

    def _event(self, note: Note) -> PlotEvent:
        kind = "note" if note.to_us is None else "frame"
        return PlotEvent(note.id, kind, note.at_us, note.to_us, note.text.replace("\n", " · "))  # type: ignore[arg-type]

    def signature(self, note: Note) -> str:
        """Who wrote it, and when."""
        assert self._plot is not None
        zone = self._plot.zone
        when = f"{day(note.written_us, zone)} {clock(note.written_us, zone)[:5]}"
        return t("note.by", author=note.author, when=when)

    def place_text(self, note: Note) -> str:
        """When what it tells of was."""
        assert self._plot is not None
        moment = local(note.at_us, self._plot.zone)
        return f"{moment.day} {t('months').split()[moment.month - 1]} {moment:%H:%M}"

    # ---- menus

    def _chosen(self, key: object) -> None:
        note = next((note for note in self.notes if note.id == key), None)
        if note is not None:
            _pop_up(self.note_menu(note), QCursor.pos())

    def note_menu(self, note: Note) -> QMenu:
        """What can be done with a note."""
        menu = QMenu(self._parent)
        heading = menu.addAction(self.signature(note))
        heading.setEnabled(False)
        _add(menu, "pencil", t("note.edit"), lambda: self._open_box(note.text, lambda text: self.edit(note, text)))
        _add(menu, "trash", t("note.delete"), lambda: self.delete(note))
        return menu

    def _menu(self, at: QPoint, at_us: int) -> None:
        if self._plot is not None:
            _pop_up(self.plot_menu(at_us), at)

    def plot_menu(self, at_us: int) -> QMenu:
        """What can be done at a time of the plot: a note there (or from A to B), a cursor there."""
        plot, menu = self._plot, QMenu(self._parent)
        assert plot is not None
        a_us, b_us = plot.cursors_us
        begin, end = at_us, None
        if a_us is not None and b_us is not None and min(a_us, b_us) <= at_us <= max(a_us, b_us):
            begin, end = min(a_us, b_us), max(a_us, b_us)
        _add(menu, "note", t("note.new"), lambda: self._open_box("", lambda text: self.write(begin, text, end)))
        menu.addSeparator()
        _add(menu, "pin", t("note.cursor_a"), lambda: plot.set_cursors(at_us, b_us))
        _add(menu, "pin", t("note.cursor_b"), lambda: plot.set_cursors(a_us, at_us))
        return menu

    def _open_box(self, text: str, keep: Callable[[str], None]) -> None:
        box = NoteBox(text, self._parent)
        box.written.connect(keep)
        box.pop_up(QCursor.pos())


def _pop_up(menu: QMenu, at: QPoint) -> None:
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    menu.popup(at)


def _add(menu: QMenu, icon: str, text: str, act: Callable[[], None]) -> None:
    action = menu.addAction(style.icon(icon), text)
    action.triggered.connect(lambda _=False: act())
