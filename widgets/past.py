"""What the historian pane asks for and gets; who answers (Hive, DuckDB, the live store) it does not know."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple, Protocol

from widgets.lines import Line
from widgets.plant_now import Codes, PlantNow, Times, Values

LIVE_US: Final = 90_000_000
"""What is newer than this the live store has: a line goes on with it, and nobody need be asked."""

Progress = Callable[[float | None, int, str], None]


class Past(NamedTuple):
    """One signal over a span, bucketed to the plot's pixels."""

    line: Line
    n: int
    """Samples behind it."""
    n_good: int


class Answer(NamedTuple):
    """A span of several signals."""

    from_us: int
    to_us: int
    past: Mapping[str, Past]
    seam_us: int | None
    """Where the historian ends and the live recent past begins; None where the span does not reach it."""
    gaps: Sequence[tuple[int, int]]
    """Spans in which no signal has a sample."""
    table: str
    rows: int
    seconds: float
    width_us: int = 0
    """Of each bucket; 0 where samples are drawn."""
    buckets: int = 1
    """How many were asked for."""
    trouble: str = ""
    """One sentence where something newer than the historian could not be had; empty where all is there."""
    loaded_until: str = ""
    """The last day that was loaded, `2026-11-23`; what is newer comes from chunks and live. Empty: none is known."""

    def tells(self, kks: Sequence[str], from_us: int, to_us: int, columns: int, now_us: int) -> bool:
        """Whether a view of these signals can be drawn from this answer as finely as it could be asked for."""
        inside = self.from_us <= from_us and min(to_us, now_us - LIVE_US) <= self.to_us
        asked_us = (self.to_us - self.from_us) / self.buckets
        fine = not self.width_us or asked_us * columns <= 1.25 * (to_us - from_us)
        return inside and fine and all(tag in self.past for tag in kks)


class Cancel(Protocol):
    """Stops a query from any thread."""

    def cancel(self) -> None:
        """The answer is not wanted any more."""


class PastSource(Protocol):
    """Answers in the calling thread, which may take long. Raises an exception whose text is for a person."""

    def engine(self, now: PlantNow) -> str:
        """What answers, in a few words; empty where no historian is known."""

    def new_cancel(self) -> Cancel:
        """A token for one query."""

    def fetch(
        self,
        now: PlantNow,
        kks: Sequence[str],
        from_us: int,
        to_us: int,
        buckets: int,
        progress: Progress,
        cancel: Any,
    ) -> Answer:
        """Signals from the historian, joined with what is newer."""

    def samples(
        self, now: PlantNow, kks: str, from_us: int, to_us: int, cancel: Any
    ) -> Iterator[tuple[Times, Values, Codes]]:
        """Every sample of a signal, part by part, oldest first; what is newer than the historian at the end."""


class Background(Protocol):
    """The one door off the GUI thread and back."""

    def run(
        self,
        lane: str,
        work: Callable[[], Any],
        done: Callable[[Any], None],
        failed: Callable[[Exception], None],
        stop: Callable[[], None] | None = None,
    ) -> None:
        """Do `work` elsewhere; a newer request in the lane voids this one."""

    def cancel(self, lane: str) -> None:
        """Void what runs in a lane."""
