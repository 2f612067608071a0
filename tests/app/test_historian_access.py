import numpy as np
import pytest

from app.historian_access import HistorianAccess, place_of
from app.historian_joining import LIVE, NEAR_ROWS, cut_of, gaps, joined, line_of_samples, near
from contracts.quality import Quality
from data.historians.historian import Bucketed, Buckets, HistorianError, LoadedDays, Series
from tests.app.plants import LEVEL, TEMPERATURE, write_plant
from tests.widgets.now import Now

S = 1_000_000
T0 = 1_795_431_600 * S


def buckets(starts, mean=5.0):
    us = T0 + np.asarray(starts, np.int64) * S
    full = np.full(us.size, mean)
    ones = np.ones(us.size, np.int64)
    return Buckets(us, full - 1, full + 1, full, ones, ones, np.full(us.size, 192, np.int16))


def samples(seconds, value=7.0, code=Quality.GOOD):
    us = T0 + np.asarray(seconds, np.int64) * S
    return Series(us, np.full(us.size, value), np.full(us.size, int(code), np.int16))


@pytest.fixture(scope="module")
def plant(tmp_path_factory):
    """Its tags report each second, so a value holds for three."""
    return write_plant(tmp_path_factory.mktemp("plant"))


@pytest.fixture
def answer(plant):
    def make(history, live, to=200, stored=None):
        found = Bucketed(10 * S, "history_minute", {LEVEL: history})
        samples_of = {} if stored is None else {LEVEL: stored}
        cut = cut_of(found, T0, T0 + to * S)
        return joined(plant, [LEVEL], (T0, T0 + to * S), found, cut, samples_of, {LEVEL: live}, T0 + to * S)

    return make


def test_history_and_live_meet_at_the_seam_and_no_instant_comes_twice(answer):
    made = answer(buckets(range(0, 100, 10)), samples(range(50, 200)), stored=samples(range(90, 96), 5.0))
    line = made.past[LEVEL].line
    assert made.seam_us == T0 + 95 * S + 1
    assert np.all(np.diff(line.times_us) > 0)
    assert np.all(line.mean[line.times_us < made.seam_us] == 5.0)
    assert np.all(line.mean[line.times_us >= made.seam_us] == 7.0)
    # Nine buckets of one, six samples of the tenth, and live from there on.
    assert made.past[LEVEL].n == 9 + 6 + 104
    assert made.table == "history_minute"
    assert list(made.gaps) == []


def test_the_bucket_that_is_not_full_yet_is_told_by_its_samples():
    found = Bucketed(100 * S, "history_minute", {"A": buckets([0, 100]), "B": buckets([0])})
    assert cut_of(found, T0, T0 + 900 * S) == T0
    assert cut_of(found, T0, T0 + 200 * S) == T0 + 200 * S


def test_a_tag_that_has_been_silent_for_hours_does_not_make_all_others_raw():
    found = Bucketed(100 * S, "history_minute", {"A": buckets([0]), "B": buckets([50_000])})
    assert cut_of(found, T0, T0 + 90_000 * S) == T0 + (50_000 - 3600) * S


def test_without_history_the_answer_is_live_and_has_no_seam(answer):
    made = answer(buckets([]), samples(range(150, 200)))
    assert made.seam_us is None
    assert made.table == LIVE
    assert made.past[LEVEL].n == 50


