"""One run of the loader over one plant: days, then the day before each to cold storage, then Hive's partitions."""

from __future__ import annotations

import logging
from typing import Any

from cloud.loader.chunks import day_before
from cloud.loader.cool import cool_day
from cloud.loader.due import done, due_days
from cloud.loader.load import load_day
from contracts.lake import BadChunk
from contracts.plant import Plant
from runtime.object_store import ObjectStore

_log = logging.getLogger(__name__)


def run_day(store: ObjectStore, plant: Plant, day: str, hive: str = "") -> dict[str, Any]:
    """Load `day`, cool the day before it, add the partition where `hive` (host:port) is given; the day's report."""
    mark = due_days(store, plant).get(day)
    report = load_day(store, plant, day)
    if hive:
        from cloud.loader.partitions import add_day

        add_day(hive, plant.refinery, day)
    cold = cool_day(store, plant.refinery, day_before(day))
    # Last, so that whatever was not finished is due again.
    if mark is not None:
        done(store, plant.refinery, day, mark)
    return {**report, "cold_storage": cold}


def run_due(store: ObjectStore, plant: Plant, hive: str = "") -> list[dict[str, Any]]:
    """Load every day that is over and due, oldest first; their reports.

    A day with a chunk that cannot be read stays due and keeps no other day waiting; raised, `BadChunk`, after the last.
    """
    reports: list[dict[str, Any]] = []
    broken: BadChunk | None = None
    for day in due_days(store, plant):
        try:
            reports.append(run_day(store, plant, day, hive))
        except BadChunk as error:
            _log.error("%s %s cannot be loaded: %s", plant.refinery, day, error)
            broken = broken or error
    if broken is not None:
        raise broken
    return reports
