"""Which registers are read together, and the engineering values in their answers.

Limits of one request: MODBUS Application Protocol 1.1b3, §6.1–6.4 (2000 bits, 125 registers).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from contracts.modbus_address import ModbusAddress
from contracts.quality import Quality
from contracts.signal_list import Signal

MOST_REGISTERS: Final = 124
MOST_BITS: Final = 2000
_WIDEST_GAP: Final = 16
"""Registers or bits read for nothing rather than asking once more."""
_OUTSIDE: Final = 0.05
"""Share of the span beyond which a value is out of range, as the gateway has it (NAMUR NE 43 lies within)."""

BYTE_ORDERS: Final = ("BIG_ENDIAN", "LITTLE_ENDIAN", "BIG_ENDIAN_BYTE_SWAP", "LITTLE_ENDIAN_BYTE_SWAP")
"""PLC4X's names of how a number's bytes stand in its registers."""


class Point(NamedTuple):
    """One signal's row in the store and place in its device."""

    row: int
    address: ModbusAddress
    signal: Signal

    @property
    def end(self) -> int:
        """First register or bit behind it."""
        return self.address.offset + self.address.length


@dataclass(frozen=True)
class Block:
    """Points of one bank that one request reads, sorted by place."""

    points: tuple[Point, ...]
    byte_order: str

    @property
    def bank(self) -> str:
        """PLC4X's name of the bank."""
        return self.points[0].address.bank

    @property
    def start(self) -> int:
        """First register or bit, as on the wire."""
        return self.points[0].address.offset

    @cached_property
    def length(self) -> int:
        """How many registers or bits."""
        return max(point.end for point in self.points) - self.start

    @cached_property
    def rows(self) -> NDArray[np.int64]:
        """Store rows of the points."""
        return np.array([point.row for point in self.points], np.int64)

    def halves(self) -> tuple[Block, Block]:
        """A refused block in two, to find what is refused in it."""
        middle = len(self.points) // 2
        return Block(self.points[:middle], self.byte_order), Block(self.points[middle:], self.byte_order)

    def decode(self, answer: Sequence[int]) -> tuple[NDArray[np.float64], NDArray[np.int16]]:
        """Values in engineering units (NaN for none) and qualities, from the answer's registers or bits.

        Linear scaling low + (raw − raw_low) / (raw_high − raw_low) · (high − low). Not a number: sensor failure. More
        than 5 % of the span outside low..high: kept, range exceeded.
        """
        value = self._raw(answer)
        value = self._low + (value - self._raw_low) / self._raw_span * self._span
        with np.errstate(invalid="ignore"):
            outside = (value < self._lowest) | (value > self._highest)
        quality = np.where(outside, Quality.RANGE_EXCEEDED, Quality.GOOD).astype(np.int16)
        unreal = ~np.isfinite(value)
        quality[unreal], value[unreal] = Quality.SENSOR_FAILURE, np.nan
        return value, quality

    def _raw(self, answer: Sequence[int]) -> NDArray[np.float64]:
        if self.points[0].address.is_bit:
            return np.array(answer, np.float64)[[point.address.offset - self.start for point in self.points]]
        octets = np.array(answer[: self.length], ">u2").view(np.uint8)
        raw = np.empty(len(self.points))
        for form, places, offsets in self._gathers:
            raw[places] = octets[offsets].view(form).ravel()
        raw[self._is_bool] %= 2
        return raw

    @cached_property
    def _gathers(self) -> list[tuple[str, list[int], NDArray[np.int64]]]:
        """Per number format: which points, and where their bytes stand, most significant first, one row a point."""
        gathers = []
        for form in {point.address.format for point in self.points}:
            places = [place for place, point in enumerate(self.points) if point.address.format == form]
            first = np.array([2 * (self.points[place].address.offset - self.start) for place in places])
            gathers.append((form, places, first[:, None] + _order(form, self.byte_order)))
        return gathers

    @cached_property
    def _is_bool(self) -> NDArray[np.bool_]:
        return np.array([point.address.type == "BOOL" for point in self.points])

    @cached_property
    def _scaled(self) -> NDArray[np.bool_]:
        return np.array([point.signal.raw_low is not None for point in self.points])

    @cached_property
    def _raw_low(self) -> NDArray[np.float64]:
        return np.array([point.signal.raw_low or 0.0 for point in self.points])

    @cached_property
    def _raw_span(self) -> NDArray[np.float64]:
        return np.array([(p.signal.raw_high or 0.0) - (p.signal.raw_low or 0.0) or 1.0 for p in self.points])

    @cached_property
    def _low(self) -> NDArray[np.float64]:
        """What raw_low means; 0 where the register already holds units."""
        return np.where(self._scaled, [point.signal.low for point in self.points], 0.0)

    @cached_property
    def _span(self) -> NDArray[np.float64]:
        return np.where(self._scaled, [point.signal.high - point.signal.low for point in self.points], 1.0)

    @cached_property
    def _lowest(self) -> NDArray[np.float64]:
        return np.array([s.low - _OUTSIDE * (s.high - s.low) if _is_ranged(s) else -np.inf for s in self._signals])

    @cached_property
    def _highest(self) -> NDArray[np.float64]:
        return np.array([s.high + _OUTSIDE * (s.high - s.low) if _is_ranged(s) else np.inf for s in self._signals])

    @property
    def _signals(self) -> list[Signal]:
        return [point.signal for point in self.points]


def plan(points: Iterable[Point], byte_order: str) -> list[Block]:
    """The fewest blocks that read all points without reading wide gaps."""
    blocks: list[Block] = []
    ordered = sorted(points, key=lambda point: (point.address.bank, point.address.offset, point.end))
    for _bank, members in groupby(ordered, key=lambda point: point.address.bank):
        batch: list[Point] = []
        for point in members:
            most = MOST_BITS if point.address.is_bit else MOST_REGISTERS
            far = bool(batch) and point.address.offset - max(each.end for each in batch[-8:]) > _WIDEST_GAP
            if batch and (far or point.end - batch[0].address.offset > most):
                blocks.append(Block(tuple(batch), byte_order))
                batch = []
            batch.append(point)
        blocks.append(Block(tuple(batch), byte_order))
    return blocks


def _is_ranged(signal: Signal) -> bool:
    """Whether low..high says something of the plant: 0..100 is also what the signal list fills in."""
    return signal.kind == "analog" and (signal.raw_low is not None or (signal.low, signal.high) != (0.0, 100.0))


def _order(form: str, byte_order: str) -> NDArray[np.int64]:
    """Byte offsets of a number, most significant first (PLC4J 0.13 `ModbusByteOrder`)."""
    offsets = np.arange(np.dtype(form).itemsize)
    if byte_order.startswith("LITTLE_ENDIAN"):
        offsets = offsets[::-1]
    return offsets ^ 1 if byte_order.endswith("BYTE_SWAP") else offsets
