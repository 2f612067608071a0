"""One run of the loader over one plant: days, then the day before each to cold storage, then Hive's partitions."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from cloud.loader.chunks import DAY_US, day_before, day_start_us, next_day, today
from cloud.loader.cool import cool_day
from cloud.loader.due import done, due_days
from cloud.loader.load import is_loaded, load_day
from contracts.lake import BadChunk
from contracts.plant import Plant
from runtime.object_store import ObjectStore

_log = logging.getLogger(__name__)


def run_day(store: ObjectStore, plant: Plant, day: str, hive: str = "") -> dict[str, Any]:
    """Load `day`, add its partition where `hive` (host:port) is given, cool the day before it; the day's report."""
    mark = due_days(store, plant).get(day)
    report = load_day(store, plant, day)
    if hive:
        from cloud.loader.partitions import add_day

        add_day(hive, plant.refinery, day)
    before = cool_day(store, plant.refinery, day_before(day))
    cold = {"cold_storage": before}
    _tell_warm(plant.refinery, before)
    if is_loaded(store, plant.refinery, next_day(day)):
        # Its turn has passed: it was late, or was reopened by a late event.
        cold["own_cold_storage"] = cool_day(store, plant.refinery, day, mark)
        _tell_warm(plant.refinery, cold["own_cold_storage"])
    # Last, so that whatever was not finished is due again.
    if mark is not None:
        done(store, plant.refinery, day, mark)
    return {**report, **cold}


def _tell_warm(refinery: str, cold: dict[str, Any]) -> None:
    warm = cold["not_cold"]
    if warm:
        _log.error(
            "%s: %d of %d chunks were moved to cold storage and are not there, e.g. %s; does the bucket allow it?",
            refinery,
            len(warm),
            len(warm) + cold["cold"],
            warm[0],
        )


def run_range(
    store: ObjectStore,
    plant: Plant,
    first: str,
    last: str,
    hive: str = "",
    told: Callable[[str, int, int, dict[str, Any] | None], None] = lambda *_: None,
) -> int:
    """Load every day from `first` to `last` (both included); how many could not be.

    `told` is called after each as (day, its number from 1, number of days, its report or None). Days that are loaded
    already are looked at and left as they are, so a range that was interrupted is simply asked for again.
    Raises `ValueError` for a range that is none, `StoreError` and Hive's trouble.
    """
    begin, end = day_start_us(first), day_start_us(last)
    if end < begin:
        raise ValueError(f"{first} to {last}: the range ends before it begins")
    if last >= today():
        raise ValueError(f"{last} is not over (UTC); the last day that can be loaded is {day_before(today())}")
    count = (end - begin) // DAY_US + 1
    day, failed = first, 0
    for number in range(1, count + 1):
        report: dict[str, Any] | None = None
        try:
            report = run_day(store, plant, day, hive)
        except BadChunk as error:
            _log.error("%s %s cannot be loaded: %s", plant.refinery, day, error)
            failed += 1
        told(day, number, count, report)
        day = next_day(day)
    return failed


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
