"""The reference plant's sheet, and readings for all of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from contracts import plant as plant_files
from contracts.plant import Plant
from contracts.quality import Quality
from contracts.sample import now_us
from data.reading import AlarmMark, Reading
from pid_renderer.binding import Binding, bind
from pid_renderer.canvas import Canvas
from pid_renderer.drawing import Drawing
from pid_renderer.reading import read
from resources.theme import theme

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT.parent / "shared" / "samples" / "dexpi"


@dataclass(frozen=True)
class Sheet:
    drawing: Drawing
    binding: Binding
    plant: Plant


@pytest.fixture(scope="session")
def sheet() -> Sheet:
    """The tank farm of sim-r1, bound."""
    plant = plant_files.load(ROOT / "resources" / "plants" / "sim-r1")
    drawing = read(plant.drawings[0].file)
    return Sheet(drawing, bind(drawing, plant), plant)


@pytest.fixture(scope="session")
def samples() -> Path:
    """The public P&IDs beside the checkout."""
    if not SAMPLES.is_dir():
        pytest.skip("the public DEXPI samples are not beside this checkout (shared/samples/dexpi)")
    return SAMPLES


def reading(
    value: float | None, quality: Quality = Quality.GOOD, age_s: float = 0.5, alarm: AlarmMark | None = None
) -> Reading:
    return Reading(value, now_us() - round(age_s * 1e6), int(quality), alarm)


@pytest.fixture
def calm(sheet: Sheet) -> Callable[..., dict[str, Reading]]:
    """Good readings for every signal: middle of the range, machines running, valves open, no faults."""

    def make(**changed: Reading) -> dict[str, Reading]:
        values = {"running": 1.0, "open": 1.0, "closed": 0.0, "fault": 0.0, "trip": 0.0, "command": 1.0}
        found = {
            signal.kks: reading(values.get(signal.role, (signal.low + signal.high) / 2))
            for signal in sheet.plant.signals
        }
        return found | changed

    return make


@pytest.fixture
def canvas(qtbot, sheet, calm) -> Canvas:
    """The tank farm in a window, everything calm."""
    made = Canvas()
    qtbot.addWidget(made)
    made.resize(1264, 700)
    made.set_sheet(sheet.drawing, sheet.binding, sheet.plant, theme("light"), "es")
    made.show()
    made.show_readings(calm())
    made.flush()
    return made
