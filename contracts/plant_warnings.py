"""What in a plant's files can be used but is hardly meant: `main.py check` says it, nothing else minds."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any, Final

from contracts import kafka_settings, kks_keys
from contracts.modbus_address import BadAddress, ModbusAddress, parse_address, parse_connection
from contracts.plant import Plant
from contracts.signal_list import Signal

ROLES: Final = frozenset(
    {"level", "pressure", "temperature", "flow", "position", "power", "speed", "current", "density", "vibration"}
    | {"running", "fault", "trip", "open", "closed", "command", "setpoint", "output", "mode"}
    | {"duty", "fuel", "flame", "temperature_in", "temperature_out", "bypass", "lifted", "tracing", "available"}
)
"""Roles that mean something to the drawing, the alarms or the tables; any other is a plain value."""

_KEYS: Final[Mapping[str, frozenset[str]]] = {
    "refinery": frozenset({"id", "name", "timezone", "tag_scheme", "signals", "heartbeat_s", "kks_keys"}),
    "plc": frozenset({"connection", "scan_s"}),
    "drawings": frozenset({"file", "title", "mapping", "edits"}),
    "tanks": frozenset({"kks", "name", "product", "service", "level", "temperature", "strapping", "density_15c_kg_m3"}),
    "kafka": kafka_settings.KEYS,
    "historian": frozenset({"url"}),
}
_OPEN_TABLES: Final = frozenset({"lake", "panel"})
"""Tables whose own part checks their keys."""
_HEADER: Final = re.compile(r"\s*\[\[?\s*([^\]]+?)\s*\]")
_KEY: Final = re.compile(r"\s*\"?([\w-]+)\"?\s*=")


def warnings(plant: Plant) -> list[str]:
    """Sentences that name file, line and column; empty for a plant without doubts. Raises OSError."""
    path = plant.folder / "plant.toml"
    text = path.read_text(encoding="utf-8")
    return [
        *(f"{path}{place}" for place in _unknown_keys(text)),
        *_key_warnings(plant),
        *_signal_warnings(plant, str(plant.signal_list)),
        *_address_warnings(plant, str(plant.signal_list), _lines_of(text)),
    ]


def _key_warnings(plant: Plant) -> Iterator[str]:
    """What is wrong with the project's own KKS keys: without them the standard ones are shown."""
    if plant.kks_keys is not None:
        try:
            kks_keys.read(plant.kks_keys)
        except kks_keys.BadKeys as error:
            yield str(error)


def _meant(word: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(word, sorted(known), 1)
    return f"; did you mean {close[0]}?" if close else f"; known are {', '.join(sorted(known))}"


# -- plant.toml --------------------------------------------------------------------------------------------------------


def _unknown_keys(text: str) -> Iterator[str]:
    lines = _lines_of(text)
    for name, content in tomllib.loads(text).items():
        if name in _OPEN_TABLES:
            continue
        if name not in _KEYS:
            line = lines.get((name, 0, "")) or lines.get(("", 0, name), 0)
            yield f"{_line(line)}: {name} is not known{_meant(name, {*_KEYS, *_OPEN_TABLES})}"
            continue
        for header, number, table in _tables(name, content):
            for key in sorted(table.keys() - _KEYS[name]):
                yield f"{_line(lines.get((header, number, key), 0))}, [{header}]: {key} is not known" + _meant(
                    key, _KEYS[name]
                )


def _tables(name: str, content: Any) -> Iterator[tuple[str, int, Mapping[str, Any]]]:
    """Header, which one of that header, and table, of everything under a name."""
    if isinstance(content, list):
        yield from ((name, number, table) for number, table in enumerate(content))
    elif name == "plc":
        yield from ((f"plc.{key}", 0, table) for key, table in content.items())
    else:
        yield name, 0, content


def _lines_of(text: str) -> dict[tuple[str, int, str], int]:
    """Line of each header (key empty) and of each key, by header and which one of that header it is."""
    found: dict[tuple[str, int, str], int] = {}
    seen: dict[str, int] = {}
    header = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if match := _HEADER.match(line):
            header = match[1].replace('"', "")
            seen[header] = seen.get(header, -1) + 1
            found.setdefault((header, seen[header], ""), number)
        elif match := _KEY.match(line):
            found.setdefault((header, seen.get(header, 0), match[1]), number)
    return found


def _line(number: int) -> str:
    return f", line {number}" if number else ""


# -- signal list -------------------------------------------------------------------------------------------------------


def _signal_warnings(plant: Plant, file: str) -> Iterator[str]:
    for signal in plant.signals:
        where = f"{file}, line {signal.line}"
        if signal.role not in ROLES:
            yield f"{where}, column role: {signal.role!r} is not known{_meant(signal.role, ROLES)}"
        limits = [(name, limit) for name in ("ll", "l", "h", "hh") if (limit := getattr(signal, name)) is not None]
        for (lower, low), (upper, high) in pairwise(limits):
            if not low < high:
                doubt = f"{low:g} is not below {high:g}; limits rise ll < l < h < hh"
                yield f"{where}, columns {lower} and {upper}: {doubt}"


def _address_warnings(plant: Plant, file: str, lines: Mapping[tuple[str, int, str], int]) -> Iterator[str]:
    devices: dict[str, tuple[str, int, int]] = {}
    for plc in plant.plcs.values():
        if plc.connection.startswith("modbus"):
            try:
                at = parse_connection(plc.connection)
            except BadAddress as error:
                line = _line(lines.get((f"plc.{plc.name}", 0, "connection"), 0))
                yield f"{plant.folder / 'plant.toml'}{line}, [plc.{plc.name}]: {error}"
                continue
            devices[plc.name] = (at.host, at.port, at.unit)
    placed: dict[tuple[tuple[str, int, int], str], list[tuple[ModbusAddress, Signal]]] = {}
    for signal in plant.signals:
        if signal.plc in devices:
            try:
                address = parse_address(signal.address)
            except BadAddress as error:
                yield f"{file}, line {signal.line}, column address: {error}"
                continue
            placed.setdefault((devices[signal.plc], address.bank), []).append((address, signal))
    for group in placed.values():
        group.sort(key=lambda entry: (entry[0].offset, entry[1].line))
        before, first = group[0]
        for after, second in group[1:]:
            if after.offset < before.offset + before.length:
                yield (
                    f"{file}, line {second.line}, column address: {second.address} of {second.kks} overlaps "
                    f"{first.address} of {first.kks} in line {first.line}"
                )
            if after.offset + after.length > before.offset + before.length:
                before, first = after, second
