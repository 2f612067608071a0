"""Ten thousand symbols on one sheet: CPU a frame when 1, 10, 100 % change, pan, zoom, open, close; PyDM beside it.

A frame is all of it: the live store is read, what changed is judged, and the window (1920×1080, off screen) is painted.
Two views: all of the sheet in sight (fit), and 100 %, where every symbol prints a number and each of them changes. Each
with the flow layer on, where a line's arrows begin and end and every frame is painted whole, and with it off, where a
frame of few changes is repaired. CPU is the process's own: neighbours on the machine do not count.

A step of zooming shows the last picture, scaled (`zoom_stand_in_step_ms`); the exact one is made after it in slices:
`zoom_until_exact_ms` is all CPU of one step until the exact picture is in the window, `zoom_worst_slice_ms` the longest
that a slice kept the window waiting.

Pixels prove it, read from the window as it stands, not painted for the purpose: each frame measured must have been
painted once; of every symbol that changed, the window must differ at its own place from the frame before; a repaired
frame must equal one painted anew.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF
from PySide6.QtGui import QFontDatabase, QImage, QPaintEvent
from PySide6.QtWidgets import QApplication

from app.live_plant import LivePlant
from benchmarks import big_sheet, pydm_peer
from benchmarks.big_sheet import BigSheet
from benchmarks.canvas import PLANT
from contracts.quality import Quality
from contracts.sample import now_us
from data.live_store import LiveStore
from pid_renderer.binding import bind
from pid_renderer.canvas import Canvas
from resources.theme import theme

SYMBOLS: Final = 10_000
FRAMES: Final = 90
ZOOM_STEPS, ZOOM_SETTLED = 30, 6
WINDOW: Final = (1920, 1080)
MOST_MS: Final = {"all changed": 8.0, "pan": 10.0, "zoom": 16.0, "slice": 16.0, "lost": 50.0}
MOST_OPEN_S, MOST_CLOSE_S = 2.0, 0.5
LEAST_IN_SIGHT: Final = 600
TIMES_LESS_THAN_PYDM: Final = 50.0

Rows = NDArray[np.int64]


class Feed:
    """The writer's side of a real live store: each call changes the signals of some symbols, all of them visibly."""

    def __init__(self, sheet: BigSheet) -> None:
        signals = sheet.plant.signals
        self.store = LiveStore.create([signal.kks for signal in signals])
        self.store.set_source("live")
        self._low = np.array([signal.low for signal in signals])
        self._span = np.array([signal.high - signal.low for signal in signals])
        self._binary = np.array([signal.kind == "binary" for signal in signals])
        flows = np.array([signal.role == "flow" for signal in signals])
        self._rows_of = [np.array([self.store.rows[kks] for kks in symbol.signals]) for symbol in sheet.symbols]
        self._chance = np.random.default_rng(1)
        self._high = self._chance.random(len(signals)) < 0.5
        self._flows = flows
        self.change(np.arange(len(sheet.symbols)))

    def change(self, symbols: Rows) -> None:
        """New values: each analogue signal crosses to the other half of its range, each binary one and flow turns."""
        rows = np.concatenate([self._rows_of[number] for number in symbols.tolist()])
        self._high[rows] = ~self._high[rows]
        part = np.where(self._high, self._chance.uniform(0.6, 0.95, self._high.size), 0.0)
        part = np.where(self._high, part, self._chance.uniform(0.05, 0.4, self._high.size))
        value = self._low + self._span * part
        value = np.where(self._flows & ~self._high, self._low, value)
        value = np.where(self._binary, self._high, value)
        quality = np.full(rows.size, int(Quality.GOOD))
        self.store.write(rows, value[rows], np.full(rows.size, now_us()), quality)
        self.store.beat()

    def fail(self, quality: Quality) -> None:
        """Every signal at once is of another quality, its value kept."""
        rows = np.arange(self._high.size)
        value = self.store.snapshot().value
        self.store.write(rows, value, np.full(rows.size, now_us()), np.full(rows.size, int(quality)))
        self.store.beat()


class CountedCanvas(Canvas):
    """A canvas that knows how often it was painted."""

    paintings = 0

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        self.paintings += 1
        super().paintEvent(event)


