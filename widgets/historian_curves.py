"""The historian's pens over its span: asked for where they are not known yet, drawn, gone on with live, compared."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QObject, QTimer
from PySide6.QtCore import Signal as QtSignal

from contracts.sample import now_us
from widgets.formula import BadFormula
from widgets.historian_asking import Asking
from widgets.historian_live import LiveLines
from widgets.lines import Line
from widgets.past import Answer
from widgets.pen_set import PenSet
from widgets.plant_now import PlantNow
from widgets.span_bar import SPANS_H
from widgets.span_words import HOUR_US
from widgets.time_plot import TimePlot

FUTURE_PART: Final = 20
"""A twentieth of the span is left empty after now, so that the present does not stick to the edge."""
SETTLE_MS: Final = 250
"""Panning asks once it rests, not fifty times on the way."""
_SHOW_BUSY_MS: Final = 1000
_ANEW_S: Final = 60.0
"""While the span follows the present, live samples go on the lines; the historian is asked this often at most."""


class Curves(QObject):
    """One plant's pens on one plot."""

    span_shown = QtSignal()
    """The plot stands at another span, or does not follow the present any more."""
    drawn = QtSignal()
    """There are other lines than before."""
    busy = QtSignal()
    """The answer takes long."""
    answered = QtSignal(object)
    trouble = QtSignal(str)
    """A calculated signal cannot be computed: one sentence."""

    def __init__(self, asking: Asking, parent: QObject) -> None:
        super().__init__(parent)
        self.asking = asking
        self.pens = PenSet({})
        self.plot: TimePlot | None = None
        self.now: PlantNow | None = None
        self.follow_us = SPANS_H[0] * HOUR_US
        """So long a span up to the present; 0: the span stays where it is."""
        self.compare_us = 0
        self.lines: dict[str, Line] = {}
        """The line of each drawn pen."""
        self._measured: dict[str, Line] = {}
        self._live = LiveLines()
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLE_MS)
        self._settle.timeout.connect(self.fetch_if_needed)
        asking.answered.connect(self._show_answer)
        asking.other_answered.connect(self._show_other)

    def use(self, now: PlantNow, plot: TimePlot) -> None:
        """Draw this plant's pens on this plot from now on; at first there is none."""
        self.now, self.plot = now, plot
        self.pens, self.lines, self._measured = PenSet(now.plant.by_kks), {}, {}
        self.asking.forget()
        plot.span_changed.connect(self._moved)

    # ---- pens

    def change_pens(self, change: Callable[[], object]) -> None:
        """Do something to the pens, and draw them so."""
        change()
        self.show_pens()
        self.fetch_if_needed()

    def show_pens(self) -> None:
        """Put the pens on the plot, with the lines that are known."""
        if self.plot is None:
            return
        drawn = self.pens.drawn
        self.plot.set_signals([self.pens.signal(pen.kks) for pen in drawn], now_us(), [pen.look for pen in drawn])
        self._draw()

    # ---- spans

    def visit(self, from_us: int, to_us: int, follow_us: int = 0) -> None:
        """Go to a span, so that one can go back; `follow_us`: its length, where it goes on with the present."""
        if self.plot is not None:
            future_us = follow_us // FUTURE_PART
            self.plot.visit(from_us, to_us + future_us)
            self.follow_us = follow_us
            self.span_shown.emit()

    def _moved(self, _from_us: int, _to_us: int) -> None:
        self.follow_us = 0
        self.span_shown.emit()
        self._settle.start()

    def resized(self) -> None:
        """There may be room for finer buckets."""
        self._settle.start()

    @property
    def span_us(self) -> tuple[int, int]:
        """What is shown, without the empty part after the present."""
        if self.plot is None:
            return 0, 1
        from_us, to_us = self.plot.span_us
        return from_us, from_us + self.follow_us if self.follow_us else to_us

    # ---- asking

    def fetch_if_needed(self) -> None:
        """Ask unless all of it is known as finely as the plot can show."""
        if self.now is None or self.plot is None:
            return
        if self.asking.has_all(self.now, self.pens.tags, *self.plot.span_us, self.plot.columns):
            self._fetch_other()
            self.drawn.emit()
        else:
            self.fetch()

    def fetch(self) -> None:
        """Ask for the span as it is; an older question is voided."""
        if self.now is None or self.plot is None:
            return
        if self.follow_us:
            present = now_us()
            self.plot.set_span(present - self.follow_us, present + self.follow_us // FUTURE_PART)
        self.span_shown.emit()
        tags = self.pens.tags
        if not tags or not self.asking.source.engine(self.now):
            return
        self.asking.ask(self.now, tags, *self.plot.span_us, self.plot.columns)
        QTimer.singleShot(_SHOW_BUSY_MS, self, lambda asked=self.asking.asked_us: self._still(asked))
        self._fetch_other()

    def _still(self, asked_us: int) -> None:
        if asked_us == self.asking.asked_us and not self.asking.settled:
            self.busy.emit()

    def cancel(self) -> None:
        """Want no answer; the span stays where it is."""
        self._settle.stop()
        self.asking.cancel()
        self.follow_us = 0

    def _show_answer(self, answer: Answer) -> None:
        if self.plot is None:
            return
        self._measured = {kks: past.line for kks, past in answer.past.items()}
        self.plot.set_marks(answer.seam_us, answer.gaps)
        self.answered.emit(answer)
        self._draw()

    def _draw(self) -> None:
        if self.plot is None:
            return
        try:
            self.lines = self.pens.lines(self._measured)
        except BadFormula as error:
            self.trouble.emit(str(error))
            return
        for kks, line in self.lines.items():
            self.plot.show_line(kks, line)
        self._go_on_live(now_us())
        self.plot.flush()
        self.drawn.emit()

    # ---- another period

    def compare(self, offset_us: int) -> None:
        """Show the same signals so much earlier too; 0 shows them no more."""
        self.compare_us = offset_us
        if self.plot is not None:
            for pen in self.pens.drawn:
                self.plot.show_other_period(pen.kks, None)
        self._fetch_other()

    def _fetch_other(self) -> None:
        if self.now is not None and self.plot is not None and self.compare_us and self.pens.tags:
            self.asking.ask_other(self.now, self.pens.tags, *self.plot.span_us, self.plot.columns, self.compare_us)

    def _show_other(self, answer: Answer, offset_us: int) -> None:
        if self.plot is None or offset_us != self.compare_us:
            return
        try:
            lines = self.pens.lines({kks: past.line for kks, past in answer.past.items()})
        except BadFormula as error:
            self.trouble.emit(str(error))
            return
        for kks, line in lines.items():
            self.plot.show_other_period(kks, line, offset_us)

    # ---- live

    def refresh_live(self, now: int) -> None:
        """The present moves on: lines go on with what came, and a span that follows it moves along."""
        if self.plot is None:
            return
        self.plot.set_now(now)
        self._go_on_live(now)
        if self.follow_us:
            self.plot.set_span(now - self.follow_us, now + self.follow_us // FUTURE_PART)
            self.span_shown.emit()
            self.drawn.emit()
            if now - self.asking.asked_us > max(_ANEW_S, self.follow_us / 1e6 / 500) * 1e6:
                self.fetch()

    def _go_on_live(self, now: int) -> None:
        if self.plot is None or self.now is None:
            return
        asking = self.asking
        try:
            self._live.go_on(self.plot, self.pens, self.now, asking.answer, asking.asked_us, self._measured, now)
        except BadFormula as error:
            self.trouble.emit(str(error))
