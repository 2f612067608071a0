"""On which side of a piece of equipment a pipe begins or ends: gas at the top, liquid low, the flow to the right."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from pid_renderer.component_class import service
from pid_renderer.drawing import Drawing, Element
from pid_renderer.layout.symbols import Side
from pid_renderer.layout.topology import Run

_GAS_WORDS = ("gas", "vapour", "vapor", "overhead", "flare", "vent", "steam")
_RELIEF = ("safety", "relief", "rupture", "breather", "vacuum")


@dataclass(frozen=True)
class Way:
    """One pipe seen from a piece of equipment."""

    run: Run
    leaves: bool
    backward: bool
    """Drawn from right to left."""
    other: str
    """Node at the far end; empty for none."""

    @property
    def end(self) -> str:
        """Element id where it meets the equipment."""
        return self.run.source_end if self.leaves else self.run.target_end

    @property
    def towards(self) -> Side:
        """The side that looks at the far end."""
        return "right" if self.leaves != self.backward else "left"


def sides_of(drawing: Drawing, element: Element, ways: list[Way]) -> list[Side]:
    """The side for each of `ways`."""
    match element.family:
        case "pump" | "compressor":
            return _machine(ways)
        case "column" | "vessel":
            return _vessel(drawing, element, ways)
        case "exchanger":
            return _exchanger(drawing, ways)
        case "furnace":
            return ["bottom" if not way.leaves and _is_fuel(drawing, way) else way.towards for way in ways]
        case "tank":
            return ["top" if way.leaves and _is_gas(drawing, way) else way.towards for way in ways]
        case _:
            return [way.towards for way in ways]


def _machine(ways: list[Way]) -> list[Side]:
    """Suction left, discharge right; the other way round where all of it flows to the left."""
    if ways and all(way.backward for way in ways):
        return [way.towards for way in ways]
    return ["right" if way.leaves else "left" for way in ways]


def _vessel(drawing: Drawing, element: Element, ways: list[Way]) -> list[Side]:
    outs = [way for way in ways if way.leaves]
    gas = [way for way in outs if _is_gas(drawing, way)]
    liquid = [way for way in outs if way not in gas]
    if element.family == "column" and not gas and len(liquid) > 1:
        gas = [liquid.pop(0)]
    bottoms = [way for way in liquid if _next_is(drawing, way, "pump")] or liquid
    found: list[Side] = []
    for way in ways:
        if way in gas:
            found.append("top")
        elif bottoms and way is bottoms[-1] and not way.backward:
            found.append("bottom")
        else:
            found.append(way.towards)
    return found


def _exchanger(drawing: Drawing, ways: list[Way]) -> list[Side]:
    """The side that is piped most runs across, the other from top to bottom."""
    chamber = {link.source: link.target for link in drawing.links if link.kind == "is located in"}
    groups = [chamber.get(way.end, "") for way in ways]
    counts = Counter(groups)
    main = max(counts, key=lambda name: (counts[name], -groups.index(name))) if counts else ""
    if len(counts) > 1:
        return [
            way.towards if group == main else ("bottom" if way.leaves else "top")
            for way, group in zip(ways, groups, strict=True)
        ]
    seen: set[bool] = set()
    found: list[Side] = []
    for way in ways:
        first = way.leaves not in seen
        seen.add(way.leaves)
        found.append(way.towards if first else "bottom" if way.leaves else "top")
    return found


def _fluid(drawing: Drawing, way: Way) -> str:
    words = []
    for segment in (s for s in way.run.segments if s in drawing.elements):
        element: Element | None = drawing.elements[segment]
        while element is not None:
            words.append(element.text("FluidName", "FluidCode", "FluidDescription", "Service", "EquipmentDescription"))
            element = drawing.elements.get(element.parent)
    return " ".join(words).lower()


def _is_gas(drawing: Drawing, way: Way) -> bool:
    classes = " ".join(drawing.elements[piece.element].component_class for piece in way.run.pieces).lower()
    if any(word in classes for word in _RELIEF) or _next_is(
        drawing, way, "compressor", "aircool", "condenser", "flare"
    ):
        return True
    fluid = _fluid(drawing, way)
    return any(word in fluid for word in _GAS_WORDS) and "gas oil" not in fluid and "gasoil" not in fluid


def _is_fuel(drawing: Drawing, way: Way) -> bool:
    fluid = _fluid(drawing, way)
    return "fuel" in fluid or service(fluid) in ("gas", "air")


def _next_is(drawing: Drawing, way: Way, *words: str) -> bool:
    other = drawing.elements.get(way.other)
    if other is None:
        return False
    return any(word == other.family or word in other.component_class.lower() for word in words)
