"""Files of our own beside a drawing: written whole or not at all, never over what somebody else wrote meanwhile."""

from __future__ import annotations

import contextlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path


class ChangedMeanwhile(Exception):
    """The file is not as it was when it was last read or written here."""


@dataclass
class BesideFile:
    """One text file and how it was last seen."""

    path: Path
    _seen: bytes | None = None
    """Its bytes then; None for no file."""

    def read(self) -> str:
        """The text now; empty where there is no file. Raises OSError and UnicodeDecodeError."""
        return (self.look() or b"").decode("utf-8-sig")

    @property
    def changed(self) -> bool:
        """Whether somebody else wrote it since. Raises OSError."""
        return self._now() != self._seen

    def write(self, text: str, *, over: bool = False) -> None:
        """Replace the file. `over`: even if it changed meanwhile. Raises `ChangedMeanwhile` and OSError."""
        if not over and self.changed:
            raise ChangedMeanwhile(str(self.path))
        content = text.encode()
        number, name = tempfile.mkstemp(prefix=f".{self.path.name}-", dir=self.path.parent)
        try:
            with os.fdopen(number, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            # mkstemp makes a file for its owner alone; this one is for whoever may read the drawing.
            Path(name).chmod(0o644)
            Path(name).replace(self.path)
        except BaseException:
            with contextlib.suppress(OSError):
                Path(name).unlink()
            raise
        self._seen = content

    def look(self) -> bytes | None:
        """Take note of its bytes now; None for no file. Raises OSError."""
        self._seen = self._now()
        return self._seen

    def put_back(self, before: bytes | None) -> None:
        """Undo a write: `before` is what `look` said. Raises `ChangedMeanwhile` and OSError."""
        if before is not None:
            self.write(before.decode())
        elif self.changed:
            raise ChangedMeanwhile(str(self.path))
        else:
            self.path.unlink()
            self._seen = None

    def _now(self) -> bytes | None:
        try:
            return self.path.read_bytes()
        except FileNotFoundError:
            return None
