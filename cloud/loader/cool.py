"""Moves the raw chunks of a loaded day to cold storage, and looks whether they are there."""

from __future__ import annotations

from typing import Any

from cloud.loader.chunks import finished_by
from cloud.loader.due import journal_of_refinery
from cloud.loader.load import is_loaded
from runtime.object_store import COLDLINE, ObjectStore


def cool_day(store: ObjectStore, refinery: str, day: str, mark: int | None = None) -> dict[str, Any]:
    """Move to COLDLINE every chunk whose newest event is of `day`; a report of how many moved and how many are there.

    A day that was not loaded, or that more has come of since, keeps its chunks where they are: they will be read again.
    A chunk across midnight goes with its later day. `mark` is the journal's of what was just loaded.
    Raises `StoreError` and `BadChunk`.
    """
    detail = ""
    if not is_loaded(store, refinery, day):
        detail = f"{day} is not loaded, so it stays"
    elif journal_of_refinery(store, refinery).due.get(day) not in {None, mark}:
        detail = f"more of {day} has come since it was loaded, so it stays"
    if detail:
        return {"day": day, "cooled": 0, "cold": 0, "not_cold": [], "detail": detail}
    finished = finished_by(store, refinery, day)
    cooled = 0
    for stored in finished:
        if stored.info.storage_class != COLDLINE:
            store.set_storage_class(stored.info.name, COLDLINE)
            cooled += 1
    not_cold = [
        stored.info.name
        for stored in finished
        if (info := store.stat(stored.info.name)) is None or info.storage_class != COLDLINE
    ]
    return {"day": day, "cooled": cooled, "cold": len(finished) - len(not_cold), "not_cold": not_cold}
