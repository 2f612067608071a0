"""Editing bindings and overlays in the window: every change shown and saved at once, and taken back by undo."""

from __future__ import annotations

import csv
import hashlib
import shutil
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDropEvent, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.drawing_editor import DrawingEditor
from app.historian_access import HistorianAccess
from app.live_plant import LivePlant
from app.main_window import MainWindow
from app.settings import Settings
from app.sheet_edits import ChangedMeanwhile
from app.sheets import open_sheet
from contracts.plant import load
from contracts.tags import SIGNAL_MIME
from data.live_store import LiveStore
from pid_renderer.annotations import AddedPlate, MovedPlate
from resources import words
from widgets import style
from widgets.binding_panel import SCORES

SIM_R1 = Path(__file__).parents[2] / "resources" / "plants" / "sim-r1"
STRANGER = "10QFB99CT001XQ01"
"""A signal of ours that nothing on the drawing carries, though its description names a tank."""
LEVEL, GAUGE, TANK = "10EGB11CL001XQ01", "10EGB11CL001", "10EGB11BB001"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The reference plant with one signal more, where it may be written to."""
    plant = Path(shutil.copytree(SIM_R1, tmp_path / "plant"))
    with (plant / "signals.csv").open("a", encoding="utf-8") as file:
        scale = "°C,analog,temperature,0,90,,,1,plc1,input-register:9001:REAL,,,0.1,tank-farm"
        file.write(f"{STRANGER},Temperatura 10EGB12BB001,{scale},,,,,,,,,,3,\n")
    shutil.copy(plant / "tank-farm.xml", plant / "second.xml")
    with (plant / "plant.toml").open("a", encoding="utf-8") as file:
        file.write('\n[[drawings]]\nfile = "second.xml"\ntitle = "Otra hoja"\n')
    return plant


@pytest.fixture
def window(qapp, tmp_path, folder):
    words.use("es")
    style.use("light")
    if qapp.styleSheet() != style.sheet():
        qapp.setStyleSheet(style.sheet())
    plant = load(folder)
    store = LiveStore.create([signal.kks for signal in plant.signals], 600)
    live = LivePlant(plant, store, source="Kafka sim-r1")
    window = MainWindow([live], Settings(tmp_path / "settings.ini"), HistorianAccess({}), person="ana", version="0")
    window.resize(1920, 1080)
    window.show()
    window.begin()
    window.refresh.stop()
    window.activateWindow()
    # Keys of the window reach only the active one.
    assert QTest.qWaitForWindowActive(window)
    yield window
    window.close()
    shiboken6.delete(window)
    store.close()
    store.unlink()


@pytest.fixture
def editor(window) -> DrawingEditor:
    window.editor.toggle_table()
    return window.editor


def id_of(editor: DrawingEditor, code: str) -> str:
    return editor._tab.sheet.binding.element_ids[code]


def saved(folder: Path) -> list[list[str]]:
    with (folder / "tank-farm.bindings.csv").open(encoding="utf-8") as file:
        return list(csv.reader(file))[1:]


def pixel(editor: DrawingEditor, code: str) -> QPoint:
    box = editor._tab.sheet.bare.elements[id_of(editor, code)].box
    x, y = editor._tab.canvas.view.to_px(box.centre)
    return QPoint(round(x), round(y))


def test_the_table_opens_by_its_key_and_says_how_each_signal_found_its_element(window):
    QTest.keyClick(window.synoptic.canvas, Qt.Key.Key_B)
    panel = window.editor.panel
    assert panel.isVisible()
    by_signal = {row.signal: row for row in panel.rows if row.signal}
    assert len(by_signal) == len(window.synoptic.live.plant.signals)
    assert (by_signal[LEVEL].state, by_signal[LEVEL].how, by_signal[LEVEL].tag) == ("bound", "prefix", GAUGE)
    assert "Circuito de medida, nivel" in by_signal[LEVEL].tip
    assert by_signal[STRANGER].state == "proposed"
    QTest.keyClick(window.synoptic.canvas, Qt.Key.Key_B)
    assert not panel.isVisible()
    assert window.synoptic.trend.isVisible()


def test_the_drawing_is_as_large_after_the_table_as_before_it(window):
    page = window.synoptic
    page.fit()
    before = page.canvas.zoom, page.middle.sizes()
    window.editor.toggle_table()
    QApplication.processEvents()
    assert page.canvas.zoom < before[0]
    window.editor.toggle_table()
    QApplication.processEvents()
    assert (page.canvas.zoom, page.middle.sizes()) == before


def select_signal(panel, signal):
    panel.select_rows([n for n, row in enumerate(panel.rows) if row.signal == signal])


def test_a_proposal_accepted_is_bound_shown_and_saved_and_undone(editor, folder, window):
    select_signal(editor.panel, STRANGER)
    tag = editor.panel.selected[0].tag
    assert tag == "10EGB12BB001"
    editor.panel.accept()
    sheet = editor._tab.sheet
    assert sheet.binding.how[STRANGER] == "by hand"
    assert window.synoptic.canvas.live.binding is sheet.binding
    assert [row[:2] for row in saved(folder)] == [[STRANGER, "bound"]]
    assert saved(folder)[0][4] == "ana"
    assert (
        open_sheet(window.synoptic.live.plant, window.synoptic.live.plant.drawings[0]).binding.how[STRANGER]
        == "by hand"
    )
    window.synoptic.canvas.setFocus()
    editor.undo()
    assert STRANGER not in editor._tab.sheet.binding.how
    assert saved(folder) == []
    editor.redo()
    assert [row[:2] for row in saved(folder)] == [[STRANGER, "bound"]]


def test_an_element_without_a_signal_is_offered_the_signals_that_may_be_its(editor):
    own = [signal.kks for signal in editor._tab.sheet.binding.signals_of["10EGB12BB001"]]
    editor.unbind(own)
    row = next(row for row in editor.panel.rows if row.state == "bare" and row.tag == "10EGB12BB001")
    assert row.offers[0].signal == STRANGER
    assert row.cells()[7].text.startswith("10QFB99 CT001 XQ01: la descripción nombra")
    editor.panel.select_rows([editor.panel.rows.index(row)])
    editor.panel.accept()
    assert editor._tab.sheet.binding.code_of_signal[STRANGER] == "10EGB12BB001"


def test_a_refused_proposal_stays_refused(editor, folder, window):
    select_signal(editor.panel, STRANGER)
    first = editor.panel.selected[0].element
    editor.panel.refuse()
    rows = {row.signal: row for row in editor.panel.rows}
    assert all(candidate.element != first for candidate in rows[STRANGER].candidates)
    again = open_sheet(window.synoptic.live.plant, window.synoptic.live.plant.drawings[0])
    assert (STRANGER, first) in again.edits.decisions.refused


def test_all_proposals_above_a_score_are_accepted_in_one_step(editor):
    editor.panel._score.setCurrentIndex(SCORES.index(0.95))
    editor.panel.accept_all()
    assert STRANGER not in editor._tab.sheet.binding.how
    editor.panel._score.setCurrentIndex(SCORES.index(0.3))
    editor.panel.accept_all()
    assert editor._tab.sheet.binding.how[STRANGER] == "by hand"
    assert editor.stack.count() == 1


def test_several_signals_are_unbound_and_bound_by_hand_together(editor, folder):
    places = [n for n, row in enumerate(editor.panel.rows) if row.signal.startswith("10EGB11C")]
    editor.panel.select_rows(places)
    assert len(editor.panel.selected) == len(places) > 1
    editor.panel.unbind()
    assert {row.state for row in editor.panel.selected} == {"foreign"}
    assert {row[1] for row in saved(folder)} == {"unbound"}
    editor.bind([LEVEL, STRANGER], id_of(editor, TANK))
    assert editor._tab.sheet.binding.code_of_signal[STRANGER] == TANK
    select_signal(editor.panel, LEVEL)
    editor.panel.unbind()
    select_signal(editor.panel, LEVEL)
    editor.panel.unbind()
    assert editor._tab.sheet.binding.how[LEVEL] == "prefix"


def test_an_element_is_picked_on_the_drawing(editor):
    select_signal(editor.panel, STRANGER)
    editor.panel.pick()
    assert editor.layer.mode == "pick"
    QTest.mouseClick(editor.layer, Qt.MouseButton.LeftButton, pos=pixel(editor, GAUGE))
    assert editor._tab.sheet.binding.code_of_signal[STRANGER] == GAUGE
    assert editor.layer.mode == "bind"
    editor.panel.pick()
    QTest.keyClick(editor.layer, Qt.Key.Key_Escape)
    assert editor.layer.mode == "bind"


def test_a_signal_dragged_onto_an_element_is_bound_to_it(editor):
    content = QMimeData()
    content.setData(SIGNAL_MIME, STRANGER.encode())
    event = QDropEvent(
        QPointF(pixel(editor, GAUGE)), Qt.DropAction.CopyAction, content, Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    editor.layer.dropEvent(event)
    assert editor._tab.sheet.binding.code_of_signal[STRANGER] == GAUGE


def test_a_chosen_row_is_marked_on_the_drawing(editor, window):
    row = next(n for n, row in enumerate(editor.panel.rows) if row.signal == LEVEL)
    editor.panel.sheet.setCurrentIndex(editor.panel.sheet.model().index(row, 0))
    assert window.synoptic.canvas.selected == GAUGE


def test_the_table_is_filtered_searched_and_exported(editor, tmp_path):
    editor.panel.show_filter("unbound")
    assert [row.signal for row in editor.panel.rows] == [STRANGER]
    editor.panel.show_filter("all")
    editor.panel._search.setText("10 EGB11 CL001")
    assert {row.tag for row in editor.panel.rows} == {GAUGE}
    editor.panel.export_to(tmp_path / "t.csv")
    text = (tmp_path / "t.csv").read_text(encoding="utf-8-sig").splitlines()
    assert text[0].startswith("Señal,Descripción")
    assert text[1].startswith(LEVEL)
    editor.panel.export_to(tmp_path / "t.xlsx")
    assert (tmp_path / "t.xlsx").stat().st_size > 2000
    editor.panel.export_to(tmp_path / "none" / "t.csv")
    assert "t.csv" in editor.panel.trouble


def test_the_view_stays_where_it_was_when_a_binding_changes(editor, window):
    canvas = window.synoptic.canvas
    canvas.zoom_by(3.0, QPointF(200, 150))
    before = canvas.view
    editor.bind([STRANGER], id_of(editor, GAUGE))
    assert canvas.view.scale == pytest.approx(before.scale)
    assert (canvas.view.x, canvas.view.y) == pytest.approx((before.x, before.y), abs=1.5)


def test_what_is_bound_by_hand_opens_with_its_element(editor, window):
    editor.bind([STRANGER], id_of(editor, GAUGE))
    window.synoptic.canvas.chosen.emit(GAUGE)
    assert STRANGER in [signal.kks for signal in window.synoptic.faceplate._signals]
    assert "Circuito de medida" in window.synoptic.faceplate._tag.toolTip()


# -- overlays ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def moving(window) -> DrawingEditor:
    QTest.keyClick(window.synoptic.canvas, Qt.Key.Key_O)
    assert window.editor.layer.mode == "overlays"
    return window.editor


def item_of(editor: DrawingEditor, signal: str):
    return next(
        i for i in editor.layer.items
        if (isinstance(i.thing, AddedPlate) and i.thing.signal == signal)
        or (isinstance(i.thing, MovedPlate) and i.thing.key.signal == signal and not i.thing.key.derived)
    )  # fmt: skip


def test_a_plate_is_put_dragged_sized_and_taken_away_and_each_is_one_step(moving, folder, window):
    moving.add_plate(STRANGER, (60.0, 40.0))
    item = item_of(moving, STRANGER)
    canvas = window.synoptic.canvas
    assert any(p.signal.kks == STRANGER and p.anchor.by_hand == "added" for p in canvas.live.plates)
    start = canvas.view.to_px(item.box.centre)
    begin, end = QPoint(round(start[0]), round(start[1])), QPoint(round(start[0]) + 80, round(start[1]) + 40)
    QTest.mousePress(moving.layer, Qt.MouseButton.LeftButton, pos=begin)
    QTest.mouseMove(moving.layer, begin + QPoint(10, 5))
    QTest.mouseMove(moving.layer, end)
    QTest.mouseRelease(moving.layer, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, end)
    (plate,) = moving.edits.annotations.plates
    reach = 8.0 / canvas.view.scale
    assert plate.x_mm == pytest.approx(60.0 + 80 / canvas.view.scale, abs=reach)
    assert plate.y_mm == pytest.approx(40.0 + 40 / canvas.view.scale, abs=reach)
    moving.change(plate._replace(size=2.0, label=False))
    assert "size = 2.0" in (folder / "tank-farm.overlays.toml").read_text(encoding="utf-8")
    moving.layer.select([item_of(moving, STRANGER)])
    QTest.keyClick(moving.layer, Qt.Key.Key_Delete)
    assert moving.edits.annotations.plates == ()
    for _ in range(4):
        moving.undo()
    assert moving.edits.annotations.plates == ()
    assert moving.stack.index() == 0
    moving.redo()
    assert moving.edits.annotations.plates[0].x_mm == 60.0


def test_arrow_keys_nudge_and_a_row_of_them_is_one_step(moving, qtbot):
    moving.add_plate(STRANGER, (60.0, 40.0))
    moving.layer.select([item_of(moving, STRANGER)])
    for _ in range(3):
        QTest.keyClick(moving.layer, Qt.Key.Key_Right)
    QTest.keyClick(moving.layer, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert moving.edits.annotations.plates[0].x_mm == 60.0
    moving.layer.settle()
    QTest.keyClick(moving.layer, Qt.Key.Key_Left)
    qtbot.waitUntil(lambda: moving.edits.annotations.plates[0].x_mm == 61.0)
    assert moving.edits.annotations.plates[0].y_mm == 45.0
    assert moving.stack.count() == 2
    moving.undo()
    moving.redo()
    assert moving.edits.annotations.plates[0].x_mm == 61.0
    moving.undo()
    assert moving.edits.annotations.plates[0][2:4] == (60.0, 40.0)


def test_what_was_nudged_and_taken_away_comes_back_where_it_was_nudged_to(moving):
    moving.add_plate(STRANGER, (60.0, 40.0))
    moving.layer.select([item_of(moving, STRANGER)])
    QTest.keyClick(moving.layer, Qt.Key.Key_Right)
    QTest.keyClick(moving.layer, Qt.Key.Key_Delete)
    assert moving.edits.annotations.plates == ()
    moving.undo()
    assert moving.edits.annotations.plates[0].x_mm == 60.5


def test_the_windows_own_keys_do_not_take_what_moves_a_plate(moving, window):
    moving.add_plate(STRANGER, (60.0, 40.0))
    moving.layer.select([item_of(moving, STRANGER)])
    event = QKeyEvent(QKeyEvent.Type.ShortcutOverride, Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier)
    assert moving.layer.event(event)
    assert event.isAccepted()
    QTest.keyClick(moving.layer, Qt.Key.Key_Escape)
    assert moving.layer.selected == []
    QTest.keyClick(moving.layer, Qt.Key.Key_Escape)
    assert moving.layer.mode == "off"


def test_an_automatic_value_is_moved_hidden_and_shown_again(moving, window):
    live = window.synoptic.canvas.live
    plate = next(p for p in live.plates if p.signal.kks.startswith("10EGC11") and not p.derived and p.vessel is None)
    signal = plate.signal.kks
    item = item_of(moving, signal)
    assert item.is_automatic
    moving.layer.select([item])
    QTest.keyClick(moving.layer, Qt.Key.Key_Up)
    moving.layer.settle()
    assert [moved.key.signal for moved in moving.edits.annotations.moved] == [signal]
    assert sum(p.signal.kks == signal for p in window.synoptic.canvas.live.plates) == 1
    moving.remove([item_of(moving, signal)])
    assert not any(p.signal.kks == signal for p in window.synoptic.canvas.live.plates)
    moving.show_hidden()
    assert any(p.signal.kks == signal for p in window.synoptic.canvas.live.plates)


def test_a_note_carries_its_author_and_the_day(moving, folder):
    moving.add_note("Revisar junta", (30.0, 30.0))
    (note,) = moving.edits.annotations.notes
    assert note.author == "ana"
    assert note.time.endswith("Z")
    assert 'text = "Revisar junta"' in (folder / "tank-farm.overlays.toml").read_text(encoding="utf-8")
    moving.change(note._replace(text="Cambiada"))
    assert moving.edits.annotations.notes[0].text == "Cambiada"


def test_what_the_layer_does_not_take_reaches_the_canvas(moving, window):
    canvas = window.synoptic.canvas
    before = canvas.view
    QTest.mousePress(moving.layer, Qt.MouseButton.LeftButton, pos=QPoint(20, 300))
    QTest.mouseMove(moving.layer, QPoint(60, 340))
    QTest.mouseMove(moving.layer, QPoint(120, 380))
    QTest.mouseRelease(moving.layer, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(120, 380))
    assert canvas.view.x > before.x


def test_each_drawing_has_its_own_steps_and_closing_a_tab_leaves_the_layer(folder, window):
    page, editor = window.synoptic, window.editor
    editor.toggle_overlays()
    editor.add_note("uno", (5.0, 5.0))
    first = page.canvas
    page.show_drawing("sim-r1", 1)
    assert editor.layer.parent() is page.canvas is not first
    assert editor.stack.count() == 0
    editor.add_note("dos", (6.0, 6.0))
    page.tabs.close_front()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert shiboken6.isValid(editor.layer)
    assert [note.text for note in editor.edits.annotations.notes] == ["uno"]
    editor.undo()
    assert editor.edits.annotations.notes == ()
    page.show_drawing("sim-r1", 1)
    editor.undo()
    assert editor.edits.annotations.notes == ()
    assert {path.name for path in folder.glob("*.toml")} >= {"tank-farm.overlays.toml", "second.overlays.toml"}


# -- files -------------------------------------------------------------------------------------------------------------


def test_the_drawing_file_is_byte_for_byte_what_it_was_after_every_kind_of_edit(moving, folder):
    before = hashlib.sha256((SIM_R1 / "tank-farm.xml").read_bytes()).digest()
    moving.add_plate(LEVEL, (10.0, 10.0))
    moving.add_note("x", (5.0, 5.0))
    moving.bind([STRANGER], id_of(moving, TANK))
    moving.unbind([LEVEL])
    moving.undo()
    assert hashlib.sha256((folder / "tank-farm.xml").read_bytes()).digest() == before


def test_another_programs_change_is_said_and_either_side_can_be_kept(editor, folder):
    editor.bind([STRANGER], id_of(editor, TANK))
    file = folder / "tank-farm.bindings.csv"
    theirs = file.read_text(encoding="utf-8").replace("ana", "eva")
    file.write_text(theirs, encoding="utf-8")
    editor.look_for_changes()
    assert "tank-farm.bindings.csv" in editor.panel.trouble
    editor.unbind([LEVEL])
    assert file.read_text(encoding="utf-8") == theirs
    editor.panel.reload_requested.emit()
    assert editor.panel.trouble == ""
    assert editor.edits.decisions.by_signal[STRANGER].person == "eva"
    assert editor.stack.count() == 0
    file.write_text(theirs.replace("eva", "leo"), encoding="utf-8")
    editor.unbind([LEVEL])
    editor.panel.keep_requested.emit()
    assert editor.panel.trouble == ""
    assert "leo" not in file.read_text(encoding="utf-8")


def test_a_folder_that_refuses_is_said_and_the_edits_can_be_kept_elsewhere(
    editor, folder, tmp_path, monkeypatch, window
):
    def refuse(*_arguments: object, **_named: object) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patched:
        patched.setattr("pid_renderer.beside_file.tempfile.mkstemp", refuse)
        editor.bind([STRANGER], id_of(editor, TANK))
    assert "Permission denied" in editor.panel.trouble
    assert editor._tab.sheet.binding.how[STRANGER] == "by hand"
    elsewhere = tmp_path / "mine"
    elsewhere.mkdir()
    editor.save_elsewhere(elsewhere)
    assert editor.panel.trouble == ""
    assert [path.exists() for path in editor._tab.sheet.store.paths] == [True, True]
    assert {path.parent for path in editor._tab.sheet.store.paths} == {elsewhere}
    again = open_sheet(window.synoptic.live.plant, window.synoptic.live.plant.drawings[0])
    assert again.binding.how[STRANGER] == "by hand"


def test_a_folder_with_other_edits_of_the_drawing_is_refused_in_a_sentence(editor, tmp_path, monkeypatch):
    elsewhere = tmp_path / "mine"
    elsewhere.mkdir()

    def taken(folder: Path, _edits: object) -> None:
        raise ChangedMeanwhile(str(folder / "a-1.bindings.csv"))

    monkeypatch.setattr(editor._tab.sheet.store, "write_elsewhere", taken)
    editor.save_elsewhere(elsewhere)
    assert "a-1.bindings.csv" in editor.panel.trouble


def test_a_broken_file_is_not_written_over_unless_asked(editor, folder):
    file = folder / "tank-farm.bindings.csv"
    file.write_text("nonsense\n1\n", encoding="utf-8")
    editor.reload()
    editor.bind([STRANGER], id_of(editor, TANK))
    assert "line 1" in editor.panel.trouble
    assert file.read_text(encoding="utf-8") == "nonsense\n1\n"
    editor.panel.keep_requested.emit()
    assert [row[0] for row in saved(folder)] == [STRANGER]
