"""Opens, clicks in and closes a window over the plant of two sheets."""

from __future__ import annotations

import shiboken6
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.historian_access import HistorianAccess
from app.main_window import MainWindow


def open_window(fed, settings):
    window = MainWindow([fed.live], settings, HistorianAccess({}), person="ana", version="0")
    window.resize(1920, 1080)
    window.show()
    window.begin()
    window.refresh.stop()
    window.refresh.tick()
    # The window is the active one, and hears its shortcuts, only after the events of its showing.
    QApplication.processEvents()
    return window


def shut(window):
    window.close()
    shiboken6.delete(window)


def click(canvas, code, modifier=Qt.KeyboardModifier.NoModifier):
    x, y = canvas.view.to_px(canvas.live.element(code).box.centre)
    QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, modifier, QPoint(round(x), round(y)))
