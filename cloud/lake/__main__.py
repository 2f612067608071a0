"""`python -m cloud.lake`: read every topic of the given plants and keep each record in the lake, exactly once."""

from __future__ import annotations

import argparse
import logging
import os
import sys
import threading
import time
from pathlib import Path

from cloud.lake.judge import Judge, KnownSignals
from cloud.lake.kafka_log import SESSION_S, KafkaLog
from cloud.lake.writer import LakeWriter, Rotation
from contracts import kafka_settings, plant
from contracts.lake import BadChunk
from contracts.plant import BadPlant
from runtime import child
from runtime.object_store import StoreError, open_store

_POLL_S = 0.2


def main() -> int:
    """Run until told to stop; 2 for bad input, 1 where the lake cannot be used at all."""
    arguments = _arguments()
    logging.basicConfig(level=logging.INFO, format="lake: %(message)s", stream=sys.stderr)
    stop = child.stop_event()
    child.report("starting")
    try:
        known = KnownSignals(arguments.plant)
        store = open_store(arguments.lake)
        kafka = kafka_settings.reached([plant.load(folder) for folder in arguments.plant], arguments.bootstrap)
        log = KafkaLog(kafka.bootstrap, known.refineries, kafka.for_librdkafka(), arguments.session)
    except (BadPlant, ValueError) as error:
        child.report("failed", detail=str(error))
        return 2
    except StoreError as error:
        child.report("failed", detail=str(error))
        return 1
    rotation = Rotation(
        records=arguments.records,
        value_bytes=int(arguments.mib * 1024 * 1024),
        age_s=arguments.age,
        buffered_bytes=int(arguments.buffer_mib * 1024 * 1024),
    )
    writer = LakeWriter(store, Judge(known), log, rotation)
    log.subscribe(writer)
    ended = threading.Event()
    reporter = threading.Thread(target=_report_each_second, args=(writer, log, ended), name="reports")
    reporter.start()
    try:
        while not stop.is_set():
            writer.add(log.poll(_POLL_S))
        writer.store_due(everything=True)
        closed = log.close()
    except BadChunk as error:
        child.report("failed", detail=str(error))
        return 1
    finally:
        ended.set()
        reporter.join()
    if not closed:
        # Nothing is lost: what Kafka was not told of is found in the chunks at the next start.
        sys.stderr.flush()
        os._exit(0)
    return 0


def _report_each_second(writer: LakeWriter, log: KafkaLog, ended: threading.Event) -> None:
    """Apart from the work, so that a store that hangs shows as a growing age instead of silence."""
    while not ended.wait(1.0):
        counters = writer.counters
        trouble = writer.trouble or log.trouble
        child.report(
            "degraded" if trouble else "ready" if log.started else "starting",
            trouble,
            records=counters.records,
            chunks=counters.chunks,
            open_records=writer.open_records,
            rejected=counters.rejected,
            lost=counters.lost,
            adopted=counters.adopted,
            lag=log.lag,
            last_chunk_age_s=round(time.monotonic() - counters.last_chunk_s, 1),
        )


def _arguments() -> argparse.Namespace:
    default = Rotation()
    parser = argparse.ArgumentParser(prog="cloud.lake", description=__doc__)
    parser.add_argument("--plant", type=Path, action="append", required=True, help="plant folder; may be repeated")
    parser.add_argument("--bootstrap", default="", help="host:port; default: bootstrap of plant.toml [kafka]")
    parser.add_argument("--lake", required=True, help="a folder, or gs://bucket")
    parser.add_argument("--state", type=Path, help="accepted as every process does; this one keeps no state of its own")
    parser.add_argument("--records", type=int, default=default.records, help="records after which a chunk is stored")
    parser.add_argument("--mib", type=float, default=default.value_bytes / 2**20, help="its size in MiB of values")
    parser.add_argument("--age", type=float, default=default.age_s, help="its age in seconds")
    parser.add_argument("--buffer-mib", type=float, default=default.buffered_bytes / 2**20, help="held over all topics")
    parser.add_argument("--session", type=float, default=SESSION_S, help="seconds until a dead writer is missed")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
