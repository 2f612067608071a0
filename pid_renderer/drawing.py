"""A P&ID sheet as plain values: geometry, elements and what joins them. No Qt, no XML.

All lengths are millimetres of paper, x to the right, **y down**, the sheet's top left corner at (0, 0). A reader of any
file format makes a `Drawing`; canvas, SVG writer, plant graph and binding know nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from math import atan2, ceil, cos, degrees, radians, sin
from typing import Literal, NamedTuple

Point = tuple[float, float]
Layer = Literal["equipment", "piping", "instruments", "labels", "sheet"]

Family = Literal[
    "tank", "vessel", "column", "pump", "compressor", "exchanger", "furnace", "agitator", "valve", "actuator",
    "instrument", "nozzle", "pipe", "signal line", "connector", "label", "equipment", "fitting", "other",
]  # fmt: skip
"""What an element is to a person, whatever the file calls it: it decides how it lives on the screen."""


Kind = Literal[
    "equipment", "nozzle", "piping system", "piping segment", "piping component", "instrument", "loop", "signal line",
    "actuator", "connector", "label", "other",
]  # fmt: skip
"""What the file itself calls an element, in words common to all formats: what a tally of the file counts."""


class BadDrawing(ValueError):
    """A file that is no drawing we can read; one sentence with file, line and cause."""


class Box(NamedTuple):
    """An upright rectangle in sheet millimetres."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """Horizontal extent, mm."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Vertical extent, mm."""
        return self.bottom - self.top

    @property
    def centre(self) -> Point:
        """Middle of the box."""
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    def union(self, other: Box) -> Box:
        """The smallest box around both."""
        return Box(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )

    def moved(self, dx: float, dy: float) -> Box:
        """The box elsewhere, by millimetres."""
        return Box(self.left + dx, self.top + dy, self.right + dx, self.bottom + dy)

    def grown(self, margin: float) -> Box:
        """The box with `margin` mm more on each side."""
        return Box(self.left - margin, self.top - margin, self.right + margin, self.bottom + margin)

    def holds(self, other: Box) -> bool:
        """Whether `other` lies inside."""
        return (
            self.left <= other.left
            and self.top <= other.top
            and self.right >= other.right
            and self.bottom >= other.bottom
        )

    def meets(self, other: Box) -> bool:
        """Whether the boxes share a point."""
        return (
            self.left <= other.right
            and other.left <= self.right
            and self.top <= other.bottom
            and other.top <= self.bottom
        )


def box_around(points: Iterable[Point]) -> Box:
    """The smallest box that holds `points`. Raises ValueError for none."""
    xs, ys = zip(*points, strict=True)
    return Box(min(xs), min(ys), max(xs), max(ys))


def union(boxes: Iterable[Box]) -> Box | None:
    """The smallest box around all, or None for none."""
    result: Box | None = None
    for box in boxes:
        result = box if result is None else result.union(box)
    return result


class Stroke(NamedTuple):
    """A line as the file draws it; themes replace the colour, never weight or pattern."""

    width_mm: float
    """0 where the file does not say."""
    color: str
    """`#RRGGBB`, or empty where the file does not say."""
    dash: tuple[float, ...]
    """Lengths of dashes and gaps in line widths; empty = solid."""


@dataclass(frozen=True, slots=True)
class Polyline:
    """Straight pieces through `points`; `pipe` marks the centre line of a pipe or signal."""

    owner: str
    layer: Layer
    points: tuple[Point, ...]
    stroke: Stroke
    filled: bool = False
    closed: bool = False
    pipe: bool = False
    hatched: bool = False

    @property
    def box(self) -> Box:
        """Extent of the points, without line width."""
        return box_around(self.points)


