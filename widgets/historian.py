"""The historian's page: signals and spans chosen, views kept, notes written, figures read, all of it exported."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtCore import Signal as QtSignal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QWidget

from contracts.number_text import number
from contracts.tags import SIGNAL_MIME
from resources.words import language, t
from widgets.figures_table import FiguresTable
from widgets.formula import PREFIX, BadFormula, Calculated
from widgets.formula_box import FormulaBox
from widgets.historian_asking import Asking
from widgets.historian_curves import Curves
from widgets.historian_export import Exported, HistorianExport
from widgets.historian_layout import HistorianLayout
from widgets.historian_memory import HistorianMemory, Nowhere, PenSetting, View
from widgets.historian_notes import HistorianNotes
from widgets.historian_views import HistorianViews
from widgets.past import Answer, Background, PastSource
from widgets.pen_set import MOST_PENS, PenSet
from widgets.plant_now import PlantNow
from widgets.rows import Row
from widgets.search import Hit
from widgets.signal_words import shown as tag_text
from widgets.signal_words import signals_of
from widgets.span_words import HOUR_US, Span, shifted
from widgets.time_plot import TimePlot
from widgets.time_plot_marks import duration_text

FIGURES_MS: Final = 60
_MOST_OF_EQUIPMENT: Final = 4
"""So many of an equipment's signals are drawn where it is dropped or found: the leading ones."""


