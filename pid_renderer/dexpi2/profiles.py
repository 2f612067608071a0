"""Symbols of a profile: a catalogue in a file of its own, which a company gives its drawings to refer to."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from pid_renderer.dexpi2.objects import Item, Model
from pid_renderer.drawing import BadDrawing
from pid_renderer.xml_document import load

_FILE_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Profiles:
    """Finds `DiscProfile/ND0178` in the drawing itself, else in `DiscProfile.xml` in the drawing's folder.

    Nothing is ever fetched: an import's `source` names a place on the network.
    """

    def __init__(self, model: Model, folder: Path | None, miss: Callable[[str, Any], None]) -> None:
        self._model = model
        self._folder = folder
        self._miss = miss
        self._opened: dict[str, Model | None] = {}

    def find(self, reference: str, user: Item) -> Item | None:
        """The shape or symbol that `user` refers to; None, counted, where it is nowhere."""
        found = self._model.find(reference)
        if found is None and not reference.startswith("#"):
            profile = self._profile(reference.partition("/")[0], user)
            found = profile.find(reference) if profile is not None else None
        if found is None:
            self._miss(f"symbol {reference[:60]!r} is neither in the file nor in a profile beside it", user)
        return found

    def _profile(self, prefix: str, user: Item) -> Model | None:
        if prefix not in self._opened:
            self._opened[prefix] = self._open(prefix, user)
        return self._opened[prefix]

    def _open(self, prefix: str, user: Item) -> Model | None:
        if self._folder is None or not _FILE_NAME.fullmatch(prefix):
            return None
        path = self._folder / f"{prefix}.xml"
        try:
            state = path.stat()
            return _read(path, state.st_mtime_ns, state.st_size)
        except OSError:
            return None
        except BadDrawing as error:
            self._miss(f"profile: {error}", user)
            return None


@lru_cache(maxsize=2)
def _read(path: Path, _changed_ns: int, _size: int) -> Model:
    """The objects of a profile. All sheets of a plant share one, and it is larger than any of them."""
    return Model(load(path), path.name, lambda *_: None)


def variant(symbol: Item, represented: Item | None) -> Item | None:
    """Of a symbol's variants the one whose condition the represented object meets, else the first without one."""
    plain = None
    for each in symbol.parts.get("Variants", []):
        condition = each.part("Condition")
        if condition is None:
            plain = plain or each
        elif represented is not None and represented.word(condition.word("Property")) == condition.word("Value"):
            return each
    return plain
