from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time

import psutil
import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient

from tests.engines.broker import ROOT, BrokerBox, wait_until

pytestmark = pytest.mark.engine

SIGNAL = "kks,kind,role,plc,address,zone\n{tag},analog,level,plc1,holding-register:1:REAL,{zone}\n"


def write_plant(folder, refinery, *zones, kafka=""):
    folder.mkdir()
    (folder / "plant.toml").write_text(
        f'[refinery]\nid = "{refinery}"\n[plc.plc1]\nconnection = "modbus-tcp://127.0.0.1:5020"\n{kafka}'
    )
    lines = [SIGNAL.format(tag=f"10EGB{11 + n}CL001XQ01", zone=zone) for n, zone in enumerate(zones)]
    (folder / "signals.csv").write_text(lines[0] + "".join(line.split("\n", 1)[1] for line in lines[1:]))
    return folder


def produce(bootstrap, topic, values):
    producer = KafkaProducer(bootstrap_servers=bootstrap)
    sent = [producer.send(topic, value, b"10EGB11CL001XQ01") for value in values]
    found = [each.get(20) for each in sent]
    producer.close()
    return found


def read(bootstrap, topic, count):
    consumer = KafkaConsumer(bootstrap_servers=bootstrap)
    consumer.assign([TopicPartition(topic, partition) for partition in consumer.partitions_for_topic(topic)])
    consumer.seek_to_beginning()
    values = []
    wait_until(lambda: len(values) >= count or values.extend(_values(consumer.poll(200))), 20)
    consumer.close()
    return values


def _values(batches):
    return [record.value for records in batches.values() for record in records]


def is_gone(pid):
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def guards_of(box):
    return [child.pid for child in psutil.Process(box.process.pid).children() if "runtime.jvm_guard" in child.cmdline()]


def test_a_zones_topic_has_the_plants_partitions_and_times_of_the_source(broker, tmp_path):
    plant = write_plant(tmp_path / "p", "sim-topics", "north", "south", kafka="[kafka]\npartitions = 5\n")
    broker.add_topics(plant)
    admin = KafkaAdminClient(bootstrap_servers=broker.bootstrap)
    topics = {topic["name"]: topic for topic in admin.describe_topics()}
    assert len(topics["sim-topics.north"]["partitions"]) == len(topics["sim-topics.south"]["partitions"]) == 5
    assert len(topics["sim-r1.tank-farm"]["partitions"]) == 3
    assert "sim-topicsnorth" not in topics
    admin.close()
    (sent,) = produce(broker.bootstrap, "sim-topics.north", [b"x"])
    assert sent.timestamp > 0


def test_an_existing_topic_keeps_its_partitions_and_the_misfit_is_said(broker, tmp_path):
    broker.add_topics(write_plant(tmp_path / "a", "sim-keep", "north"))
    changed = write_plant(tmp_path / "b", "sim-keep", "north", kafka="[kafka]\npartitions = 7\n")
    command = [sys.executable, "-m", "cloud.stream", "topics", "--plant", str(changed), "--bootstrap", broker.bootstrap]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["detail"] == (
        "topic sim-keep.north has 3 partitions, plant.toml says 7; the topic stays as it is"
    )


def test_counters_tell_records_and_bytes(broker, tmp_path):
    produce(broker.bootstrap, "sim-r1.tank-farm", [b"1", b"2"])
    wait_until(lambda: broker.last.get("records", 0) >= 2 and broker.last["bytes_on_disk"] > 0, 12)
    assert "sim-r1.tank-farm" in broker.last["topics"]


OWN_KAFKA = (
    '[kafka]\nbootstrap = "k:9093"\nsecurity = "sasl_ssl"\nusername = "a"\npassword_env = "NONE"\nreplication = 3\n'
)


