"""The gateway as a child process, and small plants for it. A JVM cannot be started twice in one process."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from tests.engines.box import Box


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


class MtuBox(Box):
    """A running `python -m cloud.mtu`."""

    def __init__(self, plant: Path, state: Path, bootstrap: str, *arguments: str) -> None:
        super().__init__("cloud.mtu", "--plant", plant, "--state", state, "--bootstrap", bootstrap, *arguments)
