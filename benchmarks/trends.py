"""Twenty pens of 100,000 samples at 1920×1080, off screen: CPU a frame of pan and zoom, pyqtgraph's own beside it.

Every plot gets the same samples and the same hand: the same mouse and wheel events at the same places, of which each
must lead to one painted frame. Ours draws the envelope and the time-weighted mean from its pyramid, two pixels a column
while the hand moves and one at rest (`settled`). pyqtgraph draws its peaks (mode peak, auto, clipToView), which is its
setting for signals whose extremes must be seen: once with the same pens as ours (two pixels wide, dashed), and once as
quickly as it can (one pixel, solid). CPU is the process's own, from the event until the window is painted.

Pixels prove it, read from the window as it stands: each frame differs from the one before, and in each every pen's own
ink is found.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget

from contracts.quality import Quality
from contracts.signal_list import Signal
from resources import words
from widgets import style
from widgets.pen_strokes import look_of
from widgets.time_plot import TimePlot

PENS, SAMPLES, STEP_US = 20, 100_000, 1_000_000
WINDOW: Final = (1920, 1080)
STEPS: Final = 24
STEPS_SLOW: Final = 4
"""For pyqtgraph with our pens, which takes seconds a frame."""
MOST_MS: Final = 30.0
LEAST_TIMES: Final = 3.0
LEAST_INK_PX: Final = 40
"""Of each pen in each frame: pixels that are of its hue and of no neighbour's."""
_START_US: Final = 1_795_431_600_000_000

Pixels = NDArray[np.uint32]


def signals() -> list[Signal]:
    """Pens of one unit: all on one paper, each crossing the others."""
    made = []
    for place in range(PENS):
        tag = f"10EGB{place + 1:02d}CL001XQ01"
        signal = Signal(
            tag, f"Pen {place + 1}", "m", "analog", "level", 0.0, 100.0, None, None, 2, "plc1", "input-register:1:REAL",
            1.0, 10.0, 0.0, "z", "", "", None, None, None, None, None, None, None, 4, False,
        )  # fmt: skip
        made.append(signal)
    return made


def samples(place: int) -> NDArray[np.float64]:
    """A process value: a slow wave, a drift, and the transmitter's noise."""
    chance = np.random.default_rng(place)
    x = np.arange(SAMPLES) / SAMPLES
    wave = 3.0 * np.sin(2 * np.pi * (x * (3 + place % 5) + place / PENS))
    drift = np.cumsum(chance.normal(0, 0.01, SAMPLES))
    return 4.0 * (place + 1) + 8.0 + wave + drift + chance.normal(0, 0.3, SAMPLES)


class Counted:
    """How often a viewport was painted."""

    def __init__(self, viewport: QWidget) -> None:
        self.paintings = 0
        viewport.installEventFilter(_Filter(self, viewport))


class _Filter(pg.QtCore.QObject):  # type: ignore[misc]
    def __init__(self, counted: Counted, parent: QWidget) -> None:
        super().__init__(parent)
        self._counted = counted

    def eventFilter(self, _watched: object, event: QEvent) -> bool:  # noqa: N802
        if isinstance(event, QPaintEvent):
            self._counted.paintings += 1
        return False


