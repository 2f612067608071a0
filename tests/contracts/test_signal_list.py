from pathlib import Path

import pytest

from contracts.signal_list import BadSignalList, read

HEADER = ["kks", "kind", "role", "plc", "address", "zone"]
ROW = {
    "kks": "10EGB11 CL001 XQ01",
    "kind": "analog",
    "role": "level",
    "plc": "p1",
    "address": "input-register:1:REAL",
    "zone": "tank-farm",
}


def write(folder: Path, *rows: dict[str, str], separator: str = ",") -> Path:
    columns = list(dict.fromkeys([*HEADER, *(name for row in rows for name in row)]))
    lines = [columns, *([row.get(name, "") for name in columns] for row in rows)]
    path = folder / "signals.csv"
    path.write_text("\n".join(separator.join(cells) for cells in lines) + "\n", encoding="utf-8")
    return path


def test_a_short_list_gets_sensible_defaults(tmp_path):
    (signal,) = read(write(tmp_path, ROW), scan_s={"p1": 2.0}, heartbeat_s=30.0)
    assert signal.kks == "10EGB11CL001XQ01"
    assert (signal.low, signal.high, signal.raw_low, signal.raw_high) == (0.0, 100.0, None, None)
    assert (signal.scan_s, signal.heartbeat_s, signal.deadband) == (2.0, 30.0, 0.0)
    assert (signal.decimals, signal.priority, signal.writable, signal.stepped) == (2, 3, False, False)
    assert (signal.design, signal.hh, signal.equipment) == (None, None, "")


def test_columns_may_stand_in_any_order_and_unknown_ones_are_kept(tmp_path):
    path = tmp_path / "signals.csv"
    path.write_text("zone,note,address,plc,role,kind,kks\ntank-farm,spare,coil:1,p1,running,binary,10EGC11AP001XB01\n")
    (signal,) = read(path)
    assert (signal.zone, signal.high, signal.stepped) == ("tank-farm", 1.0, True)
    assert signal.extra == {"note": "spare"}


def test_a_spanish_spreadsheet_is_read(tmp_path):
    row = {**ROW, "description": "Nivel del depósito", "low": "0", "high": "12,5", "writable": "Sí"}
    path = write(tmp_path, row, separator=";")
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    (signal,) = read(path)
    assert (signal.description, signal.high, signal.writable) == ("Nivel del depósito", 12.5, True)


def test_another_tag_scheme_keeps_the_plants_own_tags(tmp_path):
    (signal,) = read(write(tmp_path, {**ROW, "kks": "LT-101"}), tag_scheme="isa")
    assert signal.kks == "LT-101"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"kks": "LT-101"}, "column kks: 'LT-101' is not a KKS code"),
        ({"kks": ""}, "column kks: is empty"),
        ({"address": " "}, "column address: is empty"),
        ({"kind": "analogue"}, "column kind: 'analogue' is not one of analog, binary, step"),
        ({"zone": "Tank farm"}, "column zone: zone 'Tank farm': use 1 to 24"),
        ({"low": "ten"}, "column low: 'ten' is not a number"),
        ({"high": "nan"}, "column high: 'nan' is not a number"),
        ({"hh": "inf"}, "column hh: 'inf' is not a number"),
        ({"low": "5", "high": "5"}, "columns low and high: 5.0 is not below 5.0"),
        ({"raw_low": "0"}, "columns raw_low and raw_high: give two different numbers, or neither"),
        ({"raw_low": "4", "raw_high": "4"}, "columns raw_low and raw_high: give two different"),
        ({"scan_s": "0"}, "columns scan_s and heartbeat_s: need 0 < scan_s <= heartbeat_s"),
        ({"scan_s": "60"}, "columns scan_s and heartbeat_s"),
        ({"decimals": "1.5"}, "column decimals: '1.5' is not a whole number from 0 to 9"),
        ({"priority": "5"}, "column priority: '5' is not 1, 2, 3 or 4"),
        ({"deadband": "-1"}, "column deadband: '-1' is below 0"),
    ],
)
def test_a_bad_cell_is_named_by_file_line_and_column(tmp_path, change, reason):
    good = {**ROW, "kks": "10EGB12CL001XQ01"}
    with pytest.raises(BadSignalList) as caught:
        read(write(tmp_path, good, {**ROW, **change}))
    assert str(caught.value).startswith(f"{tmp_path / 'signals.csv'}, line 3, {reason}")


def test_the_line_is_the_files_own_after_blank_lines_and_long_cells(tmp_path):
    path = tmp_path / "signals.csv"
    first = '10EGB12CL001XQ01,analog,level,p1,coil:1,a,"two\nlines"'
    path.write_text(f"{','.join(HEADER)},description\n\n{first}\n\nbad,analog,level,p1,coil:1,a,\n")
    with pytest.raises(BadSignalList, match="line 6, column kks: 'bad'"):
        read(path)


def test_a_signal_that_stands_twice_is_named(tmp_path):
    with pytest.raises(BadSignalList, match="line 3: 10EGB11CL001XQ01 stands twice"):
        read(write(tmp_path, ROW, {**ROW, "kks": "10EGB11CL001XQ01"}))


def test_a_text_with_an_unquoted_comma_is_explained(tmp_path):
    path = write(tmp_path, ROW)
    path.write_text(path.read_text().rstrip("\n") + ",surplus\n")
    with pytest.raises(BadSignalList, match="line 2: more cells than the header has columns; quote a text"):
        read(path)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "holds no signals"),
        (b"kks,kind,role,plc,address,zone\n", "holds no signals"),
        (b"kks,kind\n10EGB11CL001XQ01,analog\n", "column role, plc, address, zone is missing from the header line"),
        (b"kks,kind\n\xff\xfe\n", "cannot be read as UTF-8 CSV"),
        (b"kks,kind\n\x00\n", "signals.csv"),
    ],
)
def test_a_file_that_is_no_signal_list_is_refused_in_a_sentence(tmp_path, content, reason):
    path = tmp_path / "signals.csv"
    path.write_bytes(content)
    with pytest.raises(BadSignalList, match=reason):
        read(path)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(BadSignalList, match=r"signals\.csv: cannot be read"):
        read(tmp_path / "signals.csv")
