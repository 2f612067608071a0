"""How far a value is from its design value."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from contracts.signal_list import Signal

THRESHOLDS_PERCENT: Final = (2.0, 5.0, 10.0)


def percent(signal: Signal, value: float | None) -> float | None:
    """Signed distance from the design value, in percent of it; None where there is no design value.

    Of the design span (or the signal's, where the list gives none) for temperatures and where the design value is 0:
    percent of degrees Celsius mean nothing.
    """
    if value is None or signal.design is None:
        return None
    basis = _basis(signal, signal.design)
    return 100 * (value - signal.design) / basis if basis > 0 else None


def _basis(signal: Signal, design: float) -> float:
    if design != 0 and signal.role != "temperature":
        return abs(design)
    low = signal.low if signal.design_min is None else signal.design_min
    high = signal.high if signal.design_max is None else signal.design_max
    return high - low


class Columns:
    """`percent` for many signals at once; one row a signal."""

    def __init__(self, signals: Sequence[Signal]) -> None:
        design = [math.nan if signal.design is None else signal.design for signal in signals]
        basis = [0.0 if signal.design is None else _basis(signal, signal.design) for signal in signals]
        self._design = np.array(design, np.float64)
        self._basis = np.array([part if part > 0 else math.nan for part in basis], np.float64)

    def percent(self, rows: NDArray[np.int64], value: NDArray[np.float64]) -> NDArray[np.float64]:
        """Signed percent of rows at their values; NaN where there is no value or no design value."""
        found: NDArray[np.float64] = 100 * (value - self._design[rows]) / self._basis[rows]
        return found


def step(deviation_percent: float) -> int:
    """The step -3 … +3 of the deviation scale."""
    size = sum(abs(deviation_percent) > threshold for threshold in THRESHOLDS_PERCENT)
    return size if deviation_percent > 0 else -size