class Bench:
    """The canvas with its plant, fed as the app feeds it."""

    def __init__(self, application: QApplication, sheet: BigSheet) -> None:
        self.application, self.sheet = application, sheet
        self.feed = Feed(sheet)
        self.live = LivePlant(sheet.plant, self.feed.store, source="bench")
        self.live.refresh(now_us())
        self.canvas, self.flow = CountedCanvas(), False
        self.canvas.resize(*WINDOW)

    def open(self) -> None:
        """From the parsed drawing to the first painted frame with values: binding is in it, reading the file is not."""
        sheet, canvas = self.sheet, self.canvas
        canvas.set_sheet(sheet.drawing, bind(sheet.drawing, sheet.plant), sheet.plant, theme("light"), "es")
        canvas.show_readings(self.live.readings)
        canvas.show()
        self.application.processEvents()

    def frame(self) -> None:
        """What the refresh does four times a second, and the window's paint event after it."""
        changes = self.live.refresh(now_us())
        # Not to flush twice: the bench does not wait for the 4 Hz of its own.
        self.canvas._last_repaint_s = time.monotonic()  # noqa: SLF001
        self.canvas.show_readings(changes)
        self.canvas.flush()
        self.application.processEvents()

    def layers(self, *, flow: bool) -> None:
        """Flow on or off; the bench drives every frame itself."""
        self.flow = flow
        self.canvas.set_layers(flow=flow)
        self.canvas._step_timer.stop()  # noqa: SLF001
        self.application.processEvents()

    @property
    def frame_is_whole(self) -> bool:
        """Whether the picture of the moment is kept, to be repaired by the next frame."""
        return self.canvas._composer._frame_is_whole  # type: ignore[union-attr]  # noqa: SLF001

    def settled(self) -> list[float]:
        """Let the picture at a new zoom become exact; CPU ms of each turn."""
        spent = []
        while not self.canvas._composer.is_ready:  # type: ignore[union-attr]  # noqa: SLF001
            spent.append(_cpu_ms(self.application.processEvents))
        spent.append(_cpu_ms(self.application.processEvents))
        return spent

    def pixels(self) -> NDArray[np.uint32]:
        """What the window shows: nothing is painted for it."""
        canvas, paintings = self.canvas, self.canvas.paintings
        image = canvas.screen().grabWindow(canvas.winId()).toImage().convertToFormat(QImage.Format.Format_RGB32)
        assert canvas.paintings == paintings, "taking the pixels painted"
        found = np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), -1)
        return found[:, : image.width()].copy()

    def in_sight(self) -> Rows:
        """Symbols whose middle is well inside the window."""
        view, (width, height) = self.canvas.view, WINDOW
        places = np.array([symbol.centre for symbol in self.sheet.symbols]) * view.scale + (view.x, view.y)
        margin = 0.5 * big_sheet.PITCH_MM * view.scale
        inside = (places > margin).all(axis=1) & (places < (width - margin, height - margin)).all(axis=1)
        return np.flatnonzero(inside)

    def unchanged(
        self, before: NDArray[np.uint32], after: NDArray[np.uint32], symbols: Rows, *, anyway: bool = False
    ) -> int:
        """How many of `symbols` look the same in two pictures, at the middle two thirds of their own places.

        Not counted, but `anyway`: what shows nothing of its value in this view.
        """
        view, half = self.canvas.view, big_sheet.PITCH_MM / 3
        same = 0
        for number in symbols.tolist():
            kind = self.sheet.symbols[number].kind
            if kind == "bubble" and self.canvas.zoom >= 0.5 and not anyway:
                # Near to, a bubble itself shows only quality; its number is looked at by `unchanged_numbers`.
                continue
            if kind == "line" and not (self.flow or anyway):
                # Without the flow layer a line itself does not show its flow; its number does, near to.
                continue
            x, y = self.sheet.symbols[number].centre
            left, top = view.to_px((x - half, y - half))
            right, bottom = view.to_px((x + half, y + half))
            part = slice(round(top), round(bottom)), slice(round(left), round(right))
            same += bool((before[part] == after[part]).all())
        return same

    def unchanged_numbers(
        self, before: NDArray[np.uint32], after: NDArray[np.uint32], symbols: Rows
    ) -> tuple[int, int]:
        """How many of the numbers `symbols` print look the same in two pictures, absent ones too; how many differ."""
        view, live = self.canvas.view, self.canvas.live
        assert live is not None
        wanted = {self.sheet.symbols[number].signals[0] for number in symbols.tolist()}
        differing: set[str] = set()
        for plate in live.plates:
            if plate.signal.kks in wanted and not plate.hidden:
                box = view.box_px(live.plate_box(plate, view.scale))
                part = (
                    slice(max(0, round(box.top)), round(box.bottom)),
                    slice(max(0, round(box.left)), round(box.right)),
                )
                if (before[part] != after[part]).any():
                    differing.add(plate.signal.kks)
        return len(wanted) - len(differing), len(differing)


