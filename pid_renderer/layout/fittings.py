"""Symbols of our own for what sits in a pipe, and for instruments: valves, reducers, orifices, arrows, bubbles.

In-line symbols lie along x, the fluid comes from the left; all sizes in millimetres.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import asin, cos, radians, sin
from typing import Final, Literal

from pid_renderer.drawing import Element
from pid_renderer.layout.marks import LIGHT_MM, SIGNAL_MM, Marks, arc, box, circle, letter, line, outline

BUBBLE_MM: Final = 12.0
"""Diameter of an instrument's bubble: room for two lines of 2.5 mm text."""


@dataclass(frozen=True)
class Fitting:
    """One in-line symbol. Pipes meet it at (±`half`, 0)."""

    half: float
    marks: Marks
    rise: float = 3.0
    """Half its height."""


def _bow_tie(half: float = 4.0, rise: float = 2.6) -> Marks:
    return (outline((-half, rise), (-half, -rise), (0.0, 0.0)), outline((half, rise), (half, -rise), (0.0, 0.0)))


def _bow_tie_round(radius: float) -> Marks:
    """Two halves that end at a circle in the middle."""
    slope = asin(2.6 / 4.77)
    x, y = radius * cos(slope), radius * sin(slope)
    return (
        outline((-4.0, 2.6), (-4.0, -2.6), (-x, -y), (-x, y)),
        outline((4.0, 2.6), (4.0, -2.6), (x, -y), (x, y)),
        circle(radius),
    )


def _springs(x: float, top: float) -> Marks:
    return tuple(line((x - 1.5, top - 1.3 * i), (x + 1.5, top - 1.3 * i - 1.0)) for i in range(3))


_GATE: Final = Fitting(4.0, (*_bow_tie(), line((0.0, -1.8), (0.0, 1.8))))
_VALVE: Final = Fitting(4.0, _bow_tie())
_FLANGED: Final = Fitting(1.0, (line((-0.6, -2.6), (-0.6, 2.6)), line((0.6, -2.6), (0.6, 2.6))))

_BY_WORD: Final[tuple[tuple[str, Fitting], ...]] = (
    ("safety", Fitting(4.0, (*_bow_tie(), line((0.0, 0.0), (0.0, -6.5)), *_springs(0.0, -2.4)), 6.5)),
    ("relief", Fitting(4.0, (*_bow_tie(), line((0.0, 0.0), (0.0, -6.5)), *_springs(0.0, -2.4)), 6.5)),
    ("rupturedis", Fitting(3.0, (box(6.0, 5.2), arc((-1.6, 0.0), 2.6, 2.6, -90.0, 180.0)))),
    ("check", Fitting(4.0, (
        line((-4.0, -2.6), (-4.0, 2.6)), line((4.0, -2.6), (4.0, 2.6)), line((-4.0, 2.6), (4.0, -2.6)),
        outline((4.0, -2.6), (1.4, -2.2), (2.7, -0.6), filled=True)))),
    ("nonreturn", Fitting(4.0, (
        line((-4.0, -2.6), (-4.0, 2.6)), line((4.0, -2.6), (4.0, 2.6)), line((-4.0, 2.6), (4.0, -2.6)),
        outline((4.0, -2.6), (1.4, -2.2), (2.7, -0.6), filled=True)))),
    ("threeway", Fitting(4.0, (*_bow_tie(), outline((-2.6, 4.0), (2.6, 4.0), (0.0, 0.0))), 4.0)),
    ("butterfly", Fitting(4.0, (
        line((-4.0, -2.6), (-4.0, 2.6)), line((4.0, -2.6), (4.0, 2.6)), line((-4.0, 2.6), (4.0, -2.6)),
        circle(0.7, filled=True)))),
    ("globe", Fitting(4.0, (*_bow_tie(), circle(1.1, filled=True)))),
    ("needle", Fitting(4.0, (*_bow_tie(), outline((-0.9, -2.2), (0.9, -2.2), (0.0, 0.0), filled=True)))),
    ("ball", Fitting(4.0, _bow_tie_round(1.5))),
    ("plug", Fitting(4.0, (*_bow_tie(), outline((-1.2, 0.0), (0.0, -1.2), (1.2, 0.0), (0.0, 1.2))))),
    ("gate", _GATE),
    ("angle", Fitting(4.0, _bow_tie())),
    ("reducer", Fitting(3.0, (outline((-3.0, -2.4), (3.0, -1.2), (3.0, 1.2), (-3.0, 2.4)),))),
    ("blindflange", Fitting(0.5, (line((0.0, -2.8), (0.0, 2.8), width=0.9),))),
    ("blind", Fitting(0.5, (line((0.0, -2.8), (0.0, 2.8), width=0.9),))),
    ("endcap", Fitting(1.5, (arc((-1.0, 0.0), 2.2, 2.2, -90.0, 180.0),))),
    ("flange", _FLANGED),
    ("spectacle", Fitting(3.0, (circle(1.5, (0.0, -1.6)), circle(1.5, (0.0, 1.6), filled=True)), 3.2)),
    ("orifice", _FLANGED),
    ("venturi", Fitting(4.0, (outline((-4.0, -2.4), (0.0, -0.8), (4.0, -2.4), (4.0, 2.4), (0.0, 0.8), (-4.0, 2.4)),))),
    ("flowmeter", Fitting(3.0, (circle(3.0), letter("F", 3.2)))),
    ("flowmeasur", Fitting(3.0, (circle(3.0), letter("F", 3.2)))),
    ("primaryelement", _FLANGED),
    ("strainer", Fitting(4.0, (box(8.0, 5.2), line((-4.0, 2.6), (4.0, -2.6))))),
    ("filter", Fitting(4.0, (box(8.0, 5.2), line((-4.0, 2.6), (4.0, -2.6))))),
    ("steamtrap", Fitting(3.0, (circle(3.0), line((-2.1, 2.1), (2.1, -2.1))))),
    ("trap", Fitting(3.0, (circle(3.0), line((-2.1, 2.1), (2.1, -2.1))))),
    ("sightglass", Fitting(3.0, (circle(3.0), circle(1.6)))),
    ("silencer", Fitting(5.0, (box(10.0, 5.2),))),
    ("compensator", Fitting(3.0, (line((-3.0, 0.0), (-1.8, -2.4), (-0.6, 2.4), (0.6, -2.4), (1.8, 2.4), (3.0, 0.0)),))),
    ("hose", Fitting(3.0, (line((-3.0, 0.0), (-1.8, -2.4), (-0.6, 2.4), (0.6, -2.4), (1.8, 2.4), (3.0, 0.0)),))),
    ("propertybreak", Fitting(0.8, (line((0.0, -3.0), (0.0, 3.0)), line((-1.4, -3.0), (1.4, -3.0)),
                                   line((-1.4, 3.0), (1.4, 3.0))))),
    ("tee", Fitting(0.6, (circle(0.6, filled=True),), 0.6)),
    ("tapping", Fitting(0.6, (circle(0.6, filled=True),), 0.6)),
)  # fmt: skip

