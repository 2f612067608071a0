"""Which record is an event of a plant that is served here, and why another one is not."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from contracts import names, plant
from contracts.event import BadEvent, Event, decode
from contracts.lake import FUTURE_US, LATE_US

_log = logging.getLogger(__name__)

_REREAD_S: Final = 10.0


class Record(NamedTuple):
    """One Kafka record."""

    topic: str
    partition: int
    offset: int
    arrived_us: int
    """When the broker took it, or where that is not told, when we read it, µs since 1970-01-01 UTC. Never the
    producer's word, so within a partition it grows with the offset."""
    key: bytes | None
    value: bytes | None


class KnownSignals:
    """The KKS of every served refinery; the plant folders are read again when an unknown one turns up."""

    def __init__(self, folders: Sequence[Path]) -> None:
        """Raises `contracts.plant.BadPlant`."""
        self._folders = folders
        self._kks = self._read()
        self._read_at = time.monotonic()

    @property
    def refineries(self) -> tuple[str, ...]:
        """Ids of the served refineries."""
        return tuple(self._kks)

    def know(self, refinery: str, kks: str) -> bool:
        """True if `kks` is in the refinery's signal list, as it is now."""
        if kks in self._kks.get(refinery, ()):
            return True
        if time.monotonic() - self._read_at < _REREAD_S:
            return False
        self._read_at = time.monotonic()
        try:
            self._kks = self._read()
        except plant.BadPlant as error:
            _log.warning("the signal list as read before stays in use: %s", error)
        return kks in self._kks.get(refinery, ())

    def _read(self) -> dict[str, frozenset[str]]:
        plants = [plant.load(folder) for folder in self._folders]
        return {each.refinery: frozenset(each.by_kks) for each in plants}


class Judge:
    """Tells events from records that belong into quarantine."""

    def __init__(self, known: KnownSignals) -> None:
        self._known = known

    def event_of(self, record: Record) -> Event:
        """The record's event. Raises `BadEvent` with the reason why it is none of its plant."""
        if record.value is None:
            raise BadEvent("no value")
        event = decode(record.value)
        if not self._known.know(names.refinery_of_topic(record.topic), event.kks):
            raise BadEvent(f"unknown KKS: {event.kks} is not in the signal list")
        ahead_us = event.ts - record.arrived_us
        if ahead_us > FUTURE_US:
            raise BadEvent(f"future: {ahead_us / 1e6:.0f} s ahead of its arrival; is the source's clock right?")
        if ahead_us < -LATE_US:
            raise BadEvent(f"late: {-ahead_us / 86_400e6:.1f} days after its source time")
        return event
