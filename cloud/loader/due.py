"""Which days must be loaded: those that new chunks brought events to, since the journal was last written.

The journal is one object of the lake, changed by compare-and-swap. A day is entered before the chunks that made it due
count as seen, and taken out only if nothing was entered since its load began: so a crash anywhere loads a day once
too often, never once too seldom.
"""

from __future__ import annotations

import json
import logging
from typing import Any

from cloud.loader.chunks import DAY_US, chunks_from, day_start_us, next_day, partition_folders, today
from cloud.loader.load import longest_hold_us
from contracts import names
from contracts.plant import Plant
from runtime.object_store import AlreadyThere, ObjectStore

_log = logging.getLogger(__name__)

Journal = dict[str, Any]
"""`seen`: partition folder → end offset of the last chunk looked at; `due`: day → how often it was made due."""


def due_days(store: ObjectStore, plant: Plant) -> dict[str, int]:
    """Days that are over and due, oldest first, each with the mark that `done` wants back."""
    while True:
        journal, generation = _read(store, plant.refinery)
        if _look_at_new_chunks(store, plant, journal) and not _write(store, plant.refinery, journal, generation):
            continue
        return {day: journal["due"][day] for day in sorted(journal["due"]) if day < today()}


def done(store: ObjectStore, refinery: str, day: str, mark: int) -> None:
    """The day was loaded from what was there when `due_days` gave `mark`; it stays due if more came since."""
    while True:
        journal, generation = _read(store, refinery)
        if journal["due"].get(day) != mark:
            return
        del journal["due"][day]
        if _write(store, refinery, journal, generation):
            return


def _look_at_new_chunks(store: ObjectStore, plant: Plant, journal: Journal) -> bool:
    due, seen = journal["due"], journal["seen"]
    hold_us = longest_hold_us(plant)
    news = False
    for folder in partition_folders(store, plant.refinery):
        for stored in chunks_from(store, folder, seen.get(folder, 0)):
            news = True
            seen[folder] = stored.chunk.end_offset
            for day, span in stored.chunk.days.items():
                journal["marks"] += 1
                due[day] = journal["marks"]
                if span.last_us + hold_us > day_start_us(day) + DAY_US:
                    due[next_day(day)] = journal["marks"]  # the value in force at midnight changed
    return news


def _read(store: ObjectStore, refinery: str) -> tuple[Journal, int]:
    name = names.load_journal(refinery)
    info = store.stat(name)
    empty: Journal = {"seen": {}, "due": {}, "marks": 0}
    if info is None:
        return empty, 0
    try:
        journal: Journal = json.loads(store.read(name))
    except ValueError as error:
        _log.warning("%s: %s; every chunk is looked at anew", name, error)
        return empty, info.generation
    return journal, info.generation


def _write(store: ObjectStore, refinery: str, journal: Journal, generation: int) -> bool:
    try:
        store.replace(names.load_journal(refinery), json.dumps(journal, sort_keys=True).encode(), generation)
    except AlreadyThere:
        return False
    return True
