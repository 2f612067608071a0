#!/usr/bin/env python3
"""Prepare this checkout and run one command in it: standard library only, so that a bare machine can start here.

    python3 bootstrap.py demo [--direct]      the window; without a display a picture and a report
    python3 bootstrap.py stack                the whole chain until Ctrl-C
    python3 bootstrap.py test [pytest's own]  style, types, import rules, tests
    python3 bootstrap.py bench | fuzz | package | jars

It makes .venv, installs what pyproject.toml names at the versions of constraints.txt, and adds missing system libraries
where it may (Debian, as root). A second run finds all that done. Package index and proxy are pip's own configuration.
"""

from __future__ import annotations

import ctypes
import hashlib
import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if sys.platform == "win32" else "bin")
STAMP = VENV / "installed.json"
OLDEST_PYTHON = (3, 11)

COMMANDS = {
    "demo": ["main.py", "demo"],
    "stack": ["main.py", "stack"],
    "bench": ["-m", "benchmarks"],
    "fuzz": ["-m", "benchmarks.fuzz"],
    "package": ["-m", "cloud.deploy.package"],
    "jars": ["-m", "runtime.jars"],
    "test": [],
}
WITH_TEST_TOOLS = {"test", "bench"}
JAR_SETS = ["kafka", "plc4x", "hive"]

# Shared library → Debian package. Asked for by library, because package names differ between releases.
QT_LIBRARIES = {
    "libglib-2.0.so.0": "libglib2.0-0",
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libxkbcommon.so.0": "libxkbcommon0",
}
X11_LIBRARIES = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libX11-xcb.so.1": "libx11-xcb1",
}
TEST_PROGRAMS = {"chromium": "chromium", "chromedriver": "chromium-driver"}

STOP_S = 20
"""How long a command may take to end after Ctrl-C before it is killed."""


class CannotPrepare(Exception):
    """The machine lacks something; the text says what, and what to do. `code` is the exit code."""

    def __init__(self, text: str, code: int = 1) -> None:
        super().__init__(text)
        self.code = code


def main(arguments: list[str]) -> int:
    """Run one command; returns its exit code, 2 for a wrong call or a machine that lacks something."""
    if not arguments or arguments[0] not in COMMANDS:
        wanted = not arguments or arguments[0] in {"-h", "--help", "help"}
        say(__doc__ or "" if wanted else f"no command {arguments[0]!r}; there are: {', '.join(COMMANDS)}")
        return 0 if arguments and wanted else 2
    command, *rest = arguments
    try:
        check_python()
        add_system_packages(command)
        make_venv()
        install("test" if command in WITH_TEST_TOOLS else "base")
        if command == "test":
            return run_tests(rest)
        arguments = rest or (JAR_SETS if command == "jars" else [])
        return run([str(venv_python()), *COMMANDS[command], *arguments]).code
    except CannotPrepare as error:
        say(str(error))
        return error.code
    except KeyboardInterrupt:
        return 130


