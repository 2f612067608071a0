"""`main.py demo`: a simulated plant end to end, in a window or, without a display, as a picture and a report."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from analysis.noise import left_noise_band
from app import processes
from app.application import (
    Look,
    Session,
    has_display,
    lake_folder,
    make_window,
    quiet_logs,
    run_until_closed,
    states,
)
from app.commands import Failed, add_window_options, plants
from app.live_plant import LivePlant
from contracts import quality
from contracts.number_text import age
from contracts.sample import now_us
from resources.words import language
from runtime.places import state_folder
from runtime.supervisor import Process, Status
from widgets.marks import quality_word
from widgets.signal_words import shown, value_text

SECONDS: Final = 30.0
WAIT_S: Final = 240.0
"""How long the path may take to come up; the first time it downloads Kafka and PLC4X."""
MOVED_AT_LEAST: Final = 20
PICTURE_SIZE: Final = (1920, 1080)


def add_options(parser: argparse.ArgumentParser) -> None:
    """See `--help`."""
    add_window_options(parser)
    parser.add_argument("--out", type=Path, default=Path("demo.png"), help="the picture without a display (demo.png)")
    parser.add_argument("--wait", type=float, default=WAIT_S, metavar="S", help="longest wait for the path to be up")
    parser.add_argument("--off-screen", action="store_true", help="do as without a display")


def run(options: argparse.Namespace) -> int:
    """Open the window, or run off screen for DEMO_SECONDS; 0 only if the whole path carried every tag."""
    quiet_logs()
    loaded = plants(options)
    real = [plant.refinery for plant in loaded if not plant.is_training]
    if real:
        raise Failed(f"{', '.join(real)} is not a simulated plant (id sim-…); use `main.py view`", 2)
    visible = has_display() and not options.off_screen
    seconds = _demo_seconds()
    state = state_folder()
    lake = lake_folder()

    def wanted(session: Session) -> Sequence[Process]:
        served = [processes.Served(live.plant, live.store.name) for live in session.lives]
        return processes.demo(served, state, lake, direct=session.direct)

    historian = options.historian or ("" if options.direct else str(lake))
    look = Look(options.theme, options.language, historian, PICTURE_SIZE, remember=visible)
    with Session(loaded, options.direct) as session:
        session.run(wanted)
        application, window = make_window(session, look, visible=visible)
        if visible:
            from app.watching import watch_parts

            watch_parts(window, session, wanted)
            return run_until_closed(application)
        try:
            return _off_screen(session, application, window, options.out, seconds, options.wait)
        finally:
            window.close()


def _demo_seconds() -> float:
    text = os.environ.get("DEMO_SECONDS", "")
    try:
        seconds = float(text) if text else SECONDS
    except ValueError:
        seconds = -1.0
    if not 1 <= seconds <= 86_400:
        raise Failed(f"DEMO_SECONDS={text}: must be a number of seconds, 1 to 86400", 2)
    return seconds


def _off_screen(session: Session, application, window, out: Path, seconds: float, wait_s: float) -> int:  # type: ignore[no-untyped-def]  # noqa: ANN001
    say = _Progress()
    deadline = time.monotonic() + wait_s
    while not _path_is_up(session):
        application.processEvents()
        time.sleep(0.02)
        now = states(session)
        say.look(now)
        hopeless = [
            (name, status.detail) for name, status in now.items() if status.state == "failed" and status.restarts >= 2
        ]
        if hopeless or time.monotonic() > deadline:
            return _missing(session, hopeless)
    before, began_us = _counters(session), now_us()
    sys.stdout.write(f"path up; watching for {seconds:g} s\n")
    sys.stdout.flush()
    if session.lives[0].plant.tanks:
        window.synoptic.choose(session.lives[0].plant.tanks[0].level)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        application.processEvents()
        time.sleep(0.01)
    window.synoptic.trend.refresh(now_us())
    application.processEvents()
    saved = window.grab().save(str(out))
    return report(session, before, _counters(session), began_us, str(out) if saved else "")


class _Progress:
    """A line each time a part has something new to say while it starts: downloads above all."""

    def __init__(self) -> None:
        self._said: dict[str, str] = {}

    def look(self, now: Mapping[str, Status]) -> None:
        """Print what changed."""
        for name, status in now.items():
            detail = f": {status.detail}" if status.detail else ""
            text = f"{processes.spoken(name)} — {status.state}{detail}"
            if status.state != "waiting" and self._said.get(name) != text:
                self._said[name] = text
                sys.stdout.write(f"{text}\n")
                sys.stdout.flush()


def _path_is_up(session: Session) -> bool:
    """Every tag of every plant has had a sample through the store, and every part says it is ready."""
    if any(status.state != "ready" for status in states(session).values()):
        return False
    return all(reading.time_us > 0 for live in session.lives for reading in live.readings.values())


def _missing(session: Session, hopeless: list[tuple[str, str]]) -> int:
    not_ready = hopeless or [
        (name, status.detail) for name, status in states(session).items() if status.state != "ready"
    ]
    for name, why in not_ready:
        sys.stderr.write(f"missing: {processes.spoken(name)}: {why or 'it did not become ready in time'}\n")
    if not not_ready:
        silent = [kks for live in session.lives for kks, r in live.readings.items() if r.time_us == 0]
        sys.stderr.write(f"missing: no value arrived for {len(silent)} tags, the first is {silent[0]}\n")
    if not session.direct:
        sys.stderr.write("`demo --direct` shows the plant by Modbus, without Kafka\n")
    return 1


def _counters(session: Session) -> dict[str, int]:
    """What each hop has counted so far."""
    now = states(session)
    counted = {"Modbus": processes.counter(now, processes.SIMULATOR, "steps")}
    if not session.direct:
        counted["PLC4X"] = processes.counter(now, processes.MTU, "polled")
        counted["Kafka"] = processes.counter(now, processes.MTU, "acked", "sent")
    counted["store"] = sum(live.store.events for live in session.lives)
    return counted


def moved(live: LivePlant, since_us: int) -> list[str]:
    """The analog tags whose good values left their noise band since a time."""
    found = []
    for signal in live.plant.signals:
        if signal.kind != "analog":
            continue
        times_us, values, codes = live.recent(signal.kks)
        kept = (times_us >= since_us - 1_000_000) & ((codes & 0xC0) != 0)
        if left_noise_band(np.asarray(values[kept], float), signal.deadband):
            found.append(signal.kks)
    return found


def report(session: Session, before: Mapping[str, int], after: Mapping[str, int], began_us: int, picture: str) -> int:
    """Print a line per tag and the path's counters; the exit code."""
    not_carried: list[str] = []
    moving, analog = 0, 0
    for live in session.lives:
        live.refresh(now_us())
        moving += len(moved(live, began_us))
        analog += sum(signal.kind == "analog" for signal in live.plant.signals)
        for signal in live.plant.signals:
            reading = live.readings[signal.kks]
            if reading.time_us == 0 or quality.is_bad(reading.quality):
                not_carried.append(signal.kks)
            unit = signal.unit if signal.kind == "analog" else ""
            sys.stdout.write(
                f"{shown(signal.kks):<22} {value_text(signal, reading.value):>14} {unit:<6} "
                f"{quality_word(reading.quality):<28} {age(reading.age_s, language()):>8}  {signal.description}\n"
            )
    hops = " → ".join(after)
    grown = ", ".join(f"{hop} +{after[hop] - before[hop]}" for hop in after)
    sys.stdout.write(f"path: {hops} ({grown})\n")
    wanted = min(MOVED_AT_LEAST, analog)
    sys.stdout.write(f"{moving} of {analog} process values left their noise band (needed: {wanted})\n")
    if picture:
        sys.stdout.write(f"picture: {picture}\n")
    standing = [hop for hop in after if after[hop] <= before[hop]]
    faults = [f"no progress at {', '.join(standing)}"] if standing else []
    if not_carried:
        faults.append(f"{len(not_carried)} tags did not come through, the first is {not_carried[0]}")
    if moving < wanted:
        faults.append(f"only {moving} process values moved")
    if not picture:
        faults.append("the picture could not be written")
    for fault in faults:
        sys.stderr.write(f"failed: {fault}\n")
    return 1 if faults else 0
