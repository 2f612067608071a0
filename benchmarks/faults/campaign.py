"""A run: two chains built, attacked, left to settle, and their lakes compared with what was sent."""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Final

from benchmarks.faults import account, attacks, stream
from benchmarks.faults.account import Account
from benchmarks.faults.attacks import KINDS, Attack, Tally
from benchmarks.faults.cell import LOADER, THIRD, WRITERS, Cell
from benchmarks.faults.disk import SmallDisk
from benchmarks.faults.proxy import FaultProxy
from benchmarks.faults.warehouse import ask_duckdb, ask_hive
from tests.engines.box import Box
from tests.engines.object_store import ObjectStoreBox

OBJECT_STORE: Final = "object store"
FOLDER: Final = "folder"
TAGS: Final = 250
"""Signals a partition."""
AHEAD: Final = 0.1
"""By which part of all events the producers are ahead of the faults."""
SETTLE_S: Final = 90.0
SAY_S: Final = 15.0
GIVE_UP_S: Final = 120.0
WITH_FAULTS: Final = 0.7
"""Which part of the events comes as the faults do; the others come with time, for many a fault waits for an event."""
LONGEST_S: Final = 9000.0


@dataclass(frozen=True)
class Plan:
    """What to do."""

    seed: int
    count: int
    """Faults."""
    events: int
    hive: bool = True
    writer: str = "cloud.lake"
    settle_s: float = SETTLE_S


@dataclass
class Report:
    """What came of it."""

    faults: list[str] = field(default_factory=list)
    """What is lost, double, wrong, or ended by itself: a sentence each."""
    sentence: str = ""
    by_kind: dict[str, int] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)


def run(plan: Plan, keep: Path | None = None, say: Callable[[str], None] = lambda _: None) -> Report:
    """Do it all in a folder of its own; `keep` is one that stays."""
    folder = keep or Path(tempfile.mkdtemp(prefix="sinoptico-faults-"))
    folder.mkdir(parents=True, exist_ok=True)
    store = ObjectStoreBox(folder / "store")
    former = os.environ.get("STORAGE_EMULATOR_HOST")
    os.environ["STORAGE_EMULATOR_HOST"] = store.endpoint
    try:
        return _run(plan, folder, store, say)
    finally:
        os.environ.pop("STORAGE_EMULATOR_HOST")
        if former is not None:
            os.environ["STORAGE_EMULATOR_HOST"] = former
        store.stop()
        if keep is None:
            shutil.rmtree(folder, ignore_errors=True)


