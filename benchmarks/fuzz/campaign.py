"""Many files through worker processes under a watchdog: one may raise, hang, swell or die, the campaign goes on."""

from __future__ import annotations

import importlib
import multiprocessing
import os
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any, Final

import psutil

from benchmarks.fuzz.examine import Cases

REAL: Final = "benchmarks.fuzz.examine:examiner"
MOST_CPU_S: Final = 5.0
MOST_WALL_S: Final = 60.0
"""A worker that waits for nothing is as hung as one that computes; on a busy machine it may also just wait its turn."""
MOST_GROWTH: Final = 1 << 30
"""Bytes, of one file; and of all files a worker tried since its first, lest a slow leak stay unseen."""
_WATCH_S: Final = 0.1
_TALLY_EVERY: Final = 200


@dataclass(frozen=True)
class Limits:
    """What one file may cost; `growth_bytes` bounds all the files of one worker together, too."""

    cpu_s: float = MOST_CPU_S
    wall_s: float = MOST_WALL_S
    growth_bytes: int = MOST_GROWTH


@dataclass(frozen=True)
class Finding:
    """A file that did what no file may do."""

    number: int
    kind: str
    """Findings of one kind have one cause: `KeyError at proteus/reader.py:120`, `hang`, `memory`, `leak`, `crash 3`."""
    text: str


@dataclass
class Report:
    """What became of all files."""

    outcomes: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)
    cpu_s: float = 0.0
    wall_s: float = 0.0

    @property
    def files(self) -> int:
        """How many were tried."""
        return self.outcomes.total() + len(self.findings)


def run(
    seed: int,
    count: int,
    jobs: int,
    *,
    say: Callable[[Report], None] = lambda _: None,
    found: Callable[[Finding], None] = lambda _: None,
    examiner: str = REAL,
    limits: Limits = Limits(),
) -> Report:
    """Try files 0 … `count` - 1 of `seed` in `jobs` processes. `examiner` names what makes the function to try."""
    report = Report()
    started = time.monotonic()
    workers = [_Worker(seed, first, count, jobs, examiner, limits) for first in range(min(jobs, count))]
    try:
        for news in _news(workers):
            if isinstance(news, Finding):
                report.findings.append(news)
                found(news)
            else:
                outcomes, cpu_s = news
                report.outcomes.update(outcomes)
                report.cpu_s += cpu_s
            report.wall_s = time.monotonic() - started
            say(report)
    finally:
        for worker in workers:
            worker.kill()
    report.wall_s = time.monotonic() - started
    return report


class CannotGoOn(RuntimeError):
    """A worker failed by itself, not on a file."""


News = Finding | tuple[Counter[str], float]


def _news(workers: list[_Worker]) -> Iterator[News]:
    while alive := [worker for worker in workers if not worker.done]:
        wait([worker.ear for worker in alive], timeout=_WATCH_S)
        for worker in alive:
            yield from worker.heard()


