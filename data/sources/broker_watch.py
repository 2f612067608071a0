"""Asks Kafka for the plant's topics twice a second, because kafka-python says nothing when a broker or a right is gone.

One real request with a time-out tells a dead broker from a quiet plant, a frozen one too, and names the topics that
are missing or forbidden.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError

PERIOD_S: Final = 0.5
TIMEOUT_MS: Final = 1500
LOST_AFTER_S: Final = 2.5
"""One request may wait behind a busy moment of the broker; two may not."""

_UNKNOWN_TOPIC: Final = 3
_FORBIDDEN: Final = 29


@dataclass(frozen=True)
class BrokerView:
    """What Kafka last answered."""

    partitions: Mapping[str, int]
    """Topic → its partition count, of the topics this user may read."""
    missing: tuple[str, ...]
    forbidden: tuple[str, ...]


class Refusals(logging.Handler):
    """Hears from kafka-python's log why a connection was refused, and lets the rest of it go unheard.

    The exception that reaches the caller says no more than that a time-out passed.
    """

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self._last = ""

    def emit(self, record: logging.LogRecord) -> None:
        """Remember the record if it tells of a refusal."""
        text = record.getMessage()
        if "Authentication" in text:
            self._last = "refuses the user or the password"
        elif "Handshake failed" in text:
            self._last = f"cannot be spoken to in private ({text.split('Handshake failed: ', 1)[-1][:200]})"

    def take(self) -> str:
        """The end of the sentence "Kafka at … "; empty where nothing was refused since the last call."""
        last, self._last = self._last, ""
        return last

    @classmethod
    def of_kafka_python(cls) -> Refusals:
        """Take over kafka-python's loggers for this process."""
        logger, handler = logging.getLogger("kafka"), cls()
        logger.handlers = [handler]
        logger.propagate = False
        return handler


class _Admin(KafkaAdminClient):  # type: ignore[misc]
    """kafka-python's client, which forgets its running thread where the first connection fails."""

    def __init__(self, **configuration: Any) -> None:
        try:
            super().__init__(**configuration)
        except BaseException:
            self._closed = False
            self.close()
            raise


class BrokerWatch:
    """The thread that asks. `view` is the newest answer, None before the first."""

    def __init__(self, bootstrap: str, topics: Sequence[str], security: Mapping[str, Any]) -> None:
        self._configuration = {
            "bootstrap_servers": bootstrap,
            "bootstrap_timeout_ms": TIMEOUT_MS,
            "request_timeout_ms": TIMEOUT_MS,
            **security,
        }
        self._topics = list(topics)
        self._stop = threading.Event()
        self._answered_s = float("-inf")
        self._bootstrap = bootstrap
        self._refusals = Refusals.of_kafka_python()
        self.refused = False
        """Whether trying again is of no use before a person has changed something."""
        self.view: BrokerView | None = None
        self.error = ""
        """Why the last request failed; empty after an answer."""
        self._thread = threading.Thread(target=self._run, name="broker watch", daemon=True)

    def start(self) -> None:
        """Begin asking."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread; it ends within one request's time-out."""
        self._stop.set()
        self._thread.join()

    @property
    def answers(self) -> bool:
        """Whether Kafka answered within `LOST_AFTER_S`."""
        return time.monotonic() - self._answered_s < LOST_AFTER_S

    def _run(self) -> None:
        admin: _Admin | None = None
        while not self._stop.wait(PERIOD_S if admin or self.error else 0):
            try:
                if admin is None:
                    admin = _Admin(**self._configuration)
                self.view = _view(admin.describe_topics(self._topics))
                self._answered_s, self.error, self.refused = time.monotonic(), "", False
            except (KafkaError, OSError, ValueError):
                refusal = self._refusals.take()
                self.refused = bool(refusal)
                self.error = f"Kafka at {self._bootstrap} {refusal or 'does not answer'}"
                # A new client finds a broker that came back at once; an old one may still be waiting its back-off.
                _close(admin)
                admin = None
        _close(admin)


def _close(admin: _Admin | None) -> None:
    if admin is not None:
        with contextlib.suppress(KafkaError, OSError):
            admin.close()


def _view(topics: Sequence[Mapping[str, Any]]) -> BrokerView:
    def named(code: int) -> tuple[str, ...]:
        return tuple(topic["name"] for topic in topics if topic["error_code"] == code)

    partitions = {topic["name"]: len(topic["partitions"]) for topic in topics if not topic["error_code"]}
    return BrokerView(partitions, named(_UNKNOWN_TOPIC), named(_FORBIDDEN))
