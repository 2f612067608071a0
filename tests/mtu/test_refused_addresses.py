"""One address a device refuses harms only its own tag."""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np
import pytest

from cloud.mtu import poller
from cloud.mtu.blocks import Limits, Point, plan
from cloud.mtu.plc4x import Refused
from cloud.mtu.poller import BlockGroup
from contracts.quality import Quality


class Device:
    """Registers whose value is their own number; some are refused."""

    def __init__(self, *refused: int, code: str = "INVALID_ADDRESS") -> None:
        self.refused = set(refused)
        self.code = code
        self.reads = 0

    def read_raw(self, address: str) -> bytes:
        self.reads += 1
        match = re.fullmatch(r"holding-register:(\d+):WORD\[(\d+)\]", address)
        assert match is not None
        start, count = int(match[1]) - 1, int(match[2])
        if self.refused & set(range(start, start + count)):
            raise Refused(self.code)
        return np.arange(start, start + count, dtype=">u2").tobytes()


class Told:
    """What a scan told: row → (raw value, quality or None for good)."""

    def __init__(self) -> None:
        self.rows: dict[int, tuple[float, int | None]] = {}

    def __call__(self, rows, raw, qualities) -> None:
        for place, row in enumerate(rows.tolist()):
            self.rows[row] = (raw[place], None if qualities is None else int(qualities[place]))

    @property
    def bad(self) -> set[int]:
        return {row for row, (_, quality) in self.rows.items() if quality is not None}


def group(registers: Iterable[int]) -> BlockGroup:
    points = [Point(register, "holding-register", None, register, "UINT") for register in registers]
    return BlockGroup(Limits(), plan(points, Limits()))


def scan(blocks: BlockGroup, device: Device) -> Told:
    told = Told()
    told.found = blocks.read(device, told)  # type: ignore[attr-defined]
    return told


def test_one_refused_address_in_a_block_is_found_in_the_same_scan():
    blocks, device = group(range(100)), Device(37)
    told = scan(blocks, device)
    assert told.bad == {37}
    assert told.rows[37][1] == Quality.CONFIGURATION_ERROR
    assert all(told.rows[row] == (row, None) for row in range(100) if row != 37)
    assert device.reads <= 15


def test_a_refused_address_is_not_read_again_in_the_next_scans():
    blocks, device = group(range(100)), Device(37)
    scan(blocks, device)
    device.reads = 0
    told = scan(blocks, device)
    assert device.reads == 2
    assert told.bad == {37}
    assert len(told.rows) == 100


def test_a_hole_between_two_signals_harms_neither():
    blocks, device = group([0, 1, 2, 6, 7, 8]), Device(4)
    assert scan(blocks, device).bad == set()
    device.reads = 0
    assert scan(blocks, device).bad == set()
    assert device.reads == 2


def test_every_refused_address_of_many_is_found():
    culprits = {3, 4, 50, 99, 150, 151, 152, 299}
    blocks, device = group(range(300)), Device(*culprits)
    for _ in range(3):
        told = scan(blocks, device)
    assert told.bad == culprits
    assert {row for row, (value, _) in told.rows.items() if value == row} == set(range(300)) - culprits


def test_a_device_that_refuses_everything_is_not_searched_in_one_scan():
    blocks, device = group(range(1000)), Device(*range(1000))
    told = scan(blocks, device)
    assert device.reads < 100
    assert told.bad == set(range(1000))
    for _ in range(60):
        told = scan(blocks, device)
    assert told.bad == set(range(1000))
    assert blocks.blocks == []


def test_a_busy_device_is_not_searched_for_a_refused_address():
    blocks, device = group(range(100)), Device(5, code="REMOTE_BUSY")
    told = scan(blocks, device)
    assert device.reads == 1
    assert {quality for _, quality in told.rows.values()} == {Quality.COMM_FAILURE}
    device.refused.clear()
    assert scan(blocks, device).bad == set()


def test_a_refused_address_that_heals_is_read_again_after_a_minute(monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(poller.time, "monotonic", lambda: now[0])
    blocks, device = group(range(100)), Device(37)
    scan(blocks, device)
    device.refused.clear()
    assert scan(blocks, device).bad == {37}
    now[0] += poller.RETRY_BAD_S + 1
    assert scan(blocks, device).rows[37] == (37, None)
    device.reads = 0
    assert scan(blocks, device).bad == set()
    assert device.reads == 1


@pytest.mark.parametrize("code", ["NOT_FOUND", "REMOTE_ERROR", "A_CODE_OF_A_LATER_VERSION"])
def test_the_quality_follows_the_response_code(code):
    told = scan(group([0]), Device(0, code=code))
    assert told.rows[0][1] == Refused(code).quality
    assert Refused("A_CODE_OF_A_LATER_VERSION").quality == Quality.COMM_FAILURE
