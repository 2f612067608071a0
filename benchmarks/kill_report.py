"""`python -m benchmarks.kill_report`: docs/kill-tests.md and its pictures, from the newest results of `kills`."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

FOLDER: Final = Path(__file__).parent / "results"
DOCS: Final = Path(__file__).parents[1] / "docs"
NAMES: Final[Mapping[str, str]] = {
    "simulator": "PLC (simulator)",
    "broker": "broker (its process)",
    "broker jvm": "broker (its JVM)",
    "mtu": "MTU",
    "ingest": "ingest",
    "lake": "lake writer",
    "panel": "panel",
}


def main() -> int:
    """Write the page; 2 if there is no result yet."""
    results = FOLDER / "kills.json"
    if not results.exists():
        sys.stderr.write(f"{results} is not there; run `make bench ONLY=kills` first\n")
        return 2
    figures = json.loads(results.read_text(encoding="utf-8"))
    pictures = DOCS / "pictures"
    pictures.mkdir(exist_ok=True)
    for kill in figures["screen"]:
        for name in filter(None, (kill["picture"], kill["picture_after"])):
            shutil.copyfile(FOLDER / "kills" / name, pictures / name)
    (DOCS / "kill-tests.md").write_text(page(figures), encoding="utf-8")
    return 0


def page(figures: Mapping[str, Any]) -> str:
    """The results as Markdown."""
    kills, loss = figures["screen"], figures["loss"]
    missed = "\n".join(f"- {text}" for text in figures["missed"]) or "None."
    parts = [
        "# Kill tests",
        f"Written by `python -m benchmarks.kill_report` from the run of {figures['when'][:16].replace('T', ' ')} UTC "
        "(`make bench ONLY=kills`); not to be edited by hand. Every process is killed with signal 9 while the demo's "
        "processes and the panel run behind the real window; the supervisor starts it again.",
        f"**{figures['sentence']}.**",
        "## What the screen showed",
        "Seconds after the kill. *Named*: the status bar, or a card over the drawing, names the part. *Marked*: the "
        "first and the last value drawn as old or bad; a dash: back before any value was old enough to be marked. "
        "*Oldest unmarked*: the age to which the newest of the values grew before that. *Back*: every tag good, every "
        "process ready, and the victim seen at work again (the lake writer: a new chunk, stored every 3 s here; the "
        "panel: its stream delivers).",
        _table(
            ("killed", "supervisor knew", "named", "values marked", "oldest unmarked", "back", "restarts"),
            (
                (
                    NAMES[kill["victim"]],
                    _seconds(kill["noticed_s"]),
                    _seconds(kill["named_s"]),
                    _span(kill["first_bad_s"], kill["all_bad_s"]),
                    _seconds(kill["oldest_good_s"] or None),
                    _seconds(kill["recovered_s"]),
                    kill["restarts"],
                )
                for kill in kills
            ),
        ),
        "Bounds: values marked within 5 s (lake writer and panel: named), or back by then; back within 15 s. Missed:",
        missed,
        *(_shown(kill) for kill in kills),
        "## What was lost",
        f"Every register counts ticks at 5 Hz and is polled each 0.1 s for {loss['seconds']:.0f} s, while are killed, "
        f"in this order: {', '.join(kill['victim'] for kill in loss['kills'])}. The PLC's log of answered reads says "
        "which events must exist; an independent consumer reads Kafka from its beginning; the raw chunks are read as "
        "Parquet.",
        _table(
            ("count", ""),
            (
                ("changes that the PLC served", loss["served"]),
                ("of them in flight when the MTU was killed", loss["in_flight_at_mtu_kill"]),
                ("**of them lost**", f"**{loss['events_lost']}**"),
                ("most events that waited in the MTU's buffer", loss["most_buffered"]),
                ("records in Kafka", loss["in_kafka"]),
                ("sent again by a restarted MTU, byte for byte the same", loss["duplicates"]),
                ("sent again, but different", loss["differing_duplicates"]),
                ("out of order", loss["out_of_order"]),
                ("values that no read explains", len(loss["invented"])),
                (f"records in the lake, in {loss['chunks']} chunks", loss["in_lake"]),
                ("missing in the lake", loss["lake_missing"]),
                ("twice in the lake", loss["lake_repeated"]),
                ("different in the lake", loss["lake_differing"]),
            ),
        ),
    ]
    return "\n\n".join(parts) + "\n"


def _shown(kill: Mapping[str, Any]) -> str:
    said = " → ".join(f"“{text}”" for text in kill["status_bar"][1:]) or "nothing new"
    card = f" Over the drawing: {' → '.join(f'“{text}”' for text in kill['card'])}." if kill["card"] else ""
    marked = f"{kill['most_bad']} values marked." if kill["most_bad"] else "No value marked."
    after = f"\n\nAnd after it was back:\n\n![](pictures/{kill['picture_after']})" if kill["picture_after"] else ""
    name = NAMES[kill["victim"]]
    return f"### {name}\n\n{marked} The status bar said {said}.{card}\n\n![{name}](pictures/{kill['picture']}){after}"


def _seconds(value: float | None) -> str:
    return "—" if value is None else f"{value:.1f}"


def _span(first: float | None, last: float | None) -> str:
    return _seconds(first) if first is None or last is None else f"{first:.1f}–{last:.1f}"


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(str(cell) for cell in line)} |" for line in lines)


if __name__ == "__main__":
    sys.exit(main())
