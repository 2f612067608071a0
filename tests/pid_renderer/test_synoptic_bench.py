"""What the bench of ten thousand symbols says of a canvas that does not show what changed."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import big_sheet, synoptic
from benchmarks.synoptic import Bench

_MANY = 800


@pytest.fixture(scope="module")
def bench(qapp):
    made = Bench(qapp, big_sheet.make(_MANY))
    made.open()
    made.canvas.show_minimap(False)
    made.layers(flow=False)
    yield made
    synoptic._close(made)
    made.feed.store.close()
    made.feed.store.unlink()


def _some() -> list[np.ndarray]:
    return [np.arange(first, _MANY, 100) for first in range(4)]


def test_all_that_changed_is_seen_in_the_window_and_a_repaired_frame_equals_one_painted_anew(bench):
    found = synoptic.unseen(bench, _some(), bench.in_sight())
    assert found["unseen"] == found["numbers_unseen"] == 0
    assert found["frames_repaired"]
    assert synoptic.repair_differs(bench) == 0


def test_a_window_that_is_not_painted_again_is_told(bench, monkeypatch):
    monkeypatch.setattr(bench.canvas, "_update", lambda areas: None)
    painted = bench.canvas.paintings
    found = synoptic.unseen(bench, _some(), bench.in_sight())
    assert found["unseen"]
    assert found["numbers_unseen"]
    assert found["numbers_seen"] == 0
    assert bench.canvas.paintings == painted
    assert synoptic.repair_differs(bench)


def test_a_number_that_is_not_on_the_sheet_counts_as_not_seen(bench, monkeypatch):
    before = bench.pixels()
    bench.feed.change(np.arange(_MANY))
    bench.frame()
    seen = bench.in_sight()
    after = bench.pixels()
    same, differing = bench.unchanged_numbers(before, after, seen)
    assert differing
    monkeypatch.setattr(bench.canvas.live, "plates", [])
    assert bench.unchanged_numbers(before, after, seen) == (same + differing, 0)


def test_with_the_lens_the_last_picture_stands_in_until_many_values_are_placed_anew(qapp):
    made = Bench(qapp, big_sheet.make(1500))
    made.open()
    try:
        made.canvas.show_minimap(False)
        made.canvas.zoom_by(1 / made.canvas.zoom)
        made.settled()
        before = made.pixels()
        for design in (True, False):
            made.canvas.set_layers(design=design)
            assert len(made.settled()) > 4
            assert synoptic.repair_differs(made) == 0
        assert (made.pixels() == before).all()
    finally:
        synoptic._close(made)
        made.feed.store.close()
        made.feed.store.unlink()
