"""The gateway of one plant: PLCs through PLC4X to Kafka.

python -m cloud.mtu --plant DIR --state DIR --bootstrap H:P [--plc NAME=CONNECTION …] [--buffer-mb N]

Ends with 75 when the supervisor should start it again: PLC4J's memory creeps with every reconnect.
"""

from __future__ import annotations

import argparse
import dataclasses
import logging
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any, Final

from confluent_kafka import KafkaException

from cloud.mtu import connector, plc4x
from cloud.mtu.clock import Clock
from cloud.mtu.connector import BadTag, ConnectorFeed
from cloud.mtu.journal import Journal, JournalInUse
from cloud.mtu.memory import rss_mb
from cloud.mtu.poller import Poller
from cloud.mtu.publisher import Publisher
from cloud.mtu.tags import TagTable
from contracts import kafka_settings, plant
from contracts.kafka_settings import KafkaSettings
from contracts.plant import BadPlant, Plant, Plc
from runtime import jars
from runtime.child import report, stop_event
from runtime.jars import JarsMissing
from runtime.java import JavaMissing, jvm_library

RESTART: Final = 75
"""EX_TEMPFAIL of sysexits.h: nothing is wrong, start it again."""
_RSS_LIMIT_MB: Final = 400.0
_RECONNECT_LIMIT: Final = 1000
_CLOCK_BACK_S: Final = 1.0
_REPORT_S: Final = 1.0
_CLOSE_S: Final = 3.0


class _Stopped(Exception):
    """The parent asked for the end while jars were fetched."""


class Gateway:
    """Pollers, journal and publisher of one plant."""

    def __init__(
        self, loaded: Plant, state: Path, settings: KafkaSettings, buffer_bytes: int, stop: threading.Event
    ) -> None:
        """Opens the journal and the producer. Raises `BadPlant`, `JournalInUse`, OSError or `KafkaException`."""
        bootstrap, security = settings.bootstrap, settings.for_librdkafka()
        self._journal = Journal(state / "journal", loaded.topics, buffer_bytes)
        self._clock = Clock(self._journal.last_time_us)
        self._pollers: list[Poller | ConnectorFeed] = []
        where = loaded.folder / "plant.toml"
        fed = [each for each in loaded.signals if settings.plc4x_topic and each.extra.get(connector.COLUMN)]
        if fed and loaded.is_training:
            raise BadPlant(f"{where}: a training plant takes no records of a PLC4X connector; remove plc4x_topic")
        by_connector = {signal.kks for signal in fed}
        first_row = len(fed)
        for plc in loaded.plcs.values():
            signals = [each for each in loaded.signals if each.plc == plc.name and each.kks not in by_connector]
            table = TagTable(loaded.refinery, signals, first_row)
            first_row += len(signals)
            try:
                if signals:
                    self._pollers.append(Poller(loaded.refinery, plc, signals, table, self._clock, self._publish, stop))
            except ValueError as error:
                raise BadPlant(f"{where}: [plc.{plc.name}]: {error}") from error
        if fed:
            reach = {**security, "bootstrap.servers": bootstrap}
            table = TagTable(loaded.refinery, fed)
            try:
                self._pollers.append(
                    ConnectorFeed(
                        loaded.refinery, settings.plc4x_topic, reach, fed, table, self._clock, self._publish, stop
                    )
                )
            except BadTag as error:
                raise BadPlant(f"{loaded.folder}: {error}") from error
        self._publisher = Publisher(self._journal, bootstrap, security)

    def start(self) -> None:
        """Start polling, devices spread over their scan period."""
        for place, poller in enumerate(self._pollers):
            poller.start(place / len(self._pollers))

    def counters(self) -> dict[str, Any]:
        """What the report carries."""
        publisher = self._publisher
        return {
            "polled": sum(poller.polled for poller in self._pollers),
            "late": sum(poller.late for poller in self._pollers),
            "sent": publisher.sent,
            "acked": publisher.acked,
            "buffered": publisher.buffered,
            "buffered_bytes": publisher.buffered_bytes,
            "dropped": publisher.dropped,
            "reconnects": self.reconnects,
            "plcs": {poller.name: poller.state for poller in self._pollers},
            "poll_ms": {poller.name: round(poller.poll_ms, 1) for poller in self._pollers},
            "cpu_s": round(time.process_time(), 2),
            "rss_mb": round(rss_mb()),
        }

    @property
    def reconnects(self) -> int:
        """Connections made after each device's first."""
        return sum(max(0, poller.reconnects - 1) for poller in self._pollers)

    @property
    def sending(self) -> bool:
        """False if events no longer leave, whatever Kafka does."""
        return self._publisher.alive

    @property
    def state(self) -> str:
        """`starting` until every device was tried, `degraded` while something is lost."""
        if not all(poller.tried for poller in self._pollers):
            return "starting"
        return "degraded" if self.trouble else "ready"

    @property
    def trouble(self) -> str:
        """What is wrong now, the worst first, one sentence; empty if nothing is."""
        publisher = self._publisher
        sentences = [publisher.disk_error, publisher.error, *publisher.failures]
        sentences += [poller.state for poller in self._pollers if poller.tried and not poller.good]
        if self._clock.ahead_s > _CLOCK_BACK_S:
            sentences.append(f"this machine's clock was set back: source times are {self._clock.ahead_s:.0f} s ahead")
        return next((sentence for sentence in sentences if sentence), "")

    def close(self) -> None:
        """Wait for the pollers, send what can be sent, keep the rest."""
        deadline = time.monotonic() + _CLOSE_S
        for poller in self._pollers:
            poller.join(max(0.0, deadline - time.monotonic()))
        self._publisher.close(_CLOSE_S)

    def _publish(self, topic: str, events: Any, time_us: int) -> None:
        self._publisher.publish(topic, events, time_us)


