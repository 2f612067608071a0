"""What colour, weight and dash a theme gives to the strokes of a drawing. No Qt: canvas and SVG use the same answer.

The file's own colours (a draughtsman's layers) are not shown: on a screen a hue has a meaning.
Weights and dashes are the file's; a pipe whose fluid is known takes those of its service.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from statistics import median
from typing import Final, NamedTuple

from pid_renderer.component_class import service
from pid_renderer.drawing import OWNER_BY_HAND, Drawing, Element, Polyline, Primitive, Text
from pid_renderer.shape import roof_parts
from resources.theme import Theme, tokens

_FLUID_ATTRIBUTES: Final = ("FluidCode", "FluidName", "Fluid", "OperFluidCode", "Service")
FAINT: Final = 0.45
"""How much of its ink a pipe keeps in which nothing flows."""
DOTS_PX: Final = (2.0, 5.0)
"""Dot and gap of a pipe of which nobody knows whether anything flows in it."""
_USUAL_PX_PER_MM: Final = 3.0
"""An ISA bubble is 10 mm on paper and 30 px on the screen."""


class Ink(NamedTuple):
    """A stroke as the screen draws it at 100 %."""

    token: str
    """Colour token of the theme, or `service.<name>`."""
    width_px: float
    dash_px: tuple[float, ...]
    pipe_of: str = ""
    """Service of the pipe whose run this is: the theme knows its weight and dash (see `pipe`); else empty."""


@lru_cache(maxsize=32)
def reading_scale(drawing: Drawing) -> float:
    """Pixels per millimetre at 100 %: instrument bubbles get the size the design gives them, on any sheet."""
    sizes = [
        min(element.box.width, element.box.height)
        for element in drawing.elements.values()
        if element.family == "instrument" and element.box is not None and element.symbol
    ]
    sizes = [size for size in sizes if size > 0.5]
    if not sizes:
        return _USUAL_PX_PER_MM
    return float(2 * tokens()["symbol"]["bubbleRadius"] / median(sizes))


def service_of(drawing: Drawing, element: Element | None) -> str:
    """Service of the pipe an element belongs to, by the nearest fluid attribute upwards; empty where not known."""
    while element is not None:
        found = service(element.text(*_FLUID_ATTRIBUTES))
        if found:
            return found
        element = drawing.elements.get(element.parent)
    return ""


def product_of(drawing: Drawing, element: Element) -> str:
    """Service of what a tank or vessel holds: as it says itself, as its pipes agree, or by its name; else empty."""
    pipes = _services_at(drawing).get(element.id, frozenset())
    return (
        service(element.text(*_FLUID_ATTRIBUTES))
        or (next(iter(pipes)) if len(pipes) == 1 else "")
        or service(element.text("EquipmentDescription", "Description"))
    )


@lru_cache(maxsize=8)
def _services_at(drawing: Drawing) -> dict[str, frozenset[str]]:
    """Services of the pipes at each item, by its id: those that end at its nozzles too."""
    found: dict[str, set[str]] = {}
    for joint in drawing.connections:
        of = service_of(drawing, drawing.elements.get(joint.segment))
        for end in (joint.source, joint.target) if of else ():
            element = drawing.elements.get(end)
            while element is not None:
                found.setdefault(element.id, set()).add(of)
                element = drawing.elements.get(element.parent)
    return {id_: frozenset(services) for id_, services in found.items()}


def inks(drawing: Drawing) -> Iterator[tuple[Primitive, Ink]]:
    """Each primitive with its ink, in painting order."""
    scale = reading_scale(drawing)
    services: dict[str, str] = {}
    roofs = {
        id_ for element in drawing.elements.values() if element.family == "tank" for id_ in roof_parts(drawing, element)
    }
    for primitive in drawing.primitives:
        if primitive.owner in roofs and not isinstance(primitive, Text):
            # Where a level is known it is drawn there; at the file's own height it must not pass for a measured one.
            yield replace(primitive, filled=False), Ink("line.strong", 1.0, (4.0, 4.0))
            continue
        if isinstance(primitive, Text):
            yield primitive, Ink(text_token(drawing, primitive), 0.0, ())
            continue
        if primitive.filled and primitive.stroke.color and primitive.stroke.color == drawing.ground:
            # A patch of the ground covers the lines under a symbol; in an ink of the theme it would be a black blot.
            yield primitive, Ink("bg.canvas", 1.0, ())
            continue
        owner = drawing.elements.get(primitive.owner)
        if primitive.owner not in services:
            services[primitive.owner] = service_of(drawing, owner) if primitive.layer == "piping" else ""
        found = services[primitive.owner]
        in_pipe = isinstance(primitive, Polyline) and primitive.pipe
        if found and (in_pipe or (owner is not None and owner.family == "fitting")):
            yield primitive, Ink(f"service.{found}", 1.4, (), found if in_pipe else "")
            continue
        token = "line.strong" if primitive.layer == "sheet" else "equip.line"
        width = primitive.stroke.width_mm * scale or _default_width(primitive)
        dash = tuple(length * max(width, 1.0) for length in primitive.stroke.dash)
        yield primitive, Ink(token, max(1.0, min(4.0, width)), dash)


def _default_width(primitive: Primitive) -> float:
    stroke = tokens()["stroke"]
    if primitive.layer == "instruments":
        return float(stroke["signal"])
    return float(stroke["processMinor"] if primitive.layer == "piping" else stroke["equipment"])


def text_token(drawing: Drawing, text: Text) -> str:
    """The colour token of a text; names are primary, and bolder."""
    owner = drawing.elements.get(text.owner)
    if text.owner.startswith(OWNER_BY_HAND):
        return "text.primary"
    if owner is None or text.layer == "sheet":
        return "text.tertiary"
    if "TagName" in owner.component_class or owner.family == "instrument" or "Instrumentation" in owner.component_class:
        return "text.primary"
    return "text.secondary"


_OF_PRODUCT: Final = 0.7
"""How much of a product's hue its tank's contents take: a whisper, no darker than grey, so numbers stay legible."""


def color(theme: Theme, token: str) -> str:
    """`#RRGGBB` of an ink's token; `liquid.<service>` is the contents of a tank that holds that product.

    `faint.<token>` is that token at 45 % over the ground: what it would be if it let the ground through, without the
    darker dots where two ends of translucent lines meet.
    """
    kind, _, name = token.partition(".")
    if kind == "faint":
        return mixed(color(theme, name), theme["bg.canvas"], FAINT)
    if kind == "liquid":
        grey = theme["equip.liquid"]
        return _tinged(grey, theme.services[name].color) if name in theme.services else grey
    return theme.services[name].color if kind == "service" and name in theme.services else theme[token]


def mixed(one: str, other: str, part: float) -> str:
    """`part` of one colour and the rest of another."""
    pairs = ((int(one[i : i + 2], 16), int(other[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(part * a + (1 - part) * b):02X}" for a, b in pairs)


def _tinged(grey: str, hue: str) -> str:
    """`grey` leaning to `hue`, as light as before: each channel moves by how far the hue's stands off its own luma."""
    base, tone = ([int(text[i : i + 2], 16) for i in (1, 3, 5)] for text in (grey, hue))
    luma = sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), tone, strict=True))  # Rec. 709
    parts = (round(b + _OF_PRODUCT * (part - luma)) for b, part in zip(base, tone, strict=True))
    return "#" + "".join(f"{min(255, max(0, part)):02X}" for part in parts)


def pipe(theme: Theme, service_name: str) -> Ink:
    """How a theme draws the pipes of a service."""
    drawn = theme.services[service_name]
    return Ink(f"service.{service_name}", drawn.width, drawn.dash)
