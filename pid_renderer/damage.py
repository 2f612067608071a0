"""What of the window must be painted again: a grid of cells, each wiped and painted with all that lies in it.

Cells are apart from each other, so every pixel of a damaged one is painted exactly once, in painting order, as in a
whole repaint: nothing is blended twice, whatever overlaps whatever.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from pid_renderer.atlas import SX, SY, Fragments, H, W, X, Y

CELL_PX: Final = 32

Grid = NDArray[np.bool_]
"""Rows and columns of cells over the window."""


def no_damage(width: int, height: int) -> Grid:
    """A grid for a window of device pixels."""
    return np.zeros((-(-height // CELL_PX), -(-width // CELL_PX)), bool)


def damage(grid: Grid, fragments: Fragments) -> None:
    """Mark the cells that fragments (window pixels) touch."""
    seen = fragments[fragments[:, W] > 0]
    if not len(seen):
        return
    first_row, first_column, last_row, last_column = _cells(seen, grid)
    inside = (last_row >= first_row) & (last_column >= first_column)
    rows, columns = grid.shape
    corners = np.zeros((rows + 1) * (columns + 1), np.int64)
    for row, column, sign in (
        (first_row, first_column, 1),
        (first_row, last_column + 1, -1),
        (last_row + 1, first_column, -1),
        (last_row + 1, last_column + 1, 1),
    ):
        corners += sign * np.bincount(row[inside] * (columns + 1) + column[inside], minlength=corners.size)
    grid |= corners.reshape(rows + 1, columns + 1).cumsum(axis=0).cumsum(axis=1)[:rows, :columns] > 0


def cut(fragments: Fragments, grid: Grid) -> Fragments:
    """The parts of fragments (window pixels) inside damaged cells, in the same order."""
    first_row, first_column, last_row, last_column = _cells(fragments, grid)
    sums = np.zeros((grid.shape[0] + 1, grid.shape[1] + 1), np.int32)
    sums[1:, 1:] = grid.cumsum(axis=0).cumsum(axis=1)
    inside = np.flatnonzero((last_row >= first_row) & (last_column >= first_column) & (fragments[:, W] > 0))
    top, left, bottom, right = (side[inside] for side in (first_row, first_column, last_row + 1, last_column + 1))
    hit = sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left] > 0
    inside, top, left = inside[hit], top[hit], left[hit]
    across = right[hit] - left
    count = across * (bottom[hit] - top)
    which = np.repeat(np.arange(len(inside)), count)
    number = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    row, column = top[which] + number // across[which], left[which] + number % across[which]
    damaged = grid[row, column]
    which, row, column = which[damaged], row[damaged], column[damaged]
    found: Fragments = fragments[inside[which]]
    begin_x = np.maximum(found[:, X], column * CELL_PX)
    begin_y = np.maximum(found[:, Y], row * CELL_PX)
    end_x = np.minimum(found[:, X] + found[:, W], (column + 1) * CELL_PX)
    end_y = np.minimum(found[:, Y] + found[:, H], (row + 1) * CELL_PX)
    found[:, SX] += begin_x - found[:, X]
    found[:, SY] += begin_y - found[:, Y]
    found[:, X], found[:, Y] = begin_x, begin_y
    found[:, W], found[:, H] = end_x - begin_x, end_y - begin_y
    return found


def cells(grid: Grid) -> Fragments:
    """The damaged cells, as parts of a picture of the window."""
    rows, columns = np.nonzero(grid)
    found = np.zeros((len(rows), 6), np.int32)
    found[:, SX] = found[:, X] = columns * CELL_PX
    found[:, SY] = found[:, Y] = rows * CELL_PX
    found[:, W] = found[:, H] = CELL_PX
    return found


def _cells(fragments: Fragments, grid: Grid) -> tuple[NDArray[np.int32], ...]:
    """First row and column, last row and column of each fragment inside the grid."""
    rows, columns = grid.shape
    return (
        np.maximum(fragments[:, Y] // CELL_PX, 0),
        np.maximum(fragments[:, X] // CELL_PX, 0),
        np.minimum((fragments[:, Y] + fragments[:, H] - 1) // CELL_PX, rows - 1),
        np.minimum((fragments[:, X] + fragments[:, W] - 1) // CELL_PX, columns - 1),
    )
