"""Python's cyclic garbage is collected in the GUI thread only: a widget that a worker thread deletes is a crash.

CPython collects in whichever thread happens to allocate. While any `Collector` lives it does not collect by itself;
a timer of the GUI thread does, by CPython's own thresholds.
"""

from __future__ import annotations

import gc
import time
from typing import Final

from PySide6.QtCore import QObject, QTimer

PERIOD_MS: Final = 250
OLDEST_S: Final = 20.0
"""The oldest generation holds nearly everything: walking it takes long, so it is walked seldom."""

_living: list[Collector] = []


class Collector(QObject):
    """Collects until it is closed; belongs to the thread that made it."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._oldest_s = time.monotonic()
        self._timer = QTimer(self)
        self._timer.setInterval(PERIOD_MS)
        self._timer.timeout.connect(self.collect)
        self._timer.start()
        _living.append(self)
        gc.disable()

    def collect(self) -> None:
        """Collect the generations that are due."""
        young, middle, old = (count > most for count, most in zip(gc.get_count(), gc.get_threshold(), strict=True))
        if old and time.monotonic() - self._oldest_s > OLDEST_S:
            gc.collect(2)
            self._oldest_s = time.monotonic()
        elif middle:
            gc.collect(1)
        elif young:
            gc.collect(0)

    def close(self) -> None:
        """Collect no more; where no other does, CPython does again."""
        self._timer.stop()
        if self in _living:
            _living.remove(self)
        if not _living:
            gc.enable()
