"""What a child writes for people, kept in files of limited size."""

from __future__ import annotations

import contextlib
import threading
import time
from pathlib import Path
from typing import IO, Final

_BYTES: Final = 2_000_000


class ChildLog:
    """A child's log file: the lines with the time they came, two files of limited size. Its loss stops nothing."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._file: IO[str] | None = None

    def write(self, text: str) -> None:
        """Append one line."""
        with self._lock, contextlib.suppress(OSError):
            if self._file is None:
                self._file = self._path.open("a", encoding="utf-8")
            self._file.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {text}\n")
            self._file.flush()
            if self._file.tell() > _BYTES:
                self._file.close()
                self._file = None
                self._path.replace(self._path.with_suffix(".old.log"))

    def close(self) -> None:
        """Close the file until the next line."""
        with self._lock, contextlib.suppress(OSError):
            if self._file is not None:
                self._file.close()
            self._file = None
