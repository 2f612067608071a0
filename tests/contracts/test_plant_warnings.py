"""Doubts about a plant's files, each named by file, line and column."""

from pathlib import Path

import pytest

from contracts.plant import load
from contracts.plant_warnings import warnings

ROOT = Path(__file__).parents[2]
PLANT = """[refinery]
id = "r9"

[plc.p1]
connection = "modbus-tcp://127.0.0.1:502"

[plc.p2]
connection = "opcua:tcp://127.0.0.1:4840"

[kafka]
bootstrap = "k:9092"
"""
HEADER = "kks,kind,role,plc,address,zone,ll,l,h,hh,note\n"
GOOD = "10EGB11CL001XQ01,analog,level,p1,input-register:1:REAL,farm,1,2,3,4,mine\n"


def warned(folder: Path, rows: str = GOOD, plant: str = PLANT) -> list[str]:
    (folder / "plant.toml").write_text(plant, encoding="utf-8")
    (folder / "signals.csv").write_text(HEADER + rows, encoding="utf-8")
    return warnings(load(folder))


def test_the_shipped_plant_leaves_no_doubt():
    assert warnings(load(ROOT / "resources" / "plants" / "sim-r1")) == []


def test_columns_and_addresses_of_other_protocols_are_the_plants_own(tmp_path):
    assert warned(tmp_path, GOOD + "10EGB12CL001XQ01,analog,level,p2,ns=2;i=5,farm,,,,,x\n") == []


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("10EGB12CL001XQ01,analog,level,p1,input-register:3:REAL,farm,,15,3,,", "columns l and h: 15 is not below 3"),
        ("10EGB12CL001XQ01,analog,levl,p1,input-register:3:REAL,farm,,,,,", "did you mean level?"),
        ("10EGB12CL001XQ01,analog,level,p1,register 3,farm,,,,,", "column address: 'register 3' is not a Modbus"),
        ("10EGB12CL001XQ01,analog,level,p1,input-register:2:INT,farm,,,,,", "of 10EGB11CL001XQ01 in line 2"),
    ],
)
def test_a_doubtful_cell_is_named_by_line_and_column(tmp_path, row, said):
    [warning] = warned(tmp_path, GOOD + row + "\n")
    assert said in warning
    assert warning.startswith(f"{tmp_path / 'signals.csv'}, line 3, column")


def test_a_classic_register_number_is_an_address(tmp_path):
    assert warned(tmp_path, GOOD + "10EGB12CL001XQ01,analog,level,p1,40001,farm,,,,,\n") == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('id = "r9"', 'id = "r9"\ntimezon = "UTC"', "line 3, [refinery]: timezon is not known; did you mean timezone?"),
        ("[kafka]", "[kafka]\nboostrap = 1", "line 11, [kafka]: boostrap is not known"),
        ("[plc.p2]", "[plc.p2]\nscan = 1", "line 8, [plc.p2]: scan is not known"),
        ("[kafka]", "[tank]\nx = 1\n[kafka]", "line 10: tank is not known; did you mean tanks?"),
    ],
)
def test_an_unknown_key_is_named_by_line_and_table(tmp_path, old, new, said):
    [warning] = warned(tmp_path, plant=PLANT.replace(old, new, 1))
    assert warning.startswith(f"{tmp_path / 'plant.toml'}, {said}")


def test_every_signal_inside_a_long_register_is_found_not_only_the_next(tmp_path):
    rows = [
        f"10EGB{n}CL001XQ01,analog,level,p1,input-register:{at},farm,,,,,\n"
        for n, at in ((11, "1:LREAL"), (12, "2:INT"), (13, "4:INT"), (14, "5:INT"))
    ]
    assert [warning.split(", ")[1] for warning in warned(tmp_path, "".join(rows))] == ["line 3", "line 4"]


def test_a_connection_that_cannot_be_read_is_named_by_line(tmp_path):
    [warning] = warned(tmp_path, plant=PLANT.replace("127.0.0.1:502", "127.0.0.1:port", 1))
    assert warning.startswith(f"{tmp_path / 'plant.toml'}, line 5, [plc.p1]: connection")


def test_a_projects_kks_keys_that_cannot_be_read_are_told(tmp_path):
    (tmp_path / "keys.csv").write_text("level,key,en,es\nplanet,A,a,a\n", encoding="utf-8")
    (said,) = warned(tmp_path, plant=PLANT.replace('id = "r9"', 'id = "r9"\nkks_keys = "keys.csv"'))
    assert "keys.csv, line 2, column level" in said
