"""The sheet as it is printed: black on white, weights and dashes in the file's own millimetres. No Qt.

White on a white ground covers what lies under it; on a dark ground, as CAD screens have it, white is ink.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from pid_renderer.drawing import Drawing, Primitive, Text

INK: Final = "#000000"
GROUND: Final = "#FFFFFF"
USUAL_WIDTH_MM: Final = 0.25
"""Weight of a line whose file says none."""
_THINNEST_MM: Final = 0.05


_DIGITS: Final = {
    "arial": 0.556, "helvetica": 0.556, "calibri": 0.507, "tahoma": 0.546, "verdana": 0.636, "segoe ui": 0.539,
    "times new roman": 0.5, "courier new": 0.6,
}  # fmt: skip
"""Width of a digit in font sizes, for fonts that drawings name and we do not ship."""
_OUR_DIGIT: Final = 0.6
"""That of IBM Plex Sans, which is drawn in their place."""


class PaperInk(NamedTuple):
    """How one primitive is printed; colours as `#RRGGBB`, lengths in mm."""

    color: str
    width_mm: float
    """0 for texts."""
    dash_mm: tuple[float, ...]
    fill: str
    """Empty for none."""
    hatched: bool


def breadth(text: Text) -> float:
    """How much narrower or wider than ours the font is that the file names, 1.0 where it is not known."""
    return _DIGITS.get(text.font.lower(), _OUR_DIGIT) / _OUR_DIGIT


def inks(drawing: Drawing) -> Iterator[tuple[Primitive, PaperInk]]:
    """Each primitive as it is printed, in painting order: as in the file, texts last."""
    dark = _lightness(drawing.ground) < 0.5 if drawing.ground else False
    for primitive in drawing.primitives:
        if not isinstance(primitive, Text):
            width = max(_THINNEST_MM, primitive.stroke.width_mm or USUAL_WIDTH_MM)
            color = _printed(primitive.stroke.color, dark, covers=primitive.filled or bool(drawing.ground))
            dash = tuple(length * width for length in primitive.stroke.dash)
            yield primitive, PaperInk(color, width, dash, color if primitive.filled else "", primitive.hatched)
    for primitive in drawing.primitives:
        if isinstance(primitive, Text) and primitive.text.strip():
            yield primitive, PaperInk(_printed(primitive.color, dark, covers=bool(drawing.ground)), 0.0, (), "", False)


def _printed(color: str, dark: bool, *, covers: bool) -> str:
    if not color or not covers:
        return INK
    lightness = _lightness(color)
    return GROUND if (lightness < 0.04 if dark else lightness > 0.96) else INK


def _lightness(color: str) -> float:
    """Mean of the channels, 0 to 1."""
    return sum(int(color[place : place + 2], 16) for place in (1, 3, 5)) / 765.0
