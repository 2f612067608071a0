import ast
import os
import signal
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest

import bootstrap
from cloud.deploy.package import ROOT, _imports, _normal, _owners

# A process that says what it was told, and ends like ours: by a signal or by the end of its standard input.
LISTENER = """
import signal, sys, time
heard = []
signal.signal(signal.SIGINT, lambda *_: heard.append("int"))
if {wait_for_eof}:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    print("up", flush=True)
    sys.stdin.read()
    print("end of input", flush=True)
else:
    print("up", flush=True)
    while not heard: time.sleep(0.01)
    time.sleep(0.5)
    print(*heard, flush=True)
    sys.exit(3)
"""
RUNNER = "import sys, bootstrap; sys.exit(bootstrap.run([sys.executable, '-c', {code!r}]).code)"


def runner(wait_for_eof: bool) -> subprocess.Popen[str]:
    code = RUNNER.format(code=LISTENER.format(wait_for_eof=wait_for_eof))
    process = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "up\n"
    return process


def test_ctrl_c_reaches_the_command_once_and_its_exit_code_comes_back():
    with runner(wait_for_eof=False) as process:
        process.send_signal(signal.SIGINT)
        assert process.stdout.read() == "int\n"
        assert process.wait(20) == 3


def test_a_second_ctrl_c_kills_a_command_that_does_not_listen():
    deaf = "import signal, time; signal.signal(signal.SIGINT, signal.SIG_IGN); print('up', flush=True); time.sleep(600)"
    with subprocess.Popen(
        [sys.executable, "-c", RUNNER.format(code=deaf)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "up\n"
        process.send_signal(signal.SIGINT)
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 128 + signal.SIGKILL


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells a child that its parent died")
def test_a_command_that_reads_no_input_ends_too_when_bootstrap_is_killed():
    code = "import time; print('up', flush=True); time.sleep(600)"
    with subprocess.Popen(
        [sys.executable, "-c", RUNNER.format(code=code)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "up\n"
        process.kill()
        # The pipe ends when the last process that holds it does.
        assert process.stdout.read() == ""


def test_a_command_sees_its_input_end_when_bootstrap_is_killed():
    with runner(wait_for_eof=True) as process:
        process.kill()
        assert process.stdout.read() == "end of input\n"


@pytest.mark.parametrize("code", [0, 1, 2, 77])
def test_the_commands_exit_code_is_ours(code):
    assert bootstrap.run([sys.executable, "-c", f"raise SystemExit({code})"]) == (code, False)


def test_qt_draws_off_screen_where_there_is_no_display(monkeypatch, capfd):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    bootstrap.run([sys.executable, "-c", "import os; print(os.environ['QT_QPA_PLATFORM'])"])
    assert capfd.readouterr().out == "offscreen\n"


def test_an_unknown_command_names_the_known_ones(capsys):
    assert bootstrap.main(["dmeo"]) == 2
    assert "no command 'dmeo'; there are: demo, stack, bench, fuzz" in capsys.readouterr().err


@pytest.mark.parametrize(("arguments", "code"), [([], 2), (["--help"], 0)])
def test_help_lists_every_command(arguments, code, capsys):
    assert bootstrap.main(arguments) == code
    text = capsys.readouterr().err
    assert all(command in text for command in bootstrap.COMMANDS)


def test_every_target_of_the_makefile_is_a_command():
    phony = next(line for line in (ROOT / "Makefile").read_text().splitlines() if line.startswith(".PHONY"))
    assert set(phony.split()[1:]) == set(bootstrap.COMMANDS)


def test_an_old_python_is_refused_in_a_sentence(monkeypatch, capsys):
    monkeypatch.setattr(bootstrap.sys, "version_info", (3, 9, 2))
    monkeypatch.setattr(bootstrap.shutil, "which", lambda name: "/x" if name == "python3.12" else None)
    assert bootstrap.main(["demo"]) == 2
    assert "is too old, 3.11 is the oldest that works: run it with python3.12" in capsys.readouterr().err


def test_it_can_be_read_by_the_old_python_it_has_to_refuse():
    ast.parse((ROOT / "bootstrap.py").read_text(encoding="utf-8"), feature_version=(3, 7))


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="system packages are Linux's")
def test_a_user_without_rights_gets_the_one_line_to_run_before_anything_is_loaded(monkeypatch, capsys):
    monkeypatch.setattr(bootstrap, "loads", lambda library: library != "libEGL.so.1")
    monkeypatch.setattr(bootstrap.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(bootstrap.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(bootstrap.subprocess, "Popen", None)
    monkeypatch.delenv("DISPLAY", raising=False)
    assert bootstrap.main(["demo"]) == 2
    line = "run: sudo apt-get update && sudo apt-get install -y --no-install-recommends libegl1"
    assert line in capsys.readouterr().err


def test_a_display_needs_the_libraries_that_draw_on_it(monkeypatch):
    monkeypatch.setattr(bootstrap, "loads", lambda library: "xcb" not in library)
    monkeypatch.setenv("DISPLAY", ":0")
    assert "libxcb-cursor0" in bootstrap.missing_packages("demo")
    monkeypatch.delenv("DISPLAY")
    assert bootstrap.missing_packages("demo") == []


def test_fetching_jars_needs_no_libraries_of_the_window(monkeypatch):
    monkeypatch.setattr(bootstrap, "loads", lambda library: False)
    assert bootstrap.missing_packages("jars") == []


@pytest.fixture
def installation(tmp_path, monkeypatch) -> list[list[str]]:
    """A checkout of its own whose pip only notes how it was called."""
    calls: list[list[str]] = []
    project = '[project]\ndependencies = ["a"]\n[project.optional-dependencies]\ntest = ["t"]\n'
    (tmp_path / "pyproject.toml").write_text(project)
    (tmp_path / "constraints.txt").write_text("a==1\nt==2\n")
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    monkeypatch.setattr(bootstrap, "STAMP", tmp_path / "installed.json")
    monkeypatch.setattr(bootstrap, "run_quietly", lambda command, *_rest, **_options: calls.append(command))
    return calls


def test_a_second_run_installs_nothing(installation):
    bootstrap.install("base")
    bootstrap.install("base")
    assert len(installation) == 1
    assert installation[0][-1] == "a"


def test_the_test_packages_include_the_others(installation):
    bootstrap.install("test")
    bootstrap.install("base")
    assert len(installation) == 1
    assert installation[0][-2:] == ["a", "t"]


def test_the_others_do_not_include_the_test_packages(installation):
    bootstrap.install("base")
    bootstrap.install("test")
    assert len(installation) == 2


def test_another_pin_installs_again(installation):
    bootstrap.install("base")
    (bootstrap.ROOT / "constraints.txt").write_text("a==2\nt==2\n")
    bootstrap.install("base")
    assert len(installation) == 2


def test_no_index_is_named_to_pip(installation):
    bootstrap.install("test")
    assert not any(word.startswith(("-i", "--index", "--extra", "--find", "--trusted")) for word in installation[0][4:])


def test_a_failed_step_shows_its_last_lines():
    code = "print('\\n'.join(f'line {n}' for n in range(40))); raise SystemExit(1)"
    with pytest.raises(bootstrap.CannotPrepare, match="pip failed:\n  line 25\n") as caught:
        bootstrap.run_quietly([sys.executable, "-c", code], dict(os.environ), "pip failed")
    assert caught.value.code == 1


OF_ANOTHER_ENVIRONMENT = {"benchmarks/_pydm_child.py"}
"""Run by the Python of the peer's own environment, whose pinned packages `benchmarks/pydm_peer.py` names."""


def test_everything_imported_is_declared_and_pinned():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    pinned = {_normal(line.split("==")[0]) for line in (ROOT / "constraints.txt").read_text().split()}
    declared = {_normal(name) for name in project["dependencies"] + project["optional-dependencies"]["test"]}
    assert declared - pinned == set()
    owners = _owners()
    rooms = {path.parent.name for path in ROOT.glob("*/__init__.py")} | {"main", "bootstrap"}
    paths: list[Path] = [*ROOT.glob("*.py"), *(path for room in rooms for path in (ROOT / room).rglob("*.py"))]
    unknown = set()
    for path in paths:
        if path.relative_to(ROOT).as_posix() in OF_ANOTHER_ENVIRONMENT:
            continue
        for name in _imports(path):
            parts = name.split(".")
            prefixes = [".".join(parts[:end]) for end in range(len(parts), 0, -1)]
            if parts[0] in sys.stdlib_module_names or parts[0] in rooms:
                continue
            owner = next((owners[prefix] for prefix in prefixes if prefix in owners), None)
            if owner not in pinned and not any(known.startswith(f"{name}.") for known in owners):
                unknown.add(f"{path.relative_to(ROOT)}: {name}")
    assert unknown == set()
