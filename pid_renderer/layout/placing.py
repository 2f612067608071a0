"""Coordinates: heights that make pipes straight, columns wide enough for what is in them, parts packed on paper."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from pid_renderer.layout.ranking import Wire

_SWEEPS: Final = 12
_MOVES: Final = 4
_LARGEST_MOVE: Final = 100
"""Nodes that are moved together at most."""
_MOST_LOOKED_AT: Final = 30_000
"""Nodes that all tries to straighten pipes may look at, half a second; what bends after that stays."""
_JOG: Final = 6.0
"""Lanes of length that one change of height is worth."""


class Extent(NamedTuple):
    """Lanes a node needs around its origin."""

    left: int
    top: int
    right: int
    bottom: int


def heights(
    rows: Sequence[Sequence[int]], wires: Sequence[Wire], extents: Mapping[int, Extent], gap: Callable[[int, int], int]
) -> dict[int, int]:
    """y of each node, lanes, keeping the order of `rows` and `gap` free lanes between neighbours.

    Sweeps over the ranks; in each the sum of weighted vertical distances to the neighbouring ranks is least (exact:
    pool adjacent violators with medians, Robertson and Wright 1980). Then what still bends is moved as a whole.
    """
    steps: list[list[int]] = []
    y: dict[int, int] = {}
    for row in rows:
        steps.append([0])
        for above, node in pairwise(row):
            steps[-1].append(steps[-1][-1] + extents[above].bottom + extents[node].top + gap(above, node))
        for node, at in zip(row, steps[-1], strict=True):
            y[node] = at - steps[-1][-1] // 2
    lefts, rights = defaultdict(list), defaultdict(list)
    for wire in wires:
        rights[wire.left].append(wire)
        lefts[wire.right].append(wire)
    for sweep in range(_SWEEPS):
        forward = sweep % 2 == 0
        for rank in range(len(rows)) if forward else range(len(rows) - 1, -1, -1):
            wanted = []
            for node in rows[rank]:
                near: list[tuple[float, float]] = []
                if forward or sweep >= 4:
                    near += [(y[w.left] + w.left_offset - w.right_offset, w.weight) for w in lefts[node]]
                if not forward or sweep >= 4:
                    near += [(y[w.right] + w.right_offset - w.left_offset, w.weight) for w in rights[node]]
                wanted.append(near or [(y[node], 0.01)])
            for node, value in zip(rows[rank], _monotone(wanted, steps[rank]), strict=True):
                y[node] = round(value)
    _Straightener(rows, wires, steps, y).improve()
    return y


def _monotone(wanted: Sequence[Sequence[tuple[float, float]]], steps: Sequence[int]) -> list[float]:
    """Values that keep at least the distances of `steps`, nearest to `wanted` in the weighted sum of distances."""
    pools: list[tuple[list[tuple[float, float]], int]] = []
    values: list[float] = []
    for near, step in zip(wanted, steps, strict=True):
        points, size = sorted((value - step, weight) for value, weight in near), 1
        value = _median(points)
        while pools and values[-1] > value:
            before, many = pools.pop()
            values.pop()
            points, size = sorted([*before, *points]), size + many
            value = _median(points)
        pools.append((points, size))
        values.append(value)
    found: list[float] = []
    for (_, size), value in zip(pools, values, strict=True):
        found += [value] * size
    return [value + step for value, step in zip(found, steps, strict=True)]


def _median(points: Sequence[tuple[float, float]]) -> float:
    half = sum(weight for _, weight in points) / 2
    passed = 0.0
    for value, weight in points:
        passed += weight
        if passed >= half - 1e-12:
            return value
    return points[-1][0]


class _Straightener:
    """Moves groups of nodes up or down until no move makes a pipe straight for less than it costs the others."""

    def __init__(
        self, rows: Sequence[Sequence[int]], wires: Sequence[Wire], steps: Sequence[Sequence[int]], y: dict[int, int]
    ) -> None:
        self.wires, self.y = wires, y
        self.left = _MOST_LOOKED_AT
        self.below: dict[int, tuple[int, int]] = {}
        """The node under each, and how far away it must at least stay."""
        self.above: dict[int, tuple[int, int]] = {}
        for row, step in zip(rows, steps, strict=True):
            for (a, b), (low, high) in zip(pairwise(row), pairwise(step), strict=True):
                self.below[a] = (b, high - low)
                self.above[b] = (a, high - low)
        self.at: dict[int, list[Wire]] = defaultdict(list)
        for wire in wires:
            self.at[wire.left].append(wire)
            self.at[wire.right].append(wire)

    def improve(self) -> None:
        """Try every pipe that bends, the weightiest first."""
        for _ in range(_MOVES):
            changed = False
            for wire in sorted(self.wires, key=lambda w: -w.weight):
                bend = round(self._bend(wire))
                if bend and self.left > 0:
                    changed |= self._try(wire.right, bend) or self._try(wire.left, -bend)
            if not changed:
                break

    def _bend(self, wire: Wire) -> float:
        return self.y[wire.left] + wire.left_offset - self.y[wire.right] - wire.right_offset

    def _try(self, seed: int, by: int) -> bool:
        for together in (False, True):
            moved = self._moved(seed, by, together)
            if len(moved) <= _LARGEST_MOVE and self._gain(moved, by) > 1e-9:
                for node in moved:
                    self.y[node] += by
                return True
        return False

    def _moved(self, seed: int, by: int, together: bool) -> dict[int, None]:
        """`seed`, what it pushes, and if `together` what is joined to those by straight pipes."""
        moved = {seed: None}
        waiting = [seed]
        while waiting and len(moved) <= _LARGEST_MOVE:
            node = waiting.pop()
            self.left -= 1
            found = []
            pushed = (self.below if by > 0 else self.above).get(node)
            if pushed is not None and abs(self.y[pushed[0]] - self.y[node]) - abs(by) < pushed[1]:
                found.append(pushed[0])
            if together:
                found += [w.right if w.left == node else w.left for w in self.at[node] if abs(self._bend(w)) < 0.5]
            for other in found:
                if other not in moved:
                    moved[other] = None
                    waiting.append(other)
        return moved

    def _gain(self, moved: Mapping[int, None], by: int) -> float:
        gain = 0.0
        for node in moved:
            for wire in self.at[node]:
                if (wire.left in moved) != (wire.right in moved):
                    before = self._bend(wire)
                    after = before + (by if node == wire.left else -by)
                    gain += wire.weight * (_price(before) - _price(after))
        return gain


def _price(bend: float) -> float:
    """What it costs that a pipe changes height, beside the length."""
    return abs(bend) + (_JOG if abs(bend) > 0.5 else 0.0)


def columns(
    rows: Sequence[Sequence[int]],
    wires: Sequence[Wire],
    extents: Mapping[int, Extent],
    y: Mapping[int, int],
    side: Mapping[int, int],
) -> dict[int, int]:
    """x of each node, lanes: ranks side by side, with lanes between them for the pipes that change height there.

    `side` is −1 for nodes to stand at the left of their column, +1 at the right, else they are centred.
    """
    rank_of = {node: rank for rank, row in enumerate(rows) for node in row}
    bends: dict[int, list[tuple[float, float]]] = defaultdict(list)
    for wire in wires:
        a, b = y[wire.left] + wire.left_offset, y[wire.right] + wire.right_offset
        if abs(a - b) > 0.5:
            bends[rank_of[wire.left]].append((min(a, b), max(a, b)))
    x: dict[int, int] = {}
    edge = 0
    for rank, row in enumerate(rows):
        wide = max((extents[node].left + extents[node].right for node in row), default=0)
        for node in row:
            own = extents[node].left + extents[node].right
            free = wide - own
            shift = {-1: 0, 1: free}.get(side.get(node, 0), free // 2)
            x[node] = edge + shift + extents[node].left
        edge += wide + 3 + _most_at_once(bends[rank])
    return x


def _most_at_once(spans: Sequence[tuple[float, float]]) -> int:
    events = sorted([(low, 1) for low, _ in spans] + [(high + 0.5, -1) for _, high in spans])
    most = now = 0
    for _, change in events:
        now += change
        most = max(most, now)
    return most


def packed(sizes: Sequence[tuple[int, int]], gap: int, ratio: float) -> list[tuple[int, int]]:
    """Top left corners for rectangles of `sizes` on shelves, of all widths tried the one nearest to `ratio`."""
    if not sizes:
        return []
    order = sorted(range(len(sizes)), key=lambda i: (-sizes[i][1], -sizes[i][0], i))
    widest = max(width for width, _ in sizes)
    total = sum(width + gap for width, _ in sizes)
    best: tuple[float, list[tuple[int, int]]] | None = None
    for step in range(13):
        limit = widest + (total - widest) * step / 12
        corners, across, down = _shelves(sizes, order, gap, limit)
        badness = max(across, down * ratio)
        if best is None or badness < best[0] - 1e-9:
            best = (badness, corners)
    assert best is not None
    return best[1]


def _shelves(
    sizes: Sequence[tuple[int, int]], order: Sequence[int], gap: int, limit: float
) -> tuple[list[tuple[int, int]], int, int]:
    corners = [(0, 0)] * len(sizes)
    x = y = tall = across = 0
    for i in order:
        width, height = sizes[i]
        if x and x + width > limit:
            x, y, tall = 0, y + tall + gap, 0
        corners[i] = (x, y)
        x += width + gap
        across, tall = max(across, x - gap), max(tall, height)
    return corners, across, y + tall
