"""What a raw chunk in the lake says of itself: written by the lake writer, read by whoever looks for its events.

A chunk covers the offsets [first_offset, end_offset) of one topic partition. It is cut by arrival, so it may hold
events of several days; `days` says which, and how far. Metadata values are strings, as object stores keep them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Final, NamedTuple

LATE_US: Final = 7 * 86_400 * 1_000_000
"""An event that arrives later than this after its source time is quarantined: it would reopen a day long cooled."""

FUTURE_US: Final = 3600 * 1_000_000
"""An event further ahead of its arrival than this is quarantined: its source's clock is wrong."""


class BadChunk(ValueError):
    """An object under `raw/` without the metadata of a chunk; says which."""


class DaySpan(NamedTuple):
    """A chunk's events of one UTC day: how many, and their first and last source time (µs)."""

    events: int
    first_us: int
    last_us: int


@dataclass(frozen=True)
class Chunk:
    """One object of `names.raw_chunk`."""

    topic: str
    partition: int
    first_offset: int
    end_offset: int
    """Exclusive: the next chunk begins here."""
    count: int
    """Events inside."""
    rejected: int
    """Records of these offsets that are no event of this plant; they lie in `quarantine`."""
    first_arrived_us: int
    last_arrived_us: int
    """When the chunk's first and last record came, by the broker's clock or the lake writer's, not the producer's."""
    log_id: str = ""
    """Kafka's topic id: a topic that was deleted and made anew begins at offset 0 again but is another log."""
    quarantine: str = ""
    """Name of the object with the rejected records; empty where there are none."""
    lost: int = 0
    """Records of these offsets that Kafka dropped before they could be read."""
    days: Mapping[str, DaySpan] = field(default_factory=dict)

    @property
    def first_ts_us(self) -> int | None:
        """Source time of the earliest event, None where there is none."""
        return min((span.first_us for span in self.days.values()), default=None)

    @property
    def last_ts_us(self) -> int | None:
        """Source time of the latest event, None where there is none."""
        return max((span.last_us for span in self.days.values()), default=None)

    def metadata(self) -> dict[str, str]:
        """The chunk as an object's metadata."""
        return {
            "topic": self.topic,
            "partition": str(self.partition),
            "first_offset": str(self.first_offset),
            "end_offset": str(self.end_offset),
            "count": str(self.count),
            "rejected": str(self.rejected),
            "first_arrived_us": str(self.first_arrived_us),
            "last_arrived_us": str(self.last_arrived_us),
            "first_ts_us": str(self.first_ts_us or ""),
            "last_ts_us": str(self.last_ts_us or ""),
            "log_id": self.log_id,
            "quarantine": self.quarantine,
            "lost": str(self.lost),
            "days": json.dumps(self.days, sort_keys=True, separators=(",", ":")),
        }


def chunk_of(name: str, metadata: Mapping[str, str]) -> Chunk:
    """The chunk that an object's metadata describes. Raises `BadChunk` naming the object."""
    try:
        days = {str(day): DaySpan(*map(int, span)) for day, span in json.loads(metadata["days"]).items()}
        numbers = {
            key: int(metadata[key])
            for key in (
                "partition",
                "first_offset",
                "end_offset",
                "count",
                "rejected",
                "first_arrived_us",
                "last_arrived_us",
                "lost",
            )
        }
        return Chunk(
            topic=metadata["topic"], log_id=metadata["log_id"], quarantine=metadata["quarantine"], days=days, **numbers
        )
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise BadChunk(
            f"{name}: its metadata does not say which offsets and days it holds ({error!r}); "
            "was it copied without its metadata?"
        ) from error


@dataclass
class Journal:
    """What the loader has seen of one refinery's chunks, and what is still to be loaded of them.

    One object of the lake (`names.load_journal`), written by the loader. By it a reader knows which chunks hold events
    that are in no loaded day yet: all others it may leave alone, in cold storage.
    """

    seen: dict[str, str] = field(default_factory=dict)
    """Log (`names.log_of`) → name of the last chunk that was looked at."""
    due: dict[str, int] = field(default_factory=dict)
    """Day → mark of the chunk that made it due last, or the day before it: it has changed if more came."""
    due_from: dict[str, dict[str, str]] = field(default_factory=dict)
    """Day → log → name of the first chunk with events of that day that are not loaded."""
    marks: int = 0

    def open_from(self, log: str) -> str:
        """The name from which on a log's chunks may hold events that are not loaded; those below it hold none."""
        firsts = [first[log] for first in self.due_from.values() if log in first]
        return min(firsts, default=f"{self.seen[log]}." if log in self.seen else log)

    def content(self) -> bytes:
        """As an object."""
        return json.dumps(asdict(self), sort_keys=True).encode()


def journal_of(content: bytes) -> Journal:
    """The journal in an object of `Journal.content`. Raises `ValueError` if there is none in it."""
    try:
        journal = Journal(**json.loads(content))
        texts = {*journal.seen.values(), *(name for first in journal.due_from.values() for name in first.values())}
        marks = {journal.marks, *journal.due.values()}
    except (TypeError, AttributeError) as error:
        raise ValueError("not a loader's journal") from error
    if not all(isinstance(text, str) for text in texts) or not all(isinstance(mark, int) for mark in marks):
        raise ValueError("not a loader's journal")
    return journal
