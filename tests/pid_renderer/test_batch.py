"""Copied pictures show what painting stroke by stroke shows: every class and state, overlaps, themes, zooms, ratios.

Pictures may stand up to half a pixel off (an eighth of one on a sheet of less than a thousand symbols), so single
pixels on an edge differ; nothing may be missing, of another colour or in another order.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QSize
from PySide6.QtGui import QImage, QPainter, QPixmap, QRegion

from benchmarks import big_sheet
from contracts import plant as plant_files
from contracts.quality import Quality
from data.reading import AlarmMark
from pid_renderer import atlas as atlas_module
from pid_renderer import proteus
from pid_renderer.binding import bind
from pid_renderer.composer import Composer
from pid_renderer.damage import CELL_PX, cut, damage, no_damage
from pid_renderer.drawing import Box
from pid_renderer.live_sheet import LiveSheet
from pid_renderer.live_symbols import live_symbol
from pid_renderer.number_batch import _digits
from pid_renderer.sheet_layers import Layers
from pid_renderer.symbol import LiveSymbol
from pid_renderer.symbol_batch import likeness
from pid_renderer.view import View, fitting
from resources.theme import theme
from tests.pid_renderer import heat_plant
from tests.pid_renderer.conftest import Sheet, reading
from tests.pid_renderer.states import STATES, calm

WINDOW = QSize(1280, 800)
_ALL = Box(-1e6, -1e6, 1e6, 1e6)
_SEEN = 90
"""Of 255: a difference nobody takes for a softer edge."""
MOST_SEEN, MOST_OF_BLOCK = 0.01, 16.0
"""Part of the window's pixels that may differ so much (hatches begin elsewhere), and how much 16 × 16 of them may."""


@pytest.fixture(scope="module")
def heat(qapp, tmp_path_factory) -> Sheet:
    plant = plant_files.load(heat_plant.write(tmp_path_factory.mktemp("heat")))
    drawing = proteus.read(plant.drawings[0].file)
    return Sheet(drawing, bind(drawing, plant), plant)


@pytest.fixture(scope="module")
def crowd(heat) -> Sheet:
    """A hundred and twenty symbols, some over others."""
    made = big_sheet.make(120, seed=4)
    return Sheet(made.drawing, bind(made.drawing, made.plant), made.plant)


class Shown:
    """A sheet in a window of its own."""

    def __init__(self, sheet: Sheet, name: str = "light", zoom: float | None = None, ratio: float = 1.0) -> None:
        self.sheet, self.ratio = sheet, ratio
        self.live = LiveSheet(sheet.drawing, sheet.binding, sheet.plant, "es")
        self.composer = Composer(self.live, theme(name), Layers())
        self.view = fitting(sheet.drawing.width_mm, sheet.drawing.height_mm, WINDOW.width(), WINDOW.height())
        if zoom is not None:
            self.view = View(zoom * self.live.scale_100, 12.0, 9.0)
        self.composer.place(self.view, WINDOW, ratio)

    def take(self, readings) -> None:
        self.composer.take(self.live.apply(readings, 1_800_000_000_000_000))

    def pixels(self) -> np.ndarray:
        return self._painted(lambda painter: self.composer.show(painter, QRegion(0, 0, 1280, 800)))

    def exact(self) -> np.ndarray:
        """The same, what lives stroke by stroke."""

        def paint(painter: QPainter) -> None:
            painter.save()
            painter.scale(1 / self.ratio, 1 / self.ratio)
            painter.drawPixmap(0, 0, self.composer._background.pixmap)
            painter.restore()
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            on = self.composer._on(painter, self.view, lit=self.composer.lit)
            self.live.paint(on, _ALL, values=self.composer.layers.values)

        return self._painted(paint)

    def _painted(self, paint) -> np.ndarray:
        pixmap = QPixmap(WINDOW * self.ratio)
        pixmap.setDevicePixelRatio(self.ratio)
        painter = QPainter(pixmap)
        paint(painter)
        painter.end()
        image = pixmap.toImage().convertToFormat(QImage.Format.Format_RGB32)
        found = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1, 4)
        return found[:, : image.width(), :3].astype(np.int16)

    def compare(self, what: str) -> None:
        copied, exact = self.pixels(), self.exact()
        off = np.abs(copied - exact).max(axis=2)
        blocks = np.abs(_in_blocks(copied) - _in_blocks(exact)).max(axis=2)
        assert (off > _SEEN).mean() <= MOST_SEEN, what
        assert blocks.max() <= MOST_OF_BLOCK, what


