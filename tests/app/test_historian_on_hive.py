"""The historian pane on a real HiveServer2 over gs://."""

from __future__ import annotations

import time

import numpy as np
import pytest

from app.background import Background
from app.historian_access import HistorianAccess
from cloud.warehouse import partitions
from cloud.warehouse.client import HiveClient
from contracts.sample import now_us
from data.historians.historian import Cancelled
from runtime.object_store import open_store
from tests.app.plants import LEVEL, write_plant
from tests.engines.lake_files import write_raw
from tests.widgets.now import Now
from widgets.historian import HistorianPage

pytestmark = pytest.mark.engine

REFINERY = "sim-pane"
MINUTES = 50


@pytest.fixture(scope="module")
def access(tmp_path_factory, hive):
    """The pane's access to fifty minutes of a level that rose from 1 to 2 m, in raw chunks of the open day."""
    folder, present = tmp_path_factory.mktemp("lake"), now_us()
    start = present - MINUTES * 60_000_000
    rows = [(LEVEL, start + n * 1_000_000, 1 + n / (MINUTES * 60), 192) for n in range(MINUTES * 60)]
    write_raw(folder, f"{REFINERY}.tank-farm", 0, rows)
    hive.upload(folder)
    with HiveClient(hive.address) as client, pytest.MonkeyPatch.context() as patch:
        patch.setenv("STORAGE_EMULATOR_HOST", hive.emulator)
        partitions.RawPartitions(open_store(hive.lake), hive.lake).follow(client)
    made = HistorianAccess({REFINERY: f"hive://{hive.address}"})
    yield made
    made.close()


@pytest.fixture(scope="module")
def now(tmp_path_factory):
    return Now(write_plant(tmp_path_factory.mktemp("plant"), refinery=REFINERY))


def test_the_panes_access_gets_a_series_from_hive_and_hears_of_its_progress(access, now):
    heard = []
    present = now_us()
    answer = access.fetch(
        now, [LEVEL], present - 3_600_000_000, present, 60, lambda *told: heard.append(told), access.new_cancel()
    )
    line = answer.past[LEVEL].line
    known = line.mean[np.isfinite(line.mean)]
    assert 1.0 <= known[0] < 1.1
    assert 1.9 < known[-1] <= 2.0
    assert np.all(np.diff(known) > 0)
    assert answer.past[LEVEL].n == MINUTES * 60
    assert access.engine(now) == "Hive"
    assert heard


def test_a_question_to_hive_can_be_cancelled_and_the_next_one_is_answered(access, now):
    cancel = access.new_cancel()
    cancel.cancel()
    present = now_us()
    began = time.monotonic()
    with pytest.raises(Cancelled):
        access.fetch(now, [LEVEL], present - 3_600_000_000, present, 60, lambda *_told: None, cancel)
    assert time.monotonic() - began < 5
    again = access.fetch(now, [LEVEL], present - 3_600_000_000, present, 60, lambda *_told: None, access.new_cancel())
    assert again.past[LEVEL].n == MINUTES * 60


def test_the_pane_draws_what_hive_says_and_a_person_can_cancel(qtbot, access, now):
    background = Background()
    page = HistorianPage(access, background)
    qtbot.addWidget(page)
    page.resize(1200, 800)
    page.show()
    try:
        page.open(now, [LEVEL])
        page._cancel()
        assert page.asking.answer is None
        assert page.parts.card.isVisible()
        page.curves.follow_us = 3_600_000_000
        page.fetch()
        qtbot.waitUntil(lambda: page.asking.answer is not None, timeout=60_000)
        assert page.asking.answer.past[LEVEL].n == MINUTES * 60
        assert not page.parts.card.isVisible()
    finally:
        page.close_historian()
        background.close()
