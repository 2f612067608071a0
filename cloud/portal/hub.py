"""Kafka to the browsers: one consumer a process keeps the newest of every tag, and frames of changes go to watchers."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from analysis.alarms import AlarmBoard
from contracts import event, names, quality
from contracts.lake import FUTURE_US
from contracts.plant import Plant
from contracts.sample import Sample, now_us

FRAME_PERIOD_S: Final = 0.2
PROBE_PERIOD_S: Final = 1.0
PROBE_TIMEOUT_MS: Final = 1500
"""A quiet broker is asked for its offsets; one that does not answer in this time is lost. With the probe's period a
dead broker is told within 3 s; the panel promises 5."""
ASK_AGAIN_S: Final = 30.0
"""A missing topic may be made, and a right to read be granted, while we run."""
_SEEK_BACK_S: Final = 3.0
_WATCHER_FRAMES: Final = 50

_log = logging.getLogger(__name__)


@dataclass
class _Tag:
    newest: Sample
    last_good: Sample | None = None


@dataclass
class _Refinery:
    alarms: AlarmBoard
    tags: dict[str, _Tag] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)


class Hub:
    """The newest sample of every tag of some plants, filled by a thread of its own.

    `state` is connecting, live or lost; a browser shows everything as old unless it is live.
    """

    def __init__(self, plants: Sequence[Plant], bootstrap: str, security: dict[str, Any] | None = None) -> None:
        self._plants = plants
        self._bootstrap = bootstrap
        self._security = security or {}
        self._lock = threading.Lock()
        self._refineries = {plant.refinery: _Refinery(AlarmBoard(plant.signals)) for plant in plants}
        self._known = {plant.refinery: frozenset(plant.by_kks) for plant in plants}
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="kafka", daemon=True)
        self.state = "connecting"
        self.missing: tuple[str, ...] = ()
        """Topics that are not there or may not be read."""
        self.events = 0
        self.rejected = 0

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread; returns once it has ended or after 5 s."""
        self._stopping.set()
        self._thread.join(5)

    def rows(self, refinery: str, tags: Iterable[str] | None = None) -> list[list[Any]]:
        """`[kks, value, time_us, quality]` of all tags or of `tags`.

        A tag without a value carries its last good one too: `[…, last good value, its time_us]`; one beyond a limit of
        its own, after that or after two nulls, `[priority, limit]`.
        """
        with self._lock:
            place = self._refineries[refinery]
            return [_row(place, kks) for kks in (place.tags if tags is None else tags) if kks in place.tags]

    def take_changes(self, refinery: str) -> list[list[Any]]:
        """The rows that changed since the last call."""
        with self._lock:
            changed, self._refineries[refinery].changed = self._refineries[refinery].changed, set()
        return self.rows(refinery, sorted(changed)) if changed else []

    def _run(self) -> None:
        while not self._stopping.is_set():
            consumer = None
            try:
                consumer = KafkaConsumer(
                    bootstrap_servers=self._bootstrap,
                    bootstrap_timeout_ms=3000,
                    enable_auto_commit=False,
                    max_poll_records=5000,
                    **self._security,
                )
                self._read(consumer)
            except (KafkaError, OSError) as error:
                if self.state != "lost":
                    _log.warning("Kafka at %s does not answer: %s", self._bootstrap, error)
                self.state = "lost"
                self._stopping.wait(0.5)
            finally:
                if consumer is not None:
                    consumer.close(autocommit=False, timeout_ms=500)

    def _read(self, consumer: KafkaConsumer) -> None:
        partitions = self._partitions(consumer)
        if not partitions:
            raise KafkaError("none of the plants' topics is there or may be read")
        consumer.assign(partitions)
        heartbeats_s = [signal.heartbeat_s for plant in self._plants for signal in plant.signals]
        look_back_s = max(heartbeats_s) + _SEEK_BACK_S
        since_ms = int((time.time() - look_back_s) * 1000)
        found = consumer.offsets_for_times(dict.fromkeys(partitions, since_ms), timeout_ms=PROBE_TIMEOUT_MS)
        for partition in partitions:
            offset = found.get(partition)
            if offset is None:
                consumer.seek_to_end(partition)
            else:
                consumer.seek(partition, offset.offset)
        heard = asked = time.monotonic()
        while not self._stopping.is_set():
            if self.missing and time.monotonic() - asked > ASK_AGAIN_S:
                asked = time.monotonic()
                if len(self._partitions(consumer)) > len(partitions):
                    return
            batches = consumer.poll(timeout_ms=200)
            if batches:
                heard = time.monotonic()
                self._take(batches)
            elif time.monotonic() - heard > PROBE_PERIOD_S:
                # poll() keeps silent about a dead broker; only a request of its own gets a time-out.
                consumer.end_offsets(partitions[:1], timeout_ms=PROBE_TIMEOUT_MS)
                heard = time.monotonic()
            self.state = "live"

    def _partitions(self, consumer: KafkaConsumer) -> list[TopicPartition]:
        topics = [topic for plant in self._plants for topic in plant.topics]
        numbers = {topic: sorted(consumer.partitions_for_topic(topic) or ()) for topic in topics}
        self.missing = tuple(topic for topic in topics if not numbers[topic])
        return [TopicPartition(topic, number) for topic in topics for number in numbers[topic]]

    def _take(self, batches: dict[TopicPartition, list[Any]]) -> None:
        latest_us = now_us() + FUTURE_US
        for partition, records in batches.items():
            refinery = names.refinery_of_topic(partition.topic)
            known = self._known[refinery]
            with self._lock:
                place = self._refineries[refinery]
                for record in records:
                    try:
                        arrived = event.decode(record.value or b"")
                    except event.BadEvent:
                        self.rejected += 1
                        continue
                    # One from the future would shut out all that come after it, and never look old.
                    if arrived.kks not in known or arrived.ts > latest_us:
                        self.rejected += 1
                        continue
                    self.events += 1
                    _keep(place, arrived.kks, arrived.sample)


