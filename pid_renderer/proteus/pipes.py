"""How a Proteus file joins its elements: pipes, ports and jumps to other sheets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any, Final, Literal

from pid_renderer.drawing import Attribute, Connection, Element, Link, Point, Primitive, SheetJump, Text
from pid_renderer.proteus.geometry import Affine, NotANumber, number

_IN_LINE: Final = frozenset(
    {"PipingComponent", "PipeOffPageConnector", "PipeConnectorSymbol", "ProcessInstrument",
     "ProcessInstrumentationFunction", "Equipment"}
)  # fmt: skip
"""What a segment strings up. Equipment: Comos writes the arrows at a line's ends so."""
_NO_WAY: Final = frozenset({"no flow", "bi-directional", "bidirectional"})
"""SmartPlant's words for a run without a flow of its own."""


def connections(segment: Any, id_: str, attributes: Mapping[str, Attribute]) -> tuple[list[Connection], list[Link]]:
    """From → the components in the file's order → To, as the schema reads a segment, and links for its open ends.

    A segment with several `<Connection>`s states each step itself. `open before`, `open after`: from a segment that
    comes from nowhere, or leads nowhere, to the element at its other end.
    """
    stated = attributes.get("FlowDirection")
    directed = stated is None or stated.text.lower() not in _NO_WAY
    joints = segment.findall("Connection")
    inside = [part.get("ID") for part in segment if part.tag in _IN_LINE and part.get("ID")]
    if len(joints) > 1:
        ends = [(joint.get("FromID"), joint.get("ToID")) for joint in joints]
        return [Connection(start, end, id_, directed) for start, end in ends if start and end], []
    start, end = (joints[0].get("FromID"), joints[0].get("ToID")) if joints else (None, None)
    middle = [part for part in dict.fromkeys(inside) if part not in (start, end)]
    chain = [part for part in (start, *middle, end) if part]
    steps = [Connection(source, target, id_, directed) for source, target in pairwise(chain) if source != target]
    opened = [("open before", chain[0])] if chain and not start else []
    opened += [("open after", chain[-1])] if chain and not end else []
    return steps, [Link(kind, id_, part) for kind, part in opened]


def ports(node: Any, sheet: Affine, miss: Callable[[str, Any], None]) -> tuple[Point, ...]:
    """The connection points of an element, sheet millimetres, in the file's node order."""
    points = node.find("ConnectionPoints")
    return () if points is None else tuple(_ports(points, sheet, miss))


def _ports(points: Any, sheet: Affine, miss: Callable[[str, Any], None]) -> Iterator[Point]:
    for node in points.iterfind("Node"):
        location = node.find("Position/Location")
        if location is not None:
            try:
                yield sheet(number(location, "X"), number(location, "Y"))
            except NotANumber as error:
                miss(f"connection point: {error}", location)


def jump(
    node: Any, element: Element, own: Iterable[Primitive], ends: tuple[frozenset[str], frozenset[str]]
) -> SheetJump:
    """What an off-page connector says of its other end. `ends`: ids that connections start from, and end at."""
    cross = node.find("CrossPageConnection")
    linked = None if cross is None else cross.find("LinkedPersistentID")
    reference = next((part for part in node if part.tag.endswith("OffPageConnectorReference")), None)
    stated = _texts(element.attributes.values())
    if reference is not None:
        stated |= _reference_texts(reference)
    written = " ".join(item.text.strip() for item in own if isinstance(item, Text) and item.text.strip())
    own_names = {name: text for name, text in stated.items() if not name.startswith("referenced")}
    label = element.tag or _first(own_names, ("opctag", "connectornumber", "offpageconnectornumber")) or written
    sheet = _first(stated, ("connecteddrawing", "drawingnumber", "drawingname", "sheetnumber", "drawing", "sheet"))
    connector = _first(stated, ("referencedconnector", "connectedconnector", "linklabel", "pipeid"))
    if cross is not None:
        sheet, connector = cross.get("DrawingName") or sheet, cross.get("LinkLabel") or connector
    paired = "" if linked is None else linked.get("Identifier") or ""
    if not paired and reference is not None:
        paired = next((link.get("ItemID") for link in reference.iterfind("Association") if link.get("ItemID")), "")
    return SheetJump(element.id, label, _direction(node, element, ends), sheet, connector, paired)


def _texts(attributes: Iterable[Attribute]) -> dict[str, str]:
    return {item.name.lower().replace("_", "").replace(" ", ""): item.text for item in attributes}


def _reference_texts(reference: Any) -> dict[str, str]:
    items = reference.iterfind("GenericAttributes/GenericAttribute")
    return {(item.get("Name") or "").lower().replace("_", ""): item.get("Value") or "" for item in items}


def _first(stated: Mapping[str, str], names: Iterable[str]) -> str:
    """The text of the first attribute whose name begins with one of `names`, the best name first."""
    for name in names:
        for own, text in stated.items():
            if own.removeprefix("referenced").startswith(name) or own.startswith(name):
                return text
    return ""


def _direction(node: Any, element: Element, ends: tuple[frozenset[str], frozenset[str]]) -> Literal["in", "out", ""]:
    words = f"{element.component_class} {element.symbol}".lower()
    if "flowin" in words or "flowout" in words:
        return "in" if "flowin" in words else "out"
    starts, stops = ends
    if (element.id in starts) != (element.id in stops):
        return "in" if element.id in starts else "out"
    points = node.find("ConnectionPoints")
    if points is not None and (points.get("FlowOut") is None) != (points.get("FlowIn") is None):
        return "in" if points.get("FlowOut") else "out"
    return ""
