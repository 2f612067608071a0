"""Design values in words and in the units a plant is read in: `Presión de diseño −1 … 60 bar`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from contracts.number_text import Language, number
from pid_renderer.design_values import DesignValue, design_values, wholes
from pid_renderer.drawing import Drawing, Element
from resources.words import words

_LIMIT: Final = re.compile(r"^(Upper|Lower)Limit")
_SIDES: Final = {"Lower": "design.lower", "Upper": "design.upper"}
_SHOWN: Final = {
    "Pa": ("bar", 1e-5, 0.0),
    "Pa(g)": ("barg", 1e-5, 0.0),
    "K": ("°C", 1.0, -273.15),
    "W": ("kW", 1e-3, 0.0),
    "m³/s": ("m³/h", 3600.0, 0.0),
    "kg/s": ("t/h", 3.6, 0.0),
    "1/s": ("1/min", 60.0, 0.0),
    "rad": ("°", 57.29577951308232, 0.0),
}
"""What is shown for an SI unit: unit, factor, offset."""
_MM_UNDER_M: Final = 2.0
_FIGURES: Final = 4
_FIRST: Final = (
    "NominalCapacity", "NominalCapacity(Volume)", "DesignVolumeFlowRate", "DesignPressureHead", "DesignShaftPower",
    "DesignHeatFlowRate", "DesignHeatTransferArea", "SetPressureHigh", "DesignPressure", "DesignTemperature",
    "DesignRotationalSpeed", "NominalDiameter",
)  # fmt: skip
"""What a person asks for first."""


class Designed(NamedTuple):
    """One design value to show."""

    label: str
    """`Presión de diseño, máx.`; the attribute's name where nobody gave it words."""
    value: str
    unit: str
    note: str
    """Where it comes from: whose it is, the attribute as the file writes it, and its line."""


def designed(drawing: Drawing, item: str, language: Language) -> tuple[Designed, ...]:
    """All design values of an element, its chambers and parts, in the file's order. KeyError: unknown id."""
    said, found = words(language), []
    for value in _values(drawing, item):
        side = _LIMIT.match(value.quantity)
        ending = f", {said[_SIDES[side[1]]]}" if side else ""
        shown, unit = _shown(value)
        part = "" if value.element == item else _part(drawing.elements[value.element])
        written = f"{value.attribute} = {value.text} {value.unit_text}".strip()
        line = said["design.line"].format(line=value.line) if value.line else ""
        note = " · ".join(text for text in (part, written, line) if text)
        found.append(Designed(_quantity(value, language) + ending, _text(shown, language), unit, note))
    return tuple(found)


def main_design(drawing: Drawing, item: str, language: Language, most: int) -> tuple[tuple[str, str], ...]:
    """The `most` main ones as label and text: limits as one range, chambers that differ side by side."""
    ranges: dict[tuple[str, str], dict[str, dict[str, tuple[float, str]]]] = {}
    labels: dict[tuple[str, str], str] = {}
    for value in _values(drawing, item):
        side = _LIMIT.match(value.quantity)
        key = (_LIMIT.sub("", value.quantity), value.unit)
        labels.setdefault(key, _quantity(value, language))
        ends = ranges.setdefault(key, {}).setdefault(value.element, {})
        ends.setdefault(side[1] if side else "", _shown(value))
    ranked = sorted(ranges, key=lambda key: _FIRST.index(key[0]) if key[0] in _FIRST else len(_FIRST))
    return tuple((labels[key], _ranges(ranges[key].values(), language)) for key in ranked[:most])


def _values(drawing: Drawing, item: str) -> tuple[DesignValue, ...]:
    """Its own; of a pipe without any, those of the system of pipes it is in."""
    element = drawing.elements[item]
    found = design_values(drawing, item, wholes(drawing))
    parent = drawing.elements.get(element.parent)
    if found or element.family != "pipe" or parent is None or parent.family != "pipe":
        return found
    return design_values(drawing, parent.id, {})


def _ranges(carriers: Iterable[Mapping[str, tuple[float, str]]], language: Language) -> str:
    texts: dict[str, dict[str, None]] = {}
    for ends in carriers:
        text = " … ".join(_text(ends[side][0], language) for side in ("Lower", "", "Upper") if side in ends)
        if list(ends) == ["Lower"]:
            text = f"≥ {text}"
        elif list(ends) == ["Upper"]:
            text = f"≤ {text}"
        unit = next(iter(ends.values()))[1]
        texts.setdefault(unit, {})[text] = None
    return " / ".join(f"{' / '.join(found)} {unit}".strip() for unit, found in texts.items())


def _shown(value: DesignValue) -> tuple[float, str]:
    """Value and unit as a plant is read: bar, °C, kW, m³/h; short lengths in mm."""
    if value.unit == "m" and abs(value.value) < _MM_UNDER_M and "Head" not in value.quantity:
        return value.value * 1e3, "mm"
    unit, factor, offset = _SHOWN.get(value.unit, (value.unit, 1.0, 0.0))
    return value.value * factor + offset, unit


def _text(value: float, language: Language) -> str:
    """Four figures, without zeros at the end."""
    rounded = float(f"{value:.{_FIGURES}g}") if abs(value) < 10**_FIGURES else float(round(value))
    decimals = len(f"{rounded:.6f}".rstrip("0").partition(".")[2])
    return number(rounded, decimals, language)


def _quantity(value: DesignValue, language: Language) -> str:
    name = _LIMIT.sub("", value.quantity)
    return words(language).get(f"quantity.{name}", value.attribute)


def _part(element: Element) -> str:
    return element.text("SubTagNameAssignmentClass", "SubTagName", "TagName") or element.component_class or element.id
