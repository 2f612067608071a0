"""A sheet, or the part of it that a window shows, as a picture: PNG, SVG or PDF by the file's name.

Two looks. *Paper*: the drawing as its file has it, black on white. *Screen*: the canvas with its values, in its theme.
A PDF has the size of the drawing, its texts can be searched; an SVG has a group for each element, named by its KKS.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final, Literal, NamedTuple

from PySide6.QtCore import QMarginsF, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QImage, QPageSize, QPainter, QPdfWriter

from pid_renderer import paper, paper_svg, plain_svg, svg
from pid_renderer.binding import Binding
from pid_renderer.canvas import Canvas
from pid_renderer.drawing import Box, Drawing
from pid_renderer.paint_box import PaintBox, font, text_width
from pid_renderer.paper_painter import PaperPainter
from pid_renderer.view import View

Scope = Literal["view", "sheet"]
Look = Literal["paper", "screen"]
KINDS: Final = (".png", ".svg", ".pdf")
LARGEST_PX: Final = 20_000
"""Longest side of a PNG: 1.6 GB of memory for a square one."""
USUAL_DPI: Final = 150.0
_MM_IN_INCH: Final = 25.4
_PRINTER_DPI: Final = 1200
"""A PDF's own grid: 0.02 mm, finer than any line."""
_SCREEN_DPI: Final = 96
_EM_PX: Final = 200


class BadPicture(ValueError):
    """A picture that cannot be made or written; one sentence."""


class _Frame(NamedTuple):
    """The part of the sheet that becomes the picture."""

    box: Box
    """Millimetres of the sheet."""

    def view(self, scale: float) -> View:
        """The frame's corner at the picture's corner, `scale` pixels a millimetre."""
        return View(scale, -self.box.left * scale, -self.box.top * scale)


def export(
    source: Canvas | Drawing,
    path: Path,
    scope: Scope = "sheet",
    look: Look | None = None,
    *,
    binding: Binding | None = None,
    width_px: int | None = None,
    dpi: float = USUAL_DPI,
    remark: str = "",
) -> None:
    """Write `source` to `path`, as its suffix says.

    `scope="view"`: what the canvas shows; it needs a canvas. `look` is the screen's for a canvas and paper for a
    drawing, unless given. A PNG is `width_px` wide, or has `dpi` dots an inch of the drawing. `remark` stands in the
    lower left corner of the screen's look: of which plant and time its values are. The veil of a lost source is in that
    look too, in an SVG as its sentence. `binding` tells the KKS of a bare drawing's elements. Raises `BadPicture`.
    """
    canvas = source if isinstance(source, Canvas) else None
    drawing = _drawing(source)
    look = look or ("paper" if canvas is None else "screen")
    if canvas is None and (scope == "view" or look == "screen"):
        raise BadPicture("a drawing without a window has only its paper to show")
    frame = _frame(canvas, drawing, scope)
    kind = path.suffix.lower()
    if kind not in KINDS:
        raise BadPicture(f"{path}: name a file that ends in {' or '.join(KINDS)}")
    try:
        if kind == ".svg":
            path.write_text(_svg(canvas, drawing, binding, frame, look, remark), encoding="utf-8")
            return
        paint = _paper(drawing, frame) if look == "paper" or canvas is None else _screen(canvas, frame, remark)
        if kind == ".png":
            _png(path, frame, paint, width_px, dpi)
        else:
            _pdf(path, frame, paint, drawing, _PRINTER_DPI if look == "paper" else _SCREEN_DPI)
    except OSError as error:
        raise BadPicture(f"{path}: {error.strerror or error}") from error


def _drawing(source: Canvas | Drawing) -> Drawing:
    if isinstance(source, Drawing):
        return source
    if source.live is None:
        raise BadPicture("the window shows no sheet")
    return source.live.drawing


def _frame(canvas: Canvas | None, drawing: Drawing, scope: Scope) -> _Frame:
    if canvas is None or scope == "sheet":
        return _Frame(Box(0.0, 0.0, max(drawing.width_mm, 1.0), max(drawing.height_mm, 1.0)))
    return _Frame(canvas.view.box_mm(Box(0.0, 0.0, float(canvas.width()), float(canvas.height()))))


