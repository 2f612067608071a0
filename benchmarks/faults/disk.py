"""A small disk for a lake folder, which can be filled: a tmpfs, or else a limit on what a writer may write."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

TOLD: Final = ("No space left", "File too large")
"""What a writer says of its store while the disk is full, on a tmpfs and under the limit."""

_LIMIT_BYTES: Final = 512


class SmallDisk:
    """`folder` is on it; `what` says in words what a full disk is here."""

    def __init__(self, folder: Path, size_mb: int) -> None:
        folder.mkdir(parents=True)
        self.folder = folder
        self._ballast = folder / "ballast"
        self._limited: set[int] = set()
        mount = ["mount", "-t", "tmpfs", "-o", f"size={size_mb}m", "sinoptico-faults", str(folder)]
        try:
            self._mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
        except OSError:
            self._mounted = False

    @property
    def what(self) -> str:
        """For the report."""
        return "a full tmpfs" if self._mounted else "a limit on the size of files, as no tmpfs could be mounted"

    def fill(self, writers: Sequence[int]) -> None:
        """Leave not a byte to the processes `writers`."""
        if self._mounted:
            with self._ballast.open("ab") as file:
                while free := os.statvfs(self.folder).f_bavail * os.statvfs(self.folder).f_frsize:
                    _allocate(file.fileno(), free)
            return
        for pid in writers:
            _limit(pid, _LIMIT_BYTES)
            self._limited.add(pid)

    def free(self) -> None:
        """Give the space back."""
        self._ballast.unlink(missing_ok=True)
        for pid in self._limited:
            _limit(pid, resource.RLIM_INFINITY)
        self._limited.clear()

    def close(self) -> None:
        """Take the disk away, and what is on it."""
        if self._mounted:
            subprocess.run(["umount", "-l", str(self.folder)], capture_output=True, check=False)


def _allocate(descriptor: int, size: int) -> None:
    try:
        os.posix_fallocate(descriptor, os.fstat(descriptor).st_size, size)
    except OSError:  # a writer took some of it meanwhile: what is left is asked for again, down to a page
        if size > 4096:
            _allocate(descriptor, size // 2)


def _limit(pid: int, size: int) -> None:
    if sys.platform == "linux":
        try:
            hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)[1]
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, hard))
        except ProcessLookupError:
            return
