"""Mouse, keys and fingers on the canvas."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from contracts.quality import Quality
from data.reading import AlarmMark
from pid_renderer.hover import place
from pid_renderer.touch import LONG_PRESS_MS
from tests.pid_renderer.conftest import reading

TANK, PUMP, OUTLET = "10EGB11BB001", "10EGC11AP001", "FlowOutPipeOffPageConnector-3"
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture(scope="module")
def screen(qapp):
    return QTest.createTouchDevice()


def middle(canvas, code) -> QPoint:
    x, y = canvas.view.to_px(canvas.live.element(code).box.centre)
    return QPoint(round(x), round(y))


def drag(canvas, start, end, modifier=Qt.KeyboardModifier.NoModifier):
    QTest.mousePress(canvas, LEFT, modifier, start)
    for part in (0.3, 0.7, 1.0):
        QTest.mouseMove(canvas, start + (end - start) * part)
    QTest.mouseRelease(canvas, LEFT, modifier, end)


def is_near(box, other, tolerance=1.0):
    assert tuple(box) == pytest.approx(tuple(other), abs=tolerance)


# ---- mouse


@pytest.mark.parametrize("by", ["control", "tool"])
def test_a_rectangle_drawn_by_hand_fills_the_window(canvas, by):
    start, end = QPoint(200, 100), QPoint(832, 450)  # the window's own proportions
    a, b = canvas.view.to_mm((200, 100)), canvas.view.to_mm((832, 450))
    if by == "tool":
        canvas.take_tool("rectangle")
        drag(canvas, start, end)
    else:
        drag(canvas, start, end, Qt.KeyboardModifier.ControlModifier)
    is_near(canvas.seen, (*a, *b))
    assert canvas.hands.tool == "point"


def test_a_rectangle_of_a_few_pixels_is_a_slip_of_the_hand(canvas):
    canvas.take_tool("rectangle")
    before = canvas.view
    drag(canvas, QPoint(200, 100), QPoint(207, 104))
    assert canvas.view == before


def test_a_shift_click_asks_for_a_trace_and_a_click_does_not(canvas, qtbot):
    with qtbot.waitSignal(canvas.trace_requested) as caught:
        QTest.mouseClick(canvas, LEFT, Qt.KeyboardModifier.ShiftModifier, middle(canvas, PUMP))
    assert caught.args == [PUMP]
    with qtbot.assertNotEmitted(canvas.trace_requested):
        QTest.mouseClick(canvas, LEFT, pos=middle(canvas, PUMP))


def test_a_click_on_a_connector_asks_for_the_other_sheet_and_opens_no_card(canvas, qtbot):
    with qtbot.waitSignal(canvas.jump_requested) as caught, qtbot.assertNotEmitted(canvas.chosen):
        QTest.mouseClick(canvas, LEFT, pos=middle(canvas, OUTLET))
    assert caught.args == [OUTLET]


def test_the_minimaps_frame_can_be_dragged_and_the_minimap_hidden(canvas):
    canvas.zoom_by(4.0)
    frame = canvas._minimap()
    start, end = frame.center().toPoint(), frame.center().toPoint() + QPoint(30, 12)
    wanted = canvas.minimap.point(canvas.live.drawing, frame, QPointF(end))
    drag(canvas, start, end)
    assert canvas.view.to_mm((632, 350)) == pytest.approx(wanted, abs=2)
    canvas.show_minimap(False)
    assert canvas._minimap() is None


def test_the_minimap_makes_way_for_what_is_selected(canvas):
    canvas.zoom_by(4.0)
    low = canvas._minimap()
    x, y = canvas.view.to_mm((low.center().x(), low.center().y()))
    canvas.choose(PUMP)
    box = canvas.live.element(PUMP).box
    canvas.pan_by(*(canvas.view.scale * (a - b) for a, b in zip((x, y), box.centre, strict=True)))
    high = canvas._minimap()
    assert high.top() < low.top()


def test_two_clicks_go_near_and_two_on_paper_show_all(canvas):
    at = middle(canvas, PUMP)
    QTest.mouseClick(canvas, LEFT, pos=at)
    QTest.mouseDClick(canvas, LEFT, pos=at)
    assert canvas.zoom >= 1.29
    assert canvas.selected == PUMP
    canvas.pan_by(2000.0, 2000.0)
    QTest.mouseClick(canvas, LEFT, pos=QPoint(3, 3))
    QTest.mouseDClick(canvas, LEFT, pos=QPoint(3, 3))
    assert canvas.seen is None


def test_a_second_click_whose_first_was_on_another_sheet_moves_nothing(canvas):
    canvas.zoom_to(PUMP)
    before = canvas.view
    at = QPointF(3, 3)
    event = QMouseEvent(
        QEvent.Type.MouseButtonDblClick, at, canvas.mapToGlobal(at), LEFT, LEFT, Qt.KeyboardModifier.NoModifier
    )
    event.setTimestamp(5_000_000)
    QApplication.sendEvent(canvas, event)
    assert canvas.view == before


# ---- hover


def test_a_resting_cursor_gets_a_card_with_meaning_value_and_design(canvas, qtbot):
    QTest.mouseMove(canvas, middle(canvas, TANK))
    qtbot.waitUntil(lambda: canvas.hover.card is not None, timeout=10_000)
    card = canvas.hover.card
    assert card.tag == "10EGB11 BB001"
    assert card.name == "Crudo Arabian Light"
    assert "tramo 11" in card.meaning
    level = card.rows[0]
    assert (level.label, level.value, level.unit, level.trust) == ("Nivel", "9,000", "m", "good")
    assert level.design.startswith("diseño")
    shown = canvas.grab().toImage()
    canvas.hover.hide()
    QApplication.processEvents()
    assert canvas.grab().toImage() != shown


def test_the_card_leaves_its_symbol_free_and_stays_in_the_window(canvas):
    window = QRectF(canvas.rect())
    for code in (TANK, PUMP, OUTLET):
        canvas._describe(code)
        frame = place(canvas.hover.card, QPointF(middle(canvas, code)), window, canvas.hover.beside)
        assert window.contains(frame)
        assert not frame.intersects(canvas.hover.beside)


def test_the_card_names_an_alarm_and_a_quality_that_is_not_good(canvas):
    level = "10EGB11CL001XQ01"
    canvas.show_readings({level: reading(17.0, Quality.LAST_USABLE, 90, AlarmMark(1, "HH", "unacknowledged", 0))})
    canvas.flush()
    canvas._describe(TANK)
    row = canvas.hover.card.rows[0]
    assert row.trust == "stale"
    assert row.note.startswith("HH sin reconocer · vieja · hace 90 s")


def test_the_card_says_where_a_connector_leads(canvas):
    canvas.hints = {OUTLET: "clic: ir a Destilación"}
    canvas._describe(OUTLET)
    assert canvas.hover.card.tag == "Conector a otra hoja"
    assert canvas.hover.card.hint == "clic: ir a Destilación"


# ---- keys


def test_enter_opens_and_shift_enter_traces_what_is_selected(canvas, qtbot):
    canvas.choose(PUMP)
    with qtbot.waitSignal(canvas.chosen):
        QTest.keyClick(canvas, Qt.Key.Key_Return)
    with qtbot.waitSignal(canvas.trace_requested) as caught:
        QTest.keyClick(canvas, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert caught.args == [PUMP]


def test_shift_and_arrows_pan(canvas):
    before = canvas.view
    QTest.keyClick(canvas, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert canvas.view.y < before.y
    assert canvas.selected == ""


def test_esc_puts_a_tool_away_before_it_drops_the_selection(canvas):
    canvas.choose(PUMP)
    canvas.take_tool("trace")
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert (canvas.hands.tool, canvas.selected) == ("point", PUMP)
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert canvas.selected == ""


# ---- fingers


def test_one_finger_pans(canvas, screen):
    before = canvas.view
    QTest.touchEvent(canvas, screen).press(0, QPoint(500, 300)).commit()
    for x in (520, 560, 600):
        QTest.touchEvent(canvas, screen).move(0, QPoint(x, 330)).commit()
    QTest.touchEvent(canvas, screen).release(0, QPoint(600, 330)).commit()
    assert canvas.view.scale == before.scale
    assert canvas.view.x > before.x + 40
    assert canvas.selected == ""


def test_two_fingers_zoom_about_their_middle(canvas, screen):
    before = canvas.view
    fixed = before.to_mm((600, 300))
    QTest.touchEvent(canvas, screen).press(0, QPoint(560, 300)).commit()
    QTest.touchEvent(canvas, screen).move(0, QPoint(560, 300)).press(1, QPoint(640, 300)).commit()
    for half in (50, 60, 80):
        moved = QTest.touchEvent(canvas, screen).move(0, QPoint(600 - half, 300))
        moved.move(1, QPoint(600 + half, 300)).commit()
    QTest.touchEvent(canvas, screen).release(0, QPoint(520, 300)).release(1, QPoint(680, 300)).commit()
    assert canvas.view.scale == pytest.approx(2.0 * before.scale, rel=0.02)
    assert canvas.view.to_px(fixed) == pytest.approx((600, 300), abs=4)


def test_a_tap_chooses_and_two_taps_go_near(canvas, screen, qtbot):
    at = middle(canvas, PUMP)
    with qtbot.waitSignal(canvas.chosen) as caught:
        QTest.touchEvent(canvas, screen).press(0, at).commit()
        QTest.touchEvent(canvas, screen).release(0, at).commit()
    assert caught.args == [PUMP]
    QTest.touchEvent(canvas, screen).press(0, at).commit()
    QTest.touchEvent(canvas, screen).release(0, at).commit()
    assert canvas.zoom >= 1.29


def test_a_long_press_asks_for_the_menu_and_chooses_nothing_more(canvas, screen, qtbot):
    at = middle(canvas, TANK)
    with qtbot.waitSignal(canvas.context_requested, timeout=10 * LONG_PRESS_MS) as caught:
        QTest.touchEvent(canvas, screen).press(0, at).commit()
    assert caught.args[0] == TANK
    with qtbot.assertNotEmitted(canvas.chosen):
        QTest.touchEvent(canvas, screen).release(0, at).commit()
