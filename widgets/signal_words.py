"""What a signal is called and how its value is said: tags with blanks, states as words, which signal leads a device."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from contracts import kks as kks_code
from contracts.number_text import UNKNOWN, number
from contracts.plant import Plant
from contracts.signal_list import Signal
from resources.words import language, t

_STATES: Final = {
    "running": ("state.stopped", "state.running"),
    "fault": ("state.healthy", "state.trip"),
    "trip": ("state.healthy", "state.trip"),
    "open": ("state.not_open", "state.open"),
    "closed": ("state.not_closed", "state.closed"),
    "mode": ("state.manual", "state.auto"),
    "command": ("state.command_off", "state.command_on"),
}
_LEADING: Final = ("level", "running", "position", "flow", "pressure", "temperature")


def shown(tag: str) -> str:
    """A tag with blanks where it is a KKS code, as it is otherwise."""
    try:
        return kks_code.parse(tag).shown
    except kks_code.BadKks:
        return tag


def circuit(tag: str) -> str:
    """A tag down to its measuring circuit, as the drawing carries it: `10EGB14CL001`."""
    try:
        return kks_code.parse(tag).equipment
    except kks_code.BadKks:
        return tag


def value_text(signal: Signal, value: float | None) -> str:
    """A value in words for states, else the number with the signal's decimals."""
    if value is None:
        return UNKNOWN
    states = _STATES.get(signal.role)
    if signal.kind == "binary" or (signal.role == "mode" and value in (0.0, 1.0)):
        return t((states or ("state.off", "state.on"))[value >= 0.5])
    return number(value, signal.decimals, language())


def signals_of(plant: Plant, code: str, bound: Sequence[Signal] = ()) -> list[Signal]:
    """The signals a drawing's code stands for: the signal itself, those that begin with it, or the equipment's.

    `bound` is what the drawing in front binds there, which then holds whatever the tags say. The one that leads (level
    before position before flow …) comes first.
    """
    if code in plant.by_kks:
        return [plant.by_kks[code]]
    found = list(bound) or [
        signal for signal in plant.signals if signal.kks.startswith(code) or signal.equipment == code
    ]
    order = {role: number for number, role in enumerate(_LEADING)}
    return sorted(found, key=lambda signal: order.get(signal.role, len(order)))
