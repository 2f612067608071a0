"""A real broker for a whole test session: `python -m cloud.stream` in a folder of its own.

tests/conftest.py makes the fixture known to every test; importing it would start one broker a module.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from contracts.kafka_settings import PLAIN
from tests.engines.box import ROOT, Box, wait_until

__all__ = ["ROOT", "BrokerBox", "wait_until"]

START_S = 180.0
"""A first start fetches Kafka's jars."""


class BrokerBox(Box):
    """A running `python -m cloud.stream`; `bootstrap` is its address, `state` its folder."""

    def __init__(self, state: Path, *plants: Path, port: int = 0) -> None:
        self.state = state
        folders = [word for plant in plants for word in ("--plant", plant)]
        super().__init__("cloud.stream", "--state", state, "--port", port, *folders)
        self.wait_ready(START_S)

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


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrokerBox]:
    """One broker for the session, with the topics of the reference plant; `broker.add_topics(folder)` makes more.

    Kill or stop a `BrokerBox` of your own, never this one: other tests use it too.
    """
    plant = ROOT / "resources" / "plants" / "sim-r1"
    box = BrokerBox(tmp_path_factory.mktemp("broker"), plant)
    yield box
    box.stop()
