"""What a historian answers, and how a call is watched, cancelled and fails.

Calls block: make them in a worker thread. Results are numpy columns per tag, sorted by time; times are microseconds
since 1970-01-01 UTC; a missing value is NaN.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Columns = Mapping[str, NDArray[Any]]
"""A statement's answer: column name → values."""

Progress = Callable[[float | None, int, str], None]
"""Called in the calling or a watching thread as (fraction done or None, rows so far, one short text)."""

ROW_LIMIT: Final = 5_000_000
"""Samples one call may bring: five million are 100 MB and more than any plot can show."""
TIMEOUT_S: Final = 120.0


class HistorianError(RuntimeError):
    """The historian could not answer; the text is one sentence for a person."""


class Cancelled(HistorianError):
    """The person did not want the answer any more."""


class TimedOut(HistorianError):
    """No answer within the time allowed."""


class TooManyRows(HistorianError):
    """More samples than the limit: ask for buckets, or for less time."""


class Cancel:
    """Says once, from any thread, that an answer is not wanted any more."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._lock = threading.Lock()
        self._actions: list[Callable[[], None]] = []

    def cancel(self) -> None:
        """Stop the call that holds this token; it raises `Cancelled` within 100 ms. Returns at once."""
        with self._lock:
            self._event.set()
            actions, self._actions = self._actions, []
        for action in actions:
            action()

    @property
    def is_set(self) -> bool:
        """Whether it was cancelled."""
        return self._event.is_set()

    def check(self) -> None:
        """Raise `Cancelled` if it was cancelled."""
        if self._event.is_set():
            raise Cancelled("cancelled")

    @contextmanager
    def calls(self, action: Callable[[], None]) -> Iterator[None]:
        """While inside, `cancel` also calls `action` (from the cancelling thread: it must not block)."""
        with self._lock:
            self._actions.append(action)
            late = self._event.is_set()
        if late:
            action()
        try:
            yield
        finally:
            with self._lock:
                if action in self._actions:
                    self._actions.remove(action)


class Series(NamedTuple):
    """Samples of one tag in the order of time."""

    us: Integers
    v: Floats
    q: NDArray[np.int16]
    """OPC DA quality codes."""


class Buckets(NamedTuple):
    """One tag's samples in equal spans of time; spans without a sample are left out."""

    us: Integers
    """Start of each bucket."""
    v_min: Floats
    v_max: Floats
    v_mean: Floats
    """Weighted by duration where it comes from a roll-up, the plain mean of the samples otherwise."""
    n: Integers
    n_good: Integers
    q_worst: NDArray[np.int16]
    """Lowest quality code inside. Extremes and mean leave bad samples out."""


class Bucketed(NamedTuple):
    """The answer to `Historian.buckets`."""

    width_us: int
    """Length of each bucket: at least the one asked for, whole periods of the roll-up it comes from."""
    table: str
    """Where the closed days come from: `history`, `history_minute` …"""
    tags: Mapping[str, Buckets]


class Statistics(NamedTuple):
    """One tag over a span, weighted by how long each value was in force.

    A sample is in force until the next one, but no longer than the hold; what was in force when the span began counts.
    Bad samples leave extremes, mean and deviation out.
    """

    v_min: float
    v_max: float
    v_mean: float
    v_std: float
    """Standard deviation about `v_mean`; NaN where roll-ups answered, which do not have it."""
    usable_s: float
    """How long a value that is not bad was in force: the weight of the mean."""
    n: int
    """Samples taken in the span."""
    n_good: int
    table: str
    """Where most of it comes from: `history`, `history_minute` …"""


class Excursion(NamedTuple):
    """One time a tag was beyond a limit."""

    begin_us: int
    end_us: int
    """When the next sample that is not beyond it came, or the value was held too long, or the span ended."""
    extreme: float

    @property
    def duration_s(self) -> float:
        """From begin to end."""
        return (self.end_us - self.begin_us) / 1e6


class LoadedDays(NamedTuple):
    """Which UTC days (`YYYY-MM-DD`) have been loaded; later ones come from the raw chunks."""

    days: tuple[str, ...]

    @property
    def first(self) -> str | None:
        """The earliest, None where none is."""
        return self.days[0] if self.days else None

    @property
    def last(self) -> str | None:
        """The latest, None where none is."""
        return self.days[-1] if self.days else None


