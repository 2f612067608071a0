"""Which signal lives where: signals of the list ↔ elements of a drawing, by KKS and role.

A drawing carries equipment (`10EGC11AP001`) and measuring circuits (`10EGB11CL001`); a signal (`10EGB11CL001XQ01`)
belongs to the element with its longest KKS prefix, and, by the signal list's `equipment`, to that one too: a tank shows
the level that its transmitter measures. Drawings with other tags (ISA `LT-101`) come with a mapping table.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final

from contracts import kks as kks_code
from contracts.plant import Plant
from contracts.signal_list import Signal
from pid_renderer.drawing import BadDrawing, Drawing, Element

LIVE_FAMILIES: Final = frozenset(
    {"tank", "vessel", "column", "pump", "compressor", "exchanger", "furnace", "agitator", "valve", "instrument"}
)
"""Elements of these families are expected to have a signal; without one they are listed."""

MAIN_ROLES: Final = ("level", "flow", "pressure", "temperature", "position", "setpoint", "power", "speed", "output")


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
    """What is odd about the mapping table, one sentence each."""

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
        own = tuple(signal for signal in everything if plain(signal.kks).startswith(code))
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

    @cached_property
    def codes_of_signal(self) -> dict[str, tuple[str, ...]]:
        """Codes of all elements that show something of a signal, by signal KKS."""
        found: dict[str, list[str]] = {}
        for code, signals in self.signals_of.items():
            for signal in signals:
                found.setdefault(signal.kks, []).append(code)
        return {kks: tuple(codes) for kks, codes in found.items()}


def plain(tag: str) -> str:
    """A tag as it is compared: no blanks, upper case; a KKS code in its compact form."""
    compact = "".join(tag.split()).removeprefix("=").upper()
    return str(kks_code.parse(compact)) if kks_code.is_kks(compact) else compact


def read_mapping(path: Path) -> dict[str, str]:
    """Plant tag → KKS from a CSV whose header names `tag` and `kks`. Raises `BadDrawing` naming file and line."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            header = file.readline()
            file.seek(0)
            reader = csv.DictReader(file, delimiter=";" if header.count(";") > header.count(",") else ",")
            names = {(name or "").strip().lower(): name for name in reader.fieldnames or ()}
            if "tag" not in names or "kks" not in names:
                raise BadDrawing(f"{path}, line 1: the header must name the columns tag and kks")
            table: dict[str, str] = {}
            for row in reader:
                tag, code = plain(row[names["tag"]] or ""), plain(row[names["kks"]] or "")
                if not tag or not code:
                    raise BadDrawing(f"{path}, line {reader.line_num}: tag or kks is empty")
                if table.setdefault(tag, code) != code:
                    raise BadDrawing(
                        f"{path}, line {reader.line_num}: {tag} is mapped twice, to {table[tag]} and {code}"
                    )
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadDrawing(f"{path}: cannot be read as UTF-8 CSV: {error}") from error
    return table


def bind(drawing: Drawing, plant: Plant, mapping: Mapping[str, str] | None = None) -> Binding:
    """Bind the plant's signals to a drawing. `mapping` translates the drawing's tags (see `read_mapping`)."""
    table = {} if mapping is None else mapping
    used: set[str] = set()
    code_of: dict[str, str] = {}
    for element in drawing.elements.values():
        if element.family == "label":
            continue
        tag = plain(element.tag)
        if tag in table:
            used.add(tag)
        code = table.get(tag) or element.kks or tag
        if code:
            code_of[element.id] = code
    element_ids = _drawn(drawing, code_of)

    at: dict[str, list[Signal]] = {}
    of: dict[str, list[Signal]] = {}
    unbound: list[Signal] = []
    for signal in plant.signals:
        home = _longest_prefix(plain(signal.kks), element_ids)
        owner = plain(signal.equipment) if plain(signal.equipment) in element_ids else ""
        if not home and not owner:
            unbound.append(signal)
            continue
        if home or owner:
            at.setdefault(home or owner, []).append(signal)
        for code in dict.fromkeys(code for code in (home, owner) if code):
            of.setdefault(code, []).append(signal)
    bare = tuple(
        drawing.elements[id_]
        for code, id_ in element_ids.items()
        if code not in of and drawing.elements[id_].family in LIVE_FAMILIES
    )
    notes = tuple(f"mapping: no element of {drawing.source} has the tag {tag}" for tag in table if tag not in used)
    return Binding(code_of, element_ids, _frozen(at), _frozen(of), tuple(unbound), bare, notes)


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


def _longest_prefix(code: str, codes: Mapping[str, str]) -> str:
    """The longest of `codes` that `code` begins with. Only KKS has prefixes; another tag binds as a whole."""
    if code in codes:
        return code
    if not kks_code.is_kks(code):
        return ""
    parsed = kks_code.parse(code)
    for candidate in (parsed.equipment, parsed.unit + parsed.system + parsed.system_number):
        if candidate in codes:
            return candidate
    return ""


def _frozen(lists: Mapping[str, Iterable[Signal]]) -> dict[str, tuple[Signal, ...]]:
    return {code: tuple(signals) for code, signals in lists.items()}
