"""What a person decided, as a file beside the drawing, and what it does to the binding."""

from __future__ import annotations

import pytest

from pid_renderer.beside_file import BesideFile, ChangedMeanwhile
from pid_renderer.binding import bind
from pid_renderer.decisions import Decision, Decisions, element_id, file_of, parse
from pid_renderer.drawing import BadDrawing
from tests.pid_renderer.test_binding import GAUGE, TANK, a_drawing, a_plant

LEVEL = "10EGB11CL001XQ01,Level,m,analog,level,0,18,p,r:1,z,10EGB11BB001\n"
OTHER = "10QFB99CT001XQ01,T,C,analog,temperature,0,90,p,r:2,z,\n"
TIME = "2026-11-24T00:00:00Z"


def decided(*rows: tuple[str, str, str, str]) -> Decisions:
    return Decisions().with_(Decision(*row, "ana", TIME) for row in rows)


def test_a_signal_bound_by_hand_goes_there_whatever_its_tag_says(tmp_path):
    plant = a_plant(tmp_path, LEVEL + OTHER)
    drawing = a_drawing(TANK, GAUGE, ("Equipment", "Tank", "TK-9"))
    binding = bind(drawing, plant, decisions=decided(("10EGB11CL001XQ01", "bound", "e2", "TK-9")))
    assert [s.kks for s in binding.signals_at["TK-9"]] == ["10EGB11CL001XQ01"]
    assert binding.how["10EGB11CL001XQ01"] == "by hand"
    assert "10EGB11CL001" not in binding.signals_at
    assert binding.signal("10EGB11BB001", "level") is not None


def test_an_element_without_a_tag_can_be_chosen_by_hand(tmp_path):
    drawing = a_drawing(("Equipment", "Tank", ""))
    binding = bind(drawing, a_plant(tmp_path, OTHER), decisions=decided(("10QFB99CT001XQ01", "bound", "e0", "")))
    assert binding.element_ids["e0"] == "e0"
    assert binding.main("e0").kks == "10QFB99CT001XQ01"


def test_of_two_elements_with_one_tag_the_one_that_was_chosen_is_meant(tmp_path):
    drawing = a_drawing(("Equipment", "Tank", "TK-9"), ("Equipment", "Tank", "TK-9"))
    plant = a_plant(tmp_path, OTHER + "TK-9,Level,m,analog,level,0,9,p,r:3,z,\n", "isa")
    binding = bind(drawing, plant, decisions=decided(("10QFB99CT001XQ01", "bound", "e1", "TK-9")))
    assert binding.element_ids[binding.code_of_signal["10QFB99CT001XQ01"]] == "e1"
    assert binding.element_ids[binding.code_of_signal["TK-9"]] == "e0"


def test_a_signal_unbound_by_hand_stays_unbound(tmp_path):
    decisions = decided(("10EGB11CL001XQ01", "unbound", "", ""))
    binding = bind(a_drawing(TANK, GAUGE), a_plant(tmp_path, LEVEL), decisions=decisions)
    assert [s.kks for s in binding.unbound_signals] == ["10EGB11CL001XQ01"]
    assert binding.signals_of == {}


def test_each_way_a_signal_found_its_element_is_told(tmp_path):
    signals = "LT-1,a,m,analog,level,0,1,p,r:1,z,\n10EGB11CL001XQ01,b,m,analog,level,0,1,p,r:2,z,\n" + (
        "10EGC11AP001XB01,c,,binary,running,0,1,p,r:3,z,\nX,d,,analog,level,0,1,p,r:4,z,TK-7\n"
    )
    drawing = a_drawing(
        (GAUGE[0], GAUGE[1], "LT 1"), GAUGE, ("Equipment", "Pump", "P-1"), ("Equipment", "Tank", "TK-7")
    )
    binding = bind(drawing, a_plant(tmp_path, signals, "isa"), {"P-1": "10EGC11AP001"})
    assert binding.how == {
        "LT-1": "drawing",
        "10EGB11CL001XQ01": "prefix",
        "10EGC11AP001XB01": "mapping",
        "X": "equipment",
    }


