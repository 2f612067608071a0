"""A run in tick mode whose processes are killed, and the account of its events: served, in Kafka, in the lake."""

from __future__ import annotations

import bisect
import dataclasses
import json
import os
import random
import signal
import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pyarrow.parquet as pq

from app import processes
from app.processes import BROKER, MTU
from contracts import names, plant
from contracts.lake import chunk_of
from contracts.modbus_address import parse_address
from contracts.plant import Plant
from runtime.object_store import open_store
from runtime.supervisor import Process, Supervisor, module
from tests.chain.ticks import Read, copy_plant, event_value, polls, read_log
from tests.engines.broker import wait_until
from tests.engines.events import Found, dump

SCAN_S: Final = 0.1
TICK_HZ: Final = 5.0
JVM: Final = "broker jvm"
START_S: Final = 180.0
BACK_S: Final = 90.0
LATEST_US: Final = 2_000_000
"""A read becomes an event within this time; an event that comes later is another read's."""

DYING_US: Final = 300_000
"""What a killed gateway had asked for may be answered so long after; the next one takes a second to start."""

Record = tuple[str, int, int]
"""(topic, partition, offset)"""


@dataclass
class Account:
    """What became of the events of one run."""

    served: int = 0
    """Events that must exist: reads that the PLC answered and that changed a tag's value."""
    in_kafka: int = 0
    """Records an independent consumer found."""
    distinct: int = 0
    """Of different (kks, ts)."""
    duplicates: int = 0
    differing_duplicates: int = 0
    """Of one (kks, ts) but not byte for byte the same; must be 0."""
    in_flight_at_mtu_kill: int = 0
    """Served to a gateway that was killed before it could write them down."""
    lost: list[str] = field(default_factory=list)
    """Served, not in flight, not in Kafka; must be empty."""
    invented: list[str] = field(default_factory=list)
    """In Kafka with a value that no read explains; must be empty."""
    out_of_order: int = 0
    """Records older than one of their tag before them that is not a repeat; must be 0."""
    in_lake: int = 0
    lake_missing: int = 0
    """Kafka's records that no raw chunk holds; must be 0."""
    lake_repeated: int = 0
    """Records found twice in the raw chunks; must be 0."""
    lake_differing: int = 0
    """Records whose event differs between Kafka and the lake; must be 0."""
    chunks: int = 0
    most_buffered: int = 0
    """Events that waited in the gateway's buffer at once."""
    seconds: float = 0.0
    kills: list[dict[str, Any]] = field(default_factory=list)

    @property
    def faults(self) -> list[str]:
        """What must be 0 and is not, one sentence each."""
        counts = {
            "events lost": len(self.lost),
            "events that no read explains": len(self.invented),
            "repeats that differ": self.differing_duplicates,
            "records out of order": self.out_of_order,
            "records missing in the lake": self.lake_missing,
            "records twice in the lake": self.lake_repeated,
            "records that differ in the lake": self.lake_differing,
        }
        return [f"{count} {what}" for what, count in counts.items() if count]