def say(text: str) -> None:
    """A line for the person who waits; stderr, so that a command's stdout stays its own."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def check_python() -> None:
    """Raises `CannotPrepare` on a Python that is too old, naming a newer one if the machine has it."""
    if sys.version_info >= OLDEST_PYTHON:
        return
    newer = [name for name in (f"python3.{minor}" for minor in range(20, 10, -1)) if shutil.which(name)]
    hint = f"run it with {newer[0]}" if newer else "install a newer Python"
    raise CannotPrepare(f"Python {sys.version.split()[0]} is too old, 3.11 is the oldest that works: {hint}", 2)


# --- system packages -------------------------------------------------------------------------------------


def add_system_packages(command: str) -> None:
    """Install what Linux lacks for `command`, or say in one line how to. Raises `CannotPrepare`."""
    if not sys.platform.startswith("linux"):
        return
    lacking = missing_packages(command)
    if not lacking:
        return
    line = f"apt-get install -y --no-install-recommends {' '.join(lacking)}"
    if not shutil.which("apt-get"):
        raise CannotPrepare(f"this system lacks what Debian calls {' '.join(lacking)}: install them and try again", 2)
    if os.geteuid() != 0:
        raise CannotPrepare(f"system packages are missing; run: sudo apt-get update && sudo {line}", 2)
    say(f"installing system packages: {' '.join(lacking)}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for step in (["apt-get", "update"], line.split()):
        run_quietly([*step, "-q", "-o", "DPkg::Lock::Timeout=120"], environment, f"{' '.join(step[:2])} failed")


def missing_packages(command: str) -> list[str]:
    """Debian packages `command` needs and this system lacks."""
    lacking = []
    if not VENV.exists() and importlib.util.find_spec("ensurepip") is None:
        lacking.append(f"python3.{sys.version_info.minor}-venv")
    if command in {"jars", "package"}:
        return lacking
    libraries = dict(QT_LIBRARIES)
    if command == "demo" and os.environ.get("DISPLAY"):
        libraries.update(X11_LIBRARIES)
    lacking += [package for library, package in libraries.items() if not loads(library)]
    if command == "test":
        lacking += [package for program, package in TEST_PROGRAMS.items() if not shutil.which(program)]
    return lacking


def loads(library: str) -> bool:
    """Whether the dynamic loader finds `library`."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


# --- Python packages -------------------------------------------------------------------------------------


def make_venv() -> None:
    """Make .venv, anew if the Python it was made with is gone or another."""
    stamp = read_stamp()
    if venv_python().exists() and stamp.get("python", python_version()) == python_version():
        return
    say("making .venv")
    run_quietly(
        [sys.executable, "-m", "venv", "--clear", str(VENV)],
        dict(os.environ),
        "the virtual environment .venv could not be made (on Debian: apt-get install python3-venv)",
    )


def install(extra: str) -> None:
    """Install the pinned packages, `extra` being base or test; nothing to do if the stamp says so."""
    import tomllib  # not at the top: absent before 3.11, where check_python still has to speak

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    constraints = ROOT / "constraints.txt"
    wanted = {"base": list(project["dependencies"])}
    wanted["test"] = wanted["base"] + list(project["optional-dependencies"]["test"])
    marks = {
        name: hashlib.sha256(("\n".join(names) + constraints.read_text(encoding="utf-8")).encode()).hexdigest()
        for name, names in wanted.items()
    }
    stamp = read_stamp()
    if stamp.get(extra) == marks[extra]:
        return
    say(f"installing Python packages ({len(wanted[extra])} and what they need)")
    started = time.monotonic()
    # Bytes are compiled at first import instead: most modules of most packages are never imported.
    options = ["--disable-pip-version-check", "--no-input", "--progress-bar", "off", "--no-compile"]
    run_quietly(
        [str(venv_python()), "-m", "pip", "install", *options, "-c", str(constraints), *wanted[extra]],
        dict(os.environ),
        "pip could not install the packages",
        show="Collecting ",
    )
    # The test packages include the others; the others say nothing of the test packages.
    done = marks if extra == "test" else {"base": marks["base"]}
    STAMP.write_text(json.dumps({"python": python_version(), **done}), encoding="utf-8")
    say(f"Python packages installed in {time.monotonic() - started:.0f} s")


def read_stamp() -> dict[str, str]:
    """What the last complete installation was; empty if there was none."""
    try:
        stamp = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def python_version() -> str:
    """Major and minor, by which installed packages go."""
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def venv_python() -> Path:
    """The interpreter of .venv."""
    return BIN / ("python.exe" if sys.platform == "win32" else "python")


# --- running ---------------------------------------------------------------------------------------------


def run_tests(arguments: list[str]) -> int:
    """Every check, also after one that failed; pytest gets `arguments`. Returns 0 if all passed."""
    python = str(venv_python())
    imports = BIN / ("lint-imports.exe" if sys.platform == "win32" else "lint-imports")
    checks = {
        "ruff check": [python, "-m", "ruff", "check", "."],
        "ruff format": [python, "-m", "ruff", "format", "--check", "."],
        "mypy": [python, "-m", "mypy"],
        "import rules": [str(imports), "--no-logo"],
        "jars": [python, "-m", "runtime.jars", *JAR_SETS],
        "pytest": [python, "-m", "pytest", *arguments],
    }
    failed = []
    for name, command in checks.items():
        say(f"--- {name}")
        started = time.monotonic()
        code, stopped = run(command)
        if stopped:
            return 130
        say(f"--- {name}: {'passed' if code == 0 else f'FAILED ({code})'} in {time.monotonic() - started:.0f} s")
        if code:
            failed.append(name)
    say(f"failed: {', '.join(failed)}" if failed else "all checks passed")
    return 1 if failed else 0


