"""Answers about closed days, kept on disk: samples by tag and day, roll-up rows by tag and day or month.

A block's name holds a mark of its days' content as the engine tells it: a day that was loaded anew is asked for anew.
Blocks are whole days or months, and what lies inside one is cut out here: a zoom asks only for blocks it has not.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import threading
import uuid
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Table

from contracts import names, tables
from data.historians import columns, statements
from data.historians.asking import Asked, DayMark, split_days
from data.historians.historian import ROW_LIMIT, Columns, TooManyRows
from data.historians.statements import Days, What, day_start_us

_log = logging.getLogger(__name__)

LIMIT_BYTES: Final = 2_000_000_000
_KEPT_SHARE: Final = 0.8
_VERSION: Final = 1
"""Raise it when blocks are laid out otherwise."""

_SAMPLES: Final = np.dtype([("us", "<i8"), ("v", "<f8"), ("q", "<i2")])
_ROWS: Final = np.dtype(
    [
        ("us", "<i8"),
        *((name, "<f8") for name in ("v_min", "v_max", "v_mean", "weight")),
        *((name, "<i8") for name in ("n", "n_good")),
        ("q_worst", "<i2"),
    ]
)


class Block(NamedTuple):
    """One tag's rows of one table and day, or month."""

    kks: str
    partition: str
    """`YYYY-MM-DD` or `YYYY-MM`."""
    mark: str
    """Of the content of the days in it that are asked for."""


class DiskCache:
    """Blocks of one historian (`place`: where, and as whom) in a folder that several may share. Safe in any thread."""

    def __init__(self, folder: Path, place: str, limit_bytes: int = LIMIT_BYTES) -> None:
        self._all = folder
        self._folder = folder / hashlib.sha256(f"{_VERSION} {place}".encode()).hexdigest()[:16]
        self._limit = limit_bytes
        self._lock = threading.Lock()
        self._bytes: int | None = None
        self._broken = False

    def rows(self, asked: Asked, table: Table, what: What) -> Columns:
        """What `statements.samples` (with `tag`) or `statements.rollup_rows` tell, from disk and else from the engine.

        Raises `TooManyRows` where the blocks are more than the engine may bring at once.
        """
        days = _settled_days(asked, table.name, what)
        marks = asked.engine.day_marks(asked.refinery, what.kks, days, asked.watch)
        blocks = _blocks(table.name, what.kks, days, marks)
        dtype = _SAMPLES if table is statements.HISTORY else _ROWS
        found: dict[Block, NDArray[Any]] = {}
        missing: list[Block] = []
        for block in blocks:
            kept = self._load(asked.refinery, table.name, block, dtype)
            if kept is None:
                missing.append(block)
            else:
                found[block] = kept
        if missing:
            fetched = _fetch(asked, table, what.refinery, days, missing, dtype)
            for block, rows in fetched.items():
                mark = marks.get((block.kks, block.partition))
                # The day's own file may not be in place yet where its roll-up is.
                if table is statements.HISTORY and mark is not None and mark.n not in {None, len(rows)}:
                    continue
                self._save(asked.refinery, table.name, block, rows)
            found |= fetched
        return _cut(what, found, dtype)

    def _path(self, refinery: str, table: str, block: Block) -> Path:
        return self._folder / refinery / table / block.kks / f"{block.partition}-{block.mark}.npy"

    def _load(self, refinery: str, table: str, block: Block, dtype: np.dtype[Any]) -> NDArray[Any] | None:
        path = self._path(refinery, table, block)
        try:
            rows = np.load(path, allow_pickle=False)
            os.utime(path)  # the least recently used go first
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, ValueError, EOFError) as error:
            _log.warning("%s: %s; it is asked for again", path, error)
            return None
        return rows if rows.dtype == dtype else None

    def _save(self, refinery: str, table: str, block: Block, rows: NDArray[Any]) -> None:
        path = self._path(refinery, table, block)
        aside = path.with_name(f"{uuid.uuid4().hex}.new")
        made = False
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            # Another mark of the same block is of before its day was loaded anew.
            for old in path.parent.glob(f"{block.partition}-*.npy"):
                if len(old.name) == len(path.name):
                    old.unlink(missing_ok=True)
            made = True
            with aside.open("xb") as file:
                np.save(file, rows, allow_pickle=False)
            aside.replace(path)
            self._bound(path.stat().st_size)
        except OSError as error:
            if made:
                aside.unlink(missing_ok=True)
            if not self._broken:
                _log.warning("%s: nothing is kept here (%s); answers come from the historian each time", path, error)
            self._broken = True

    def _bound(self, added: int) -> None:
        with self._lock:
            self._bytes = _size(self._all) if self._bytes is None else self._bytes + added
            if self._bytes <= self._limit:
                return
            oldest = sorted(self._all.rglob("*.npy"), key=_used_s)
            left = _size(self._all)
            for path in oldest:
                if left <= self._limit * _KEPT_SHARE:
                    break
                with contextlib.suppress(OSError):
                    left -= path.stat().st_size
                    path.unlink()
            self._bytes = left


