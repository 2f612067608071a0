"""Pairs of boxes that share room, found by a grid: the same as by trying all, however large a box is."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from pid_renderer.box_pairs import Grid


def boxes(seed: int, count: int, largest: float) -> np.ndarray:
    chance = np.random.default_rng(seed)
    corner = chance.uniform(-500.0, 500.0, (count, 2))
    return np.concatenate([corner, corner + 10.0 ** chance.uniform(0.0, largest, (count, 2))], axis=1)


@pytest.mark.parametrize("largest", [1.5, 4.0, 8.0])
def test_the_pairs_are_those_of_trying_all(largest):
    there, asked = boxes(1, 300, largest), boxes(2, 200, 2.0)
    found = list(zip(*(rows.tolist() for rows in Grid(there, 8.0).meeting(asked)), strict=True))
    meets = (asked[:, None, :2] < there[None, :, 2:]).all(axis=2) & (there[None, :, :2] < asked[:, None, 2:]).all(
        axis=2
    )
    assert len(found) == len(set(found))
    assert set(found) == {(int(a), int(b)) for a, b in zip(*np.nonzero(meets), strict=True)}
    assert [a for a, _ in found] == sorted(a for a, _ in found)


def test_a_box_of_a_hundred_kilometres_takes_little_memory():
    tracemalloc.start()
    try:
        there = np.array([[0.0, 0.0, 1e8, 1e8], [5.0, 5.0, 6.0, 6.0]])
        one, other = Grid(there, 8.0).meeting(np.array([[5.5, 5.5, 7.0, 7.0], [1e7, 1e7, 1e7 + 1.0, 1e7 + 1.0]]))
        assert (one.tolist(), sorted(other.tolist())) == ([0, 0, 1], [0, 0, 1])
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_no_boxes_meet_nothing():
    nothing = np.zeros((0, 4))
    assert Grid(nothing, 8.0).meeting(boxes(1, 3, 1.0))[0].size == 0
    assert Grid(boxes(1, 3, 1.0), 8.0).meeting(nothing)[0].size == 0
