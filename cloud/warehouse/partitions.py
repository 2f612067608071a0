"""Partitions that follow the lake: a folder of raw chunks, a day that the loader wrote."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cloud.warehouse.client import HiveClient
from cloud.warehouse.schema import lake_url
from contracts import tables
from runtime.object_store import ObjectStore

_RAW: Final = "raw/"


def raw_folders(store: ObjectStore) -> Iterator[tuple[str, str, str]]:
    """Every (refinery, zone, folder) that holds a chunk; one short listing each, however many chunks there are."""
    start = _RAW
    while found := next(store.list(_RAW, start, 1), None):
        parts = found.name.split("/")
        if len(parts) == 5:
            yield parts[1], parts[2], parts[3]
            start = "/".join(parts[:4]) + "0"  # the character after "/": past all names inside this folder
        else:
            start = found.name + "\0"


def add_raw_folders(client: HiveClient, store: ObjectStore, lake: str, known: set[tuple[str, str, str]]) -> int:
    """Add the folders that are not in `known`, and put them there; how many were added.

    Only folders with a chunk: for an empty one Hive would make a marker object in the lake.
    """
    added = 0
    for place in raw_folders(store):
        if place in known:
            continue
        refinery, zone, folder = place
        client.run(
            f"ALTER TABLE {tables.RAW_TABLE} ADD IF NOT EXISTS "
            f"PARTITION (refinery='{refinery}', zone='{zone}', folder='{folder}') "
            f"LOCATION '{lake_url(lake)}/{_RAW}{refinery}/{zone}/{folder}'"
        )
        known.add(place)
        added += 1
    return added


def repair_days(client: HiveClient) -> None:
    """Add every day that lies in the lake and that Hive does not know, e.g. loaded while Hive was away."""
    for table in (tables.HISTORY_TABLE, *tables.ROLLUP_SECONDS):
        client.run(f"MSCK REPAIR TABLE {table}")
