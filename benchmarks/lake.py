"""What lake and loader cost: events written a second and CPU per event; rows loaded a second and memory at the peak.

No broker: the chain measures Kafka's own cost, and takes `measure()` into its figures. Everything runs in a folder; the
loader in a process of its own, so that its peak is its own.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from cloud.lake.judge import Judge, KnownSignals, Record
from cloud.lake.writer import LakeWriter, Partition, Rotation
from contracts import names, plant
from contracts.event import encode
from contracts.sample import Sample
from runtime.object_store import open_store

PLANT: Final = Path(__file__).parents[1] / "resources" / "plants" / "sim-r1"
BATCH: Final = 1000
MOST_CPU_US_PER_EVENT: Final = 20.0
"""A stated bound: one core then keeps 50,000 events a second, ten times the largest plant planned for."""

LEAST_ROWS_PER_S: Final = 100_000.0
MOST_RSS_MB: Final = 1024.0
"""What the function is deployed with."""


class _NoKafka:
    def commit(self, partition: Partition, offset: int) -> None:
        """Nothing to commit to."""

    def seek(self, partition: Partition, offset: int) -> None:
        """One writer alone never adopts a chunk."""

    def low(self, partition: Partition) -> int:  # noqa: ARG002
        return 0


def measure(events: int = 500_000) -> dict[str, Any]:
    """Figures of one run over `events` events of one day; `missed` holds the bounds they did not keep."""
    with tempfile.TemporaryDirectory(prefix="sinoptico-bench-") as folder:
        lake = Path(folder) / "lake"
        writer = _write(lake, events)
        loader = _load(lake)
    missed = []
    if writer["cpu_us_per_event"] > MOST_CPU_US_PER_EVENT:
        missed.append(f"the lake writer takes more than {MOST_CPU_US_PER_EVENT:g} µs of CPU an event")
    if loader["rows_per_s"] < LEAST_ROWS_PER_S:
        missed.append(f"the loader loads fewer than {LEAST_ROWS_PER_S:,.0f} rows/s")
    if loader["peak_rss_mb"] > MOST_RSS_MB:
        missed.append(f"the loader needs more than {MOST_RSS_MB:g} MB")
    sentence = (
        f"lake writer {writer['events_per_s']:,.0f} events/s at {writer['cpu_us_per_event']:.1f} µs of CPU each; "
        f"loader {loader['rows_per_s']:,.0f} rows/s with {loader['peak_rss_mb']:.0f} MB at its peak"
    )
    return {"writer": writer, "loader": loader, "missed": missed, "sentence": sentence}


def run() -> dict[str, Any]:
    """See `benchmarks.__main__`."""
    return measure()


def _yesterday() -> datetime:
    return datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)


def _write(lake: Path, events: int) -> dict[str, float]:
    site = plant.load(PLANT)
    topic, tags = site.topics[0], [signal.kks for signal in site.signals]
    writer = LakeWriter(open_store(str(lake)), Judge(KnownSignals([PLANT])), _NoKafka(), Rotation())
    writer.start((topic, 0), None, "")
    source = random.Random(1)
    begin_us = int(_yesterday().timestamp() * 1e6)
    cpu_s = wall_s = 0.0
    for first in range(0, events, BATCH):
        batch = []
        for offset in range(first, min(first + BATCH, events)):
            ts_us = begin_us + offset * 86_400_000_000 // events
            value = encode(tags[offset % len(tags)], Sample(source.random() * 20, ts_us, 192))
            batch.append(Record(topic, 0, offset, ts_us + 5000, None, value))
        cpu, wall = time.process_time(), time.perf_counter()
        writer.add(batch)
        cpu_s, wall_s = cpu_s + time.process_time() - cpu, wall_s + time.perf_counter() - wall
    cpu, wall = time.process_time(), time.perf_counter()
    writer.store_due(everything=True)
    cpu_s, wall_s = cpu_s + time.process_time() - cpu, wall_s + time.perf_counter() - wall
    size = sum(info.size for info in open_store(str(lake)).list(names.raw_prefix(site.refinery)))
    return {
        "events": events,
        "chunks": writer.counters.chunks,
        "events_per_s": round(events / wall_s),
        "cpu_us_per_event": round(cpu_s / events * 1e6, 2),
        "bytes_per_event": round(size / events, 1),
    }


_LOADER: Final = """
import json, sys, time
from pathlib import Path
from cloud.loader.load import load_day
from contracts import plant
from runtime.object_store import open_store
site, store = plant.load(Path(sys.argv[1])), open_store(sys.argv[2])
cpu, wall = time.process_time(), time.perf_counter()
report = load_day(store, site, sys.argv[3])
figures = {"rows": report["rows_out"], "wall_s": time.perf_counter() - wall, "cpu_s": time.process_time() - cpu}
try:
    import resource
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    figures["peak_rss_mb"] = peak / (1024**2 if sys.platform == "darwin" else 1024)
except ImportError:
    figures["peak_rss_mb"] = 0.0
print(json.dumps(figures))
"""


def _load(lake: Path) -> dict[str, float]:
    day = _yesterday().date().isoformat()
    command = [sys.executable, "-c", _LOADER, str(PLANT), str(lake), day]
    done = subprocess.run(command, cwd=PLANT.parents[2], capture_output=True, text=True, check=True)
    figures = json.loads(done.stdout)
    return {
        "rows": figures["rows"],
        "rows_per_s": round(figures["rows"] / figures["wall_s"]),
        "cpu_us_per_row": round(figures["cpu_s"] / figures["rows"] * 1e6, 2),
        "peak_rss_mb": round(figures["peak_rss_mb"], 1),
    }
