"""What a DEXPI 2.0 object says about itself, in SI where it is a quantity."""

from __future__ import annotations

import math
from typing import Any, Final

from contracts import kks
from pid_renderer.dexpi2.objects import Item, inner, last_word, value_text
from pid_renderer.drawing import Attribute, Kind
from pid_renderer.physical_unit import to_si
from pid_renderer.proteus import attributes as proteus

_MORE_TAGS: Final = ("ActuatingElectricalSystemNumber", "MeasuringSystemNumber", "Identifier")
"""Attributes that are a tag here and unknown to Proteus XML."""
_MAX_TEXT: Final = 10_000
"""The longest attribute that is kept whole, in characters."""


def read(item: Item) -> dict[str, Attribute]:
    """Its values, and the values of what qualifies it (`QualifiedValue`), by property."""
    found: dict[str, Attribute] = {}
    for name, nodes in item.data.items():
        _add(found, name, nodes)
    for name, parts in item.parts.items():
        for part in parts:
            if part.class_name == "QualifiedValue":
                _add(found, name, part.data.get("Value", []))
    return found


def _add(found: dict[str, Attribute], name: str, nodes: list[Any]) -> None:
    text = ", ".join(text for text in map(value_text, nodes) if text)[:_MAX_TEXT]
    if not name or not text or name in found:
        return
    enumeration, unit_text = _unit(nodes[0])
    value = _number(text) if nodes[0].tag in ("AggregatedDataValue", "Double", "Integer", "String") else None
    unit = ""
    if value is not None and unit_text:
        value, unit = to_si(value, f"{unit_text}Gauge" if enumeration == "PressureGaugeUnit" else unit_text)
    found[name] = Attribute(name, text, unit_text, value, unit, nodes[0].sourceline or 0)


def _unit(node: Any) -> tuple[str, str]:
    """Enumeration and literal of a quantity's unit, `PressureGaugeUnit` and `Bar`; both empty for no quantity."""
    if node.tag != "AggregatedDataValue":
        return "", ""
    unit = inner(node).get("Unit")
    reference = "" if unit is None else unit.get("data") or ""
    enumeration, _, literal = reference.rpartition(".")
    return last_word(enumeration), literal


def _number(text: str) -> float | None:
    if len(text) > 40:
        return None
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def tag(attributes: dict[str, Attribute], kind: Kind) -> tuple[str, str]:
    """The tag as Proteus XML's reader makes it, and the KKS code in it; empty where there is none."""
    written, code = proteus.tag({}, attributes, kind)
    if not written:
        written = next((attributes[name].text for name in _MORE_TAGS if name in attributes), "")
        code = str(kks.parse(written)) if kks.is_kks(written) else ""
    return written, code
