"""Words of SVG that both pictures of a sheet use: ids, numbers, clean text, the path of a stroke. No Qt."""

from __future__ import annotations

import re
from typing import Final
from xml.sax.saxutils import escape

from pid_renderer.drawing import Polyline, Primitive, Text

CAP_HEIGHT: Final = 0.698
"""Of the font size, IBM Plex Sans."""

_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def id_of(text: str) -> str:
    """`text` as an XML id: letters, digits, `_`, `-` and `.`, not beginning with a mark."""
    plain = re.sub(r"[^\w.-]", "_", text, flags=re.ASCII)
    return plain if plain[:1].isalnum() or plain[:1] == "_" else f"_{plain}"


def number(value: float) -> str:
    """A length in millimetres, to a thousandth."""
    return f"{value:.3f}".rstrip("0").rstrip(".") or "0"


def clean(text: str) -> str:
    """`text` as XML text: no control characters, marks escaped."""
    return escape(_CONTROL.sub("", text))


def path(item: Primitive) -> str:
    """The `d` of a stroke. Raises TypeError for a text."""
    if isinstance(item, Text):
        raise TypeError("a text has no path")
    if isinstance(item, Polyline):
        return "M" + "L".join(f"{number(x)} {number(y)}" for x, y in item.points) + ("Z" if item.closed else "")
    start, half = item.at(item.start_deg), item.at(item.start_deg + item.sweep_deg / 2)
    end = item.at(item.start_deg + item.sweep_deg)
    way = 1 if item.sweep_deg > 0 else 0
    radii = f"{number(item.rx)} {number(item.ry)} {number(item.rotation_deg)} 0 {way}"
    # Two halves: one arc command can draw neither a full turn nor tell 181 degrees from 179 by its ends.
    d = f"M{number(start[0])} {number(start[1])}"
    d += "".join(f"A{radii} {number(x)} {number(y)}" for x, y in (half, end))
    return d + ("Z" if item.whole else "")
