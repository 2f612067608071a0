"""A loaded day in words: what came in, what went out, what was dropped or is missing, where its chunks lie."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from cloud.loader.chunks import day_start_us, finished_by
from cloud.loader.due import journal_of_refinery
from cloud.loader.load import day_report
from contracts.plant import Plant
from contracts.tables import HOLD_HEARTBEATS
from runtime.object_store import COLDLINE, ObjectStore

_MOST_GAPS: Final = 50


class NotLoaded(LookupError):
    """The day has no report; the text says why."""


def in_words(store: ObjectStore, plant: Plant, day: str, most_gaps: int = _MOST_GAPS) -> str:
    """The report of a day, with its signals of most silence first.

    Raises `NotLoaded`, `ValueError` for what is no day, `StoreError` and `BadChunk`.
    """
    day_start_us(day)
    due = day in journal_of_refinery(store, plant.refinery).due
    report = day_report(store, plant.refinery, day)
    if report is None:
        why = "chunks with its events are there; load it with --day" if due else "nothing of it has come"
        raise NotLoaded(f"{plant.refinery} {day} is not loaded: {why}")
    classes = Counter(stored.info.storage_class for stored in finished_by(store, plant.refinery, day))
    lines = [
        f"{plant.refinery} {day} (UTC){', due again: more has come since it was loaded' if due else ''}",
        f"  chunks      {report['chunks']:,} read; of the {classes.total():,} that end on this day "
        f"{classes[COLDLINE]:,} are in cold storage",
        f"  rows in     {report['rows_in']:,}",
        f"  rows out    {report['rows_out']:,}, of them {report['bad_quality']:,} of bad quality (kept and flagged)",
        f"  duplicates  {report['duplicates']:,} dropped, of them {report['conflicts']:,} not the same as the one kept",
        f"  lost        {report['lost_before_the_lake']:,} records that Kafka dropped before the lake read them",
        "  roll-ups    " + ", ".join(f"{table} {rows:,}" for table, rows in report["rollup_rows"].items()),
    ]
    return "\n".join([*lines, *_gaps(report["gaps"], plant, most_gaps)])


def _gaps(gaps: Mapping[str, Mapping[str, Any]], plant: Plant, most: int) -> list[str]:
    silent = f"longer than {HOLD_HEARTBEATS} heartbeats"
    if not gaps:
        return [f"  gaps        none of {len(plant.signals)} signals was silent for {silent}"]
    worst = sorted(gaps, key=lambda kks: (-gaps[kks]["total_s"], kks))
    lines = [f"  gaps        {len(gaps):,} of {len(plant.signals):,} signals were silent for {silent}"]
    for kks in worst[:most]:
        signal, gap = plant.by_kks.get(kks), gaps[kks]
        said = signal.description if signal else "not in the signal list any more"
        lines.append(
            f"    {kks:<18} {gap['gaps']:>5,} × {_span(gap['total_s']):>12} in all, "
            f"{_span(gap['longest_s']):>12} at most  {said}".rstrip()
        )
    if len(worst) > most:
        lines.append(f"    … and {len(worst) - most:,} more; --gaps tells how many are shown")
    return lines


def _span(seconds: float) -> str:
    """`23 h 59 min 50 s` without the parts that are zero."""
    whole = round(seconds)
    parts = ((whole // 3600, "h"), (whole // 60 % 60, "min"), (whole % 60, "s"))
    return " ".join(f"{number} {unit}" for number, unit in parts if number) or f"{seconds:.1f} s"
