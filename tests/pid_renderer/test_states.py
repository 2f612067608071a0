"""Every class in every state: each looks different, in grey and to the colour-blind too, and hides no text."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QImage

from contracts import plant as plant_files
from contracts.quality import Quality
from contracts.sample import now_us
from contracts.signal_list import Signal
from data.reading import AlarmMark
from pid_renderer import proteus
from pid_renderer.binding import bind
from pid_renderer.canvas import Canvas
from pid_renderer.describe import card
from pid_renderer.drawing import Box, Text
from resources.theme import theme
from tests.pid_renderer import heat_plant
from tests.pid_renderer.conftest import Sheet
from tests.pid_renderer.states import STATES, Readings, calm

# Machado, Oliveira, Fernandes 2009, deuteranopia at severity 1.0, for linear RGB.
_DEUTERAN = np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]])
_GREY = np.array([0.2126, 0.7152, 0.0722])
_SEEN = 20
"""Of 255: a difference of lightness the eye does not miss."""
_FEWEST_PIXELS = 12
_EVERYTHING = QRect(0, 0, -1, -1)


@pytest.fixture(scope="module")
def heat(tmp_path_factory) -> Sheet:
    plant = plant_files.load(heat_plant.write(tmp_path_factory.mktemp("heat")))
    drawing = proteus.read(plant.drawings[0].file)
    return Sheet(drawing, bind(drawing, plant), plant)


def _canvas(qtbot, sheet: Sheet, name: str) -> Canvas:
    made = Canvas()
    qtbot.addWidget(made)
    made.resize(1280, 800)
    made.set_sheet(sheet.drawing, sheet.binding, sheet.plant, theme(name), "es")
    made.show()
    made.show_readings(calm(sheet.plant))
    made.flush()
    return made


def _picture(canvas: Canvas, sheet: Sheet, changed, area: QRect = _EVERYTHING) -> np.ndarray:
    """A part of the window as (rows, columns, RGB), 0 … 255."""
    canvas.show_readings(calm(sheet.plant, changed))
    canvas.flush()
    image = canvas.grab(area).toImage().convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine() // 4, 4)
    return pixels[:, : image.width(), 2::-1].astype(float)


def _around(canvas: Canvas, code: str) -> QRect:
    """The symbol with its marks and values."""
    box = canvas.view.box_px(canvas.live.element(code).box)
    around = QRect(QPoint(int(box.left) - 130, int(box.top) - 45), QPoint(int(box.right) + 150, int(box.bottom) + 60))
    return around.intersected(canvas.rect())


def _linear(picture: np.ndarray) -> np.ndarray:
    part = picture / 255.0
    return np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)


def _lightness(linear: np.ndarray) -> np.ndarray:
    return 255.0 * np.clip(linear, 0.0, 1.0) ** (1 / 2.2)


def _grey(picture: np.ndarray) -> np.ndarray:
    return _lightness(_linear(picture) @ _GREY)


def _deuteran(picture: np.ndarray) -> np.ndarray:
    return _lightness(_linear(picture) @ _DEUTERAN.T)


def _differing(one: np.ndarray, other: np.ndarray) -> int:
    """Pixels that are seen to differ."""
    distance = np.abs(one - other)
    return int(((distance if distance.ndim == 2 else distance.max(axis=2)) > _SEEN).sum())


@pytest.mark.parametrize("name", ["light", "dark"])
def test_every_state_differs_from_every_other_in_grey_and_to_the_colour_blind(qtbot, heat, name):
    canvas = _canvas(qtbot, heat, name)
    canvas.set_layers(design=True)
    alike = []
    for code, states in STATES.items():
        area = _around(canvas, code)
        seen = {state: _picture(canvas, heat, changed, area) for state, changed in states.items()}
        for view in (_grey, _deuteran):
            pictures = {state: view(picture) for state, picture in seen.items()}
            for one, other in combinations(pictures, 2):
                pixels = _differing(pictures[one], pictures[other])
                if pixels < _FEWEST_PIXELS:
                    alike.append((code, one, other, view.__name__, pixels))
    assert not alike


_SILENT = ("command", "available", "fuel")
"""Roles that show nothing where another signal decides the state: what was asked for of what obeys, say."""


def _unseen(canvas: Canvas, sheet: Sheet, code: str, signal: Signal, state: Readings) -> list[str]:
    """Qualities of `signal` with which the symbol in `state` looks as with a good one."""
    area = _around(canvas, code)
    good = _grey(_picture(canvas, sheet, state, area))
    value = calm(sheet.plant, state)[signal.kks]
    found = []
    for quality in (Quality.LAST_USABLE, Quality.LAST_KNOWN, Quality.COMM_FAILURE):
        doubted = value._replace(quality=int(quality), time_us=now_us() - 300_000_000)
        if quality == Quality.COMM_FAILURE:
            doubted = doubted._replace(value=None)
        if _differing(_grey(_picture(canvas, sheet, {**state, signal.kks: doubted}, area)), good) < _FEWEST_PIXELS:
            found.append(quality.name)
    return found


@pytest.mark.parametrize("name", ["light", "dark"])
def test_what_is_old_or_bad_never_looks_good(qtbot, heat, name):
    canvas = _canvas(qtbot, heat, name)
    passed = []
    for code in STATES:
        for signal in canvas.live.symbol_of[code].signals():
            if signal.role not in _SILENT:
                passed += [(code, signal.kks, quality) for quality in _unseen(canvas, heat, code, signal, {})]
    assert not passed


_DECIDED = [
    (heat_plant.PUMP, "command", "starting"),
    (heat_plant.PUMP, "command", "stopped"),
    (heat_plant.PUMP, "available", "starting"),
    (heat_plant.PUMP, "available", "out of service"),
    (heat_plant.AGITATOR, "command", "starting"),
    (heat_plant.AGITATOR, "command", "stopped"),
    (heat_plant.FURNACE, "command", "starting"),
    (heat_plant.FURNACE, "command", "out"),
    (heat_plant.FLOW_ONLY, "flow", "working"),
    (heat_plant.FLOW_ONLY, "flow", "idle"),
]
"""Equipment, the role that decides, and the state it decides."""


@pytest.mark.parametrize("name", ["light", "dark"])
def test_a_symbol_shows_that_what_decides_its_state_is_old_or_bad(qtbot, heat, name):
    canvas = _canvas(qtbot, heat, name)
    canvas.set_layers(values=False)
    passed = []
    for code, role, state in _DECIDED:
        signal = heat.binding.signal(code, role)
        assert signal is not None
        passed += [(code, role, state, way) for way in _unseen(canvas, heat, code, signal, STATES[code][state])]
    assert not passed


def _text_boxes(canvas: Canvas) -> list[Box]:
    """Where the drawing's words stand, px, without the room round the letters."""
    texts = (item for item in canvas.live.drawing.primitives if isinstance(item, Text) and item.text.strip())
    return [_letters(canvas.view.box_px(item.box)) for item in texts]


