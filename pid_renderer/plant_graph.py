"""What is connected to what: equipment, nozzles, pipes, valves, instruments and signal lines as a directed graph.

Nodes of `graph` are element ids. Its edges by `kind`: `flow` follows the fluid as the file's segments run; `holds`
joins an item and its nozzles, chambers and parts; `measures`, `controls` and `signal` come from the instruments' links.
`fluid` is where the fluid can go: from element to element, and through the spaces of an item (`fluid_ways`).
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Final, Literal

import networkx as nx

from pid_renderer.control_links import ControlLink, Loop, control_links, loops
from pid_renderer.design_values import DesignValue, design_values, wholes
from pid_renderer.drawing import Drawing, Element
from pid_renderer.fluid_ways import Space, spaces

EdgeKind = Literal["flow", "holds", "measures", "controls", "signal"]

MAIN_FAMILIES: Final = frozenset(
    {"tank", "vessel", "column", "pump", "compressor", "exchanger", "furnace", "agitator", "equipment"}
)
"""Families of main items; their parts belong to them."""


class PlantGraph:
    """Queries on one drawing's topology."""

    def __init__(self, drawing: Drawing) -> None:
        self.drawing = drawing
        self.graph = nx.MultiDiGraph()
        self.fluid = nx.DiGraph()
        self.spaces: dict[str, list[Space]] = {}
        """Spaces of each main item that pipes lead to."""
        self._space: dict[str, Space] = {}
        self._add_elements()
        self._add_pipes()
        self._add_spaces()
        self._add_signals()

    def _add_elements(self) -> None:
        for element in self.drawing.elements.values():
            if element.family != "label":
                self.graph.add_node(element.id, family=element.family, kks=element.kks, tag=element.tag)
        for element in self.drawing.elements.values():
            if element.id in self.graph and element.parent in self.graph:
                self.graph.add_edge(element.parent, element.id, kind="holds")

    def _add_pipes(self) -> None:
        for joint in self.drawing.connections:
            if joint.source in self.graph and joint.target in self.graph:
                self.graph.add_edge(joint.source, joint.target, kind="flow", segment=joint.segment)
                self.fluid.add_edge(joint.source, joint.target)
                if not joint.directed:
                    self.fluid.add_edge(joint.target, joint.source)
        for link in self.drawing.links:
            # A pipe with an open end stands for what is out there.
            if link.kind == "open before" and link.target in self.graph:
                self.fluid.add_edge(link.source, link.target)
            elif link.kind == "open after" and link.target in self.graph:
                self.fluid.add_edge(link.target, link.source)

    def _add_spaces(self) -> None:
        pipes_at: defaultdict[str, list[str]] = defaultdict(list)
        for joint in self.drawing.connections:
            pipes_at[joint.source].append(joint.segment)
            pipes_at[joint.target].append(joint.segment)
        for link in self.drawing.links:
            if link.kind in ("open before", "open after"):
                pipes_at[link.target].append(link.source)
        # A nozzle that something flows to leads in, one that something flows from leads out.
        leads_in = {id_ for id_ in pipes_at if id_ in self.fluid and self.fluid.in_degree(id_)}
        leads_out = {id_ for id_ in pipes_at if id_ in self.fluid and self.fluid.out_degree(id_)}
        directions = dict.fromkeys(leads_in - leads_out, "in") | dict.fromkeys(leads_out - leads_in, "out")
        for item in self.of_family(*MAIN_FAMILIES):
            found = spaces(self.drawing, item, pipes_at, directions)
            if any(space.nozzles for space in found):
                self.spaces[item.id] = found
            for space in found:
                self._space[space.id] = space
                for nozzle in space.nozzles:
                    if nozzle in leads_in:
                        self.fluid.add_edge(nozzle, space.id)
                    if nozzle in leads_out:
                        self.fluid.add_edge(space.id, nozzle)

    def _add_signals(self) -> None:
        starts: defaultdict[str, list[str]] = defaultdict(list)
        for link in self.drawing.links:
            if link.kind == "has logical start":
                starts[link.source].append(link.target)
        for link in self.drawing.links:
            source, target = self.drawing.elements.get(link.source), self.drawing.elements.get(link.target)
            if source is None or target is None or source.id not in self.graph or target.id not in self.graph:
                continue
            match link.kind:
                case "is located in" if self._instrument(source):
                    self._edge(self._instrument(source), target.id, "measures")
                case "is the location of" if self._instrument(target):
                    self._edge(self._instrument(target), source.id, "measures")
                case "refers to":
                    self._edge(source.parent or source.id, target.id, "controls")
                case "signal":
                    self._edge(source.id, target.id, "signal")
                case "has logical end":
                    for start in starts[source.id]:
                        self._edge(start, target.id, "signal")
                case "fulfills":
                    self._edge(target.parent or target.id, source.id, "signal")
                case _:
                    pass

    def _instrument(self, element: Element) -> str:
        """The instrument an element is, or is the signal generating function of; empty for neither."""
        parent = self.drawing.elements.get(element.parent)
        if parent is not None and parent.family == "instrument":
            return "" if "ActuatingFunction" in element.component_class else parent.id
        return element.id if element.family == "instrument" else ""

    def _edge(self, source: str, target: str, kind: EdgeKind) -> None:
        if source in self.graph and target in self.graph and not self.graph.has_edge(source, target, key=kind):
            self.graph.add_edge(source, target, key=kind, kind=kind)

    # -- items -----------------------------------------------------------------------------------------------------

    def of_family(self, *families: str) -> list[Element]:
        """Elements of some families, in the file's order."""
        return [element for element in self.drawing.elements.values() if element.family in families]

    @property
    def equipment(self) -> list[Element]:
        """Tagged main items: tanks, vessels, machines, exchangers."""
        return [element for element in self.of_family(*MAIN_FAMILIES) if element.tag]

    def item_of(self, element: str) -> str:
        """The main item that a chamber, nozzle or part belongs to; the element's own id where it is none's part."""
        seen = [element]
        while (whole := self._wholes.get(seen[-1])) is not None and whole not in seen:
            seen.append(whole)
        return seen[-1]

    def design(self, item: str) -> tuple[DesignValue, ...]:
        """Design values of a main item in SI units, those of its chambers and parts included, each with its source."""
        return design_values(self.drawing, item, self._wholes)

    @cached_property
    def _wholes(self) -> dict[str, str]:
        return wholes(self.drawing)

    # -- instruments -----------------------------------------------------------------------------------------------

    @cached_property
    def loops(self) -> list[Loop]:
        """Instrumentation loops with the instruments in them."""
        return loops(self.drawing)

    @cached_property
    def controls(self) -> dict[str, ControlLink]:
        """For each instrument: what it measures by which transmitter, and which valves or drives it moves."""
        return control_links(self.drawing, self.loops)

    def moved_by(self, element: str) -> tuple[str, ...]:
        """Ids of the instruments that move a valve or drive."""
        return tuple(link.instrument for link in self.controls.values() if element in link.moves)

    # -- the way of the fluid --------------------------------------------------------------------------------------

    def downstream(self, element: str) -> list[str]:
        """Ids of all that the fluid of `element` can reach, nearest first; pipes with open ends included."""
        return self._reached(element, forward=True)

    def upstream(self, element: str) -> list[str]:
        """Ids of all whose fluid can reach `element`, nearest first."""
        return self._reached(element, forward=False)

    def pipes_between(self, elements: Iterable[str]) -> list[str]:
        """Ids of the pipes (segments) that join two of `elements`, and of those with an open end at one."""
        way = set(elements)
        found = {joint.segment: None for joint in self.drawing.connections if {joint.source, joint.target} <= way}
        found |= {id_: None for id_ in way if self.drawing.elements[id_].kind == "piping segment"}
        return list(found)

    def _reached(self, element: str, *, forward: bool) -> list[str]:
        """Breadth first. A space is not named itself; its chamber and its item are."""
        if element not in self.graph:
            raise KeyError(f"{element} is not on {self.drawing.source}")
        starts = list(self._starts(element))
        neighbours = self.fluid.successors if forward else self.fluid.predecessors
        seen = set(starts)
        waiting = deque(starts)
        found: dict[str, None] = {}
        while waiting:
            node = waiting.popleft()
            for following in neighbours(node) if node in self.fluid else ():
                if following not in seen:
                    seen.add(following)
                    waiting.append(following)
                    found.update(dict.fromkeys(self._named(following)))
        found.pop(element, None)
        return list(found)

    def _starts(self, element: str) -> Iterator[str]:
        """Where a question about an element begins: a main item means all its spaces, a pipe its two ends."""
        yield element
        for space in self.spaces.get(element, ()):
            yield space.id

    def _named(self, node: str) -> Iterator[str]:
        space = self._space.get(node)
        if space is not None:
            yield space.item
        if node in self.graph:
            yield node
