"""A DEXPI 2.0 XML file as its objects: what each holds, what it refers to, and who owns it.

The format is generic: `<Object type="Plant/Piping.Pipe">` holds `<Data>` (values), `<Components>` (objects it owns) and
`<References>` (objects it names, `#id` in the file or `Prefix/Package.name` anywhere), each under a property's name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from pid_renderer.drawing import BadDrawing, Point
from pid_renderer.proteus.geometry import NotANumber
from pid_renderer.xml_document import MAX_DEPTH

_FAR: Final = 1e9
_LAST_WORD: Final = re.compile(r"[^/.]*$")


def last_word(name: str) -> str:
    """`Pipe` of `Plant/Piping.Pipe`, `ItemTag` of `DiscProfile/ItemTag`."""
    found = _LAST_WORD.search(name)
    return found[0] if found else ""


@dataclass(slots=True, eq=False)
class Item:
    """One `<Object>`."""

    id: str
    type: str
    """As written: `Plant/Piping.Pipe`."""
    line: int
    owner: Item | None = None
    role: str = ""
    """Property of `owner` that holds it."""
    data: dict[str, list[Any]] = field(default_factory=dict)
    """XML nodes of values by property."""
    parts: dict[str, list[Item]] = field(default_factory=dict)
    """Owned objects by property."""
    references: dict[str, list[str]] = field(default_factory=dict)
    """Names of objects by property, `#id` or `Prefix/Package.name`."""
    element: str = ""
    """Id of the drawing's element that stands for it."""

    @property
    def class_name(self) -> str:
        """The class without its package."""
        return last_word(self.type)

    @property
    def sourceline(self) -> int:
        """Where it stands in the file, under the name XML nodes have for it."""
        return self.line

    def part(self, role: str) -> Item | None:
        """The first object it owns as `role`."""
        return next(iter(self.parts.get(role, ())), None)

    def word(self, name: str) -> str:
        """A value as text: a string, a number as written, the literal of an enumeration; empty for none."""
        return " ".join(text for text in map(value_text, self.data.get(name, ())) if text)

    def number(self, name: str, default: float | None = None) -> float:
        """A value as a finite float; `default` where there is none. Raises `NotANumber`."""
        nodes = self.data.get(name)
        if not nodes:
            if default is None:
                raise NotANumber(f"{self.class_name} without {name}")
            return default
        return finite(nodes[0], f"{self.class_name} {name}")

    def point(self, name: str) -> Point:
        """A value of type Point, mm. Raises `NotANumber`."""
        points = self.points(name)
        if not points:
            raise NotANumber(f"{self.class_name} without {name}")
        return points[0]

    def points(self, name: str) -> list[Point]:
        """Values of type Point, mm, in their order. Raises `NotANumber`."""
        found = []
        for node in self.data.get(name, ()):
            fields = inner(node)
            pair = fields.get("X"), fields.get("Y")
            if pair[0] is None or pair[1] is None:
                raise NotANumber(f"{self.class_name} {name} without X and Y")
            found.append((finite(pair[0], f"{self.class_name} X"), finite(pair[1], f"{self.class_name} Y")))
        return found

    def walk(self) -> Iterator[Item]:
        """It and all it owns, in the file's order."""
        yield self
        for items in self.parts.values():
            for item in items:
                yield from item.walk()


def inner(value: Any) -> dict[str, Any]:
    """The first value of each property of an `<AggregatedDataValue>`."""
    return {last_word(data.get("property") or ""): data[0] for data in value.iterfind("Data") if len(data)}


def finite(node: Any, what: str) -> float:
    """The number in a value's node. Raises `NotANumber` for text, infinity, and what lies beyond any sheet."""
    text = (node.text or "").strip()
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not abs(value) < _FAR:
        raise NotANumber(f"{what}={text[:20]!r}")
    return value


