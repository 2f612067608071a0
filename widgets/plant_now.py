"""What a widget may ask about a plant at this moment. `app` gives it; widgets know no store, no source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from analysis.alarms import Alarm
from analysis.stock import Inventory
from contracts.plant import Plant, Tank
from data.reading import Reading

Times = NDArray[np.int64]
Values = NDArray[np.float64]
Codes = NDArray[np.int16]


class TankNow(NamedTuple):
    """A tank's stock, and the worst reading it was computed from."""

    tank: Tank
    inventory: Inventory
    reading: Reading


class SourceNow(NamedTuple):
    """How the source of a plant's values is."""

    name: str
    """What it is in a few words: `Kafka 127.0.0.1:9092`, `Modbus`."""
    state: str
    """connecting, live, lost, failed, dead (the ingest process gives no sign of life), or none: there is no source."""
    detail: str
    since_us: int
    newest_age_s: float
    """Age of the newest event of any tag; infinite before the first."""
    events: int
    events_per_s: float
    rejected: int

    @property
    def alive(self) -> bool:
        """False where nothing new can be trusted to arrive."""
        return self.state == "live"


class PlantNow(Protocol):
    """One plant as the window sees it at this refresh."""

    @property
    def plant(self) -> Plant:
        """Its configuration."""

    @property
    def readings(self) -> Mapping[str, Reading]:
        """The newest reading of every signal."""

    def recent(self, kks: str) -> tuple[Times, Values, Codes]:
        """The recent past of a signal: times in µs, values, quality codes, oldest first."""

    def alarms(self, kks: str) -> Sequence[Alarm]:
        """The alarms configured on a signal, normal ones too."""

    def tank_now(self, kks: str) -> TankNow | None:
        """The stock of the tank a signal or equipment belongs to."""

    def provenance(self, kks: str) -> Sequence[tuple[str, str]]:
        """Where a signal's value comes from, hop by hop: what, and where."""
