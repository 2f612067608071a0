"""Asks the historian for what a plot shows, and not again for what is there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from PySide6.QtCore import QObject, Qt
from PySide6.QtCore import Signal as QtSignal

from contracts.sample import now_us
from widgets.past import Answer, Background, PastSource
from widgets.plant_now import PlantNow

LANE: Final = "historian"
OTHER_LANE: Final = "historian.other"
MARGIN: Final = 0.25
"""So much of the span is asked for at each side too: a small pan shows it at once."""


class Asking(QObject):
    """One question at a time for the span shown, and one for the other period."""

    answered = QtSignal(object)
    """An `Answer`, wider than the span by `MARGIN` at each side."""
    other_answered = QtSignal(object, object)
    """An `Answer` for the other period, and how many µs before it was."""
    failed = QtSignal(str)
    progressed = QtSignal(object, int, str)

    def __init__(self, source: PastSource, background: Background, parent: QObject) -> None:
        super().__init__(parent)
        self.source, self._background = source, background
        self.answer: Answer | None = None
        self._of: PlantNow | None = None
        self.asked_us = 0
        """When it was asked last; the answer may be on its way."""
        self._waiting = False
        self._progress = _Told()
        self._progress.said.connect(self.progressed, Qt.ConnectionType.QueuedConnection)

    @property
    def settled(self) -> bool:
        """Whether the last question was answered, or failed."""
        return not self._waiting

    def has_all(self, now: PlantNow, kks: Sequence[str], from_us: int, to_us: int, columns: int) -> bool:
        """Whether the last answer tells all of a view, as finely as it could be asked for."""
        answer = self.answer
        return answer is not None and self._of is now and answer.tells(kks, from_us, to_us, columns, now_us())

    def ask(self, now: PlantNow, kks: Sequence[str], from_us: int, to_us: int, columns: int) -> None:
        """Ask for a span; an older question is voided."""
        margin = int((to_us - from_us) * MARGIN)
        self.asked_us = now_us()
        end = min(to_us + margin, self.asked_us)
        start = min(from_us, end - 1) - margin
        source, progress, tags = self.source, self._progress.said.emit, list(kks)
        buckets = max(50, round(columns * (end - start) / max(1, to_us - from_us)))
        cancel = source.new_cancel()
        self._waiting = True

        def work() -> Answer:
            return source.fetch(now, tags, start, end, buckets, progress, cancel)

        def failed(error: Exception) -> None:
            self._waiting = False
            self.failed.emit(str(error))

        def done(answer: Answer) -> None:
            self._waiting = False
            self.answer, self._of = answer._replace(buckets=buckets), now
            self.answered.emit(self.answer)

        self._background.run(LANE, work, done, failed, cancel.cancel)

    def ask_other(
        self, now: PlantNow, kks: Sequence[str], from_us: int, to_us: int, columns: int, offset_us: int
    ) -> None:
        """Ask for the period `offset_us` before a span."""
        source, tags = self.source, list(kks)
        start, end = from_us - offset_us, min(to_us - offset_us, now_us())
        if end <= start:
            return
        cancel = source.new_cancel()

        def work() -> Answer:
            return source.fetch(now, tags, start, end, columns, lambda *_told: None, cancel)

        self._background.run(
            OTHER_LANE,
            work,
            lambda answer: self.other_answered.emit(answer, offset_us),
            lambda error: self.failed.emit(str(error)),
            cancel.cancel,
        )

    def run(self, lane: str, work: Any, done: Any, failed: Any, stop: Any) -> None:
        """The door off this thread, for who asks more."""
        self._background.run(lane, work, done, failed, stop)

    def forget(self) -> None:
        """What was answered is not true any more: ask again."""
        self.answer = None

    def cancel(self) -> None:
        """Want no answer any more."""
        self._waiting = False
        self._background.cancel(LANE)
        self._background.cancel(OTHER_LANE)


class _Told(QObject):
    said = QtSignal(object, int, str)
