"""Where values stand close, each is written as far as there is room: no box ever covers another number."""

from __future__ import annotations

import time

import pytest

from benchmarks import big_sheet
from contracts.quality import Quality
from pid_renderer import plates
from pid_renderer.binding import bind
from pid_renderer.drawing import Box
from pid_renderer.live_sheet import _EDGE_PX, LiveSheet
from pid_renderer.live_state import Derived
from pid_renderer.value_form import Form, State
from tests.pid_renderer.test_batch import Shown

_PERCENTS = (3.0, 8.0, 24.0, -3.0, -8.0, -100.0)
_SPHERE = "10EKF11BB001"
"""It holds hundreds of cubic metres, the other tanks thousands."""
_PRESSURE = "10EKF11CP001XQ01"
"""Of the sphere's propane: under 10 bar at any weather, and 37 px from the volume at 55 %."""


def _number_box(live: LiveSheet, plate, zoom: float) -> Box:
    """The digits alone, mm: as wide as they are, as high as capitals."""
    look, sizes, scale = plate.shown, plates.fit(plate.anchor.size * zoom), zoom * live.scale_100
    left = plate.anchor.x + plates.left_of(look, sizes, plate.anchor.horizontal, plates.width(look, sizes)) / scale
    wide, half = plates.advance(look.text, sizes.value_px) / scale, sizes.value_rise / scale
    y = plate.anchor.box.centre[1]
    return Box(left, y - half, left + wide, y + half)


def _box(live: LiveSheet, plate, scale: float) -> Box:
    """The plate's box without the margin that is repainted round it, mm."""
    return live.plate_box(plate, scale).grown(-_EDGE_PX / scale)


@pytest.fixture
def off_design(qapp, sheet, calm) -> LiveSheet:
    """The reference sheet, every analog signal one to three steps off design, and the lens on."""
    live = LiveSheet(sheet.drawing, sheet.binding, sheet.plant, "es")
    readings = calm()
    for place, signal in enumerate(s for s in sheet.plant.signals if s.kind == "analog"):
        percent = _PERCENTS[place % len(_PERCENTS)]
        value = signal.low + 0.6 * (signal.high - signal.low)
        readings[signal.kks] = readings[signal.kks]._replace(value=value, deviation_percent=percent)
    readings[_PRESSURE] = readings[_PRESSURE]._replace(value=6.57)
    live.derived = {
        (plate.code, plate.derived): Derived(
            "205" if plate.code == _SPHERE else "1 708", "m³", "good", -1 if plate.derived == "rate" else 0
        )
        for plate in live.plates
        if plate.derived
    }
    live.apply(readings, next(iter(readings.values())).time_us)
    live.show_design(True)
    return live


@pytest.mark.parametrize("zoom", [0.55, 0.94, 1.5])
def test_a_box_of_the_design_lens_never_covers_another_number(off_design, zoom):
    live, scale = off_design, zoom * off_design.scale_100
    live.layout(zoom, scale)
    beside = [plate for plate in live.plates if plate.vessel is None]
    assert any(plate.shown.deviation_step for plate in beside)
    assert all(plate.shown.text for plate in beside)
    covered = [
        (plate.signal.kks, other.signal.kks, other.derived)
        for plate in beside
        if plates.is_boxed(plate.shown)
        for other in beside
        if other is not plate and _box(live, plate, scale).meets(_number_box(live, other, zoom))
    ]
    assert not covered


def test_a_value_with_room_is_written_in_full_and_in_a_crowd_keeps_its_number(off_design):
    live = off_design
    for zoom, some in ((2.5, Form.FULL), (0.55, Form.NUMBER)):
        live.layout(zoom, zoom * live.scale_100)
        assert some in {form for plate in live.plates for form in plate.forms}
    live.layout(2.5, 2.5 * live.scale_100)
    full = next(plate for plate in live.plates if plate.forms[State.MARKED] is Form.FULL and plate.shown.deviation_step)
    assert full.shown.deviation.endswith("%")
    assert full.shown.unit


@pytest.mark.parametrize(("name", "zoom"), [("light", 0.55), ("dark", 0.94)])
@pytest.mark.parametrize("design", [True, False])
def test_a_short_form_is_copied_as_it_is_painted(off_design, sheet, name, zoom, design):
    shown = Shown(sheet, name, zoom)
    shown.live.derived = off_design.derived
    shown.live.show_design(design)
    readings = {signal.kks: off_design.reading(signal.kks) for signal in sheet.plant.signals}
    for place, (kks, seen) in enumerate(readings.items()):
        if place % 5 == 0:
            readings[kks] = seen._replace(quality=int(Quality.LAST_USABLE if place % 2 else Quality.UNCERTAIN))
    shown.take(readings)
    shown.compare(f"{name} {zoom}")


def test_a_crowd_costs_no_time_to_lay_out(qapp):
    made = big_sheet.make(400, seed=4)
    live = LiveSheet(made.drawing, bind(made.drawing, made.plant), made.plant, "es")
    live.show_design(True)
    live.layout(1.0, live.scale_100)
    live.restart()
    began = time.process_time()
    live.layout(1.1, 1.1 * live.scale_100)
    assert time.process_time() - began < 0.2
