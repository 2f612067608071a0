"""What hand and keyboard do to a plot over time."""

from zoneinfo import ZoneInfo

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtWidgets import QApplication

from tests.widgets.now import NOON_US
from tests.widgets.plots import (
    FLOW,
    HOUR_US,
    LEVEL,
    SECOND_US,
    click,
    drag,
    filled,
    mouse,
    viewport,
    wheel,
    x_of,
)
from widgets.time_plot import TimePlot

SHIFT, CONTROL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def plot(qtbot):
    made = TimePlot(ZoneInfo("Europe/Madrid"))
    qtbot.addWidget(made)
    made.resize(900, 400)
    made.show()
    made.set_signals([LEVEL, FLOW], NOON_US)
    QApplication.processEvents()
    filled(made)
    return made


@pytest.fixture
def spans(plot):
    seen = []
    plot.span_changed.connect(lambda *span: seen.append(span))
    return seen


def pixel_us(plot):
    left, right = plot.paper_px
    return (plot.span_us[1] - plot.span_us[0]) / (right - left)


def test_setting_the_span_is_not_taken_for_the_persons_hand(plot, spans):
    plot.set_span(NOON_US, NOON_US + 60 * SECOND_US)
    plot.flush()
    assert spans == []
    assert not plot.can_undo


def test_dragging_moves_the_paper_with_the_hand(plot, spans):
    before, pixel = plot.span_us, pixel_us(plot)
    drag(plot, 400, 500)
    assert plot.span_us[0] == pytest.approx(before[0] - 100 * pixel, abs=2)
    assert plot.span_us[1] - plot.span_us[0] == before[1] - before[0]
    assert spans[-1] == plot.span_us
    assert plot.cursors_us == (None, None)


def test_the_wheel_zooms_at_the_mouse(plot, spans):
    at = NOON_US + HOUR_US // 4
    x = x_of(plot, at)
    wheel(plot, x, 1)
    assert plot.span_us[1] - plot.span_us[0] == pytest.approx(0.8 * HOUR_US, rel=1e-6)
    assert x_of(plot, at) == pytest.approx(x, abs=0.01)
    assert len(spans) == 1


def test_the_wheel_with_control_zooms_the_values_of_its_pane_only(plot, spans):
    before = [(pane.axes[0].low, pane.axes[0].high) for pane in plot.panes]
    wheel(plot, 400, 1, CONTROL)
    after = [(pane.axes[0].low, pane.axes[0].high) for pane in plot.panes]
    assert after[0][1] - after[0][0] == pytest.approx(0.8 * (before[0][1] - before[0][0]))
    assert after[1] == before[1]
    assert spans == []


def test_the_wheel_with_shift_goes_sideways(plot):
    before = plot.span_us
    wheel(plot, 400, 1, SHIFT)
    assert plot.span_us[1] - plot.span_us[0] == before[1] - before[0]
    assert plot.span_us != before


def test_a_box_becomes_what_is_shown(plot):
    pane = plot.panes[0]
    paper = pane.paper
    top, height = paper.top(), paper.height()
    high, span = pane.axes[0].high, pane.axes[0].high - pane.axes[0].low
    wanted = [plot._moves._time_at(x) for x in (300, 500)]
    drag(plot, 300, 500, top + 0.2 * height, top + 0.7 * height, SHIFT)
    assert list(plot.span_us) == pytest.approx(wanted, abs=2)
    assert pane.axes[0].high == pytest.approx(high - 0.2 * span)
    assert pane.axes[0].low == pytest.approx(high - 0.7 * span)


def test_a_flat_box_chooses_a_span_and_leaves_the_values(plot):
    drag(plot, 300, 500, 60, 65, SHIFT)
    assert plot.span_us[1] - plot.span_us[0] < HOUR_US / 2
    assert not plot.panes[0].axes[0].held


def test_undo_brings_back_span_and_values_and_redo_leaves_them_again(plot, spans):
    first = plot.span_us
    drag(plot, 300, 500, 50, 110, SHIFT)
    second = plot.span_us
    held = plot.panes[0].axes[0].high
    plot.undo()
    assert plot.span_us == first
    assert not plot.panes[0].axes[0].held
    assert spans[-1] == first
    plot.redo()
    assert plot.span_us == second
    assert plot.panes[0].axes[0].high == held


