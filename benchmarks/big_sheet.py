"""A generated sheet of ten thousand living symbols, as a large C01: rotated, mirrored, some overlapping.

Of a hundred symbols 22 are tanks, 18 pumps, 32 value bubbles, 18 control valves and 10 lines with a flow meter. Each
prints a number of its own: level, power, measured value, travel, flow.
"""

from __future__ import annotations

import random
from math import cos, radians, sin
from pathlib import Path
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from contracts.plant import Plant
from contracts.signal_list import Signal
from pid_renderer.drawing import (
    Anchor,
    Arc,
    Box,
    Drawing,
    Element,
    Family,
    Link,
    Placement,
    Point,
    Polyline,
    Primitive,
    Stroke,
    Text,
    union,
)

PITCH_MM: Final = 18.0
ASPECT: Final = 16 / 9
KINDS: Final = ("tank",) * 22 + ("pump",) * 18 + ("bubble",) * 32 + ("valve",) * 18 + ("line",) * 10
_THIN: Final = Stroke(0.35, "#000000", ())
_LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_SYSTEM: Final = {"tank": "BB", "pump": "AP", "bubble": "CP", "valve": "AA", "line": "BR"}
_OVERLAPPING: Final = 0.15
"""This part of the symbols is pushed towards a neighbour, by up to a third of the pitch."""


class Placed(NamedTuple):
    """One generated symbol."""

    kind: str
    centre: Point
    signals: tuple[str, ...]
    """KKS, the one whose number is printed first."""


class BigSheet(NamedTuple):
    """The sheet and its plant."""

    drawing: Drawing
    plant: Plant
    symbols: tuple[Placed, ...]


