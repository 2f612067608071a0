"""Samples and buckets of several signals written to files: CSV, Parquet, Excel. No Qt.

Rows come block by block, so a file larger than memory is written in little of it. Every file says in its head which
plant, span, time zone and units it holds. A file is there whole or not at all.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from contracts.signal_list import Signal
from resources.words import t

FORMATS: Final = ("csv", "parquet", "xlsx")
EXCEL_ROWS: Final = 1_048_576
_HOUR_US: Final = 3_600_000_000


class Block(NamedTuple):
    """Rows of one signal, oldest first."""

    kks: str
    times_us: NDArray[np.int64]
    columns: Mapping[str, NDArray[Any]]
    """`value` and `quality` of samples; `mean`, `min`, `max` of buckets. A missing value is NaN."""


class Head(NamedTuple):
    """What a file says of itself."""

    plant: str
    signals: Sequence[Signal]
    from_us: int
    to_us: int
    zone: tzinfo
    what: str
    """Raw samples, or buckets of which width."""

    def lines(self) -> list[tuple[str, str]]:
        """Label and text, line by line."""
        span = " / ".join(_stamp(us, self.zone) for us in (self.from_us, self.to_us))
        return [
            (t("file.plant"), self.plant),
            (t("file.what"), self.what),
            (t("file.span"), span),
            (t("file.zone"), str(self.zone)),
            *((signal.kks, f"{signal.description} [{signal.unit or '-'}]") for signal in self.signals),
        ]


Told = Callable[[int], None]
"""Called with the rows written so far; raises to stop."""


def write(path: Path, blocks: Iterable[Block], columns: Sequence[str], head: Head, told: Told) -> int:
    """Write `blocks` in the format that the name's ending says; the number of rows. Raises OSError.

    Whatever `told` raises ends it, and leaves no file.
    """
    kind = path.suffix.lower().removeprefix(".")
    if kind not in FORMATS:
        raise OSError(t("file.format", name=path.name, formats=", ".join(FORMATS)))
    writer = {"csv": _write_csv, "parquet": _write_parquet, "xlsx": _write_xlsx}[kind]
    with _whole(path) as unfinished:
        return writer(unfinished, blocks, columns, head, told)


@contextmanager
def _whole(path: Path) -> Iterator[Path]:
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield unfinished
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def local_times(times_us: NDArray[np.int64], zone: tzinfo) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """What clocks of a zone show, as µs, and by how much they are ahead of UTC, in µs.

    Offsets change at whole quarters of an hour at the finest, so they are asked once for each.
    """
    quarter = times_us // (_HOUR_US // 4)
    each, back = np.unique(quarter, return_inverse=True)
    offsets = np.array([_offset_us(int(number) * (_HOUR_US // 4), zone) for number in each], np.int64)
    ahead = offsets[back] if each.size else np.empty(0, np.int64)
    return times_us + ahead, ahead


def _offset_us(us: int, zone: tzinfo) -> int:
    shift = datetime.fromtimestamp(us / 1e6, UTC).astimezone(zone).utcoffset()
    return 0 if shift is None else round(shift.total_seconds() * 1e6)


def _stamp(us: int, zone: tzinfo) -> str:
    return datetime.fromtimestamp(us / 1e6, UTC).astimezone(zone).isoformat(timespec="seconds")


def _table(block: Block, columns: Sequence[str], units: Mapping[str, str], zone: tzinfo) -> Any:
    import pyarrow as pa

    n = block.times_us.size
    arrays: dict[str, Any] = {
        "kks": pa.array([block.kks], pa.string()).take(pa.array(np.zeros(n, np.int32))),
        "unit": pa.array([units.get(block.kks, "")], pa.string()).take(pa.array(np.zeros(n, np.int32))),
        "time": pa.array(block.times_us, pa.timestamp("us", tz="UTC")),
        "local_time": pa.array(local_times(block.times_us, zone)[0], pa.timestamp("us")),
    }
    for name in columns:
        values = block.columns[name]
        arrays[name] = pa.array(values, from_pandas=True)
    return pa.table(arrays)


def _write_parquet(path: Path, blocks: Iterable[Block], columns: Sequence[str], head: Head, told: Told) -> int:
    import pyarrow as pa
    from pyarrow import parquet

    units = {signal.kks: signal.unit for signal in head.signals}
    empty = Block("", np.empty(0, np.int64), {name: np.empty(0, _kind(name)) for name in columns})
    schema = _table(empty, columns, units, head.zone).schema
    texts = {label.encode(): text.encode() for label, text in head.lines()}
    schema = schema.with_metadata(texts)
    rows = 0
    with parquet.ParquetWriter(path, schema, compression="zstd") as writer:
        for block in blocks:
            writer.write_table(_table(block, columns, units, head.zone).cast(pa.schema(schema)))
            rows += block.times_us.size
            told(rows)
    return rows


def _kind(column: str) -> type[np.generic]:
    return np.int16 if column == "quality" else np.float64


def _write_csv(path: Path, blocks: Iterable[Block], columns: Sequence[str], head: Head, told: Told) -> int:
    import pyarrow as pa
    from pyarrow import csv

    units = {signal.kks: signal.unit for signal in head.signals}
    plain = csv.WriteOptions(include_header=False, quoting_style="needed")
    rows = 0
    with path.open("wb") as file:
        file.write(b"\xef\xbb\xbf")
        for label, text in head.lines():
            file.write(f"# {label}: {text}\n".encode())
        file.write((",".join(["kks", "unit", "utc", "local_time", *columns]) + "\n").encode())
        for block in blocks:
            table = _table(block, columns, units, head.zone)
            _, ahead = local_times(block.times_us, head.zone)
            utc = np.char.add(np.datetime_as_string(block.times_us.astype("M8[us]"), unit="us"), "Z")
            local = np.datetime_as_string((block.times_us + ahead).astype("M8[us]"), unit="us")
            table = table.set_column(2, "utc", pa.array(utc)).set_column(
                3, "local_time", pa.array(np.char.add(local, _offset_texts(ahead)))
            )
            csv.write_csv(table, file, plain)
            rows += block.times_us.size
            told(rows)
    return rows


def _offset_texts(ahead_us: NDArray[np.int64]) -> Any:
    each, back = np.unique(ahead_us, return_inverse=True)
    texts = []
    for us in each:
        minutes = round(abs(int(us)) / 60e6)
        texts.append(f"{'-' if us < 0 else '+'}{minutes // 60:02d}:{minutes % 60:02d}")
    return np.array(texts, dtype="U6")[back] if each.size else np.empty(0, "U6")


def _write_xlsx(path: Path, blocks: Iterable[Block], columns: Sequence[str], head: Head, told: Told) -> int:
    """A sheet a signal (more where a sheet is full); times are the plant's clock, as Excel knows no zones."""
    import xlsxwriter

    try:
        # Rows go to a temporary file at once; memory holds one.
        with xlsxwriter.Workbook(str(path), {"constant_memory": True, "nan_inf_to_errors": True}) as book:
            return _Sheets(book, columns, head).write(blocks, told)
    except xlsxwriter.exceptions.FileCreateError as error:
        raise OSError(str(error)) from error