class Ended(NamedTuple):
    """How a command ended: its exit code, and whether it was told to stop."""

    code: int
    stopped: bool


def run(command: list[str]) -> Ended:
    """Run `command` in the checkout to its end; Ctrl-C, SIGTERM and SIGHUP reach it once.

    It gets a process group of its own, so that a terminal's Ctrl-C arrives once (through us). If we die without a
    word its standard input ends, and on Linux it gets SIGTERM.
    """
    environment = {**os.environ, "PYTHONUTF8": "1", "VIRTUAL_ENV": str(VENV), "PYTHONPATH": str(ROOT)}
    # A machine that forbids bytecode files would compile every module anew at every start of every process.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    # At the end: a Go or a browser the machine has goes before one from .venv.
    environment["PATH"] = os.pathsep.join([os.environ.get("PATH", os.defpath), str(BIN)])
    headless = sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    if headless:
        environment.setdefault("QT_QPA_PLATFORM", "offscreen")
    if sys.platform == "win32":
        return run_in_our_group(command, environment)
    return run_in_own_group(command, environment)


def run_in_own_group(command: list[str], environment: dict[str, str]) -> Ended:
    """POSIX: pass the first signal on to the command's group; a second one, or no end within STOP_S, kills it."""
    asked: list[int] = []

    def pass_on(number: int, _frame: object) -> None:
        asked.append(number)
        try:
            os.killpg(process.pid, number if len(asked) == 1 else signal.SIGKILL)
        except ProcessLookupError:
            return
        signal.alarm(STOP_S)

    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        process_group=0,
        preexec_fn=end_with_us if sys.platform.startswith("linux") else None,  # noqa: PLW1509 - we have one thread
    )
    caught = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM)
    before = {number: signal.signal(number, pass_on) for number in caught}
    try:
        with process:
            code = process.wait()
    finally:
        signal.alarm(0)
        for number, handler in before.items():
            signal.signal(number, handler)
    return Ended(code if code >= 0 else 128 - code, bool(asked))


def end_with_us() -> None:
    """In the command's process, before it starts: ask Linux for SIGTERM when we die (prctl PR_SET_PDEATHSIG = 1)."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def run_in_our_group(command: list[str], environment: dict[str, str]) -> Ended:
    """Windows: the console gives Ctrl-C to every process in it; ours only waits."""
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.PIPE)
    try:
        with process:
            return Ended(process.wait(), stopped=False)
    except KeyboardInterrupt:
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            subprocess.run(["taskkill", "/T", "/F", "/PID", str(process.pid)], capture_output=True, check=False)
        return Ended(130, stopped=True)


def run_quietly(command: list[str], environment: dict[str, str], failure: str, show: str = "") -> None:
    """Run a step, one line now and then for those of its lines that begin with `show`.

    Raises `CannotPrepare` with `failure` and the step's last lines.
    """
    lines: list[str] = []
    spoken = time.monotonic()
    count = 0
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        assert process.stdout is not None
        for raw in process.stdout:
            line = raw.decode("utf-8", "replace").rstrip()
            lines.append(line)
            if show and line.startswith(show):
                count += 1
                if time.monotonic() - spoken > 2.0:
                    spoken = time.monotonic()
                    say(f"  {count}: {line.removeprefix(show).split(' ')[0]}")
            elif show and line.startswith("Installing collected"):
                say(f"  {count} packages are here; unpacking")
    if process.returncode:
        tail = "\n".join(f"  {line}" for line in lines[-15:])
        raise CannotPrepare(f"{failure}:\n{tail}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
