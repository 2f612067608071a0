from __future__ import annotations

import math
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from contracts.quality import Quality
from contracts.sample import WAITING, Sample
from data.live_store import LiveStore, NoSuchStore
from tests.engines.broker import wait_until

ROOT = Path(__file__).parents[2]
T0 = 1_795_000_000_000_000


@pytest.fixture
def store():
    store = LiveStore.create([f"T{row}" for row in range(8)], recent_capacity=10)
    yield store
    store.close()
    store.unlink()


def write(store, *samples):
    rows, values, times_us, qualities = zip(*samples, strict=True)
    return store.write(rows, values, times_us, qualities)


def test_a_tag_never_seen_waits(store):
    assert store.sample(3)[1:] == (0, Quality.WAITING)
    assert store.sample(3).value is None
    assert store.last_good(3) == WAITING
    assert np.isnan(store.snapshot().value).all()


def test_a_sample_is_read_as_it_was_written(store):
    assert write(store, (2, 7.5, T0, 192)) == 1
    assert store.sample(2) == Sample(7.5, T0, 192)
    assert store.last_good(2) == Sample(7.5, T0, 192)
    assert store.snapshot().value[2] == 7.5


def test_a_bad_sample_keeps_the_last_good_value_with_its_time(store):
    write(store, (2, 7.5, T0, 192))
    write(store, (2, math.nan, T0 + 1, 24))
    assert store.sample(2) == Sample(None, T0 + 1, 24)
    assert store.last_good(2) == Sample(7.5, T0, 192)


def test_a_bad_value_is_not_a_last_good_one(store):
    write(store, (2, 7.5, T0, 16))
    assert store.sample(2) == Sample(7.5, T0, 16)
    assert store.last_good(2) == WAITING


def test_of_several_samples_in_a_batch_the_newest_is_shown_and_all_are_remembered(store):
    assert write(store, (1, 1.0, T0, 192), (0, 9.0, T0, 192), (1, 2.0, T0 + 1, 192), (1, 3.0, T0 + 2, 24)) == 4
    assert store.sample(1) == Sample(3.0, T0 + 2, 24)
    assert store.last_good(1) == Sample(2.0, T0 + 1, 192)
    times, values, qualities = store.recent(1)
    assert times.tolist() == [T0, T0 + 1, T0 + 2]
    assert values.tolist() == [1.0, 2.0, 3.0]
    assert qualities.tolist() == [192, 192, 24]


def test_late_and_repeated_samples_change_nothing(store):
    write(store, (1, 1.0, T0, 192), (1, 2.0, T0 + 5, 192))
    assert write(store, (1, 2.0, T0 + 5, 192), (1, 1.5, T0 + 3, 192), (1, 3.0, T0 + 9, 192), (1, 3.0, T0 + 9, 192)) == 1
    assert store.sample(1).value == 3.0
    assert store.recent(1)[1].tolist() == [1.0, 2.0, 3.0]


def test_an_unordered_batch_is_put_in_order(store):
    write(store, (1, 3.0, T0 + 3, 192), (1, 1.0, T0 + 1, 192), (1, 2.0, T0 + 2, 192))
    assert store.sample(1).value == 3.0
    assert store.recent(1)[1].tolist() == [1.0, 2.0, 3.0]


def test_the_recent_past_keeps_its_capacity_oldest_first(store):
    for first in range(0, 24, 8):
        write(store, *((4, float(n), T0 + n, 192) for n in range(first, first + 8)))
    assert store.recent(4)[1].tolist() == [float(n) for n in range(14, 24)]


def test_a_batch_larger_than_the_recent_past_leaves_its_end(store):
    write(store, *((4, float(n), T0 + n, 192) for n in range(37)))
    assert store.recent(4)[1].tolist() == [float(n) for n in range(27, 37)]


def test_a_big_plant_watches_what_is_asked_for(monkeypatch):
    monkeypatch.setattr("data.live_store.RECENT_BYTES", 3 * 10 * 18)
    store = LiveStore.create([f"T{row}" for row in range(8)], recent_capacity=10)
    assert [store.is_watched(row) for row in range(8)] == [True] * 3 + [False] * 5
    store.watch([5, 1])
    assert store.is_watched(5)
    assert store.is_watched(1)
    write(store, *((row, 1.0, T0, 192) for row in range(8)))
    assert store.recent(5)[0].tolist() == [T0]
    assert store.sample(7).value == 1.0
    store.watch([6])
    assert store.recent(6)[0].size == 0
    write(store, *((row, 2.0, T0 + 1, 192) for row in range(8)))
    assert store.recent(6)[0].tolist() == [T0 + 1]
    assert sum(store.is_watched(row) for row in range(8)) == 3
    store.close()
    store.unlink()


def test_changed_tells_the_rows_written_since(store):
    rows, versions = store.changed(None)
    assert rows.tolist() == list(range(8))
    write(store, (6, 1.0, T0, 192), (2, 1.0, T0, 192))
    rows, versions = store.changed(versions)
    assert rows.tolist() == [2, 6]
    assert store.changed(versions)[0].size == 0


def test_the_source_says_its_state_in_a_sentence(store):
    store.set_source("connecting")
    connecting_us = store.source_since_us
    store.set_source("lost", "Kafka en 127.0.0.1 no responde — se sigue intentando")
    assert (store.source_state, store.source_detail) == ("lost", "Kafka en 127.0.0.1 no responde — se sigue intentando")
    since_us = store.source_since_us
    assert since_us >= connecting_us
    store.set_source("lost", "x")
    assert (store.source_since_us, store.source_detail) == (since_us, "x")


