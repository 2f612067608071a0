"""Editing what is bound and what is put on the drawing in front: table, canvas, undo and files joined."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, QPoint, QTimer
from PySide6.QtGui import QUndoStack
from PySide6.QtWidgets import QFileDialog

from app.binding_table import elements_of, proposals_of, rows_of
from app.overlay_menu import OverlayDeeds, overlay_menu
from app.sheet_edits import ChangedMeanwhile, Edits
from app.sheet_history import Step
from app.sheet_tabs import Tab
from app.sheets import Sheet, edited_sheet
from app.synoptic_page import SynopticPage
from contracts.tags import shown
from pid_renderer.annotations import AddedPlate, Annotations, MovedPlate, Note, Thing
from pid_renderer.decisions import Decision, Decisions, Verdict
from pid_renderer.drawing import Point
from pid_renderer.edit_layer import EditLayer
from pid_renderer.editable import Item
from pid_renderer.live_sheet import rect
from pid_renderer.proposals import Proposals
from resources.words import t
from widgets import style
from widgets.binding_panel import BindingPanel

WATCH_MS: Final = 2000
"""How often, while somebody edits, the files are looked at for another program's changes."""
PANEL_PX, PANEL_SHARE = 330, 0.42
"""Height of the table, and the most of the page it takes: the drawing stays the main thing."""