def make(count: int, seed: int = 1) -> BigSheet:
    """`count` symbols on a sheet as wide as a screen, in no order by kind."""
    chance = random.Random(seed)
    columns = round((count * ASPECT) ** 0.5)
    rows = -(-count // columns)
    kinds = [KINDS[number % len(KINDS)] for number in range(count)]
    chance.shuffle(kinds)
    maker = _Maker(chance)
    for number, kind in enumerate(kinds):
        centre = ((number % columns + 0.5) * PITCH_MM, (number // columns + 0.42) * PITCH_MM)
        if chance.random() < _OVERLAPPING:
            turn = radians(chance.uniform(0, 360))
            centre = centre[0] + PITCH_MM / 3 * cos(turn), centre[1] + PITCH_MM / 3 * sin(turn)
        maker.add(number, kind, centre)
    drawing = Drawing(
        title="Ten thousand",
        source="generated",
        exporter="benchmarks.big_sheet",
        width_mm=columns * PITCH_MM,
        height_mm=rows * PITCH_MM,
        primitives=tuple(maker.primitives),
        elements=maker.elements,
        links=tuple(maker.links),
        anchors=tuple(maker.anchors),
    )
    plant = Plant(Path(), "sim-big", "Ten thousand", ZoneInfo("UTC"), 600.0, "kks", tuple(maker.signals), {}, (), ())
    return BigSheet(drawing, plant, tuple(maker.placed))


class _Maker:
    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self.primitives: list[Primitive] = []
        self.elements: dict[str, Element] = {}
        self.links: list[Link] = []
        self.anchors: list[Anchor] = []
        self.signals: list[Signal] = []
        self.placed: list[Placed] = []

    def add(self, number: int, kind: str, centre: Point) -> None:
        code = f"{10 + number // 24000}{_system(number)}{_SYSTEM[kind]}{number % 1000:03}"
        id_ = f"{kind}-{number}"
        turn = 0.0 if kind in ("tank", "bubble") else self._chance.choice((0.0, 90.0, 180.0, 270.0))
        pose = _Pose(centre, turn, mirrored=kind != "bubble" and self._chance.random() < 0.3)
        own = getattr(self, f"_{kind}")(id_, pose)
        self.primitives += own
        family: Family = {"bubble": "instrument", "line": "instrument"}.get(kind, kind)  # type: ignore[assignment]
        box = union(item.box for item in own if not isinstance(item, Text))
        if kind == "line":
            code = code.replace("BR", "CF")
            self._element(f"{id_}-segment", "pipe", "", None, "", pose)
            self._element(f"{id_}-pipe", "pipe", "", None, f"{id_}-segment", pose)
            self._element(id_, "instrument", code, None, "", pose)
            self.links.append(Link("is located in", id_, f"{id_}-pipe"))
        else:
            self._element(id_, family, code, box, "", pose)
        x, y = centre
        if kind not in ("tank", "bubble"):
            label = Text(f"{id_}-label", "labels", code[2:], (x, y - 7.4), 2.0, 0.0, "center", "center", "#000000")
            self.primitives.append(label)
        if kind != "tank":
            room = Box(x - 8.0, y + 5.2, x + 8.0, y + 10.2)
            main = _MAIN[kind][0]
            self.anchors.append(Anchor(id_, main, "", room, "center"))
        found = [self._signal(code, f"XQ{1:02}", *_MAIN[kind])]
        if kind == "pump":
            found.append(self._signal(code, "XB01", "running", "", 0.0, 1.0, 0))
        self.placed.append(Placed(kind, centre, tuple(found)))

    def _element(self, id_: str, family: Family, code: str, box: Box | None, parent: str, pose: _Pose) -> None:
        place = Placement(pose.centre, pose.turn_deg, pose.mirrored, (1.0, 1.0))
        self.elements[id_] = Element(id_, "", family, code, code, family, box, place, {}, parent, 0)

    def _signal(self, code: str, tail: str, role: str, unit: str, low: float, high: float, decimals: int) -> str:
        kks = code + tail
        self.signals.append(
            Signal(
                kks=kks, description=role, unit=unit, kind="analog" if tail == "XQ01" else "binary", role=role,
                low=low, high=high, raw_low=None, raw_high=None, decimals=decimals, plc="", address="", scan_s=1.0,
                heartbeat_s=600.0, deadband=0.0, zone="z", equipment=code, loop="", design_min=None, design=None,
                design_max=None, ll=None, l=None, h=None, hh=None, priority=3, writable=False,
            )
        )  # fmt: skip
        return kks

    # -- symbols ---------------------------------------------------------------------------------------------------

    def _tank(self, id_: str, pose: _Pose) -> list[Primitive]:
        shell = ((-6.5, -4.5), (6.5, -4.5), (6.5, 6.5), (-6.5, 6.5))
        roof = ((-6.5, -4.5), (0.0, -6.5), (6.5, -4.5))
        return [_line(id_, "equipment", pose.all(shell), closed=True), _line(id_, "equipment", pose.all(roof))]

    def _pump(self, id_: str, pose: _Pose) -> list[Primitive]:
        arrow = ((0.0, -4.6), (4.6, 0.0), (0.0, 4.6))
        foot = ((-3.2, 3.4), (-4.6, 5.4), (4.6, 5.4), (3.2, 3.4))
        return [
            Arc(id_, "equipment", pose.at((0.0, 0.0)), 4.6, 4.6, 0.0, 0.0, 360.0, _THIN),
            _line(id_, "equipment", pose.all(arrow)),
            _line(id_, "equipment", pose.all(foot)),
        ]

    def _bubble(self, id_: str, pose: _Pose) -> list[Primitive]:
        x, y = pose.centre
        number = id_.rpartition("-")[2]
        return [
            Arc(id_, "instruments", pose.centre, 5.0, 5.0, 0.0, 0.0, 360.0, _THIN),
            Text(id_, "instruments", "PI", (x, y - 1.6), 3.0, 0.0, "center", "center", "#000000"),
            Text(id_, "instruments", number, (x, y + 1.8), 2.6, 0.0, "center", "center", "#000000"),
        ]

    def _valve(self, id_: str, pose: _Pose) -> list[Primitive]:
        left = ((-4.5, -2.8), (0.0, 0.0), (-4.5, 2.8))
        right = ((4.5, -2.8), (4.5, 2.8), (0.0, 0.0))
        return [
            _line(id_, "piping", pose.all(left), closed=True),
            _line(id_, "piping", pose.all(right), closed=True),
            _line(id_, "piping", pose.all(((0.0, 0.0), (0.0, -4.0)))),
        ]

    def _line(self, id_: str, pose: _Pose) -> list[Primitive]:
        way = pose.all(((-9.0, -3.0), (0.0, -3.0), (0.0, 3.0), (9.0, 3.0)))
        return [Polyline(f"{id_}-segment", "piping", way, _THIN, pipe=True)]


class _Pose(NamedTuple):
    centre: Point
    turn_deg: float
    mirrored: bool

    def at(self, point: Point) -> Point:
        x, y = (-point[0] if self.mirrored else point[0]), point[1]
        c, s = cos(radians(self.turn_deg)), sin(radians(self.turn_deg))
        return self.centre[0] + x * c - y * s, self.centre[1] + x * s + y * c

    def all(self, points: tuple[Point, ...]) -> tuple[Point, ...]:
        return tuple(self.at(point) for point in points)


_MAIN: Final = {
    "tank": ("level", "m", 0.0, 18.0, 2),
    "pump": ("power", "kW", 0.0, 99.9, 1),
    "bubble": ("pressure", "bar", 0.0, 40.0, 2),
    "valve": ("position", "%", 0.0, 100.0, 1),
    "line": ("flow", "t/h", 0.0, 250.0, 1),
}


def _system(number: int) -> str:
    """A system key of its own for each thousand symbols, so that no code comes twice."""
    return f"E{_LETTERS[number // 1000 % len(_LETTERS)]}A10"


def _line(id_: str, layer: str, points: tuple[Point, ...], *, closed: bool = False) -> Polyline:
    return Polyline(id_, layer, points, _THIN, closed=closed)  # type: ignore[arg-type]
