"""The chain: how long a number takes from its register to the live store, and what each hop of it costs.

Latency: the simulator counts ticks in every register and logs when it served which; a reader looks at the live store
each millisecond and notes when a tick shows. So a value's wait for its poll is not in it, and everything after is:
PLC4X, gateway, Kafka, ingest, shared memory. The costs per event come from the rooms' own benchmarks, at their rates.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any, Final

import numpy as np
import psutil

from app import processes
from app.processes import Served
from benchmarks import canvas, ingest, lake, mtu
from contracts import plant
from contracts.modbus_address import parse_address
from contracts.sample import now_us
from data.live_store import LiveStore
from runtime.supervisor import Process, Supervisor, module
from tests.chain.ticks import Read, copy_plant, read_log
from tests.engines.broker import ROOT, wait_until

SECONDS: Final = 30.0
SETTLE_S: Final = 10.0
SCAN_S: Final = 0.1
TICK_HZ: Final = 10.0
P99_MS: Final = 250.0
"""Data to pixel in a quarter of a second, of which the GUI's clock may take 100 ms; the chain has the rest on a quiet
machine and all of it on a shared one."""
LOOK_S: Final = 0.001

Seen = dict[tuple[str, float], int]
"""(kks, value) → when the reader first saw it, µs."""


def run() -> dict[str, Any]:
    """Latency in ms, CPU of each process as a share of a core, and the costs per event of the hops."""
    figures: dict[str, Any] = {"latency": _latency()}
    figures["mtu"] = mtu.run(reconnects=40)
    figures["kafka_python_source"] = ingest.run()
    figures["lake"] = lake.measure()
    figures["canvas"] = canvas.run()
    latency = figures["latency"]
    missed = [f"p99 {latency['p99_ms']} ms, bound {P99_MS:.0f}"] if latency["p99_ms"] > P99_MS else []
    missed += [f"canvas: {text}" for text in figures["canvas"].get("missed", ())]
    missed += [f"lake: {text}" for text in figures["lake"].get("missed", ())]
    sentence = (
        f"register → live store p50 {latency['p50_ms']} ms, p99 {latency['p99_ms']} ms at "
        f"{latency['events_per_s']} events/s; MTU {figures['mtu']['cpu_us_per_event']} µs CPU an event at "
        f"{figures['mtu']['events_per_s']}/s; {figures['canvas']['sentence']}"
    )
    return {**figures, "sentence": sentence, "missed": missed}


def _latency() -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as scratch:
        state = Path(scratch)
        folder = copy_plant(ROOT / "resources" / "plants" / "sim-r1", state / "plant", scan_s=SCAN_S)
        loaded = plant.load(folder)
        # A counter that neither wraps in the run nor is scaled names its tick by itself.
        watched = [
            signal.kks
            for signal in loaded.signals
            if parse_address(signal.address).type == "REAL" and signal.raw_low is None
        ]
        store = LiveStore.create([signal.kks for signal in loaded.signals])
        log = state / "reads.csv"
        chain = [
            _simulator(loaded, log),
            processes.broker([loaded], state),
            *processes.gateways([loaded], state),
            *processes.ingests([Served(loaded, store.name)], "kafka", local_broker=True, simulated=True),
        ]
        try:
            with Supervisor(chain, state / "logs") as supervisor:
                wait_until(lambda: all(s.state == "ready" for s in supervisor.states().values()), 120)
                time.sleep(SETTLE_S)
                pids = {name: status.pid for name, status in supervisor.states().items() if status.pid}
                cpu, events = _cpu(pids), store.events
                seen = _watch(store, watched, SECONDS)
                spent = {name: round((after - cpu[name]) / SECONDS, 3) for name, after in _cpu(pids).items()}
                events = store.events - events
        finally:
            store.close()
            store.unlink()
        delays = np.array(_delays(loaded, read_log(log), seen)) / 1000
    return {
        "samples": len(delays),
        "events_per_s": round(events / SECONDS),
        "p50_ms": round(float(np.percentile(delays, 50)), 1),
        "p99_ms": round(float(np.percentile(delays, 99)), 1),
        "max_ms": round(float(delays.max()), 1),
        "cpu_share_of_a_core": spent,
    }


def _simulator(loaded: plant.Plant, log: Path) -> Process:
    ports = [word for name in loaded.plcs for word in ("--port", f"{name}=0")]
    argv = module("simulator", "--plant", loaded.folder, *ports, "--ticks", "--tick-hz", TICK_HZ, "--log-reads", log)
    return Process(f"{processes.SIMULATOR} {loaded.refinery}", argv)


def _cpu(pids: dict[str, int]) -> dict[str, float]:
    """User and system seconds of each process and its children."""
    spent = {}
    for name, pid in pids.items():
        family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
        spent[name] = sum(sum(member.cpu_times()[:2]) for member in family)
    return spent


def _watch(store: LiveStore, watched: list[str], seconds: float) -> Seen:
    rows = np.array([store.rows[kks] for kks in watched])
    newest = store.snapshot().value[rows]
    seen: Seen = {}
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        now, values = now_us(), store.snapshot().value[rows]
        for place in np.flatnonzero(values != newest):
            seen[watched[place], float(values[place])] = now
        newest = values
        time.sleep(LOOK_S)
    return seen


def _delays(loaded: plant.Plant, reads: list[Read], seen: Seen) -> list[int]:
    """µs from the first read of a tick to its first sight, for each tick of each watched tag."""
    first: Seen = {}
    for kks in {kks for kks, _ in seen}:
        signal = loaded.by_kks[kks]
        address = parse_address(signal.address)
        for read in reads:
            covers = read.offset <= address.offset < read.offset + read.length
            if read.plc == signal.plc and read.bank == address.bank and covers:
                first.setdefault((kks, float(read.tick)), read.time_us)
    return [at - first[key] for key, at in seen.items() if key in first]
