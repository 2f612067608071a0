"""What of a drawing can be left out: process, instruments, signal lines, labels. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from pid_renderer.drawing import Drawing, Family, Polyline, Primitive

SheetLayer = Literal["process", "instruments", "signals", "labels"]
SHEET_LAYERS: Final[tuple[SheetLayer, ...]] = ("process", "instruments", "signals", "labels")


@dataclass(frozen=True)
class Layers:
    """What is shown beside the drawing itself."""

    values: bool = True
    alarms: bool = True
    design: bool = False
    flow: bool = False
    hidden: frozenset[SheetLayer] = frozenset()
    """What of the drawing itself is left out."""


def layer_of(primitive: Primitive, drawing: Drawing) -> SheetLayer | None:
    """The layer of a stroke or text; None for the sheet itself, which is always shown."""
    owner = drawing.elements.get(primitive.owner)
    if isinstance(primitive, Polyline) and primitive.pipe and owner is not None and owner.family != "pipe":
        # A measuring line or signal, whichever layer the file puts it on.
        return "signals"
    if owner is not None and owner.family == "signal line":
        return "signals"
    match primitive.layer:
        case "labels":
            return "labels"
        case "instruments":
            return "instruments"
        case "piping" | "equipment":
            return "instruments" if owner is not None and owner.family == "instrument" else "process"
        case _:
            return None


def layer_of_family(family: Family) -> SheetLayer:
    """The layer of a symbol that lives."""
    return "instruments" if family == "instrument" else "process"
