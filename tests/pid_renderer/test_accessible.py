"""What a screen reader finds in the drawing."""

from __future__ import annotations

import pytest
import shiboken6
from PySide6.QtGui import QAccessible

from pid_renderer.canvas import Canvas
from resources.theme import theme

TANK, PUMP = "10EGB11BB001", "10EGC11AP001"


def child_of(canvas, code):
    node = QAccessible.queryAccessibleInterface(canvas)
    return node.child(canvas.targets.in_reading_order.index(code))


def test_every_symbol_is_a_child_with_name_and_state(canvas):
    node = QAccessible.queryAccessibleInterface(canvas)
    assert node.role() == QAccessible.Role.Canvas
    assert node.childCount() == len(canvas.targets.symbols) > 80
    name = child_of(canvas, PUMP).text(QAccessible.Text.Name)
    assert name.startswith(PUMP)
    assert "en marcha" in name
    assert node.child(node.childCount()) is None


def test_a_symbol_lies_where_it_is_drawn_and_is_found_there(canvas):
    rect = child_of(canvas, TANK).rect()
    box = canvas.view.box_px(canvas.live.element(TANK).box)
    assert rect.width() == pytest.approx(box.width, abs=1)
    node = QAccessible.queryAccessibleInterface(canvas)
    middle = rect.center()
    assert node.childAt(middle.x(), middle.y()).text(QAccessible.Text.Name).startswith(TANK)


def test_the_chosen_symbol_is_the_one_in_focus(canvas):
    canvas.choose(PUMP)
    assert child_of(canvas, PUMP).state().selected
    assert not child_of(canvas, TANK).state().selected
    node = QAccessible.queryAccessibleInterface(canvas)
    assert node.focusChild().text(QAccessible.Text.Name).startswith(PUMP)


def test_what_lies_outside_the_window_says_so(canvas):
    canvas.zoom_to(TANK)
    canvas.zoom_by(3.0)
    assert not child_of(canvas, TANK).state().offscreen
    assert child_of(canvas, PUMP).state().offscreen


def test_another_sheet_voids_the_places_of_the_first(canvas, sheet):
    from dataclasses import replace

    last = QAccessible.queryAccessibleInterface(canvas).child(len(canvas.targets.symbols) - 1)
    assert last.isValid()
    few = {id_: element for id_, element in sheet.drawing.elements.items() if element.kks == TANK}
    less = replace(sheet.drawing, elements=few, primitives=(), connections=(), links=(), anchors=(), jumps=())
    from pid_renderer.binding import bind

    canvas.set_sheet(less, bind(less, sheet.plant), sheet.plant, theme("light"), "es")
    assert not last.isValid()
    assert last.text(QAccessible.Text.Name) == ""


def test_a_symbol_of_a_canvas_that_is_gone_is_not_valid(sheet, qapp):
    gone = Canvas()
    gone.set_sheet(sheet.drawing, sheet.binding, sheet.plant, theme("light"), "es")
    node = child_of(gone, TANK)
    shiboken6.delete(gone)
    assert not node.isValid()
    assert node.text(QAccessible.Text.Name) == ""
    assert node.rect().isEmpty()
