"""How the historian pane reaches the past: the plant's historian, and the live store for what is newer."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np

from app.historian_words import spoken
from contracts.plant import Plant
from contracts.sample import now_us
from data.historians.historian import Bucketed, Cancel, Historian, HistorianError, Progress, Series
from data.historians.opening import open_historian
from widgets.lines import Line, decimate
from widgets.past import Answer, Past
from widgets.plant_now import PlantNow

KAFKA_TAIL_US: Final = 2 * 3_600_000_000
"""How far back Kafka is read for what the lake has not stored yet: minutes when all is well, two hours at most."""

LIVE: Final = "live"
"""The name of the answer's table where only the live store's recent past was asked."""


def place_of(plant: Plant, given: str) -> str:
    """Where a plant's historian is: as given on the command line, or `url` of [historian] in plant.toml; or empty."""
    return given or str(plant.services.get("historian", {}).get("url", ""))


class HistorianAccess:
    """Opens each refinery's historian when first asked; safe to call from any thread."""

    def __init__(
        self,
        places: Mapping[str, str],
        bootstrap: Callable[[Plant], str] = lambda _plant: "",
        opened: Callable[[str, str], Historian] = open_historian,
    ) -> None:
        """`places`: historian by refinery; `bootstrap`: the Kafka that has what is newer, empty where there is none."""
        self._places, self._bootstrap, self._open = places, bootstrap, opened
        self._historians: dict[str, Historian] = {}

    def engine(self, now: PlantNow) -> str:
        """What answers for a plant, in a few words."""
        place = self._places.get(now.plant.refinery, "")
        return "Hive" if place.startswith("hive://") else "DuckDB" if place else ""

    def new_cancel(self) -> Cancel:
        """A token for one query."""
        return Cancel()

    def historian(self, refinery: str) -> Historian:
        """The historian of a refinery. Raises `HistorianError`."""
        if refinery not in self._historians:
            place = self._places.get(refinery, "")
            if not place:
                raise HistorianError(f"no historian is known for {refinery}; name one in plant.toml [historian] url")
            self._historians[refinery] = self._open(place, refinery)
        return self._historians[refinery]

    def fetch(
        self,
        now: PlantNow,
        kks: Sequence[str],
        from_us: int,
        to_us: int,
        buckets: int,
        progress: Progress,
        cancel: Cancel,
    ) -> Answer:
        """Signals from the historian up to its newest sample, then from the live store. Raises `HistorianError`."""
        began = time.monotonic()
        try:
            historian = self.historian(now.plant.refinery)
            found = historian.buckets(kks, from_us, to_us, buckets, progress=progress, cancel=cancel)
            newer = self._newer(now, kks, found, from_us, to_us, progress, cancel)
        except HistorianError as error:
            error.args = (spoken(str(error)),)
            raise
        return joined(kks, from_us, to_us, found, newer, time.monotonic() - began)

    def _newer(
        self,
        now: PlantNow,
        kks: Sequence[str],
        found: Bucketed,
        from_us: int,
        to_us: int,
        progress: Progress,
        cancel: Cancel,
    ) -> dict[str, Series]:
        """What is newer than the historian: the live recent past, and from Kafka what lies between the two."""
        newer = {tag: Series(*now.recent(tag)) for tag in kks}
        known_us = newest_us(found, from_us)
        since_us = max(known_us, now_us() - KAFKA_TAIL_US)
        apart = [tag for tag in kks if not newer[tag].us.size or newer[tag].us[0] > known_us]
        bootstrap = self._bootstrap(now.plant)
        if apart and bootstrap and since_us < to_us:
            from data.historians.seam import join, kafka_tail

            tail = kafka_tail(now.plant, bootstrap, apart, since_us, progress=progress, cancel=cancel)
            newer |= {tag: join(tail[tag], newer[tag]) for tag in apart}
        return newer

    def close(self) -> None:
        """Let go of every connection."""
        for historian in self._historians.values():
            historian.close()
        self._historians.clear()


def newest_us(found: Bucketed, from_us: int) -> int:
    """Where the historian ends: after the last bucket of any tag."""
    return max((int(b.us[-1]) + found.width_us for b in found.tags.values() if b.us.size), default=from_us)


def joined(
    kks: Sequence[str], from_us: int, to_us: int, found: Bucketed, newer: Mapping[str, Series], seconds: float
) -> Answer:
    """History, and after its last bucket what is newer: each instant from exactly one of the two."""
    newest = newest_us(found, from_us)
    past: dict[str, Past] = {}
    rows, reaches_live = 0, False
    for tag in kks:
        history = found.tags.get(tag)
        times_us, values, codes = newer[tag]
        after = (times_us >= newest) & (times_us < to_us)
        live_us, live = times_us[after], values[after].copy()
        good = (codes[after] & 0xC0) != 0
        live[~good] = np.nan
        reaches_live = reaches_live or live_us.size > 0
        tail = decimate(live_us, live, max(50, int(2000 * (to_us - newest) / max(1, to_us - from_us))))
        line, n, n_good = tail, live_us.size, int(good.sum())
        if history is not None and history.us.size:
            rows += int(history.n.sum())
            n, n_good = n + int(history.n.sum()), n_good + int(history.n_good.sum())
            line = _append(history, tail, found.width_us)
        past[tag] = Past(line, n, n_good)
    has_history = newest > from_us
    seam = newest if has_history and reaches_live else None
    table = found.table if has_history else LIVE
    return Answer(from_us, to_us, past, seam, gaps(past, from_us, to_us, found.width_us), table, rows, seconds)


def _append(history: Any, newer: Line, width_us: int) -> Line:
    middle = history.us + width_us // 2
    apart = newer.times_us.size and newer.times_us[0] - history.us[-1] > 3 * max(width_us, 10_000_000)
    bridge = np.array([np.nan] if apart else [])
    # Two neighbours further apart than three buckets are not joined by a line: nothing is known between them.
    breaks = np.flatnonzero(np.diff(history.us) > 3 * max(width_us, 10_000_000)) + 1

    def column(values: np.ndarray, later: np.ndarray) -> np.ndarray:
        return np.concatenate([np.insert(values.astype(float), breaks, np.nan), bridge, later])

    low = newer.mean if newer.low is None else newer.low
    high = newer.mean if newer.high is None else newer.high
    seam = np.full(bridge.size, middle[-1] + 1)
    times = np.concatenate([np.insert(middle, breaks, middle[breaks] - 1), seam, newer.times_us])
    return Line(times, column(history.v_mean, newer.mean), column(history.v_min, low), column(history.v_max, high))


def gaps(past: Mapping[str, Past], from_us: int, to_us: int, width_us: int) -> list[tuple[int, int]]:
    """Spans of at least five buckets (and 30 s) in which no signal has a sample."""
    times = [entry.line.times_us[np.isfinite(entry.line.mean)] for entry in past.values()]
    known = np.unique(np.concatenate([*times, np.array([from_us, to_us])]))
    wide = np.flatnonzero(np.diff(known) > max(5 * width_us, 30_000_000))
    return [(int(known[place]), int(known[place + 1])) for place in wide]
