"""A real object store for a whole test session: `python -m cloud.deploy.object_store` in a folder of its own."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engines.box import Box

START_S = 300.0
"""A first start builds the server."""


class ObjectStoreBox(Box):
    """A running object store; `endpoint` is its address, `state` its folder."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self._start(0)

    def _start(self, port: int) -> None:
        super().__init__("cloud.deploy.object_store", "--state", self.state, "--port", port)
        self.wait_ready(START_S)

    @property
    def endpoint(self) -> str:
        return str(self.last["endpoint"])

    def restart(self) -> None:
        """Stop it and start it again on the same port."""
        port = int(self.endpoint.rpartition(":")[2])
        self.stop()
        self._start(port)


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
