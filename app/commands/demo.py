"""`main.py demo`: a simulated plant end to end, in a window or, without a display, as a picture and a report."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from app import processes
from app.application import (
    Look,
    Session,
    has_display,
    lake_folder,
    make_window,
    open_shell,
    quiet_logs,
    run_until_closed,
)
from app.commands import Failed, checked_out, plants
from app.stop_request import StopRequest
from runtime.places import state_folder

if TYPE_CHECKING:
    from runtime.supervisor import Process

SECONDS: Final = 30.0
PICTURES: Final = (".png", ".jpg", ".jpeg", ".bmp")
PICTURE_SIZE: Final = (1920, 1080)


def run(options: argparse.Namespace) -> int:
    """Open the window, or run off screen for DEMO_SECONDS; 0 only if the whole path carried every tag."""
    quiet_logs()
    loaded = plants(options)
    real = [plant.refinery for plant in loaded if not plant.is_training]
    if real:
        raise Failed(f"{', '.join(real)} is not a simulated plant (id sim-…); use `main.py view`", 2)
    visible = has_display() and not options.off_screen
    if not visible:
        checked_out(options.out, PICTURES)
    seconds = _demo_seconds()
    state = state_folder()
    lake = lake_folder()

    def wanted(session: Session) -> Sequence[Process]:
        served = [processes.Served(live.plant, live.store.name) for live in session.lives]
        return processes.demo(served, state, lake, direct=session.direct)

    historian = options.historian or ("" if options.direct else str(lake))
    look = Look(options.theme, options.language, historian, PICTURE_SIZE, remember=visible)
    with StopRequest() as stop:
        shell = open_shell(look, visible=visible)
        with Session(loaded, options.direct) as session:
            session.run(wanted)
            application, window = make_window(session, shell)
            try:
                if visible:
                    from app.watching import watch_parts

                    watch_parts(window, session, wanted)
                    return run_until_closed(application, stop)
                from app.demo_report import off_screen

                return off_screen(session, application, window, options.out, seconds, options.wait, stop)
            finally:
                window.close()


def _demo_seconds() -> float:
    text = os.environ.get("DEMO_SECONDS", "")
    try:
        seconds = float(text) if text else SECONDS
    except ValueError:
        seconds = -1.0
    if not 1 <= seconds <= 86_400:
        raise Failed(f"DEMO_SECONDS={text}: must be a number of seconds, 1 to 86400", 2)
    return seconds
