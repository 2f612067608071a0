"""Reads a plant's process model, `model.toml` beside `plant.toml`: tanks, pipes, valves, pumps and who drives them.

Every number is checked here, so that the model itself (`simulator.process`) meets only sound data.
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import msgspec

from contracts.signal_list import Signal
from simulator.properties import ANTOINE

FILE: Final = "model.toml"


class BadModel(ValueError):
    """A process model that cannot run; says file, place and what to do."""


class _Table(msgspec.Struct, forbid_unknown_fields=True):
    """A table of model.toml: a misspelt or missing key is named."""


class TankData(_Table):
    """A vessel. `strapping` is a CSV `level_m,volume_m3`; nothing leaves below `nozzle_m`.

    It is open to the air, or, with `vapour` (propane, butane), stands under that liquid's vapour pressure.
    """

    kks: str
    strapping: str
    level_m: float
    temperature_c: float
    density_15c_kg_m3: float
    heat_loss_kw_k: float = 0.0
    nozzle_m: float = 0.0
    vapour: str = ""


class BoundaryData(_Table):
    """Where the model ends: a berth, a unit, at a gauge pressure that sways by up to `sway_bar` in about `sway_s`."""

    name: str
    pressure_bar: float
    sway_bar: float = 0.0
    sway_s: float = 60.0
    temperature_c: float = 20.0
    density_15c_kg_m3: float = 850.0


class PipeData(_Table):
    """A length of pipe. `kv`: m³/h of water at 1 bar pressure drop."""

    name: str
    kv: float


class ValveData(_Table):
    """A valve: `kv` fully open, `rangeability` 0 = linear, else equal percentage; `open` is where it starts (0..1)."""

    kks: str
    kv: float
    stroke_s: float
    rangeability: float = 0.0
    open: float = 0.0


class PumpData(_Table):
    """A centrifugal pump by two points of its curve; it trips below `trip_below` of the quantity `trip_on`."""

    kks: str
    shutoff_head_m: float
    rated_head_m: float
    rated_flow_m3_h: float
    efficiency: float
    run_up_s: float = 4.0
    running: bool = False
    trip_on: str = ""
    trip_below: float = 0.0


class BranchData(_Table):
    """A way from node to node through `path`: pipes, valves and at most one pump in the direction of flow."""

    name: str
    start: str
    end: str
    path: tuple[str, ...]
    check: bool = False


class ExchangerData(_Table):
    """Heats or cools what flows forward in `branch`, towards `medium_c`.

    The medium condenses at that temperature, or, with `medium_kg_h`, is water that enters with it; `valve` throttles.
    """

    kks: str
    branch: str
    ua_kw_k: float
    medium_c: float
    medium_kg_h: float = 0.0
    hold_up_m3: float = 1.0
    valve: str = ""


class ControllerData(_Table):
    """A PI controller that moves `valve` to hold the quantity it `reads`; gain in valve travel (0..1) per its unit."""

    kks: str
    reads: str
    valve: str
    setpoint: float
    gain: float
    reset_s: float
    auto: bool = True


class SensorData(_Table):
    """What a signal reads: a quantity `NAME.quantity` of the model, its noise (standard deviation) and its lag."""

    reads: str
    noise: float = 0.0
    lag_s: float = 0.0


class BandData(_Table):
    """Two-point operation: inputs set when the watched quantity falls to `low` or rises to `high`."""

    watch: str
    low: float
    high: float
    at_low: dict[str, float]
    at_high: dict[str, float]


class StepData(_Table):
    """One step of a cycle."""

    at_s: float
    set: dict[str, float]


class CycleData(_Table):
    """Operation by the clock: each step's inputs at its time in every period."""

    period_s: float
    steps: tuple[StepData, ...]


class ProcessData(_Table):
    """The whole of model.toml."""

    ambient_c: float = 15.0
    tank: tuple[TankData, ...] = ()
    boundary: tuple[BoundaryData, ...] = ()
    junction: tuple[str, ...] = ()
    pipe: tuple[PipeData, ...] = ()
    valve: tuple[ValveData, ...] = ()
    pump: tuple[PumpData, ...] = ()
    branch: tuple[BranchData, ...] = ()
    exchanger: tuple[ExchangerData, ...] = ()
    controller: tuple[ControllerData, ...] = ()
    band: tuple[BandData, ...] = ()
    cycle: tuple[CycleData, ...] = ()
    sensors: dict[str, SensorData] = {}
    commands: dict[str, str] = {}


@dataclass(frozen=True)
class ProcessFile:
    """A checked process model and its tanks' strapping tables (levels in m, volumes in m³, both rising)."""

    data: ProcessData
    strapping: Mapping[str, tuple[tuple[float, ...], tuple[float, ...]]]


def read(folder: Path, signals: tuple[Signal, ...]) -> ProcessFile | None:
    """The process model in `folder`, or None where it has none. Raises `BadModel`."""
    path = folder / FILE
    if not path.exists():
        return None
    try:
        document: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        data = msgspec.convert(document, ProcessData)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise BadModel(f"{path}: {error}") from error
    _check_elements(path, data)
    _check_signals(path, data, signals)
    return ProcessFile(data, {tank.kks: _strapping(folder / tank.strapping) for tank in data.tank})


