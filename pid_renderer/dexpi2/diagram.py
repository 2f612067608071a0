"""The ink of a DEXPI 2.0 diagram: groups that represent objects of the plant, labels, symbols, shapes placed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final, NamedTuple

from pid_renderer import component_class
from pid_renderer.dexpi2 import classes
from pid_renderer.dexpi2.objects import Item, Model
from pid_renderer.dexpi2.profiles import Profiles, variant
from pid_renderer.dexpi2.strokes import Colors, Owner, Pencil, first_text, usage_frame
from pid_renderer.drawing import Anchor, Box, Family, Kind, Layer, Placement, Point, Primitive, Text, union
from pid_renderer.proteus.geometry import IDENTITY, Affine, NotANumber

_REPRESENTS: Final = frozenset({"RepresentationGroup", "Diagram"})
_VALUE_LABEL: Final = "ValueLabel"
"""A label of a class that ends so keeps room for a live value; the class is ours, DEXPI has none."""
_PLACEHOLDER: Final = re.compile(r"<([^<>]+)>")


class Placed(NamedTuple):
    """An element as the diagram has it before any ink: what decides where its ink belongs."""

    family: Family
    layer: Layer


class Ink:
    """Reads a diagram. `add(item, class_name, family, kind, parent, layer)` makes an element of a label or symbol."""

    def __init__(
        self,
        name: str,
        model: Model,
        diagram: Item,
        profiles: Profiles,
        placed: Mapping[str, Placed],
        colors: Colors,
        add: Callable[[Item, str, Family, Kind, str, Layer], str],
        miss: Callable[[str, Any], None],
    ) -> None:
        self._model = model
        self._diagram = diagram
        self._profiles = profiles
        self._placed = placed
        self._add = add
        self._miss = miss
        self.primitives: list[Primitive] = []
        self.boxes: dict[str, Box] = {}
        """Extent of an element's own symbol, without texts."""
        self.text_boxes: dict[str, Box] = {}
        self.placements: dict[str, tuple[Item, str, Placement]] = {}
        """The shape, its name, and where it stands, by element."""
        self.ports: dict[str, list[Point]] = {}
        self.anchors: list[Anchor] = []
        self.shapes: set[str] = set()
        """References of the shapes it places."""
        self.ground = colors.text(diagram.data.get("BackgroundColor", []))
        self.sheet, self.width_mm, self.height_mm = self._sheet()
        self._positions: dict[Item, Point] = {}
        self._pencil = Pencil(name, model, self._positions, colors, miss)

    def _sheet(self) -> tuple[Affine, float, float]:
        try:
            left, top, right, bottom = (self._diagram.number(name) for name in ("MinX", "MinY", "MaxX", "MaxY"))
        except NotANumber as error:
            self._miss(f"sheet size: {error}", self._diagram)
            return IDENTITY, 0.0, 0.0
        if right <= left or bottom <= top:
            self._miss("a sheet without size", self._diagram)
            return IDENTITY, 0.0, 0.0
        return IDENTITY._replace(e=-left, f=-top), right - left, bottom - top

    def read(self) -> None:
        """Fill all that is public here."""
        for item in self._diagram.walk():
            if item.role == "NodePositions":
                self._note_position(item)
        whole = self._add(self._diagram, "Diagram", "other", "other", "", "sheet")
        self._group(self._diagram, whole, None)

    def _note_position(self, item: Item) -> None:
        try:
            self._positions[item] = item.point("Position")
        except NotANumber as error:
            self._miss(f"node position: {error}", item)

    def _group(self, group: Item, owner: str, represented: Item | None) -> None:
        """Ink of `group`, which is `owner`'s; groups within it that represent something are that element's."""
        if group is not self._diagram:
            named = self._model.referred(group, "Represents")
            if named and named[0].element:
                represented, owner = named[0], named[0].element
            elif not named:
                self._miss("a group that represents nothing in the file", group)
            for position in group.parts.get("NodePositions", []):
                self._note_port(position, owner)
        inner = group.parts.get("Groups", [])
        labelled = any(classes.is_label(each) for each in inner)
        for each in inner:
            if each.class_name in _REPRESENTS:
                self._group(each, owner, represented)
            else:
                self._inked(each, owner, represented, labelled)
        if group.parts.get("Elements"):
            self._inked(group, owner, represented, labelled)

    def _note_port(self, position: Item, owner: str) -> None:
        if position not in self._positions:
            return
        nodes = self._model.referred(position, "Node")
        element = nodes[0].element if nodes and nodes[0].element else owner
        self.ports.setdefault(element, []).append(self.sheet(*self._positions[position]))

    def _inked(self, group: Item, owner: str, represented: Item | None, labelled: bool) -> None:
        """A group of ink: the represented thing's own (Static), a label, a border, or a symbol such as an arrow."""
        element = owner
        if classes.is_label(group):
            element = self._add(group, group.class_name, "label", "label", owner, "labels")
        elif group.class_name == "Border":
            element = self._add(group, "Border", "other", "other", owner, "sheet")
        elif group.class_name not in {"Static", *_REPRESENTS}:
            layer = self._placed[owner].layer
            element = self._add(group, group.class_name, "fitting", "other", owner, layer)
        drawn: list[Primitive] = []
        for item in group.parts.get("Elements", []):
            drawn.extend(self._draw(item, element, represented, labelled))
        if group.class_name.endswith(_VALUE_LABEL):
            for text in drawn:
                if isinstance(text, Text):
                    self.anchors.append(Anchor(owner, text.attribute, "", text.box, text.horizontal))
            return
        self.primitives.extend(self._outlined(drawn))
        self._grow(self.boxes, element, [each.box for each in drawn if not isinstance(each, Text)])
        self._grow(self.text_boxes, element, [each.box for each in drawn if isinstance(each, Text)])

    def _outlined(self, drawn: list[Primitive]) -> Iterator[Primitive]:
        """A body filled in the ground's own colour covers what is under it; where nothing else outlines it, we do."""
        seen = {each.box for each in drawn if not self._covers(each)}
        for each in drawn:
            yield each
            if not isinstance(each, Text) and self._covers(each) and each.box not in seen:
                yield replace(each, filled=False, stroke=each.stroke._replace(color=""))

    def _covers(self, item: Primitive) -> bool:
        return not isinstance(item, Text) and item.filled and bool(self.ground) and item.stroke.color == self.ground

    def _grow(self, boxes: dict[str, Box], element: str, more: list[Box]) -> None:
        box = union(more if element not in boxes else [boxes[element], *more])
        if box is not None:
            boxes[element] = box

    def _draw(self, item: Item, element: str, represented: Item | None, labelled: bool) -> list[Primitive]:
        family, layer = self._placed[element]
        owner = Owner(element, layer, family in ("pipe", "signal line"))
        if item.class_name in ("ShapeUsage", "SymbolUsage"):
            return self._place(item, owner, represented, labelled)
        return self._pencil.draw(item, owner, self.sheet)

    def _place(self, usage: Item, owner: Owner, represented: Item | None, labelled: bool) -> list[Primitive]:
        """A shape of the file's catalogue, or a symbol of a profile, where it is used."""
        references = usage.references.get("Shape") or usage.references.get("Symbol") or []
        if not references:
            self._miss(f"{usage.class_name} without a shape", usage)
            return []
        found = self._profiles.find(references[0], usage)
        shape = variant(found, represented) if found is not None and found.class_name == "Symbol" else found
        if shape is None:
            return []
        try:
            frame = self.sheet.after(usage_frame(usage))
        except NotANumber as error:
            self._miss(str(error), usage)
            return []
        self.shapes.add(references[0])
        mirrored = frame.a * frame.d - frame.b * frame.c < 0
        scale = usage.number("ScaleX", 1.0), usage.number("ScaleY", 1.0)
        where = Placement(frame(0.0, 0.0), frame.direction_deg(0.0), mirrored, scale)
        name = shape.word("Name") or references[0].rpartition("/")[2]
        self.placements.setdefault(owner.element, (shape, name, where))
        owner = owner._replace(pipe=False)
        drawn = [each for part in shape.parts.get("Primitives", []) for each in self._pencil.draw(part, owner, frame)]
        if represented is not None and not labelled:
            drawn.extend(self._labels(shape, owner, frame, represented))
        return drawn

    def _labels(self, shape: Item, owner: Owner, frame: Affine, represented: Item) -> list[Primitive]:
        """Texts that a symbol brings along, for an object that has no label of its own: `<ItemTag>`."""
        drawn: list[Primitive] = []
        for each in shape.parts.get("LabelTemplates", []):
            written = _PLACEHOLDER.sub(lambda name: represented.word(name[1].rpartition(".")[2]), first_text(each))
            if written.strip():
                drawn.extend(self._pencil.label(each, owner, frame, written.strip()))
        return drawn


def layer_of(item: Item, of: Family, around: Layer) -> Layer:
    """The layer of an object's ink; `around` is its owner's."""
    return component_class.layer(classes.proteus_tag(item), of, around)
