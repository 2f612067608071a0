"""`main.py snapshot`: a P&ID as a picture, empty or with live values."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any, Final

from app.application import qt_application
from app.commands import Failed, checked_out, plants, values
from app.sheets import open_sheet
from contracts.plant import Plant
from contracts.sample import now_us
from data.reading import Reading
from pid_renderer.drawing import BadDrawing
from pid_renderer.said import said
from resources import words
from resources.theme import theme
from resources.words import language
from widgets.clock_text import clock, day, offset

KINDS: Final = (".png", ".svg", ".pdf")
LARGEST_PX: Final = 16_000


def run(options: argparse.Namespace) -> int:
    """Write the picture."""
    loaded = plants(options)
    if len(loaded) != 1:
        raise Failed("snapshot is of one plant: give one --plant", 2)
    plant = loaded[0]
    kind = checked_out(options.out, KINDS)
    if not 1 <= options.drawing <= len(plant.drawings):
        raise Failed(f"{plant.refinery} has {len(plant.drawings)} drawings; there is no number {options.drawing}", 2)
    if not 100 <= options.width <= LARGEST_PX:
        raise Failed(f"--width {options.width}: must be 100 to {LARGEST_PX}", 2)
    with ExitStack() as stack:
        readings: dict[str, Reading] | None = None
        if options.live:
            readings = dict(stack.enter_context(values.live(options, loaded)).lives[0].readings)
    remark = "" if readings is None else remark_of(plant, now_us())
    try:
        sheet = open_sheet(plant, plant.drawings[options.drawing - 1])
        if kind == ".svg":
            _write_svg(options, sheet, readings, remark)
        else:
            _paint(options, plant, sheet, readings, remark)
    except BadDrawing as error:
        raise Failed(said(str(error), language()), 2) from error
    except OSError as error:
        raise Failed(f"{options.out}: {error.strerror or error}") from error
    sys.stdout.write(f"{options.out}\n")
    return 0


def remark_of(plant: Plant, time_us: int) -> str:
    """What a picture with values says of itself: whether they are simulated, and their time in the plant's zone."""
    zone = plant.timezone
    moment = f"{plant.name} · {day(time_us, zone)} {clock(time_us, zone)} {offset(time_us, zone)}"
    return f"{words.t('mode.training.banner')} · {moment}" if plant.is_training else moment


def _write_svg(options: argparse.Namespace, sheet: Any, readings: Mapping[str, Reading] | None, remark: str) -> None:
    from pid_renderer import svg

    text = svg.write(sheet.drawing, sheet.binding, theme(options.theme), readings, words.language(), remark)
    options.out.write_text(text, encoding="utf-8")


def _paint(
    options: argparse.Namespace, plant: Plant, sheet: Any, readings: dict[str, Reading] | None, remark: str
) -> None:
    application = qt_application(visible=False)
    from PySide6.QtCore import QMarginsF, QRectF, QSize, Qt
    from PySide6.QtGui import QPageSize, QPainter, QPdfWriter

    from pid_renderer.canvas import Canvas
    from pid_renderer.paint_box import PaintBox, font
    from pid_renderer.view import fitting
    from widgets import style

    style.load_fonts()
    style.use(options.theme)
    canvas = Canvas()
    drawing = sheet.drawing
    canvas.set_sheet(drawing, sheet.binding, plant, theme(options.theme), words.language())
    colors = PaintBox(theme(options.theme))

    def sign(painter: QPainter, area: QRectF) -> None:
        size = max(12, round(area.width() / 120))
        painter.setFont(font(size, "semibold", True))
        painter.setPen(colors.color("text.primary"))
        inner = area.adjusted(size, size, -size, -size)
        painter.drawText(inner, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom, remark)

    if readings:
        canvas.show_readings(readings)
        canvas.flush()
    if options.out.suffix.lower() == ".png":
        height = round(options.width * drawing.height_mm / drawing.width_mm)
        image = canvas.picture(QSize(options.width, height))
        painter = QPainter(image)
        sign(painter, QRectF(image.rect()))
        painter.end()
        if not image.save(str(options.out)):
            raise Failed(f"{options.out}: the picture could not be written")
    else:
        pdf = QPdfWriter(str(options.out))
        size = QPageSize(QRectF(0, 0, drawing.width_mm, drawing.height_mm).size(), QPageSize.Unit.Millimeter)
        pdf.setPageSize(size)
        pdf.setPageMargins(QMarginsF(0, 0, 0, 0))
        pdf.setResolution(96)
        painter = QPainter()
        if not painter.begin(pdf):
            raise Failed(f"{options.out}: the file could not be written")
        area = QRectF(0, 0, pdf.width(), pdf.height())
        canvas.paint_sheet(
            painter, fitting(drawing.width_mm, drawing.height_mm, area.width(), area.height(), 0.0), area
        )
        sign(painter, area)
        painter.end()
    application.processEvents()
