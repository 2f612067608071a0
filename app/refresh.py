"""The GUI's clock: a few times a second what changed goes to every view; one that fails does not stop the rest."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from app.live_plant import LivePlant
from contracts.sample import now_us
from data.reading import Reading
from resources.theme import tokens

log = logging.getLogger(__name__)

PERIOD_MS: Final = round(1000 / float(tokens()["motion"]["valueRepaintHz"]))
"""Numbers are read, not watched: more than four a second is noise."""
FROZEN_AFTER_S: Final = 2.0
WATCH_EVERY_S: Final = 0.25

View = Callable[[LivePlant, Mapping[str, Reading]], None]


class Refresh(QObject):
    """Draws on a timer. `ticked` comes after every view was shown what changed, with the time in µs."""

    ticked = Signal(object)

    def __init__(self, plants: Sequence[LivePlant], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._plants = plants
        self._views: list[tuple[str, View]] = []
        self._failing: set[str] = set()
        self.last_tick_s = time.monotonic()
        self.frames = 0
        self._timer = QTimer(self)
        self._timer.setInterval(PERIOD_MS)
        self._timer.timeout.connect(self.tick)

    def add(self, name: str, view: View) -> None:
        """Show `view` what changes from now on."""
        self._views.append((name, view))

    def start(self) -> None:
        """Begin, with one refresh at once."""
        self.tick()
        self._timer.start()

    def stop(self) -> None:
        """No refresh after this."""
        self._timer.stop()

    def tick(self) -> None:
        """One refresh."""
        now = now_us()
        for plant in self._plants:
            changes = plant.refresh(now)
            for name, view in self._views:
                try:
                    view(plant, changes)
                    self._failing.discard(name)
                except Exception:
                    # The rest of the screen must live on; said once, not four times a second.
                    if name not in self._failing:
                        log.exception("the view %s could not be refreshed", name)
                        self._failing.add(name)
        self.last_tick_s = time.monotonic()
        self.frames += 1
        self.ticked.emit(now)


class FrozenScreenWatch(QObject):
    """A thread that notices when the frame loop stands still.

    Where only the refresh has stopped, `frozen` reaches the window, which strikes its bars and says so in its title.
    Where the GUI's thread itself hangs no program can repaint its window: the clock then stands, since only a refresh
    moves it, the log (terminal and logs/window.log) says since when, and `moving` says afterwards for how long.
    """

    frozen = Signal(float)
    """Seconds since the last refresh, while the screen stands still."""
    moving = Signal(float)
    """The screen is refreshed again, after so many seconds."""

    def __init__(self, refresh: Refresh) -> None:
        super().__init__()
        self._refresh = refresh
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="frozen screen watch", daemon=True)

    def start(self) -> None:
        """Watch from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Returns once the thread has ended."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def _watch(self) -> None:
        stood_since_s: float | None = None
        while not self._stop.wait(WATCH_EVERY_S):
            last_s = self._refresh.last_tick_s
            still_s = time.monotonic() - last_s
            if stood_since_s is None and still_s > FROZEN_AFTER_S:
                stood_since_s = last_s
                log.error("the screen has stood still for %.1f s; what it shows is old", still_s)
                self.frozen.emit(still_s)
            elif stood_since_s is not None and last_s > stood_since_s:
                log.warning("the screen moves again; it stood still for %.1f s", last_s - stood_since_s)
                self.moving.emit(last_s - stood_since_s)
                stood_since_s = None
