"""What the loader costs as a refinery-day grows: rows/s and peak memory, and what they make of 400 million rows.

Raw chunks of 5,000 tags are written as the lake writer would have (its own cost: `benchmarks.lake`), then one day is
loaded in a process of its own. 400 million rows are 400 ranges of the external sort; a run with that many ranges on
fewer rows bounds what they add. Nothing here was run at that size: the figure is an extrapolation, and is called so.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from contracts import names
from contracts.lake import Chunk, DaySpan
from runtime.object_store import ObjectStore, open_store

ROOT: Final = Path(__file__).parents[1]
REFINERY: Final = "sim-bench"
TAGS: Final = 5000
CHUNK_ROWS: Final = 50_000
SIZES: Final = tuple(int(text) * 1_000_000 for text in os.environ.get("LOADER_MILLIONS", "1 4 12").split())
LARGEST: Final = 400_000_000
RANGES: Final = 400
LEAST_ROWS_PER_S: Final = 100_000.0
"""Of CPU time; stated bounds."""
MOST_RSS_MB: Final = 1024.0
"""What the function is deployed with."""
_DAY_US: Final = 86_400_000_000

_LOADER: Final = """
import json, sys, time
from pathlib import Path
from cloud.loader.load import load_day
from contracts import plant
from runtime.object_store import open_store
site, store = plant.load(Path(sys.argv[1])), open_store(sys.argv[2])
cpu, wall = time.process_time(), time.perf_counter()
report = load_day(store, site, sys.argv[3], rows_at_once=int(sys.argv[4]))
figures = {"rows": report["rows_out"], "wall_s": time.perf_counter() - wall, "cpu_s": time.process_time() - cpu}
try:
    import resource
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    figures["peak_rss_mb"] = peak / (1024**2 if sys.platform == "darwin" else 1024)
except ImportError:
    figures["peak_rss_mb"] = 0.0
