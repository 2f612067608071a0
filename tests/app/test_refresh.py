import logging
import time

from app.refresh import FROZEN_AFTER_S, FrozenScreenWatch, Refresh
from tests.app.plants import LEVEL


def test_every_view_gets_what_changed(qtbot, fed):
    refresh = Refresh([fed.live])
    seen = []
    refresh.add("view", lambda plant, changes: seen.append((plant, dict(changes))))
    fed.feed(LEVEL, 4.0)
    refresh.tick()
    assert seen[0][0] is fed.live
    assert seen[0][1][LEVEL].value == 4.0


def test_a_view_that_fails_does_not_stop_the_others_and_is_logged_once(qtbot, fed, caplog):
    refresh = Refresh([fed.live])
    seen = []

    def broken(_plant, _changes):
        raise RuntimeError("broken view")

    refresh.add("broken", broken)
    refresh.add("sound", lambda _plant, changes: seen.append(changes))
    with caplog.at_level(logging.ERROR):
        refresh.tick()
        refresh.tick()
    assert len(seen) == 2
    assert len(caplog.records) == 1


def test_a_screen_that_stands_still_is_said_by_another_thread_and_logged(qtbot, fed, caplog):
    refresh = Refresh([fed.live])
    watch = FrozenScreenWatch(refresh)
    refresh.last_tick_s = time.monotonic() - FROZEN_AFTER_S - 0.1
    with caplog.at_level(logging.WARNING), qtbot.waitSignal(watch.frozen, timeout=10_000) as said:
        watch.start()
    try:
        assert said.args[0] > FROZEN_AFTER_S
        with caplog.at_level(logging.WARNING), qtbot.waitSignal(watch.moving, timeout=10_000) as said:
            refresh.tick()
        assert said.args[0] > FROZEN_AFTER_S
    finally:
        watch.stop()
    assert ["stood still" in record.message for record in caplog.records] == [True, True]


def test_the_log_speaks_while_the_guis_thread_itself_hangs(qtbot, fed, caplog):
    refresh = Refresh([fed.live])
    watch = FrozenScreenWatch(refresh)
    watch.start()
    try:
        with caplog.at_level(logging.ERROR):
            deadline = time.monotonic() + FROZEN_AFTER_S + 3
            # This is the GUI's thread, and no event is handled in it.
            while not caplog.records and time.monotonic() < deadline:
                time.sleep(0.05)
        assert "what it shows is old" in caplog.text
    finally:
        watch.stop()
