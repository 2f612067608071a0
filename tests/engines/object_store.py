"""A real object store for a whole test session: `python -m cloud.deploy.object_store` in a folder of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


class ObjectStoreBox:
    """A running object store; `endpoint` is its address, `state` its folder."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self._start(0)

    def _start(self, port: int) -> None:
        command = [sys.executable, "-m", "cloud.deploy.object_store", "--state", str(self.state), "--port", str(port)]
        self.process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        report: dict[str, Any] = {}
        for line in self.process.stdout:  # a first start builds the server; it says so and goes on
            report = json.loads(line)
            if report["state"] != "starting":
                break
        if report.get("state") != "ready":
            self.stop()
            raise AssertionError(report.get("detail", "the object store reported nothing"))
        self.endpoint = str(report["endpoint"])

    def restart(self) -> None:
        """Stop it and start it again on the same port."""
        self.stop()
        self._start(int(self.endpoint.rpartition(":")[2]))

    def stop(self) -> int:
        """Let it end as its parent would, and return its exit code."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        code = self.process.wait(30)
        self.process.stdout.close()
        return code


@pytest.fixture(scope="session")
def object_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ObjectStoreBox]:
    """One object store for the session; see `bucket_url` for a place of one's own in it."""
    box = ObjectStoreBox(tmp_path_factory.mktemp("object-store"))
    yield box
    box.stop()


@pytest.fixture
def bucket_url(object_store: ObjectStoreBox, monkeypatch: pytest.MonkeyPatch) -> str:
    """A `gs://` URL that no other test uses; `STORAGE_EMULATOR_HOST` is set while the test runs."""
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", object_store.endpoint)
    return f"gs://lake/{uuid.uuid4().hex}"


@pytest.fixture(params=["folder", pytest.param("gs", marks=pytest.mark.engine)])
def lake_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty lake: once a folder, once the real object store."""
    if request.param == "folder":
        return str(tmp_path / "lake")
    return str(request.getfixturevalue("bucket_url"))
