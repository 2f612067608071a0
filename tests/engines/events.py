"""What an independent consumer finds in Kafka."""

from __future__ import annotations

import threading
from collections import defaultdict
from typing import NamedTuple

from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition

from contracts import event
from contracts.event import Event


class Found(NamedTuple):
    """One record, decoded, and where it lay."""

    event: Event
    value: bytes
    key: bytes
    headers: list[tuple[str, bytes]]
    time_ms: int
    partition: int


class Listener:
    """Reads topics from their beginning on, in a thread, until it is closed; `by_kks` keeps the order of arrival."""

    def __init__(self, bootstrap: str, topics: tuple[str, ...]) -> None:
        self.by_kks: dict[str, list[Found]] = defaultdict(list)
        self._consumer = Consumer(
            {"bootstrap.servers": bootstrap, "group.id": "tests", "enable.auto.commit": False, "log_level": 0}
        )
        metadata = self._consumer.list_topics(timeout=20).topics
        self._consumer.assign(
            [
                TopicPartition(topic, number, OFFSET_BEGINNING)
                for topic in topics
                for number in metadata[topic].partitions
            ]
        )
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
                    decoded = event.decode(record.value())
                    self.by_kks[decoded.kks].append(
                        Found(
                            decoded,
                            record.value(),
                            record.key(),
                            record.headers(),
                            record.timestamp()[1],
                            record.partition(),
                        )
                    )
