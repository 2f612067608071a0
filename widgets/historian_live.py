"""Lines of the historian go on with live samples: each instant once, calculated pens too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from widgets.formula import PREFIX
from widgets.lines import Line
from widgets.past import Answer
from widgets.pen_set import PenSet
from widgets.plant_now import Codes, PlantNow, Times, Values
from widgets.time_plot import TimePlot

_CALCULATED_US: Final = 2_000_000
"""A calculated pen is computed anew this often at most."""
_FRESH_US: Final = 60_000_000
"""An answer that ends longer before it was asked for is one about the past: live has nothing to add to it."""


class LiveLines:
    """What the live store has beyond the historian's answer."""

    def __init__(self) -> None:
        self._calculated_us = 0

    def go_on(
        self,
        plot: TimePlot,
        pens: PenSet,
        now: PlantNow,
        answer: Answer | None,
        asked_us: int,
        lines: Mapping[str, Line],
        now_us: int,
    ) -> None:
        """Each line goes on with the samples that are newer than its last point. Raises `BadFormula`.

        `lines`: the answer's, by tag. Where the answer ends in the past, live stays away: between would be a hole that
        is none.
        """
        if answer is None or answer.to_us < asked_us - _FRESH_US:
            return
        for pen in pens.drawn:
            if not pen.kks.startswith(PREFIX):
                plot.extend_line(pen.kks, *now.recent(pen.kks))
        if pens.has_calculated and now_us - self._calculated_us > _CALCULATED_US:
            self._calculated_us = now_us
            measured = {tag: gone_on(line, *now.recent(tag)) for tag, line in lines.items()}
            for kks, line in pens.lines(measured).items():
                if kks.startswith(PREFIX):
                    plot.show_line(kks, line)


def gone_on(line: Line, times_us: Times, values: Values, codes: Codes) -> Line:
    """A line with the samples that are newer than its last point."""
    newer = times_us > (line.times_us[-1] if line.times_us.size else -1)
    fresh = np.where((codes[newer] & 0xC0) == 0, np.nan, values[newer])
    return Line(np.concatenate([line.times_us, times_us[newer]]), np.concatenate([line.mean, fresh]))
