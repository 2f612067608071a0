"""How a number is written for people: fixed decimals, the reader's language, one sign for minus, none for unknown."""

from __future__ import annotations

from typing import Final, Literal

Language = Literal["es", "en"]

UNKNOWN: Final = "\N{EM DASH}"
MINUS: Final = "\N{MINUS SIGN}"
THOUSANDS: Final = "\N{NARROW NO-BREAK SPACE}"
_DECIMAL: Final[dict[Language, str]] = {"es": ",", "en": "."}


def number(value: float | None, decimals: int, language: Language = "es") -> str:
    """`41 250,5` (es) or `41 250.5` (en); an em dash for None. Decimals are the signal's, so digits never jump."""
    if value is None or value != value:
        return UNKNOWN
    text = f"{abs(value):,.{decimals}f}".replace(",", THOUSANDS).replace(".", _DECIMAL[language])
    return MINUS + text if value < 0 and any(digit in text for digit in "123456789") else text


def age(seconds: float, language: Language = "es") -> str:
    """`1,2 s`, `45 s`, `6 min`, `3 h`, `2 d`; an em dash for infinity."""
    if seconds == float("inf"):
        return UNKNOWN
    for limit, size, unit, decimals in (
        (10, 1, "s", 1),
        (120, 1, "s", 0),
        (7200, 60, "min", 0),
        (172_800, 3600, "h", 0),
    ):
        if seconds < limit:
            return f"{number(seconds / size, decimals, language)} {unit}"
    return f"{number(seconds / 86_400, 0, language)} d"
