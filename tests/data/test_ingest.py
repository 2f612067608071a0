from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import psutil
import pytest
from confluent_kafka import Producer

from contracts import event
from contracts.sample import Sample, now_us
from data.live_store import LiveStore
from tests.engines.box import ROOT, Box, wait_until
from tests.engines.broker import BrokerBox

pytestmark = pytest.mark.engine

TAGS = [f"10EGB{n}CL001XQ01" for n in range(11, 31)]


def write_plant(folder, refinery, zones=("north",), kafka=""):
    folder.mkdir()
    (folder / "plant.toml").write_text(
        f'[refinery]\nid = "{refinery}"\nheartbeat_s = 2\n[plc.plc1]\nconnection = "modbus-tcp://127.0.0.1:5020"\n'
        + kafka
    )
    rows = [f"{tag},analog,level,plc1,holding-register:1:REAL,{zones[n % len(zones)]}" for n, tag in enumerate(TAGS)]
    (folder / "signals.csv").write_text("kks,kind,role,plc,address,zone\n" + "\n".join(rows) + "\n")
    return folder


class Ingest(Box):
    """A running `python -m data.ingest` and the store it writes."""

    def __init__(self, plant, bootstrap, store=None):
        self.store, self._owner = store or LiveStore.create(TAGS), store is None
        source = ("--source", "kafka", "--bootstrap", bootstrap)
        super().__init__("data.ingest", "--plant", plant, "--store", self.store.name, *source)

    def stop(self):
        """End it as its parent would; what it wrote for people."""
        if not self.process.stdin.closed:
            assert super().stop() in {0, -signal.SIGKILL}
            if self._owner:
                self.store.close()
                self.store.unlink()
        return "".join(self.log)


