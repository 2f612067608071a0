"""History as files that say what they hold: refinery, span, time zone and units stand in the head.

CSV: head lines begin with `#`. Parquet: the head is the file's metadata, a unit its field's. Excel: the head stands
above the table. Times stand twice, as UTC and by the clocks of the zone named. No Qt: commands use it too.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Final, NamedTuple, Protocol, Self
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from contracts.plant import Plant
from data.historians.historian import Bucketed, Series

KINDS: Final = (".csv", ".parquet", ".xlsx")
EXCEL_ROWS: Final = 1_048_576


class DoesNotFit(ValueError):
    """More rows than an Excel sheet has; the text says what to do."""


class Head(NamedTuple):
    """What a file says of itself."""

    plant: Plant
    kks: tuple[str, ...]
    from_us: int
    to_us: int
    zone: ZoneInfo
    place: str
    """The historian."""
    what: str
    """`samples`, `buckets of 60 s`, `values each 60 s`."""

    def lines(self) -> list[tuple[str, str]]:
        """Name and text."""
        signals = [self.plant.by_kks[tag] for tag in self.kks]
        return [
            ("refinery", f"{self.plant.refinery} {self.plant.name}".strip()),
            ("from", _iso(self.from_us, self.zone)),
            ("to", _iso(self.to_us, self.zone)),
            ("time zone", f"time_local is {self.zone.key}, time_utc is UTC"),
            ("holds", self.what),
            ("historian", self.place),
            ("quality", "OPC DA code: 192 and above good, 64 to 191 uncertain, below 64 bad"),
            *((f"signal {s.kks}", f"{s.description} [{s.unit}]".strip()) for s in signals),
        ]

    def units(self) -> dict[str, str]:
        """Unit by KKS."""
        return {tag: self.plant.by_kks[tag].unit for tag in self.kks}


def samples_table(found: Mapping[str, Series], head: Head) -> pa.Table:
    """One row a sample: kks, unit, time, v (null where there was no value), q."""
    series = list(found.values())
    us = np.concatenate([one.us for one in series]) if series else np.empty(0, np.int64)
    values = np.concatenate([one.v for one in series]) if series else np.empty(0)
    codes = np.concatenate([one.q for one in series]) if series else np.empty(0, np.int16)
    return pa.table(
        {
            **_signal_columns({tag: len(one.us) for tag, one in found.items()}, head),
            **_time_columns(us, head.zone),
            "v": pa.array(values, pa.float64(), from_pandas=True),
            "q": pa.array(codes.astype(np.int16)),
        }
    )


def buckets_table(found: Bucketed, head: Head) -> pa.Table:
    """One row a bucket that has samples: kks, unit, its start, v_min, v_max, v_mean, n, n_good, q_worst."""
    tags = list(found.tags.values())
    columns = {name: np.concatenate([getattr(one, name) for one in tags]) for name in tags[0]._fields}
    floats = {name: pa.array(columns[name], pa.float64(), from_pandas=True) for name in ("v_min", "v_max", "v_mean")}
    return pa.table(
        {
            **_signal_columns({tag: len(one.us) for tag, one in found.tags.items()}, head),
            **_time_columns(columns["us"], head.zone),
            **floats,
            **{name: pa.array(columns[name]) for name in ("n", "n_good", "q_worst")},
        }
    )


def times_table(found: Mapping[str, Series], head: Head) -> pa.Table:
    """One row a time, a column a signal; null where nothing was known or the sample was bad."""
    units = head.units()
    columns: dict[str, Any] = _time_columns(next(iter(found.values())).us, head.zone)
    for tag, series in found.items():
        usable = np.where(series.q >= 64, series.v, np.nan)
        columns[f"{tag} [{units[tag]}]" if units[tag] else tag] = pa.array(usable, pa.float64(), from_pandas=True)
    return pa.table(columns)


def _signal_columns(counts: Mapping[str, int], head: Head) -> dict[str, Any]:
    units = head.units()
    place = np.repeat(np.arange(len(counts), dtype=np.int32), list(counts.values()))

    def repeated(texts: list[str]) -> Any:
        return pa.DictionaryArray.from_arrays(place, pa.array(texts, pa.string())).cast(pa.string())

    return {"kks": repeated(list(counts)), "unit": repeated([units[tag] for tag in counts])}


def _time_columns(us: Any, zone: ZoneInfo) -> dict[str, Any]:
    utc = pa.array(us, pa.timestamp("us"))
    local = pc.local_timestamp(utc.cast(pa.timestamp("us", "UTC")).cast(pa.timestamp("us", zone.key)))
    return {"time_utc": utc, "time_local": local}


class _Form(Protocol):
    def write(self, table: pa.Table) -> None: ...

    def close(self) -> None: ...


class HistoryFile:
    """A file written table by table (all of one kind), put in place when it is whole. Raises OSError, `DoesNotFit`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._aside = path.with_name(f".{path.name}.new")
        self._form: _Form | None = None
        self.rows = 0

    def __enter__(self) -> Self:
        return self

    def write(self, table: pa.Table, head: Head) -> None:
        """Add rows; the first ones' head is the file's."""
        if self._form is None:
            self._form = _FORMS[self._path.suffix.lower()](self._aside, head, table.schema)
        self._form.write(table)
        self.rows += table.num_rows

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if self._form is not None:
                self._form.close()
            if kind is None and self._form is not None:
                self._aside.replace(self._path)
        finally:
            self._aside.unlink(missing_ok=True)


