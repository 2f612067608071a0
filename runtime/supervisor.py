"""One supervisor for all child processes: starts them in order, shows their state, restarts what died, ends the tree.

    broker = Process("broker", lambda known: module("cloud.stream", "--port", known.get("broker", {}).get("port", 0)))
    lake = Process("lake", lambda known: module("cloud.lake", known["broker"]["bootstrap"]), after=("broker",))
    with Supervisor([broker, lake]) as supervisor:
        supervisor.wait_ready(60.0)

A child speaks the protocol of `runtime.child`. It has a session (Windows: a process group) of its own, so a terminal's
Ctrl-C never reaches it past us, and everything it started dies with it. If we die without a word it sees its standard
input end. No Qt here: a window polls `states()` on its own clock.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final, Literal

from runtime.child_log import ChildLog
from runtime.places import state_folder
from runtime.process_tree import OWN_GROUP, kill_tree, terminate_tree

State = Literal["waiting", "starting", "ready", "degraded", "failed", "stopped"]
Report = Mapping[str, Any]
Command = Callable[[Mapping[str, Report]], Sequence[object]]
"""Makes a command line from what every child has reported so far, by name; a restarted child finds its own former
report there, and can ask for the same port again."""

ROOT: Final = Path(__file__).resolve().parent.parent
FIRST_PAUSE_S: Final = 0.2
LONGEST_PAUSE_S: Final = 10.0
HEALTHY_S: Final = 30.0
"""A child that was up this long before it died is restarted as if for the first time."""
CLOSE_S: Final = 10.0
"""How long a child may take to end after its standard input closed."""
TERMINATE_S: Final = 5.0
_TAIL_LINES: Final = 20
_READERS_S: Final = 2.0
_KILLED: Final = -9
"""What `Popen` gives for SIGKILL, which Windows does not have."""


@dataclass(frozen=True)
class Process:
    """One child: `argv`, or what makes it, and the names of those that must have been ready before it first starts."""

    name: str
    argv: Sequence[object] | Command
    env: Mapping[str, str] | None = None
    """Added to our own environment."""
    after: tuple[str, ...] = ()
    ready: str = "ready"
    """The reported state that lets others start; `degraded` does too."""


@dataclass(frozen=True)
class Status:
    """How one child does, at the moment it was asked for."""

    name: str
    state: State = "waiting"
    detail: str = ""
    """Why, in one sentence; empty where there is nothing to say."""
    report: Report = field(default_factory=dict)
    """The latest value of each field it has reported since its last start."""
    since: float = 0.0
    """When it came into this state, seconds since 1970 UTC."""
    reported: float = 0.0
    """When it last reported, seconds since 1970 UTC; 0 before its first report."""
    restarts: int = 0
    pid: int | None = None
    tail: tuple[str, ...] = ()
    """The last lines it wrote for people."""


def module(name: str, *arguments: object) -> list[str]:
    """The command line of one of our own modules."""
    return [sys.executable, "-m", name, *(str(argument) for argument in arguments)]


class Supervisor:
    """Keeps a set of processes running between `start` and `stop`. Every method may be called from any thread."""

    def __init__(self, processes: Iterable[Process], logs: Path | None = None) -> None:
        """`logs`: folder of the children's log files, by default `logs` in the state folder. Raises ValueError."""
        by_name: dict[str, Process] = {}
        for process in processes:
            if process.name in by_name:
                raise ValueError(f"two processes are called {process.name}")
            by_name[process.name] = process
        for process in by_name.values():
            unknown = [name for name in process.after if name not in by_name]
            if unknown:
                raise ValueError(f"{process.name} waits for {unknown[0]}, which is not supervised")
        try:
            order = TopologicalSorter({name: process.after for name, process in by_name.items()}).static_order()
            names = list(order)
        except CycleError as error:
            raise ValueError(f"processes wait for each other: {' → '.join(error.args[1])}") from error
        logs = logs or state_folder() / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        self._family = _Family()
        self._changed = self._family.changed
        self._children = self._family.children
        for name in names:
            self._children[name] = _Child(by_name[name], self._family, logs / f"{name}.log")

    def start(self) -> None:
        """Begin; returns at once."""
        for child in self._children.values():
            child.thread.start()

    def stop(self) -> None:
        """End every child, last started first, and return when none is left."""
        with self._changed:
            self._family.stopping = True
            self._changed.notify_all()
        for child in reversed(self._children.values()):
            child.stop()

    def __enter__(self) -> Supervisor:
        self.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.stop()

    def states(self) -> dict[str, Status]:
        """Every child's status, in the order of their start."""
        with self._changed:
            return {name: child.status() for name, child in self._children.items()}

    def wait_for(self, condition: Callable[[dict[str, Status]], bool], timeout_s: float) -> bool:
        """Wait until `condition(states())` holds; False if it did not within `timeout_s`."""
        with self._changed:
            return self._changed.wait_for(lambda: condition(self.states()), timeout_s)

    def wait_ready(self, timeout_s: float, names: Iterable[str] | None = None) -> bool:
        """Wait until the named children, by default all, are ready; False if they are not within `timeout_s`."""
        wanted = tuple(self._children if names is None else names)
        return self.wait_for(lambda states: all(states[name].state == "ready" for name in wanted), timeout_s)

    def restart(self, name: str) -> None:
        """End one child and return when it has; it comes back by itself, with a command line made anew."""
        self._children[name].end()

    def tell(self, name: str, line: str) -> None:
        """Write `line` to a child's standard input; returns at once.

        The last line of each first word (`watch …`) is told again whenever the child comes back.
        """
        self._children[name].tell(line)


