"""The whole chain's processes: those of the demo, object store, Hive, loader, its schedule, panel."""

from __future__ import annotations

import socket
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from app import processes
from app.processes import BROKER, LAKE, Served
from runtime.supervisor import Process, Report, module

STORE, HIVE, LOADER, SCHEDULE, PANEL = "store", "hive", "loader", "schedule", "panel"
BUCKET: Final = "lake"
LAKE_URL: Final = f"gs://{BUCKET}"


def free_port() -> int:
    """A port that nobody uses now. The store's address goes into others' environment, so it must be known first."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(store_port: int) -> dict[str, str]:
    """What makes Google's client libraries and the gcs-connector talk to our object store."""
    return {"STORAGE_EMULATOR_HOST": f"http://127.0.0.1:{store_port}"}


def stack(served: Sequence[Served], state: Path, sheets: Path, store_port: int) -> list[Process]:
    """Every process, each started after those it needs."""
    plants = [one.plant for one in served]
    folders: list[object] = [word for plant in plants for word in ("--plant", plant.folder)]
    env = environment(store_port)

    def loader(known: Mapping[str, Report]) -> list[str]:
        return module("cloud.loader.serve", *folders, "--lake", LAKE_URL, "--hive", known[HIVE]["hive"])

    def schedule(known: Mapping[str, Report]) -> list[str]:
        return module("cloud.deploy.scheduler", "--function", known[LOADER]["url"])

    def panel(known: Mapping[str, Report]) -> list[str]:
        url = str(known.get(PANEL, {}).get("url", ""))
        port = url.rstrip("/").rpartition(":")[2] or "0"
        arguments = ["--bootstrap", known[BROKER]["bootstrap"], "--state", state / "panel", "--sheets", sheets]
        return module("cloud.portal", *folders, *arguments, "--port", port)

    return [
        *processes.simulators(plants),
        processes.broker(plants, state),
        *processes.gateways(plants, state),
        *processes.ingests(served, "kafka", local_broker=True, simulated=True),
        Process(STORE, module("cloud.deploy.object_store", "--state", state / "store", "--port", store_port)),
        Process(
            LAKE,
            lambda known: module(
                "cloud.lake",
                *folders,
                "--bootstrap",
                known[BROKER]["bootstrap"],
                "--lake",
                LAKE_URL,
                "--state",
                state / "lake-writer",
            ),
            env,
            (BROKER, STORE),
        ),
        Process(HIVE, module("cloud.warehouse", "serve", "--state", state / "hive", "--lake", LAKE_URL), env, (STORE,)),
        Process(LOADER, loader, env, (HIVE, STORE)),
        Process(SCHEDULE, schedule, None, (LOADER,)),
        Process(PANEL, panel, None, (BROKER,)),
    ]