class DrawingEditor(QObject):
    """Every change is one step of undo, shown at once and saved at once."""

    def __init__(self, page: SynopticPage, person: str) -> None:
        super().__init__(page)
        self._page, self._person = page, person
        self.panel, self.layer = BindingPanel(), EditLayer()
        self._stacks: dict[tuple[str, int], QUndoStack] = {}
        self._proposed: tuple[Sheet, Proposals] | None = None
        self._picking: list[str] = []
        self._trend_was_open = True
        self._sizes: list[int] = []
        self._watch = QTimer(self)
        self._watch.setInterval(WATCH_MS)
        self._watch.timeout.connect(self.look_for_changes)
        page.middle.addWidget(self.panel)
        self.panel.hide()
        self._wire()

    def _wire(self) -> None:
        page, panel, layer = self._page, self.panel, self.layer
        page.tabs.shown.connect(lambda _tab: self._refresh())
        page.head.bindings_requested.connect(self.toggle_table)
        page.head.overlays_requested.connect(self.toggle_overlays)
        panel.accept_requested.connect(self.accept)
        panel.refuse_requested.connect(self.refuse)
        panel.bind_requested.connect(self.bind)
        panel.pick_requested.connect(self.pick)
        panel.unbind_requested.connect(self.unbind)
        panel.undo_requested.connect(self.undo)
        panel.redo_requested.connect(self.redo)
        panel.row_chosen.connect(self._show_row)
        panel.elsewhere_requested.connect(self._ask_folder)
        panel.reload_requested.connect(self.reload)
        panel.keep_requested.connect(lambda: self.save(over=True))
        panel.closed.connect(self.toggle_table)
        layer.placed.connect(self.place)
        layer.removed.connect(self.remove)
        layer.picked.connect(self._picked)
        layer.dropped.connect(self._dropped)
        layer.left.connect(self.toggle_overlays)
        layer.menu_requested.connect(self._menu)

    # -- what is edited --------------------------------------------------------------------------------------------

    @property
    def _tab(self) -> Tab | None:
        tab = self._page.tabs.current
        return tab if tab is not None and tab.sheet is not None else None

    @property
    def edits(self) -> Edits:
        """Of the drawing in front."""
        tab = self._tab
        return tab.sheet.edits if tab is not None and tab.sheet is not None else Edits()

    @property
    def stack(self) -> QUndoStack:
        """The steps of the drawing in front."""
        place = self._page.drawing
        if place not in self._stacks:
            self._stacks[place] = QUndoStack(self)
        return self._stacks[place]

    def undo(self) -> None:
        """One step back."""
        self.layer.settle()
        self.stack.undo()
        self._refresh()

    def redo(self) -> None:
        """One step forward again."""
        self.layer.settle()
        self.stack.redo()
        self._refresh()

    def _do(self, text: str, after: Edits, run: str = "") -> None:
        if self._tab is None or after == self.edits:
            return
        self.stack.push(Step(text, self.edits, after, self._show, run))
        self._refresh()

    def _decide(self, text: str, decisions: Decisions) -> None:
        self._do(text, replace(self.edits, decisions=decisions))

    def _annotate(self, text: str, annotations: Annotations, run: str = "") -> None:
        self._do(text, replace(self.edits, annotations=annotations), run)

    def _show(self, edits: Edits) -> None:
        """The sheet in front, whose stack it is, with these edits: on the canvas and in the files."""
        tab = self._tab
        if tab is None or tab.sheet is None:
            return
        sheet = tab.sheet
        self._page.show_edited(tab, edited_sheet(tab.live.plant, sheet.bare, sheet.mapping, sheet.store, edits))
        self.save()

    # -- table -----------------------------------------------------------------------------------------------------

    def toggle_table(self) -> None:
        """Open or close the table; the trend makes room for it."""
        opening = not self.panel.isVisible()
        page = self._page
        self.panel.setVisible(opening)
        if opening:
            self._trend_was_open, self._sizes = page.trend.isVisible(), page.middle.sizes()
            page.trend.hide()
            high = min(PANEL_PX, round(PANEL_SHARE * page.middle.height()))
            page.middle.setSizes([page.middle.height() - high, 0, high])
        else:
            page.trend.setVisible(self._trend_was_open)
            page.middle.setSizes(self._sizes)
        self._refresh()

    def toggle_overlays(self) -> None:
        """Begin or end moving values and notes."""
        on = self.layer.mode != "overlays" and self._tab is not None
        self.layer.set_mode("overlays" if on else "off", t("edit.title") if on else "")
        self._refresh()

    def _refresh(self) -> None:
        """Table, layer, undo and what keeps the files from being written, as they are for the drawing in front."""
        tab = self._tab
        editing = self.panel.isVisible() or self.layer.mode == "overlays"
        if tab is None or tab.sheet is None:
            self.panel.show_rows([], [])
            self.layer.set_mode("off")
            self.layer.uncover()
            self._watch.stop()
            return
        if self.layer.mode in ("off", "bind"):
            self.layer.set_mode("bind" if self.panel.isVisible() else "off")
        self.layer.cover(tab.canvas)
        if self.layer.mode != "off":
            self.layer.show_annotations(tab.sheet.edits.annotations, style.current())
        if self.panel.isVisible():
            if self._proposed is None or self._proposed[0] is not tab.sheet:
                self._proposed = tab.sheet, proposals_of(tab.sheet)
            self.panel.show_rows(rows_of(tab.live.plant, tab.sheet, self._proposed[1]), elements_of(tab.sheet))
        stack = self.stack
        self.panel.show_undo(stack.undoText(), stack.redoText())
        if editing:
            self.look_for_changes()
            self._watch.start()
        else:
            self._watch.stop()

    def _show_row(self, _signal: str, element: str) -> None:
        tab = self._tab
        if tab is None or tab.sheet is None or not element:
            return
        code = tab.sheet.binding.code_of.get(element, "")
        box = tab.sheet.bare.elements[element].box
        tab.canvas.choose(code)
        if box is not None:
            corners = tab.canvas.view.box_px(box)
            if not tab.canvas.rect().contains(rect(corners).toAlignedRect()):
                tab.canvas.centre_on(box.centre)

    # -- bindings --------------------------------------------------------------------------------------------------

    def _decision(self, signal: str, verdict: Verdict, element: str) -> Decision:
        tab = self._tab
        tag = tab.sheet.bare.elements[element].tag if tab is not None and tab.sheet is not None and element else ""
        return Decision(signal, verdict, element, tag, self._person, _now())

    def _name(self, signals: Sequence[str]) -> str:
        return shown(signals[0]) if len(signals) == 1 else t("edit.many", n=len(signals))

    def accept(self, pairs: Sequence[tuple[str, str]]) -> None:
        """Bind each signal (first) to an element (id)."""
        rows = [self._decision(signal, "bound", element) for signal, element in pairs]
        self._decide(t("edit.step.bind", what=self._name([s for s, _ in pairs])), self.edits.decisions.with_(rows))

    def bind(self, signals: Sequence[str], element: str) -> None:
        """Bind signals to one element."""
        self.accept([(signal, element) for signal in signals])

    def refuse(self, pairs: Sequence[tuple[str, str]]) -> None:
        """Never propose these pairs again."""
        rows = [self._decision(signal, "refused", element) for signal, element in pairs]
        self._decide(t("edit.step.refuse", what=self._name([s for s, _ in pairs])), self.edits.decisions.with_(rows))

    def unbind(self, signals: Sequence[str]) -> None:
        """Signals that belong to nothing on this drawing; one that was declared so before is left to its tag again."""
        decisions = self.edits.decisions
        foreign = [s for s in signals if s in decisions.by_signal and decisions.by_signal[s].verdict == "unbound"]
        rows = [self._decision(signal, "unbound", "") for signal in signals if signal not in foreign]
        self._decide(t("edit.step.unbind", what=self._name(signals)), decisions.without(foreign).with_(rows))

    def pick(self, signals: Sequence[str]) -> None:
        """The next click on the drawing names the element of these signals."""
        self._picking = list(signals)
        self.layer.set_mode("pick", t("bind.pick.hint", signal=self._name(signals)))

    def _picked(self, element: str) -> None:
        signals, self._picking = self._picking, []
        self.layer.set_mode("bind")
        if element and signals:
            self.bind(signals, element)
        self._refresh()
        self.panel.sheet.setFocus()

    def _dropped(self, signal: str, element: str, at: Point) -> None:
        if self.layer.mode == "overlays":
            self.add_plate(signal, at)
        elif element:
            self.bind([signal], element)
        else:
            self._page.notice.say(t("bind.dropped_on_paper"))

    # -- overlays --------------------------------------------------------------------------------------------------

    def place(self, things: Sequence[Thing], nudged: bool = False) -> None:
        """Things at their new places; a row of nudges of the same things is one step."""
        annotations = self.edits.annotations
        for thing in things:
            annotations = annotations.with_(thing)
        what = self._called(things[0]) if len(things) == 1 else t("edit.things", n=len(things))
        run = "|".join(sorted(self._called(thing) for thing in things)) if nudged else ""
        self._annotate(t("edit.step.move", what=what), annotations, run)

    def _called(self, thing: Thing) -> str:
        match thing:
            case AddedPlate():
                return shown(thing.signal)
            case MovedPlate():
                return shown(thing.key.signal)
            case Note():
                return t("edit.step.note")

    def remove(self, items: Sequence[Item]) -> None:
        """Take away what a person put there, hide what the drawing shows by itself."""
        annotations = self.edits.annotations
        for item in items:
            if isinstance(item.thing, MovedPlate):
                annotations = annotations.hiding(item.thing.key)
            else:
                annotations = annotations.without(item.thing)
        what = self._called(items[0].thing) if len(items) == 1 else t("edit.things", n=len(items))
        self._annotate(t("edit.step.hide", what=what), annotations)

    def put_back(self, item: Item) -> None:
        """A moved plate to its own place."""
        self._annotate(t("edit.step.move", what=self._called(item.thing)), self.edits.annotations.without(item.thing))

    def show_hidden(self) -> None:
        """Everything that was hidden, again."""
        annotations = self.edits.annotations
        self._annotate(t("edit.step.show"), annotations.showing(annotations.hidden))

    def add_plate(self, signal: str, at: Point) -> None:
        """The value of a signal at a point (mm)."""
        annotations = self.edits.annotations
        plate = AddedPlate(annotations.new_id("p"), signal, round(at[0], 2), round(at[1], 2))
        self._annotate(t("edit.step.add", what=shown(signal)), annotations.with_(plate))

    def add_note(self, text: str, at: Point) -> None:
        """Words at a point (mm), with the person and the time."""
        annotations = self.edits.annotations
        note = Note(annotations.new_id("n"), text, round(at[0], 2), round(at[1], 2), self._person, _now())
        self._annotate(t("edit.step.add", what=t("edit.step.note")), annotations.with_(note))

    def change(self, thing: Thing) -> None:
        """A thing with another text, size or label."""
        if isinstance(thing, Note):
            thing = thing._replace(author=self._person, time=_now())
        self.place([thing])

    def _menu(self, item: Item | None, at: Point, on_screen: QPoint) -> None:
        tab = self._tab
        if tab is None:
            return
        deeds = OverlayDeeds(
            self.add_plate,
            self.add_note,
            self.change,
            lambda found: self.remove([found]),
            self.put_back,
            self.show_hidden,
        )
        hidden = len(self.edits.annotations.hidden)
        overlay_menu(self._page, tab.live.plant, item, at, on_screen, hidden, deeds)

    # -- files -----------------------------------------------------------------------------------------------------

    def save(self, *, over: bool = False) -> None:
        """Write the edits beside the drawing; what keeps them from it stands over the table, with the ways out."""
        tab = self._tab
        if tab is None or tab.sheet is None:
            return
        store, bindings = tab.sheet.store, tab.sheet.store.paths[0]
        if store.broken and not over:
            self._trouble(t("edit.broken", why=store.broken), "reload", "keep")
            return
        try:
            store.write(tab.sheet.edits, over=over)
        except ChangedMeanwhile as error:
            self._trouble(t("edit.changed", file=Path(str(error)).name), "reload", "keep")
        except OSError as error:
            self._trouble(t("edit.not_written", file=bindings, why=error.strerror or error), "elsewhere")
        else:
            self._trouble("")

    def _trouble(self, text: str, *ways: str) -> None:
        self.panel.show_trouble(text, *ways)
        if text and not self.panel.isVisible():
            # Whoever moves plates without the table must learn it too, and find the ways out.
            self._page.notice.say(text)
            self.panel.show()

    def look_for_changes(self) -> None:
        """Say so if another program wrote one of the files."""
        tab = self._tab
        if tab is None or tab.sheet is None:
            return
        store = tab.sheet.store
        if store.changed_meanwhile():
            self._trouble(t("edit.changed", file=store.paths[0].name), "reload", "keep")
        elif store.broken:
            self._trouble(t("edit.broken", why=store.broken), "reload", "keep")
        elif store.saved == tab.sheet.edits and self.panel.trouble:
            self._trouble("")

    def reload(self) -> None:
        """Take what the files say; the steps made here are given up."""
        tab = self._tab
        if tab is None or tab.sheet is None:
            return
        sheet = tab.sheet
        edits = sheet.store.read()
        self.stack.clear()
        self._page.show_edited(tab, edited_sheet(tab.live.plant, sheet.bare, sheet.mapping, sheet.store, edits))
        self.panel.show_trouble("")
        self._refresh()

    def _ask_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self._page, t("edit.elsewhere"))
        if folder:
            self.save_elsewhere(Path(folder))

    def save_elsewhere(self, folder: Path) -> None:
        """Keep this drawing's edits in another folder from now on."""
        tab = self._tab
        if tab is None or tab.sheet is None:
            return
        try:
            tab.sheet.store.write_elsewhere(folder, tab.sheet.edits)
        except ChangedMeanwhile as error:
            self._trouble(t("edit.taken", file=Path(str(error)).name), "elsewhere")
        except OSError as error:
            self._trouble(t("edit.not_written", file=folder, why=error.strerror or error), "elsewhere")
        else:
            self._trouble("")


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
