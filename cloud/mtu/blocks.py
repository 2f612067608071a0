"""Which registers are read together, and what their bytes mean.

A Modbus answer carries up to 125 registers; a request a tag would cost fifty times as many round trips. `plan` merges
neighbouring points into blocks, `halves` and `coalesce` shape them around addresses the device refuses.

Register formats and byte orders are those of PLC4J's Modbus driver 0.13.1 (`ModbusByteOrder`), so an address means the
same here as in any other PLC4X client. Source for the areas and limits: MODBUS Application Protocol 1.1b3, §6.1–6.4.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

BIT_AREAS: Final = frozenset({"coil", "discrete-input"})
REGISTER_AREAS: Final = frozenset({"holding-register", "input-register"})

FORMATS: Final[dict[str, str]] = {
    "BOOL": ">u1",
    "BYTE": ">u1",
    "USINT": ">u1",
    "SINT": ">i1",
    "WORD": ">u2",
    "UINT": ">u2",
    "INT": ">i2",
    "DWORD": ">u4",
    "UDINT": ">u4",
    "DINT": ">i4",
    "LWORD": ">u8",
    "ULINT": ">u8",
    "LINT": ">i8",
    "REAL": ">f4",
    "LREAL": ">f8",
}
"""Number formats a signal can have. The 64-bit integers are exact up to 2**53, where float64 ends."""

BYTE_ORDERS: Final = ("BIG_ENDIAN", "LITTLE_ENDIAN", "BIG_ENDIAN_BYTE_SWAP", "LITTLE_ENDIAN_BYTE_SWAP")

_WIDEST_GAP: Final = {True: 64, False: 16}
"""Bits or registers read for nothing rather than paying another round trip."""


class Point(NamedTuple):
    """Where one tag's value lies in a device."""

    row: int
    """The tag's row in its `TagTable`."""
    area: str
    unit: int | None
    """Modbus unit id named in the address itself; None: the connection's."""
    start: int
    """Zero-based, as on the wire."""
    format: str
    """A key of `FORMATS`."""
    order: str = "BIG_ENDIAN"

    @property
    def end(self) -> int:
        """First register (or bit) behind the point."""
        if self.area in BIT_AREAS:
            return self.start + 1
        return self.start + max(1, np.dtype(FORMATS[self.format]).itemsize // 2)


class Limits(NamedTuple):
    """How much a device answers at once."""

    registers: int = 124
    bits: int = 2000

    def of(self, area: str) -> int:
        """The limit of one area."""
        return self.bits if area in BIT_AREAS else self.registers


class ShortAnswer(ValueError):
    """A device answered with fewer bytes than were asked for."""


@dataclass(frozen=True)
class Block:
    """Points of one area and unit that are read by one request, sorted by address."""

    points: tuple[Point, ...]

    @property
    def area(self) -> str:
        """`holding-register`, `input-register`, `coil` or `discrete-input`."""
        return self.points[0].area

    @property
    def start(self) -> int:
        """First register or bit, zero-based."""
        return self.points[0].start

    @cached_property
    def end(self) -> int:
        """First register or bit behind the block."""
        return max(point.end for point in self.points)

    @cached_property
    def rows(self) -> NDArray[np.intp]:
        """Table rows of the points, in order."""
        return np.array([point.row for point in self.points], dtype=np.intp)

    @cached_property
    def address(self) -> str:
        """The block as one PLC4X address."""
        kind = "BOOL" if self.area in BIT_AREAS else "WORD"
        unit = self.points[0].unit
        config = "" if unit is None else f"{{unit-id: {unit}}}"
        return f"{self.area}:{self.start + 1}:{kind}[{self.end - self.start}]{config}"

    def decode(self, raw: bytes) -> NDArray[np.float64]:
        """The points' raw values, in order, from the answer's data bytes. Raises `ShortAnswer`."""
        data = np.frombuffer(raw, dtype=np.uint8)
        length = self.end - self.start
        wanted = (length + 7) // 8 if self.area in BIT_AREAS else 2 * length
        if len(data) < wanted:
            raise ShortAnswer(f"{self.address}: {len(data)} bytes came, {wanted} were asked for")
        if self.area in BIT_AREAS:
            bits = np.unpackbits(data, bitorder="little")
            return bits[[point.start - self.start for point in self.points]].astype(np.float64)
        values = np.empty(len(self.points))
        for form, places, offsets in self._gathers:
            values[places] = data[offsets].view(form).ravel() if form != "BOOL" else data[offsets].ravel() & 1
        return values

    @cached_property
    def _gathers(self) -> list[tuple[str, NDArray[np.intp], NDArray[np.intp]]]:
        """Per number format: which points, and which bytes in which order (one row a point)."""
        groups: dict[str, list[tuple[int, list[int]]]] = {}
        for place, point in enumerate(self.points):
            first = 2 * (point.start - self.start)
            offsets = [first + offset for offset in byte_offsets(point.format, point.order)]
            form = "BOOL" if point.format == "BOOL" else FORMATS[point.format]
            groups.setdefault(form, []).append((place, offsets))
        return [
            (
                form,
                np.array([place for place, _ in members], dtype=np.intp),
                np.array([offsets for _, offsets in members], dtype=np.intp),
            )
            for form, members in groups.items()
        ]


def byte_offsets(form: str, order: str) -> tuple[int, ...]:
    """Where a number's bytes, most significant first, stand in its registers.

    `BIG_ENDIAN_BYTE_SWAP` swaps the two bytes of each register, `LITTLE_ENDIAN` reverses all bytes and
    `LITTLE_ENDIAN_BYTE_SWAP` reverses the registers. One-byte numbers use a register's low byte, except in
    `LITTLE_ENDIAN`, where PLC4J takes the first.
    """
    width = np.dtype(FORMATS[form]).itemsize
    if width == 1:
        return (0,) if order == "LITTLE_ENDIAN" else (1,)
    return {
        "BIG_ENDIAN": tuple(range(width)),
        "LITTLE_ENDIAN": tuple(reversed(range(width))),
        "BIG_ENDIAN_BYTE_SWAP": tuple(place ^ 1 for place in range(width)),
        "LITTLE_ENDIAN_BYTE_SWAP": tuple((width - 1 - place) ^ 1 for place in range(width)),
    }[order]


def plan(points: Iterable[Point], limits: Limits) -> list[Block]:
    """The fewest blocks that read all points without crossing a wide gap."""
    blocks: list[Block] = []
    for (area, _unit), members in groupby(sorted(points, key=_place), key=lambda point: (point.area, point.unit)):
        widest = _WIDEST_GAP[area in BIT_AREAS]
        batch: list[Point] = []
        end = 0
        for point in members:
            if batch and (point.start - end > widest or max(end, point.end) - batch[0].start > limits.of(area)):
                blocks.append(Block(tuple(batch)))
                batch = []
            end = max(end, point.end) if batch else point.end
            batch.append(point)
        blocks.append(Block(tuple(batch)))
    return blocks


def halves(block: Block) -> tuple[Block, Block]:
    """A refused block of at least two points in two: at its widest gap, for there the refused address may hide."""
    points = block.points
    ends = [points[0].end]
    for point in points[1:]:
        ends.append(max(ends[-1], point.end))
    gaps = [points[place].start - ends[place - 1] for place in range(1, len(points))]
    widest = max(gaps)
    cut = gaps.index(widest) + 1 if widest > 0 else len(points) // 2
    return Block(points[:cut]), Block(points[cut:])


def coalesce(blocks: Sequence[Block], limits: Limits) -> list[Block]:
    """Blocks that touch, joined again. A gap stays a border: what lies in it may be what the device refused."""
    joined: list[Block] = []
    for block in sorted(blocks, key=lambda each: _place(each.points[0])):
        last = joined[-1] if joined else None
        if (
            last is not None
            and (last.area, last.points[0].unit) == (block.area, block.points[0].unit)
            and block.start <= last.end
            and max(last.end, block.end) - last.start <= limits.of(block.area)
        ):
            joined[-1] = Block(tuple(sorted(last.points + block.points, key=_place)))
        else:
            joined.append(block)
    return joined


def _place(point: Point) -> tuple[str, int, int, int]:
    return point.area, -1 if point.unit is None else point.unit, point.start, point.end
