"""Live values for a command that runs once: start what is needed, wait for every tag, end everything."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from app import processes
from app.application import Session, states
from app.commands import Failed
from contracts.plant import Plant
from contracts.sample import now_us
from resources.words import t
from runtime.supervisor import Process

if TYPE_CHECKING:
    from app.live_plant import LivePlant


@contextmanager
def live(options: argparse.Namespace, plants: Sequence[Plant]) -> Iterator[Session]:
    """A session whose plants have values.

    From Kafka where one is named, else from the PLCs with --direct. A simulated plant for which neither is given gets
    a simulator of its own for the while.
    """
    named = bool(options.bootstrap) or all(plant.services.get("kafka", {}).get("bootstrap") for plant in plants)
    own_simulator = not named and not options.direct and all(plant.is_training for plant in plants)
    if not named and not options.direct and not own_simulator:
        raise Failed("no source of values: give --bootstrap H:P or --direct, or name Kafka in plant.toml [kafka]", 2)

    def wanted(session: Session) -> Sequence[Process]:
        served = [processes.Served(plant.plant, plant.store.name) for plant in session.lives]
        if own_simulator:
            return [
                *processes.simulators(plants),
                *processes.ingests(served, "modbus", local_broker=False, simulated=True),
            ]
        return processes.view(served, direct=options.direct, bootstrap=options.bootstrap)

    if own_simulator:
        sys.stderr.write(f"{t('values.own_simulator', plants=', '.join(plant.refinery for plant in plants))}\n")
    with Session(plants, options.direct or own_simulator) as session:
        session.run(wanted)
        _settle(session.lives, options.wait)
        silent = [kks for one in session.lives for kks, reading in one.readings.items() if reading.time_us == 0]
        if silent:
            total = sum(len(one.readings) for one in session.lives)
            why = next((s.detail for s in states(session).values() if s.state != "ready" and s.detail), "")
            if len(silent) == total:
                raise Failed(f"no value arrived within {options.wait:g} s{': ' + why if why else ''}")
            sys.stderr.write(f"{len(silent)} of {total} tags sent nothing within {options.wait:g} s\n")
        yield session


def _settle(lives: Sequence[LivePlant], wait_s: float) -> None:
    """Refresh until each source is live and every tag has a current reading, or `wait_s` have passed."""
    deadline = time.monotonic() + wait_s
    while True:
        for one in lives:
            one.refresh(now_us())
        if not any(one.unsettled for one in lives):
            return
        if time.monotonic() > deadline:
            break
        time.sleep(0.05)
    for one in lives:
        source = one.source
        if not source.alive:
            detail = f": {source.detail}" if source.detail else ""
            sys.stderr.write(f"{source.name} is {source.state} after {wait_s:g} s{detail}; its values count as old\n")