def _letters(box: Box) -> Box:
    return Box(box.left + 2, box.top + 0.2 * box.height, box.right - 2, box.bottom - 0.2 * box.height)


def _covered(canvas: Canvas, changed: np.ndarray) -> list[Box]:
    """Words and values under changed pixels (a mask)."""
    own = [p for p in canvas.live.plates if p.vessel is None and not (p.shown and p.shown.alarm)]
    numbers = [_letters(canvas.view.box_px(canvas.live.plate_box(plate, canvas.view.scale))) for plate in own]
    found = []
    for box in _text_boxes(canvas) + numbers:
        rows, columns = slice(max(0, int(box.top)), int(box.bottom)), slice(max(0, int(box.left)), int(box.right))
        if changed[rows, columns].any():
            found.append(box)
    return found


def _badges(canvas: Canvas, picture) -> np.ndarray:
    """Pixels that alarms take."""
    canvas.set_layers(alarms=True)
    shown = picture()
    canvas.set_layers(alarms=False)
    hidden = picture()
    canvas.set_layers(alarms=True)
    return np.abs(shown - hidden).max(axis=2) > 0


@pytest.mark.parametrize("code", [heat_plant.PUMP, heat_plant.BLOWER, heat_plant.AGITATOR, heat_plant.SAFETY,
                                  heat_plant.MOTOR, heat_plant.FURNACE])  # fmt: skip
