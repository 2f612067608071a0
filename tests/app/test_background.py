import threading

import pytest

from app.background import Background


@pytest.fixture
def background(qtbot):
    made = Background()
    yield made
    made.close()


def test_work_is_done_elsewhere_and_its_result_comes_home(qtbot, background):
    seen = []

    def work():
        return threading.current_thread() is threading.main_thread()

    def done(result):
        seen.append((result, threading.current_thread() is threading.main_thread()))

    background.run("lane", work, done, seen.append)
    qtbot.waitUntil(lambda: bool(seen))
    assert seen == [(False, True)]


def test_an_error_comes_home_as_an_error(qtbot, background):
    seen = []

    def work():
        raise ValueError("no answer")

    background.run("lane", work, seen.append, lambda error: seen.append(str(error)))
    qtbot.waitUntil(lambda: bool(seen))
    assert seen == ["no answer"]


def test_a_newer_request_voids_the_older_and_asks_it_to_stop(qtbot, background):
    seen, release, stopped = [], threading.Event(), threading.Event()

    def slow():
        release.wait(10)
        return "old"

    background.run("lane", slow, seen.append, seen.append, stopped.set)
    background.run("lane", lambda: "new", seen.append, seen.append)
    assert stopped.is_set()
    qtbot.waitUntil(lambda: "new" in seen)
    release.set()
    qtbot.wait(50)
    assert seen == ["new"]


def test_a_cancelled_request_never_comes_home(qtbot, background):
    seen = []
    background.run("lane", lambda: 1, seen.append, seen.append)
    background.cancel("lane")
    qtbot.wait(50)
    assert seen == []
