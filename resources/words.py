"""The interface's words, Spanish and English (`translations/*.json`). No Qt: commands print them too.

The language is the process's: a window, its widgets and a printed table must not speak two.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import get_args

from contracts.number_text import Language

_chosen: list[Language] = ["es"]


def use(language: Language) -> None:
    """Speak this language from now on."""
    if language not in get_args(Language):
        raise ValueError(f"language {language!r} is not one of {', '.join(get_args(Language))}")
    _chosen[0] = language


def language() -> Language:
    """The language in use."""
    return _chosen[0]


@cache
def words(of: Language) -> dict[str, str]:
    """Every key and its text in one language."""
    text = (resources.files("resources") / "translations" / f"{of}.json").read_text(encoding="utf-8")
    found: dict[str, str] = json.loads(text)
    return found


def t(key: str, **values: object) -> str:
    """The text of `key`, with `{name}` places filled from `values`. Raises KeyError for a key that does not exist."""
    text = words(language())[key]
    return text.format(**values) if values else text