@dataclass(frozen=True, slots=True)
class Arc:
    """A piece of an ellipse, or all of it (`sweep_deg` = 360).

    A point at parameter t is centre + R(rotation) · (rx cos t, ry sin t), t running clockwise on the sheet (y down)
    from `start_deg` over `sweep_deg`.
    """

    owner: str
    layer: Layer
    centre: Point
    rx: float
    ry: float
    rotation_deg: float
    start_deg: float
    sweep_deg: float
    stroke: Stroke
    filled: bool = False
    hatched: bool = False

    @property
    def whole(self) -> bool:
        """Whether it closes on itself."""
        return abs(self.sweep_deg) >= 360.0

    def at(self, angle_deg: float) -> Point:
        """The point at parameter `angle_deg`."""
        t, turn = radians(angle_deg), radians(self.rotation_deg)
        x, y = self.rx * cos(t), self.ry * sin(t)
        return self.centre[0] + x * cos(turn) - y * sin(turn), self.centre[1] + x * sin(turn) + y * cos(turn)

    def sampled(self, step_deg: float = 7.5) -> tuple[Point, ...]:
        """Points along it, ends included, no further apart than `step_deg`."""
        pieces = max(1, ceil(abs(self.sweep_deg) / step_deg))
        return tuple(self.at(self.start_deg + self.sweep_deg * i / pieces) for i in range(pieces + 1))

    @property
    def box(self) -> Box:
        """Extent of the curve: its ends, and where it runs along an axis."""
        turn = radians(self.rotation_deg)
        points = [self.at(self.start_deg), self.at(self.start_deg + self.sweep_deg)]
        for along in (
            degrees(atan2(-self.ry * sin(turn), self.rx * cos(turn))),
            degrees(atan2(self.ry * cos(turn), self.rx * sin(turn))),
        ):
            for t in (along, along + 180.0):
                way = (t - self.start_deg) % 360.0 if self.sweep_deg > 0 else -((self.start_deg - t) % 360.0)
                if abs(way) <= abs(self.sweep_deg):
                    points.append(self.at(t))
        return box_around(points)


@dataclass(frozen=True, slots=True)
class Text:
    """Lines of text at `at`, turned clockwise by `angle_deg` about it."""

    owner: str
    layer: Layer
    text: str
    at: Point
    height_mm: float
    """Height of a line's capitals and descenders: the font size."""
    angle_deg: float
    horizontal: Literal["left", "center", "right"]
    vertical: Literal["top", "center", "bottom"]
    color: str
    refers_to: str = ""
    """Element whose attribute the text shows; empty for plain text."""
    attribute: str = ""
    """Which attribute of `refers_to` it shows."""
    width_mm: float = 0.0
    """Width of the longest line as the file states it; 0 where it does not."""
    font: str = ""
    """Font as the file names it."""

    @property
    def box(self) -> Box:
        """The extent: of the stated width, or a rough one (0.55 of the height for a letter)."""
        lines = self.text.split("\n") or [""]
        width = self.width_mm or 0.55 * self.height_mm * max(len(line) for line in lines)
        height = 1.2 * self.height_mm * len(lines)
        left = {"left": 0.0, "center": -width / 2, "right": -width}[self.horizontal]
        top = {"top": 0.0, "center": -height / 2, "bottom": -height}[self.vertical]
        if not self.angle_deg:
            x, y = self.at
            return Box(x + left, y + top, x + left + width, y + top + height)
        c, s = cos(radians(self.angle_deg)), sin(radians(self.angle_deg))
        corners = [(x, y) for x in (left, left + width) for y in (top, top + height)]
        return box_around((self.at[0] + x * c - y * s, self.at[1] + x * s + y * c) for x, y in corners)


Primitive = Polyline | Arc | Text


class Placement(NamedTuple):
    """Where an element's symbol stands: turned clockwise, mirrored first, scaled before that."""

    origin: Point
    rotation_deg: float
    mirrored: bool
    scale: Point


class Attribute(NamedTuple):
    """One attribute as the file gives it, and its value in SI where it is a quantity."""

    name: str
    text: str
    """As written."""
    unit_text: str
    """Unit as written; empty for none."""
    value: float | None
    """In `unit`; None where the text is no number."""
    unit: str
    """SI unit of `value` (Pa, Pa(g), K, m³/s …), or the unit as written where it is not known."""
    line: int = 0
    """Where it stands in the file."""


@dataclass(frozen=True, slots=True)
class Element:
    """One thing of the plant or the sheet."""

    id: str
    component_class: str
    """DEXPI class, `CentrifugalPump`; empty where the file does not say."""
    family: Family
    tag: str
    """The tag as the file writes it."""
    kks: str
    """`tag` without blanks where it is a KKS code, else empty."""
    symbol: str
    """Name of its shape in the file's catalogue."""
    box: Box | None
    """Extent of its own symbol, without labels and nozzles; None where it draws nothing."""
    placement: Placement | None
    attributes: Mapping[str, Attribute]
    parent: str
    """Id of the element around it; empty at the top."""
    line: int
    """Line in the file."""
    kind: Kind = "other"

    def text(self, *names: str) -> str:
        """The text of the first of `names` that the element has; empty for none."""
        for name in names:
            attribute = self.attributes.get(name)
            if attribute is not None and attribute.text:
                return attribute.text
        return ""


