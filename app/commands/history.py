"""`main.py history`: signals over a span of time into a file, or an analyst's door to a lake folder."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from app.application import lake_folder
from app.commands import Failed, checked_out, plants
from app.historian_access import HistorianAccess, place_of
from app.historian_words import spoken
from app.history_files import KINDS, DoesNotFit, Head, HistoryFile, buckets_table, samples_table, times_table
from contracts import tables
from contracts.plant import Plant
from contracts.sample import now_us
from data.historians.historian import ROW_LIMIT, Historian, HistorianError, TooManyRows

_TIMEOUT_S = 3600.0
"""Nobody waits before a screen."""


def run(options: argparse.Namespace) -> int:
    """Write what was asked for; 1 if there is none of it or the historian does not answer."""
    loaded = plants(options)
    if len(loaded) != 1:
        raise Failed("history is of one plant: give one --plant", 2)
    plant = loaded[0]
    place = place_of(plant, options.historian) or str(lake_folder())
    if options.catalog is not None:
        return _catalog(options.catalog, plant, place)
    for given, name in ((options.signals, "--signals"), (options.start, "--from"), (options.out, "--out")):
        if not given:
            raise Failed(f"history needs {name}, or --catalog alone", 2)
    checked_out(options.out, KINDS)
    wanted = [s.kks for s in plant.signals] if options.signals == "all" else options.signals.replace(" ", "").split(",")
    unknown = [tag for tag in wanted if tag not in plant.by_kks]
    if unknown:
        raise Failed(f"{unknown[0]} is not in the signal list of {plant.refinery}", 2)
    zone = _zone(options.timezone) if options.timezone else plant.timezone
    said_in = zone if options.timezone else None
    from_us, to_us = time_of(options.start, said_in), time_of(options.end, said_in) if options.end else now_us()
    if from_us >= to_us:
        raise Failed("--from must be before --to", 2)
    if options.live and (options.buckets or options.every):
        raise Failed("--live joins samples; leave out --buckets and --every", 2)
    head = Head(plant, tuple(dict.fromkeys(wanted)), from_us, to_us, zone, place, _what(options))
    access = HistorianAccess({plant.refinery: place})
    try:
        with HistoryFile(options.out) as file:
            for table, told in _tables(options, head, access.historian(plant.refinery)):
                file.write(table, told)
    except HistorianError as error:
        raise Failed(spoken(str(error))) from error
    except DoesNotFit as error:
        raise Failed(f"{options.out}: {error}", 2) from error
    except OSError as error:
        raise Failed(f"{options.out}: {error.strerror or error}") from error
    finally:
        access.close()
    if not file.rows:
        span = f"between {_iso(from_us, zone)} and {_iso(to_us, zone)}"
        raise Failed(f"no sample of these signals {span} at {place}")
    kind = "buckets" if options.buckets else "times" if options.every else "samples"
    sys.stdout.write(f"{file.rows} {kind} of {len(head.kks)} signals → {options.out}\n")
    return 0


def _tables(options: argparse.Namespace, head: Head, historian: Historian) -> Iterator[tuple[Any, Head]]:
    """What goes into the file, piece by piece, and its head; nothing where there is no row."""
    if options.buckets:
        found = historian.buckets(head.kks, head.from_us, head.to_us, options.buckets, timeout_s=_TIMEOUT_S)
        if any(len(one.us) for one in found.tags.values()):
            yield buckets_table(found, head), head._replace(what=f"buckets of {found.width_us / 1e6:g} s")
    elif options.every:
        yield from _at_times(options, head, historian)
    elif options.live:
        from data.historians.seam import up_to_now

        joined = up_to_now(historian, head.plant, options.bootstrap, head.kks, head.from_us, {}, timeout_s=_TIMEOUT_S)
        table = samples_table({tag: one.series for tag, one in joined.items()}, head)
        if table.num_rows:
            yield table, head
    else:
        yield from _samples(historian, head, head.from_us, head.to_us)


def _samples(historian: Historian, head: Head, from_us: int, to_us: int) -> Iterator[tuple[Any, Head]]:
    """However many: a span with more samples than one answer may have is asked for by halves."""
    try:
        found = historian.raw(head.kks, from_us, to_us, timeout_s=_TIMEOUT_S)
    except TooManyRows:
        middle = (from_us + to_us) // 2
        yield from _samples(historian, head, from_us, middle)
        yield from _samples(historian, head, middle, to_us)
        return
    if any(len(series.us) for series in found.values()):
        yield samples_table(found, head), head


def _at_times(options: argparse.Namespace, head: Head, historian: Historian) -> Iterator[tuple[Any, Head]]:
    step_us = max(1, round(options.every * 1e6))
    times = range(head.from_us, head.to_us, step_us)
    if len(times) * len(head.kks) > ROW_LIMIT:
        raise Failed(f"{len(times)} times of {len(head.kks)} signals are too many; take a longer --every", 2)
    longest_s = max(head.plant.by_kks[tag].heartbeat_s for tag in head.kks) * tables.HOLD_HEARTBEATS
    found = historian.at_times(head.kks, times, lookback_s=longest_s, sloped=options.sloped, timeout_s=_TIMEOUT_S)
    if any(series.q.any() for series in found.values()):
        yield times_table(found, head), head


def _what(options: argparse.Namespace) -> str:
    if options.buckets:
        return f"about {options.buckets} buckets"
    if options.every:
        return f"values each {options.every:g} s, {'on the line between samples' if options.sloped else 'last before'}"
    return "samples"


def _catalog(path: Path, plant: Plant, place: str) -> int:
    """A DuckDB file of views over the lake, for notebooks and SQL tools."""
    checked_out(path, (".duckdb",))
    if "://" in place:
        raise Failed(f"{place} is reached by SQLAlchemy itself; a catalog is of a lake folder (docs/analysts.md)", 2)
    from data.historians.duckdb import write_catalog

    try:
        views: Sequence[str] = write_catalog(Path(place), plant.refinery, path)
    except HistorianError as error:
        raise Failed(spoken(str(error))) from error
    sys.stdout.write(f"{len(views)} tables of {plant.refinery} → duckdb:///{path}\n")
    return 0


def time_of(text: str, zone: ZoneInfo | None = None) -> int:
    """Microseconds of an ISO time; where it names no zone, of `zone`, else UTC. Raises `Failed`."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise Failed(f"{text!r} is not a time such as 2026-11-23T10:00:00 or 2026-11-23T10:00:00+01:00", 2) from error
    moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=zone or UTC)
    return int(moment.timestamp()) * 1_000_000 + moment.microsecond


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise Failed(f"{name!r} is no time zone; write one such as Europe/Madrid or UTC", 2) from error


def _iso(us: int, zone: ZoneInfo) -> str:
    return datetime.fromtimestamp(us / 1e6, UTC).astimezone(zone).isoformat(timespec="seconds")
