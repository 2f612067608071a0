"""Graphical objects of DEXPI 2.0 (Core/Diagram) as primitives: millimetres, y down, angles clockwise, as here."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, Literal, NamedTuple

from pid_renderer.dexpi2.objects import Item, Model, finite, inner, value_text
from pid_renderer.drawing import Arc, BadDrawing, Layer, Point, Polyline, Primitive, Stroke, Text
from pid_renderer.proteus.geometry import Affine, Ellipse, NotANumber, beyond, ellipse, sweep

MAX_PRIMITIVES: Final = 200_000
MAX_POINTS: Final = 2_000_000
"""A shape of many strokes used many times grows a small file into a huge drawing; a full sheet has some 10,000."""

_DASHES: Final[dict[str, tuple[float, ...]]] = {
    # The same lengths, in line widths, as for the line types of Proteus XML, which these literals replace.
    "Dot": (1, 3), "Dash": (6, 4), "LongDash": (12, 4), "LongDashShortDash": (12, 3, 4, 3), "ShortDash": (4, 3),
    "LongDashShortDashShortDash": (12, 3, 4, 3, 4, 3), "DashShortDash": (12, 3, 1, 3),
}  # fmt: skip
Horizontal = Literal["left", "center", "right"]
Vertical = Literal["top", "center", "bottom"]
_ACROSS: Final[dict[Horizontal, Horizontal]] = {"left": "right", "right": "left", "center": "center"}
_UPSIDE: Final[dict[Vertical, Vertical]] = {"top": "bottom", "bottom": "top", "center": "center"}
_WIDEST_MM: Final = 5.0
_PLAIN: Final = Stroke(0.0, "", ())


class Owner(NamedTuple):
    """Whose ink is drawn."""

    element: str
    layer: Layer
    pipe: bool


class Pencil:
    """Turns graphical objects into primitives; what it cannot read goes to `miss(what, item)`.

    `positions` are the points of node positions by object, at which connector lines end.
    """

    def __init__(
        self,
        name: str,
        model: Model,
        positions: Mapping[Item, Point],
        colors: Colors,
        miss: Callable[[str, Any], None],
    ) -> None:
        self._name = name
        self._colors = colors
        self._model = model
        self._positions = positions
        self._miss = miss
        self._points = self._primitives = 0

    def draw(self, item: Item, owner: Owner, frame: Affine) -> list[Primitive]:
        """The primitives of one object, `frame` mapping its coordinates to the sheet."""
        try:
            drawn = list(self._draw(item, owner, frame))
        except NotANumber as error:
            self._miss(str(error), item)
            return []
        if any(map(beyond, drawn)):
            self._miss(f"{item.class_name} far beyond the sheet", item)
            return []
        self._points += sum(len(each.points) if isinstance(each, Polyline) else 1 for each in drawn)
        self._primitives += len(drawn)
        if self._points > MAX_POINTS or self._primitives > MAX_PRIMITIVES:
            raise BadDrawing(f"{self._name}, line {item.line}: more than {MAX_PRIMITIVES} strokes to draw")
        return drawn

    def _draw(self, item: Item, owner: Owner, frame: Affine) -> Iterator[Primitive]:
        match item.class_name:
            case "PolyLine" | "ConnectorLine" | "Polygon":
                yield from self._line(item, owner, frame)
            case "Ellipse":
                filled, hatched = self._fill(item)
                shape = self._ellipse(item, frame, 0.0, 360.0)
                yield Arc(owner.element, owner.layer, *shape, self._stroke(item), filled, hatched)
            case "EllipseArc":
                start = item.number("StartAngle")
                shape = self._ellipse(item, frame, start, sweep(start, item.number("EndAngle")))
                yield Arc(owner.element, owner.layer, *shape, self._stroke(item))
            case "Text":
                yield from self._text(item, owner, frame, first_text(item))
            case other:
                self._miss(f"graphics of type {other or '(none)'}", item)

    def _line(self, item: Item, owner: Owner, frame: Affine) -> Iterator[Polyline]:
        connector = item.class_name == "ConnectorLine"
        points = item.points("InnerPoints" if connector else "Points")
        if connector:
            points = [*self._end(item, "Source"), *points, *self._end(item, "Target")]
        if len(points) < 2:
            self._miss(f"{item.class_name} with {len(points)} points", item)
            return
        polygon = item.class_name == "Polygon"
        filled, hatched = self._fill(item) if polygon else (False, False)
        closed = polygon or (len(points) > 2 and math.dist(points[0], points[-1]) < 1e-6)
        yield Polyline(
            owner.element, owner.layer, tuple(frame(*point) for point in points), self._stroke(item), filled, closed,
            owner.pipe and not polygon, hatched,
        )  # fmt: skip

    def _end(self, connector: Item, name: str) -> list[Point]:
        """Where a connector line starts or ends; none for a line that says all its points itself."""
        found = self._model.referred(connector, name)
        if connector.references.get(name) and not (found and found[0] in self._positions):
            self._miss(f"{name} of a connector line has no position", connector)
        return [self._positions[found[0]]] if found and found[0] in self._positions else []

    def _ellipse(self, item: Item, frame: Affine, start_deg: float, sweep_deg: float) -> Ellipse:
        x, y = item.point("Center")
        turn = math.radians(item.number("Rotation", 0.0))
        c, s = math.cos(turn), math.sin(turn)
        rx, ry = item.number("HorizontalSemiAxis"), item.number("VerticalSemiAxis")
        return ellipse(frame.after(Affine(c, s, -s, c, x, y)), rx, ry, start_deg, sweep_deg)

    def label(self, item: Item, owner: Owner, frame: Affine, written: str) -> list[Primitive]:
        """The text that a symbol's label template places, its names already replaced by values: `written`."""
        try:
            return [each for each in self._text(item, owner, frame, written) if not beyond(each)]
        except NotANumber as error:
            self._miss(str(error), item)
            return []

    def _text(self, item: Item, owner: Owner, frame: Affine, written: str) -> Iterator[Text]:
        refers_to, attribute = template(item)
        if not written.strip() and not attribute:
            return
        at = frame(*item.point("Position"))
        alignment = item.word("Alignment")
        horizontal: Horizontal = (
            "center" if alignment.startswith("Center") else "right" if alignment.startswith("Right") else "left"
        )
        vertical: Vertical = (
            "top" if alignment.endswith("Top") else "center" if alignment.endswith("Center") else "bottom"
        )
        turned = item.number("Rotation", 0.0)
        angle = round((frame.direction_deg(turned) + 180.0) % 360.0 - 180.0, 9)
        if abs(angle) > 179.5 and abs(math.remainder(turned, 360.0)) < 0.5:
            # Upside down only comes from a mirrored or turned symbol here; people read such a text upright.
            angle, horizontal, vertical = 0.0, _ACROSS[horizontal], _UPSIDE[vertical]
        yield Text(
            owner.element, owner.layer, written, at, item.number("Size") * frame.size, angle, horizontal, vertical,
            self._colors.text(item.data.get("Color", [])), refers_to, attribute, font=item.word("Font"),
        )  # fmt: skip

    def _fill(self, item: Item) -> tuple[bool, bool]:
        style = item.word("FillStyle")
        return style == "Solid", style == "Hatch"

    def _stroke(self, item: Item) -> Stroke:
        nodes = item.data.get("Stroke")
        if not nodes:
            return _PLAIN
        fields = inner(nodes[0])
        width = 0.0
        if "Width" in fields:
            try:
                width = float(fields["Width"].text or "")
            except ValueError:
                self._miss("stroke width that is no number", fields["Width"])
        dash = value_text(fields["DashStyle"]) if "DashStyle" in fields else "Solid"
        if dash not in _DASHES and dash != "Solid":
            self._miss(f"dash style {dash!r}", fields["DashStyle"])
        color = self._colors.text([fields["Color"]] if "Color" in fields else [])
        return Stroke(width if 0.0 < width <= _WIDEST_MM else 0.0, color, _DASHES.get(dash, ()))


