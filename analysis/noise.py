"""Whether a value really moved, or only trembled."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

_BLOCKS: Final = 6
_STANDARD_ERRORS: Final = 7.0
"""Means of six blocks of pure noise spread over more than seven standard errors about once in ten thousand times."""


def noise_sigma(values: NDArray[np.float64]) -> float:
    """Standard deviation of the noise, from successive differences (von Neumann 1941), which a drift hardly touches."""
    steps = np.diff(values)
    return float(np.sqrt(np.mean(steps**2) / 2)) if steps.size else 0.0


def left_noise_band(values: NDArray[np.float64], deadband: float) -> bool:
    """True if the means of `values` taken in six blocks of time spread further than noise and deadband explain."""
    finite = values[np.isfinite(values)]
    if finite.size < 2:
        return False
    blocks = np.array_split(finite, min(_BLOCKS, finite.size))
    means = np.array([block.mean() for block in blocks])
    spread = float(means.max() - means.min())
    error = noise_sigma(finite) / np.sqrt(min(block.size for block in blocks))
    return spread > max(deadband, _STANDARD_ERRORS * error if finite.size > _BLOCKS else 0.0) and spread > 0