def run() -> dict[str, Any]:
    """Milliseconds of CPU a frame, median and worst; `missed` names every bound that was not kept."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = QApplication.instance() or QApplication([])
    assert isinstance(application, QApplication)
    for file in (PLANT.parents[1] / "fonts").glob("*.woff2"):
        QFontDatabase.addApplicationFont(str(file))
    bench = Bench(application, big_sheet.make(SYMBOLS))
    figures: dict[str, Any] = {"symbols": SYMBOLS, "signals": len(bench.sheet.plant.signals)}
    figures["open_s"] = round(_cpu_ms(bench.open) / 1000, 2)
    figures["open_is"] = "bind, shapes, background, pictures, first frame with values; CPU s, file already parsed"
    # It stands over symbols that must be seen to change.
    bench.canvas.show_minimap(False)
    try:
        figures["fit"] = _both(bench)
        bench.canvas.zoom_by(1 / bench.canvas.zoom)
        bench.settled()
        figures["1:1"] = _both(bench)
        bench.layers(flow=True)
        bench.canvas.fit()
        bench.settled()
        figures |= _zoom(bench)
        bench.canvas.fit()
        bench.settled()
        figures["all_abnormal"] = _abnormal(bench)
    finally:
        figures["close_s"] = round(_cpu_ms(lambda: _close(bench)) / 1000, 3)
        bench.feed.store.close()
        bench.feed.store.unlink()
    figures["pydm"] = pydm_peer.run()
    _judge(figures)
    return figures


def _both(bench: Bench) -> dict[str, Any]:
    """One view, with the flow layer on and off."""
    bench.layers(flow=True)
    found = {"zoom_percent": round(bench.canvas.zoom_percent), "in_sight": int(bench.in_sight().size)}
    with_flow = _view(bench)
    bench.layers(flow=False)
    return {**found, "flow_on": with_flow, "flow_off": _view(bench)}


def _view(bench: Bench) -> dict[str, Any]:
    """Everything measured in one view."""
    many = len(bench.sheet.symbols)
    every, seen = np.arange(many), bench.in_sight()
    chance = np.random.default_rng(2)
    found: dict[str, Any] = {}
    for name, part in (("100", 1.0), ("10", 0.1), ("1", 0.01)):
        count = max(1, round(part * many))

        def choose(count: int = count) -> Rows:
            return np.sort(chance.choice(every, count, replace=False))

        spent, unpainted = [], 0
        for number in range(FRAMES + 5):
            some = choose()
            is_due = bool(np.intersect1d(some, seen).size)
            bench.feed.change(some)
            painted = bench.canvas.paintings
            ms = _cpu_ms(bench.frame)
            painted = bench.canvas.paintings - painted
            if number >= 5:
                spent.append(ms)
                unpainted += painted > 1 or (is_due and painted != 1)
        found[f"changed_{name}_ms"], found[f"changed_{name}_worst_ms"] = _median_and_worst(spent)
        found[f"changed_{name}_not_painted_once"] = unpainted
        looks = unseen(bench, [choose() for _ in range(4)], seen)
        found |= {f"changed_{name}_{what}": value for what, value in looks.items()}
        found[f"changed_{name}_repair_differs_px"] = repair_differs(bench)

    # The frame is kept again, for the first strips to be added to.
    for _ in range(2):
        bench.feed.change(every[:: max(1, many // 100)])
        bench.frame()
    spent, unpainted, kept = [], 0, 0
    for number in range(FRAMES + 5):
        painted = bench.canvas.paintings
        ms = _cpu_ms(lambda: _do(bench, lambda: bench.canvas.pan_by(-7.0, -4.0)))
        if number >= 5:
            spent.append(ms)
            unpainted += bench.canvas.paintings - painted != 1
            kept += bench.frame_is_whole
    found["pan_ms"], found["pan_worst_ms"] = _median_and_worst(spent)
    found |= {"pan_not_painted_once": unpainted, "pan_frames_repaired": kept}
    found["pan_differs_px"] = repair_differs(bench)
    _do(bench, lambda: bench.canvas.pan_by(7.0 * (FRAMES + 5), 4.0 * (FRAMES + 5)))
    return found


def unseen(bench: Bench, chosen: list[Rows], seen: Rows) -> dict[str, int]:
    """Over some frames: changed symbols in sight that look as before, their numbers; least that differ; repairs."""
    symbols = numbers = repaired = 0
    most = 0
    before = bench.pixels()
    for some in chosen:
        was_whole = bench.frame_is_whole
        bench.feed.change(some)
        bench.frame()
        repaired += was_whole and bench.frame_is_whole
        after = bench.pixels()
        here = np.intersect1d(some, seen)
        symbols += bench.unchanged(before, after, here)
        if bench.canvas.zoom >= 0.5:
            same, differing = bench.unchanged_numbers(before, after, here)
            numbers += same
            most = max(most, differing)
        before = after
    return {"unseen": symbols, "numbers_unseen": numbers, "numbers_seen": most, "frames_repaired": repaired}


def repair_differs(bench: Bench) -> int:
    """Pixels in which the window as it stands differs from one painted anew."""
    kept = bench.pixels()
    bench.canvas._void()  # noqa: SLF001
    painted = bench.canvas.paintings
    bench.application.processEvents()
    assert bench.canvas.paintings == painted + 1, "not painted anew"
    return int(np.count_nonzero(kept != bench.pixels()))


def _zoom(bench: Bench) -> dict[str, Any]:
    """Steps one after another, and steps after each of which the exact picture is waited for."""
    spent, exact, unpainted = [], 0, 0
    for number in range(ZOOM_STEPS + 5):
        painted = bench.canvas.paintings
        ms = _cpu_ms(lambda: _do(bench, lambda: bench.canvas.zoom_by(1.02, QPointF(960, 540))))
        if number >= 5:
            spent.append(ms)
            exact += bench.canvas._composer.is_ready  # type: ignore[union-attr]  # noqa: SLF001
            unpainted += bench.canvas.paintings == painted
    bench.canvas.fit()
    bench.settled()
    until, slices, differs = [], [], 0
    for _ in range(ZOOM_SETTLED):
        step = _cpu_ms(lambda: _do(bench, lambda: bench.canvas.zoom_by(1.2, QPointF(960, 540))))
        parts = bench.settled()
        until.append(step + sum(parts))
        slices.append(max(parts))
        differs += repair_differs(bench)
    median, worst = _median_and_worst(spent)
    found = {"zoom_stand_in_step_ms": median, "zoom_stand_in_step_worst_ms": worst}
    found |= {"zoom_steps_exact": exact, "zoom_steps_not_painted": unpainted}
    found["zoom_until_exact_ms"], found["zoom_until_exact_worst_ms"] = _median_and_worst(until)
    return {**found, "zoom_worst_slice_ms": round(max(slices), 1), "zoom_exact_differs_px": differs}


def _abnormal(bench: Bench) -> dict[str, dict[str, float]]:
    """The frame in which all symbols become abnormal at once: uncertain, bad, old because the source is lost."""
    found = {}

    def measure(name: str, act: Callable[[], None]) -> None:
        before = bench.pixels()
        ms = _cpu_ms(act)
        same = bench.unchanged(before, bench.pixels(), bench.in_sight(), anyway=True)
        found[name] = {"ms": round(ms, 1), "unseen": same}

    for name, quality in (("uncertain", Quality.SUB_NORMAL), ("bad", Quality.SENSOR_FAILURE)):
        bench.feed.change(np.arange(len(bench.sheet.symbols)))
        bench.frame()
        bench.feed.fail(quality)
        measure(name, bench.frame)
    bench.feed.change(np.arange(len(bench.sheet.symbols)))
    bench.frame()
    bench.feed.fail(Quality.LAST_USABLE)

    def lose() -> None:
        bench.canvas.show_veil("10:42")
        bench.frame()

    measure("source lost", lose)
    bench.canvas.show_veil("")
    return found


def _close(bench: Bench) -> None:
    bench.canvas.close()
    bench.canvas.deleteLater()
    del bench.canvas
    bench.application.sendPostedEvents()
    bench.application.processEvents()


def _do(bench: Bench, act: Callable[[], None]) -> None:
    act()
    bench.application.processEvents()


def _cpu_ms(act: Callable[[], Any]) -> float:
    began = time.process_time()
    act()
    return 1000 * (time.process_time() - began)


def _median_and_worst(spent_ms: list[float]) -> tuple[float, float]:
    """Of all frames, as PyDM's is."""
    return round(statistics.median(spent_ms), 2), round(max(spent_ms), 2)


