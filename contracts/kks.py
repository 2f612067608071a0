"""KKS, the identification system that joins drawing, register, topic, table and screen.

VGB-S-811 (formerly VGB-B 105): `=`G F0 F1F2F3 FN, A1A2 AN A3, B1B2 BN, with no letters I and O. A code has one of three
lengths here: equipment `10EGC11AP001`, measuring circuit `10EGB11CL001`, signal `10EGB11CL001XQ01`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_LETTER = "[A-HJ-NP-Z]"
_PATTERN: Final = re.compile(
    rf"(?P<unit>\d{{0,2}}|{_LETTER}\d?)(?P<system>{_LETTER}{{3}})(?P<system_number>\d{{2}})"
    rf"(?:(?P<unit_key>{_LETTER}{{2}})(?P<unit_number>\d{{3}})(?P<suffix>{_LETTER}??)"
    rf"(?:(?P<component_key>-{_LETTER}|{_LETTER}{{2}})(?P<component_number>\d{{2}}))?)?",
    re.ASCII,
)


class BadKks(ValueError):
    """A text that is no KKS code; says where it goes wrong."""


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
    component_key: str = ""
    """B1B2: component or signal key, `XQ` = analogue signal."""
    component_number: str = ""

    def __str__(self) -> str:
        return self.equipment + self.component_key + self.component_number

    @property
    def equipment(self) -> str:
        """The code down to level 2: what a P&ID carries."""
        return self.unit + self.system + self.system_number + self.unit_key + self.unit_number + self.suffix

    @property
    def shown(self) -> str:
        """With blanks between the levels: `10EGB11 CL001 XQ01`."""
        parts = (
            self.unit + self.system + self.system_number,
            self.unit_key + self.unit_number + self.suffix,
            self.component_key + self.component_number,
        )
        return " ".join(part for part in parts if part)


def parse(text: str) -> Kks:
    """The code in `text`; blanks, dots and a leading `=` are allowed. Raises `BadKks`."""
    compact = re.sub(r"[\s.]+", "", text).removeprefix("=").upper()
    match = _PATTERN.fullmatch(compact)
    if match is None:
        hint = " (the letters I and O are not used)" if re.search(r"[IO]", compact) else ""
        raise BadKks(f"{text!r} is not a KKS code{hint}; expected e.g. 10EGB11CL001XQ01")
    return Kks(**{name: value or "" for name, value in match.groupdict().items()})


def is_kks(text: str) -> bool:
    """True if `text` parses."""
    try:
        parse(text)
    except BadKks:
        return False
    return True
