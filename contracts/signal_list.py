"""The signal list (I/O list) of a plant: one row a signal, from CSV or Excel.

Columns may stand in any order; those this product does not know are kept. A bad row is named by file, line and column.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal, get_args

from contracts import kks as kks_code
from contracts import table_file
from contracts.names import checked_id
from contracts.table_file import Row

Kind = Literal["analog", "binary", "step"]
REQUIRED: Final = ("kks", "kind", "role", "plc", "address", "zone")


class BadSignalList(ValueError):
    """A signal list that cannot be used; says file, line, column and what to do."""


@dataclass(frozen=True, slots=True)
class Signal:
    """One configured signal. Values are in `unit`; raw values are what the register holds."""

    kks: str
    description: str
    unit: str
    kind: Kind
    role: str
    """level, pressure, temperature, flow, position, running, fault, command, setpoint, mode …"""
    low: float
    high: float
    raw_low: float | None
    """With `raw_high`: the raw span that maps linearly onto low..high. None: the register already holds units."""
    raw_high: float | None
    decimals: int
    plc: str
    address: str
    """PLC4X address, e.g. `input-register:1:REAL` (1-based)."""
    scan_s: float
    heartbeat_s: float
    deadband: float
    zone: str
    equipment: str
    """KKS of the equipment the signal belongs to; empty where the list does not say."""
    loop: str
    design_min: float | None
    design: float | None
    design_max: float | None
    ll: float | None
    l: float | None  # noqa: E741 - the field's own name for the low limit
    h: float | None
    hh: float | None
    priority: int
    """Alarm priority 1 (highest) to 4."""
    writable: bool
    """Whether the simulator accepts writes; live mode never writes."""
    extra: Mapping[str, str] = field(default_factory=dict, compare=False)
    line: int = field(default=0, compare=False)
    """Where it stands in the signal list, from 1; 0 for a signal that came from elsewhere."""

    @property
    def stepped(self) -> bool:
        """True if a value holds until the next one (binary, step), false if it runs sloped between them."""
        return self.kind != "analog"


def read(
    path: Path, *, scan_s: Mapping[str, float] | None = None, heartbeat_s: float = 10.0, tag_scheme: str = "kks"
) -> tuple[Signal, ...]:
    """The signals in `path`, in the file's order. Raises `BadSignalList`.

    For empty cells: `heartbeat_s`, and `scan_s` of the signal's PLC (by name; 1 s for one that is not in it).
    """
    try:
        rows = table_file.read(path, dict.fromkeys(_KNOWN, ()), REQUIRED)
    except table_file.BadTable as error:
        raise BadSignalList(str(error)) from error
    if not rows:
        raise BadSignalList(f"{path}: holds no signals; a header line and one line a signal are expected")
    signals: dict[str, Signal] = {}
    for row in rows:
        signal = _signal(row, scan_s or {}, heartbeat_s, tag_scheme)
        if signal.kks in signals:
            raise BadSignalList(f"{row.where}: {signal.kks} stands twice; each signal has one line")
        signals[signal.kks] = signal
    return tuple(signals.values())


_KNOWN: Final = frozenset(Signal.__slots__) - {"extra", "line"}


def _signal(row: Row, scan_s: Mapping[str, float], heartbeat_s: float, tag_scheme: str) -> Signal:
    where, cell = row.where, row.cells

    def text(name: str) -> str:
        return cell.get(name, "")

    def number(name: str) -> float | None:
        raw = text(name)
        if not raw:
            return None
        try:
            value = float(raw.replace(",", "."))
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise BadSignalList(f"{where}, column {name}: {raw!r} is not a number")
        return value

    def number_or(name: str, default: float) -> float:
        value = number(name)
        return default if value is None else value

    for name in REQUIRED:
        if not text(name):
            raise BadSignalList(f"{where}, column {name}: is empty")
    if text("kind") not in get_args(Kind):
        raise BadSignalList(f"{where}, column kind: {text('kind')!r} is not one of {', '.join(get_args(Kind))}")
    tag = text("kks")
    if tag_scheme == "kks":
        try:
            tag = str(kks_code.parse(tag))
        except kks_code.BadKks as error:
            raise BadSignalList(f"{where}, column kks: {error}") from error
    try:
        checked_id(text("zone"), "zone")
    except ValueError as error:
        raise BadSignalList(f"{where}, column zone: {error}") from error
    low, high = number_or("low", 0.0), number_or("high", 1.0 if text("kind") == "binary" else 100.0)
    if not low < high:
        raise BadSignalList(f"{where}, columns low and high: {low} is not below {high}")
    raw_low, raw_high = number("raw_low"), number("raw_high")
    if (raw_low is None) != (raw_high is None) or (raw_low is not None and raw_low == raw_high):
        raise BadSignalList(f"{where}, columns raw_low and raw_high: give two different numbers, or neither")
    scan, heartbeat = number_or("scan_s", scan_s.get(text("plc"), 1.0)), number_or("heartbeat_s", heartbeat_s)
    if scan <= 0 or heartbeat < scan:
        raise BadSignalList(f"{where}, columns scan_s and heartbeat_s: need 0 < scan_s <= heartbeat_s")
    decimals = number_or("decimals", 0 if text("kind") != "analog" else 2)
    priority = number_or("priority", 3)
    deadband = number_or("deadband", 0.0)
    if decimals not in range(10):
        raise BadSignalList(f"{where}, column decimals: {text('decimals')!r} is not a whole number from 0 to 9")
    if priority not in range(1, 5):
        raise BadSignalList(f"{where}, column priority: {text('priority')!r} is not 1, 2, 3 or 4")
    if deadband < 0:
        raise BadSignalList(f"{where}, column deadband: {text('deadband')!r} is below 0")
    return Signal(
        kks=tag,
        description=text("description"),
        unit=text("unit"),
        kind=text("kind"),  # type: ignore[arg-type]
        role=text("role"),
        low=low,
        high=high,
        raw_low=raw_low,
        raw_high=raw_high,
        decimals=int(decimals),
        plc=text("plc"),
        address=text("address"),
        scan_s=scan,
        heartbeat_s=heartbeat,
        deadband=deadband,
        zone=text("zone"),
        equipment=text("equipment").replace(" ", ""),
        loop=text("loop"),
        design_min=number("design_min"),
        design=number("design"),
        design_max=number("design_max"),
        ll=number("ll"),
        l=number("l"),
        h=number("h"),
        hh=number("hh"),
        priority=int(priority),
        writable=text("writable").lower() in {"1", "true", "yes", "si", "sí"},
        extra={name: value for name, value in cell.items() if name not in _KNOWN},
        line=row.line,
    )
