"""Who measures, who decides, who moves: each instrument's transmitters, places of measurement and valves.

DEXPI 1.x says it by functions: a signal generating function (the transmitter) located in a pipe item, a measuring line
to the instrument, a signal line on to an actuating function, the actuating system that fulfils it, and the valve that
system refers to. Where a file joins bubbles and valves directly, or only by their loop, that is followed instead.
"""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pid_renderer.drawing import Drawing, Element

_VALVE_TAG: Final = re.compile(r"[A-Z]{1,3}V[ -]?\d")
_NUMBER: Final = re.compile(r"\d.*$")
_MOVED: Final = frozenset({"valve", "pump", "compressor", "agitator"})


@dataclass(frozen=True)
class Loop:
    """One instrumentation loop and its members, by element id."""

    id: str
    tag: str
    members: tuple[str, ...]


@dataclass(frozen=True)
class ControlLink:
    """One instrument's part in control. All are element ids."""

    instrument: str
    transmitters: tuple[str, ...]
    """Signal generating functions, and instruments whose signal it gets."""
    measures: tuple[str, ...]
    """Where those sit: nozzle, pipe item, vessel."""
    actuators: tuple[str, ...]
    """Actuating systems it gives orders to."""
    moves: tuple[str, ...]
    """Valves and drives behind them."""
    loop: str
    """The loop it belongs to; empty for none."""


def loops(drawing: Drawing) -> list[Loop]:
    """The file's instrumentation loops with what belongs to them."""
    members: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for link in drawing.links:
        if link.kind == "is a collection including":
            members[link.source][link.target] = None
        elif link.kind == "is a part of":
            members[link.target][link.source] = None
    by_number: defaultdict[str, list[str]] = defaultdict(list)
    for element in drawing.elements.values():
        if element.kind == "instrument":
            by_number[_number(element.tag)].append(element.id)
    found = [element for element in drawing.elements.values() if element.kind == "loop"]
    # AutoCAD lists loops without members: those of the loop's number are meant, as ISA-5.1 numbers them.
    return [Loop(e.id, e.tag, tuple(members[e.id] or by_number.get(_number(e.tag) or "?", ()))) for e in found]


def _number(tag: str) -> str:
    found = _NUMBER.search(tag)
    return found[0] if found else ""


def control_links(drawing: Drawing, known: Sequence[Loop]) -> dict[str, ControlLink]:
    """The links of every instrument that has any, by its id."""
    signals = _signals(drawing)
    back: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for start, ends in signals.items():
        for end in ends:
            back[end][start] = None
    located = _located(drawing)
    loop_of = {member: loop for loop in known for member in loop.members}
    found = {}
    for element in drawing.elements.values():
        if element.kind != "instrument" or element.family != "instrument":
            continue
        ahead, behind = _reached(drawing, element.id, signals), _reached(drawing, element.id, back)
        loop = loop_of.get(element.id)
        transmitters = [id_ for id_ in behind if _gives_signals(drawing.elements[id_])]
        places = [place for id_ in (element.id, *transmitters) for place in located.get(id_, ())]
        places += [id_ for id_ in behind if id_ not in transmitters]
        moves = _moved(drawing, ahead)
        if not moves:
            # Comos lets a line begin at the actuator, whichever way the order goes.
            moves = _moved(drawing, [id_ for id_ in behind if _takes_orders(drawing, id_)])
            places = [id_ for id_ in places if id_ not in moves and drawing.elements[id_].family != "actuator"]
        if not moves and loop is not None and not any(drawing.elements[id_].family == "instrument" for id_ in ahead):
            # Old SmartPlant files join a controller and its valve by nothing but their loop.
            moves = _moved(drawing, loop.members)
        actuators = [id_ for id_ in ahead if drawing.elements[id_].component_class == "ActuatingSystem"]
        link = ControlLink(
            element.id, tuple(transmitters), tuple(dict.fromkeys(places)), tuple(actuators), tuple(moves),
            loop.id if loop is not None else "",
        )  # fmt: skip
        if link.transmitters or link.measures or link.actuators or link.moves or link.loop:
            found[element.id] = link
    return found


def _takes_orders(drawing: Drawing, id_: str) -> bool:
    """Whether it has an actuator or an ISA-5.1 valve tag (HV, PV …): the block valve below a gauge has neither."""
    parts = (id_, *drawing.children_of.get(id_, ()))
    return any(drawing.elements[part].family == "actuator" for part in parts) or (
        _VALVE_TAG.match(drawing.elements[id_].tag) is not None
    )


def _moved(drawing: Drawing, ids: Iterable[str]) -> list[str]:
    """The valves and drives among `ids`; an actuator drawn as a part of its valve stands for the valve."""
    found: dict[str, None] = {}
    for id_ in ids:
        element = drawing.elements[id_]
        parent = drawing.elements.get(element.parent)
        if element.family in _MOVED:
            found[id_] = None
        elif element.family == "actuator" and parent is not None and parent.family in _MOVED:
            found[parent.id] = None
    return list(found)


def _gives_signals(element: Element) -> bool:
    return element.family == "instrument" or "SignalGenerating" in element.component_class


def _signals(drawing: Drawing) -> dict[str, dict[str, None]]:
    """Who tells whom."""
    ends: defaultdict[str, dict[str, None]] = defaultdict(dict)
    starts_of: defaultdict[str, list[str]] = defaultdict(list)
    ends_of: defaultdict[str, list[str]] = defaultdict(list)
    for link in drawing.links:
        match link.kind:
            case "has logical start":
                starts_of[link.source].append(link.target)
            case "is logical start of":
                starts_of[link.target].append(link.source)
            case "has logical end":
                ends_of[link.source].append(link.target)
            case "is logical end of":
                ends_of[link.target].append(link.source)
            case "signal" | "is fulfilled by":
                ends[link.source][_whole(drawing, link.target)] = None
            case "fulfills":
                ends[link.target][link.source] = None
            case "refers to":
                ends[_whole(drawing, link.source)][link.target] = None
            case _:
                pass
    for line, starts in starts_of.items():
        for start in starts:
            ends[start].update(dict.fromkeys(_whole(drawing, end) for end in ends_of[line]))
    return dict(ends)


def _whole(drawing: Drawing, id_: str) -> str:
    """An actuator's signal is its system's."""
    parent = drawing.elements.get(drawing.elements[id_].parent)
    return parent.id if parent is not None and parent.component_class == "ActuatingSystem" else id_


def _located(drawing: Drawing) -> dict[str, list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for link in drawing.links:
        if link.kind == "is located in":
            found[link.source].append(link.target)
        elif link.kind == "is the location of" and link.source not in found[link.target]:
            found[link.target].append(link.source)
    return dict(found)


def _reached(drawing: Drawing, start: str, ways: Mapping[str, Iterable[str]]) -> list[str]:
    """All that follow `start`, nearest first, on beyond other instruments (a cascade) but not beyond what is moved."""
    seen = {start}
    waiting, found = deque([start]), []
    while waiting:
        node = waiting.popleft()
        for following in ways.get(node, ()):
            if following not in seen:
                seen.add(following)
                found.append(following)
                if drawing.elements[following].family not in _MOVED:
                    waiting.append(following)
    return found
