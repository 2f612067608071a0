"""History joined with what is newer than it: one series per tag without a gap and without a double.

The lake's newest chunk is some seconds to minutes old; the live store's recent past reaches back to when the tag was
first watched. Where the two do not meet, Kafka has the samples between them. A sample's identity is its time.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError, TopicAuthorizationFailedError

from contracts import kafka_settings, names
from contracts.event import BadEvent, decode
from contracts.plant import Plant
from contracts.sample import now_us
from data.historians.historian import (
    TIMEOUT_S,
    Bucketed,
    Buckets,
    Cancel,
    Historian,
    HistorianError,
    Progress,
    Series,
    TimedOut,
    quiet,
)

CLOCK_MARGIN_S: Final = 60.0
"""Kafka finds records by its own time; the gateway's clock, which made ours, may differ by so much."""

_BLOCKING_MS: Final = 3000
_POLL_MS: Final = 100
_QUIET_S: Final = 2.0
_CHUNKS_APART_US: Final = 3_600_000_000
"""A tag that is silent for longer than this is silent; it is not that its chunk is still open."""

NOTHING: Final = Series(np.empty(0, np.int64), np.empty(0, np.float64), np.empty(0, np.int16))


class Joined(NamedTuple):
    """One tag's samples up to now."""

    series: Series
    live_from_us: int
    """Samples from here on are newer than what the historian has: the eye shall tell them apart."""


class Overview(NamedTuple):
    """Buckets before `cut_us`, samples from there on."""

    history: Bucketed
    newer: Mapping[str, Joined]
    cut_us: int


def join(*parts: Series) -> Series:
    """One series in the order of time; where two parts have the same time, the earlier part's sample stands."""
    us = np.concatenate([part.us for part in parts])
    order = np.argsort(us, kind="stable")
    us = us[order]
    first = np.r_[True, us[1:] != us[:-1]] if len(us) else np.empty(0, bool)
    v = np.concatenate([part.v for part in parts])
    q = np.concatenate([part.q for part in parts])
    return Series(us[first], v[order][first], q[order][first])


def up_to_now(
    historian: Historian,
    plant: Plant,
    bootstrap: str,
    kks: Sequence[str],
    from_us: int,
    recent: Mapping[str, Series],
    *,
    progress: Progress = quiet,
    cancel: Cancel | None = None,
    timeout_s: float = TIMEOUT_S,
) -> dict[str, Joined]:
    """Samples from `from_us` until now: the historian's, Kafka's where needed, and `recent` (the live store's).

    `bootstrap` is Kafka's address; empty where there is none (direct mode, replay). Raises `HistorianError`, also if
    Kafka is needed and does not answer: a gap nobody sees would be worse.
    """
    history = historian.raw(kks, from_us, now_us() + 1, progress=progress, cancel=cancel, timeout_s=timeout_s)
    known_until = {tag: int(history[tag].us[-1]) if len(history[tag].us) else from_us - 1 for tag in kks}
    apart = [tag for tag in kks if not _meets(known_until[tag], recent.get(tag, NOTHING))]
    between: Mapping[str, Series] = {}
    if apart and bootstrap:
        since_us = min(known_until[tag] for tag in apart) + 1
        between = kafka_tail(plant, bootstrap, apart, since_us, progress=progress, cancel=cancel, timeout_s=timeout_s)
    return {
        tag: Joined(
            join(history[tag], between.get(tag, NOTHING), _since(recent.get(tag, NOTHING), from_us)),
            known_until[tag] + 1,
        )
        for tag in kks
    }


def overview_up_to_now(
    historian: Historian,
    plant: Plant,
    bootstrap: str,
    kks: Sequence[str],
    from_us: int,
    buckets: int,
    recent: Mapping[str, Series],
    *,
    progress: Progress = quiet,
    cancel: Cancel | None = None,
    timeout_s: float = TIMEOUT_S,
) -> Overview:
    """Buckets while history is whole, then samples until now; see `up_to_now` for the arguments and errors.

    The bucket in which history ends is told by its samples instead, for it is not full yet. Chunks of different Kafka
    partitions end at different times, so each tag has its own end.
    """
    now = now_us() + 1
    found = historian.buckets(kks, from_us, now, buckets, progress=progress, cancel=cancel, timeout_s=timeout_s)
    ends = [int(one.us[-1]) for one in found.tags.values() if len(one.us)]
    cut_us = max(min(ends), max(ends) - _CHUNKS_APART_US) if ends else from_us
    newer = up_to_now(
        historian, plant, bootstrap, kks, cut_us, recent, progress=progress, cancel=cancel, timeout_s=timeout_s
    )
    whole = {tag: Buckets._make(column[one.us < cut_us] for column in one) for tag, one in found.tags.items()}
    return Overview(found._replace(tags=whole), newer, cut_us)


