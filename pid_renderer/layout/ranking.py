"""Ranks from left to right along the flow, and the order within a rank (Sugiyama, Tagawa and Toda 1981).

Nodes are numbers. Cycles are broken first, ranks are longest paths pulled tight, orders come from weighted medians
swept to and fro while crossings are counted (Gansner et al., "A technique for drawing directed graphs", 1993).
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

_SWEEPS: Final = 16


@dataclass
class Edge:
    """From `tail` to `head` as the fluid flows."""

    tail: int
    head: int
    length: int = 1
    """Least number of ranks between the two."""
    reluctance: float = 1.0
    """How bad it is to draw it against the ranks."""
    backward: bool = False
    """Drawn from right to left: a recycle."""

    @property
    def left(self) -> int:
        """The end with the lower rank."""
        return self.head if self.backward else self.tail

    @property
    def right(self) -> int:
        """The end with the higher rank."""
        return self.tail if self.backward else self.head


def break_cycles(count: int, edges: Sequence[Edge]) -> None:
    """Mark as `backward` a light set of edges without which nothing flows in circles.

    Greedy order of Eades, Lin and Smyth (1993) with weights: sources first, sinks last, else the node with the
    greatest surplus of outflow; edges against that order are reversed.
    """
    outs: dict[int, dict[int, float]] = defaultdict(lambda: defaultdict(float))
    ins: dict[int, dict[int, float]] = defaultdict(lambda: defaultdict(float))
    for edge in edges:
        if edge.tail != edge.head:
            outs[edge.tail][edge.head] += edge.reluctance
            ins[edge.head][edge.tail] += edge.reluctance
    left, right, remaining = list[int](), list[int](), dict.fromkeys(range(count))
    surplus = {node: sum(outs[node].values()) - sum(ins[node].values()) for node in remaining}

    def take(node: int, to: list[int]) -> None:
        to.append(node)
        del remaining[node]
        for other, weight in outs.pop(node, {}).items():
            del ins[other][node]
            surplus[other] += weight
        for other, weight in ins.pop(node, {}).items():
            del outs[other][node]
            surplus[other] -= weight

    while remaining:
        sink = next((n for n in remaining if not outs.get(n)), None)
        if sink is not None:
            take(sink, right)
            continue
        source = next((n for n in remaining if not ins.get(n)), None)
        take(source if source is not None else max(remaining, key=lambda n: (surplus[n], -n)), left)
    place = {node: i for i, node in enumerate([*left, *right[::-1]])}
    for edge in edges:
        edge.backward = place[edge.tail] > place[edge.head]


def ranks(count: int, edges: Sequence[Edge]) -> list[int]:
    """Longest path from the sources, then each node pulled to the side where more of its edges are."""
    left: dict[int, list[Edge]] = defaultdict(list)
    right: dict[int, list[Edge]] = defaultdict(list)
    for edge in edges:
        if edge.tail != edge.head:
            right[edge.left].append(edge)
            left[edge.right].append(edge)
    order = _topological(count, left, right)
    rank = [0] * count
    for node in order:
        rank[node] = max((rank[e.left] + e.length for e in left[node]), default=0)
    for _ in range(4):
        for node in [*order[::-1], *order]:
            low = max((rank[e.left] + e.length for e in left[node]), default=None)
            high = min((rank[e.right] - e.length for e in right[node]), default=None)
            pull = len(right[node]) - len(left[node])
            if pull > 0 and high is not None:
                rank[node] = max(high, 0 if low is None else low)
            elif pull < 0 and low is not None:
                rank[node] = low
    least = min(rank, default=0)
    return [value - least for value in rank]


def _topological(count: int, left: Mapping[int, list[Edge]], right: Mapping[int, list[Edge]]) -> list[int]:
    waiting = {node: len(left[node]) for node in range(count)}
    ready = [node for node in range(count) if not waiting[node]]
    order: list[int] = []
    while ready:
        node = ready.pop(0)
        order.append(node)
        for edge in right[node]:
            waiting[edge.right] -= 1
            if not waiting[edge.right]:
                ready.append(edge.right)
    return order


@dataclass
class Wire:
    """A link between nodes of neighbouring ranks; offsets are where it meets them, below the middle, lanes."""

    left: int
    right: int
    left_offset: float = 0.0
    right_offset: float = 0.0
    weight: float = 1.0


@dataclass
class Order:
    """Nodes rank by rank, and the links between neighbouring ranks."""

    rows: list[list[int]]
    wires: list[Wire]
    unit: Mapping[int, Sequence[int]] = field(default_factory=dict)
    """Nodes of one rank that stay together in a given order or its reverse, such as the tees of a header."""
    bias: Mapping[int, float] = field(default_factory=dict)
    """Where a node would rather be when nothing else decides: negative = high (gas), positive = low (pumps)."""

    def __post_init__(self) -> None:
        self.rights: dict[int, list[Wire]] = defaultdict(list)
        self.lefts: dict[int, list[Wire]] = defaultdict(list)
        for wire in self.wires:
            self.rights[wire.left].append(wire)
            self.lefts[wire.right].append(wire)

    # -- counting --------------------------------------------------------------------------------------------------

    def crossings(self) -> int:
        """How many pairs of links cross, rank by rank (Barth, Mutzel and Jünger 2002, with an insertion list)."""
        return sum(self._between(rank) for rank in range(len(self.rows) - 1))

    def _between(self, rank: int) -> int:
        place = {node: i for i, node in enumerate(self.rows[rank + 1])}
        ends = [
            (i, wire.left_offset, place[wire.right], wire.right_offset)
            for i, node in enumerate(self.rows[rank])
            for wire in self.rights[node]
        ]
        ends.sort()
        seen: list[tuple[int, float]] = []
        found = 0
        for start in range(len(ends)):
            target = ends[start][2:]
            found += len(seen) - bisect_right(seen, target)
            insort(seen, target)
        return found

    # -- improving -------------------------------------------------------------------------------------------------

    def improve(self) -> None:
        """Sweep until nothing gets better; the best order seen stays."""
        best, least = [row[:] for row in self.rows], self.crossings()
        idle = 0
        for sweep in range(_SWEEPS):
            forward = sweep % 2 == 0
            span = range(1, len(self.rows)) if forward else range(len(self.rows) - 2, -1, -1)
            for rank in span:
                self._sort(rank, forward)
            self._swap()
            now = self.crossings()
            if now < least:
                best, least, idle = [row[:] for row in self.rows], now, 0
            else:
                idle += 1
            if not least or idle >= 6:
                break
        self.rows = best

    def _sort(self, rank: int, forward: bool) -> None:
        near = self.rows[rank - 1 if forward else rank + 1]
        place = {node: i for i, node in enumerate(near)}
        wanted: dict[int, float] = {}
        for i, node in enumerate(self.rows[rank]):
            seen = [
                (place[w.left] + _part(w.left_offset), w.weight) if forward else
                (place[w.right] + _part(w.right_offset), w.weight)
                for w in (self.lefts if forward else self.rights)[node]
            ]  # fmt: skip
            total = sum(weight for _, weight in seen)
            at = (
                sum(value * weight for value, weight in seen) / total
                if total
                else i * len(near) / max(1, len(self.rows[rank]))
            )
            wanted[node] = at + 0.02 * self.bias.get(node, 0.0)
        groups: list[tuple[float, int, list[int]]] = []
        done: set[int] = set()
        for i, node in enumerate(self.rows[rank]):
            if node in done:
                continue
            unit = list(self.unit.get(node, (node,)))
            done.update(unit)
            slope = sum((k - (len(unit) - 1) / 2) * wanted[n] for k, n in enumerate(unit))
            if slope < 0:
                unit.reverse()
            groups.append((sum(wanted[n] for n in unit) / len(unit), i, unit))
        groups.sort(key=lambda group: group[:2])
        self.rows[rank] = [node for _, _, unit in groups for node in unit]

    def _swap(self) -> None:
        """Exchange neighbours where that crosses less."""
        for rank, row in enumerate(self.rows):
            left = {n: i for i, n in enumerate(self.rows[rank - 1])} if rank else {}
            right = {n: i for i, n in enumerate(self.rows[rank + 1])} if rank + 1 < len(self.rows) else {}
            for i in range(len(row) - 1):
                a, b = row[i], row[i + 1]
                if a in self.unit or b in self.unit:
                    continue
                before, after = self._pair(a, b, left, right), self._pair(b, a, left, right)
                if after < before:
                    row[i], row[i + 1] = b, a

    def _pair(self, a: int, b: int, left: Mapping[int, int], right: Mapping[int, int]) -> int:
        """Crossings of the links of `a` with those of `b` when `a` stands above."""
        found = 0
        for place, of, end in ((left, self.lefts, "left"), (right, self.rights, "right")):
            ends_a = [(place[getattr(w, end)], getattr(w, f"{end}_offset")) for w in of[a]]
            ends_b = [(place[getattr(w, end)], getattr(w, f"{end}_offset")) for w in of[b]]
            found += sum(x > y for x in ends_a for y in ends_b)
        return found


def _part(offset: float) -> float:
    """An offset in lanes as a part of a place, so that ports of one node are told apart."""
    return max(-0.45, min(0.45, offset / 40.0))
