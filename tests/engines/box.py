"""One of our processes as a child of the tests, spoken to as its parent would (`runtime/child.py`)."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).parents[2]
END_S = 60.0


def wait_until(condition: Callable[[], object], within_s: float = 10.0, every_s: float = 0.02) -> None:
    """Return once `condition()` is true; fail after `within_s`."""
    deadline = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not true within {within_s} s")
        time.sleep(every_s)


class Box:
    """A running `python -m MODULE`; `reports` is what it told its parent, `log` what it wrote for people."""

    def __init__(self, module: str, *arguments: object, env: Mapping[str, str] | None = None) -> None:
        self.reports: list[dict[str, Any]] = []
        self.log: list[str] = []
        self.process = subprocess.Popen(
            [sys.executable, "-m", module, *map(str, arguments)],
            cwd=ROOT,
            env={**os.environ, **(env or {})},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._readers = [
            threading.Thread(target=self._read_reports, name=f"{module} reports", daemon=True),
            threading.Thread(target=self._read_log, name=f"{module} log", daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    @property
    def last(self) -> dict[str, Any]:
        """Its newest report."""
        return self.reports[-1] if self.reports else {}

    def wait_for(self, state: str, within_s: float = 30.0) -> None:
        """Wait for a report of `state`; fail with what it said instead."""
        with contextlib.suppress(TimeoutError):
            wait_until(lambda: self.last.get("state") == state or self._ended(), within_s)
        assert self.last.get("state") == state, f"not {state} but {self.last}; {''.join(self.log)}"

    def wait_ready(self, within_s: float) -> None:
        """Wait until it is ready; stop it and fail with its reason if it fails."""
        try:
            wait_until(lambda: self.last.get("state") in {"ready", "failed"} or self._ended(), within_s)
            assert self.last.get("state") == "ready", self.last.get("detail", "it reported nothing")
        except BaseException:
            self.stop()
            raise

    def stop(self) -> int:
        """Let it end as its parent would, and return its exit code. May be called again."""
        assert self.process.stdin is not None
        if not self.process.stdin.closed:
            self.process.stdin.close()
        return self._end()

    def kill(self) -> None:
        """As the system kills it: no last words."""
        self.process.kill()
        self._end()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        if self.process.poll() is None:
            self.kill()

    def _end(self) -> int:
        code = self.process.wait(END_S)
        for reader in self._readers:
            reader.join(15)
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            assert stream is not None
            stream.close()
        return code

    def _ended(self) -> bool:
        return self.process.poll() is not None and not any(reader.is_alive() for reader in self._readers)

    def _read_reports(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.reports.append(json.loads(line))

    def _read_log(self) -> None:
        assert self.process.stderr is not None
        self.log.extend(self.process.stderr)
