"""C01, the DEXPI reference P&ID, in Proteus XML and in DEXPI 2.0: both files say and show the same."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QImage, QPainter

from pid_renderer.drawing import Drawing, Text
from pid_renderer.paper_painter import PaperPainter
from pid_renderer.plant_graph import PlantGraph
from pid_renderer.reading import read_as_written as read
from tests.pid_renderer.likeness import dilated, ink


@pytest.fixture(scope="module")
def twins(samples: Path) -> tuple[Drawing, Drawing]:
    return tuple(read(next((samples / folder).glob("*.xml"))) for folder in ("proteus-c01", "dexpi-2.0"))  # type: ignore[return-value]


def plain(id_: str) -> str:
    """`Nozzle-1` of the one file is `Nozzle1` in the other."""
    return id_.replace("-", "")


@pytest.mark.shared
def test_c01_has_the_same_elements_in_both_formats(twins):
    counts = [
        Counter((each.component_class, each.tag, each.family, each.kind) for each in drawing.elements.values()
                if each.kind not in ("other", "label"))
        for drawing in twins
    ]  # fmt: skip
    assert counts[0] == counts[1]
    labels = [sum(each.kind == "label" for each in drawing.elements.values()) for drawing in twins]
    assert labels[0] == labels[1]
    assert [drawing.unread for drawing in twins] == [(), ()]


@pytest.mark.shared
def test_c01_has_the_same_topology_in_both_formats(twins):
    ways = [Counter((plain(a), plain(b), plain(pipe)) for a, b, pipe, *_ in drawing.connections) for drawing in twins]
    assert ways[0] == ways[1]
    assert ways[0].total() == 27

    def named(drawing: Drawing, id_: str) -> tuple[str, str]:
        return drawing.elements[id_].component_class, drawing.elements[id_].tag

    links = [
        Counter((link.kind, named(drawing, link.source), named(drawing, link.target)) for link in drawing.links)
        for drawing in twins
    ]
    assert links[0] == links[1]
    reached = [{plain(id_) for id_ in PlantGraph(drawing).downstream(start)} for drawing, start in
               zip(twins, ("CentrifugalPump-1", "CentrifugalPump1"), strict=True)]  # fmt: skip
    assert reached[0] == reached[1]


@pytest.mark.shared
def test_c01_has_the_same_attributes_in_both_formats(twins):
    old, new = twins
    compared = 0
    for id_, element in old.elements.items():
        twin = new.elements.get(plain(id_))
        if twin is None:
            continue
        values = {name.replace("(", "").replace(")", ""): each for name, each in element.attributes.items()}
        assert set(values) == set(twin.attributes), id_
        for name, each in values.items():
            other = twin.attributes[name]
            assert (other.value, each.value) == (None, None) or other.value == pytest.approx(each.value), (id_, name)
            # Only DEXPI 2.0 says of a pressure that it is a gauge pressure.
            assert other.unit.removesuffix("(g)") == each.unit.removesuffix("(g)"), (id_, name)
            compared += 1
    assert compared > 400


@pytest.mark.shared
def test_c01_has_the_same_texts_in_both_formats(twins):
    old, new = (
        Counter(
            (each.text, each.height_mm, round(each.angle_deg), each.horizontal, each.at) for each in texts_of(sheet)
        )
        for sheet in twins
    )
    moved = sorted((old - new).elements()), sorted((new - old).elements())
    # The author of the newer file moved six texts by up to 3 mm; they are the same texts.
    assert [each[:4] for each in moved[0]] == [each[:4] for each in moved[1]]
    assert len(moved[0]) == 6
    assert all(math.dist(a[4], b[4]) < 3 for a, b in zip(*moved, strict=True))


@pytest.mark.shared
def test_c01_has_its_nozzles_joined_at_the_same_places_in_both_formats(twins):
    old, new = (
        {
            plain(id_): [(round(x, 3), round(y, 3)) for x, y in points]
            for id_, points in drawing.ports.items()
            if id_.startswith("Nozzle") and points
        }
        for drawing in twins
    )
    assert old == new
    assert len(new) == 18


@pytest.mark.shared
def test_c01_looks_the_same_in_both_formats(qapp, twins):
    pictures = [painted(drawing) for drawing in twins]
    for ours, theirs in (pictures, pictures[::-1]):
        assert (ours & dilated(theirs)).sum() / ours.sum() > 0.98


@pytest.mark.shared
def test_c01_has_every_symbol_at_the_same_place_in_both_formats(twins):
    old, new = (
        {plain(id_): [round(edge, 2) for edge in each.box] for id_, each in drawing.elements.items() if each.box}
        for drawing in twins
    )
    same = {id_ for id_ in old if id_ in new and not id_.startswith(("Actuating", "Controlled"))}
    assert len(same) > 70
    assert {id_: old[id_] for id_ in same} == {id_: new[id_] for id_ in same}


def texts_of(drawing: Drawing) -> list[Text]:
    """With places rounded to what the files can hold."""
    return [
        replace(each, at=(round(each.at[0], 3), round(each.at[1], 3)))
        for each in drawing.primitives
        if isinstance(each, Text)
    ]


def painted(drawing: Drawing) -> np.ndarray:
    """Where the printed sheet has ink, at 150 dpi."""
    scale = 150 / 25.4
    image = QImage(round(drawing.width_mm * scale), round(drawing.height_mm * scale), QImage.Format.Format_Grayscale8)
    image.fill(255)
    painter = QPainter(image)
    painter.scale(scale, scale)
    PaperPainter(drawing).paint(painter)
    painter.end()
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return ink(rows[:, : image.width()].copy())
