"""How a window or a report is told to end from outside: Ctrl-C, SIGTERM, or whoever started us going away.

Python would raise KeyboardInterrupt wherever it happens to be, and inside a paintEvent that is C++ code which no
exception may cross. So a signal only leaves a note here, and the event loop looks at it on a clock.
"""

from __future__ import annotations

import os
import signal
import stat
import sys
import threading
from types import FrameType
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from PySide6.QtCore import QTimer

LOOK_EVERY_MS: Final = 100
SIGNAL_EXIT: Final = 128
"""A shell's exit code for a command that a signal ended is this and the signal's number: 130 for Ctrl-C."""


class StopRequest:
    """Listens while it is entered. `code` is 0 until somebody asks for the end, then the exit code to give.

    Standard input counts where it is a pipe, as bootstrap.py and other programs give it: its end means that its owner
    is gone. A terminal, a file and /dev/null are left alone.
    """

    def __init__(self) -> None:
        self.code = 0
        self._previous: dict[int, Any] = {}
        self._timer: QTimer | None = None

    def __enter__(self) -> StopRequest:
        self._previous = {number: signal.signal(number, self._on_signal) for number in (signal.SIGINT, signal.SIGTERM)}
        if _is_pipe():
            threading.Thread(target=self._watch_stdin, name="standard input watch", daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)

    def quit_when_asked(self, application: Any) -> None:
        """End the event loop of `application` once somebody asked."""
        from PySide6.QtCore import QTimer

        def look() -> None:
            if self.code:
                application.quit()

        self._timer = QTimer()
        self._timer.timeout.connect(look)
        self._timer.start(LOOK_EVERY_MS)

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        self.code = SIGNAL_EXIT + number

    def _watch_stdin(self) -> None:
        # os.read, not sys.stdin: a daemon thread blocked inside the buffered reader's lock aborts the exit.
        try:
            while os.read(0, 4096):
                pass
        except OSError:
            pass
        self.code = self.code or SIGNAL_EXIT + signal.SIGINT


def _is_pipe() -> bool:
    try:
        return sys.stdin is not None and stat.S_ISFIFO(os.fstat(0).st_mode)
    except OSError:
        return False
