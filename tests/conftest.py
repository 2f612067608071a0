"""Fixtures every room may name, and what must hold for the whole run.

Those that start a real engine stand in tests/engines, one module an engine.
"""

import os
import sys
import time
import uuid
from pathlib import Path

import pytest

pytest_plugins = [
    "tests.engines.broker",
    "tests.engines.broker_with_users",
    "tests.engines.browser",
    "tests.engines.object_store",
    "tests.engines.hive",  # after what it imports
]

RUN_MARK = "SINOPTICO_TEST_RUN"
"""In the environment of every process the tests start, however deep, so that one left behind is recognised."""

LEFT_BEHIND_S = 10.0


def pytest_configure(config: pytest.Config) -> None:
    os.environ[RUN_MARK] = uuid.uuid4().hex
    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


@pytest.fixture(autouse=True)
def own_state_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes what the person at this machine has: each has a state folder of its own."""
    monkeypatch.setenv("SINOPTICO_STATE", str(tmp_path_factory.getbasetemp() / "state" / uuid.uuid4().hex))


@pytest.fixture(scope="session")
def qapp(qapp):
    """With the shipped fonts from the first test on: what was measured with others would be kept."""
    from widgets.style import load_fonts

    load_fonts()
    return qapp


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Fail a run that leaves a process behind, naming it."""
    deadline = time.monotonic() + LEFT_BEHIND_S
    while (left := processes_of_this_run()) and time.monotonic() < deadline:
        time.sleep(0.1)
    if left:
        reporter = session.config.pluginmanager.get_plugin("terminalreporter")
        for line in left:
            reporter.write_line(f"LEFT BEHIND: {line}", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def processes_of_this_run() -> list[str]:
    """Living processes the tests started and that should be gone; empty where the system cannot tell (not Linux)."""
    mark = f"{RUN_MARK}={os.environ[RUN_MARK]}".encode()
    left = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            environment = (folder / "environ").read_bytes()
            words = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        except OSError:
            continue
        # Python's own tracker of shared memory lives as long as the interpreter that started it.
        if int(folder.name) != os.getpid() and mark in environment.split(b"\0") and "resource_tracker" not in words:
            left.append(f"{folder.name} {words[:200]}")
    return left
