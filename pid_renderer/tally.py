"""How much of each kind a drawing holds."""

from __future__ import annotations

from collections import Counter
from typing import Final, get_args

from pid_renderer.drawing import Drawing, Kind, Text

KINDS: Final[tuple[Kind, ...]] = get_args(Kind)


def tally(drawing: Drawing) -> dict[str, int]:
    """Number of elements of each kind, of texts, of other strokes, of shapes used; every key is always there."""
    kinds = Counter(element.kind for element in drawing.elements.values())
    texts = sum(isinstance(item, Text) for item in drawing.primitives)
    return {kind: kinds[kind] for kind in KINDS} | {
        "text": texts,
        "stroke": len(drawing.primitives) - texts,
        "shape used": drawing.shapes_used,
    }
