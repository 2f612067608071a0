"""What a KKS code says, in the language in use and with the plant's own keys: for tips, search and tables. No Qt."""

from __future__ import annotations

from contracts import kks_keys
from contracts.plant import Plant
from resources.words import language


def kks_words(plant: Plant, code: str) -> str:
    """`Bomba, número 001 · Combustibles líquidos: bombeo, tramo 11`; empty for what is no KKS code."""
    return kks_keys.words_of(code, language(), kks_keys.of_project(plant.kks_keys))
