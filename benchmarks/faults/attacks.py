"""The kinds of fault, and who does them: one thread a kind and cell, until its share is done.

A fault counts when it has hit: a process was at work when it was killed, a request was on its way when it was broken, a
writer said that the disk is full.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

from benchmarks.faults import proxy
from benchmarks.faults.cell import LOADER, PRODUCER, THIRD, WRITERS, Cell
from benchmarks.faults.disk import TOLD
from benchmarks.faults.proxy import Fault
from tests.engines.box import Box

WRITER_KILLED: Final = "writer killed"
PRODUCER_KILLED: Final = "producer killed"
BROKER_KILLED: Final = "broker killed"
LOADER_KILLED: Final = "loader killed"
REBALANCE: Final = "rebalance"
FULL_DISK: Final = "full disk"
HTTP: Final = (*proxy.BEFORE, *proxy.AFTER, proxy.SLOW)
KINDS: Final = (
    WRITER_KILLED,
    PRODUCER_KILLED,
    BROKER_KILLED,
    LOADER_KILLED,
    REBALANCE,
    FULL_DISK,
    *(f"HTTP {kind}" for kind in HTTP),
)
WAIT_S: Final = 20.0
"""How long a fault waits for its request before it is withdrawn."""


class Tally:
    """Faults that have hit, by kind, and where the kills of the loader hit."""

    def __init__(self, quotas: dict[tuple[str, str], int]) -> None:
        self.quotas = quotas
        self.done: Counter[tuple[str, str]] = Counter()
        self.steps: Counter[str] = Counter()
        self.broken: list[str] = []
        """Attacks that could not go on."""
        self._lock = threading.Lock()

    def count(self, cell: str, kind: str, step: str = "") -> None:
        """One more."""
        with self._lock:
            self.done[cell, kind] += 1
            if step:
                self.steps[step] += 1

    def left(self, cell: str, kind: str) -> int:
        """How many are still to do."""
        return self.quotas.get((cell, kind), 0) - self.done[cell, kind]

    def progress(self, cell: str) -> float:
        """Which part of a cell's faults is done, 0 to 1."""
        own = {key: quota for key, quota in self.quotas.items() if key[0] == cell}
        return sum(min(self.done[key], quota) for key, quota in own.items()) / max(1, sum(own.values()))

    def by_kind(self) -> dict[str, int]:
        """Over all cells."""
        return {kind: sum(times for (_, own), times in self.done.items() if own == kind) for kind in KINDS}


