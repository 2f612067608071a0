"""Which kind of element lives how."""

from __future__ import annotations

from typing import Final

from pid_renderer.binding import Binding
from pid_renderer.bubble import Bubble
from pid_renderer.column import Column
from pid_renderer.drawing import Drawing, Element, Text
from pid_renderer.drive import Agitator, Drive
from pid_renderer.heater import Exchanger, Furnace
from pid_renderer.shape import parts
from pid_renderer.symbol import LiveSymbol
from pid_renderer.traced_line import TracedLine
from pid_renderer.valve import SafetyValve, ThreeWayValve, Valve
from pid_renderer.vessel import Vessel

_CHECK: Final = ("check", "nonreturn", "non-return")
_SAFETY: Final = ("safety", "relief", "rupture", "breather", "vacuum")
_THREE_WAY: Final = ("threeway", "three-way", "3way", "3-way", "3_way", "threeport")


def live_symbol(drawing: Drawing, element: Element, code: str, binding: Binding) -> LiveSymbol | None:
    """The live symbol of an element; None where it draws nothing, has no signals, or its kind only has values."""
    if element.box is None or code not in binding.signals_of or not _draws(drawing, element):
        return None
    kind = _class_of(element, code, binding)
    return None if kind is None else kind(drawing, element, code, binding)


def _class_of(element: Element, code: str, binding: Binding) -> type[LiveSymbol] | None:
    match element.family:
        case "tank" | "vessel":
            return Vessel if binding.signal(code, "level") else None
        case "column":
            return Column
        case "pump" | "compressor":
            return Drive
        case "agitator":
            return Agitator
        case "exchanger":
            return Exchanger
        case "furnace":
            return Furnace
        case "valve":
            return _valve_class(element)
        case "instrument":
            return Bubble
        case "pipe":
            return TracedLine if binding.signal(code, "tracing") else None
        case _:
            return None


def _valve_class(element: Element) -> type[LiveSymbol] | None:
    """A check valve has no state of its own to show."""
    name = f"{element.component_class} {element.symbol}".lower().replace(" ", "")
    for words, kind in ((_CHECK, None), (_THREE_WAY, ThreeWayValve), (_SAFETY, SafetyValve)):
        if any(word in name for word in words):
            return kind
    return Valve


def _draws(drawing: Drawing, element: Element) -> bool:
    """Whether the file draws strokes for it: what `shape_of` needs, without its work."""
    of = drawing.primitives_of
    if any(not isinstance(item, Text) for item in of.get(element.id, ())):
        return True
    return any(not isinstance(item, Text) for id_ in parts(drawing, element) for item in of.get(id_, ()))
