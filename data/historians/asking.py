"""What one question of a historian needs: an engine, who watches, and which table answers for which days.

Days that have been loaded come from `history` or a roll-up of it; days that may still grow (not loaded, or so young
that late events are likely) come from `history_all`, which also looks at the raw chunks.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final, NamedTuple, Protocol

from sqlalchemy import Select, Table

from contracts import names
from data.historians import statements
from data.historians.historian import Cancel, Columns, Progress
from data.historians.statements import Days, What

GROWING_DAYS: Final = 3
"""Today and the two days before are read with their raw chunks even when loaded, for the loader has not seen what has
arrived since. What comes later still (a gateway cut off for days) is seen after the next night's load; `history_all`
itself has it at once, but would look through all chunks for each question about last year."""


class Watch(NamedTuple):
    """How one call is watched and ended."""

    progress: Progress
    cancel: Cancel
    deadline: float
    """On `time.monotonic()`'s clock."""
    timeout_s: float


class DayMark(NamedTuple):
    """By which a tag's day is known to be as it was."""

    text: str
    n: int | None = None
    """How many samples it has, where the mark itself tells."""


class Engine(Protocol):
    """What runs one statement. Both methods raise `HistorianError` and nothing else."""

    def run(self, statement: Select[Any], watch: Watch) -> Columns:
        """The statement's answer: `kks` an array of str, integers whole, floats with NaN for NULL."""

    def loaded_days(self, refinery: str, watch: Watch) -> list[str]:
        """The days with a partition of `history`, in order."""

    def day_marks(
        self, refinery: str, kks: Sequence[str], days: Sequence[str], watch: Watch
    ) -> Mapping[tuple[str, str], DayMark]:
        """Of each (tag, loaded day) what changes when what is stored of it does."""

    def close(self) -> None:
        """Let go of connections."""


class Asked(NamedTuple):
    """One question."""

    engine: Engine
    refinery: str
    now_us: int
    watch: Watch

    def run(self, statement: Select[Any]) -> Columns:
        """The statement's answer."""
        return self.engine.run(statement, self.watch)

    def parts(
        self, kks: Sequence[str], from_us: int, to_us: int, closed: Table = statements.HISTORY
    ) -> list[tuple[Table, What]]:
        """Which tables answer for which days of from ≤ time < to; none where no tag is asked for."""
        if not kks:
            return []
        loaded = self.engine.loaded_days(self.refinery, self.watch)
        done, growing = split_days(from_us, to_us, loaded, self.now_us)
        return [
            (table, What(self.refinery, kks, from_us, to_us, days))
            for table, days in ((closed, done), (statements.HISTORY_ALL, growing))
            if days is not None
        ]


def split_days(from_us: int, to_us: int, loaded: Collection[str], now: int) -> tuple[Days | None, Days | None]:
    """The UTC days of from ≤ time < to as (those that are loaded and settled, those that may still grow)."""
    first, last = (date.fromisoformat(names.day_of(us)) for us in (from_us, to_us - 1))
    young = (date.fromisoformat(names.day_of(now)) - timedelta(days=GROWING_DAYS - 1)).isoformat()
    known = frozenset(loaded)
    done: list[str] = []
    growing: list[str] = []
    for number in range((last - first).days + 1):
        day = (first + timedelta(days=number)).isoformat()
        (done if day in known and day < young else growing).append(day)
    return _days(done, growing), _days(growing, done)


def _days(wanted: list[str], others: list[str]) -> Days | None:
    if not wanted:
        return None
    first, last = wanted[0], wanted[-1]
    return Days(first, last, tuple(day for day in others if first < day < last))
