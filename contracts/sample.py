"""One measurement: value, source time and quality travel together and never apart."""

from __future__ import annotations

import time
from typing import NamedTuple

from contracts.quality import Quality


class Sample(NamedTuple):
    """What one tag was, when, and how far to trust it."""

    value: float | None
    """Engineering units of the tag's signal; None where there is no value."""
    time_us: int
    """Source time: microseconds since 1970-01-01 UTC at the poll's completion, never the time of arrival."""
    quality: int
    """OPC DA code, see `contracts.quality`."""


WAITING = Sample(None, 0, Quality.WAITING)
"""What every tag is before its first event."""


def now_us() -> int:
    """The wall clock in microseconds since 1970-01-01 UTC."""
    return time.time_ns() // 1000