print(json.dumps(figures))
"""


def run() -> dict[str, Any]:
    """See `benchmarks.__main__`."""
    sizes, many = [], {}
    with tempfile.TemporaryDirectory(prefix="sinoptico-bench-") as text:
        folder = Path(text)
        plant = _plant(folder / "plant")
        for rows in SIZES:
            lake = folder / f"{rows}"
            chunk_bytes = _fill(open_store(str(lake)), rows)
            sizes.append({**_load(plant, lake), "raw_bytes_per_row": round(chunk_bytes / rows, 1)})
            if rows == sorted(SIZES)[len(SIZES) // 2]:
                _forget(open_store(str(lake)))
                many = _load(plant, lake, rows // RANGES)
            _forget(open_store(str(lake)), "")
    return _told(sizes, many)


def _told(sizes: list[dict[str, float]], many: dict[str, float]) -> dict[str, Any]:
    first, last = sizes[0], sizes[-1]
    slope = (last["cpu_s"] - first["cpu_s"]) / (last["rows"] - first["rows"]) if len(sizes) > 1 else 0.0
    per_row = max(slope, last["cpu_s"] / last["rows"])
    low_min, high_min = (LARGEST * each / 60 for each in (per_row, max(per_row, many["cpu_s"] / many["rows"])))
    peak_mb = max(each["peak_rss_mb"] for each in (*sizes, many))
    extrapolated = {
        "rows": LARGEST,
        "cpu_min": [round(low_min, 1), round(high_min, 1)],
        "sorting_on_disk_gb": round(LARGEST * 22 / 1e9, 1),
    }
    missed = []
    if last["rows_per_cpu_s"] < LEAST_ROWS_PER_S:
        missed.append(f"the loader loads fewer than {LEAST_ROWS_PER_S:,.0f} rows a second of CPU")
    if peak_mb > MOST_RSS_MB:
        missed.append(f"the loader needs more than {MOST_RSS_MB:g} MB")
    sentence = (
        "; ".join(
            f"{each['rows'] / 1e6:g} million rows at {each['rows_per_cpu_s']:,.0f} rows/s of CPU, "
            f"{each['peak_rss_mb']:.0f} MB at the peak"
            for each in sizes
        )
        + f"; 400 million would take {low_min:.0f} to {high_min:.0f} min of CPU and "
        f"{extrapolated['sorting_on_disk_gb']:g} GB of disk (extrapolated)"
    )
    return {
        "sizes": sizes,
        "with_400_ranges": many,
        "extrapolated": extrapolated,
        "missed": missed,
        "sentence": sentence,
    }


def _kks(number: int) -> str:
    return f"10EGB{number // 1000 + 10}CL{number % 1000:03d}XQ01"


def _plant(folder: Path) -> Path:
    folder.mkdir()
    (folder / "plant.toml").write_text(
        f'[refinery]\nid = "{REFINERY}"\nname = "Bench"\ntimezone = "UTC"\nheartbeat_s = 10\n'
        '[plc.p1]\nconnection = "modbus-tcp://127.0.0.1:1"\nscan_s = 1\n',
        encoding="utf-8",
    )
    rows = [f"{_kks(n)},analog,level,p1,input-register:{2 * n + 1}:REAL,tanks" for n in range(TAGS)]
    text = "\n".join(["kks,kind,role,plc,address,zone", *rows])
    (folder / "signals.csv").write_text(text + "\n", encoding="utf-8")
    return folder


def _yesterday() -> str:
    return (datetime.now(UTC) - timedelta(days=1)).date().isoformat()


def _fill(store: ObjectStore, rows: int) -> int:
    """The day's chunks, events of all tags in turn; their size in bytes."""
    source = np.random.default_rng(1)
    day = _yesterday()
    begin_us = int(datetime.fromisoformat(f"{day}T00:00:00+00:00").timestamp()) * 1_000_000
    kks = pa.array([_kks(n) for n in range(TAGS)])
    topic = names.topic(REFINERY, "tanks")
    since, total = names.FIRST_SINCE, 0
    for first in range(0, rows, CHUNK_ROWS):
        offsets = np.arange(first, min(first + CHUNK_ROWS, rows))
        ts = begin_us + offsets * (_DAY_US // rows) + source.integers(0, _DAY_US // rows, len(offsets))
        arrived = ts + 5000
        v = np.round(10 + np.sin(offsets / 1e5) + source.normal(0, 0.01, len(offsets)), 3)
        tag = pa.DictionaryArray.from_arrays(pa.array((offsets % TAGS).astype(np.int32)), kks)
        table = pa.table(
            {
                "kks": tag.cast(pa.string()),
                "ts": pa.array(ts).cast(pa.timestamp("us")),
                "v": v,
                "q": np.full(len(offsets), 192, np.int16),
                "topic": pa.repeat(pa.scalar(topic), len(offsets)),
                "kafka_partition": np.zeros(len(offsets), np.int32),
                "kafka_offset": offsets,
                "arrived": pa.array(arrived).cast(pa.timestamp("us")),
            }
        )
        sink = io.BytesIO()
        pq.write_table(table, sink, compression="zstd", store_schema=False)
        chunk = Chunk(
            topic=topic,
            partition=0,
            first_offset=first,
            end_offset=first + len(offsets),
            count=len(offsets),
            rejected=0,
            first_arrived_us=int(arrived.min()),
            last_arrived_us=int(arrived.max()),
            days={day: DaySpan(len(offsets), int(ts.min()), int(ts.max()))},
        )
        info = store.create(names.raw_chunk(topic, 0, first, since=since), sink.getvalue(), chunk.metadata())
        since, total = names.since_after(since, chunk.last_arrived_us), total + info.size
    return total


def _forget(store: ObjectStore, prefix: str = "history") -> None:
    for info in list(store.list(prefix)):
        store.delete(info.name)


def _load(plant: Path, lake: Path, rows_at_once: int = 1_000_000) -> dict[str, float]:
    command = [sys.executable, "-c", _LOADER, str(plant), str(lake), _yesterday(), str(rows_at_once)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    figures = json.loads(done.stdout)
    return {
        "rows": figures["rows"],
        "cpu_s": round(figures["cpu_s"], 2),
        "wall_s": round(figures["wall_s"], 2),
        "rows_per_cpu_s": round(figures["rows"] / figures["cpu_s"]),
        "peak_rss_mb": round(figures["peak_rss_mb"], 1),
    }