def name_of(element: msgspec.Struct) -> str:
    """How an element is called: its KKS, or the name of what has none."""
    return str(getattr(element, "kks", "") or getattr(element, "name", ""))


def _check_elements(path: Path, data: ProcessData) -> None:
    nodes = {name_of(node) for node in (*data.tank, *data.boundary)} | set(data.junction)
    passable = {name_of(part) for part in (*data.pipe, *data.valve, *data.pump)}
    pumps = {pump.kks for pump in data.pump}
    placed: dict[str, str] = {}
    for branch in data.branch:
        where = f"{path}, branch {branch.name}"
        for node in (branch.start, branch.end):
            if node not in nodes:
                raise BadModel(f"{where}: {node} is no tank, boundary or junction")
        for part in branch.path:
            if part not in passable:
                raise BadModel(f"{where}: {part} is no pipe, valve or pump")
            if placed.setdefault(part, branch.name) != branch.name:
                raise BadModel(f"{where}: {part} is in branch {placed[part]} already")
        if len(pumps.intersection(branch.path)) > 1:
            raise BadModel(f"{where}: has two pumps; put a junction between them")
        if passable.difference(pumps).isdisjoint(branch.path):
            raise BadModel(f"{where}: has no pipe and no valve, so nothing limits its flow")
    positive = [(pipe.name, "kv", pipe.kv) for pipe in data.pipe]
    positive += [(valve.kks, key, getattr(valve, key)) for valve in data.valve for key in ("kv", "stroke_s")]
    for pump in data.pump:
        keys = ("rated_head_m", "rated_flow_m3_h", "efficiency", "run_up_s")
        positive += [(pump.kks, key, getattr(pump, key)) for key in keys]
        if pump.shutoff_head_m <= pump.rated_head_m:
            raise BadModel(f"{path}, pump {pump.kks}: shutoff_head_m must be above rated_head_m")
    positive += [(tank.kks, "density_15c_kg_m3", tank.density_15c_kg_m3) for tank in data.tank]
    positive += [(row.kks, key, getattr(row, key)) for row in data.exchanger for key in ("ua_kw_k", "hold_up_m3")]
    positive += [(boundary.name, "sway_s", boundary.sway_s) for boundary in data.boundary]
    positive += [(controller.kks, "reset_s", controller.reset_s) for controller in data.controller]
    positive += [("cycle", "period_s", cycle.period_s) for cycle in data.cycle]
    for name, key, value in positive:
        if not value > 0:
            raise BadModel(f"{path}, {name}: {key} is {value:g}; it must be above 0")
    _check_attached(path, data)


def _check_attached(path: Path, data: ProcessData) -> None:
    """What hangs on tanks, branches and valves: vapours, exchangers, controllers."""
    branches, valves = {branch.name for branch in data.branch}, {valve.kks for valve in data.valve}
    for tank in data.tank:
        if tank.vapour and tank.vapour not in ANTOINE:
            raise BadModel(f"{path}, tank {tank.kks}: vapour {tank.vapour!r} is not one of {', '.join(ANTOINE)}")
    for exchanger in data.exchanger:
        if exchanger.branch not in branches or (exchanger.valve and exchanger.valve not in valves):
            raise BadModel(f"{path}, exchanger {exchanger.kks}: its branch or valve is not in the model")
    taken = [exchanger.branch for exchanger in data.exchanger]
    for name in taken:
        if taken.count(name) > 1:
            raise BadModel(f"{path}: branch {name} has two exchangers; put a junction between them")
    for controller in data.controller:
        if controller.valve not in valves:
            raise BadModel(f"{path}, controller {controller.kks}: valve {controller.valve} is not in the model")


def _check_signals(path: Path, data: ProcessData, signals: tuple[Signal, ...]) -> None:
    known = {signal.kks for signal in signals}
    for kks in (*data.sensors, *data.commands):
        if kks not in known:
            raise BadModel(f"{path}: {kks} is not in the signal list")
    for signal in signals:
        if signal.kks not in data.sensors and signal.kks not in data.commands:
            raise BadModel(f"{path}: {signal.kks} has no line under [sensors] or [commands]")
        if signal.writable != (signal.kks in data.commands):
            raise BadModel(f"{path}: {signal.kks}: writable signals, and only they, belong under [commands]")


def _strapping(path: Path) -> tuple[tuple[float, ...], tuple[float, ...]]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = [(float(row["level_m"]), float(row["volume_m3"])) for row in csv.DictReader(file)]
    except (OSError, UnicodeDecodeError, KeyError, TypeError, ValueError) as error:
        raise BadModel(f"{path}: not a strapping table with columns level_m,volume_m3: {error}") from error
    rising = all(low[0] < high[0] and low[1] < high[1] for low, high in pairwise(rows))
    if len(rows) < 2 or not rising:
        raise BadModel(f"{path}: needs two rows or more, with level and volume rising from row to row")
    levels, volumes = zip(*rows, strict=True)
    return levels, volumes
