"""What an independent consumer finds in Kafka."""

from __future__ import annotations

import threading
from collections import defaultdict
from typing import Any, NamedTuple

from confluent_kafka import OFFSET_BEGINNING, Consumer, Message, TopicPartition

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
        places = [(topic, number) for topic in topics for number in metadata[topic].partitions]
        self._next = dict.fromkeys(places, 0)
        self._consumer.assign([TopicPartition(*place, OFFSET_BEGINNING) for place in places])
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def newest(self, kks: str) -> Event | None:
        """The last event of a tag, or None."""
        found = self.by_kks.get(kks)
        return found[-1].event if found else None

    def at_end(self) -> bool:
        """Whether every record that Kafka has now was read."""
        ends = {place: self._consumer.get_watermark_offsets(TopicPartition(*place), 10) for place in self._next}
        return all(end is not None and self._next[place] >= end[1] for place, end in ends.items())

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
                    self._next[found.topic, found.partition] = found.offset + 1


def _found(record: Message) -> Found:
    value: Any = record.value()
    key: Any = record.key()
    headers: Any = record.headers()
    where: Any = record.topic(), record.partition(), record.offset()
    return Found(event.decode(value), value, key, headers, record.timestamp()[1], *where)