def test_a_store_that_is_gone_is_named_in_one_sentence():
    with pytest.raises(NoSuchStore, match="no live store called 'sinoptico_gone'"):
        LiveStore.attach("sinoptico_gone")


def test_the_store_outlives_a_writer_that_ends(store):
    code = (
        "import sys; from data.live_store import LiveStore; s = LiveStore.attach(sys.argv[1]);"
        f" s.write([s.rows['T3']], [5.0], [{T0}], [192]); s.count(7, 2); s.beat(); s.close()"
    )
    done = subprocess.run([sys.executable, "-c", code, store.name], cwd=ROOT, capture_output=True, check=True)
    assert done.stderr == b""
    assert store.sample(3) == Sample(5.0, T0, 192)
    assert (store.events, store.rejected) == (7, 2)
    assert store.heartbeat_us > T0
    LiveStore.attach(store.name).close()


def test_a_store_whose_owner_is_killed_leaves_no_memory_behind():
    code = "from data.live_store import LiveStore; s = LiveStore.create(['T']); print(s.name, flush=True); input()"
    owner = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    name = owner.stdout.readline().strip()
    LiveStore.attach(name).close()
    owner.kill()
    owner.communicate()

    def gone():
        try:
            LiveStore.attach(name).close()
        except NoSuchStore:
            return True
        return False

    wait_until(gone)


HAMMER = """
import sys
import numpy as np
from data.live_store import LiveStore
store = LiveStore.attach(sys.argv[1])
rows = np.arange(len(store.tags))
n, t0 = 0, int(sys.argv[2])
print("writing", flush=True)
while True:
    n += 1
    # value = time - t0 = n and the good copy alike: whoever reads two different numbers has read a torn row.
    store.write(rows, np.full(rows.size, n), np.full(rows.size, t0 + n), np.full(rows.size, 192))
"""


def test_no_reader_sees_a_torn_row_under_a_hammering_writer_nor_after_its_death():
    store = LiveStore.create([f"T{row}" for row in range(2000)], recent_capacity=50)
    writer = subprocess.Popen([sys.executable, "-c", HAMMER, store.name, str(T0)], cwd=ROOT, stdout=subprocess.PIPE)
    try:
        assert writer.stdout.readline() == b"writing\n"
        wait_until(lambda: store.sample(0).value)
        different, last, turn, deadline = 0, None, 0, time.monotonic() + 20
        while different < 60:
            assert time.monotonic() < deadline
            turn = (turn + 1) % 2000
            snapshot = store.snapshot()
            ready = snapshot.quality == 192
            assert (snapshot.version & 1 == 0).all()
            assert (snapshot.value[ready] == snapshot.time_us[ready] - T0).all()
            assert (snapshot.good_value[ready] == snapshot.value[ready]).all()
            assert (snapshot.good_time_us[ready] == snapshot.time_us[ready]).all()
            value, time_us, _quality = store.sample(turn)
            assert value == time_us - T0
            times, values, _qualities = store.recent(turn)
            assert (values == times - T0).all()
            assert (np.diff(values) == 1).all()
            different += last is not None and last != snapshot.value[0]
            last = snapshot.value[0]
    finally:
        writer.kill()
        writer.wait()
        writer.stdout.close()
    # Whatever the writer was in the middle of, the next one repairs it.
    write(store, *((row, 1.0, T0 + 10**9, 192) for row in range(2000)))
    assert (store.snapshot().value == 1.0).all()
    store.close()
    store.unlink()


def test_a_row_its_writer_sleeps_in_is_read_as_it_was_and_is_bad_once_the_writer_must_be_dead(store, monkeypatch):
    write(store, (1, 1.0, T0, 192), (2, 2.0, T0, 192))
    seen = store.snapshot()
    store._version[1] += 1
    store._fields[0][1] = 5.0
    asleep = store.snapshot()
    assert asleep.value[1] == seen.value[1] == store.sample(1).value == 1.0
    assert asleep.version[1] == seen.version[1]
    monkeypatch.setattr("data.live_store._DEAD_S", 0.0)
    assert store.snapshot().quality[:3].tolist() == [Quality.WAITING, Quality.COMM_FAILURE, 192]
    assert store.sample(1).quality == Quality.COMM_FAILURE
    assert store.last_good(1) == WAITING


def test_the_next_writer_repairs_what_a_killed_one_left_half_done(store):
    write(store, *((row, float(n), T0 + n, 192) for n in range(12) for row in (1, 2)))
    store._version[1] += 1
    store._recent._reserved[2] += 3
    successor = LiveStore.attach(store.name)
    write(successor, (3, 3.0, T0 + 1, 192))
    # Row 1 waits for a sample newer than its recent past; of row 2 the three oldest places are given up.
    assert successor.sample(1) == Sample(None, T0 + 11, Quality.WAITING)
    assert store.recent(1)[1].tolist() == [float(n) for n in range(2, 12)]
    assert store.recent(2)[1].tolist() == [float(n) for n in range(5, 12)]
    write(successor, (1, 11.0, T0 + 11, 192), (1, 12.0, T0 + 12, 192), (2, 12.0, T0 + 12, 192))
    assert store.sample(1) == Sample(12.0, T0 + 12, 192)
    assert store.recent(1)[1].tolist() == [float(n) for n in range(3, 13)]
    assert store.recent(2)[1].tolist() == [float(n) for n in range(5, 13)]
    successor.close()
