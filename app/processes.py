"""Which processes a session needs, and their command lines (docs/architecture.md has them all)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contracts.plant import Plant
from resources.words import t
from runtime.supervisor import Process, Report, Status, module

SIMULATOR, BROKER, MTU, INGEST, LAKE = "simulator", "broker", "mtu", "ingest", "lake"


def part(name: str) -> str:
    """The part a process name stands for, without its refinery."""
    return name.split(" ", 1)[0]


def spoken(name: str) -> str:
    """A process name for a person."""
    kind, _, refinery = name.partition(" ")
    return f"{t(f'part.{kind}')} {refinery}".strip()


@dataclass(frozen=True)
class Served:
    """A plant and the live store its ingest process writes."""

    plant: Plant
    store: str


def _known_port(known: Mapping[str, Report], name: str) -> int:
    bootstrap = str(known.get(name, {}).get("bootstrap", ""))
    return int(bootstrap.rpartition(":")[2]) if bootstrap else 0


def _plant_arguments(plants: Sequence[Plant]) -> list[object]:
    return [word for plant in plants for word in ("--plant", plant.folder)]


def _plc_arguments(known: Mapping[str, Report], simulator: str) -> list[object]:
    plcs: Mapping[str, str] = known.get(simulator, {}).get("plcs", {})
    return [word for name, connection in plcs.items() for word in ("--plc", f"{name}={connection}")]


def simulators(plants: Sequence[Plant]) -> list[Process]:
    """One simulator for each simulated plant; ports are free ones, and stay the same over a restart."""

    def process(plant: Plant) -> Process:
        name = f"{SIMULATOR} {plant.refinery}"

        def argv(known: Mapping[str, Report]) -> list[str]:
            ports: list[object] = []
            former: Mapping[str, str] = known.get(name, {}).get("plcs", {})
            for plc in plant.plcs:
                connection = former.get(plc, "")
                port = connection.split("?")[0].rpartition(":")[2]
                ports += ["--port", f"{plc}={port if port.isdigit() else 0}"]
            return module("simulator", "--plant", plant.folder, *ports)

        return Process(name, argv)

    return [process(plant) for plant in plants if plant.is_training]


def broker(plants: Sequence[Plant], state: Path) -> Process:
    """The local Kafka."""
    return Process(
        BROKER,
        lambda known: module(
            "cloud.stream", "--state", state / "kafka", "--port", _known_port(known, BROKER), *_plant_arguments(plants)
        ),
    )


def gateways(plants: Sequence[Plant], state: Path, bootstrap: str = "") -> list[Process]:
    """One MTU a plant, to our broker, or to `bootstrap`."""

    def process(plant: Plant) -> Process:
        simulator = f"{SIMULATOR} {plant.refinery}"
        after = (*((simulator,) if plant.is_training else ()), *(() if bootstrap else (BROKER,)))

        def argv(known: Mapping[str, Report]) -> list[str]:
            where = bootstrap or known[BROKER]["bootstrap"]
            return module(
                "cloud.mtu", "--plant", plant.folder, "--state", state / "mtu" / plant.refinery,
                "--bootstrap", where, *_plc_arguments(known, simulator),
            )  # fmt: skip

        return Process(f"{MTU} {plant.refinery}", argv, after=after)

    return [process(plant) for plant in plants]


def ingests(
    served: Sequence[Served], source: str, *, bootstrap: str = "", local_broker: bool, simulated: bool
) -> list[Process]:
    """One writer a live store. `source` is kafka or modbus; `simulated`: its PLCs are our simulators."""

    def process(one: Served) -> Process:
        plant = one.plant
        simulator = f"{SIMULATOR} {plant.refinery}"
        after: tuple[str, ...] = ()
        if source == "kafka" and local_broker:
            after = (BROKER,)
        elif source == "modbus" and simulated and plant.is_training:
            after = (simulator,)

        def argv(known: Mapping[str, Report]) -> list[str]:
            arguments: list[object] = ["--plant", plant.folder, "--store", one.store, "--source", source]
            if source == "kafka":
                where = bootstrap or (known[BROKER]["bootstrap"] if local_broker else "")
                arguments += ["--bootstrap", where] if where else []
            else:
                arguments += _plc_arguments(known, simulator)
            return module("data.ingest", *arguments)

        return Process(f"{INGEST} {plant.refinery}", argv, after=after)

    return [process(one) for one in served]


def lake_writer(plants: Sequence[Plant], lake: str, state: Path, env: Mapping[str, str] | None = None) -> Process:
    """Kafka → raw chunks."""
    return Process(
        LAKE,
        lambda known: module(
            "cloud.lake",
            *_plant_arguments(plants),
            "--bootstrap",
            known[BROKER]["bootstrap"],
            "--lake",
            lake,
            "--state",
            state / "lake-writer",
            "--age",
            "60",
        ),
        env,
        (BROKER,),
    )


def demo(served: Sequence[Served], state: Path, lake: Path, *, direct: bool) -> list[Process]:
    """The demo's processes: through Kafka with the lake's writer, or Modbus straight to the store."""
    plants = [one.plant for one in served]
    if direct:
        return [*simulators(plants), *ingests(served, "modbus", local_broker=False, simulated=True)]
    return [
        *simulators(plants),
        broker(plants, state),
        *gateways(plants, state),
        *ingests(served, "kafka", local_broker=True, simulated=True),
        lake_writer(plants, str(lake), state),
    ]


def view(served: Sequence[Served], *, direct: bool, bootstrap: str) -> list[Process]:
    """Only what looks: the plant's own Kafka, or its PLCs directly."""
    return ingests(served, "modbus" if direct else "kafka", bootstrap=bootstrap, local_broker=False, simulated=False)


def failed_parts(states: Mapping[str, Status]) -> dict[str, str]:
    """Parts that are not there, with the reason: those that failed, not those that wait for them."""
    return {name: status.detail for name, status in states.items() if status.state == "failed"}


def counter(states: Mapping[str, Status], kind: str, *names: str) -> int:
    """The sum of a counter over all processes of a kind; 0 where nobody reported it."""
    total = 0
    for name, status in states.items():
        if part(name) == kind:
            total += next((int(_number(status.report.get(key))) for key in names if key in status.report), 0)
    return total


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
