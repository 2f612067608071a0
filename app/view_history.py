"""Where a person looked: back and forward through views, across sheets and plants. No Qt."""

from __future__ import annotations

from typing import Final, NamedTuple

from pid_renderer.drawing import Box

MOST: Final = 100
_SAME: Final = 0.02
"""Views that differ by less than this part of their size are one."""


class Place(NamedTuple):
    """One view of one sheet."""

    refinery: str
    number: int
    box: Box | None
    """What part of the sheet was seen, mm; None: all of it."""
    selected: str

    def same_view(self, other: Place) -> bool:
        """Whether a person would call it the same place."""
        if (self.refinery, self.number) != (other.refinery, other.number):
            return False
        if self.box is None or other.box is None:
            return self.box == other.box
        size = max(self.box.width, self.box.height, 1e-6)
        return all(abs(a - b) <= _SAME * size for a, b in zip(self.box, other.box, strict=True))


class ViewHistory:
    """A list with a finger on it, as a browser's."""

    def __init__(self) -> None:
        self._places: list[Place] = []
        self._here = -1

    @property
    def here(self) -> Place | None:
        """Where the finger is."""
        return self._places[self._here] if self._places else None

    def visit(self, place: Place) -> None:
        """A new place; what lay ahead is forgotten. The same view again only changes what is selected there."""
        if self.here is not None and self.here.same_view(place):
            self._places[self._here] = place
            return
        self._places[self._here + 1 :] = [place]
        self._places = self._places[-MOST:]
        self._here = len(self._places) - 1

    def can(self, step: int) -> bool:
        """Whether there is a place in that direction."""
        return 0 <= self._here + step < len(self._places)

    def step(self, step: int) -> Place | None:
        """Move the finger; None at the end."""
        if not self.can(step):
            return None
        self._here += step
        return self._places[self._here]