class _Worker:
    """One process, and the next one where it had to be killed. It tries every `step`-th file from `first`."""

    def __init__(self, seed: int, first: int, count: int, step: int, examiner: str, limits: Limits) -> None:
        self._seed, self._count, self._step = seed, count, step
        self._examiner, self._limits = examiner, limits
        self.done = False
        # Number of the file being tried (-1: none), CPU and wall time when it began, memory then and at its first file.
        context = multiprocessing.get_context("spawn")
        self._context = context
        self._at: Any = context.Array("d", 5, lock=False)
        self._start(first)

    def _start(self, first: int) -> None:
        self._first, self._told = first, 0
        self._at[:] = [-1.0, 0.0, time.monotonic(), 0.0, 0.0]
        self.ear, mouth = self._context.Pipe(duplex=False)
        self._process: SpawnProcess = self._context.Process(
            target=_work,
            args=(
                self._seed,
                range(first, self._count, self._step),
                self._examiner,
                mouth,
                self._at,
                self._limits.cpu_s,
            ),
            daemon=True,
        )
        self._process.start()
        mouth.close()
        self._seen = psutil.Process(self._process.pid)

    def heard(self) -> Iterator[News]:
        """What the worker said, and what is wrong with it."""
        ended = not self._process.is_alive()
        yield from self._said()
        if self.done:
            self._process.join()
        elif ended:
            self._process.join()
            yield from self._failed(f"crash {self._process.exitcode}", "the worker process died")
        elif why := self._overrun():
            self.kill()
            yield from self._said()
            yield from self._failed(*why)

    def _said(self) -> Iterator[News]:
        try:
            while self.ear.poll():
                news = self.ear.recv()
                if news is None:
                    self.done = True
                else:
                    self._told += 1 if isinstance(news, Finding) else news[0].total()
                    yield news
        except (EOFError, OSError):
            return

    def _overrun(self) -> tuple[str, str] | None:
        number, cpu_s, wall_s, memory, first_memory = self._at[:]
        if number < 0:
            return None
        try:
            with self._seen.oneshot():
                times, rss = self._seen.cpu_times(), self._seen.memory_info().rss
        except psutil.Error:
            return None
        if int(self._at[0]) != int(number):
            return None
        used_s, waited_s = times.user + times.system - cpu_s, time.monotonic() - wall_s
        if used_s > self._limits.cpu_s or waited_s > self._limits.wall_s:
            return "hang", f"{used_s:.1f} s of CPU, {waited_s:.1f} s in all"
        if rss - memory > self._limits.growth_bytes:
            return "memory", f"grew by {(rss - memory) / 2**20:.0f} MiB"
        if rss - first_memory > self._limits.growth_bytes:
            files = (int(number) - self._first) // self._step + 1
            return "leak", f"grew by {(rss - first_memory) / 2**20:.0f} MiB in {files} files"
        return None

    def _failed(self, kind: str, text: str) -> Iterator[News]:
        number = int(self._at[0])
        if number < 0:
            self.done = True
            raise CannotGoOn(f"{text} before its first file or between two ({kind}); what it said stands above")
        # What it tried since it last told of its files went well: it tells of findings at once.
        untold = (number - self._first) // self._step - self._told
        if untold > 0:
            yield Counter({"well, but what became of it died with the worker": untold}), 0.0
        yield Finding(number, kind, text)
        following = number + self._step
        if following < self._count:
            self._start(following)
        else:
            self.done = True

    def kill(self) -> None:
        """End the process, if it lives."""
        if self._process.is_alive():
            self._process.kill()
        self._process.join()


def _work(seed: int, numbers: range, examiner: str, mouth: Connection, at: Any, most_cpu_s: float) -> None:
    """A worker's life."""
    module, _, name = examiner.partition(":")
    examine = getattr(importlib.import_module(module), name)()
    cases = Cases(seed)
    memory = psutil.Process()
    outcomes: Counter[str] = Counter()
    told_cpu_s = time.process_time()
    first_rss = base_rss = memory.memory_info().rss
    for done, number in enumerate(numbers, 1):
        content, ways = cases.make(number)
        if done % 20 == 1:
            base_rss = memory.memory_info().rss
        before_s = time.process_time()
        at[1:] = [before_s, time.monotonic(), float(base_rss), float(first_rss)]
        at[0] = float(number)
        try:
            outcome = examine(content, cases.random(number))
            took_s = time.process_time() - before_s
            if took_s > most_cpu_s:
                mouth.send(Finding(number, "slow", f"{took_s:.1f} s of CPU ({ways})"))
            else:
                outcomes[outcome] += 1
        except (Exception, SystemExit) as error:  # noqa: BLE001 - finding them is the purpose
            mouth.send(Finding(number, _kind(error), f"{ways}\n{_trace(error)}"))
        at[0] = -1.0
        if done % _TALLY_EVERY == 0:
            now_s = time.process_time()
            mouth.send((outcomes, now_s - told_cpu_s))
            outcomes, told_cpu_s = Counter(), now_s
    mouth.send((outcomes, time.process_time() - told_cpu_s))
    mouth.send(None)


def _trace(error: BaseException) -> str:
    lines = "".join(traceback.format_exception(error)).splitlines()
    return "\n".join(line[:300] for line in lines[-40:])


def _kind(error: BaseException) -> str:
    """The exception and the place of ours it comes from; what `Wrong` says tells its cause better than its place."""
    ours = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if f"{os.sep}benchmarks{os.sep}" not in frame.filename
    ]
    if not ours:
        return f"{type(error).__name__}: {str(error)[:60]}"
    last = next(
        (
            frame
            for frame in reversed(ours)
            if "site-packages" not in frame.filename and "lib" + os.sep + "python" not in frame.filename
        ),
        ours[-1],
    )
    return f"{type(error).__name__} at {Path(last.filename).parent.name}/{Path(last.filename).name}:{last.lineno}"
