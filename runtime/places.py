"""Where things lie on this machine: what can be fetched again (cache) and what must last (state)."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs


def cache_folder() -> Path:
    """Jars and built helpers; deleting it costs a download. `SINOPTICO_CACHE` overrides it."""
    return _folder("SINOPTICO_CACHE", platformdirs.user_cache_dir("sinoptico", appauthor=False))


def state_folder() -> Path:
    """Kafka's log, lake, buffers, settings; deleting it loses data. `SINOPTICO_STATE` overrides it."""
    return _folder("SINOPTICO_STATE", platformdirs.user_data_dir("sinoptico", appauthor=False))


def _folder(variable: str, default: str) -> Path:
    path = Path(os.environ.get(variable) or default)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        why = f"this folder cannot be made ({error.strerror}); name another one in {variable}"
        raise OSError(error.errno, why, str(path)) from error
    return path
