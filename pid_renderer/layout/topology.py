"""What is to be placed and what joins it, from a drawing's elements, connections and links.

A *node* is a piece of equipment (its nozzles, chambers and parts belong to it) or something in a pipe. A *run* is a row
of in-line pieces between two nodes. A *stub* is a short dead end that hangs on a run: a drain, a vent, a tapping.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from pid_renderer.drawing import Drawing, Element

MAIN: Final = frozenset(
    {"tank", "vessel", "column", "pump", "compressor", "exchanger", "furnace", "agitator", "equipment"}
)
_IN_PIPE: Final = frozenset({"valve", "fitting", "connector"})
_NOT_IN_PIPE: Final = ("arrow", "slope", "insulation", "reference")
_LONGEST_STUB: Final = 3


@dataclass(frozen=True)
class Joint:
    """One connection between two nodes, with the very ends (nozzles) it meets."""

    source: str
    source_end: str
    target: str
    target_end: str
    segment: str


@dataclass
class Piece:
    """One in-line piece of a run, with the dead end that hangs on it."""

    element: str
    stub: list[str] = field(default_factory=list)
    stub_segments: list[str] = field(default_factory=list)


@dataclass
class Run:
    """Pieces in the order the fluid meets them, between two nodes; an end may be open (empty)."""

    source: str
    source_end: str
    target: str
    target_end: str
    pieces: list[Piece]
    segments: list[str]
    """One for each stretch of pipe: before the first piece, between, after the last; empty where the end is open."""


@dataclass
class Gauge:
    """An instrument and what it hangs on."""

    element: str
    host: str
    """Node, or piece of a run or stub; empty for none."""
    tapped: bool
    """Whether it is measured there (a line leads to the host), not merely near it."""
    line: str
    """Element that owns the measuring line; empty where the file has none: the bubble's own strokes end at its rim."""
    tap: str = ""
    """Nozzle of the host where it is measured, if any."""


@dataclass(frozen=True)
class Wire:
    """A signal from one thing to another."""

    source: str
    target: str
    owner: str


@dataclass
class Topology:
    """Everything that gets a place, and how it hangs together."""

    equipment: list[str]
    junctions: list[str]
    """Tees, and whatever else in a pipe has three ways or more."""
    connectors: list[str]
    runs: list[Run]
    gauges: list[Gauge]
    wires: list[Wire]
    actuators: dict[str, list[str]]
    """Actuators by the valve they move."""
    stubs: dict[str, Piece]
    """Dead ends by the junction they hang on."""
    nozzles: dict[str, list[str]]
    unplaced: list[str]
    """Ids of what has no place in this order and is listed instead."""


def topology(drawing: Drawing) -> Topology:
    """The plant of `drawing` sorted into nodes, runs, stubs, gauges and wires."""
    return _Sorter(drawing).sorted()


def in_pipe(element: Element) -> bool:
    """Whether an element is a piece of piping that is drawn with a symbol."""
    lowered = element.component_class.lower()
    return element.family in _IN_PIPE and not any(word in lowered for word in _NOT_IN_PIPE)


