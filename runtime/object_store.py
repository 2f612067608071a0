"""Objects in the lake: one small interface, a folder (`runtime/object_store_folder.py`) or Google Cloud Storage.

Every write names the generation it expects to find (0: nothing there), as Google Cloud Storage's
`ifGenerationMatch` does; so of two writers that meet on one name exactly one wins, and the other is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple, Protocol

STANDARD: Final = "STANDARD"
COLDLINE: Final = "COLDLINE"


class StoreError(OSError):
    """The store cannot do it now: full, broken, away or forbidden. Worth trying again later."""


class NotThere(LookupError):
    """No object of that name."""


class AlreadyThere(Exception):
    """The name is taken, or the object is no longer the generation that was expected."""


class ObjectInfo(NamedTuple):
    """What a store knows of an object without opening it."""

    name: str
    size: int
    generation: int
    """Changes whenever the content does; never 0."""
    storage_class: str
    metadata: Mapping[str, str]


class ObjectStore(Protocol):
    """Named, immutable objects. Every method raises `StoreError` when the store itself fails."""

    url: str

    def create(self, name: str, content: bytes | Path, metadata: Mapping[str, str] | None = None) -> ObjectInfo:
        """Store a new object, whole or not at all, durable on return. Raises `AlreadyThere`."""

    def replace(
        self, name: str, content: bytes | Path, generation: int, metadata: Mapping[str, str] | None = None
    ) -> ObjectInfo:
        """Put new content in place of `generation` (0: of nothing) in one step. Raises `AlreadyThere` otherwise."""

    def read(self, name: str) -> bytes:
        """The whole object. Raises `NotThere`."""

    def open(self, name: str) -> BinaryIO:
        """The object for reading and seeking, fetched in ranges. Raises `NotThere`."""

    def list(self, prefix: str, start: str = "", limit: int | None = None) -> Iterator[ObjectInfo]:
        """Objects whose name begins with `prefix`, in name order, from `start` on (inclusive), at most `limit`."""

    def stat(self, name: str) -> ObjectInfo | None:
        """What is known of an object; None if there is none."""

    def delete(self, name: str, generation: int | None = None) -> bool:
        """Remove it; False if it was not there. Raises `AlreadyThere` if it is not the `generation` given."""

    def set_storage_class(self, name: str, storage_class: str) -> None:
        """Move it to another storage class; content and metadata stay. Raises `NotThere`."""


def open_store(url: str) -> ObjectStore:
    """The store at `url`: a folder, or `gs://bucket` or `gs://bucket/prefix`.

    `STORAGE_EMULATOR_HOST` names a local object store in Google's place. Raises `ValueError` for any other URL and
    `StoreError` if the folder or the bucket cannot be used.
    """
    if url.startswith("gs://"):
        from runtime.object_store_gcs import GcsStore

        return GcsStore(url)
    if "://" in url:
        raise ValueError(f"{url}: a lake is a folder or gs://bucket")
    from runtime.object_store_folder import FolderStore

    return FolderStore(Path(url))


def checked_name(name: str) -> str:
    """`name` if it can be an object's in every store, Windows folders included. Raises `ValueError`."""
    parts = name.split("/")
    if not all(parts) or any(part.startswith(".") or set(part) & set('\\:*?"<>|') for part in parts):
        raise ValueError(f'object name {name!r}: parts may not be empty, begin with a dot or hold \\ : * ? " < > |')
    return name
