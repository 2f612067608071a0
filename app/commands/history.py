"""`main.py history`: signals over a span of time into a file."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np

from app.application import lake_folder
from app.commands import Failed, checked_out, plants
from app.historian_access import HistorianAccess, place_of
from contracts.sample import now_us
from data.historians.historian import HistorianError, Series

KINDS: Final = (".csv", ".parquet", ".xlsx")
EXCEL_ROWS: Final = 1_048_575


def run(options: argparse.Namespace) -> int:
    """Write the samples; 1 if there are none or the historian does not answer."""
    loaded = plants(options)
    if len(loaded) != 1:
        raise Failed("history is of one plant: give one --plant", 2)
    plant = loaded[0]
    checked_out(options.out, KINDS)
    wanted = [s.kks for s in plant.signals] if options.signals == "all" else options.signals.replace(" ", "").split(",")
    unknown = [tag for tag in wanted if tag not in plant.by_kks]
    if unknown:
        raise Failed(f"{unknown[0]} is not in the signal list of {plant.refinery}", 2)
    from_us, to_us = time_of(options.start), time_of(options.end) if options.end else now_us()
    if from_us >= to_us:
        raise Failed("--from must be before --to", 2)
    place = place_of(plant, options.historian) or str(lake_folder())
    access = HistorianAccess({plant.refinery: place})
    try:
        found = access.historian(plant.refinery).raw(wanted, from_us, to_us)
        access.close()
    except HistorianError as error:
        raise Failed(str(error)) from error
    rows = sum(len(series.us) for series in found.values())
    if not rows:
        raise Failed(f"no sample of these signals between {_iso(from_us)} and {_iso(to_us)} at {place}")
    try:
        write(options.out, found)
    except OSError as error:
        raise Failed(f"{options.out}: {error.strerror or error}") from error
    sys.stdout.write(f"{rows} samples of {len(wanted)} signals → {options.out}\n")
    return 0


def time_of(text: str) -> int:
    """Microseconds of an ISO time; UTC where it names no zone. Raises `Failed`."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise Failed(f"{text!r} is not a time such as 2026-11-23T10:00:00 or 2026-11-23T10:00:00+01:00", 2) from error
    moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return int(moment.timestamp()) * 1_000_000 + moment.microsecond


def _iso(us: int) -> str:
    return datetime.fromtimestamp(us / 1e6, UTC).isoformat(timespec="seconds")


def write(path: Path, found: dict[str, Series]) -> None:
    """One row a sample: kks, time (UTC), value, quality code. Raises OSError, and `Failed` for too many for Excel."""
    import pyarrow as pa
    import pyarrow.csv
    import pyarrow.parquet

    table = pa.table(
        {
            "kks": pa.array([tag for tag, series in found.items() for _ in range(len(series.us))], pa.string()),
            "ts": pa.array(np.concatenate([series.us for series in found.values()]), pa.timestamp("us")),
            "v": pa.array(np.concatenate([series.v for series in found.values()]), pa.float64(), from_pandas=True),
            "q": pa.array(np.concatenate([series.q for series in found.values()]).astype(np.int16), pa.int16()),
        }
    )
    if path.suffix.lower() == ".parquet":
        pyarrow.parquet.write_table(table, path, compression="zstd")
    elif path.suffix.lower() == ".csv":
        pyarrow.csv.write_csv(table, path)
    else:
        _write_xlsx(path, table)


def _write_xlsx(path: Path, table) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    import xlsxwriter

    if table.num_rows > EXCEL_ROWS:
        raise Failed(f"{table.num_rows} samples do not fit an Excel sheet ({EXCEL_ROWS}); write .parquet or .csv", 2)
    try:
        with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
            sheet = book.add_worksheet("history")
            stamp = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss.000"})
            sheet.write_row(0, 0, ["kks", "ts (UTC)", "v", "q"])
            sheet.set_column(0, 1, 24)
            for number, row in enumerate(table.to_pylist(), start=1):
                sheet.write_string(number, 0, row["kks"])
                sheet.write_datetime(number, 1, row["ts"], stamp)
                if row["v"] is not None:
                    sheet.write_number(number, 2, row["v"])
                sheet.write_number(number, 3, row["q"])
    except xlsxwriter.exceptions.FileCreateError as error:
        raise OSError(str(error)) from error
