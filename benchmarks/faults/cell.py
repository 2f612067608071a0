"""One chain under attack: a broker, a producer, two lake writers that rotate differently, a third that comes and goes.

Whatever dies is started again, as a supervisor would; what ends without having been killed is remembered, for no part
may do that.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import psutil

from benchmarks.faults import stream
from benchmarks.faults.disk import SmallDisk
from benchmarks.faults.proxy import FaultProxy
from benchmarks.faults.stream import Stream
from contracts import names
from contracts.lake import chunk_of
from runtime.object_store import ObjectStore, open_store
from tests.engines.box import Box
from tests.engines.broker import BrokerBox

WRITERS: Final = ("writer-1", "writer-2")
THIRD: Final = "writer-3"
LOADER: Final = "loader"
PRODUCER: Final = "producer"
ROTATION: Final[Mapping[str, tuple[str, ...]]] = {
    WRITERS[0]: ("--records", "4000", "--age", "1.5"),
    WRITERS[1]: ("--records", "9000", "--age", "2.5", "--mib", "0.5"),
    THIRD: ("--records", "1500", "--age", "0.8"),
}
SESSION_S: Final = "3"
END_S: Final = 120.0


class Cell:
    """See the module. `bucket` is where the lake lies: `gs://…` behind a `FaultProxy`, or a folder on a `SmallDisk`."""

    def __init__(
        self,
        name: str,
        folder: Path,
        streams: Sequence[Stream],
        lake: str,
        *,
        writer: str = "cloud.lake",
        proxy: FaultProxy | None = None,
        disk: SmallDisk | None = None,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.name, self.lake, self.streams, self.proxy, self.disk = name, lake, streams, proxy, disk
        self.refineries = sorted({each.refinery for each in streams})
        self.plants = [stream.write_plant(folder / "plants" / each, each, streams) for each in self.refineries]
        self.plant_words = [word for plant in self.plants for word in ("--plant", str(plant))]
        self.died_by_itself: list[str] = []
        self.ending = threading.Event()
        self._folder, self._writer = folder, writer
        self._streams_file = folder / "streams.json"
        stream.write(self._streams_file, streams)
        self.loader: Box | None = None
        """The loader while an attack runs it."""
        self._boxes: dict[str, Box] = {}
        self._lock = threading.RLock()
        self._upto = 0
        self.broker = BrokerBox(folder / "kafka", *self.plants)
        self._bootstrap = self.broker.bootstrap
        self._keeper = threading.Thread(target=self._keep, name=f"{name} keeper")
        for each in (*WRITERS, PRODUCER):
            self.start(each)
        self._keeper.start()

    # ---- processes

    def start(self, name: str) -> Box:
        """Start one of the chain's processes."""
        with self._lock:
            if name == PRODUCER:
                arguments = ("--bootstrap", self._bootstrap, "--streams", self._streams_file)
                box = Box("benchmarks.faults.producer", *arguments)
            else:
                common = ("--bootstrap", self._bootstrap, "--lake", self.lake, "--session", SESSION_S)
                box = Box(self._writer, *self.plant_words, *common, *ROTATION[name], env=self.environment(name))
            self._boxes[name] = box
        if name == PRODUCER:
            self.allow(self._upto)
        return box

    def environment(self, name: str) -> dict[str, str]:
        """What a process needs to find the store by its own lane."""
        return {"STORAGE_EMULATOR_HOST": self.proxy.lanes[name].url} if self.proxy else {}

    def box(self, name: str) -> Box | None:
        """A running process, None between its death and its next start."""
        with self._lock:
            box = self.loader if name == LOADER else self._boxes.get(name)
        return box if box is not None and box.process.poll() is None else None

    def ready(self, name: str) -> Box | None:
        """A process that is at work."""
        box = self.box(name)
        return box if box is not None and box.last.get("state") in {"ready", "degraded"} else None

    def kill(self, name: str, how: Callable[[int], bool] | None = None) -> bool:
        """SIGKILL a process (or let `how` do it, which tells whether it did) and start it again."""
        box = self.ready(name)
        if box is None:
            return False
        with self._lock:
            if self._boxes.get(name) is not box:
                return False
            del self._boxes[name]
        if how is None:
            ports = _local_ports(box.process.pid) if name == PRODUCER else set()
            box.process.kill()
        elif not how(box.process.pid):
            with self._lock:
                self._boxes[name] = box
            return False
        else:
            ports = set()
        box.kill()
        if name == PRODUCER:
            self._wait_for_last_records(ports)
        self.start(name)
        return True

    def stop(self, name: str) -> None:
        """Let a process end in order."""
        with self._lock:
            box = self._boxes.pop(name, None)
        if box is not None:
            code = box.stop()
            if code:
                self.died_by_itself.append(f"{self.name} {name} ended with {code} when asked: {_words(box)}")

    def kill_broker(self) -> bool:
        """SIGKILL the broker's JVM and start a broker on what it left."""
        os.kill(self.broker.jvm_pid, signal.SIGKILL)
        self.broker.process.wait(END_S)
        self.broker.stop()
        port = int(self._bootstrap.rpartition(":")[2])
        self.broker = BrokerBox(self.broker.state, *self.plants, port=port)
        return True

    def _keep(self) -> None:
        """Start again what ended by itself, and remember it."""
        while not self.ending.wait(0.2):
            with self._lock:
                ended = [(name, box) for name, box in self._boxes.items() if box.process.poll() is not None]
                for name, box in ended:
                    box.kill()
                    self.died_by_itself.append(f"{self.name} {name} ended with {box.process.returncode}: {_words(box)}")
                    self.start(name)

    def _wait_for_last_records(self, ports: set[int]) -> None:
        """What a killed producer had sent may still be on its way; its successor must count it."""
        while not self.ending.is_set():
            with contextlib.suppress(psutil.Error):
                connections = psutil.Process(self.broker.jvm_pid).net_connections("tcp")
                if not any(each.raddr and each.raddr.port in ports for each in connections):
                    return
            time.sleep(0.02)

    # ---- the run

    def allow(self, upto: int) -> None:
        """Let the producer send up to number `upto` of each partition."""
        self._upto = max(self._upto, upto)
        with self._lock:
            box = self._boxes.get(PRODUCER)
            if box is not None and box.process.stdin is not None:
                with contextlib.suppress(OSError, ValueError):
                    box.process.stdin.write(f"upto {self._upto}\n")
                    box.process.stdin.flush()

    def store(self) -> ObjectStore:
        """The lake itself, past the proxy."""
        return open_store(self.lake)

    def stored(self) -> int:
        """Records that the chunks say they hold."""
        store = self.store()
        chunks = [
            chunk_of(info.name, info.metadata)
            for refinery in self.refineries
            for info in store.list(names.raw_prefix(refinery))
        ]
        return sum(chunk.count + chunk.rejected for chunk in chunks)

    def settle(self, within_s: float) -> str:
        """Let all be sent and stored, then end writers and producer; a sentence if it never came to that."""
        for each in self.streams:
            self.allow(each.count)
        wanted = sum(each.count for each in self.streams)
        moved_s, before = time.monotonic(), -1
        while (stored := self.stored()) < wanted:
            if stored != before:
                moved_s, before = time.monotonic(), stored
            if time.monotonic() - moved_s > within_s:
                break
            time.sleep(0.5)
        self.ending.set()
        self._keeper.join()
        for name in list(self._boxes):
            self.stop(name)
        return "" if stored >= wanted else f"{self.name}: the chunks tell of {stored} records, {wanted} were sent"

    def close(self) -> None:
        """End every process."""
        self.ending.set()
        if self._keeper.is_alive():
            self._keeper.join()
        for box in self._boxes.values():
            if box.process.poll() is None:
                box.kill()
        self.broker.stop()


def _local_ports(pid: int) -> set[int]:
    with contextlib.suppress(psutil.Error):
        return {each.laddr.port for each in psutil.Process(pid).net_connections("tcp")}
    return set()


def _words(box: Box) -> str:
    last: dict[str, Any] = box.last
    return f"{last.get('detail', '')} {''.join(box.log[-4:])}".strip()
