"""The dimension tables: what plants' files say, written as Parquet beside the history (Hive cannot INSERT to gs://).

One object a table and refinery. A row that changed is closed (`valid_to`) and written anew from now on, so that a value
of last year is read with last year's range. What the first filling says holds since ever.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from contracts import tables
from contracts.plant import Plant
from contracts.signal_list import Signal
from runtime.object_store import ObjectStore

_ARROW: Final = {
    "STRING": pa.string(),
    "TIMESTAMP": pa.timestamp("us"),
    "DOUBLE": pa.float64(),
    "INT": pa.int32(),
}
_EVER: Final = datetime(1900, 1, 1)  # noqa: DTZ001 - the lake's times are UTC without saying so

Row = Mapping[str, Any]


def write(store: ObjectStore, plant: Plant, now: datetime) -> list[str]:
    """Bring one plant's dimension objects up to date at `now` (UTC); the tables that changed.

    Raises `StoreError`, or `AlreadyThere` if somebody else writes the same object at this moment.
    """
    changed = []
    moment = now.astimezone(UTC).replace(tzinfo=None)
    for table, rows in rows_of(plant).items():
        name = tables.dimension_file(table, plant.refinery)
        stat = store.stat(name)
        old = pq.read_table(io.BytesIO(store.read(name))).to_pylist() if stat else []
        new = merged(old, rows, tables.DIMENSION_KEYS[table], moment if stat else _EVER)
        if new != old or stat is None:
            sink = io.BytesIO()
            pq.write_table(pa.Table.from_pylist([dict(row) for row in new], schema=_schema(table)), sink)
            store.replace(name, sink.getvalue(), stat.generation if stat else 0)
            changed.append(table)
    return changed


def rows_of(plant: Plant) -> dict[str, list[Row]]:
    """Every dimension table's rows of one plant, without their validity."""
    refinery = plant.refinery
    return {
        "refineries": [
            {
                "refinery": refinery,
                "name": plant.name,
                "timezone": str(plant.timezone),
                "heartbeat_s": plant.heartbeat_s,
            }
        ],
        "zones": [
            {"refinery": refinery, "zone": zone, "topic": topic}
            for zone, topic in zip(plant.zones, plant.topics, strict=True)
        ],
        "equipment": _equipment(plant),
        "signals": [{"refinery": refinery, **_columns("signals", signal)} for signal in plant.signals],
        "design_conditions": [
            {"refinery": refinery, **_columns("design_conditions", signal)}
            for signal in plant.signals
            if (signal.design_min, signal.design, signal.design_max) != (None, None, None)
        ],
    }


def merged(old: Sequence[Row], rows: Sequence[Row], key: Sequence[str], now: datetime) -> list[Row]:
    """The table after `rows` became true at `now`: what did not change stays, what did is closed and written anew."""

    def key_of(row: Row) -> tuple[Any, ...]:
        return tuple(row[name] for name in key)

    wanted = {key_of(row): row for row in rows}
    result: list[Row] = []
    for row in old:
        if row["valid_to"] is not None:
            result.append(row)
            continue
        said = wanted.get(key_of(row))
        if said is not None and all(row[name] == value for name, value in said.items()):
            result.append(row)
            del wanted[key_of(row)]
        else:
            result.append({**row, "valid_to": now})
    result += [{**row, "valid_from": now, "valid_to": None} for row in wanted.values()]
    return result


def _equipment(plant: Plant) -> list[Row]:
    """Equipment that the signal list or `[[tanks]]` names."""
    tanks = {tank.kks: tank for tank in plant.tanks}
    zones: dict[str, str] = {}
    for signal in plant.signals:
        if signal.equipment:
            zones.setdefault(signal.equipment, signal.zone)
    for tank in plant.tanks:
        zones.setdefault(tank.kks, plant.by_kks[tank.level].zone)
    return [
        {
            "refinery": plant.refinery,
            "kks": kks,
            "zone": zone,
            "name": tanks[kks].name if kks in tanks else None,
            "product": tanks[kks].product if kks in tanks else None,
            "service": tanks[kks].service if kks in tanks else None,
        }
        for kks, zone in zones.items()
    ]


def _columns(table: str, signal: Signal) -> dict[str, Any]:
    """A signal's fields that are columns of the table."""
    names = [column.name for column in tables.DIMENSIONS[table]]
    return {name: getattr(signal, name) for name in names if hasattr(signal, name)}


def _schema(table: str) -> pa.Schema:
    return pa.schema([(column.name, _ARROW[column.hive_type]) for column in tables.DIMENSIONS[table]])