def test_a_killed_broker_comes_back_on_its_port_with_its_data(tmp_path):
    plant = write_plant(tmp_path / "p", "sim-kill", "north", kafka=OWN_KAFKA)
    box = BrokerBox(tmp_path / "state", plant)
    # The plant's own Kafka is another one; this broker says so, and what it is.
    assert box.last["detail"].endswith("[kafka] is that of the plant's own Kafka; this broker is plain and local")
    assert box.last["bootstrap"] == f"PLAINTEXT://{box.bootstrap}"
    values = [str(n).encode() for n in range(500)]
    produce(box.bootstrap, "sim-kill.north", values)
    before = box.bootstrap
    os.kill(box.jvm_pid, signal.SIGKILL)
    assert box.process.wait(10) == 1
    assert box.stop() == 1
    assert box.last == {"state": "failed", "detail": "Kafka's JVM was killed by signal 9"}
    box = BrokerBox(tmp_path / "state", plant)
    assert box.bootstrap == before
    assert sorted(read(box.bootstrap, "sim-kill.north", 500)) == sorted(values)

    # The box killed: its guard ends the JVM, and the next box comes back on the port at once.
    jvm, guards = box.jvm_pid, guards_of(box)
    assert len(guards) == 1
    box.process.kill()
    box.process.wait()
    wait_until(lambda: is_gone(jvm) and is_gone(guards[0]), 15)
    box.stop()

    # Box and guard killed: the next box ends the JVM they left.
    box = BrokerBox(tmp_path / "state", plant)
    jvm, guards = box.jvm_pid, guards_of(box)
    for pid in (*guards, box.process.pid):
        os.kill(pid, signal.SIGKILL)
    box.process.wait()
    box.stop()
    assert not is_gone(jvm)
    box = BrokerBox(tmp_path / "state", plant)
    assert is_gone(jvm)
    assert box.bootstrap == before

    # A second box on the same folder must not touch the first one's JVM.
    with pytest.raises(AssertionError, match=rf"is in use by the broker of process {box.process.pid}; stop that one"):
        BrokerBox(tmp_path / "state", plant)
    jvm, guards = box.jvm_pid, guards_of(box)
    assert not is_gone(jvm)
    stopping = time.monotonic()
    assert box.stop() == 0
    assert time.monotonic() - stopping < 12
    assert is_gone(jvm)
    assert is_gone(guards[0])


def run(*arguments, **environment):
    done = subprocess.run(
        [sys.executable, "-m", "cloud.stream", *map(str, arguments)],
        cwd=ROOT,
        env=os.environ | environment,
        stdin=subprocess.PIPE,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return done.returncode, json.loads(done.stdout.splitlines()[-1])


def test_a_port_that_is_taken_is_named(tmp_path):
    plant = write_plant(tmp_path / "p", "sim-port", "north")
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        process = subprocess.Popen(
            [sys.executable, "-m", "cloud.stream", "--state", tmp_path / "s", "--plant", plant, "--port", str(port)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        text, _ = process.communicate(None, 60) if process.wait(60) else ("", "")
    assert json.loads(text.splitlines()[-1]) == {
        "state": "failed",
        "detail": f"port {port} is taken by another program; choose another with --port",
    }


def test_a_kafka_that_does_not_answer_is_named_by_topics(tmp_path):
    plant = write_plant(tmp_path / "p", "sim-none", "north")
    code, last = run("topics", "--plant", plant, "--bootstrap", "127.0.0.1:9")
    assert code == 1
    assert last["detail"].startswith("Kafka at 127.0.0.1:9 does not answer")


def test_a_plant_that_cannot_be_read_is_bad_input(tmp_path):
    code, last = run("--state", tmp_path / "s", "--plant", tmp_path / "nowhere")
    assert code == 2
    assert last["state"] == "failed"
    assert "plant.toml: not found" in last["detail"]
    bad = write_plant(tmp_path / "p", "sim-bad", "north", kafka="[kafka]\nretention_h = 12\n")
    code, last = run("--state", tmp_path / "s", "--plant", bad)
    assert code == 2
    assert last["detail"].endswith("[kafka]: retention_h = 12; it must be a number and at least 48")
