import csv
import os
import re
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path

import pytest

from app.application import Session
from app.commands import main, stack
from app.commands.history import time_of
from app.live_plant import LivePlant
from data.live_store import LiveStore
from resources import words
from runtime.supervisor import Status
from tests.app.plants import write_plant

ROOT = Path(__file__).parents[2]


def run(*arguments, **environment):
    return subprocess.run(
        [sys.executable, str(ROOT / "main.py"), *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=90,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
    )


def test_help_names_every_command_and_imports_nothing_heavy():
    done = run("--help")
    assert done.returncode == 0
    for command in ("view", "demo", "stack", "snapshot", "check", "stock", "history"):
        assert command in done.stdout
    loaded = "import sys; from app.commands import parser; parser(); print({'numpy', 'PySide6'} & sys.modules.keys())"
    assert subprocess.run([sys.executable, "-c", loaded], cwd=ROOT, capture_output=True, text=True).stdout == "set()\n"


def test_an_unknown_option_is_bad_usage():
    with pytest.raises(SystemExit) as ended:
        main(["check", "--nonsense"])
    assert ended.value.code == 2


def test_a_missing_plant_folder_is_one_sentence(capsys, tmp_path):
    assert main(["stock", "--plant", str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "plant.toml" in said


def test_a_state_folder_that_cannot_be_made_is_one_sentence(capsys, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("SINOPTICO_STATE", str(tmp_path / "file" / "state"))
    assert main(["demo", "--direct", "--off-screen"]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "SINOPTICO_STATE" in said


@pytest.mark.skipif(sys.platform == "win32", reason="a closed pipe is another error there")
def test_a_reader_who_has_enough_is_no_error():
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as closed:
        done = subprocess.run(
            [sys.executable, str(ROOT / "main.py"), "check"], stdout=closed, stderr=subprocess.PIPE, timeout=90
        )
    assert done.stderr == b""


def test_a_python_without_the_packages_is_told_what_to_do():
    done = subprocess.run([sys.executable, "-S", str(ROOT / "main.py"), "check"], capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "make demo" in done.stderr


def test_check_tallies_the_shipped_drawing_and_finds_every_signal_on_it(capsys):
    assert main(["check"]) == 0
    said = capsys.readouterr().out
    assert "tank" in said
    assert "señal sin elemento" not in said
    assert "señales enlazadas" in said


def test_check_warns_of_doubtful_cells_and_ends_with_1(capsys, tmp_path):
    sheet = ROOT / "resources" / "plants" / "sim-r1" / "tank-farm.xml"
    write_plant(tmp_path, more="\n[lagoon]\n")
    assert main(["check", "--language", "en", "--plant", str(tmp_path), str(sheet)]) == 1
    assert "warning: " in capsys.readouterr().out


def test_check_of_a_file_that_is_no_drawing_says_so(capsys, tmp_path):
    file = tmp_path / "x.xml"
    file.write_text("<PlantModel>")
    assert main(["check", str(file)]) == 2
    assert "x.xml" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["snapshot", "--out", "x.bmp"], ".png"),
        (["snapshot", "--out", "x.png", "--drawing", "99"], "99"),
        (["history", "--signals", "X", "--from", "2026-01-01", "--out", "x.csv"], "not in the signal list"),
        (["history", "--signals", "all", "--from", "gestern", "--out", "x.csv"], "not a time"),
        (["history", "--signals", "all", "--from", "2026-01-02", "--to", "2026-01-01", "--out", "x.csv"], "before"),
        (["stock", "--out", "x.txt"], ".xlsx"),
        (["snapshot", "--out", "no-such-folder/x.PNG"], "there is no folder"),
        (["stock", "--out", "no-such-folder/x.CSV"], "there is no folder"),
        (["demo", "--off-screen", "--out", "no-such-folder/x.png"], "there is no folder"),
        (
            ["history", "--signals", "all", "--from", "2026-01-01", "--out", "no-such-folder/x.csv"],
            "there is no folder",
        ),
    ],
)
def test_bad_input_is_one_sentence_and_exit_code_2(capsys, arguments, part):
    assert main(arguments) == 2
    said = capsys.readouterr().err
    assert part in said
    assert said.count("\n") == 1


@pytest.mark.parametrize("wait", ["0", "-1", "nan", "soon"])
def test_a_wait_that_is_no_span_of_time_is_bad_usage(capsys, wait):
    with pytest.raises(SystemExit) as ended:
        main(["stock", f"--wait={wait}"])
    assert ended.value.code == 2
    assert "above 0" in capsys.readouterr().err


def test_a_suffix_in_capitals_is_that_kind_of_file(tmp_path):
    out = tmp_path / "sheet.SVG"
    assert main(["snapshot", "--out", str(out)]) == 0
    assert "<svg" in out.read_text(encoding="utf-8")


def test_a_real_plant_without_a_source_of_values_says_what_to_give(capsys, tmp_path):
    write_plant(tmp_path / "real", "r1")
    assert main(["stock", "--plant", str(tmp_path / "real")]) == 2
    assert "--direct" in capsys.readouterr().err


def test_demo_refuses_a_real_plant(capsys, tmp_path):
    write_plant(tmp_path / "real", "r1")
    assert main(["demo", "--plant", str(tmp_path / "real"), "--off-screen"]) == 2
    assert "not a simulated plant" in capsys.readouterr().err


def test_two_folders_of_one_refinery_are_refused(capsys, tmp_path):
    write_plant(tmp_path / "a")
    write_plant(tmp_path / "b")
    assert main(["check", "--plant", str(tmp_path / "a"), "--plant", str(tmp_path / "b")]) == 2


@pytest.mark.parametrize("kind", ["png", "svg", "pdf"])
def test_snapshot_writes_each_kind_without_a_display(tmp_path, kind):
    out = tmp_path / f"sheet.{kind}"
    done = run("snapshot", "--out", out, DISPLAY="", WAYLAND_DISPLAY="")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    head = out.read_bytes()[:400]
    assert {"png": b"\x89PNG", "svg": b"<svg", "pdf": b"%PDF"}[kind] in head


def test_a_live_svg_holds_values_their_time_and_says_that_they_are_simulated(tmp_path):
    out = tmp_path / "live.svg"
    done = run("snapshot", "--live", "--out", out)
    assert done.returncode == 0, done.stderr
    text = out.read_text(encoding="utf-8")
    assert 'data-look="good"' in text
    assert "FORMACIÓN · PLANTA SIMULADA" in text
    assert re.search(r"\d\d:\d\d:\d\d UTC\+[12]<", text)


def test_stock_runs_a_simulated_plant_of_its_own_and_prints_its_tanks(tmp_path):
    out = tmp_path / "stock.csv"
    done = run("stock", "--out", out)
    assert done.returncode == 0, done.stderr
    assert "10EGB11 BB001" in done.stdout
    assert "simulador propio de sim-r1" in done.stderr
    assert done.stderr.count("\n") == 1
    with out.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert float(rows[0]["TOV, m³"]) > 0


def test_stock_says_which_tanks_made_its_exit_code_1(tmp_path, monkeypatch, capsys):
    plant = write_plant(tmp_path / "plant")
    store = LiveStore.create([signal.kks for signal in plant.signals], 600)
    session = Session([plant], direct=True)
    session.lives = [LivePlant(plant, store, source="Modbus")]
    monkeypatch.setattr("app.commands.values.live", lambda *_: nullcontext(session))
    assert main(["stock", "--plant", str(tmp_path / "plant"), "--language", "en"]) == 1
    store.close()
    store.unlink()
    said = capsys.readouterr().err
    assert "Tanks whose values are not good (1): 10EGB11 BB001" in said
    assert said.count("\n") == 1


def test_the_direct_demo_runs_off_screen_and_tells_of_every_tag(tmp_path):
    out = tmp_path / "demo.png"
    done = run("demo", "--language", "en", "--direct", "--off-screen", "--out", out, DEMO_SECONDS="3")
    assert "path: Modbus → store" in done.stdout, done.stderr
    assert "10EGB11 CL001 XQ01" in done.stdout
    assert "did not come through" not in done.stderr
    assert out.read_bytes()[:4] == b"\x89PNG"


def test_a_demo_whose_length_is_no_number_is_refused(capsys, monkeypatch):
    monkeypatch.setenv("DEMO_SECONDS", "long")
    assert main(["demo", "--off-screen"]) == 2
    assert "DEMO_SECONDS=long" in capsys.readouterr().err


def test_a_time_without_zone_is_utc():
    assert time_of("2026-11-23T00:00:00") == time_of("2026-11-23T01:00:00+01:00")
    assert time_of("2026-11-23T00:00:00.000001") % 1_000_000 == 1


def test_the_stacks_passwords_stay_above_every_block_and_the_object_store_has_its_name(fed, capsys):
    table = stack._Table()
    table.keep("password")
    session = Session([fed.live.plant], direct=False)
    session.lives = [fed.live]
    words.use("en")
    for _ in range(11):
        table.show(stack.lines(session, {"store": Status("store", "ready")}))
    words.use("es")
    blocks = capsys.readouterr().out.split("\n\n")[:-1]
    assert len(blocks) == 2
    for block in blocks:
        assert block.startswith("password\nobject store")


def test_a_drawing_that_is_not_there_is_told_how_many_there_are(capsys, tmp_path):
    assert main(["snapshot", "--drawing", "9", "--out", str(tmp_path / "x.png")]) == 2
    assert "sim-r1 has 1 drawing; there is no number 9" in capsys.readouterr().err
