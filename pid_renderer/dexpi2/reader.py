"""Walk a DEXPI 2.0 file (Plant or Process model with its diagram) and make a `Drawing` of it.

The conceptual model holds the plant, the diagram its ink: groups of ink name the object they represent. Objects become
elements as Proteus XML would have them: a pipe's ink and joints belong to its segment, a node's to what has the node.
What is not understood is counted in `Drawing.unread`.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path, PurePath
from typing import Any, Final

from pid_renderer.dexpi2 import attributes as attribute
from pid_renderer.dexpi2 import classes
from pid_renderer.dexpi2.diagram import Ink, Placed, layer_of
from pid_renderer.dexpi2.objects import Item, Model
from pid_renderer.dexpi2.profiles import Profiles
from pid_renderer.dexpi2.strokes import Colors
from pid_renderer.dexpi2.topology import Topology
from pid_renderer.drawing import (
    Attribute,
    BadDrawing,
    Box,
    Drawing,
    Element,
    Family,
    Kind,
    Layer,
    Primitive,
    Text,
)
from pid_renderer.proteus.unread import UnreadTally

_TEMPLATE_NAME: Final = re.compile(r"\[([^\[\]]+)\]")
_NOT_IN_A_NAME: Final = re.compile(r"[^A-Za-z0-9]")


def read_tree(root: Any, name: str, folder: Path | None = None) -> Drawing:
    """The drawing in a `<Model>` tree; `folder` is where the file stands, and where symbols of a profile may lie.

    Raises `BadDrawing` where it holds nothing to draw or list.
    """
    return _Reader(root, name, folder).drawing()


class _Reader:
    def __init__(self, root: Any, name: str, folder: Path | None) -> None:
        self.root = root
        self.name = name
        self.folder = folder
        self.miss = UnreadTally()
        self.model = Model(root, name, self.miss)
        self.file = self._engineering_model()
        self.plant = self.file.part("ConceptualModel") or Item("", "", self.file.line)
        self.diagram = self.file.part("Diagram")
        self.elements: dict[str, Element] = {}
        self.placed: dict[str, Placed] = {}
        self.aliases: dict[str, str] = {}
        self.copies: Counter[str] = Counter()

    def _engineering_model(self) -> Item:
        found = [item for item in self.model.top if item.class_name == "EngineeringModel"]
        if not found:
            what = "defines classes or symbols" if len(self.root) else "is empty"
            raise BadDrawing(
                f"{self.name}, line {self.root.sourceline}: this DEXPI 2.0 file {what} and holds no EngineeringModel"
            )
        for other in found[1:]:
            self.miss("a second EngineeringModel", other)
        return found[0]

    def drawing(self) -> Drawing:
        self._add_all(self.plant, "", "sheet")
        if self.diagram is None and self.plant.class_name == "ProcessModel":
            raise BadDrawing(
                f"{self.name}, line {self.file.line}: this DEXPI 2.0 process model has no diagram; export it with one"
            )
        ink = self._ink()
        topology = Topology(self.model, self.miss)
        for item in self.plant.walk():
            if item is not self.plant:
                topology.note(item)
        if not self.elements:
            raise BadDrawing(f"{self.name}, line {self.file.line}: the EngineeringModel holds no plant and no diagram")
        names = self._names()
        return Drawing(
            title=names[0] if names else "",
            source=self.name,
            exporter=f"{self.file.word('OriginatingSystemName') or 'unknown program'}, DEXPI 2.0",
            width_mm=ink.width_mm if ink is not None else 0.0,
            height_mm=ink.height_mm if ink is not None else 0.0,
            primitives=tuple(self._resolved(each) for each in ink.primitives) if ink is not None else (),
            elements=self._finished(ink),
            connections=tuple(topology.connections),
            links=tuple(topology.links),
            anchors=tuple(ink.anchors) if ink is not None else (),
            unread=self.miss.result(),
            ports={element: tuple(points) for element, points in ink.ports.items()} if ink is not None else {},
            jumps=tuple(topology.jumps),
            names=names,
            aliases=self.aliases,
            ground=ink.ground if ink is not None else "",
            shapes_used=len(ink.shapes) if ink is not None else 0,
        )

    def _ink(self) -> Ink | None:
        if self.diagram is None:
            return None
        profiles = Profiles(self.model, self.folder, self.miss)
        ink = Ink(self.name, self.model, self.diagram, profiles, self.placed, Colors(self.root), self._add, self.miss)
        ink.read()
        return ink

    def _names(self) -> tuple[str, ...]:
        about = self.plant.part("MetaData")
        said = [] if about is None else [about.word(name) for name in ("DrawingNumber", "DrawingName", "SheetNumber")]
        words = [self.diagram.word("Name") if self.diagram is not None else "", *said, PurePath(self.name).stem]
        return tuple(dict.fromkeys(word for word in words if word))

    # -- elements --------------------------------------------------------------------------------------------------

    def _add_all(self, owner: Item, parent: str, layer: Layer) -> None:
        for role, items in owner.parts.items():
            for item in items:
                if role in classes.HELD or item.class_name == "QualifiedValue":
                    self._hold(item, parent)
                    continue
                of = classes.family(item)
                own_layer = layer_of(item, of, layer)
                item.element = self._add(item, item.class_name, of, classes.kind(item), parent, own_layer)
                self._add_all(item, item.element, own_layer)

    def _hold(self, item: Item, owner: str) -> None:
        """What an object says that is no element: it and all under it stand for their owner."""
        for each in item.walk():
            each.element = owner
            if each.class_name == "PersistentIdentifier" and each.word("Value"):
                self.aliases.setdefault(each.word("Value"), owner)

    def _add(self, item: Item, class_name: str, of: Family, kind: Kind, parent: str, layer: Layer) -> str:
        id_ = wanted = item.id or f"{item.class_name}@{item.line}"
        while id_ in self.elements:
            self.copies[wanted] += 1
            id_ = f"{wanted}~{self.copies[wanted] + 1}"
        values = attribute.read(item)
        tag, code = attribute.tag(values, kind)
        self.elements[id_] = Element(id_, class_name, of, tag, code, "", None, None, values, parent, item.line, kind)
        self.placed[id_] = Placed(of, layer)
        return id_

    def _finished(self, ink: Ink | None) -> dict[str, Element]:
        """Elements with extent, symbol and placement, which are known only when all is drawn."""
        if ink is None:
            return self.elements
        finished: dict[str, Element] = {}
        around: dict[str, Box] = {}
        for id_, found in reversed(self.elements.items()):  # what is owned comes after its owner
            shape, symbol, where = ink.placements.get(id_, (None, "", None))
            values = found.attributes if shape is None else {**_of_shape(shape), **found.attributes}
            box = ink.boxes.get(id_) or around.get(id_) or ink.text_boxes.get(id_)
            if box is not None and found.family not in ("label", "nozzle"):
                over = self.elements.get(found.parent)
                if over is not None and over.kind != "piping system" and over.component_class != "Diagram":
                    around[over.id] = box.union(around.get(over.id, box))
            finished[id_] = replace(found, symbol=symbol, box=box, placement=where, attributes=values)
        return dict(reversed(finished.items()))

    # -- texts -----------------------------------------------------------------------------------------------------

    def _resolved(self, item: Primitive) -> Primitive:
        """A text knows the element it is about; without a string of its own it shows that one's attributes."""
        if not isinstance(item, Text) or not item.attribute:
            return item
        about = self.model.find(item.refers_to) if item.refers_to else None
        element = self.elements.get(about.element) if about is not None else None
        if element is None:
            return replace(item, refers_to="")
        names = _TEMPLATE_NAME.findall(item.attribute)
        single = names == []
        names = names or [item.attribute]
        known = {name: _attribute_name(element, name) for name in names}
        texts = {name: element.text(f"{key}Representation", key) for name, key in known.items()}
        attribute_ = known[names[0]] if single else item.attribute
        if item.text.strip():
            return replace(item, refers_to=element.id, attribute=attribute_)
        if not any(texts.values()):
            self.miss(f"text for {item.attribute}, which has no value", about)
        shown = texts[names[0]] if single else _TEMPLATE_NAME.sub(lambda name: texts[name[1]], item.attribute)
        return replace(item, text=shown, refers_to=element.id, attribute=attribute_)


def _of_shape(shape: Item) -> dict[str, Attribute]:
    """What the catalogue says of a shape: its number in a standard of symbols."""
    return {name: each for name, each in attribute.read(shape).items() if name == "SymbolRegistrationNumber"}


def _attribute_name(element: Element, name: str) -> str:
    """The attribute a template means: exporters write `NominalCapacity(Volume)` for NominalCapacityVolume."""
    if name in element.attributes:
        return name
    plain = _NOT_IN_A_NAME.sub("", name)
    return plain if plain in element.attributes else name