class KnownSignal(NamedTuple):
    """A signal as the warehouse knows it today."""

    kks: str
    description: str
    unit: str
    kind: str
    role: str
    zone: str
    equipment: str
    low: float
    high: float
    decimals: int


def quiet(_fraction: float | None, _rows: int, _text: str) -> None:
    """Progress that nobody watches."""


class Historian(Protocol):
    """One refinery's past. Every call raises `HistorianError` (or a kind of it) and nothing else."""

    def signals(self, *, progress: Progress = quiet, cancel: Cancel | None = None) -> tuple[KnownSignal, ...]:
        """The signals of today, by KKS; empty where the dimension tables have not been filled."""

    def span(self, *, progress: Progress = quiet, cancel: Cancel | None = None) -> LoadedDays:
        """The loaded days."""

    def raw(
        self,
        kks: Sequence[str],
        from_us: int,
        to_us: int,
        *,
        limit: int = ROW_LIMIT,
        progress: Progress = quiet,
        cancel: Cancel | None = None,
        timeout_s: float = TIMEOUT_S,
    ) -> dict[str, Series]:
        """Every sample with from ≤ time < to, each tag asked for present. Raises `TooManyRows` beyond `limit`."""

    def buckets(
        self,
        kks: Sequence[str],
        from_us: int,
        to_us: int,
        buckets: int,
        *,
        from_samples: bool = False,
        progress: Progress = quiet,
        cancel: Cancel | None = None,
        timeout_s: float = TIMEOUT_S,
    ) -> Bucketed:
        """About `buckets` (at most one more) equal spans of from ≤ time < to, each with its extremes, mean, counts.

        From the coarsest roll-up that fits, or from the samples themselves where none does or `from_samples` says so.
        """

    def value_at(
        self,
        kks: Sequence[str],
        at_us: int,
        *,
        lookback_s: float,
        progress: Progress = quiet,
        cancel: Cancel | None = None,
        timeout_s: float = TIMEOUT_S,
    ) -> dict[str, Series]:
        """The last sample at or before `at_us`, none older than `lookback_s`: a series of one or none for each tag.

        A tag reports each heartbeat at least, so a look-back of one heartbeat finds every tag that was alive.
        """

    def at_times(
        self,
        kks: Sequence[str],
        times_us: Sequence[int] | Integers,
        *,
        lookback_s: float,
        sloped: bool = False,
        progress: Progress = quiet,
        cancel: Cancel | None = None,
        timeout_s: float = TIMEOUT_S,
    ) -> dict[str, Series]:
        """Each tag's value at each of the times (ascending), which are the series' own: NaN and quality 0 where none.

        The last sample at or before it, none older than `lookback_s`; `sloped`: on the line from it to the next one,
        where that comes within `lookback_s` of it and both are usable. Quality is the earlier sample's.
        """

    def statistics(
        self,
        kks: Sequence[str],
        from_us: int,
        to_us: int,
        *,
        hold_s: float | Mapping[str, float],
        from_samples: bool = False,
        progress: Progress = quiet,
        cancel: Cancel | None = None,
        timeout_s: float = TIMEOUT_S,
    ) -> dict[str, Statistics]:
        """Time-weighted statistics of from ≤ time < to; a tag without any value in force has NaN and zeros.

        `hold_s` (for all, or by tag) is how long a value stays in force: `HOLD_HEARTBEATS` heartbeats. Long spans come
        from roll-ups and, for their ragged ends and open days, from samples.
        """

    def quality_counts(
        self,
        kks: Sequence[str],
        from_us: int,
        to_us: int,
        *,
        progress: Progress = quiet,
        cancel: Cancel | None = None,
        timeout_s: float = TIMEOUT_S,
    ) -> dict[str, dict[int, int]]:
        """How many samples of from ≤ time < to each tag has of each OPC DA quality code."""

    def excursions(
        self,
        kks: Sequence[str],
        from_us: int,
        to_us: int,
        limit: float,
        *,
        above: bool = True,
        hold_s: float | Mapping[str, float],
        progress: Progress = quiet,
        cancel: Cancel | None = None,
        timeout_s: float = TIMEOUT_S,
    ) -> dict[str, tuple[Excursion, ...]]:
        """When each tag was above (or below) a limit, in the order of time; cut at the ends of the span.

        A bad sample ends an excursion, for nothing is known then.
        """

    def close(self) -> None:
        """Let go of connections."""
