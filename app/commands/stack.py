"""`main.py stack`: the whole chain on one machine, a line per hop, until Ctrl-C."""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from app import processes
from app.application import Session, states
from app.commands import Failed, plants
from app.sheets import open_sheet
from app.stack_processes import HIVE, LAKE_URL, PANEL, environment, free_port, stack
from contracts.number_text import age, number
from contracts.plant import Plant
from contracts.sample import now_us
from pid_renderer.drawing import BadDrawing
from pid_renderer.said import said
from resources.theme import theme
from resources.words import language, t
from runtime.places import state_folder
from runtime.supervisor import Status, module

REFRESH_S: Final = 1.0
SHOWN: Final[Mapping[str, tuple[str, ...]]] = {
    "simulator": ("steps", "requests", "writes"),
    "broker": ("bootstrap",),
    "mtu": ("polled", "acked", "buffered", "reconnects"),
    "ingest": ("events", "rejected", "lag_ms"),
    "store": ("endpoint",),
    "lake": ("records", "chunks", "open_records", "rejected"),
    "hive": ("hive", "folders"),
    "loader": ("url",),
    "schedule": ("next_run", "runs", "failures"),
    "panel": ("url", "watchers", "events"),
}
"""Which of a process's counters its line shows."""


def run(options: argparse.Namespace) -> int:
    """Run until Ctrl-C; 0 if every part was ready at the end."""
    loaded = plants(options)
    state = state_folder() / "stack"
    state.mkdir(parents=True, exist_ok=True)
    stop = threading.Event()
    previous = {number_: signal.signal(number_, lambda *_: stop.set()) for number_ in (signal.SIGINT, signal.SIGTERM)}
    port = free_port()
    sheets = state / "sheets"
    write_sheets(loaded, sheets)
    try:
        with Session(loaded, direct=False) as session:
            session.run(
                lambda s: stack(
                    [processes.Served(live.plant, live.store.name) for live in s.lives], state, sheets, port
                )
            )
            ready = _watch(session, loaded, port, stop, options.seconds)
    finally:
        for number_, handler in previous.items():
            signal.signal(number_, handler)
    sys.stdout.write(f"{t('stack.stopped')}\n")
    return 0 if ready else 1


def write_sheets(loaded: list[Plant], folder: Path) -> None:
    """The drawings as the panel shows them. Raises `Failed` for one that cannot be read."""
    from pid_renderer import svg

    for plant in loaded:
        for source in plant.drawings:
            try:
                sheet = open_sheet(plant, source)
            except BadDrawing as error:
                raise Failed(said(str(error), language()), 2) from error
            file = folder / plant.refinery / f"{source.file.stem}.svg"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(svg.write(sheet.drawing, sheet.binding, theme("light")), encoding="utf-8")


def _watch(session: Session, loaded: list[Plant], port: int, stop: threading.Event, seconds: float | None) -> bool:
    table = _Table()
    applied: subprocess.Popen[bytes] | None = None
    told: set[str] = set()
    end = None if seconds is None else time.monotonic() + seconds
    now: Mapping[str, Status] = {}
    while not stop.is_set() and (end is None or time.monotonic() < end):
        now = states(session)
        for live in session.lives:
            live.refresh(now_us())
        for login, password in _passwords(now).items():
            if login not in told:
                told.add(login)
                table.keep(t("stack.password", login=login, password=password))
        if applied is None and now[HIVE].state == "ready":
            # The dimension tables: once, as a deployment does it, not by a process that stays.
            applied = _apply(loaded, str(now[HIVE].report["hive"]), port)
        table.show(lines(session, now))
        stop.wait(REFRESH_S)
    if applied is not None and applied.poll() is None:
        applied.terminate()
        applied.wait()
    return all(status.state == "ready" for status in now.values())


def _apply(loaded: list[Plant], hive: str, port: int) -> subprocess.Popen[bytes]:
    folders = [word for plant in loaded for word in ("--plant", plant.folder)]
    return subprocess.Popen(
        module("cloud.warehouse", "apply", "--lake", LAKE_URL, "--hive", hive, *folders),
        env={**os.environ, **environment(port)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _passwords(now: Mapping[str, Status]) -> Mapping[str, str]:
    found: Any = now[PANEL].report.get("passwords", {})
    return found if isinstance(found, dict) else {}


def lines(session: Session, now: Mapping[str, Status]) -> list[str]:
    """One line a process, one a live store."""
    made = []
    for name, status in now.items():
        shown = SHOWN.get(processes.part(name), ())
        counters = "  ".join(
            f"{t(f'stack.counter.{key}')} {_text(status.report[key])}" for key in shown if key in status.report
        )
        since = age(max(0.0, time.time() - status.since), language())
        fresh = age(time.time() - status.reported, language()) if status.reported else "—"
        again = f"  {t('stack.restarts', n=status.restarts)}" if status.restarts else ""
        why = f"  {status.detail}" if status.detail else ""
        made.append(
            f"{processes.spoken(name):<22} {t(f'part_state.{status.state}'):<10} {since:>7}"
            f"  {t('stack.report')} {fresh:>6}  {counters}{again}{why}"
        )
    for live in session.lives:
        known = sum(reading.time_us > 0 for reading in live.readings.values())
        source = live.source
        newest = age(source.newest_age_s, language())
        made.append(
            f"{t('part.live_store') + ' ' + live.plant.refinery:<22} {t(f'source.state.{source.state}')}"
            f"  {t('stack.newest')} {newest:>6}  {t('stack.tags', known=known, all=len(live.readings))}"
            f"  {t('stack.events', n=_text(live.store.events))}  {source.events_per_s:.0f}/s"
        )
    return made


def _text(value: object) -> str:
    return number(value, 0, language()) if isinstance(value, int | float) else str(value)


class _Table:
    """Repaints in place on a terminal; elsewhere a block each ten refreshes."""

    def __init__(self) -> None:
        self._terminal = sys.stdout.isatty()
        self._drawn = 0
        self._shown = 0
        self._kept: list[str] = []
        self._kept_is_new = False

    def keep(self, line: str) -> None:
        """A line that stays above the table: it must not scroll away unread."""
        self._kept.append(line)
        self._kept_is_new = True

    def show(self, rows: list[str]) -> None:
        """Draw the table anew."""
        if not self._terminal:
            if self._shown % 10 == 0 or self._kept_is_new:
                sys.stdout.write("\n".join([*self._kept, *rows, ""]) + "\n")
        else:
            width = shutil.get_terminal_size().columns
            up = f"\x1b[{self._drawn}F" if self._drawn else ""
            body = "".join(f"\x1b[2K{row[: width - 1]}\n" for row in [*self._kept, *rows])
            sys.stdout.write(f"{up}{body}")
            self._drawn = len(self._kept) + len(rows)
        self._kept_is_new = False
        self._shown += 1
        sys.stdout.flush()
