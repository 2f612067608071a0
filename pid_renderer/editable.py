"""What of a sheet can be moved by hand: its plates and notes; where they snap, and what is under a point."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from pid_renderer.annotations import (
    DERIVED_ROLES,
    LARGEST,
    SMALLEST,
    Annotations,
    MovedPlate,
    PlateKey,
    Thing,
    note_box,
)
from pid_renderer.binding import LIVE_FAMILIES
from pid_renderer.drawing import Box, Drawing, Point
from pid_renderer.live_sheet import LiveSheet
from pid_renderer.plate import Plate

Guide = tuple[Point, Point]
"""A line along which something snapped, mm."""
_FREE: Final = frozenset({"pipe", "signal line", "label", "other", "nozzle"})
"""Families no signal is bound to by a click: they lie under everything."""


@dataclass(frozen=True)
class Item:
    """A plate or note on the sheet."""

    box: Box
    """Where it stands, mm."""
    thing: Thing
    """What would be kept if it were moved to where it is: for an automatic plate, itself at its place."""
    is_automatic: bool
    """Whether the drawing puts it there by itself: then taking it away means hiding it."""
    name: str
    """For who listens to the screen."""

    @property
    def identity(self) -> PlateKey | str:
        """What stays the same when it is moved."""
        return self.thing.key if isinstance(self.thing, MovedPlate) else self.thing.id


def items_on(live: LiveSheet, annotations: Annotations) -> list[Item]:
    """Everything that can be moved on a sheet, from its top left to its bottom right."""
    found = [item for plate in live.plates if (item := _plate_item(live, plate, annotations)) is not None]
    found += [Item(note_box(live.drawing, note), note, False, note.text) for note in annotations.notes]
    return sorted(found, key=lambda item: (round(item.box.top), item.box.left))


def _plate_item(live: LiveSheet, plate: Plate, annotations: Annotations) -> Item | None:
    if plate.derived not in ("", *DERIVED_ROLES) or plate.shown is None or not plate.shown.text:
        return None
    box = live.plate_box(plate, live.scale_100)
    (x, y), (dx, dy) = plate.anchor.box.centre, plate.shift_mm
    centre = x + dx, y + dy
    if plate.anchor.by_hand == "added":
        near = [p for p in annotations.plates if p.signal == plate.signal.kks]
        if not near:
            return None
        thing = min(near, key=lambda p: abs(p.x_mm - centre[0]) + abs(p.y_mm - centre[1]))
        return Item(box, thing, False, plate.signal.description)
    element = live.drawing.elements.get(plate.anchor.element)
    if element is None:
        return None
    key = PlateKey(element.id, element.tag, plate.signal.kks, plate.derived)
    moved = next((m for m in annotations.moved if m.key[2:] == key[2:] and m.key.element == key.element), None)
    if plate.vessel is not None:
        # The value in a vessel rides on its level, so all of the inside is its place; outside it has one of its own.
        box = box.grown(-0.1 * min(box.width, box.height))
    return Item(box, moved or MovedPlate(key, *box.centre), moved is None, plate.signal.description)


def moved_thing(item: Item, shift: Point) -> Thing:
    """The thing of an item that was shifted by mm."""
    thing = item.thing
    return thing._replace(x_mm=round(thing.x_mm + shift[0], 2), y_mm=round(thing.y_mm + shift[1], 2))


def sized_thing(item: Item, factor: float) -> Thing:
    """The thing of an item in another size; a plate keeps its middle, a note its corner."""
    return item.thing._replace(size=round(min(max(item.thing.size * factor, SMALLEST), LARGEST), 2))


def snapped(
    box: Box, shift: Point, others: Iterable[Box], drawing: Drawing, reach_mm: float
) -> tuple[Point, list[Guide]]:
    """A shift drawn to where the box's middle or edges line up with something near; and the lines along which."""
    here = Box(box.left + shift[0], box.top + shift[1], box.right + shift[0], box.bottom + shift[1])
    near = here.grown(25.0 * reach_mm)
    symbols = [e.box for e in drawing.elements.values() if e.box is not None and e.family in LIVE_FAMILIES]
    boxes = [other for other in (*others, *symbols) if other.meets(near)]
    dx = _nearest((here.left, here.centre[0], here.right), [x for b in boxes for x in (b.left, b.centre[0], b.right)])
    dy = _nearest((here.top, here.centre[1], here.bottom), [y for b in boxes for y in (b.top, b.centre[1], b.bottom)])
    guides: list[Guide] = []
    if dx is not None and abs(dx[0]) <= reach_mm:
        shift = shift[0] + dx[0], shift[1]
        guides.append(((dx[1], near.top), (dx[1], near.bottom)))
    if dy is not None and abs(dy[0]) <= reach_mm:
        shift = shift[0], shift[1] + dy[0]
        guides.append(((near.left, dy[1]), (near.right, dy[1])))
    return shift, guides


def _nearest(own: Sequence[float], lines: Sequence[float]) -> tuple[float, float] | None:
    """How far to go so that one of `own` lies on one of `lines`, and on which."""
    pairs = [(line - mine, line) for mine in own for line in lines]
    return min(pairs, key=lambda pair: abs(pair[0]), default=None)


def element_at(drawing: Drawing, point: Point, reach_mm: float) -> str:
    """Id of the element a click at a point means: the smallest symbol there, a living kind before any other."""
    here = Box(*point, *point)
    found = [
        element
        for element in drawing.elements.values()
        if element.box is not None and element.family not in _FREE and element.box.grown(reach_mm / 2).meets(here)
    ]
    best = min(
        found,
        key=lambda e: (e.family not in LIVE_FAMILIES, e.box.width * e.box.height if e.box is not None else 0.0),
        default=None,
    )
    return best.id if best is not None else ""
