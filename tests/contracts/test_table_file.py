"""Tables in CSV and Excel."""

import os
import zipfile
from random import Random

import pytest
import xlsxwriter

from contracts.signal_list import BadSignalList
from contracts.signal_list import read as read_signals
from contracts.table_file import BadTable, read

COLUMNS = {"tag": ("plant tag", "etiqueta"), "kks": ("código kks",)}


def write_book(path, rows, sheet="Tags", *, inline=False):
    with xlsxwriter.Workbook(str(path), {"constant_memory": inline}) as book:
        book.add_worksheet("Portada").write(0, 0, "Nada")
        page = book.add_worksheet(sheet)
        for number, row in enumerate(rows):
            page.write_row(number, 0, row)
    return path


def cells(rows):
    return [dict(row.cells) for row in rows]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_columns_stand_in_any_order_under_any_of_their_names(tmp_path, delimiter):
    path = tmp_path / "t.csv"
    path.write_text("\ufeffCódigo KKS|Notas|ETIQUETA\nA|b|C\n".replace("|", delimiter), encoding="utf-8")
    (row,) = read(path, COLUMNS, ("tag", "kks"))
    assert row.cells == {"kks": "A", "Notas": "b", "tag": "C"}
    assert row.where == f"{path}, line 2"


@pytest.mark.parametrize("inline", [False, True])
def test_excel_is_read_from_the_sheet_that_has_the_columns_below_its_titles(tmp_path, inline):
    rows = [["Lista de etiquetas"], [], ["Plant tag", "Código KKS", "n", "ok"], ["LT 101", "10EGB11CL001", 7, True]]
    path = write_book(tmp_path / "t.xlsx", [*rows, [], ["TK-1", "", 0.1, False]], inline=inline)
    found = read(path, COLUMNS, ("tag", "kks"))
    assert cells(found) == [
        {"tag": "LT 101", "kks": "10EGB11CL001", "n": "7", "ok": "true"},
        {"tag": "TK-1", "kks": "", "n": "0.1", "ok": "false"},
    ]
    assert found[1].where == f"{path}, sheet Tags, row 6"


def test_rich_text_in_a_cell_is_read_whole(tmp_path):
    path = tmp_path / "t.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        page = book.add_worksheet("A")
        page.write_row(0, 0, ["tag", "kks"])
        page.write_rich_string(1, 0, "LT", book.add_format({"bold": True}), "-101")
        page.write(1, 1, "X")
    assert cells(read(path, COLUMNS, ("tag", "kks"))) == [{"tag": "LT-101", "kks": "X"}]


def test_an_excel_file_without_the_columns_names_its_sheets(tmp_path):
    path = write_book(tmp_path / "t.xlsx", [["a", "b"]])
    with pytest.raises(BadTable, match=r"no sheet \(there are: Portada, Tags\) has a header with the columns tag, kks"):
        read(path, COLUMNS, ("tag", "kks"))


def test_what_is_no_excel_file_is_refused_in_one_sentence(tmp_path):
    path = tmp_path / "t.xlsx"
    path.write_bytes(b"no zip")
    with pytest.raises(BadTable, match="cannot be read as an Excel"):
        read(path, COLUMNS, ("tag",))
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("x.txt", "x")
    with pytest.raises(BadTable, match="is damaged or no Excel"):
        read(path, COLUMNS, ("tag",))
    with pytest.raises(BadTable, match=r"save it as \.xlsx"):
        read(tmp_path / "old.xls", COLUMNS, ("tag",))