_ANY: Final = Fitting(2.0, (box(4.0, 4.0),))

IN_ARROW: Final = Fitting(8.0, (outline((-8.0, -3.2), (4.0, -3.2), (8.0, 0.0), (4.0, 3.2), (-8.0, 3.2)),), 3.2)
"""Off-page connector, a signpost along the flow."""


def fitting_for(element: Element) -> Fitting:
    """How an in-line element is drawn; a plain box for a class we have no sign for."""
    words = f"{element.component_class} {element.symbol}".lower().replace("_", "").replace(" ", "")
    for word, found in _BY_WORD:
        if word in words:
            return found
    return _VALVE if element.family == "valve" else _ANY


DIAPHRAGM: Final[Marks] = (arc((0.0, 0.0), 3.0, 3.0, 180.0, 180.0), line((-3.0, 0.0), (3.0, 0.0)))
"""A diaphragm actuator; its foot is at the origin."""
MOTOR: Final[Marks] = (circle(2.8, (0.0, -2.8)), letter("M", 3.2, (0.0, -2.8)))
PISTON: Final[Marks] = (box(5.0, 5.0, (0.0, -2.5)), line((-2.5, -3.4), (2.5, -3.4)))
SOLENOID: Final[Marks] = (box(5.0, 5.0, (0.0, -2.5)), letter("S", 3.2, (0.0, -2.5)))
HAND: Final[Marks] = (line((-2.5, -1.5), (2.5, -1.5)), line((0.0, 0.0), (0.0, -1.5)))


def actuator_for(words: str) -> Marks:
    """The actuator a class or type name speaks of; a diaphragm where it says nothing (ISA-5.1: unspecified)."""
    lowered = words.lower()
    if "motor" in lowered or "electric" in lowered:
        return MOTOR
    if "piston" in lowered or "cylinder" in lowered or "hydraulic" in lowered:
        return PISTON
    if "solenoid" in lowered:
        return SOLENOID
    if "hand" in lowered or "manual" in lowered:
        return HAND
    return DIAPHRAGM


Where = Literal["field", "panel", "central"]


def bubble(where: Where) -> Marks:
    """ISA-5.1 bubble: in the field, on a local panel (line), in the control system (line and square)."""
    r = BUBBLE_MM / 2
    ring = circle(r)
    if where == "field":
        return (ring,)
    bar = line((-r, 0.0), (r, 0.0), width=SIGNAL_MM)
    return (ring, bar) if where == "panel" else (ring, box(BUBBLE_MM, BUBBLE_MM, stroke=LIGHT_MM), bar)


def arrow_head(angle_deg: float) -> Marks:
    """A filled flow arrow, its tip at the origin, looking along `angle_deg` (clockwise from the right)."""
    c, s = cos(radians(angle_deg)), sin(radians(angle_deg))
    return (outline(*((x * c - y * s, x * s + y * c) for x, y in ((0.0, 0.0), (-3.0, -1.2), (-3.0, 1.2))),
                    filled=True),)  # fmt: skip
