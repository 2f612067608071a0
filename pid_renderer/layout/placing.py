"""Coordinates: heights that make pipes straight, columns wide enough for what is in them, parts packed on paper."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from pid_renderer.layout.ranking import Wire

_SWEEPS: Final = 12


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
    pool adjacent violators with medians, Robertson and Wright 1980).
    """
    y: dict[int, int] = {}
    at: float
    for row in rows:
        at = 0
        for before, node in zip([None, *row], row, strict=False):
            if before is not None:
                at += extents[before].bottom + extents[node].top + gap(before, node)
            y[node] = round(at)
        middle = (y[row[0]] + y[row[-1]]) // 2 if row else 0
        for node in row:
            y[node] -= middle
    lefts, rights = defaultdict(list), defaultdict(list)
    for wire in wires:
        rights[wire.left].append(wire)
        lefts[wire.right].append(wire)
    for sweep in range(_SWEEPS):
        order = list(rows) if sweep % 2 == 0 else list(rows)[::-1]
        for row in order:
            wanted = []
            for node in row:
                near: list[tuple[float, float]] = []
                if sweep % 2 == 0 or sweep >= 4:
                    near += [(y[w.left] + w.left_offset - w.right_offset, w.weight) for w in lefts[node]]
                if sweep % 2 == 1 or sweep >= 4:
                    near += [(y[w.right] + w.right_offset - w.left_offset, w.weight) for w in rights[node]]
                wanted.append(near or [(y[node], 0.01)])
            steps = [0]
            for before, node in pairwise(row):
                steps.append(steps[-1] + extents[before].bottom + extents[node].top + gap(before, node))
            for node, at in zip(row, _monotone(wanted, steps), strict=True):
                y[node] = round(at)
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
