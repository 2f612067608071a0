"""`python -m benchmarks.faults.producer`: send the events of a run, each at the offset that is its number.

After a SIGKILL the next one goes on where the partition ends: nothing is sent twice, so that a double found in the lake
is the lake's. A line `upto N` on standard input lets it send up to number N of each partition.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition

from benchmarks.faults import stream
from benchmarks.faults.stream import Stream
from runtime import child

BURST = 500
"""Records of one partition in a row."""


def main() -> int:
    """Run until told to stop; 1 if Kafka refused a record."""
    parser = argparse.ArgumentParser(prog="benchmarks.faults.producer")
    parser.add_argument("--bootstrap", required=True)
    parser.add_argument("--streams", type=Path, required=True)
    options = parser.parse_args()
    allowed = [0]
    stop = child.stop_event(lambda line: allowed.__setitem__(0, int(line.removeprefix("upto "))))
    child.report("starting")
    streams = stream.read(options.streams)
    ends = _ends(options.bootstrap, streams)
    producer = Producer({
        "bootstrap.servers": options.bootstrap,
        "enable.idempotence": True,
        # A record that is given up would shift all after it.
        "message.timeout.ms": 0,
        "linger.ms": 5,
        "log_level": 0,
        "reconnect.backoff.max.ms": 1000,
        "error_cb": _on_error,
    })  # fmt: skip
    acked = [0]

    def delivered(error: KafkaError | None, _record: Any) -> None:
        if error is not None:
            _refuse(str(error))
        acked[0] += 1

    told_s = 0.0
    while not stop.is_set():
        sent = 0
        for place, each in enumerate(streams):
            upto = min(each.count, allowed[0], ends[place] + BURST)
            for number in range(ends[place], upto):
                key, value = each.record(number)
                while True:
                    try:
                        producer.produce(each.topic, value, key, each.partition, on_delivery=delivered)
                        break
                    except BufferError:
                        producer.poll(0.05)
                        if stop.is_set():
                            return 0
                sent += 1
            ends[place] = max(upto, ends[place])
        waiting = len(producer)
        producer.poll(0 if sent else 0.05)
        if time.monotonic() - told_s > 0.5:
            told_s = time.monotonic()
            done = not waiting and all(end >= each.count for end, each in zip(ends, streams, strict=True))
            child.report("ready", acked=acked[0], waiting=waiting, ends=min(ends), done=done)
    producer.flush(5)
    return 0


def _ends(bootstrap: str, streams: list[Stream]) -> list[int]:
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "unused", "log_level": 0})
    try:
        while True:
            try:
                return [
                    int(consumer.get_watermark_offsets(TopicPartition(each.topic, each.partition), timeout=5)[1])
                    for each in streams
                ]
            except (KafkaException, TypeError):  # it restarts just now, and answers by an error or None
                time.sleep(0.2)
    finally:
        consumer.close()


def _on_error(error: KafkaError) -> None:
    if error.fatal():
        _refuse(str(error))


def _refuse(reason: str) -> None:
    child.report("failed", detail=reason)
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main())
