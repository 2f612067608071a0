"""Moves the raw chunks of a loaded day to cold storage, and looks whether they are there."""

from __future__ import annotations

from typing import Any

from cloud.loader.chunks import finished_by
from cloud.loader.load import is_loaded
from runtime.object_store import COLDLINE, ObjectStore


def cool_day(store: ObjectStore, refinery: str, day: str) -> dict[str, Any]:
    """Move to COLDLINE every chunk whose newest event is of `day`; a report of how many moved and how many are there.

    A day that was not loaded keeps its chunks where they are. A chunk across midnight goes with its later day.
    Raises `StoreError`.
    """
    if not is_loaded(store, refinery, day):
        return {"day": day, "cooled": 0, "cold": 0, "not_cold": [], "detail": f"{day} is not loaded, so it stays"}
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
