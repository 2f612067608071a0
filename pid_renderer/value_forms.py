"""Where each value stands at one zoom and how much of it is written, so that none covers another or a line's name.

A value stays where the drawing wants it and is written in full where there is room. Else it moves by less than its own
height; where that does not help it is written shorter. Everything is computed from the widest number of each signal's
range, so no reading moves a value, and its box in alarm or of bad quality takes only what the neighbours leave.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from contracts.number_text import Language, number
from data.reading import AlarmMark
from pid_renderer import plates
from pid_renderer.box_pairs import Boxes, Grid, Index, around, shared_area
from pid_renderer.live_state import MISSING, ValueLook
from pid_renderer.plate import Plate
from pid_renderer.sheet_obstacles import Obstacles, SheetObstacles
from pid_renderer.value_form import Form, State, written

_DERIVED: Final = 9999.0
"""A computed number as wide as most."""
_UNITS: Final = {"volume": "m³", "rate": "m³/h", "duty": "MW"}
_FAR_OFF: Final = "−100 %"
_OLD: Final = "59 min"
_ALARM: Final = AlarmMark(1, "", "unacknowledged", 0)
_GAP_PX: Final = 2.0
"""Air at either end of a number."""
_LINE_GAP_PX: Final = 0.5
_CELL_PX: Final = 160.0
_AT_A_TIME: Final = 200
_PAIRS_AT_A_TIME: Final = 10_000
_VALUE_WEIGHT: Final = 100.0
"""What it costs to cover a pixel of another value; a text costs less (see `sheet_obstacles`)."""
_AIR_WEIGHT: Final = 0.1
_WITHOUT_UNIT: Final = 30
"""A unit is dropped only where that spares so much more than a move."""
_RANK: Final = {
    State.MARKED: np.arange(len(Form)),
    # A tight alarm has its badge over what stands at its left: rather no unit.
    State.ALARMED: np.array([0, 1, 2, _WITHOUT_UNIT, 3, _WITHOUT_UNIT]),
}
"""By form."""
_STEPS: Final = np.array(
    [(0.0, 0.0), (0.0, -0.4), (0.0, 0.4), (0.0, -0.8), (0.0, 0.8), (0.6, 0.0), (-0.6, 0.0), (0.6, -0.8), (0.6, 0.8)]
)
"""How far a value may move, in heights of its type."""
_SCATTER: Final = 2654435761
"""Knuth's multiplier for a hash of whole numbers."""


class Arrangement(NamedTuple):
    """Of each plate at one zoom."""

    forms: NDArray[np.int64]
    """(states, plates): how much is written (`Form`) in each `State`."""
    shifts: NDArray[np.float64]
    """(plates, 2): how far it stands from its anchor, px."""


class ValueForms:
    """The values beside their symbols on one sheet, and what they must not cover."""

    def __init__(self, values: Sequence[Plate], obstacles: SheetObstacles) -> None:
        self._count, self._obstacles = len(values), obstacles
        beside = [place for place, plate in enumerate(values) if plate.vessel is None]
        # What is measured chooses before what is computed; else no order, so that few wait for one another.
        beside.sort(key=lambda place: (bool(values[place].derived), place * _SCATTER % 2**32))
        self._places = np.array(beside, np.int64)
        anchors = [values[place].anchor for place in beside]
        self._at_mm = np.array([(anchor.x, anchor.box.centre[1]) for anchor in anchors]).reshape(-1, 2)
        self._may_move = np.array([not anchor.by_hand for anchor in anchors], bool)
        self._computed = np.array([bool(values[place].derived) for place in beside], bool)
        known: dict[_Kind, int] = {}
        of = [known.setdefault(_kind(values[place]), len(known)) for place in beside]
        self._kinds, self._kind = list(known), np.array(of, np.int64)
        self._asked: object = None
        self._found: Arrangement | None = None

    def at(
        self,
        wanted: NDArray[np.bool_],
        scale: float,
        zoom: float,
        language: Language,
        *,
        design: bool,
        budget_s: float = float("inf"),
    ) -> Arrangement | None:
        """The arrangement, kept until another is asked for; None where it is not ready after so long: ask again.

        `wanted`: which values are written at all; `scale` in px per mm. A value in a vessel has its own room and is
        always in full; one that a person put somewhere stays there.
        """
        asked = scale, zoom, language, design
        if asked != self._asked:
            self._asked, self._found = asked, None
            self._work = self._slices(wanted, scale, zoom, language, design=design)
        deadline = time.perf_counter() + budget_s
        while self._found is None:
            self._found = next(self._work)
            if time.perf_counter() > deadline:
                break
        return self._found

    def _slices(
        self, wanted: NDArray[np.bool_], scale: float, zoom: float, language: Language, *, design: bool
    ) -> Iterator[Arrangement | None]:
        """Work of a few milliseconds between two answers; the last of them is the arrangement."""
        forms = np.zeros((len(State), self._count), np.int64)
        shifts = np.zeros((self._count, 2))
        mine = np.flatnonzero(wanted[self._places])
        if mine.size:
            for _ in self._obstacles.measure():
                yield None
            crowd = self._obstacles.at(zoom, scale)
            kinds = np.array([_boxes(kind, zoom, language, design=design) for kind in self._kinds])
            at_px = np.tile(self._at_mm[mine] * scale, 2)
            boxes = kinds[self._kind[mine]] + at_px[:, None, None]
            corners = kinds[..., :2].min(axis=(1, 2)), kinds[..., 2:].max(axis=(1, 2))
            reach = np.concatenate(corners, axis=1)[self._kind[mine]] + at_px
            type_px = np.array([plates.fit(kind.size * zoom).value_px for kind in self._kinds])[self._kind[mine]]
            steps = np.round(_STEPS * (type_px * self._may_move[mine])[:, None, None])
            yield None
            found, moved = yield from _arranged(boxes, reach, steps, self._computed[mine], crowd)
            forms[:, self._places[mine]], shifts[self._places[mine]] = found, moved
        yield Arrangement(forms, shifts)


