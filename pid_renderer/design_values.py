"""Design data in SI units, each value with its source: element, attribute, text and unit as written, line."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from typing import Final, NamedTuple

from pid_renderer.drawing import Drawing

_PART_LINKS: Final = ("is a part of", "is located in")
_DESIGN: Final = re.compile(
    r"Limit|Design|Nominal|Maximum|Minimum|Max|Min|Normal|Set[ _]?Pressure|Rat(ed|ing)|Test|Capacity|Power|Area"
    r"|Length|Diameter|Height|Width|Volume|Flow|Head|Speed|Pressure|Temperature"
)
_NO_DESIGN: Final = re.compile(r"(?i)^SP_|line|text|symbol|label|grid|update|layer|revision|direction")
_DEXPI_NAMES: Final = (
    # AVEVA puts the part before the name. It, SmartPlant and Proteus 3 say maximum and minimum where DEXPI says upper
    # and lower limit.
    (re.compile(r"^DS_[A-Za-z0-9]+_"), ""),
    (re.compile(r"^MaxDesign"), "UpperLimitDesign"),
    (re.compile(r"^MinDesign"), "LowerLimitDesign"),
    (re.compile(r"^ProcessDesign\.Max\."), "UpperLimitDesign"),
    (re.compile(r"^ProcessDesign\.Min\."), "LowerLimitDesign"),
    (re.compile(r"^Maximum(Design|Operating|Ambient)"), r"UpperLimit\1"),
    (re.compile(r"^Minimum(Design|Operating|Ambient)"), r"LowerLimit\1"),
    (re.compile(r"^NominalCapacity\(?Volume\)?$"), "NominalCapacity"),
)  # fmt: skip


class DesignValue(NamedTuple):
    """One value of an item's design."""

    quantity: str
    """DEXPI's name: UpperLimitDesignPressure …"""
    value: float
    unit: str
    """SI (Pa, Pa(g), K, m³/s …)."""
    element: str
    """Element id of the item, chamber or part that carries it."""
    attribute: str
    """The attribute's name in the file."""
    text: str
    """As written."""
    unit_text: str
    """Unit as written."""
    line: int
    """Line in the file."""


def design_values(drawing: Drawing, item: str, whole_of: Mapping[str, str]) -> tuple[DesignValue, ...]:
    """Values of an element and of its chambers and parts (`wholes`), in the file's order. KeyError: unknown id."""
    found = []
    for id_ in _with_parts(item, whole_of, drawing):
        for name, attribute in drawing.elements[id_].attributes.items():
            if attribute.value is None or not attribute.unit or not _is_design(name):
                continue
            quantity = name
            for pattern, dexpi in _DEXPI_NAMES:
                quantity = pattern.sub(dexpi, quantity)
            found.append(
                DesignValue(
                    quantity, attribute.value, attribute.unit, id_, name, attribute.text, attribute.unit_text,
                    attribute.line,
                )
            )  # fmt: skip
    return tuple(found)


def wholes(drawing: Drawing) -> dict[str, str]:
    """For each nozzle, chamber and part the equipment it belongs to: the one around it, or the one its links name."""
    found = {}
    for element in drawing.elements.values():
        parent = drawing.elements.get(element.parent)
        if parent is not None and parent.kind == "equipment" and element.family != "label":
            found[element.id] = parent.id
    for link in drawing.links:
        part, whole = drawing.elements.get(link.source), drawing.elements.get(link.target)
        if link.kind not in _PART_LINKS or part is None or whole is None or part.id in found:
            continue
        # Comos writes chambers and casings apart from their equipment.
        if part.kind == whole.kind == "equipment" and part.family == "other":
            found[part.id] = whole.id
    return found


def _with_parts(item: str, whole_of: Mapping[str, str], drawing: Drawing) -> list[str]:
    """An item, then its parts that are no item of their own, and theirs. Nozzles speak for themselves."""
    parts_of: defaultdict[str, list[str]] = defaultdict(list)
    for part, whole in whole_of.items():
        if drawing.elements[part].family == "other":
            parts_of[whole].append(part)
    found = dict.fromkeys([item])
    waiting = [item]
    while waiting:
        for part in parts_of[waiting.pop()]:
            if part not in found:
                found[part] = None
                waiting.append(part)
    return list(found)


def _is_design(name: str) -> bool:
    return _DESIGN.search(name) is not None and _NO_DESIGN.search(name) is None
