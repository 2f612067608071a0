"""Drawing as the file says: against the PDF of the same drawing, and against the file's own numbers."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from pid_renderer.drawing import Drawing, Text
from pid_renderer.reading import read_as_written
from tests.pid_renderer import proteus_ink
from tests.pid_renderer.conftest import SAMPLES
from tests.pid_renderer.fidelity_table import Row, load_fonts, measured, originals

pytestmark = pytest.mark.shared

FILES = sorted(
    path
    for path in SAMPLES.rglob("*")
    if (path.suffix.lower() == ".xml" and "dexpi-2.0" not in path.parts and "VER.EX01" not in path.name)
    or path.name == "C01V04-VER.EX01.xml"
)
TOLERANCE_MM = 0.01
"""Rounding of the files' own coordinates."""


@pytest.fixture(scope="module")
def rows(samples: Path, qapp) -> list[Row]:
    load_fonts()
    return [measured(pdf) for pdf in originals(samples)]


def test_every_drawing_with_a_pdf_beside_it_is_compared(rows):
    assert len(rows) == 14


def test_ink_lies_where_the_pdf_has_it(rows):
    for row in rows:
        print(f"{row.file}: precision {row.precision:.3f}, recall {row.recall:.3f}")
    precision, recall = np.mean([(row.precision, row.recall) for row in rows], axis=0)
    # Asked for are 0.90 and 0.75; what we have is kept.
    assert precision >= 0.97
    assert recall >= 0.97
    assert [row.file for row in rows if min(row.precision, row.recall) < 0.93] == []


def test_what_the_comparison_leaves_out_is_not_in_the_files(samples):
    for pdf in originals(samples):
        xml = next(file for file in pdf.parent.iterdir() if file.stem == pdf.stem and file.suffix.lower() == ".xml")
        held = xml.read_text(encoding="utf-8-sig")
        assert not [word for word in ("<DrawingBorder", "Project-No", 'String="Nominal', "SIEMENS") if word in held]


def _moved(sheet: proteus_ink.Sheet, drawing: Drawing) -> tuple[float, float]:
    """How far the reader shifted the sheet to have room for what reaches over its stated edge."""
    strokes = [tuple(item.box) for item in drawing.primitives if not isinstance(item, Text)]
    marks = [mark.box for mark in sheet.marks if mark.tag != "Text"]
    ours, theirs = np.array(strokes).min(0), np.array(marks).min(0)
    shift = (float(ours[0] - theirs[0]), float(ours[1] - theirs[1]))
    grown = (drawing.width_mm - sheet.width_mm, drawing.height_mm - sheet.height_mm)
    assert all(-TOLERANCE_MM <= move <= more + TOLERANCE_MM for move, more in zip(shift, grown, strict=True))
    return shift


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_stroke_and_text_lies_where_the_xml_puts_it(path: Path):
    sheet, drawing = proteus_ink.read(path), read_as_written(path)
    texts = [item for item in drawing.primitives if isinstance(item, Text) and item.text.strip()]
    assert Counter(item.text for item in texts) == Counter(mark.text for mark in sheet.marks if mark.tag == "Text")
    if not sheet.sized:
        pytest.skip("the file states no size in a known unit: only its texts were compared")
    dx, dy = _moved(sheet, drawing)
    cells: dict[tuple[int, ...], list[tuple[float, ...]]] = {}
    for item in drawing.primitives:
        if not isinstance(item, Text):
            cells.setdefault(tuple(round(edge) for edge in item.box), []).append(tuple(item.box))
    missing = []
    for mark in sheet.marks:
        if mark.tag != "Text":
            box = tuple(edge + move for edge, move in zip(mark.box, (dx, dy, dx, dy), strict=True))
            if not _take(cells, box):
                missing.append((mark.tag, mark.line, box))
    assert missing == []
    assert list(itertools.chain.from_iterable(cells.values())) == []
    for mark in sheet.marks:
        if mark.tag == "Text":
            at = (mark.box[0] + dx, mark.box[1] + dy)
            assert any(text.text == mark.text and _stands_at(text, at) for text in texts), (mark.text, mark.line)


def _take(cells: dict[tuple[int, ...], list[tuple[float, ...]]], box: tuple[float, ...]) -> bool:
    for cell in itertools.product(*[{math.floor(edge), math.ceil(edge)} for edge in box]):
        for place, found in enumerate(cells.get(cell, ())):
            if max(abs(a - b) for a, b in zip(found, box, strict=True)) < TOLERANCE_MM:
                del cells[cell][place]
                return True
    return False


def _stands_at(text: Text, at: tuple[float, float]) -> bool:
    """Whether the text's own place is at its extent, half a line more or less: justifications differ by as much."""
    room = text.box.grown(text.height_mm)
    return room.left <= at[0] <= room.right and room.top <= at[1] <= room.bottom
