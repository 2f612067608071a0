"""What a historian says went wrong, in the window's language: its sentences are English where they arise."""

from __future__ import annotations

import re
from typing import Final

from resources.words import language

_SPANISH: Final = (
    (
        r"(.+): there is no such lake folder; start the lake writer or name another",
        r"\1: no existe esa carpeta del lago; arranque el escritor del lago o indique otra",
    ),
    (
        r"no historian is known for (.+); name one in plant\.toml \[historian\] url",
        r"no se conoce historiador para \1; indíquelo en plant.toml, url de [historian]",
    ),
    (
        r"(.+): a historian is hive://host:port or a lake folder; gs:// is read through Hive",
        r"\1: un historiador es hive://host:puerto o una carpeta del lago; gs:// se lee a través de Hive",
    ),
    (r"(.+): expected hive://host:port, e\.g\. (.+)", r"\1: se esperaba hive://host:puerto, p. ej. \2"),
    (
        r"no answer within (.+) s; ask for less time or fewer tags",
        r"sin respuesta en \1 s; pida menos tiempo o menos señales",
    ),
    (
        r"Hive gave no answer within (.+) s; ask for less time or fewer tags",
        r"Hive no respondió en \1 s; pida menos tiempo o menos señales",
    ),
    (
        r"Kafka was not read to its end within (.+) s; ask for fewer tags",
        r"Kafka no se leyó hasta el final en \1 s; pida menos señales",
    ),
    (
        r"more than (\d+) samples; ask for less time, fewer tags or an overview",
        r"más de \1 muestras; pida menos tiempo, menos señales o una vista de conjunto",
    ),
    (
        r"more than (\d+) samples near these times; ask for fewer times or equal steps",
        r"más de \1 muestras junto a estos instantes; pida menos instantes o pasos iguales",
    ),
    (r"the span ends before it begins", "el intervalo acaba antes de empezar"),
    (r"(.+) is no limit; give a number", r"\1 no es un límite; dé un número"),
    (r"this user may not read (.+) at (.+)", r"este usuario no puede leer \1 en \2"),
    (
        r"Kafka at (.+) does not answer, so what is newer than the lake is missing",
        r"Kafka en \1 no responde: falta lo más reciente que el lago",
    ),
    (r"Kafka at (.+) has no topic (.+)", r"Kafka en \1 no tiene el tema \2"),
)

_HIVE: Final = (
    (r"login or password is wrong", "usuario o contraseña incorrectos"),
    (
        r"[Tt]able (?:or view )?not found:? ?(.*); bring its tables up to date with: (.+)",
        r"no tiene la tabla \1; actualice sus tablas con: \2",
    ),
    (
        r"Invalid table alias or column reference '?(.*?)'?; bring its tables up to date with: (.+)",
        r"no tiene la columna \1; actualice sus tablas con: \2",
    ),
    (r"there is no database (.+)", r"no existe la base de datos \1"),
    (r"(.+) may not read (.+)", r"\1 no puede leer \2"),
    (
        r"the server has too little memory for this; ask for less time",
        "el servidor no tiene memoria para esto; pida menos tiempo",
    ),
    (r"the server could not run it; its log says why", "el servidor no pudo ejecutarlo; su registro dice por qué"),
    (r"a file of the lake is gone", "falta un archivo del lago"),
    (r"it takes connections but says nothing", "acepta conexiones pero no contesta"),
    (
        r"it does not answer; is it running, and is the port right\?",
        "no responde; ¿está en marcha y es correcto el puerto?",
    ),
    (r"the connection broke \((.+)\)", r"se cortó la conexión (\1)"),
)
"""What follows `Hive at …:` (data/historians/hive.py)."""


def spoken(text: str) -> str:
    """A historian's sentence in the language in use; as it is where it is not listed (an engine's own words)."""
    if language() == "en":
        return text
    if at_hive := re.fullmatch(r"Hive at (.+?): (.+)", text, re.DOTALL):
        return f"Hive en {at_hive[1]}: {_translated(at_hive[2], _HIVE)}"
    return _translated(text, _SPANISH)


def _translated(text: str, known: tuple[tuple[str, str], ...]) -> str:
    for english, spanish in known:
        found = re.fullmatch(english, text, re.DOTALL)
        if found is not None:
            return found.expand(spanish)
    return text
