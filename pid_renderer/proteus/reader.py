"""Walk a Proteus XML 3.3–4.2 tree (DEXPI 1.x) and make a `Drawing` of it.

Vendors differ: some place shapes of the file's own catalogue (C01, Comos, AVEVA, AutoCAD), some write every stroke in
place (SmartPlant), some both. Strokes under an element are in sheet coordinates, strokes in the catalogue in
the shape's own. What is not understood is counted in `Drawing.unread`: each element of the file is drawn, read, listed
in `vocabulary.IRRELEVANT` with the reason, or counted.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final, NamedTuple

from pid_renderer import component_class
from pid_renderer.drawing import (
    Anchor,
    Attribute,
    BadDrawing,
    Box,
    Connection,
    Drawing,
    Element,
    Layer,
    Link,
    Point,
    Primitive,
    SheetJump,
    Text,
    box_around,
    union,
)
from pid_renderer.proteus import attributes as attribute
from pid_renderer.proteus import habits, pipes
from pid_renderer.proteus.geometry import Affine, NotANumber, number, symbol_frame
from pid_renderer.proteus.in_place import replaces_shape, text_frame, with_scaled_arcs
from pid_renderer.proteus.pipe_ends import joined
from pid_renderer.proteus.sheet import resized, room_for, sheet_frame, sheet_names
from pid_renderer.proteus.strokes import DRAWN, Pencil, color_of, placement
from pid_renderer.proteus.templates import LONGEST_TEXT, resolve
from pid_renderer.proteus.unread import UnreadTally
from pid_renderer.proteus.vocabulary import CONNECTORS, IRRELEVANT, ITEMS, PARTS_OF_STROKES, USED

MAX_PRIMITIVES: Final = 100_000
"""The fullest public sheet has 3,000. Symbols multiply: a small file could place a large shape a million times."""
MAX_POINTS: Final = 600_000

_VALUE_LABEL: Final = "ValueLabel"
"""A label of a class that ends so keeps room for a live value; the class is ours, DEXPI has none."""
_AROUND: Final = 10.0
"""How many sheets away from the sheet ink may lie: further off it is a mistake that only costs."""


def read_tree(root: Any, name: str) -> Drawing:
    """The drawing in a `<PlantModel>` tree. Raises `BadDrawing` where it holds nothing to draw or list."""
    if root.tag != "PlantModel":
        raise BadDrawing(
            f"{name}, line {root.sourceline}: the root element is <{root.tag[:40]}>; a Proteus P&ID begins with "
            "<PlantModel>"
        )
    reader = _Reader(root, name)
    drawing = reader.drawing()
    room = room_for(reader.boxes, drawing.width_mm, drawing.height_mm)
    return drawing if room is None else resized(drawing, room)


class _Shape(NamedTuple):
    """A shape of the catalogue that the sheet places."""

    strokes: list[Any]
    points: int
    attributes: dict[str, Attribute]


class _Reader:
    def __init__(self, root: Any, name: str) -> None:
        self.root = root
        self.name = name
        self.miss = UnreadTally()
        self.primitives: list[Primitive] = []
        self.boxes: list[Box] = []
        """The extent of each primitive."""
        self.points = 0
        self.elements: dict[str, Element] = {}
        self.copies: Counter[str] = Counter()
        self.connections: list[Connection] = []
        self.links: list[Link] = []
        self.anchors: list[Anchor] = []
        self.ports: dict[str, tuple[Point, ...]] = {}
        self.children: defaultdict[str, list[str]] = defaultdict(list)
        self.aliases: dict[str, str] = {}
        self.connectors: list[tuple[Any, str]] = []
        self.shapes: dict[str, Any] = {}
        self.known: dict[str, _Shape] = {}
        self.placed: set[str] = set()
        habits.turn_mirrored(root)
        for shape in root.iterfind("ShapeCatalogue/*"):
            if shape.get("ComponentName"):
                self.shapes.setdefault(shape.get("ComponentName"), shape)
        self.sheet, self.width, self.height, unit_mm, letter_mm = sheet_frame(root, self.shapes, self.miss)
        far = _AROUND * max(self.width, self.height, 1.0)
        self.around = Box(-far, -far, self.width + far, self.height + far)
        self.habits = habits.of(root)
        self.frames: dict[Any, Affine] = {}
        self.pencil = Pencil(unit_mm, letter_mm, self.habits, self.miss)

    def drawing(self) -> Drawing:
        for node in self.root:
            if node.tag == "ShapeCatalogue":
                self._account_for_shapes(node)
            elif node.tag in DRAWN:
                self.miss(f"<{node.tag}> outside of any element", node)
            else:
                self._child(node, "", "sheet")
        if not self.elements:
            raise BadDrawing(
                f"{self.name}, line {self.root.sourceline}: <PlantModel> holds no plant item and no drawing"
            )
        self._resolve_links()
        self._name_instruments_after_loops()
        resolve(self.primitives, self.elements, self.miss)
        information, sheet = self.root.find("PlantInformation"), self.root.find("Drawing")
        exporter = ""
        if information is not None:
            program = information.get("OriginatingSystem") or "unknown program"
            exporter = f"{program}, Proteus {information.get('SchemaVersion') or '?'}"
        return Drawing(
            title=(sheet.get("Title") or sheet.get("Name") or "") if sheet is not None else "",
            source=self.name,
            exporter=exporter,
            width_mm=self.width,
            height_mm=self.height,
            primitives=tuple(self.primitives),
            elements=self.elements,
            connections=tuple(self.connections),
            links=tuple(self.links),
            anchors=tuple(self.anchors),
            unread=self.miss.result(),
            ports=self.ports,
            ground="" if sheet is None else color_of(sheet),
            jumps=self._jumps(),
            names=sheet_names(sheet, self.elements.values(), self.name),
            aliases=self.aliases,
            shapes_used=len(self.placed),
        )

    # -- the walk --------------------------------------------------------------------------------------------------

    def _child(self, node: Any, parent: str, layer: Layer) -> None:
        """An element that is no stroke: an item, something read elsewhere, an attribute, or nothing we know."""
        if node.tag in ITEMS:
            self._visit(node, parent, layer)
        elif node.tag in USED or node.tag in IRRELEVANT:
            self._account(node)
        elif not attribute.is_attribute(node):
            self.miss(f"<{node.tag}>", node)
            if any(inner.tag in ITEMS or inner.tag in DRAWN for inner in node):
                self._visit(node, parent, layer)  # what it holds is still drawn and listed

    def _visit(self, node: Any, parent: str, layer: Layer) -> None:
        # What a plant's parts are called stands where others write their symbol.
        symbol = "" if node.tag == "PlantStructureItem" else node.get("ComponentName") or ""
        id_ = self._unique_id(node)
        element = self.elements[id_] = self._element(node, id_, parent, symbol)
        self.children[parent].append(id_)
        of = element.family
        own_layer = component_class.layer(node.tag, of, "sheet" if node.tag in ("Drawing", "DrawingBorder") else layer)
        first = len(self.primitives)
        is_pipe = of in ("pipe", "signal line")
        in_place: list[Primitive] = []
        for child in node:
            if child.tag in DRAWN:
                self._account(child)
                in_place += self.pencil.draw(
                    child, id_, own_layer, text_frame(child, self.sheet, self.habits, self.frames), pipe=is_pipe
                )
        if not replaces_shape(node, in_place):
            self._draw_symbol(node, id_, symbol, own_layer)
        self._keep(with_scaled_arcs(node, in_place, self.sheet, self.miss), node)
        own, boxes = self.primitives[first:], self.boxes[first:]
        for child in node:
            if child.tag not in DRAWN:
                self._child(child, id_, own_layer)
        self._note_relations(node, element)
        box = union(extent for extent, item in zip(boxes, own, strict=True) if not isinstance(item, Text))
        if box is None and node.tag not in ("Drawing", "PipingNetworkSystem"):
            box = self._box_of_children(id_)
        if box is None and own:
            box = union(boxes)
        self.elements[id_] = replace(element, box=box)
        if parent and (node.get("ComponentClass") or "").endswith(_VALUE_LABEL):
            self._note_anchor(node, parent, own)

    def _unique_id(self, node: Any) -> str:
        wanted = str(node.get("ID") or f"{node.tag}@{node.sourceline}")
        if wanted not in self.elements:
            return wanted
        if node.get("ID"):
            self.miss("an ID used twice", node)
        while True:
            self.copies[wanted] += 1
            other = f"{wanted}~{self.copies[wanted] + 1}"
            if other not in self.elements:
                return other

    def _element(self, node: Any, id_: str, parent: str, symbol: str) -> Element:
        kind = ITEMS.get(node.tag, "other")
        values = attribute.read(node)
        if symbol in self.shapes:
            shape = self._shape(symbol)
            self._spend(len(shape.attributes), node)
            values = shape.attributes | values
        for name in node.iterfind("PersistentID"):
            if name.get("Identifier"):
                self.aliases.setdefault(name.get("Identifier"), id_)
        if "SP_ID" in values:
            self.aliases.setdefault(values["SP_ID"].text, id_)
        class_ = component_class.described(node.get("ComponentClass") or "", values)
        family = component_class.family(node.tag, class_, symbol)
        if kind == "equipment" and family == "connector":
            kind = "connector"  # Comos writes the arrows to other sheets as equipment
        tag, code = attribute.tag(node, values, kind)
        if node.tag == "PlantStructureItem":
            tag = tag or node.get("ComponentName") or ""
        try:
            where = placement(node, self.sheet)
        except NotANumber as error:
            self.miss(f"position: {error}", node)
            where = None
        return Element(
            id=id_,
            component_class=class_,
            family=family,
            tag=tag,
            kks=code,
            symbol=symbol,
            box=None,
            placement=where,
            attributes=values,
            parent=parent,
            line=node.sourceline or 0,
            kind=kind,
        )

    def _box_of_children(self, id_: str) -> Box | None:
        children = (self.elements[child] for child in self.children[id_])
        return union(c.box for c in children if c.box is not None and c.family not in ("label", "nozzle"))

    # -- strokes ---------------------------------------------------------------------------------------------------

    def _shape(self, symbol: str) -> _Shape:
        if symbol not in self.known:
            shape = self.shapes[symbol]
            strokes = [part for part in shape.iter(*DRAWN) if part.getparent().tag not in DRAWN]
            points = sum(1 for _ in shape.iter("Coordinate"))
            self.known[symbol] = _Shape(strokes, points, attribute.read(shape))
        return self.known[symbol]

    def _draw_symbol(self, node: Any, id_: str, symbol: str, layer: Layer) -> None:
        if not symbol:
            return
        if symbol not in self.shapes:
            if next(node.iter(*DRAWN), None) is None:
                self.miss(f"symbol {symbol[:60]!r} is not in the file's catalogue", node)
            return
        try:
            frame = symbol_frame(node)
        except NotANumber as error:
            self.miss(f"position: {error}", node)
            return
        if frame is None:
            self.miss("symbol without a position", node)
            return
        placed = self.sheet.after(frame)
        shape = self._shape(symbol)
        self.placed.add(symbol)
        self._spend(shape.points + len(shape.strokes), node)
        for part in shape.strokes:
            self._keep(self.pencil.draw(part, id_, layer, placed, pipe=False), node)

    def _keep(self, drawn: Iterable[Primitive], node: Any) -> None:
        """Keep what was drawn, within reason: on or near the sheet, and no text as long as a book."""
        for item in drawn:
            if isinstance(item, Text) and len(item.text) > LONGEST_TEXT:
                self.miss(f"a text of more than {LONGEST_TEXT} letters, cut short", node)
                item = replace(item, text=item.text[:LONGEST_TEXT])
            box = item.box
            if not self.around.meets(box):
                self.miss("ink far outside of the sheet, not drawn", node)
            elif len(self.primitives) >= MAX_PRIMITIVES:
                raise BadDrawing(f"{self.name}, line {node.sourceline}: more than {MAX_PRIMITIVES} strokes to draw")
            else:
                self.primitives.append(item)
                self.boxes.append(box)

    def _spend(self, points: int, node: Any) -> None:
        self.points += points
        if self.points > MAX_POINTS:
            raise BadDrawing(
                f"{self.name}, line {node.sourceline}: symbols repeat more than {MAX_POINTS} points and attributes of "
                "the file's catalogue"
            )

    # -- nothing is dropped in silence -----------------------------------------------------------------------------

    def _account(self, node: Any) -> None:
        """Count what stands inside a stroke or a part read elsewhere and is neither read there nor irrelevant."""
        for inner in node.iterdescendants():
            tag, around = inner.tag, inner.getparent().tag
            if tag in PARTS_OF_STROKES.get(around, ()) or tag in USED or tag in IRRELEVANT:
                continue
            if tag in ITEMS or tag in DRAWN:
                self.miss(f"<{tag}> inside <{around}>", inner)
            elif not attribute.is_attribute(inner):
                self.miss(f"<{tag}>", inner)

    def _account_for_shapes(self, catalogue: Any) -> None:
        for inner in catalogue.iterdescendants():
            tag = inner.tag
            known = tag in ITEMS or tag in DRAWN or tag in USED or tag in IRRELEVANT
            if not known and not attribute.is_attribute(inner):
                self.miss(f"<{tag}>", inner)

    # -- what joins elements ---------------------------------------------------------------------------------------

    def _note_relations(self, node: Any, element: Element) -> None:
        for link in node.iterfind("Association"):
            target = link.get("ItemID") or link.get("TagName")
            if target:
                self.links.append(Link(link.get("Type") or "", element.id, target))
        found = pipes.ports(node, self.sheet, self.miss)
        if found:
            self.ports[element.id] = found
        if element.kind == "piping segment":
            steps, ends = pipes.connections(node, element.id, element.attributes)
            self.connections.extend(steps)
            self.links.extend(ends)
        elif element.kind == "signal line":
            for joint in node.iterfind("Connection"):
                if joint.get("FromID") and joint.get("ToID"):
                    self.links.append(Link("signal", joint.get("FromID"), joint.get("ToID")))
        if node.tag in CONNECTORS or element.family == "connector":
            self.connectors.append((node, element.id))

    def _resolve_links(self) -> None:
        """Ends are named by ID or by a persistent identifier; one that names nothing is counted."""
        resolved = []
        for link in self.links:
            source, target = self._known(link.source), self._known(link.target)
            if source and target:
                resolved.append(Link(link.kind, source, target))
            elif not link.kind.startswith("open "):  # those are told of as the pipes' ends
                line = self.elements[source or target].line if source or target else 0
                self.miss.add(f"a link ({link.kind[:40]}) to something that is not in the file", line)
        self.links = resolved
        ends = [(joint.segment, end) for joint in self.connections for end in (joint.source, joint.target)]
        for segment, end in dict.fromkeys(ends):
            if end not in self.elements:
                self.miss.add("a pipe's end that is not in the file", self.elements[segment].line)
        self.connections = [c for c in self.connections if c.source in self.elements and c.target in self.elements]
        more, self.links = joined(self.elements, self.primitives, self.ports, self.connections, self.links)
        self.connections += more

    def _known(self, name: str) -> str:
        """The id of the element called so: SmartPlant's links leave out the SP its IDs begin with."""
        for id_ in (name, self.aliases.get(name, ""), f"SP{name}"):
            if id_ in self.elements:
                return id_
        return ""

    def _jumps(self) -> tuple[SheetJump, ...]:
        ends = frozenset(c.source for c in self.connections), frozenset(c.target for c in self.connections)
        strokes: defaultdict[str, list[Primitive]] = defaultdict(list)
        for item in self.primitives:
            strokes[item.owner].append(item)
        return tuple(pipes.jump(node, self.elements[id_], strokes[id_], ends) for node, id_ in self.connectors)

    def _name_instruments_after_loops(self) -> None:
        """Comos writes the letters at the bubble and the number at its loop."""
        for link in self.links:
            loop, bubble = (link.target, link.source) if link.kind == "is a part of" else (link.source, link.target)
            if link.kind not in ("is a part of", "is a collection including"):
                continue
            own, whole = self.elements[bubble], self.elements[loop]
            joined = own.kind == "instrument" and whole.kind == "loop" and bool(own.tag) and not own.kks
            if joined and not attribute.is_whole(own.tag) and whole.tag and whole.tag not in own.tag:
                self.elements[bubble] = replace(own, tag=f"{own.tag} {whole.tag}")

    # -- value labels ----------------------------------------------------------------------------------------------

    def _note_anchor(self, node: Any, parent: str, own: list[Primitive]) -> None:
        """The room a value label keeps; its empty text is no ink."""
        values = attribute.read(node)
        role = values["Role"].text if "Role" in values else ""
        signal = values["KKS"].text.replace(" ", "") if "KKS" in values else ""
        for text in own:
            if isinstance(text, Text):
                box = self._extent(node) or text.box
                self.anchors.append(Anchor(parent, role, signal, box, text.horizontal))
        del self.primitives[len(self.primitives) - len(own) :]
        del self.boxes[len(self.primitives) :]

    def _extent(self, node: Any) -> Box | None:
        low, high = node.find("Extent/Min"), node.find("Extent/Max")
        if low is None or high is None:
            return None
        try:
            return box_around([self.sheet(number(point, "X"), number(point, "Y")) for point in (low, high)])
        except NotANumber as error:
            self.miss(f"extent: {error}", node)
            return None
