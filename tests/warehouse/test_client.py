"""The warehouse's connection to Hive gives up on a server that does not answer, and says why a statement failed."""

from __future__ import annotations

import socket
import threading

import pytest

from cloud.warehouse import client
from cloud.warehouse.client import HiveClient
from cloud.warehouse.server import WarehouseFailed
from tests.engines.hive import HiveBox


def test_a_hive_that_accepts_and_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "_ANSWER_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as frozen, pytest.raises(WarehouseFailed, match="does not answer"):
        HiveClient(f"127.0.0.1:{frozen.getsockname()[1]}")


def _forward(source: socket.socket, target: socket.socket, frozen: threading.Event) -> None:
    while content := source.recv(65_536):
        if not frozen.is_set():
            target.sendall(content)


@pytest.mark.engine
def test_a_hive_that_falls_silent_in_a_statement_is_given_up(hive: HiveBox) -> None:
    """Through a relay that passes nothing on any more: as a machine whose network cable was pulled."""
    host, port = hive.address.split(":")
    frozen = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as relay:

        def serve() -> None:
            relay.accept()[0].close()  # whether the port is open
            near, _ = relay.accept()
            with near, socket.create_connection((host, int(port))) as far:
                back = threading.Thread(target=_forward, args=(far, near, frozen))
                back.start()
                _forward(near, far, frozen)
                far.shutdown(socket.SHUT_RDWR)
                back.join()

        serving = threading.Thread(target=serve)
        serving.start()
        with HiveClient(f"127.0.0.1:{relay.getsockname()[1]}") as connection:
            assert connection.run("SELECT 1") == [(1,)]
            connection._transport._trans.setTimeout(500)
            frozen.set()
            with pytest.raises(WarehouseFailed, match=r"Hive at 127\.0\.0\.1:\d+: .*\(in: SELECT 2"):
                connection.run("SELECT 2")
        serving.join()


@pytest.mark.engine
def test_a_statement_that_fails_or_takes_too_long_says_so_and_leaves_the_session_usable(
    hive: HiveBox, monkeypatch: pytest.MonkeyPatch
) -> None:
    with HiveClient(hive.address) as connection:
        with pytest.raises(WarehouseFailed, match="Table not found 'nowhere'"):
            connection.run("SELECT * FROM nowhere")
        monkeypatch.setattr(client, "_STATEMENT_S", 0.0)
        with pytest.raises(WarehouseFailed, match="not done within 0 s"):
            connection.run("SELECT count(*) FROM history_all")
        monkeypatch.undo()
        assert connection.run("SELECT 1") == [(1,)]
