"""What covering a place on a sheet costs, for sheets of any size and files that draw far beyond any."""

from __future__ import annotations

import tracemalloc
from random import Random

from pid_renderer.drawing import Box, Drawing
from pid_renderer.free_room import FreeRoom


def room() -> FreeRoom:
    return FreeRoom(Drawing("", "t.xml", "Test", 0.0, 0.0, (), {}, (), ()))


def box(chance: Random) -> Box:
    """From a millimetre to a hundred kilometres."""
    x, y = chance.uniform(-1e3, 1e3), chance.uniform(-1e3, 1e3)
    return Box(x, y, x + 10.0 ** chance.uniform(0.0, 8.0), y + 10.0 ** chance.uniform(0.0, 8.0))


def test_a_thing_of_any_size_takes_little_memory_and_is_found():
    tracemalloc.start()
    try:
        free = room()
        for side_mm in (10.0, 1e3, 2.5e4, 2.4e4):
            free.take(Box(-side_mm, -side_mm, side_mm, side_mm), side_mm)
        assert free.cost(Box(2.2e4, 2.2e4, 2.3e4, 2.3e4)) == 4.9e4
        assert free.cost(Box(-1e9, -1e9, 1e9, 1e9)) == 10.0 + 1e3 + 2.5e4 + 2.4e4
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_the_cost_of_a_place_is_that_of_all_it_meets_but_what_is_its_own():
    chance, free = Random(4), room()
    taken = [(box(chance), float(chance.randint(1, 1000)), f"E{i % 7}") for i in range(200)]
    for item in taken:
        free.take(*item)
    for _ in range(200):
        asked = box(chance)
        expected = sum(cost for there, cost, owner in taken if there.meets(asked) and owner != "E3")
        assert free.cost(asked, ("E3",)) == expected
