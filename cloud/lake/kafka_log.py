"""Kafka as the lake writer sees it: every topic of the served refineries, in one consumer group."""

from __future__ import annotations

import logging
import re
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

from confluent_kafka import (
    OFFSET_INVALID,
    TIMESTAMP_LOG_APPEND_TIME,
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    TopicCollection,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient

from cloud.lake.judge import Record
from cloud.lake.writer import LakeWriter, Partition
from contracts import names
from contracts.sample import now_us
from runtime.object_store import StoreError

_log = logging.getLogger(__name__)

GROUP: Final = "sinoptico-lake"
_BATCH: Final = 1000
_ASK_S: Final = 10.0
_NEW_TOPICS_MS: Final = 5_000
_RETRY_START_S: Final = 2.0
_LAG_EACH_S: Final = 0.5
_CLOSE_S: Final = 5.0
SESSION_S: Final = 10.0
"""A writer that was killed is missed after this long, and another takes its partitions over."""


class KafkaLog:
    """Feeds a `LakeWriter`; implements its `Log`. One thread calls `poll`."""

    def __init__(
        self, bootstrap: str, refineries: Sequence[str], properties: Mapping[str, str], session_s: float = SESSION_S
    ) -> None:
        """`properties` are librdkafka's own, for SASL and TLS. Raises `ValueError` for one it does not take."""
        common: dict[str, Any] = {
            "bootstrap.servers": bootstrap,
            "error_cb": self._on_error,
            "logger": logging.getLogger("librdkafka"),
            **properties,
        }
        try:
            self._consumer = Consumer(
                {
                    **common,
                    "group.id": GROUP,
                    "enable.auto.commit": False,
                    "auto.offset.reset": "earliest",
                    "topic.metadata.refresh.interval.ms": _NEW_TOPICS_MS,
                    "queued.max.messages.kbytes": 16_384,
                    "session.timeout.ms": round(session_s * 1000),
                    "heartbeat.interval.ms": min(3000, round(session_s * 1000 / 3)),
                    "on_commit": _on_commit,
                }
            )
            self._admin = AdminClient(common)
        except KafkaException as error:
            raise ValueError(f"Kafka settings: {error.args[0].str()}") from error
        self._refineries = refineries
        self._writer: LakeWriter | None = None
        self._waiting: list[Partition] = []
        self._start_again_s = 0.0
        self._paused = False
        self.started = False
        """Whether the group has given us our partitions (it may be none) and the lake has said where to begin."""
        self._away = ""
        self._asked_s = 0.0
        self._lag_s = 0.0
        self.lag = 0
        """Records in Kafka that were not read yet, as of the last second."""

    @property
    def trouble(self) -> str:
        """Why nothing can be read at the moment; empty while Kafka answers."""
        return self._away

    def subscribe(self, writer: LakeWriter) -> None:
        """Begin to read for `writer`."""
        self._writer = writer
        # Zones that begin with `_` are our own records (alarms), not samples.
        self._consumer.subscribe(
            [f"^{re.escape(names.topic_prefix(refinery))}[a-z0-9-]+$" for refinery in self._refineries],
            on_assign=self._on_assign,
            on_revoke=self._on_revoke,
            on_lost=self._on_lost,
        )

    def poll(self, timeout_s: float) -> list[Record]:
        """The next records; none while the writer is in trouble. Also starts partitions that were just given to us."""
        self._start_waiting()
        self._pause_while_in_trouble()
        records = []
        for message in self._consumer.consume(_BATCH, timeout_s):
            error = message.error()
            if error is None:
                records.append(_record(message))
            elif error.code() not in {KafkaError._PARTITION_EOF, KafkaError.UNKNOWN_TOPIC_OR_PART}:  # noqa: SLF001
                _log.warning("Kafka: %s", error.str())
                self._away = error.str()
        if records:
            self._away = ""
        elif self._away:
            self._ask_whether_back()
        if time.monotonic() - self._lag_s >= _LAG_EACH_S:
            # Here and not from the reporting thread: the client makes that wait for as long as nothing comes.
            self._lag_s = time.monotonic()
            self.lag = max(0, self._behind() - len(records))
        return records

    def commit(self, partition: Partition, offset: int) -> None:
        """See `cloud.lake.writer.Log`."""
        try:
            self._consumer.commit(offsets=[TopicPartition(*partition, offset)], asynchronous=True)
        except KafkaException as error:
            _log.warning("commit of %s %d: %s", *partition, error.args[0].str())

    def seek(self, partition: Partition, offset: int) -> None:
        """See `cloud.lake.writer.Log`."""
        # Not the client's seek, which fails where a partition is not being fetched yet.
        self._assign({**self._owned().positions(), partition: offset})

    def low(self, partition: Partition) -> int:
        """See `cloud.lake.writer.Log`."""
        try:
            return self._watermarks(partition)[0]
        except KafkaException as error:
            raise StoreError(f"Kafka does not say where {partition[0]} {partition[1]} begins: {error}") from error

    def close(self) -> bool:
        """Leave the group; commits that are under way are finished first. False where Kafka gave no answer in time.

        The client waits for ever for a Kafka that is gone, and its thread cannot be ended: the process must be.
        """
        closing = threading.Thread(target=self._consumer.close, name="close", daemon=True)
        closing.start()
        closing.join(_CLOSE_S)
        return not closing.is_alive()

    def _behind(self) -> int:
        behind = 0
        for (topic, number), position in self._owned().positions().items():
            offsets = self._consumer.get_watermark_offsets(TopicPartition(topic, number), cached=True)
            if offsets is not None and offsets[1] > 0:
                behind += max(0, offsets[1] - position)
        return behind

    def _owned(self) -> LakeWriter:
        assert self._writer is not None, "subscribe first"
        return self._writer

    def _watermarks(self, partition: Partition) -> tuple[int, int]:
        offsets = self._consumer.get_watermark_offsets(TopicPartition(*partition), timeout=_ASK_S)
        if offsets is None:
            raise StoreError(f"Kafka does not say where {partition[0]} {partition[1]} begins")
        return int(offsets[0]), int(offsets[1])

    def _on_assign(self, _consumer: Consumer, partitions: list[TopicPartition]) -> None:
        # Where to read from is the lake's word, and the lake may be away: start them from `poll`, again and again.
        self._waiting = [(each.topic, each.partition) for each in partitions]
        self._start_again_s = 0.0
        self.started = not partitions
        self._consumer.assign([])

    def _on_revoke(self, _consumer: Consumer, partitions: list[TopicPartition]) -> None:
        self._owned().store_due(everything=True)
        self._on_lost(_consumer, partitions)

    def _on_lost(self, _consumer: Consumer, partitions: list[TopicPartition]) -> None:
        for each in partitions:
            self._owned().stop((each.topic, each.partition))
        self._waiting = []
        self._consumer.unassign()

    def _start_waiting(self) -> None:
        if not self._waiting or time.monotonic() < self._start_again_s:
            return
        writer = self._owned()
        try:
            log_ids = self._log_ids(sorted({topic for topic, _ in self._waiting}))
            committed = self._consumer.committed([TopicPartition(*each) for each in self._waiting], timeout=_ASK_S)
            for each in committed:
                partition = (each.topic, each.partition)
                high = self._watermarks(partition)[1]
                known = each.offset != OFFSET_INVALID and each.offset <= high
                writer.start(partition, each.offset if known else None, log_ids[each.topic])
        except (StoreError, KafkaException) as error:
            self._start_again_s = time.monotonic() + _RETRY_START_S
            self._away = f"cannot start reading: {error}"
            _log.warning("%s", self._away)
            return
        self._waiting = []
        self._away = ""
        self.started = True
        self._assign(writer.positions())

    def _assign(self, positions: Mapping[Partition, int]) -> None:
        self._consumer.assign([TopicPartition(*each, offset) for each, offset in positions.items()])
        self._paused = False

    def _log_ids(self, topics: Sequence[str]) -> dict[str, str]:
        described = self._admin.describe_topics(TopicCollection(list(topics)), request_timeout=_ASK_S)
        ids = {}
        for topic, future in described.items():
            uuid = future.result().topic_id
            bits = (uuid.get_most_significant_bits() << 64) | (uuid.get_least_significant_bits() & (1 << 64) - 1)
            ids[topic] = f"{bits & (1 << 128) - 1:032x}"
        return ids

    def _pause_while_in_trouble(self) -> None:
        trouble = bool(self._owned().trouble)
        if trouble != self._paused:
            (self._consumer.pause if trouble else self._consumer.resume)(self._consumer.assignment())
            self._paused = trouble

    def _ask_whether_back(self) -> None:
        if self._waiting or time.monotonic() - self._asked_s < 1.0:
            return
        self._asked_s = time.monotonic()
        try:
            self._consumer.list_topics(timeout=1.0)
            self._away = ""
        except KafkaException:
            return

    def _on_error(self, error: KafkaError) -> None:
        if error.code() == KafkaError._ALL_BROKERS_DOWN:  # noqa: SLF001 - librdkafka's own codes begin so
            self._away = "Kafka does not answer"
        elif error.fatal() or error.code() in {KafkaError._AUTHENTICATION, KafkaError.TOPIC_AUTHORIZATION_FAILED}:  # noqa: SLF001
            self._away = f"Kafka refuses: {error.str()}"


def _record(message: Message) -> Record:
    kind, time_ms = message.timestamp()
    # A topic's usual record time is the producer's word, as the event's own is: it cannot tell a wrong clock.
    arrived_us = time_ms * 1000 if kind == TIMESTAMP_LOG_APPEND_TIME else now_us()
    # The client types these as optional because a message may be an error; this one is not.
    return Record(message.topic(), message.partition(), message.offset(), arrived_us, message.key(), message.value())  # type: ignore[arg-type]


def _on_commit(error: KafkaError | None, partitions: list[Any]) -> None:
    if error is not None:
        _log.warning("commit of %d partitions: %s; the lake's chunks stay the truth", len(partitions), error.str())