class _Csv:
    def __init__(self, path: Path, head: Head, schema: pa.Schema) -> None:
        from pyarrow import csv

        self._file = path.open("wb")
        told = "".join(f"# {name}: {text}\n" for name, text in head.lines())
        self._file.write(told.encode())
        self._writer = csv.CSVWriter(self._file, schema, write_options=csv.WriteOptions(quoting_style="needed"))

    def write(self, table: pa.Table) -> None:
        self._writer.write_table(table)

    def close(self) -> None:
        self._writer.close()
        self._file.close()


class _Parquet:
    def __init__(self, path: Path, head: Head, schema: pa.Schema) -> None:
        from pyarrow import parquet

        unit_of = {f"{tag} [{unit}]": unit for tag, unit in head.units().items()}
        fields = [
            field.with_metadata({"unit": unit_of[field.name]}) if field.name in unit_of else field for field in schema
        ]
        self._schema = pa.schema(fields, metadata=dict(head.lines()))
        self._writer = parquet.ParquetWriter(path, self._schema, compression="zstd")

    def write(self, table: pa.Table) -> None:
        self._writer.write_table(table.cast(self._schema))

    def close(self) -> None:
        self._writer.close()


class _Excel:
    def __init__(self, path: Path, head: Head, schema: pa.Schema) -> None:
        import xlsxwriter

        self._book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
        self._sheet = self._book.add_worksheet("history")
        bold = self._book.add_format({"bold": True})
        self._stamp = self._book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss.000"})
        self._sheet.set_column(0, len(schema) - 1, 24)
        for number, line in enumerate(head.lines()):
            self._sheet.write_row(number, 0, line)
        self._row = len(head.lines()) + 1
        self._sheet.write_row(self._row, 0, schema.names, bold)
        self._sheet.freeze_panes(self._row + 1, 0)
        self._times = [pa.types.is_timestamp(field.type) for field in schema]

    def write(self, table: pa.Table) -> None:
        if self._row + 1 + table.num_rows > EXCEL_ROWS:
            raise DoesNotFit(f"more rows than an Excel sheet has ({EXCEL_ROWS}); write .parquet or .csv")
        for row in zip(*(column.to_pylist() for column in table.columns), strict=True):
            self._row += 1
            for place, value in enumerate(row):
                if value is None:
                    continue
                if self._times[place]:
                    self._sheet.write_datetime(self._row, place, value, self._stamp)
                else:
                    self._sheet.write(self._row, place, value)

    def close(self) -> None:
        import xlsxwriter

        try:
            self._book.close()
        except xlsxwriter.exceptions.FileCreateError as error:
            raise OSError(str(error)) from error


_FORMS: Final[Mapping[str, type[Any]]] = {".csv": _Csv, ".parquet": _Parquet, ".xlsx": _Excel}


def _iso(us: int, zone: ZoneInfo) -> str:
    return datetime.fromtimestamp(us / 1e6, UTC).astimezone(zone).isoformat(timespec="seconds")
