"""Tables of the warehouse: names, columns and the one way time is stored.

Times are Parquet INT64 microseconds, not UTC-adjusted, holding UTC; every engine runs in UTC. It is the only TIMESTAMP
layout that Hive, DuckDB and Spark read alike whatever their session zone. A partition's `day` is a string because
PyHive cannot bind a DATE.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Column(NamedTuple):
    """A column by its Hive type; DuckDB and Parquet types follow from it."""

    name: str
    hive_type: str


PARTITION: Final = (Column("refinery", "STRING"), Column("day", "STRING"))
MONTH_PARTITION: Final = (Column("refinery", "STRING"), Column("month", "STRING"))
"""Of the roll-ups in `MONTHLY`; `YYYY-MM`."""

HISTORY: Final = (
    Column("kks", "STRING"),
    Column("ts", "TIMESTAMP"),
    Column("v", "DOUBLE"),
    Column("q", "SMALLINT"),
)
"""One row a sample, sorted by kks and ts inside a day's file."""

RAW_PARTITION: Final = tuple(Column(name, "STRING") for name in ("refinery", "zone", "part", "since"))
"""A folder of chunks: `part` is p and the Kafka partition's number, `since` the day that `names.raw_chunk` names."""

HISTORY_RAW: Final = (
    *HISTORY,
    Column("topic", "STRING"),
    Column("kafka_partition", "INT"),
    Column("kafka_offset", "BIGINT"),
    Column("arrived", "TIMESTAMP"),
)
"""The lake writer's chunks as they landed: each Kafka record once, with where it came from."""

ROLLUP: Final = (
    Column("kks", "STRING"),
    Column("ts", "TIMESTAMP"),
    Column("v_min", "DOUBLE"),
    Column("v_max", "DOUBLE"),
    Column("v_mean", "DOUBLE"),
    Column("duration_good", "DOUBLE"),
    Column("n", "BIGINT"),
    Column("n_good", "BIGINT"),
    Column("q_worst", "SMALLINT"),
)
"""One row a tag and bucket in which a sample was in force: taken in it, or held from before it.

`ts` is the bucket's start. `v_min`, `v_max` and `v_mean` are of the values in force that are not bad, NULL where there
is none, so v_min <= v_mean <= v_max. `v_mean` is weighted by duration, and `duration_good` (seconds) is its weight:
buckets merge exactly by it. `q_worst` is the lowest quality code in force (OPC DA codes are ordered: bad < uncertain <
good). `n` counts the samples taken in the bucket, `n_good` the good ones; a bucket of held values only has n = 0. A
value is held until the next sample, but for `HOLD_HEARTBEATS` at most."""

HOLD_HEARTBEATS: Final = 3
"""A tag reports each heartbeat at least; one that missed three has no value any more."""

HISTORY_TABLE: Final = "history"
RAW_TABLE: Final = "history_raw"
"""All chunks, most of them in cold storage."""
OPEN_TABLE: Final = "history_open"
"""Of the same columns: the folders of chunks in which there may be events of days that are not loaded."""
ALL_VIEW: Final = "history_all"
MINUTE_TABLE: Final = "history_minute"
HOUR_TABLE: Final = "history_hour"
DAY_TABLE: Final = "history_day"
ROLLUP_SECONDS: Final = {MINUTE_TABLE: 60, HOUR_TABLE: 3600, DAY_TABLE: 86_400}
MONTHLY: Final = frozenset({HOUR_TABLE, DAY_TABLE})
"""Tables with a file a month: they are asked for by the year, and 365 small files cost more to open than to read."""


def partition_columns(table: str) -> tuple[Column, ...]:
    """What a day table is partitioned by."""
    return MONTH_PARTITION if table in MONTHLY else PARTITION


def partition_of(table: str, day: str) -> str:
    """The value of a day table's second partition column for a day (`YYYY-MM-DD`)."""
    return day[:7] if table in MONTHLY else day


_VALIDITY: Final = (Column("valid_from", "TIMESTAMP"), Column("valid_to", "TIMESTAMP"))
"""From when (inclusive) until when (exclusive, NULL: still) a row was so: a tag may be re-ranged or moved."""

DIMENSIONS: Final[dict[str, tuple[Column, ...]]] = {
    "refineries": (
        Column("refinery", "STRING"),
        Column("name", "STRING"),
        Column("timezone", "STRING"),
        Column("heartbeat_s", "DOUBLE"),
        *_VALIDITY,
    ),
    "zones": (Column("refinery", "STRING"), Column("zone", "STRING"), Column("topic", "STRING"), *_VALIDITY),
    "equipment": (
        Column("refinery", "STRING"),
        Column("kks", "STRING"),
        Column("zone", "STRING"),
        Column("name", "STRING"),
        Column("product", "STRING"),
        Column("service", "STRING"),
        *_VALIDITY,
    ),
    "signals": (
        Column("refinery", "STRING"),
        Column("kks", "STRING"),
        *(Column(name, "STRING") for name in ("description", "unit", "kind", "role", "zone", "equipment", "loop")),
        *(Column(name, "STRING") for name in ("plc", "address")),
        *(Column(name, "DOUBLE") for name in ("low", "high", "ll", "l", "h", "hh")),
        *(Column(name, "DOUBLE") for name in ("scan_s", "heartbeat_s", "deadband")),
        Column("decimals", "INT"),
        Column("priority", "INT"),
        *_VALIDITY,
    ),
    "design_conditions": (
        Column("refinery", "STRING"),
        Column("kks", "STRING"),
        Column("unit", "STRING"),
        *(Column(name, "DOUBLE") for name in ("design_min", "design", "design_max")),
        *_VALIDITY,
    ),
}
"""What the plants' files say of refineries, zones, equipment, signals and design, with validity in time."""

DIMENSION_KEYS: Final[dict[str, tuple[str, ...]]] = {
    "refineries": ("refinery",),
    "zones": ("refinery", "zone"),
    "equipment": ("refinery", "kks"),
    "signals": ("refinery", "kks"),
    "design_conditions": ("refinery", "kks"),
}
"""By which columns a row is the same thing at another time."""

SIGNALS_VIEW: Final = "current_signals"


def dimension_file(table: str, refinery: str) -> str:
    """The object that holds one refinery's rows of a dimension table."""
    return f"dimensions/{table}/{refinery}.parquet"
