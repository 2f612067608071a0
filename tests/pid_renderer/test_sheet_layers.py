"""Parts of the drawing can be left out; what is wrong with the plant cannot."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication

from data.reading import AlarmMark
from pid_renderer.canvas import Canvas
from pid_renderer.sheet_layers import SHEET_LAYERS, layer_of
from tests.pid_renderer.conftest import reading


def picture(canvas: Canvas) -> bytes:
    QApplication.processEvents()
    image = canvas.grab().toImage()  # held: its bits are gone with it
    return bytes(image.constBits())


def test_every_layer_holds_something_of_the_reference_plant(sheet):
    found = {layer_of(primitive, sheet.drawing) for primitive in sheet.drawing.primitives}
    assert found == {*SHEET_LAYERS, None}


@pytest.mark.parametrize("layer", SHEET_LAYERS)
def test_a_hidden_layer_leaves_the_picture_and_comes_back(canvas, layer):
    whole = picture(canvas)
    canvas.set_layers(hidden=(layer,))
    assert picture(canvas) != whole
    canvas.set_layers()
    assert picture(canvas) == whole


def test_a_pump_in_alarm_is_shown_though_its_layer_is_hidden(canvas):
    canvas.set_layers(hidden=("process",))
    without = picture(canvas)
    fault = canvas.live.binding.signal("10EGC11AP001", "fault")
    canvas.show_readings({fault.kks: reading(1.0, alarm=AlarmMark(1, "fault", "acknowledged", 0))})
    canvas.flush()
    assert picture(canvas) != without
