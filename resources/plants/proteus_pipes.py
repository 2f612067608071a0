"""Pipe lines of a sheet: segments laid through points, with fittings, branches, off-page arrows and headers' ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from lxml import etree

from resources.plants import proteus_elements as xml
from resources.plants.proteus_elements import Quantity
from resources.plants.symbols import SYMBOLS, Point

if TYPE_CHECKING:
    from resources.plants.proteus_sheet import Sheet

TEXT_MM: Final = 7.4
"""Smallest text: 10.5 px where a sheet of 840 × 460 mm fits a canvas of 1260 × 690 px."""


@dataclass(frozen=True)
class Port:
    """A connection node of an item: where a pipe or a signal line may start or end."""

    item: str
    node: int
    at: Point


class Line:
    """A pipe line; its segments are drawn one after another."""

    def __init__(self, sheet: Sheet, system: etree._Element, texts: Mapping[str, str]) -> None:
        self._sheet = sheet
        self._texts = {key: texts[key] for key in ("FluidCode", "NominalDiameterRepresentation")}
        self.system = system

    def segment(self, start: Port) -> Segment:
        """A run of pipe that begins at `start`."""
        return Segment(self._sheet, self._element(), start)

    def segment_from_page(self, reference: str, at: Point) -> Segment:
        """A run of pipe that begins at an off-page arrow, whose sheet is `reference`; `at` is the arrow's tip."""
        element = self._element()
        arrow = _off_page(self._sheet, "FlowInPipeOffPageConnector", "INLET_ARROW_SHAPE", "", reference, at)
        element.append(arrow)
        return Segment(self._sheet, element, Port(arrow.get("ID"), 1, at))

    def segment_from_cap(self, at: Point) -> Segment:
        """A header that begins at a blind flange."""
        element = self._element()
        cap = _point_fitting(self._sheet, "BlindFlange", "BLIND_FLANGE_SHAPE", at, 1)
        element.append(cap)
        return Segment(self._sheet, element, Port(cap.get("ID"), 1, at))

    def segment_from_tee(self, at: Point) -> tuple[Segment, Port, Port]:
        """A run of pipe that begins where two others join, and the ports these end at."""
        element = self._element()
        tee = _point_fitting(self._sheet, "PipeTee", "TEE_SHAPE", at, 3)
        element.append(tee)
        identity = tee.get("ID")
        return Segment(self._sheet, element, Port(identity, 2, at)), Port(identity, 1, at), Port(identity, 3, at)

    def _element(self) -> etree._Element:
        identity = self._sheet.identity("PipingNetworkSegment")
        element = xml.item("PipingNetworkSegment", identity, "PipingNetworkSegment")
        xml.attributes(element, self._texts, {})
        self.system.append(element)
        return element


class Segment:
    """A run of pipe under construction: `to` lays pipe, `fit` puts a component in, `end` or `to_page` closes it."""

    def __init__(self, sheet: Sheet, element: etree._Element, start: Port) -> None:
        self._sheet = sheet
        self._element = element
        self._start = start
        self._points = [start.at]

    def to(self, *points: Point) -> None:
        """Lay pipe through `points`."""
        self._points.extend(points)

    def fit(
        self, kind: str, shape: str, at: Point, kks: str = "", design: Mapping[str, Quantity] | None = None
    ) -> etree._Element:
        """Put a component into the pipe at `at`, in line with the pipe that leads there; gives the component."""
        along = xml.unit_vector(self._points[-1], at)
        half = SYMBOLS[shape].half_length
        inlet = (at[0] - along[0] * half, at[1] - along[1] * half)
        outlet = (at[0] + along[0] * half, at[1] + along[1] * half)
        self._lay(inlet)
        identity = f"{kind}-{kks}" if kks else self._sheet.identity(kind)
        component = xml.item("PipingComponent", identity, kind, shape, kks)
        xml.place(component, at, along)
        xml.nodes(component, [("process", inlet), ("process", outlet)], flow=(1, 2))
        xml.attributes(component, {"PipingComponentName": kks}, design or {}, kks)
        self._element.append(component)
        self._points = [outlet]
        return component

    def tee(self, at: Point) -> Port:
        """Put a branch into the pipe at `at`; gives the port of the branch."""
        self._lay(at)
        tee = _point_fitting(self._sheet, "PipeTee", "TEE_SHAPE", at, 3)
        self._element.append(tee)
        self._points = [at]
        return Port(tee.get("ID"), 3, at)

    def end_at_tee(self, at: Point) -> tuple[Port, Port]:
        """End where the pipe parts in two; gives the ports of both."""
        self._lay(at)
        tee = _point_fitting(self._sheet, "PipeTee", "TEE_SHAPE", at, 3)
        self._element.append(tee)
        identity = tee.get("ID")
        self._connect(Port(identity, 1, at))
        return Port(identity, 2, at), Port(identity, 3, at)

    def end_at_cap(self, at: Point) -> None:
        """End at a blind flange."""
        self._lay(at)
        cap = _point_fitting(self._sheet, "BlindFlange", "BLIND_FLANGE_SHAPE", at, 1)
        self._element.append(cap)
        self._connect(Port(cap.get("ID"), 1, at))

    def flow_arrow(self, at: Point, along: Point) -> None:
        """Mark the direction of flow on the pipe."""
        arrow = xml.item("PipeFlowArrow", self._sheet.identity("PipeFlowArrow"), "PipeFlowArrow", "FLOW_ARROW_SHAPE")
        xml.place(arrow, at, along)
        self._element.append(arrow)

    def end(self, port: Port) -> None:
        """Lay the last pipe to `port` and write the segment's connection."""
        self._lay(port.at)
        self._connect(port)

    def to_page(self, text: str, reference: str, at: Point) -> None:
        """End at an off-page arrow that says where the pipe goes; `at` is where the pipe meets it."""
        self._lay(at)
        arrow = _off_page(self._sheet, "FlowOutPipeOffPageConnector", "OUTLET_ARROW_SHAPE", text, reference, at)
        self._element.append(arrow)
        self._connect(Port(arrow.get("ID"), 1, at))

    def _connect(self, end: Port) -> None:
        ends = {"FromID": self._start.item, "FromNode": str(self._start.node)}
        etree.SubElement(self._element, "Connection", {**ends, "ToID": end.item, "ToNode": str(end.node)})

    def _lay(self, point: Point) -> None:
        if self._points[-1] != point:
            self._points.append(point)
        if len(self._points) > 1:
            self._element.append(xml.centre_line(self._points, weight=0.9))


def _point_fitting(sheet: Sheet, kind: str, shape: str, at: Point, ports: int) -> etree._Element:
    """A fitting all of whose `ports` lie at `at`."""
    fitting = xml.item("PipingComponent", sheet.identity(kind), kind, shape)
    xml.place(fitting, at)
    xml.nodes(fitting, [("process", at)] * ports)
    return fitting


def _off_page(sheet: Sheet, kind: str, shape: str, text: str, reference: str, at: Point) -> etree._Element:
    arrow = xml.item("PipeOffPageConnector", sheet.identity(kind), kind, shape)
    xml.place(arrow, at)
    xml.nodes(arrow, [("process", at)])
    if text:
        arrow.append(xml.text(text, (at[0] + 28, at[1] + 4.3), TEXT_MM))
        arrow.append(xml.text(reference, (at[0] + 28, at[1] - 4.3), TEXT_MM))
    xml.attributes(arrow, {"ConnectedDrawing": reference}, {})
    return arrow
