import pytest

from app.historian_memory import FiledMemory
from widgets.historian_memory import CalculatedSetting, Note, PenSetting, View

VIEW = View(
    "Llenado",
    (PenSetting("10EGB11CL001XQ01", 3), PenSetting("=doble", 1, shown=False)),
    10,
    20,
    a_us=12,
    ranges={"m": (0.0, 18.0)},
    calculated=(CalculatedSetting("doble", '"10EGB11CL001XQ01" * 2'),),
    compare_us=7,
)


def note(text, at_us=5, **more):
    return Note(at_us, text, "ana", 99, **more)


def test_a_view_comes_back_as_it_was_kept(tmp_path):
    FiledMemory(tmp_path).keep_view("sim-t1", VIEW)
    again = FiledMemory(tmp_path)
    assert again.views("sim-t1") == [VIEW]
    assert again.views("sim-t2") == []


def test_a_view_of_the_same_name_takes_the_older_ones_place(tmp_path):
    memory = FiledMemory(tmp_path)
    memory.keep_view("r", View("a"))
    memory.keep_view("r", View("b"))
    memory.keep_view("r", View("a", from_us=1))
    assert [(view.name, view.from_us) for view in memory.views("r")] == [("a", 1), ("b", 0)]
    memory.remove_view("r", "a")
    assert [view.name for view in memory.views("r")] == ["b"]


def test_two_windows_do_not_undo_each_others_notes(tmp_path):
    one, other = FiledMemory(tmp_path), FiledMemory(tmp_path)
    first, second = note("first", 50), note("second", 10)
    one.put_note("r", first)
    other.put_note("r", second)
    assert [kept.text for kept in one.notes("r")] == ["second", "first"]
    other.remove_note("r", first.id)
    assert [kept.text for kept in one.notes("r")] == ["second"]


def test_a_note_that_was_changed_keeps_its_id(tmp_path):
    memory = FiledMemory(tmp_path)
    first = note("draft")
    memory.put_note("r", first)
    memory.put_note("r", Note(5, "final", "ana", 100, first.id))
    assert [(kept.text, kept.id) for kept in memory.notes("r")] == [("final", first.id)]


def test_a_broken_file_is_named_and_never_written_over(tmp_path):
    memory = FiledMemory(tmp_path)
    memory.put_note("r", note("kept"))
    file = tmp_path / "r" / "notes.json"
    file.write_text("[{broken", encoding="utf-8")
    with pytest.raises(OSError, match=r"notes\.json"):
        memory.notes("r")
    with pytest.raises(OSError, match=r"notes\.json"):
        memory.put_note("r", note("new"))
    assert file.read_text(encoding="utf-8") == "[{broken"


def test_what_was_on_the_screen_last_is_remembered(tmp_path):
    memory = FiledMemory(tmp_path)
    assert memory.last("r") is None
    memory.keep_last("r", VIEW)
    assert FiledMemory(tmp_path).last("r") == VIEW
