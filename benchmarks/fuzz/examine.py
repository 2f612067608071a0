"""The whole way of one file: read, graph, bind, write, paint; and what must hold of whatever comes out."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Sequence
from random import Random
from typing import Final

from benchmarks.fuzz.bases import ROOT, Base, load
from benchmarks.fuzz.mutate import mutant
from pid_renderer.drawing import Arc, BadDrawing, Box, Drawing, Polyline, Text

LONGEST_SENTENCE: Final = 600
_PAINTED_SHARE: Final = 1 / 25
_PICTURE_PX: Final = (320, 240)
_NAME: Final = "fuzzed.xml"

Examine = Callable[[bytes, Random], str]
"""Takes a file to its end; returns what became of it in a word or two. Whatever it raises is a finding."""


class Wrong(AssertionError):
    """Something came out that no reader may make; the text says what."""


def examiner() -> Examine:
    """The real way, with everything loaded that files share."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from contracts import plant as plant_files
    from pid_renderer import reading, svg
    from pid_renderer.binding import bind
    from pid_renderer.plant_graph import PlantGraph
    from pid_renderer.said import said
    from resources.theme import theme

    plant = plant_files.load(ROOT / "resources" / "plants" / "sim-r1")
    light = theme("light")
    paint = _painter()

    def examine(content: bytes, random: Random) -> str:
        try:
            drawing = reading.read_bytes(content, _NAME)
        except BadDrawing as error:
            said(str(error), "es")
            return _refused(str(error))
        _check(drawing)
        for item in drawing.unread[:10]:
            said(item.what, "es")
        graph = PlantGraph(drawing)
        graph.loops  # noqa: B018 - a query
        for element in graph.equipment[:3]:
            graph.downstream(element.id)
            graph.upstream(element.id)
        svg.write(drawing, bind(drawing, plant), light)
        if random.random() < _PAINTED_SHARE:
            paint(drawing)
            return "drawn and painted"
        return "drawn"

    return examine


def _refused(sentence: str) -> str:
    if not sentence.startswith(_NAME) or "\n" in sentence or len(sentence) > LONGEST_SENTENCE:
        raise Wrong(f"not one sentence that names the file: {sentence[:300]!r}")
    return "not well-formed" if "not well-formed" in sentence else "refused"


def _check(drawing: Drawing) -> None:
    """No coordinate is beyond a sheet, nothing belongs to an element that is not there."""
    if not (_sane(drawing.width_mm) and _sane(drawing.height_mm)):
        raise Wrong(f"a sheet of {drawing.width_mm} x {drawing.height_mm} mm")
    for item in drawing.primitives:
        match item:
            case Polyline():
                numbers: Sequence[float] = [number for point in item.points for number in point]
                if len(item.points) < 2:
                    raise Wrong("a line of one point")
            case Arc():
                numbers = (*item.centre, item.rx, item.ry, item.rotation_deg, item.start_deg, item.sweep_deg)
            case Text():
                numbers = (*item.at, item.height_mm, item.angle_deg)
        if not all(map(_sane, numbers)):
            raise Wrong(f"{type(item).__name__} of {item.owner!r} has no place on any sheet: {numbers[:8]}")
        if item.owner and item.owner not in drawing.elements:  # the sheet itself owns what has no owner
            raise Wrong(f"{type(item).__name__} belongs to {item.owner!r}, which is not in the drawing")
    for id_, element in drawing.elements.items():
        if element.id != id_ or (element.parent and element.parent not in drawing.elements):
            raise Wrong(f"element {id_!r} calls itself {element.id!r} and its parent {element.parent!r}")
        if element.box is not None and not all(map(_sane, element.box)):
            raise Wrong(f"element {id_!r} has the extent {element.box}")


def _sane(number: float) -> bool:
    return math.isfinite(number) and abs(number) < 1e13


def _painter() -> Callable[[Drawing], None]:
    from PySide6.QtGui import QFontDatabase, QGuiApplication, QImage, QPainter

    from pid_renderer.paint_box import PaintBox
    from pid_renderer.sheet_painter import SheetPainter
    from pid_renderer.view import fitting
    from resources.theme import theme

    application = QGuiApplication.instance() or QGuiApplication([])
    for file in (ROOT / "resources" / "fonts").glob("*.woff2"):
        QFontDatabase.addApplicationFont(str(file))
    colors = PaintBox(theme("light"))
    image = QImage(*_PICTURE_PX, QImage.Format.Format_RGB32)

    def paint(drawing: Drawing) -> None:
        assert application is not None  # kept alive here
        view = fitting(drawing.width_mm, drawing.height_mm, *_PICTURE_PX)
        painter = QPainter(image)
        try:
            visible = Box(0.0, 0.0, max(1.0, drawing.width_mm), max(1.0, drawing.height_mm))
            SheetPainter(drawing).paint(painter, view, visible, colors, everything=True)
        finally:
            painter.end()

    return paint


class Cases:
    """Files by number. Case (seed, number) is the same bytes on every machine that has the same bases."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._bases: list[Base] = load()

    def random(self, number: int) -> Random:
        """The generator of one case, for what follows the mutation."""
        return Random(f"{self._seed}:{number}:way")

    def make(self, number: int) -> tuple[bytes, str]:
        """The file, and how it came about."""
        made = mutant(Random(f"{self._seed}:{number}"), self._bases)
        return made.content, f"{made.base}: {', '.join(made.ways)}"
