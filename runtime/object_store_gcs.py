"""The object store on Google Cloud Storage, by Google's own client. Imported only where a `gs://` URL is used."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

import requests
from google.api_core import exceptions as api_errors
from google.auth import exceptions as auth_errors
from google.auth.credentials import AnonymousCredentials
from google.cloud import storage  # type: ignore[attr-defined,unused-ignore] # a namespace package: mypy may miss it
from google.cloud.storage.retry import DEFAULT_RETRY

from runtime.object_store import STANDARD, AlreadyThere, NotThere, ObjectInfo, StoreError, checked_name

_TIMEOUT_S: Final = 60.0
_RETRY: Final = DEFAULT_RETRY.with_timeout(30.0)
"""The caller knows better what to do while a store is away (the lake writer stops reading) than a long retry here."""

_TRIES: Final = 5
_READ_BLOCK_BYTES: Final = 4 * 1024 * 1024


class GcsStore:
    """See the module; implements `runtime.object_store.ObjectStore`."""

    def __init__(self, url: str) -> None:
        bucket, _, prefix = url.removeprefix("gs://").partition("/")
        if not bucket:
            raise ValueError(f"{url}: no bucket; write gs://bucket")
        self.url = url.rstrip("/")
        self._prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
        try:
            # An emulator takes no credentials, and looking for some would ask the network.
            self._client = (
                storage.Client(project="local", credentials=AnonymousCredentials())  # type: ignore[no-untyped-call]
                if os.environ.get("STORAGE_EMULATOR_HOST")
                else storage.Client()
            )
        except auth_errors.GoogleAuthError as error:
            raise StoreError(f"{url}: {error}") from error
        self._bucket = self._client.bucket(bucket)

    def create(self, name: str, content: bytes | Path, metadata: Mapping[str, str] | None = None) -> ObjectInfo:
        """See `ObjectStore.create`."""
        return self.replace(name, content, 0, metadata)

    def replace(
        self, name: str, content: bytes | Path, generation: int, metadata: Mapping[str, str] | None = None
    ) -> ObjectInfo:
        """See `ObjectStore.replace`."""
        blob = self._blob(name)
        blob.metadata = dict(metadata or {})
        options: dict[str, Any] = {
            "content_type": "application/octet-stream",
            "if_generation_match": generation,
            "timeout": _TIMEOUT_S,
            "retry": _RETRY,
        }
        with _store_errors("store", name):
            if isinstance(content, Path):
                blob.upload_from_filename(str(content), **options)
            else:
                blob.upload_from_string(content, **options)
        return self._info(blob)

    def read(self, name: str) -> bytes:
        """See `ObjectStore.read`."""
        with _store_errors("read", name):
            return cast(bytes, self._blob(name).download_as_bytes(timeout=_TIMEOUT_S, retry=_RETRY))

    def open(self, name: str) -> BinaryIO:
        """See `ObjectStore.open`."""
        with _store_errors("open", name):
            blob = self._bucket.get_blob(self._blob(name).name, timeout=_TIMEOUT_S, retry=_RETRY)
            if blob is None:
                raise NotThere(f"{name}: not in {self.url}")
            return cast(BinaryIO, blob.open("rb", chunk_size=_READ_BLOCK_BYTES, if_generation_match=blob.generation))

    def list(self, prefix: str, start: str = "", limit: int | None = None) -> Iterator[ObjectInfo]:
        """See `ObjectStore.list`."""
        with _store_errors("list", prefix):
            blobs = self._client.list_blobs(
                self._bucket,
                prefix=self._prefix + prefix,
                start_offset=self._prefix + start if start else None,
                page_size=None if limit is None else limit + 1,
                timeout=_TIMEOUT_S,
                retry=_RETRY,
            )
            # Hadoop marks folders by empty objects; they are none of ours.
            own = (self._info(blob) for blob in blobs if not blob.name.endswith("/"))
            yield from itertools.islice(own, limit)

    def stat(self, name: str) -> ObjectInfo | None:
        """See `ObjectStore.stat`."""
        with _store_errors("look up", name):
            blob = self._bucket.get_blob(self._blob(name).name, timeout=_TIMEOUT_S, retry=_RETRY)
        return None if blob is None else self._info(blob)

    def delete(self, name: str, generation: int | None = None) -> bool:
        """See `ObjectStore.delete`."""
        try:
            with _store_errors("delete", name):
                self._blob(name).delete(if_generation_match=generation, timeout=_TIMEOUT_S, retry=_RETRY)
        except NotThere:
            return False
        return True

    def set_storage_class(self, name: str, storage_class: str) -> None:
        """See `ObjectStore.set_storage_class`."""
        for _ in range(_TRIES):
            try:
                with _store_errors("move", name):
                    return self._rewrite(name, storage_class)
            except AlreadyThere:
                continue  # another moved it or replaced it meanwhile: look again
        raise StoreError(f"cannot move: {name}: others keep changing it")

    def _rewrite(self, name: str, storage_class: str) -> None:
        # Loaded first: a rewrite replaces the metadata by what its request carries.
        blob = self._bucket.get_blob(self._blob(name).name, timeout=_TIMEOUT_S, retry=_RETRY)
        if blob is None:
            raise NotThere(f"{name}: not in {self.url}")
        if blob.storage_class != storage_class:
            blob.update_storage_class(
                storage_class,
                if_generation_match=blob.generation,
                if_source_generation_match=blob.generation,
                timeout=_TIMEOUT_S,
                retry=_RETRY,
            )

    def _blob(self, name: str) -> Any:
        return self._bucket.blob(self._prefix + checked_name(name))

    def _info(self, blob: Any) -> ObjectInfo:
        return ObjectInfo(
            name=blob.name.removeprefix(self._prefix),
            size=blob.size,
            generation=blob.generation,
            storage_class=blob.storage_class or STANDARD,
            metadata=blob.metadata or {},
        )


@contextmanager
def _store_errors(what: str, name: str) -> Iterator[None]:
    try:
        yield
    except api_errors.PreconditionFailed as error:
        raise AlreadyThere(f"{name}: another object is there") from error
    except api_errors.NotFound as error:
        if "bucket" in str(error).lower() and "does not exist" in str(error).lower():
            raise StoreError(f"cannot {what}: {name}: {error.message}") from error
        raise NotThere(f"{name}: not in the bucket") from error
    except api_errors.Forbidden as error:
        raise StoreError(f"cannot {what}: {name}: access denied; grant this account Storage Object Admin") from error
    except (api_errors.GoogleAPIError, auth_errors.GoogleAuthError, requests.RequestException, OSError) as error:
        if isinstance(error, StoreError):
            raise
        raise StoreError(f"cannot {what}: {name}: {error}") from error