def value_text(node: Any) -> str:
    """A value's node as text; of a text in several languages the English one, else the first."""
    if node.tag == "DataReference":
        return last_word(node.get("data") or "")
    if node.tag != "AggregatedDataValue":
        return (node.text or "").strip()
    fields = inner(node)
    if "SingleLanguageStrings" in fields:
        spoken = [inner(each) for data in node.iterfind("Data") for each in data]
        english = [each for each in spoken if "Language" in each and value_text(each["Language"]).startswith("en")]
        return next((value_text(each["Value"]) for each in (*english, *spoken) if "Value" in each), "")
    if "Values" in fields:  # a vector of quantities
        return " ".join(value_text(each) for data in node.iterfind("Data") for each in data if each.tag == "Double")
    return value_text(fields["Value"]) if "Value" in fields else ""


class Model:
    """All objects of a file. Raises `BadDrawing` where they own one another without end."""

    def __init__(self, root: Any, name: str, miss: Callable[[str, Any], None]) -> None:
        self.top: list[Item] = []
        self.by_name: dict[str, Item] = {}
        """By `#id` and by `/Package.name`."""
        self._name = name
        self._miss = miss
        self._borrowed: list[tuple[Item, str, str]] = []
        self._read_package(root, "/")
        self._lend()
        self._refuse_depth()

    def find(self, reference: str) -> Item | None:
        """What `#id` or `Prefix/Package.name` names; None where it is not in this file."""
        if reference.startswith("#"):
            return self.by_name.get(reference)
        return self.by_name.get("/" + reference.partition("/")[2])

    def referred(self, item: Item, name: str) -> list[Item]:
        """The objects of this file that `item` names under the property `name`."""
        return [found for each in item.references.get(name, ()) if (found := self.find(each)) is not None]

    def _read_package(self, node: Any, path: str) -> None:
        for child in node:
            if child.tag == "Object":
                self.top.append(self._read(child, None, "", path))
            elif child.tag == "Package":
                self._read_package(child, f"{path}{child.get('name') or ''}.")

    def _read(self, node: Any, owner: Item | None, role: str, path: str = "") -> Item:
        item = Item(node.get("id") or "", node.get("type") or "", node.sourceline or 0, owner, role)
        if item.id and self.by_name.setdefault(f"#{item.id}", item) is not item:
            self._miss("an ID used twice", node)
            item.id = ""
        if path and node.get("name"):
            self.by_name.setdefault(path + node.get("name"), item)
        for child in node:
            name = last_word(child.get("property") or "")
            if child.tag == "Data":
                item.data.setdefault(name, []).extend(child)
            elif child.tag == "References":
                item.references.setdefault(name, []).extend((child.get("objects") or "").split())
            elif child.tag == "Components":
                for part in child:
                    if part.tag == "Object":
                        item.parts.setdefault(name, []).append(self._read(part, item, name))
                    elif part.tag == "ObjectReference":
                        self._borrowed.append((item, name, part.get("object") or ""))
                    else:
                        self._miss(f"<{part.tag}> in <Components>", part)
            else:
                self._miss(f"<{child.tag}>", child)
        return item

    def _lend(self) -> None:
        """Give objects that stand at the top of the file to those that own them by reference; each has one owner."""
        for owner, role, reference in self._borrowed:
            item = self.find(reference)
            if item is None:
                self._miss(f"component {reference[:60]!r} is not in the file", owner)
            elif item.owner is not None or item is self._outermost(owner):
                self._miss(f"component {reference[:60]!r} belongs to two objects", owner)
            else:
                item.owner, item.role = owner, role
                owner.parts.setdefault(role, []).append(item)
        self.top = [item for item in self.top if item.owner is None]

    def _outermost(self, item: Item) -> Item:
        for _ in range(MAX_DEPTH):
            if item.owner is None:
                return item
            item = item.owner
        raise BadDrawing(f"{self._name}, line {item.line}: objects nest deeper than {MAX_DEPTH} levels")

    def _refuse_depth(self) -> None:
        level, depth = self.top, 0
        while level:
            depth += 1
            if depth > MAX_DEPTH:
                raise BadDrawing(f"{self._name}, line {level[0].line}: objects nest deeper than {MAX_DEPTH} levels")
            level = [part for item in level for parts in item.parts.values() for part in parts]
