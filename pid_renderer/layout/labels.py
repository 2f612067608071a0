"""What stands beside a symbol in words: tag, name, design data; and the two lines in a bubble."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from pid_renderer.drawing import Attribute, Drawing, Element, Point, Text
from pid_renderer.layout.fittings import Where

TAG_MM: Final = 3.5
NOTE_MM: Final = 2.5
LETTER_MM: Final = 0.58
"""Width of a letter in parts of its height: a little more than IBM Plex Sans Condensed needs (0.54 for its digits)."""
LINE: Final = 1.3
"""Line height in text heights."""

_UNITS: Final[dict[str, str]] = {
    "metrecubedperhour": "m³/h", "bargauge": "bar(g)", "bar": "bar", "degreecelsius": "°C", "kilowatt": "kW",
    "metre": "m", "metresquared": "m²", "metrecubed": "m³", "revolutionperminute": "1/min", "millimetre": "mm",
    "megawatt": "MW", "kilogramperhour": "kg/h", "kilogram": "kg", "kelvin": "K", "kilopascal": "kPa",
    "megapascal": "MPa", "litre": "l", "percent": "%", "tonneperhour": "t/h",
}  # fmt: skip
_RANGES: Final = (
    ("LowerLimitDesignPressure", "UpperLimitDesignPressure"),
    ("LowerLimitDesignTemperature", "UpperLimitDesignTemperature"),
)
_SINGLES: Final = (
    "NominalCapacityVolume", "NominalCapacity", "Volume", "DesignVolumeFlowRate", "DesignCapacity",
    "DesignPressureHead", "DesignShaftPower", "DesignHeatFlowRate", "DesignHeatTransferArea", "InsideDiameter",
    "TangentToTangentLength", "SetPressureHigh",
)  # fmt: skip
_NAMES: Final = ("EquipmentDescription", "Description", "EquipmentName")
_LONGEST: Final = 34


def text(content: str, at: Point, height: float = NOTE_MM, horizontal: str = "center", vertical: str = "top") -> Text:
    """A text without an owner yet."""
    return Text("", "labels", content, at, height, 0.0, horizontal, vertical, "")  # type: ignore[arg-type]


def width(content: str, height: float) -> float:
    """Millimetres the longest line of `content` takes."""
    return LETTER_MM * height * max((len(row) for row in content.split("\n")), default=0)


def clipped(content: str) -> str:
    """`content` in one line that is not too long for a label."""
    content = " ".join(content.split())
    return content if len(content) <= _LONGEST else content[: _LONGEST - 1].rstrip() + "…"


def tag_of(element: Element) -> str:
    """What a person calls an element; empty for nothing."""
    return clipped(element.tag or element.text("SubTagName", "PositionNumber", "PipingComponentName"))


def equipment_rows(drawing: Drawing, element: Element) -> list[tuple[str, float]]:
    """Tag, name and design data of a piece of equipment, each with its text height."""
    rows = [(tag_of(element) or clipped(element.component_class), TAG_MM)]
    name = clipped(element.text(*_NAMES))
    if name and name != rows[0][0]:
        rows.append((name, NOTE_MM))
    parts = [drawing.elements[id_] for id_ in drawing.children_of.get(element.id, ())]
    chambers = [part for part in parts if part.family == "other" and any(b in part.attributes for _, b in _RANGES)]
    rows += [(row, NOTE_MM) for row in _singles([element, *chambers])]
    for holder in [element, *chambers][:3]:
        found = [row for low, high in _RANGES if (row := _range(holder, low, high))]
        if found:
            name = holder.text("SubTagName") if len(chambers) > 1 and holder is not element else ""
            rows.append((" · ".join([*([name] if name else []), *found]), NOTE_MM))
    return rows[:6]


def _singles(holders: Iterable[Element]) -> list[str]:
    found: dict[str, str] = {}
    for holder in holders:
        for name in _SINGLES:
            if name in holder.attributes and name not in found and holder.attributes[name].value is not None:
                found[name] = quantity(holder.attributes[name])
    shown = list(found.values())
    return [" · ".join(shown[i : i + 3]) for i in range(0, min(len(shown), 6), 3)]


def _range(holder: Element, low: str, high: str) -> str:
    a, b = holder.attributes.get(low), holder.attributes.get(high)
    if a is None and b is None:
        return ""
    if a is None or b is None:
        only, sign = (b, "≤") if b is not None else (a, "≥")
        return f"{sign} {quantity(only)}" if only is not None else ""
    return f"{a.text.replace('-', '−')}…{quantity(b)}"


def quantity(of: Attribute) -> str:
    """Value and unit as people write them."""
    unit = of.unit_text.strip()
    return f"{of.text.replace('-', '−')} {_UNITS.get(unit.lower(), unit)}".strip()


def bubble_rows(element: Element) -> tuple[str, str]:
    """The letters and the number in a bubble (ISA-5.1), or a KKS split before its component."""
    if element.kks and len(element.kks) >= 8:
        return element.kks[:-5], element.kks[-5:]
    letters = (
        element.text("ProcessInstrumentationFunctionCategory")
        + element.text("ProcessInstrumentationFunctionModifier")
        + element.text("ProcessInstrumentationFunctions")
    )
    number = element.text("ProcessInstrumentationFunctionNumber") or element.tag
    if not letters:
        head = number.rstrip("0123456789.-_ABCDEFGHIJKLMNOPQRSTUVWXYZ"[:13])
        letters, number = (head.rstrip("-_ "), number[len(head) :].lstrip("-_ ")) if head else ("", number)
    if letters and number.startswith(letters):
        number = number[len(letters) :].lstrip("-_ ")
    return letters[:7], number[:9]


def where_of(element: Element) -> Where:
    """Where an instrument is read: in the field, on a panel, in the control room."""
    said = f"{element.text('Location', 'LocationRepresentation')} {element.symbol}".lower()
    if "central" in said or "dcs" in said or "control" in said:
        return "central"
    return "panel" if "panel" in said else "field"