def test_isa_tags_bind_however_they_are_written_and_a_blocks_member_to_its_block(tmp_path):
    signals = "PT-4712.01,a,bar,analog,pressure,0,1,p,r:1,z,P4711\nP-4711.RUN,b,,binary,running,0,1,p,r:2,z,\n"
    drawing = a_drawing((GAUGE[0], GAUGE[1], "PT 4712.01"), ("Equipment", "CentrifugalPump", "P4711"))
    binding = bind(drawing, a_plant(tmp_path, signals, "isa"))
    assert binding.unbound_signals == ()
    assert binding.signal("P4711", "running").kks == "P-4711.RUN"
    assert binding.signal("P4711", "pressure").kks == "PT-4712.01"


def test_a_new_export_that_renames_ids_is_followed_by_the_tag(tmp_path):
    drawing = a_drawing(TANK, ("Equipment", "Tank", "TK-9"))
    row = Decision("S", "bound", "old-id", "TK-9", "", "")
    assert element_id(row, drawing) == "e1"
    assert element_id(row._replace(element="e0"), drawing) == "e1"
    assert element_id(row._replace(tag="none"), drawing) == ""
    twins = a_drawing(("Equipment", "Tank", "TK-9"), ("Equipment", "Tank", "TK-9"))
    assert element_id(row, twins) == ""
    assert element_id(row._replace(element="e1"), twins) == "e1"


def test_what_a_decision_means_and_is_not_there_is_noted(tmp_path):
    decisions = decided(("10EGB11CL001XQ01", "bound", "gone", "TK-0"), ("S99", "bound", "e0", ""))
    binding = bind(a_drawing(TANK, GAUGE), a_plant(tmp_path, LEVEL), decisions=decisions)
    assert binding.notes == (
        "bindings: no element of t.xml is TK-0, chosen for 10EGB11CL001XQ01",
        "bindings: S99 is not in the signal list",
    )
    assert binding.how["10EGB11CL001XQ01"] == "prefix"


def test_binding_lifts_the_refusal_of_that_place_and_replaces_the_old_one():
    decisions = decided(("S", "refused", "a", "A"), ("S", "refused", "b", "B"), ("S", "bound", "c", "C"))
    now = decisions.with_([Decision("S", "bound", "a", "A", "", "")])
    assert now.refused == {("S", "b")}
    assert now.by_signal["S"].element == "a"
    assert now.with_([Decision("S", "refused", "a", "A", "", "")]).by_signal == {}
    assert now.without(["S"]).rows == tuple(row for row in now.rows if row.verdict == "refused")
    assert now.without(["S"], refusals=True).rows == ()


def test_the_file_holds_a_sorted_line_a_decision_and_is_read_back_as_it_was():
    decisions = decided(("S2", "bound", "b", "B,1"), ("S1", "refused", "a", 'A"'))
    text = decisions.text()
    assert text.splitlines() == [
        "signal,verdict,element,tag,person,time",
        f'S1,refused,a,"A""",ana,{TIME}',
        f'S2,bound,b,"B,1",ana,{TIME}',
    ]
    assert parse(text, "f") == decisions
    assert parse("", "f") == Decisions()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a,b\n1,2\n", "line 1: the columns signal, verdict"),
        ("signal,verdict,element,tag\nS,perhaps,e,t\n", "line 2, column verdict: 'perhaps' is not one of"),
        ("signal,verdict,element,tag\nS,bound,,\n", "line 2: signal, or both"),
        ("signal,verdict,element,tag\nS,bound,a,\nS,refused,c,\nS,bound,b,\n", "line 4: S has its place in line 2"),
        ("signal,verdict,element,tag\nS,bound,a,\nS,unbound,,\n", "line 3: S has its place in line 2 already"),
    ],
)
def test_a_bad_file_of_decisions_names_file_and_line(text, words):
    with pytest.raises(BadDrawing, match=words):
        parse(text, "x.bindings.csv")


def test_the_file_is_written_whole_and_never_over_somebody_elses_change(tmp_path):
    path = file_of(tmp_path / "sheet.xml", None)
    assert path == tmp_path / "sheet.bindings.csv"
    ours, theirs = BesideFile(path), BesideFile(path)
    assert ours.read() == ""
    ours.write("one\n")
    theirs.read()
    theirs.write("two\n")
    with pytest.raises(ChangedMeanwhile):
        ours.write("three\n")
    assert path.read_text() == "two\n"
    ours.write("three\n", over=True)
    assert path.read_text() == "three\n"
    assert theirs.changed
    assert not ours.changed
    assert [file.name for file in tmp_path.iterdir()] == ["sheet.bindings.csv"]
