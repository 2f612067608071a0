"""Which registers are read together, and what their bytes mean."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from cloud.mtu.blocks import BYTE_ORDERS, Block, Limits, Point, ShortAnswer, byte_offsets, coalesce, halves, plan

LIMITS = Limits()


def real(row: int, register: int, unit: int | None = None) -> Point:
    return Point(row, "holding-register", unit, register, "REAL")


def rows(blocks: list[Block]) -> list[list[int]]:
    return [[point.row for point in block.points] for block in blocks]


def test_a_thousand_floats_are_read_by_seventeen_requests():
    blocks = plan((real(row, 2 * row) for row in range(1000)), LIMITS)
    assert len(blocks) == 17
    assert sorted(row for block in rows(blocks) for row in block) == list(range(1000))
    assert all(block.end - block.start <= 124 for block in blocks)


def test_blocks_are_planned_by_address_whatever_the_order_of_the_signal_list():
    blocks = plan([real(0, 4), real(1, 0), real(2, 2)], LIMITS)
    assert rows(blocks) == [[1, 2, 0]]
    assert blocks[0].address == "holding-register:1:WORD[6]"


def test_a_wide_gap_is_not_read():
    assert rows(plan([real(0, 0), real(1, 18), real(2, 37)], LIMITS)) == [[0, 1], [2]]


def test_areas_and_units_are_never_mixed():
    coil = Point(3, "coil", None, 0, "BOOL")
    blocks = plan([real(0, 0), real(1, 2, unit=7), coil, Point(2, "input-register", None, 0, "INT")], LIMITS)
    assert sorted(block.address for block in blocks) == [
        "coil:1:BOOL[1]",
        "holding-register:1:WORD[2]",
        "holding-register:3:WORD[2]{unit-id: 7}",
        "input-register:1:WORD[1]",
    ]


def test_a_device_with_a_smaller_limit_gets_smaller_blocks():
    blocks = plan((real(row, 2 * row) for row in range(100)), Limits(registers=20))
    assert len(blocks) == 10


def test_points_on_the_same_registers_are_read_together():
    blocks = plan([Point(0, "holding-register", None, 0, "LREAL"), real(1, 0), real(2, 4)], LIMITS)
    assert len(blocks) == 1
    assert blocks[0].end == 6


def test_a_refused_block_is_cut_at_its_widest_gap_else_in_the_middle():
    gapped = Block((real(0, 0), real(1, 2), real(2, 10)))
    assert rows(list(halves(gapped))) == [[0, 1], [2]]
    dense = Block(tuple(real(row, 2 * row) for row in range(4)))
    assert rows(list(halves(dense))) == [[0, 1], [2, 3]]


def test_blocks_that_touch_are_joined_and_a_gap_stays_a_border():
    pieces = [Block((real(0, 0),)), Block((real(1, 2),)), Block((real(2, 6),))]
    assert rows(coalesce(pieces, LIMITS)) == [[0, 1], [2]]


def test_joined_blocks_keep_to_the_limit():
    pieces = [Block((real(row, 2 * row),)) for row in range(4)]
    assert rows(coalesce(pieces, Limits(registers=4))) == [[0, 1], [2, 3]]


@pytest.mark.parametrize(
    ("form", "code", "value"),
    [
        ("REAL", ">f", 25.5),
        ("LREAL", ">d", 1.0e-3),
        ("INT", ">h", -13247),
        ("UINT", ">H", 52289),
        ("WORD", ">H", 1),
        ("DINT", ">i", -868155392),
        ("UDINT", ">I", 4000000000),
        ("DWORD", ">I", 7),
        ("LINT", ">q", -(2**53)),
        ("ULINT", ">Q", 2**53),
        ("LWORD", ">Q", 9),
    ],
)
@pytest.mark.parametrize("order", BYTE_ORDERS)
def test_every_number_format_is_read_exactly_in_every_byte_order(form: str, code: str, value: float, order: str):
    big = struct.pack(code, value)
    stored = bytearray(len(big))
    for significance, place in enumerate(byte_offsets(form, order)):
        stored[place] = big[significance]
    block = Block((Point(0, "holding-register", None, 0, form, order),))
    assert block.decode(bytes(stored)).tolist() == [struct.unpack(code, big)[0]]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("BIG_ENDIAN", 1103888384),
        ("LITTLE_ENDIAN", 52289),
        ("BIG_ENDIAN_BYTE_SWAP", -868155392),
        ("LITTLE_ENDIAN_BYTE_SWAP", 16844),
    ],
)
def test_byte_orders_mean_what_plc4j_means_by_them(order: str, expected: int):
    # Registers 41cc 0000 as PLC4J 0.13.1 read them with each default-payload-byte-order.
    block = Block((Point(0, "holding-register", None, 0, "DINT", order),))
    assert block.decode(bytes.fromhex("41cc0000")).tolist() == [expected]


def test_one_byte_numbers_use_the_byte_plc4j_uses():
    raw = bytes.fromhex("41cc")

    def read(form: str, order: str) -> float:
        return float(Block((Point(0, "holding-register", None, 0, form, order),)).decode(raw)[0])

    assert [read("SINT", order) for order in BYTE_ORDERS] == [-52, 65, -52, -52]
    assert [read("BOOL", order) for order in BYTE_ORDERS] == [0, 1, 0, 0]
    assert read("USINT", "BIG_ENDIAN") == 204


def test_a_block_of_mixed_formats_gives_each_point_its_own_value():
    points = (
        real(0, 0),
        Point(1, "holding-register", None, 2, "INT"),
        real(2, 4),
        Point(3, "holding-register", None, 6, "UINT"),
    )
    raw = struct.pack(">fhHfH", 1.5, -3, 0, 2.5, 65535)
    assert Block(points).decode(raw).tolist() == [1.5, -3.0, 2.5, 65535.0]


def test_coils_are_read_least_significant_bit_first():
    points = tuple(Point(row, "coil", None, place, "BOOL") for row, place in enumerate((5, 6, 14)))
    block = Block(points)
    assert block.address == "coil:6:BOOL[10]"
    assert block.decode(bytes((0b10, 0b10))).tolist() == [0.0, 1.0, 1.0]


def test_an_answer_that_is_too_short_is_not_decoded():
    with pytest.raises(ShortAnswer, match="2 bytes came, 4"):
        Block((real(0, 0),)).decode(b"\0\0")


def test_not_a_number_survives_decoding_for_the_quality_to_be_set():
    assert np.isnan(Block((real(0, 0),)).decode(struct.pack(">f", float("nan")))[0])
