"""A plant's topics: one a zone, made once, their partition count never changed (the key's partition depends on it)."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterable, Sequence
from typing import Any, Final

from kafka import TopicPartition
from kafka.admin import KafkaAdminClient, OffsetSpec
from kafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from contracts.kafka_settings import KafkaSettings
from contracts.plant import Plant

_TIMEOUT_MS: Final = 3000


class TopicsFailed(RuntimeError):
    """Topics that could not be made or asked for; the text is one sentence for a person."""


class Topics:
    """An administrator's connection to one Kafka. Raises `TopicsFailed` if it does not answer within 3 s."""

    def __init__(self, bootstrap: str, security: dict[str, Any] | None = None) -> None:
        # The client logs each failed attempt; what matters of it is in our one sentence.
        logging.getLogger("kafka").setLevel(logging.CRITICAL)
        try:
            self._admin = KafkaAdminClient(
                bootstrap_servers=bootstrap,
                bootstrap_timeout_ms=_TIMEOUT_MS,
                request_timeout_ms=10_000,
                **(security or {}),
            )
        except (KafkaError, OSError) as error:
            raise TopicsFailed(f"Kafka at {bootstrap} does not answer ({_first_line(error)})") from error

    def close(self) -> None:
        """Close the connection."""
        self._admin.close()

    def make(self, plant: Plant, settings: KafkaSettings) -> list[str]:
        """Make the plant's missing topics and wait until they have leaders; returns one sentence a misfit found.

        Raises `TopicsFailed`.
        """
        misfits: list[str] = []
        missing: dict[str, Any] = {}
        try:
            for topic in self._admin.describe_topics(list(plant.topics)):
                name, code, partitions = topic["name"], topic["error_code"], len(topic["partitions"])
                if code == 3:
                    missing[name] = {
                        "num_partitions": settings.partitions,
                        "replication_factor": settings.replication or -1,
                        "configs": {
                            "retention.ms": str(round(settings.retention_h * 3_600_000)),
                            "message.timestamp.type": "CreateTime",
                            "cleanup.policy": "delete",
                        },
                    }
                elif code:
                    raise TopicsFailed(f"topic {name}: {for_code(code).__name__}")
                elif partitions != settings.partitions:
                    misfits.append(
                        f"topic {name} has {partitions} partitions, plant.toml says {settings.partitions}; "
                        "the topic stays as it is"
                    )
            if missing:
                self._create(missing)
        except (KafkaError, OSError) as error:
            raise TopicsFailed(f"the topics of {plant.refinery} could not be made: {_first_line(error)}") from error
        return misfits

    def _create(self, missing: dict[str, Any]) -> None:
        with contextlib.suppress(TopicAlreadyExistsError):
            self._admin.create_topics(missing)
        self._admin.wait_for_topics(list(missing))

    def end_offsets(self, topics: Iterable[str]) -> int:
        """Sum of all end offsets: how many records were ever written. Raises `TopicsFailed`."""
        try:
            partitions = {
                TopicPartition(topic["name"], partition["partition_index"]): OffsetSpec.LATEST
                for topic in self._admin.describe_topics(list(topics))
                for partition in topic["partitions"]
            }
            answers = self._admin.list_partition_offsets(partitions, timeout_ms=_TIMEOUT_MS)
        except (KafkaError, OSError) as error:
            raise TopicsFailed(f"Kafka does not tell its offsets: {_first_line(error)}") from error
        return sum(answer.offset for answer in answers.values())


def names(plants: Sequence[Plant]) -> list[str]:
    """The topics of several plants."""
    return [topic for plant in plants for topic in plant.topics]


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:300]
