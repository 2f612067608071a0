"""A table as people keep it, CSV or Excel (.xlsx): a header line, then one row a thing. Columns in any order.

Read with the standard library alone, because every box reads the plant's lists: an .xlsx file is a zip of XML.
"""

from __future__ import annotations

import csv
import lzma
import re
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Collection, Iterator, Mapping
from io import StringIO
from pathlib import Path
from typing import Final, NamedTuple
from xml.etree import ElementTree

_LARGEST_PART: Final = 200_000_000
_ENCODING: Final = re.compile(rb"\s*<\?xml[^>]*?\sencoding\s*=\s*[\"']([^\"'>]*)")
_DAMAGED: Final = (zlib.error, lzma.LZMAError, struct.error)
"""What decompressing a damaged part raises, which `zipfile` passes on as it is."""
_MOST_TITLE_ROWS: Final = 20
"""Rows of titles and blanks that may stand above an Excel sheet's header."""
_MAIN: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATIONS: Final = "{http://schemas.openxmlformats.org/package/2006/relationships}"
_RELATION_ID: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_REFERENCE: Final = re.compile(r"([A-Z]{1,3})(\d{1,7})")


class BadTable(ValueError):
    """A table that cannot be read; says file, place and what to do."""


class Row(NamedTuple):
    """One row under the header."""

    cells: Mapping[str, str]
    """Text by column: the caller's name where it knows the column, else the file's."""
    line: int
    """Line of the text file or row of the sheet, from 1."""
    where: str
    """`FILE, line 7` or `FILE, sheet Tags, row 7`."""


def read(path: Path, columns: Mapping[str, Collection[str]], required: Collection[str]) -> list[Row]:
    """The rows of `path`. Raises `BadTable`.

    `columns` gives the other headings a column is known by (any language; case, accents and blanks do not matter).
    """
    try:
        other = path.exists() and not path.is_file()
    except OSError as error:
        raise BadTable(f"{path}: cannot be read: {error}") from error
    if other:  # a pipe or device may keep whoever opens it waiting for ever
        raise BadTable(f"{path}: is no file but a folder, pipe or device; name the table's file")
    names = {_folded(heading): name for name, others in columns.items() for heading in (name, *others)}
    if path.suffix.lower() in (".xlsx", ".xlsm"):
        return _read_excel(path, names, required)
    if path.suffix.lower() == ".xls":
        raise BadTable(f"{path}: is of Excel 97–2003; save it as .xlsx or CSV")
    return _read_csv(path, names, required)


def _folded(heading: str) -> str:
    plain = unicodedata.normalize("NFKD", heading)
    return "".join(sign for sign in plain if not unicodedata.combining(sign) and sign.isalnum()).casefold()


def _named(headings: list[str], names: Mapping[str, str], where: str) -> list[str]:
    found = [names.get(_folded(heading), heading.strip()) for heading in headings]
    twice = next((name for name in found if name in names.values() and found.count(name) > 1), "")
    if twice:
        raise BadTable(f"{where}: the column {twice} stands twice in the header")
    return found


# -- CSV ---------------------------------------------------------------------------------------------------------------


def _read_csv(path: Path, names: Mapping[str, str], required: Collection[str]) -> list[Row]:
    try:
        text = path.read_bytes().decode("utf-8-sig")
        # Spanish Excel writes semicolons; tell by the header line.
        first = text.partition("\n")[0]
        delimiter = max((",", ";", "\t"), key=first.count)
        reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter)
        header = next(reader, [])
        raw = [(reader.line_num, cells) for cells in reader if cells]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadTable(f"{path}: cannot be read as UTF-8 CSV: {error}") from error
    columns = _named(header, names, f"{path}, line 1")
    missing = [name for name in required if name not in columns]
    if missing and raw:
        raise BadTable(f"{path}: column {', '.join(missing)} is missing from the header line")
    rows = []
    for line, cells in raw:
        where = f"{path}, line {line}"
        if len(cells) > len(columns):
            raise BadTable(f"{where}: more cells than the header has columns; quote a text that holds a comma")
        rows.append(Row(dict(zip(columns, [cell.strip() for cell in cells], strict=False)), line, where))
    return rows


# -- Excel -------------------------------------------------------------------------------------------------------------


