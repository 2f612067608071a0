"""A connection to Hive for DDL and small answers.

A statement runs asynchronously and is asked after, so that a repair of thousands of partitions may take its time while
a server that says nothing at all is given up soon. Environment, where Hive asks for it: `HIVE_USER`, `HIVE_PASSWORD`.
"""

from __future__ import annotations

import contextlib
import os
import re
import socket
import time
from types import TracebackType
from typing import Any, Final

from pyhive import hive
from pyhive.exc import Error as PyHiveError
from TCLIService.ttypes import TOperationState
from thrift.Thrift import TException
from thrift.transport.TSocket import TSocket
from thrift_sasl import TSaslClientTransport

from cloud.warehouse.server import WarehouseFailed

_CONNECT_S: Final = 10.0
_ANSWER_S: Final = 120.0
"""How long the server may be silent; it says nothing while it compiles a statement."""
_STATEMENT_S: Final = 3600.0
_LONGEST_PAUSE_S: Final = 0.25
_RUNNING: Final = {TOperationState.INITIALIZED_STATE, TOperationState.PENDING_STATE, TOperationState.RUNNING_STATE}


class HiveClient:
    """One session with HiveServer2 at `host:port`. Raises `WarehouseFailed` from everything."""

    def __init__(self, address: str, database: str = "default", login: str = "") -> None:
        host, _, port = address.rpartition(":")
        if not host or not port.isdecimal():
            raise WarehouseFailed(f"{address!r} is not host:port, e.g. 127.0.0.1:10000")
        self._address = address
        login = login or os.environ.get("HIVE_USER", "sinoptico")
        try:
            # Asked first: Thrift writes a complaint of its own to stderr for a closed port.
            socket.create_connection((host, int(port)), timeout=_CONNECT_S).close()
            self._transport = _transport(host, int(port), login)
            self._connection = hive.connect(thrift_transport=self._transport, username=login, database=database)
        except (PyHiveError, TException, OSError) as error:
            raise WarehouseFailed(f"Hive at {address} does not answer: {sentence(error)}") from error

    def __enter__(self) -> HiveClient:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(PyHiveError, TException, OSError):
            self._connection.close()
        self._transport.close()  # PyHive leaves it open if the server does not answer its farewell

    def run(self, statement: str) -> list[tuple[Any, ...]]:
        """Run one statement and return its rows, none for DDL."""
        try:
            with contextlib.closing(self._connection.cursor()) as cursor:
                cursor.execute(statement, async_=True)
                _wait(cursor)
                return list(cursor.fetchall()) if cursor.description else []
        except (PyHiveError, TException, OSError) as error:
            head = " ".join(statement.split())[:60]
            raise WarehouseFailed(f"Hive at {self._address}: {sentence(error)} (in: {head} …)") from error


def _transport(host: str, port: int, login: str) -> TSaslClientTransport:
    """PyHive's own for its modes NONE, LDAP and CUSTOM, with the time-out that PyHive does not give its socket."""
    tcp = TSocket(host, port)
    tcp.setTimeout(_ANSWER_S * 1000)
    password = os.environ.get("HIVE_PASSWORD", "")

    def sasl() -> Any:
        # Where Hive asks for no password it still wants one to be sent.
        return hive.get_installed_sasl(host, "PLAIN", username=login, password=password or "x")

    return TSaslClientTransport(sasl, "PLAIN", tcp)


def _wait(cursor: Any) -> None:
    deadline, pause_s = time.monotonic() + _STATEMENT_S, 0.005
    while (state := cursor.poll(get_progress_update=False)).operationState in _RUNNING:
        if time.monotonic() > deadline:
            cursor.cancel()
            raise TimeoutError(f"not done within {_STATEMENT_S:g} s")
        time.sleep(pause_s)
        pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)
    if state.operationState != TOperationState.FINISHED_STATE:
        raise PyHiveError(state.errorMessage or "the server ended the statement")


def sentence(error: Exception) -> str:
    """What the server said, without Java's class names and stack."""
    status = getattr(error.args[0] if error.args else None, "status", None)
    text = getattr(status, "errorMessage", None) or str(error)
    text = str(text).splitlines()[0] if str(text).strip() else type(error).__name__
    return re.sub(r"^(Error while compiling statement: |Error while processing statement: )+", "", text)[:300]