class _Kind(NamedTuple):
    """What the boxes of a value depend on beside the zoom."""

    low: float
    high: float
    decimals: int
    unit: str
    derived: str
    size: float
    horizontal: str


def _kind(plate: Plate) -> _Kind:
    signal, anchor = plate.signal, plate.anchor
    if plate.derived:
        unit = _UNITS.get(plate.derived, signal.unit)
        return _Kind(0.0, _DERIVED, 0, unit, plate.derived, anchor.size, anchor.horizontal)
    return _Kind(signal.low, signal.high, signal.decimals, signal.unit, "", anchor.size, anchor.horizontal)


def _boxes(kind: _Kind, zoom: float, language: Language, *, design: bool) -> Boxes:
    """The box in each state and form (states, forms, 4), px from the anchor."""
    sizes = plates.fit(kind.size * zoom)
    text = max((number(end, kind.decimals, language) for end in (kind.low, kind.high)), key=len)
    calm = ValueLook(text, kind.unit, "good", "", None, 0, "", arrow=int(kind.derived == "rate"))
    off = calm._replace(deviation_step=-1, deviation=_FAR_OFF) if design else calm
    looks = {
        State.CALM: (calm, calm._replace(text=MISSING, unit="")),
        State.MARKED: (
            calm._replace(trust="stale", age=_OLD),
            calm._replace(trust="forced"),
            calm._replace(text=MISSING, unit="", trust="bad"),
            off,
        ),
        State.ALARMED: (
            off._replace(alarm=_ALARM),
            calm._replace(trust="stale", age=_OLD, alarm=_ALARM),
        ),
    }
    found = np.zeros((len(State), len(Form), 4))
    for state, of_state in looks.items():
        for form in Form:
            sides = [_sides(written(look, form), sizes, kind.horizontal) for look in of_state]
            half = (
                sizes.value_rise + _LINE_GAP_PX
                if state is State.CALM
                else plates.height(sizes, written(calm, form).room) / 2
            )
            left, right = min(left for left, _ in sides), max(right for _, right in sides)
            found[state, form] = left - _GAP_PX, -half, right + _GAP_PX, half
    return found


def _sides(look: ValueLook, sizes: plates.Fit, horizontal: str) -> tuple[float, float]:
    wide = plates.width(look, sizes)
    left = plates.left_of(look, sizes, horizontal, wide)
    return left - (plates.BADGE_WIDE_PX * sizes.zoom if look.alarm is not None else 0.0), left + wide


def _arranged(
    boxes: Boxes, reach: Boxes, steps: NDArray[np.float64], computed: NDArray[np.bool_], crowd: Obstacles
) -> Generator[None, None, tuple[Index, NDArray[np.float64]]]:
    """Forms (states, values) and shifts (values, 2) from boxes (values, states, forms, 4) and steps (values, n, 2).

    `reach`: what each value's boxes take together where it has not moved.
    """
    calm, count, each = boxes[:, State.CALM], steps.shape[1], np.arange(len(boxes))
    furthest = np.abs(steps).max(axis=1)
    near = yield from _neighbours(reach + np.concatenate([-furthest, furthest], axis=1), crowd)
    yield
    moves = np.tile(steps, (1, 2, 2))
    choices = np.repeat(calm[:, [Form.FULL, Form.NUMBER]], count, axis=1) + moves
    rank = np.concatenate([np.arange(count), _WITHOUT_UNIT + np.arange(count)])
    # Air above, below and at its end, so that a box has room when one is needed.
    air = (boxes[:, State.ALARMED, Form.SHORT] - calm[:, Form.FULL])[:, None]
    air[computed], air[..., 0] = 0.0, 0.0
    chosen = yield from _choose(choices, choices[:, count], rank, crowd, near, air=air)
    stands, shift = choices[each, chosen], moves[each, chosen, :2]
    forms = [np.where(chosen < count, Form.FULL, Form.NUMBER)]
    for state in (State.MARKED, State.ALARMED):
        choices = boxes[:, state] + np.tile(shift, 2)[:, None]
        # What is computed is never in a box.
        choices[computed] = stands[computed, None]
        found = yield from _choose(choices, choices[:, Form.FILL], _RANK[state], crowd, near, stands)
        forms.append(found)
    return np.array(forms), shift


