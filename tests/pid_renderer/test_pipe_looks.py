"""With Caudales a pipe tells whether something flows in it, by its line alone and without harm to what crosses it."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QImage, QPainter, QPixmap

from contracts.quality import Quality
from pid_renderer.composer import Composer
from pid_renderer.flow import FLOWING, PLAIN, STILL, UNKNOWN
from pid_renderer.live_sheet import LiveSheet
from pid_renderer.sheet_layers import Layers
from pid_renderer.view import View
from resources.theme import theme
from tests.pid_renderer.conftest import reading
from tests.pid_renderer.test_states import _canvas, _deuteran, _differing, _grey, _picture

WINDOW = QSize(1200, 760)
METER = "10EGA30CF001XQ01"
STATES = {
    "flowing": {METER: reading(400.0)},
    "still": {METER: reading(0.0)},
    "old": {METER: reading(400.0, Quality.LAST_USABLE, 400)},
    "bad": {METER: reading(None, Quality.COMM_FAILURE)},
}


@pytest.mark.parametrize("name", ["light", "dark"])
def test_flowing_still_and_unknown_differ_in_grey_and_to_the_colour_blind(qtbot, sheet, name):
    canvas = _canvas(qtbot, sheet, name)
    canvas.set_layers(flow=True, values=False)
    canvas._step_timer.stop()
    metered = next(s for s, kks in canvas.live.flow._meters.items() if METER in kks)
    run = max(canvas.live.flow.runs[metered], key=lambda run: run.box.width)
    area = canvas.view.box_px(run.box.grown(0.5))
    part = slice(int(area.top), int(area.bottom) + 1), slice(int(area.left), int(area.right) + 1)
    seen = {state: _picture(canvas, sheet, changed)[part] for state, changed in STATES.items()}
    for view in (_grey, _deuteran):
        pictures = {state: view(picture) for state, picture in seen.items()}
        for one, other in combinations(pictures, 2):
            if {one, other} != {"old", "bad"}:
                assert _differing(pictures[one], pictures[other]) > 0.1 * pictures[one].shape[1], (one, other)
    assert (seen["old"] == seen["bad"]).all()


def test_without_caudales_no_pipe_says_anything(qtbot, sheet):
    canvas = _canvas(qtbot, sheet, "light")
    run = next(runs[0] for s, runs in canvas.live.flow.runs.items() if METER in canvas.live.flow._meters.get(s, ()))
    area = canvas.view.box_px(run.box.grown(0.3))
    part = slice(int(area.top), int(area.bottom)), slice(int(area.left), int(area.right))
    flowing, still = (_picture(canvas, sheet, STATES[state])[part] for state in ("flowing", "still"))
    assert (flowing == still).all()


class Shown:
    """The pipes of the tank farm, nothing that lives over them."""

    def __init__(self, sheet, zoom: float, ratio: float) -> None:
        self.ratio = ratio
        live = LiveSheet(sheet.drawing, sheet.binding, sheet.plant, "es")
        self.composer = Composer(live, theme("light"), Layers(flow=True))
        self.view = View(zoom * live.scale_100, 12.0, 10.0)
        self.composer.place(self.view, WINDOW, ratio)
        self._painted(lambda painter: self.composer._paint_all(painter))
        self.picture = self.composer._picture
        self.segments = self.picture._watch.segments
        self.told = self.picture._watch.told

    def _painted(self, paint) -> np.ndarray:
        pixmap = QPixmap(WINDOW * self.ratio)
        painter = QPainter(pixmap)
        paint(painter)
        painter.end()
        image = pixmap.toImage().convertToFormat(QImage.Format.Format_RGB32)
        return np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), -1)[:, : image.width()].copy()

    def copied(self, states: np.ndarray) -> np.ndarray:
        def paint(painter: QPainter) -> None:
            painter.drawPixmap(0, 0, self.composer._background.pixmap)
            window = self.composer._window
            for part in self.picture._pipe_looks.fragments(states):
                moved = part + np.array([0, 0, 0, 0, window.x, window.y], np.int32)
                self.picture.atlas.paint(painter, moved)

        return self._painted(paint)

    def strokes(self, states: np.ndarray) -> np.ndarray:
        def paint(painter: QPainter) -> None:
            colors, size = self.composer.colors, WINDOW
            painter.fillRect(0, 0, 100_000, 100_000, colors.color("bg.canvas"))
            painter.scale(self.ratio, self.ratio)
            visible = self.composer._visible(self.view, QPixmap(size).rect().adjusted(-99, -99, 99, 99))
            flows = dict(zip(self.segments, states.tolist(), strict=True))
            self.composer._sheet.paint(painter, self.view, visible, colors, flows=flows)

        return self._painted(paint)


def _off(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Pixels that differ by more than the last bits, in which a soft edge elsewhere on a picture may be off."""
    channels = (one.view(np.uint8).astype(np.int16), other.view(np.uint8).astype(np.int16))
    return (np.abs(channels[0] - channels[1]) > 8).reshape(*one.shape, 4).any(axis=2)


@pytest.mark.parametrize(("zoom", "ratio"), [(0.55, 1.0), (1.0, 1.0), (1.4, 1.0), (0.8, 1.5)])
def test_strips_copied_are_what_strokes_paint(qapp, sheet, zoom, ratio):
    shown = Shown(sheet, zoom, ratio)
    for state in (STILL, UNKNOWN):
        states = np.where(shown.told, state, PLAIN).astype(np.int8)
        strokes = shown.strokes(states)
        assert not _off(shown.copied(states), strokes).any()
        assert (strokes != shown.strokes(np.zeros_like(states))).sum() > 500
    mixed = np.where(shown.told, np.random.default_rng(3).integers(0, 4, len(shown.told)), PLAIN).astype(np.int8)
    assert set(mixed.tolist()) == {PLAIN, FLOWING, STILL, UNKNOWN}
    off = _off(shown.copied(mixed), shown.strokes(mixed))
    # Where a pipe ends on another in another state, a few pixels may be of either.
    assert off.sum() <= 4 * len(shown.picture._pipe_looks._crossed)


def test_a_flowing_pipe_is_whole_where_one_that_stands_crosses_it(qapp, sheet):
    shown = Shown(sheet, 1.0, 1.0)
    plain = shown.strokes(np.zeros(len(shown.segments), np.int8))
    for number in np.flatnonzero(shown.told).tolist():
        states = np.where(shown.told, STILL, PLAIN).astype(np.int8)
        states[number] = FLOWING
        picture = shown.copied(states)
        for run in shown.composer.live.flow.runs[shown.segments[number]]:
            for (x0, y0), (x1, y1) in zip(run.points, run.points[1:], strict=False):
                for part in np.linspace(0.02, 0.98, 40):
                    x, y = shown.view.to_px((x0 + part * (x1 - x0), y0 + part * (y1 - y0)))
                    if 0 <= x < WINDOW.width() and 0 <= y < WINDOW.height():
                        here = slice(int(y), int(y) + 1), slice(int(x), int(x) + 1)
                        assert not _off(picture[here].copy(), plain[here].copy()).any()
