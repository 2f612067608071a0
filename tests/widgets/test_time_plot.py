from zoneinfo import ZoneInfo

import numpy as np
import pytest

from tests.app.plants import LEVEL, TEMPERATURE, write_plant
from tests.widgets.now import NOON_US
from widgets.lines import Line, decimate
from widgets.time_plot import TimePlot


def test_a_short_series_is_drawn_as_it_is():
    times = np.arange(10, dtype=np.int64)
    line = decimate(times, times.astype(float), 100)
    assert line.low is None
    assert line.mean.size == 10


def test_a_long_series_keeps_its_extremes_and_its_mean():
    times = np.arange(100_000, dtype=np.int64)
    values = np.sin(times / 500)
    values[54_321] = 99.0
    line = decimate(times, values, 500)
    assert 499 <= line.mean.size <= 501
    assert np.nanmax(line.high) == 99.0
    assert np.nanmin(line.low) == pytest.approx(-1, abs=1e-4)
    assert np.all((line.low <= line.mean) & (line.mean <= line.high))


def test_a_gap_stays_a_gap():
    times = np.arange(10_000, dtype=np.int64)
    values = np.ones(10_000)
    values[4000:6000] = np.nan
    line = decimate(times, values, 100)
    assert np.isnan(line.mean[42:58]).all()
    assert np.isfinite(line.mean[:35]).all()


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
