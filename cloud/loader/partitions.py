"""Tells Hive that a day's folders are there. The one place in the loader that knows Hive.

Environment, where Hive asks for it: `HIVE_USER` and `HIVE_PASSWORD`.
"""

from __future__ import annotations

import os
from typing import Final

from pyhive import hive
from pyhive.exc import Error as HiveError
from thrift.transport.TTransport import TTransportException

from contracts import names, tables

_TABLES: Final = (tables.HISTORY_TABLE, *tables.ROLLUP_SECONDS)


class HiveTrouble(OSError):
    """HiveServer2 does not do it; the text says what it was asked and what it said."""


def add_day(address: str, refinery: str, day: str) -> None:
    """Add the day's partition to every day table, if it is not there. `address` is host:port. Raises `HiveTrouble`."""
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit():
        raise HiveTrouble(f"Hive at {address!r}: write host:port")
    checked = names.checked_id(refinery, "refinery")
    try:
        user, password = os.environ.get("HIVE_USER", "loader"), os.environ.get("HIVE_PASSWORD")
        # PyHive's LDAP is plain user and password, which Hive's CUSTOM takes as well.
        auth = {"password": password, "auth": "LDAP"} if password else {}
        with (
            hive.connect(host=host, port=int(port), username=user, **auth) as connection,
            connection.cursor() as cursor,
        ):
            for table in _TABLES:
                cursor.execute(f"ALTER TABLE {table} ADD IF NOT EXISTS PARTITION (refinery='{checked}', day='{day}')")
    except (HiveError, TTransportException, OSError) as error:
        raise HiveTrouble(f"Hive at {address} does not add {refinery} {day}: {error}") from error