def _settled_days(asked: Asked, table: str, what: What) -> list[str]:
    """The days asked for; of a table with months the settled days of all months they lie in."""
    if table not in tables.MONTHLY:
        return what.days.all()
    first_us, last_us = _span(what.days.first[:7])[0], _span(what.days.last[:7])[1]
    done, _ = split_days(first_us, last_us, asked.engine.loaded_days(asked.refinery, asked.watch), asked.now_us)
    return done.all() if done is not None else []


def _blocks(
    table: str, kks: Sequence[str], days: Sequence[str], marks: Mapping[tuple[str, str], DayMark]
) -> list[Block]:
    by_partition: dict[str, list[str]] = {}
    for day in days:
        by_partition.setdefault(tables.partition_of(table, day), []).append(day)
    return [
        Block(tag, partition, _digest(f"{day} {marks.get((tag, day), '')}" for day in own))
        for tag in kks
        for partition, own in by_partition.items()
    ]


def _digest(texts: Any) -> str:
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:16]


def _fetch(
    asked: Asked, table: Table, refinery: str, days: Sequence[str], missing: Collection[Block], dtype: np.dtype[Any]
) -> dict[Block, NDArray[Any]]:
    """The missing blocks, by one statement."""
    partitions = {block.partition for block in missing}
    wanted = [day for day in days if tables.partition_of(table.name, day) in partitions]
    own = set(wanted)
    others = tuple(day for day in Days(wanted[0], wanted[-1]).all() if day not in own)
    kks = tuple(dict.fromkeys(block.kks for block in missing))
    first_us, end_us = day_start_us(wanted[0]), day_start_us(wanted[-1], 1)
    what = What(refinery, kks, first_us, end_us, Days(wanted[0], wanted[-1], others))
    if table is statements.HISTORY:
        found = asked.run(statements.samples(table, what, ROW_LIMIT + 1))
    else:
        found = columns.numbered(kks, asked.run(statements.rollup_rows(table, what, ROW_LIMIT + 1)))
    if len(found["us"]) > ROW_LIMIT:
        raise TooManyRows(f"more than {ROW_LIMIT} samples; ask for less time, fewer tags or an overview")
    rows = np.empty(len(found["us"]), dtype)
    for name in dtype.names or ():
        rows[name] = found[name]
    order = np.lexsort((rows["us"], found["tag"]))
    rows, tag = rows[order], found["tag"][order]
    fetched: dict[Block, NDArray[Any]] = {}
    for block in missing:
        place = kks.index(block.kks)
        of_tag = rows[np.searchsorted(tag, place) : np.searchsorted(tag, place, side="right")]
        first, last = _span(block.partition)
        fetched[block] = of_tag[np.searchsorted(of_tag["us"], first) : np.searchsorted(of_tag["us"], last)]
    return fetched


def _span(partition: str) -> tuple[int, int]:
    """First microsecond of a day or month, and that of the next."""
    if len(partition) == len("YYYY-MM-DD"):
        return day_start_us(partition), day_start_us(partition, 1)
    first = day_start_us(f"{partition}-01")
    following = names.day_of(day_start_us(f"{partition}-01", 31))[:7]
    return first, day_start_us(f"{following}-01")


def _cut(what: What, found: Mapping[Block, NDArray[Any]], dtype: np.dtype[Any]) -> Columns:
    """The rows inside the span and on its days, with `tag`."""
    parts, tags = [], []
    for place, tag in enumerate(what.kks):
        own = [rows for block, rows in found.items() if block.kks == tag]
        rows = np.concatenate(own) if own else np.empty(0, dtype)
        rows = rows[(rows["us"] >= what.from_us) & (rows["us"] < what.to_us)]
        parts.append(rows)
        tags.append(np.full(len(rows), place, np.int64))
    whole = np.concatenate(parts)
    return {"tag": np.concatenate(tags), **{name: np.ascontiguousarray(whole[name]) for name in dtype.names or ()}}


def _size(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*.npy"):
        with contextlib.suppress(OSError):
            total += path.stat().st_size
    return total


def _used_s(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
