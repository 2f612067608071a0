"""PyDM 1.29.0 beside the canvas: CPU a frame of 3,000 of its widgets, in an environment of its own under build/.

Three quarters are labels, one quarter byte indicators, fed by a data plugin inside the process: no network, no EPICS.
The environment is made when it is first needed and holds the same PySide6 as ours.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import PySide6

ROOT: Final = Path(__file__).parents[1]
FOLDER: Final = ROOT / "build" / "pydm"
VERSION: Final = "1.29.0"
WIDGETS: Final = 3000
FRAMES: Final = 12
_TIMEOUT_S: Final = 1800


def run() -> dict[str, Any]:
    """`us_per_changed_widget` and more; `failed` with one sentence where PyDM cannot be had."""
    python = FOLDER / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    try:
        _install(python)
        done = subprocess.run(
            [python, Path(__file__).with_name("_pydm_child.py"), str(WIDGETS), str(FRAMES)],
            capture_output=True, text=True, timeout=_TIMEOUT_S, check=True,
            env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "QT_API": "pyside6", "PYDM_DATA_PLUGINS_PATH": ""},
        )  # fmt: skip
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    except subprocess.CalledProcessError as error:
        return {"failed": _last_line(error.stderr) or f"exit code {error.returncode}"}
    except (OSError, subprocess.TimeoutExpired, ValueError, IndexError) as error:
        return {"failed": str(error).splitlines()[0]}
    return found


def _install(python: Path) -> None:
    wanted = [f"pydm=={VERSION}", f"PySide6=={PySide6.__version__}"]
    stamp = FOLDER / "installed.txt"
    if stamp.exists() and stamp.read_text(encoding="utf-8").split() == wanted:
        return
    commands: list[list[str | Path]] = [
        [sys.executable, "-m", "venv", "--clear", FOLDER],
        [python, "-m", "pip", "install", "-q", "--disable-pip-version-check", *wanted],
    ]
    for command in commands:
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=_TIMEOUT_S)
    stamp.write_text("\n".join(wanted) + "\n", encoding="utf-8")


def _last_line(text: str | None) -> str:
    lines = [line for line in (text or "").splitlines() if line.strip()]
    return lines[-1].strip() if lines else ""
