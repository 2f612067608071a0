"""The object store as a folder: an object is a plain file, so that DuckDB or a person can read it.

What a file system does not keep (metadata, storage class) lies under `.store/info/<name>/<generation>.json`; an
object's generation is its modification time in nanoseconds, set by us. The side file is written first, then the
content takes its name by one rename, so a reader without a lock never sees half or a wrong pair. Writers of one name
exclude each other by a lock that the system releases when its holder dies.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final
from uuid import uuid4

from runtime.object_store import STANDARD, AlreadyThere, NotThere, ObjectInfo, StoreError, checked_name

_PRIVATE: Final = ".store"
_LOCKS: Final = 64
_STAGING_KEPT_S: Final = 86_400
_RESOLUTION_NS: Final = 1000
"""Generations are whole microseconds: NTFS keeps 100 ns, and 1,000 per millisecond are enough."""


class FolderStore:
    """See the module; implements `runtime.object_store.ObjectStore`."""

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()
        self.url = str(self.root)
        self._private = self.root / _PRIVATE
        with _store_errors("be used as a lake", self.url):
            for name in ("staging", "info", "locks"):
                (self._private / name).mkdir(parents=True, exist_ok=True)
            self._forget_abandoned_staging()

    def create(self, name: str, content: bytes | Path, metadata: Mapping[str, str] | None = None) -> ObjectInfo:
        """See `ObjectStore.create`."""
        return self.replace(name, content, 0, metadata)

    def replace(
        self, name: str, content: bytes | Path, generation: int, metadata: Mapping[str, str] | None = None
    ) -> ObjectInfo:
        """See `ObjectStore.replace`."""
        path = self._path(name)
        staged = self._private / "staging" / f"{uuid4().hex}.tmp"
        with _store_errors("store", name):
            try:
                size = _write_durably(staged, content)
                path.parent.mkdir(parents=True, exist_ok=True)
                with self._locked(name):
                    found = _generation(path)
                    if found != generation:
                        raise AlreadyThere(_conflict(name, generation, found))
                    new = max(time.time_ns() // _RESOLUTION_NS * _RESOLUTION_NS, found + _RESOLUTION_NS)
                    os.utime(staged, ns=(new, new))
                    new = staged.stat().st_mtime_ns
                    self._write_info(name, new, STANDARD, metadata or {})
                    staged.replace(path)
                    _sync_folder(path.parent)
                    if found:
                        self._info_path(name, found).unlink(missing_ok=True)
            finally:
                staged.unlink(missing_ok=True)
        return ObjectInfo(name, size, new, STANDARD, dict(metadata or {}))

    def read(self, name: str) -> bytes:
        """See `ObjectStore.read`."""
        with self.open(name) as file, _store_errors("read", name):
            return file.read()

    def open(self, name: str) -> BinaryIO:
        """See `ObjectStore.open`."""
        with _store_errors("open", name):
            try:
                return self._path(name).open("rb")
            except FileNotFoundError as error:
                raise NotThere(f"{name}: not in {self.url}") from error

    def list(self, prefix: str, start: str = "", limit: int | None = None) -> Iterator[ObjectInfo]:
        """See `ObjectStore.list`."""
        with _store_errors("list", prefix):
            for name in _names_below(self.root, "", prefix, start):
                if limit == 0:
                    return
                info = self.stat(name)
                if info is not None:
                    yield info
                    limit = None if limit is None else limit - 1

    def stat(self, name: str) -> ObjectInfo | None:
        """See `ObjectStore.stat`."""
        path = self._path(name)
        with _store_errors("look up", name):
            while True:
                try:
                    status = path.stat()
                except FileNotFoundError:
                    return None
                try:
                    text = self._info_path(name, status.st_mtime_ns).read_text(encoding="utf-8")
                except FileNotFoundError:
                    if not path.exists():
                        return None
                    if path.stat().st_mtime_ns == status.st_mtime_ns:
                        # Copied here by hand, or its times were changed: content without what we knew of it.
                        return ObjectInfo(name, status.st_size, status.st_mtime_ns, STANDARD, {})
                    continue
                info = json.loads(text)
                return ObjectInfo(name, status.st_size, status.st_mtime_ns, info["storage_class"], info["metadata"])

    def delete(self, name: str, generation: int | None = None) -> bool:
        """See `ObjectStore.delete`."""
        path = self._path(name)
        with _store_errors("delete", name), self._locked(name):
            found = _generation(path)
            if not found:
                return False
            if generation is not None and found != generation:
                raise AlreadyThere(_conflict(name, generation, found))
            path.unlink()
            shutil.rmtree(self._info_path(name, found).parent, ignore_errors=True)
        return True

    def set_storage_class(self, name: str, storage_class: str) -> None:
        """See `ObjectStore.set_storage_class`."""
        with _store_errors("move", name), self._locked(name):
            info = self.stat(name)
            if info is None:
                raise NotThere(f"{name}: not in {self.url}")
            self._write_info(name, info.generation, storage_class, info.metadata)

    def _path(self, name: str) -> Path:
        return self.root / checked_name(name)

    def _info_path(self, name: str, generation: int) -> Path:
        return self._private / "info" / name / f"{generation}.json"

    def _write_info(self, name: str, generation: int, storage_class: str, metadata: Mapping[str, str]) -> None:
        path = self._info_path(name, generation)
        path.parent.mkdir(parents=True, exist_ok=True)
        staged = self._private / "staging" / f"{uuid4().hex}.tmp"
        text = json.dumps({"storage_class": storage_class, "metadata": dict(metadata)}, sort_keys=True)
        _write_durably(staged, text.encode())
        staged.replace(path)

    @contextmanager
    def _locked(self, name: str) -> Iterator[None]:
        path = self._private / "locks" / f"{zlib.crc32(name.encode()) % _LOCKS:02d}"
        with path.open("ab") as file:
            _lock(file)
            yield

    def _forget_abandoned_staging(self) -> None:
        oldest = time.time() - _STAGING_KEPT_S
        for path in (self._private / "staging").iterdir():
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < oldest:
                    path.unlink()


def _generation(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def _conflict(name: str, expected: int, found: int) -> str:
    return f"{name}: expected {f'generation {expected}' if expected else 'nothing there'}, found {found or 'nothing'}"


def _names_below(folder: Path, base: str, prefix: str, start: str) -> Iterator[str]:
    """Names in order, from `start` on; folders that cannot hold one are not looked into."""
    try:
        with os.scandir(folder) as found:
            # A folder sorts as the names in it do: "a-b" comes before "a/".
            entries = sorted(f"{entry.name}/" if entry.is_dir() else entry.name for entry in found)
    except FileNotFoundError:
        return
    for own in entries:
        name = base + own
        if not own.endswith("/"):
            if name >= start and name.startswith(prefix):
                yield name
        elif (
            name != f"{_PRIVATE}/"
            and (name.startswith(prefix) or prefix.startswith(name))
            and (name >= start or start.startswith(name))
        ):
            yield from _names_below(folder / own, name, prefix, start)


def _write_durably(path: Path, content: bytes | Path) -> int:
    with path.open("wb") as target:
        if isinstance(content, Path):
            with content.open("rb") as source:
                shutil.copyfileobj(source, target, 1 << 20)
        else:
            target.write(content)
        target.flush()
        os.fsync(target.fileno())
        return target.tell()


@contextmanager
def _store_errors(what: str, name: str) -> Iterator[None]:
    try:
        yield
    except StoreError:
        raise
    except OSError as error:
        raise StoreError(f"cannot {what}: {name}: {error.strerror or error}") from error


if sys.platform == "win32":
    import msvcrt

    def _lock(file: BinaryIO) -> None:
        while True:
            with suppress(OSError):  # LK_LOCK gives up after ten seconds; wait on
                file.seek(0)
                msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
                return

    def _sync_folder(_folder: Path) -> None:
        """Windows makes a rename durable with the volume's journal."""

else:
    import fcntl

    def _lock(file: BinaryIO) -> None:
        fcntl.flock(file, fcntl.LOCK_EX)

    def _sync_folder(folder: Path) -> None:
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
