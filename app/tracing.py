"""A line followed up- and downstream, on through off-page connectors to the other sheets of the plant. No Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from app.sheet_jumps import SheetJumps
from pid_renderer.drawing import Element
from pid_renderer.plant_graph import PlantGraph
from pid_renderer.route import Direction, Route, follow
from resources.words import t

MOST_SHEETS: Final = 200
NAMED: Final = ("tank", "vessel", "column", "pump", "compressor", "exchanger", "furnace", "agitator", "equipment")
"""Families whose members a person wants by name; valves and pipes are counted."""


@dataclass(frozen=True)
class Trace:
    """A route over the sheets of a plant, by drawing number."""

    code: str
    direction: Direction
    home: int
    """The sheet it began on."""
    routes: Mapping[int, Route]
    comes: tuple[str, ...]
    """Where it comes from outside the drawings at hand, as the connectors say it."""
    leaves: tuple[str, ...]
    """Where it goes on outside the drawings at hand."""
    notes: tuple[str, ...]
    """Why it may go on where it was not followed: a sheet that cannot be read, or too many sheets."""

    def equipment(self, jumps: SheetJumps) -> list[tuple[int, Element]]:
        """The main items on the way with their sheet's number, nearest first, without where it began."""
        found = []
        for number, route in self.routes.items():
            sheet = jumps.sheet(number)
            for id_ in dict.fromkeys((*route.up, *route.down)) if sheet is not None else ():
                element = sheet.drawing.elements[id_] if sheet is not None else None
                if element is not None and element.family in NAMED and element.tag:
                    found.append((number, element))
        return found

    def count(self, jumps: SheetJumps, *families: str) -> int:
        """How many elements of some families are on the way."""
        total = 0
        for number, route in self.routes.items():
            sheet = jumps.sheet(number)
            if sheet is not None:
                total += sum(sheet.drawing.elements[id_].family in families for id_ in {*route.up, *route.down})
        return total


class Tracer:
    """Follows lines on the sheets of one plant; each sheet's graph is made once."""

    def __init__(self, jumps: SheetJumps) -> None:
        self.jumps = jumps
        self._graphs: dict[int, PlantGraph] = {}

    def trace(self, code: str, number: int, element: str, direction: Direction) -> Trace:
        """Follow from an element (id) of a sheet. Raises KeyError for one that is not there."""
        routes: dict[int, Route] = {}
        outside: dict[Direction, dict[str, None]] = {"up": {}, "down": {}}
        notes: dict[str, None] = {}
        waiting: list[tuple[int, str, Direction]] = [(number, element, direction)]
        seen = set(waiting)
        while waiting:
            sheet_number, start, way = waiting.pop(0)
            if sheet_number not in routes and len(routes) >= MOST_SHEETS:
                notes[t("trace.cut", n=MOST_SHEETS)] = None
                continue
            graph = self._graph(sheet_number)
            if graph is None:
                notes[t("trace.unread", sheet=self.jumps.title(sheet_number))] = None
                continue
            route = follow(graph, [start], way)
            known = routes.get(sheet_number)
            routes[sheet_number] = route if known is None else known.joined(route)
            destinations = self.jumps.of(sheet_number)
            for id_, onward in self._exits(graph, route, way):
                destination = destinations.get(id_)
                if destination is None:
                    continue
                other = destination.partner
                if other is None or not other.element:
                    named = destination.said or graph.drawing.elements[id_].tag or t("trace.unnamed")
                    outside[onward][named] = None
                    for unread in self.jumps.unread() if other is None else ():
                        notes[t("trace.unread", sheet=self.jumps.title(unread))] = None
                elif (step := (other.sheet, other.element, onward)) not in seen:
                    seen.add(step)
                    waiting.append(step)
        return Trace(code, direction, number, routes, tuple(outside["up"]), tuple(outside["down"]), tuple(notes))

    @staticmethod
    def _exits(graph: PlantGraph, route: Route, way: Direction) -> list[tuple[str, Direction]]:
        """Connectors the route leaves by, and in which direction it goes on behind each."""
        elements = graph.drawing.elements
        found: list[tuple[str, Direction]] = []
        if way != "up":
            found += [(id_, "down") for id_ in (*route.starts, *route.down) if elements[id_].family == "connector"]
        if way != "down":
            found += [(id_, "up") for id_ in (*route.starts, *route.up) if elements[id_].family == "connector"]
        jumps = {jump.element: jump.direction for jump in graph.drawing.jumps}
        # Fluid that comes in here does not go out by the same connector.
        return [(id_, onward) for id_, onward in found if jumps.get(id_) != ("in" if onward == "down" else "out")]

    def _graph(self, number: int) -> PlantGraph | None:
        if number not in self._graphs:
            sheet = self.jumps.sheet(number)
            if sheet is None:
                return None
            self._graphs[number] = PlantGraph(sheet.drawing)
        return self._graphs[number]
