"""Partitions that follow the lake: folders of raw chunks that are not loaded yet, and days that the loader wrote.

A folder is a partition once only: of two partitions with one LOCATION Hive reads but one in a statement.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from cloud.warehouse.client import HiveClient
from cloud.warehouse.schema import lake_url
from contracts import names, tables
from contracts.lake import Journal, journal_of
from runtime.object_store import ObjectStore

_RAW: Final = "raw/"
_AT_ONCE: Final = 100


class Place(NamedTuple):
    """A partition of `history_raw` and `history_open`: one folder of chunks."""

    refinery: str
    zone: str
    part: str
    since: str

    @property
    def log(self) -> str:
        """See `names.log_of`."""
        return f"{_RAW}{self.refinery}/{self.zone}/{self.part}/"

    def spec(self) -> str:
        """As Hive's DDL names it."""
        return ", ".join(f"{key}='{value}'" for key, value in zip(self._fields, self, strict=True))


class RawPartitions:
    """Keeps Hive's partitions of the raw chunks in step with the lake and with what the loader's journal says.

    A look asks the store for one name a folder that is open, however many chunks there are.
    """

    def __init__(self, store: ObjectStore, lake: str) -> None:
        self._store = store
        self._url = lake_url(lake)
        self._known: dict[str, set[Place]] = {}

    @property
    def count(self) -> int:
        """Folders that Hive has."""
        return len(self._known.get(tables.RAW_TABLE, ()))

    def follow(self, client: HiveClient) -> None:
        """Add folders that are new, and drop those whose days are loaded from `history_open`.

        Raises `WarehouseFailed` and `StoreError`.
        """
        for table in (tables.RAW_TABLE, tables.OPEN_TABLE):
            if table not in self._known:
                self._known[table] = set(_partitions(client, table))
        newest: dict[str, str] = {}
        for place in sorted(self._known[tables.RAW_TABLE]):
            newest[place.log] = f"{place.log}{place.since}/"
        everything: set[Place] = set()
        open_ones: set[Place] = set()
        for log, journal in self._logs():
            everything.update(self._folders(log, newest.get(log, log)))
            open_ones.update(self._folders(log, journal.open_from(log)))
        self._add(client, tables.RAW_TABLE, everything)
        self._add(client, tables.OPEN_TABLE, open_ones)
        settled = sorted(self._known[tables.OPEN_TABLE] - open_ones)
        if settled:
            # Else a day that was loaded while Hive was away would be in neither table.
            repair_days(client)
        for some in _batches(settled):
            specs = ", ".join(f"PARTITION ({place.spec()})" for place in some)
            client.run(f"ALTER TABLE {tables.OPEN_TABLE} DROP IF EXISTS {specs}")
            self._known[tables.OPEN_TABLE].difference_update(some)

    def _add(self, client: HiveClient, table: str, places: set[Place]) -> None:
        for some in _batches(sorted(places - self._known[table])):
            # Only folders with a chunk: for an empty one Hive would make a marker object in the lake.
            specs = (f"PARTITION ({place.spec()}) LOCATION '{self._url}/{place.log}{place.since}'" for place in some)
            client.run(f"ALTER TABLE {table} ADD IF NOT EXISTS {' '.join(specs)}")
            self._known[table].update(some)

    def _folders(self, log: str, start: str) -> Iterator[Place]:
        while info := next(self._store.list(log, start, 1), None):
            refinery, zone, part, *folder, _ = info.name.removeprefix(_RAW).split("/")
            if folder:
                yield Place(refinery, zone, part, folder[0])
                start = info.name.rpartition("/")[0] + "0"  # the character after "/": past all names in this folder
            else:
                start = info.name + "\0"  # of a lake from before there were folders: seen once it is loaded

    def _logs(self) -> Iterator[tuple[str, Journal]]:
        """Every topic partition's place and the journal of its refinery, found by leaping from one to the next."""
        journals: dict[str, Journal] = {}
        start = _RAW
        while found := next(self._store.list(_RAW, start, 1), None):
            log = names.log_of(found.name)
            refinery = log.split("/")[1]
            if refinery not in journals:
                journals[refinery] = self._journal(refinery)
            yield log, journals[refinery]
            start = log[:-1] + "0"  # the character after "/": past all names inside this folder

    def _journal(self, refinery: str) -> Journal:
        name = names.load_journal(refinery)
        if self._store.stat(name) is None:
            return Journal()
        try:
            return journal_of(self._store.read(name))
        except ValueError:
            return Journal()  # nothing is known to be loaded; the loader tells of it and makes a new one


def repair_days(client: HiveClient) -> None:
    """Add every day that lies in the lake and that Hive does not know, e.g. loaded while Hive was away."""
    for table in (tables.HISTORY_TABLE, *tables.ROLLUP_SECONDS):
        client.run(f"MSCK REPAIR TABLE {table}")


def _partitions(client: HiveClient, table: str) -> Iterator[Place]:
    for (text,) in client.run(f"SHOW PARTITIONS {table}"):
        yield Place(*(part.partition("=")[2] for part in str(text).split("/")))


def _batches(places: list[Place]) -> Iterable[list[Place]]:
    return (places[first : first + _AT_ONCE] for first in range(0, len(places), _AT_ONCE))
