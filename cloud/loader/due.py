"""Which days must be loaded: those that new chunks brought events to, since the journal was last written.

The journal is one object of the lake, changed by compare-and-swap. A day is entered before the chunks that made it due
count as seen, and taken out only if nothing was entered since its load began: so a crash anywhere loads a day once
too often, never once too seldom.
"""

from __future__ import annotations

import logging

from cloud.loader.chunks import DAY_US, chunks_from, day_start_us, logs, next_day, today
from cloud.loader.load import longest_hold_us
from contracts import names
from contracts.lake import Journal, journal_of
from contracts.plant import Plant
from runtime.object_store import AlreadyThere, ObjectStore

_log = logging.getLogger(__name__)


def due_days(store: ObjectStore, plant: Plant) -> dict[str, int]:
    """Days that are over and due, oldest first, each with the mark that `done` wants back."""
    while True:
        journal, generation = _read(store, plant.refinery)
        if _look_at_new_chunks(store, plant, journal) and not _write(store, plant.refinery, journal, generation):
            continue
        return {day: journal.due[day] for day in sorted(journal.due) if day < today()}


def done(store: ObjectStore, refinery: str, day: str, mark: int) -> None:
    """The day was loaded from what was there when `due_days` gave `mark`; it stays due if more came since."""
    while True:
        journal, generation = _read(store, refinery)
        if journal.due.get(day) != mark:
            return
        del journal.due[day]
        journal.due_from.pop(day, None)
        if _write(store, refinery, journal, generation):
            return


def _look_at_new_chunks(store: ObjectStore, plant: Plant, journal: Journal) -> bool:
    hold_us = longest_hold_us(plant)
    news = False
    for log in logs(store, plant.refinery):
        seen = journal.seen.get(log, "")
        for stored in chunks_from(store, log, seen):
            if stored.info.name == seen:
                continue
            news = True
            journal.seen[log] = stored.info.name
            for day, span in stored.chunk.days.items():
                journal.marks += 1
                journal.due[day] = journal.marks
                journal.due_from.setdefault(day, {}).setdefault(log, stored.info.name)
                if span.last_us + hold_us > day_start_us(day) + DAY_US:
                    journal.due[next_day(day)] = journal.marks  # the value in force at midnight changed
    return news


def journal_of_refinery(store: ObjectStore, refinery: str) -> Journal:
    """What the loader has seen and what is due; an empty journal where it has never run."""
    return _read(store, refinery)[0]


def _read(store: ObjectStore, refinery: str) -> tuple[Journal, int]:
    name = names.load_journal(refinery)
    info = store.stat(name)
    if info is None:
        return Journal(), 0
    try:
        return journal_of(store.read(name)), info.generation
    except ValueError as error:
        _log.warning("%s: %s; every chunk is looked at anew", name, error)
        return Journal(), info.generation


def _write(store: ObjectStore, refinery: str, journal: Journal, generation: int) -> bool:
    try:
        store.replace(names.load_journal(refinery), journal.content(), generation)
    except AlreadyThere:
        return False
    return True
