"""A real broker for a whole test session: `python -m cloud.stream` in a folder of its own.

tests/conftest.py makes the fixture known to every test; importing it would start one broker a module.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from contracts.kafka_settings import PLAIN

ROOT = Path(__file__).parents[2]
START_S = 180.0
"""A first start fetches Kafka's jars."""


class BrokerBox:
    """A running `python -m cloud.stream`; `bootstrap` is its address, `state` its folder, `last` its newest report."""

    def __init__(self, state: Path, *plants: Path, port: int = 0) -> None:
        self.state = state
        self.last: dict[str, Any] = {}
        command = [sys.executable, "-m", "cloud.stream", "--state", str(state), "--port", str(port)]
        for plant in plants:
            command += ["--plant", str(plant)]
        self.process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._reader = threading.Thread(target=self._read, name="broker reports", daemon=True)
        self._reader.start()
        try:
            wait_until(lambda: self.last.get("state") in {"ready", "failed"} or self._ended(), START_S)
            assert self.last.get("state") == "ready", self.last.get("detail", "the broker reported nothing")
        except BaseException:
            self.stop()
            raise

    @property
    def bootstrap(self) -> str:
        return str(self.last["bootstrap"]).removeprefix(PLAIN)

    @property
    def jvm_pid(self) -> int:
        return int(json.loads((self.state / "broker.json").read_text())["jvm"][0])

    def add_topics(self, *plants: Path) -> None:
        """Make another plant's topics, as an engineer would on a Kafka that already runs."""
        command = [sys.executable, "-m", "cloud.stream", "topics", "--bootstrap", self.bootstrap]
        for plant in plants:
            command += ["--plant", str(plant)]
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=60)

    def stop(self) -> int:
        """Let the box end as its parent would, and return its exit code."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        code = self.process.wait(60)
        self._reader.join(10)
        self.process.stdout.close()
        return code

    def _ended(self) -> bool:
        return self.process.poll() is not None and not self._reader.is_alive()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.last = json.loads(line)


def wait_until(condition: Callable[[], object], within_s: float = 10.0, every_s: float = 0.02) -> None:
    """Return once `condition()` is true; fail after `within_s`."""
    deadline = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not true within {within_s} s")
        time.sleep(every_s)


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrokerBox]:
    """One broker for the session, with the topics of the reference plant; `broker.add_topics(folder)` makes more.

    Kill or stop a `BrokerBox` of your own, never this one: other tests use it too.
    """
    plant = ROOT / "resources" / "plants" / "sim-r1"
    box = BrokerBox(tmp_path_factory.mktemp("broker"), plant)
    yield box
    box.stop()
