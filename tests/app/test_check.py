"""`main.py check` for people and for programs, in both languages, on our sheet and on every public one."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from app.commands import main
from pid_renderer.tally import KINDS
from resources import words

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT.parent / "shared" / "samples" / "dexpi"
SHEET = ROOT / "resources" / "plants" / "sim-r1" / "tank-farm.xml"


@pytest.fixture(autouse=True)
def same_language_afterwards():
    before = words.language()
    yield
    words.use(before)


@pytest.fixture(scope="module")
def samples() -> Path:
    if not SAMPLES.is_dir():
        pytest.skip("the public DEXPI samples are not beside this checkout (shared/samples/dexpi)")
    return SAMPLES


def checked(capsys, *arguments: str) -> tuple[int, str, str]:
    code = main(["check", *arguments])
    said = capsys.readouterr()
    return code, said.out, said.err


def test_our_sheet_is_told_in_both_languages(capsys):
    code, out, _ = checked(capsys, "--language", "es")
    assert code == 0
    assert "tubuladuras" in out
    assert "todo entendido" in out
    assert "→ 10RDA · hoja 3" in out
    code, out, _ = checked(capsys, "--language", "en")
    assert code == 0
    assert "nozzles" in out
    assert "everything understood" in out


def test_json_holds_the_same_and_is_english_whatever_the_language(capsys):
    code, out, _ = checked(capsys, "--json", "--language", "es")
    found = json.loads(out)
    (drawing,) = found["drawings"]
    assert code == 0
    assert (found["warnings"], drawing["unread"], drawing["unbound_signals"]) == ([], [], [])
    assert drawing["bound"] == drawing["signals"] > 0
    assert drawing["counts"]["nozzle"] == 37
    assert set(drawing["counts"]) == {kind.replace(" ", "_") for kind in (*KINDS, "text", "stroke", "shape used")}
    assert len(drawing["jumps"]) == drawing["counts"]["connector"]


def test_what_is_not_understood_ends_with_1_and_its_line(capsys, tmp_path):
    file = tmp_path / "odd.xml"
    file.write_text(SHEET.read_text(encoding="utf-8").replace("</PlantModel>", "<Hologram/>\n</PlantModel>"), "utf-8")
    line = file.read_text("utf-8").count("\n", 0, file.read_text("utf-8").index("<Hologram")) + 1
    code, out, _ = checked(capsys, str(file), "--language", "en")
    assert code == 1
    assert f"not understood: <Hologram>, once, in line {line}" in out
    assert f"no entendido: <Hologram>, una vez, en la línea {line}" in checked(capsys, str(file), "--language", "es")[1]


@pytest.mark.parametrize(
    ("content", "es", "en"),
    [
        (b"", "el fichero está vacío", "the file is empty"),
        (b"\x89PNG\r\n\x1a\n", "esto es una imagen PNG", "this is a PNG picture"),
        (b"<PlantModel>\n<Equipment>", "línea 2: XML mal formado", "line 2: not well-formed XML"),
        (b"<!DOCTYPE html><html></html>", "una página web", "a web page"),
    ],
)
def test_a_file_that_is_no_drawing_gets_one_sentence_and_ends_with_2(capsys, tmp_path, content, es, en):
    file = tmp_path / "x.xml"
    file.write_bytes(content)
    for language, words_ in (("es", es), ("en", en)):
        code, out, err = checked(capsys, str(file), "--language", language)
        assert (code, out) == (2, "")
        assert words_ in err
        assert err.count("\n") == 1


def test_what_is_no_file_at_all_gets_its_sentence_in_the_readers_language(capsys, tmp_path):
    for language, words_ in (("es", "no es un fichero sino una carpeta"), ("en", "is no file but a folder")):
        code, out, err = checked(capsys, os.devnull, "--language", language)
        assert (code, out) == (2, "")
        assert words_ in err
        assert err.count("\n") == 1


def test_a_folder_and_a_missing_file_are_refused_in_spanish_and_for_programs_in_english(capsys, tmp_path):
    missing = str(tmp_path / "none.xml")
    assert "no es un fichero sino una carpeta" in checked(capsys, str(tmp_path), "--language", "es")[2]
    code, _, err = checked(capsys, missing, "--language", "es")
    assert (code, err) == (2, f"{missing}: no se puede leer: no existe tal fichero o carpeta\n")
    code, _, err = checked(capsys, missing, "--language", "es", "--json")
    assert (code, err) == (2, f"{missing}: cannot be read: No such file or directory\n")


def test_a_sheet_we_laid_out_ourselves_is_given_to_programs_with_its_size(capsys, tmp_path):
    pump = '<Equipment ID="P-1" TagName="P-1" ComponentClass="CentrifugalPump"/>'
    file = tmp_path / "bare.xml"
    file.write_text(f"<PlantModel>{pump}</PlantModel>", "utf-8")
    (drawing,) = json.loads(checked(capsys, str(file), "--json")[1])["drawings"]
    assert drawing["laid_out"]
    assert min(drawing["sheet_mm"]) > 100


def test_help_says_what_1_means(capsys):
    with pytest.raises(SystemExit):
        main(["check", "--help"])
    assert "1 if something was not understood or not bound" in " ".join(capsys.readouterr().out.split())


@pytest.mark.shared
def test_every_public_file_is_told_with_its_counts_and_its_unbound_tags(capsys, samples):
    files = [path for path in sorted(samples.rglob("*")) if path.suffix.lower() == ".xml"]
    assert len(files) >= 91
    for path in files:
        code, out, err = checked(capsys, str(path), "--json")
        (drawing,) = json.loads(out)["drawings"]
        assert (code, err) == (1 if drawing["unread"] else 0, ""), path.name
        assert drawing["file"] == path.name
        assert drawing["exporter"]
        assert drawing["counts"]["equipment"] + drawing["counts"]["instrument"] + drawing["counts"]["text"] > 0, (
            path.name
        )
        assert all(item["line"] > 0 and item["count"] > 0 for item in drawing["unread"]), path.name


@pytest.mark.shared
def test_the_unbound_tags_of_c01_are_listed(capsys, samples):
    (path,) = (samples / "proteus-c01").glob("*.xml")
    code, out, _ = checked(capsys, str(path), "--language", "en")
    assert code == 0
    assert "sheet of 420 × 297 mm, P&ID Toolbox, Proteus 4.1.1" in out
    assert "H1007, H1008, HS 4750.01, P4711, P4712, PI 4712.01, PICSA 4712.02, SV 104.01, T4750, TICSA 4750.03" in out