class _Sorter:
    def __init__(self, drawing: Drawing) -> None:
        self.drawing = drawing
        self.elements = drawing.elements
        self.joints: list[Joint] = []
        self.unplaced: list[str] = []
        self.at: dict[str, list[Joint]] = defaultdict(list)
        for connection in drawing.connections:
            source, target = self.node(connection.source), self.node(connection.target)
            if source and target:
                joint = Joint(source, connection.source, target, connection.target, connection.segment)
                self.joints.append(joint)
                self.at[source].append(joint)
                if target != source:
                    self.at[target].append(joint)

    # -- nodes -----------------------------------------------------------------------------------------------------

    def main(self, id_: str) -> str:
        """The outermost equipment around an element, itself included; empty for none."""
        found, element, seen = "", self.elements.get(id_), 0
        while element is not None and seen < 64:
            if element.family in MAIN:
                found = element.id
            element, seen = self.elements.get(element.parent), seen + 1
        return found

    def node(self, id_: str) -> str:
        """What is placed for an end of a connection; empty where the file names nothing known."""
        element = self.elements.get(id_)
        if element is None:
            return ""
        if in_pipe(element):
            return id_
        around = self.main(id_)
        if around:
            return around
        return "" if element.family in ("pipe", "label", "signal line", "other") else id_

    def sorted(self) -> Topology:
        equipment = [e.id for e in self.elements.values() if e.family in MAIN and self.main(e.id) == e.id]
        nodes = set(equipment)
        inline = [
            e.id
            for e in self.elements.values()
            if e.id not in nodes and (e.id in self.at or (in_pipe(e) and e.component_class and self._in_a_pipe(e)))
        ]
        stubs = self._stubs(inline)
        hanging = {id_ for piece in stubs.values() for id_ in piece.stub}
        ways = {id_: self._ways(id_, hanging) for id_ in inline if id_ not in hanging}
        connectors = [id_ for id_ in ways if self.elements[id_].family == "connector"]
        junctions = [id_ for id_, found in ways.items() if len(found) > 2 and id_ not in connectors]
        junctions += [id_ for id_ in ways if self._ends_header(id_, stubs, ways[id_], set(junctions))]
        ends = {*equipment, *connectors, *junctions}
        runs = list(self._runs([id_ for id_ in ways if id_ not in ends], ends, stubs, hanging))
        gauges, wires, actuators = self._instruments({*ends, *inline})
        nozzles: dict[str, list[str]] = defaultdict(list)
        for element in self.elements.values():
            if element.family == "nozzle":
                nozzles[self.main(element.id)].append(element.id)
        self.unplaced += nozzles.pop("", [])
        return Topology(
            equipment, junctions, connectors, runs, gauges, wires, actuators,
            {id_: piece for id_, piece in stubs.items() if id_ in junctions}, nozzles, self.unplaced,
        )  # fmt: skip

    def _ends_header(self, id_: str, stubs: dict[str, Piece], ways: list[Joint], junctions: set[str]) -> bool:
        """Whether a tee is the last of a header: a cap on one side, the next tee of the header on another."""
        if id_ in junctions or id_ not in stubs or len(stubs[id_].stub) > 1 or len(ways) != 2:
            return False
        cap = self.elements[stubs[id_].stub[0]].component_class.lower()
        return ("blind" in cap or "cap" in cap) and any({j.source, j.target} & junctions for j in ways)

    def _in_a_pipe(self, element: Element) -> bool:
        parent = self.elements.get(element.parent)
        return parent is not None and parent.family == "pipe"

    def _ways(self, id_: str, hanging: set[str]) -> list[Joint]:
        return [j for j in self.at[id_] if j.source not in hanging and j.target not in hanging]

    def _stubs(self, inline: list[str]) -> dict[str, Piece]:
        """Dead ends by the piece they hang on; one each, the shortest; two ways always stay."""
        known_inline = set(inline)
        found: dict[str, Piece] = {}
        for end in inline:
            if len(self.at[end]) != 1 or self.elements[end].family == "connector":
                continue
            chain, segments, here, came = [end], [], end, None
            while True:
                joint = next((j for j in self.at[here] if j is not came), None)
                if joint is None:
                    break
                segments.append(joint.segment)
                here, came = joint.target if joint.source == here else joint.source, joint
                if here not in known_inline or here in chain or len(self.at[here]) != 2 or len(chain) > _LONGEST_STUB:
                    break
                chain.append(here)
            if here in known_inline and here not in chain and len(self.at[here]) > 2 and len(chain) <= _LONGEST_STUB:
                known = found.get(here)
                if known is None or len(chain) < len(known.stub):
                    found[here] = Piece(here, chain[::-1], segments[::-1])
        return found

    # -- runs ------------------------------------------------------------------------------------------------------

    def _runs(self, inline: list[str], ends: set[str], stubs: dict[str, Piece], hanging: set[str]) -> Iterator[Run]:
        taken: set[str] = set()
        used: set[int] = set()
        starts = [id_ for id_ in inline if any(n in ends for n in self._neighbours(id_, hanging))]
        starts += [id_ for id_ in inline if len(self._ways(id_, hanging)) < 2]
        for start in [*starts, *inline]:
            if start not in taken:
                yield self._run(start, ends, stubs, hanging, taken, used)
        for joint in self.joints:
            if id(joint) not in used and joint.source not in hanging and joint.target not in hanging:
                yield Run(joint.source, joint.source_end, joint.target, joint.target_end, [], [joint.segment])

    def _neighbours(self, id_: str, hanging: set[str]) -> list[str]:
        return [j.target if j.source == id_ else j.source for j in self._ways(id_, hanging)]

    def _run(
        self,
        start: str,
        ends: set[str],
        stubs: dict[str, Piece],
        hanging: set[str],
        taken: set[str],
        used: set[int],
    ) -> Run:
        """Walk from `start` both ways; the order is that in which most of its joints flow."""
        chain, joints = [start], list[Joint | None]()
        taken.add(start)
        outer: list[tuple[str, str, Joint | None]] = []
        for forward in (True, False):
            here = start
            while True:
                joint = next((j for j in self._ways(here, hanging) if id(j) not in used), None)
                if joint is None:
                    outer.append(("", "", None))
                    break
                used.add(id(joint))
                ahead = joint.source == here
                other, end = (joint.target, joint.target_end) if ahead else (joint.source, joint.source_end)
                if other in ends or other in taken:
                    outer.append((other, end, joint))
                    break
                taken.add(other)
                if forward:
                    chain.append(other)
                    joints.append(joint)
                else:
                    chain.insert(0, other)
                    joints.insert(0, joint)
                here = other
        (last, last_end, last_joint), (first, first_end, first_joint) = outer
        every = [first_joint, *joints, last_joint]
        places = [first, *chain, last]
        surplus = sum(
            0 if joint is None else 1 if joint.source == before else -1
            for joint, before in zip(every, places, strict=False)
        )
        segments = ["" if joint is None else joint.segment for joint in every]
        pieces = [stubs.get(id_, Piece(id_)) for id_ in chain]
        if surplus < 0:
            return Run(last, last_end, first, first_end, pieces[::-1], segments[::-1])
        return Run(first, first_end, last, last_end, pieces, segments)

    # -- instruments -----------------------------------------------------------------------------------------------

    def _instruments(self, placed: set[str]) -> tuple[list[Gauge], list[Wire], dict[str, list[str]]]:
        located: dict[str, str] = {}
        starts: dict[str, list[str]] = defaultdict(list)
        finishes: dict[str, list[str]] = defaultdict(list)
        fulfils: dict[str, str] = {}
        moves: dict[str, str] = {}
        signals: list[tuple[str, str, str]] = []
        for link in self.drawing.links:
            match link.kind:
                case "is located in":
                    located.setdefault(link.source, link.target)
                case "is the location of":
                    located.setdefault(link.target, link.source)
                case "has logical start":
                    starts[link.source].append(link.target)
                case "has logical end":
                    finishes[link.source].append(link.target)
                case "fulfills":
                    fulfils.setdefault(link.target, link.source)
                case "refers to" if link.target in self.elements:
                    moves.setdefault(link.source, link.target)
                case "signal":
                    signals.append((link.source, link.target, ""))
                case _:
                    pass
        signals = [(a, b, f) for f in starts for a in starts[f] for b in finishes.get(f, ())] + signals
        actuators = self._actuators(moves, placed)
        mover = {id_: valve for valve, ids in actuators.items() for id_ in ids}
        for system, valve in moves.items():
            mover.setdefault(system, valve)
            parent = self.elements.get(self.elements[system].parent) if system in self.elements else None
            if parent is not None and parent.family == "actuator":
                mover.setdefault(parent.id, valve)

        def shown(id_: str, depth: int = 0) -> str:
            """What stands on the sheet for an end of a signal: a bubble, an actuator, a place that is measured."""
            element = self.elements.get(id_)
            if element is None or depth > 6:
                return ""
            if id_ in mover:
                valve = mover[id_]
                return next(iter(actuators.get(valve, ())), valve)
            if id_ in fulfils:
                return shown(fulfils[id_], depth + 1)
            if element.family == "instrument" or self.node(id_) in placed:
                return id_
            if id_ in located:
                return shown(located[id_], depth + 1)
            return shown(element.parent, depth + 1)

        gauges: list[Gauge] = []
        wires: dict[tuple[str, str], Wire] = {}
        instruments = [e.id for e in self.elements.values() if e.family == "instrument" and e.id not in placed]
        taps: dict[str, tuple[str, str]] = {}
        for source, target, owner in signals:
            a, b = shown(source), shown(target)
            if not a or not b or a == b:
                continue
            if b in instruments and a not in instruments and a not in mover:
                taps.setdefault(b, (a, owner))
            elif a in instruments and b not in instruments and b not in mover:
                taps.setdefault(a, (b, owner))
            else:
                wires.setdefault((a, b), Wire(a, b, owner))
        for id_ in instruments:
            own = [id_, *self.drawing.children_of.get(id_, ())]
            place = next((located[part] for part in own if part in located and shown(located[part])), "")
            if id_ not in taps and place:
                taps[id_] = (shown(place), "")
        self._hang(instruments, taps, wires, mover, gauges)
        return gauges, list(wires.values()), actuators

    def _hang(
        self,
        instruments: list[str],
        taps: dict[str, tuple[str, str]],
        wires: dict[tuple[str, str], Wire],
        mover: dict[str, str],
        gauges: list[Gauge],
    ) -> None:
        """Where measured first; then with what it moves; then with what it speaks to."""
        host: dict[str, str] = {}
        for id_ in instruments:
            if id_ in taps:
                end, owner = taps[id_]
                host[id_] = self.node(end)
                gauges.append(Gauge(id_, host[id_], True, owner, end if end != host[id_] else ""))
        for id_ in instruments:
            if id_ not in host:
                moved = next((mover[b] for a, b in wires if a == id_ and b in mover), "")
                if moved:
                    host[id_] = moved
                    gauges.append(Gauge(id_, moved, False, ""))
        waiting = [id_ for id_ in instruments if id_ not in host]
        while waiting:
            left = []
            for id_ in waiting:
                near = next(
                    (b if a == id_ else a for a, b in wires if id_ in (a, b) and (b if a == id_ else a) in host), ""
                )
                if near:
                    host[id_] = host[near]
                    gauges.append(Gauge(id_, host[near], False, ""))
                else:
                    left.append(id_)
            if len(left) == len(waiting):
                break
            waiting = left
        gauges.extend(Gauge(id_, "", False, "") for id_ in waiting)

    def _actuators(self, moves: dict[str, str], placed: set[str]) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for source, valve in moves.items():
            if valve not in placed or source not in self.elements:
                continue
            system = self.elements[source]
            parent = self.elements.get(system.parent)
            if parent is not None and parent.family == "actuator":
                system = parent
            parts = [
                id_
                for id_ in self.drawing.children_of.get(system.id, ())
                if self.elements[id_].family == "actuator"
                and "reference" not in self.elements[id_].component_class.lower()
            ]
            for id_ in parts or ([system.id] if system.family == "actuator" else []):
                if id_ not in found[valve]:
                    found[valve].append(id_)
        return found
