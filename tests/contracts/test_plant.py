from pathlib import Path

import pytest

from contracts.plant import BadPlant, load

PLANT = """
[refinery]
id = "sim-r9"
name = "Nine"
timezone = "Europe/Madrid"
[plc.p1]
connection = "modbus-tcp://127.0.0.1:502"
scan_s = 0.5
[[drawings]]
file = "sheet.xml"
[[tanks]]
kks = "10EGB11BB001"
level = "10EGB11CL001XQ01"
strapping = "strapping.csv"
[kafka]
bootstrap = "k:9092"
"""
SIGNALS = "kks,kind,role,plc,address,zone\n10EGB11CL001XQ01,analog,level,p1,input-register:1:REAL,tank-farm\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "plant.toml").write_text(PLANT, encoding="utf-8")
    (tmp_path / "signals.csv").write_text(SIGNALS, encoding="utf-8")
    return tmp_path


def change(folder: Path, old: str, new: str) -> None:
    assert old in PLANT
    (folder / "plant.toml").write_text(PLANT.replace(old, new), encoding="utf-8")


def test_a_plant_is_what_its_folder_says(folder):
    plant = load(folder)
    assert (plant.refinery, plant.name, plant.timezone.key, plant.is_training) == (
        "sim-r9",
        "Nine",
        "Europe/Madrid",
        True,
    )
    assert plant.plcs["p1"].scan_s == plant.signals[0].scan_s == 0.5
    assert plant.topics == ("sim-r9.tank-farm",)
    assert plant.by_kks["10EGB11CL001XQ01"] is plant.signals[0]
    assert plant.drawings[0].file == folder / "sheet.xml"
    assert (plant.drawings[0].title, plant.drawings[0].mapping) == ("sheet", None)
    assert plant.tanks[0].strapping == folder / "strapping.csv"
    assert plant.services == {"kafka": {"bootstrap": "k:9092"}}


def test_a_signal_is_scanned_as_its_own_plc_is_unless_its_line_says_otherwise(folder):
    change(folder, "[[drawings]]", '[plc.p2]\nconnection = "modbus-tcp://127.0.0.1:503"\nscan_s = 5\n[[drawings]]')
    rows = "10EGB12CL001XQ01,analog,level,p2,a,crude,\n10EGB13CL001XQ01,analog,level,p2,a,crude,2\n"
    (folder / "signals.csv").write_text(SIGNALS.replace("zone\n", "zone,scan_s\n").replace("farm\n", "farm,\n") + rows)
    assert [signal.scan_s for signal in load(folder).signals] == [0.5, 5.0, 2.0]


def test_zones_keep_the_order_of_the_signal_list(folder):
    more = "10EGB12CL001XQ01,analog,level,p1,a,crude\n10EGB13CL001XQ01,analog,level,p1,a,tank-farm\n"
    (folder / "signals.csv").write_text(SIGNALS + more)
    assert load(folder).zones == ("tank-farm", "crude")


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("[refinery]", "[plant]", "the table [refinery] is missing"),
        ('id = "sim-r9"\n', "", "id in [refinery] is missing"),
        ('id = "sim-r9"', 'id = "Nine!"', "refinery 'Nine!': use 1 to 24"),
        ('"Europe/Madrid"', '"Europe/Nowhere"', "timezone 'Europe/Nowhere' in [refinery] is unknown"),
        ('"Europe/Madrid"', '"../etc"', "timezone '../etc' in [refinery] is unknown"),
        ('"Europe/Madrid"', '"Europe"', "timezone 'Europe' in [refinery] is unknown"),
        ("scan_s = 0.5", 'scan_s = "fast"', "scan_s in [plc.p1] must be a number above 0, not 'fast'"),
        ("scan_s = 0.5", "scan_s = nan", "scan_s in [plc.p1] must be a number above 0"),
        ("scan_s = 0.5", "scan_s = true", "scan_s in [plc.p1] must be a number above 0"),
        ("[refinery]", "[refinery]\nheartbeat_s = 0", "heartbeat_s in [refinery] must be a number above 0, not 0"),
        ("connection =", "connexion =", "connection in [plc.p1] is missing"),
        ("[plc.p1]", "[plc]", "write each plc as a table [plc.NAME]"),
        ("[plc.p1]", "[plc.p2]", "[plc.p1] is missing; 10EGB11CL001XQ01 is read from it"),
        ("[[drawings]]", "[drawings]", "write each of the drawings as a table [[drawings]], in double brackets"),
        ('file = "sheet.xml"', "", "file in [[drawings]] is missing"),
        ('strapping = "strapping.csv"', "", "strapping in [[tanks]] 10EGB11BB001 is missing"),
        ("10EGB11CL001XQ01", "10EGB99CL001XQ01", "[[tanks]] 10EGB11BB001: 10EGB99CL001XQ01 is not in the signal list"),
        ("[kafka]\n", "[lake]\n[[kafka]]\n", "the table [kafka] is missing"),
        ("[refinery]", "[refinery", "plant.toml"),
    ],
)
def test_a_mistake_is_named_with_its_place(folder, old, new, reason):
    change(folder, old, new)
    with pytest.raises(BadPlant) as caught:
        load(folder)
    assert str(folder / "plant.toml") in str(caught.value)
    assert reason in str(caught.value)


def test_a_mistake_in_the_signal_list_keeps_its_line(folder):
    (folder / "signals.csv").write_text(SIGNALS.replace("analog", "analogue"))
    with pytest.raises(BadPlant, match=r"signals\.csv, line 2, column kind"):
        load(folder)


def test_a_folder_without_a_plant_is_told_what_belongs_there(tmp_path):
    with pytest.raises(BadPlant, match=r"plant\.toml: not found; a plant folder holds plant\.toml and its signal list"):
        load(tmp_path)
