"""From the journal to Kafka, in order, and nothing forgotten until Kafka has it.

While Kafka keeps up, an event goes from the poll thread straight into the producer's queue (the journal only holds
it); once a topic lags behind, its events are read back from disk by the sender thread until it has caught up. A topic
that Kafka refuses (no such topic, no right to write) waits for itself alone.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from confluent_kafka import KafkaError, KafkaException, Producer

from cloud.mtu.journal import Journal, Position, TopicJournal
from contracts import event

_log = logging.getLogger(__name__)

_IN_FLIGHT: Final = 20_000
"""Events in the producer's queue over all topics: enough for 10,000/s at a second's delay, some 10 MB."""
_RETRY_S: Final = 2.0
_HEADERS: Final[list[tuple[str, str | bytes | None]]] = list(event.HEADERS)
_KEY_START: Final = len('{"kks":"')


@dataclass
class _Sent:
    """A frame in the producer's queue."""

    end: Position
    records: int
    left: int


@dataclass
class _Lane:
    """One topic's way: what was appended, what is in flight."""

    topic: str
    journal: TopicJournal
    lock: threading.Lock = field(default_factory=threading.Lock)
    caught_up: bool = False
    """Everything appended has been given to the producer: new events need not be read back from disk."""
    failed: str = ""
    retry_at: float = 0.0
    in_flight: deque[_Sent] = field(default_factory=deque)
    produced: int = 0
    delivered: int = 0


