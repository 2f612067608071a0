"""From the sorted plant to blocks with places: parts that hang together, folded into rows and packed on paper."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from pid_renderer.drawing import Drawing
from pid_renderer.layout import paper
from pid_renderer.layout.block import Block, Span
from pid_renderer.layout.part import Hop, Part, Plant, run_name
from pid_renderer.layout.placing import packed
from pid_renderer.layout.topology import Gauge, Topology

_PAPER_RATIO: Final = 1.5
"""Width to height the parts are packed to: √2 of the paper and the title block below."""
_PART_GAP: Final = 6
_WORTH: Final = 0.9
"""More rows are worth it if what they need of a paper gets smaller by a tenth."""
_STRIP: Final = 2.2
"""Width to height from which a plan is folded at all."""
_MOST_CUTS: Final = 40
"""Ranks of a train up to which each of them is tried as the beginning of its second row."""
_MOST_RUNS: Final = 80
"""Pipes up to which several cuts are routed, to see which has the fewest crossings."""
_CHOICE: Final = 3
_MORE_ROWS: Final = 3
"""Rows that are tried at once beyond those there are."""


@dataclass
class Plan:
    """Placed blocks by name, and the pipes still to be routed between them."""

    blocks: dict[str, Block] = field(default_factory=dict)
    hops: list[Hop] = field(default_factory=list)
    rank: dict[str, int] = field(default_factory=dict)
    """Rank of each equipment, junction and connector within its part of the plant."""
    backward: set[int] = field(default_factory=set)
    """Hops that flow against the ranks, by index in `hops`."""


def plans(drawing: Drawing, topology: Topology) -> list[Plan]:
    """Places for everything, in lanes, the top left one at (0, 0); several plans where cuts are to choose from."""
    return list(_Planner(drawing, topology).plans())


class _Planner:
    def __init__(self, drawing: Drawing, topology: Topology) -> None:
        self.drawing, self.topology = drawing, topology
        self.gauges: dict[str, list[Gauge]] = defaultdict(list)
        for gauge in topology.gauges:
            self.gauges[gauge.host].append(gauge)
        self.names = [*topology.equipment, *topology.junctions, *topology.connectors]
        self.run_names = [run_name(i) for i in range(len(topology.runs))]
        self.plant = Plant(
            drawing, topology, self.gauges, frozenset(topology.junctions), frozenset(topology.connectors)
        )

    def plans(self) -> Iterator[Plan]:
        parts = [Part(self.plant, names, runs) for names, runs in self._parts()]
        loose = self._loose()
        sizes = [_size(block.span) for block in loose]
        yield self._plan(parts, loose, self._folded(parts, sizes))
        for corners in self._cut_otherwise(parts, sizes):
            yield self._plan(parts, loose, corners)

    @staticmethod
    def _plan(parts: Sequence[Part], loose: Sequence[Block], corners: Sequence[tuple[int, int]]) -> Plan:
        found = Plan()
        spans = [part.span for part in parts]
        for part, span, corner in zip(parts, spans, corners, strict=False):
            by = (corner[0] - span.left, corner[1] - span.top)
            for name, block in part.blocks.items():
                at = part.at[name]
                found.blocks[name] = block.moved((at[0] + by[0], at[1] + by[1]))
            first = len(found.hops)
            found.hops += part.hops
            found.backward |= {first + i for i, hop in enumerate(part.hops) if part.is_backward(hop)}
            found.rank |= part.rank
        for block, corner in zip(loose, corners[len(parts) :], strict=True):
            found.blocks[block.id] = block.moved((corner[0] - block.span.left, corner[1] - block.span.top))
        return found

    @staticmethod
    def _packing(parts: Sequence[Part], loose: Sequence[tuple[int, int]]) -> tuple[int, int, list[tuple[int, int]]]:
        """Width and height that all take when packed, and their corners."""
        sizes = [*(_size(part.span) for part in parts), *loose]
        corners = packed(sizes, _PART_GAP, _PAPER_RATIO)
        across = max((corner[0] + size[0] for corner, size in zip(corners, sizes, strict=True)), default=0)
        down = max((corner[1] + size[1] for corner, size in zip(corners, sizes, strict=True)), default=0)
        return across, down, corners

    def _cut_otherwise(
        self, parts: Sequence[Part], loose: Sequence[tuple[int, int]]
    ) -> Iterator[list[tuple[int, int]]]:
        """Corners with a train of two rows cut elsewhere, where no pipe more is parted and no other paper needed."""
        two = next((part for part in parts if part.count == 2 and part.ranks <= _MOST_CUTS), None)
        if two is None or len(self.run_names) > _MOST_RUNS:
            return
        across, down, _ = self._packing(parts, loose)
        name, parted, found = _paper(across, down), two.margin, list[tuple[int, float, int]]()
        for rank in range(1, two.ranks):
            two.fold_at([0, rank])
            across, down, _ = self._packing(parts, loose)
            if two.margin <= parted and _paper(across, down) == name:
                found.append((two.margin, max(across, down * _PAPER_RATIO), rank))
        for _, _, rank in sorted(found)[:_CHOICE]:
            two.fold_at([0, rank])
            yield self._packing(parts, loose)[2]

    def _folded(self, parts: Sequence[Part], loose: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
        """Corners of all parts, the longest trains folded into rows while the whole is a strip and that helps."""

        across, down, corners = self._packing(parts, loose)
        while parts and across > down * _STRIP:
            now = max(across, down * _PAPER_RATIO)
            widest = max(parts, key=lambda part: _size(part.span)[0])
            before, tried = widest.count, []
            for count in range(before + 1, min(before + _MORE_ROWS, widest.ranks // 2) + 1):
                widest.fold(count)
                across, down, _ = self._packing(parts, loose)
                tried.append((max(across, down * _PAPER_RATIO), count))
            best, count = min(tried, default=(now, before))
            widest.fold(count if best <= now * _WORTH else before)
            across, down, corners = self._packing(parts, loose)
            if widest.count == before:
                break
        return corners

    def _parts(self) -> list[tuple[list[str], list[int]]]:
        """Names of nodes and numbers of runs of each part that hangs together, in the file's order."""
        group = {name: name for name in [*self.names, *self.run_names]}

        def root(name: str) -> str:
            while group[name] != name:
                group[name] = group[group[name]]
                name = group[name]
            return name

        for name, run in zip(self.run_names, self.topology.runs, strict=True):
            for end in (run.source, run.target):
                if end in group:
                    group[root(end)] = root(name)
        found: dict[str, tuple[list[str], list[int]]] = {}
        for name in self.names:
            found.setdefault(root(name), ([], []))[0].append(name)
        for i, name in enumerate(self.run_names):
            found.setdefault(root(name), ([], []))[1].append(i)
        return list(found.values())

    def _loose(self) -> list[Block]:
        """Instruments that hang on nothing, in a row of columns."""
        from pid_renderer.layout import gauges as gauge_column

        found = []
        waiting = self.gauges.get("", [])
        for start in range(0, len(waiting), 6):
            block = Block(f"instruments {start // 6}")
            for row, gauge in enumerate(waiting[start : start + 6]):
                gauge_column.set_bubble(block, self.drawing, gauge.element, (0, row * gauge_column.ROW))
            found.append(block)
        return found


def _paper(across: int, down: int) -> str:
    return paper.paper_for(across + 2 * paper.MARGIN, down + 2 * paper.MARGIN)[0]


def _size(span: Span) -> tuple[int, int]:
    return span.right - span.left + 1, span.bottom - span.top + 1
