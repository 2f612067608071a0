import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from runtime import child_log
from runtime import supervisor as supervision
from runtime.supervisor import Process, Status, Supervisor, module

WAIT_S = 20.0
CHILD = """
import os, sys, time
from runtime.child import report, stop_event
stop = stop_event()
report("ready", pid=os.getpid(), argv=sys.argv[1:], port=int(sys.argv[1]) or 4711)
stop.wait()
"""
DEAF = "import time, sys; print('{\"state\": \"ready\"}', flush=True); exec('while True: time.sleep(1)')"
PARENT_OF_DEAF = f"""
import os, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
grandchild = subprocess.Popen([sys.executable, "-c", {DEAF!r}], stdout=subprocess.DEVNULL)
print('{{"state": "ready", "grandchild": %d}}' % grandchild.pid, flush=True)
while True: time.sleep(1)
"""


def child(code: str, *arguments: object) -> list[object]:
    return [sys.executable, "-c", code, *arguments]


def alive(pid: int) -> bool:
    """False for a zombie too: it has ended, only its parent has not read how."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def until(condition, timeout_s: float = WAIT_S) -> bool:
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


@pytest.fixture
def supervise(tmp_path: Path) -> Iterator:
    running: list[Supervisor] = []

    def start(*processes: Process) -> Supervisor:
        one = Supervisor(processes, logs=tmp_path / "logs")
        running.append(one)
        one.start()
        return one

    yield start
    for one in running:
        one.stop()


def test_a_child_starts_after_those_it_needs_and_learns_their_ports(supervise):
    one = supervise(
        Process("viewer", lambda known: child(CHILD, known["broker"]["port"]), after=("broker",)),
        Process("broker", child(CHILD, 0)),
    )
    assert one.wait_ready(WAIT_S)
    states = one.states()
    assert list(states) == ["broker", "viewer"]
    assert states["viewer"].report["argv"] == ["4711"]
    assert states["viewer"].since >= states["broker"].since


def test_a_child_waits_while_what_it_needs_is_not_ready(supervise):
    slow = 'import sys; print(\'{"state": "starting"}\', flush=True); sys.stdin.read()'
    one = supervise(Process("broker", child(slow)), Process("viewer", child(CHILD, 0), after=("broker",)))
    assert one.wait_for(lambda states: states["broker"].reported > 0, WAIT_S)
    assert one.states()["viewer"].state == "waiting"


def test_a_killed_child_comes_back_on_its_old_port(supervise):
    one = supervise(
        Process("broker", lambda known: child(CHILD, known.get("broker", {}).get("port", 0))),
    )
    assert one.wait_ready(WAIT_S)
    first = one.states()["broker"]
    os.kill(first.pid, signal.SIGKILL)
    assert one.wait_for(lambda states: states["broker"].restarts == 1 and states["broker"].state == "ready", WAIT_S)
    second = one.states()["broker"]
    assert second.pid != first.pid
    assert (first.report["argv"], second.report["argv"]) == (["0"], ["4711"])


def test_a_child_that_ends_politely_without_being_asked_is_restarted_too(supervise):
    one = supervise(Process("broker", child(CHILD, 0)))
    assert one.wait_ready(WAIT_S)
    os.kill(one.states()["broker"].pid, signal.SIGTERM)
    assert one.wait_for(lambda states: states["broker"].restarts == 1 and states["broker"].state == "ready", WAIT_S)


def test_why_a_child_failed_is_kept_for_the_reader(supervise, tmp_path):
    one = supervise(Process("mtu", child("import sys; sys.exit('libjvm.so: not found')")))
    assert one.wait_for(lambda states: states["mtu"].state == "failed", WAIT_S)
    status = one.states()["mtu"]
    assert status.detail == "ended with code 1: libjvm.so: not found"
    assert "libjvm.so: not found" in (tmp_path / "logs" / "mtu.log").read_text()


def test_a_killed_child_s_last_line_is_not_given_as_the_reason(supervise):
    code = "import sys; print('Kafka was away an hour ago', file=sys.stderr, flush=True); " + CHILD
    one = supervise(Process("panel", child(code, 0)))
    assert one.wait_for(lambda states: states["panel"].state == "ready" and states["panel"].tail, WAIT_S)
    os.kill(one.states()["panel"].pid, signal.SIGKILL)
    assert one.wait_for(lambda states: states["panel"].state == "failed", WAIT_S)
    assert one.states()["panel"].detail == "was killed by signal 9"


def test_the_reason_a_child_reports_goes_before_its_last_words(supervise):
    code = 'import sys; print(\'{"state": "failed", "detail": "no Java"}\', flush=True); sys.exit(\'Traceback\')'
    one = supervise(Process("mtu", child(code)))
    assert one.wait_for(lambda states: "code 1" in states["mtu"].detail, WAIT_S)
    assert one.states()["mtu"].detail == "ended with code 1: no Java"


def test_a_program_that_does_not_exist_is_named(supervise):
    one = supervise(Process("lake", ["/nowhere/lake"]))
    assert one.wait_for(lambda states: states["lake"].state == "failed", WAIT_S)
    assert "/nowhere/lake" in one.states()["lake"].detail


def test_a_command_line_that_cannot_be_made_is_a_failure_with_a_reason(supervise):
    one = supervise(Process("lake", lambda known: child(CHILD, known["broker"]["port"])))
    assert one.wait_for(lambda states: states["lake"].state == "failed", WAIT_S)
    assert one.states()["lake"].detail == "its command line could not be made: 'broker' was not reported"


def test_restarts_pause_longer_and_longer(supervise, monkeypatch):
    monkeypatch.setattr(supervision, "FIRST_PAUSE_S", 0.1)
    one = supervise(Process("mtu", child("import time; print(time.time())")))
    assert one.wait_for(lambda states: states["mtu"].restarts >= 3, WAIT_S)
    began = one.states()["mtu"].since
    # The fourth pause is 0.8 s, where an even one would be 0.1 s.
    assert one.wait_for(lambda states: states["mtu"].restarts >= 4, WAIT_S)
    assert time.time() - began > 0.7


def test_a_child_that_was_healthy_is_restarted_quickly_again(supervise, monkeypatch):
    monkeypatch.setattr(supervision, "HEALTHY_S", 0.0)
    one = supervise(Process("broker", child('print(\'{"state": "ready"}\', flush=True)')))
    began = time.monotonic()
    assert one.wait_for(lambda states: states["broker"].restarts >= 5, WAIT_S)
    # Growing pauses alone would be 0.2 + 0.4 + 0.8 + 1.6 + 3.2 = 6.2 s.
    assert time.monotonic() - began < 5.0


def test_stop_ends_the_last_started_first(supervise, tmp_path):
    code = CHILD + "open(sys.argv[2], 'a').write(sys.argv[3])"
    order = tmp_path / "order"
    one = supervise(
        Process("a", child(code, 0, order, "a")),
        Process("b", child(code, 0, order, "b"), after=("a",)),
        Process("c", child(code, 0, order, "c"), after=("b",)),
    )
    assert one.wait_ready(WAIT_S)
    pids = [status.pid for status in one.states().values()]
    one.stop()
    assert order.read_text() == "cba"
    assert {status.state for status in one.states().values()} == {"stopped"}
    assert not any(alive(pid) for pid in pids)


def test_stop_kills_a_child_that_does_not_listen_and_all_it_started(supervise, monkeypatch):
    monkeypatch.setattr(supervision, "CLOSE_S", 0.2)
    monkeypatch.setattr(supervision, "TERMINATE_S", 0.2)
    one = supervise(Process("deaf", child(PARENT_OF_DEAF)))
    assert one.wait_ready(WAIT_S)
    status = one.states()["deaf"]
    one.stop()
    assert until(lambda: not alive(status.pid) and not alive(status.report["grandchild"]))


def test_what_a_killed_child_had_started_dies_with_it(supervise):
    one = supervise(Process("broker", child(PARENT_OF_DEAF)))
    assert one.wait_ready(WAIT_S)
    status = one.states()["broker"]
    os.kill(status.pid, signal.SIGKILL)
    assert until(lambda: not alive(status.report["grandchild"]))


def test_children_end_when_the_supervisor_is_killed(tmp_path):
    code = f"""
