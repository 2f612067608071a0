"""What an element says about itself: tag, attributes, where its values come from."""

from __future__ import annotations

import math
import re
from typing import Any, Final

from contracts import kks
from pid_renderer.drawing import Attribute, Kind
from pid_renderer.physical_unit import to_si
from pid_renderer.proteus.vocabulary import IRRELEVANT, USED, VALUES

_TAG_ATTRIBUTES: Final = (
    "KKS",
    "TagName",
    "PipingComponentTag",
    "PipingComponentNumber",
    "ProcessInstrumentationFunctionNumber",
    "ActuatingSystemNumber",
    "InstrumentationLoopFunctionNumber",
    "LineNumber",
    "PositionNumber",
    "ItemTag",
    "Tag",
)
_INSTRUMENT_LETTERS: Final = ("ProcessInstrumentationFunctionCategory",)
_INSTRUMENT_FUNCTIONS: Final = ("ProcessInstrumentationFunctions", "ProcessInstrumentationFunctionModifier")
_SUFFIXES: Final = ("AssignmentClass", "Specialization")
_MAX_TEXT: Final = 10_000
"""The longest attribute that is kept whole, in characters."""


def short_name(name: str) -> str:
    """DEXPI's attribute names end in the kind of relation; people say `FluidCode`, not `FluidCodeAssignmentClass`."""
    for suffix in _SUFFIXES:
        if name.endswith(suffix) and name != suffix:
            return name.removesuffix(suffix)
    return name


def is_attribute(node: Any) -> bool:
    """Whether an element of no other use states a value: `<NominalDiameter Value="80"/>`, `<Description>Tank</…>`."""
    if len(node) or node.tag in USED or node.tag in IRRELEVANT:
        return False
    return node.tag in VALUES or node.get("Value") is not None or bool((node.text or "").strip())


def read(node: Any) -> dict[str, Attribute]:
    """Attributes of one element: `GenericAttribute`s and child elements with a value, by short name.

    Where a name comes again with another text, the set or language it stands in is added: `Name (Systemdata)`.
    """
    found: dict[str, Attribute] = {}
    times: dict[str, int] = {}
    for child in node:
        if child.tag == "GenericAttributes":
            for item in child.iterfind("GenericAttribute"):
                name = item.get("Name") or ""
                _add(found, times, name, item.get("Language") or child.get("Set") or "", item, item.get("Value"))
        elif is_attribute(child):
            value = child.get("Value")
            _add(found, times, child.tag, "", child, child.text if value is None else value)
    return found


def _add(
    found: dict[str, Attribute], times: dict[str, int], name: str, where: str, item: Any, written: str | None
) -> None:
    text = (written or "").strip()[:_MAX_TEXT]
    name = short_name(name)
    if not name or not text:
        return
    if name in found:
        if found[name].text == text:
            return
        plain = name
        name = f"{plain} ({where})" if where else plain
        if name in found:
            times[plain] = times.get(plain, 1) + 1
            name = f"{plain} ({times[plain]})"
    unit_text = (item.get("Units") or "").strip()
    value = _number(text)
    unit = ""
    if value is not None and unit_text:
        value, unit = to_si(value, unit_text)
    found[name] = Attribute(name, text, unit_text, value, unit, item.sourceline or 0)


def _number(text: str) -> float | None:
    if len(text) > 40:
        return None
    try:
        value = float(text.replace(",", ".")) if text.count(",") + text.count(".") <= 1 else math.nan
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def tag(node: Any, attributes: dict[str, Attribute], kind: Kind) -> tuple[str, str]:
    """The tag as written, and the KKS code in it (an attribute named KKS wins); empty where there is none.

    An instrument's tag holds letters and number, `PICSA 4712.02`, wherever the file keeps the two.
    """
    candidates = [attributes[name].text for name in _TAG_ATTRIBUTES if name in attributes]
    written = (node.get("TagName") or "").strip()[:_MAX_TEXT]
    if written:
        candidates.insert(1 if "KKS" in attributes else 0, written)
    code = next((str(kks.parse(text)) for text in candidates if kks.is_kks(text)), "")
    if kind == "instrument" and not code:
        return _instrument_tag(candidates, attributes), ""
    return (written or (candidates[0] if candidates else "")), code


def _instrument_tag(candidates: list[str], attributes: dict[str, Attribute]) -> str:
    whole = next((text for text in candidates if is_whole(text)), "")
    if whole:
        return whole
    letters = "".join(
        next((attributes[name].text for name in names if name in attributes), "")
        for names in (_INSTRUMENT_LETTERS, _INSTRUMENT_FUNCTIONS)
    )
    number = next((text for text in candidates if any(sign.isdigit() for sign in text)), "")
    if letters and number:
        return f"{letters} {number}"
    return candidates[0] if candidates else letters


def is_whole(text: str) -> bool:
    """Whether an instrument's tag has both its letters and its number."""
    return re.search(r"[A-Za-z]", text) is not None and re.search(r"\d", text) is not None
