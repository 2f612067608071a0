"""Symbols of our own for equipment, from the geometry rules of ISO 10628-2 and ISA-5.1; sizes in lanes of 4 mm.

Each has its origin in the middle of its body. A size is even in both directions, so the middle stands on the grid.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from math import cos, radians, sin
from typing import Final, Literal

from pid_renderer.drawing import Element, Point
from pid_renderer.layout.marks import HEAVY_MM, LIGHT_MM, Marks, arc, box, circle, letter, line, outline

LANE_MM: Final = 4.0
"""The grid on which symbols, ports and pipes stand."""

Side = Literal["left", "right", "top", "bottom"]
Draw = Callable[[float, float], Marks]
"""From width and height, mm, to the strokes."""


@dataclass(frozen=True)
class Symbol:
    """How one kind of equipment is drawn."""

    name: str
    width: int
    """Lanes."""
    height: int
    draw: Draw
    grows: bool = False
    """Whether the body may be stretched to give room for nozzles."""


def _tank(w: float, h: float) -> Marks:
    x, top, foot, rise = w / 2, -h / 2, h / 2, 0.12 * w
    return (
        line((-x, top + rise), (-x, foot), (x, foot), (x, top + rise), width=HEAVY_MM),
        line((-x, top + rise), (0.0, top), (x, top + rise), width=HEAVY_MM),
    )


def _open_tank(w: float, h: float) -> Marks:
    x, top, foot = w / 2, -h / 2, h / 2
    return (
        line((-x, top), (-x, foot), (x, foot), (x, top), width=HEAVY_MM),
        line((-x - 1.5, top), (-x, top), width=HEAVY_MM),
        line((x, top), (x + 1.5, top), width=HEAVY_MM),
    )


def floating_roof(w: float) -> Marks:
    """The roof of a tank `w` mm wide; its middle is where it floats."""
    x = w / 2 - 0.6
    return (outline((-x, -0.5), (x, -0.5), (x, 0.5), (-x, 0.5), filled=True),)


def _dished(w: float, h: float, *, upright: bool) -> Marks:
    """A cylinder with two elliptical heads, half as deep as wide (2:1 heads, ASME VIII-1 UG-32)."""
    if upright:
        x, deep = w / 2, w / 4
        y = h / 2 - deep
        return (
            line((-x, -y), (-x, y), width=HEAVY_MM),
            line((x, -y), (x, y), width=HEAVY_MM),
            arc((0.0, -y), x, deep, 180.0, 180.0, HEAVY_MM),
            arc((0.0, y), x, deep, 0.0, 180.0, HEAVY_MM),
        )
    y, deep = h / 2, h / 4
    x = w / 2 - deep
    return (
        line((-x, -y), (x, -y), width=HEAVY_MM),
        line((-x, y), (x, y), width=HEAVY_MM),
        arc((-x, 0.0), deep, y, 90.0, 180.0, HEAVY_MM),
        arc((x, 0.0), deep, y, -90.0, 180.0, HEAVY_MM),
    )


def _vessel(w: float, h: float) -> Marks:
    return _dished(w, h, upright=True)


def _drum(w: float, h: float) -> Marks:
    return _dished(w, h, upright=False)


def trays(w: float, top: float, bottom: float, count: int) -> Marks:
    """Trays between two heights, each open at one side in turn."""
    marks = []
    for row in range(count):
        y = top + (row + 0.5) * (bottom - top) / count
        left, right = (-w / 2, 0.28 * w) if row % 2 else (-0.28 * w, w / 2)
        marks.append(line((left, y), (right, y)))
    return tuple(marks)


def packing(w: float, top: float, bottom: float) -> Marks:
    """A packed bed: its two supports and a cross."""
    x = w / 2
    return (
        line((-x, top), (x, top)),
        line((-x, bottom), (x, bottom)),
        line((-x, top), (x, bottom)),
        line((-x, bottom), (x, top)),
    )


def _column(w: float, h: float) -> Marks:
    return (*_dished(w, h, upright=True), *trays(w, -h / 2 + 0.4 * w, h / 2 - 0.9 * w, max(4, round(h / 9))))


def _packed_column(w: float, h: float) -> Marks:
    bed = (h - 1.3 * w) / 2 - 2.0
    top = -h / 2 + 0.4 * w
    return (
        *_dished(w, h, upright=True),
        *packing(w, top, top + bed),
        *packing(w, top + bed + 4.0, top + 2 * bed + 4.0),
    )


def _sphere(w: float, h: float) -> Marks:
    r = min(w, h - 4.0) / 2
    y = -h / 2 + r
    legs = tuple(line((x, y + (r * r - x * x) ** 0.5), (x, h / 2)) for x in (-0.75 * r, -0.3 * r, 0.3 * r, 0.75 * r))
    return (circle(r, (0.0, y), HEAVY_MM), *legs, line((-r, h / 2), (r, h / 2)))


def _silo(w: float, h: float) -> Marks:
    x, top, knee = w / 2, -h / 2, h / 2 - 0.5 * w
    return (outline((-x, top), (x, top), (x, knee), (0.12 * w, h / 2), (-0.12 * w, h / 2), (-x, knee), width=HEAVY_MM),)


def _pump(w: float, h: float) -> Marks:
    r = min(w, h) / 2
    return (circle(r, width=HEAVY_MM), line((0.0, -r), (r, 0.0), (0.0, r)))


def _displacement_pump(w: float, h: float) -> Marks:
    r = min(w, h) / 2
    a = 0.34 * r
    return (*_pump(w, h), box(2 * a, 1.1 * r, (-0.42 * r, 0.0)), line((-0.42 * r - a, 0.0), (-0.42 * r + a, 0.0)))


def _gear_pump(w: float, h: float) -> Marks:
    r = min(w, h) / 2
    return (*_pump(w, h), circle(0.26 * r, (-0.3 * r, -0.26 * r)), circle(0.26 * r, (-0.3 * r, 0.26 * r)))


def _compressor(w: float, h: float) -> Marks:
    """Circle with two lines that converge along the flow (ISO 10628-2, 2301)."""
    r = min(w, h) / 2
    a, b = radians(125.0), radians(30.0)
    lines = tuple(line((r * cos(a), sign * r * sin(a)), (r * cos(b), sign * r * sin(b))) for sign in (1.0, -1.0))
    return (circle(r, width=HEAVY_MM), *lines)


def _blower(w: float, h: float) -> Marks:
    r = min(w, h) / 2
    return (circle(r, width=HEAVY_MM), line((0.0, -r), (r, 0.0), (0.0, r)), circle(0.3 * r, (-0.3 * r, 0.0)))


def _turbine(w: float, h: float) -> Marks:
    x = w / 2
    return (outline((-x, -0.22 * h), (x, -h / 2), (x, h / 2), (-x, 0.22 * h), width=HEAVY_MM),)


def _motor(w: float, h: float) -> Marks:
    r = min(w, h) / 2
    return (circle(r, width=HEAVY_MM), letter("M", r))


def _shell_and_tube(w: float, h: float) -> Marks:
    """Shell with a bundle between two tube sheets and a floating head."""
    x, y, head = w / 2, h / 2, 0.45 * h
    a = x - head
    return (
        box(2 * a, h, stroke=HEAVY_MM),
        arc((-a, 0.0), head, y, 90.0, 180.0, HEAVY_MM),
        arc((a, 0.0), head, y, -90.0, 180.0, HEAVY_MM),
        *(line((-a, offset * h), (a, offset * h)) for offset in (-0.2, 0.2)),
    )


def _kettle(w: float, h: float) -> Marks:
    x, y = w / 2, h / 2
    return (
        outline((-x, y), (-x, 0.1 * h), (-0.6 * x, 0.1 * h), (-0.25 * x, -y), (0.85 * x, -y), (x, -0.3 * h), (x, y),
                width=HEAVY_MM),
        line((-x, 0.22 * h), (0.4 * x, 0.22 * h), (0.4 * x, 0.38 * h), (-x, 0.38 * h)),
    )  # fmt: skip


def _exchanger(w: float, h: float) -> Marks:
    """The general sign: a circle and the zigzag of what is heated or cooled (ISO 10628-2, 2511)."""
    r = min(w, h) / 2
    points = ((-r, 0.0), (-0.5 * r, 0.0), (-0.22 * r, -0.5 * r), (0.22 * r, 0.5 * r), (0.5 * r, 0.0), (r, 0.0))
    return (circle(r, width=HEAVY_MM), *(line(a, b) for a, b in pairwise(points)))


def _plates(w: float, h: float) -> Marks:
    x, y = w / 2, h / 2
    return (
        box(w, h, stroke=HEAVY_MM),
        *(line((offset * w, -y), (offset * w, y)) for offset in (-0.3, -0.1, 0.1, 0.3)),
        line((-x, y), (x, -y)),
    )


def _air_cooler(w: float, h: float) -> Marks:
    """A finned bundle over a fan."""
    x, top = w / 2, -h / 2
    deep, fan = 0.5 * h, 0.32 * w
    middle = h / 2 - 0.18 * h
    zigzag = tuple((-x + 2 * x * step / 8, top + deep * (0.25 + 0.5 * (step % 2))) for step in range(9))
    return (
        box(w, deep, (0.0, top + deep / 2), HEAVY_MM),
        line(*zigzag),
        line((-x, top + deep), (-0.55 * x, h / 2), (0.55 * x, h / 2), (x, top + deep)),
        arc((-fan / 2, middle), fan / 2, 0.07 * h, 0.0, 359.9),
        arc((fan / 2, middle), fan / 2, 0.07 * h, 0.0, 359.9),
    )


def _furnace(w: float, h: float) -> Marks:
    """Radiant box, convection hood and stack; a coil from side to side, burners below."""
    x, y = w / 2, h / 2
    shoulder, neck, top = -0.12 * h, -0.28 * h, -y
    coil = ((-x, 0.02 * h), (0.3 * x, 0.02 * h), (-0.3 * x, 0.2 * h), (x, 0.2 * h))
    flame = tuple(line((at * x - 1.2, y), (at * x, y - 4.0), (at * x + 1.2, y)) for at in (-0.5, 0.0, 0.5))
    return (
        outline((-x, y), (-x, shoulder), (-0.22 * w, neck), (-0.1 * w, neck), (-0.1 * w, top), (0.1 * w, top),
                (0.1 * w, neck), (0.22 * w, neck), (x, shoulder), (x, y), width=HEAVY_MM),
        line(*coil),
        *flame,
    )  # fmt: skip


def _filter(w: float, h: float) -> Marks:
    x, y = w / 2, h / 2
    steps = 8
    screen = tuple(line((-x + 2 * x * i / steps, -y + 2 * y * i / steps), (-x + 2 * x * (i + 0.6) / steps,
                        -y + 2 * y * (i + 0.6) / steps)) for i in range(steps))  # fmt: skip
    return (box(w, h, stroke=HEAVY_MM), *screen)


def _mixer(w: float, h: float) -> Marks:
    x, y = w / 2, 0.35 * h
    wave = tuple((-x + 2 * x * step / 6, y * (1 if step % 2 else -1)) for step in range(7))
    return (box(w, h, stroke=HEAVY_MM), line(*wave))


def _cyclone(w: float, h: float) -> Marks:
    x, y = w / 2, h / 2
    return (
        outline((-x, -y), (x, -y), (x, -0.1 * h), (0.12 * w, y), (-0.12 * w, y), (-x, -0.1 * h), width=HEAVY_MM),
        line((0.0, -y), (0.0, -0.1 * h)),
    )


def _flare(w: float, h: float) -> Marks:
    y = h / 2
    return (
        line((-0.15 * w, y), (-0.15 * w, -0.2 * h), (0.15 * w, -0.2 * h), (0.15 * w, y), width=HEAVY_MM),
        line((0.0, -0.22 * h), (-0.28 * w, -0.36 * h), (0.0, -y), (0.28 * w, -0.36 * h), (0.0, -0.22 * h)),
        line((-w / 2, y), (w / 2, y), width=HEAVY_MM),
    )


def _generic(w: float, h: float) -> Marks:
    return (box(w, h, stroke=HEAVY_MM),)


def agitator(shaft: float) -> Marks:
    """A motor on a shaft `shaft` mm long with a two-bladed stirrer; the origin is where it enters the vessel."""
    return (
        circle(3.0, (0.0, -5.0), LIGHT_MM),
        letter("M", 3.0, (0.0, -5.0)),
        line((0.0, -2.0), (0.0, shaft)),
        outline((-5.0, shaft - 1.2), (0.0, shaft), (-5.0, shaft + 1.2)),
        outline((5.0, shaft - 1.2), (0.0, shaft), (5.0, shaft + 1.2)),
    )


GENERIC: Final = Symbol("generic", 8, 6, _generic, grows=True)

_BY_WORD: Final[tuple[tuple[str, Symbol], ...]] = (
    # The first word found in the class (or in the file's own symbol name) decides.
    ("floatingroof", Symbol("floating roof tank", 10, 10, _open_tank, grows=True)),
    ("sphere", Symbol("sphere", 10, 12, _sphere)),
    ("spherical", Symbol("sphere", 10, 12, _sphere)),
    ("silo", Symbol("silo", 6, 10, _silo, grows=True)),
    ("hopper", Symbol("silo", 6, 10, _silo, grows=True)),
    ("packedcolumn", Symbol("packed column", 6, 22, _packed_column, grows=True)),
    ("drum", Symbol("drum", 12, 6, _drum, grows=True)),
    ("horizontal", Symbol("drum", 12, 6, _drum, grows=True)),
    ("accumulator", Symbol("drum", 12, 6, _drum, grows=True)),
    ("threephase", Symbol("drum", 14, 6, _drum, grows=True)),
    ("desalter", Symbol("drum", 14, 6, _drum, grows=True)),
    ("cyclone", Symbol("cyclone", 6, 8, _cyclone)),
    ("reciprocatingpump", Symbol("displacement pump", 4, 4, _displacement_pump)),
    ("displacementpump", Symbol("displacement pump", 4, 4, _displacement_pump)),
    ("rotarypump", Symbol("gear pump", 4, 4, _gear_pump)),
    ("gearpump", Symbol("gear pump", 4, 4, _gear_pump)),
    ("screwpump", Symbol("gear pump", 4, 4, _gear_pump)),
    ("blower", Symbol("blower", 6, 6, _blower)),
    ("fan", Symbol("blower", 6, 6, _blower)),
    ("aircool", Symbol("air cooler", 10, 8, _air_cooler)),
    ("coolingtower", Symbol("air cooler", 10, 8, _air_cooler)),
    ("plate", Symbol("plate exchanger", 6, 8, _plates)),
    ("kettle", Symbol("kettle", 12, 6, _kettle)),
    ("reboiler", Symbol("kettle", 12, 6, _kettle)),
    ("shellandtube", Symbol("shell and tube exchanger", 12, 4, _shell_and_tube)),
    ("tubular", Symbol("shell and tube exchanger", 12, 4, _shell_and_tube)),
    ("tubebundle", Symbol("shell and tube exchanger", 12, 4, _shell_and_tube)),
    ("turbine", Symbol("turbine", 6, 6, _turbine)),
    ("motor", Symbol("motor", 4, 4, _motor)),
    ("filter", Symbol("filter", 4, 6, _filter)),
    ("sieve", Symbol("filter", 4, 6, _filter)),
    ("mixer", Symbol("mixer", 6, 4, _mixer)),
    ("mixing", Symbol("mixer", 6, 4, _mixer)),
    ("flare", Symbol("flare", 4, 18, _flare)),
)  # fmt: skip

_BY_FAMILY: Final[dict[str, Symbol]] = {
    "tank": Symbol("tank", 10, 10, _tank, grows=True),
    "vessel": Symbol("vessel", 6, 12, _vessel, grows=True),
    "column": Symbol("column", 6, 24, _column, grows=True),
    "pump": Symbol("pump", 4, 4, _pump),
    "compressor": Symbol("compressor", 6, 6, _compressor),
    "exchanger": Symbol("exchanger", 6, 6, _exchanger),
    "furnace": Symbol("furnace", 10, 14, _furnace),
}


def symbol_for(element: Element, parts: str = "") -> Symbol:
    """How an element is drawn; `parts` are class names of its parts, such as a roof or a packed bed."""
    words = f"{element.component_class} {element.symbol} {element.text('RoofType')}".lower()
    words = words.replace("_", "").replace(" ", "")
    if "floatingroof" in parts.lower():
        words += " floatingroof"
    if element.family == "column" and "packing" in parts.lower():
        words += " packedcolumn"
    for word, symbol in _BY_WORD:
        if word in words:
            return symbol
    return _BY_FAMILY.get(element.family, GENERIC)


def corner(point: Point) -> tuple[int, int]:
    """The lane crossing nearest to a place, lanes."""
    return round(point[0] / LANE_MM), round(point[1] / LANE_MM)
