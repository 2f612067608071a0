"""What the table of bindings shows: one row a signal, and one an element that has none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from contracts.number_text import number
from resources.words import language, t
from widgets.search import folded
from widgets.signal_words import shown
from widgets.table_files import Cell

State = Literal["bound", "proposed", "unbound", "foreign", "bare"]
"""Bound; unbound with or without a candidate; declared to be of another drawing; an element without a signal."""

COLUMNS = ("signal", "description", "unit", "state", "element", "how", "score", "reason")
NUMERIC = (False, False, False, False, False, False, True, False)
FILTERS: tuple[State | Literal["all"], ...] = ("all", "bound", "proposed", "unbound", "bare")


class Candidate(NamedTuple):
    """An element a signal may belong to."""

    element: str
    """Its id in the drawing."""
    tag: str
    score: float
    why: str


class Offer(NamedTuple):
    """A signal that may belong to an element."""

    signal: str
    score: float
    why: str


class BindingRow(NamedTuple):
    """One line of the table."""

    signal: str
    """KKS or tag; empty for an element without a signal."""
    description: str
    unit: str
    state: State
    element: str
    """Id of the element it is bound to, or of the first candidate."""
    tag: str
    how: str
    """`prefix`, `drawing`, `mapping`, `equipment`, `by hand`; empty while it is not bound."""
    candidates: tuple[Candidate, ...] = ()
    tip: str = ""
    """What its KKS says."""
    offers: tuple[Offer, ...] = ()
    """Of an element without a signal: which may be its."""

    @property
    def best(self) -> Candidate | None:
        """The first candidate of an unbound signal."""
        return self.candidates[0] if self.state == "proposed" and self.candidates else None

    @property
    def proposal(self) -> tuple[str, str] | None:
        """Signal and element id of what is proposed first, from either side."""
        if self.best is not None:
            return self.signal, self.best.element
        return (self.offers[0].signal, self.element) if self.offers else None

    def cells(self) -> list[Cell]:
        """As the table and its exports show it."""
        score: float | None = None
        why = ""
        if self.best is not None:
            score, why = self.best.score, self.best.why
        elif self.offers:
            score, why = self.offers[0].score, f"{shown(self.offers[0].signal)}: {self.offers[0].why}"
        weak = self.state in ("unbound", "foreign", "bare")
        how = t(f"bind.how.{self.how.replace(' ', '_')}") if self.how else ""
        return [
            Cell(shown(self.signal), self.signal, strong=True),
            Cell(self.description, self.description, "text.secondary"),
            Cell(self.unit, self.unit, "text.secondary"),
            Cell(t(f"bind.state.{self.state}"), self.state, "text.secondary" if weak else "text.primary"),
            Cell(shown(self.tag) or self.element, self.tag or self.element, strong=self.state == "bound"),
            Cell(how, how, "hand.accent" if self.how == "by hand" else "text.secondary"),
            Cell("" if score is None else number(score, 2, language()), score),
            Cell(why, why, "text.secondary"),
        ]

    def matches(self, text: str) -> bool:
        """Whether all words of a search stand somewhere in it; blanks in a KKS do not matter."""
        all_of_it = folded(f"{self.signal} {self.description} {self.tag} {self.how} {self.tip}")
        return folded(text) in all_of_it or all(folded(word) in all_of_it for word in text.split())


def chosen(rows: Sequence[BindingRow], state: str, text: str) -> list[BindingRow]:
    """The rows in a state (`all`: any; `unbound` holds those with a candidate too) that match a search."""
    kinds = {"unbound": ("unbound", "proposed", "foreign")}.get(state, (state,))
    return [row for row in rows if (state == "all" or row.state in kinds) and row.matches(text)]
