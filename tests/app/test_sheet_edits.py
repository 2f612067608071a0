"""The files of edits beside a drawing, and the sheet they make."""

from __future__ import annotations

import hashlib
import re
import shutil
from pathlib import Path

import pytest

from app.sheet_edits import ChangedMeanwhile, Edits, SheetEdits
from app.sheets import open_sheet
from contracts.plant import DrawingFile, Plant, load
from pid_renderer.annotations import AddedPlate, Annotations
from pid_renderer.beside_file import BesideFile
from pid_renderer.decisions import Decision, Decisions

SIM_R1 = Path(__file__).parents[2] / "resources" / "plants" / "sim-r1"


@pytest.fixture
def plant(tmp_path: Path) -> Plant:
    """The reference plant in a folder that may be written to."""
    return load(Path(shutil.copytree(SIM_R1, tmp_path / "plant")))


def some_edits(plant: Plant) -> Edits:
    signal = plant.signals[0].kks
    row = Decision(signal, "unbound", "", "", "ana", "2026-11-24T00:00:00Z")
    return Edits(Decisions().with_([row]), Annotations((AddedPlate("p1", signal, 10.0, 12.0),)))


def test_edits_are_read_back_by_whoever_opens_the_sheet_and_the_drawing_file_is_never_touched(plant):
    source = plant.drawings[0]
    before = hashlib.sha256(source.file.read_bytes()).hexdigest(), source.file.stat().st_mtime_ns
    assert open_sheet(plant, source).binding.unbound_signals == ()
    SheetEdits(source).write(some_edits(plant))
    sheet = open_sheet(plant, source)
    assert [signal.kks for signal in sheet.binding.unbound_signals] == [plant.signals[0].kks]
    (place,) = [anchor.box.centre for anchor in sheet.drawing.anchors if anchor.by_hand]
    assert place == pytest.approx((10.0, 12.0))
    assert sheet.edits == some_edits(plant)
    assert (hashlib.sha256(source.file.read_bytes()).hexdigest(), source.file.stat().st_mtime_ns) == before
    beside = {path.name for path in source.file.parent.iterdir()} - {path.name for path in SIM_R1.iterdir()}
    assert beside == {"tank-farm.bindings.csv", "tank-farm.overlays.toml"}


def test_only_the_file_that_changed_is_written(plant):
    store = SheetEdits(plant.drawings[0])
    store.write(Edits(some_edits(plant).decisions, Annotations()))
    assert [path.exists() for path in store.paths] == [True, False]


def test_another_programs_change_is_noticed_and_not_written_over(plant):
    source = plant.drawings[0]
    ours, theirs = SheetEdits(source), SheetEdits(source)
    theirs.write(some_edits(plant))
    assert ours.changed_meanwhile()
    with pytest.raises(ChangedMeanwhile):
        ours.write(Edits(Decisions().with_([Decision("X", "unbound", "", "", "", "")])))
    assert ours.read() == some_edits(plant)
    assert not ours.changed_meanwhile()


def test_a_file_that_cannot_be_read_is_told_with_the_sheet_and_kept(plant):
    store = SheetEdits(plant.drawings[0])
    store.paths[0].write_text("nonsense\n1\n")
    sheet = open_sheet(plant, plant.drawings[0])
    assert any("tank-farm.bindings.csv, line 1: the columns" in note for note in sheet.binding.notes)
    assert sheet.store.broken
    assert store.paths[0].read_text() == "nonsense\n1\n"


def test_edits_kept_elsewhere_are_found_again(plant, tmp_path):
    source = plant.drawings[0]
    elsewhere = tmp_path / "mine"
    elsewhere.mkdir()
    SheetEdits(source).write_elsewhere(elsewhere, some_edits(plant))
    names = sorted(path.name for path in elsewhere.iterdir())
    assert [re.sub("-[0-9a-f]{8}", "-#", name) for name in names] == [
        "tank-farm-#.bindings.csv",
        "tank-farm-#.overlays.toml",
    ]
    assert open_sheet(plant, source).edits == some_edits(plant)