def test_an_excel_file_with_entities_is_refused(tmp_path):
    good = write_book(tmp_path / "good.xlsx", [["tag", "kks"], ["A", "B"]])
    bad = tmp_path / "bad.xlsx"
    with zipfile.ZipFile(good) as source, zipfile.ZipFile(bad, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "xl/workbook.xml":
                content = content.replace(b"<workbook", b'<!DOCTYPE w [<!ENTITY a "b">]><workbook', 1)
            target.writestr(name, content)
    with pytest.raises(BadTable, match="document type"):
        read(bad, COLUMNS, ("tag",))


def test_a_column_that_stands_twice_and_a_row_that_is_too_long_are_named(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("tag,kks,etiqueta\nA,B,C\n")
    with pytest.raises(BadTable, match="line 1: the column tag stands twice"):
        read(path, COLUMNS, ("tag",))
    path.write_text("tag,kks\nA,B\nA,B,C\n")
    with pytest.raises(BadTable, match="line 3: more cells"):
        read(path, COLUMNS, ("tag",))


def test_a_signal_list_may_be_an_excel_file_and_its_errors_name_sheet_row_and_column(tmp_path):
    header = ["kks", "kind", "role", "plc", "address", "zone", "low", "high", "nota"]
    row = ["10EGB11CL001XQ01", "analog", "level", "plc1", "input-register:1:REAL", "z", 0, 18.5, "sí"]
    (signal,) = read_signals(write_book(tmp_path / "s.xlsx", [header, row]))
    assert (signal.kks, signal.high, signal.extra["nota"], signal.line) == ("10EGB11CL001XQ01", 18.5, "sí", 2)
    row[6] = "x"
    with pytest.raises(BadSignalList, match=r"s\.xlsx, sheet Tags, row 2, column low: 'x' is not a number"):
        read_signals(write_book(tmp_path / "s.xlsx", [header, row]))


def with_part(book, target, name, change):
    """The book again, one of its parts changed."""
    with zipfile.ZipFile(book) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out:
        for each in source.namelist():
            content = source.read(each)
            out.writestr(each, change(content) if each == name else content)
    return target


def in_utf_16(content):
    text = content.decode().replace('encoding="UTF-8"', 'encoding="UTF-16"')
    return text.replace("<workbook", '<!DOCTYPE w [<!ENTITY a "b">]><workbook', 1).encode("utf-16")


@pytest.mark.parametrize(
    "change",
    [
        in_utf_16,
        lambda content: content.replace(b"UTF-8", b"x-unknown"),
        lambda content: content.replace(b"UTF-8", b"UTF-7"),
        lambda content: b"\xef\xbb\xbf" + content.replace(b"UTF-8", b"cp037"),
    ],
)
def test_an_excel_part_in_another_encoding_than_utf_8_is_refused(tmp_path, change):
    good = write_book(tmp_path / "good.xlsx", [["tag", "kks"], ["A", "B"]])
    bad = with_part(good, tmp_path / "bad.xlsx", "xl/workbook.xml", change)
    with pytest.raises(BadTable, match=r"xl/workbook\.xml is not written in UTF-8"):
        read(bad, COLUMNS, ("tag",))


def test_a_damaged_compressed_part_is_told_in_one_sentence(tmp_path):
    path = write_book(tmp_path / "t.xlsx", [["tag", "kks"], ["A", "B"]])
    with zipfile.ZipFile(path) as book:
        place = book.getinfo("xl/workbook.xml").header_offset + 30 + len("xl/workbook.xml")
    content = bytearray(path.read_bytes())
    content[place : place + 8] = b"\xff" * 8
    path.write_bytes(content)
    with pytest.raises(BadTable, match=r"t\.xlsx: cannot be read as an Excel \.xlsx file: Error -3"):
        read(path, COLUMNS, ("tag",))


def mutated(random, content):
    data = bytearray(content)
    for _ in range(random.randint(1, 8)):
        place, length = random.randrange(len(data)), random.randint(1, 12)
        match random.randrange(4):
            case 0:
                data[place] = random.randrange(256)
            case 1:
                data[place : place + length] = random.randbytes(length)
            case 2:
                data[place:place] = data[random.randrange(len(data)) :][:length]
            case _:
                del data[place : place + length]
    return bytes(data[: random.randrange(1, len(data))] if random.random() < 0.1 and len(data) > 1 else data)


def test_five_hundred_mutated_excel_files_end_as_a_table_or_one_sentence(tmp_path):
    random, path = Random(2026), tmp_path / "t.xlsx"
    rows = [["tag", "kks", "n"], *([f"T{i}", f"K{i}", i / 2] for i in range(12))]
    good = write_book(tmp_path / "good.xlsx", rows)
    with zipfile.ZipFile(good) as book:
        parts = [name for name in book.namelist() if name.startswith("xl/w") or "shared" in name or "rels" in name]
    tables = 0
    for number in range(500):
        if number % 2:
            path.write_bytes(mutated(random, good.read_bytes()))
        else:
            with_part(good, path, random.choice(parts), lambda content: mutated(random, content))
        try:
            tables += bool(read(path, COLUMNS, ("tag", "kks")))
        except BadTable as error:
            said = str(error)
            assert said.startswith(str(path)), number
            assert "\n" not in said, number
    assert 20 < tables < 480


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes in folders are of Unix")
@pytest.mark.parametrize("name", ["t.csv", "t.xlsx"])
def test_a_pipe_named_as_a_table_is_refused_and_not_waited_for(tmp_path, name):
    os.mkfifo(tmp_path / name)
    with pytest.raises(BadTable, match="is no file but a folder, pipe or device"):
        read(tmp_path / name, COLUMNS, ("tag",))
