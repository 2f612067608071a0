"""Units of design attributes as vendors write them, and what one of them is in SI."""

from __future__ import annotations

import math
from typing import Final, NamedTuple


class SiUnit(NamedTuple):
    """`value · factor + offset` is the value in `unit`."""

    unit: str
    factor: float
    offset: float = 0.0


_LISTED: Final[tuple[tuple[SiUnit, str], ...]] = (
    (SiUnit("m", 1.0), "m metre meter"),
    (SiUnit("m", 1e-3), "mm millimetre millimeter"),
    (SiUnit("m", 1e-2), "cm centimetre"),
    (SiUnit("m", 0.0254), "in inch inches"),
    (SiUnit("m", 0.3048), "ft foot feet"),
    (SiUnit("m²", 1.0), "m² m2 m^2 metresquared squaremetre"),
    (SiUnit("m³", 1.0), "m³ m3 m^3 metrecubed cubicmetre"),
    (SiUnit("m³", 1e-3), "l litre liter"),
    (SiUnit("m³/s", 1 / 3600), "m³/h m3/h m^3/h m^3/hr m3/hr metrecubedperhour cubicmetreperhour"),
    (SiUnit("kg/s", 1 / 3600), "kg/h kg/hr kilogramperhour"),
    (SiUnit("kg/s", 1000 / 3600), "t/h t/hr tonneperhour"),
    (SiUnit("kg", 1.0), "kg kilogram"),
    (SiUnit("kg", 1e-3), "g gram"),
    (SiUnit("kg", 1000.0), "t tonne"),
    (SiUnit("kg/m³", 1.0), "kg/m³ kg/m3 kg/m^3 kilogrampermetrecubed"),
    (SiUnit("Pa", 1.0), "pa pascal kg/(m·s²)"),
    (SiUnit("Pa", 1e3), "kpa kilopascal"),
    (SiUnit("Pa", 1e6), "mpa megapascal"),
    (SiUnit("Pa", 1e5), "bar bara barabsolute"),
    (SiUnit("Pa", 1e2), "mbar millibar"),
    (SiUnit("Pa(g)", 1e5), "barg bargauge bar(g)"),
    (SiUnit("Pa(g)", 1e2), "mbarg mbar(g)"),
    (SiUnit("Pa", 6894.757293168), "psi psia"),
    (SiUnit("Pa(g)", 6894.757293168), "psig"),
    (SiUnit("K", 1.0, 273.15), "°c c degc degreecelsius °celsius celsius"),
    (SiUnit("K", 1.0), "k kelvin"),
    (SiUnit("K", 5 / 9, 459.67 * 5 / 9), "°f f degf degreefahrenheit fahrenheit"),
    (SiUnit("W", 1.0), "w watt"),
    (SiUnit("W", 1e3), "kw kilowatt"),
    (SiUnit("W", 1e6), "mw megawatt"),
    (SiUnit("1/s", 1 / 60), "rpm revolutionperminute 1/min"),
    (SiUnit("V", 1.0), "v volt volts"),
    (SiUnit("rad", math.pi / 180), "degree deg °"),
)
_SI: Final = {name: si for si, names in _LISTED for name in names.split()}

_SHEET_MM: Final = {
    name: si.factor * 1000 for si, names in _LISTED if si.unit == "m" for name in names.split()
}  # fmt: skip


def to_si(value: float, unit_text: str) -> tuple[float, str]:
    """`value` in SI and the SI unit's name; a unit not known here stays as written."""
    si = _SI.get(unit_text.replace(" ", "").lower())
    return (value * si.factor + si.offset, si.unit) if si else (value, unit_text)


def sheet_unit_mm(unit_text: str) -> float | None:
    """Millimetres in one sheet unit (`mm`, `Metre`, `Inch`); None for a unit that is no length."""
    return _SHEET_MM.get(unit_text.replace(" ", "").lower())
