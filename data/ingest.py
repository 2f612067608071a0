"""The writer process of a live store: runs one source and tells the parent how it goes.

    python -m data.ingest --plant DIR --store NAME --source kafka [--bootstrap H:P]
    python -m data.ingest --plant DIR --store NAME --source modbus [--plc NAME=CONNECTION …]

A line `watch TAG …` on standard input asks for a recent past of these tags.
"""

from __future__ import annotations

import argparse
import sys
import threading
import time
from pathlib import Path
from typing import Any, Final, Protocol

from contracts import kafka_settings, plant
from contracts.plant import BadPlant, Plant
from data.live_store import LiveStore, NoSuchStore, SourceState
from data.sources.tally import Tally
from runtime.child import report, stop_event

BEAT_S: Final = 0.25
REPORT_S: Final = 1.0
STUCK_S: Final = 15.0
"""A source whose loop has not come round for so long hangs, and must not look alive."""

_CHILD_STATE: Final[dict[SourceState, str]] = {
    "connecting": "starting",
    "live": "ready",
    "lost": "degraded",
    "failed": "degraded",
}


class Source(Protocol):
    """What feeds a store."""

    tally: Tally

    def run(self, stop: threading.Event) -> None:
        """Feed the store until `stop`; an outage is the store's source state, never an exception."""


def main(arguments: list[str]) -> int:
    """Run until the parent says stop. Exit codes: 0 done, 1 failed, 2 bad usage or input."""
    parser = argparse.ArgumentParser(prog="python -m data.ingest")
    parser.add_argument("--plant", type=Path, required=True, help="plant folder")
    parser.add_argument("--store", required=True, help="name of the live store")
    parser.add_argument("--source", choices=("kafka", "modbus"), required=True)
    parser.add_argument("--bootstrap", default="", help="host:port; default: bootstrap of plant.toml [kafka]")
    parser.add_argument("--plc", action="append", default=[], metavar="NAME=CONNECTION", help="another address")
    options = parser.parse_args(arguments)
    try:
        loaded = plant.load(options.plant)
        store = LiveStore.attach(options.store)
    except (BadPlant, NoSuchStore) as error:
        report("failed", detail=str(error))
        return 2
    try:
        source = _source(loaded, store, options)
    except BadPlant as error:
        report("failed", detail=str(error))
        return 2
    stop = stop_event(lambda line: _on_line(store, line))
    done = threading.Event()
    pulse = threading.Thread(target=_pulse, args=(store, source.tally, done), name="pulse")
    pulse.start()
    try:
        source.run(stop)
    finally:
        done.set()
        pulse.join()
    return 0


def _source(loaded: Plant, store: LiveStore, options: argparse.Namespace) -> Source:
    if options.source == "kafka":
        from data.sources.kafka import KafkaSource

        return KafkaSource(loaded, store, kafka_settings.reached([loaded], options.bootstrap))
    from data.sources.modbus import ModbusSource

    return ModbusSource(loaded, store, dict(_named(each) for each in options.plc))


def _named(text: str) -> tuple[str, str]:
    name, separator, connection = text.partition("=")
    if not separator:
        raise BadPlant(f"--plc {text}: write NAME=CONNECTION, e.g. plc1=modbus-tcp://127.0.0.1:5020")
    return name, connection


def _on_line(store: LiveStore, line: str) -> None:
    word, *tags = line.split()
    if word == "watch":
        store.watch(store.rows[tag] for tag in tags if tag in store.rows)


def _pulse(store: LiveStore, tally: Tally, done: threading.Event) -> None:
    due = time.monotonic()
    while not done.wait(BEAT_S):
        if tally.idle_s < STUCK_S:
            store.beat()
        store.count(tally.events, tally.rejected)
        if time.monotonic() >= due:
            due += REPORT_S
            _report(store, tally)


def _report(store: LiveStore, tally: Tally) -> None:
    fields: dict[str, Any] = {"events": tally.events, "rejected": tally.rejected}
    if lag := tally.lag_ms():
        fields["lag_ms"], fields["lag_p99_ms"] = lag
    if detail := store.source_detail:
        fields["detail"] = detail
    if tally.idle_s >= STUCK_S:
        report("degraded", **fields | {"detail": f"the source has not moved for {tally.idle_s:.0f} s"})
        return
    report(_CHILD_STATE[store.source_state], source=store.source_state, **fields)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
