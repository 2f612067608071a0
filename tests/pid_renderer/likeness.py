"""How like two pictures of one drawing are: ink of one near ink of the other, after one scale and one shift.

The measure: both pictures are black and white, the fitted one is painted on the other's pixels, and ink counts as met
where the other has ink within `NEAR_PX`. Precision = part of our ink that the original has, recall = part of the
original's ink that we have.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

NEAR_PX = 3
DARK = 160
"""Grey under which a pixel is ink."""


class Fit(NamedTuple):
    """Pixel of the original = scale · pixel of ours + (x, y)."""

    scale: float
    x: float
    y: float


@dataclass(frozen=True)
class Likeness:
    precision: float
    recall: float
    fit: Fit


def ink(grey: np.ndarray) -> np.ndarray:
    return grey < DARK


def dilated(mask: np.ndarray, radius: int = NEAR_PX) -> np.ndarray:
    """With every pixel within `radius` of one that is set."""
    grown = mask.copy()
    for dy in range(-radius, radius + 1):
        reach = int((radius**2 - dy**2) ** 0.5)
        wide = mask.copy()
        for dx in range(1, reach + 1):
            wide[:, dx:] |= mask[:, :-dx]
            wide[:, :-dx] |= mask[:, dx:]
        if dy > 0:
            grown[dy:] |= wide[:-dy]
        elif dy < 0:
            grown[:dy] |= wide[-dy:]
        else:
            grown |= wide
    return grown


def fitted(ours: np.ndarray, original: np.ndarray, around: float) -> Fit:
    """The scale within 6 % of `around`, and the shift, under which both have most ink in common.

    Coarse: small pictures, 61 scales, every shift: twice the ink in common over the ink of both where ours lies (Dice),
    by FFT. Fine: single steps of scale and shift, halved while none is better.
    """
    by = max(4, original.shape[1] // 320)
    small = _shrunk(original, by)
    points = np.argwhere(ours)[:, ::-1].astype(float)
    shape = tuple(2 * side for side in small.shape)
    spectrum = np.fft.rfft2(small, shape)
    best = (-1.0, Fit(around, 0.0, 0.0))
    for scale in around * np.linspace(0.94, 1.06, 61):
        cells = np.unique((points * (scale / by)).astype(int), axis=0)
        corner = cells.min(0)
        width, height = cells.max(0) - corner + 1
        if height > small.shape[0] or width > small.shape[1]:
            continue
        x, y = (cells - corner).T
        placed = np.zeros(small.shape)
        placed[y, x] = 1.0
        common = np.fft.irfft2(spectrum * np.conj(np.fft.rfft2(placed, shape)), shape)
        free = np.s_[: small.shape[0] - height + 1, : small.shape[1] - width + 1]
        dice = 2 * common[free] / (placed.sum() + _sums(small, height, width))
        row, column = np.unravel_index(dice.argmax(), dice.shape)
        shift = (np.array([column, row]) - corner) * float(by)
        best = max(best, (float(dice[row, column]), Fit(float(scale), float(shift[0]), float(shift[1]))))
    return _refined(points[:: max(1, len(points) // 40_000)], original, best[1])


def _sums(mask: np.ndarray, height: int, width: int) -> np.ndarray:
    """Sum of every window of that size."""
    table = np.pad(mask.cumsum(0).cumsum(1), ((1, 0), (1, 0)))
    return table[height:, width:] - table[:-height, width:] - table[height:, :-width] + table[:-height, :-width]


def _refined(points: np.ndarray, original: np.ndarray, fit: Fit) -> Fit:
    # A hill to climb: nearer ink counts more.
    hill = sum(dilated(original, radius).astype(np.float32) for radius in (0, 1, 2, 3, 5, 8))
    height, width = original.shape
    middle = points.mean(0)

    def score(at: Fit) -> float:
        x, y = np.rint(points * at.scale + (at.x, at.y)).astype(int).T
        inside = (x >= 0) & (y >= 0) & (x < width) & (y < height)
        return float(hill[y[inside], x[inside]].sum())

    best, step = score(fit), 8.0
    while step > 0.2:
        tried = [fit._replace(x=fit.x + d) for d in (-step, step)] + [fit._replace(y=fit.y + d) for d in (-step, step)]
        for part in (-step / 3000, step / 3000):
            scale = fit.scale * (1 + part)
            # About the middle of the ink, so that scale and shift do not undo each other.
            x, y = middle * (fit.scale - scale) + (fit.x, fit.y)
            tried.append(Fit(scale, float(x), float(y)))
        top, found = max(((score(at), at) for at in tried), key=lambda pair: pair[0])
        if top > best:
            best, fit = top, found
        else:
            step /= 2
    return fit


def _shrunk(mask: np.ndarray, by: int) -> np.ndarray:
    height, width = (side // by * by for side in mask.shape)
    return mask[:height, :width].reshape(height // by, by, width // by, by).max((1, 3)).astype(float)


def compare(
    paint: Callable[[Fit, tuple[int, int]], np.ndarray],
    original: np.ndarray,
    around: float,
    room: Callable[[Fit], tuple[float, float, float, float]],
) -> Likeness:
    """`paint(fit, size)` gives our picture (grey) under a fit; `room(fit)` the part of the original that recall is of.

    All of our ink counts for precision, in the room or not.
    """
    theirs = ink(original)
    size = (theirs.shape[1], theirs.shape[0])
    fit = fitted(ink(paint(Fit(1.0, 0.0, 0.0), size)), theirs, around)
    ours = ink(paint(fit, size))
    left, top, right, bottom = (round(edge) for edge in room(fit))
    part = np.s_[max(0, top) : bottom, max(0, left) : right]
    precision = (ours & dilated(theirs)).sum() / max(1, ours.sum())
    recall = (theirs & dilated(ours))[part].sum() / max(1, theirs[part].sum())
    return Likeness(float(precision), float(recall), fit)
