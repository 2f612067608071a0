import csv
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from pyarrow import parquet

from tests.app.plants import LEVEL, TEMPERATURE, write_plant
from widgets import series_files
from widgets.series_files import Block, Head, local_times, write

MADRID = ZoneInfo("Europe/Madrid")
AUTUMN_US = 1_792_889_400_000_000
"""2026-10-25 00:50 UTC: 02:50 in Madrid, ten minutes before its clocks go back."""


def blocks():
    times = AUTUMN_US + np.arange(3, dtype=np.int64) * 600_000_000
    quality = np.array([192, 0, 192], np.int16)
    yield Block(LEVEL, times, {"value": np.array([1.5, np.nan, 2.5]), "quality": quality})
    yield Block(TEMPERATURE, times[:1], {"value": np.array([20.0]), "quality": quality[:1]})


@pytest.fixture
def head(tmp_path):
    plant = write_plant(tmp_path / "plant")
    signals = [plant.by_kks[LEVEL], plant.by_kks[TEMPERATURE]]
    return Head("Prueba", signals, AUTUMN_US, AUTUMN_US + 3_600_000_000, MADRID, "raw")


def written(tmp_path, head, ending):
    path = tmp_path / f"out.{ending}"
    assert write(path, blocks(), ("value", "quality"), head, lambda _rows: None) == 4
    return path


def test_a_csv_says_zone_and_units_and_the_doubled_hour_can_be_told_apart(tmp_path, head):
    text = written(tmp_path, head, "csv").read_text(encoding="utf-8-sig").splitlines()
    comments = [line for line in text if line.startswith("#")]
    assert any("Europe/Madrid" in line for line in comments)
    assert any(LEVEL in line and "[m]" in line for line in comments)
    rows = list(csv.DictReader(line for line in text if not line.startswith("#")))
    assert [row["local_time"] for row in rows[:3]] == [
        "2026-10-25T02:50:00.000000+02:00",
        "2026-10-25T02:00:00.000000+01:00",
        "2026-10-25T02:10:00.000000+01:00",
    ]
    assert [row["value"] for row in rows] == ["1.5", "", "2.5", "20"]
    assert (rows[0]["unit"], rows[3]["unit"]) == ("m", "°C")
    assert [row["quality"] for row in rows[:2]] == ["192", "0"]


def test_a_parquet_file_carries_its_head(tmp_path, head):
    path = written(tmp_path, head, "parquet")
    table = parquet.read_table(path)
    assert table.column("value").to_pylist() == [1.5, None, 2.5, 20.0]
    assert table.column("kks").to_pylist() == [LEVEL] * 3 + [TEMPERATURE]
    assert b"Europe/Madrid" in parquet.read_schema(path).metadata.values()


def test_an_excel_file_has_a_sheet_a_signal_and_one_that_says_what_it_is(tmp_path, head, monkeypatch):
    monkeypatch.setattr(series_files, "EXCEL_ROWS", 3)
    import zipfile

    with zipfile.ZipFile(written(tmp_path, head, "xlsx")) as book:
        names = book.read("xl/workbook.xml").decode()
        words = "".join(book.read(name).decode() for name in book.namelist() if name.endswith(".xml"))
    # Two rows and a heading fill a sheet here: the third goes to the next.
    assert names.count(LEVEL) == 2
    assert names.count(TEMPERATURE) == 1
    assert "Europe/Madrid" in words
    assert "[°C]" in words


def test_who_stops_it_leaves_no_file(tmp_path, head):
    def stop(_rows):
        raise KeyboardInterrupt

    for ending in ("csv", "parquet", "xlsx"):
        path = tmp_path / f"stopped.{ending}"
        with pytest.raises(KeyboardInterrupt):
            write(path, blocks(), ("value", "quality"), head, stop)
    assert not [file for file in tmp_path.iterdir() if "stopped" in file.name]


def test_a_format_nobody_knows_is_named(tmp_path, head):
    with pytest.raises(OSError, match=r"out\.doc"):
        write(tmp_path / "out.doc", blocks(), ("value",), head, lambda _rows: None)


def test_local_times_follow_the_clock_change():
    local, ahead = local_times(np.array([AUTUMN_US, AUTUMN_US + 600_000_000]), MADRID)
    assert (ahead / 3.6e9).tolist() == [2.0, 1.0]
    assert local[1] < local[0]
