"""Plants that already run the stock PLC4X Kafka connector: its records become one event a sensor here.

The connector writes one record a job, without quality: key `{"sourceName", "jobName"}`, value `{"tags": {name: value},
"timestamp": ms}`, each perhaps inside Kafka Connect's `{"schema", "payload"}`; not-a-number is the text "NaN". A signal
takes part by its column `plc4x_tag` = `sourceName/jobName/tag`. The connector says nothing when it has lost its device,
and then never comes back by itself: silence is what marks a job's tags as lost.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec
import numpy as np
from confluent_kafka import Consumer, Message

from cloud.mtu.clock import Clock
from cloud.mtu.poller import Publish
from cloud.mtu.tags import TagTable
from contracts import event
from contracts.quality import Quality
from contracts.signal_list import Signal

_log = logging.getLogger(__name__)

COLUMN: Final = "plc4x_tag"
_SILENT_SCANS: Final = 3.0
_LEAST_SILENCE_S: Final = 5.0


class BadTag(ValueError):
    """A `plc4x_tag` cell that names no tag."""


@dataclass
class _Job:
    """One job of the connector: its tags, and when it was last heard."""

    name: str
    rows: dict[str, int]
    silence_s: float
    heard_at: float
    last_us: int = 0
    silent: bool = False


class ConnectorFeed:
    """Reads the connector's topic in a thread of its own; counters as a `Poller` has them."""

    def __init__(
        self,
        refinery: str,
        topic: str,
        consumer: Mapping[str, Any],
        signals: Sequence[Signal],
        table: TagTable,
        clock: Clock,
        publish: Publish,
        stop: threading.Event,
    ) -> None:
        """`consumer`: librdkafka's settings for reaching Kafka. Raises `BadTag`."""
        self.name = f"connector {topic}"
        self.state = "waiting for its first record"
        self.good = False
        self.tried = False
        self.polled = 0
        self.late = 0
        self.reconnects = 0
        self.poll_ms = 0.0
        self.rejected = 0
        self._topic = topic
        self._settings = {
            **consumer,
            "group.id": f"{refinery}.mtu",
            "auto.offset.reset": "latest",
            # An offset counts as read once its events are in the journal, and not before.
            "enable.auto.offset.store": False,
            "auto.commit.interval.ms": 1000,
            "log_level": 0,
        }
        self._table = table
        self._clock = clock
        self._publish = publish
        self._stop = stop
        self._jobs = _jobs(signals)
        self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)

    def start(self, delay_s: float) -> None:
        """Begin; the delay is for those that poll."""
        del delay_s
        for job in self._jobs.values():
            job.heard_at = time.monotonic()
        self._thread.start()

    def join(self, timeout_s: float) -> None:
        """Wait for the thread's end after `stop` was set."""
        self._thread.join(timeout_s)

    def _run(self) -> None:
        consumer = Consumer(self._settings)
        consumer.subscribe([self._topic])
        while not self._stop.is_set():
            for record in consumer.consume(200, 0.2):
                if (error := record.error()) is not None:
                    self._now(False, f"{self.name}: {error.str()}")
                    continue
                self._take(record)
                consumer.store_offsets(record)
            self._notice_silence()
        consumer.close()

    def _take(self, record: Message) -> None:
        """Tell what one record says; one that is no record of the connector is counted and left."""
        try:
            key, value = _payload(record.key()), _payload(record.value())
            name = f"{key['sourceName']}/{key['jobName']}"
            tags, record_us = dict(value["tags"]), int(value["timestamp"]) * 1000
        except (msgspec.DecodeError, KeyError, TypeError, ValueError):
            record_us = 0
        if record_us < event.EARLIEST_US:
            self.rejected += 1
            self._now(self.good, f"{self.name}: {self.rejected} records are not the PLC4X connector's")
            return
        job = self._jobs.get(name)
        if job is None:
            return
        time_us = max(record_us, job.last_us + 1)
        found = {tag: row for tag, row in job.rows.items() if tag in tags}
        rows = np.array(list(found.values()), dtype=np.intp)
        values, qualities = self._table.scale(rows, np.array([_number(tags[tag]) for tag in found], dtype=np.float64))
        self._tell(rows, values, qualities, time_us)
        absent = [row for tag, row in job.rows.items() if tag not in tags]
        self._tell_bad(absent, Quality.CONFIGURATION_ERROR, time_us)
        job.last_us, job.heard_at, job.silent = time_us, time.monotonic(), False
        self.polled += len(rows)
        if not any(each.silent for each in self._jobs.values()):
            self._now(True, f"good, but {len(absent)} tags are not in {job.name}" if absent else "good")

    def _notice_silence(self) -> None:
        now = time.monotonic()
        silent = [job for job in self._jobs.values() if now - job.heard_at > job.silence_s]
        for job in silent:
            job.silent = True
            job.last_us = max(self._clock.stamp(), job.last_us + 1)
            self._tell_bad(list(job.rows.values()), Quality.COMM_FAILURE, job.last_us)
        if silent:
            names = ", ".join(job.name for job in silent)
            self._now(False, f"{self.name}: nothing from {names}; restart the connector if its PLC is there")

    def _tell_bad(self, rows: list[int], quality: Quality, time_us: int) -> None:
        if rows:
            count = len(rows)
            bad = np.full(count, quality, dtype=np.int16)
            self._tell(np.array(rows, dtype=np.intp), np.full(count, np.nan), bad, time_us)

    def _tell(self, rows: Any, values: Any, qualities: Any, time_us: int) -> None:
        for topic, events in self._table.events(rows, values, qualities, time_us).items():
            self._publish(topic, events, time_us)

    def _now(self, good: bool, state: str) -> None:
        if state != self.state and not good:
            _log.warning("%s", state)
        self.good, self.tried, self.state = good, True, state


def _jobs(signals: Sequence[Signal]) -> dict[str, _Job]:
    jobs: dict[str, _Job] = {}
    for row, signal in enumerate(signals):
        source, _, rest = signal.extra[COLUMN].partition("/")
        job_name, _, tag = rest.partition("/")
        if not tag:
            raise BadTag(f"{signal.kks}: {COLUMN} {signal.extra[COLUMN]!r}; expected sourceName/jobName/tag")
        name = f"{source}/{job_name}"
        silence_s = max(_LEAST_SILENCE_S, _SILENT_SCANS * signal.scan_s)
        job = jobs.setdefault(name, _Job(name, {}, silence_s, 0.0))
        job.rows[tag] = row
        job.silence_s = max(job.silence_s, silence_s)
    return jobs


def _payload(data: bytes | str | None) -> Any:
    """The record's key or value without Kafka Connect's envelope."""
    decoded = msgspec.json.decode(data or b"null")
    return decoded["payload"] if isinstance(decoded, dict) and decoded.keys() == {"schema", "payload"} else decoded


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else float("nan")
