"""Which raw chunks of a lake folder hold events that no loaded day has; what the historian reads beside the days."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from contracts import names
from contracts.lake import Journal, journal_of


def open_chunks(lake: Path) -> list[str]:
    """Globs inside the lake, by what the loader's journal says; all chunks of a refinery that no loader has seen.

    They change once a day: a glob is a folder of chunks, which stays the same while chunks come into it.
    """
    globs = []
    for refinery in _folders(lake / "raw"):
        journal = _journal(lake / names.load_journal(refinery))
        for zone in _folders(lake / "raw" / refinery):
            for part in _folders(lake / "raw" / refinery / zone):
                log = f"{names.raw_prefix(refinery)}{zone}/{part}/"
                first = names.since_of(journal.open_from(log))
                globs += [f"{log}{since}/*.parquet" for since in _folders(lake / log) if since >= first]
    return globs


def _folders(folder: Path) -> list[str]:
    with suppress(FileNotFoundError), os.scandir(folder) as found:
        return sorted(entry.name for entry in found if entry.is_dir())
    return []


def _journal(path: Path) -> Journal:
    try:
        return journal_of(path.read_bytes())
    except (OSError, ValueError):
        return Journal()  # no loader has been here: nothing is known to be loaded
