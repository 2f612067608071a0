"""A sheet for a P&ID whose file has no graphics: ranked from left to right along the flow, orthogonal pipes.

`lay_out` gives the same elements with symbols, places, pipes and labels of our own, and says so in the title block.
No Qt.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import Final, NamedTuple

from pid_renderer.drawing import Box, Drawing, Element, Placement, Point, Primitive, Text, Unread, union
from pid_renderer.layout import paper, piping
from pid_renderer.layout.block import Block
from pid_renderer.layout.plan import Plan, plans
from pid_renderer.layout.routing import MOST_STATES
from pid_renderer.layout.symbols import LANE_MM
from pid_renderer.layout.topology import MAIN, Topology, topology

_SHOWN: Final = frozenset({*MAIN, "valve", "instrument"})


def has_graphics(drawing: Drawing) -> bool:
    """Whether the file draws anything: a stroke with an extent that belongs to one of its elements."""
    return any(
        not isinstance(mark, Text) and mark.owner in drawing.elements and _is_plant(drawing.elements[mark.owner])
        and max(mark.box.width, mark.box.height) > 1e-6
        for mark in drawing.primitives
    )  # fmt: skip


def _is_plant(element: Element) -> bool:
    return element.family not in ("label", "other")


def drawn(drawing: Drawing) -> Drawing:
    """`drawing` as it is where the file has graphics, what it draws nothing for listed as unread; else laid out."""
    if not has_graphics(drawing):
        return lay_out(drawing)
    met = {end for joint in drawing.connections for end in (joint.source, joint.target)}
    met |= {drawing.elements[end].parent for end in met if end in drawing.elements}
    mute = [
        element
        for element in drawing.elements.values()
        if element.box is None and (element.family == "instrument" or (element.family in _SHOWN and element.id in met))
    ]
    if not mute:
        return drawing
    note = Unread("plant items without graphics, not drawn", len(mute), mute[0].line)
    return replace(drawing, unread=(*drawing.unread, note))


def lay_out(drawing: Drawing) -> Drawing:
    """A sheet of our own for the plant of `drawing`: same elements, own symbols and places.

    A drawing with nothing to place is returned unchanged.
    """
    sorted_plant = topology(drawing)
    candidates = plans(drawing, sorted_plant)
    if not candidates[0].blocks:
        return drawing
    sheets = [_routed(placed, sorted_plant, len(candidates)) for placed in candidates]
    sheet = min(sheets, key=lambda sheet: (len(sheet.routed.lost), sheet.routed.crossings))
    arrows = piping.ends_at(drawing, sheet.placed.hops)
    composer = _Composer(drawing, sheet.placed, sheet.routed, arrows)
    return composer.drawing(*sheet.paper, sorted_plant.unplaced)


class _Sheet(NamedTuple):
    """A plan on its paper, with its pipes."""

    placed: Plan
    routed: piping.Routed
    paper: tuple[str, float, float]


def _routed(placed: Plan, sorted_plant: Topology, of: int) -> _Sheet:
    """One of `of` plans, which share the budget of the search for ways."""
    spans = [block.span for block in placed.blocks.values()]
    wide = max(span.right for span in spans) + 1 + 2 * paper.MARGIN
    high = max(span.bottom for span in spans) + 1 + 2 * paper.MARGIN
    name, width, height = paper.paper_for(wide, high)
    left, top = paper.corner_lanes(width, height, wide, high)
    by = (left + paper.MARGIN, top + paper.MARGIN)
    placed = replace(placed, blocks={key: block.moved(by) for key, block in placed.blocks.items()})
    lanes = int(width // LANE_MM) + 1, int(height // LANE_MM) + 1
    most = MOST_STATES // of
    routed = piping.route(placed, sorted_plant.wires, *lanes, paper.reserved(width, height), most)
    return _Sheet(placed, routed, (name, width, height))


class _Composer:
    """Puts blocks and pipes together as one drawing."""

    def __init__(self, drawing: Drawing, placed: Plan, routed: piping.Routed, arrows: dict[int, bool]) -> None:
        self.source = drawing
        self.routed = routed
        self.blocks = list(placed.blocks.values())
        self.elements: dict[str, Element] = dict(drawing.elements)
        symbols = [mark for block in self.blocks for mark in block.primitives]
        solid = [mark.box for mark in symbols if not isinstance(mark, Text) and mark.filled]
        self.primitives: list[Primitive] = [*piping.strokes(routed, arrows, solid), *symbols]
        self.primitives = piping.joined(self.primitives)
        self._label(self.blocks)

    def _label(self, blocks: list[Block]) -> None:
        """Each text belongs to a new label of its element: one for its tag, one for what else is written there."""
        owners: dict[tuple[str, bool], str] = {}
        arrows = [mark.box for mark in self.primitives if not isinstance(mark, Text) and mark.filled]
        numbers = piping.line_numbers(self.source, self.routed, blocks, arrows)
        for id_, text, is_tag in [*(found for block in blocks for found in block.labels), *numbers]:
            if (id_, is_tag) not in owners:
                owners[id_, is_tag] = self._label_of(id_, "TagNameLabel" if is_tag else "NoteLabel")
            self.primitives.append(replace(text, owner=owners[id_, is_tag]))

    def _label_of(self, id_: str, what: str) -> str:
        element = self.source.elements[id_]
        name = f"{id_}-{what}"
        while name in self.elements:
            name += "~"
        self.elements[name] = Element(name, what, "label", "", "", "", None, None, {}, id_, element.line, kind="label")
        return name

    def drawing(self, name: str, width: float, height: float, unplaced: list[str]) -> Drawing:
        """The finished sheet."""
        placements: dict[str, Placement] = {}
        ports: dict[str, tuple[Point, ...]] = {}
        for block in self.blocks:
            placements |= block.placements
            ports |= block.points
        boxes: dict[str, list[Box]] = defaultdict(list)
        texts: dict[str, list[Box]] = defaultdict(list)
        for mark in self.primitives:
            (texts if isinstance(mark, Text) else boxes)[mark.owner].append(mark.box)
        for id_, element in self.elements.items():
            box = union(boxes.get(id_, ())) or union(texts.get(id_, ()))
            self.elements[id_] = replace(element, box=box, placement=placements.get(id_))
        sheet = paper.title_block(self.source, name, width, height)
        notes = []
        for what, lost in (("pipes and signals without a way on the laid out sheet", self.routed.lost),
                           ("items without a place on the laid out sheet", unplaced)):  # fmt: skip
            if lost:
                known = self.source.elements.get(lost[0])
                notes.append(Unread(what, len(lost), known.line if known is not None else 0))
        return replace(
            self.source,
            title=f"{self.source.title or self.source.source} · {paper.SIGN[0].split(':')[0]}",
            exporter=f"{self.source.exporter}; {paper.SIGN[1]}",
            width_mm=width,
            height_mm=height,
            primitives=(*sheet, *self.primitives),
            elements=self.elements,
            anchors=tuple(anchor for block in self.blocks for anchor in block.anchors),
            ports=ports,
            unread=(*self.source.unread, *notes),
        )
