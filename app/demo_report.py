"""The demo without a display: wait for the whole path, watch it for a while, and say honestly what came through."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from PySide6.QtWidgets import QApplication

from analysis.noise import left_noise_band
from app import processes
from app.application import Session, states
from app.live_plant import LivePlant
from app.main_window import MainWindow
from app.stop_request import StopRequest
from contracts import quality
from contracts.number_text import age
from contracts.sample import now_us
from contracts.signal_list import Signal
from data.reading import age_s
from resources.words import language, t
from runtime.supervisor import Status
from widgets.quality_words import quality_word
from widgets.signal_words import shown, value_text

MOVED_AT_LEAST: Final = 20
HOPELESS_AFTER_RESTARTS: Final = 2
PATIENCE_HEARTBEATS: Final = 2.0
MOST_NAMED: Final = 5


def off_screen(
    session: Session,
    application: QApplication,
    window: MainWindow,
    out: Path,
    seconds: float,
    wait_s: float,
    stop: StopRequest,
) -> int:
    """Run without a display; the exit code."""
    say = _Progress()
    deadline = time.monotonic() + wait_s
    while not _path_is_up(session):
        application.processEvents()
        time.sleep(0.02)
        if stop.code:
            return stop.code
        now = states(session)
        say.look(now)
        hopeless = [
            (name, status.detail)
            for name, status in now.items()
            if status.state == "failed" and status.restarts >= HOPELESS_AFTER_RESTARTS
        ]
        if hopeless or time.monotonic() > deadline:
            return _missing(session, hopeless)
    before, began_us = _counters(session), now_us()
    sys.stdout.write(f"{t('demo.path_up', seconds=f'{seconds:g}')}\n")
    sys.stdout.flush()
    if session.lives[0].plant.tanks:
        window.synoptic.choose(session.lives[0].plant.tanks[0].level)
    end = time.monotonic() + seconds
    # A tag at rest is reported each heartbeat only: a watch shorter than that would prove nothing about it.
    latest = end + PATIENCE_HEARTBEATS * max(_heartbeats_s(session))
    while time.monotonic() < end or (not_carried(session, began_us) and time.monotonic() < latest):
        application.processEvents()
        time.sleep(0.01)
        if stop.code:
            return stop.code
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
            text = f"{processes.spoken(name)} — {t(f'part_state.{status.state}')}{detail}"
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
        what = f"{processes.spoken(name)}: {why or t('demo.not_in_time')}"
        sys.stderr.write(f"{t('demo.missing', what=what)}\n")
    if not not_ready:
        silent = [kks for live in session.lives for kks, r in live.readings.items() if r.time_us == 0]
        what = t("demo.silent", n=len(silent), tags=_named(silent))
        sys.stderr.write(f"{t('demo.missing', what=what)}\n")
    if not session.direct:
        sys.stderr.write(f"{t('demo.direct')}\n")
    return 1


def _counters(session: Session) -> dict[str, int]:
    """What each hop has counted so far."""
    now = states(session)
    counted = {"Modbus": processes.counter(now, processes.SIMULATOR, "reads")}
    if not session.direct:
        counted["PLC4X"] = processes.counter(now, processes.MTU, "polled")
        counted["Kafka"] = processes.counter(now, processes.MTU, "acked", "sent")
    counted[t("demo.store")] = sum(live.store.events for live in session.lives)
    return counted


def is_process_value(signal: Signal) -> bool:
    """A measurement of the process: what a person or a controller sets may well stand still."""
    return signal.kind == "analog" and signal.role not in {"setpoint", "output", "position", "command", "mode"}


def moved(live: LivePlant, since_us: int) -> list[str]:
    """The process values whose good values left their noise band since a time."""
    found = []
    for signal in live.plant.signals:
        if not is_process_value(signal):
            continue
        times_us, values, codes = live.recent(signal.kks)
        kept = (times_us >= since_us - 1_000_000) & ((codes & 0xC0) != 0)
        if left_noise_band(np.asarray(values[kept], float), signal.deadband):
            found.append(signal.kks)
    return found


def _heartbeats_s(session: Session) -> list[float]:
    return [signal.heartbeat_s for live in session.lives for signal in live.plant.signals]


def not_carried(session: Session, since_us: int) -> list[str]:
    """The tags of which no good or uncertain sample taken since a time has come to the store."""
    return [
        signal.kks
        for live in session.lives
        for signal in live.plant.signals
        if (reading := live.readings[signal.kks]).time_us < since_us or quality.is_bad(reading.quality)
    ]


def _named(tags: Sequence[str]) -> str:
    rest = f" {t('demo.more', n=len(tags) - MOST_NAMED)}" if len(tags) > MOST_NAMED else ""
    return ", ".join(map(shown, tags[:MOST_NAMED])) + rest


def report(session: Session, before: Mapping[str, int], after: Mapping[str, int], began_us: int, picture: str) -> int:
    """Print a line per tag and the path's counters; the exit code."""
    moving, analog = 0, 0
    now = now_us()
    for live in session.lives:
        live.refresh(now)
        moving += len(moved(live, began_us))
        analog += sum(map(is_process_value, live.plant.signals))
        for signal in live.plant.signals:
            reading = live.readings[signal.kks]
            unit = signal.unit if signal.kind == "analog" else ""
            sys.stdout.write(
                f"{shown(signal.kks):<22} {value_text(signal, reading.value):>14} {unit:<6} "
                f"{quality_word(reading.quality):<28} {age(age_s(reading, now), language()):>8}  {signal.description}\n"
            )
    hops = " → ".join(after)
    grown = ", ".join(f"{hop} +{after[hop] - before[hop]}" for hop in after)
    sys.stdout.write(f"{t('demo.path', hops=hops, grown=grown)}\n")
    wanted = min(MOVED_AT_LEAST, analog)
    sys.stdout.write(f"{t('demo.moved', moving=moving, all=analog, wanted=wanted)}\n")
    if picture:
        sys.stdout.write(f"{t('demo.picture', file=picture)}\n")
    standing = [hop for hop in after if after[hop] <= before[hop]]
    faults = [t("demo.standing", hops=", ".join(standing))] if standing else []
    if missing := not_carried(session, began_us):
        faults.append(t("demo.not_carried", n=len(missing), tags=_named(missing)))
    for name, status in states(session).items():
        if status.state != "ready":
            why = status.detail or t("demo.no_reason")
            faults.append(
                t("demo.part_is", part=processes.spoken(name), state=t(f"part_state.{status.state}"), why=why)
            )
    if moving < wanted:
        faults.append(t("demo.only_moved", n=moving))
    if not picture:
        faults.append(t("demo.no_picture"))
    for fault in faults:
        sys.stderr.write(f"{t('demo.failed', what=fault)}\n")
    return 1 if faults else 0
