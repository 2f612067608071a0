"""The synoptic: CPU a frame when every value changes, and when the sheet is panned and zoomed, 1920×1080, off screen.

The reference sheet is laid out as often as it takes for 100 living things (symbols and values), each copy with signals
of its own, all of it in sight. CPU is the process's own: neighbours on the machine do not count.
"""

from __future__ import annotations

import os
import random
import time
from dataclasses import replace
from math import ceil
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QPointF
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QApplication

from contracts import plant as plant_files
from contracts.plant import Plant
from contracts.quality import Quality
from data.reading import Reading
from pid_renderer import reading
from pid_renderer.binding import bind
from pid_renderer.canvas import Canvas
from pid_renderer.drawing import Anchor, Arc, Box, Connection, Drawing, Element, Link, Point, Primitive, Text
from pid_renderer.live_sheet import LiveSheet
from resources.theme import theme

LIVING: Final = 100
COLUMNS: Final = 3
FRAMES: Final = 100
MOST_MS_ALL_CHANGED: Final = 4.0
PLANT: Final = Path(plant_files.__file__).parents[1] / "resources" / "plants" / "sim-r1"


def run() -> dict[str, Any]:
    """Milliseconds of CPU a frame, median and worst of 100."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = QApplication.instance() or QApplication([])
    for file in (PLANT.parents[1] / "fonts").glob("*.woff2"):
        QFontDatabase.addApplicationFont(str(file))
    plant, drawing = laid_out(LIVING)
    canvas = Canvas()
    canvas.resize(1920, 1080)
    began = time.process_time()
    canvas.set_sheet(drawing, bind(drawing, plant), plant, theme("light"), "es")
    canvas.show()
    application.processEvents()
    open_ms = 1000 * (time.process_time() - began)
    assert canvas.live is not None
    chance = random.Random(1)
    base = {signal.kks: (signal.low, signal.high, signal.kind) for signal in plant.signals}

    def values() -> dict[str, Reading]:
        now = time.time_ns() // 1000
        return {
            kks: Reading(
                low + (high - low) * chance.uniform(0.3, 0.7) if kind == "analog" else 1.0, now, int(Quality.GOOD)
            )
            for kks, (low, high, kind) in base.items()
        }

    def change() -> None:
        canvas._waiting = waiting.pop()  # noqa: SLF001 - show_readings would wait for its 4 Hz
        canvas.flush()
        application.processEvents()

    waiting = [values() for _ in range(FRAMES + 5)]
    figures: dict[str, Any] = {
        "symbols": len(canvas.live.symbols),
        "values": len(canvas.live.plates),
        "signals": len(plant.signals),
        "zoom_percent": round(canvas.zoom_percent),
        "open_ms": round(open_ms, 1),
    }
    figures["all_changed_ms"], figures["all_changed_worst_ms"] = _measured(change, FRAMES)
    canvas.zoom_by(2.0)
    application.processEvents()

    def pan() -> None:
        canvas._set_view(canvas.view.moved(-3.0, -2.0))  # noqa: SLF001 - what a drag does
        application.processEvents()

    def zoom() -> None:
        canvas.zoom_by(1.02, QPointF(960, 540))
        application.processEvents()

    figures["pan_ms"], figures["pan_worst_ms"] = _measured(pan, FRAMES)
    canvas.fit()
    figures["zoom_ms"], figures["zoom_worst_ms"] = _measured(zoom, 30)
    canvas.close()
    if figures["all_changed_ms"] > MOST_MS_ALL_CHANGED:
        figures["missed"] = [
            f"{figures['all_changed_ms']} ms a frame with all changed is over {MOST_MS_ALL_CHANGED} ms"
        ]
    figures["sentence"] = (
        f"{figures['symbols']} symbols and {figures['values']} values all changing cost "
        f"{figures['all_changed_ms']} ms of CPU a frame, a pan {figures['pan_ms']} ms"
    )
    return figures


def _measured(frame: Any, count: int) -> tuple[float, float]:
    for _ in range(5):
        frame()
    spent = []
    for _ in range(count):
        began = time.process_time()
        frame()
        spent.append(1000 * (time.process_time() - began))
    spent.sort()
    return round(spent[len(spent) // 2], 2), round(spent[-1], 2)


def laid_out(living: int) -> tuple[Plant, Drawing]:
    """The reference plant on one sheet, so often that `living` things live; copies differ in KKS by two digits."""
    plant = plant_files.load(PLANT)
    one = reading.read(plant.drawings[0].file)
    sheet = LiveSheet(one, bind(one, plant), plant, "es")
    copies = ceil(living / (len(sheet.symbols) + len(sheet.plates)))
    columns = min(copies, COLUMNS)
    rows = ceil(copies / columns)
    unbound = {signal.kks for signal in sheet.binding.unbound_signals}
    primitives: list[Primitive] = []
    elements: dict[str, Element] = {}
    connections: list[Connection] = []
    links: list[Link] = []
    anchors: list[Anchor] = []
    signals = []
    for number in range(copies):
        by = one.width_mm * (number % columns), one.height_mm * (number // columns)
        tail, unit = f"~{number}", f"{10 + number}"

        def code(kks: str, unit: str = unit) -> str:
            return unit + kks[2:] if kks else ""

        primitives += [_shifted(item, by, tail) for item in one.primitives]
        for element in one.elements.values():
            box = _box(element.box, by) if element.box is not None else None
            elements[element.id + tail] = replace(
                element,
                id=element.id + tail,
                kks=code(element.kks),
                tag=code(element.tag),
                box=box,
                parent=element.parent + tail if element.parent else "",
            )
        connections += [Connection(c.source + tail, c.target + tail, c.segment + tail) for c in one.connections]
        links += [Link(link.kind, link.source + tail, link.target + tail) for link in one.links]
        anchors += [
            a._replace(element=a.element + tail, signal=code(a.signal), box=_box(a.box, by)) for a in one.anchors
        ]
        signals += [
            replace(s, kks=code(s.kks), equipment=code(s.equipment)) for s in plant.signals if s.kks not in unbound
        ]
    drawing = replace(
        one,
        width_mm=one.width_mm * columns,
        height_mm=one.height_mm * rows,
        primitives=tuple(primitives),
        elements=elements,
        connections=tuple(connections),
        links=tuple(links),
        anchors=tuple(anchors),
        ports={},
    )
    return replace(plant, signals=tuple(signals), tanks=()), drawing


def _box(box: Box, by: Point) -> Box:
    return Box(box.left + by[0], box.top + by[1], box.right + by[0], box.bottom + by[1])


def _shifted(item: Primitive, by: Point, tail: str) -> Primitive:
    def moved(point: Point) -> Point:
        return point[0] + by[0], point[1] + by[1]

    owner = item.owner + tail
    if isinstance(item, Text):
        return replace(item, owner=owner, at=moved(item.at))
    if isinstance(item, Arc):
        return replace(item, owner=owner, centre=moved(item.centre))
    return replace(item, owner=owner, points=tuple(moved(point) for point in item.points))
