"""A real HiveServer2 over gs:// for a whole test session: `python -m cloud.warehouse serve` on the object store.

It is started once, for it takes 15 s and 1.4 GB. Tests keep apart by refinery, each with an id of its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.engines.box import Box

if TYPE_CHECKING:  # pytest wants to import the modules of fixtures itself
    from tests.engines.object_store import ObjectStoreBox

START_S = 300.0
"""A first start fetches Hive's jars."""


class HiveBox(Box):
    """A running `python -m cloud.warehouse serve`; `address` is its host:port."""

    def __init__(self, state: Path, lake: str, emulator: str) -> None:
        self.state, self.lake, self.emulator = state, lake, emulator
        # A JVM that lives for a minute is not worth the second compiler's time.
        environment = {"STORAGE_EMULATOR_HOST": emulator, "JAVA_TOOL_OPTIONS": "-XX:TieredStopAtLevel=1"}
        super().__init__("cloud.warehouse", "serve", "--state", state, "--lake", lake, env=environment)
        self.wait_ready(START_S)

    @property
    def address(self) -> str:
        return str(self.last["hive"])

    @property
    def jvm_pid(self) -> int:
        return int(json.loads((self.state / "warehouse.json").read_text())["jvm"][0])

    def upload(self, folder: Path) -> None:
        """Put every object of the lake `folder` into the lake."""
        from runtime.object_store import open_store

        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("STORAGE_EMULATOR_HOST", self.emulator)
            store = open_store(self.lake)
            for info in open_store(str(folder)).list(""):
                stat = store.stat(info.name)
                store.replace(info.name, folder / info.name, stat.generation if stat else 0, info.metadata)


@pytest.fixture(scope="session")
def hive(tmp_path_factory: pytest.TempPathFactory, object_store: ObjectStoreBox) -> Iterator[HiveBox]:
    """One HiveServer2 for the session. Kill or stop a `HiveBox` of your own, never this one."""
    box = HiveBox(tmp_path_factory.mktemp("hive"), "gs://lake/warehouse", object_store.endpoint)
    yield box
    box.stop()
