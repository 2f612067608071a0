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
from pid_renderer.box_pairs import Boxes, Choices, Edges, Grid, Index, around, meet, shared_area
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
_KEPT: Final = 3
"""Arrangements: of the screen, of a picture made meanwhile, of the lens."""
_SPARE: Final = 0.15
"""Of its size: what a value's reach is looked at further to each side, so that it serves the next zooms too."""
_MOST_SPARE: Final = 2.5
"""What is found in a reach so many times as wide as needed is more to sift than to find anew."""
_AT_A_TIME: Final = 500
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
        self._begun: dict[object, _Work] = {}
        """By what they were asked for, the last one last."""
        self._near: _Near | None = None

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
        """The arrangement; None where it is not ready after so long: ask again. The last few are kept.

        `wanted`: which values are written at all; `scale` in px per mm. A value in a vessel has its own room and is
        always in full; one that a person put somewhere stays there.
        """
        asked = scale, zoom, language, design
        work = self._begun.pop(asked, None) or _Work(self._slices(wanted, scale, zoom, language, design=design))
        self._begun[asked] = work
        if len(self._begun) > _KEPT:
            del self._begun[next(iter(self._begun))]
        return work.go_on(budget_s)

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
            type_px = np.array([plates.fit(kind.size * zoom).value_px for kind in self._kinds])
            steps = np.round(_STEPS * type_px[:, None, None])
            values = _Values(
                self._kind[mine],
                np.tile(self._at_mm[mine] * scale, 2),
                kinds,
                np.concatenate([kinds[..., :2].min(axis=2), kinds[..., 2:].max(axis=2)], axis=2),
                steps,
                self._may_move[mine],
                self._computed[mine],
            )
            yield None
            near = yield from self._neighbours(mine, values.reach / scale, _CELL_PX / scale)
            found, moved = yield from _arranged(values, crowd, near)
            forms[:, self._places[mine]], shifts[self._places[mine]] = found, moved
        yield Arrangement(forms, shifts)

    def _neighbours(self, mine: Index, reach: Boxes, cell: float) -> Generator[None, None, _Near]:
        """What is in each value's `reach`, mm; found once for all zooms that reach about as far."""
        near = self._near
        if near is not None and np.array_equal(near.mine, mine):
            within = (near.reach[:, :2] <= reach[:, :2]).all() and (near.reach[:, 2:] >= reach[:, 2:]).all()
            if within and (near.reach[:, 2] - near.reach[:, 0]).sum() < _MOST_SPARE * (reach[:, 2] - reach[:, 0]).sum():
                return near
        spare = _SPARE * (reach[:, 2:] - reach[:, :2])
        reach = np.concatenate([reach[:, :2] - spare, reach[:, 2:] + spare], axis=1)
        among = Grid(reach, cell)
        yield
        found: list[tuple[Index, Index, Index, Index]] = []
        for begin in range(0, len(reach), _AT_A_TIME):
            some = reach[begin : begin + _AT_A_TIME]
            value, fixed = self._obstacles.grid.meeting(some)
            one, other = among.meeting(some)
            two = one + begin != other
            found.append((value + begin, fixed, one[two] + begin, other[two]))
            yield
        self._near = near = _Near(mine, reach, *(np.concatenate(parts) for parts in zip(*found, strict=True)))
        return near


class _Work:
    """An arrangement in the making."""

    def __init__(self, slices: Iterator[Arrangement | None]) -> None:
        self._slices = slices
        self._found: Arrangement | None = None

    def go_on(self, budget_s: float) -> Arrangement | None:
        """Work for so long; the arrangement once it is ready."""
        deadline = time.perf_counter() + budget_s
        while self._found is None:
            self._found = next(self._slices)
            if time.perf_counter() > deadline:
                break
        return self._found


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


class _Values(NamedTuple):
    """Values to be arranged at one zoom, px."""

    kind: Index
    at: Boxes
    """Each anchor, twice."""
    kinds: NDArray[np.float64]
    """(kinds, states, forms, 4): boxes from the anchor."""
    bounds: NDArray[np.float64]
    """(kinds, states, 4): round all forms."""
    steps: NDArray[np.float64]
    """(kinds, n, 2): moves to try."""
    may_move: NDArray[np.bool_]
    computed: NDArray[np.bool_]

    @property
    def furthest(self) -> Boxes:
        """How far each may move to every side."""
        most = np.abs(self.steps).max(axis=1)[self.kind] * self.may_move[:, None]
        return np.concatenate([-most, most], axis=1)

    @property
    def reach(self) -> Boxes:
        """What the boxes of each take together, wherever it stands."""
        both = np.concatenate([self.bounds[..., :2].min(axis=1), self.bounds[..., 2:].max(axis=1)], axis=1)
        return both[self.kind] + self.at + self.furthest


class _Near(NamedTuple):
    """Pairs that may meet: a value and something of the drawing, and two values; each in the values' order."""

    mine: Index
    reach: Boxes
    """What these values were found to meet, mm."""
    value: Index
    fixed: Index
    one: Index
    other: Index


