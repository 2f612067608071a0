"""`main.py snapshot`: a P&ID as a picture: empty, with the values of this moment or of another, or as it is printed."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from app.application import lake_folder, qt_application
from app.commands import Failed, checked_out, plants, values
from app.commands.history import time_of
from app.sheets import Sheet, open_sheet
from contracts.plant import DrawingFile, Plant
from contracts.sample import now_us
from data.reading import Reading
from pid_renderer.drawing import BadDrawing
from pid_renderer.said import said
from resources import words
from resources.theme import theme
from widgets.clock_text import clock, day, offset

KINDS = (".png", ".svg", ".pdf")
LARGEST_PX = 16_000
LARGEST_DPI = 1200.0


def run(options: argparse.Namespace) -> int:
    """Write the picture."""
    loaded = plants(options)
    if len(loaded) != 1:
        raise Failed("snapshot is of one plant: give one --plant", 2)
    plant = loaded[0]
    kind = checked_out(options.out, KINDS)
    source = _source(plant, options)
    if not 100 <= options.width <= LARGEST_PX:
        raise Failed(f"--width {options.width}: must be 100 to {LARGEST_PX}", 2)
    if options.dpi is not None and not 10 <= options.dpi <= LARGEST_DPI:
        raise Failed(f"--dpi {options.dpi:g}: must be 10 to {LARGEST_DPI:g}", 2)
    if options.theme == "paper" and (options.live or options.at):
        raise Failed("--theme paper is the drawing as its file has it; values need --theme light or dark", 2)
    if options.live and options.at:
        raise Failed("--live is this moment, --at another: give one of them", 2)
    at_us = min(time_of(options.at), now_us()) if options.at else now_us()
    with ExitStack() as stack:
        readings: dict[str, Reading] | None = None
        if options.live:
            readings = dict(stack.enter_context(values.live(options, loaded)).lives[0].readings)
            at_us = now_us()
        elif options.at:
            readings = _past(options, plant, at_us)
    remark = "" if readings is None else remark_of(plant, at_us)
    try:
        _write(options, kind, plant, open_sheet(plant, source), readings, remark, at_us)
    except BadDrawing as error:
        raise Failed(said(str(error), words.language()), 2) from error
    except OSError as error:
        raise Failed(f"{options.out}: {error.strerror or error}") from error
    sys.stdout.write(f"{options.out}\n")
    return 0


def _source(plant: Plant, options: argparse.Namespace) -> DrawingFile:
    file: Path | None = options.file
    if file is not None:
        known = (source for source in plant.drawings if source.file.resolve() == file.resolve())
        return next(known, DrawingFile(file, file.stem, None))
    if not 1 <= options.drawing <= len(plant.drawings):
        held = "1 drawing" if len(plant.drawings) == 1 else f"{len(plant.drawings)} drawings"
        raise Failed(f"{plant.refinery} has {held}; there is no number {options.drawing}", 2)
    number: int = options.drawing
    return plant.drawings[number - 1]


def _past(options: argparse.Namespace, plant: Plant, at_us: int) -> dict[str, Reading]:
    from app.historian_access import HistorianAccess, place_of
    from app.past_readings import readings_at
    from data.historians.historian import HistorianError

    place = place_of(plant, options.historian) or str(lake_folder())
    access = HistorianAccess({plant.refinery: place})
    try:
        found = readings_at(access.historian(plant.refinery), plant, at_us)
    except HistorianError as error:
        raise Failed(str(error)) from error
    finally:
        access.close()
    if not found:
        raise Failed(f"{place} holds no sample of {plant.refinery} at {options.at}")
    return found


def remark_of(plant: Plant, time_us: int) -> str:
    """What a picture with values says of itself: whether they are simulated, and their time in the plant's zone."""
    zone = plant.timezone
    moment = f"{plant.name} · {day(time_us, zone)} {clock(time_us, zone)} {offset(time_us, zone)}"
    return f"{words.t('mode.training.banner')} · {moment}" if plant.is_training else moment


def _write(
    options: argparse.Namespace,
    kind: str,
    plant: Plant,
    sheet: Sheet,
    readings: Mapping[str, Reading] | None,
    remark: str,
    at_us: int,
) -> None:
    application = qt_application(visible=False)
    from pid_renderer import plain_svg, svg
    from pid_renderer.canvas import Canvas
    from pid_renderer.export import BadPicture, condensed_advance, export
    from widgets import style

    style.load_fonts()
    if options.theme != "paper" and kind == ".svg":
        language = words.language()
        live = svg.write(sheet.drawing, sheet.binding, theme(options.theme), readings, language, remark, at_us=at_us)
        options.out.write_text(plain_svg.plain(live, condensed_advance), encoding="utf-8")
        return
    width_px, dpi = (None, options.dpi) if options.dpi is not None else (options.width, 0.0)
    try:
        if options.theme == "paper":
            export(sheet.bare, options.out, binding=sheet.binding, width_px=width_px, dpi=dpi)
            return
        style.use(options.theme)
        canvas = Canvas()
        canvas.set_sheet(sheet.drawing, sheet.binding, plant, theme(options.theme), words.language())
        if readings and canvas.live is not None:
            canvas.live.apply(readings, at_us)
        export(canvas, options.out, remark=remark, width_px=width_px, dpi=dpi)
    except BadPicture as error:
        raise Failed(str(error)) from error
    application.processEvents()
