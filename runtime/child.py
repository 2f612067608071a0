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
from types import FrameType

_print_lock = threading.Lock()


def stop_event() -> threading.Event:
    """An event set once the parent asks for the end, is gone, or a signal says so. Call it once, in the main thread.

    A terminal is left alone as standard input, so that a box can also be started by hand and ended with Ctrl-C.
    """
    stop = threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGINT, on_signal)
    signal.signal(signal.SIGTERM, on_signal)
    if not sys.stdin.isatty():
        threading.Thread(target=_watch_stdin, args=(stop,), name="parent watch", daemon=True).start()
    return stop


def _watch_stdin(stop: threading.Event) -> None:
    # os.read, not sys.stdin: a daemon thread blocked inside the buffered reader's lock aborts the interpreter's exit.
    while True:
        try:
            text = os.read(0, 4096)
        except OSError:
            text = b""
        if not text or b"stop" in text:
            stop.set()
            return


def report(state: str, **fields: object) -> None:
    """Tell the parent how it goes: `state` is starting, ready, degraded or failed; fields are counters and ports.

    `detail`, where given, is one sentence for a person. A parent that no longer listens is no error here.
    """
    line = json.dumps({"state": state, **fields}, ensure_ascii=False)
    with _print_lock:
        try:
            sys.stdout.write(line + "\n")
            sys.stdout.flush()
        except (BrokenPipeError, ValueError):
            pass
