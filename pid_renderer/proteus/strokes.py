"""Each Proteus stroke (Line, PolyLine, CenterLine, Shape, Circle, Ellipse, TrimmedCurve, BsplineCurve, Text) as a
primitive of the drawing."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any, Final, Literal

from pid_renderer.drawing import Arc, Layer, Placement, Point, Polyline, Primitive, Stroke, Text
from pid_renderer.proteus.geometry import Affine, NotANumber, ellipse, number, position, scale, sweep, symbol_frame

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

_WIDEST_MM: Final = 5.0


class Pencil:
    """Turns stroke elements into primitives; what it cannot read goes to `miss(what, node)`."""

    def __init__(self, unit_mm: float, miss: Callable[[str, Any], None]) -> None:
        self._unit_mm = unit_mm
        self._miss = miss

    def draw(self, node: Any, owner: str, layer: Layer, frame: Affine, *, pipe: bool) -> list[Primitive]:
        """The primitives of one stroke element, `frame` mapping its coordinates to sheet millimetres."""
        try:
            return list(self._draw(node, owner, layer, frame, pipe))
        except NotANumber as error:
            self._miss(f"{node.tag}: {error}", node)
            return []

    def _draw(self, node: Any, owner: str, layer: Layer, frame: Affine, pipe: bool) -> Iterator[Primitive]:
        stroke = self._stroke(node)
        filled = (node.get("Filled") or "").lower() in ("solid", "true")
        match node.tag:
            case "Line" | "PolyLine" | "CenterLine" | "Shape":
                points = self._points(node, frame)
                if len(points) < 2:
                    self._miss(f"{node.tag} with {len(points)} points", node)
                    return
                shape = node.tag == "Shape"
                closed = shape or (len(points) > 2 and math.dist(points[0], points[-1]) < 1e-6)
                yield Polyline(owner, layer, points, stroke, filled, closed, pipe or node.tag == "CenterLine")
            case "Circle" | "Ellipse":
                yield self._arc(node, owner, layer, frame, 0.0, 360.0, stroke, filled)
            case "TrimmedCurve":
                start, end = number(node, "StartAngle"), number(node, "EndAngle")
                for curve in node:
                    if curve.tag in ("Circle", "Ellipse"):
                        own = self._stroke(curve) if curve.find("Presentation") is not None else stroke
                        yield self._arc(curve, owner, layer, frame, start, sweep(start, end), own, filled)
                    elif curve.tag in ("Line", "PolyLine"):
                        yield from self._draw(curve, owner, layer, frame, pipe)
            case "CompositeCurve":
                for part in node:
                    if part.tag in DRAWN:
                        yield from self._draw(part, owner, layer, frame, pipe)
            case "BsplineCurve":
                # Control polygon: exact for degree 1; for higher degrees it encloses the curve, and says so.
                points = self._points(
                    node.find("ControlPoints") if node.find("ControlPoints") is not None else node, frame
                )
                self._miss("BsplineCurve drawn by its control points", node)
                if len(points) >= 2:
                    yield Polyline(owner, layer, points, stroke, filled, closed=False, pipe=pipe)
            case "Text":
                yield from self._text(node, owner, layer, frame)

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
    ) -> Arc:
        own = position(node)
        if own is None:
            raise NotANumber("no position")
        rx = number(node, "Radius") if node.tag == "Circle" else number(node, "PrimaryAxis")
        ry = rx if node.tag == "Circle" else number(node, "SecondaryAxis")
        filled = filled or (node.get("Filled") or "").lower() in ("solid", "true")
        return Arc(owner, layer, *ellipse(frame.after(own), rx, ry, start, turn), stroke, filled)

    def _text(self, node: Any, owner: str, layer: Layer, frame: Affine) -> Iterator[Text]:
        own = position(node)
        if own is None:
            raise NotANumber("no position")
        template = node.find("TextStringFormatSpecification/ObjectAttributesReference[@ItemID]")
        refers_to, shown = node.get("ItemID") or "", node.get("DependantAttribute") or ""
        if template is not None:
            refers_to, shown = template.get("ItemID"), template.get("DependantAttribute") or ""
        text = (node.get("String") or "").replace("\r\n", "\n").replace("\\n", "\n")
        if not text.strip() and not shown:
            if node.get("String") is None:
                self._miss("Text without a string", node)
            return
        turned = number(node, "TextAngle", 0.0) if _is_number(node.get("TextAngle")) else 0.0
        place = frame.after(own)
        justification = node.get("Justification") or "LeftBottom"
        horizontal: Literal["left", "center", "right"] = (
            "center" if justification.startswith("Center") else "right" if justification.startswith("Right") else "left"
        )
        vertical: Literal["top", "center", "bottom"] = (
            "top" if justification.endswith("Top") else "bottom" if justification.endswith("Bottom") else "center"
        )
        angle = (place.direction_deg(turned) + 180.0) % 360.0 - 180.0
        if abs(angle) > 179.5:
            # Upside down only ever comes from a mirrored or turned symbol; people read such a text upright.
            angle, horizontal = 0.0, {"left": "right", "right": "left", "center": "center"}[horizontal]  # type: ignore[assignment]
        height = number(node, "Height") * place.size
        yield Text(
            owner, layer, text, place(0.0, 0.0), height, angle, horizontal, vertical, _color(node), refers_to, shown
        )

    def _stroke(self, node: Any) -> Stroke:
        found = node.find("Presentation")
        if found is None:
            return Stroke(0.0, "", ())
        try:
            width = number(found, "LineWeight", 0.0) * self._unit_mm
        except NotANumber:
            self._miss("line weight that is no number", found)
            width = 0.0
        dash = _DASHES.get((found.get("LineType") or "").strip().lower(), ())
        return Stroke(width if 0.0 < width <= _WIDEST_MM else 0.0, _color(node), dash)


def _is_number(text: str | None) -> bool:
    try:
        float(text or "")
    except ValueError:
        return False
    return True


def _color(node: Any) -> str:
    found = node.find("Presentation")
    if found is None or not all(_is_number(found.get(name)) for name in "RGB"):
        return ""
    parts = [float(found.get(name)) for name in "RGB"]
    unit = 255.0 if max(parts) <= 1.0 else 1.0
    return "#" + "".join(f"{max(0, min(255, round(part * unit))):02X}" for part in parts)


def placement(node: Any, sheet: Affine) -> Placement | None:
    """Where the symbol of `node` stands on the sheet; None for an element without a position."""
    frame = symbol_frame(node)
    if frame is None:
        return None
    placed = sheet.after(frame)
    mirrored = frame.a * frame.d - frame.b * frame.c < 0
    return Placement(placed(0.0, 0.0), placed.direction_deg(0.0), mirrored, scale(node))