class Events:
    """A producer as the gateway is: key, header, time of the source."""

    def __init__(self, bootstrap, topic):
        self._producer = Producer(
            {
                "bootstrap.servers": bootstrap,
                "partitioner": "murmur2_random",
                "enable.idempotence": True,
                "linger.ms": 5,
                "reconnect.backoff.max.ms": 500,
                "log_level": 0,
            }
        )
        self._topic = topic

    def send(self, tag, value, time_us=None, quality=192):
        time_us = time_us or now_us()
        text = event.encode(tag, Sample(value, time_us, quality))
        self.send_raw(text, tag.encode(), time_us)

    def send_raw(self, value, key=b"x", time_us=None):
        self._producer.produce(self._topic, value, key, headers=event.HEADERS, timestamp=(time_us or now_us()) // 1000)

    def flush(self):
        assert self._producer.flush(30) == 0


@pytest.fixture
def start_ingest():
    started = []

    def start(plant, bootstrap, store=None):
        started.append(Ingest(plant, bootstrap, store))
        return started[-1]

    yield start
    for ingest in reversed(started):
        ingest.stop()


@pytest.fixture
def start_broker(tmp_path):
    started = []

    def start(*plants):
        started.append(BrokerBox(tmp_path / "state", *plants))
        return started[-1]

    yield start
    for box in started:
        if not box.process.stdin.closed:
            box.stop()


@pytest.fixture
def plant(broker, tmp_path, request):
    refinery = f"sim-{abs(hash(request.node.name)) % 10**9}"
    folder = write_plant(tmp_path / "plant", refinery)
    broker.add_topics(folder)
    return folder, Events(broker.bootstrap, f"{refinery}.north")


def test_one_heartbeat_back_gives_the_whole_state_and_sixty_seconds_what_is_missing(broker, plant, start_ingest):
    folder, events = plant
    start = now_us()
    for n, tag in enumerate(TAGS):
        # All but the last were reported within the heartbeat of 2 s and its margin; the last was silent for 30 s.
        age_us = 30_000_000 if n == 19 else 1_000_000
        events.send(tag, float(n), start - age_us)
    events.flush()
    ingest = start_ingest(folder, broker.bootstrap)
    wait_until(lambda: ingest.store.source_state == "live", 20)
    assert ingest.store.snapshot().value.tolist() == [float(n) for n in range(20)]
    wait_until(lambda: ingest.store.events == 20)
    events.send(TAGS[3], 3.5)
    events.flush()
    wait_until(lambda: ingest.store.sample(3).value == 3.5)
    assert abs(ingest.store.heartbeat_us - now_us()) < 3e6
    assert ingest.stop() == ""


def test_what_is_no_event_of_this_plant_is_counted_and_named_and_harms_nothing(broker, plant, start_ingest):
    folder, events = plant
    ingest = start_ingest(folder, broker.bootstrap)
    wait_until(lambda: ingest.store.source_state == "live", 20)
    now = now_us()
    bad = [
        b"not json",
        b"",
        b'{"kks":"10EGB11CL001XQ01","ts":1795000000,"v":1.0,"q":192}',
        b'{"kks":"10EGB11CL001XQ01","ts":%d,"v":1.0,"q":192}' % (now * 1000),
        b'{"kks":"10EGB11CL001XQ01","ts":99999999999999999999999999,"v":1.0,"q":192}',
        b'{"kks":"10EGB11CL001XQ01","ts":%d,"v":1.0,"q":70000}' % now,
        b'{"kks":"10EGB11CL001XQ01","ts":%d,"v":NaN,"q":192}' % now,
        b'{"kks":"10EGB99CL001XQ01","ts":%d,"v":1.0,"q":192}' % now,
        b'{"kks":"10EGB11CL001XQ01","ts":%d,"v":1.0,"q":192}' % (now + 2 * 3_600_000_000),
    ]
    for value in bad:
        events.send_raw(value)
    events.send(TAGS[0], 7.0)
    events.flush()
    wait_until(lambda: ingest.store.sample(0).value == 7.0 and ingest.store.rejected == len(bad))
    wait_until(lambda: ingest.store.source_detail.startswith(f"{len(bad)} records could not be used, the last one: "))
    wait_until(lambda: ingest.reports[-1]["rejected"] == len(bad))
    assert ingest.stop() == ""


def test_late_and_repeated_events_change_nothing(broker, plant, start_ingest):
    folder, events = plant
    ingest = start_ingest(folder, broker.bootstrap)
    wait_until(lambda: ingest.store.source_state == "live", 20)
    now = now_us()
    for time_us, value in ((now, 1.0), (now - 5, 2.0), (now, 1.0), (now + 5, 3.0), (now + 2, 4.0)):
        events.send(TAGS[1], value, time_us)
    events.flush()
    wait_until(lambda: ingest.store.sample(1).value == 3.0)
    assert ingest.store.recent(1)[0].tolist()[-1] == now + 5
    assert (np.diff(ingest.store.recent(1)[0]) > 0).all()
    assert ingest.store.sample(1) == Sample(3.0, now + 5, 192)
    ingest.stop()


def test_reports_carry_events_and_lag_and_a_watch_line_is_obeyed(broker, plant, start_ingest):
    folder, events = plant
    ingest = start_ingest(folder, broker.bootstrap)
    ingest.process.stdin.write(f"watch {TAGS[2]} UNKNOWN\n")
    ingest.process.stdin.flush()
    wait_until(lambda: ingest.store.source_state == "live", 20)
    for _ in range(5):
        events.send(TAGS[2], 1.0)
        events.flush()
    wait_until(lambda: ingest.reports[-1].get("events") == 5)
    assert ingest.reports[-1]["state"] == "ready"
    assert 0 <= ingest.reports[-1]["lag_ms"] <= ingest.reports[-1]["lag_p99_ms"] < 5000
    assert ingest.store.recent(2)[0].size == 5
    ingest.stop()


def test_a_topic_that_is_made_later_is_read_then(broker, tmp_path, start_ingest):
    folder = write_plant(tmp_path / "plant", "sim-later")
    ingest = start_ingest(folder, broker.bootstrap)
    wait_until(lambda: ingest.store.source_state == "failed", 20)
    assert "has no topic sim-later.north" in ingest.store.source_detail
    broker.add_topics(folder)
    wait_until(lambda: ingest.store.source_state == "live", 20)
    events = Events(broker.bootstrap, "sim-later.north")
    events.send(TAGS[0], 1.25)
    events.flush()
    wait_until(lambda: ingest.store.sample(0).value == 1.25)
    ingest.stop()


def test_a_lost_broker_is_said_within_five_seconds_and_nothing_is_missing_after(tmp_path, start_broker, start_ingest):
    folder = write_plant(tmp_path / "plant", "sim-lost")
    box = start_broker(folder)
    address = box.bootstrap
    ingest = start_ingest(folder, address)
    wait_until(lambda: ingest.store.source_state == "live", 20)
    events = Events(address, "sim-lost.north")
    for n in range(50):
        events.send(TAGS[0], float(n))
    events.flush()
    wait_until(lambda: ingest.store.sample(0).value == 49.0)

    # Frozen: the socket stays open, only a request tells.
    broker = psutil.Process(box.jvm_pid)
    broker.suspend()
    frozen = time.monotonic()
    wait_until(lambda: ingest.store.source_state == "lost")
    assert time.monotonic() - frozen < 5
    assert abs(ingest.store.source_since_us - now_us()) < 5e6
    broker.resume()
    wait_until(lambda: ingest.store.source_state == "live")

    os.kill(box.jvm_pid, signal.SIGKILL)
    killed = time.monotonic()
    wait_until(lambda: ingest.store.source_state == "lost")
    assert time.monotonic() - killed < 5
    assert ingest.store.source_detail == f"Kafka at {address} does not answer"
    assert ingest.store.sample(0).value == 49.0
    box.stop()
    for n in range(50, 100):
        events.send(TAGS[0], float(n))
    box = start_broker(folder)
    events.flush()
    wait_until(lambda: ingest.store.sample(0).value == 99.0, 20)
    wait_until(lambda: ingest.store.source_state == "live")
    assert ingest.store.recent(0)[1].tolist() == [float(n) for n in range(100)]
    assert psutil.Process(ingest.process.pid).num_threads() < 20
    assert ingest.stop() == ""
    box.stop()


def test_bad_input_is_one_sentence(tmp_path):
    folder = write_plant(tmp_path / "plant", "sim-x")

    def run(*arguments):
        command = [sys.executable, "-m", "data.ingest", "--plant", str(folder), "--source", "kafka", *arguments]
        done = subprocess.run(command, cwd=ROOT, stdin=subprocess.PIPE, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (2, "")
        return json.loads(done.stdout)["detail"]

    assert run("--store", "gone") == "there is no live store called 'gone'; the window that made it is gone"
    store = LiveStore.create(TAGS)
    assert run("--store", store.name).endswith("[kafka] names no bootstrap; give --bootstrap H:P")
    store.close()
    store.unlink()


def test_a_killed_ingest_is_followed_by_one_that_goes_on_in_the_same_store(broker, plant, start_ingest):
    folder, events = plant
    first = start_ingest(folder, broker.bootstrap)
    for n in range(100):
        for tag in TAGS:
            events.send(tag, float(n))
    events.flush()
    wait_until(lambda: all(first.store.recent(row)[0].size == 100 for row in range(20)), 20)
    heartbeat_us = first.store.heartbeat_us
    first.process.kill()
    first.process.wait()
    for tag in TAGS:
        events.send(tag, 100.0)
    events.flush()
    second = start_ingest(folder, broker.bootstrap, first.store)
    wait_until(lambda: (first.store.snapshot().value == 100.0).all(), 20)
    wait_until(lambda: first.store.heartbeat_us > heartbeat_us)
    assert first.store.recent(7)[1].tolist() == [float(n) for n in range(101)]
    assert second.stop() == ""