def _judge(figures: dict[str, Any]) -> None:
    missed = []

    def bound(what: str, value: float, most: float, unit: str = "ms") -> None:
        if value > most:
            missed.append(f"{what}: {value} {unit} is over {most} {unit}")

    for view in ("fit", "1:1"):
        for flow in ("flow_on", "flow_off"):
            _judge_view(f"{view}, {flow.replace('_', ' ')}", figures[view][flow], bound)
        if not figures[view]["flow_off"]["changed_1_frames_repaired"]:
            missed.append(f"{view}: no frame of 1 % changed was repaired")
    for flow in ("flow_on", "flow_off"):
        shown = figures["1:1"][flow]["changed_100_numbers_seen"]
        if shown < LEAST_IN_SIGHT:
            missed.append(f"1:1, {flow.replace('_', ' ')}: only {shown} numbers were seen to change")
    bound("a step of zooming (scaled picture)", figures["zoom_stand_in_step_ms"], MOST_MS["zoom"])
    bound("steps of zooming that painted nothing", figures["zoom_steps_not_painted"], 0, "steps")
    bound("a slice of the exact picture after zooming", figures["zoom_worst_slice_ms"], MOST_MS["slice"])
    bound("the exact picture after zooming differs", figures["zoom_exact_differs_px"], 0, "px")
    for name, found in figures["all_abnormal"].items():
        bound(f"all symbols {name} at once", found["ms"], MOST_MS["lost"])
        bound(f"all symbols {name} at once, that look the same", found["unseen"], 0, "symbols")
    bound("open", figures["open_s"], MOST_OPEN_S, "s")
    bound("close", figures["close_s"], MOST_CLOSE_S, "s")
    pydm = figures["pydm"]
    fit, near = (figures[view]["flow_on"] for view in ("fit", "1:1"))
    own_us = 1000 * fit["changed_100_ms"] / SYMBOLS
    figures["us_per_changed_symbol"] = round(own_us, 2)
    compared = "PyDM not compared"
    if "us_per_changed_widget" in pydm:
        times = pydm["us_per_changed_widget"] / own_us
        figures["times_less_than_pydm"] = round(times)
        compared = f"{times:.0f} times less CPU per changed symbol than PyDM"
        if times < TIMES_LESS_THAN_PYDM:
            missed.append(f"only {times:.0f} times less CPU than PyDM; wanted {TIMES_LESS_THAN_PYDM:.0f}")
        if not pydm["pixels_changed"]:
            missed.append("PyDM's window looked the same after all its values changed: its figure means nothing")
    else:
        missed.append(f"PyDM was not compared: {pydm['failed']}")
    figures["missed"] = missed
    figures["sentence"] = (
        f"{SYMBOLS} symbols all changing cost {fit['changed_100_ms']} ms of CPU a frame at fit and "
        f"{near['changed_100_ms']} ms at 1:1 ({near['changed_100_numbers_seen']} numbers seen to change), pan "
        f"{near['pan_ms']} ms, a zoom step {figures['zoom_stand_in_step_ms']} ms scaled and "
        f"{figures['zoom_until_exact_ms']} ms until exact, open {figures['open_s']} s; {compared}"
    )


def _judge_view(where: str, seen: dict[str, Any], bound: Callable[..., None]) -> None:
    bound(f"{where}, 100 % changed", seen["changed_100_ms"], MOST_MS["all changed"])
    bound(f"{where}, pan", seen["pan_ms"], MOST_MS["pan"])
    bound(f"{where}, pan, not painted once", seen["pan_not_painted_once"], 0, "frames")
    bound(f"{where}, pan differs", seen["pan_differs_px"], 0, "px")
    for part in ("100", "10", "1"):
        what = f"{where}, {part} % changed"
        bound(f"{what}, symbols that look the same", seen[f"changed_{part}_unseen"], 0, "symbols")
        bound(f"{what}, numbers the same or absent", seen[f"changed_{part}_numbers_unseen"], 0, "numbers")
        bound(f"{what}, not painted once", seen[f"changed_{part}_not_painted_once"], 0, "frames")
        bound(f"{what}, repair differs", seen[f"changed_{part}_repair_differs_px"], 0, "px")
