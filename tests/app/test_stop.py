"""`main.py demo` told to end from outside, as a process of its own."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LONGEST_S = 60


def children(pid: int) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[1]) == pid:
                found.append(int(entry.name))
    return found


def alive(pid: int) -> bool:
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.fixture
def demo(tmp_path):
    """The demo in direct mode, off screen, once its path is up."""
    process = subprocess.Popen(
        [
            sys.executable,
            str(ROOT / "main.py"),
            "demo",
            "--language",
            "en",
            "--direct",
            "--off-screen",
            "--out",
            str(tmp_path / "x.png"),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "SINOPTICO_STATE": str(tmp_path), "DEMO_SECONDS": "300"},
    )
    for line in process.stdout:
        if "path up" in line:
            break
    assert process.poll() is None
    yield process
    if process.poll() is None:
        process.kill()
    process.communicate()


def ended(process, code: int) -> None:
    started = children(process.pid)
    assert started
    deadline = time.monotonic() + LONGEST_S
    said, _ = process.communicate(timeout=LONGEST_S)
    assert process.returncode == code, said
    assert "Traceback" not in said
    while any(map(alive, started)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(map(alive, started))


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
@pytest.mark.parametrize("pause_s", [0.0, 0.13, 0.31])
def test_ctrl_c_ends_the_demo_with_130_and_no_process_left(demo, pause_s):
    time.sleep(pause_s)
    demo.send_signal(signal.SIGINT)
    ended(demo, 130)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_the_demo_ends_when_whoever_started_it_is_gone(demo):
    demo.stdin.close()
    demo.stdin = None
    ended(demo, 130)