def run_with_kills(source: Path, folder: Path, victims: Sequence[str], *, seed: int = 1) -> Account:
    """Run the chain on `source` in tick mode and kill `victims` in turn ("a+b": b while a is away)."""
    copied = copy_plant(source, folder / "plant", scan_s=SCAN_S)
    loaded = plant.load(copied)
    log, lake, chance = folder / "reads.csv", str(folder / "lake"), random.Random(seed)
    account = Account()
    kafka = Supervisor(
        [processes.broker([loaded], folder), _storing_often(processes.lake_writer([loaded], lake, folder))],
        folder / "logs",
    )
    with kafka:
        wait_until(lambda: _all_ready(kafka), START_S, every_s=0.1)
        bootstrap = str(kafka.states()[BROKER].report["bootstrap"])
        began = time.monotonic()
        field_side = Supervisor(
            [_ticking_simulator(loaded, log), *processes.gateways([loaded], folder, bootstrap)], folder / "logs"
        )
        # `gateways` with a bootstrap of its own waits for the simulator alone.
        with field_side:
            wait_until(lambda: _all_ready(field_side), START_S, every_s=0.1)
            for victim in victims:
                _live_on(field_side, account, chance.uniform(2.0, 4.0))
                for name in victim.split("+"):
                    account.kills.append(_kill(name, [kafka, field_side], folder))
                    _live_on(field_side, account, 1.0 if "+" in victim else 0.0)
                wait_until(lambda: _all_ready(kafka) and _all_ready(field_side), BACK_S, every_s=0.1)
                account.kills[-1]["back_s"] = round((time.time() * 1e6 - account.kills[-1]["killed_us"]) / 1e6, 1)
            _live_on(field_side, account, 2.0)
            wait_until(lambda: _gateway(field_side).get("buffered") == 0, BACK_S, every_s=0.05)
        account.seconds = round(time.monotonic() - began, 1)
        # A consumer that has nothing to do with our code.
        found = {(each.topic, each.partition, each.offset): each for each in dump(bootstrap, loaded.topics)}
        _wait_for_lake(lake, loaded.refinery, Counter(record[:2] for record in found))
    _compare_with_reads(account, loaded, read_log(log), found)
    _compare_with_lake(account, lake, loaded.refinery, found)
    return account


# ---- the run


def _storing_often(lake: Process) -> Process:
    assert callable(lake.argv)
    argv = lake.argv
    return dataclasses.replace(lake, argv=lambda known: [*argv(known), "--age", "2"])


def _ticking_simulator(loaded: Plant, log: Path) -> Process:
    ports = [word for name in loaded.plcs for word in ("--port", f"{name}=0")]
    argv = module("simulator", "--plant", loaded.folder, *ports, "--ticks", "--tick-hz", TICK_HZ, "--log-reads", log)
    return Process(f"{processes.SIMULATOR} {loaded.refinery}", argv)


def _all_ready(supervisor: Supervisor) -> bool:
    return all(status.state == "ready" for status in supervisor.states().values())


def _gateway(supervisor: Supervisor) -> Mapping[str, Any]:
    return next(status.report for name, status in supervisor.states().items() if processes.part(name) == MTU)


