"""Orthogonal pipes on the lanes: the cheapest way by length, bends and crossings, never through a symbol.

Pipes may cross at right angles, never share a stretch or meet in a bend, so lanes keep all of them 4 mm apart. A* over
(crossing, direction) after Wybrow, Marriott and Stuckey, "Orthogonal connector routing" (2009), on a plain grid.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final

from pid_renderer.layout.block import OUTWARD, Cell, Port, Span

BEND: Final = 5
CROSSING: Final = 12
SHARED: Final = 400
"""Price of a stretch or bend shared with another pipe: the last resort before no pipe at all."""
MOST_STATES: Final = 300_000
"""What all searches of a sheet together may look at, about a second; pipes after that are listed, not drawn."""
_NEAR: Final = 20
"""Lanes around a pipe's ends."""
_MOST_A_SEARCH: Final = 10_000
"""States after which one search gives up."""
_FAR: Final = 120
"""Lanes from which on a way is good enough, not the cheapest: the search is drawn to its end twice as hard."""
_HURRY: Final = 3
"""How hard it is drawn there on a sheet of many pipes, however near."""
_DIRECTIONS: Final[tuple[Cell, ...]] = ((1, 0), (0, 1), (-1, 0), (0, -1))
_TURN_OF: Final = {direction: i for i, direction in enumerate(_DIRECTIONS)}
_ROW, _COLUMN, _BEND = 1, 2, 4
"""What pipes do at a crossing of lanes: run along the row, along the column, bend or end."""