class _Sheets:
    def __init__(self, book: Any, columns: Sequence[str], head: Head) -> None:
        self._book, self._columns, self._head = book, columns, head
        self._bold = book.add_format({"bold": True})
        self._clock = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss.000"})
        self._units = {signal.kks: signal.unit for signal in head.signals}
        sheet = book.add_worksheet(t("file.sheet"))
        sheet.set_column(0, 0, 24)
        sheet.set_column(1, 1, 70)
        for number, (label, text) in enumerate(head.lines()):
            sheet.write_string(number, 0, label, self._bold)
            sheet.write_string(number, 1, text)

    def write(self, blocks: Iterable[Block], told: Told) -> int:
        sheet, of, part, row, rows = None, "", 1, 0, 0
        for block in blocks:
            local = (local_times(block.times_us, self._head.zone)[0]).astype("M8[us]")
            # Days since Excel's own beginning; a number with a format is many times quicker than a datetime.
            days = (local - np.datetime64("1899-12-30T00:00:00", "us")).astype(np.int64) / (24 * _HOUR_US)
            values = [np.asarray(block.columns[name], float).tolist() for name in self._columns]
            for number, day in enumerate(days.tolist()):
                if sheet is None or block.kks != of or row >= EXCEL_ROWS:
                    part = part + 1 if block.kks == of else 1
                    of, row = block.kks, 1
                    sheet = self._begin(of, part)
                sheet.write_number(row, 0, day, self._clock)
                for place, column in enumerate(values, 1):
                    if column[number] == column[number]:
                        sheet.write_number(row, place, column[number])
                row += 1
            rows += block.times_us.size
            told(rows)
        return rows

    def _begin(self, kks: str, part: int) -> Any:
        name = "".join("-" if c in "[]:*?/\\'" else c for c in kks)[:25]
        sheet = self._book.add_worksheet(name if part == 1 else f"{name} ({part})")
        sheet.set_column(0, 0, 24)
        sheet.freeze_panes(1, 0)
        unit = self._units.get(kks, "")
        zone = str(self._head.zone)
        sheet.write_string(0, 0, f"{t('file.time')} ({zone})", self._bold)
        for place, column in enumerate(self._columns, 1):
            with_unit = f"{column} [{unit}]" if unit and column != "quality" else column
            sheet.write_string(0, place, with_unit, self._bold)
        return sheet
