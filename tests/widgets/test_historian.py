import os
import time
from datetime import UTC, datetime
from unittest.mock import Mock

import pytest

from tests.app.plants import LEVEL, write_plant
from widgets.historian import HistorianPage


@pytest.fixture(params=["Asia/Tokyo", "America/Lima"])
def machine_zone(request, monkeypatch):
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def page(qtbot, tmp_path, machine_zone):
    made = HistorianPage(Mock(engine=Mock(return_value="")), Mock())
    qtbot.addWidget(made)
    made.open(Mock(plant=write_plant(tmp_path)), [LEVEL])
    return made


def microseconds(*utc: int) -> int:
    return int(datetime(*utc, tzinfo=UTC).timestamp()) * 1_000_000


@pytest.mark.skipif(os.name == "nt", reason="the machine's zone cannot be changed for one process")
def test_the_dates_are_of_the_plant_s_zone_and_not_of_the_machine_s(page):
    page._show_dates(microseconds(2026, 7, 1, 10), microseconds(2026, 7, 1, 11))
    assert [edit.text() for edit in (page._from, page._to)] == ["01.07.2026 12:00", "01.07.2026 13:00"]


@pytest.mark.skipif(os.name == "nt", reason="the machine's zone cannot be changed for one process")
def test_a_date_typed_is_taken_in_the_plant_s_zone(page):
    page._show_dates(microseconds(2026, 1, 15, 10), microseconds(2026, 1, 15, 11))
    field = page._from.lineEdit()
    field.setText("15.01.2026 09:30")
    page._from.interpretText()
    page._custom()
    assert page._plot.span_us == (microseconds(2026, 1, 15, 8, 30), microseconds(2026, 1, 15, 11))