def _keep(place: _Refinery, kks: str, sample: Sample) -> None:
    tag = place.tags.get(kks)
    if tag is None:
        tag = place.tags[kks] = _Tag(sample)
    elif sample.time_us <= tag.newest.time_us:
        return
    tag.newest = sample
    if sample.value is not None and not quality.is_bad(sample.quality):
        tag.last_good = sample
    place.alarms.update(kks, sample.value, sample.quality, sample.time_us)
    place.changed.add(kks)


def _row(place: _Refinery, kks: str) -> list[Any]:
    tag = place.tags[kks]
    row: list[Any] = [kks, tag.newest.value, tag.newest.time_us, tag.newest.quality]
    if tag.newest.value is None and tag.last_good is not None:
        row += [tag.last_good.value, tag.last_good.time_us]
    # Who has seen an alarm is the desktop's record; the panel shows that its condition is there.
    present = [alarm for alarm in place.alarms.alarmed.get(kks, ()) if alarm.present]
    if present:
        worst = min(present, key=lambda alarm: alarm.priority)
        row += [None] * (6 - len(row)) + [[worst.priority, worst.limit]]
    return row


class Frames:
    """Server-sent frames for every watcher: one is encoded per refinery and period, however many people watch.

    A watcher that falls behind loses its queue and gets the whole state anew, so it can lag but never miss a value.
    """

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._watchers: dict[str, set[asyncio.Queue[bytes | None]]] = {}

    @property
    def watchers(self) -> int:
        """How many streams are open."""
        return sum(len(queues) for queues in self._watchers.values())

    def watch(self, refinery: str) -> asyncio.Queue[bytes | None]:
        """A queue of frames, beginning with the whole state; None ends it."""
        queue: asyncio.Queue[bytes | None] = asyncio.Queue(_WATCHER_FRAMES)
        queue.put_nowait(self._frame(self._hub.rows(refinery)))
        self._watchers.setdefault(refinery, set()).add(queue)
        return queue

    def leave(self, refinery: str, queue: asyncio.Queue[bytes | None]) -> None:
        """No more frames for `queue`."""
        self._watchers.get(refinery, set()).discard(queue)

    def end(self) -> None:
        """End every stream, so that the server need not cut them off."""
        for queue in [queue for queues in self._watchers.values() for queue in queues]:
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(None)

    async def run(self) -> None:
        """Send frames until cancelled."""
        while True:
            await asyncio.sleep(FRAME_PERIOD_S)
            for refinery, queues in self._watchers.items():
                if queues:
                    self._send(refinery, queues)

    def _send(self, refinery: str, queues: set[asyncio.Queue[bytes | None]]) -> None:
        frame = self._frame(self._hub.take_changes(refinery))
        for queue in queues:
            if queue.full():
                while not queue.empty():
                    queue.get_nowait()
                queue.put_nowait(self._frame(self._hub.rows(refinery)))
            else:
                queue.put_nowait(frame)

    def _frame(self, rows: list[list[Any]]) -> bytes:
        body = json.dumps({"now": now_us(), "source": self._hub.state, "rows": rows}, separators=(",", ":"))
        return f"event: samples\ndata: {body}\n\n".encode()
