"""`main.py history`: what is in the files, and what they say of themselves; the analysts' door."""

from __future__ import annotations

import re
import uuid
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest
from kafka import KafkaProducer

from app.commands import main
from contracts import event, names
from contracts.plant import load
from contracts.sample import Sample, now_us
from tests.app.plants import LEVEL, write_plant
from tests.engines.broker import BrokerBox
from tests.engines.hive import HiveBox
from tests.engines.lake_files import us, write_day, write_raw

ROOT = Path(__file__).parents[2]
REFINERY = "sim-files"
DAYS = ("2026-09-30", "2026-10-01")


@pytest.fixture
def plant(tmp_path: Path) -> Path:
    return write_plant(tmp_path / "plant", refinery=REFINERY).folder


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two loaded days, a level each minute, once without a value; an hour in a raw chunk."""
    folder = tmp_path_factory.mktemp("lake")
    for day in DAYS:
        begin = us(f"{day} 00:00:00")
        rows = [(LEVEL, begin + n * 60_000_000, n / 100, 192) for n in range(1440)]
        write_day(folder, REFINERY, day, [*rows[:5], (LEVEL, rows[5][1], None, 24), *rows[6:]])
    begin = us("2026-10-02 00:00:00")
    write_raw(folder, f"{REFINERY}.tank-farm", 0, [(LEVEL, begin + n * 60_000_000, 1.0, 192) for n in range(60)])
    return folder


def history(plant: Path, lake: Path, out: Path, *more: str) -> int:
    begin = [] if "--from" in more else ["--from", "2026-09-30T23:00:00"]
    end = [] if "--to" in more else ["--to", "2026-10-01T01:00:00"]
    asked = ["history", "--plant", str(plant), "--historian", str(lake), "--signals", LEVEL, *begin, *end]
    return main([*asked, "--out", str(out), "--language", "en", *more])


def test_a_csv_says_what_it_holds_and_has_both_times(plant: Path, lake: Path, tmp_path: Path) -> None:
    out = tmp_path / "x.csv"
    assert history(plant, lake, out, "--timezone", "Europe/Madrid", "--from", "2026-10-01T01:00:00") == 2
    assert history(plant, lake, out, "--timezone", "Europe/Madrid", "--to", "2026-10-01T03:00:00") == 0
    lines = out.read_text().splitlines()
    head = [line for line in lines if line.startswith("# ")]
    assert f"# refinery: {REFINERY}" in head[0]
    assert "# from: 2026-09-30T23:00:00+02:00" in head
    assert any("Europe/Madrid" in line for line in head)
    assert any(re.fullmatch(rf"# signal {LEVEL}: .*\[m\]", line) for line in head)
    found = pacsv.read_csv(out, read_options=pacsv.ReadOptions(skip_rows=len(head)))
    assert found.column_names == ["kks", "unit", "time_utc", "time_local", "v", "q"]
    assert found.num_rows == 240
    first = found.to_pylist()[0]
    assert (first["kks"], first["unit"], first["q"]) == (LEVEL, "m", 192)
    assert [f"{first[name]:%d %H:%M}" for name in ("time_utc", "time_local")] == ["30 21:00", "30 23:00"]
    assert found["v"].null_count == 1


def test_parquet_carries_the_head_as_metadata_and_units_in_its_fields(plant: Path, lake: Path, tmp_path: Path) -> None:
    out = tmp_path / "x.parquet"
    assert history(plant, lake, out, "--every", "60", "--sloped") == 0
    found = pq.read_table(out)
    assert found.schema.metadata[b"refinery"].startswith(REFINERY.encode())
    assert found.schema.field(f"{LEVEL} [m]").metadata[b"unit"] == b"m"
    values = found[f"{LEVEL} [m]"].to_pylist()
    assert len(values) == 120
    assert values[0] == pytest.approx(13.8)
    assert values[1] == pytest.approx(13.81)


def test_excel_has_the_head_above_the_buckets(plant: Path, lake: Path, tmp_path: Path) -> None:
    out = tmp_path / "x.xlsx"
    assert history(plant, lake, out, "--buckets", "4") == 0
    with zipfile.ZipFile(out) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    rows = [re.findall(r"<(?:t|v)[^>]*>([^<]*)</(?:t|v)>", row) for row in re.findall(r"<row .*?</row>", sheet)]
    heading = next(n for n, row in enumerate(rows) if row[0] == "kks")
    told = {row[0]: row[1] for row in rows[:heading] if row}
    assert told["holds"] == "buckets of 1800 s"
    assert rows[heading][4:7] == ["v_min", "v_max", "v_mean"]
    assert len(rows) - heading - 1 == 4
    # Excel counts days since the 30th of December 1899.
    began = (date(2026, 9, 30) - date(1899, 12, 30)).days + 23 / 24
    assert float(rows[heading + 1][2]) == pytest.approx(began)
    assert float(rows[heading + 1][4]) == 13.8


def test_more_than_one_answer_may_have_is_written_piece_by_piece(
    plant: Path, lake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from data.historians.sql_historian import SqlHistorian

    whole = SqlHistorian.raw
    limited = lambda self, *given, **how: whole(self, *given, limit=700, **how)  # noqa: E731
    monkeypatch.setattr(SqlHistorian, "raw", limited)
    out = tmp_path / "x.parquet"
    assert history(plant, lake, out, "--from", "2026-09-30", "--to", "2026-10-02") == 0
    times = pq.read_table(out)["time_utc"].to_pylist()
    assert len(times) == 2880
    assert times == sorted(set(times))


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--live", "--every", "60"], "leave out --buckets and --every"),
        (["--timezone", "Mars/Base"], "no time zone"),
        (["--every", "0.000001"], "longer --every"),
    ],
)
def test_what_cannot_be_asked_is_told_and_leaves_no_file(
    more: list[str], words: str, plant: Path, lake: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "x.csv"
    assert history(plant, lake, out, *more) == 2
    assert words in capsys.readouterr().err
    assert not [path for path in tmp_path.iterdir() if path.is_file()]


def test_a_span_without_a_sample_is_told(
    plant: Path, lake: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert history(plant, lake, tmp_path / "x.csv", "--from", "2020-01-01", "--to", "2020-01-02") == 1
    assert "no sample" in capsys.readouterr().err


def snippet() -> str:
    """The cell as docs/analysts.md shows it."""
    found = re.search(r"<!-- snippet -->\n```python\n(.*?)```", (ROOT / "docs/analysts.md").read_text(), re.DOTALL)
    assert found
    return found[1]


def test_the_documented_cell_runs_on_a_catalog_of_a_lake_folder(
    plant: Path, lake: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    catalog = tmp_path / "plant.duckdb"
    assert main(["history", "--plant", str(plant), "--historian", str(lake), "--catalog", str(catalog)]) == 0
    assert f"duckdb:///{catalog}" in capsys.readouterr().out
    cell = {"url": f"duckdb:///{catalog}", "refinery": REFINERY, "kks": LEVEL}
    exec(snippet(), cell)
    rows = cell["rows"]
    assert len(rows) == 48
    assert str(rows[0][0]) == "2026-09-30 00:00:00"
    assert tuple(rows[0][1:]) == (0.0, pytest.approx(0.304, abs=0.01), 0.59)
    cell["engine"].dispose()
    with cell["engine"].connect() as connection:
        count = cell["text"]("SELECT count(*) FROM history_all WHERE refinery = :r AND day = '2026-10-02'")
        assert connection.execute(count, {"r": REFINERY}).scalar_one() == 60, "an open day is there too"
    cell["engine"].dispose()


@pytest.mark.engine
def test_the_documented_cell_runs_on_hive(hive: HiveBox, lake: Path) -> None:
    from cloud.warehouse import partitions
    from cloud.warehouse.client import HiveClient

    hive.upload(lake)
    with HiveClient(hive.address) as client:
        partitions.repair_days(client)
    cell = {"url": f"hive+sinoptico://{hive.address}/default", "refinery": REFINERY, "kks": LEVEL}
    exec(snippet(), cell)
    assert len(cell["rows"]) == 48
    assert cell["rows"][0][1:] == (0.0, pytest.approx(0.304, abs=0.01), 0.59)
    cell["engine"].dispose()


@pytest.mark.engine
def test_live_goes_on_from_the_lakes_newest_chunk_without_a_gap_or_a_double(broker: BrokerBox, tmp_path: Path) -> None:
    plant = write_plant(tmp_path / "plant", refinery=f"sim-{uuid.uuid4().hex[:12]}").folder
    refinery = load(plant).refinery
    broker.add_topics(plant)
    topic = names.topic(refinery, load(plant).by_kks[LEVEL].zone)
    now = now_us()
    samples = [(LEVEL, now - n * 1_000_000, float(n), 192) for n in range(600, 0, -1)]
    producer = KafkaProducer(bootstrap_servers=broker.bootstrap)
    for kks, ts, v, q in samples:
        record = event.encode(kks, Sample(v, ts, q))
        producer.send(topic, record, kks.encode(), headers=event.HEADERS, timestamp_ms=ts // 1000 + 1)
    producer.flush()
    producer.close()
    lake = tmp_path / "lake"
    write_raw(lake, topic, 0, [row for row in samples if row[1] < now - 200_000_000])
    out = tmp_path / "x.parquet"
    first = datetime.fromtimestamp(now / 1e6 - 500, UTC).isoformat()
    asked = ["history", "--plant", str(plant), "--historian", str(lake), "--signals", LEVEL, "--from", first]
    assert main([*asked, "--out", str(out), "--live", "--bootstrap", broker.bootstrap]) == 0
    assert pq.read_table(out)["v"].to_pylist() == [float(n) for n in range(500, 0, -1)]