class Router:
    """Finds ways between ports on a sheet of `width` × `height` lanes."""

    def __init__(self, width: int, height: int, most: int = MOST_STATES, *, hurried: bool = False) -> None:
        """`hurried`: any good way will do, for there are many pipes."""
        self._hurried = hurried
        self.width, self.height = width, height
        self.blocked = bytearray(width * height)
        self.use = bytearray(width * height)
        self._many: dict[int, list[int]] = {}
        self._left = self._most = most

    @property
    def has_time(self) -> bool:
        """Whether so much may still be looked at that ways may be bettered, not only found."""
        return self._left > self._most // 4

    def block(self, span: Span) -> None:
        """No pipe through `span`."""
        for y in range(max(0, span.top), min(self.height - 1, span.bottom) + 1):
            left, right = max(0, span.left), min(self.width - 1, span.right)
            if right >= left:
                self.blocked[y * self.width + left : y * self.width + right + 1] = b"\1" * (right - left + 1)

    def block_cell(self, cell: Cell) -> None:
        """No pipe through one crossing, save one that begins or ends there."""
        self.block(Span(*cell, *cell))

    def route(
        self, sources: Sequence[Port], targets: Sequence[Port], crossing: int = CROSSING
    ) -> tuple[Cell, ...] | None:
        """Corners of the cheapest way from one of `sources` to one of `targets`; None where there is none.

        A second search, where the first finds nothing, may share lanes at a high price.
        """
        near = self._near((*sources, *targets))
        whole = Span(0, 0, self.width - 1, self.height - 1)
        for share in (0, SHARED):
            if not share and (self._sealed(sources) or self._sealed(targets)):
                continue
            for within in (near, whole):
                way = self._search(sources, targets, crossing, share, within)
                if way is not None:
                    return way
        return None

    def _near(self, ports: Sequence[Port]) -> Span:
        """The neighbourhood in which a way is looked for first."""
        xs, ys = [port.cell[0] for port in ports], [port.cell[1] for port in ports]
        return Span(
            max(0, min(xs) - _NEAR),
            max(0, min(ys) - _NEAR),
            min(self.width - 1, max(xs) + _NEAR),
            min(self.height - 1, max(ys) + _NEAR),
        )

    def _sealed(self, ports: Sequence[Port]) -> bool:
        """Whether no way leaves any of `ports` without sharing its first stretch."""
        for port in ports:
            for side in port.sides:
                dx, dy = OUTWARD[side]
                x, y = port.cell[0] + dx, port.cell[1] + dy
                if 0 <= x < self.width and 0 <= y < self.height:
                    place = y * self.width + x
                    if not self.use[place] & ((_ROW if dx else _COLUMN) | _BEND):
                        return False
        return True

    def _search(
        self, sources: Sequence[Port], targets: Sequence[Port], crossing: int, share: int, within: Span
    ) -> tuple[Cell, ...] | None:
        width, blocked, use = self.width, self.blocked, self.use
        left, top, right, bottom = within
        goal: dict[int, int] = {}
        for port in targets:
            place = port.cell[1] * width + port.cell[0]
            for side in port.sides:
                dx, dy = OUTWARD[side]
                goal[place] = goal.get(place, 0) | 1 << _TURN_OF[(-dx, -dy)]
        xs, ys = [p.cell[0] for p in targets], [p.cell[1] for p in targets]
        gx0, gx1, gy0, gy1 = min(xs), max(xs), min(ys), max(ys)

        far = min(abs(p.cell[0] - x) + abs(p.cell[1] - y) for p in sources for x, y in zip(xs, ys, strict=True))
        pull = _HURRY if self._hurried else 1 if far < _FAR and not share else 2
        least_left = self._left - _MOST_A_SEARCH

        def guess(x: int, y: int) -> int:
            dx = gx0 - x if x < gx0 else x - gx1 if x > gx1 else 0
            dy = gy0 - y if y < gy0 else y - gy1 if y > gy1 else 0
            return pull * (dx + dy) + (BEND if dx and dy else 0)

        cost: dict[int, int] = {}
        came: dict[int, int] = {}
        heap: list[tuple[int, int, int]] = []
        for port in sources:
            place = port.cell[1] * width + port.cell[0]
            for side in port.sides:
                turn = _TURN_OF[OUTWARD[side]]
                state = place * 4 + turn
                cost[state] = 0
                heapq.heappush(heap, (guess(*port.cell), 0, state))
        starts = set(cost)
        while heap:
            self._left -= 1
            if self._left < max(0, least_left):
                return None
            _, spent, state = heapq.heappop(heap)
            if spent > cost.get(state, 1 << 30):
                continue
            place, turn = divmod(state, 4)
            if place in goal and state not in starts:
                return self._corners(came, state, starts)
            y, x = divmod(place, width)
            here = use[place]
            for next_turn in range(4):
                if next_turn == (turn + 2) % 4:
                    continue
                turned = next_turn != turn
                if turned and state in starts:
                    continue
                dx, dy = _DIRECTIONS[next_turn]
                nx, ny = x + dx, y + dy
                if not (left <= nx <= right and top <= ny <= bottom):
                    continue
                there = ny * width + nx
                arrives = there in goal
                if arrives and not goal[there] & 1 << next_turn:
                    continue
                if blocked[there] and not arrives:
                    continue
                step = 1 + (BEND if turned else 0)
                if turned and here:
                    if not share:
                        continue
                    step += share
                # What lies on the lane ahead: to cross it at a right angle is dear, to lie on it forbidden.
                ahead = 0 if arrives else use[there]
                if ahead:
                    along = _ROW if dx else _COLUMN
                    if ahead & (along | _BEND):
                        if not share:
                            continue
                        step += share
                    else:
                        step += crossing
                new = spent + step
                after = there * 4 + next_turn
                if new < cost.get(after, 1 << 30):
                    cost[after] = new
                    came[after] = state
                    heapq.heappush(heap, (new + guess(nx, ny), new, after))
        return None

    def _corners(self, came: dict[int, int], state: int, starts: Iterable[int]) -> tuple[Cell, ...]:
        states = [state]
        while state not in starts:
            state = came[state]
            states.append(state)
        states.reverse()
        cells = [(s // 4 % self.width, s // 4 // self.width) for s in states]
        kept = [cells[0]]
        for before, here, after in zip(cells, cells[1:], cells[2:], strict=False):
            if (here[0] - before[0], here[1] - before[1]) != (after[0] - here[0], after[1] - here[1]):
                kept.append(here)
        return (*kept, cells[-1])

    def lay(self, way: Sequence[Cell]) -> None:
        """Note that a pipe takes `way`."""
        self._mark(way, 1)

    def lift(self, way: Sequence[Cell]) -> None:
        """Undo `lay`."""
        self._mark(way, -1)

    def _mark(self, way: Sequence[Cell], by: int) -> None:
        for i, (x, y) in enumerate(way):
            last = i == len(way) - 1
            self._count(x, y, _BEND, by)
            if last:
                break
            nx, ny = way[i + 1]
            dx, dy = (nx > x) - (nx < x), (ny > y) - (ny < y)
            what = _ROW if dx else _COLUMN
            self._count(x, y, what, by)
            cx, cy = x + dx, y + dy
            while (cx, cy) != (nx, ny):
                self._count(cx, cy, what, by)
                cx, cy = cx + dx, cy + dy
            self._count(nx, ny, what, by)

    def _count(self, x: int, y: int, what: int, by: int) -> None:
        place = y * self.width + x
        counts = self._many.setdefault(place, [0, 0, 0])
        bit = {_ROW: 0, _COLUMN: 1, _BEND: 2}[what]
        counts[bit] += by
        self.use[place] = sum(flag for flag, count in zip((_ROW, _COLUMN, _BEND), counts, strict=True) if count)


def crossings(ways: Sequence[Sequence[Cell]]) -> list[tuple[int, int, Cell]]:
    """Where pipes cross: index of the horizontal one, of the vertical one, and the place."""
    rows: dict[int, list[tuple[int, int, int]]] = {}
    for i, way in enumerate(ways):
        for (x0, y0), (x1, y1) in pairwise(way):
            if y0 == y1:
                rows.setdefault(y0, []).append((min(x0, x1), max(x0, x1), i))
    found = []
    for i, way in enumerate(ways):
        for (x0, y0), (x1, y1) in pairwise(way):
            if x0 != x1:
                continue
            for y in range(min(y0, y1) + 1, max(y0, y1)):
                found += [(j, i, (x0, y)) for a, b, j in rows.get(y, ()) if a < x0 < b]
    return found