import time
from pathlib import Path
from runtime.supervisor import Process, Supervisor
import sys
names = ["a", "b", "c"]
one = Supervisor([Process(name, [sys.executable, "-c", {CHILD!r}, 0]) for name in names], Path({str(tmp_path)!r}))
one.start()
one.wait_ready(60)
print(*(status.pid for status in one.states().values()), flush=True)
time.sleep(600)
"""
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    with parent:
        pids = [int(pid) for pid in parent.stdout.readline().split()]
        assert len(pids) == 3
        assert all(alive(pid) for pid in pids)
        parent.kill()
    assert until(lambda: not any(alive(pid) for pid in pids))


def test_counters_are_kept_over_reports_and_forgotten_over_lives(supervise):
    code = 'print(\'{"state": "ready", "port": 1}\'); print(\'{"state": "ready", "sent": 2}\'); print(\'not JSON\')'
    one = supervise(Process("mtu", child(code + "; import sys; sys.stdout.flush(); sys.stdin.read()")))
    assert one.wait_for(lambda states: "not JSON" in states["mtu"].tail, WAIT_S)
    assert one.states()["mtu"].report == {"state": "ready", "port": 1, "sent": 2}


def test_an_own_ready_state_and_environment_are_used(supervise):
    code = (
        'import os, sys; print(\'{"state": "listening", "x": "%s"}\' % os.environ[\'X\'], flush=True); sys.stdin.read()'
    )
    one = supervise(Process("hive", child(code), env={"X": "é"}, ready="listening"))
    assert one.wait_ready(WAIT_S)
    assert one.states()["hive"].report["x"] == "é"


def test_restart_brings_a_child_back(supervise):
    one = supervise(Process("broker", child(CHILD, 0)))
    assert one.wait_ready(WAIT_S)
    pid = one.states()["broker"].pid
    one.restart("broker")
    assert one.wait_for(lambda states: states["broker"].state == "ready" and states["broker"].pid != pid, WAIT_S)


READER = """
import time
from runtime.child import report, stop_event
heard = []
stop = stop_event(heard.append)
while not stop.wait(0.02):
    report("ready", heard=heard[-3:], lengths=[len(line) for line in heard[-3:]])
