"""How much of each value is written at one zoom: all of it where there is room beside its neighbours, else less."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from contracts.number_text import Language, number
from pid_renderer import plates
from pid_renderer.drawing import Box
from pid_renderer.live_state import ValueLook
from pid_renderer.plate import Plate
from pid_renderer.value_form import Form, written

MOST: Final = 400
"""On a sheet of more values than this each is written in full: nobody reads so many at once."""
_DERIVED: Final = 9999.0
"""A computed number as wide as most."""
_UNITS: Final = {"volume": "m³", "rate": "m³/h", "duty": "MW"}
_FAR_OFF: Final = "−100 %"


def forms(
    values: Sequence[Plate], scale: float, zoom: float, symbols: Iterable[Box], language: Language, *, design: bool
) -> NDArray[np.int64]:
    """The largest form (`Form`) of each value whose box meets no other value's and no symbol (boxes in mm).

    By the widest number each signal's range has, so that no reading changes it; a symbol that the number alone already
    meets is not avoided. `scale` in px per mm. A value in a vessel has its own room and is always `FULL`.
    """
    found = np.zeros(len(values), np.int64)
    beside = [place for place, plate in enumerate(values) if plate.vessel is None]
    if not beside or len(values) > MOST:
        return found
    boxes = np.array([_boxes(values[place], scale, zoom, language, design) for place in beside])
    walls = np.array([(box.left, box.top, box.right, box.bottom) for box in symbols]).reshape(-1, 4) * scale
    taken = boxes[:, Form.FILL].copy()
    for which, place in enumerate(beside):
        of_form, others = boxes[which], np.delete(taken, which, axis=0)
        all_ = np.concatenate([others, walls[~_meet(of_form[Form.NUMBER], walls)]])
        fitting = (form for form in Form if not _meet(of_form[form], all_).any())
        chosen = next(fitting, Form.NUMBER)
        if chosen is Form.NUMBER and _meet(of_form[chosen], others).any():
            chosen = Form.FILL
        found[place] = chosen
        taken[which] = boxes[which, found[place]]
    return found


def _boxes(plate: Plate, scale: float, zoom: float, language: Language, design: bool) -> list[list[float]]:
    """The plate's box in each form, px from the sheet's corner."""
    sizes = plates.fit(plate.anchor.size * zoom)
    signal = plate.signal
    if plate.derived:
        text, unit = number(_DERIVED, 0, language), _UNITS.get(plate.derived, signal.unit)
    else:
        ends = [number(end, signal.decimals, language) for end in (signal.low, signal.high)]
        text, unit = max(ends, key=len), signal.unit
    off = design and not plate.derived
    full = ValueLook(
        text, unit, "good", "", None, -1 if off else 0, _FAR_OFF if off else "", arrow=int(plate.derived == "rate")
    )
    x, y = plate.anchor.x * scale, plate.anchor.box.centre[1] * scale
    found = []
    for form in Form:
        look = written(full, form)
        wide = plates.width(look, sizes)
        # A bare number is as high as its digits.
        high = plates.height(sizes, low=look.low or not off)
        left = x + plates.left_of(look, sizes, plate.anchor.horizontal, wide)
        found.append([left, y - high / 2, left + wide, y + high / 2])
    return found


def _meet(box: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.bool_]:
    met: NDArray[np.bool_] = (
        (others[:, 0] < box[2]) & (others[:, 2] > box[0]) & (others[:, 1] < box[3]) & (others[:, 3] > box[1])
    )
    return met