def _read_excel(path: Path, names: Mapping[str, str], required: Collection[str]) -> list[Row]:
    try:
        with zipfile.ZipFile(path) as book:
            texts = _shared_texts(book)
            sheets = [(name, list(_sheet_rows(book, part, texts))) for name, part in _sheets(book)]
    except (OSError, EOFError, RuntimeError, zipfile.BadZipFile, *_DAMAGED) as error:
        raise BadTable(f"{path}: cannot be read as an Excel .xlsx file: {error or 'it ends too early'}") from error
    except (ElementTree.ParseError, LookupError, ValueError, OverflowError) as error:
        raise BadTable(f"{path}: is damaged or no Excel .xlsx file ({error}); open it in Excel and save it") from error
    for sheet, rows in sheets:
        for place, (number, cells) in enumerate(rows[:_MOST_TITLE_ROWS]):
            width = max(cells, default=-1) + 1
            headings = [cells.get(column, "") for column in range(width)]
            if {names.get(_folded(heading)) for heading in headings} >= set(required):
                columns = _named(headings, names, f"{path}, sheet {sheet}, row {number}")
                return list(_under(path, sheet, columns, rows[place + 1 :]))
    found = ", ".join(sheet for sheet, _ in sheets) or "none"
    raise BadTable(f"{path}: no sheet (there are: {found}) has a header with the columns {', '.join(required)}")


def _under(path: Path, sheet: str, columns: list[str], rows: list[tuple[int, dict[int, str]]]) -> Iterator[Row]:
    for number, cells in rows:
        if any(cells.values()):
            named = {name: cells.get(column, "") for column, name in enumerate(columns) if name}
            yield Row(named, number, f"{path}, sheet {sheet}, row {number}")


def _part(book: zipfile.ZipFile, name: str) -> bytes:
    if book.getinfo(name).file_size > _LARGEST_PART:
        raise ValueError(f"{name} is larger than {_LARGEST_PART // 1_000_000} MB")
    content = book.read(name)
    encoding = _ENCODING.match(content.removeprefix(b"\xef\xbb\xbf"))
    if b"\0" in content or (encoding and encoding[1].lower() not in (b"utf-8", b"utf8", b"us-ascii", b"ascii")):
        # Any other could hide a document type from the search below.
        raise ValueError(f"{name} is not written in UTF-8")
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        # No Excel file has one; entities would let a small file fill the memory.
        raise ValueError(f"{name} holds a document type")
    return content


def _root(book: zipfile.ZipFile, name: str) -> ElementTree.Element:
    return ElementTree.fromstring(_part(book, name))  # noqa: S314 - without document types, see _part


def _sheets(book: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """Name and part of each sheet, in the book's order."""
    relations = _root(book, "xl/_rels/workbook.xml.rels")
    targets = {each.get("Id", ""): each.get("Target", "") for each in relations.iter(f"{_RELATIONS}Relationship")}
    for sheet in _root(book, "xl/workbook.xml").iter(f"{_MAIN}sheet"):
        target = targets[sheet.get(_RELATION_ID, "")]
        if "worksheet" in target:
            yield sheet.get("name", ""), target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def _shared_texts(book: zipfile.ZipFile) -> list[str]:
    if "xl/sharedStrings.xml" not in book.namelist():
        return []
    return [_text(entry) for entry in _root(book, "xl/sharedStrings.xml").iter(f"{_MAIN}si")]


def _text(entry: ElementTree.Element) -> str:
    """The text of a cell or of a shared text: its runs in a row, without the reading aids of Asian scripts."""
    aids = {id(each) for aid in entry.iter(f"{_MAIN}rPh") for each in aid.iter(f"{_MAIN}t")}
    return "".join(each.text or "" for each in entry.iter(f"{_MAIN}t") if id(each) not in aids)


def _sheet_rows(book: zipfile.ZipFile, part: str, texts: list[str]) -> Iterator[tuple[int, dict[int, str]]]:
    """Number and cells (by column, from 0) of each row that is written."""
    number = 0
    for row in _root(book, part).iter(f"{_MAIN}row"):
        number = int(row.get("r", number + 1))
        cells: dict[int, str] = {}
        column = -1
        for cell in row.iter(f"{_MAIN}c"):
            place = _REFERENCE.fullmatch(cell.get("r", ""))
            column = _column(place[1]) if place else column + 1
            cells[column] = _value(cell, texts).strip()
        yield number, cells


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - 64
    return number - 1


def _value(cell: ElementTree.Element, texts: list[str]) -> str:
    written = cell.find(f"{_MAIN}v")
    value = written.text or "" if written is not None else ""
    match cell.get("t", "n"):
        case "s":
            return texts[int(value)]
        case "inlineStr":
            return _text(cell)
        case "b":
            return "true" if value == "1" else "false"
        case "n" if value:
            number = float(value)
            # 101 is stored as 101 or 101.0, and 0.1 as 0.1000000000000000055.
            return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)
        case _:
            return value
