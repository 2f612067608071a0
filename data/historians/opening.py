"""Which historian a place names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from contracts.sample import now_us
from data.historians.historian import Historian, HistorianError


def open_historian(
    place: str, refinery: str, clock: Callable[[], int] = now_us, cache: Path | None = None
) -> Historian:
    """The historian of one refinery at `hive://[login[:password]@]host:port[/database]` or in a lake folder.

    `cache` is a folder for what Hive said of closed days; a lake folder is as near as a cache would be. Nothing is
    connected yet where that can wait; raises `HistorianError` for a place that cannot be one.
    """
    if place.startswith("hive://"):
        from data.historians.disk_cache import DiskCache
        from data.historians.hive import open_hive

        return open_hive(place, refinery, clock, DiskCache(cache, place) if cache is not None else None)
    if "://" in place:
        raise HistorianError(f"{place}: a historian is hive://host:port or a lake folder; gs:// is read through Hive")
    from data.historians.duckdb import open_duckdb

    return open_duckdb(Path(place), refinery, clock)
