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

HISTORY: Final = (
    Column("kks", "STRING"),
    Column("ts", "TIMESTAMP"),
    Column("v", "DOUBLE"),
    Column("q", "SMALLINT"),
)
"""One row a sample, sorted by kks and ts inside a day's file."""

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
)
"""One row a tag and bucket: `ts` its start, `v_mean` weighted by duration, `duration_good` in seconds."""

HISTORY_TABLE: Final = "history"
RAW_TABLE: Final = "history_raw"
ALL_VIEW: Final = "history_all"
MINUTE_TABLE: Final = "history_minute"
HOUR_TABLE: Final = "history_hour"
DAY_TABLE: Final = "history_day"
ROLLUP_SECONDS: Final = {MINUTE_TABLE: 60, HOUR_TABLE: 3600, DAY_TABLE: 86_400}
