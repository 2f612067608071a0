import gc
import threading

from app.background import Background
from app.collector import Collector


class Cycle:
    """Says in which thread it was deleted."""

    def __init__(self, died_in):
        self.died_in, self.itself = died_in, self

    def __del__(self):
        self.died_in.append(threading.current_thread())


def test_what_a_worker_allocates_never_deletes_what_the_gui_thread_made(qtbot):
    background, died_in, done = Background(), [], []
    for _ in range(50):
        Cycle(died_in)
    background.run("a", lambda: [[n] for n in range(200_000)], done.append, done.append)
    qtbot.waitUntil(lambda: bool(done), timeout=30_000)
    qtbot.waitUntil(lambda: len(died_in) == 50, timeout=30_000)
    assert set(died_in) == {threading.main_thread()}
    background.close()
    assert gc.isenabled()


def test_collection_goes_back_to_python_with_the_last_one(qapp):
    one, other = Collector(), Collector()
    one.close()
    assert not gc.isenabled()
    other.close()
    assert gc.isenabled()
