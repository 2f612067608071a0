"""Boxes in pixels that are taken, found by place: which value thins out beside which. No Qt."""

from __future__ import annotations

from collections.abc import Iterator
from math import floor

from pid_renderer.drawing import Box


class Occupied:
    """Boxes that are taken, found by place."""

    def __init__(self, cell_mm: float) -> None:
        self._cell = cell_mm
        self._boxes: dict[tuple[int, int], list[Box]] = {}

    def _cells(self, box: Box) -> Iterator[tuple[int, int]]:
        for x in range(floor(box.left / self._cell), floor(box.right / self._cell) + 1):
            for y in range(floor(box.top / self._cell), floor(box.bottom / self._cell) + 1):
                yield x, y

    def take(self, box: Box) -> None:
        """From now on it is taken."""
        for cell in self._cells(box):
            self._boxes.setdefault(cell, []).append(box)

    def is_free(self, box: Box) -> bool:
        """Whether it meets none that is taken."""
        return not any(box.meets(other) for cell in self._cells(box) for other in self._boxes.get(cell, ()))
