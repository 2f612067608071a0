"""What a person put on a drawing: value plates, notes, and automatic plates moved or hidden: `<drawing>.overlays.toml`.

The P&ID file is never touched: `annotated` makes a drawing with more anchors and texts, and everything that shows or
exports a drawing shows them as it shows the file's own.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

from contracts.plant import Plant
from contracts.tags import shown
from pid_renderer.binding import Binding
from pid_renderer.decisions import Decision, element_id
from pid_renderer.drawing import (
    OWNER_BY_HAND,
    Anchor,
    BadDrawing,
    Box,
    Drawing,
    Point,
    Polyline,
    Primitive,
    Stroke,
    Text,
)
from pid_renderer.ink import reading_scale

SUFFIX: Final = ".overlays.toml"
SMALLEST, LARGEST = 0.6, 3.0
"""Sizes of a plate or note against the usual one."""
_NOTE_PX, _SIGNED_PX, _LABEL_PX, _VALUE_PX = 13.0, 10.5, 11.0, 15.0
"""Type sizes at 100 %."""
_PLATE_PX: Final = (72.0, 24.0)


class PlateKey(NamedTuple):
    """Which automatic plate is meant."""

    element: str
    """Id of the element whose value it is."""
    tag: str
    signal: str
    derived: str = ""
    """Role of a computed text (`volume`, `rate`); empty for a measured value."""


class AddedPlate(NamedTuple):
    """A value a person wants to see at a place."""

    id: str
    signal: str
    x_mm: float
    y_mm: float
    """Its middle, on paper."""
    size: float = 1.0
    label: bool = True
    """Whether its tag stands above it."""


class MovedPlate(NamedTuple):
    """An automatic plate somewhere else, or in another size."""

    key: PlateKey
    x_mm: float
    y_mm: float
    size: float = 1.0


class Note(NamedTuple):
    """Words a person left on the sheet."""

    id: str
    text: str
    x_mm: float
    y_mm: float
    """Its top left corner, on paper."""
    author: str
    time: str
    """ISO 8601, UTC."""
    size: float = 1.0


Thing = AddedPlate | MovedPlate | Note


@dataclass(frozen=True)
class Annotations:
    """Everything put on one drawing; changing makes a new one."""

    plates: tuple[AddedPlate, ...] = ()
    moved: tuple[MovedPlate, ...] = ()
    hidden: tuple[PlateKey, ...] = ()
    notes: tuple[Note, ...] = ()

    def new_id(self, kind: Literal["p", "n"]) -> str:
        """An id that nothing has yet."""
        taken = {plate.id for plate in self.plates} | {note.id for note in self.notes}
        return next(name for number in range(1, len(taken) + 2) if (name := f"{kind}{number}") not in taken)

    def with_(self, thing: Thing) -> Annotations:
        """With a thing put there, or put elsewhere if it was there already."""
        match thing:
            case AddedPlate():
                others = [each for each in self.plates if each.id != thing.id]
                return replace(self, plates=tuple(sorted((*others, thing))))
            case MovedPlate():
                placed = [each for each in self.moved if each.key != thing.key]
                hidden = tuple(key for key in self.hidden if key != thing.key)
                return replace(self, moved=tuple(sorted((*placed, thing))), hidden=hidden)
            case Note():
                return replace(self, notes=tuple(sorted((*(n for n in self.notes if n.id != thing.id), thing))))

    def without(self, thing: Thing) -> Annotations:
        """With a thing taken away; a moved plate goes back to its place."""
        return replace(
            self,
            plates=tuple(each for each in self.plates if each != thing),
            moved=tuple(each for each in self.moved if each != thing),
            notes=tuple(each for each in self.notes if each != thing),
        )

    def hiding(self, key: PlateKey) -> Annotations:
        """With an automatic plate hidden."""
        moved = tuple(each for each in self.moved if each.key != key)
        return replace(self, moved=moved, hidden=tuple(sorted({*self.hidden, key})))

    def showing(self, keys: Iterable[PlateKey]) -> Annotations:
        """With hidden plates shown again."""
        gone = set(keys)
        return replace(self, hidden=tuple(key for key in self.hidden if key not in gone))

    def text(self) -> str:
        """The file's content."""
        blocks = [
            *(("plate", each._asdict()) for each in self.plates),
            *(("moved", {**each.key._asdict(), **each._asdict()}) for each in self.moved),
            *(("hidden", dict(each._asdict())) for each in self.hidden),
            *(("note", each._asdict()) for each in self.notes),
        ]
        lines = ["# What people put on the drawing of this name. The drawing file itself is not changed.\n"]
        for name, values in blocks:
            lines.append(f"\n[[{name}]]\n")
            lines += [f"{key} = {_toml(value)}\n" for key, value in values.items() if key != "key" and value != ""]
        return "".join(lines)


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.2f}".rstrip("0").rstrip(".") if not value.is_integer() else f"{value:.1f}"
    marks = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t"}
    plain = "".join(marks.get(sign, sign) for sign in str(value))
    return '"' + re.sub(r"[\x00-\x1f\x7f]", lambda sign: f"\\u{ord(sign[0]):04x}", plain) + '"'


