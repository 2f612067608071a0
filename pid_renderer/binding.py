"""Which signal lives where: signals of the list ↔ elements of a drawing, by KKS and role.

A drawing carries equipment (`10EGC11AP001`) and measuring circuits (`10EGB11CL001`); a signal (`10EGB11CL001XQ01`)
belongs to the element with its longest KKS prefix, and, by the signal list's `equipment`, to that one too: a tank shows
the level that its transmitter measures. Drawings with other tags (ISA `LT-101`) bind by the plant's tag scheme or
come with a mapping table; what a person decided (`decisions`) stands over all of it.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final, Literal

from contracts import table_file, tags
from contracts.plant import Plant
from contracts.signal_list import Signal
from contracts.tags import TagScheme, plain
from pid_renderer.decisions import Decisions, element_id
from pid_renderer.drawing import BadDrawing, Drawing, Element

LIVE_FAMILIES: Final = frozenset(
    {"tank", "vessel", "column", "pump", "compressor", "exchanger", "furnace", "agitator", "valve", "instrument"}
)
"""Elements of these families are expected to have a signal; without one they are listed."""

MAIN_ROLES: Final = (
    "level",
    "duty",
    "flow",
    "pressure",
    "temperature",
    "position",
    "setpoint",
    "power",
    "speed",
    "output",
)


How = Literal["prefix", "drawing", "mapping", "equipment", "by hand"]
"""How a signal found its element: by its longest KKS prefix, its very tag on the drawing, the mapping table, the signal
list's equipment alone, or a person."""


@dataclass(frozen=True)
class Binding:
    """What is bound to what. Elements go by code: their KKS, or the drawing's own tag where a plant has no KKS."""

    code_of: Mapping[str, str]
    """Code by element id, for every element that has one."""
    element_ids: Mapping[str, str]
    """Element id by code: the one that is drawn and lives."""
    signals_at: Mapping[str, tuple[Signal, ...]]
    """By code: the signals that are measured or act there (longest prefix)."""
    signals_of: Mapping[str, tuple[Signal, ...]]
    """By code: the same, and those whose `equipment` it is."""
    unbound_signals: tuple[Signal, ...]
    unbound_elements: tuple[Element, ...]
    """Tagged elements of a living kind that no signal belongs to."""
    notes: tuple[str, ...] = field(default=())
    """What is odd about the mapping table and the decisions, one sentence each."""
    how: Mapping[str, How] = field(default_factory=dict)
    """By signal KKS, for those that are bound."""

    def signal(self, code: str, *roles: str) -> Signal | None:
        """The signal of the element `code` with the first of `roles` it has; None without one."""
        for role in roles:
            for signal in self.signals_of.get(code, ()):
                if signal.role == role:
                    return signal
        return None

    def main(self, code: str) -> Signal | None:
        """The signal whose value stands for the element: measured there rather than elsewhere, an analogue one."""
        everything = self.signals_of.get(code, ())
        own = tuple(s for s in self.signals_at.get(code, ()) if self.how.get(s.kks) != "equipment")
        for signals in (own, everything):
            analog = [signal for signal in signals if signal.kind == "analog"]
            for role in MAIN_ROLES:
                for signal in analog:
                    if signal.role == role:
                        return signal
            if analog:
                return analog[0]
        return None

    @cached_property
    def code_of_signal(self) -> dict[str, str]:
        """Code of the element a signal is measured at, by signal KKS."""
        return {signal.kks: code for code, signals in self.signals_at.items() for signal in signals}


_MAPPING_COLUMNS: Final = {
    "tag": ("plant tag", "drawing tag", "p&id tag", "etiqueta", "tag de planta", "etiqueta del plano"),
    "kks": ("kks code", "código kks", "codigo", "code"),
}


class TagMap(dict[str, str]):
    """Plant tag → KKS, both as they are compared; `extra` keeps the table's other columns by tag."""

    extra: dict[str, dict[str, str]]


def read_mapping(path: Path) -> TagMap:
    """Plant tag → KKS from CSV or Excel, its columns in any order. Raises `BadDrawing` naming file, place and cause."""
    try:
        rows = table_file.read(path, _MAPPING_COLUMNS, tuple(_MAPPING_COLUMNS))
    except table_file.BadTable as error:
        raise BadDrawing(f"{error}; the header must name the columns tag and kks") from error
    table = TagMap()
    table.extra = {}
    for row in rows:
        tag, code = plain(row.cells.get("tag", "")), plain(row.cells.get("kks", ""))
        if not tag or not code:
            column = "kks" if tag else "tag"
            raise BadDrawing(f"{row.where}: tag or kks is empty (column {column}); fill it or delete the row")
        if table.setdefault(tag, code) != code:
            raise BadDrawing(f"{row.where}: {tag} is mapped twice, to {table[tag]} and {code}")
        table.extra[tag] = {name: text for name, text in row.cells.items() if name not in _MAPPING_COLUMNS and text}
    return table


