"""The whole window over a store the test writes, with the reference plant's own drawing."""

from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication

from app.main_window import PAGES
from app.refresh import FROZEN_AFTER_S
from app.settings import Settings
from contracts.sample import now_us
from widgets.mode_frame import Banner


def level_of(fed):
    return fed.live.plant.tanks[0].level


def test_a_tag_chosen_on_the_drawing_opens_its_faceplate(shown):
    window, fed = shown
    window.synoptic.canvas.chosen.emit(level_of(fed))
    assert window.synoptic.faceplate.isVisible()
    assert window.synoptic.faceplate.leading == level_of(fed)


def test_values_reach_drawing_and_faceplate_by_one_refresh(shown):
    window, fed = shown
    window.synoptic.choose(level_of(fed))
    fed.now += 1000
    fed.feed(level_of(fed), 4.321)
    window.refresh.tick()
    window.synoptic.canvas.flush()
    assert window.synoptic.canvas.live.readings[level_of(fed)].value == 4.321
    assert window.synoptic.faceplate._hero.accessibleName().startswith("4,321")


def test_a_simulated_plant_is_framed_and_named_so(shown):
    window, _ = shown
    assert window.synoptic.frame.banner.isVisible()
    assert window.top.mode.accessibleName() == "Formación"


def test_every_page_shows_by_its_number_key(qtbot, shown):
    window, _ = shown
    for number in range(len(PAGES)):
        qtbot.keyClick(window, str(number + 1))
        assert window.stack.currentIndex() == number
        window.grab()


def test_f9_acknowledges_the_first_alarm_in_our_own_record_only(qtbot, shown, tmp_path, monkeypatch):
    window, fed = shown
    signal = fed.live.plant.by_kks[level_of(fed)]
    fed.now += 1000
    fed.feed(signal.kks, signal.high)
    window.refresh.tick()
    assert window.strip.first is not None
    qtbot.keyClick(window, Qt.Key.Key_F9)
    assert fed.live.board.worst(signal.kks).state == "acknowledged"
    [journal] = list(window._journal._folder.glob("*.jsonl"))
    assert '"person": "ana"' in journal.read_text()


def test_search_brings_a_tag_to_the_middle_with_its_card(shown):
    window, fed = shown
    window.search.found.emit("sim-r1", level_of(fed), -1)
    assert window.synoptic.faceplate.leading == level_of(fed)
    assert window.synoptic.canvas.selected


def test_a_dead_ingest_is_said_on_the_status_bar_and_strikes_the_freshness(shown):
    window, fed = shown
    window.refresh.tick()
    fed.live.store._shared.arrays["heartbeat_us"][0] = fed.now - 4_000_000
    fed.live._judged_s = 0
    window.refresh.tick()
    window.refresh.tick()
    assert "Ingesta parada" in window.status._source.text()
    assert not window.top.freshness._alive
    assert {r.quality for r in fed.live.readings.values()} == {68}


def test_the_other_theme_repaints_everything_and_is_remembered(shown):
    window, _ = shown
    light = window.grab().toImage().pixel(5, 5)
    window.toggle_theme()
    assert window.grab().toImage().pixel(5, 5) != light
    assert window._settings.theme == "dark"
    window.toggle_theme()


@pytest.mark.parametrize("size", [(1920, 1080), (1600, 900), (1280, 720)])
def test_nothing_in_the_top_bar_is_clipped_at_any_window_size(qtbot, shown, size):
    window, _ = shown
    window.resize(*size)
    QApplication.processEvents()
    edges = [widget.geometry() for widget in (window.top.mode, window.search, window.top.freshness, window.top.clock)]
    assert all(a.right() < b.left() for a, b in pairwise(edges))
    assert edges[-1].right() <= size[0]
    assert window.strip.isVisible()


def test_layout_and_drawing_are_remembered(shown, tmp_path):
    window, _ = shown
    window.close()
    again = Settings(tmp_path / "settings.ini")
    assert again.drawing == ("sim-r1", 0)
    assert not again.layout("live", window._screen_name()).isEmpty()


def test_full_screen_keeps_drawing_alarms_and_mode_banner(shown):
    window, _ = shown
    window.toggle_full_screen()
    assert not window.top.isVisible()
    assert window.strip.isVisible()
    assert window.synoptic.frame.banner.isVisible()
    window.toggle_full_screen()
    assert window.top.isVisible()


def test_a_historian_that_is_not_there_is_said_with_what_to_do(shown):
    window, _ = shown
    window.show_page(1)
    assert "plant.toml" in window.historian.parts.card.accessibleDescription()


