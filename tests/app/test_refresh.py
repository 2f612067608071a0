import logging
import threading
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


def test_a_screen_that_stands_still_is_noticed_by_another_thread(qtbot, fed):
    refresh = Refresh([fed.live])
    told = threading.Event()
    watch = FrozenScreenWatch(refresh, lambda seconds: told.set() if seconds > FROZEN_AFTER_S else None)
    refresh.last_tick_s = time.monotonic() - 3
    watch.start()
    try:
        assert told.wait(3)
    finally:
        watch.stop()
