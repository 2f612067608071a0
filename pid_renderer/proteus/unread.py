"""What was not understood, counted by kind, with the first place of each."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

from pid_renderer.drawing import Unread

_MOST_KINDS: Final = 500
_LONGEST: Final = 200
_REST: Final = "more kinds of things"


class UnreadTally:
    """Call it with what and where; a hostile file cannot make it grow without end."""

    def __init__(self) -> None:
        self._count: Counter[str] = Counter()
        self._first_line: dict[str, int] = {}

    def __call__(self, what: str, node: Any) -> None:
        """One more `what`, at the XML element `node`."""
        self.add(what, node.sourceline or 0)

    def add(self, what: str, line: int) -> None:
        """One more `what`, at a line."""
        what = what[:_LONGEST]
        if what not in self._count and len(self._count) >= _MOST_KINDS:
            what = _REST
        self._count[what] += 1
        self._first_line.setdefault(what, line)

    def result(self) -> tuple[Unread, ...]:
        """Everything counted, the most frequent first."""
        return tuple(Unread(what, count, self._first_line[what]) for what, count in self._count.most_common())
