"""When a record came: by the broker's clock or ours, never by its producer's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import TIMESTAMP_CREATE_TIME, TIMESTAMP_LOG_APPEND_TIME, TIMESTAMP_NOT_AVAILABLE

from cloud.lake.judge import Judge, KnownSignals
from cloud.lake.kafka_log import _record
from contracts.event import BadEvent, encode
from contracts.sample import Sample, now_us
from tests.lake.plants import LEVEL, TOPIC, write_plant

HOUR_US = 3_600_000_000


class Message:
    """What confluent-kafka hands over for one record."""

    def __init__(self, ts_us: int, kind: int) -> None:
        self._ts_us, self._kind = ts_us, kind

    def topic(self) -> str:
        return TOPIC

    def partition(self) -> int:
        return 0

    def offset(self) -> int:
        return 0

    def key(self) -> bytes:
        return LEVEL.encode()

    def value(self) -> bytes:
        return encode(LEVEL, Sample(1.0, self._ts_us, 192))

    def timestamp(self) -> tuple[int, int]:
        return self._kind, self._ts_us // 1000


@pytest.mark.parametrize(
    ("ahead_us", "reason"),
    [(2 * HOUR_US, "future: 7[12]00 s ahead|future: 7199 s ahead"), (-8 * 24 * HOUR_US, "late: 8.0 days")],
)
def test_a_producer_whose_clock_is_wrong_is_found_out_though_its_record_says_the_same(
    tmp_path: Path, ahead_us: int, reason: str
) -> None:
    message: Any = Message(now_us() + ahead_us, TIMESTAMP_CREATE_TIME)
    with pytest.raises(BadEvent, match=reason):
        Judge(KnownSignals([write_plant(tmp_path)])).event_of(_record(message))


@pytest.mark.parametrize("kind", [TIMESTAMP_CREATE_TIME, TIMESTAMP_NOT_AVAILABLE])
def test_without_the_brokers_clock_ours_says_when_a_record_came(kind: int) -> None:
    message: Any = Message(0, kind)
    assert abs(_record(message).arrived_us - now_us()) < 60_000_000


def test_the_brokers_clock_is_taken_where_it_stamps_the_records() -> None:
    message: Any = Message(1_700_000_000_000_000, TIMESTAMP_LOG_APPEND_TIME)
    assert _record(message).arrived_us == 1_700_000_000_000_000
