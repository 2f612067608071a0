"""One sample on the wire: the Kafka record's value, and how a foreign or broken one is told apart.

Value = JSON `{"kks","ts","v","q"}`; key = the KKS; header `v` = the schema version. An event's identity is
(refinery, kks, ts), and encoding is deterministic, so an event that is sent again is the same bytes.
"""

from __future__ import annotations

import json
import math
from typing import Final

import msgspec

from contracts.sample import Sample

VERSION: Final = b"1"
HEADERS: Final[list[tuple[str, bytes]]] = [("v", VERSION)]

EARLIEST_US: Final = 946_684_800_000_000
"""2000-01-01: no plant of ours is older; an earlier time is a unit mistake (seconds or milliseconds)."""

LATEST_US: Final = 4_102_444_800_000_000
"""2100-01-01: a later time is a unit mistake too (nanoseconds)."""


class BadEvent(ValueError):
    """A record that is not an event; the text says what is wrong with it."""


class Event(msgspec.Struct, frozen=True, gc=False):
    """A decoded record."""

    kks: str
    ts: int
    """Source time, microseconds since 1970-01-01 UTC."""
    v: float | None
    """Engineering units, always finite, or None."""
    q: int

    @property
    def sample(self) -> Sample:
        """The event without its tag."""
        return Sample(self.v, self.ts, self.q)


_decoder = msgspec.json.Decoder(Event)


def encode(kks: str, sample: Sample) -> bytes:
    """The record's value. Raises `BadEvent` for NaN or infinity, which JSON cannot carry."""
    value = sample.value
    if value is None:
        text = "null"
    elif math.isfinite(value):
        text = repr(float(value))
    else:
        raise BadEvent(f"{kks}: value {value} is not finite; send null with a bad quality instead")
    # A KKS needs no escape, another plant's tag may.
    name = json.dumps(kks, ensure_ascii=False)
    return f'{{"kks":{name},"ts":{sample.time_us},"v":{text},"q":{int(sample.quality)}}}'.encode()


def decode(value: bytes) -> Event:
    """The event in a record's value. Raises `BadEvent` saying what is wrong; never any other exception."""
    try:
        event = _decoder.decode(value)
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError) as error:
        raise BadEvent(f"not an event: {error}") from error
    if event.ts < EARLIEST_US:
        raise BadEvent(f"{event.kks}: time {event.ts} is before 2000; it must be in microseconds")
    if event.ts > LATEST_US:
        raise BadEvent(f"{event.kks}: time {event.ts} is after 2100; it must be in microseconds")
    if not 0 <= event.q <= 255:
        raise BadEvent(f"{event.kks}: quality {event.q} is not a code from 0 to 255")
    return event
