"""A plant as every part knows it: `plant.toml` and the signal list beside it. Nothing in the code names a plant."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from contracts import names, signal_list, tags
from contracts.signal_list import Signal


class BadPlant(ValueError):
    """A plant folder that cannot be used; says file, place and what to do."""


@dataclass(frozen=True)
class Plc:
    """One device: a PLC4X connection string such as `modbus-tcp://10.0.0.7:502`."""

    name: str
    connection: str
    scan_s: float


@dataclass(frozen=True)
class DrawingFile:
    """One P&ID sheet. `mapping` (plant tag → KKS, CSV or Excel) is None where the drawing carries KKS itself."""

    file: Path
    title: str
    mapping: Path | None
    edits: Path | None = None
    """Folder of what people bound and noted on the drawing; None: beside the drawing."""


@dataclass(frozen=True)
class Tank:
    """One tank: what stock needs besides its live signals."""

    kks: str
    name: str
    product: str
    service: str
    """A `service` key of the theme's tokens: crude, naphtha, distillate, residue, lpg, water, slop …"""
    level: str
    """KKS of its level signal."""
    temperature: str
    """KKS of its temperature signal; empty where it has none."""
    strapping: Path
    """CSV `level_m,volume_m3`."""
    density_15c_kg_m3: float


@dataclass(frozen=True)
class Plant:
    """A refinery: identity, devices, signals, drawings, tanks, and where its services are."""

    folder: Path
    refinery: str
    name: str
    timezone: ZoneInfo
    heartbeat_s: float
    tag_scheme: str
    signals: tuple[Signal, ...]
    plcs: Mapping[str, Plc]
    drawings: tuple[DrawingFile, ...]
    tanks: tuple[Tank, ...]
    services: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """The optional tables `kafka`, `lake`, `historian` and `panel`, as written; the part that uses one checks it."""
    signal_list: Path = Path("signals.csv")
    """The file the signals came from."""
    kks_keys: Path | None = None
    """The project's own KKS keys (CSV, see `kks_keys`), or None."""

    @cached_property
    def by_kks(self) -> dict[str, Signal]:
        """Signal by KKS."""
        return {signal.kks: signal for signal in self.signals}

    @cached_property
    def zones(self) -> tuple[str, ...]:
        """Zones in the order of the signal list."""
        return tuple(dict.fromkeys(signal.zone for signal in self.signals))

    @cached_property
    def topics(self) -> tuple[str, ...]:
        """Kafka topic of each zone."""
        return tuple(names.topic(self.refinery, zone) for zone in self.zones)

    @property
    def is_training(self) -> bool:
        """True for a simulated plant."""
        return names.is_training(self.refinery)


def load(folder: Path) -> Plant:
    """The plant in `folder`. Raises `BadPlant` with a sentence fit for the person who wrote the files."""
    path = folder / "plant.toml"
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise BadPlant(f"{path}: not found; a plant folder holds plant.toml and its signal list") from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadPlant(f"{path}: {error}") from error
    try:
        return _plant(folder, document)
    except (BadPlant, signal_list.BadSignalList) as error:
        raise BadPlant(str(error)) from error
    except KeyError as error:
        raise BadPlant(f"{path}: {error.args[0]} is missing") from error
    except ValueError as error:
        raise BadPlant(f"{path}: {error}") from error


def _plant(folder: Path, document: dict[str, Any]) -> Plant:
    head = _table(document, "refinery")
    heartbeat_s = _positive(head, "heartbeat_s", 10.0, "[refinery]")
    plcs = {name: _plc(name, table) for name, table in _tables(document, "plc").items()}
    tag_scheme = tags.scheme(str(head.get("tag_scheme", "kks"))).name
    list_file = folder / str(head.get("signals", "signals.csv"))
    signals = signal_list.read(
        list_file,
        scan_s={name: plc.scan_s for name, plc in plcs.items()},
        heartbeat_s=heartbeat_s,
        tag_scheme=tag_scheme,
    )
    for signal in signals:
        if signal.plc not in plcs:
            raise BadPlant(f"{folder / 'plant.toml'}: [plc.{signal.plc}] is missing; {signal.kks} is read from it")
    by_kks = {signal.kks for signal in signals}
    tanks = tuple(_tank(folder, table, by_kks) for table in _array(document, "tanks"))
    return Plant(
        folder=folder,
        refinery=names.checked_id(str(_need(head, "id", "[refinery]")), "refinery"),
        name=str(head.get("name", head["id"])),
        timezone=_timezone(str(head.get("timezone", "UTC"))),
        heartbeat_s=heartbeat_s,
        tag_scheme=tag_scheme,
        signals=signals,
        plcs=plcs,
        drawings=tuple(_drawing(folder, table) for table in _array(document, "drawings")),
        tanks=tanks,
        services={name: _table(document, name) for name in ("kafka", "lake", "historian", "panel") if name in document},
        signal_list=list_file,
        kks_keys=folder / str(head["kks_keys"]) if head.get("kks_keys") else None,
    )


def _table(document: dict[str, Any], name: str) -> dict[str, Any]:
    table = document.get(name)
    if not isinstance(table, dict):
        raise KeyError(f"the table [{name}]")
    return table


def _tables(document: dict[str, Any], name: str) -> dict[str, dict[str, Any]]:
    """The tables `[name.KEY]`."""
    tables = document.get(name, {})
    if not isinstance(tables, dict) or not all(isinstance(table, dict) for table in tables.values()):
        raise ValueError(f"write each {name} as a table [{name}.NAME]")
    return tables


def _array(document: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """The tables `[[name]]`."""
    tables = document.get(name, [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise ValueError(f"write each of the {name} as a table [[{name}]], in double brackets")
    return tables


def _positive(table: Mapping[str, Any], key: str, default: float, where: str) -> float:
    value = table.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < math.inf:
        raise ValueError(f"{key} in {where} must be a number above 0, not {value!r}")
    return float(value)


def _timezone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, ZoneInfoNotFoundError) as error:
        raise ValueError(
            f"timezone {name!r} in [refinery] is unknown; write one such as Europe/Madrid or UTC"
        ) from error


def _plc(name: str, table: Mapping[str, Any]) -> Plc:
    where = f"[plc.{name}]"
    return Plc(name, str(_need(table, "connection", where)), _positive(table, "scan_s", 1.0, where))


def _need(table: Mapping[str, Any], key: str, where: str) -> Any:
    if key not in table:
        raise KeyError(f"{key} in {where}")
    return table[key]


def _drawing(folder: Path, table: Mapping[str, Any]) -> DrawingFile:
    file = folder / str(_need(table, "file", "[[drawings]]"))
    mapping, edits = (folder / str(table[name]) if table.get(name) else None for name in ("mapping", "edits"))
    return DrawingFile(file, str(table.get("title", file.stem)), mapping, edits)


def _tank(folder: Path, table: Mapping[str, Any], by_kks: set[str]) -> Tank:
    where = f"[[tanks]] {table.get('kks', '')}"
    level, temperature = str(_need(table, "level", where)), str(table.get("temperature", ""))
    for tag in (level, temperature):
        if tag and tag not in by_kks:
            raise BadPlant(f"{folder / 'plant.toml'}, {where}: {tag} is not in the signal list")
    return Tank(
        kks=str(_need(table, "kks", where)),
        name=str(table.get("name", table["kks"])),
        product=str(table.get("product", "")),
        service=str(table.get("service", "crude")),
        level=level,
        temperature=temperature,
        strapping=folder / str(_need(table, "strapping", where)),
        density_15c_kg_m3=_positive(table, "density_15c_kg_m3", 850.0, where),
    )
