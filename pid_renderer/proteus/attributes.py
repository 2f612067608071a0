"""What an element says about itself: tag, attributes, where its values come from."""

from __future__ import annotations

import math
from typing import Any, Final

from contracts import kks
from pid_renderer.drawing import Attribute
from pid_renderer.physical_unit import to_si

_TAG_ATTRIBUTES: Final = (
    "KKS",
    "TagName",
    "PipingComponentTag",
    "PipingComponentNumber",
    "ProcessInstrumentationFunctionNumber",
    "ActuatingSystemNumber",
    "InstrumentationLoopFunctionNumber",
    "LineNumber",
    "ItemTag",
    "Tag",
)
_SUFFIXES: Final = ("AssignmentClass", "Specialization")


def short_name(name: str) -> str:
    """DEXPI's attribute names end in the kind of relation; people say `FluidCode`, not `FluidCodeAssignmentClass`."""
    for suffix in _SUFFIXES:
        if name.endswith(suffix) and name != suffix:
            return name.removesuffix(suffix)
    return name


def read(node: Any) -> dict[str, Attribute]:
    """Attributes of one element: `GenericAttribute`s and child elements with a Value, by short name; the first wins."""
    found: dict[str, Attribute] = {}
    for child in node:
        if child.tag == "GenericAttributes":
            for item in child.iterfind("GenericAttribute"):
                _add(found, item.get("Name", ""), item)
        elif child.get("Value") is not None and len(child) == 0:
            _add(found, child.tag, child)
        elif child.tag == "Description" and child.text:
            found.setdefault("Description", Attribute("Description", child.text.strip(), "", None, ""))
    return found


def _add(found: dict[str, Attribute], name: str, item: Any) -> None:
    text = (item.get("Value") or "").strip()
    name = short_name(name)
    if not name or not text or name in found:
        return
    unit_text = (item.get("Units") or "").strip()
    value = _number(text)
    unit = ""
    if value is not None and unit_text:
        value, unit = to_si(value, unit_text)
    found[name] = Attribute(name, text, unit_text, value, unit)


def _number(text: str) -> float | None:
    try:
        value = float(text.replace(",", ".")) if text.count(",") + text.count(".") <= 1 else math.nan
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def tag(node: Any, attributes: dict[str, Attribute]) -> tuple[str, str]:
    """The tag as written, and the KKS code in it (an attribute named KKS wins); empty where there is none."""
    candidates = [attributes[name].text for name in _TAG_ATTRIBUTES if name in attributes]
    written = (node.get("TagName") or "").strip()
    if written:
        candidates.insert(1 if "KKS" in attributes else 0, written)
    code = next((str(kks.parse(text)) for text in candidates if kks.is_kks(text)), "")
    return (written or (candidates[0] if candidates else "")), code
