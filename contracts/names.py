"""Names that parts must agree on: refineries, zones, topics, objects in the lake.

Every prefix ends in its separator: `r1` would open `r10`.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

from contracts import tables

_ID: Final = re.compile(r"[a-z0-9-]{1,24}")
TRAINING_PREFIX: Final = "sim-"
"""A training plant is a refinery of its own; its id begins so, and its data never enter a real refinery's lake."""

SIMULATOR_VENDOR: Final = "Sinoptico"
SIMULATOR_PRODUCT_CODE: Final = "SIMULATOR"
"""Modbus device identification (function 43/14, objects 0 and 1) by which a simulator is known."""


def checked_id(text: str, what: str) -> str:
    """`text` if it can name a refinery or a zone (`what` says which). Raises ValueError."""
    if not _ID.fullmatch(text) and not (what == "zone" and _ID.fullmatch(text.removeprefix("_"))):
        raise ValueError(f"{what} {text!r}: use 1 to 24 of the characters a-z, 0-9 and -")
    return text


def is_training(refinery: str) -> bool:
    """True if the refinery is a simulated one."""
    return refinery.startswith(TRAINING_PREFIX)


def topic(refinery: str, zone: str) -> str:
    """The Kafka topic of one zone."""
    return f"{checked_id(refinery, 'refinery')}.{checked_id(zone, 'zone')}"


def topic_prefix(refinery: str) -> str:
    """What an ACL grants to open one refinery."""
    return f"{checked_id(refinery, 'refinery')}."


def refinery_of_topic(name: str) -> str:
    """The refinery a topic belongs to."""
    return name.split(".", 1)[0]


def raw_prefix(refinery: str) -> str:
    """Where a refinery's raw chunks lie in the lake."""
    return f"raw/{checked_id(refinery, 'refinery')}/"


def raw_partition_prefix(topic_name: str, partition: int, log: str = "") -> str:
    """Where one topic partition's chunks lie. `log` tells a topic that was made anew from the first of its name."""
    refinery, zone = topic_name.split(".", 1)
    return f"{raw_prefix(refinery)}{zone}/p{partition:03d}{f'-{log}' if log else ''}/"


FIRST_SINCE: Final = "0000-00-00"
"""The folder of a log's first chunk, which no other came before."""


def raw_chunk(topic_name: str, partition: int, first_offset: int, log: str = "", since: str = FIRST_SINCE) -> str:
    """The object that holds a topic partition's records from `first_offset` on, in the folder of the day `since`.

    Its end is not in its name but in its metadata: two writers that rotate at different records must meet on one name.
    So `since` may not be the chunk's own day, on which they could disagree. It is `since_after` the chunk before it:
    that one is stored, and the same for both.
    """
    return f"{raw_partition_prefix(topic_name, partition, log)}{since}/{first_offset:020d}.parquet"


def since_after(since: str, last_arrived_us: int) -> str:
    """The folder of the chunk that follows one in the folder `since` whose last record came at `last_arrived_us`.

    The UTC day of that arrival, but never a day before `since`: names are in the order of offsets, whatever clocks do.
    """
    return max(since, day_of(last_arrived_us))


def since_of(chunk_name: str) -> str:
    """The folder of a chunk; `FIRST_SINCE` for one of a lake from before there were such folders."""
    parts = chunk_name.split("/")
    return parts[4] if len(parts) == 6 else FIRST_SINCE


def log_of(chunk_name: str) -> str:
    """`raw/<refinery>/<zone>/p000/`: where the chunks of the same topic partition lie."""
    return "/".join(chunk_name.split("/")[:4]) + "/"


def quarantine_prefix(refinery: str) -> str:
    """Where a refinery's records that are no event of it lie in the lake."""
    return f"quarantine/{checked_id(refinery, 'refinery')}/"


def history_prefix(refinery: str, day: str) -> str:
    """Hive's partition folder of one refinery and UTC day (`YYYY-MM-DD`)."""
    return f"history/refinery={checked_id(refinery, 'refinery')}/day={day}/"


def table_prefix(table: str, refinery: str, day: str) -> str:
    """Hive's partition folder of any day table (`history`, `history_minute` …) that holds a day."""
    column = tables.partition_columns(table)[-1].name
    return f"{table}/refinery={checked_id(refinery, 'refinery')}/{column}={tables.partition_of(table, day)}/"


def day_file(table: str, refinery: str, day: str) -> str:
    """The one object that holds a table's day, or the day's whole month; the loader replaces it whole."""
    return f"{table_prefix(table, refinery, day)}part-0.parquet"


def day_manifest(refinery: str, day: str) -> str:
    """What the loader knows of a loaded day: its report and the chunks it was made of."""
    return f"manifest/{checked_id(refinery, 'refinery')}/{day}.json"


def load_journal(refinery: str) -> str:
    """Which chunks the loader has seen and which days they made due."""
    return f"manifest/{checked_id(refinery, 'refinery')}/journal.json"


def day_of(time_us: int) -> str:
    """The UTC day of a source time, as Hive's partition writes it."""
    return datetime.fromtimestamp(time_us / 1_000_000, UTC).strftime("%Y-%m-%d")
