"""Far out values thin out; what is no longer shown must not stay painted."""

from __future__ import annotations

from contracts.quality import Quality
from pid_renderer.canvas import Canvas
from resources.theme import theme
from tests.pid_renderer.conftest import reading


def test_a_value_that_turned_good_far_out_leaves_no_bad_plate_behind(qtbot, sheet, calm):
    canvas = Canvas()
    qtbot.addWidget(canvas)
    canvas.resize(520, 300)
    canvas.set_sheet(sheet.drawing, sheet.binding, sheet.plant, theme("light"), "es")
    canvas.show()
    assert canvas.zoom < 0.5
    canvas.show_readings(calm())
    canvas.flush()
    good = canvas.grab().toImage()
    flow = next(s.kks for s in sheet.plant.signals if s.role == "flow" and s.kind == "analog")
    canvas.show_readings({flow: reading(None, Quality.BAD)})
    canvas.flush()
    assert canvas.grab().toImage() != good
    canvas.show_readings({flow: calm()[flow]})
    canvas.flush()
    assert canvas.grab().toImage() == good