def _live_on(supervisor: Supervisor, account: Account, seconds: float) -> None:
    """Let it run, and note how much waits in the gateway."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        account.most_buffered = max(account.most_buffered, int(_gateway(supervisor).get("buffered", 0)))
        time.sleep(0.05)


def _kill(victim: str, supervisors: Sequence[Supervisor], folder: Path) -> dict[str, Any]:
    kind = BROKER if victim == JVM else victim
    supervisor, name = next(
        (each, name) for each in supervisors for name in each.states() if processes.part(name) == kind
    )
    before = supervisor.states()[name]
    pid = before.pid
    if victim == JVM:
        pid = int(json.loads((folder / "kafka" / "broker.json").read_text(encoding="utf-8"))["jvm"][0])
    assert pid is not None
    killed_us = time.time_ns() // 1000
    os.kill(pid, signal.SIGKILL)
    # Its end must have been noticed before anyone asks whether all is ready.
    wait_until(lambda: supervisor.states()[name].state != "ready", 15.0)
    return {"victim": victim, "killed_us": killed_us}


# ---- what is found


def _wait_for_lake(lake: str, refinery: str, in_kafka: Mapping[tuple[str, int], int]) -> None:
    def stored() -> bool:
        held: Counter[tuple[str, int]] = Counter()
        for info in open_store(lake).list(names.raw_prefix(refinery)):
            chunk = chunk_of(info.name, info.metadata)
            held[chunk.topic, chunk.partition] += chunk.count
        return all(held[place] >= count for place, count in in_kafka.items())

    wait_until(stored, 60.0, every_s=0.5)


def _compare_with_reads(account: Account, loaded: Plant, reads: Sequence[Read], found: Mapping[Record, Found]) -> None:
    by_kks: dict[str, list[Found]] = defaultdict(list)
    for record in sorted(found):
        by_kks[found[record].event.kks].append(found[record])
    account.in_kafka = len(found)
    killed_us = [kill["killed_us"] for kill in account.kills if kill["victim"] == MTU]
    reads = polls(reads, [0, *(each + DYING_US for each in killed_us)])
    in_flight = _in_flight(reads, killed_us)
    by_place: dict[tuple[str, str], list[Read]] = defaultdict(list)
    for read in reads:
        by_place[read.plc, read.bank].append(read)
    for tag in loaded.signals:
        address = parse_address(tag.address)
        first, last = address.offset, address.offset + address.length - 1
        own = [
            read
            for read in by_place[tag.plc, address.bank]
            if read.offset <= first and last < read.offset + read.length
        ]
        values = [event_value(tag, read.tick) for read in own]
        events = _distinct(account, by_kks[tag.kks])
        _match(account, tag.kks, own, values, events, in_flight)


def _in_flight(reads: Sequence[Read], kills_us: Sequence[int]) -> set[Read]:
    """Of each PLC the last read before each kill: blocks are read one at a time and written down before the next."""
    last: set[Read] = set()
    for each_us in kills_us:
        for plc in {read.plc for read in reads}:
            before = [read for read in reads if read.plc == plc and read.time_us < each_us + DYING_US]
            last |= set(before[-1:])
    return last


def _distinct(account: Account, records: Sequence[Found]) -> list[Found]:
    """One record for each (kks, ts), in the order they lie in Kafka."""
    by_ts: dict[int, Found] = {}
    latest = 0
    for record in records:
        former = by_ts.setdefault(record.event.ts, record)
        if former is not record:
            account.duplicates += 1
            account.differing_duplicates += (former.value, former.key) != (record.value, record.key)
        elif record.event.ts < latest:
            account.out_of_order += 1
        latest = max(latest, record.event.ts)
    account.distinct += len(by_ts)
    return sorted(by_ts.values(), key=lambda record: record.event.ts)


def _match(
    account: Account,
    kks: str,
    reads: Sequence[Read],
    values: Sequence[float],
    events: Sequence[Found],
    in_flight: set[Read],
) -> None:
    """Each change that was served has an event of its value soon after; each event has a read it comes from."""
    times = [read.time_us for read in reads]
    told: float | None = None
    place = 0
    for read, value in zip(reads, values, strict=True):
        if value == told:
            continue
        account.served += 1
        while place < len(events) and events[place].event.ts < read.time_us:
            place += 1
        known = place < len(events) and events[place].event.ts <= read.time_us + LATEST_US
        if known and _same(events[place].event.v, value):
            told = value
            place += 1
        elif read in in_flight:
            account.in_flight_at_mtu_kill += 1
        else:
            account.lost.append(f"{kks} {value} read at {read.time_us}")
            told = value
    for found in events:
        if found.event.v is None:
            continue
        end = bisect.bisect_right(times, found.event.ts)
        start = bisect.bisect_left(times, found.event.ts - LATEST_US)
        if not any(_same(found.event.v, value) for value in values[start:end]):
            account.invented.append(f"{kks} {found.event}")


def _same(one: float | None, other: float) -> bool:
    return one is not None and abs(one - other) <= 1e-9 * max(1.0, abs(other))


def _compare_with_lake(account: Account, lake: str, refinery: str, found: Mapping[Record, Found]) -> None:
    store = open_store(lake)
    seen: Counter[Record] = Counter()
    for info in store.list(names.raw_prefix(refinery)):
        account.chunks += 1
        with store.open(info.name) as file:
            table = pq.read_table(file)
        columns = [table[name].to_pylist() for name in ("topic", "kafka_partition", "kafka_offset", "kks", "v", "q")]
        times = table["ts"].cast("int64").to_pylist()
        for topic, partition, offset, kks, v, q, ts in zip(*columns, times, strict=True):
            record = (topic, partition, offset)
            seen[record] += 1
            event = found[record].event if record in found else None
            account.lake_differing += event is None or (event.kks, event.ts, event.v, event.q) != (kks, ts, v, q)
    account.in_lake = seen.total()
    account.lake_missing = len(found.keys() - seen.keys())
    account.lake_repeated = seen.total() - len(seen)
