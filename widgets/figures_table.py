"""The table under a plot: values at cursors A and B, their difference, statistics of the span; copied as text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from analysis.pyramid import GOOD, HELD, MISSING, UNCERTAIN
from analysis.span_statistics import SpanStatistics
from contracts.number_text import UNKNOWN, number
from contracts.signal_list import Signal
from resources.words import language, t
from widgets.signal_words import shown, value_text
from widgets.table_files import Cell
from widgets.tables import Table
from widgets.time_plot import PenFigures

COLUMNS: Final = (
    "signal",
    "name",
    "unit",
    "a",
    "b",
    "difference",
    "min",
    "max",
    "mean",
    "deviation",
    "integral",
    "samples",
    "good",
    "worst",
)
_TEXT_COLUMNS: Final = ("signal", "name", "unit", "worst")
_PER: Final = {"/h": 1.0, "/s": 3600.0, "/min": 60.0, "/d": 1 / 24}
_STATES: Final = {GOOD: "quality.good", UNCERTAIN: "quality.uncertain", HELD: "quality.68", MISSING: "trend.no_data"}


class FiguresTable(Table):
    """One row a pen; a `TableSheet` of it copies the selected rows, or all, tab-separated (Ctrl+C)."""

    def __init__(self) -> None:
        super().__init__(
            [t(f"figures.{name}") for name in COLUMNS], tuple(name not in _TEXT_COLUMNS for name in COLUMNS)
        )

    def show_figures(self, figures: Sequence[PenFigures]) -> None:
        """Replace the rows by what `TimePlot.figures` says now."""
        self.show_rows([row_of(pen) for pen in figures])


def row_of(figures: PenFigures) -> list[Cell]:
    """The cells of one pen."""
    signal, span = figures.signal, figures.span
    return [
        Cell(shown(signal.kks), signal.kks, strong=True),
        Cell(signal.description, signal.description),
        Cell(signal.unit, signal.unit, "text.tertiary"),
        _value(signal, figures.at_a, "hand.accent"),
        _value(signal, figures.at_b, "hand.accent"),
        _difference(signal, figures.difference),
        _value(signal, span.least),
        _value(signal, span.most),
        # A mean of states is no state: a pump that ran half the time is at 0.5.
        _number(span.mean, signal.decimals if signal.kind == "analog" else 2),
        _deviation(signal, span),
        _integral(signal, span.integral_h),
        Cell(number(span.n, 0, language()), span.n),
        Cell(f"{number(100 * span.good_part, 1, language())} %", 100 * span.good_part),
        Cell(UNKNOWN if span.worst is None else t(_STATES[span.worst]), span.worst),
    ]


def _value(signal: Signal, value: float | None, token: str = "value.live") -> Cell:  # noqa: S107 - a colour token
    return Cell(value_text(signal, value), value, token, strong=True)


def _number(value: float | None, decimals: int, before: str = "", after: str = "") -> Cell:
    text = UNKNOWN if value is None else before + number(value, decimals, language()) + after
    return Cell(text, value, "value.live", strong=True)


def _difference(signal: Signal, value: float | None) -> Cell:
    return _number(value, signal.decimals, "+" if value is not None and value > 0 else "")


def _deviation(signal: Signal, span: SpanStatistics) -> Cell:
    # Of buckets only the spread between them is known.
    return _number(span.deviation, signal.decimals + 1, "≥ " if span.bucketed else "")


def _integral(signal: Signal, integral_h: float | None) -> Cell:
    """What flowed, of a flow; of anything else an integral says nothing."""
    per = next((per for per in _PER if signal.unit.endswith(per)), None)
    if per is None or integral_h is None:
        return Cell(UNKNOWN, None)
    return _number(integral_h * _PER[per], 0, after=f" {signal.unit.removesuffix(per)}")
