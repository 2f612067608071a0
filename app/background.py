"""One door off the GUI thread and back: a function goes out, its result or its exception comes home.

A newer request in the same lane voids the older one: its answer is thrown away, and it is asked to stop.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal

from app.collector import Collector


class Background(QObject):
    """Runs blocking work in threads. Results arrive in the thread that made this object."""

    _home = Signal(object)

    def __init__(self, parent: QObject | None = None, *, threads: int = 4) -> None:
        super().__init__(parent)
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="background")
        self._newest: dict[str, int] = {}
        self._stops: dict[str, Callable[[], None]] = {}
        self._home.connect(self._arrive, Qt.ConnectionType.QueuedConnection)
        self._closed = Event()
        self._collector = Collector(self)

    def run(
        self,
        lane: str,
        work: Callable[[], Any],
        done: Callable[[Any], None],
        failed: Callable[[Exception], None],
        stop: Callable[[], None] | None = None,
    ) -> None:
        """Do `work` off this thread, then `done(result)` or `failed(error)` on it.

        What runs in the same `lane` is voided and its `stop` is called; it must return at once.
        """
        self.cancel(lane)
        number = self._newest.get(lane, 0) + 1
        self._newest[lane] = number
        if stop is not None:
            self._stops[lane] = stop
        future = self._pool.submit(work)
        future.add_done_callback(lambda finished: self._send(lane, number, finished, done, failed))

    def cancel(self, lane: str) -> None:
        """Void what runs in `lane`."""
        if lane in self._newest:
            self._newest[lane] += 1
        if (stop := self._stops.pop(lane, None)) is not None:
            stop()

    def close(self) -> None:
        """Void everything and wait until no thread runs any more."""
        self._closed.set()
        for lane in list(self._newest):
            self.cancel(lane)
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._collector.close()

    def _send(self, *parcel: Any) -> None:
        if not self._closed.is_set():
            self._home.emit(parcel)

    def _arrive(self, parcel: tuple[str, int, Future[Any], Callable[[Any], None], Callable[[Exception], None]]) -> None:
        lane, number, future, done, failed = parcel
        if self._newest.get(lane) != number or future.cancelled() or self._closed.is_set():
            return
        self._stops.pop(lane, None)
        error = future.exception()
        if error is None:
            done(future.result())
        elif isinstance(error, Exception):
            failed(error)
        else:
            raise error
