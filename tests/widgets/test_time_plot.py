from zoneinfo import ZoneInfo

import numpy as np
import pytest

from tests.app.plants import LEVEL, TEMPERATURE, write_plant
from tests.widgets.now import NOON_US
from widgets.lines import Line
from widgets.time_plot import TimePlot


@pytest.fixture
def plot(qtbot, tmp_path):
    plant = write_plant(tmp_path)
    made = TimePlot(ZoneInfo("Europe/Madrid"))
    qtbot.addWidget(made)
    made.resize(800, 400)
    made.set_signals([plant.by_kks[LEVEL], plant.by_kks[TEMPERATURE]], NOON_US)
    made.show()
    return made


def test_each_unit_has_a_pane_of_its_own(plot):
    assert [pane.unit for pane in plot._panes] == ["m", "°C"]


def test_the_value_at_the_cursor_is_the_last_one_before_it(plot):
    times = NOON_US + np.array([0, 10, 20], np.int64) * 1_000_000
    plot.show_line(LEVEL, Line(times, np.array([1.0, 2.0, np.nan])))
    assert plot.values_at(NOON_US + 15_000_000)[LEVEL] == 2.0
    assert plot.values_at(NOON_US - 1)[LEVEL] is None
    assert plot.values_at(NOON_US + 25_000_000)[LEVEL] is None


def test_time_ticks_are_whole_minutes_of_the_plants_zone(plot):
    axis = plot._panes[-1].plot.getAxis("bottom")
    [(spacing, ticks)] = axis.tickValues(0.0, 600.0, 600.0)
    assert spacing in (120, 300)
    assert axis.tickStrings(ticks[:1], 1, spacing) == ["12:00"]
