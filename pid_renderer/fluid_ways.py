"""Through which space of an item the fluid passes: an exchanger's tube side is not its shell side.

Chambers tell, where a file has them; else what flows in the pipes; else the nozzles' numbers; else nothing does, and
all nozzles share one space.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from pid_renderer.drawing import Drawing, Element

_SPACES: Final = frozenset({"Chamber", "HeatExchangerShell", "ShellAndTubeHeatExchangerTubeBundle"})
_FLUID: Final = ("FluidCode", "OperFluidCode", "Fluid")


@dataclass(frozen=True)
class Space:
    """A space that holds fluid, and the nozzles that lead into it."""

    id: str
    """The chamber's element id; the item's own where it is one space, or `item/N` where nothing names the spaces."""
    item: str
    nozzles: tuple[str, ...]


def spaces(
    drawing: Drawing, item: Element, pipes_at: Mapping[str, Iterable[str]], directions: Mapping[str, str]
) -> list[Space]:
    """The spaces of an equipment item. `pipes_at`: segments at each nozzle; `directions`: `in`, `out` or neither."""
    nozzles = [id_ for id_ in _nozzles(drawing, item.id) if id_ in pipes_at]
    by_chamber = _by_chamber(drawing, nozzles)
    if len(by_chamber) > 1 or (by_chamber and item.family == "exchanger"):
        rest = [id_ for id_ in nozzles if not any(id_ in group for group in by_chamber.values())]
        found = [Space(chamber, item.id, tuple(group)) for chamber, group in by_chamber.items()]
        return [*found, Space(item.id, item.id, tuple(rest))] if rest else found
    if item.family == "exchanger" and len(nozzles) > 2:
        by_fluid = list(_by_fluid(drawing, nozzles, pipes_at).values())
        groups = by_fluid if len(by_fluid) > 1 else _by_number(drawing, nozzles, directions)
        if groups:
            return [Space(f"{item.id}/{i}", item.id, tuple(group)) for i, group in enumerate(groups, start=1)]
    return [Space(item.id, item.id, tuple(nozzles))]


def _nozzles(drawing: Drawing, item: str) -> list[str]:
    """Nozzles of an item and of its parts."""
    found = []
    for id_ in drawing.children_of.get(item, ()):
        family = drawing.elements[id_].family
        if family == "nozzle":
            found.append(id_)
        elif family == "other":
            found += _nozzles(drawing, id_)
    return found


def _by_chamber(drawing: Drawing, nozzles: Iterable[str]) -> dict[str, list[str]]:
    wanted = list(nozzles)
    found: defaultdict[str, list[str]] = defaultdict(list)
    for link in drawing.links:
        if link.kind not in ("is located in", "is the location of"):
            continue
        nozzle, space = (link.source, link.target) if link.kind == "is located in" else (link.target, link.source)
        if nozzle in wanted and drawing.elements[space].component_class in _SPACES and nozzle not in found[space]:
            found[space].append(nozzle)
    for nozzle in wanted:
        parent = drawing.elements[nozzle].parent
        if drawing.elements[parent].component_class in _SPACES and nozzle not in found[parent]:
            found[parent].append(nozzle)
    return {space: group for space, group in found.items() if group}


def _by_fluid(drawing: Drawing, nozzles: Iterable[str], pipes_at: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
    """Nozzles by what flows in them; empty where one of them does not say."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for nozzle in nozzles:
        fluid = _fluid(drawing, [nozzle, *pipes_at[nozzle]])
        if not fluid:
            return {}
        found[fluid].append(nozzle)
    return dict(found)


def _by_number(drawing: Drawing, nozzles: Iterable[str], directions: Mapping[str, str]) -> list[list[str]]:
    """Pairs N1 N2, N3 N4, if each is one way in and one way out, as data sheets number them; empty otherwise."""
    numbers = {id_: re.sub(r"\D", "", _name(drawing, id_)) for id_ in nozzles}
    if not all(numbers.values()) or len(set(numbers.values())) != len(numbers) or len(numbers) % 2:
        return []
    ordered = sorted(numbers, key=lambda id_: int(numbers[id_]))
    pairs = [ordered[i : i + 2] for i in range(0, len(ordered), 2)]
    return pairs if all({directions.get(id_) for id_ in pair} == {"in", "out"} for pair in pairs) else []


def _name(drawing: Drawing, nozzle: str) -> str:
    element = drawing.elements[nozzle]
    return (element.tag or element.text("SubTagName"))[:20]


def _fluid(drawing: Drawing, ids: Iterable[str]) -> str:
    """What flows, without the small letter that numbers its states along a line: MNb, MNc → MN."""
    for id_ in ids:
        element: Element | None = drawing.elements[id_]
        while element is not None:
            text = element.text(*_FLUID)
            if text:
                return re.sub(r"(?<=[A-Z]{2})[a-z]$", "", text.strip())
            parent = drawing.elements.get(element.parent)
            element = parent if parent is not None and parent.family == "pipe" else None
    return ""
