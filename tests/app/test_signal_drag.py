import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QMouseEvent
from PySide6.QtWidgets import QApplication

from app import signal_drag
from app.signal_drag import signal_mime

TEMPERATURE = "10EGB11CT001XQ01"
ALT = Qt.KeyboardModifier.AltModifier
NONE = Qt.KeyboardModifier.NoModifier
LEFT, NO_BUTTON = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton


@pytest.fixture
def carried(monkeypatch):
    """The codes whose drag began."""
    found = []
    monkeypatch.setattr(signal_drag.DragFrom, "start", lambda _self, code: found.append(code))
    return found


def pull(widget, at, modifier=NONE):
    place = QPointF(at)
    for kind, where, button in (
        (QEvent.Type.MouseButtonPress, place, LEFT),
        (QEvent.Type.MouseMove, place + QPointF(40, 30), NO_BUTTON),
        (QEvent.Type.MouseButtonRelease, place + QPointF(40, 30), LEFT),
    ):
        event = QMouseEvent(kind, where, widget.mapToGlobal(where), button, LEFT, modifier)
        QApplication.sendEvent(widget, event)


def test_a_signal_is_dragged_from_the_drawing_with_alt(shown, carried):
    canvas = shown[0].synoptic.canvas
    x, y = canvas.view.to_px(canvas.live.element("10EGB11BB001").box.centre)
    before = canvas.view.to_px((0.0, 0.0))
    pull(canvas, QPoint(round(x), round(y)), ALT)
    assert carried
    assert canvas.view.to_px((0.0, 0.0)) == before
    carried.clear()
    pull(canvas, QPoint(round(x), round(y)))
    assert not carried


def test_a_tank_is_dragged_from_the_stock_table(shown, carried):
    window, _ = shown
    window.show_page(2)
    sheet = window.stock.sheet
    row = next(n for n in range(sheet.model().rowCount()) if window.room._in_table(sheet, centre(sheet, n)))
    pull(sheet.viewport(), centre(sheet, row).toPoint())
    assert carried[0] in {tank.kks for tank in window.synoptic.live.plant.tanks}


def centre(sheet, row):
    return QPointF(sheet.visualRect(sheet.model().index(row, 0)).center())


def test_the_historian_opens_under_a_signal_held_over_the_rail_and_draws_it(shown):
    window, _ = shown
    button, content = window._rail_group.button(1), signal_mime(TEMPERATURE)
    enter = QDragEnterEvent(QPoint(5, 5), Qt.DropAction.CopyAction, content, LEFT, NONE)
    QApplication.sendEvent(button, enter)
    assert enter.isAccepted()
    assert window._page == "historian"
    QApplication.sendEvent(button, QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, content, LEFT, NONE))
    assert TEMPERATURE in [signal.kks for signal in window.historian.plot.signals]


def test_a_signal_dropped_on_the_trend_is_a_pen_of_it(shown):
    window, _ = shown
    trend, content = window.synoptic.trend, signal_mime(TEMPERATURE)
    assert TEMPERATURE not in trend.tags
    # Qt brings a drop only to what took the drag when it entered.
    QApplication.sendEvent(trend, QDragEnterEvent(QPoint(50, 50), Qt.DropAction.CopyAction, content, LEFT, NONE))
    QApplication.sendEvent(trend, QDropEvent(QPointF(50, 50), Qt.DropAction.CopyAction, content, LEFT, NONE))
    assert TEMPERATURE in trend.tags