_Paint = Callable[[QPainter, float], None]
"""Paints the frame with a painter whose unit is the picture's pixel; the other argument is pixels a millimetre."""


def _paper(drawing: Drawing, frame: _Frame) -> _Paint:
    painted = PaperPainter(drawing)

    def paint(painter: QPainter, scale: float) -> None:
        size = QRectF(0, 0, frame.box.width * scale, frame.box.height * scale)
        painter.fillRect(size, Qt.GlobalColor.white)
        painter.setClipRect(size)
        painter.scale(scale, scale)
        painter.translate(-frame.box.left, -frame.box.top)
        is_raster = isinstance(painter.device(), QImage)
        painted.paint(painter, 1.0 / scale if is_raster else 0.0, frame.box)

    return paint


def _screen(canvas: Canvas, frame: _Frame, remark: str) -> _Paint:
    colors = PaintBox(canvas.theme)

    def paint(painter: QPainter, scale: float) -> None:
        area = QRectF(0, 0, frame.box.width * scale, frame.box.height * scale)
        painter.fillRect(area, colors.color("bg.canvas"))
        canvas.paint_sheet(painter, frame.view(scale), area)
        if remark:
            size = max(12, round(area.width() / 120))
            painter.setFont(font(size, "semibold", True))
            painter.setPen(colors.color("text.primary"))
            room = area.adjusted(size, size, -size, -size)
            painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom, remark)

    return paint


def _svg(
    canvas: Canvas | None, drawing: Drawing, binding: Binding | None, frame: _Frame, look: Look, remark: str
) -> str:
    if canvas is None or canvas.live is None or look == "paper":
        bound = canvas.live.binding if canvas is not None and canvas.live is not None else binding
        return paper_svg.write(drawing, bound, frame.box, advance)
    live = canvas.live
    readings = live.readings or None
    said = " · ".join(part for part in (canvas.veil, remark) if part)
    written = svg.write(
        drawing, live.binding, canvas.theme, readings, live.language, said, frame.box, layers=canvas.layers
    )
    return plain_svg.plain(written, condensed_advance)


def advance(line: str, strong: bool) -> float:
    """Width of a line in font sizes, in the font of paper."""
    return text_width(line, _EM_PX, "semibold" if strong else "regular") / _EM_PX


def condensed_advance(line: str, strong: bool) -> float:
    """Width of a line in font sizes, in the font of screens."""
    return text_width(line, _EM_PX, "semibold" if strong else "regular", True) / _EM_PX


def _png(path: Path, frame: _Frame, paint: _Paint, width_px: int | None, dpi: float) -> None:
    width_mm, height_mm = frame.box.width, frame.box.height
    scale = dpi / _MM_IN_INCH if width_px is None else width_px / width_mm
    size = QSize(max(1, round(width_mm * scale)), max(1, round(height_mm * scale)))
    if max(size.width(), size.height()) > LARGEST_PX:
        raise BadPicture(f"{path}: {size.width()} × {size.height()} pixels; at most {LARGEST_PX} a side")
    image = QImage(size, QImage.Format.Format_RGB32)
    if image.isNull():
        raise BadPicture(f"{path}: no memory for {size.width()} × {size.height()} pixels")
    image.fill(paper.GROUND)
    image.setDotsPerMeterX(round(1000 * scale))
    image.setDotsPerMeterY(round(1000 * scale))
    painter = QPainter(image)
    paint(painter, scale)
    painter.end()
    if not image.save(str(path)):
        raise BadPicture(f"{path}: the picture could not be written")


def _pdf(path: Path, frame: _Frame, paint: _Paint, drawing: Drawing, dpi: int) -> None:
    with path.open("wb"):
        pass  # a folder that cannot be written is told in words here; Qt only logs it
    pdf = QPdfWriter(str(path))
    pdf.setCreator("Sinóptico")
    pdf.setTitle(drawing.title or drawing.source)
    pdf.setPageSize(QPageSize(QSizeF(frame.box.width, frame.box.height), QPageSize.Unit.Millimeter, drawing.source))
    pdf.setPageMargins(QMarginsF(0, 0, 0, 0))
    pdf.setResolution(dpi)
    painter = QPainter()
    if not painter.begin(pdf):
        raise BadPicture(f"{path}: the file could not be written")
    paint(painter, dpi / _MM_IN_INCH)
    painter.end()
