"""Named numpy arrays in one block of shared memory; the block describes itself, so its name is all one must know."""

from __future__ import annotations

import json
import secrets
import sys
from collections.abc import Mapping
from multiprocessing import resource_tracker
from multiprocessing.shared_memory import SharedMemory
from threading import Lock
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

_MAGIC: Final = b"sinoptic"
_ALIGN: Final = 64
_PREFIX: Final = len(_MAGIC) + 8


class NoSuchStore(RuntimeError):
    """A shared block that does not exist or is none of ours; the text is one sentence."""


Fields = Mapping[str, tuple[str, int | tuple[int, ...]]]
"""Array name → (numpy dtype, shape)."""


class SharedArrays:
    """The arrays of one block. `description` is whatever JSON its creator put beside them."""

    def __init__(self, memory: SharedMemory, owner: bool) -> None:
        buffer = _buffer(memory)
        size = int.from_bytes(buffer[len(_MAGIC) : _PREFIX], "little")
        head = json.loads(bytes(buffer[_PREFIX : _PREFIX + size]))
        self.description: dict[str, Any] = head["description"]
        self.arrays: dict[str, NDArray[Any]] = {
            name: np.ndarray(shape, dtype, buffer=buffer, offset=offset)
            for name, dtype, shape, offset in head["arrays"]
        }
        self._owner = owner
        self._memory = memory

    @classmethod
    def create(cls, fields: Fields, description: Mapping[str, Any]) -> SharedArrays:
        """A new block, all zero. Whoever creates it unlinks it; if they are killed, Python's resource tracker does."""
        # Offsets stand in the header, whose length depends on their digits: lay out from 0 first, then shift.
        offset, arrays = 0, []
        for name, (dtype, shape) in fields.items():
            arrays.append([name, dtype, shape, offset])
            length = int(np.prod(shape)) * np.dtype(dtype).itemsize
            offset += -(-length // _ALIGN) * _ALIGN
        probe = json.dumps({"arrays": arrays, "description": description}).encode()
        room = -(-(_PREFIX + len(probe) + 24 * len(arrays)) // _ALIGN) * _ALIGN
        for array in arrays:
            array[3] += room  # type: ignore[operator]
        head = json.dumps({"arrays": arrays, "description": description}).encode()
        # macOS allows 31 characters in a name.
        memory = SharedMemory(f"sinoptico_{secrets.token_hex(6)}", create=True, size=room + offset)
        buffer = _buffer(memory)
        buffer[_PREFIX : _PREFIX + len(head)] = head
        buffer[:_PREFIX] = _MAGIC + len(head).to_bytes(8, "little")
        return cls(memory, owner=True)

    @classmethod
    def attach(cls, name: str) -> SharedArrays:
        """The block `name`, which stays when this process ends. Raises `NoSuchStore`."""
        try:
            memory = _open(name)
        except (OSError, ValueError) as error:
            raise NoSuchStore(f"there is no live store called {name!r}; the window that made it is gone") from error
        if bytes(_buffer(memory)[: len(_MAGIC)]) != _MAGIC:
            memory.close()
            raise NoSuchStore(f"{name!r} is shared memory, but not a live store")
        return cls(memory, owner=False)

    @property
    def name(self) -> str:
        """What `attach` takes."""
        return self._memory.name

    def close(self) -> None:
        """Let go of the block; views into it must be gone. May be called twice."""
        self.arrays.clear()
        self._memory.close()

    def unlink(self) -> None:
        """Remove the block's name, as its creator; whoever is attached keeps it until they close."""
        if self._owner:
            self._owner = False
            self._memory.unlink()


def _buffer(memory: SharedMemory) -> memoryview:
    assert memory.buf is not None, "a closed block"
    return memory.buf


_tracking: Final = Lock()


def _open(name: str) -> SharedMemory:
    """Attach without telling the resource tracker, which would unlink the block when this process ends."""
    if sys.version_info >= (3, 13):
        return SharedMemory(name, track=False)
    with _tracking:
        register = resource_tracker.register

        def register_others(other: Any, kind: str) -> None:
            if kind != "shared_memory" or str(other).lstrip("/") != name.lstrip("/"):
                register(other, kind)

        resource_tracker.register = register_others  # type: ignore[assignment]
        try:
            return SharedMemory(name)
        finally:
            resource_tracker.register = register