def bind(
    drawing: Drawing,
    plant: Plant,
    mapping: Mapping[str, str] | None = None,
    decisions: Decisions | None = None,
) -> Binding:
    """Bind the plant's signals to a drawing.

    `mapping` translates the drawing's tags (see `read_mapping`); `decisions` of a person stand over every tag.
    """
    scheme = tags.scheme(plant.tag_scheme)
    table = {scheme.key(tag): code for tag, code in (mapping or {}).items()}
    decided = Decisions() if decisions is None else decisions
    notes: list[str] = []
    used: set[str] = set()
    code_of: dict[str, str] = {}
    mapped: set[str] = set()
    for element in drawing.elements.values():
        if element.family == "label":
            continue
        tag = scheme.key(element.tag)
        if tag in table:
            used.add(tag)
            mapped.add(table[tag])
        code = table.get(tag) or element.kks or plain(element.tag)
        if code:
            code_of[element.id] = code
    _name_valves(drawing, code_of)
    element_ids = _drawn(drawing, code_of)
    by_hand = _chosen(drawing, plant, decided, code_of, element_ids, notes)
    by_key: dict[str, str] = {}
    for code in element_ids:
        by_key.setdefault(scheme.key(code), code)

    at: dict[str, list[Signal]] = {}
    of: dict[str, list[Signal]] = {}
    how: dict[str, How] = {}
    unbound: list[Signal] = []
    for signal in plant.signals:
        row = decided.by_signal.get(signal.kks)
        if row is not None and row.verdict == "unbound":
            unbound.append(signal)
            continue
        home, way = _home(signal, scheme, by_key, by_hand, mapped)
        owner = by_key.get(scheme.key(signal.equipment), "") if signal.equipment else ""
        if not home and not owner:
            unbound.append(signal)
            continue
        how[signal.kks] = way if home else "equipment"
        at.setdefault(home or owner, []).append(signal)
        for code in dict.fromkeys(code for code in (home, owner) if code):
            of.setdefault(code, []).append(signal)
    bare = tuple(
        drawing.elements[id_]
        for code, id_ in element_ids.items()
        if code not in of and drawing.elements[id_].family in LIVE_FAMILIES
    )
    notes += [
        f"mapping: no element of {drawing.source} has the tag {tag}"
        for tag in mapping or ()
        if scheme.key(tag) not in used
    ]
    return Binding(code_of, element_ids, _frozen(at), _frozen(of), tuple(unbound), bare, tuple(notes), how)


def _name_valves(drawing: Drawing, code_of: dict[str, str]) -> None:
    """A valve is called by the actuating system that moves it: its own tag may be a mere number in its pipe."""
    for link in drawing.links:
        source, target = drawing.elements.get(link.source), drawing.elements.get(link.target)
        if link.kind == "refers to" and source is not None and target is not None and target.family == "valve":
            system = code_of.get(source.parent) or code_of.get(source.id)
            if system and not target.kks:
                code_of[target.id] = system


def _chosen(
    drawing: Drawing,
    plant: Plant,
    decided: Decisions,
    code_of: dict[str, str],
    element_ids: dict[str, str],
    notes: list[str],
) -> dict[str, str]:
    """Code by signal a person bound; gives the chosen element a code of its own where it has none that finds it."""
    found = {}
    for row in decided.by_signal.values():
        if row.signal not in plant.by_kks:
            notes.append(f"bindings: {row.signal} is not in the signal list")
            continue
        if row.verdict != "bound":
            continue
        id_ = element_id(row, drawing)
        if not id_:
            notes.append(
                f"bindings: no element of {drawing.source} is {row.tag or row.element}, chosen for {row.signal}"
            )
            continue
        code = code_of.get(id_) or plain(drawing.elements[id_].tag) or id_
        if element_ids.get(code, id_) != id_:
            code = id_
        code_of[id_], element_ids[code] = code, id_
        found[row.signal] = code
    return found


def _home(
    signal: Signal, scheme: TagScheme, by_key: Mapping[str, str], by_hand: Mapping[str, str], mapped: Container[str]
) -> tuple[str, How]:
    """Code of the element a signal is measured at, and how that is known; empty for none."""
    if signal.kks in by_hand:
        return by_hand[signal.kks], "by hand"
    for number, key in enumerate(scheme.homes(signal.kks)):
        code = by_key.get(key)
        if code is not None:
            return code, "mapping" if code in mapped else "prefix" if number else "drawing"
    return "", "equipment"


def _drawn(drawing: Drawing, code_of: Mapping[str, str]) -> dict[str, str]:
    """Of several elements with one code the first that has a symbol and a living kind; a valve before its actuator."""
    found: dict[str, str] = {}
    rank: dict[str, int] = {}
    for id_, code in code_of.items():
        element = drawing.elements[id_]
        worth = 2 * (element.family in LIVE_FAMILIES) + (element.box is not None)
        if code not in found or worth > rank[code]:
            found[code], rank[code] = id_, worth
    return found


def _frozen(lists: Mapping[str, Iterable[Signal]]) -> dict[str, tuple[Signal, ...]]:
    return {code: tuple(signals) for code, signals in lists.items()}
