"""The axes of a plot over time: round instants of the plant's own clock and calendar, round numbers of its units."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

import numpy as np
import pyqtgraph as pg

from contracts.number_text import number
from resources.words import language, t

AXIS_PX: Final = 52
_SECONDS: Final = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30)
_MINUTES: Final = (60, 120, 300, 600, 900, 1800)
_HOURS: Final = (3600, 7200, 10800, 21600, 43200)
_DAYS: Final = (86_400, 172_800, 604_800)
_MONTHS: Final = (1, 2, 3, 6, 12, 24, 60, 120, 240, 600)
_DAY_S: Final = 86_400.0
_MONTH_S: Final = 2_629_746.0
"""A mean month of the Gregorian calendar: 365.2425 days / 12."""


class TimeAxis(pg.AxisItem):  # type: ignore[misc]
    """Instants in a zone; places are seconds since `base_us`."""

    def __init__(self, base_us: int, zone: tzinfo) -> None:
        super().__init__("bottom")
        self._base_us, self._zone = base_us, zone

    def _local(self, x: float) -> datetime:
        return datetime.fromtimestamp(self._base_us / 1e6 + x, UTC).astimezone(self._zone)

    def _place(self, local: datetime) -> float:
        return local.replace(tzinfo=self._zone).timestamp() - self._base_us / 1e6

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        wanted = (high - low) / max(2.0, size / 130)
        steps = (*_SECONDS, *_MINUTES, *_HOURS, *_DAYS)
        step = next((step for step in steps if step >= wanted), None)
        try:
            start = self._local(low).replace(tzinfo=None)
            if step is None:
                return [self._months(start, low, high, wanted)]
            if step >= 3600:
                return [(step, self._wall_ticks(start, low, high, step))]
        except (OverflowError, ValueError):
            return []  # beyond the calendar of Python: nothing of a plant is there
        shift = self._local(low).utcoffset()
        offset_s = self._base_us / 1e6 + (0 if shift is None else shift.total_seconds())
        first = np.ceil((low + offset_s) / step) * step - offset_s
        return [(step, np.arange(first, high, step).tolist())]

    def _wall_ticks(self, start: datetime, low: float, high: float, step_s: float) -> list[float]:
        """By the clock on the wall, so that midnight stays midnight across a change to summer time."""
        days = int(step_s // _DAY_S)
        midnight = start.replace(hour=0, minute=0, second=0, microsecond=0)
        if days > 1:
            midnight -= timedelta(days=midnight.toordinal() % days)
        count = int((high - low + 2 * _DAY_S) // step_s) + 2
        places = {self._place(midnight + timedelta(seconds=step_s * n)) for n in range(count)}
        return sorted(place for place in places if low <= place <= high)

    def _months(self, start: datetime, low: float, high: float, wanted_s: float) -> tuple[float, list[float]]:
        step = next((step for step in _MONTHS if step * _MONTH_S >= wanted_s), _MONTHS[-1])
        number_of_month = (start.year * 12 + start.month - 1) // step * step
        places = []
        while (place := self._place(datetime(number_of_month // 12, number_of_month % 12 + 1, 1))) <= high:  # noqa: DTZ001
            places.append(place)
            number_of_month += step
        return step * _MONTH_S, [place for place in places if place >= low]

    def tickStrings(self, values: Sequence[float], _scale: float, spacing: float) -> list[str]:
        return [self._text(self._local(value + 0.0005), spacing) for value in values]

    @staticmethod
    def _text(moment: datetime, spacing: float) -> str:
        months = t("months").split()
        if spacing > _DAYS[-1]:
            return str(moment.year) if moment.month == 1 else months[moment.month - 1]
        if spacing >= _DAY_S or (moment.hour == 0 and moment.minute == 0 and spacing >= 60):
            return f"{moment.day} {months[moment.month - 1]}"
        if spacing < 1:
            return moment.strftime("%H:%M:%S") + f".{moment.microsecond // 1000:03d}"
        return moment.strftime("%H:%M:%S" if spacing < 60 else "%H:%M")


class ValueAxis(pg.AxisItem):  # type: ignore[misc]
    """Numbers, few and round, in the reader's language."""

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        wanted = (high - low) / max(2.5, min(5.0, size / 30))
        power = 10 ** np.floor(np.log10(wanted)) if wanted > 0 else 1.0
        step = float(next(power * nice for nice in (1, 2, 2.5, 5, 10) if power * nice >= wanted * 0.999))
        first = np.ceil(low / step) * step
        return [(step, np.arange(first, high, step).tolist())]

    def tickStrings(self, values: Sequence[float], _scale: float, spacing: float) -> list[str]:
        decimals = max(0, -int(np.floor(np.log10(spacing) + 1e-9))) if spacing > 0 else 0
        if round(spacing * 10**decimals, 6) % 1:
            decimals += 1
        return [number(value, min(decimals, 6), language()) for value in values]
