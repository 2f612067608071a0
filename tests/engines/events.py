"""What an independent consumer finds in Kafka."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from typing import Any, NamedTuple

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, Message, TopicPartition

from contracts import event
from contracts.event import Event


class Found(NamedTuple):
    """One record, decoded, and where it lay."""

    event: Event
    value: bytes
    key: bytes
    headers: list[tuple[str, bytes]]
    time_ms: int
    topic: str
    partition: int
    offset: int


class Listener:
    """Reads topics from their beginning on, in a thread, until it is closed; `by_kks` keeps the order of arrival."""

    def __init__(self, bootstrap: str, topics: tuple[str, ...]) -> None:
        self.by_kks: dict[str, list[Found]] = defaultdict(list)
        self._consumer = Consumer(
            {"bootstrap.servers": bootstrap, "group.id": "tests", "enable.auto.commit": False, "log_level": 0}
        )
        metadata = self._consumer.list_topics(timeout=20).topics
        self._consumer.assign(_beginnings(metadata, topics))
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def newest(self, kks: str) -> Event | None:
        """The last event of a tag, or None."""
        found = self.by_kks.get(kks)
        return found[-1].event if found else None

    def close(self) -> None:
        self._ended.set()
        self._thread.join(10)
        self._consumer.close()

    def _read(self) -> None:
        while not self._ended.is_set():
            for record in self._consumer.consume(500, 0.05):
                if record.error() is None:
                    found = _found(record)
                    self.by_kks[found.event.kks].append(found)


def dump(bootstrap: str, topics: tuple[str, ...], within_s: float = 60.0) -> list[Found]:
    """Every record that lies in the topics now. Raises TimeoutError."""
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": "tests-dump",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            "log_level": 0,
        }
    )
    try:
        unread = _beginnings(consumer.list_topics(timeout=20).topics, topics)
        consumer.assign(unread)
        left = {(each.topic, each.partition) for each in unread}
        records: list[Found] = []
        deadline = time.monotonic() + within_s
        while left:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{len(records)} records read in {within_s:.0f} s, {sorted(left)} not to their end")
            for record in consumer.consume(500, 0.2):
                error = record.error()
                if error is None:
                    records.append(_found(record))
                elif error.code() == KafkaError._PARTITION_EOF:
                    left.discard((record.topic(), record.partition()))
        return records
    finally:
        consumer.close()


def _beginnings(metadata: Any, topics: tuple[str, ...]) -> list[TopicPartition]:
    return [
        TopicPartition(topic, number, OFFSET_BEGINNING) for topic in topics for number in metadata[topic].partitions
    ]


def _found(record: Message) -> Found:
    value: Any = record.value()
    key: Any = record.key()
    headers: Any = record.headers()
    where: Any = record.topic(), record.partition(), record.offset()
    return Found(event.decode(value), value, key, headers, record.timestamp()[1], *where)