class Publisher:
    """Sends events; `publish` may be called from any thread."""

    def __init__(self, journal: Journal, bootstrap: str, security: Mapping[str, str]) -> None:
        """Starts the sender thread. Raises `KafkaException` for settings librdkafka does not take."""
        self.acked = 0
        self.error = ""
        """Last thing that went wrong with Kafka, one sentence; empty once it works again."""
        self.disk_error = ""
        self._journal = journal
        self._bootstrap = bootstrap
        self._lanes = {topic: _Lane(topic, each) for topic, each in journal.topics.items()}
        self._window = max(2000, _IN_FLIGHT // max(1, len(self._lanes)))
        self._configuration: dict[str, Any] = {
            **security,
            "bootstrap.servers": bootstrap,
            "acks": "all",
            "enable.idempotence": True,
            # librdkafka's own default disagrees with the other clients: one key would lie in two partitions.
            "partitioner": "murmur2_random",
            "linger.ms": 5,
            "compression.type": "zstd",
            # Without end: a record that timed out in the queue would be overtaken by the next.
            "delivery.timeout.ms": 0,
            "queue.buffering.max.messages": 2 * self._window * max(1, len(self._lanes)),
            "reconnect.backoff.max.ms": 1000,
            # How long a topic that was just made may stay unknown; then its absence is told.
            "topic.metadata.propagation.max.ms": 5000,
            "topic.metadata.refresh.interval.ms": 60_000,
            "error_cb": self._on_error,
            "log_level": 0,
        }
        self._producer = Producer(self._configuration)
        self._fatal = ""
        self._ended = threading.Event()
        self._sender = threading.Thread(target=self._run, name="kafka", daemon=True)
        self._sender.start()

    @property
    def sent(self) -> int:
        """Events given to the producer since the start, repeats included."""
        return sum(lane.produced for lane in self._lanes.values())

    @property
    def buffered(self) -> int:
        """Events Kafka does not have yet."""
        return sum(lane.journal.buffered for lane in self._lanes.values())

    @property
    def buffered_bytes(self) -> int:
        """Bytes of journal on disk; a few segments stay even when all is sent."""
        return self._journal.size

    @property
    def dropped(self) -> int:
        """Events given up because the journal was full or damaged."""
        return sum(lane.journal.dropped for lane in self._lanes.values())

    @property
    def failures(self) -> list[str]:
        """One sentence a topic that Kafka refuses."""
        return [lane.failed for lane in self._lanes.values() if lane.failed]

    @property
    def alive(self) -> bool:
        """False if the sender thread ended by itself, which it must not."""
        return self._sender.is_alive()

    def publish(self, topic: str, events: Sequence[tuple[str, bytes]], time_us: int) -> None:
        """Journal events (key, value) of one source time, and send them if the topic is not lagging."""
        lane = self._lanes[topic]
        with lane.lock:
            try:
                end = lane.journal.append([value for _, value in events], time_us)
                self.disk_error = ""
            except OSError as error:
                self.disk_error = f"the buffer on disk cannot be written: {error.strerror or error}"
                if not lane.caught_up:
                    lane.journal.dropped += len(events)
                    return
                # Kafka keeps up: what cannot be kept can still be sent.
                end = lane.journal.end
            if lane.caught_up and lane.produced - lane.delivered < self._window:
                lane.journal.read_position = end
                self._produce(lane, events, time_us, end)
            else:
                lane.caught_up = False

    def close(self, timeout_s: float) -> None:
        """Send what can be sent within `timeout_s`, write down how far it came, end."""
        self._ended.set()
        self._sender.join(timeout_s)
        self._producer.flush(timeout_s)
        for lane in self._lanes.values():
            with lane.lock:
                self._settle(lane)
        self._journal.close()

    def _produce(self, lane: _Lane, events: Sequence[tuple[str, bytes]], time_us: int, end: Position) -> bool:
        """Into the producer's queue; whether all of it went in."""
        sent = _Sent(end, len(events), len(events))
        lane.in_flight.append(sent)
        producer, time_ms = self._producer, time_us // 1000

        def on_delivery(error: KafkaError | None, _message: object) -> None:
            lane.delivered += 1
            if error is None:
                sent.left -= 1
            else:
                self._fail(lane, error)

        for key, value in events:
            try:
                producer.produce(lane.topic, value, key, headers=_HEADERS, timestamp=time_ms, on_delivery=on_delivery)
            except (KafkaException, BufferError) as error:
                self._fail(lane, error.args[0])
                return False
            lane.produced += 1
        return True

    def _fail(self, lane: _Lane, error: object) -> None:
        """The topic's events from the last acknowledged one on are to be sent again, after a while."""
        text = error.str() if isinstance(error, KafkaError) else str(error)
        lane.failed = f"Kafka does not take events for {lane.topic}: {text}"
        lane.caught_up = False
        lane.retry_at = time.monotonic() + _RETRY_S
        if isinstance(error, KafkaError) and error.fatal():
            self._fatal = text

    def _on_error(self, error: KafkaError) -> None:
        if error.fatal():
            self._fatal = error.str()
        if error.code() in {KafkaError._ALL_BROKERS_DOWN, KafkaError._TRANSPORT}:  # noqa: SLF001 - librdkafka's own codes
            self.error = f"Kafka at {self._bootstrap} does not answer; events are buffered"
        else:
            self.error = f"Kafka at {self._bootstrap}: {error.str()}"

    def _run(self) -> None:
        stored_at = 0.0
        while not self._ended.is_set():
            catching_up = False
            if self._fatal:
                self._renew()
            for lane in self._lanes.values():
                with lane.lock:
                    self._settle(lane)
                    catching_up |= self._catch_up(lane)
            self._producer.poll(0.0 if catching_up else 0.05)
            self._keep_limit()
            if time.monotonic() - stored_at > 0.5:
                stored_at = time.monotonic()
                self._store_positions()

    def _store_positions(self) -> None:
        for lane in self._lanes.values():
            with lane.lock:
                try:
                    lane.journal.store_position()
                except OSError as error:
                    self.disk_error = f"the buffer on disk cannot be written: {error.strerror or error}"

    def _settle(self, lane: _Lane) -> None:
        """Move the acknowledged position over the frames that Kafka has, in their order."""
        while lane.in_flight and lane.in_flight[0].left == 0:
            sent = lane.in_flight.popleft()
            if sent.end > lane.journal.acknowledged:
                lane.journal.acknowledge(sent.end, sent.records)
            self.acked += sent.records
            self.error = ""
        if lane.failed and lane.produced == lane.delivered and time.monotonic() >= lane.retry_at:
            lane.in_flight.clear()
            lane.journal.rewind()
            lane.failed = ""

    def _catch_up(self, lane: _Lane) -> bool:
        """Send from disk what fits into the window; whether anything was."""
        if lane.caught_up or lane.failed:
            return False
        before = lane.produced
        while lane.produced - lane.delivered < self._window:
            frame = lane.journal.read()
            if frame is None:
                lane.caught_up = True
                break
            events = [(_key(value), value) for value in frame.events]
            if not self._produce(lane, events, frame.time_us, frame.end):
                break
        return lane.produced > before

    def _keep_limit(self) -> None:
        while (oldest := self._journal.oldest_over_limit()) is not None:
            lane = self._lanes[oldest.folder.name]
            with lane.lock:
                lost = oldest.drop_oldest()
            if lost:
                _log.warning("%s: buffer full, %d oldest events were given up", lane.topic, lost)

    def _renew(self) -> None:
        """librdkafka cannot go on after a fatal error: a new producer, from the last acknowledged event."""
        _log.warning("Kafka producer is started anew: %s", self._fatal)
        self._producer.purge()
        self._producer.flush(1.0)
        for lane in self._lanes.values():
            with lane.lock:
                lane.produced = lane.delivered
                lane.failed = lane.failed or f"Kafka: {self._fatal}"
                lane.caught_up = False
        self._producer = Producer(self._configuration)
        self._fatal = ""


def _key(value: bytes) -> str:
    """The KKS inside an encoded event; it stands first."""
    return value[_KEY_START : value.index(b'"', _KEY_START)].decode()