def _arranged(
    values: _Values, crowd: Obstacles, near: _Near
) -> Generator[None, None, tuple[Index, NDArray[np.float64]]]:
    """Forms (states, values) and shifts (values, 2)."""
    kind, computed, each = values.kind, values.computed, np.arange(len(values.kind))
    calm, count = values.kinds[:, State.CALM], values.steps.shape[1]
    moves = np.tile(values.steps, (1, 2, 2))
    # What may not move has as many choices, each where it stands.
    moves = np.concatenate([np.zeros_like(moves), moves])
    tried = np.tile(np.repeat(calm[:, [Form.FULL, Form.NUMBER]], count, axis=1), (2, 1, 1)) + moves
    which = kind + len(calm) * values.may_move
    choices = tried[which] + values.at[:, None]
    rank = np.concatenate([np.arange(count), _WITHOUT_UNIT + np.arange(count)])
    yield
    # Air above, below and at its end, so that a box has room when one is needed.
    air = (values.kinds[:, State.ALARMED, Form.SHORT] - calm[:, Form.FULL])[kind]
    air[computed], air[:, 0] = 0.0, 0.0
    bounds = values.bounds[kind, State.CALM] + values.at + values.furthest
    chosen = yield from _choose(choices, bounds, choices[:, count], rank, crowd, near, air=air)
    stands, shift = choices[each, chosen], moves[which, chosen]
    forms = [np.where(chosen < count, Form.FULL, Form.NUMBER)]
    for state in (State.MARKED, State.ALARMED):
        here = values.at + shift
        choices = values.kinds[kind, state] + here[:, None]
        # What is computed is never in a box.
        choices[computed] = stands[computed, None]
        bounds = values.bounds[kind, state] + here
        found = yield from _choose(choices, bounds, choices[:, Form.FILL], _RANK[state], crowd, near, stands)
        forms.append(found)
    return np.array(forms), shift[:, :2]


def _choose(
    choices: Boxes,
    bounds: Boxes,
    least: Boxes,
    rank: Index,
    crowd: Obstacles,
    near: _Near,
    stands: Boxes | None = None,
    air: Boxes | None = None,
) -> Generator[None, None, Index]:
    """For each row of `choices` (rows, n, 4) the one that costs least: by what it covers, and by its `rank`.

    `bounds`: round all choices of a row; `least`: what it takes before it has chosen, and `stands` what it takes at any
    rate; `air`: how much further from texts it would rather stay. Of a symbol or a pipe only what it covers beyond
    `least` counts.
    """
    rows = len(choices)
    cost = np.tile(rank.astype(np.float64), (rows, 1))
    each, fixed = Choices(choices), Edges(crowd.boxes)
    reach = Edges(bounds if air is None else around(bounds, bounds + air))
    yield
    for begin in range(0, len(near.value), _PAIRS_AT_A_TIME):
        a, b = (part[begin : begin + _PAIRS_AT_A_TIME] for part in (near.value, near.fixed))
        met = meet(reach, fixed, a, b)
        met = met[crowd.weight[b[met]] > 0.0]
        a, b = a[met], b[met]
        boxes, is_text = crowd.boxes[b], crowd.is_text[b]
        covered = shared_area(each.of(a), boxes[:, None])
        covered -= np.where(is_text, 0.0, shared_area(least[a], boxes))[:, None]
        np.maximum(covered, 0.0, out=covered)
        covered *= crowd.weight[b, None]
        _add(cost, a, covered)
        if air is not None:
            a, boxes = a[is_text], boxes[is_text]
            _add(cost, a, _AIR_WEIGHT * shared_area(each.of(a) + air[a, None], boxes[:, None]))
        yield

    def taken(boxes: Boxes) -> Boxes:
        return boxes if stands is None else around(boxes, stands)

    first = taken(choices[:, 0])
    most, firsts = Edges(taken(bounds)), Edges(first)
    decided = cost[:, 0] == 0.0
    pairs: list[tuple[Index, Index]] = [(near.one[:0], near.other[:0])]
    for begin in range(0, len(near.one), _PAIRS_AT_A_TIME):
        a, b = (part[begin : begin + _PAIRS_AT_A_TIME] for part in (near.one, near.other))
        met = meet(most, most, a, b)
        a, b = a[met], b[met]
        decided[a[meet(firsts, firsts, a, b)]] = False
        pairs.append((a, b))
        yield
    a, b = (np.concatenate(parts) for parts in zip(*pairs, strict=True))
    chosen = np.zeros(rows, np.int64)
    current = np.where(decided[:, None], first, taken(least))
    undecided = np.flatnonzero(~decided[a])
    a, b = a[undecided], b[undecided]
    yield
    # Whoever has no undecided neighbour before it chooses; then others are free to.
    while not decided.all():
        ready = ~decided
        ready[a[(b < a) & ~decided[b]]] = False
        now = ready[a]
        one, other = a[now], b[now]
        for begin in range(0, len(one), _PAIRS_AT_A_TIME):
            some = slice(begin, begin + _PAIRS_AT_A_TIME)
            _add(cost, one[some], shared_area(each.of(one[some]), current[other[some], None]) * _VALUE_WEIGHT)
            yield
        which = np.flatnonzero(ready)
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