class HistorianPage(QWidget):
    """The rail's historian page."""

    state = QtSignal(str)
    """What the historian holds, for the status bar."""

    def __init__(
        self,
        source: PastSource,
        background: Background,
        memory: HistorianMemory | None = None,
        person: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        kept: HistorianMemory = Nowhere() if memory is None else memory
        self.figures = FiguresTable()
        self.parts = HistorianLayout(self, self.figures)
        self.asking = Asking(source, background, self)
        self.curves = Curves(self.asking, self)
        self.notes = HistorianNotes(kept, person, self)
        self.views = HistorianViews(kept, self)
        self.exports = HistorianExport(self._exported, self.asking, self.parts.card, self)
        self._figures_soon = QTimer(self)
        self._figures_soon.setSingleShot(True)
        self._figures_soon.setInterval(FIGURES_MS)
        self._figures_soon.timeout.connect(self._show_figures)
        self.setAcceptDrops(True)
        self._wire_parts()
        self._wire_rest()

    def _wire_parts(self) -> None:
        at, bar, pens, curves = self.parts, self.parts.bar, self.parts.pens, self.curves
        at.search.found.connect(lambda _refinery, code, _number: self.show_signals([code]))
        at.formula_button.clicked.connect(lambda _=False: self.open_formula(""))
        at.views_button.clicked.connect(lambda: self.views.pop_up(at.views_button))
        at.again_button.clicked.connect(self.fetch)
        at.export_button.clicked.connect(self.export)
        at.copy_button.clicked.connect(at.sheet.copy_all)
        at.shared_button.toggled.connect(self._set_shared)
        at.xy_button.toggled.connect(self._set_xy)
        at.xy_pair_changed.connect(self._show_xy)
        at.note_chosen.connect(self._go_to_note)
        pens.hovered.connect(self._lift)
        pens.removed.connect(lambda kks: self._change_pens(lambda: curves.pens.remove(kks)))
        pens.reordered.connect(lambda order: self._change_pens(lambda: curves.pens.reorder(order)))
        pens.look_chosen.connect(lambda kks, look: self._change_pens(lambda: curves.pens.set_look(kks, look)))
        pens.shown_changed.connect(lambda kks, on: self._change_pens(lambda: curves.pens.set_shown(kks, shown=on)))
        pens.edit_requested.connect(self.open_formula)
        bar.asked.connect(self.go_to)
        bar.stepped.connect(self._step)
        bar.back_asked.connect(self._back)
        bar.on_asked.connect(self._on)
        bar.compare_asked.connect(self.compare)
        bar.refused.connect(lambda why: self.say("info-circle", t("span.words"), why))

    def _wire_rest(self) -> None:
        curves = self.curves
        curves.span_shown.connect(self._tell_span)
        curves.drawn.connect(self._figures_soon.start)
        curves.busy.connect(lambda: self._say_busy(None, 0))
        curves.answered.connect(self._tell_answer)
        curves.trouble.connect(lambda why: self.say("alert-triangle", t("formula.new"), why))
        self.asking.failed.connect(self._failed)
        self.asking.progressed.connect(self._show_progress)
        self.notes.failed.connect(lambda why: self.say("alert-triangle", t("note.failed"), why))
        self.notes.changed.connect(self._list_notes)
        self.views.chosen.connect(self.show_view)
        self.views.save_requested.connect(self.save_view)
        self.views.failed.connect(lambda why: self.say("alert-triangle", t("historian.views"), why))

    def say(self, icon: str, what: str, why: str) -> None:
        """Tell something on the card at the left."""
        self.parts.card.say(icon, what, why, (t("action.close"), self.parts.card.hide))

    # ---- what is shown

    @property
    def plot(self) -> TimePlot | None:
        """The plot over time; None before a plant was opened."""
        return self.curves.plot

    @property
    def pens(self) -> PenSet:
        """What is drawn."""
        return self.curves.pens

    def open(self, now: PlantNow, tags: Sequence[str]) -> None:
        """Come to the page with a plant: as it was left, or the first time with these tags."""
        if now is not self.curves.now:
            self._keep_last()
            plant = now.plant
            self.parts.search.index(
                [Hit(plant.refinery, s.kks, tag_text(s.kks), s.description, -1, s.unit, s.role) for s in plant.signals]
            )
            self.parts.bar.use_zone(plant.timezone)
            plot = self.parts.new_plot(plant.timezone)
            plot.cursor_moved.connect(lambda _at: self._figures_soon.start())
            plot.cursors_changed.connect(self._figures_soon.start)
            self.curves.use(now, plot)
            self.notes.use(plot, plant.refinery)
            self.views.use(plant.refinery)
            last = self.views.last()
            if last is None or not last.pens:
                last = View("", tuple(PenSetting(tag, look) for look, tag in enumerate(tags)), follow_us=HOUR_US)
            self.show_view(last)
        else:
            self.fetch()

    def show_signals(self, codes: Sequence[str]) -> None:
        """Draw these signals too; of an equipment, those that lead."""
        if (now := self.curves.now) is not None:
            tags = [s.kks for code in codes for s in signals_of(now.plant, code)[:_MOST_OF_EQUIPMENT]]
            self._change_pens(lambda: self._add(tags))

    def _add(self, tags: Sequence[str]) -> None:
        added = [self.pens.add(tag) for tag in tags]
        if not all(added):
            self.say("info-circle", t("pens.most", most=MOST_PENS), "")

    def _change_pens(self, change: Callable[[], object]) -> None:
        self.curves.change_pens(change)
        self.parts.show_pens(self.pens.rows)

    def restyle(self) -> None:
        """Take the theme's colours."""
        if self.plot is not None:
            self.plot.restyle()
        self.parts.restyle()

    def refresh_live(self, now: int) -> None:
        """The present moves on."""
        self.curves.refresh_live(now)

    def close_historian(self) -> None:
        """Want no answer any more, and remember what is shown."""
        self._keep_last()
        self.asking.cancel()

    # ---- views

    def view(self, name: str = "") -> View:
        """What is shown, as it is kept."""
        assert self.plot is not None
        pens, calculated = self.pens.settings()
        a_us, b_us = self.plot.cursors_us
        return View(
            name,
            pens,
            *self.plot.span_us,
            self.curves.follow_us,
            self.parts.shared_button.isChecked(),
            a_us,
            b_us,
            dict(self.plot.ranges),
            calculated,
            self.curves.compare_us,
        )

    def show_view(self, view: View) -> None:
        """Show what was kept."""
        if self.plot is None:
            return
        lost = self.pens.load(view.pens, view.calculated)
        self.parts.shared_button.setChecked(view.shared)
        if view.follow_us:
            self.curves.follow_us = view.follow_us
        else:
            self.curves.visit(view.from_us, view.to_us)
        self.curves.show_pens()
        self.parts.show_pens(self.pens.rows)
        self.parts.show_view_name(view.name)
        self.plot.set_ranges(view.ranges)
        self.plot.set_cursors(view.a_us, view.b_us)
        self.parts.bar.show_compared(view.compare_us)
        self.curves.compare_us = view.compare_us
        self.fetch()
        if lost:
            self.say("info-circle", t("formula.unknown", tag=", ".join(lost)), "")

    def save_view(self, name: str) -> None:
        """Keep what is shown under a name."""
        if self.plot is not None:
            self.views.save(self.view(name))
            self.parts.show_view_name(name)

    def _keep_last(self) -> None:
        if self.plot is not None:
            self.views.keep_last(self.view())

    # ---- spans

    def go_to(self, span: Span) -> None:
        """Show a span, as typed or chosen."""
        self.parts.card.hide()
        self.curves.visit(span.from_us, span.to_us, span.to_us - span.from_us if span.follows else 0)
        self.fetch()

    def compare(self, offset_us: int) -> None:
        """Show the same signals so much earlier too; 0 shows them no more."""
        self.parts.bar.show_compared(offset_us)
        self.curves.compare(offset_us)

    def _step(self, steps: int) -> None:
        self.curves.visit(*shifted(self.curves.span_us, steps))

    def _tell_span(self) -> None:
        if self.plot is not None:
            self.parts.bar.show_span(*self.curves.span_us, self.curves.follow_us)
            self.parts.bar.show_history(back=self.plot.can_undo, on=self.plot.can_redo)

    def _back(self) -> None:
        if self.plot is not None:
            self.plot.undo()

    def _on(self) -> None:
        if self.plot is not None:
            self.plot.redo()

    # ---- asking

    def fetch(self) -> None:
        """Ask for the span as it is; an older question is voided."""
        now = self.curves.now
        if now is not None and not self.asking.source.engine(now):
            self.parts.card.say("database-off", t("historian.none"), t("historian.none.why"))
        self.curves.fetch()

    def _say_busy(self, part: float | None, rows: int) -> None:
        far = "" if part is None else f"{round(100 * part)} % · "
        why = far + t("historian.rows", n=number(rows, 0, language()))
        self.parts.card.say(
            "database", t("historian.asking"), why, (t("action.cancel"), self._cancel), progress=part, busy=part is None
        )

    def _show_progress(self, part: float | None, rows: int, _text: str) -> None:
        if self.parts.card.isVisible() and not self.asking.settled and (part is None or part < 1):
            self._say_busy(part, rows)

    def _cancel(self) -> None:
        self.curves.cancel()
        self.parts.card.say("database", t("historian.cancelled"), "", (t("action.retry"), self.fetch))

    def _failed(self, why: str) -> None:
        now = self.curves.now
        said = t("historian.failed", engine="" if now is None else self.asking.source.engine(now))
        self.parts.card.say("database-off", said, why, (t("action.retry"), self.fetch))
        self.state.emit(said)

    def _tell_answer(self, answer: Answer) -> None:
        if (now := self.curves.now) is None:
            return
        if answer.trouble:
            self.parts.card.say("alert-triangle", answer.trouble, "", (t("action.retry"), self.fetch))
        else:
            self.parts.card.hide()
        spoken, engine = language(), self.asking.source.engine(now)
        facts = [
            (t("historian.engine"), engine, ""),
            (t("historian.table"), answer.table, ""),
            (t("historian.loaded"), answer.loaded_until, ""),
            (t("historian.read"), number(answer.rows, 0, spoken), ""),
            (t("historian.drawn"), self._bucket_text() or t("historian.samples_drawn"), ""),
            (t("historian.took"), number(answer.seconds, 2, spoken), "s"),
        ]
        self.parts.query.show_rows(
            [Row(label, value, unit, token="text.primary") for label, value, unit in facts if value]  # noqa: S106
        )
        self.state.emit(t("historian.state", engine=engine, table=answer.table))

    def _bucket_text(self) -> str:
        answer = self.asking.answer
        width_us = 0 if answer is None else answer.width_us
        return t("historian.bucket", width=duration_text(width_us)) if width_us else ""

    # ---- figures, x over y

    def _show_figures(self) -> None:
        if self.plot is not None:
            self.figures.show_figures(self.plot.figures())
            self._show_xy()

    def _set_shared(self, on: bool) -> None:
        if self.plot is not None:
            self.plot.set_shared(shared=on)

    def _set_xy(self, on: bool) -> None:
        if on and len(self.pens.drawn) < 2:
            self.parts.xy_button.setChecked(False)
            self.say("info-circle", t("historian.xy.two"), "")
            return
        self.parts.show_xy(on=on)
        self._show_xy()

    def _show_xy(self) -> None:
        pair, xy = self.parts.xy_pair, self.parts.xy
        if self.plot is None or xy is None or pair is None or not self.parts.xy_button.isChecked():
            return
        along, up = (self.plot.pyramid(kks) for kks in pair)
        if along is not None and up is not None:
            x, y = (self.pens.signal(kks) for kks in pair)
            xy.show_pair(x, y, along, up, *self.plot.figures_span_us)

    def _lift(self, kks: str | None) -> None:
        if self.plot is not None:
            self.plot.dim_others(kks)

    # ---- calculated signals, notes, exports

    def open_formula(self, kks: str) -> None:
        """Define a calculated signal (empty), or change one."""
        if (now := self.curves.now) is not None:
            box = FormulaBox(now.plant.by_kks, self.pens.calculated.get(kks, Calculated("", "")), self)
            box.kept.connect(self.put_calculated)
            button = self.parts.formula_button
            box.pop_up(button.mapToGlobal(button.rect().bottomLeft()))

    def put_calculated(self, made: Calculated, before: str = "") -> None:
        """Draw a calculated signal; `before`: the name it had."""

        def put() -> None:
            if not self.pens.put_calculated(made, before):
                self.say("info-circle", t("pens.most", most=MOST_PENS), "")

        try:
            self._change_pens(put)
        except BadFormula as error:
            self.say("alert-triangle", PREFIX + made.name, str(error))

    def _list_notes(self) -> None:
        self.parts.show_notes([(note.id, self.notes.place_text(note), note.text) for note in self.notes.notes])

    def _go_to_note(self, note_id: str) -> None:
        note = next((note for note in self.notes.notes if note.id == note_id), None)
        if note is not None and self.plot is not None:
            from_us, to_us = self.plot.span_us
            end_us = note.at_us if note.to_us is None else note.to_us
            half_us = max(to_us - from_us, 2 * (end_us - note.at_us)) // 2
            middle_us = (note.at_us + end_us) // 2
            self.curves.visit(middle_us - half_us, middle_us + half_us)

    def export(self) -> None:
        """Offer what can be exported."""
        button = self.parts.export_button
        menu = self.exports.menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(button.mapToGlobal(button.rect().bottomLeft()))

    def _exported(self) -> Exported | None:
        curves = self.curves
        if curves.now is None or curves.plot is None or self.asking.answer is None or not curves.lines:
            return None
        return Exported(curves.now, curves.plot, curves.plot.signals, curves.lines, self.pens.tags, self._bucket_text())

    # ---- Qt

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and _undo_or_redo(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        way = _undo_or_redo(event)
        if way:
            if not (self.notes.undo() if way < 0 else self.notes.redo()):
                self.state.emit(t("note.none_undo"))
        elif event.matches(QKeySequence.StandardKey.Copy):
            self.parts.sheet.copy_all()
        elif event.matches(QKeySequence.StandardKey.Refresh):
            self.fetch()
        else:
            super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasFormat(SIGNAL_MIME):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        text = bytes(event.mimeData().data(SIGNAL_MIME).data()).decode("utf-8", "replace")
        event.acceptProposedAction()
        self.show_signals(text.split())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.parts.fit(self.width(), self.height())
        self.curves.resized()


def _undo_or_redo(event: QKeyEvent) -> int:
    """−1 for undo, 1 for redo, 0 for neither."""
    if event.matches(QKeySequence.StandardKey.Undo):
        return -1
    redo = event.modifiers() == Qt.KeyboardModifier.ControlModifier and event.key() == Qt.Key.Key_Y
    return 1 if redo or event.matches(QKeySequence.StandardKey.Redo) else 0
