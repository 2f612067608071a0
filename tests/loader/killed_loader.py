"""`python -m tests.loader.killed_loader`: the loader in a process that kills itself at one of its steps.

A step is whatever leaves a trace: an object put in place, on a folder also the moment between an object's side file and
its content, an object moved to another storage class, a statement of Hive's. Prints each step before it is done.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psutil

from cloud.loader.run import run_due
from contracts import plant
from runtime.object_store import ObjectInfo, open_store
from runtime.object_store_folder import FolderStore
from tests.lake.simulated_log import CrashingStore


class Steps:
    """Counts steps and dies before the one that was asked for."""

    def __init__(self, die_at: int) -> None:
        self._left = die_at

    def __call__(self, name: str) -> None:
        print(name, flush=True)
        self._left -= 1
        if self._left == 0:
            psutil.Process().kill()  # SIGKILL: no cleaning up, no last words


class SteppingStore(CrashingStore):
    """Every change is a step."""

    def __init__(self, url: str, step: Steps) -> None:
        super().__init__(open_store(url))
        self._tell = step

    def replace(
        self, name: str, content: bytes | Path, generation: int, metadata: Mapping[str, str] | None = None
    ) -> ObjectInfo:
        self._tell(f"put {name}")
        return super().replace(name, content, generation, metadata)

    def delete(self, name: str, generation: int | None = None) -> bool:
        self._tell(f"delete {name}")
        return super().delete(name, generation)

    def set_storage_class(self, name: str, storage_class: str) -> None:
        self._tell(f"cool {name}")
        super().set_storage_class(name, storage_class)


def _watch_folder(step: Steps) -> None:
    written = FolderStore._write_info

    def write_info(self: FolderStore, name: str, *rest: Any) -> None:
        written(self, name, *rest)
        step(f"half-way {name}")

    FolderStore._write_info = write_info  # type: ignore[method-assign,assignment]


def _watch_hive(step: Steps) -> None:
    from pyhive.hive import Cursor

    executed = Cursor.execute

    def execute(self: Any, statement: str, *rest: Any, **more: Any) -> Any:
        if statement.startswith("ALTER"):
            step(f"hive {statement}")
        return executed(self, statement, *rest, **more)

    Cursor.execute = execute


def main() -> int:
    """Ends 0 if there was no such step."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--plant", type=Path, required=True)
    parser.add_argument("--lake", required=True)
    parser.add_argument("--hive", default="")
    parser.add_argument("--die-at", type=int, default=0, help="number of the step, from 1; 0: never")
    options = parser.parse_args()
    step = Steps(options.die_at)
    _watch_folder(step)
    if options.hive:
        _watch_hive(step)
    run_due(SteppingStore(options.lake, step), plant.load(options.plant), options.hive)
    return 0


if __name__ == "__main__":
    sys.exit(main())