class Connection(NamedTuple):
    """One step of the way of the fluid, in its direction where the file knows one."""

    source: str
    target: str
    segment: str
    """Element id of the pipe (piping network segment) that makes it."""
    directed: bool = True
    """False where the file says that nothing flows, or both ways."""


class Link(NamedTuple):
    """A relation that carries no fluid: `has logical start`, `fulfills`, `is located in` …"""

    kind: str
    source: str
    target: str


class SheetJump(NamedTuple):
    """Where a line leaves the sheet: all that the file says of the other end. Texts as written; empty = not said."""

    element: str
    """Id of the off-page connector."""
    label: str
    """What it is called on this sheet."""
    direction: Literal["in", "out", ""]
    """Whether the fluid or signal comes in here, or goes out."""
    target_sheet: str
    """Name or number of the other sheet."""
    target_connector: str
    """Name, number or line of the connector there."""
    target_id: str
    """Identifier of that very connector (see `Drawing.aliases`)."""


OWNER_BY_HAND = "note "
"""What a person put on a sheet has this and its id for an owner: no element."""


class Anchor(NamedTuple):
    """A place on the sheet that is meant for a live value."""

    element: str
    """The element the value belongs to."""
    role: str
    """Role of the signal wanted there (level, temperature, flow …); empty = its main value."""
    signal: str
    """KKS of the very signal, where the file names it; else empty."""
    box: Box
    """The room kept free for the value's plate."""
    horizontal: Literal["left", "center", "right"]
    """At which side of `box` the value stands."""
    by_hand: Literal["", "added", "moved", "hidden"] = ""
    """What a person did: put one more value here, moved the element's own here, or wants none of it at all."""
    size: float = 1.0
    """Of the value's type, against the usual."""

    @property
    def x(self) -> float:
        """Where the value's left edge, middle or right edge stands, mm."""
        return {"left": self.box.left, "center": self.box.centre[0], "right": self.box.right}[self.horizontal]


@dataclass(frozen=True, slots=True)
class Unread:
    """Something in the file that was not understood: never dropped in silence."""

    what: str
    count: int
    line: int
    """Where it stands first; 0 where the place is unknown."""


@dataclass(frozen=True, eq=False)
class Drawing:
    """One sheet."""

    title: str
    source: str
    """File name."""
    exporter: str
    """Program that wrote the file, and the schema it claims."""
    width_mm: float
    height_mm: float
    primitives: tuple[Primitive, ...]
    elements: Mapping[str, Element]
    connections: tuple[Connection, ...] = ()
    links: tuple[Link, ...] = ()
    anchors: tuple[Anchor, ...] = ()
    unread: tuple[Unread, ...] = ()
    ports: Mapping[str, tuple[Point, ...]] = field(default_factory=dict)
    """Connection points by element id, in the file's node order."""
    jumps: tuple[SheetJump, ...] = ()
    names: tuple[str, ...] = ()
    """What other sheets may call this one: name, number, title; the best first."""
    aliases: Mapping[str, str] = field(default_factory=dict)
    """Element id by its persistent identifiers."""
    shapes_used: int = 0
    """How many different shapes of the file's catalogue it draws."""
    ground: str = ""
    """`#RRGGBB` of the ground it was drawn on, which tells white ink from white paper; empty where the file is mute."""

    @cached_property
    def by_kks(self) -> dict[str, Element]:
        """Element by KKS; where several carry one code, the one with a symbol of its own wins."""
        found: dict[str, Element] = {}
        for element in self.elements.values():
            if (
                element.kks
                and element.family != "label"
                and (element.kks not in found or (found[element.kks].box is None and element.box))
            ):
                found[element.kks] = element
        return found

    @cached_property
    def primitives_of(self) -> dict[str, tuple[Primitive, ...]]:
        """Primitives by the id of their owner."""
        lists: dict[str, list[Primitive]] = {}
        for primitive in self.primitives:
            lists.setdefault(primitive.owner, []).append(primitive)
        return {owner: tuple(items) for owner, items in lists.items()}

    @cached_property
    def children_of(self) -> dict[str, tuple[str, ...]]:
        """Element ids by the id of their parent."""
        lists: dict[str, list[str]] = {}
        for element in self.elements.values():
            lists.setdefault(element.parent, []).append(element.id)
        return {parent: tuple(items) for parent, items in lists.items()}
