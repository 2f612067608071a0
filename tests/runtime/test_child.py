import json
import os
import signal
import subprocess
import sys

import pytest

LISTENER = """
from runtime.child import report, stop_event
stop = stop_event()
report("ready", port=4711)
stop.wait()
report("stopping")
"""


@pytest.fixture
def child():
    with subprocess.Popen([sys.executable, "-c", LISTENER], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert json.loads(process.stdout.readline()) == {"state": "ready", "detail": "", "port": 4711}
        yield process
        process.kill()


def ended(process) -> bool:
    return json.loads(process.stdout.readline())["state"] == "stopping" and process.wait(20) == 0


def test_a_child_ends_when_its_input_closes(child):
    child.stdin.close()
    assert ended(child)


def test_a_child_ends_when_it_is_told_to(child):
    child.stdin.write(b"stop\n")
    child.stdin.flush()
    assert ended(child)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_child_ends_by_a_signal(child, number):
    child.send_signal(number)
    assert ended(child)


def test_a_parent_that_no_longer_listens_is_no_error(child):
    child.stdout.close()
    child.stdin.close()
    assert child.wait(20) == 0


def test_a_report_carries_text_of_any_language_in_one_line():
    code = "from runtime.child import report; report('failed', 'línea\\nrota', tag='°C')"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, env={**os.environ, "PYTHONUTF8": "1"}, check=True
    )
    assert done.stdout.count(b"\n") == 1
    assert json.loads(done.stdout) == {"state": "failed", "detail": "línea\nrota", "tag": "°C"}
