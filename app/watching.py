"""The window looks after the processes that feed it: what is starting, what is missing, and the way round."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from PySide6.QtCore import QTimer

from app.application import Session
from app.main_window import MainWindow
from app.processes import BROKER, INGEST, MTU, SIMULATOR, failed_parts, part, spoken
from resources.words import t
from runtime.supervisor import Process, Status
from widgets.source_card import Card, offer_direct

POLL_MS: Final = 500
ON_THE_WAY: Final = frozenset({SIMULATOR, BROKER, MTU, INGEST})
"""Without these no value comes, and the drawing may be covered; what else dies is named on the status bar alone."""
PATIENCE_S: Final = 1.0
"""Nothing is said about a start that is over before anyone can read it."""


class PartsWatch:
    """Shows one card over the drawing while a part of the path is starting or missing."""

    def __init__(self, window: MainWindow, session: Session, processes: Callable[[Session], Sequence[Process]]) -> None:
        self._window, self._session, self._processes = window, session, processes
        self._card = Card(window.synoptic.tabs.stage)
        self._began_s = time.monotonic()
        self._said = ""
        self._timer = QTimer(window)
        self._timer.setInterval(POLL_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    def look(self) -> None:
        """Compare what runs with what should."""
        if self._session.supervisor is None:
            return
        states = self._session.supervisor.states()
        self._name_missing(states)
        # Ingest says itself on the status bar how its source is; the card is for what must be there first.
        missing = {
            name: why
            for name, why in failed_parts(states).items()
            if part(name) in ON_THE_WAY and (states[name].restarts > 0 or why)
        }
        starting = [status for status in states.values() if status.state == "starting"]
        live = all(plant.source.state == "live" for plant in self._session.lives)
        if missing:
            name, said = next(iter(missing.items()))
            why = t("card.part_says", said=said) if said else t("card.part_silent")
            if self._said != (key := f"missing {name} {why}"):
                self._said = key
                if self._session.direct:
                    self._card.say(
                        "plug-x", t("card.part_missing", part=spoken(name)), why, (t("card.retry"), self._retry)
                    )
                else:
                    offer_direct(self._card, spoken(name), why, self._go_direct, self._retry)
        elif not live and starting and time.monotonic() - self._began_s > PATIENCE_S:
            status = starting[0]
            done, total = status.report.get("done"), status.report.get("total")
            progress = done / total if isinstance(done, int) and isinstance(total, int) and total else None
            self._said = "starting"
            self._card.say(
                "plug-connected",
                t("card.starting", part=spoken(status.name)),
                t("card.starting.why") if progress is None else t("card.fetching", done=done, total=total),
                progress=progress,
                busy=progress is None,
            )
        elif self._said:
            self._said = ""
            self._card.hide()
        if self._card.isVisible():
            self._card.place(self._window.synoptic.tabs.stage)

    def _name_missing(self, states: Mapping[str, Status]) -> None:
        """On the status bar, whatever the part: those that died and are not back."""
        away = {
            spoken(name): status.detail
            for name, status in states.items()
            if status.state == "failed" or (status.state == "starting" and status.restarts)
        }
        text = t("status.parts_missing", parts=", ".join(away)) if away else ""
        self._window.status.show_parts(text, "\n".join(filter(None, away.values())))

    def _go_direct(self) -> None:
        self._session.direct = True
        for live in self._session.lives:
            live.source_name = f"Modbus {live.plant.refinery}"
        self._retry()

    def _retry(self) -> None:
        self._said, self._began_s = "", time.monotonic()
        self._card.hide()
        # Stopping the old processes may take seconds; the window must go on painting meanwhile.
        self._timer.stop()
        self._window.background.run(
            "processes",
            lambda: self._session.run(self._processes),
            lambda _done: self._timer.start(),
            self._not_started,
        )

    def _not_started(self, error: Exception) -> None:
        self._card.say("plug-x", t("card.part_missing", part=""), str(error), (t("card.retry"), self._retry))


def watch_parts(window: MainWindow, session: Session, processes: Callable[[Session], Sequence[Process]]) -> PartsWatch:
    """Watch until the window closes."""
    watch = PartsWatch(window, session, processes)
    window.parts = watch
    return watch