def test_a_badge_covers_neither_words_nor_numbers(qtbot, heat, code):
    canvas = _canvas(qtbot, heat, "light")
    badge = _badges(canvas, lambda: _picture(canvas, heat, STATES[code]["alarm unacknowledged"]))
    assert badge.sum() > 100
    assert not _covered(canvas, badge)


def test_no_trip_on_the_tank_farm_hides_a_code_or_a_value(qtbot, sheet):
    canvas = _canvas(qtbot, sheet, "light")
    trips = {
        signal.kks: calm_one._replace(value=1.0, alarm=AlarmMark(1, "trip", "unacknowledged", 0))
        for signal in sheet.plant.signals
        if signal.role == "fault"
        for calm_one in [calm(sheet.plant)[signal.kks]]
    }
    assert len(trips) >= 6
    badges = _badges(canvas, lambda: _picture(canvas, sheet, trips))
    assert badges.sum() > 6 * 100
    assert not _covered(canvas, badges)


def test_a_value_is_written_in_every_state(qtbot, heat):
    canvas = _canvas(qtbot, heat, "light")
    pictures = {}
    for values in (True, False):
        canvas.set_layers(values=values, design=True)
        for code, states in STATES.items():
            for state, changed in states.items():
                pictures[code, state, values] = _grey(_picture(canvas, heat, changed, _around(canvas, code)))
    empty = []
    canvas.set_layers(values=True, design=True)
    for code, states in STATES.items():
        corner = _around(canvas, code).topLeft()
        plates = [plate for plate in canvas.live.plates if plate.code == code]
        for state in states:
            ink = np.abs(pictures[code, state, True] - pictures[code, state, False]) > _SEEN
            for plate in plates:
                box = canvas.view.box_px(canvas.live.plate_box(plate, canvas.view.scale))
                rows = slice(max(0, int(box.top) - corner.y()), int(box.bottom) - corner.y())
                columns = slice(max(0, int(box.left) - corner.x()), int(box.right) - corner.x())
                if ink[rows, columns].sum() < 40:
                    empty.append((code, state, plate.signal.kks))
    assert not empty


def test_the_card_says_the_state_of_every_class_in_words(qtbot, heat):
    canvas = _canvas(qtbot, heat, "light")

    def said(code: str, state: str, language: str) -> str:
        canvas.show_readings(calm(heat.plant, STATES[code][state]))
        canvas.flush()
        return card(canvas.live, code, language, now_us()).state

    assert said(heat_plant.FURNACE, "lit", "es") == "encendido · 9,96 MW"
    assert said(heat_plant.FURNACE, "out", "en") == "out · 0.00 MW"
    assert said(heat_plant.COMPUTED, "working", "es") == "en servicio · ≈ 2,00 MW"
    assert said(heat_plant.COMPUTED, "bad", "es") == "en servicio"
    assert said(heat_plant.AGITATOR, "stopped", "es") == "parada"
    assert said(heat_plant.SAFETY, "lifted", "en") == "lifted"
    assert said(heat_plant.MOTOR, "travelling", "es") == "en tránsito"


def test_a_valve_that_takes_too_long_gets_a_clock_and_loses_it_when_it_arrives(qtbot, heat):
    canvas = _canvas(qtbot, heat, "light")
    area = _around(canvas, heat_plant.MOTOR)
    tags = [f"{heat_plant.MOTOR}{tail}" for tail in ("XB01", "XB02", "XL01")]

    def shown(state: str, second: int) -> np.ndarray:
        seen = calm(heat.plant, STATES[heat_plant.MOTOR][state])
        later = {kks: seen[kks]._replace(time_us=seen[kks].time_us + second * 1_000_000) for kks in tags}
        return _picture(canvas, heat, later, area)

    opened, leaving = shown("open", 0), shown("travelling", 1)
    assert (shown("travelling", 30) == leaving).all()
    assert _differing(_grey(shown("travelling", 90)), _grey(leaving)) >= _FEWEST_PIXELS
    assert (shown("open", 95) == opened).all()
    assert (shown("travelling", 96) == leaving).all()
