"""What a DEXPI 2.0 object says about itself, in SI where it is a quantity."""

from __future__ import annotations

import math
from typing import Any, Final

from contracts import kks
from pid_renderer.dexpi2.objects import Item, inner, last_word, value_text
from pid_renderer.drawing import Attribute
from pid_renderer.physical_unit import to_si

_TAGS: Final = (
    "KKS", "TagName", "ItemTag", "PipingComponentNumber", "ProcessInstrumentationFunctionNumber",
    "ActuatingSystemNumber", "ActuatingElectricalSystemNumber", "MeasuringSystemNumber",
    "InstrumentationLoopFunctionNumber", "LineNumber", "Identifier",
)  # fmt: skip


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
    text = ", ".join(text for text in map(value_text, nodes) if text)
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
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def tag(attributes: dict[str, Attribute]) -> tuple[str, str]:
    """The tag as written, and the KKS code in it; empty where there is none."""
    candidates = [attributes[name].text for name in _TAGS if name in attributes]
    code = next((str(kks.parse(text)) for text in candidates if kks.is_kks(text)), "")
    return (candidates[0] if candidates else ""), code
