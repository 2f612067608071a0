"""The viewer's ingest: events from a real broker through kafka-python into the live store.

python -m benchmarks.ingest    (JSON to stdout)
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

import psutil
from confluent_kafka import Producer

from contracts import event
from contracts.sample import Sample, now_us
from data.live_store import LiveStore
from tests.engines.broker import ROOT, BrokerBox, wait_until

TOPIC = "sim-bench.all"


def run(tags: int = 5000, backlog: int = 300_000, rate_hz: int = 10_000, seconds: float = 20.0) -> dict[str, Any]:
    """Figures of one run: reading back `backlog` events as fast as it goes, then `rate_hz` events/s live.

    CPU is the ingest process's, user and system, all threads.
    """
    names = [f"10EGB{number // 1000 + 10:02d}CL{number % 1000:03d}XQ01" for number in range(tags)]
    with tempfile.TemporaryDirectory() as scratch:
        plant = _write_plant(Path(scratch) / "plant", names)
        broker = BrokerBox(Path(scratch) / "state", plant)
        store = LiveStore.create(names)
        try:
            producer = Producer(
                {
                    "bootstrap.servers": broker.bootstrap,
                    "partitioner": "murmur2_random",
                    "enable.idempotence": True,
                    "linger.ms": 5,
                    "compression.type": "zstd",
                    "queue.buffering.max.messages": 2_000_000,
                    "log_level": 0,
                }
            )
            for first in range(0, backlog, tags):
                _send(producer, names[: backlog - first], float(first))
            producer.flush()
            ingest = subprocess.Popen(
                [
                    *(sys.executable, "-m", "data.ingest", "--plant", str(plant), "--store", store.name),
                    *("--source", "kafka", "--bootstrap", broker.bootstrap),
                ],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            process = psutil.Process(ingest.pid)
            wait_until(lambda: store.events > 0, 60)
            back = _measure(store, process, lambda: store.events >= backlog)
            live = _live(producer, names, store, process, rate_hz, seconds)
            producer.flush()
            reports = [json.loads(line) for line in ingest.communicate("stop\n", 30)[0].splitlines()]
        finally:
            broker.stop()
            store.close()
            store.unlink()
    arrivals = [report for report in reports if "lag_ms" in report][-round(seconds) :]
    live |= {f"arrival_{key}": median(report[key] for report in arrivals) for key in ("lag_ms", "lag_p99_ms")}
    return {"tags": tags, "read_back": back, "live": live, "rejected": reports[-1]["rejected"]}


def _measure(store: LiveStore, process: psutil.Process, done: Any) -> dict[str, float]:
    """Events/s and CPU per event of the ingest process until `done`."""
    events, cpu_s, began_s = store.events, _cpu_s(process), time.perf_counter()
    wait_until(done, 120)
    count, elapsed_s = store.events - events, time.perf_counter() - began_s
    return {
        "events": count,
        "events_per_s": round(count / elapsed_s),
        "cpu_us_per_event": round((_cpu_s(process) - cpu_s) / count * 1e6, 2),
    }


def _live(
    producer: Producer, names: list[str], store: LiveStore, process: psutil.Process, rate_hz: int, seconds: float
) -> dict[str, Any]:
    """`rate_hz` events/s in batches of 20 ms."""
    batch, place, due = rate_hz // 50, 0, time.perf_counter()
    end = due + seconds

    def send_until_the_end() -> bool:
        nonlocal place, due
        while time.perf_counter() >= due:
            _send(producer, [names[(place + offset) % len(names)] for offset in range(batch)], float(place))
            place, due = place + batch, due + 0.02
        return time.perf_counter() > end

    figures = _measure(store, process, send_until_the_end)
    return {**figures, "percent_of_a_core": round(figures["events_per_s"] * figures["cpu_us_per_event"] / 1e4, 1)}


def _send(producer: Producer, names: list[str], value: float) -> None:
    time_us = now_us()
    for name in names:
        text = event.encode(name, Sample(value, time_us, 192))
        producer.produce(TOPIC, text, name, headers=[*event.HEADERS], timestamp=time_us // 1000)
    producer.poll(0)


def _cpu_s(process: psutil.Process) -> float:
    used = process.cpu_times()
    return float(used.user + used.system)


def _write_plant(folder: Path, names: list[str]) -> Path:
    folder.mkdir()
    (folder / "plant.toml").write_text(
        '[refinery]\nid = "sim-bench"\nheartbeat_s = 60\n[plc.plc1]\nconnection = "modbus-tcp://127.0.0.1:5020"\n',
        encoding="utf-8",
    )
    lines = [f"{name},analog,level,plc1,holding-register:1:REAL,all" for name in names]
    (folder / "signals.csv").write_text("kks,kind,role,plc,address,zone\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return folder


if __name__ == "__main__":
    print(json.dumps(run(), indent=2))
