"""What a person put on a drawing: plates, notes, moved and hidden values; its file, and what becomes of it."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest
from PySide6.QtWidgets import QApplication

from pid_renderer import svg
from pid_renderer.annotations import (
    AddedPlate,
    Annotations,
    MovedPlate,
    Note,
    PlateKey,
    annotated,
    note_box,
    parse,
)
from pid_renderer.binding import bind
from pid_renderer.drawing import BadDrawing, Polyline, Text
from pid_renderer.live_sheet import LiveSheet
from resources.theme import theme
from tests.pid_renderer.test_binding import GAUGE, TANK, a_drawing, a_plant

LEVEL = "10EGB11CL001XQ01"
ROWS = f"{LEVEL},Level,m,analog,level,0,18,p,r:1,z,\n10QFB99CT001XQ01,T,C,analog,temperature,0,90,p,r:2,z,\n"
KEY = PlateKey("e1", "10 EGB11 CL001", LEVEL)
EVERYTHING = Annotations(
    (AddedPlate("p1", LEVEL, 12.5, 30.0, 1.5, label=False),),
    (MovedPlate(KEY, 60.0, 20.25),),
    (PlateKey("e0", "TK", LEVEL, "volume"),),
    (Note("n1", 'Junta "mala"\n\\ ver 2.ª hoja\x01', 5.0, 6.0, "ana", "2026-11-24T00:00:00Z"),),
)


@pytest.fixture(autouse=True)
def application() -> None:
    QApplication.instance() or QApplication([])


def sheet_of(tmp_path, annotations: Annotations, *tags):
    plant = a_plant(tmp_path, ROWS)
    drawing = a_drawing(*(tags or (TANK, GAUGE)))
    binding = bind(drawing, plant)
    made, notes = annotated(drawing, binding, plant, annotations)
    return made, notes, LiveSheet(made, binding, plant, "es")


def places(live: LiveSheet) -> list[tuple[str, tuple[float, float]]]:
    return [(plate.signal.kks, plate.anchor.box.centre) for plate in live.plates]


def test_the_file_is_readable_and_read_back_as_it_was():
    text = EVERYTHING.text()
    assert (
        '[[plate]]\nid = "p1"\nsignal = "10EGB11CL001XQ01"\nx_mm = 12.5\ny_mm = 30.0\nsize = 1.5\nlabel = false' in text
    )
    assert parse(text, "f") == EVERYTHING
    assert parse("", "f") == Annotations()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[plate]\n", "x.toml: "),
        ("[[plates]]\nid = 1\n", r"x.toml: \[\[plates\]\] is not known"),
        ('[[plate]]\nid = "p1"\nsignal = "S"\nx_mm = "a"\n', "x.toml, plate 1: x_mm must be a number in millimetres"),
        ('[[note]]\nid = "n1"\n', "x.toml, note 1: text must be a text"),
        ('note = "x"\n', "write each note as a table"),
    ],
)
def test_a_bad_file_names_block_and_key(text, words):
    with pytest.raises(BadDrawing, match=words):
        parse(text, "x.toml")


def test_nothing_put_on_it_leaves_the_drawing_itself(tmp_path):
    plant = a_plant(tmp_path, ROWS)
    drawing = a_drawing(TANK, GAUGE)
    assert annotated(drawing, bind(drawing, plant), plant, Annotations())[0] is drawing


def test_an_added_plate_stands_where_it_was_put_and_takes_nothing_from_the_element(tmp_path):
    before = places(sheet_of(tmp_path, Annotations())[2])
    added = Annotations((AddedPlate("p1", LEVEL, 90.0, 10.0), AddedPlate("p2", "10QFB99CT001XQ01", 95.0, 30.0)))
    made, notes, live = sheet_of(tmp_path, added)
    now = places(live)
    assert notes == []
    assert set(before) < set(now)
    assert {(LEVEL, (90.0, 10.0)), ("10QFB99CT001XQ01", (95.0, 30.0))} == set(now) - set(before)
    labels = [item.text for item in made.primitives if isinstance(item, Text)]
    assert labels == ["10EGB11 CL001", "10QFB99 CT001 XQ01"]


def test_one_added_plate_takes_no_automatic_value_from_a_machine(tmp_path):
    (tmp_path / "a").mkdir()
    rows = "P-1,Power,kW,analog,power,0,9,p,r:1,z,\nLT-1,Level,m,analog,level,0,9,p,r:2,z,\n"
    plant = a_plant(tmp_path / "a", rows, "isa")
    drawing = a_drawing(("Equipment", "CentrifugalPump", "P-1"))
    binding = bind(drawing, plant)
    before = places(LiveSheet(drawing, binding, plant, "es"))
    made, _ = annotated(drawing, binding, plant, Annotations((AddedPlate("p1", "LT-1", 90.0, 10.0),)))
    assert [kks for kks, _ in before] == ["P-1"]
    assert set(before) < set(places(LiveSheet(made, binding, plant, "es")))


def test_a_larger_plate_is_larger(tmp_path):
    def height(size: float) -> float:
        live = sheet_of(tmp_path, Annotations((AddedPlate("p1", LEVEL, 90.0, 10.0, size),)))[2]
        plate = next(p for p in live.plates if p.anchor.by_hand)
        return live.plate_box(plate, live.scale_100).height

    assert height(2.0) == pytest.approx(2 * height(1.0), rel=0.1)


def test_a_moved_plate_stands_there_only(tmp_path):
    (before,) = places(sheet_of(tmp_path, Annotations())[2])
    now = places(sheet_of(tmp_path, Annotations(moved=(MovedPlate(KEY, 70.0, 15.0),)))[2])
    assert before[0] == LEVEL
    assert now == [(LEVEL, (70.0, 15.0))]


def test_a_hidden_plate_stands_nowhere_and_can_be_shown_again(tmp_path):
    hidden = Annotations(moved=(MovedPlate(KEY, 70.0, 15.0),)).hiding(KEY)
    assert hidden.moved == ()
    assert places(sheet_of(tmp_path, hidden)[2]) == []
    assert hidden.showing([KEY]) == Annotations()
    assert hidden.with_(MovedPlate(KEY, 1.0, 1.0)).hidden == ()


def test_the_files_own_places_are_moved_and_hidden_too(sheet):
    live = LiveSheet(sheet.drawing, sheet.binding, sheet.plant, "es")
    for plate in live.plates:
        if plate.derived not in ("", "volume", "rate"):
            continue
        key = PlateKey(plate.anchor.element, "", plate.signal.kks, plate.derived)
        made, _ = annotated(sheet.drawing, sheet.binding, sheet.plant, Annotations(moved=(MovedPlate(key, 3.0, 4.0),)))
        moved = LiveSheet(made, sheet.binding, sheet.plant, "es")
        same = [
            p
            for p in moved.plates
            if (p.signal.kks, p.derived, p.code) == (plate.signal.kks, plate.derived, plate.code)
        ]
        assert [p.anchor.box.centre for p in same] == [(3.0, 4.0)]
        made, _ = annotated(sheet.drawing, sheet.binding, sheet.plant, Annotations(hidden=(key,)))
        less = LiveSheet(made, sheet.binding, sheet.plant, "es")
        assert not any(
            (p.signal.kks, p.derived, p.code) == (plate.signal.kks, plate.derived, plate.code) for p in less.plates
        )


def test_a_note_is_drawn_with_its_author_and_its_time_by_the_plants_clock(tmp_path):
    note = Note("n1", "Revisar junta\nantes de marzo", 5.0, 6.0, "ana", "2026-11-24T10:42:07Z")
    plant = replace(a_plant(tmp_path, ROWS), timezone=ZoneInfo("Europe/Madrid"))
    drawing = a_drawing(TANK, GAUGE)
    made, _ = annotated(drawing, bind(drawing, plant), plant, Annotations(notes=(note,)))
    assert [i.text for i in made.primitives if isinstance(i, Text)] == [
        "Revisar junta", "antes de marzo", "ana · 2026-11-24 11:42",
    ]  # fmt: skip
    (bar,) = [i for i in made.primitives if isinstance(i, Polyline) and i.owner == "note n1"]
    assert bar.points[0] == (5.0, 6.0)
    assert note_box(made, note).holds(bar.box)


def test_what_has_lost_its_element_or_signal_is_told(tmp_path):
    lost = Annotations((AddedPlate("p1", "S9", 1.0, 1.0),), hidden=(PlateKey("e9", "TK-9", LEVEL),))
    _, notes, _ = sheet_of(tmp_path, lost)
    assert notes == [
        f"overlays: the plate of {LEVEL} at TK-9 is not on this drawing",
        "overlays: S9 of plate p1 is not in the signal list",
    ]


def test_things_are_found_replaced_and_taken_away_by_their_id():
    plate, note = EVERYTHING.plates[0], EVERYTHING.notes[0]
    assert EVERYTHING.with_(plate._replace(x_mm=1.0)).plates == (plate._replace(x_mm=1.0),)
    assert EVERYTHING.without(note).notes == ()
    assert EVERYTHING.new_id("p") == "p2"
    assert replace(EVERYTHING, plates=()).new_id("n") == "n2"


def test_the_svg_shows_values_where_they_were_put(sheet):
    live = LiveSheet(sheet.drawing, sheet.binding, sheet.plant, "es")
    automatic = [plate for plate in live.plates if not plate.derived and plate.anchor.element]
    gauge = next(plate for plate in automatic if plate.vessel is None)
    level = next(plate for plate in automatic if plate.vessel is not None)
    put = (
        Annotations((AddedPlate("p1", level.signal.kks, 11.0, 12.0, 2.0),))
        .with_(MovedPlate(PlateKey(gauge.anchor.element, "", gauge.signal.kks), 21.0, 22.0))
        .hiding(PlateKey(level.anchor.element, "", level.signal.kks))
    )
    made, _ = annotated(sheet.drawing, sheet.binding, sheet.plant, put)
    root = ElementTree.fromstring(svg.write(made, sheet.binding, theme("light")))
    texts = [each for each in root.iter("{http://www.w3.org/2000/svg}text") if each.get("class") == "value"]
    places = {
        kks: [each for each in texts if each.get("data-signal") == kks] for kks in (gauge.signal.kks, level.signal.kks)
    }
    assert [float(each.get("x")) for each in places[gauge.signal.kks]] == [pytest.approx(21.0)]
    assert 11.0 in [pytest.approx(float(each.get("x"))) for each in places[level.signal.kks]]
    inside = level.vessel.shape.shell.centre[0]
    assert not any(float(each.get("x")) == pytest.approx(inside, abs=0.5) for each in places[level.signal.kks])
