"""Which boxes of two crowds share room: by a grid, so that ten thousand values cost milliseconds. No Qt."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Boxes = NDArray[np.float64]
"""(n, 4): left, top, right, bottom."""
Index = NDArray[np.int64]


_MOST_SQUARES: Final = 4096
"""What takes more is compared with everything: a file may draw a line of a hundred kilometres."""


class Grid:
    """Boxes found by place."""

    def __init__(self, boxes: Boxes, cell: float) -> None:
        """`cell`: side of the grid's squares, about the size of a usual box."""
        self._edges, self._cell = Edges(boxes), cell
        squares = (np.floor((boxes[:, 2:] - boxes[:, :2]) / cell) + 2.0).prod(axis=1)
        self._large = np.flatnonzero(squares > _MOST_SQUARES)
        usual = np.flatnonzero(squares <= _MOST_SQUARES)
        self._corner = boxes[usual, :2].min(axis=0, initial=np.inf)
        self._first, last = np.zeros((len(boxes), 2), np.int64), np.zeros((len(boxes), 2), np.int64)
        self._first[usual], last[usual] = self._cells(boxes[usual])
        self._most = last.max(axis=0, initial=0)
        box, square = self._spread(self._first[usual], last[usual])
        order = np.argsort(square, kind="stable")
        self._box, self._square = usual[box[order]], square[order]

    def meeting(self, boxes: Boxes) -> tuple[Index, Index]:
        """All pairs (row of `boxes`, row of the grid's) that share more than an edge, in the order of `boxes`."""
        if not len(boxes) or not len(self._first):
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        edges = Edges(boxes)
        a, b = self._meeting_usual(boxes, edges)
        if self._large.size:
            every = np.arange(len(boxes))
            for large in self._large.tolist():
                met = meet(edges, self._edges, every, np.full(len(boxes), large))
                a, b = np.concatenate([a, met]), np.concatenate([b, np.full(len(met), large)])
        order = np.argsort(a, kind="stable")
        return a[order], b[order]

    def _meeting_usual(self, boxes: Boxes, edges: Edges) -> tuple[Index, Index]:
        if not self._square.size:
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        first, last = (np.clip(cells, 0, self._most) for cells in self._cells(boxes))
        row, square = self._spread(first, last)
        begin = np.searchsorted(self._square, square, side="left")
        count = np.searchsorted(self._square, square, side="right") - begin
        a = np.repeat(row, count)
        b = self._box[np.repeat(begin - np.cumsum(count) + count, count) + np.arange(count.sum())]
        met = meet(edges, self._edges, a, b)
        a, b, square = a[met], b[met], np.repeat(square, count)[met]
        # Two boxes may share several squares: the first of them counts.
        both = np.maximum(first[a], self._first[b])
        once = square == self._squares(both[:, 0], both[:, 1])
        return a[once], b[once]

    def _cells(self, boxes: Boxes) -> tuple[Index, Index]:
        first = np.floor((boxes[:, :2] - self._corner) / self._cell).astype(np.int64)
        return first, np.floor((boxes[:, 2:] - self._corner) / self._cell).astype(np.int64)

    def _squares(self, x: Index, y: Index) -> Index:
        return y * int(self._most[0] + 1) + x

    def _spread(self, first: Index, last: Index) -> tuple[Index, Index]:
        """Every (row, square) of boxes that reach from a first to a last square."""
        if not len(first):
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        wide, high = (last - first + 1).T
        count = wide * high
        row = np.repeat(np.arange(len(first)), count)
        within = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
        return row, self._squares(first[row, 0] + within % wide[row], first[row, 1] + within // wide[row])


class Edges:
    """The edges of boxes, each side in an array of its own, for many pairs to be sifted by."""

    def __init__(self, boxes: Boxes) -> None:
        self.left, self.top, self.right, self.bottom = np.ascontiguousarray(boxes.T)


def meet(one: Edges, other: Edges, a: Index, b: Index) -> Index:
    """Which of the pairs (row of `one`, row of `other`) share more than an edge."""
    met = np.flatnonzero(one.top[a] < other.bottom[b])
    met = met[other.top[b[met]] < one.bottom[a[met]]]
    met = met[one.left[a[met]] < other.right[b[met]]]
    found: Index = met[other.left[b[met]] < one.right[a[met]]]
    return found


def shared_area(a: Boxes, b: Boxes) -> NDArray[np.float64]:
    """How much of boxes (…, 4) lies in others, element by element; 0 where they do not meet."""
    found: NDArray[np.float64] = np.minimum(a[..., 2], b[..., 2])
    found -= np.maximum(a[..., 0], b[..., 0])
    high = np.minimum(a[..., 3], b[..., 3])
    high -= np.maximum(a[..., 1], b[..., 1])
    np.maximum(found, 0.0, out=found)
    found *= np.maximum(high, 0.0, out=high)
    return found


class Choices:
    """Several boxes in each row (rows, n, 4)."""

    def __init__(self, boxes: Boxes) -> None:
        self._edges = np.ascontiguousarray(np.moveaxis(boxes, -1, 0))

    def of(self, rows: Index) -> Boxes:
        """Those of some rows, each edge side by side in memory, which is what `shared_area` is fast with."""
        return np.moveaxis(self._edges.take(rows, axis=1), 0, -1)


def around(a: Boxes, b: Boxes) -> Boxes:
    """The smallest boxes round pairs of boxes."""
    return np.concatenate([np.minimum(a[:, :2], b[:, :2]), np.maximum(a[:, 2:], b[:, 2:])], axis=1)
