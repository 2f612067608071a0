import numpy as np
import pytest

from app.historian_access import LIVE, HistorianAccess, gaps, joined, place_of
from contracts.quality import Quality
from data.historians.historian import Bucketed, Buckets, HistorianError, Series
from tests.app.plants import write_plant

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


def answer(history, live, to=200):
    found = Bucketed(10 * S, "history_minute", {"A": history})
    return joined(["A"], T0, T0 + to * S, found, {"A": live}, 0.1)


def test_history_and_live_meet_at_the_seam_and_no_instant_comes_twice():
    made = answer(buckets(range(0, 100, 10)), samples(range(50, 200)))
    line = made.past["A"].line
    assert made.seam_us == T0 + 100 * S
    assert np.all(np.diff(line.times_us) > 0)
    assert np.all(line.mean[line.times_us < made.seam_us] == 5.0)
    assert np.all(line.mean[line.times_us >= made.seam_us] == 7.0)
    assert made.past["A"].n == 10 + 100
    assert made.table == "history_minute"
    assert list(made.gaps) == []


def test_without_history_the_answer_is_live_and_has_no_seam():
    made = answer(buckets([]), samples(range(150, 200)))
    assert made.seam_us is None
    assert made.table == LIVE
    assert made.past["A"].n == 50


def test_where_history_and_live_do_not_meet_the_line_breaks_and_the_gap_is_told():
    made = answer(buckets(range(0, 50, 10)), samples(range(150, 200)))
    line = made.past["A"].line
    between = (line.times_us > T0 + 45 * S) & (line.times_us < T0 + 150 * S)
    assert np.isnan(line.mean[between]).any()
    assert made.gaps == [(T0 + 45 * S, T0 + 150 * S)]


def test_a_gap_inside_history_breaks_the_line():
    made = answer(buckets([0, 10, 20, 100, 110]), samples([]), to=120)
    assert np.isnan(made.past["A"].line.mean).sum() == 1


def test_bad_samples_break_the_line():
    made = answer(buckets([]), samples(range(150, 160), code=Quality.COMM_FAILURE))
    assert np.isnan(made.past["A"].line.mean).all()
    assert made.past["A"].n_good == 0


def test_short_silences_are_no_gaps():
    made = answer(buckets(range(0, 200, 10)), samples([]))
    assert gaps(made.past, T0, T0 + 200 * S, 10 * S) == []


def test_a_plant_without_a_historian_says_what_to_do():
    with pytest.raises(HistorianError, match=r"\[historian\] url"):
        HistorianAccess({}).historian("r1")


def test_the_command_line_goes_before_the_plants_own_historian(tmp_path):
    plant = write_plant(tmp_path, more='\n[historian]\nurl = "hive://h:10000"\n')
    assert place_of(plant, "") == "hive://h:10000"
    assert place_of(plant, "/lake") == "/lake"