def test_alt_and_an_arrow_undo_before_any_shortcut_of_the_window(qtbot, plot):
    first = plot.span_us
    wheel(plot, 400, 3)
    plot.setFocus()
    qtbot.keyClick(plot, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert plot.span_us == first
    qtbot.keyClick(plot, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert plot.span_us != first


def test_a_double_click_shows_all_that_is_known_and_places_no_cursor(plot):
    wheel(plot, 400, 8)
    click(plot, 400)
    mouse(plot, QEvent.Type.MouseButtonDblClick, 400)
    mouse(plot, QEvent.Type.MouseButtonRelease, 400)
    assert plot.span_us == (NOON_US, NOON_US + 3599 * SECOND_US)
    assert plot.cursors_us == (None, None)


def test_a_click_places_a_and_with_shift_b(qtbot, plot):
    with qtbot.waitSignals([plot.cursors_changed] * 2):
        click(plot, 300)
        click(plot, 600, SHIFT)
    a_us, b_us = plot.cursors_us
    assert x_of(plot, a_us) == pytest.approx(300, abs=0.01)
    assert x_of(plot, b_us) == pytest.approx(600, abs=0.01)


def test_a_cursor_follows_the_mouse_that_took_it(plot):
    click(plot, 300)
    before = plot.span_us
    drag(plot, 302, 450)
    assert x_of(plot, plot.cursors_us[0]) == pytest.approx(450, abs=0.01)
    assert plot.span_us == before


def test_arrows_move_the_cursor_in_hand_by_pixels(qtbot, plot):
    click(plot, 300)
    click(plot, 600, SHIFT)
    qtbot.keyClick(plot, Qt.Key.Key_Right)
    qtbot.keyClick(plot, Qt.Key.Key_Left, SHIFT)
    assert x_of(plot, plot.cursors_us[1]) == pytest.approx(591, abs=0.01)
    qtbot.keyClick(plot, Qt.Key.Key_Up)
    qtbot.keyClick(plot, Qt.Key.Key_Right)
    assert x_of(plot, plot.cursors_us[0]) == pytest.approx(301, abs=0.01)


def test_return_drops_cursors_without_a_mouse_and_escape_takes_them_away(qtbot, plot):
    qtbot.keyClick(plot, Qt.Key.Key_Return)
    assert plot.cursors_us[0] == sum(plot.span_us) // 2
    qtbot.keyClick(plot, Qt.Key.Key_Return)
    assert plot.cursors_us[1] is not None
    qtbot.keyClick(plot, Qt.Key.Key_Escape)
    assert plot.cursors_us == (None, None)


def test_without_a_cursor_arrows_move_the_paper(qtbot, plot):
    before = plot.span_us
    qtbot.keyClick(plot, Qt.Key.Key_Right)
    assert plot.span_us[0] == pytest.approx(before[0] + HOUR_US / 10, rel=1e-3)


def test_two_fingers_apart_zoom_in_around_them(plot):
    at = NOON_US + HOUR_US // 2
    x = x_of(plot, at)
    plot._view.pinch(2.0, x)
    assert plot.span_us[1] - plot.span_us[0] == pytest.approx(HOUR_US / 2, rel=1e-6)
    assert x_of(plot, at) == pytest.approx(x, abs=0.01)


def test_the_passing_cursor_says_where_it_is_and_that_it_left(plot):
    said = []
    plot.cursor_moved.connect(said.append)
    plot._moves.hover(QPointF(400, 60))
    plot._view.leaveEvent(QEvent(QEvent.Type.Leave))
    assert x_of(plot, said[0]) == pytest.approx(400, abs=0.01)
    assert said[-1] is None


def test_the_right_button_asks_for_a_menu_and_says_the_time(qtbot, plot):
    with qtbot.waitSignal(plot.menu_requested) as asked:
        qtbot.mousePress(viewport(plot), Qt.MouseButton.RightButton, pos=viewport(plot).rect().center())
    assert plot.span_us[0] < asked.args[1] < plot.span_us[1]


def test_no_zoom_leaves_the_span_without_length(plot):
    for _ in range(30):
        wheel(plot, 400, 10)
    assert plot.span_us[1] - plot.span_us[0] >= 1000
    for _ in range(60):
        wheel(plot, 400, -10)
    plot.grab()