def test_two_drawings_of_one_name_keep_their_edits_apart_in_one_folder(plant, tmp_path):
    elsewhere = tmp_path / "mine"
    elsewhere.mkdir()
    twin = load(Path(shutil.copytree(SIM_R1, tmp_path / "twin")))
    SheetEdits(plant.drawings[0]).write_elsewhere(elsewhere, some_edits(plant))
    SheetEdits(twin.drawings[0]).write_elsewhere(elsewhere, Edits())
    assert SheetEdits(plant.drawings[0]).saved == some_edits(plant)
    assert SheetEdits(twin.drawings[0]).saved == Edits()


@pytest.mark.parametrize("which", [0, 1])
def test_other_edits_in_the_chosen_folder_are_never_written_over(plant, tmp_path, which):
    elsewhere = tmp_path / "mine"
    elsewhere.mkdir()
    source = plant.drawings[0]
    store, colleague = SheetEdits(source), SheetEdits(source)
    colleague.write_elsewhere(elsewhere, some_edits(plant))
    theirs = colleague.paths[which]
    colleague.paths[1 - which].unlink()
    before = theirs.read_bytes()
    here = store.paths
    with pytest.raises(ChangedMeanwhile, match=re.escape(theirs.name)):
        store.write_elsewhere(elsewhere, Edits())
    assert theirs.read_bytes() == before
    assert [path.name for path in elsewhere.iterdir()] == [theirs.name]
    assert store.paths == here


def test_the_folder_in_use_may_be_chosen_again(plant, tmp_path):
    store = SheetEdits(plant.drawings[0])
    store.write_elsewhere(tmp_path, some_edits(plant))
    store.write_elsewhere(tmp_path, Edits())
    assert SheetEdits(plant.drawings[0]).saved == Edits()


@pytest.mark.parametrize("refused", [".overlays.toml", "edits.json"])
def test_where_one_file_cannot_be_written_elsewhere_none_is(plant, tmp_path, monkeypatch, refused):
    elsewhere = tmp_path / "mine"
    elsewhere.mkdir()
    store = SheetEdits(plant.drawings[0])
    here, write = store.paths, BesideFile.write

    def failing(file: BesideFile, text: str, *, over: bool = False) -> None:
        if file.path.name.endswith(refused):
            raise OSError(28, "No space left on device")
        write(file, text, over=over)

    with monkeypatch.context() as patched:
        patched.setattr(BesideFile, "write", failing)
        with pytest.raises(OSError, match="No space left"):
            store.write_elsewhere(elsewhere, some_edits(plant))
    assert list(elsewhere.iterdir()) == []
    assert (store.paths, store.saved) == (here, Edits())
    assert SheetEdits(plant.drawings[0]).paths == here


def test_the_plant_may_name_the_folder_of_edits(plant, tmp_path):
    elsewhere = tmp_path / "shared"
    elsewhere.mkdir()
    named = DrawingFile(plant.drawings[0].file, "", None, elsewhere)
    SheetEdits(named).write(some_edits(plant))
    assert (elsewhere / "tank-farm.bindings.csv").exists()
    toml = plant.folder / "plant.toml"
    toml.write_text(toml.read_text().replace('file = "tank-farm.xml"', 'file = "tank-farm.xml"\nedits = "../shared"'))
    assert open_sheet(load(plant.folder), load(plant.folder).drawings[0]).edits == some_edits(plant)


def test_a_folder_that_cannot_be_written_says_so(plant, tmp_path):
    gone = DrawingFile(plant.drawings[0].file, "", None, tmp_path / "no such folder")
    store = SheetEdits(gone)
    with pytest.raises(OSError, match="No such file"):
        store.write(some_edits(plant))
    assert store.saved == Edits()
