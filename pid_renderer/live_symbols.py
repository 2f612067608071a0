"""Which kind of element lives how."""

from __future__ import annotations

from pid_renderer.binding import Binding
from pid_renderer.bubble import Bubble
from pid_renderer.drawing import Drawing, Element, Text
from pid_renderer.drive import Drive
from pid_renderer.symbol import LiveSymbol
from pid_renderer.valve import Valve
from pid_renderer.vessel import Vessel


def live_symbol(drawing: Drawing, element: Element, code: str, binding: Binding) -> LiveSymbol | None:
    """The live symbol of an element; None where it draws nothing, has no signals, or its kind only has values."""
    if element.box is None or code not in binding.signals_of or not _draws(drawing, element):
        return None
    match element.family:
        case "tank" | "vessel" | "column":
            return Vessel(drawing, element, code, binding) if binding.signal(code, "level") else None
        case "pump" | "compressor":
            return Drive(drawing, element, code, binding)
        case "valve":
            return Valve(drawing, element, code, binding)
        case "instrument":
            return Bubble(drawing, element, code, binding)
        case _:
            return None


def _draws(drawing: Drawing, element: Element) -> bool:
    """Whether the file draws strokes for it: what `shape_of` needs, without its work."""
    return any(not isinstance(item, Text) for item in drawing.primitives_of.get(element.id, ()))
