"""Signals ↔ elements: by KKS prefix, by equipment, by mapping table, by ISA tag."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import xlsxwriter

from contracts import plant as plant_files
from pid_renderer import proteus
from pid_renderer.binding import bind, read_mapping
from pid_renderer.drawing import BadDrawing, Link
from tests.pid_renderer.test_proteus import model, position

HEADER = "kks,description,unit,kind,role,low,high,plc,address,zone,equipment\n"


def a_plant(folder: Path, rows: str, scheme: str = "kks"):
    (folder / "signals.csv").write_text(HEADER + rows, encoding="utf-8")
    (folder / "plant.toml").write_text(
        f'[refinery]\nid = "t1"\ntag_scheme = "{scheme}"\n[plc.p]\nconnection = "modbus-tcp://127.0.0.1:1"\n'
    )
    return plant_files.load(folder)


def a_drawing(*tags: tuple[str, str, str]):
    """Items (XML tag, class, plant tag) in a row."""
    body = "".join(
        f'<{tag} ID="e{n}" ComponentClass="{kind}" TagName="{name}">'
        f'<Circle Radius="5">{position(20 * n + 20, 50)}</Circle></{tag}>'
        for n, (tag, kind, name) in enumerate(tags)
    )
    return proteus.read_bytes(model(body), "t.xml")


TANK = ("Equipment", "Tank", "10EGB11 BB001")
GAUGE = ("ProcessInstrumentationFunction", "ProcessInstrumentationFunction", "10 EGB11 CL001")


def test_a_signal_binds_to_its_circuit_by_prefix_and_to_its_equipment_by_the_list(tmp_path):
    plant = a_plant(tmp_path, "10EGB11CL001XQ01,Level,m,analog,level,0,18,p,r:1,z,10EGB11BB001\n")
    binding = bind(a_drawing(TANK, GAUGE), plant)
    assert [s.kks for s in binding.signals_at["10EGB11CL001"]] == ["10EGB11CL001XQ01"]
    assert binding.signal("10EGB11BB001", "level").kks == "10EGB11CL001XQ01"
    assert binding.code_of_signal["10EGB11CL001XQ01"] == "10EGB11CL001"


def test_the_main_value_of_a_circuit_is_its_own_and_not_its_neighbours(tmp_path):
    rows = (
        "10EGB11CT001XQ01,T,C,analog,temperature,0,90,p,r:1,z,10EGB11BB001\n"
        "10EGB11CL001XQ01,L,m,analog,level,0,18,p,r:2,z,10EGB11BB001\n"
    )
    binding = bind(a_drawing(TANK, GAUGE), a_plant(tmp_path, rows))
    assert binding.main("10EGB11CL001").role == "level"
    assert binding.main("10EGB11BB001").role == "level"


def test_what_is_not_bound_is_listed_on_both_sides(tmp_path):
    plant = a_plant(tmp_path, "10EGB99CL001XQ01,Level,m,analog,level,0,18,p,r:1,z,\n")
    binding = bind(a_drawing(TANK), plant)
    assert [s.kks for s in binding.unbound_signals] == ["10EGB99CL001XQ01"]
    assert [e.tag for e in binding.unbound_elements] == ["10EGB11 BB001"]


def test_a_mapping_table_gives_foreign_tags_their_kks(tmp_path):
    (tmp_path / "map.csv").write_text(
        "Tag;KKS;note\nTK-101;10EGB11BB001;x\nLT 101;10EGB11CL001;\nTK-999;10EGB12BB001;\n"
    )
    plant = a_plant(tmp_path, "10EGB11CL001XQ01,Level,m,analog,level,0,18,p,r:1,z,10EGB11BB001\n")
    drawing = a_drawing(("Equipment", "Tank", "TK-101"), (GAUGE[0], GAUGE[1], "LT 101"))
    binding = bind(drawing, plant, read_mapping(tmp_path / "map.csv"))
    assert binding.signal("10EGB11BB001", "level") is not None
    assert binding.code_of["e1"] == "10EGB11CL001"
    assert binding.notes == ("mapping: no element of t.xml has the tag TK-999",)


@pytest.mark.parametrize("header", [("Código KKS", "Área", "Etiqueta"), ("kks code", "area", "Plant tag")])
def test_a_mapping_table_may_be_excel_with_its_columns_in_any_order_and_either_language(tmp_path, header):
    with xlsxwriter.Workbook(str(tmp_path / "map.xlsx")) as book:
        page = book.add_worksheet("Tags")
        page.write_row(0, 0, header)
        page.write_row(1, 0, ["10EGB11BB001", "Parque", "TK-101"])
    table = read_mapping(tmp_path / "map.xlsx")
    assert table == {"TK-101": "10EGB11BB001"}
    assert table.extra["TK-101"] == {header[1]: "Parque"}


def test_a_bad_excel_mapping_names_sheet_row_and_column(tmp_path):
    with xlsxwriter.Workbook(str(tmp_path / "map.xlsx")) as book:
        page = book.add_worksheet("Tags")
        page.write_row(0, 0, ["tag", "kks"])
        page.write_row(2, 0, ["TK-101"])
    with pytest.raises(BadDrawing, match=r"map\.xlsx, sheet Tags, row 3: tag or kks is empty \(column kks\)"):
        read_mapping(tmp_path / "map.xlsx")


def test_a_valve_is_found_by_the_tag_of_the_actuator_that_moves_it(tmp_path):
    drawing = a_drawing(("PipingComponent", "GlobeValve", "C1"), ("ActuatingSystem", "ActuatingSystem", "PV4712.02"))
    drawing = replace(drawing, links=(Link("refers to", "e1", "e0"),))
    plant = a_plant(tmp_path, "PV-4712.02,Pos,%,analog,position,0,100,p,r:1,z,\n", "isa")
    binding = bind(drawing, plant)
    assert binding.element_ids[binding.code_of_signal["PV-4712.02"]] == "e0"


def test_isa_tags_bind_as_they_are(tmp_path):
    plant = a_plant(tmp_path, "LT-101,Level,m,analog,level,0,18,p,r:1,z,TK-101\n", "isa")
    binding = bind(a_drawing(("Equipment", "Tank", "TK-101"), (GAUGE[0], GAUGE[1], "lt-101")), plant)
    assert binding.signals_at["LT-101"][0].kks == "LT-101"
    assert binding.signal("TK-101", "level").kks == "LT-101"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("plant,code\na,b\n", "column tag is missing.*; the header must name"),
        ("tag,kks\nTK-1,\n", "line 2: tag or kks is empty"),
        ("tag,kks\nTK-1,10EGB11BB001\ntk-1,10EGB12BB001\n", "line 3: TK-1 is mapped twice"),
    ],
)
def test_a_bad_mapping_names_file_and_line(tmp_path, text, words):
    path = tmp_path / "map.csv"
    path.write_text(text)
    with pytest.raises(BadDrawing, match=words):
        read_mapping(path)


def test_every_signal_of_the_reference_plant_is_bound(sheet):
    assert sheet.binding.unbound_signals == ()
    assert sheet.binding.unbound_elements == ()
