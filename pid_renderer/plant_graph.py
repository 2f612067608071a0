"""What is connected to what: equipment, nozzles, pipes, valves and instruments as a directed graph.

Nodes are element ids. Edges of kind `flow` follow the fluid as the file's segments run; `holds` joins an item and its
nozzles, chambers and parts; `measures`, `controls` and `signal` come from the instruments' associations.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import networkx as nx

from pid_renderer.drawing import Drawing, Element

EdgeKind = Literal["flow", "holds", "measures", "controls", "signal"]

_MAIN = frozenset({"tank", "vessel", "column", "pump", "compressor", "exchanger", "furnace", "equipment"})


@dataclass(frozen=True)
class Loop:
    """One instrumentation loop and its members."""

    id: str
    tag: str
    members: tuple[str, ...]


class PlantGraph:
    """Queries on one drawing's topology."""

    def __init__(self, drawing: Drawing) -> None:
        self.drawing = drawing
        self.graph = nx.MultiDiGraph()
        self._add_elements()
        self._add_pipes()
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

    def _add_signals(self) -> None:
        for link in self.drawing.links:
            source, target = self.drawing.elements.get(link.source), self.drawing.elements.get(link.target)
            if source is None or target is None or not {source.id, target.id} <= set(self.graph):
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
                    for start in self._logical_starts(source.id):
                        self._edge(start, target.id, "signal")
                case "fulfills":
                    self._edge(target.parent or target.id, source.id, "signal")
                case _:
                    pass

    def _logical_starts(self, flow: str) -> Iterable[str]:
        return [link.target for link in self.drawing.links if link.source == flow and link.kind == "has logical start"]

    def _instrument(self, element: Element) -> str:
        """The instrument an element is, or is the signal generating function of; empty for neither."""
        parent = self.drawing.elements.get(element.parent)
        if parent is not None and parent.family == "instrument":
            return parent.id
        return element.id if element.family == "instrument" else ""

    def _edge(self, source: str, target: str, kind: EdgeKind) -> None:
        if source in self.graph and target in self.graph and not self.graph.has_edge(source, target, key=kind):
            self.graph.add_edge(source, target, key=kind, kind=kind)

    # -- queries ---------------------------------------------------------------------------------------------------

    def of_family(self, *families: str) -> list[Element]:
        """Elements of some families, in the file's order."""
        return [element for element in self.drawing.elements.values() if element.family in families]

    @property
    def equipment(self) -> list[Element]:
        """Tagged main items: tanks, vessels, machines, exchangers."""
        return [element for element in self.of_family(*_MAIN) if element.tag]

    @property
    def loops(self) -> list[Loop]:
        """Instrumentation loops with the instruments in them."""
        found = []
        for element in self.drawing.elements.values():
            if "LoopFunction" in element.component_class or element.component_class == "InstrumentationLoop":
                members = {
                    link.target if link.source == element.id else link.source
                    for link in self.drawing.links
                    if (link.source == element.id and link.kind == "is a collection including")
                    or (link.target == element.id and link.kind == "is a part of")
                }
                found.append(Loop(element.id, element.tag, tuple(sorted(members & set(self.graph)))))
        return found

    def downstream(self, element: str) -> list[str]:
        """Ids of all that the fluid of `element` can reach, nearest first."""
        return self._reached(element, forward=True)

    def upstream(self, element: str) -> list[str]:
        """Ids of all whose fluid can reach `element`, nearest first."""
        return self._reached(element, forward=False)

    def _reached(self, element: str, *, forward: bool) -> list[str]:
        """Breadth first along `flow`; through an item from nozzle to nozzle, and back out of a chamber to its item."""
        if element not in self.graph:
            raise KeyError(f"{element} is not on {self.drawing.source}")
        seen: dict[str, None] = {}
        waiting = [element]
        while waiting:
            node = waiting.pop(0)
            for following in self._next(node, forward):
                if following not in seen and following != element:
                    seen[following] = None
                    waiting.append(following)
        return list(seen)

    def _next(self, node: str, forward: bool) -> Iterable[str]:
        edges = self.graph.out_edges(node, data=True) if forward else self.graph.in_edges(node, data=True)
        for source, target, data in edges:
            if data["kind"] == "flow":
                yield target if forward else source
        family = self.graph.nodes[node]["family"]
        if family == "nozzle":
            # A nozzle that the fluid leaves by belongs to the item behind it, and only in that direction.
            ends = self.graph.in_edges(node, data=True) if forward else self.graph.out_edges(node, data=True)
            if any(data["kind"] == "flow" for _, _, data in ends):
                yield from (s for s, _, data in self.graph.in_edges(node, data=True) if data["kind"] == "holds")
        elif family in _MAIN:
            for _, part, data in self.graph.out_edges(node, data=True):
                if data["kind"] == "holds" and self._leads_on(part, forward):
                    yield part

    def _leads_on(self, part: str, forward: bool) -> bool:
        edges = self.graph.out_edges(part, data=True) if forward else self.graph.in_edges(part, data=True)
        return any(data["kind"] == "flow" for _, _, data in edges)
