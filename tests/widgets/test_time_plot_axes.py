"""Round instants on the plant's own clock and calendar."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from widgets.time_plot_axes import TimeAxis, ValueAxis

MADRID = ZoneInfo("Europe/Madrid")
HOUR, DAY = 3600.0, 86_400.0


def ticks(start: datetime, span_s: float, size: float = 1400.0) -> list[str]:
    axis = TimeAxis(int(start.timestamp()) * 1_000_000, MADRID)
    [(spacing, places)] = axis.tickValues(0.0, span_s, size)
    return axis.tickStrings(places, 1, spacing)


@pytest.mark.parametrize(
    ("span_s", "first"),
    [(2.0, "10:42:07.000"), (60.0, "10:42:10"), (HOUR, "10:50"), (3 * DAY, "12:00")],
)
def test_each_span_has_its_own_round_instants(qapp, span_s, first):
    said = ticks(datetime(2026, 11, 23, 10, 42, 7, tzinfo=MADRID), span_s)
    assert said[0] == first
    assert 3 <= len(said) <= 15


@pytest.mark.parametrize("month", [3, 10])
def test_midnight_stays_midnight_across_the_change_of_the_clock(qapp, month):
    said = ticks(datetime(2026, month, 20, tzinfo=MADRID), 12 * DAY)
    assert len(said) == 6
    assert all(":" not in text for text in said)


def test_a_year_is_told_in_months_and_a_decade_in_years(qapp):
    year = ticks(datetime(2026, 1, 1, tzinfo=MADRID), 365 * DAY)
    assert year == ["2026", "mar", "may", "jul", "sep", "nov", "2027"]
    decade = ticks(datetime(2020, 6, 1, tzinfo=MADRID), 3650 * DAY)
    assert decade[:2] == ["2021", "2022"]


def test_times_beyond_any_calendar_have_no_ticks_rather_than_an_error(qapp):
    axis = TimeAxis(0, MADRID)
    assert axis.tickValues(-1e13, 1e13, 1000.0) == []


def test_values_are_few_round_and_in_the_readers_language(qapp):
    axis = ValueAxis("left")
    [(spacing, places)] = axis.tickValues(0.3, 17.9, 200.0)
    assert (spacing, places) == (5.0, [5.0, 10.0, 15.0])
    assert axis.tickStrings([0.25, -1.5], 1, 0.25) == ["0,25", "−1,50"]
