"""A server's JVM that dies with the box that started it, however the box ends.

A JVM cannot watch its parent, and Kafka and Hive do not read their standard input. So the box holds the standard input
of a small process of this module open and writes one line to it, `PID START` (psutil's start time, which tells a
process from a later one that was given the same number); when the pipe closes that process asks the JVM to stop, and
kills it if it has not after `PATIENCE_S`.
"""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
from pathlib import Path

import psutil

PATIENCE_S = 10.0


def same_process(pid: int, started_s: float) -> psutil.Process | None:
    """The process `pid` if it still is the one that started then, else None."""
    try:
        process = psutil.Process(pid)
        alive = process.status() != psutil.STATUS_ZOMBIE and abs(process.create_time() - started_s) < 1.0
    except psutil.NoSuchProcess:
        return None
    return process if alive else None


def end(pid: int, started_s: float, patience_s: float = PATIENCE_S) -> None:
    """Ask that process to stop, wait, then kill it. Does nothing if it is gone."""
    process = same_process(pid, started_s)
    if process is None:
        return
    with contextlib.suppress(psutil.NoSuchProcess):
        process.terminate()
        try:
            process.wait(patience_s)
        except psutil.TimeoutExpired:
            process.kill()
            with contextlib.suppress(psutil.TimeoutExpired):
                process.wait(patience_s)


class GuardedJvm:
    """A running JVM and its guard. Raises OSError if Java cannot be started."""

    def __init__(self, command: list[str], folder: Path, output: Path) -> None:
        # The guard first: from its start on, whatever happens to us, it reads the end of its pipe.
        # It outlives us, and must not keep our output open for whoever reads it to its end.
        self._guard = subprocess.Popen(
            [sys.executable, "-m", "runtime.jvm_guard"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        assert self._guard.stdin is not None
        try:
            with output.open("wb") as sink:
                self._jvm = subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=sink,
                    stderr=subprocess.STDOUT,
                    cwd=folder,
                    start_new_session=True,
                )
        except OSError:
            self._guard.stdin.close()
            self._guard.wait()
            raise
        self.pid = self._jvm.pid
        try:
            self.started_s = float(psutil.Process(self.pid).create_time())
        except psutil.NoSuchProcess:
            self.started_s = 0.0
        self._guard.stdin.write(f"{self.pid} {self.started_s!r}\n".encode())
        self._guard.stdin.flush()

    @property
    def exit_code(self) -> int | None:
        """How the JVM ended; None while it runs."""
        return self._jvm.poll()

    def stop(self) -> None:
        """Ask the JVM to stop by letting the guard go, and wait for both."""
        assert self._guard.stdin is not None
        with contextlib.suppress(OSError):
            self._guard.stdin.close()
        if self._guard.poll() is not None:
            self._jvm.terminate()
        try:
            self._jvm.wait(PATIENCE_S + 2)
        except subprocess.TimeoutExpired:
            self._jvm.kill()
            self._jvm.wait()
        self._guard.wait()


def main() -> None:
    """Read the line, wait for the end of the pipe, end the JVM."""
    # Ctrl-C in a terminal reaches every process of the group; this one must act on the box's end only.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    line = sys.stdin.readline().split()
    sys.stdin.read()
    if len(line) == 2:
        end(int(line[0]), float(line[1]))


if __name__ == "__main__":
    main()
