"""Ending a child together with everything it started: its session on POSIX, its process tree on Windows."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import Final

if sys.platform == "win32":
    OWN_GROUP: Final = subprocess.CREATE_NEW_PROCESS_GROUP
else:
    OWN_GROUP: Final = 0
"""`creationflags` of such a child; on POSIX it is started with `start_new_session`."""


def terminate_tree(popen: subprocess.Popen[bytes]) -> None:
    """Ask all of it to end."""
    if sys.platform == "win32":
        popen.send_signal(signal.CTRL_BREAK_EVENT)
    else:
        _signal_group(popen, signal.SIGTERM)


def kill_tree(popen: subprocess.Popen[bytes]) -> None:
    """End what is left of it, the child itself gone or not."""
    if sys.platform == "win32":
        subprocess.run(["taskkill", "/T", "/F", "/PID", str(popen.pid)], capture_output=True, check=False)
    else:
        _signal_group(popen, signal.SIGKILL)


def _signal_group(popen: subprocess.Popen[bytes], number: signal.Signals) -> None:
    try:
        os.killpg(popen.pid, number)
    except (ProcessLookupError, PermissionError):
        # Nobody is left in the group (macOS says PermissionError for a group of zombies).
        return
