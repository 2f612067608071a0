"""Run the broker, or make a plant's topics on another Kafka.

python -m cloud.stream --state DIR [--port N] --plant DIR …
python -m cloud.stream topics --plant DIR … [--bootstrap H:P]
"""

from __future__ import annotations

import argparse
import socket
import sys
import threading
import time
from pathlib import Path
from typing import Final

from cloud.stream.broker import Broker, BrokerFailed
from cloud.stream.settings import HOST
from contracts import kafka_settings, plant
from contracts.plant import BadPlant, Plant
from runtime import jars
from runtime.child import report, stop_event
from runtime.jars import JarsMissing
from runtime.java import JavaMissing, find

START_S: Final = 60.0
"""Kafka answers 3 to 10 s after its start; later than this it never does."""
COUNTERS_S: Final = 5.0


class _Stopped(Exception):
    """The parent asked for the end before the broker was ready."""


def main(arguments: list[str]) -> int:
    """The box's exit code: 0 done, 1 failed, 2 bad usage or input."""
    making_topics = arguments[:1] == ["topics"]
    parser = argparse.ArgumentParser(prog="python -m cloud.stream" + (" topics" if making_topics else ""))
    parser.add_argument("--plant", type=Path, action="append", required=True, help="plant folder; may be repeated")
    if making_topics:
        parser.add_argument("--bootstrap", default="", help="host:port; default: bootstrap of plant.toml [kafka]")
        options = parser.parse_args(arguments[1:])
    else:
        parser.add_argument("--state", type=Path, required=True, help="folder the records are kept in")
        parser.add_argument("--port", type=int, default=0, help="client port; default: the last one, or a free one")
        options = parser.parse_args(arguments)
    try:
        plants = [plant.load(folder) for folder in options.plant]
        for each in plants:
            kafka_settings.of(each, "" if making_topics else kafka_settings.PLAIN)
    except BadPlant as error:
        report("failed", detail=str(error))
        return 2
    if making_topics:
        return _make_topics(plants, options.bootstrap)
    return _run_broker(plants, options.state, options.port)


def _make_topics(plants: list[Plant], bootstrap: str) -> int:
    from cloud.stream.topics import Topics, TopicsFailed

    for each in plants:
        try:
            settings = kafka_settings.reached([each], bootstrap)
            topics = Topics(settings.bootstrap, settings.for_kafka_python())
            try:
                misfits = topics.make(each, settings)
            finally:
                topics.close()
        except BadPlant as error:
            report("failed", detail=str(error))
            return 2
        except TopicsFailed as error:
            report("failed", detail=str(error))
            return 1
        report(
            "ready",
            bootstrap=settings.bootstrap,
            topics=list(each.topics),
            **({"detail": misfits[0]} if misfits else {}),
        )
    return 0


def _run_broker(plants: list[Plant], state: Path, port: int) -> int:
    stop = stop_event()
    report("starting", detail="Kafka is starting")
    try:
        broker = Broker(state, port)
        java, classpath = find(), _jars(stop)
        broker.start(java, classpath)
        try:
            return _serve(broker, plants, stop)
        finally:
            broker.stop()
    except _Stopped:
        return 0
    except (BrokerFailed, JavaMissing, JarsMissing) as error:
        report("failed", detail=str(error))
        return 1
    except OSError as error:
        report("failed", detail=f"Kafka could not be started: {error}")
        return 1


def _jars(stop: threading.Event) -> list[Path]:
    def progress(done: int, total: int, _name: str) -> None:
        if stop.is_set():
            raise _Stopped
        report("starting", detail=f"Fetching Kafka: {done} of {total} files", done=done, total=total)

    return jars.fetch("kafka", progress)


def _serve(broker: Broker, plants: list[Plant], stop: threading.Event) -> int:
    # Imported while the JVM starts: half a second that then costs nothing.
    from cloud.stream.topics import Topics, TopicsFailed, names

    _wait_for_answer(broker, stop)
    topics, bootstrap = Topics(broker.bootstrap), kafka_settings.PLAIN + broker.bootstrap
    try:
        try:
            misfits = [misfit for each in plants for misfit in topics.make(each, kafka_settings.of(each, bootstrap))]
        except TopicsFailed as error:
            raise BrokerFailed(str(error)) from error
        told = names(plants)
        notes = [*_left_aside(plants), *misfits]
        detail = {"detail": notes[0]} if notes else {}
        report("ready", bootstrap=bootstrap, topics=told, **detail)
        due = time.monotonic()
        while not stop.wait(0.25):
            if death := broker.death():
                raise BrokerFailed(death)
            if time.monotonic() < due:
                continue
            due = time.monotonic() + COUNTERS_S
            try:
                records = topics.end_offsets(told)
            except TopicsFailed as error:
                report("degraded", bootstrap=bootstrap, topics=told, detail=str(error))
                continue
            report(
                "ready",
                bootstrap=bootstrap,
                topics=told,
                records=records,
                bytes_on_disk=broker.bytes_on_disk(),
                **detail,
            )
    finally:
        topics.close()
    return 0


def _left_aside(plants: list[Plant]) -> list[str]:
    """One sentence a plant whose own Kafka this broker stands in for."""
    return [
        f"{each.folder / 'plant.toml'}: [kafka] is that of the plant's own Kafka; this broker is plain and local"
        for each in plants
        if each.services.get("kafka", {}).keys() & {"bootstrap", "security"}
    ]


def _wait_for_answer(broker: Broker, stop: threading.Event) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        if stop.is_set():
            raise _Stopped
        if death := broker.death():
            raise BrokerFailed(death)
        try:
            socket.create_connection((HOST, broker.port), timeout=1).close()
        except OSError:
            stop.wait(0.05)
            continue
        return
    raise BrokerFailed(f"Kafka did not open port {broker.port} within {START_S:.0f} s; see {broker.log}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
