"""How much memory this process holds."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

_PROC: Final = Path("/proc/self/statm")


def rss_mb() -> float:
    """Resident memory in MB; on macOS the most it ever was; 0 where the system tells neither."""
    if _PROC.exists():
        return int(_PROC.read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    try:
        import resource
    except ImportError:
        return 0.0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
