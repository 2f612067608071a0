"""The warehouse box and its JVM live and die together; one state folder has one server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from runtime import jvm_guard
from tests.engines.broker import ROOT, wait_until

pytestmark = pytest.mark.engine

FETCH_S = 300.0


def start(state: Path, lake: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "cloud.warehouse", "serve", "--state", str(state), "--lake", str(lake)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "STORAGE_EMULATOR_HOST": ""},
    )


def test_a_box_that_is_killed_takes_its_jvm_along_and_a_second_box_is_refused(tmp_path: Path) -> None:
    state, lake = tmp_path / "state", tmp_path / "lake"
    box = start(state, lake)
    wait_until((state / "warehouse.json").exists, FETCH_S)
    pid, started_s = json.loads((state / "warehouse.json").read_text())["jvm"]
    assert "HiveServer2" in " ".join(psutil.Process(pid).cmdline())
    second = start(state, lake)
    told = [json.loads(line) for line in second.communicate(timeout=60)[0].splitlines()]
    assert second.returncode == 1
    assert f"is in use by the warehouse of process {box.pid}" in told[-1]["detail"]
    box.kill()
    box.communicate(timeout=10)
    wait_until(lambda: jvm_guard.same_process(pid, started_s) is None, jvm_guard.PATIENCE_S + 10)


def test_a_box_that_is_told_to_stop_while_hive_starts_ends_without_an_error(tmp_path: Path) -> None:
    box = start(tmp_path / "state", tmp_path / "lake")
    wait_until((tmp_path / "state" / "warehouse.json").exists, FETCH_S)
    pid, started_s = json.loads((tmp_path / "state" / "warehouse.json").read_text())["jvm"]
    told = [json.loads(line)["state"] for line in box.communicate("stop", timeout=60)[0].splitlines()]
    assert (box.returncode, told) == (0, ["starting"])
    assert jvm_guard.same_process(pid, started_s) is None
