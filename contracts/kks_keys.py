"""What the keys of a KKS code mean, in English and Spanish.

`kks_keys.csv` beside this file holds them: `read` marks a key seen in a key list or a public description of VGB-B 105,
`general` one known from general use of the system and checked against no list. A project extends or replaces keys by a
CSV of the same columns (`kks_keys` in plant.toml): refineries number their own functions.
"""

from __future__ import annotations

import csv
import logging
from collections.abc import Callable, Mapping
from functools import cache
from importlib import resources
from io import StringIO
from pathlib import Path
from typing import Final, Literal, NamedTuple, get_args

from contracts import kks as kks_code
from contracts.kks import Kks
from contracts.number_text import Language

LEVELS: Final = (
    "main", "group", "system", "third", "unit group", "unit", "variable", "component group", "component",
)  # fmt: skip
_COLUMNS: Final = ("level", "key", "source", "en", "es")
_VARIABLE_CIRCUITS: Final = "CDF"
_WORDS: Final[Mapping[str, Mapping[Language, str]]] = {
    "plant": {"en": "Unit or site part", "es": "Unidad o parte de la instalación"},
    "train": {"en": "System train", "es": "Línea del sistema"},
    "section": {"en": "section", "es": "tramo"},
    "number": {"en": "number", "es": "número"},
    "redundant": {"en": "redundant or sub unit", "es": "redundante o subunidad"},
    "unknown": {"en": "not in the key lists", "es": "no está en las listas de claves"},
    "place": {"en": "Point of installation", "es": "Punto de montaje"},
    "room": {"en": "Room", "es": "Recinto"},
    "structure": {"en": "Structure", "es": "Edificio o estructura"},
}


class BadKeys(ValueError):
    """A table of keys that cannot be used; says file, line and what to do."""


class Key(NamedTuple):
    """One key's meaning."""

    words: Mapping[Language, str]
    source: str
    """`read`, `general`, or `project` for a project's own."""


Keys = Mapping[tuple[str, str], Key]
Level = Literal["plant", "train", "system", "place", "unit", "component"]


class Part(NamedTuple):
    """A piece of a code and what it means."""

    level: Level
    text: str
    """`CL001`."""
    words: str
    """`Measuring circuit, level, number 001`."""
    known: bool
    """False where no list holds the key: then `words` says so."""


@cache
def standard() -> Keys:
    """The keys that ship with the product, by level and key."""
    name = "kks_keys.csv"
    return _read((resources.files("contracts") / name).read_text(encoding="utf-8"), name)


