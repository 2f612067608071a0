"""The corners round what is selected run through no text and no value."""

from __future__ import annotations

import pytest

from pid_renderer import plates
from pid_renderer.drawing import Box, Text
from pid_renderer.live_sheet import LiveSheet
from pid_renderer.selection import Selection, arm_px
from pid_renderer.sheet_obstacles import ink_box
from pid_renderer.view import View

PUMPS = ("10EGC11AP001", "10EGC12AP001", "10EKH11AP001", "10EGC22AP001")


@pytest.fixture
def live(qapp, sheet, calm) -> LiveSheet:
    made = LiveSheet(sheet.drawing, sheet.binding, sheet.plant, "es")
    made.apply(calm(), 1_800_000_000_000_000)
    return made


def _corners(frame: Box) -> list[Box]:
    arm = arm_px(frame)
    return [
        Box(min(x, x + dx * arm), min(y, y + dy * arm), max(x, x + dx * arm), max(y, y + dy * arm))
        for x, sx in ((frame.left, 1), (frame.right, -1))
        for y, sy in ((frame.top, 1), (frame.bottom, -1))
        for dx, dy in ((sx, 0), (0, sy))
    ]


def _written(live: LiveSheet, view: View) -> list[Box]:
    texts = [ink_box(item, strong=True) for item in live.drawing.primitives if isinstance(item, Text) and item.text]
    values = []
    for plate in live.plates:
        if plate.vessel is None and not plate.hidden:
            box, half = (
                live.plate_box(plate, view.scale),
                plates.fit(view.scale / live.scale_100).value_rise / view.scale,
            )
            values.append(Box(box.left, plate.y - half, box.right, plate.y + half))
    return [view.box_px(box) for box in (*texts, *values)]


@pytest.mark.parametrize("code", PUMPS)
@pytest.mark.parametrize("zoom", [0.6, 0.84, 0.95, 1.5])
def test_the_corners_round_a_pump_cross_neither_its_tag_nor_a_value(live, code, zoom):
    view = View(zoom * live.scale_100, 20.0, 10.0)
    live.layout(zoom, view.scale)
    frame = Selection().frame(live, code, view)
    assert frame is not None
    assert frame.holds(view.box_px(live.element(code).box))
    assert not [corner for corner in _corners(frame) for text in _written(live, view) if corner.meets(text)]


def test_where_there_is_room_the_corners_stand_six_pixels_off(live):
    view = View(live.scale_100, 0.0, 0.0)
    live.layout(1.0, view.scale)
    box = view.box_px(live.element("10EGB13BB001").box)
    left, top, right, bottom = Selection().frame(live, "10EGB13BB001", view)
    assert (left, top, right) == box.grown(6.0)[:3]
    assert bottom - box.bottom in (1.0, 3.0, 6.0), "its temperature stands right under it"


def test_far_out_no_text_that_is_not_painted_pushes_the_corners(live):
    view = View(0.15 * live.scale_100, 0.0, 0.0)
    live.layout(0.15, view.scale)
    for code in (PUMPS[0], "10EGB13BB001"):
        assert Selection().frame(live, code, view) == view.box_px(live.element(code).box).grown(6.0)


def test_a_pan_moves_the_corners_and_looks_at_nothing_again(live, monkeypatch):
    selection, scale = Selection(), live.scale_100
    live.layout(1.0, scale)
    first = selection.frame(live, PUMPS[0], View(scale, 0.0, 0.0))
    monkeypatch.setattr(live, "plate_box", None)
    assert selection.frame(live, PUMPS[0], View(scale, 7.0, -4.0)) == pytest.approx(
        (first.left + 7.0, first.top - 4.0, first.right + 7.0, first.bottom - 4.0)
    )


def test_nothing_selected_has_no_corners(live):
    selection, view = Selection(), View(1.0, 0.0, 0.0)
    assert selection.frame(live, "", view) is None
    assert selection.frame(live, "no such code", view) is None
