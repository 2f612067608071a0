"""How far a value is from its design value."""

from __future__ import annotations

from typing import Final

from contracts.signal_list import Signal

THRESHOLDS_PERCENT: Final = (2.0, 5.0, 10.0)


def percent(signal: Signal, value: float | None) -> float | None:
    """Signed distance from the design value, in percent of it; None where there is no design value.

    Of the design span (or the signal's, where the list gives none) for temperatures and where the design value is 0:
    percent of degrees Celsius mean nothing.
    """
    if value is None or signal.design is None:
        return None
    basis = abs(signal.design)
    if basis == 0 or signal.role == "temperature":
        low = signal.low if signal.design_min is None else signal.design_min
        high = signal.high if signal.design_max is None else signal.design_max
        basis = high - low
    return 100 * (value - signal.design) / basis if basis > 0 else None


def step(deviation_percent: float) -> int:
    """The step -3 … +3 of the deviation scale."""
    size = sum(abs(deviation_percent) > threshold for threshold in THRESHOLDS_PERCENT)
    return size if deviation_percent > 0 else -size