def quotas(cells: Sequence[str], each: int) -> dict[tuple[str, str], int]:
    """`each` of every kind, shared between the cell with the object store (first) and the one with the disk (last)."""
    first, last = cells[0], cells[-1]
    shared = dict.fromkeys((WRITER_KILLED, PRODUCER_KILLED, BROKER_KILLED, REBALANCE), each)
    if first == last:
        return {(first, kind): each for kind in KINDS if kind != FULL_DISK}
    halves = {(name, kind): (count + (name == first)) // 2 for kind, count in shared.items() for name in (first, last)}
    return {
        **halves,
        (first, LOADER_KILLED): each,
        (last, FULL_DISK): each,
        **{(first, f"HTTP {kind}"): each for kind in HTTP},
    }


@dataclass
class Attack:
    """All that one kind's thread needs."""

    cell: Cell
    tally: Tally
    kind: str
    chance: Random
    stop: threading.Event

    def run(self) -> None:
        """Do the kind's share."""
        strike = _STRIKES[self.kind]
        try:
            while self.tally.left(self.cell.name, self.kind) > 0 and not self.stop.is_set():
                strike(self)
        except Exception as error:  # noqa: BLE001 - a thread's end would go unseen, and the run for ever on
            self.tally.broken.append(f"{self.cell.name}: the attack {self.kind!r} ended by {error!r}")
            self.stop.set()

    def count(self, step: str = "") -> None:
        """It has hit."""
        self.tally.count(self.cell.name, self.kind, step)

    def pause(self, least_s: float, most_s: float) -> None:
        """Some seconds, by chance."""
        self.stop.wait(self.chance.uniform(least_s, most_s))

    def until(self, condition: Callable[[], object], within_s: float = WAIT_S) -> bool:
        """Wait for it; False if it did not come true."""
        deadline = time.monotonic() + within_s
        while not condition():
            if time.monotonic() > deadline or self.stop.wait(0.05):
                return False
        return True


def _kill_writer(attack: Attack) -> None:
    cell, chance = attack.cell, attack.chance
    name = chance.choice(WRITERS)
    attack.pause(0.2, 2.0)
    if not attack.until(lambda: cell.ready(name)):
        return
    how = None
    if cell.proxy is not None and chance.random() < 0.6:
        # Just where it hurts: the chunk is not there yet, or there and not committed.
        kind = chance.choice((proxy.KILL_BEFORE, proxy.KILL_AFTER))

        def how(pid: int) -> bool:
            return _ordered(attack, name, Fault(kind, pid=pid))

    if cell.kill(name, how):
        attack.count()


def _kill_producer(attack: Attack) -> None:
    attack.pause(0.3, 2.0)
    if attack.until(lambda: attack.cell.ready(PRODUCER)) and attack.cell.kill(PRODUCER):
        attack.count()


def _kill_broker(attack: Attack) -> None:
    attack.pause(1.0, 4.0)
    attack.until(lambda: all(attack.cell.ready(name) for name in WRITERS), 10.0)
    if attack.cell.kill_broker():
        attack.count()


def _rebalance(attack: Attack) -> None:
    cell = attack.cell
    attack.pause(0.2, 1.0)
    third = cell.start(THIRD)
    if attack.until(lambda: third.last.get("state") in {"ready", "degraded"} or third.process.poll() is not None, 60.0):
        attack.count()
        attack.pause(0.2, 2.0)
    cell.stop(THIRD)
    if attack.tally.left(cell.name, attack.kind) > 0:
        attack.count()


def _fill_disk(attack: Attack) -> None:
    cell = attack.cell
    assert cell.disk is not None
    attack.pause(0.2, 1.5)

    def told() -> bool:
        boxes = [cell.box(name) for name in (*WRITERS, THIRD)]
        return any(box is not None and any(words in str(box.last.get("detail")) for words in TOLD) for box in boxes)

    if not attack.until(lambda: not told()):
        return
    cell.disk.fill([box.process.pid for name in (*WRITERS, THIRD) if (box := cell.box(name))])
    try:
        if attack.until(told):
            attack.count()
            attack.pause(0.0, 1.0)
    finally:
        cell.disk.free()


def _break_request(attack: Attack) -> None:
    kind = attack.kind.removeprefix("HTTP ")
    lane = attack.chance.choice([name for name in (*WRITERS, THIRD, LOADER) if attack.cell.box(name)] or WRITERS)
    if _ordered(attack, lane, Fault(kind, slow_s=attack.chance.uniform(0.3, 2.5)), 3.0):
        attack.count()


def _kill_loader(attack: Attack) -> None:
    """Run the loader, and kill it at one of its changes to the lake: before it, or when it is done and not told."""
    cell, chance = attack.cell, attack.chance
    attack.pause(0.0, 0.5)
    kind = chance.choice((proxy.KILL_BEFORE, proxy.KILL_AFTER))
    box = Box("cloud.loader", *cell.plant_words, "--lake", cell.lake, "--due", env=cell.environment(LOADER))
    cell.loader = box
    fault = Fault(kind, skip=chance.choice((0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12)), pid=box.process.pid)
    assert cell.proxy is not None
    cell.proxy.lanes[LOADER].order(fault)
    attack.until(lambda: box.process.poll() is not None, 300.0)
    cell.proxy.lanes[LOADER].withdraw(fault)
    box.kill()
    if fault.hit.is_set():
        attack.count(_step(fault.target))
    elif box.process.returncode not in (0, -9):
        cell.died_by_itself.append(f"{cell.name} loader ended with {box.process.returncode}: {''.join(box.log[-6:])}")


def _step(target: str) -> str:
    for word in ("history_minute", "history_hour", "history_day", "history", "journal", "manifest"):
        if word in target:
            return word
    return "cold storage" if "rewriteTo" in target else "another"


def _ordered(attack: Attack, lane: str, fault: Fault, within_s: float = WAIT_S) -> bool:
    assert attack.cell.proxy is not None
    way = attack.cell.proxy.lanes[lane]
    way.order(fault)
    attack.until(fault.hit.is_set, within_s)
    way.withdraw(fault)
    return fault.hit.is_set()


_STRIKES: Final[dict[str, Callable[[Attack], None]]] = {
    WRITER_KILLED: _kill_writer,
    PRODUCER_KILLED: _kill_producer,
    BROKER_KILLED: _kill_broker,
    LOADER_KILLED: _kill_loader,
    REBALANCE: _rebalance,
    FULL_DISK: _fill_disk,
    **{f"HTTP {kind}": _break_request for kind in HTTP},
}
