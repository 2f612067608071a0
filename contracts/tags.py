"""Tag schemes: how a plant writes the names of its signals and equipment, and which of them mean the same thing.

KKS (`10EGB11CL001XQ01`), ISA-5.1 (`LT-101`, `P4711`, `PI 4712.01`, `20-TIC-101A.PV`), or free tags, as they are.
A plant says which by `tag_scheme` in plant.toml; a KKS code is understood in each of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from contracts import kks as kks_code

_ISA: Final = re.compile(
    r"(?:(?P<area>\d{1,4}|[A-Z]{1,3}\d{1,3})[-_/])?(?P<letters>[A-Z]{1,6})[-_/]?(?P<number>\d{1,6}(?:\.\d{1,4})?)"
    r"(?P<suffix>[A-Z]{0,2}(?:/[A-Z])?)(?:[-._/:](?P<member>[A-Z][A-Z0-9]*))?",
    re.ASCII,
)
"""Area, letters, loop number with an optional part after the point, suffix, a block's member (`PV`, `SP`, `RUN`)."""

MEASURED: Final[Mapping[str, str]] = {
    "A": "analysis", "D": "density", "E": "voltage", "F": "flow", "G": "position", "I": "current", "J": "power",
    "L": "level", "M": "moisture", "P": "pressure", "S": "speed", "T": "temperature", "V": "vibration", "W": "weight",
    "Z": "position",
}  # fmt: skip
"""First letters of ISA-5.1 → the signal list's role. B, H, K, N, O, Q, R, U, X and Y measure no one thing."""

SIGNAL_MIME: Final = "application/x-sinoptico-signal"
"""What carries a signal from one widget to another by drag and drop: its KKS as UTF-8."""


class IsaTag(NamedTuple):
    """A tag taken apart after ISA-5.1."""

    area: str
    letters: str
    """`TIC`: what is measured, then what is done with it; or an equipment's letters."""
    number: str
    """The loop's number, `4712.01`."""
    suffix: str
    member: str

    @property
    def measures(self) -> str:
        """Role after the first letter; empty where that letter measures no one thing, and for a lone letter."""
        return MEASURED.get(self.letters[0], "") if len(self.letters) > 1 else ""

    @property
    def loop(self) -> tuple[str, str]:
        """Area and number without leading zeros: what instruments of one loop share."""
        return self.area.lstrip("0"), self.number.lstrip("0")


class TagScheme(NamedTuple):
    """How tags of a plant are compared."""

    name: str
    key: Callable[[str], str]
    """Two tags with one key are one tag."""
    homes: Callable[[str], tuple[str, ...]]
    """Keys an element may carry for a signal of this tag, the nearest first."""


def plain(tag: str) -> str:
    """A tag as it is compared and shown: no blanks, upper case; a KKS code in its compact form."""
    compact = "".join(tag.split()).removeprefix("=").upper()
    return str(kks_code.parse(compact)) if kks_code.is_kks(compact) else compact


def shown(tag: str) -> str:
    """A tag as people read it: KKS with blanks between its levels, another as it is."""
    return kks_code.parse(tag).shown if kks_code.is_kks(tag) else tag


def isa(tag: str) -> IsaTag | None:
    """The tag after ISA-5.1; None for one that is not of its form."""
    compact = re.sub(r"\s*[-_]\s*", "-", tag.strip().upper())
    # A blank parts what a dash would: `PI 4712.01`.
    match = _ISA.fullmatch(re.sub(r"\s+", "-", compact))
    return None if match is None else IsaTag(**{name: value or "" for name, value in match.groupdict().items()})


def _is_whole_kks(tag: str) -> bool:
    """Whether a tag is KKS with its second level: `PSV10` alone could be read as a KKS system."""
    return kks_code.is_kks(tag) and bool(kks_code.parse(tag).unit_key)


def _isa_key(tag: str) -> str:
    found = None if _is_whole_kks(tag) else isa(tag)
    if found is None:
        return plain(tag)
    whole = "-".join(part for part in (found.area, found.letters, found.number + found.suffix) if part)
    return f"{whole}.{found.member}" if found.member else whole


def _isa_homes(tag: str) -> tuple[str, ...]:
    if _is_whole_kks(tag):
        return _kks_homes(tag)
    key = _isa_key(tag)
    found = isa(tag)
    return (key, key.rpartition(".")[0]) if found is not None and found.member else (key,)


def _kks_homes(tag: str) -> tuple[str, ...]:
    """The code itself, its equipment or circuit, and its system."""
    if not kks_code.is_kks(tag):
        return (plain(tag),)
    code = kks_code.parse(tag)
    return tuple(dict.fromkeys((str(code), code.equipment, code.unit + code.system + code.system_number)))


SCHEMES: Final[Mapping[str, TagScheme]] = {
    "kks": TagScheme("kks", plain, _kks_homes),
    "isa": TagScheme("isa", _isa_key, _isa_homes),
    "free": TagScheme("free", plain, lambda tag: (plain(tag),)),
}


def scheme(name: str) -> TagScheme:
    """The scheme a plant names. Raises ValueError for one that does not exist."""
    if name not in SCHEMES:
        raise ValueError(f"tag_scheme {name!r} is not known; write one of {', '.join(SCHEMES)}")
    return SCHEMES[name]
