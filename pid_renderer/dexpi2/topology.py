"""What joins the objects of a DEXPI 2.0 plant: the fluid's way, signals, relations, off-page connectors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Literal

from pid_renderer.dexpi2.objects import Item, Model
from pid_renderer.drawing import Connection, Link, SheetJump

_RELATIONS: Final[dict[str, tuple[str, str]]] = {
    # Property → what Proteus XML calls the relation, read from its holder, and read from the other end.
    "SensingLocation": ("is located in", "is the location of"),
    "ActuatingLocation": ("is located in", "is the location of"),
    "ActuatingElectricalLocation": ("is located in", "is the location of"),
    "Chamber": ("is located in", "is the location of"),
    "Systems": ("is fulfilled by", "fulfills"),
    "Valve": ("refers to", "is referenced by"),
    "InlineMeasuringElement": ("refers to", "is referenced by"),
    "Sensorwell": ("refers to", "is referenced by"),
    "ProcessInstrumentationFunctions": ("is a collection including", "is a part of"),
    "ParentStructure": ("is a part of", "is a collection including"),
}
_CARRIES_FLUID: Final = frozenset({"Pipe", "DirectPipingConnection", "Stream"})
_ENDS: Final = frozenset({"Source", "Target", "SourceItem", "TargetItem", "SourceNode", "TargetNode"})
_ELSEWHERE: Final = frozenset({"ReferencedConnector", "ConnectorReference", "PerformedRoles"})


class Topology:
    """Connections, links and sheet jumps of the elements; what leads nowhere goes to `miss(what, item)`."""

    def __init__(self, model: Model, miss: Callable[[str, Any], None]) -> None:
        self._model = model
        self._miss = miss
        self.connections: list[Connection] = []
        self.links: list[Link] = []
        self.jumps: list[SheetJump] = []

    def note(self, item: Item) -> None:
        """Everything that one object of the conceptual model joins."""
        if item.class_name in _CARRIES_FLUID or item.role == "Connections":
            self._connect(item)
        elif item.class_name.endswith("Flow") and item.role == "ProcessConnections":
            ends = self._end(item, "Source"), self._end(item, "Target")
            if all(ends):
                self.links.append(Link("signal" if "Information" in item.class_name else "energy", *ends))
        elif item.role in ("SignalConveyingFunctions", "SignalLineFunctions"):
            self._convey(item)
        elif item.class_name.endswith("OffPageConnector"):
            self.jumps.append(self._jump(item))
        if item.class_name == "PipingNetworkSegment" and not item.parts.get("Connections"):
            self._span(item)
        self._relate(item)

    def _connect(self, pipe: Item) -> None:
        ends = self._end(pipe, "Source"), self._end(pipe, "Target")
        segment = pipe.owner if pipe.role == "Connections" and pipe.owner is not None else pipe
        if all(ends):
            self._join(ends, segment, pipe)
        elif any(ends) and segment.element:
            # The pipe goes on outside of the sheet, without an off-page connector.
            self.links.append(Link("open after" if ends[0] else "open before", segment.element, ends[0] or ends[1]))

    def _span(self, segment: Item) -> None:
        """A segment that does not say how its items are joined: from end to end where there is nothing between."""
        ends = self._end(segment, "Source"), self._end(segment, "Target")
        if segment.parts.get("Items"):
            self._miss("a piping segment whose items are not connected", segment)
        elif all(ends):
            self._join(ends, segment, segment)

    def _join(self, ends: tuple[str, str], segment: Item, said: Item) -> None:
        if ends[0] == ends[1]:
            self._miss("a pipe from an item to the very same item", said)
        else:
            self.connections.append(Connection(*ends, segment.element, _directed(segment)))

    def _end(self, item: Item, end: Literal["Source", "Target"]) -> str:
        """The element at one end: the item named, or the owner of the node or port named; empty for an open end."""
        for name in (f"{end}Item", f"{end}Node", end):
            for reference in item.references.get(name, ()):
                found = self._model.find(reference)
                if found is not None and found.element:
                    return found.element
                self._miss(f"{name} names nothing in the file", item)
        return ""

    def _convey(self, function: Item) -> None:
        for end, words in (
            ("Source", ("has logical start", "is logical start of")),
            ("Target", ("has logical end", "is logical end of")),
        ):
            for other in self._model.referred(function, end):
                self._both(words, function, other)
        starts = [self._physical(each) for each in self._model.referred(function, "Source")]
        ends = [self._physical(each) for each in self._model.referred(function, "Target")]
        self.links.extend(Link("signal", a.element, b.element) for a in starts for b in ends if a.element and b.element)

    def _physical(self, end: Item) -> Item:
        """Where a function stands in the plant: what senses, what is moved; else itself."""
        for located in self._model.referred(end, "SensingLocation"):
            return located
        for system in self._model.referred(end, "Systems"):
            return system.part("ControlledActuator") or system
        return end

    def _relate(self, item: Item) -> None:
        for name, references in item.references.items():
            if name in _ENDS or name in _ELSEWHERE or not item.element:
                continue
            for reference in references:
                other = self._model.find(reference)
                if other is None:
                    if reference.startswith("#"):
                        self._miss(f"{name} names nothing in the file", item)
                elif other.element:
                    # A relation without a name of its own in Proteus XML is called by its property.
                    self._both(_RELATIONS.get(name, (name, "")), item, other)

    def _both(self, words: tuple[str, str], item: Item, other: Item) -> None:
        if item.element and other.element:
            self.links.append(Link(words[0], item.element, other.element))
            if words[1]:
                self.links.append(Link(words[1], other.element, item.element))

    def _jump(self, connector: Item) -> SheetJump:
        there = connector.part("ConnectorReference")
        sheet, name, target = "", "", ""
        if there is not None:
            sheet, name = there.word("ReferencedDrawingNumber"), there.word("ReferencedConnectorNumber")
            for reference in there.references.get("ReferencedConnector", ()):
                found = self._model.find(reference)
                target = found.element if found is not None else reference.removeprefix("#")
        label = next(filter(None, map(connector.word, _CONNECTOR_NAMES)), "")
        direction: Literal["in", "out", ""] = (
            "in" if connector.class_name.startswith("FlowIn")
            else "out" if connector.class_name.startswith("FlowOut") else ""
        )  # fmt: skip
        return SheetJump(connector.element, label, direction, sheet, name, target)


_CONNECTOR_NAMES: Final = (
    "PipeConnectorNumber", "SignalConnectorNumber", "PipeConnectorDescription", "SignalConnectorDescription",
)  # fmt: skip


def _directed(segment: Item) -> bool:
    return "dual" not in segment.word("FlowDirection").lower()
