"""Our own shape catalogue: symbols built from the geometry rules of ISO 10628-2 and ISA-5.1, millimetres, Y up.

The origin is where an item is inserted: the middle of an in-line symbol, the foot of a standing tank. In-line symbols
lie along X, inlet left; a vertical one is the same symbol turned by the item's Reference.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, pi, sin
from typing import Final

Point = tuple[float, float]


@dataclass(frozen=True)
class Stroke:
    """An open or closed line; `closed` repeats the first point, `filled` paints the inside."""

    points: tuple[Point, ...]
    filled: bool = False
    weight: float = 0.5


@dataclass(frozen=True)
class Ring:
    """A circle round `centre`."""

    radius: float
    centre: Point = (0.0, 0.0)
    weight: float = 0.5


@dataclass(frozen=True)
class Letter:
    """A text that is part of the symbol, such as a motor's M."""

    text: str
    height: float
    centre: Point = (0.0, 0.0)


@dataclass(frozen=True)
class Symbol:
    """One entry of the catalogue: the Proteus element that holds it, and what is drawn."""

    element: str
    parts: tuple[Stroke | Ring | Letter, ...]
    half_length: float = 0.0
    """In-line symbols: half the distance between inlet and outlet."""


def _closed(*points: Point, filled: bool = False, weight: float = 0.5) -> Stroke:
    return Stroke((*points, points[0]), filled, weight)


def _arc(centre: Point, radius: float, start: float, end: float, steps: int = 16) -> tuple[Point, ...]:
    """Points on a circle from `start` to `end`, angles in half turns (1.0 = 180°)."""
    angles = [(start + (end - start) * step / steps) * pi for step in range(steps + 1)]
    return tuple((round(centre[0] + radius * cos(a), 3), round(centre[1] + radius * sin(a), 3)) for a in angles)


def _bow_tie(half: float, rise: float) -> tuple[Stroke, ...]:
    return (
        _closed((-half, rise), (-half, -rise), (0, 0)),
        _closed((half, rise), (half, -rise), (0, 0)),
    )


# Tanks are drawn 100 wide and 100 high, foot in the middle; an item's Scale gives them their size.
_SHELL: Final = Stroke(((-50, 100), (-50, 0), (50, 0), (50, 100)), weight=0.9)

SYMBOLS: Final[dict[str, Symbol]] = {
    "FLOATING_ROOF_TANK_SHAPE": Symbol(
        "Equipment", (_SHELL, Stroke(((-53, 100), (-50, 100))), Stroke(((50, 100), (53, 100))))
    ),
    "FLOATING_ROOF_SHAPE": Symbol("Equipment", (_closed((-49, -1), (49, -1), (49, 1), (-49, 1), filled=True),)),
    "CONE_ROOF_TANK_SHAPE": Symbol("Equipment", (_SHELL, Stroke(((-52, 99), (0, 113), (52, 99)), weight=0.9))),
    "SPHERE_SHAPE": Symbol(
        "Equipment",
        (
            Ring(50, (0, 50), 0.9),
            *(Stroke(((x, 50 - (2500 - x * x) ** 0.5), (x, -8)), weight=0.7) for x in (-40.0, -14.0, 14.0, 40.0)),
            Stroke(((-48, -8), (48, -8)), weight=0.7),
        ),
    ),
    "CENTRIFUGAL_PUMP_SHAPE": Symbol("Equipment", (Ring(11), Stroke(((0, 11), (11, 0), (0, -11)))), 11),
    "HEAT_EXCHANGER_SHAPE": Symbol(
        "Equipment",
        (Ring(11), Stroke(((-15, 0), (-7, 0), (-3.5, 7), (3.5, -7), (7, 0), (15, 0)))),
        15,
    ),
    "NOZZLE_SHAPE": Symbol("Nozzle", (Stroke(((0, 0), (4, 0))), Stroke(((4, -2.5), (4, 2.5)))), 4),
    "GATE_VALVE_SHAPE": Symbol("PipingComponent", (*_bow_tie(6, 4), Stroke(((0, -2.5), (0, 2.5)))), 6),
    "MOTOR_VALVE_SHAPE": Symbol("PipingComponent", _bow_tie(7, 4.7), 7),
    "CONTROL_VALVE_SHAPE": Symbol("PipingComponent", (*_bow_tie(7, 4.7), Ring(1.6)), 7),
    "CHECK_VALVE_SHAPE": Symbol(
        "PipingComponent",
        (
            Stroke(((-5, -4), (-5, 4))),
            Stroke(((5, -4), (5, 4))),
            Stroke(((-5, 4), (5, -4))),
            _closed((5, -4), (2, -3.5), (3.9, -0.9), filled=True),
        ),
        5,
    ),
    "BLIND_FLANGE_SHAPE": Symbol("PipingComponent", (Stroke(((0, -3.5), (0, 3.5)), weight=0.9),)),
    "FLOW_ELEMENT_SHAPE": Symbol(
        "PipingComponent", (Stroke(((-1.2, -6), (-1.2, 6))), Stroke(((1.2, -6), (1.2, 6)))), 1.2
    ),
    "TEE_SHAPE": Symbol("PipingComponent", (Ring(1.2, weight=0.9),)),
    "TAPPING_SHAPE": Symbol("PipingComponent", (Ring(0.8),)),
    "MOTOR_ACTUATOR_SHAPE": Symbol(
        "ActuatingSystemComponent", (_closed((-4.5, -4.5), (4.5, -4.5), (4.5, 4.5), (-4.5, 4.5)), Letter("M", 7.4)), 4.5
    ),
    "DIAPHRAGM_ACTUATOR_SHAPE": Symbol("ActuatingSystemComponent", (Stroke((*_arc((0, 0), 5.5, 0, 1), (5.5, 0))),)),
    "FIELD_INSTRUMENT_SHAPE": Symbol("ProcessInstrumentationFunction", (Ring(11),)),
    "DCS_INSTRUMENT_SHAPE": Symbol(
        "ProcessInstrumentationFunction",
        (Ring(11), _closed((-11, -11), (11, -11), (11, 11), (-11, 11)), Stroke(((-11, 0), (11, 0)))),
    ),
    "PANEL_INSTRUMENT_SHAPE": Symbol("ProcessInstrumentationFunction", (Ring(11), Stroke(((-11, 0), (11, 0))))),
    "INLET_ARROW_SHAPE": Symbol("PipeOffPageConnector", (_closed((-9, 5), (-4, 5), (0, 0), (-4, -5), (-9, -5)),)),
    "OUTLET_ARROW_SHAPE": Symbol("PipeOffPageConnector", (_closed((0, 10), (54, 10), (61, 0), (54, -10), (0, -10)),)),
    "FLOW_ARROW_SHAPE": Symbol("PipeFlowArrow", (_closed((-4, 3), (4, 0), (-4, -3), filled=True),)),
}
