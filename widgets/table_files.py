"""Cells of a table, and writing them to files as numbers. No Qt: commands use it too."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple


class Cell(NamedTuple):
    """What a cell shows and what it is worth when sorted or exported."""

    text: str
    value: float | str | None
    token: str = "text.primary"  # noqa: S105 - a colour token
    strong: bool = False


def write_csv(path: Path, headings: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
    """Values as numbers with a point, under the headings. Raises OSError."""
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        writer = csv.writer(file)
        writer.writerow(headings)
        writer.writerows([cell.text if cell.value is None else cell.value for cell in row] for row in rows)


def write_xlsx(path: Path, title: str, headings: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
    """The same as an Excel sheet. Raises OSError."""
    import xlsxwriter

    try:
        with xlsxwriter.Workbook(str(path)) as book:
            sheet = book.add_worksheet(title[:31])
            sheet.write_row(0, 0, headings, book.add_format({"bold": True}))
            for number, row in enumerate(rows, start=1):
                sheet.write_row(number, 0, ["" if cell.value is None else cell.value for cell in row])
            sheet.freeze_panes(1, 0)
            sheet.autofit()
    except xlsxwriter.exceptions.FileCreateError as error:
        raise OSError(str(error)) from error
