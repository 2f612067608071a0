"""The plant's events from Kafka into the live store, by kafka-python.

All partitions of the plant's topics are read without a consumer group: every viewer sees everything and nothing is
committed. It begins one heartbeat back, for by then every tag has been reported; reads 60 s back, once, if one was not;
and after an outage goes on where it was, unless that is hopelessly long ago.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Iterable
from typing import Any, Final

import numpy as np
from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError, TopicAuthorizationFailedError

from contracts.event import BadEvent, decode
from contracts.kafka_settings import KafkaSettings
from contracts.lake import FUTURE_US
from contracts.plant import Plant
from contracts.sample import now_us
from data.live_store import LiveStore
from data.sources.broker_watch import BrokerView, BrokerWatch
from data.sources.tally import Tally

MARGIN_S: Final = 3.0
"""A gateway may pause as long between two events of a tag without a tag being missed on reading back."""
WIDER_S: Final = 60.0
BACKLOG: Final = 500_000
"""Records: about ten seconds of reading. Behind more than that the screen would show the past for too long."""
QUIET_S: Final = 2.0
ASK_AGAIN_S: Final = 30.0
"""A right to read may be granted while we run."""

_POLL_MS: Final = 200
_BLOCKING_MS: Final = 3000

Positions = dict[TopicPartition, int]


class KafkaSource:
    """Fills `store` from the plant's topics until told to stop."""

    def __init__(self, plant: Plant, store: LiveStore, settings: KafkaSettings) -> None:
        self.tally = Tally()
        self._store = store
        self._topics = plant.topics
        self._bootstrap = settings.bootstrap
        self._security = settings.for_kafka_python()
        heartbeat_s = max((signal.heartbeat_s for signal in plant.signals), default=plant.heartbeat_s)
        self._look_back_s = heartbeat_s + MARGIN_S
        self._seen = np.zeros(len(store.tags), bool)
        self._positions: Positions = {}
        self._widened = False
        self._unreadable: dict[str, float] = {}
        """Topics that may be seen but not read → when to try again (monotonic seconds)."""

    def run(self, stop: threading.Event) -> None:
        """Read until `stop`; an outage is told by the store's source state and healed when Kafka is back."""
        watch = BrokerWatch(self._bootstrap, self._topics, self._security)
        watch.start()
        self._store.set_source("connecting", f"Connecting to Kafka at {self._bootstrap}")
        try:
            while not stop.wait(0.05):
                self.tally.turn()
                if not watch.answers:
                    self._say_lost(watch)
                elif watch.view is not None and (readable := self._readable(watch.view)):
                    try:
                        self._session(stop, watch, readable)
                    except (KafkaError, OSError) as error:
                        detail = f"Reading from Kafka at {self._bootstrap} was interrupted ({type(error).__name__})"
                        self._store.set_source("lost", f"{detail}; trying again")
                elif watch.view is not None:
                    self._store.set_source("failed", self._complaint(watch.view))
        finally:
            watch.stop()

    def _say_lost(self, watch: BrokerWatch) -> None:
        if watch.refused:
            self._store.set_source("failed", watch.error)
        elif self._store.source_state != "connecting" or watch.error:
            self._store.set_source("lost", watch.error or f"Kafka at {self._bootstrap} does not answer")

    def _readable(self, view: BrokerView) -> dict[str, int]:
        now_s = time.monotonic()
        self._unreadable = {topic: until for topic, until in self._unreadable.items() if until > now_s}
        return {topic: count for topic, count in view.partitions.items() if topic not in self._unreadable}

    def _complaint(self, view: BrokerView) -> str:
        """One sentence on the topics that cannot be read; empty if all can."""
        if forbidden := sorted({*view.forbidden, *self._unreadable}):
            return f"This user may not read {', '.join(forbidden)} at {self._bootstrap}; ask for read access to it"
        if view.missing:
            return f"Kafka at {self._bootstrap} has no topic {', '.join(view.missing)}; the stream box makes it"
        return ""

    # ---- one connection

    def _session(self, stop: threading.Event, watch: BrokerWatch, readable: dict[str, int]) -> None:
        """Read until Kafka is lost, the topics change or `stop`; remembers the positions."""
        consumer = KafkaConsumer(
            bootstrap_servers=self._bootstrap,
            bootstrap_timeout_ms=_BLOCKING_MS,
            request_timeout_ms=_BLOCKING_MS,
            reconnect_backoff_max_ms=500,
            max_poll_records=5000,
            auto_offset_reset="latest",
            enable_auto_commit=False,
            **self._security,
        )
        try:
            partitions = [TopicPartition(topic, n) for topic, count in readable.items() for n in range(count)]
            consumer.assign(partitions)
            ends: Positions = consumer.end_offsets(partitions)
            self._seek(consumer, partitions, ends)
            catching_up, last_record_s = True, time.monotonic()
            while not stop.is_set() and watch.answers and watch.view and self._readable(watch.view) == readable:
                self.tally.turn()
                for partition, records in consumer.poll(timeout_ms=_POLL_MS).items():
                    self._store_batch(records)
                    self._positions[partition] = records[-1].offset + 1
                    last_record_s = time.monotonic()
                if catching_up:
                    behind = any(self._positions[each] < end for each, end in ends.items())
                    # An end may never be reached: a transaction's marker has an offset, but is no record.
                    catching_up = behind and time.monotonic() - last_record_s < QUIET_S
                    if not catching_up and not self._widened and not self._seen.all():
                        catching_up = self._widened = True
                        self._seek_back(consumer, partitions, ends, WIDER_S)
                if not catching_up:
                    self._store.set_source("live", self._complaint(watch.view) or self._rejections())
        except TopicAuthorizationFailedError as error:
            # A user who may see a topic but not read it is told only here.
            until_s = time.monotonic() + ASK_AGAIN_S
            self._unreadable |= {topic: until_s for topic in map(str, _names(error)) if topic in readable}
        finally:
            consumer.close(autocommit=False, timeout_ms=500)

    def _seek(self, consumer: KafkaConsumer, partitions: list[TopicPartition], ends: Positions) -> None:
        """Go on where the last connection ended; where there was none, or too far back, one heartbeat back."""
        known = [each for each in partitions if each in self._positions and self._positions[each] <= ends[each]]
        if sum(ends[each] - self._positions[each] for each in known) > BACKLOG:
            known = []
        for partition in known:
            consumer.seek(partition, self._positions[partition])
        new = [each for each in partitions if each not in known]
        if new:
            self._seek_back(consumer, new, ends, self._look_back_s)

    def _seek_back(self, consumer: KafkaConsumer, partitions: list[TopicPartition], ends: Positions, s: float) -> None:
        """Go to the first record that is at most `s` seconds old, or to the end."""
        since_ms = round((time.time() - s) * 1000)
        for partition, found in consumer.offsets_for_times(dict.fromkeys(partitions, since_ms)).items():
            self._positions[partition] = found.offset if found else ends[partition]
            consumer.seek(partition, self._positions[partition])

    # ---- events

    def _store_batch(self, records: Iterable[Any]) -> None:
        rows: list[int] = []
        values: list[float] = []
        times_us: list[int] = []
        qualities: list[int] = []
        # One from the future would shut out all that come after it, and never look old.
        row_of, latest_us = self._store.rows.get, now_us() + FUTURE_US
        for record in records:
            try:
                event = decode(record.value or b"")
            except BadEvent as error:
                self.tally.reject(_where(record, str(error)))
                continue
            row = row_of(event.kks)
            if row is None:
                self.tally.reject(_where(record, f"{event.kks} is not in the signal list"))
            elif event.ts > latest_us:
                self.tally.reject(
                    _where(record, f"{event.kks}: time {event.ts} is more than an hour ahead; is a clock wrong?")
                )
            else:
                rows.append(row)
                values.append(math.nan if event.v is None else event.v)
                times_us.append(event.ts)
                qualities.append(event.q)
        if rows:
            times = np.array(times_us)
            self.tally.stored(self._store.write(rows, values, times, qualities), times)
            self._seen[rows] = True

    def _rejections(self) -> str:
        if not self.tally.rejected:
            return ""
        return f"{self.tally.rejected} records could not be used, the last one: {self.tally.last_rejection}"


def _where(record: Any, reason: str) -> str:
    return f"{record.topic} partition {record.partition} offset {record.offset}: {reason}"


def _names(error: TopicAuthorizationFailedError) -> Iterable[Any]:
    """The topics an authorization error speaks of, however kafka-python packed them."""
    for argument in error.args:
        if isinstance(argument, str):
            yield argument
        elif isinstance(argument, Iterable):
            yield from argument