def _in_blocks(pixels: np.ndarray) -> np.ndarray:
    """Means of 16 × 16 pixels."""
    high, wide = (side // 16 * 16 for side in pixels.shape[:2])
    return pixels[:high, :wide].reshape(high // 16, 16, wide // 16, 16, 3).mean(axis=(1, 3))


def _readings(sheet: Sheet, seed: int, odd: float = 0.3):
    """Any values, a part of them not good or in alarm."""
    chance = np.random.default_rng(seed)
    found = {}
    for signal in sheet.plant.signals:
        value = signal.low + (signal.high - signal.low) * chance.uniform(-0.1, 1.1)
        seen = reading(float(value) if signal.kind == "analog" else float(chance.integers(2)))
        if chance.random() < odd:
            quality = chance.choice([64, 68, 20, 24, 216, 88])
            seen = seen._replace(quality=int(quality))
            if quality == 24:
                seen = seen._replace(value=None, time_us=0)
            if chance.random() < 0.4:
                state = str(chance.choice(["unacknowledged", "acknowledged", "returned", "shelved"]))
                seen = seen._replace(alarm=AlarmMark(int(chance.integers(1, 5)), "H", state, 5))
        found[signal.kks] = seen
    return found


@pytest.mark.parametrize("code", list(STATES))
def test_every_state_of_every_class_is_copied_as_it_is_painted(heat, code):
    shown = Shown(heat)
    shown.take(calm(heat.plant))
    for name, changed in STATES[code].items():
        shown.take(calm(heat.plant, changed))
        shown.compare(f"{code} {name}")


@pytest.mark.parametrize(
    ("name", "zoom", "ratio"), [("light", 1.0, 1.0), ("dark", 1.37, 1.0), ("dark", 0.8, 2.0), ("light", 0.6, 1.25)]
)
def test_overlapping_symbols_keep_their_order_in_any_theme_zoom_and_ratio(crowd, name, zoom, ratio):
    shown = Shown(crowd, name, zoom, ratio)
    for seed in range(3):
        shown.take(_readings(crowd, seed))
        shown.compare(f"readings {seed}")


@pytest.mark.parametrize("zoom", [0.8, 0.93, 1.0, 1.07, 1.21, 1.37])
def test_the_value_of_a_half_full_tank_stands_on_one_side_of_its_surface(crowd, zoom):
    shown = Shown(crowd, zoom=zoom)
    shown.take({signal.kks: reading((signal.low + signal.high) / 2) for signal in crowd.plant.signals})
    shown.compare("half full")


@pytest.mark.parametrize("zoom", [0.3, 1.0, 2.2])
def test_a_repaired_frame_equals_a_whole_repaint_whatever_is_wrong_with_its_values(crowd, zoom):
    shown, chance = Shown(crowd, zoom=zoom), np.random.default_rng(8)
    shown.take(_readings(crowd, 0))
    shown.pixels()
    for seed in range(1, 12):
        some = {kks: seen for kks, seen in _readings(crowd, seed).items() if chance.random() < 0.08}
        shown.take(some)
        repaired = shown.pixels()
        shown.composer.void()
        assert (repaired != shown.pixels()).sum() == 0, seed


def test_the_blink_repairs_what_blinks_and_comes_back_as_it_was(crowd):
    shown = Shown(crowd, zoom=1.0)
    first = crowd.plant.signals[3].kks
    shown.take(_readings(crowd, 1, odd=0.0) | {first: reading(1.0, alarm=AlarmMark(1, "HH", "unacknowledged", 0))})
    lit = shown.pixels()
    shown.composer.relight(lit=False)
    dark = shown.pixels()
    assert 0 < (lit != dark).any(axis=2).sum() < 4000
    shown.composer.void()
    assert (shown.pixels() == dark).all()
    shown.composer.relight(lit=True)
    assert (shown.pixels() == lit).all()


def test_a_pan_by_any_way_equals_a_whole_repaint(crowd):
    shown = Shown(crowd, zoom=1.6)
    shown.take(_readings(crowd, 2))
    shown.pixels()
    for dx, dy in ((-37, 21), (3, -5), (-210, -160), (55, 0)):
        shown.view = shown.view.moved(dx, dy)
        shown.composer.place(shown.view, WINDOW, 1.0)
        panned = shown.pixels()
        shown.composer.void()
        assert (panned != shown.pixels()).sum() == 0


def test_while_the_source_is_lost_old_numbers_are_bare_and_grey(crowd):
    shown = Shown(crowd, zoom=1.0)
    old = {kks: seen._replace(quality=int(Quality.LAST_USABLE)) for kks, seen in _readings(crowd, 3, odd=0.0).items()}
    shown.live.fold(True)
    shown.take(old)
    shown.compare("folded")
    shown.live.fold(False)
    shown.composer.void()
    shown.take({})
    shown.compare("each by itself")


def test_a_new_zoom_of_a_large_sheet_is_made_in_slices_and_ends_exact(crowd):
    shown = Shown(crowd, zoom=1.0)
    shown.composer._is_large = True
    shown.take(_readings(crowd, 5))
    shown.pixels()
    shown.view = shown.view.zoomed(1.5, (300.0, 200.0))
    shown.composer.place(shown.view, WINDOW, 1.0)
    assert not shown.composer.is_ready
    stand_in = shown.pixels()
    turns = 1
    while not shown.composer.work():
        turns += 1
    assert turns > 3
    exact = shown.pixels()
    assert (exact != stand_in).any()
    fresh = Shown(crowd)
    fresh.view = shown.view
    fresh.composer.place(fresh.view, WINDOW, 1.0)
    fresh.take(_readings(crowd, 5))
    differs = (fresh.pixels() != exact).any(axis=2)
    assert not differs.any()


def test_what_does_not_fit_into_memory_is_painted_stroke_by_stroke(crowd, monkeypatch):
    monkeypatch.setattr(atlas_module, "TALLEST", 60)
    shown = Shown(crowd, zoom=1.0)
    shown.take(_readings(crowd, 6))
    assert (shown.pixels() != shown.exact()).sum() == 0
    assert shown.composer._picture.hopeless


def test_a_symbol_larger_than_any_kept_picture_is_painted_in_its_place_in_the_order(crowd, monkeypatch):
    monkeypatch.setattr("pid_renderer.symbol_batch.LARGEST", 150)
    shown = Shown(crowd, zoom=2.4)
    shown.take(_readings(crowd, 7))
    shown.compare("large")
    assert shown.composer._picture.symbols.too_large.any()
    repaired_from = _readings(crowd, 9)
    shown.take({kks: repaired_from[kks] for kks in list(repaired_from)[:9]})
    repaired = shown.pixels()
    shown.composer.void()
    assert (repaired != shown.pixels()).sum() == 0


def test_digits_are_rounded_as_every_other_view_rounds_them():
    chance = np.random.default_rng(1)
    value = np.concatenate([chance.uniform(0, 10**exponent, 400) for exponent in (0, 1, 3, 6)])
    ties = np.array([0.125, 2.675, 0.5, 1.5, 2.5, 99.995, 0.045, 1e6 + 0.005])
    value = np.concatenate([value, np.round(value, 1) + 0.05, ties])
    for decimals in range(4):
        digits, before = _digits(value, np.full(value.size, decimals))
        for number, whole, count in zip(value.tolist(), digits.tolist(), before.tolist(), strict=True):
            text = f"{number:.{decimals}f}"
            assert str(whole).zfill(count + decimals) == text.replace(".", ""), number


def test_damaged_cells_are_painted_once_each_and_nothing_outside():
    chance = np.random.default_rng(2)
    grid = no_damage(300, 200)
    rows = chance.integers(-40, 300, (60, 6)).astype(np.int32)
    rows[:, 2:4] = chance.integers(1, 90, (60, 2))
    damage(grid, rows[:3])
    painted = np.zeros((200 + CELL_PX, 300 + CELL_PX), int)
    for _, _, w, h, x, y in cut(rows, grid).tolist():
        painted[y : y + h, x : x + w] += 1
    wanted = np.zeros_like(painted)
    for _, _, w, h, x, y in rows.tolist():
        wanted[max(0, y) : max(0, y + h), max(0, x) : max(0, x + w)] += 1
    inside = np.kron(grid, np.ones((CELL_PX, CELL_PX), int)) > 0
    high, wide = inside.shape
    assert (painted[:high, :wide][inside] == wanted[:high, :wide][inside]).all()
    assert not painted[:high, :wide][~inside].any()


def test_a_wheel_over_nothing_does_not_break_an_empty_sheet(crowd):
    empty = Sheet(
        crowd.drawing.__class__("", "", "", 100.0, 80.0, (), {}), bind(crowd.drawing, crowd.plant), crowd.plant
    )
    shown = Shown(Sheet(empty.drawing, bind(empty.drawing, crowd.plant), crowd.plant))
    shown.take(_readings(crowd, 1))
    shown.view = shown.view.zoomed(1.3, (10.0, 10.0))
    shown.composer.place(shown.view, WINDOW, 1.0)
    assert len(np.unique(shown.pixels().reshape(-1, 3), axis=0)) == 1
    assert shown.composer.small_picture(40, 30, 0.3, QPointF(1, 1)).width() == 40


@pytest.mark.parametrize(
    ("code", "one", "other"), [(heat_plant.PUMP, "command", "available"), (heat_plant.MOTOR, "open", "closed")]
)
def test_symbols_whose_signals_mean_something_else_share_no_picture(heat, code, one, other):
    def without(role: str) -> LiveSymbol:
        left = tuple(signal for signal in heat.binding.signals_of[code] if signal.role != role)
        bound = {**heat.binding.signals_of, code: left}
        binding = replace(heat.binding, signals_of=bound, signals_at=bound)
        made = live_symbol(heat.drawing, heat.drawing.by_kks[code], code, binding)
        assert made is not None
        return made

    assert likeness(without(one), texts=False) == likeness(without(one), texts=False)
    assert likeness(without(one), texts=False) != likeness(without(other), texts=False)