@pytest.mark.parametrize(("key", "layer"), [("D", "design"), ("A", "alarms"), ("V", "values")])
def test_a_layers_key_switches_it_on_the_drawing(qtbot, shown, key, layer):
    window, _ = shown
    before = getattr(window.synoptic.canvas.layers, layer)
    qtbot.keyClick(window, key)
    assert getattr(window.synoptic.canvas.layers, layer) is not before
    window.grab()


def test_a_refresh_that_stopped_strikes_the_bars_and_is_said_in_the_title(qtbot, shown):
    window, _ = shown
    window.refresh.stop()
    window.refresh.last_tick_s -= FROZEN_AFTER_S
    qtbot.waitUntil(lambda: "sin refrescar desde" in window.windowTitle(), timeout=10_000)
    assert not window.top.freshness._alive
    window.refresh.tick()
    qtbot.waitUntil(lambda: "estuvo parada" in window.status._stood_still.text(), timeout=10_000)
    assert window.windowTitle() == "Sinóptico"
    window._tick(now_us() + 61_000_000)
    assert window.status._stood_still.text() == ""


def test_a_pinned_tag_stays_in_sight_and_two_is_the_most(shown):
    window, fed = shown
    page = window.synoptic
    levels = [tank.level for tank in fed.live.plant.tanks[:3]]
    for level in levels:
        page.choose(level)
        page.faceplate.pin_requested.emit(level)
    assert page.pinned.tags == levels[1:]
    page.close_faceplate()
    assert page.pinned.isVisible()
    fed.now += 1000
    fed.feed(levels[2], 4.321)
    window.refresh.tick()
    assert "4,321 m" in page.pinned._cards[-1].accessibleName()
    page.pinned._cards[-1].chosen.emit(levels[2])
    assert page.faceplate.leading == levels[2]
    for level in levels[1:]:
        page.pinned.unpin(level)
    assert not page.pinned.isVisible()


def test_every_page_of_a_simulated_plant_says_that_it_is_simulated(shown):
    window, _ = shown
    for number in range(len(PAGES)):
        window.show_page(number)
        banners = [banner for banner in window.stack.currentWidget().findChildren(Banner) if not banner.isHidden()]
        assert len(banners) == 1, PAGES[number]


def test_in_a_low_window_trend_and_alarms_leave_the_drawing_their_room(qtbot, shown):
    window, _ = shown
    window.resize(1366, 768)
    QApplication.processEvents()
    page = window.synoptic
    assert page.trend.is_folded
    assert page.trend.isVisible()
    assert window.strip.rows_shown == 1
    assert page.canvas.zoom > 0.8
    qtbot.keyClick(page, Qt.Key.Key_T, Qt.KeyboardModifier.ShiftModifier)
    QApplication.processEvents()
    assert not page.trend.is_folded
    qtbot.mouseClick(window.strip, Qt.MouseButton.LeftButton, pos=QPoint(20, 10))
    assert window.strip.rows_shown == 3
    window.resize(1920, 1080)
    QApplication.processEvents()
    assert not page.trend.is_folded
    assert window.strip.rows_shown == 3


def test_a_trend_dragged_higher_comes_back_as_high(qtbot, shown):
    window, _ = shown
    window.resize(1920, 1080)
    QApplication.processEvents()
    page = window.synoptic
    page.middle.moveSplitter(page.middle.height() - 420, 1)
    dragged = page.middle.sizes()[1]
    assert dragged > 380
    page.toggle_trend()
    assert page.trend.is_folded
    page.toggle_trend()
    QApplication.processEvents()
    assert abs(page.middle.sizes()[1] - dragged) <= 2


def test_how_a_low_window_was_left_is_remembered_apart(qtbot, shown, tmp_path):
    window, _ = shown
    window.resize(1366, 768)
    window.synoptic.toggle_trend()
    qtbot.mouseClick(window.strip, Qt.MouseButton.LeftButton, pos=QPoint(20, 10))
    window.resize(1920, 1080)
    window.synoptic.toggle_trend()
    window.close()
    again = Settings(tmp_path / "settings.ini")
    assert again.switch("trend_open_when_low", default=False)
    assert again.switch("alarm_rows_when_low", default=False)
    assert not again.switch("trend_open", default=True)


def test_one_row_of_alarms_acknowledges_only_what_it_shows(qtbot, shown):
    window, fed = shown
    window.resize(1366, 768)
    fed.now += 1000
    for tank in fed.live.plant.tanks[:3]:
        fed.feed(tank.level, fed.live.plant.by_kks[tank.level].high)
    window.refresh.tick()
    qtbot.keyClick(window, Qt.Key.Key_F9, Qt.KeyboardModifier.ShiftModifier)
    states = [alarm.state for alarm in fed.live.board.standing()]
    assert states.count("unacknowledged") == len(states) - 1
