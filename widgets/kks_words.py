"""What a KKS code says, in the language in use and with the plant's own keys: for tips, search and tables. No Qt."""

from __future__ import annotations

import logging
from functools import lru_cache
from pathlib import Path

from contracts import kks_keys
from contracts.kks_keys import Keys
from contracts.plant import Plant
from resources.words import language


@lru_cache(maxsize=32)
def _keys(path: Path | None) -> Keys:
    if path is None:
        return kks_keys.standard()
    try:
        return kks_keys.read(path)
    except kks_keys.BadKeys as error:
        # A wrong word list must not keep a plant from being watched; `check` says the same as a warning.
        logging.getLogger(__name__).warning("%s", error)
        return kks_keys.standard()


def kks_words(plant: Plant, code: str) -> str:
    """`Bomba, número 001 · Combustibles líquidos: bombeo, tramo 11`; empty for what is no KKS code."""
    return kks_keys.words_of(code, language(), _keys(plant.kks_keys))
