"""The worst standing alarm of each branch of the tree: of each plant, drawing and code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from analysis.alarms import Alarm
from app.sheets import Sheet
from widgets.navigator import Branch, Standing


def branch_alarms(
    standing: Mapping[str, Sequence[Alarm]], sheets: Mapping[str, Mapping[int, Sheet]]
) -> tuple[dict[str, Standing | None], dict[Branch, dict[str, Standing]]]:
    """By refinery, and by drawing and the code that carries the signal there (`""`: the drawing itself).

    `standing`: the alarms of each refinery, the most urgent first; `sheets`: its drawings that were read.
    """
    plants: dict[str, Standing | None] = {}
    of_drawing: dict[Branch, dict[str, Standing]] = {}
    for refinery, alarms in standing.items():
        ranked = [(alarm.kks, Standing(rank, alarm.priority, alarm.state)) for rank, alarm in enumerate(alarms)]
        plants[refinery] = ranked[0][1] if ranked else None
        for number, sheet in sheets.get(refinery, {}).items():
            found = of_drawing.setdefault(Branch(refinery, number), {})
            for kks, alarm in ranked:
                if (code := sheet.binding.code_of_signal.get(kks)) is not None:
                    found.setdefault(code, alarm)
                    found.setdefault("", alarm)
    return plants, of_drawing
