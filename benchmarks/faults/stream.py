"""The events of a run: number `i` of a partition is known in advance, and it must lie at Kafka's offset `i`.

So whatever is found in the lake can be compared with what was sent, record by record, without asking Kafka. One in four
hundred is no event of the plant, each for another reason, and must lie in quarantine with that reason.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from contracts import names
from contracts.event import encode
from contracts.sample import Sample

DAY_US: Final = 86_400 * 1_000_000
DAYS: Final = 5
"""Days over which a run's events are spread: the lake keeps seven days, the loader loads those that are over."""

HEARTBEAT_S: Final = 600
ZONES: Final = ("tanks", "topping")
PARTITIONS: Final = 2
REJECTED_EVERY: Final = 2000
REASONS: Final = {5: "not an event", 405: "late", 805: "future", 1205: "unknown KKS", 1605: "no value"}
"""Remainder of the number → how the reason in quarantine begins."""

_LONG_AGO_US: Final = 1_000_000_000_000_000
_FAR_AHEAD_US: Final = 4_000_000_000_000_000

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Stream:
    """One topic partition's events."""

    topic: str
    partition: int
    count: int
    first_us: int
    step_us: int
    tags: tuple[str, ...]

    @property
    def refinery(self) -> str:
        """The plant it is of."""
        return names.refinery_of_topic(self.topic)

    def record(self, number: int) -> tuple[bytes, bytes | None]:
        """Key and value of record `number`."""
        kks, ts_us = self.tags[number % len(self.tags)], self.first_us + number * self.step_us
        match REASONS.get(number % REJECTED_EVERY):
            case "no value":
                return kks.encode(), None
            case "not an event":
                return kks.encode(), b"no event %d" % number
            case "late":
                ts_us = _LONG_AGO_US + number
            case "future":
                ts_us = _FAR_AHEAD_US + number
            case "unknown KKS":
                kks = "99EGB99CL999XQ01"
        value = None if number % 101 == 7 else (number * 7919 % 100_003) / 16
        quality = 24 if value is None else 68 if number % 13 == 0 else 192
        return kks.encode(), encode(kks, Sample(value, ts_us, quality))

    def times(self, numbers: Numbers) -> Numbers:
        """Source times (µs) of good events."""
        return self.first_us + numbers * self.step_us

    def values(self, numbers: Numbers) -> npt.NDArray[np.float64]:
        """Values of good events, NaN for null."""
        return np.where(numbers % 101 == 7, np.nan, (numbers * 7919 % 100_003) / 16)

    def qualities(self, numbers: Numbers) -> npt.NDArray[np.int16]:
        """Qualities of good events."""
        return np.where(numbers % 101 == 7, 24, np.where(numbers % 13 == 0, 68, 192)).astype(np.int16)

    def good(self) -> Numbers:
        """Numbers of all good events."""
        numbers = np.arange(self.count, dtype=np.int64)
        return numbers[~np.isin(numbers % REJECTED_EVERY, list(REASONS))]


def streams_of(refineries: Sequence[str], events: int, tags: int) -> list[Stream]:
    """About `events` events in all, the same number in each partition of each zone; `tags` signals a partition."""
    places = [(refinery, zone, number) for refinery in refineries for zone in ZONES for number in range(PARTITIONS)]
    count = -(-events // len(places))
    first_us = (time.time_ns() // 1000 // DAY_US - DAYS) * DAY_US
    return [
        Stream(
            names.topic(refinery, zone),
            number,
            count,
            first_us,
            DAYS * DAY_US // count,
            tuple(f"1{ZONES.index(zone)}EGB{10 + number}CL{tag:03d}XQ01" for tag in range(1, tags + 1)),
        )
        for refinery, zone, number in places
    ]


def write_plant(folder: Path, refinery: str, streams: Sequence[Stream]) -> Path:
    """The plant folder of one refinery, as every box wants it."""
    folder.mkdir(parents=True)
    (folder / "plant.toml").write_text(
        f'[refinery]\nid = "{refinery}"\nname = "Faults"\ntimezone = "Europe/Madrid"\nheartbeat_s = {HEARTBEAT_S}\n'
        f'[plc.p1]\nconnection = "modbus-tcp://127.0.0.1:1"\nscan_s = 1\n[kafka]\npartitions = {PARTITIONS}\n',
        encoding="utf-8",
    )
    lines = ["kks,kind,role,plc,address,zone,heartbeat_s"]
    for stream in streams:
        zone = stream.topic.partition(".")[2]
        for kks in stream.tags if stream.refinery == refinery else ():
            lines.append(f"{kks},analog,level,p1,input-register:{2 * len(lines) - 1}:REAL,{zone},{HEARTBEAT_S}")
    (folder / "signals.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def write(path: Path, streams: Sequence[Stream]) -> None:
    """For the producer."""
    path.write_text(json.dumps([asdict(stream) for stream in streams]), encoding="utf-8")


def read(path: Path) -> list[Stream]:
    """What `write` wrote."""
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return [Stream(**{**each, "tags": tuple(each["tags"])}) for each in found]
