"""From the journal to a real Kafka: order, topics that are refused, a full disk, a producer that gives up."""

from __future__ import annotations

import itertools
import json
import uuid

import pytest
from kafka.admin import KafkaAdminClient

from cloud.mtu.journal import Journal
from cloud.mtu.publisher import Publisher
from contracts import event
from contracts.quality import Quality
from contracts.sample import Sample, now_us
from tests.engines.broker import wait_until
from tests.engines.events import Listener

pytestmark = pytest.mark.engine

KKS = [f"10EGB11CL{number:03d}XQ01" for number in range(1, 21)]


class Sender:
    """A publisher on a journal, and events that count up."""

    def __init__(self, bootstrap, folder, topics, limit_bytes=64 << 20) -> None:
        self.journal = Journal(folder, topics, limit_bytes)
        self.publisher = Publisher(self.journal, bootstrap, {})
        self.numbers = itertools.count()

    def send(self, topic: str) -> None:
        number, time_us = next(self.numbers), now_us()
        events = [(kks, event.encode(kks, Sample(float(number), time_us, Quality.GOOD))) for kks in KKS]
        self.publisher.publish(topic, events, time_us)


@pytest.fixture
def topics(broker):
    """Names nobody else uses; `make(name)` makes the topic."""
    admin = KafkaAdminClient(bootstrap_servers=broker.bootstrap)
    refinery = f"sim-{uuid.uuid4().hex[:8]}"

    class Topics:
        here, absent = f"{refinery}.here", f"{refinery}.absent"

        @staticmethod
        def make(name: str) -> None:
            admin.create_topics({name: {"num_partitions": 3, "replication_factor": 1}})
            admin.wait_for_topics([name])

    Topics.make(Topics.here)
    yield Topics
    admin.close()


@pytest.fixture
def sender(broker, topics, tmp_path):
    sender = Sender(broker.bootstrap, tmp_path / "journal", [topics.here, topics.absent])
    yield sender
    sender.publisher.close(3.0)


def values(listener: Listener, kks: str) -> list[float | None]:
    return [found.event.v for found in listener.by_kks[kks]]


def test_a_topic_that_is_absent_waits_alone_and_is_delivered_in_order_once_it_exists(
    broker, topics, sender, monkeypatch
):
    monkeypatch.setattr(sender.publisher, "_window", 100)  # most of it must come back from disk
    for _ in range(30):
        sender.send(topics.absent)
        sender.send(topics.here)
    here = Listener(broker.bootstrap, (topics.here,))
    wait_until(lambda: all(len(here.by_kks[kks]) == 30 for kks in KKS))
    here.close()
    wait_until(lambda: sender.publisher.failures, 20)
    assert sender.publisher.failures[0].startswith(f"Kafka does not take events for {topics.absent}")
    assert sender.publisher.buffered == 600
    topics.make(topics.absent)
    for _ in range(30):
        sender.send(topics.absent)
    wait_until(lambda: sender.publisher.buffered == 0, 30)
    assert sender.publisher.failures == []
    absent = Listener(broker.bootstrap, (topics.absent,))
    wait_until(lambda: all(len(set(values(absent, kks))) == 60 for kks in KKS))
    absent.close()
    for kks in KKS:
        firsts = list(dict.fromkeys(values(absent, kks)))
        assert firsts == sorted(firsts)


def test_what_lies_on_disk_is_sent_before_what_comes_after(broker, topics, sender, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(sender.publisher, "_catch_up", lambda _lane: False)
        with monkeypatch.context() as full:
            full.setattr(sender.publisher, "_window", 0)
            sender.send(topics.here)
            sender.send(topics.here)
        sender.send(topics.here)
    wait_until(lambda: sender.publisher.buffered == 0)
    sender.send(topics.here)
    listener = Listener(broker.bootstrap, (topics.here,))
    wait_until(lambda: all(values(listener, kks)[-1:] == [3.0] for kks in KKS))
    listener.close()
    assert all(values(listener, kks) == [0.0, 1.0, 2.0, 3.0] for kks in KKS)


def test_events_still_leave_while_the_disk_is_full(broker, topics, sender, monkeypatch):
    sender.send(topics.here)
    wait_until(lambda: sender.publisher.buffered == 0)

    def full(*_arguments):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(sender.journal.topics[topics.here], "append", full)
        sender.send(topics.here)
        assert "cannot be written: No space left" in sender.publisher.disk_error
    sender.send(topics.here)
    assert sender.publisher.disk_error == ""
    listener = Listener(broker.bootstrap, (topics.here,))
    wait_until(lambda: values(listener, KKS[0]) == [0.0, 1.0, 2.0])
    listener.close()
    assert sender.publisher.dropped == 0


def test_after_a_fatal_error_a_new_producer_goes_on_where_kafka_stopped(broker, topics, sender):
    sender.send(topics.here)
    wait_until(lambda: sender.publisher.acked == 20)
    sender.publisher._fatal = "as librdkafka would say"
    for _ in range(5):
        sender.send(topics.here)
    wait_until(lambda: sender.publisher.buffered == 0, 20)
    listener = Listener(broker.bootstrap, (topics.here,))
    wait_until(lambda: list(dict.fromkeys(values(listener, KKS[7]))) == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0])
    listener.close()


def test_a_buffer_over_its_limit_gives_up_the_oldest_and_says_how_many(topics, tmp_path):
    sender = Sender("127.0.0.1:1", tmp_path / "journal", [topics.here], 1 << 20)
    for _ in range(1500):
        sender.send(topics.here)
    wait_until(lambda: sender.publisher.dropped > 0)
    wait_until(lambda: sender.publisher.buffered_bytes <= 1 << 20)
    assert sender.publisher.dropped + sender.publisher.buffered == 1500 * 20
    assert "does not answer; events are buffered" in sender.publisher.error
    sender.publisher.close(1.0)
    kept = Journal(tmp_path / "journal", [topics.here], 1 << 20)
    first = kept.topics[topics.here].read()
    assert first is not None
    assert json.loads(first.events[0])["v"] > 0
    kept.close()
