"""A connection to Hive for DDL and small answers."""

from __future__ import annotations

import contextlib
import re
import socket
from types import TracebackType
from typing import Any, Final

from pyhive import hive
from pyhive.exc import Error as PyHiveError
from thrift.Thrift import TException

from cloud.warehouse.server import WarehouseFailed

_CONNECT_S: Final = 10.0


class HiveClient:
    """One session with HiveServer2 at `host:port`. Raises `WarehouseFailed` from everything."""

    def __init__(self, address: str, database: str = "default", login: str = "sinoptico") -> None:
        host, _, port = address.rpartition(":")
        if not host or not port.isdecimal():
            raise WarehouseFailed(f"{address!r} is not host:port, e.g. 127.0.0.1:10000")
        self._address = address
        try:
            # Asked first: Thrift writes a complaint of its own to stderr for a closed port.
            socket.create_connection((host, int(port)), timeout=_CONNECT_S).close()
            self._connection = hive.connect(host, int(port), username=login, database=database, auth="NONE")
        except (PyHiveError, TException, OSError) as error:
            raise WarehouseFailed(f"Hive at {address} does not answer: {sentence(error)}") from error

    def __enter__(self) -> HiveClient:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(PyHiveError, TException, OSError):
            self._connection.close()

    def run(self, statement: str) -> list[tuple[Any, ...]]:
        """Run one statement and return its rows, none for DDL."""
        try:
            cursor = self._connection.cursor()
            cursor.execute(statement)
            return list(cursor.fetchall()) if cursor.description else []
        except (PyHiveError, TException, OSError) as error:
            head = " ".join(statement.split())[:60]
            raise WarehouseFailed(f"Hive at {self._address}: {sentence(error)} (in: {head} …)") from error


def sentence(error: Exception) -> str:
    """What the server said, without Java's class names and stack."""
    status = getattr(error.args[0] if error.args else None, "status", None)
    text = getattr(status, "errorMessage", None) or str(error)
    text = str(text).splitlines()[0] if str(text).strip() else type(error).__name__
    return re.sub(r"^(Error while compiling statement: |Error while processing statement: )+", "", text)[:300]