def kafka_tail(
    plant: Plant,
    bootstrap: str,
    kks: Sequence[str],
    from_us: int,
    *,
    progress: Progress = quiet,
    cancel: Cancel | None = None,
    timeout_s: float = TIMEOUT_S,
) -> dict[str, Series]:
    """The samples of these tags from `from_us` until now that Kafka still holds. Raises `HistorianError`."""
    token = cancel or Cancel()
    deadline = time.monotonic() + timeout_s
    topics = {names.topic(plant.refinery, plant.by_kks[tag].zone) for tag in kks if tag in plant.by_kks}
    found: dict[str, list[tuple[int, float, int]]] = {tag: [] for tag in kks}
    if topics:
        settings = kafka_settings.of(plant, bootstrap)
        bootstrap, security = settings.bootstrap, settings.for_kafka_python()
        try:
            _knock(bootstrap)
            _read(bootstrap, security, topics, from_us, found, token, progress, deadline)
        except TopicAuthorizationFailedError as error:
            raise HistorianError(f"this user may not read {', '.join(sorted(topics))} at {bootstrap}") from error
        except (KafkaError, OSError) as error:
            raise HistorianError(
                f"Kafka at {bootstrap} does not answer, so what is newer than the lake is missing"
            ) from error
        if time.monotonic() >= deadline:
            raise TimedOut(f"Kafka was not read to its end within {timeout_s:g} s; ask for fewer tags")
    return {tag: _series(rows) for tag, rows in found.items()}


def _knock(bootstrap: str) -> None:
    """Raise OSError if no broker takes a connection: kafka-python would leave its sockets open and wait longer."""
    trouble: OSError = OSError(f"{bootstrap}: no host:port")
    for address in bootstrap.split(","):
        host, _, port = address.strip().rpartition(":")
        try:
            socket.create_connection((host.strip("[]"), int(port)), timeout=_BLOCKING_MS / 1000).close()
        except ValueError as error:
            raise OSError(f"{address}: the port is not a number") from error
        except OSError as error:
            trouble = error
        else:
            return
    raise trouble


def _read(
    bootstrap: str,
    security: Mapping[str, Any],
    topics: set[str],
    from_us: int,
    found: dict[str, list[tuple[int, float, int]]],
    cancel: Cancel,
    progress: Progress,
    deadline: float,
) -> None:
    wanted = {tag.encode() for tag in found}
    consumer = KafkaConsumer(
        bootstrap_servers=bootstrap,
        bootstrap_timeout_ms=_BLOCKING_MS,
        request_timeout_ms=_BLOCKING_MS,
        max_poll_records=5000,
        enable_auto_commit=False,
        **security,
    )
    try:
        cancel.check()
        partitions = [TopicPartition(topic, n) for topic in topics for n in consumer.partitions_for_topic(topic) or ()]
        if not partitions:
            raise HistorianError(f"Kafka at {bootstrap} has no topic {', '.join(sorted(topics))}")
        consumer.assign(partitions)
        ends = consumer.end_offsets(partitions)
        since_ms = max(0, from_us // 1000 - round(CLOCK_MARGIN_S * 1000))
        begins = consumer.offsets_for_times(dict.fromkeys(partitions, since_ms))
        position = {each: begins[each].offset if begins.get(each) else ends[each] for each in partitions}
        for partition, offset in position.items():
            consumer.seek(partition, offset)
        rows, last_record_s = 0, time.monotonic()
        # An end may never be reached: a transaction's marker has an offset, but is no record.
        while any(position[each] < ends[each] for each in partitions) and time.monotonic() - last_record_s < _QUIET_S:
            cancel.check()
            if time.monotonic() >= deadline:
                return
            for partition, records in consumer.poll(timeout_ms=_POLL_MS).items():
                position[partition], last_record_s = records[-1].offset + 1, time.monotonic()
                rows += len(records)
                _take(records, wanted, from_us, found)
            progress(None, rows, "Kafka")
    finally:
        consumer.close(autocommit=False, timeout_ms=500)


def _take(
    records: Sequence[Any], wanted: set[bytes], from_us: int, found: dict[str, list[tuple[int, float, int]]]
) -> None:
    for record in records:
        if record.key not in wanted:
            continue
        try:
            event = decode(record.value or b"")
        except BadEvent:
            continue  # the ingest counts and shows them; the lake keeps them with their reason
        if event.ts >= from_us and event.kks in found:
            found[event.kks].append((event.ts, np.nan if event.v is None else event.v, event.q))


def _series(rows: list[tuple[int, float, int]]) -> Series:
    if not rows:
        return NOTHING
    us, v, q = zip(*rows, strict=True)
    return join(Series(np.array(us, np.int64), np.array(v, np.float64), np.array(q, np.int16)))


def _meets(known_until_us: int, recent: Series) -> bool:
    """Whether the recent past begins no later than where history ends."""
    return bool(len(recent.us)) and int(recent.us[0]) <= known_until_us


def _since(series: Series, from_us: int) -> Series:
    first = int(np.searchsorted(series.us, from_us))
    return Series(series.us[first:], series.v[first:], series.q[first:])
