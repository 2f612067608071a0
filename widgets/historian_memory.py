"""What a person keeps of the historian: views with a name, calculated signals, notes on the time axis. No Qt.

Who stores it (files in the user's folder) the widgets do not know.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True)
class PenSetting:
    """A pen of a view."""

    kks: str
    """A tag, or `=name` of a calculated signal."""
    look: int
    """The number of its look (`pen_strokes.look_of`)."""
    shown: bool = True


@dataclass(frozen=True)
class CalculatedSetting:
    """A calculated signal: see `formula.Calculated`."""

    name: str
    formula: str
    unit: str = ""


@dataclass(frozen=True)
class View:
    """Signals, span, axes and cursors, as they were on the screen."""

    name: str
    """Empty for the one last looked at."""
    pens: tuple[PenSetting, ...] = ()
    from_us: int = 0
    to_us: int = 0
    follow_us: int = 0
    """So long a span up to the present; 0: the span stays where it is."""
    shared: bool = False
    """Whether two units share a pane."""
    a_us: int | None = None
    b_us: int | None = None
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    """Of the axes whose range a person chose, by unit."""
    calculated: tuple[CalculatedSetting, ...] = ()
    compare_us: int = 0
    """How long before the other period is; 0: none is shown."""


@dataclass(frozen=True)
class Note:
    """A note on the time axis."""

    at_us: int
    text: str
    author: str
    written_us: int
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    to_us: int | None = None
    """Where what it tells of ended; None for an instant."""


class HistorianMemory(Protocol):
    """Views and notes by refinery. Every call raises OSError with a sentence for a person."""

    def views(self, refinery: str) -> Sequence[View]:
        """The named views, in the order they were kept."""

    def keep_view(self, refinery: str, view: View) -> None:
        """Keep a view in place of an older one of its name."""

    def remove_view(self, refinery: str, name: str) -> None:
        """Forget a view."""

    def last(self, refinery: str) -> View | None:
        """What was on the screen last; None where nothing was."""

    def keep_last(self, refinery: str, view: View) -> None:
        """Remember what is on the screen."""

    def notes(self, refinery: str) -> Sequence[Note]:
        """The notes, oldest first."""

    def put_note(self, refinery: str, note: Note) -> None:
        """Write a note, in place of one with its id."""

    def remove_note(self, refinery: str, note_id: str) -> None:
        """Take a note away."""


class Nowhere:
    """Remembers while the program runs."""

    def __init__(self) -> None:
        self._views: dict[str, dict[str, View]] = {}
        self._notes: dict[str, dict[str, Note]] = {}
        self._last: dict[str, View] = {}

    def views(self, refinery: str) -> Sequence[View]:
        return list(self._views.get(refinery, {}).values())

    def keep_view(self, refinery: str, view: View) -> None:
        self._views.setdefault(refinery, {})[view.name] = view

    def remove_view(self, refinery: str, name: str) -> None:
        self._views.get(refinery, {}).pop(name, None)

    def last(self, refinery: str) -> View | None:
        return self._last.get(refinery)

    def keep_last(self, refinery: str, view: View) -> None:
        self._last[refinery] = view

    def notes(self, refinery: str) -> Sequence[Note]:
        return sorted(self._notes.get(refinery, {}).values(), key=lambda note: note.at_us)

    def put_note(self, refinery: str, note: Note) -> None:
        self._notes.setdefault(refinery, {})[note.id] = note

    def remove_note(self, refinery: str, note_id: str) -> None:
        self._notes.get(refinery, {}).pop(note_id, None)