"""


def test_a_child_is_told_a_line_and_told_the_last_one_again_when_it_comes_back(supervise):
    one = supervise(Process("ingest", child(READER)))
    one.tell("ingest", "watch a")
    assert one.wait_for(lambda states: "watch a" in states["ingest"].report.get("heard", ()), WAIT_S)
    one.tell("ingest", "watch b c")
    assert one.wait_for(lambda states: "watch b c" in states["ingest"].report["heard"], WAIT_S)
    os.kill(one.states()["ingest"].pid, signal.SIGKILL)
    assert one.wait_for(
        lambda states: states["ingest"].restarts == 1 and states["ingest"].report.get("heard") == ["watch b c"], WAIT_S
    )


def test_telling_a_child_that_does_not_listen_blocks_neither_the_caller_nor_the_end(supervise, monkeypatch):
    monkeypatch.setattr(supervision, "CLOSE_S", 0.2)
    one = supervise(Process("deaf", child(DEAF)))
    assert one.wait_ready(WAIT_S)
    began = time.monotonic()
    one.tell("deaf", "watch " + "x" * 1_000_000)
    assert time.monotonic() - began < 1.0
    one.stop()
    assert one.states()["deaf"].state == "stopped"


def test_a_long_line_arrives_whole(supervise):
    one = supervise(Process("ingest", child(READER)))
    one.tell("ingest", "watch " + "x" * 500_000)
    assert one.wait_for(lambda states: 500_006 in states["ingest"].report.get("lengths", ()), WAIT_S)


def test_a_long_log_is_turned_over(tmp_path, monkeypatch):
    monkeypatch.setattr(child_log, "_BYTES", 1000)
    log = child_log.ChildLog(tmp_path / "mtu.log")
    for number in range(100):
        log.write(f"line {number}")
    log.close()
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 2200
    assert {path.name for path in tmp_path.iterdir()} <= {"mtu.log", "mtu.old.log"}


@pytest.mark.parametrize(
    ("processes", "sentence"),
    [
        ([Process("a", []), Process("a", [])], "two processes are called a"),
        ([Process("a", [], after=("b",))], "a waits for b, which is not supervised"),
        ([Process("a", [], after=("b",)), Process("b", [], after=("a",))], "processes wait for each other"),
    ],
)
def test_a_list_that_cannot_work_is_refused(processes, sentence, tmp_path):
    with pytest.raises(ValueError, match=sentence):
        Supervisor(processes, tmp_path)


def test_a_status_begins_as_waiting():
    assert Status("x").state == "waiting"


def test_a_module_is_started_by_name():
    assert module("cloud.mtu", "--port", 1) == [sys.executable, "-m", "cloud.mtu", "--port", "1"]
