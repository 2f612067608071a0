"""Plots over time for tests: signals of three units and their samples."""

from dataclasses import replace

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication

from contracts.signal_list import Signal
from tests.widgets.now import NOON_US
from widgets.time_plot import TimePlot

SECOND_US = 1_000_000
HOUR_US = 3600 * SECOND_US

_LEVEL = Signal(
    kks="10EGB11CL001XQ01", description="Nivel", unit="m", kind="analog", role="level", low=0.0, high=20.0,
    raw_low=None, raw_high=None, decimals=2, plc="plc1", address="input-register:1:REAL", scan_s=1.0, heartbeat_s=10.0,
    deadband=0.0, zone="tank-farm", equipment="", loop="", design_min=3.0, design=None, design_max=15.0, ll=None,
    l=None, h=15.5, hh=16.0, priority=2, writable=False,
)  # fmt: skip
_BARE = {"design_min": None, "design_max": None, "h": None, "hh": None}
LEVEL = _LEVEL
OTHER_LEVEL = replace(_LEVEL, kks="10EGB12CL001XQ01", **_BARE)
FLOW = replace(_LEVEL, kks="10EGB11CF001XQ01", unit="m³/h", role="flow", high=500.0, decimals=0, **_BARE)
HEAT = replace(_LEVEL, kks="10EGB11CT001XQ01", unit="°C", role="temperature", high=100.0, decimals=1, **_BARE)
PUMP = replace(_LEVEL, kks="10EGC11AP001XB01", unit="", role="running", kind="binary", high=1.0, decimals=0, **_BARE)


def seconds(*places: float) -> np.ndarray:
    return NOON_US + (np.array(places) * SECOND_US).astype(np.int64)


def good(n: int) -> np.ndarray:
    return np.full(n, 192, np.int16)


def filled(plot: TimePlot, n: int = 3600) -> None:
    """An hour at one sample a second of every pen, and the plot over it."""
    times = NOON_US + np.arange(n, dtype=np.int64) * SECOND_US
    for place, signal in enumerate(plot.signals):
        plot.show_samples(signal.kks, times, 5.0 + place + np.sin(np.arange(n) / 300), good(n))
    plot.set_span(NOON_US, NOON_US + n * SECOND_US)
    plot.flush()


def viewport(plot: TimePlot):
    return plot._view.viewport()


def mouse(plot: TimePlot, kind: QEvent.Type, x: float, y: float = 60.0, held=Qt.KeyboardModifier.NoModifier) -> None:
    view = viewport(plot)
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    pressed = none if kind is QEvent.Type.MouseButtonRelease else left
    button = none if kind is QEvent.Type.MouseMove else left
    at = QPointF(x, y)
    QApplication.sendEvent(view, QMouseEvent(kind, at, QPointF(view.mapToGlobal(at)), button, pressed, held))


def drag(plot: TimePlot, x1: float, x2: float, y1=60.0, y2=60.0, held=Qt.KeyboardModifier.NoModifier) -> None:
    mouse(plot, QEvent.Type.MouseButtonPress, x1, y1, held)
    mouse(plot, QEvent.Type.MouseMove, x2, y2, held)
    mouse(plot, QEvent.Type.MouseButtonRelease, x2, y2, held)


def click(plot: TimePlot, x: float, held=Qt.KeyboardModifier.NoModifier) -> None:
    mouse(plot, QEvent.Type.MouseButtonPress, x, 60.0, held)
    mouse(plot, QEvent.Type.MouseButtonRelease, x, 60.0, held)


def wheel(plot: TimePlot, x: float, notches: int, held=Qt.KeyboardModifier.NoModifier, y: float = 60.0) -> None:
    view, at = viewport(plot), QPointF(x, y)
    turned = QPoint(0, 120 * notches)
    QApplication.sendEvent(
        view,
        QWheelEvent(
            at, QPointF(view.mapToGlobal(at)), QPoint(), turned, Qt.MouseButton.NoButton, held,
            Qt.ScrollPhase.NoScrollPhase, False,
        ),
    )  # fmt: skip


def x_of(plot: TimePlot, us: int) -> float:
    left, right = plot.paper_px
    from_us, to_us = plot.span_us
    return left + (us - from_us) / (to_us - from_us) * (right - left)
