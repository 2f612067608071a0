"""A long train in several rows, each begun again at the left: where to cut it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

_SLACK: Final = 1.12
"""How much wider than the narrowest possible a row may be, if that cuts fewer pipes."""


def cuts(widths: Sequence[int], crossed: Sequence[int], count: int) -> list[int]:
    """The first rank of each of at most `count` rows.

    `widths` are those of the ranks; `crossed[r]` says how many pipes lead past the boundary before rank r. The widest
    row is about as narrow as can be, and of such cuts those are taken that part the fewest pipes.
    """
    limit = _narrowest(widths, count) * _SLACK
    ranks = len(widths)
    best: list[list[tuple[float, int]]] = [[(0.0 if end == 0 else float("inf"), 0) for end in range(ranks + 1)]]
    for _ in range(count):
        row: list[tuple[float, int]] = [(float("inf"), 0)] * (ranks + 1)
        for end in range(1, ranks + 1):
            wide = 0
            for start in range(end - 1, -1, -1):
                wide += widths[start]
                if wide > limit:
                    break
                price = best[-1][start][0] + (crossed[start] if start else 0)
                row[end] = min(row[end], (price, start))
        best.append(row)
    used = min((k for k in range(1, count + 1) if best[k][ranks][0] < float("inf")), key=lambda k: best[k][ranks][0])
    found, end = list[int](), ranks
    for k in range(used, 0, -1):
        end = best[k][end][1]
        found.append(end)
    return found[::-1]


def _narrowest(widths: Sequence[int], count: int) -> int:
    """The least width in which `count` rows hold all ranks in their order."""
    low, high = max(widths), sum(widths)
    while low < high:
        middle = (low + high) // 2
        rows, wide = 1, 0
        for width in widths:
            if wide + width > middle:
                rows, wide = rows + 1, 0
            wide += width
        low, high = (low, middle) if rows <= count else (middle + 1, high)
    return low
