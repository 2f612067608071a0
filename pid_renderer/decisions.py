"""What a person decided about signals and elements: `<drawing>.bindings.csv` beside the drawing.

One line a decision, sorted, so that two versions can be compared. `bound`: the signal belongs to that element, whatever
its tag says. `unbound`: it belongs to none of this drawing. `refused`: a proposal that must not come back.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from io import StringIO
from pathlib import Path
from typing import Final, Literal, NamedTuple, cast, get_args

from pid_renderer.drawing import BadDrawing, Drawing

Verdict = Literal["bound", "unbound", "refused"]
COLUMNS: Final = ("signal", "verdict", "element", "tag", "person", "time")
SUFFIX: Final = ".bindings.csv"


class Decision(NamedTuple):
    """One line of the file."""

    signal: str
    """KKS, or the plant's own tag, as in the signal list."""
    verdict: Verdict
    element: str
    """Id of the element in the drawing file; empty for `unbound`."""
    tag: str
    """The element's tag: by it the element is found again if a new export of the drawing renames its ids."""
    person: str
    time: str
    """ISO 8601, UTC."""


@dataclass(frozen=True)
class Decisions:
    """All decisions about one drawing; changing makes a new one."""

    rows: tuple[Decision, ...] = ()

    @cached_property
    def by_signal(self) -> dict[str, Decision]:
        """The decision where a signal belongs, `bound` or `unbound`."""
        return {row.signal: row for row in self.rows if row.verdict != "refused"}

    @cached_property
    def refused(self) -> frozenset[tuple[str, str]]:
        """Signal and element id of each refused proposal."""
        return frozenset((row.signal, row.element) for row in self.rows if row.verdict == "refused")

    def with_(self, decisions: Iterable[Decision]) -> Decisions:
        """These decisions taken: a signal's place replaces its old one, and lifts the refusal of that very place."""
        places = dict(self.by_signal)
        refused = {(row.signal, row.element): row for row in self.rows if row.verdict == "refused"}
        for new in decisions:
            if new.verdict == "refused":
                refused[new.signal, new.element] = new
                if new.signal in places and places[new.signal].element == new.element:
                    del places[new.signal]
            else:
                places[new.signal] = new
                refused.pop((new.signal, new.element), None)
        return Decisions(tuple(sorted((*places.values(), *refused.values()))))

    def without(self, signals: Iterable[str], *, refusals: bool = False) -> Decisions:
        """Where these signals belong left to the tags again; `refusals`: what was refused for them may come back."""
        gone = frozenset(signals)
        return Decisions(
            tuple(row for row in self.rows if row.signal not in gone or (row.verdict == "refused" and not refusals))
        )

    def text(self) -> str:
        """The file's content."""
        out = StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(self.rows)
        return out.getvalue()


def parse(text: str, name: str) -> Decisions:
    """The decisions in a file's content. Raises `BadDrawing` naming file and line."""
    reader = csv.DictReader(StringIO(text))
    if text.strip() and not set(COLUMNS[:4]) <= set(reader.fieldnames or ()):
        raise BadDrawing(f"{name}, line 1: the columns {', '.join(COLUMNS)} are expected")
    rows = []
    placed: dict[str, int] = {}
    try:
        for row in reader:
            cells = [(row.get(column) or "").strip() for column in COLUMNS]
            where = f"{name}, line {reader.line_num}"
            if cells[1] not in get_args(Verdict):
                raise BadDrawing(f"{where}, column verdict: {cells[1]!r} is not one of {', '.join(get_args(Verdict))}")
            if not cells[0] or (cells[1] != "unbound" and not (cells[2] or cells[3])):
                raise BadDrawing(f"{where}: signal, or both element and tag, are empty")
            if cells[1] != "refused" and placed.setdefault(cells[0], reader.line_num) != reader.line_num:
                raise BadDrawing(
                    f"{where}: {cells[0]} has its place in line {placed[cells[0]]} already; delete one of the two"
                )
            rows.append(Decision(cells[0], cast("Verdict", cells[1]), *cells[2:]))
    except csv.Error as error:
        raise BadDrawing(f"{name}: cannot be read as CSV: {error}") from error
    return Decisions().with_(rows)


def file_of(drawing: Path, folder: Path | None) -> Path:
    """Where the decisions about a drawing file lie: beside it, or in the folder the plant names."""
    return (folder or drawing.parent) / f"{drawing.stem}{SUFFIX}"


def element_id(row: Decision, drawing: Drawing) -> str:
    """The element a decision means: by its id, else by its tag where one element alone carries it; empty for none."""
    known = drawing.elements.get(row.element)
    if known is not None and (not row.tag or known.tag == row.tag):
        return known.id
    named = [
        element.id
        for element in drawing.elements.values()
        if row.tag and element.tag == row.tag and element.family != "label"
    ]
    if len(named) == 1:
        return named[0]
    return known.id if known is not None and not named else ""
