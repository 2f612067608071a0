"""KKS, the identification system that joins drawing, register, topic, table and screen.

VGB-S-811 (formerly VGB-B 105): `=`G F0 F1F2F3 FN, A1A2 AN A3, B1B2 BN, with no letters I and O. A code has one of three
lengths here: equipment `10EGC11AP001`, measuring circuit `10EGB11CL001`, signal `10EGB11CL001XQ01`. A code that begins
with `+` says where a thing stands, not what it does: a point of installation (`+10CJA01.BC012`) or a room
(`+10UBA12R003`). The dash is no prefix here: it begins the key of an electrical component, `-M01`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

_LETTER = "[A-HJ-NP-Z]"
_SYSTEM = rf"(?P<unit>\d{{0,2}}|{_LETTER}\d?)(?P<system>{_LETTER}{{3}})(?P<system_number>\d{{2}})"
_PATTERN: Final = re.compile(
    rf"{_SYSTEM}"
    rf"(?:(?P<unit_key>{_LETTER}{{2}})(?P<unit_number>\d{{3}})(?P<suffix>{_LETTER}??)"
    rf"(?:(?P<component_key>-{_LETTER}|{_LETTER}{{2}})(?P<component_number>\d{{2}}))?)?",
    re.ASCII,
)
_PLACE: Final = re.compile(rf"\+{_SYSTEM}(?P<place>\.{_LETTER}{{0,2}}\d{{1,3}}{_LETTER}?|R\d{{3}})?", re.ASCII)
_UNITS: Final = ("", "D", "DD", "L", "LD")
_TAILS: Final = ("", "LLDDD", "LLDDDL", "LLDDDLLDD", "LLDDDLLLDD", "LLDDD-LDD", "LLDDDL-LDD")
_AS_DIGIT: Final = {"I": "1", "O": "0"}


class BadKks(ValueError):
    """A text that is no KKS code; says where it goes wrong."""


_LONGEST: Final = 64
"""No code is longer, however it is spaced; what is longer is not remembered."""


@dataclass(frozen=True, slots=True)
class Kks:
    """A parsed code. `str()` gives it without blanks, as contracts carry it; `shown` with blanks, as people read it."""

    unit: str
    """G and F0: unit or block and system train, `10`."""
    system: str
    """F1F2F3: function key, `EGB` = tank farm for liquid fuels."""
    system_number: str
    unit_key: str = ""
    """A1A2: equipment unit or measuring circuit key, `BB` = vessel, `CL` = level."""
    unit_number: str = ""
    suffix: str = ""
    """A3: redundant or sub unit, or empty."""
    component_key: str = ""
    """B1B2: component or signal key, `XQ` = analogue signal."""
    component_number: str = ""
    place: str = ""
    """Of a code that begins with `+`: `.BC012` in a cabinet, `R003` for a room; `+` alone for the structure itself."""

    def __str__(self) -> str:
        if self.place:
            return "+" + self.equipment + self.place.removeprefix("+")
        return self.equipment + self.component_key + self.component_number

    @property
    def equipment(self) -> str:
        """The code down to level 2: what a P&ID carries."""
        return self.unit + self.system + self.system_number + self.unit_key + self.unit_number + self.suffix

    @property
    def shown(self) -> str:
        """With blanks between the levels: `10EGB11 CL001 XQ01`."""
        if self.place:
            return str(self)
        parts = (
            self.unit + self.system + self.system_number,
            self.unit_key + self.unit_number + self.suffix,
            self.component_key + self.component_number,
        )
        return " ".join(part for part in parts if part)

    @property
    def total_plant(self) -> str:
        """G: unit, block or site part. Empty where only one digit leads: it may be G or F0, the project says which."""
        return "" if len(self.unit) == 1 and self.unit.isdigit() else self.unit[:1]

    @property
    def train(self) -> str:
        """F0: the system's number among equal ones; the lone leading digit too (see `total_plant`)."""
        return self.unit if not self.total_plant else self.unit[1:]


def parse(text: str) -> Kks:
    """The process-related code in `text`; blanks, dots and a leading `=` are allowed. Raises `BadKks`."""
    return _parse(text) if len(text) <= _LONGEST else _parse.__wrapped__(text)


@lru_cache(maxsize=16_384)  # binding one sheet asks for the same few hundred codes some thousand times
def _parse(text: str) -> Kks:
    compact = re.sub(r"[\s.]+", "", text).removeprefix("=").upper()
    match = _PATTERN.fullmatch(compact)
    if match is None:
        hint = ""
        if re.search(r"[IO]", compact):
            meant = suggestion(text)
            hint = f" (the letters I and O are not used{f'; did you mean {meant}?' if meant else ''})"
        raise BadKks(f"{text!r} is not a KKS code{hint}; expected e.g. 10EGB11CL001XQ01")
    return Kks(**{name: value or "" for name, value in match.groupdict().items()})


def parse_place(text: str) -> Kks:
    """The code of a place in `text`, which begins with `+`. Raises `BadKks`."""
    compact = "".join(text.split()).upper()
    match = _PLACE.fullmatch(compact)
    if match is None:
        raise BadKks(f"{text!r} is not a KKS code of a place; expected e.g. +10CJA01.BC012 or +10UBA12R003")
    found = match.groupdict()
    return Kks(found["unit"], found["system"], found["system_number"], place=found["place"] or "+")


def suggestion(text: str) -> str:
    """The code that `text` becomes with 1 for I and 0 for O where a digit stands; empty where that gives none.

    A suggestion and no reading: whoever typed it must say whether that is what was meant.
    """
    compact = re.sub(r"[\s.]+", "", text).removeprefix("=").upper()
    for shape in (f"{unit}LLLDD{tail}" for unit in _UNITS for tail in _TAILS):
        if len(shape) != len(compact):
            continue
        meant = "".join(
            _AS_DIGIT.get(sign, sign) if kind == "D" else sign for sign, kind in zip(compact, shape, strict=True)
        )
        if meant != compact and is_kks(meant):
            return meant
    return ""


def is_kks(text: str) -> bool:
    """True if `text` parses."""
    return len(text) <= _LONGEST and _is_kks(text)


@lru_cache(maxsize=16_384)
def _is_kks(text: str) -> bool:
    try:
        parse(text)
    except BadKks:
        return False
    return True