class Colors:
    """How a file writes colours: channels of 0 to 255 as the standard says, or of 0 to 1 as some exporters do."""

    def __init__(self, root: Any) -> None:
        kinds = (value for value in root.iter("AggregatedDataValue") if (value.get("type") or "").endswith(".Color"))
        channels = [channel for kind in kinds for channel in _channels(kind)]
        self._full = 255.0 if channels and max(channels) <= 1.0 else 1.0

    def text(self, nodes: list[Any]) -> str:
        """`#RRGGBB` of a value of type Color; empty for none."""
        channels = _channels(nodes[0]) if nodes else []
        if len(channels) != 3:
            return ""
        return "#" + "".join(f"{round(max(0.0, min(255.0, each * self._full))):02X}" for each in channels)


def _channels(color: Any) -> list[float]:
    fields = inner(color)
    found = []
    for name in "RGB":
        try:
            found.append(finite(fields[name], name) if name in fields else 0.0)
        except NotANumber:
            return []
    return found


def first_text(item: Item) -> str:
    """The string of a text, blanks and line ends as written."""
    return next((node.text or "" for node in item.data.get("Text", ())), "").replace("\r\n", "\n")


def template(text: Item) -> tuple[str, str]:
    """What a text shows by its template: the reference to the object, and an attribute, or `[A] [B]` for several.

    The first object named counts; Proteus XML knows only one, too.
    """
    found = text.part("Template")
    fragments = [] if found is None else found.parts.get("Fragments", [])
    shown = [each for each in fragments if each.class_name == "AttributeRepresentation"]
    if not shown:
        return "", ""
    objects = shown[0].references.get("Object", [])
    if len(fragments) == 1:
        return (objects[0] if objects else ""), shown[0].word("AttributeName")
    words = [
        f"[{each.word('AttributeName')}]" if each.class_name == "AttributeRepresentation" else first_text(each)
        for each in fragments
    ]
    return (objects[0] if objects else ""), "".join(words)


def usage_frame(usage: Item) -> Affine:
    """From a shape's own coordinates to the diagram's: scaled, mirrored left to right, turned clockwise, placed.

    Raises `NotANumber`.
    """
    x, y = usage.point("Position")
    turn = math.radians(usage.number("Rotation", 0.0))
    c, s = math.cos(turn), math.sin(turn)
    across = -1.0 if usage.word("IsMirrored").lower() in ("true", "1") else 1.0
    sx, sy = usage.number("ScaleX", 1.0) * across, usage.number("ScaleY", 1.0)
    return Affine(c * sx, s * sx, -s * sy, c * sy, x, y)
