"""What the historian pane asks for and gets; who answers (Hive, DuckDB, the live store) it does not know."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from widgets.lines import Line
from widgets.plant_now import PlantNow

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
