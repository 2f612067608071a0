import numpy as np
import pytest
from PySide6.QtCore import Qt

from contracts.quality import Quality
from data.reading import Reading
from tests.app.plants import LEVEL, RUNNING, TEMPERATURE, write_plant
from tests.widgets.now import NOON_US, Now
from widgets.faceplate import AlarmRow, Faceplate
from widgets.faceplate_facts import PAGE_ROWS, PAGES, facts, percent_and_rate
from widgets.quality_words import quality_word
from widgets.rows import Row
from widgets.signal_words import shown, signals_of, value_text


@pytest.fixture
def now(tmp_path):
    return Now(write_plant(tmp_path), **{LEVEL: 9.0, TEMPERATURE: 30.0, RUNNING: 1.0})


@pytest.fixture
def clock_us(monkeypatch):
    """What the faceplate's clock says, as a list of one."""
    at = [NOON_US + 400_000]
    monkeypatch.setattr("widgets.faceplate.now_us", lambda: at[0])
    return at


@pytest.fixture
def plate(qtbot, now, clock_us):
    made = Faceplate()
    qtbot.addWidget(made)
    made.show_signals(now, signals_of(now.plant, LEVEL))
    made.show()
    return made


def past(seconds, values, code=Quality.GOOD):
    times = NOON_US + (np.asarray(seconds, float) * 1e6).astype(np.int64)
    return times, np.asarray(values, float), np.full(len(times), int(code), np.int16)


def test_the_plate_says_value_unit_quality_source_time_and_age(plate):
    assert plate._hero.accessibleName() == "9,00 m"
    assert "Buena" in plate._quality.text()
    assert "12:00:00.000" in plate._quality.text()
    assert "hace 0,4 s" in plate._quality.text()


def test_an_unchanged_value_grows_older_on_the_plate(plate, clock_us):
    clock_us[0] = NOON_US + 8_000_000
    plate.refresh()
    assert "hace 8,0 s" in plate._quality.text()


def test_an_unacknowledged_alarm_has_a_row_whose_button_asks_to_acknowledge_it(qtbot, plate, now):
    now.board.update(LEVEL, 15.5, int(Quality.GOOD), NOON_US)
    plate.refresh()
    [row] = plate.findChildren(AlarmRow)
    button = row.findChild(type(plate._equipment))
    with qtbot.waitSignal(plate.acknowledge_requested) as asked:
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert asked.args == [LEVEL, "H"]


def test_the_inventory_page_shows_the_chain_of_volumes(now):
    rows = {row.label: row.value for row in PAGE_ROWS["inventory"](now, now.plant.by_kks[LEVEL])}
    assert rows["Volumen observado TOV"] == "900"
    assert rows["VCF (ASTM D1250, 30,0 °C)"] == "0,98720"


def test_the_alarm_page_lists_every_limit_with_its_state(now):
    rows = PAGE_ROWS["alarms"](now, now.plant.by_kks[LEVEL])
    assert [row.value for row in rows] == ["2,00", "3,00", "15,00", "16,00"]


def test_a_pump_is_shown_by_its_state_in_words(plate, now):
    plate.show_signals(now, signals_of(now.plant, "10EGC11AP001"))
    assert plate._hero.accessibleName().strip() == "En marcha"
    assert plate.leading == RUNNING


def test_a_level_that_trembles_within_its_deadband_is_idle(now):
    signal = now.plant.by_kks[LEVEL]
    text = percent_and_rate(signal, now.readings[LEVEL], past(range(60), np.full(60, 9.0)))
    assert text == "50,0 % · en reposo"


def test_a_level_that_rises_says_when_it_reaches_its_highest_limit(now):
    now.past = past(range(100), np.linspace(8.9, 9.0, 100))
    rows = {row.label: row.value for row in facts(now, now.plant.by_kks[LEVEL], [], now.past)}
    assert rows["A HH en"].startswith("1 h 5")


def test_a_value_that_is_old_or_bad_is_named_so():
    assert quality_word(Quality.LAST_USABLE) == "Vieja"
    assert quality_word(Quality.LAST_KNOWN) == "Mala · último valor"
    assert quality_word(Quality.WAITING) == "Esperando el primer dato"
    assert quality_word(64) == "Dudosa"


def test_an_unknown_value_is_an_em_dash_never_zero(now):
    assert value_text(now.plant.by_kks[LEVEL], None) == "—"


def test_a_kks_is_shown_with_blanks_and_another_tag_as_it_is():
    assert shown("10EGB11CL001XQ01") == "10EGB11 CL001 XQ01"
    assert shown("LT-101") == "LT-101"


def test_a_plate_follows_a_reading_that_goes_bad(plate, now):
    now.readings[LEVEL] = Reading(9.0, NOON_US, int(Quality.LAST_KNOWN))
    plate.refresh()
    assert "Mala · último valor" in plate._quality.text()


def test_an_old_level_claims_no_rate_and_greys_what_is_computed_from_it(now):
    signal, rising = now.plant.by_kks[LEVEL], past(range(60), np.linspace(9, 9.1, 60))
    assert "subiendo" in percent_and_rate(signal, now.readings[LEVEL], rising)
    now.readings[LEVEL] = now.readings[LEVEL]._replace(quality=int(Quality.LAST_USABLE))
    assert "subiendo" not in percent_and_rate(signal, now.readings[LEVEL], rising)
    assert {row.token for row in PAGE_ROWS["inventory"](now, signal)} == {"quality.stale"}


def test_the_card_of_what_is_no_tank_opens_on_its_alarms(plate, now):
    plate.show_signals(now, signals_of(now.plant, RUNNING))
    assert not plate._tabs.isTabVisible(0)
    assert plate._tabs.currentIndex() == 1


def test_what_the_file_says_of_the_design_stands_under_the_signals_own_and_alone_where_there_is_no_signal(plate, now):
    row = Row("Presión de diseño, máx.", "60", "bar", note="UpperLimitDesignPressure = 60 Bar · línea 3719")
    plate.show_signals(now, signals_of(now.plant, LEVEL), [row])
    plate.show_page("design")
    page = plate._page_rows[PAGES.index("design")]
    assert len(page._rows) > 1
    assert page._rows[-1] == row
    plate.show_design("H1008", "Intercambiador", "", [row])
    assert page._rows == (row,)
    assert plate.leading == ""
    assert not plate._live.isVisible()
    plate.show_signals(now, signals_of(now.plant, LEVEL))
    plate.show_page("design")
    assert plate._live.isVisible()
    assert row not in page._rows
