"""Pinned jars, fetched one by one on first use and checked before anything runs them.

A set is `runtime/locks/NAME.lock`: a line `group:artifact:version[:classifier] sha256` a jar, in class path order, with
every transitive dependency written out: nothing is resolved on a user's machine, so nothing can resolve differently.

    python -m runtime.jars kafka plc4x hive
"""

from __future__ import annotations

import hashlib
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Final

from runtime.places import cache_folder

if TYPE_CHECKING:
    import requests

LOCKS: Final = Path(__file__).parent / "locks"
_AT_ONCE: Final = 8
_TRIES: Final = 3
_TIMEOUT_S: Final = 30
_ABANDONED_S: Final = 3600.0
_thread: Final = threading.local()

Progress = Callable[[int, int, str], None]
"""Called as (done, total, name) after each jar, in the caller's thread."""


class JarsMissing(RuntimeError):
    """Jars that could not be had; the text says which, why, and what to do."""


@dataclass(frozen=True)
class Jar:
    """One line of a lock."""

    group: str
    artifact: str
    version: str
    classifier: str
    sha256: str

    @property
    def file_name(self) -> str:
        """The name Maven gives it."""
        return f"{self.artifact}-{self.version}{'-' + self.classifier if self.classifier else ''}.jar"


def locked(name: str) -> tuple[Jar, ...]:
    """The jars of the set `name`, in class path order. Raises `JarsMissing` for an unknown set."""
    path = LOCKS / f"{name}.lock"
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        known = ", ".join(sorted(lock.stem for lock in LOCKS.glob("*.lock")))
        raise JarsMissing(f"there is no set of jars called {name!r}; known are {known}") from None
    return tuple(_jar(line) for line in text.splitlines() if line and not line.startswith("#"))


def _jar(line: str) -> Jar:
    coordinate, sha256 = line.split()
    group, artifact, version, *classifier = coordinate.split(":")
    return Jar(group, artifact, version, classifier[0] if classifier else "", sha256)


def folder(name: str) -> Path:
    """Where the set `name` lies."""
    return cache_folder() / "jars" / name


def missing(name: str) -> tuple[Jar, ...]:
    """The jars of the set `name` that are not on this machine yet."""
    return tuple(jar for jar in locked(name) if not (folder(name) / jar.file_name).exists())


def classpath(name: str) -> list[Path]:
    """The set's jars in the lock's order. Raises `JarsMissing` if one has not been fetched."""
    absent = missing(name)
    if absent:
        raise JarsMissing(
            f"{len(absent)} jars of {name} are missing, first {absent[0].file_name}; "
            f"fetch them with: python bootstrap.py jars {name}"
        )
    return [folder(name) / jar.file_name for jar in locked(name)]


def fetch(name: str, progress: Progress | None = None) -> list[Path]:
    """Fetch what is missing of the set `name` and return its class path. Raises `JarsMissing`.

    What was fetched before a failure is kept; the next call goes on from there.
    """
    total, absent = len(locked(name)), missing(name)
    target = folder(name)
    target.mkdir(parents=True, exist_ok=True)
    _sweep(target)
    done = total - len(absent)
    pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix=f"jars {name}")
    try:
        waiting: dict[Future[None], Jar] = {pool.submit(_fetch_one, jar, target): jar for jar in absent}
        for future in as_completed(waiting):
            future.result()
            done += 1
            if progress:
                progress(done, total, waiting[future].file_name)
    except JarsMissing as error:
        raise JarsMissing(
            f"{total - done} of {total} jars of {name} could not be had, first {error}; connect this machine to "
            f"Maven's central repository and try again, or copy {target} from a machine that has them"
        ) from error
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    return classpath(name)


def _fetch_one(jar: Jar, target: Path) -> None:
    reason = ""
    for attempt in range(_TRIES):
        if attempt:
            time.sleep(attempt)
        with tempfile.TemporaryDirectory(prefix=".fetch-", dir=target, ignore_cleanup_errors=True) as scratch:
            file = Path(scratch) / jar.file_name
            try:
                found = _download(jar, file)
            except OSError as error:  # what requests raises is one too
                reason = _first_line(error)
                continue
            if found != jar.sha256:
                reason = f"its SHA-256 is {found[:12]}…, {jar.sha256[:12]}… was expected"
                continue
            try:
                file.replace(target / jar.file_name)
            except OSError as error:
                # Another process was faster and its JVM holds the same, checked file open (Windows).
                if not (target / jar.file_name).exists():
                    raise JarsMissing(f"{jar.file_name}: {error}") from error
            return
    raise JarsMissing(f"{jar.file_name}: {reason}")


def _download(jar: Jar, file: Path) -> str:
    """Write `jar` to `file`, return its SHA-256. jgo's Maven layer says where it lies; no POM is read.

    jgo's own download opens two connections a jar, each with new TLS certificates: four times the CPU.
    """
    from jgo.maven import MavenContext  # slow to import, needed only for a first use

    maven = MavenContext()
    artifact = maven.project(jar.group, jar.artifact).at_version(jar.version).artifact(classifier=jar.classifier)
    reason = ""
    for repository in maven.remote_repos.values():
        place = f"{repository}/{artifact.component.path_prefix.as_posix()}/{artifact.filename}"
        with _session().get(place, stream=True, timeout=_TIMEOUT_S) as answer:
            if answer.status_code != HTTPStatus.OK:
                reason = f"the repository answered {answer.status_code} {answer.reason}"
                continue
            digest = hashlib.sha256()
            with file.open("wb") as stream:
                for block in answer.iter_content(1 << 16):
                    stream.write(block)
                    digest.update(block)
            return digest.hexdigest()
    raise OSError(reason)


def _session() -> requests.Session:
    """This thread's connection, kept open from jar to jar."""
    import requests  # a tenth of a second that only a first use has to pay

    if not hasattr(_thread, "session"):
        _thread.session = requests.Session()
    session: requests.Session = _thread.session
    return session


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]


def _sweep(target: Path) -> None:
    """Remove what a killed download left behind, but not another process's running one."""
    for scratch in target.glob(".fetch-*"):
        try:
            if time.time() - scratch.stat().st_mtime > _ABANDONED_S:
                shutil.rmtree(scratch, ignore_errors=True)
        except FileNotFoundError:
            continue


def main(names: list[str]) -> int:
    """Fetch the named sets, a line of progress now and then on stderr."""
    if not names:
        sys.stderr.write("usage: python -m runtime.jars SET …\n")
        return 2
    for name in names:
        started = time.monotonic()
        try:
            paths = fetch(name, _line_printer(name))
        except JarsMissing as error:
            sys.stderr.write(f"{error}\n")
            return 1
        size_mb = sum(path.stat().st_size for path in paths) / 1e6
        sys.stderr.write(f"{name}: {len(paths)} jars, {size_mb:.0f} MB, {time.monotonic() - started:.0f} s\n")
    return 0


def _line_printer(name: str) -> Progress:
    last = time.monotonic()

    def progress(done: int, total: int, file_name: str) -> None:
        nonlocal last
        if time.monotonic() - last >= 1.0:
            last = time.monotonic()
            sys.stderr.write(f"{name}: {done} of {total} jars ({file_name})\n")

    return progress


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
