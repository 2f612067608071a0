"""The process that outlives the box by a moment: it ends the JVM when the box is gone, however the box went.

A JVM cannot watch its parent, and Kafka does not read its standard input. So the box holds this process's standard
input open and writes one line to it, `PID START` (psutil's start time, which tells a process from a later one that was
given the same number); when the pipe closes the JVM is asked to stop, and killed if it has not after `PATIENCE_S`.
"""

from __future__ import annotations

import contextlib
import signal
import sys

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
