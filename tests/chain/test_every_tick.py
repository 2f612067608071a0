"""A number walks the whole way: register → PLC4X → Kafka → object store → Hive over gs://, each tick once."""

from __future__ import annotations

import os
import subprocess
import time
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from app import processes
from contracts import names, plant
from contracts.quality import Quality
from runtime.object_store import open_store
from runtime.supervisor import Process, Supervisor, module
from tests.chain.ticks import copy_plant, expected, polls, read_log
from tests.engines.broker import ROOT, wait_until
from tests.engines.events import Listener
from tests.engines.hive import HiveBox
from tests.engines.mtu import MtuBox

pytestmark = [pytest.mark.engine, pytest.mark.timeout(900)]

SOURCE = ROOT / "resources" / "plants" / "sim-r1"
EVENTS = int(os.environ.get("CHAIN_EVENTS", "100000"))
TICK_HZ = 8.0
SCAN_S = 0.1
"""A little more often than the ticks advance, so that each is polled: 130 tags then make 1,040 events a second."""

Row = tuple[str, int, float | None, int]


def test_every_tick_is_found_once_in_kafka_in_the_raw_chunks_and_in_hive(
    tmp_path: Path, hive: HiveBox, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = copy_plant(SOURCE, tmp_path / "plant", scan_s=SCAN_S)
    loaded = plant.load(folder)
    lake = hive.lake
    state = tmp_path / "state"
    log = tmp_path / "reads.csv"
    chain = [
        _ticking_simulator(loaded, log),
        processes.broker([loaded], state),
        processes.lake_writer([loaded], lake, state, {"STORAGE_EMULATOR_HOST": hive.emulator}),
    ]
    simulator = chain[0].name
    supervisor = Supervisor(chain, state / "logs")
    listener, gateway = None, None
    try:
        supervisor.start()
        wait_until(lambda: _ready(supervisor, processes.BROKER) and _ready(supervisor, simulator), 120)
        bootstrap = supervisor.states()[processes.BROKER].report["bootstrap"]
        listener = Listener(bootstrap, loaded.topics)
        plcs = [f"--plc={name}={at}" for name, at in supervisor.states()[simulator].report["plcs"].items()]
        gateway = MtuBox(folder, tmp_path / "mtu", bootstrap, *plcs)
        began = time.monotonic()
        wait_until(lambda: _count(listener) >= EVENTS, 300, every_s=0.5)
        seconds = time.monotonic() - began
        assert gateway.last["reconnects"] == 0
        assert gateway.last["dropped"] == 0
        # The gateway ends first: what it has polled it still sends; the others then come to rest.
        assert gateway.stop() == 0
        wait_until(lambda: _rested(supervisor, listener), 60, every_s=1.0)
        dump = _dump(listener)
    finally:
        if listener is not None:
            listener.close()
        if gateway is not None:
            gateway.stop()
        supervisor.stop()

    wanted = expected(loaded, polls(read_log(log)))
    _compare_with_truth(wanted, dump)
    rows = [row for tag_rows in dump.values() for row in tag_rows]
    raw = _raw_rows(lake, hive.emulator, loaded.refinery)
    assert Counter(raw) == Counter(rows), "the raw chunks are not what Kafka holds, record for record"

    apply = module("cloud.warehouse", "apply", "--lake", lake, "--hive", hive.address, "--plant", folder)
    emulator = {**os.environ, "STORAGE_EMULATOR_HOST": hive.emulator}
    subprocess.run(apply, cwd=ROOT, check=True, capture_output=True, env=emulator)
    in_hive, create_table = _hive_rows(hive.address, loaded.refinery)
    assert "gs://" in create_table
    assert Counter(in_hive) == Counter(rows), "Hive does not give back each sample once"
    with capsys.disabled():
        _print_one_transmitter(loaded.signals[0].kks, wanted, dump, raw, in_hive)
        print(f"{len(rows)} events of {len(dump)} tags in {seconds:.0f} s: {len(rows) / seconds:.0f}/s; {create_table}")
    assert len(dump) == len(loaded.signals)
    assert len(rows) >= EVENTS


def _ticking_simulator(loaded: plant.Plant, log: Path) -> Process:
    ports = [word for name in loaded.plcs for word in ("--port", f"{name}=0")]
    argv = module(
        "simulator", "--plant", loaded.folder, *ports, "--ticks", "--tick-hz", TICK_HZ, "--log-reads", log
    )  # fmt: skip
    return Process(f"{processes.SIMULATOR} {loaded.refinery}", argv)


def _ready(supervisor: Supervisor, name: str) -> bool:
    status = supervisor.states()[name]
    assert status.state != "failed", f"{name}: {status.detail} {status.tail}"
    return status.state == "ready"


def _count(listener: Listener) -> int:
    return sum(len(found) for found in listener.by_kks.values())


def _rested(supervisor: Supervisor, listener: Listener) -> bool:
    """Nothing new in Kafka for a second, and the lake has stored all of it."""
    before = _count(listener)
    time.sleep(1.0)
    report: Mapping[str, Any] = supervisor.states()[processes.LAKE].report
    return _count(listener) == before and report.get("open_records") == 0 and report.get("records", 0) >= before


def _dump(listener: Listener) -> dict[str, list[Row]]:
    return {
        kks: [(found.event.kks, found.event.ts, found.event.v, found.event.q) for found in records]
        for kks, records in listener.by_kks.items()
    }


def _compare_with_truth(wanted: Mapping[str, list[tuple[int, float]]], dump: Mapping[str, list[Row]]) -> None:
    """Each change the PLC served is one event: right tag, right value, time within one scan, in order."""
    for kks, events in wanted.items():
        found = [row for row in dump[kks] if row[3] == Quality.GOOD or row[2] is not None]
        for (read_us, value), (_, ts, v, _) in zip(events, found, strict=False):
            assert v == pytest.approx(value, rel=1e-9, abs=1e-9), f"{kks}: the read at {read_us} became {ts}"
            assert abs(ts - read_us) <= SCAN_S * 1e6, f"{kks}: the read at {read_us} became {ts}"
        # The last reads before the stop may not have been sent any more; nothing else may be missing.
        assert len(events) - 2 <= len(found) <= len(events), f"{kks}: last {found[-3:]}, {events[-3:]}"
        times = [ts for _, ts, _, _ in found]
        assert times == sorted(set(times)), kks


def _raw_rows(lake: str, emulator: str, refinery: str) -> list[Row]:
    rows: list[Row] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STORAGE_EMULATOR_HOST", emulator)
        store = open_store(lake)
        for info in store.list(names.raw_prefix(refinery)):
            with store.open(info.name) as file:
                columns = pq.read_table(file, columns=["kks", "ts", "v", "q"])
            times = columns["ts"].cast("int64").to_pylist()
            rows += zip(
                columns["kks"].to_pylist(), times, columns["v"].to_pylist(), columns["q"].to_pylist(), strict=True
            )
    return rows


def _hive_rows(address: str, refinery: str) -> tuple[list[Row], str]:
    """Every row of `history_all`, by HiveServer2 and a client that knows nothing of our code."""
    from pyhive import hive as pyhive

    host, port = address.split(":")
    connection = pyhive.connect(host=host, port=int(port), username="tests")
    try:
        cursor = connection.cursor(arraysize=10_000)
        cursor.execute("SHOW CREATE TABLE history_raw")
        lines = [line for (line,) in cursor.fetchall()]
        location = next(line.strip() for line in lines if "gs://" in line)
        cursor.execute("SELECT kks, ts, v, q FROM history_all WHERE refinery = %s", (refinery,))
        return [(kks, _us(ts), v, q) for kks, ts, v, q in cursor.fetchall()], location
    finally:
        connection.close()


def _us(ts: datetime) -> int:
    since = ts - datetime(1970, 1, 1)  # noqa: DTZ001 - Hive's TIMESTAMP has no zone; ours holds UTC
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def _print_one_transmitter(kks: str, wanted: Any, dump: Any, raw: list[Row], in_hive: list[Row]) -> None:
    tenth = dump[kks][9]
    print(f"\n{kks}, its tenth event at each hop")
    print(f"  register   {wanted[kks][9]}")
    print(f"  Kafka      {tenth}")
    print(f"  raw chunk  {next(row for row in raw if row[:2] == tenth[:2])}")
    print(f"  Hive       {next(row for row in in_hive if row[:2] == tenth[:2])}")