def test_between_history_and_live_a_silence_is_a_gap_and_the_line_breaks(answer):
    made = answer(buckets(range(0, 50, 10)), samples(range(150, 200)))
    line = made.past[LEVEL].line
    between = (line.times_us > T0 + 45 * S) & (line.times_us < T0 + 150 * S)
    assert np.isnan(line.mean[between]).any()
    ((begin, end),) = made.gaps
    assert (begin // S, end) == (T0 // S + 45, T0 + 150 * S)


def test_a_gap_inside_history_breaks_the_line(answer):
    made = answer(buckets([0, 10, 20, 100, 110]), samples([]), to=120)
    assert np.isnan(made.past[LEVEL].line.mean).sum() == 1


def test_bad_samples_break_the_line(answer):
    made = answer(buckets([]), samples(range(150, 160), code=Quality.COMM_FAILURE))
    assert np.isnan(made.past[LEVEL].line.mean).all()
    assert made.past[LEVEL].n_good == 0
    # What was measured badly was measured: the gap ends there.
    assert made.gaps == [(T0, T0 + 150 * S)]


def test_the_last_known_value_stays_and_is_not_good(answer):
    made = answer(buckets([]), samples(range(150, 160), code=Quality.LAST_KNOWN))
    assert np.isfinite(made.past[LEVEL].line.mean).sum() == 10
    assert made.past[LEVEL].n_good == 0


def test_a_bucket_of_which_part_is_bad_is_uncertain(answer):
    worst = buckets(range(0, 200, 10))._replace(q_worst=np.full(20, 0, np.int16))
    made = answer(worst, samples([]))
    assert set(made.past[LEVEL].line.codes.tolist()) == {int(Quality.UNCERTAIN)}


def test_short_silences_are_no_gaps(answer):
    made = answer(buckets(range(0, 200, 10)), samples([]))
    assert gaps(made.past, T0, T0 + 200 * S, 50 * S) == []


def test_samples_break_where_a_value_held_no_longer():
    line = line_of_samples(samples([0, 1, 2, 60, 61]), 3 * S, T0 + 100 * S)
    assert ((line.times_us - T0) // S).tolist() == [0, 1, 2, 5, 60, 61, 64]
    assert np.isnan(line.mean).tolist() == [False, False, False, True, False, False, True]


def test_a_short_span_is_drawn_from_samples_and_a_long_one_is_not(plant):
    each_s = 2 / 0.5
    assert near(plant, [LEVEL, TEMPERATURE], T0, T0 + int(NEAR_ROWS / each_s) * S)
    assert not near(plant, [LEVEL, TEMPERATURE], T0, T0 + int(NEAR_ROWS / each_s + 2) * S)


class Stored:
    """A historian that holds samples of one tag up to a second."""

    def __init__(self, seconds):
        self.asked = []
        self._series = samples(seconds, 5.0)

    def raw(self, kks, from_us, to_us, **_):
        self.asked.append((from_us, to_us))
        inside = (self._series.us >= from_us) & (self._series.us < to_us)
        return {tag: Series(*(part[inside] for part in self._series)) for tag in kks}

    def span(self, **_):
        return LoadedDays(("2026-11-22",))


def access_to(historian, plant, bootstrap=""):
    return HistorianAccess({plant.refinery: "lake"}, lambda _plant: bootstrap, lambda _place, _refinery: historian)


def test_live_goes_on_where_each_tag_ends_though_no_day_was_loaded(plant):
    now = Now(plant)
    now.past = samples(range(40, 80))
    made = access_to(Stored(range(50)), plant).fetch(
        now, [LEVEL], T0, T0 + 80 * S, 500, lambda *_: None, HistorianAccess({}).new_cancel()
    )
    line = made.past[LEVEL].line
    assert line.times_us[:80].tolist() == [T0 + n * S for n in range(80)]
    assert line.mean[:80].tolist() == [5.0] * 50 + [7.0] * 30
    assert (made.seam_us, made.loaded_until, made.trouble) == (T0 + 49 * S + 1, "2026-11-22", "")


def test_kafka_that_does_not_answer_hides_nothing_of_what_is_there(plant, monkeypatch):
    def silent(*_args, **_more):
        raise HistorianError("Kafka at k:1 does not answer, so what is newer than the lake is missing")

    monkeypatch.setattr("data.historians.seam.kafka_tail", silent)
    monkeypatch.setattr("app.historian_access.now_us", lambda: T0 + 80 * S)
    now = Now(plant)
    now.past = samples(range(70, 80))
    made = access_to(Stored(range(50)), plant, "k:1").fetch(
        now, [LEVEL], T0, T0 + 80 * S, 500, lambda *_: None, HistorianAccess({}).new_cancel()
    )
    assert "Kafka" in made.trouble
    assert np.isfinite(made.past[LEVEL].line.mean).sum() == 60
    assert np.isnan(made.past[LEVEL].line.mean).any()


def test_an_export_brings_each_sample_once_and_asks_in_parts(plant, monkeypatch):
    monkeypatch.setattr("app.historian_access._EXPORT_ROWS", 120)
    historian, now = Stored(range(300)), Now(plant)
    now.past = samples(range(290, 310))
    parts = list(access_to(historian, plant).samples(now, LEVEL, T0, T0 + 400 * S, HistorianAccess({}).new_cancel()))
    times = np.concatenate([part[0] for part in parts])
    assert times.tolist() == [T0 + n * S for n in range(310)]
    assert len(historian.asked) > 2


def test_an_answer_tells_what_lies_inside_it_and_is_fine_enough(answer):
    made = answer(buckets(range(0, 200, 10)), samples([]))._replace(buckets=20)
    assert made.tells([LEVEL], T0, T0 + 200 * S, 20, T0 + 200 * S)
    assert not made.tells([LEVEL], T0, T0 + 50 * S, 20, T0 + 200 * S)
    assert not made.tells([LEVEL], T0 - 1, T0 + 200 * S, 20, T0 + 200 * S)
    assert not made.tells([LEVEL, TEMPERATURE], T0, T0 + 200 * S, 20, T0 + 200 * S)


def test_a_plant_without_a_historian_says_what_to_do():
    with pytest.raises(HistorianError, match=r"\[historian\] url"):
        HistorianAccess({}).historian("r1")


def test_the_command_line_goes_before_the_plants_own_historian(tmp_path):
    plant = write_plant(tmp_path, more='\n[historian]\nurl = "hive://h:10000"\n')
    assert place_of(plant, "") == "hive://h:10000"
    assert place_of(plant, "/lake") == "/lake"
