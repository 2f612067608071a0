"""`main.py view`: watch plants through their Kafka, or their PLCs directly; or look at one drawing file."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

from app.application import Look, Session, has_display, make_window, open_shell, quiet_logs, run_until_closed
from app.commands import Failed, plants
from app.processes import Served, view
from app.sheets import Sheet, open_sheet
from app.stop_request import StopRequest
from contracts.plant import DrawingFile, Plant
from pid_renderer.drawing import BadDrawing
from pid_renderer.said import said
from resources import words
from runtime.supervisor import Process


def run(options: argparse.Namespace) -> int:
    """Open the window; 0 when it is closed."""
    quiet_logs()
    loaded = plants(options)
    sheet: Sheet | None = None
    if options.file is not None:
        plant, sheet = _opened(loaded, options)
        loaded = [plant]
    if not has_display():
        instead = (
            "`main.py snapshot --live` for a picture, or `main.py stock` for a table"
            if sheet is None
            else "`main.py snapshot FILE --out PICTURE`"
        )
        raise Failed(f"no display: use {instead}", 2)
    lacking = [plant for plant in loaded if not _has_source(plant, options)]
    if lacking and sheet is None:
        where = lacking[0].folder / "plant.toml"
        raise Failed(f"{where} names no Kafka: add bootstrap to [kafka], or give --bootstrap or --direct", 2)

    def processes(session: Session) -> Sequence[Process]:
        served = [Served(live.plant, live.store.name) for live in session.lives]
        return view(served, direct=session.direct, bootstrap=options.bootstrap)

    look = Look(options.theme, options.language, options.historian, (1920, 1080))
    with StopRequest() as stop:
        shell = open_shell(look, visible=True)
        with Session(loaded, options.direct, options.bootstrap, has_source=not lacking) as session:
            if not lacking:
                session.run(processes)
            application, window = make_window(session, shell, sheet)
            if not lacking:
                from app.watching import watch_parts

                watch_parts(window, session, processes)
            try:
                return run_until_closed(application, stop)
            finally:
                window.close()


def _has_source(plant: Plant, options: argparse.Namespace) -> bool:
    """Whether anything is known to read the plant's values from."""
    named = options.direct or options.bootstrap or plant.services.get("kafka", {}).get("bootstrap")
    return bool(plant.signals and named)


def _opened(loaded: Sequence[Plant], options: argparse.Namespace) -> tuple[Plant, Sheet]:
    """The named file with the signals of the plant it is of; without any where nobody named a plant and none fits."""
    from app.settings import Settings

    if len(loaded) != 1:
        raise Failed("a drawing is of one plant: give one --plant", 2)
    words.use(options.language or Settings().language)
    file: Path = options.file
    try:
        plant, sheet = _bound(loaded[0], file)
        if not options.plant and len(sheet.binding.unbound_signals) == len(plant.signals):
            plant, sheet = _bound(_plant_of_none(file), file)
    except BadDrawing as error:
        raise Failed(said(str(error), words.language()), 2) from error
    return plant, sheet


def _bound(plant: Plant, file: Path) -> tuple[Plant, Sheet]:
    known = [source for source in plant.drawings if source.file.resolve() == file.resolve()]
    source = known[0] if known else DrawingFile(file, file.stem, None)
    drawings = plant.drawings if known else (*plant.drawings, source)
    plant = replace(plant, drawings=drawings)
    return plant, open_sheet(plant, source)


def _plant_of_none(file: Path) -> Plant:
    """A plant that is nothing but a drawing."""
    return Plant(file.parent, "file", words.t("plant.none"), ZoneInfo("UTC"), 10.0, "kks", (), {}, (), ())
