"""An older warehouse is brought up to date by the same command, keeps its data, and is left alone from then on."""

from __future__ import annotations

from pathlib import Path

import pytest

from cloud.warehouse import partitions, schema
from cloud.warehouse.client import HiveClient
from cloud.warehouse.server import WarehouseFailed
from contracts import tables
from runtime.object_store import open_store
from tests.engines.hive import HiveBox
from tests.engines.lake_files import us, write_day, write_raw

pytestmark = pytest.mark.engine

R, LEVEL, DAY = "sim-old", "10EGB11CL001XQ01", "2026-03-28"
FIRST_RELEASE = 4
"""Scripts of the first release."""


def test_an_older_schema_is_brought_up_to_date_and_no_step_is_done_twice(
    hive: HiveBox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_day(tmp_path, R, DAY, [(LEVEL, us(f"{DAY} 12:00:00"), 1.0, 192)])
    write_raw(tmp_path, f"{R}.tanks", 0, [(LEVEL, us(f"{DAY} {time}:00"), 2.0, 192) for time in ("12:00", "13:00")])
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.parquet")}
    with HiveClient(hive.address) as client:
        client.run("CREATE DATABASE IF NOT EXISTS upgraded")
    with HiveClient(hive.address, "upgraded") as client:
        everything, its_views = schema.scripts(), schema.views()
        with monkeypatch.context() as old:
            old.setattr(schema, "scripts", lambda: everything[:FIRST_RELEASE])
            old.setattr(schema, "views", list)
            assert schema.apply(client, str(tmp_path)) == [each.name for each in everything[:FIRST_RELEASE]]
            assert schema.apply(client, str(tmp_path)) == []
            client.run(
                f"ALTER TABLE {tables.RAW_TABLE} ADD PARTITION (refinery='{R}', zone='tanks', folder='p000') "
                f"LOCATION '{tmp_path.as_uri()}/raw/{R}/tanks/p000/0000-00-00'"
            )
        newer = [each.name for each in (*everything[FIRST_RELEASE:], *its_views)]
        assert schema.apply(client, str(tmp_path)) == newer
        assert schema.apply(client, str(tmp_path)) == []
        partitions.repair_days(client)
        partitions.RawPartitions(open_store(str(tmp_path)), str(tmp_path)).follow(client)
        rows = client.run(f"SELECT v, count(*) FROM history_all WHERE refinery = '{R}' AND day = '{DAY}' GROUP BY v")
        assert sorted(rows) == [(1.0, 1), (2.0, 1)], "the loaded copy is preferred, and what is not loaded is there"
        versions = client.run("SELECT max(version), count(*) FROM schema_version")
        assert versions == [(len(everything), len(everything) + len(its_views))]

        changed = its_views[0]._replace(text=its_views[0].text + "\n-- said better\n")
        monkeypatch.setattr(schema, "views", lambda: [changed, *its_views[1:]])
        assert schema.apply(client, str(tmp_path)) == [changed.name]
        assert schema.apply(client, str(tmp_path)) == []
        tampered = everything[0]._replace(text=everything[0].text + "\n")
        monkeypatch.setattr(schema, "scripts", lambda: [tampered, *everything[1:]])
        with pytest.raises(WarehouseFailed, match=r"0001_history\.sql was changed after it had been applied"):
            schema.apply(client, str(tmp_path))
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.parquet")} == before
