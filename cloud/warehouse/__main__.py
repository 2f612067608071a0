"""Run a local HiveServer2 over a lake, bring a Hive's tables up to date, or keep them so.

python -m cloud.warehouse serve --state DIR --lake URL [--port N]
python -m cloud.warehouse apply --lake URL [--hive H:P] [--plant DIR …]
python -m cloud.warehouse follow --lake URL --hive H:P      (what `serve` does too, for a Hive that runs elsewhere)
"""

from __future__ import annotations

import argparse
import os
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from cloud.warehouse.server import HiveServer, WarehouseFailed
from cloud.warehouse.settings import LAST_JAVA
from contracts import plant
from contracts.plant import BadPlant
from runtime import jars
from runtime.child import report, stop_event
from runtime.jars import JarsMissing
from runtime.java import JavaMissing, find
from runtime.object_store import AlreadyThere, ObjectStore, StoreError, open_store

START_S: Final = 240.0
"""Hive answers 10 s after its start on a quiet machine, 75 s on a loaded one; later than this it never does."""
FOLLOW_S: Final = 15.0
"""How often the lake is looked through for new folders of raw chunks."""


class _Stopped(Exception):
    """The parent asked for the end before Hive was ready."""


def main(arguments: list[str]) -> int:
    """The box's exit code: 0 done, 1 failed, 2 bad usage or input."""
    parser = argparse.ArgumentParser(prog="python -m cloud.warehouse")
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve", help="run a local HiveServer2")
    serve.add_argument("--state", type=Path, required=True, help="folder of the metastore and logs")
    serve.add_argument("--lake", required=True, help="a folder or gs://bucket")
    serve.add_argument("--port", type=int, default=0, help="Thrift port; default: the last one, or a free one")
    bring = commands.add_parser("apply", help="bring tables up to date")
    bring.add_argument("--lake", required=True, help="a folder or gs://bucket")
    bring.add_argument("--hive", default="", help="host:port; without it only the dimension tables are written")
    bring.add_argument("--plant", type=Path, action="append", default=[], help="plant folder; may be repeated")
    follow = commands.add_parser("follow", help="keep the tables of a running Hive in step with the lake")
    follow.add_argument("--lake", required=True, help="a folder or gs://bucket")
    follow.add_argument("--hive", required=True, help="host:port")
    options = parser.parse_args(arguments)
    try:
        if options.command == "follow":
            return _follow(options.hive, open_store(options.lake), options.lake, stop_event())
        if options.command == "serve":
            return _serve(options.state, options.lake, options.port)
        return _apply(options.lake, options.hive, options.plant)
    except (BadPlant, ValueError) as error:
        report("failed", detail=str(error))
        return 2
    except _Stopped:
        return 0
    except (WarehouseFailed, JavaMissing, JarsMissing, StoreError, AlreadyThere) as error:
        report("failed", detail=str(error))
        return 1
    except OSError as error:
        report("failed", detail=f"the warehouse could not go on: {error}")
        return 1


def _apply(lake: str, hive: str, folders: list[Path]) -> int:
    from cloud.warehouse import dimensions, partitions, schema
    from cloud.warehouse.client import HiveClient

    plants = [plant.load(folder) for folder in folders]
    store = open_store(lake)
    changed = {each.refinery: dimensions.write(store, each, datetime.now(UTC)) for each in plants}
    fields: dict[str, object] = {"changed": changed}
    if hive:
        with HiveClient(hive) as client:
            fields["scripts"] = schema.apply(client, lake)
            partitions.repair_days(client)
            raw = partitions.RawPartitions(store, lake)
            raw.follow(client)
            fields["folders"] = raw.count
    report("ready", hive=hive, lake=lake, **fields)
    return 0


def _serve(state: Path, lake: str, port: int) -> int:
    stop = stop_event()
    report("starting", detail="Hive is starting")
    store = open_store(lake)
    server = HiveServer(state, port)
    java, classpath = find(LAST_JAVA), _jars(stop)
    server.start(java, classpath, os.environ.get("STORAGE_EMULATOR_HOST", ""))
    try:
        _wait_for_answer(server, stop)
        return _follow(server.address, store, lake, stop, server.death)
    finally:
        server.stop()


def _jars(stop: threading.Event) -> list[Path]:
    def progress(done: int, total: int, _name: str) -> None:
        if stop.is_set():
            raise _Stopped
        report("starting", detail=f"Fetching Hive: {done} of {total} files", done=done, total=total)

    return jars.fetch("hive", progress)


def _follow(
    hive: str, store: ObjectStore, lake: str, stop: threading.Event, death: Callable[[], str | None] = lambda: None
) -> int:
    """Bring the tables up to date, then keep the partitions in step with the lake until the end."""
    # Imported while the JVM starts: half a second that then costs nothing.
    from cloud.warehouse import partitions, schema
    from cloud.warehouse.client import HiveClient

    raw = partitions.RawPartitions(store, lake)
    with HiveClient(hive) as client:
        schema.apply(client, lake)
        partitions.repair_days(client)
    due = 0.0
    while not stop.wait(0.25 if due else 0.0):
        if cause := death():
            raise WarehouseFailed(cause)
        if time.monotonic() < due:
            continue
        due = time.monotonic() + FOLLOW_S
        try:
            with HiveClient(hive) as client:
                raw.follow(client)
        except (WarehouseFailed, StoreError) as error:
            report("degraded", hive=hive, folders=raw.count, detail=str(error))
        else:
            report("ready", hive=hive, folders=raw.count)
    return 0


def _wait_for_answer(server: HiveServer, stop: threading.Event) -> None:
    """Return once a real SELECT was answered: the port opens some seconds before that."""
    from cloud.warehouse.client import HiveClient

    deadline = time.monotonic() + START_S
    reason = "it never opened its port"
    while time.monotonic() < deadline:
        if stop.is_set():
            raise _Stopped
        if death := server.death():
            raise WarehouseFailed(death)
        try:
            with HiveClient(server.address) as client:
                client.run("SELECT 1")
        except WarehouseFailed as error:
            reason = str(error)
            stop.wait(0.25)
        else:
            return
    raise WarehouseFailed(f"Hive did not answer within {START_S:.0f} s: {reason}; see {server.log}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