def main(arguments: list[str]) -> int:
    """The box's exit code: 0 done, 1 failed, 2 bad usage or input, 75 start again."""
    parser = argparse.ArgumentParser(prog="python -m cloud.mtu")
    parser.add_argument("--plant", type=Path, required=True, help="plant folder")
    parser.add_argument("--state", type=Path, required=True, help="folder of the buffer")
    parser.add_argument("--bootstrap", default="", help="host:port; default: bootstrap of plant.toml [kafka]")
    parser.add_argument("--plc", action="append", default=[], metavar="NAME=CONNECTION", help="instead of plant.toml's")
    parser.add_argument("--buffer-mb", type=int, default=512, help="most the buffer may take on disk (default 512)")
    options = parser.parse_args(arguments)
    logging.basicConfig(format="%(levelname)s %(message)s", level=logging.INFO, stream=sys.stderr)
    stop = stop_event()
    report("starting", "the gateway is starting")
    try:
        loaded = _with_connections(plant.load(options.plant), options.plc)
        settings = kafka_settings.reached([loaded], options.bootstrap)
        plc4x.start_jvm(jvm_library(), jars.fetch("plc4x", _progress(stop)))
        gateway = Gateway(loaded, options.state, settings, max(1, options.buffer_mb) << 20, stop)
    except BadPlant as error:
        report("failed", str(error))
        return 2
    except (JavaMissing, JarsMissing, JournalInUse) as error:
        report("failed", str(error))
        return 1
    except (OSError, KafkaException) as error:
        report("failed", f"the gateway cannot start: {error}")
        return 1
    except _Stopped:
        return 0
    gateway.start()
    try:
        return _serve(gateway, stop)
    finally:
        stop.set()
        gateway.close()


def _serve(gateway: Gateway, stop: threading.Event) -> int:
    while not stop.wait(0.1 if gateway.state == "starting" else _REPORT_S):
        trouble, counters = gateway.trouble, gateway.counters()
        report(gateway.state, trouble, **counters)
        if not gateway.sending:
            report("failed", "the gateway's sender ended unexpectedly; it must be started again", **counters)
            return 1
        if counters["rss_mb"] > _RSS_LIMIT_MB or gateway.reconnects > _RECONNECT_LIMIT:
            why = f"{counters['rss_mb']} MB and {gateway.reconnects} reconnects: time for a new process"
            report(gateway.state, why, **counters)
            return RESTART
    return 0


def _with_connections(loaded: Plant, given: list[str]) -> Plant:
    plcs = dict(loaded.plcs)
    for text in given:
        name, _, connection = text.partition("=")
        if name not in plcs or not connection:
            known = ", ".join(plcs)
            raise BadPlant(f"--plc {text}: expected NAME=CONNECTION with one of the plant's devices ({known})")
        plcs[name] = Plc(name, connection, plcs[name].scan_s)
    return dataclasses.replace(loaded, plcs=plcs)


def _progress(stop: threading.Event) -> jars.Progress:
    def progress(done: int, total: int, _name: str) -> None:
        if stop.is_set():
            raise _Stopped
        report("starting", f"Fetching PLC4X: {done} of {total} files", done=done, total=total)

    return progress


if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.stdout.flush()
    sys.stderr.flush()
    # Not sys.exit: netty's threads can keep the JVM, and with it this process, for seconds after all is closed.
    os._exit(code)
