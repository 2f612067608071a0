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
    (SiUnit("Pa", 1.0), "Pa pascal kg/(m·s²)"),
    (SiUnit("Pa", 1e3), "kPa kilopascal"),
    (SiUnit("Pa", 1e6), "MPa megapascal"),
    (SiUnit("Pa", 1e-3), "mPa millipascal"),
    (SiUnit("Pa", 1e5), "bar bara barabsolute"),
    (SiUnit("Pa", 1e2), "mbar millibar"),
    (SiUnit("Pa(g)", 1e5), "barg bargauge bar(g)"),
    (SiUnit("Pa(g)", 1e2), "mbarg mbar(g)"),
    (SiUnit("Pa", 6894.757293168), "psi psia"),
    (SiUnit("Pa(g)", 6894.757293168), "psig"),
    (SiUnit("K", 1.0, 273.15), "°C C degC degreecelsius °celsius celsius"),
    (SiUnit("K", 1.0), "K kelvin"),
    (SiUnit("K", 5 / 9, 459.67 * 5 / 9), "°F F degF degreefahrenheit fahrenheit"),
    (SiUnit("W", 1.0), "W watt"),
    (SiUnit("W", 1e3), "kW kilowatt"),
    (SiUnit("W", 1e6), "MW megawatt"),
    (SiUnit("W", 1e-3), "mW milliwatt"),
    (SiUnit("1/s", 1 / 60), "rpm revolutionperminute 1/min"),
    (SiUnit("V", 1.0), "V volt volts"),
    (SiUnit("rad", math.pi / 180), "degree deg °"),
    # The other literals of DEXPI 2.0's unit enumerations; a gauge pressure's end in Gauge here.
    (SiUnit("m", 1e3), "kilometre"),
    (SiUnit("m", 1e-6), "µm micrometre"),
    (SiUnit("m", 1e-9), "nanometre"),
    (SiUnit("m²", 1e-6), "mm² millimetresquared"),
    (SiUnit("m²", 1e-4), "cm² centimetresquared"),
    (SiUnit("m²", 0.3048**2), "ft² footsquared"),
    (SiUnit("m²", 0.0254**2), "in² inchsquared"),
    (SiUnit("m²", 0.9144**2), "yardsquared"),
    (SiUnit("m³", 1e-6), "cm³ centimetrecubed"),
    (SiUnit("m³", 1e-3), "dm³ decimetrecubed"),
    (SiUnit("m³", 0.3048**3), "ft³ footcubed"),
    (SiUnit("m³", 3.785411784e-3), "usgallon"),
    (SiUnit("m³", 29.5735295625e-6), "usfluidounce"),
    (SiUnit("m³/s", 1.0), "m³/s metrecubedpersecond"),
    (SiUnit("m³/s", 1 / 60), "m³/min metrecubedperminute"),
    (SiUnit("m³/s", 1 / 86400), "m³/d metrecubedperday"),
    (SiUnit("m³/s", 1e-3), "l/s litrepersecond"),
    (SiUnit("m³/s", 0.3048**3 / 60), "footcubedperminute"),
    (SiUnit("m³/s", 0.3048**3 / 3600), "footcubedperhour"),
    (SiUnit("kg/s", 1.0), "kg/s kilogrampersecond"),
    (SiUnit("kg/s", 1 / 60), "kg/min kilogramperminute"),
    (SiUnit("kg/s", 0.45359237 / 3600), "lb/h poundmassperhour"),
    (SiUnit("kg/s", 0.45359237 / 60), "poundmassperminute"),
    (SiUnit("kg/s", 0.45359237), "poundmasspersecond"),
    (SiUnit("mol/s", 1000.0), "kmol/s kilomolepersecond"),
    (SiUnit("mol/s", 453.59237), "poundmolepersecond"),
    (SiUnit("kg", 0.45359237), "lb poundmass"),
    (SiUnit("kg/m³", 1000.0), "kg/l kilogramperlitre"),
    (SiUnit("kg/m³", 0.45359237 / 0.3048**3), "poundmassperfootcubed"),
    (SiUnit("kg/m³", 0.45359237 / 3.785411784e-3), "poundmassperusgallon"),
    (SiUnit("mol/m³", 1.0), "millimoleperlitre"),
    (SiUnit("mol/m³", 1000.0), "moleperlitre"),
    (SiUnit("Pa", 6894.757293168), "poundforceperinchsquared"),
    (SiUnit("Pa(g)", 6894.757293168), "poundforceperinchsquaredgauge"),
    (SiUnit("Pa(g)", 1.0), "pascalgauge"),
    (SiUnit("Pa(g)", 1e2), "millibargauge"),
    (SiUnit("Pa(g)", 1e3), "kilopascalgauge"),
    (SiUnit("Pa(g)", 1e6), "megapascalgauge"),
    (SiUnit("1/s", 1 / 60), "reciprocalminute"),
    (SiUnit("1/s", 1.0), "1/s reciprocalsecond Hz hertz"),
    (SiUnit("1/s", 1e3), "kHz kilohertz"),
    (SiUnit("1/s", 1e6), "MHz megahertz"),
    (SiUnit("1/s", 1e-3), "mHz millihertz"),
    (SiUnit("s", 1.0), "s second"),
    (SiUnit("s", 1e-3), "ms millisecond"),
    (SiUnit("s", 60.0), "min minute"),
    (SiUnit("s", 3600.0), "h hour"),
    (SiUnit("s", 86400.0), "d day"),
    (SiUnit("m/s", 1.0), "m/s metrepersecond"),
    (SiUnit("m/s", 1 / 3.6), "km/h kilometreperhour"),
    (SiUnit("m/s", 0.3048), "footpersecond"),
    (SiUnit("m/s", 1609.344 / 3600), "mileperhour"),
    (SiUnit("m/s", 1852 / 3600), "nauticalmileperhour"),
    (SiUnit("Pa·s", 1.0), "pascalsecond"),
    (SiUnit("Pa·s", 1e-3), "cP centipoise millipascalsecond"),
    (SiUnit("Pa·s", 0.1), "poise"),
    (SiUnit("m²/s", 1.0), "metresquaredpersecond"),
    (SiUnit("m²/s", 1e-6), "cSt centistoke"),
    (SiUnit("m²/s", 1e-4), "stoke centimetresquaredpersecond"),
    (SiUnit("N/m", 1.0), "newtonpermetre"),
    (SiUnit("N/m", 1e-3), "dynepercentimetre"),
    (SiUnit("N/m", 4.4482216152605 / 0.0254), "poundforceperinch"),
    (SiUnit("N", 1.0), "newton"),
    (SiUnit("N", 1e3), "kN kilonewton"),
    (SiUnit("N·m", 1.0), "newtonmetre"),
    (SiUnit("N·m", 4.4482216152605 * 0.3048), "poundforcefoot"),
    (SiUnit("J", 1.0), "J joule"),
    (SiUnit("J", 1e3), "kJ kilojoule"),
    (SiUnit("J", 1e6), "MJ megajoule"),
    (SiUnit("J", 1e-3), "mJ millijoule"),
    (SiUnit("J", 3.6e6), "kWh kilowatthour"),
    (SiUnit("J", 3.6e9), "MWh megawatthour"),
    (SiUnit("J", 3.6), "mWh milliwatthour"),
    (SiUnit("J/m³", 1.0), "joulepercubicmetre"),
    (SiUnit("J/m³", 1e3), "kilojoulepercubicmetre"),
    (SiUnit("J/kg", 1e3), "kJ/kg kilojouleperkilogram"),
    (SiUnit("J/kg", 1e6), "megajouleperkilogram"),
    (SiUnit("J/mol", 1.0), "joulepermole kilojouleperkilomole"),
    (SiUnit("J/mol", 1e3), "kilojoulepermole"),
    (SiUnit("J/mol", 4184.0), "kilocaloriepermole"),
    (SiUnit("J/(kg·K)", 1e3), "kilojouleperkilogramkelvin"),
    (SiUnit("W/K", 1.0), "wattperkelvin"),
    (SiUnit("W/(m·K)", 1.0), "wattpermetrekelvin"),
    (SiUnit("W/(m²·K)", 1.0), "wattpermetresquaredkelvin"),
    (SiUnit("W/(m²·K)", 1e3), "kilowattpermetresquaredkelvin"),
    (SiUnit("m²·K/W", 1.0), "metresquaredkelvinperwatt"),
    (SiUnit("V", 1e3), "kV kilovolt"),
    (SiUnit("V", 1e6), "MV megavolt"),
    (SiUnit("V", 1e-3), "mV millivolt"),
    (SiUnit("A", 1.0), "A ampere"),
    (SiUnit("A", 1e-3), "mA milliampere"),
    (SiUnit("A", 1e3), "kA kiloampere"),
    (SiUnit("A", 1e6), "MA megaampere"),
    (SiUnit("T", 1.0), "tesla"),
    (SiUnit("T", 1e-4), "gauss"),
    (SiUnit("A/m", 1.0), "amperepermetre"),
    (SiUnit("A/m", 1e3), "kiloamperepermetre"),
    (SiUnit("1", 0.01), "percent"),
)
_SI: Final = {name: si for si, names in _LISTED for name in names.split()}


def _case_blind() -> dict[str, SiUnit]:
    """By name in lower case; without those that mean several units there: `mw` is mW or MW."""
    found: dict[str, set[SiUnit]] = {}
    for name, si in _SI.items():
        found.setdefault(name.lower(), set()).add(si)
    return {name: units.pop() for name, units in found.items() if len(units) == 1}


_CASE_BLIND: Final = _case_blind()


def _si_unit(unit_text: str) -> SiUnit | None:
    """As written; else whatever its case, where only one unit is written so."""
    name = unit_text.replace(" ", "")
    return _SI.get(name) or _CASE_BLIND.get(name.lower())


def to_si(value: float, unit_text: str) -> tuple[float, str]:
    """`value` in SI and the SI unit's name; a unit not known here stays as written.

    So does one whose case leaves open which it is (`mw`, `MPA`): a millionth would pass for a million.
    """
    si = _si_unit(unit_text)
    return (value * si.factor + si.offset, si.unit) if si else (value, unit_text)


def sheet_unit_mm(unit_text: str) -> float | None:
    """Millimetres in one sheet unit (`mm`, `Metre`, `Inch`); None for a unit that is no length."""
    si = _si_unit(unit_text)
    return si.factor * 1000 if si is not None and si.unit == "m" else None
