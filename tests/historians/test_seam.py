"""History joined with what is newer, on real Kafka where Kafka is needed."""

from __future__ import annotations

import time
import uuid
from pathlib import Path

import numpy as np
import pytest
from kafka import KafkaProducer

from contracts import event, names, plant
from contracts.plant import Plant
from contracts.sample import Sample, now_us
from data.historians.duckdb import open_duckdb
from data.historians.historian import Cancel, Cancelled, HistorianError, Series
from data.historians.seam import NOTHING, join, kafka_tail, overview_up_to_now, up_to_now
from tests.engines.broker import BrokerBox
from tests.engines.lake_files import write_raw

LEVEL, FLOW = "10EGB11CL001XQ01", "10EGA20CF001XQ01"
SECOND = 1_000_000


def series(*samples: tuple[int, float, int]) -> Series:
    us, v, q = zip(*samples, strict=True)
    return Series(np.array(us, np.int64), np.array(v, float), np.array(q, np.int16))


def write_plant(folder: Path) -> Plant:
    folder.mkdir()
    refinery = f"sim-{uuid.uuid4().hex[:12]}"
    (folder / "plant.toml").write_text(f'[refinery]\nid = "{refinery}"\n[plc.p]\nconnection = "modbus-tcp://h:1"\n')
    rows = [f"{kks},analog,level,p,input-register:1:REAL,tanks" for kks in (LEVEL, FLOW)]
    (folder / "signals.csv").write_text("\n".join(["kks,kind,role,plc,address,zone", *rows]) + "\n")
    return plant.load(folder)


def test_parts_are_joined_in_the_order_of_time_and_each_time_once() -> None:
    history = series((1, 1.0, 192), (2, 2.0, 192), (5, 5.0, 192))
    newer = series((2, 99.0, 192), (3, 3.0, 192), (5, 99.0, 192), (6, 6.0, 24))
    joined = join(history, newer)
    assert joined.us.tolist() == [1, 2, 3, 5, 6]
    assert joined.v.tolist() == [1.0, 2.0, 3.0, 5.0, 6.0]
    assert joined.q.tolist() == [192, 192, 192, 192, 24]
    assert len(join(NOTHING, NOTHING).us) == 0


def test_kafka_is_not_asked_where_the_recent_past_meets_history(tmp_path: Path) -> None:
    known = write_plant(tmp_path / "plant")
    now = now_us()
    lake = tmp_path / "lake"
    rows = [(LEVEL, now - n * SECOND, float(n), 192) for n in range(20, 10, -1)]
    write_raw(lake, names.topic(known.refinery, "tanks"), 0, rows)
    recent = {LEVEL: series(*((now - n * SECOND, float(n), 192) for n in range(12, 0, -1)))}
    historian = open_duckdb(lake, known.refinery)
    joined = up_to_now(historian, known, "127.0.0.1:9", [LEVEL], now - 60 * SECOND, recent)[LEVEL]
    assert joined.series.v.tolist() == [float(n) for n in range(20, 0, -1)]
    assert joined.live_from_us == now - 11 * SECOND + 1


def test_a_broker_that_is_away_is_told_and_not_passed_over(tmp_path: Path) -> None:
    with pytest.raises(HistorianError, match=r"Kafka at 127\.0\.0\.1:9 does not answer"):
        kafka_tail(write_plant(tmp_path / "plant"), "127.0.0.1:9", [LEVEL], now_us())


@pytest.mark.engine
def test_from_chunk_through_kafka_to_the_recent_past_without_a_gap_or_a_double(
    broker: BrokerBox, tmp_path: Path
) -> None:
    known = write_plant(tmp_path / "plant")
    broker.add_topics(known.folder)
    topic = names.topic(known.refinery, "tanks")
    now = now_us()
    samples = [(kks, now - n * SECOND, float(n), 192) for n in range(3600, 0, -1) for kks in (LEVEL, FLOW)]
    producer = KafkaProducer(bootstrap_servers=broker.bootstrap)
    for kks, ts, v, q in samples:
        record = event.encode(kks, Sample(v, ts, q))
        producer.send(topic, record, kks.encode(), headers=event.HEADERS, timestamp_ms=ts // 1000 + 1)
    producer.send(topic, b"not an event", LEVEL.encode())
    producer.flush()
    producer.close()
    lake = tmp_path / "lake"
    write_raw(lake, topic, 0, [row for row in samples if row[1] < now - 600 * SECOND])
    recent = {LEVEL: series(*((ts, v, q) for kks, ts, v, q in samples if kks == LEVEL and ts >= now - 60 * SECOND))}
    historian = open_duckdb(lake, known.refinery)
    joined = up_to_now(historian, known, broker.bootstrap, [LEVEL, FLOW], now - 1800 * SECOND, recent)
    for kks in (LEVEL, FLOW):
        assert joined[kks].series.v.tolist() == [float(n) for n in range(1800, 0, -1)]
        assert joined[kks].live_from_us == now - 601 * SECOND + 1
    overview = overview_up_to_now(historian, known, broker.bootstrap, [LEVEL, FLOW], now - 1800 * SECOND, 100, recent)
    for kks in (LEVEL, FLOW):
        told = overview.newer[kks].series
        assert int(overview.history.tags[kks].n.sum()) + len(told.us) == 1800
        assert told.us[0] >= overview.cut_us > int(overview.history.tags[kks].us[-1])
        assert told.v[-1] == 1.0
    cancel = Cancel()
    cancel.cancel()
    started = time.monotonic()
    with pytest.raises(Cancelled):
        kafka_tail(known, broker.bootstrap, [LEVEL], now - 1800 * SECOND, cancel=cancel)
    assert time.monotonic() - started < 5