class _Near(NamedTuple):
    """Pairs that may meet: a value and something of the drawing, and two values; each in the values' order."""

    value: Index
    fixed: Index
    one: Index
    other: Index


def _neighbours(reach: Boxes, crowd: Obstacles) -> Generator[None, None, _Near]:
    """What is in each value's `reach`."""
    among = Grid(reach, _CELL_PX)
    yield
    found: list[tuple[Index, Index, Index, Index]] = []
    for begin in range(0, len(reach), _AT_A_TIME):
        some = reach[begin : begin + _AT_A_TIME]
        value, fixed = crowd.meeting(some)
        one, other = among.meeting(some)
        found.append((value + begin, fixed, one + begin, other))
        yield
    yield
    near = _Near(*(np.concatenate(parts) for parts in zip(*found, strict=True)))
    yield
    two = near.one != near.other
    return near._replace(one=near.one[two], other=near.other[two])


def _choose(
    choices: Boxes,
    least: Boxes,
    rank: Index,
    crowd: Obstacles,
    near: _Near,
    stands: Boxes | None = None,
    air: Boxes | None = None,
) -> Generator[None, None, Index]:
    """For each row of `choices` (rows, n, 4) the one that costs least: by what it covers, and by its `rank`.

    `least`: what a row takes before it has chosen, and `stands` what it takes at any rate; `air`: how much further from
    texts it would rather stay. Of a symbol or a pipe only what it covers beyond `least` counts.
    """
    rows = len(choices)
    cost = np.tile(rank.astype(np.float64), (rows, 1))
    yield
    for begin in range(0, len(near.value), _PAIRS_AT_A_TIME):
        a, b = (part[begin : begin + _PAIRS_AT_A_TIME] for part in (near.value, near.fixed))
        beyond = np.where(crowd.is_text[b], 0.0, shared_area(least[a], crowd.boxes[b]))
        covered = np.maximum(0.0, shared_area(choices[a], crowd.boxes[b, None]) - beyond[:, None])
        _add(cost, a, covered * crowd.weight[b, None])
        if air is not None:
            a, b = a[crowd.is_text[b]], b[crowd.is_text[b]]
            _add(cost, a, _AIR_WEIGHT * shared_area(choices[a] + air[a], crowd.boxes[b, None]))
        yield

    def taken(boxes: Boxes) -> Boxes:
        return boxes if stands is None else around(boxes, stands)

    a, b, first = near.one, near.other, taken(choices[:, 0])
    decided = cost[:, 0] == 0.0
    for begin in range(0, len(a), _PAIRS_AT_A_TIME):
        some = slice(begin, begin + _PAIRS_AT_A_TIME)
        decided[a[some][shared_area(first[a[some]], first[b[some]]) > 0.0]] = False
        yield
    chosen = np.zeros(rows, np.int64)
    current = np.where(decided[:, None], first, taken(least))
    undecided = ~decided[a]
    a, b = a[undecided], b[undecided]
    yield
    while not decided.all():
        blocked = np.zeros(rows, bool)
        blocked[a[(b < a) & ~decided[b]]] = True
        which = np.flatnonzero(~decided & ~blocked)[:_AT_A_TIME]
        ready = np.zeros(rows, bool)
        ready[which] = True
        now = ready[a]
        _add(cost, a[now], shared_area(choices[a[now]], current[b[now], None]) * _VALUE_WEIGHT)
        chosen[which] = cost[which].argmin(axis=1)
        picked = choices[which, chosen[which]]
        current[which] = picked if stands is None else around(picked, stands[which])
        decided |= ready
        a, b = a[~now], b[~now]
        yield
    return chosen


def _add(cost: NDArray[np.float64], rows: Index, more: NDArray[np.float64]) -> None:
    """Add to rows of `cost`; the same rows stand together."""
    begins = np.flatnonzero(np.diff(rows, prepend=-1))
    if begins.size:
        cost[rows[begins]] += np.add.reduceat(more, begins, axis=0)