class Bench:
    """A window and its hand."""

    def __init__(
        self, application: QApplication, window: QWidget, view: QWidget, inks: list[QColor], steps: int = STEPS
    ) -> None:
        self.application, self.window, self.view, self.inks = application, window, view, inks
        self.counted = Counted(view)
        self.faults: list[str] = []
        self._steps = steps
        self.least_ink = 10**9
        self._picture = QImage(*WINDOW, QImage.Format.Format_RGB32)
        self._before: Pixels | None = None
        window.resize(*WINDOW)
        window.show()
        application.processEvents()

    def frame(self, name: str, do: Callable[[], None]) -> float:
        """CPU ms of one event and the frame that follows it."""
        paintings = self.counted.paintings
        began = time.process_time()
        do()
        deadline = time.monotonic() + 10
        while self.counted.paintings == paintings and time.monotonic() < deadline:
            self.application.processEvents()
        spent = 1000 * (time.process_time() - began)
        if self.counted.paintings != paintings + 1:
            self.faults.append(f"{name}: painted {self.counted.paintings - paintings} times")
        self._prove(name)
        return spent

    def _prove(self, name: str) -> None:
        paintings = self.counted.paintings
        pixels = self.pixels()
        if self._before is not None and np.array_equal(pixels, self._before):
            self.faults.append(f"{name}: the frame is the one before")
        self._before = pixels
        for place, ink in enumerate(self.inks):
            seen = int(np.count_nonzero(pixels == ink.rgb()))
            self.least_ink = min(self.least_ink, seen)
            if seen < LEAST_INK_PX:
                self.faults.append(f"{name}: pen {place + 1} has {seen} pixels of its ink")
        self.counted.paintings = paintings

    def pixels(self) -> Pixels:
        """The window as it stands in its own memory, nothing painted for it."""
        store = self.window.backingStore()
        device = store.paintDevice()
        image = device if isinstance(device, QImage) else self.window.grab().toImage()
        image = image.convertToFormat(QImage.Format.Format_RGB32)
        rows = np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), image.bytesPerLine() // 4)
        return rows.copy()

    # ---- the hand

    def mouse(self, kind: QEvent.Type, at: QPointF, button: Qt.MouseButton) -> None:
        """One mouse event at a place of the view."""
        held = Qt.MouseButton.NoButton if kind is QEvent.Type.MouseButtonRelease else Qt.MouseButton.LeftButton
        everywhere = QPointF(self.view.mapToGlobal(at))
        event = QMouseEvent(kind, at, everywhere, button, held, Qt.KeyboardModifier.NoModifier)
        self.application.sendEvent(self.view, event)

    def pan(self) -> list[float]:
        """Drag to the left, 20 px a step."""
        start = QPointF(1400, 500)
        self.mouse(QEvent.Type.MouseButtonPress, start, Qt.MouseButton.LeftButton)
        self.mouse(QEvent.Type.MouseMove, start - QPointF(12, 0), Qt.MouseButton.NoButton)
        self.application.processEvents()
        spent = []
        for step in range(1, self._steps + 1):
            at = start - QPointF(12 + 20 * step, 0)
            spent.append(
                self.frame(f"pan {step}", lambda at=at: self.mouse(QEvent.Type.MouseMove, at, Qt.MouseButton.NoButton))  # type: ignore[misc]
            )
        self.mouse(QEvent.Type.MouseButtonRelease, at, Qt.MouseButton.LeftButton)
        self.application.processEvents()
        return spent

    def wheel(self, notches: int) -> None:
        """The wheel at one place."""
        at = QPointF(1000, 500)
        event = QWheelEvent(
            at, QPointF(self.view.mapToGlobal(at)), QPoint(), QPoint(0, 120 * notches), Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        self.application.sendEvent(self.view, event)

    def zoom(self) -> list[float]:
        """In and out again."""
        turns = [1] * (self._steps // 2) + [-1] * (self._steps // 2)
        return [self.frame(f"zoom {n}", lambda turn=turn: self.wheel(turn)) for n, turn in enumerate(turns)]  # type: ignore[misc]


def ours(application: QApplication, times_us: NDArray[np.int64], values: list[NDArray[np.float64]]) -> Bench:
    """The plot of this product."""
    plot, pens = TimePlot(ZoneInfo("Europe/Madrid")), signals()
    bench = Bench(application, plot, plot._view.viewport(), [look_of(place).color for place in range(8)])  # noqa: SLF001
    plot.set_signals(pens, _START_US)
    good = np.full(SAMPLES, int(Quality.GOOD), np.int16)
    for signal, column in zip(pens, values, strict=True):
        plot.show_samples(signal.kks, times_us, column, good)
    plot.set_span(int(times_us[0]), int(times_us[-1]))
    plot.flush()
    return bench


def theirs(
    application: QApplication, times_us: NDArray[np.int64], values: list[NDArray[np.float64]], *, quick: bool
) -> Bench:
    """A plot of pyqtgraph as its documentation says to make it for long series; `quick`: with its quickest pens."""
    plot = pg.PlotWidget()
    plot.setBackground(style.color("bg.raised"))
    x = (times_us - _START_US) / 1e6
    for place, column in enumerate(values):
        look = look_of(place)
        pen = pg.mkPen(look.color, width=1 if quick else look.width)
        if look.dash and not quick:
            pen.setDashPattern([part / look.width for part in look.dash])
        plot.addItem(pg.PlotDataItem(x, column, pen=pen))
    plot.setClipToView(True)
    plot.setDownsampling(auto=True, mode="peak")
    plot.getViewBox().setMouseEnabled(x=True, y=False)
    plot.setXRange(float(x[0]), float(x[-1]), padding=0)
    inks = [look_of(place).color for place in range(8)]
    return Bench(application, plot, plot.viewport(), inks, STEPS if quick else STEPS_SLOW)


def _measured(bench: Bench) -> dict[str, list[float]]:
    bench.application.processEvents()
    whole, zoom = bench.pan(), bench.zoom()
    for _ in range(6):
        bench.wheel(1)
        bench.application.processEvents()
    return {"pan": whole, "zoom": zoom, "pan_near": bench.pan()}


def _settled(bench: Bench) -> float:
    """CPU ms of the frame in full detail, after the hand has come to rest."""
    plot = bench.window
    assert isinstance(plot, TimePlot)
    plot._rest.stop()  # noqa: SLF001
    return round(bench.frame("settled", plot.flush), 1)


def run() -> dict[str, Any]:
    """See the module."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    made = QApplication.instance()
    application = made if isinstance(made, QApplication) else QApplication([])
    words.use("en")
    style.use("light")
    style.load_fonts()
    times_us = _START_US + np.arange(SAMPLES, dtype=np.int64) * STEP_US
    values = [samples(place) for place in range(PENS)]
    figures: dict[str, Any] = {}
    missed: list[str] = []
    medians: dict[str, dict[str, float]] = {}
    contenders: dict[str, Callable[[], Bench]] = {
        "ours": lambda: ours(application, times_us, values),
        "pyqtgraph": lambda: theirs(application, times_us, values, quick=False),
        "pyqtgraph_thin": lambda: theirs(application, times_us, values, quick=True),
    }
    for name, make in contenders.items():
        bench = make()
        spent = _measured(bench)
        medians[name] = {kind: round(statistics.median(part), 1) for kind, part in spent.items()}
        for kind, part in spent.items():
            figures[f"{name}_{kind}_ms"] = medians[name][kind]
            figures[f"{name}_{kind}_p95_ms"] = round(sorted(part)[int(0.95 * len(part))], 1)
        figures[f"{name}_least_ink_px"] = bench.least_ink
        if name == "ours":
            figures["ours_settled_ms"] = _settled(bench)
            missed += bench.faults
        else:
            figures[f"{name}_faults"] = len(bench.faults)
        bench.window.close()
        bench.window.deleteLater()
        application.processEvents()
    own, same, thin = (medians[name] for name in contenders)
    for kind, ms in own.items():
        figures[f"{kind}_times_less"] = round(same[kind] / ms, 1)
        figures[f"{kind}_times_less_than_thin"] = round(thin[kind] / ms, 1)
        if ms > MOST_MS:
            missed.append(f"{kind}: {ms} ms CPU a frame is more than {MOST_MS}")
        if ms * LEAST_TIMES > same[kind]:
            missed.append(f"{kind}: {ms} ms is not a third of pyqtgraph's {same[kind]}")
    figures["sentence"] = (
        f"{PENS} pens x {SAMPLES:,} samples at {WINDOW[0]}x{WINDOW[1]}: pan {own['pan']} ms CPU a frame, zoom "
        f"{own['zoom']}, pan of a near view {own['pan_near']}; pyqtgraph's own downsampling with the same pens "
        f"{same['pan']}, {same['zoom']}, {same['pan_near']}, with thin solid ones {thin['pan']}, {thin['zoom']}, "
        f"{thin['pan_near']}"
    )
    figures["missed"] = missed
    return figures
