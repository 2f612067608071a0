"""What a column shows: the profile of its temperatures and pressures over its height, and the level of its sump. No Qt.

A point stands at the height where its transmitter taps the column: the nozzle or tray it is located in, else the end of
its measuring line, else its bubble.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal, NamedTuple

from contracts.signal_list import Signal
from data.reading import NEVER_SEEN, AlarmMark
from pid_renderer.binding import Binding
from pid_renderer.drawing import Box, Drawing, Element, Polyline
from pid_renderer.live_state import LevelLook, Readings, Trust, deviation_step, level_look, trust, worst_alarm

Quantity = Literal["temperature", "pressure"]
_QUANTITIES: Final[tuple[Quantity, ...]] = ("temperature", "pressure")
_BEYOND: Final = 0.1
"""Part of the column's height that a bubble may stand above or below it."""
_MARGIN: Final = 0.2
"""Of the design span, at each side of it: the room a profile has to leave its design."""
_SUMP: Final = 0.2
"""Of the height, where the drawing does not say how high the column is."""
_HEIGHTS: Final = ("TangentToTangentLength", "CylinderLength", "VesselHeight", "Height")
_NEAR_MM: Final = 1.0


class ProfilePoint(NamedTuple):
    """One transmitter on a column."""

    signal: Signal
    quantity: Quantity
    y_mm: float
    """Height on the sheet."""


class Profile(NamedTuple):
    """The points of one quantity from top to bottom, and the values at the column's left and right wall."""

    quantity: Quantity
    points: tuple[ProfilePoint, ...]
    low: float
    high: float

    def part(self, value: float) -> float:
        """Where `value` stands between the walls: 0 left … 1 right."""
        return min(1.0, max(0.0, (value - self.low) / (self.high - self.low)))

    @property
    def design(self) -> tuple[tuple[float, float], ...]:
        """Place between the walls and height (mm) of each design value."""
        return tuple((self.part(p.signal.design), p.y_mm) for p in self.points if p.signal.design is not None)


def profiles(drawing: Drawing, element: Element, code: str, binding: Binding) -> tuple[Profile, ...]:
    """The profiles of the column `code`, temperature first; a profile has two points at least."""
    assert element.box is not None
    found = []
    for quantity in _QUANTITIES:
        points = []
        for signal in binding.signals_of.get(code, ()):
            if signal.role != quantity or signal.kind != "analog":
                continue
            y = _height(drawing, element, element.box, signal, binding)
            if y is not None:
                points.append(ProfilePoint(signal, quantity, y))
        if len(points) >= 2:
            points.sort(key=lambda point: point.y_mm)
            found.append(Profile(quantity, tuple(points), *_scale(points)))
    return tuple(found)


def _height(drawing: Drawing, column: Element, box: Box, signal: Signal, binding: Binding) -> float | None:
    id_ = binding.element_ids.get(binding.code_of_signal.get(signal.kks, ""))
    if id_ is None or id_ == column.id:
        return None
    instrument = drawing.elements[id_]
    family = {id_, *drawing.children_of.get(id_, ())}
    for link in drawing.links:
        place = ""
        if link.source in family and link.kind == "is located in":
            place = link.target
        elif link.target in family and link.kind == "is the location of":
            place = link.source
        at = drawing.elements.get(place)
        if at is not None and at.box is not None and at.id != column.id and _is_part(drawing, at, column):
            return at.box.centre[1]
    if instrument.box is None:
        return None
    for item in _lines(drawing):
        ends = item.points[0], item.points[-1]
        for near, far in (ends, ends[::-1]):
            if _touches(instrument.box, near) and _touches(box, far):
                return far[1]
    y, reach = instrument.box.centre[1], _BEYOND * box.height
    return min(box.bottom, max(box.top, y)) if box.top - reach <= y <= box.bottom + reach else None


def _lines(drawing: Drawing) -> Iterable[Polyline]:
    return (item for item in drawing.primitives if isinstance(item, Polyline) and item.pipe)


def _touches(box: Box, point: tuple[float, float]) -> bool:
    return box.grown(_NEAR_MM).meets(Box(*point, *point))


def _is_part(drawing: Drawing, element: Element, of: Element) -> bool:
    above: Element | None = element
    while above is not None:
        if above.id == of.id:
            return True
        above = drawing.elements.get(above.parent)
    return False


def _scale(points: Iterable[ProfilePoint]) -> tuple[float, float]:
    """The design values' span with a margin, where all have one; else the transmitters' ranges."""
    signals = [point.signal for point in points]
    designs = [signal.design for signal in signals if signal.design is not None]
    if len(designs) == len(signals) and max(designs) > min(designs):
        margin = _MARGIN * (max(designs) - min(designs))
        return min(designs) - margin, max(designs) + margin
    return min(signal.low for signal in signals), max(signal.high for signal in signals)


def sump(element: Element, shell: Box, level: Signal) -> Box:
    """The bottom part of the column that its level transmitter spans, to scale where the height is known."""
    part = _SUMP
    for name in _HEIGHTS:
        height = element.attributes.get(name)
        if height is not None and height.value and height.unit == "m" and level.unit in ("m", "mm"):
            metres = (level.high - level.low) * (1.0 if level.unit == "m" else 1e-3)
            part = min(0.5, max(0.05, metres / height.value))
            break
    return Box(shell.left, shell.bottom - part * shell.height, shell.right, shell.bottom)


class PointLook(NamedTuple):
    """One transmitter as the profile shows it."""

    part: float | None
    """Place between the walls in steps of 0.01; None where no value may be drawn."""
    trust: Trust
    step: int
    """Deviation from design, -3 … +3."""


class ColumnLook(NamedTuple):
    """What a column shows."""

    sump: LevelLook
    profiles: tuple[tuple[PointLook, ...], ...]
    alarm: AlarmMark | None


def column_look(
    of: tuple[Profile, ...],
    level: Signal | None,
    own: tuple[Signal, ...],
    readings: Readings,
    plated: frozenset[str] = frozenset(),
) -> ColumnLook:
    """The profile at this moment: a stale point keeps its place, a bad one has none."""
    return ColumnLook(
        level_look(level, readings),
        tuple(tuple(_point(profile, point.signal, readings) for point in profile.points) for profile in of),
        worst_alarm(own, readings, plated),
    )


def _point(profile: Profile, signal: Signal, readings: Readings) -> PointLook:
    reading = readings.get(signal.kks, NEVER_SEEN)
    kind = trust(reading)
    if reading.value is None or kind in ("last known", "bad"):
        return PointLook(None, "bad", 0)
    return PointLook(round(profile.part(reading.value), 2), kind, deviation_step(reading, kind))
