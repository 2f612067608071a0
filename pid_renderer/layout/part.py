"""One part of a plant that hangs together: its ranks, their order, and its blocks in one row or several."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Final

from pid_renderer.drawing import Drawing
from pid_renderer.layout import ranking
from pid_renderer.layout.block import Block, Cell, Port, Span
from pid_renderer.layout.equipment_block import End, equipment_block
from pid_renderer.layout.placing import Extent, columns, heights
from pid_renderer.layout.ranking import Edge, Order, Wire
from pid_renderer.layout.rows import cuts
from pid_renderer.layout.run_block import connector_block, junction_block, run_block
from pid_renderer.layout.sides import Way, sides_of
from pid_renderer.layout.topology import Gauge, Run, Topology

_ROW_GAP: Final = 4
"""Lanes between two rows, beside those for the pipes that pass there."""
MOST_LINKS: Final = 1_600
"""Links from rank to rank for which a sheet's order keeps places, shortest pipes first: what that takes grows with
their square. The other pipes find their ways by themselves."""
_BIAS: Final[Mapping[str, float]] = {"pump": 1.0, "compressor": -1.0}


@dataclass(frozen=True)
class Hop:
    """One stretch of pipe between two blocks, as the fluid flows."""

    source: str
    source_port: str
    target: str
    target_port: str
    segment: str


def run_name(number: int) -> str:
    """What the block of a run is called."""
    return f"run {number}"


@dataclass(frozen=True)
class Plant:
    """What all parts know of the plant."""

    drawing: Drawing
    topology: Topology
    gauges: Mapping[str, Sequence[Gauge]]
    """By host; under the empty name those that hang on nothing."""
    junctions: frozenset[str]
    connectors: frozenset[str]


class Part:
    """One part of the plant that hangs together: ranks, order, blocks, places."""

    def __init__(self, plant: Plant, names: list[str], runs: list[int]) -> None:
        """`runs` are numbers of the plant's runs."""
        self.most_links = MOST_LINKS * len(runs) // max(1, len(plant.topology.runs))
        self.plant, self.names = plant, names
        self.drawing, self.topology = plant.drawing, plant.topology
        self.runs = {run_name(i): self.topology.runs[i] for i in runs}
        self.number = {name: i for i, name in enumerate([*names, *self.runs])}
        self.label = list(self.number)
        self.headers = self._headers()
        self.backward: dict[str, bool] = {}
        self.rank = self._ranks()
        self.at: dict[str, Cell] = {}
        self.hints: dict[tuple[str, str], float] = {}
        self.ends = {name: self._ends(name) for name in names if self._is_equipment(name)}
        self.blocks: dict[str, Block] = {}
        self.topmost: set[str] = set()
        """Tees at the upper end of a header: a cap there looks up."""
        self.hops = self._hops()
        for last in (False, True):
            self._build()
            self._order()
            if not last:
                self._hint()
        self._favour_outer_branches()
        self.count, self.margin = 1, 0
        self.fold(1)

    def _is_equipment(self, name: str) -> bool:
        return name not in self.plant.junctions and name not in self.plant.connectors and name not in self.runs

    # -- ranks -----------------------------------------------------------------------------------------------------

    def _headers(self) -> dict[str, list[str]]:
        """Tees joined by nothing but pipe, in the order of the pipe: one header, drawn as one upright line."""
        near: dict[str, list[str]] = defaultdict(list)
        for run in self.runs.values():
            both = run.source in self.plant.junctions and run.target in self.plant.junctions
            if both and not run.pieces and run.source != run.target:
                near[run.source].append(run.target)
                near[run.target].append(run.source)
        found: dict[str, list[str]] = {}
        for start in sorted((n for n in self.names if n in near), key=lambda n: (len(near[n]), self.number[n])):
            if start in found:
                continue
            order, waiting = list[str](), [start]
            while waiting:
                name = waiting.pop()
                if name not in order:
                    order.append(name)
                    waiting += [other for other in near[name][::-1] if other not in order]
            found |= dict.fromkeys(order, order)
        return found

    def _ranks(self) -> dict[str, int]:
        """Rank of every node; tees of a header share one."""
        lead = {name: self.headers[name][0] if name in self.headers else name for name in self.names}
        numbers = {name: i for i, name in enumerate(dict.fromkeys([*lead.values(), *self.runs]))}
        edges: list[tuple[Edge, str]] = []
        own: list[tuple[Edge, str]] = []
        for name, run in self.runs.items():
            source, target = lead.get(run.source), lead.get(run.target)
            if source is None or target is None or source == target:
                if source is not None and run.pieces:
                    own.append((Edge(numbers[source], numbers[name]), name))
                if target is not None and run.pieces:
                    own.append((Edge(numbers[name], numbers[target]), name))
                continue
            length = 2 if run.pieces else 1
            edges.append((Edge(numbers[source], numbers[target], length, self._reluctance(run)), name))
        every = [edge for edge, _ in (*edges, *own)]
        ranking.break_cycles(len(numbers), every)
        found = ranking.ranks(len(numbers), every)
        for edge, name in edges:
            self.backward[name] = edge.backward
        rank = {name: found[numbers[lead[name]]] for name in self.names}
        for name, run in self.runs.items():
            if not run.pieces:
                continue
            if name in self.backward:
                rank[name] = rank[run.source] + (-1 if self.backward[name] else 1)
            else:
                rank[name] = found[numbers[name]]
                self.backward[name] = False
        used = {value: i for i, value in enumerate(sorted(set(rank.values())))}
        return {name: used[value] for name, value in rank.items()}

    def _reluctance(self, run: Run) -> float:
        """Recycles are drawn where they enter a big vessel rather than where they leave a machine."""
        target, source = self.drawing.elements[run.target], self.drawing.elements[run.source]
        weight = 1.0
        if target.family in ("tank", "vessel", "column"):
            weight *= 0.6
        if source.family in ("pump", "compressor", "connector") or target.family in ("pump", "compressor", "connector"):
            weight *= 3.0
        if any("safety" in self.drawing.elements[p.element].component_class.lower() for p in run.pieces):
            weight *= 0.3
        return weight

    # -- pipes -----------------------------------------------------------------------------------------------------

    def _ways(self, name: str) -> list[tuple[str, Way]]:
        """The pipes that meet a piece of equipment, each with the name of its port there."""
        found: list[tuple[str, Way]] = []
        for run_name, run in self.runs.items():
            for leaves in (True, False):
                if (run.source if leaves else run.target) != name:
                    continue
                other = run.target if leaves else run.source
                way = Way(run, leaves, self.backward.get(run_name, False), other)
                element = self.drawing.elements.get(way.end)
                is_nozzle = element is not None and element.family == "nozzle"
                found.append((way.end if is_nozzle else f"{run_name} {'s' if leaves else 't'}", way))
        return found

    def _ends(self, name: str) -> list[End]:
        ways = self._ways(name)
        sides = sides_of(self.drawing, self.drawing.elements[name], [way for _, way in ways])
        times: dict[str, int] = defaultdict(int)
        for port, _ in ways:
            times[port] += 1
        return [
            End(port, port if port == way.end else "", side, way.leaves, shared=times[port] > 1)
            for (port, way), side in zip(ways, sides, strict=True)
        ]

    def _port(self, run_name: str, run: Run, *, leaves: bool) -> tuple[str, str]:
        """Block and port where a run meets a node."""
        node, end = (run.source, run.source_end) if leaves else (run.target, run.target_end)
        if not self._is_equipment(node):
            return node, node
        element = self.drawing.elements.get(end)
        if element is not None and element.family == "nozzle":
            return node, end
        return node, f"{run_name} {'s' if leaves else 't'}"

    def _hops(self) -> list[Hop]:
        found = []
        for name, run in self.runs.items():
            if not run.pieces:
                found.append(
                    Hop(*self._port(name, run, leaves=True), *self._port(name, run, leaves=False), run.segments[0])
                )
                continue
            # A ring of nothing but valves ends at one of its own pieces, which is no node.
            if run.source in self.number:
                found.append(Hop(*self._port(name, run, leaves=True), name, "s", run.segments[0]))
            if run.target in self.number:
                found.append(Hop(name, "t", *self._port(name, run, leaves=False), run.segments[-1]))
        return found

    def is_backward(self, hop: Hop) -> bool:
        """Whether a hop flows against the ranks."""
        return self.rank.get(hop.source, 0) > self.rank.get(hop.target, 0)

    # -- blocks ----------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        drawing, topology = self.drawing, self.topology
        met: dict[str, list[bool]] = defaultdict(list)
        for run in self.runs.values():
            met[run.source].append(True)
            met[run.target].append(False)
        for name in self.names:
            if name in self.plant.junctions:
                self.blocks[name] = junction_block(
                    drawing, name, topology.stubs.get(name), self.plant.gauges, topology.actuators,
                    stub_up=name in self.topmost,
                )  # fmt: skip
            elif name in self.plant.connectors:
                leaves, enters = met[name].count(True), met[name].count(False)
                self.blocks[name] = connector_block(
                    drawing, name, leaves=leaves > 0, enters=enters > 0, shared=max(leaves, enters) > 1,
                    gauges=self.plant.gauges,
                )  # fmt: skip
            else:
                for end in self.ends[name]:
                    end.order = self.hints.get((name, end.port), end.order)
                self.blocks[name] = equipment_block(
                    drawing, name, self.ends[name], topology.nozzles.get(name, ()), self.plant.gauges.get(name, ())
                )
        for name, run in self.runs.items():
            if run.pieces:
                self.blocks[name] = run_block(
                    drawing, name, run, self.plant.gauges, topology.actuators, backward=self.backward[name]
                )

    @property
    def ranks(self) -> int:
        """How many ranks there are: no row has less than one."""
        return len(self.order.rows)

    # -- order and places ------------------------------------------------------------------------------------------

    def _offset(self, name: str, port: str) -> float:
        """How far below the block's origin a pipe meets it, lanes."""
        ports: Sequence[Port] = self.blocks[name].ports[port]
        if len(ports[0].sides) == 4:
            return 0.0
        side = ports[0].sides[0]
        return ports[0].cell[1] + (-1 if side == "top" else 1 if side == "bottom" else 0)

    def _order(self) -> None:
        self.dummies: dict[int, Extent] = {}
        rows: dict[int, list[int]] = defaultdict(list)
        placed = [name for name in self.label if name in self.blocks]
        for name in self._walk(placed):
            rows[self.rank[name]].append(self.number[name])
        wires: list[Wire] = []
        self.wire_of: dict[int, list[Wire]] = defaultdict(list)
        next_number = len(self.label)
        for i, hop in self._ordered_hops():
            a, b = (hop.source, hop.source_port), (hop.target, hop.target_port)
            if self.rank[a[0]] > self.rank[b[0]]:
                a, b = b, a
            low, high = self.rank[a[0]], self.rank[b[0]]
            if low == high:
                continue
            before, before_offset = self.number[a[0]], self._offset(*a)
            for rank in range(low + 1, high):
                rows[rank].append(next_number)
                self.dummies[next_number] = Extent(0, 0, 0, 0)
                weight = 8.0 if before in self.dummies else 2.0
                wires.append(Wire(before, next_number, before_offset, 0.0, weight))
                self.wire_of[i].append(wires[-1])
                before, before_offset = next_number, 0.0
                next_number += 1
            weight = 2.0 if before in self.dummies else 4.0
            wires.append(Wire(before, self.number[b[0]], before_offset, self._offset(*b), weight))
            self.wire_of[i].append(wires[-1])
        units = {self.number[name]: [self.number[n] for n in order] for name, order in self.headers.items()}
        bias = {
            self.number[name]: _BIAS[self.drawing.elements[name].family]
            for name in self.names
            if self.drawing.elements[name].family in _BIAS
        }
        listed = [rows[rank] for rank in range(max(rows, default=-1) + 1)]
        for row in listed:
            self._gather(row, units)
        self.order = Order(listed, wires, units, bias)
        self.order.improve()

    def _ordered_hops(self) -> list[tuple[int, Hop]]:
        """The hops for which the order keeps places, with their numbers."""
        far = [abs(self.rank[hop.source] - self.rank[hop.target]) for hop in self.hops]
        sooner = sorted(range(len(far)), key=lambda i: (far[i], i))
        kept = set(sooner[: bisect_right(list(accumulate(far[i] for i in sooner)), self.most_links)])
        return [(i, hop) for i, hop in enumerate(self.hops) if i in kept]

    @staticmethod
    def _gather(row: list[int], units: Mapping[int, Sequence[int]]) -> None:
        """Bring the nodes of each unit together, in their order."""
        seen: dict[int, None] = {}
        for node in row:
            for one in units.get(node, (node,)):
                seen.setdefault(one)
        row[:] = [node for node in seen if node in set(row)]

    def _walk(self, placed: list[str]) -> list[str]:
        """Depth first along the pipes from the leftmost nodes: a first order with few crossings."""
        near: dict[str, list[str]] = defaultdict(list)
        for hop in self.hops:
            near[hop.source].append(hop.target)
            near[hop.target].append(hop.source)
        seen: dict[str, None] = {}
        for start in sorted(placed, key=lambda name: (self.rank[name], self.number[name])):
            waiting = [start]
            while waiting:
                name = waiting.pop()
                if name not in seen:
                    seen[name] = None
                    waiting += [other for other in near[name][::-1] if other not in seen]
        return list(seen)

    def _hint(self) -> None:
        """Order the ports of each side like the places their pipes lead to; turn the caps of headers outwards."""
        place = {node: i / max(1, len(row)) for row in self.order.rows for i, node in enumerate(row)}
        self.topmost = {min(header, key=lambda n: place[self.number[n]]) for header in self.headers.values()}
        for i, hop in enumerate(self.hops):
            wires = self.wire_of.get(i)
            if not wires:
                continue
            forward = self.rank[hop.source] < self.rank[hop.target]
            near_source, near_target = (wires[0].right, wires[-1].left) if forward else (wires[-1].left, wires[0].right)
            self.hints[hop.source, hop.source_port] = place[near_source]
            self.hints[hop.target, hop.target_port] = place[near_target]

    def _favour_outer_branches(self) -> None:
        """At the end of a header the branch nearest to it runs straight on, the others leave by the free end."""
        place = {node: i for row in self.order.rows for i, node in enumerate(row)}
        for header in {id(names): names for names in self.headers.values()}.values():
            ordered = sorted((self.number[name] for name in header), key=lambda node: place[node])
            for tee, nearest in ((ordered[0], -1), (ordered[-1], 0)):
                for wires, far in ((self.order.rights[tee], "right"), (self.order.lefts[tee], "left")):
                    if len(wires) > 1:
                        sorted(wires, key=lambda w, far=far: place[getattr(w, far)])[nearest].weight *= 4  # type: ignore[misc]

    def _extent(self, number: int) -> Extent:
        if number in self.dummies:
            return self.dummies[number]
        span = self.blocks[self.label[number]].span
        return Extent(-span.left, -span.top, span.right, span.bottom)

    def _gap(self, above: int, below: int) -> int:
        return 1 if above in self.dummies or below in self.dummies else 3

    def fold(self, count: int) -> None:
        """Place the blocks in at most `count` rows, each begun again at the left under the one before."""
        rows, wide = self.order.rows, []
        for row in rows:
            extents = [self._extent(node) for node in row]
            wide.append(max((extent.left + extent.right for extent in extents), default=0) + 4)
        self.fold_at(cuts(wide, self._crossed(), count))

    def _crossed(self) -> list[int]:
        """How many pipes lead past the boundary before each rank."""
        ends = [sorted((self.rank[hop.source], self.rank[hop.target])) for hop in self.hops]
        return [sum(low < rank <= high for low, high in ends) for rank in range(self.ranks)]

    def fold_at(self, first: Sequence[int]) -> None:
        """Place the blocks in rows that begin with the ranks `first`."""
        rows, wires = self.order.rows, self.order.wires
        extents = {node: self._extent(node) for row in rows for node in row}
        ends = [sorted((self.rank[hop.source], self.rank[hop.target])) for hop in self.hops]
        crossed = self._crossed()
        row_of = [bisect_right(first, rank) - 1 for rank in range(len(rows))]
        parted = [i for i, (low, high) in enumerate(ends) if row_of[low] != row_of[high]]
        cut = {id(wire) for i in parted for wire in self.wire_of.get(i, ())}
        # Who passes by on the way to another row is led round by the router: nothing is kept free for it here.
        passing = {node for i in parted for wire in self.wire_of.get(i, ()) for node in (wire.left, wire.right)}
        rank_of = {node: rank for rank, row in enumerate(rows) for node in row}
        side = {}
        for name in self.names:
            if name in self.plant.connectors:
                side[self.number[name]] = 1 if any(hop.source == name for hop in self.hops) else -1
        self.count, self.margin, self.at = len(first), len(parted), {}
        top = 0
        for start, end in pairwise([*first, len(rows)]):
            here = [[n for n in row if n not in passing or n not in self.dummies] for row in rows[start:end]]
            within = [w for w in wires if id(w) not in cut and start <= rank_of[w.left] < end]
            y = heights(here, within, extents, self._gap)
            x = columns(here, within, extents, y, side)
            blocks = [n for row in here for n in row if n not in self.dummies]
            up = min((y[n] - extents[n].top for n in blocks), default=0)
            self.at |= {self.label[n]: (x[n], y[n] - up + top) for n in blocks}
            down = max((y[n] + extents[n].bottom for n in blocks), default=0)
            top += down - up + _ROW_GAP + (crossed[end] if end < len(rows) else 0)

    @property
    def span(self) -> Span:
        """Lanes the part covers, those for pipes from row to row included."""
        spans = [block.span.moved(*self.at[name]) for name, block in self.blocks.items()]
        found = spans[0]
        for span in spans[1:]:
            found = found.union(span)
        return Span(found.left - self.margin, found.top, found.right + self.margin, found.bottom)
