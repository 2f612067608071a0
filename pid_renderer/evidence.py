"""What speaks for a signal belonging to an element: words, units, roles and tags of P&IDs and signal lists."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Final, NamedTuple

from contracts import kks as kks_code
from contracts import tags
from contracts.number_text import Language
from contracts.signal_list import Signal

FITS: Final[Mapping[str, frozenset[str]]] = {
    "tank": frozenset({"level", "temperature", "pressure", "density", "volume", "mass", "weight"}),
    "vessel": frozenset({"level", "temperature", "pressure", "density", "weight"}),
    "column": frozenset({"level", "temperature", "pressure"}),
    "pump": frozenset({"running", "fault", "trip", "command", "speed", "current", "power", "vibration", "mode"}),
    "compressor": frozenset({"running", "fault", "trip", "command", "speed", "current", "power", "vibration", "mode"}),
    "agitator": frozenset({"running", "fault", "trip", "command", "speed", "current", "power"}),
    "exchanger": frozenset({"temperature", "duty", "flow", "pressure", "running", "fault"}),
    "furnace": frozenset({"temperature", "duty", "running", "fault", "trip", "pressure"}),
    "valve": frozenset({"position", "open", "closed", "command", "output", "fault"}),
}
"""Roles that a thing of each family has of itself; what an instrument has, its letters say."""

KEY_FAMILIES: Final[Mapping[str, frozenset[str]]] = {
    "AA": frozenset({"valve"}), "AC": frozenset({"exchanger"}), "AM": frozenset({"agitator"}),
    "AN": frozenset({"compressor"}), "AP": frozenset({"pump"}), "AV": frozenset({"furnace"}),
    "BB": frozenset({"tank", "vessel", "column"}),
}  # fmt: skip
"""A1A2 of KKS → families of elements."""

_WORDS: Final[Mapping[str, str]] = {
    "tanque": "tank", "deposito": "tank", "tank": "tank", "recipiente": "vessel", "vessel": "vessel", "drum": "vessel",
    "separador": "vessel", "separator": "vessel", "reactor": "vessel", "columna": "column", "torre": "column",
    "column": "column", "tower": "column", "bomba": "pump", "pump": "pump", "compresor": "compressor",
    "compressor": "compressor", "soplante": "compressor", "blower": "compressor", "ventilador": "compressor",
    "fan": "compressor", "intercambiador": "exchanger", "exchanger": "exchanger", "enfriador": "exchanger",
    "cooler": "exchanger", "calentador": "furnace", "heater": "furnace", "horno": "furnace", "furnace": "furnace",
    "caldera": "furnace", "boiler": "furnace", "valvula": "valve", "valve": "valve", "agitador": "agitator",
    "agitator": "agitator", "mezclador": "agitator", "mixer": "agitator",
}  # fmt: skip
"""Folded words of descriptions → the family they name."""

UNITS: Final[Mapping[str, str]] = {
    "m": "level", "mm": "level", "bar": "pressure", "barg": "pressure", "bara": "pressure", "mbar": "pressure",
    "kpa": "pressure", "mpa": "pressure", "pa": "pressure", "psi": "pressure", "psig": "pressure",
    "kg/cm2": "pressure", "°c": "temperature", "c": "temperature", "k": "temperature", "°f": "temperature",
    "m3/h": "flow", "m³/h": "flow", "l/min": "flow", "l/h": "flow", "t/h": "flow", "kg/h": "flow", "kg/s": "flow",
    "nm3/h": "flow", "rpm": "speed", "1/min": "speed", "a": "current", "kw": "power", "mw": "power", "v": "voltage",
    "kg/m3": "density", "kg/m³": "density", "mm/s": "vibration",
}  # fmt: skip
"""Folded units → the role they are measured in; % and none say nothing."""

REASONS: Final[Mapping[str, Mapping[Language, str]]] = {
    "tag": {"es": "misma etiqueta, escrita de otra forma: {what}", "en": "same tag, written differently: {what}"},
    "loop": {"es": "mismo lazo {what}", "en": "same loop {what}"},
    "number": {"es": "mismo número {what}", "en": "same number {what}"},
    "family of loops": {"es": "lazo de la familia {what}", "en": "loop of the family {what}"},
    "named": {"es": "la descripción nombra {what}", "en": "the description names {what}"},
    "listed loop": {"es": "la lista de señales dice lazo {what}", "en": "the signal list says loop {what}"},
    "misread": {"es": "I y O leídas como 1 y 0: {what}", "en": "I and O read as 1 and 0: {what}"},
    "key": {"es": "la clave KKS {what} es de esta clase", "en": "the KKS key {what} is of this class"},
    "measures": {"es": "el instrumento mide {what}", "en": "the instrument measures {what}"},
    "role": {"es": "«{what}» es propio de su clase", "en": "the role {what} is one of its class"},
    "words": {"es": "palabras en común: {what}", "en": "words in common: {what}"},
    "unit": {"es": "la unidad {what} concuerda", "en": "the unit {what} agrees"},
    "neighbour": {"es": "junto a {what}, del mismo grupo", "en": "beside {what}, of the same group"},
    "rival": {"es": "otro candidato es casi igual de bueno", "en": "another candidate is nearly as good"},
    "taken": {"es": "otra señal encaja mejor aquí", "en": "another signal fits better here"},
}
_EMPTY: Final = frozenset(
    {"with", "para", "from", "desde", "entrada", "salida", "nivel", "level", "temperatura", "temperature", "presion"}
    | {"pressure", "caudal", "flow", "marcha", "running", "fallo", "fault", "custom", "process", "function"}
    | {"instrument", "instrumentation", "instrumento"}
)
"""Words that say what is measured or nothing: they name no thing."""


_SPANISH: Final[Mapping[str, str]] = {
    "level": "nivel", "temperature": "temperatura", "pressure": "presión", "flow": "caudal", "density": "densidad",
    "position": "posición", "speed": "velocidad", "current": "corriente", "power": "potencia", "voltage": "tensión",
    "vibration": "vibración", "weight": "peso", "analysis": "análisis", "moisture": "humedad", "running": "en marcha",
    "fault": "fallo", "trip": "disparo", "command": "orden", "open": "abierta", "closed": "cerrada", "mode": "modo",
    "output": "salida", "setpoint": "consigna", "duty": "carga térmica", "volume": "volumen", "mass": "masa",
    "tank": "tanque", "vessel": "recipiente", "column": "columna", "pump": "bomba", "compressor": "compresor",
    "exchanger": "intercambiador", "furnace": "horno", "valve": "válvula", "agitator": "agitador",
}  # fmt: skip
"""Roles and families, which the signal list and this module name in English."""


def said(word: str, language: Language) -> str:
    """A role or family in a language; any other word as it is."""
    return _SPANISH.get(word, word) if language == "es" else word


class Reason(NamedTuple):
    """One piece of evidence."""

    kind: str
    what: str
    weight: float


def folded(text: str) -> str:
    """Text as it is compared: no accents, small letters."""
    plain = unicodedata.normalize("NFKD", text)
    return "".join(sign for sign in plain if not unicodedata.combining(sign)).lower()


_TOKEN: Final = re.compile(r"[A-Z0-9][A-Z0-9.\-_/]*[A-Z0-9]|[A-Z0-9]", re.IGNORECASE)


def named(text: str) -> set[str]:
    """Keys of what may be tags in a description; `PI 4712.01` is one though a blank parts it."""
    tokens = [token for token in _TOKEN.findall(text) if any(sign.isdigit() for sign in token)]
    pairs = re.findall(r"\b([A-Za-z]{1,5}) (\d[\d.]*[A-Za-z]?)\b", text)
    key = tags.scheme("isa").key
    return {key(token) for token in (*tokens, *(f"{letters}-{number}" for letters, number in pairs))}


FAMILY_WORDS: Final = frozenset(_WORDS.values())
"""What `words` makes of a word that names a family."""


def words(text: str) -> set[str]:
    """Telling words of a description or a class name, in one language where they name a family."""
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)
    found = set(re.findall(r"[a-z]{4,}", folded(parted)))
    return {_WORDS.get(word, _WORDS.get(word.removesuffix("s"), word)) for word in found} - _EMPTY


def group_of(signal: Signal) -> str:
    """What signals of one piece of plant share: its equipment, else the KKS system or the number's first part."""
    if signal.equipment:
        return tags.plain(signal.equipment)
    if kks_code.is_kks(signal.kks) and kks_code.parse(signal.kks).unit_key:
        code = kks_code.parse(signal.kks)
        return code.unit + code.system + code.system_number
    found = tags.isa(signal.kks)
    return f"#{found.loop[0]}-{found.loop[1].partition('.')[0]}" if found is not None else ""
