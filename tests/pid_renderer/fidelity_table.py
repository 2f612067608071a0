"""Precision and recall of each drawing that has a PDF beside it.

`python -m tests.pid_renderer.fidelity_table` writes the table of docs/drawings.md.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pypdfium2
from PySide6.QtGui import QFontDatabase, QImage, QPainter

from pid_renderer.paper_painter import PaperPainter
from pid_renderer.reading import read_as_written
from tests.pid_renderer import proteus_ink
from tests.pid_renderer.conftest import ROOT, SAMPLES
from tests.pid_renderer.likeness import Fit, compare, dilated, ink

DPI = 150
PX_IN_MM = DPI / 25.4
ROOM_MM = 5.0
"""What is compared: the original within this of the strokes that the XML holds, told by the XML's own numbers."""
TEXT_MM = 2.5
"""How far a text's justified point may lie from its ink in the PDF: less than the height of the sheets' lettering."""
PAGE = ROOT / "docs" / "drawings.md"
BEGIN, END = "<!-- table of fidelity: written by python -m tests.pid_renderer.fidelity_table -->", "<!-- end -->"


@dataclass(frozen=True)
class Row:
    file: str
    program: str
    precision: float
    recall: float
    whole: float
    """Recall over the whole page: frame, title block and tables included, which the XML does not hold."""
    scale: float
    lost: tuple[str, ...]
    """Texts of the XML that the PDF does not have at their place, one to one."""
    cut: tuple[str, ...]
    """Texts of the PDF that stand outside of what is compared."""
    shared: tuple[str, ...]
    """Those of `cut` that are also some text of the XML: repeated in a table, or a letter of the frame."""


def originals(samples: Path) -> list[Path]:
    """PDFs that have an XML of the same name beside them."""
    return sorted(pdf for pdf in samples.rglob("*.pdf") if _xml(pdf) is not None)


def _xml(pdf: Path) -> Path | None:
    return next(
        (file for file in pdf.parent.iterdir() if file.stem == pdf.stem and file.suffix.lower() == ".xml"), None
    )


def load_fonts() -> None:
    for file in (ROOT / "resources" / "fonts").glob("*.woff2"):
        QFontDatabase.addApplicationFont(str(file))


def measured(pdf: Path) -> Row:
    xml = _xml(pdf)
    drawing, sheet = read_as_written(xml), proteus_ink.read(xml)
    painted = PaperPainter(drawing)
    document = pypdfium2.PdfDocument(pdf)
    page = document[0]
    width_pt = page.get_size()[0]
    grey = page.render(scale=DPI / 72, grayscale=True).to_numpy()
    grey = grey.reshape(grey.shape[:2]).copy()
    printed = _printed(page)
    document.close()

    def paint(fit: Fit, size: tuple[int, int]) -> np.ndarray:
        image = QImage(*size, QImage.Format.Format_Grayscale8)
        image.fill(255)
        scale = PX_IN_MM * fit.scale
        painter = QPainter(image)
        painter.translate(fit.x, fit.y)
        painter.scale(scale, scale)
        painted.paint(painter, 1 / scale)
        painter.end()
        return np.frombuffer(image.constBits(), np.uint8).reshape(size[1], image.bytesPerLine())[:, : size[0]].copy()

    def room(fit: Fit) -> tuple[float, float, float, float]:
        left, top, right, bottom = sheet.box
        scale = PX_IN_MM * fit.scale
        return (
            (left - ROOM_MM) * scale + fit.x,
            (top - ROOM_MM) * scale + fit.y,
            (right + ROOM_MM) * scale + fit.x,
            (bottom + ROOM_MM) * scale + fit.y,
        )

    found = compare(paint, grey, width_pt / 72 * 25.4 / drawing.width_mm, room)
    theirs, ours = ink(grey), ink(paint(found.fit, (grey.shape[1], grey.shape[0])))
    whole = float((theirs & dilated(ours)).sum() / max(1, theirs.sum()))
    lost, cut, shared = _texts_apart(sheet, printed, found.fit, room(found.fit))
    return Row(
        pdf.name,
        drawing.exporter.partition(",")[0],
        found.precision,
        found.recall,
        whole,
        found.fit.scale,
        lost,
        cut,
        shared,
    )


Place = tuple[float, float, float, float]


def _printed(page: pypdfium2.PdfPage) -> list[tuple[str, Place]]:
    """The texts of the PDF with their extents, in pixels of its picture, y down."""
    words, height_pt, px = page.get_textpage(), page.get_size()[1], DPI / 72
    found = []
    for number in range(words.count_rects()):
        left, bottom, right, top = words.get_rect(number)
        text = words.get_text_bounded(left, bottom, right, top).strip()
        found.append((text, (left * px, (height_pt - top) * px, right * px, (height_pt - bottom) * px)))
    return found


def _texts_apart(
    sheet: proteus_ink.Sheet, printed: list[tuple[str, Place]], fit: Fit, room: Place
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Texts of the XML without one of the PDF at their place; texts of the PDF out of the room; and those in both."""
    px = PX_IN_MM * fit.scale
    free = [place for place in printed if place[0]]
    lost = []
    for mark in sheet.marks:
        wanted = mark.text.strip()
        if mark.tag == "Text" and wanted:
            at = (mark.box[0] * px + fit.x, mark.box[1] * px + fit.y)
            near = [place for place in free if place[0] == wanted and _beside(place[1], at) <= TEXT_MM * px]
            if near:
                free.remove(min(near, key=lambda place: _beside(place[1], at)))
            else:
                lost.append(wanted)
    held = {mark.text.strip() for mark in sheet.marks}
    cut = tuple(sorted(text for text, box in printed if text and not _within(box, room)))
    return tuple(lost), cut, tuple(text for text in cut if text in held)


def _beside(box: Place, at: tuple[float, float]) -> float:
    """How far a point lies from a box; 0 inside of it."""
    across = max(box[0] - at[0], 0.0, at[0] - box[2])
    return float(np.hypot(across, max(box[1] - at[1], 0.0, at[1] - box[3])))


def _within(box: Place, room: Place) -> bool:
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return room[0] <= x <= room[2] and room[1] <= y <= room[3]


def table(rows: Iterable[Row]) -> str:
    rows = list(rows)
    lines = ["| file | program | scale | precision | recall | recall, whole page |", "|---|---|---:|---:|---:|---:|"]
    lines += [
        f"| {r.file} | {r.program} | {r.scale:.3f} | {r.precision:.3f} | {r.recall:.3f} | {r.whole:.3f} |" for r in rows
    ]
    precision, recall, whole = np.mean([(r.precision, r.recall, r.whole) for r in rows], axis=0)
    worst = min(r.precision for r in rows), min(r.recall for r in rows)
    lines.append(
        f"| **mean** (worst) | | | {precision:.3f} ({worst[0]:.3f}) | {recall:.3f} ({worst[1]:.3f}) | {whole:.3f} |"
    )
    return "\n".join(lines)


def main() -> None:
    from PySide6.QtWidgets import QApplication

    application = QApplication([])
    load_fonts()
    text = PAGE.read_text(encoding="utf-8")
    block = f"{BEGIN}\n\n{table(measured(pdf) for pdf in originals(SAMPLES))}\n\n{END}"
    PAGE.write_text(re.sub(re.escape(BEGIN) + ".*?" + re.escape(END), lambda _: block, text, flags=re.DOTALL), "utf-8")
    application.quit()


if __name__ == "__main__":
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    sys.exit(main())
