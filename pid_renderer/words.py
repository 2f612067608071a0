"""The few words the drawing itself says, in both languages."""

from __future__ import annotations

from typing import Final

from contracts.number_text import Language

_WORDS: Final[dict[str, dict[Language, str]]] = {
    "running": {"es": "en marcha", "en": "running"},
    "stopped": {"es": "parada", "en": "stopped"},
    "starting": {"es": "arrancando", "en": "starting"},
    "tripped": {"es": "disparo", "en": "tripped"},
    "unknown": {"es": "sin dato", "en": "no data"},
    "open": {"es": "abierta", "en": "open"},
    "closed": {"es": "cerrada", "en": "closed"},
    "travelling": {"es": "en tránsito", "en": "travelling"},
    "throttling": {"es": "regulando", "en": "throttling"},
    "lifted": {"es": "disparada, alivia", "en": "lifted"},
    "late": {"es": "tarda más de lo previsto", "en": "slower than expected"},
    "working": {"es": "en servicio", "en": "working"},
    "idle": {"es": "sin carga", "en": "idle"},
    "bypassed": {"es": "en baipás", "en": "bypassed"},
    "lit": {"es": "encendido", "en": "lit"},
    "out": {"es": "apagado", "en": "out"},
    "good": {"es": "buena", "en": "good"},
    "uncertain": {"es": "dudosa", "en": "uncertain"},
    "stale": {"es": "vieja", "en": "stale"},
    "last known": {"es": "mala, último valor", "en": "bad, last value"},
    "bad": {"es": "mala, sin valor", "en": "bad, no value"},
    "forced": {"es": "forzada", "en": "forced"},
    "ago": {"es": "hace", "en": "age"},
    "alarm": {"es": "alarma", "en": "alarm"},
    "unacknowledged": {"es": "sin reconocer", "en": "unacknowledged"},
    "acknowledged": {"es": "reconocida", "en": "acknowledged"},
    "returned": {"es": "volvió, sin reconocer", "en": "returned, unacknowledged"},
    "shelved": {"es": "aparcada", "en": "shelved"},
    "suppressed": {"es": "suprimida", "en": "suppressed"},
    "out of service": {"es": "fuera de servicio", "en": "out of service"},
    "empty sheet": {"es": "Sin dibujo todavía", "en": "No drawing yet"},
    "drawing": {"es": "Dibujo", "en": "Drawing"},
    "no graphics": {
        "es": "Este P&ID no trae gráficos: solo la lista de elementos",
        "en": "This P&ID has no graphics: only its list of elements",
    },
}


def word(key: str, language: Language) -> str:
    """The word for `key`."""
    return _WORDS[key][language]
