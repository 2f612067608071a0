"""The contract between a supervised process and whoever started it.

The child prints one JSON object a line on stdout (`report`); everything for people goes to stderr. It ends when its
standard input closes or says `stop`, so a parent that dies without a word, on any system, takes its children along.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType

_print_lock = threading.Lock()


def stop_event(on_line: Callable[[str], None] | None = None) -> threading.Event:
    """An event set once the parent asks for the end, is gone, or a signal says so. Call it once, in the main thread.

    `on_line` gets every other line the parent writes, in a thread of its own. A terminal is left alone as standard
    input, so that a box can also be started by hand and ended with Ctrl-C.
    """
    stop = threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGINT, on_signal)
    signal.signal(signal.SIGTERM, on_signal)
    if sys.platform == "win32":
        signal.signal(signal.SIGBREAK, on_signal)
    if not sys.stdin.isatty():
        threading.Thread(target=_watch_stdin, args=(stop, on_line), name="parent watch", daemon=True).start()
    return stop


def _watch_stdin(stop: threading.Event, on_line: Callable[[str], None] | None) -> None:
    # os.read, not sys.stdin: a daemon thread blocked inside the buffered reader's lock aborts the interpreter's exit.
    rest = b""
    while True:
        try:
            read = os.read(0, 4096)
        except OSError:
            read = b""
        # A parent that asks for the end may leave out the line's end.
        *lines, rest = (rest + read).split(b"\n")
        if not read or b"stop" in (rest.strip(), *(line.strip() for line in lines)):
            stop.set()
            return
        if on_line is not None:
            for line in lines:
                on_line(line.decode(errors="replace").strip())


def report(state: str, detail: object = "", **fields: object) -> None:
    """Tell the parent how it goes: `state` is starting, ready, degraded or failed; fields are counters and ports.

    `detail` is one sentence for a person, or nothing. A parent that no longer listens is no error here.
    """
    line = json.dumps({"state": state, "detail": str(detail), **fields}, ensure_ascii=False)
    with _print_lock:
        try:
            sys.stdout.write(line + "\n")
            sys.stdout.flush()
        except BrokenPipeError:
            # What the buffer still holds would be tried again at exit, and that failure changes the exit code.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        except ValueError:  # already closed
            return
