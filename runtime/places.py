"""Where things lie on this machine: what can be fetched again (cache) and what must last (state)."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs


def cache_folder() -> Path:
    """Jars and built helpers; deleting it costs a download. `SINOPTICO_CACHE` overrides it."""
    return _folder(os.environ.get("SINOPTICO_CACHE") or platformdirs.user_cache_dir("sinoptico", appauthor=False))


def state_folder() -> Path:
    """Kafka's log, lake, buffers, settings; deleting it loses data. `SINOPTICO_STATE` overrides it."""
    return _folder(os.environ.get("SINOPTICO_STATE") or platformdirs.user_data_dir("sinoptico", appauthor=False))


def _folder(text: str) -> Path:
    path = Path(text)
    path.mkdir(parents=True, exist_ok=True)
    return path
