"""The gateway as a child process, and small plants for it. A JVM cannot be started twice in one process."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tests.engines.broker import ROOT, wait_until


def write_plant(folder: Path, refinery: str, plcs: Mapping[str, str], signals: Iterable[Mapping[str, object]]) -> Path:
    """A plant of these devices (name → connection) and signal rows; `role` and `kind` have defaults."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = [{"kind": "analog", "role": "level", "zone": "tanks", **row} for row in signals]
    columns = list(dict.fromkeys(name for row in rows for name in row))
    lines = [",".join(columns), *(",".join(str(row.get(name, "")) for name in columns) for row in rows)]
    (folder / "signals.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    tables = [f'[refinery]\nid = "{refinery}"\n']
    tables += [f'[plc.{name}]\nconnection = "{connection}"\n' for name, connection in plcs.items()]
    (folder / "plant.toml").write_text("\n".join(tables), encoding="utf-8")
    return folder


class MtuBox:
    """A running `python -m cloud.mtu`; `last` is its newest report, `reports` all of them, `log` its stderr."""

    def __init__(self, plant: Path, state: Path, bootstrap: str, *arguments: str) -> None:
        self.reports: list[dict[str, Any]] = []
        self.log: list[str] = []
        command = [sys.executable, "-m", "cloud.mtu", "--plant", str(plant), "--state", str(state)]
        self.process = subprocess.Popen(
            [*command, "--bootstrap", bootstrap, *arguments],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._readers = [
            threading.Thread(target=self._read_reports, daemon=True),
            threading.Thread(target=self._read_log, daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    @property
    def last(self) -> dict[str, Any]:
        return self.reports[-1] if self.reports else {}

    def wait_for(self, state: str, within_s: float = 30.0) -> None:
        """Wait for a report of `state`; fail with what it said instead."""
        try:
            wait_until(lambda: self.last.get("state") == state, within_s)
        except TimeoutError:
            raise AssertionError(f"not {state} but {self.last}; {''.join(self.log)}") from None

    def kill(self) -> None:
        """As the system kills it: no last words."""
        self.process.kill()
        self._end()

    def stop(self) -> int:
        """Let it end as its parent would, and return its exit code."""
        assert self.process.stdin is not None
        if not self.process.stdin.closed:
            self.process.stdin.close()
        return self._end()

    def _end(self) -> int:
        code = self.process.wait(30)
        for reader in self._readers:
            reader.join(10)
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            assert stream is not None
            stream.close()
        return code

    def _read_reports(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.reports.append(json.loads(line))

    def _read_log(self) -> None:
        assert self.process.stderr is not None
        self.log.extend(self.process.stderr)
