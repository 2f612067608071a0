"""The truth about a run in tick mode: which ticks the PLC served, and what events they must have become."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from contracts.modbus_address import parse_address
from contracts.plant import Plant
from contracts.signal_list import Signal


class Read(NamedTuple):
    """One Modbus request as the simulator served it."""

    time_us: int
    plc: str
    bank: str
    offset: int
    length: int
    tick: int


def copy_plant(source: Path, folder: Path, *, scan_s: float) -> Path:
    """The plant with every change reported and no heartbeat in between, polled every `scan_s`.

    A tag's heartbeat has its own moment in each period; three years make it unlikely to fall into a test.
    """
    folder.mkdir(parents=True)
    for path in source.rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            target = folder / path.relative_to(source)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    with (folder / "signals.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        row.update(scan_s=str(scan_s), heartbeat_s="100000000", deadband="0")
    with (folder / "signals.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return folder


def read_log(path: Path) -> list[Read]:
    """The simulator's `--log-reads` file."""
    reads = []
    for line in path.read_text(encoding="utf-8").splitlines():
        time_us, plc, bank, offset, length, tick = line.split(",")
        reads.append(Read(int(time_us), plc, bank, int(offset), int(length), int(tick)))
    return reads


def polls(reads: Sequence[Read], starts_us: Iterable[int] = (0,)) -> list[Read]:
    """The reads without those by which PLC4X tries a new connection, each the first after one of `starts_us`.

    It reads one holding register (its option `ping-address`) and throws the answer away.
    """
    trials: set[Read] = set()
    for start_us in starts_us:
        first = {read.plc: read for read in reversed(reads) if read.time_us >= start_us}
        trials |= {read for read in first.values() if read[2:5] == ("holding-register", 0, 1)}
    return [read for read in reads if read not in trials]


def expected(plant: Plant, reads: Iterable[Read]) -> dict[str, list[tuple[int, float]]]:
    """Per tag the (time of the read, value) of each event that must exist: one each time its value changed."""
    by_place: dict[tuple[str, str], list[Read]] = defaultdict(list)
    for read in reads:
        by_place[read.plc, read.bank].append(read)
    found: dict[str, list[tuple[int, float]]] = {}
    for signal in plant.signals:
        address = parse_address(signal.address)
        first, last = address.offset, address.offset + address.length - 1
        events: list[tuple[int, float]] = []
        for read in by_place[signal.plc, address.bank]:
            if read.offset <= first and last < read.offset + read.length:
                value = event_value(signal, read.tick)
                if not events or events[-1][1] != value:
                    events.append((read.time_us, value))
        found[signal.kks] = events
    return found


_WRAPS: Mapping[str, int] = {
    "INT": 2**15,
    "UINT": 2**16,
    "DINT": 2**31,
    "UDINT": 2**32,
    "REAL": 2**24,
    "LREAL": 2**53,
}


def event_value(signal: Signal, tick: int) -> float:
    """What the gateway makes of a register that counts ticks, in engineering units."""
    address = parse_address(signal.address)
    raw = float(tick % 2 if address.is_bit else tick % _WRAPS[address.type])
    if signal.raw_low is None or signal.raw_high is None:
        return raw
    return signal.low + (raw - signal.raw_low) * (signal.high - signal.low) / (signal.raw_high - signal.raw_low)