def _run(plan: Plan, folder: Path, store: ObjectStoreBox, say: Callable[[str], None]) -> Report:
    began_s = time.monotonic()
    report = Report()
    proxy = FaultProxy(store.endpoint, (*WRITERS, THIRD, LOADER))
    disk = SmallDisk(folder / "disk", 64 + plan.events // 20_000)
    cells: list[Cell] = []
    third = plan.events // 3
    try:
        streams = stream.streams_of(("faults-a", "faults-b"), plan.events - third, TAGS)
        cells.append(Cell(OBJECT_STORE, folder / "a", streams, "gs://lake", writer=plan.writer, proxy=proxy))
        streams = stream.streams_of(("faults-c",), third, TAGS)
        lake = str(disk.folder / "lake")
        cells.append(Cell(FOLDER, folder / "b", streams, lake, writer=plan.writer, disk=disk))
        say(f"faults: two chains run after {time.monotonic() - began_s:.0f} s; a full disk is {disk.what}")
        tally = _attack(plan, cells, say)
        for cell in cells:
            late = cell.settle(plan.settle_s)
            report.faults += [late] if late else []
            cell.broker.stop()
        report.faults += tally.broken
        say(f"faults: all is sent and stored after {time.monotonic() - began_s:.0f} s; loading and comparing")
        for cell in cells:
            report.faults += _load(cell)
            report.faults += cell.died_by_itself
            report.accounts[cell.name] = account.of_lake(cell.store(), cell.streams)
            report.faults += [f"{cell.name}: {fault}" for fault in report.accounts[cell.name].faults]
            report.faults += ask_duckdb(
                cell.name, Path(lake) if cell.disk else folder / "store" / "objects" / "lake", cell.streams
            )
        if plan.hive:
            report.faults += ask_hive(folder / "hive", "gs://lake", store.endpoint, cells[0], say)
    finally:
        for cell in cells:
            cell.close()
        proxy.close()
        disk.close()
    report.by_kind = tally.by_kind()
    steps = ", ".join(f"{times} {step}" for step, times in tally.steps.most_common())
    say(f"faults: the loader was killed at {steps}; the store answered 412 {proxy.statuses[412]} times")
    report.sentence = _sentence(plan, report, time.monotonic() - began_s)
    return report


def _attack(plan: Plan, cells: list[Cell], say: Callable[[str], None]) -> Tally:
    tally = Tally(attacks.quotas([cell.name for cell in cells], -(-plan.count // len(KINDS))))
    stop = threading.Event()
    threads = []
    for cell in cells:
        for name, kind in tally.quotas:
            if name == cell.name:
                attack = Attack(cell, tally, kind, Random(f"{plan.seed}:{name}:{kind}"), stop)
                threads.append(threading.Thread(target=attack.run, name=f"{name}: {kind}"))
    for thread in threads:
        thread.start()
    began_s = said_s = hit_s = time.monotonic()
    hits = 0
    try:
        while any(thread.is_alive() for thread in threads):
            now_s = time.monotonic()
            for cell in cells:
                part = AHEAD + tally.progress(cell.name) * WITH_FAULTS + (now_s - began_s) / LONGEST_S
                # The last events only come when all faults are done, so that none hits an idle chain.
                cell.allow(int(min(part, 0.97) * cell.streams[0].count))
            if hits != sum(tally.done.values()):
                hits, hit_s = sum(tally.done.values()), now_s
            if now_s - hit_s > GIVE_UP_S:
                left = [f"{each} ({name})" for name, each in tally.quotas if tally.left(name, each) > 0]
                tally.broken.append(f"no fault has hit for {GIVE_UP_S:.0f} s; to come were {', '.join(left)}")
                break
            if time.monotonic() - said_s > SAY_S:
                said_s = time.monotonic()
                done = ", ".join(f"{times} {kind}" for kind, times in tally.by_kind().items())
                ends = ", ".join(
                    f"{(box.last.get('ends', 0) if (box := cell.box('producer')) else 0) / cell.streams[0].count:.0%}"
                    for cell in cells
                )
                say(f"faults: {sum(tally.done.values())} of {sum(tally.quotas.values())}: {done}; sent {ends}")
            time.sleep(0.2)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    return tally


def _load(cell: Cell) -> list[str]:
    """The loader once more, undisturbed: it must finish whatever was begun."""
    box = Box("cloud.loader", *cell.plant_words, "--lake", cell.lake, "--due")
    code = box.process.wait(1800)
    box.kill()
    return [f"{cell.name}: the loader ended with {code}: {''.join(box.log[-6:])}"] if code else []


def _sentence(plan: Plan, report: Report, seconds: float) -> str:
    accounts = report.accounts.values()
    total = sum(report.by_kind.values())
    kinds = ", ".join(f"{times} {kind}" for kind, times in report.by_kind.items())
    sums = {
        name: sum(getattr(each, name) for each in accounts)
        for name in ("sent", "events", "in_raw", "in_quarantine", "in_history", "chunks")
    }
    verdict = f"{len(report.faults)} FAULTS FOUND" if report.faults else "each exactly once"
    return (
        f"faults: seed {plan.seed}, {total} faults ({kinds}) over {sums['sent']:,} records in {seconds:.0f} s: "
        f"{sums['in_raw']:,} of {sums['events']:,} events in {sums['chunks']:,} raw objects, "
        f"{sums['in_quarantine']:,} in quarantine, {sums['in_history']:,} in history: {verdict}"
    )
