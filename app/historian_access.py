"""How the historian pane reaches the past: the plant's historian, and the live store for what is newer."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

import numpy as np

from app.historian_joining import LIVE, cut_of, joined, near
from app.historian_words import spoken
from contracts.plant import Plant
from contracts.sample import now_us
from data.historians.historian import Cancel, Cancelled, Historian, HistorianError, Progress, Series
from data.historians.opening import open_historian
from runtime.places import cache_folder
from widgets.past import Answer
from widgets.plant_now import Codes, PlantNow, Times, Values

__all__ = ["LIVE", "HistorianAccess", "place_of"]

KAFKA_TAIL_US: Final = 2 * 3_600_000_000
"""How far back Kafka is read for what the lake has not stored yet: minutes when all is well, two hours at most."""
_EXPORT_ROWS: Final = 500_000
"""About so many samples are asked for at once in an export."""
_DAY_US: Final = 86_400_000_000


def place_of(plant: Plant, given: str) -> str:
    """Where a plant's historian is: as given on the command line, or `url` of [historian] in plant.toml; or empty."""
    return given or str(plant.services.get("historian", {}).get("url", ""))


class HistorianAccess:
    """Opens each refinery's historian when first asked; safe to call from any thread."""

    def __init__(
        self,
        places: Mapping[str, str],
        bootstrap: Callable[[Plant], str] = lambda _plant: "",
        opened: Callable[[str, str], Historian] | None = None,
    ) -> None:
        """`places`: historian by refinery; `bootstrap`: the Kafka that has what is newer, empty where there is none."""
        self._places, self._bootstrap, self._open = places, bootstrap, opened or _opened
        self._historians: dict[str, Historian] = {}
        self._opening = threading.Lock()

    def engine(self, now: PlantNow) -> str:
        """What answers for a plant, in a few words."""
        place = self._places.get(now.plant.refinery, "")
        return "Hive" if place.startswith("hive://") else "DuckDB" if place else ""

    def new_cancel(self) -> Cancel:
        """A token for one query."""
        return Cancel()

    def historian(self, refinery: str) -> Historian:
        """The historian of a refinery. Raises `HistorianError`."""
        with self._opening:
            if refinery not in self._historians:
                place = self._places.get(refinery, "")
                if not place:
                    raise HistorianError(
                        f"no historian is known for {refinery}; name one in plant.toml [historian] url"
                    )
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
        """Signals from the historian up to each one's newest sample, then from Kafka and the live store.

        A short span comes as samples, a long one as buckets. Raises `HistorianError`.
        """
        began = time.monotonic()
        try:
            historian = self.historian(now.plant.refinery)
            found, cut_us = None, from_us
            if not near(now.plant, kks, from_us, to_us):
                found = historian.buckets(kks, from_us, to_us, buckets, progress=progress, cancel=cancel)
                cut_us = cut_of(found, from_us, to_us)
            stored: Mapping[str, Series] = {}
            if cut_us < to_us:
                stored = historian.raw(kks, cut_us, to_us, progress=progress, cancel=cancel)
            newer, trouble = self._newer(now, kks, stored, cut_us, to_us, progress, cancel)
            loaded = historian.span(cancel=cancel).last or ""
        except HistorianError as error:
            error.args = (spoken(str(error)),)
            raise
        answer = joined(now.plant, kks, (from_us, to_us), found, cut_us, stored, newer, now_us())
        return answer._replace(seconds=time.monotonic() - began, trouble=trouble, loaded_until=loaded)

    def samples(
        self, now: PlantNow, kks: str, from_us: int, to_us: int, cancel: Cancel
    ) -> Iterator[tuple[Times, Values, Codes]]:
        """Every sample of a signal, part by part, oldest first; what is newer than the historian at the end.

        Raises `HistorianError`.
        """
        signal = now.plant.by_kks.get(kks)
        scan_s = 1.0 if signal is None else max(0.1, signal.scan_s)
        step_us = max(60_000_000, min(31 * _DAY_US, int(_EXPORT_ROWS * scan_s * 1e6)))
        last_us = from_us - 1
        try:
            historian = self.historian(now.plant.refinery)
            for start in range(from_us, to_us, step_us):
                part = historian.raw([kks], start, min(start + step_us, to_us), cancel=cancel)[kks]
                if part.us.size:
                    last_us = int(part.us[-1])
                    yield part
            stored = {kks: _nothing() if last_us < from_us else _nothing()._replace(us=np.array([last_us]))}
            newer, trouble = self._newer(now, [kks], stored, from_us, to_us, lambda *_told: None, cancel)
        except HistorianError as error:
            error.args = (spoken(str(error)),)
            raise
        if trouble:
            raise HistorianError(trouble)
        later = (newer[kks].us > last_us) & (newer[kks].us < to_us)
        if later.any():
            yield newer[kks].us[later], newer[kks].v[later], newer[kks].q[later]

    def _newer(
        self,
        now: PlantNow,
        kks: Sequence[str],
        stored: Mapping[str, Series],
        cut_us: int,
        to_us: int,
        progress: Progress,
        cancel: Cancel,
    ) -> tuple[dict[str, Series], str]:
        """What is newer than the historian, and a sentence where Kafka should have told and did not.

        It is the live recent past, and from Kafka what lies between the two.
        """
        if cut_us >= to_us:
            return {}, ""
        newer = {tag: Series(*now.recent(tag)) for tag in kks}
        known = {tag: int(stored[tag].us[-1]) if tag in stored and stored[tag].us.size else cut_us for tag in kks}
        apart = [tag for tag in kks if not newer[tag].us.size or newer[tag].us[0] > known[tag]]
        bootstrap = self._bootstrap(now.plant)
        if not apart or not bootstrap:
            return newer, ""
        since_us = max(min(known[tag] for tag in apart), now_us() - KAFKA_TAIL_US)
        if since_us >= to_us:
            return newer, ""
        from data.historians.seam import join, kafka_tail

        try:
            tail = kafka_tail(now.plant, bootstrap, apart, since_us, progress=progress, cancel=cancel)
        except Cancelled:
            raise
        except HistorianError as error:
            # What the historian has is shown; what is missing stays empty paper, and is said.
            return newer, spoken(str(error))
        return newer | {tag: join(tail[tag], newer[tag]) for tag in apart}, ""

    def close(self) -> None:
        """Let go of every connection."""
        for historian in self._historians.values():
            historian.close()
        self._historians.clear()


def _opened(place: str, refinery: str) -> Historian:
    """With what it said of closed days kept on disk: going back to a span asks no server."""
    return open_historian(place, refinery, cache=cache_folder() / "historian")


def _nothing() -> Series:
    return Series(np.empty(0, np.int64), np.empty(0), np.empty(0, np.int16))
