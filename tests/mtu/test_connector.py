"""Records of the stock PLC4X Kafka connector become one event a sensor."""

from __future__ import annotations

import json
import threading
import time
import uuid

import pytest
from confluent_kafka import Producer
from kafka.admin import KafkaAdminClient

from cloud.mtu import connector
from cloud.mtu.clock import Clock
from cloud.mtu.connector import BadTag, ConnectorFeed
from cloud.mtu.tags import TagTable
from contracts import event, signal_list
from tests.engines.broker import wait_until

KEY = {"sourceName": "ref1plc", "jobName": "unit1"}


def signals(folder, *tags: str):
    rows = [
        f"10EGB11CL{number:03d}XQ01,analog,level,plc1,x,tanks,0,20,ref1plc/{tag}" for number, tag in enumerate(tags)
    ]
    file = folder / "signals.csv"
    file.write_text("\n".join(["kks,kind,role,plc,address,zone,low,high,plc4x_tag", *rows]) + "\n")
    return signal_list.read(file)


@pytest.fixture
def feed(broker, tmp_path, monkeypatch):
    """A running feed, `feed.told` (kks → events), and `feed.send(value, key)` as the connector would."""
    monkeypatch.setattr(connector, "_LEAST_SILENCE_S", 1.0)
    monkeypatch.setattr(connector, "_SILENT_SCANS", 1.0)
    topic = f"telemetry-{uuid.uuid4().hex[:8]}"
    admin = KafkaAdminClient(bootstrap_servers=broker.bootstrap)
    admin.create_topics({topic: {"num_partitions": 1, "replication_factor": 1}})
    admin.wait_for_topics([topic])
    admin.close()
    told: dict[str, list[event.Event]] = {}

    def publish(_topic, events, _time_us):
        for kks, value in events:
            told.setdefault(kks[7:13], []).append(event.decode(value))

    listed = signals(tmp_path, "unit1/level", "unit1/broken", "unit1/missing", "fast/flow")
    stop = threading.Event()
    reach = {"bootstrap.servers": broker.bootstrap, "auto.offset.reset": "earliest"}
    feed = ConnectorFeed("r1", topic, reach, listed, TagTable("r1", listed), Clock(0), publish, stop)
    feed._settings |= {"group.id": topic, "auto.offset.reset": "earliest"}
    producer = Producer({"bootstrap.servers": broker.bootstrap, "linger.ms": 0})

    def send(value: object, key: object = KEY) -> None:
        producer.produce(topic, json.dumps(value), json.dumps(key))
        producer.flush(10)

    feed.told, feed.send = told, send
    feed.start(0.0)
    yield feed
    stop.set()
    feed.join(10)


@pytest.mark.engine
def test_one_record_a_job_becomes_one_event_a_sensor_and_silence_becomes_bad(feed):
    now_ms = int(time.time() * 1000)
    feed.send({"tags": {"level": 12.5, "broken": "NaN", "unmapped": 1}, "timestamp": now_ms, "expires": None})
    wait_until(lambda: any(each.q == 192 for each in feed.told.get("CL000X", ())), 20)
    told = {kks: [each for each in events if each.q != 24] for kks, events in feed.told.items()}
    assert {kks: [(each.v, each.q) for each in events] for kks, events in told.items() if events} == {
        "CL000X": [(12.5, 192)],
        "CL001X": [(None, 16)],
        "CL002X": [(None, 4)],
    }
    feed.send({"not": "a record"})
    envelope = {"schema": {}, "payload": {"tags": {"level": 13.0}, "timestamp": now_ms + 1000}}
    feed.send(envelope, {"schema": {}, "payload": KEY})
    wait_until(lambda: any(each.v == 13.0 for each in feed.told["CL000X"]))
    assert feed.rejected == 1
    wait_until(lambda: feed.told["CL000X"][-1].q == 24)
    assert feed.told["CL003X"][-1].q == 24
    wait_until(lambda: "unit1" in feed.state)
    assert "nothing from ref1plc/" in feed.state
    # A connector whose clock is behind ours: later than what we said in its name, all the same.
    feed.send({"tags": {"level": 14.0}, "timestamp": now_ms + 500})
    wait_until(lambda: feed.told["CL000X"][-1].v == 14.0)
    times = [each.ts for each in feed.told["CL000X"]]
    assert times == sorted(set(times))


def test_a_cell_that_names_no_tag_is_refused(tmp_path):
    with pytest.raises(BadTag, match="expected sourceName/jobName/tag"):
        connector._jobs(signals(tmp_path, "unit1"))