def read(path: Path) -> Keys:
    """The standard keys with a project's own from a CSV over them. Raises `BadKeys`."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadKeys(f"{path}: cannot be read as UTF-8 CSV: {error}") from error
    own = {place: key._replace(source="project") for place, key in _read(text, str(path)).items()}
    return {**standard(), **own}


@cache
def of_project(file: Path | None) -> Keys:
    """The keys a plant uses: its own over the standard ones, read once; the standard ones for None.

    A wrong word list must not keep a plant from being watched: it is logged, and `check` says the same as a warning.
    """
    if file is None:
        return standard()
    try:
        return read(file)
    except BadKeys as error:
        logging.getLogger(__name__).warning("%s", error)
        return standard()


def _read(text: str, name: str) -> Keys:
    header = text.partition("\n")[0]
    reader = csv.DictReader(StringIO(text), delimiter=";" if header.count(";") > header.count(",") else ",")
    missing = [column for column in _COLUMNS if column not in (reader.fieldnames or ()) and column != "source"]
    if missing:
        raise BadKeys(f"{name}, line 1: column {', '.join(missing)} is missing; needed are {', '.join(_COLUMNS)}")
    keys: dict[tuple[str, str], Key] = {}
    for row in reader:
        level, key = (row["level"] or "").strip().lower(), (row["key"] or "").strip().upper()
        if level not in LEVELS:
            raise BadKeys(f"{name}, line {reader.line_num}, column level: {level!r} is not one of {', '.join(LEVELS)}")
        words: dict[Language, str] = {language: (row[language] or "").strip() for language in get_args(Language)}
        if not key or not any(words.values()):
            raise BadKeys(f"{name}, line {reader.line_num}: key, or both of en and es, are empty")
        filled = {language: text or next(filter(None, words.values())) for language, text in words.items()}
        keys[level, key] = Key(filled, (row.get("source") or "").strip())
    return keys


def meaning(code: Kks | str, language: Language, keys: Keys | None = None) -> list[Part]:
    """What each part of a code says, from the plant down to the signal. Raises `BadKks` for a text that is no code."""
    if isinstance(code, str):
        code = kks_code.parse_place(code) if code.lstrip().startswith("+") else kks_code.parse(code)
    return list(_parts(code, language, standard() if keys is None else keys))


def words_of(text: str, language: Language, keys: Keys | None = None) -> str:
    """The meaning in one line, for a tip or a search: what it is before where it belongs; empty for no KKS code."""
    if not kks_code.is_kks(text):
        return ""
    parts = meaning(text, language, keys)
    return " · ".join(part.words for part in reversed(parts) if part.known and part.level not in ("plant", "train"))


def _parts(code: Kks, language: Language, keys: Keys) -> list[Part]:
    def say(name: str) -> str:
        return _WORDS[name][language]

    def look(level: str, key: str) -> str:
        found = keys.get((level, key))
        return "" if found is None else found.words[language]

    parts = []
    if code.total_plant:
        parts.append(Part("plant", code.total_plant, f"{say('plant')} {code.total_plant}", True))
    if code.train:
        # One leading digit is the unit or the train; the project knows which, so both are said.
        only = "" if code.total_plant else f"{say('plant')} / "
        parts.append(Part("train", code.train, f"{only}{say('train')} {code.train}", True))
    system, known = _system(code.system, look)
    section = f", {say('section')} {code.system_number}"
    parts.append(Part("system", code.system + code.system_number, (system or say("unknown")) + section, known))
    if code.place:
        kind = "structure" if code.place == "+" else "room" if code.place.startswith("R") else "place"
        parts.append(Part("place", code.place, f"{say(kind)} {code.place.lstrip('.+')}".strip(), True))
    if code.unit_key:
        words = _unit(code.unit_key, look)
        extra = f", {say('redundant')} {code.suffix}" if code.suffix else ""
        parts.append(
            Part(
                "unit",
                code.unit_key + code.unit_number + code.suffix,
                f"{words or say('unknown')}, {say('number')} {code.unit_number}{extra}",
                bool(words),
            )
        )
    if code.component_key:
        words = look("component", code.component_key) or _gated(code.component_key, look)
        parts.append(
            Part(
                "component",
                code.component_key + code.component_number,
                f"{words or say('unknown')}, {say('number')} {code.component_number}",
                bool(words),
            )
        )
    return parts


def _system(key: str, look: Callable[[str, str], str]) -> tuple[str, bool]:
    """F1F2F3: its own entry, else what is known of its group, its third letter and its main group."""
    whole = look("system", key)
    if whole:
        return whole, True
    third = look("third", key[2])
    near = look("group", key[:2]) or look("main", key[0])
    return (f"{near}: {third[:1].lower()}{third[1:]}" if near and third else near), bool(near)


def _unit(key: str, look: Callable[[str, str], str]) -> str:
    found = look("unit", key)
    if found:
        return found
    group, variable = look("unit group", key[0]), look("variable", key[1])
    # Only direct measuring circuits have a manual input.
    if key[0] in _VARIABLE_CIRCUITS and variable and not (key[1] == "H" and key[0] != "C"):
        return f"{group}, {variable}"
    return ""


def _gated(key: str, look: Callable[[str, str], str]) -> str:
    """Z with the letter of a signal origin: the same signal after a logic."""
    origin = look("component", f"X{key[1]}") if key[0] == "Z" else ""
    return f"{look('component group', 'Z')}: {origin[:1].lower()}{origin[1:]}" if origin else ""
