"""Each Proteus stroke (Line, PolyLine, CenterLine, Shape, Circle, Ellipse, TrimmedCurve, CompositeCurve, BsplineCurve)
as a primitive of the drawing; texts are read by `lettering`."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any, Final

from pid_renderer.drawing import Arc, Layer, Placement, Point, Polyline, Primitive, Stroke
from pid_renderer.proteus import bspline
from pid_renderer.proteus.geometry import (
    Affine,
    NotANumber,
    beyond,
    ellipse,
    number,
    position,
    scale,
    sweep,
    symbol_frame,
)
from pid_renderer.proteus.habits import Habits
from pid_renderer.proteus.lettering import text

DRAWN: Final = frozenset(
    {
        "Line",
        "PolyLine",
        "CenterLine",
        "Shape",
        "Circle",
        "Ellipse",
        "TrimmedCurve",
        "CompositeCurve",
        "BsplineCurve",
        "Text",
    }
)
NOT_DRAWN: Final = frozenset({"Position", "Scale", "Extent", "Presentation", "GenericAttributes"})

_DASHES: Final[dict[str, tuple[float, ...]]] = {
    # Numbers as in the Proteus schema's documentation, lengths in line widths.
    "1": (1, 3), "dotted": (1, 3), "2": (6, 4), "dashed": (6, 4), "3": (12, 4), "long dash": (12, 4),
    "4": (12, 3, 4, 3), "long dash short dash": (12, 3, 4, 3), "5": (4, 3), "short dash": (4, 3),
    "6": (12, 3, 4, 3, 4, 3), "7": (12, 3, 1, 3), "dash dot": (12, 3, 1, 3),
}  # fmt: skip
_SOLID: Final = frozenset({"", "0", "solid", "continuous", "bylayer", "byblock"})

_WIDEST_MM: Final = 5.0


class Pencil:
    """Turns stroke elements into primitives; what it cannot read goes to `miss(what, node)`."""

    def __init__(self, unit_mm: float, letter_mm: float, habits: Habits, miss: Callable[[str, Any], None]) -> None:
        self._unit_mm = unit_mm
        self._letter = letter_mm / unit_mm
        self._habits = habits
        self._miss = miss

    def draw(self, node: Any, owner: str, layer: Layer, frame: Affine, *, pipe: bool) -> list[Primitive]:
        """The primitives of one stroke element, `frame` mapping its coordinates to sheet millimetres."""
        try:
            drawn = list(self._draw(node, owner, layer, frame, pipe, Stroke(0.0, "", ())))
        except NotANumber as error:
            self._miss(f"{node.tag}: {error}", node)
            return []
        if any(map(beyond, drawn)):
            self._miss(f"{node.tag} far beyond the sheet", node)
            return []
        return drawn

    def _draw(
        self, node: Any, owner: str, layer: Layer, frame: Affine, pipe: bool, around: Stroke
    ) -> Iterator[Primitive]:
        """`around` is the stroke of the curve that `node` is part of."""
        stroke = around if node.find("Presentation") is None else self._stroke(node)
        filled, hatched = _fill(node)
        match node.tag:
            case "Line" | "PolyLine" | "CenterLine" | "Shape":
                points = self._points(node, frame)
                if len(points) < 2:
                    self._miss(f"{node.tag} with {len(points)} points", node)
                    return
                shape = node.tag == "Shape"
                closed = shape or (len(points) > 2 and math.dist(points[0], points[-1]) < 1e-6)
                yield Polyline(owner, layer, points, stroke, filled, closed, pipe or node.tag == "CenterLine", hatched)
            case "Circle" | "Ellipse":
                yield self._arc(node, owner, layer, frame, 0.0, 360.0, stroke, filled, hatched)
            case "TrimmedCurve":
                start, end = (number(node, name) * self._habits.degrees for name in ("StartAngle", "EndAngle"))
                for curve in node:
                    if curve.tag in ("Circle", "Ellipse"):
                        own = stroke if curve.find("Presentation") is None else self._stroke(curve)
                        fill = _fill(curve)
                        yield self._arc(
                            curve, owner, layer, frame, start, sweep(start, end), own, filled or fill[0],
                            hatched or fill[1],
                        )  # fmt: skip
                    elif curve.tag in ("Line", "PolyLine"):
                        yield from self._draw(curve, owner, layer, frame, pipe, stroke)
            case "CompositeCurve":
                for part in node:
                    if part.tag in DRAWN:
                        yield from self._draw(part, owner, layer, frame, pipe, stroke)
            case "BsplineCurve":
                yield self._bspline(node, owner, layer, frame, stroke, pipe)
            case "Text":
                on_sheet = abs(frame.size - self._unit_mm) < 1e-9 * self._unit_mm
                letter = self._letter if on_sheet else 1.0
                written = text(node, owner, layer, frame, self._habits, color_of(node), letter)
                if written is not None:
                    yield written
                elif node.get("String") is None:
                    self._miss("Text without a string", node)

    def _points(self, node: Any, frame: Affine) -> tuple[Point, ...]:
        return tuple(frame(number(point, "X"), number(point, "Y")) for point in node.iterfind("Coordinate"))

    def _arc(
        self,
        node: Any,
        owner: str,
        layer: Layer,
        frame: Affine,
        start: float,
        turn: float,
        stroke: Stroke,
        filled: bool,
        hatched: bool,
    ) -> Arc:
        own = position(node)
        if own is None:
            raise NotANumber("no position")
        rx = number(node, "Radius") if node.tag == "Circle" else number(node, "PrimaryAxis")
        ry = rx if node.tag == "Circle" else number(node, "SecondaryAxis")
        return Arc(owner, layer, *ellipse(frame.after(own), rx, ry, start, turn), stroke, filled, hatched)

    def _bspline(self, node: Any, owner: str, layer: Layer, frame: Affine, stroke: Stroke, pipe: bool) -> Polyline:
        holder = node.find("ControlPoints")
        points = self._points(node if holder is None else holder, frame)
        degree = int(number(node, "Degree", 3.0))
        knots = _numbers(node, "Knots/Knot")
        counts = _numbers(node, "KnotMultiplicities/Multiplicity")
        if counts:
            if len(counts) != len(knots) or sum(counts) > len(points) + bspline.HIGHEST_DEGREE + 1:
                raise NotANumber(f"{len(counts)} multiplicities for {len(knots)} knots")
            knots = [knot for knot, count in zip(knots, counts, strict=True) for _ in range(int(count))]
        weights = _numbers(node, "WeightsData/ControlPointWeight")
        closed = (node.get("Closed") or "").lower() in ("true", "1")
        if closed and not knots and len(points) > degree > 0:
            # A closed curve without knots is periodic: it runs around all its points and meets itself smoothly.
            points += points[:degree]
            weights += weights[:degree]
            knots = [float(i) for i in range(len(points) + degree + 1)]
        try:
            curve = bspline.sampled(points, degree, knots, weights)
        except ValueError as error:
            raise NotANumber(str(error)) from error
        filled, hatched = _fill(node)
        return Polyline(owner, layer, curve, stroke, filled, closed, pipe, hatched)

    def _stroke(self, node: Any) -> Stroke:
        found = node.find("Presentation")
        try:
            width = number(found, "LineWeight", 0.0) * self._letter * self._unit_mm
        except NotANumber:
            self._miss("line weight that is no number", found)
            width = 0.0
        kind = (found.get("LineType") or "").strip().lower()
        if kind not in _SOLID and kind not in _DASHES:
            self._miss(f"line type {kind[:20]!r} drawn solid", found)
        return Stroke(width if 0.0 < width <= _WIDEST_MM else 0.0, color_of(node), _DASHES.get(kind, ()))


def _fill(node: Any) -> tuple[bool, bool]:
    """Whether the file fills it, and whether it hatches it."""
    style = (node.get("Filled") or "").lower()
    return style in ("solid", "true"), style == "hatch"


def _numbers(node: Any, path: str) -> list[float]:
    try:
        found = [float(item.text or "") for item in node.iterfind(path)]
    except ValueError as error:
        raise NotANumber(f"{path} that is no number") from error
    if not all(map(math.isfinite, found)):
        raise NotANumber(f"{path} that is no finite number")
    return found


def color_of(node: Any) -> str:
    """`#RRGGBB` of an element's presentation; empty where it has none."""
    found = node.find("Presentation")
    if found is None:
        return ""
    try:
        parts = [float(found.get(name) or "") for name in "RGB"]
    except ValueError:
        return ""
    if not all(map(math.isfinite, parts)):
        return ""
    unit = 255.0 if max(parts) <= 1.0 else 1.0
    return "#" + "".join(f"{round(max(0.0, min(255.0, part * unit))):02X}" for part in parts)


def placement(node: Any, sheet: Affine) -> Placement | None:
    """Where the symbol of `node` stands on the sheet; None for an element without a position."""
    frame = symbol_frame(node)
    if frame is None:
        return None
    placed = sheet.after(frame)
    mirrored = frame.a * frame.d - frame.b * frame.c < 0
    return Placement(placed(0.0, 0.0), placed.direction_deg(0.0), mirrored, scale(node))