def file_of(drawing: Path, folder: Path | None) -> Path:
    """Where what was put on a drawing file lies: beside it, or in the folder the plant names."""
    return (folder or drawing.parent) / f"{drawing.stem}{SUFFIX}"


def parse(text: str, name: str) -> Annotations:
    """The annotations in a file's content. Raises `BadDrawing` naming file, block and key."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadDrawing(f"{name}: {error}") from error
    unknown = document.keys() - {"plate", "moved", "hidden", "note"}
    if unknown:
        raise BadDrawing(f"{name}: [[{min(unknown)}]] is not known; known are plate, moved, hidden and note")
    blocks = {kind: list(_blocks(document, kind, name)) for kind in ("plate", "moved", "hidden", "note")}
    return Annotations(
        tuple(
            AddedPlate(each.text("id"), each.text("signal"), *each.place(), each.size(), each.flag("label"))
            for each in blocks["plate"]
        ),
        tuple(MovedPlate(each.plate(), *each.place(), each.size()) for each in blocks["moved"]),
        tuple(each.plate() for each in blocks["hidden"]),
        tuple(
            Note(
                each.text("id"), each.text("text"), *each.place(), each.text("author", ""), each.text("time", ""),
                each.size(),
            )
            for each in blocks["note"]
        ),
    )  # fmt: skip


class _Block(NamedTuple):
    """One table of the file, read with words for what is wrong."""

    where: str
    values: Mapping[str, Any]

    def text(self, key: str, default: str | None = None) -> str:
        value = self.values.get(key, default)
        if not isinstance(value, str) or (default is None and not value):
            raise BadDrawing(f"{self.where}: {key} must be a text")
        return value

    def number(self, key: str) -> float:
        value = self.values.get(key)
        if isinstance(value, bool) or not isinstance(value, int | float) or not -1e6 < value < 1e6:
            raise BadDrawing(f"{self.where}: {key} must be a number in millimetres")
        return float(value)

    def place(self) -> Point:
        return self.number("x_mm"), self.number("y_mm")

    def size(self) -> float:
        return min(max(self.number("size"), SMALLEST), LARGEST) if "size" in self.values else 1.0

    def flag(self, key: str) -> bool:
        return self.values.get(key, True) is True

    def plate(self) -> PlateKey:
        return PlateKey(self.text("element"), self.text("tag", ""), self.text("signal"), self.text("derived", ""))


def _blocks(document: Mapping[str, Any], kind: str, name: str) -> Iterator[_Block]:
    tables = document.get(kind, [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise BadDrawing(f"{name}: write each {kind} as a table [[{kind}]], in double brackets")
    yield from (_Block(f"{name}, {kind} {number}", table) for number, table in enumerate(tables, start=1))


# -- on the drawing ----------------------------------------------------------------------------------------------------


def plate_box(drawing: Drawing, centre: Point, size: float) -> Box:
    """The room of a plate of one size round its middle, mm."""
    scale = reading_scale(drawing)
    wide, high = (px * size / scale / 2 for px in _PLATE_PX)
    return Box(centre[0] - wide, centre[1] - high, centre[0] + wide, centre[1] + high)


def annotated(drawing: Drawing, binding: Binding, plant: Plant, annotations: Annotations) -> tuple[Drawing, list[str]]:
    """The drawing with what a person put on it, and a sentence for each thing that could not be placed."""
    if annotations == Annotations():
        return drawing, []
    maker = _Maker(drawing, binding, plant)
    return maker.make(annotations), maker.notes


class _Maker:
    def __init__(self, drawing: Drawing, binding: Binding, plant: Plant) -> None:
        self.drawing, self.binding, self.plant = drawing, binding, plant
        self.notes: list[str] = []
        self.scale = reading_scale(drawing)

    def make(self, annotations: Annotations) -> Drawing:
        """The drawing with more anchors, labels and notes."""
        moved = {found: each for each in annotations.moved if (found := self._found(each.key)) is not None}
        hidden = [found for key in annotations.hidden if (found := self._found(key)) is not None]
        gone = {*moved, *hidden}
        anchors = [anchor for anchor in self.drawing.anchors if self._key_of(anchor) not in gone]
        anchors += [
            Anchor(key.element, key.derived, "" if key.derived else key.signal,
                   plate_box(self.drawing, (each.x_mm, each.y_mm), each.size), "center", "moved", each.size)
            for key, each in moved.items()
        ]  # fmt: skip
        # A computed text stands nowhere without an anchor; a value would go back beside its symbol.
        none = Box(0.0, 0.0, 0.0, 0.0)
        anchors += [Anchor(key.element, "", key.signal, none, "center", "hidden") for key in hidden if not key.derived]
        primitives: list[Primitive] = []
        for plate in annotations.plates:
            if plate.signal not in self.plant.by_kks:
                self.notes.append(f"overlays: {plate.signal} of plate {plate.id} is not in the signal list")
                continue
            box = plate_box(self.drawing, (plate.x_mm, plate.y_mm), plate.size)
            code = self.binding.code_of_signal.get(plate.signal, "")
            element = self.binding.element_ids.get(code, "")
            anchors.append(Anchor(element, "", plate.signal, box, "center", "added", plate.size))
            if plate.label:
                primitives.append(self._label(plate, box))
        for note in annotations.notes:
            primitives += self._note(note)
        return replace(self.drawing, anchors=tuple(anchors), primitives=(*self.drawing.primitives, *primitives))

    def _found(self, key: PlateKey) -> PlateKey | None:
        """The key with the element's id as it is in this file; None, and a note, for what is gone."""
        id_ = element_id(Decision(key.signal, "bound", key.element, key.tag, "", ""), self.drawing)
        if not id_ or key.signal not in self.plant.by_kks:
            self.notes.append(f"overlays: the plate of {key.signal} at {key.tag or key.element} is not on this drawing")
            return None
        return PlateKey(id_, "", key.signal, key.derived)

    def _key_of(self, anchor: Anchor) -> PlateKey:
        """Which plate stands at an anchor of the file, as `LiveSheet` fills it."""
        code = self.binding.code_of.get(anchor.element, "")
        if anchor.signal:
            return PlateKey(anchor.element, "", anchor.signal)
        if anchor.role in DERIVED_ROLES:
            of = self.binding.signal(code, "level")
            return PlateKey(anchor.element, "", of.kks if of is not None else "", anchor.role)
        signal = self.binding.signal(code, anchor.role) if anchor.role else self.binding.main(code)
        return PlateKey(anchor.element, "", signal.kks if signal is not None else "")

    def _label(self, plate: AddedPlate, box: Box) -> Text:
        height = _LABEL_PX * plate.size / self.scale
        at = (box.centre[0], box.centre[1] - (0.62 * _VALUE_PX * plate.size) / self.scale)
        text = shown(self.binding.code_of_signal.get(plate.signal, "") or plate.signal)
        return Text(f"{OWNER_BY_HAND}{plate.id}", "labels", text, at, height, 0.0, "center", "bottom", "")

    def _note(self, note: Note) -> Iterator[Primitive]:
        """A bar at the left, the words, and who wrote them when, smaller."""
        owner = f"{OWNER_BY_HAND}{note.id}"
        box = note_box(self.drawing, note)
        if self.drawing.ground:
            # In the ground's own colour: lines under the words would make them hard to read.
            corners = ((box.left, box.top), (box.right, box.top), (box.right, box.bottom), (box.left, box.bottom))
            yield Polyline(owner, "labels", corners, Stroke(0.0, self.drawing.ground, ()), filled=True, closed=True)
        bar = ((box.left, box.top), (box.left, box.bottom))
        yield Polyline(owner, "labels", bar, Stroke(2.0 * note.size / self.scale, "", ()))
        pad, line = 6.0 * note.size / self.scale, 1.3 * _NOTE_PX * note.size / self.scale
        height = _NOTE_PX * note.size / self.scale
        lines = note.text.split("\n")
        for number, words in enumerate(lines):
            at = (box.left + pad, box.top + number * line)
            yield Text(owner, "labels", words, at, height, 0.0, "left", "top", "")
        signed = " · ".join(part for part in (note.author, _local(note.time, self.plant.timezone)) if part)
        if signed:
            at = (box.left + pad, box.top + len(lines) * line)
            yield Text(owner, "labels", signed, at, _SIGNED_PX * note.size / self.scale, 0.0, "left", "top", "")


def _local(time: str, zone: tzinfo) -> str:
    """A moment of ISO 8601 by the plant's clock, as the window's clock says it; another text as it is."""
    try:
        moment = datetime.fromisoformat(time)
    except ValueError:
        return time
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M")


DERIVED_ROLES: Final = ("volume", "rate")
"""Roles of anchors that stand for computed texts, not signals."""


def note_box(drawing: Drawing, note: Note) -> Box:
    """About where a note stands, mm: its width depends on the font."""
    scale = reading_scale(drawing)
    lines = note.text.split("\n")
    signed = len(note.author) + 19 if note.author else 16
    wide = max(*(0.56 * _NOTE_PX * len(line) for line in lines), 0.56 * _SIGNED_PX * signed) + 10.0
    high = 1.3 * _NOTE_PX * len(lines) + 1.3 * _SIGNED_PX
    return Box(note.x_mm, note.y_mm, note.x_mm + wide * note.size / scale, note.y_mm + high * note.size / scale)
