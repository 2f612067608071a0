"""`main.py view`: watch plants through their Kafka, or their PLCs directly."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from app.application import Look, Session, has_display, make_window, open_shell, quiet_logs, run_until_closed
from app.commands import Failed, plants
from app.processes import Served, view
from app.stop_request import StopRequest
from runtime.supervisor import Process


def run(options: argparse.Namespace) -> int:
    """Open the window; 0 when it is closed."""
    quiet_logs()
    loaded = plants(options)
    if not has_display():
        raise Failed("no display: use `main.py snapshot --live` for a picture, or `main.py stock` for a table", 2)
    for plant in loaded:
        if not options.direct and not options.bootstrap and not plant.services.get("kafka", {}).get("bootstrap"):
            where = plant.folder / "plant.toml"
            raise Failed(f"{where} names no Kafka: add bootstrap to [kafka], or give --bootstrap or --direct", 2)

    def processes(session: Session) -> Sequence[Process]:
        served = [Served(live.plant, live.store.name) for live in session.lives]
        return view(served, direct=session.direct, bootstrap=options.bootstrap)

    look = Look(options.theme, options.language, options.historian, (1920, 1080))
    with StopRequest() as stop:
        shell = open_shell(look, visible=True)
        with Session(loaded, options.direct, options.bootstrap) as session:
            session.run(processes)
            application, window = make_window(session, shell)
            from app.watching import watch_parts

            watch_parts(window, session, processes)
            try:
                return run_until_closed(application, stop)
            finally:
                window.close()
