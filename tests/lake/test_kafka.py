"""`python -m cloud.lake` on a real broker: two writers at once, one killed, zones added, topics made anew."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import uuid
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from confluent_kafka import Producer, TopicPartition
from confluent_kafka.admin import AdminClient

from contracts import names
from contracts.event import encode
from contracts.lake import chunk_of
from contracts.sample import Sample, now_us
from runtime.object_store import ObjectStore, open_store
from tests.engines.box import ROOT, Box, wait_until
from tests.engines.broker import BrokerBox
from tests.lake.plants import LEVEL, PUMP, SLOW, write_plant
from tests.lake.simulated_log import quarantined_in, rows_in

pytestmark = pytest.mark.engine
WITHIN_S = 30.0


class Lake(Box):
    """A running `python -m cloud.lake`."""

    def __init__(self, plant: Path, bootstrap: str, lake: str, *arguments: str) -> None:
        super().__init__("cloud.lake", "--plant", plant, "--bootstrap", bootstrap, "--lake", lake, *arguments)


@pytest.fixture
def plant(tmp_path: Path, broker: BrokerBox) -> Path:
    folder = write_plant(tmp_path / "plant", f"lake-{uuid.uuid4().hex[:8]}")
    broker.add_topics(folder)
    return folder


@pytest.fixture
def topic(plant: Path) -> str:
    return names.topic(plant_id(plant), "tanks")


def plant_id(plant: Path) -> str:
    return next(line.split('"')[1] for line in (plant / "plant.toml").read_text().splitlines() if line.startswith("id"))


class Sender:
    """Sends events of three tags; each carries its number as its value."""

    def __init__(self, bootstrap: str, topic: str) -> None:
        self.topic = topic
        self.sent = 0
        self._producer = Producer(
            {
                "bootstrap.servers": bootstrap,
                "enable.idempotence": True,
                "partitioner": "murmur2_random",
                "linger.ms": 5,
            }
        )
        self._ts_us = now_us()

    def send(self, count: int) -> None:
        for _ in range(count):
            kks = (LEVEL, PUMP, SLOW)[self.sent % 3]
            self._ts_us += 1000
            value = encode(kks, Sample(float(self.sent), self._ts_us, 192))
            self.sent += 1
            self._producer.produce(self.topic, value, kks.encode())
        self.flush()

    def send_raw(self, value: bytes | None) -> None:
        self._producer.produce(self.topic, value, b"key")
        self.flush()

    def flush(self) -> None:
        assert self._producer.flush(30) == 0


def numbers(store: ObjectStore) -> list[int]:
    return sorted(int(row["v"]) for row in rows_in(store))


def covered(store: ObjectStore) -> int:
    """Records of all chunks, by metadata alone."""
    chunks = [chunk_of(info.name, info.metadata) for info in store.list("raw/")]
    return sum(chunk.count + chunk.rejected for chunk in chunks)


def until(condition: Callable[[], object]) -> None:
    wait_until(condition, WITHIN_S, 0.1)


def test_every_record_is_kept_once_by_two_writers_of_which_one_is_killed(
    broker: BrokerBox, plant: Path, topic: str, bucket_url: str
) -> None:
    store = open_store(bucket_url)
    cut_small = ("--records", "300", "--age", "0.3")
    sender = Sender(broker.bootstrap, topic)
    with (
        Lake(plant, broker.bootstrap, bucket_url, *cut_small) as first,
        Lake(plant, broker.bootstrap, bucket_url, *cut_small) as second,
    ):
        sender.send(3000)
        until(lambda: covered(store) > 500)
        sender.send(3000)
        until(lambda: covered(store) > 4000)
        first.kill()
        sender.send_raw(b"no event")
        sender.send(3000)
        until(lambda: covered(store) >= sender.sent + 1)
        until(lambda: second.last.get("lag") == 0 and second.last.get("open_records") == 0)
        assert second.stop() == 0
    assert numbers(store) == list(range(sender.sent))
    by_place = Counter((row["topic"], row["kafka_partition"], row["kafka_offset"]) for row in rows_in(store))
    assert max(by_place.values()) == 1
    assert [row["value"] for row in quarantined_in(store)] == [b"no event"]
    assert second.last["lost"] == 0


def test_a_zone_added_later_is_kept_too_and_alarm_records_are_not_taken_for_samples(
    broker: BrokerBox, plant: Path, topic: str, tmp_path: Path
) -> None:
    store = open_store(str(tmp_path / "lake"))
    with Lake(plant, broker.bootstrap, str(tmp_path / "lake"), "--age", "0.2") as lake:
        Sender(broker.bootstrap, topic).send(1)
        until(lambda: covered(store) == 1)
        with (plant / "signals.csv").open("a") as file:
            file.write("10EGB12CL001XQ01,analog,level,p1,input-register:9:REAL,flare,10\n")
        broker.add_topics(plant)
        refinery = plant_id(plant)
        Sender(broker.bootstrap, names.topic(refinery, "flare")).send(2)
        until(lambda: covered(store) == 3)
        assert lake.last["rejected"] == 0
        assert lake.stop() == 0


def test_records_dropped_by_kafka_before_they_were_read_are_reported(
    broker: BrokerBox, plant: Path, topic: str, tmp_path: Path
) -> None:
    store = open_store(str(tmp_path / "lake"))
    sender = Sender(broker.bootstrap, topic)
    with Lake(plant, broker.bootstrap, str(tmp_path / "lake"), "--age", "0.2") as first:
        sender.send(9)
        until(lambda: covered(store) == 9)
        assert first.stop() == 0
    sender.send(30)
    ends = {chunk.partition: chunk.end_offset for chunk in (chunk_of(i.name, i.metadata) for i in store.list("raw/"))}
    admin = AdminClient({"bootstrap.servers": broker.bootstrap})
    for future in admin.delete_records([TopicPartition(topic, part, end + 5) for part, end in ends.items()]).values():
        future.result(30)
    with Lake(plant, broker.bootstrap, str(tmp_path / "lake"), "--age", "0.2") as second:
        until(lambda: second.last.get("lost") == 5 * len(ends) and second.last.get("lag") == 0)
        assert second.stop() == 0
    assert covered(store) == 39 - 5 * len(ends)


def test_a_topic_made_anew_begins_a_log_of_its_own(broker: BrokerBox, plant: Path, topic: str, tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "lake"))
    with Lake(plant, broker.bootstrap, str(tmp_path / "lake"), "--age", "0.2") as first:
        Sender(broker.bootstrap, topic).send(9)
        until(lambda: covered(store) == 9)
        assert first.stop() == 0
    admin = AdminClient({"bootstrap.servers": broker.bootstrap})
    admin.delete_topics([topic])[topic].result(30)
    until(lambda: topic not in admin.list_topics(timeout=5).topics)
    broker.add_topics(plant)
    with Lake(plant, broker.bootstrap, str(tmp_path / "lake"), "--age", "0.2") as second:
        Sender(broker.bootstrap, topic).send(6)
        until(lambda: covered(store) == 15)
        assert second.stop() == 0


def test_a_lake_whose_kafka_died_ends_when_told_though_the_client_would_wait_for_ever(tmp_path: Path) -> None:
    folder = write_plant(tmp_path / "plant", "lake-alone")
    broker = BrokerBox(tmp_path / "broker", folder)
    lake = Lake(folder, broker.bootstrap, str(tmp_path / "lake"))
    try:
        wait_until(lambda: lake.last.get("state") == "ready", WITHIN_S)
        Sender(broker.bootstrap, names.topic("lake-alone", "tanks")).send(30)
        wait_until(lambda: lake.last["open_records"] == 30, WITHIN_S)
        broker.process.kill()
        wait_until(lambda: lake.last["state"] == "degraded", WITHIN_S)
    finally:
        broker.stop()
        began = time.monotonic()
        code = lake.stop()
    assert code == 0
    assert time.monotonic() - began < 15
    assert len(rows_in(open_store(str(tmp_path / "lake")))) == 30


def test_a_lake_whose_kafka_is_away_says_so_and_ends_when_told(plant: Path, tmp_path: Path) -> None:
    with Lake(plant, "127.0.0.1:9", str(tmp_path / "lake")) as lake:
        until(lambda: lake.last.get("state") == "degraded")
        assert "Kafka does not answer" in lake.last["detail"]
        began = time.monotonic()
        assert lake.stop() == 0
        assert time.monotonic() - began < 20


@pytest.mark.parametrize(
    ("plant_name", "lake", "code", "sentence"),
    [
        ("nowhere", "lake", 2, "plant.toml"),
        ("plant", "s3://x", 2, "gs://bucket"),
        ("plant", "plant/plant.toml", 1, "cannot"),
    ],
)
def test_bad_input_ends_with_one_sentence(plant: Path, plant_name: str, lake: str, code: int, sentence: str) -> None:
    base = plant.parent
    target = lake if "://" in lake else str(base / lake)
    command = [sys.executable, "-m", "cloud.lake", "--plant", str(base / plant_name), "--bootstrap", "127.0.0.1:9"]
    done = subprocess.run([*command, "--lake", target], cwd=ROOT, capture_output=True, text=True, timeout=60, input="")
    assert done.returncode == code
    last = json.loads(done.stdout.splitlines()[-1])
    assert last["state"] == "failed"
    assert sentence in last["detail"]
    assert "Traceback" not in done.stderr
