"""Steps of editing one drawing, for undo and redo."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QUndoCommand

from app.sheet_edits import Edits

_MERGING = 1


class Step(QUndoCommand):
    """From one state of the edits to the next. Steps with the same `run` follow each other as one: a row of nudges."""

    def __init__(self, text: str, before: Edits, after: Edits, show: Callable[[Edits], None], run: str = "") -> None:
        super().__init__(text)
        self.before, self.after, self.run = before, after, run
        self._show = show

    def redo(self) -> None:
        self._show(self.after)

    def undo(self) -> None:
        self._show(self.before)

    def id(self) -> int:
        return _MERGING if self.run else -1

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, Step) or other.run != self.run:
            return False
        self.after = other.after
        return True
