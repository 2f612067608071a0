"""The newest sample of every tag in shared memory: one writer process, any number of readers, no locks.

Each row has a version: odd while the writer is inside, one higher when it is done. A reader copies, looks at the
version again and reads anew what changed under it (a seqlock; H.-J. Boehm, "Can seqlocks get along with programming
language memory models?", MSPC 2012). What is too much has a name: the screen keeps the newest sample, the recent past
of a watched tag keeps all of them up to its capacity.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from threading import Lock
from typing import Any, Final, Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from contracts.quality import Quality
from contracts.sample import WAITING, Sample, now_us
from data.recent_past import BYTES_PER_SAMPLE, RecentPast
from data.shared_arrays import NoSuchStore, SharedArrays

__all__ = ["LiveStore", "NoSuchStore", "Snapshot", "SourceState"]

SourceState = Literal["connecting", "live", "lost", "failed"]
"""connecting: not yet; live: samples flow; lost: it tries again by itself; failed: it needs a person."""

RECENT_BYTES: Final = 64 << 20
"""What the recent past of all watched tags may take."""

_STATES: Final[tuple[SourceState, ...]] = get_args(SourceState)
_DETAIL_BYTES: Final = 1000
_PATIENCE_S: Final = 0.01
"""How long a reader reads again; a writer that is still inside a row was put to sleep there, or killed."""
_DEAD_S: Final = 2.0
"""A row that stays odd so long has lost its writer in the middle of a write."""

Versions = NDArray[np.int64]


class Snapshot(NamedTuple):
    """Copies of all rows, each row consistent in itself. `value` is NaN where there is none."""

    value: NDArray[np.float64]
    time_us: NDArray[np.int64]
    quality: NDArray[np.int16]
    good_value: NDArray[np.float64]
    """The last value of good or uncertain quality, with its own time and quality; NaN if there never was one."""
    good_time_us: NDArray[np.int64]
    good_quality: NDArray[np.int16]
    version: Versions


_ROW_FIELDS: Final = Snapshot._fields[:-1]


class LiveStore:
    """One store = one mode = one writer process. Made by `create` (the owner, who unlinks it) or `attach`."""

    def __init__(self, shared: SharedArrays) -> None:
        self._shared = shared
        self.tags: tuple[str, ...] = tuple(shared.description["tags"])
        self.rows: dict[str, int] = {tag: row for row, tag in enumerate(self.tags)}
        self._version: Versions = shared.arrays["version"]
        self._fields = [shared.arrays[name] for name in _ROW_FIELDS]
        self._recent = RecentPast(shared.arrays)
        self._fence = Lock()
        self._one_at_a_time = Lock()
        self._writing = False
        self._last: Snapshot | None = None
        self._torn_since_s = 0.0

    @classmethod
    def create(cls, tags: Sequence[str], recent_capacity: int = 7200) -> LiveStore:
        """A store for `tags`, all waiting for their first sample; the caller owns it.

        `recent_capacity` samples are kept of each watched tag; as many of the first tags are watched as `RECENT_BYTES`
        hold, in a small plant all.
        """
        rows = len(tags)
        watched = min(rows, RECENT_BYTES // (BYTES_PER_SAMPLE * recent_capacity))
        shared = SharedArrays.create(
            {
                "version": ("i8", rows),
                "value": ("f8", rows),
                "time_us": ("i8", rows),
                "quality": ("i2", rows),
                "good_value": ("f8", rows),
                "good_time_us": ("i8", rows),
                "good_quality": ("i2", rows),
                "heartbeat_us": ("i8", 1),
                "events": ("i8", 1),
                "rejected": ("i8", 1),
                "source_version": ("i8", 1),
                "source_state": ("i8", 1),
                "source_since_us": ("i8", 1),
                "source_detail": ("u1", _DETAIL_BYTES),
                **RecentPast.fields(rows, watched, recent_capacity),
            },
            {"tags": list(tags)},
        )
        shared.arrays["value"].fill(np.nan)
        shared.arrays["good_value"].fill(np.nan)
        shared.arrays["quality"].fill(Quality.WAITING)
        shared.arrays["good_quality"].fill(Quality.WAITING)
        shared.arrays["source_since_us"][0] = now_us()
        store = cls(shared)
        store._recent.watch(range(watched))
        return store

    @classmethod
    def attach(cls, name: str) -> LiveStore:
        """The store another process created. Raises `NoSuchStore`."""
        return cls(SharedArrays.attach(name))

    @property
    def name(self) -> str:
        """What a writer needs to attach."""
        return self._shared.name

    def close(self) -> None:
        """Let go of the shared memory; the store cannot be used any more."""
        del self._version, self._fields
        self._recent.close()
        self._shared.close()

    def unlink(self) -> None:
        """Remove the store, as its owner, once the writer has been told to end."""
        self._shared.unlink()

    # ---- the writer's side

    def write(self, rows: ArrayLike, values: ArrayLike, times_us: ArrayLike, qualities: ArrayLike) -> int:
        """Store a batch: row numbers, values (NaN for none), source times and qualities, any number a row.

        Only what is newer than its row counts; the rest is late or came twice. Returns how many samples were new.
        """
        with self._one_at_a_time:
            return self._write(rows, values, times_us, qualities)

    def _write(self, rows: ArrayLike, values: ArrayLike, times_us: ArrayLike, qualities: ArrayLike) -> int:
        if not self._writing:
            self._become_writer()
        row = np.asarray(rows, np.int64)
        value = np.asarray(values, np.float64)
        time_us = np.asarray(times_us, np.int64)
        quality = np.asarray(qualities, np.int16)
        order = np.lexsort((time_us, row))
        order = order[time_us[order] > self._fields[1][row[order]]]
        row, time_us = row[order], time_us[order]
        if row.size > 1:
            first_of_its_time = np.ones(row.size, bool)
            first_of_its_time[1:] = (row[1:] != row[:-1]) | (time_us[1:] != time_us[:-1])
            if not first_of_its_time.all():
                order, row, time_us = order[first_of_its_time], row[first_of_its_time], time_us[first_of_its_time]
        if not row.size:
            return 0
        value, quality = value[order], quality[order]
        last = _last_of_each(row)
        usable = ~np.isnan(value) & (quality & 0xC0 != 0)
        good = slice(None) if usable.all() else np.flatnonzero(usable)
        good_row = row[good]
        last_good = _last_of_each(good_row)
        newest_row, good_newest_row = row[last], good_row[last_good]

        self._version[newest_row] += 1
        self._order_memory()
        columns: tuple[NDArray[Any], ...] = (value, time_us, quality)
        for field, column in zip(self._fields[:3], columns, strict=True):
            field[newest_row] = column[last]
        for field, column in zip(self._fields[3:], columns, strict=True):
            field[good_newest_row] = column[good][last_good]
        self._order_memory()
        self._version[newest_row] += 1
        self._recent.write(row, value, time_us, quality, self._order_memory)
        return int(row.size)

    def watch(self, rows: Iterable[int]) -> None:
        """Keep a recent past of these rows from now on, in the writer's process; it displaces the longest unasked."""
        with self._one_at_a_time:
            self._recent.watch(rows)

    def beat(self) -> None:
        """Say that the writer lives."""
        self._shared.arrays["heartbeat_us"][0] = now_us()

    def count(self, events: int, rejected: int) -> None:
        """Set the writer's totals."""
        self._shared.arrays["events"][0] = events
        self._shared.arrays["rejected"][0] = rejected

    def set_source(self, state: SourceState, detail: str = "") -> None:
        """Say how the source is; `detail` is one sentence for a person. Its time starts anew when the state changes."""
        arrays = self._shared.arrays
        text = detail.encode()[:_DETAIL_BYTES]
        version = int(arrays["source_version"][0]) & ~1
        arrays["source_version"][0] = version + 1
        self._order_memory()
        code = _STATES.index(state)
        if arrays["source_state"][0] != code:
            arrays["source_state"][0] = code
            arrays["source_since_us"][0] = now_us()
        arrays["source_detail"][: len(text)] = np.frombuffer(text, np.uint8)
        arrays["source_detail"][len(text) :] = 0
        self._order_memory()
        arrays["source_version"][0] = version + 2

    def _become_writer(self) -> None:
        """Repair what an earlier writer left half done when it was killed."""
        self._writing = True
        torn = np.flatnonzero(self._version & 1)
        self._recent.repair()
        empty: tuple[float, ...] = (np.nan, 0, Quality.WAITING)
        for field, nothing in zip(self._fields, empty * 2, strict=True):
            field[torn] = nothing
        # What the recent past holds must not come a second time.
        if torn.size:
            self._fields[1][torn] = self._recent.newest_us(torn)
        self._order_memory()
        self._version[torn] += 1

    # ---- the readers' side

    def snapshot(self) -> Snapshot:
        """All rows.

        A row its writer is asleep in is given as this reader last saw it; one its writer died in is bad (comm failure)
        until the next writer repairs it.
        """
        version = self._version.copy()
        self._order_memory()
        copies = [field.copy() for field in self._fields]
        self._order_memory()
        torn = np.flatnonzero((version != self._version) | (version & 1))
        deadline = time.monotonic() + _PATIENCE_S
        while torn.size and time.monotonic() < deadline:
            before = self._version[torn]
            self._order_memory()
            again = [field[torn] for field in self._fields]
            self._order_memory()
            settled = (before == self._version[torn]) & (before & 1 == 0)
            done = torn[settled]
            for copy, column in zip(copies, again, strict=True):
                copy[done] = column[settled]
            version[done] = before[settled]
            torn = torn[~settled]
        if torn.size:
            self._replace_torn(torn, copies, version)
        else:
            self._torn_since_s = 0.0
        self._last = Snapshot._make([*copies, version])
        return self._last

    def _replace_torn(self, torn: NDArray[np.int64], copies: list[NDArray[Any]], version: Versions) -> None:
        now_s = time.monotonic()
        self._torn_since_s = self._torn_since_s or now_s
        if self._last is not None and now_s - self._torn_since_s < _DEAD_S:
            seen: list[NDArray[Any]] = list(self._last)
            for copy, column in zip([*copies, version], seen, strict=True):
                copy[torn] = column[torn]
            return
        for copy, bad in zip(copies, (np.nan, 0, Quality.COMM_FAILURE, np.nan, 0, 0), strict=True):
            copy[torn] = bad
        version[torn] &= ~1

    def changed(self, since: Versions | None) -> tuple[NDArray[np.int64], Versions]:
        """Rows written since the versions `since` (None: all rows), and the versions to ask with next time."""
        versions = self._version.copy()
        if since is None:
            return np.arange(versions.size), versions
        # A row being written now counts next time, when it can be read.
        writing = versions & 1 == 1
        versions[writing] = since[writing]
        return np.flatnonzero(versions != since), versions

    def sample(self, row: int) -> Sample:
        """The newest sample of one row."""
        value, time_us, quality, *_ = self._read(row)
        return _sample(value, time_us, quality)

    def last_good(self, row: int) -> Sample:
        """The last sample of one row whose value could be used; `sample.WAITING` if there never was one."""
        *_, value, time_us, quality = self._read(row)
        return _sample(value, time_us, quality) if time_us else WAITING

    def recent(self, row: int) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int16]]:
        """The recent past of a watched row, oldest first: times (µs), values (NaN for none), qualities; else empty."""
        return self._recent.read(row, self._order_memory)

    def is_watched(self, row: int) -> bool:
        """Whether the row keeps a recent past."""
        return self._recent.is_watched(row)

    @property
    def heartbeat_us(self) -> int:
        """When the writer last said it lives; 0 before it first did."""
        return int(self._shared.arrays["heartbeat_us"][0])

    @property
    def events(self) -> int:
        """How many events the writer has stored."""
        return int(self._shared.arrays["events"][0])

    @property
    def rejected(self) -> int:
        """How many records the writer could not use."""
        return int(self._shared.arrays["rejected"][0])

    @property
    def source_state(self) -> SourceState:
        """How the source is."""
        return self._source()[0]

    @property
    def source_detail(self) -> str:
        """One sentence on the source for a person; may be empty."""
        return self._source()[1]

    @property
    def source_since_us(self) -> int:
        """Since when the source is in its state."""
        return self._source()[2]

    def _source(self) -> tuple[SourceState, str, int]:
        arrays = self._shared.arrays
        deadline = time.monotonic() + _PATIENCE_S
        while True:
            version = int(arrays["source_version"][0])
            self._order_memory()
            state, since_us = int(arrays["source_state"][0]), int(arrays["source_since_us"][0])
            text = arrays["source_detail"].tobytes().rstrip(b"\0").decode(errors="ignore")
            self._order_memory()
            settled = version & 1 == 0 and version == int(arrays["source_version"][0])
            if settled or time.monotonic() > deadline:
                return _STATES[state], text, since_us

    def _read(self, row: int) -> list[Any]:
        deadline = time.monotonic() + _PATIENCE_S
        while time.monotonic() < deadline:
            version = int(self._version[row])
            self._order_memory()
            columns = [field[row].item() for field in self._fields]
            self._order_memory()
            if version & 1 == 0 and version == int(self._version[row]):
                return columns
        return [column[row].item() for column in self.snapshot()[:-1]]

    def _order_memory(self) -> None:
        """Keep the processor from moving memory accesses across this line.

        numpy has no barrier. Taking and releasing a lock twice is one: nothing passes the first release downwards or
        the second acquisition upwards. x86 would not need it, ARM does.
        """
        with self._fence:
            pass
        with self._fence:
            pass


def _last_of_each(row: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where, in sorted rows, each row stands for the last time."""
    if not row.size:
        return np.empty(0, np.int64)
    return np.flatnonzero(np.append(row[1:] != row[:-1], True))


def _sample(value: float, time_us: int, quality: int) -> Sample:
    return Sample(None if value != value else value, time_us, quality)