@dataclass
class _Family:
    """What all children share: one lock, each other, and whether it is over."""

    changed: threading.Condition = field(default_factory=threading.Condition)
    children: dict[str, _Child] = field(default_factory=dict)
    stopping: bool = False


class _Child:
    """One process over all its lives. Its thread starts it, waits for its end, pauses and starts it again."""

    def __init__(self, process: Process, family: _Family, log: Path) -> None:
        self.process = process
        self.thread = threading.Thread(target=self._live, name=f"supervise {process.name}", daemon=True)
        self.was_up = False
        self.known: dict[str, Any] = {}
        self._family = family
        self._changed = family.changed
        self._log = ChildLog(log)
        self._popen: subprocess.Popen[bytes] | None = None
        self._state: State = "waiting"
        self._detail = ""
        self._report: dict[str, Any] = {}
        self._since = time.time()
        self._reported = 0.0
        self._restarts = 0
        self._up_since: float | None = None
        self._tail: deque[str] = deque(maxlen=_TAIL_LINES)
        self._told: dict[str, str] = {}
        self._telling = threading.Lock()

    def status(self) -> Status:
        """A copy; the caller holds the lock."""
        pid = self._popen.pid if self._popen is not None and self._popen.returncode is None else None
        return Status(
            self.process.name,
            self._state,
            self._detail,
            dict(self._report),
            self._since,
            self._reported,
            self._restarts,
            pid,
            tuple(self._tail),
        )

    def stop(self) -> None:
        """End the process for good; the supervisor has said already that it stops."""
        self.end()
        if self.thread.ident is not None:
            self.thread.join()
        with self._changed:
            self._enter("stopped")

    def end(self) -> None:
        """Ask it to end by closing its standard input; then terminate it; then kill it and all it started."""
        popen = self._popen
        if popen is None:
            return
        self._close_input(popen)
        for allowed_s, then in ((CLOSE_S, terminate_tree), (TERMINATE_S, kill_tree)):
            try:
                popen.wait(allowed_s)
            except subprocess.TimeoutExpired:
                then(popen)
            else:
                return
        popen.wait()

    def tell(self, line: str) -> None:
        """Write a line to its input, now and after each start."""
        with self._changed:
            self._told[line.split(" ", 1)[0]] = line
        self._tell_in_background()

    def _tell_in_background(self) -> None:
        # A child that is busy starting reads late, and a pipe holds 64 kB: a window must not wait for it.
        threading.Thread(target=self._tell, name=f"tell {self.process.name}", daemon=True).start()

    def _tell(self) -> None:
        with self._telling:
            with self._changed:
                if self._popen is None or self._popen.stdin is None or self._popen.stdin.closed:
                    return
                text = "".join(f"{line}\n" for line in self._told.values()).encode()
                # A descriptor of our own: the pipe may be closed, and its number be another file's, while we write.
                own = os.dup(self._popen.stdin.fileno())
            try:
                with contextlib.suppress(BrokenPipeError):
                    while text:
                        text = text[os.write(own, text) :]
            finally:
                os.close(own)

    def _close_input(self, popen: subprocess.Popen[bytes]) -> None:
        assert popen.stdin is not None
        with self._changed, contextlib.suppress(BrokenPipeError):
            popen.stdin.close()

    def _live(self) -> None:
        pause_s = FIRST_PAUSE_S
        while self._may_start():
            started = self._start()
            if started is not None:
                self._watch(started)
            with self._changed:
                if self._family.stopping:
                    return
                if self._up_since is not None and time.monotonic() - self._up_since >= HEALTHY_S:
                    pause_s = FIRST_PAUSE_S
                self._up_since = None
                self._changed.wait_for(lambda: self._family.stopping, pause_s)
                self._restarts += 1
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

    def _may_start(self) -> bool:
        """Wait for those before us; False if the supervisor stops meanwhile."""
        before = [self._family.children[name] for name in self.process.after]

        def decided() -> bool:
            return self._family.stopping or all(child.was_up for child in before)

        with self._changed:
            self._changed.wait_for(decided)
            return not self._family.stopping

    def _start(self) -> subprocess.Popen[bytes] | None:
        """Start it; None if it could not be, with the reason in its status."""
        with self._changed:
            known = {name: dict(child.known) for name, child in self._family.children.items() if child.known}
        try:
            argv = self.process.argv(known) if callable(self.process.argv) else self.process.argv
        except (KeyError, ValueError, OSError, RuntimeError) as error:
            reason = f"{error} was not reported" if isinstance(error, KeyError) else str(error)
            with self._changed:
                self._enter("failed", f"its command line could not be made: {reason}")
            return None
        path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
        environment = {**os.environ, "PYTHONPATH": path, "PYTHONUTF8": "1", **(self.process.env or {})}
        with self._changed:
            if self._family.stopping:
                return None
            self._report, self._reported = {}, 0.0
            self._tail.clear()
            try:
                self._popen = subprocess.Popen(
                    [str(part) for part in argv],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    env=environment,
                    start_new_session=True,
                    creationflags=OWN_GROUP,
                )
            except OSError as error:
                self._enter("failed", f"could not be started: {error}")
                return None
            self._enter("starting")
            if self._told:
                self._tell_in_background()
            return self._popen

    def _watch(self, popen: subprocess.Popen[bytes]) -> None:
        """Read what it says until it ends, clear up behind it and note why it ended."""
        readers = [
            threading.Thread(target=self._read_reports, args=(popen.stdout,), daemon=True),
            threading.Thread(target=self._read_log, args=(popen.stderr,), daemon=True),
        ]
        for reader in readers:
            reader.start()
        code = popen.wait()
        # What it started may hold its ports, and its pipes, on which our readers would wait.
        kill_tree(popen)
        for reader in readers:
            reader.join(_READERS_S)
        self._log.close()
        self._close_input(popen)
        with self._changed:
            said = self._detail if self._state == "failed" else ""
            # Who is killed has no last words: its last line is of something else.
            if not said and code != _KILLED:
                said = next((line for line in reversed(self._tail) if line), "")
            how = f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"
            self._enter("failed", f"{how}: {said}" if said else how)

    def _read_reports(self, stdout: IO[bytes]) -> None:
        with stdout:
            for line in stdout:
                try:
                    report = json.loads(line)
                    state = report["state"]
                except (ValueError, TypeError, KeyError):
                    self._write(line)
                    continue
                with self._changed:
                    self._report.update(report)
                    self.known.update(report)
                    self._reported = time.time()
                    if state == self.process.ready:
                        state = "ready"
                    if state in {"starting", "ready", "degraded", "failed"}:
                        self._enter(state, str(report.get("detail", "")))
                    self._changed.notify_all()

    def _read_log(self, stderr: IO[bytes]) -> None:
        with stderr:
            for line in stderr:
                self._write(line)

    def _write(self, line: bytes) -> None:
        text = line.decode("utf-8", "replace").rstrip()
        with self._changed:
            self._tail.append(text)
            self._changed.notify_all()
        self._log.write(text)

    def _enter(self, state: State, detail: str = "") -> None:
        """Change state; the caller holds the lock."""
        if state in {"ready", "degraded"}:
            self.was_up = True
            if self._up_since is None:
                self._up_since = time.monotonic()
        if state != self._state:
            self._since = time.time()
        self._state, self._detail = state, detail
        self._changed.notify_all()
