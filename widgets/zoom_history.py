"""The views a person has been at, to go back to and on again. No Qt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

PAUSE_S: Final = 0.6
"""Steps of the wheel and of a drag that follow each other sooner are one change."""
_MOST: Final = 100


class View(NamedTuple):
    """A span in µs, and the ranges of the axes that a person chose, by unit."""

    from_us: int
    to_us: int
    ranges: Mapping[str, tuple[float, float]]


class ZoomHistory:
    """Views before and after the one shown."""

    def __init__(self) -> None:
        self._before: list[View] = []
        self._after: list[View] = []
        self._last_s = float("-inf")

    @property
    def can_undo(self) -> bool:
        """Whether there is a view to go back to."""
        return bool(self._before)

    @property
    def can_redo(self) -> bool:
        """Whether there is a view to go on to."""
        return bool(self._after)

    def changing(self, shown: View, at_s: float) -> None:
        """The person is about to leave `shown`, at a monotonic time in seconds."""
        if at_s - self._last_s >= PAUSE_S and (not self._before or self._before[-1] != shown):
            self._before = [*self._before, shown][-_MOST:]
        self._after.clear()
        self._last_s = at_s

    def pause(self) -> None:
        """The next change is one of its own."""
        self._last_s = float("-inf")

    def undo(self, shown: View) -> View | None:
        """The view before, leaving `shown`; None if there is none."""
        return self._step(self._before, self._after, shown)

    def redo(self, shown: View) -> View | None:
        """The view that was undone last; None if there is none."""
        return self._step(self._after, self._before, shown)

    def _step(self, source: list[View], target: list[View], shown: View) -> View | None:
        if not source:
            return None
        target.append(shown)
        self._last_s = float("-inf")
        return source.pop()
