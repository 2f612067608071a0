"""Tells Hive that a day's folders are there. The one place in the loader that knows Hive.

Environment, where Hive asks for it: `HIVE_USER` and `HIVE_PASSWORD`.
"""

from __future__ import annotations

import os
from typing import Any, Final

from pyhive import hive
from pyhive.exc import Error as HiveError
from thrift.Thrift import TException
from thrift.transport.TSocket import TSocket
from thrift_sasl import TSaslClientTransport

from contracts import names, tables

_TIMEOUT_S: Final = 120.0
"""How long one answer may take; adding a partition takes a second."""

_TABLES: Final = (tables.HISTORY_TABLE, *tables.ROLLUP_SECONDS)


class HiveTrouble(OSError):
    """HiveServer2 does not do it; the text says what it was asked and what it said."""


def add_day(address: str, refinery: str, day: str) -> None:
    """Add the day's partition to every day table, if it is not there. `address` is host:port. Raises `HiveTrouble`."""
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit():
        raise HiveTrouble(f"Hive at {address!r}: write host:port")
    checked = names.checked_id(refinery, "refinery")
    user, password = os.environ.get("HIVE_USER", "loader"), os.environ.get("HIVE_PASSWORD", "")
    try:
        transport = _transport(host, int(port), user, password)
        with hive.connect(thrift_transport=transport, username=user) as connection, connection.cursor() as cursor:
            for table in _TABLES:
                column, value = tables.partition_columns(table)[-1].name, tables.partition_of(table, day)
                where = f"refinery='{checked}', {column}='{value}'"
                cursor.execute(f"ALTER TABLE {table} ADD IF NOT EXISTS PARTITION ({where})")
    except (HiveError, TException, OSError) as error:
        raise HiveTrouble(f"Hive at {address} does not add {refinery} {day}: {error}") from error


def _transport(host: str, port: int, user: str, password: str) -> TSaslClientTransport:
    """PyHive's own for its modes NONE, LDAP and CUSTOM, with the time-out that PyHive does not give its socket."""
    socket = TSocket(host, port)
    socket.setTimeout(_TIMEOUT_S * 1000)

    def sasl() -> Any:
        # Where Hive asks for no password it still wants one to be sent.
        return hive.get_installed_sasl(host, "PLAIN", username=user, password=password or "x")

    return TSaslClientTransport(sasl, "PLAIN", socket)
