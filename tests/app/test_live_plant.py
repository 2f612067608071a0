import pytest

from contracts.quality import Quality
from data.reading import age_s
from tests.app.plants import FAULT, LEVEL, RUNNING, TEMPERATURE


def test_a_tag_never_seen_is_shown_as_waiting(fed):
    fed.wait(1)
    reading = fed.live.readings[LEVEL]
    assert (reading.value, reading.quality) == (None, Quality.WAITING)


def test_only_what_changed_is_handed_on(fed):
    fed.feed_all()
    assert set(fed.wait(0.1)) == set(fed.live.readings)
    fed.feed(LEVEL, 6.0)
    changes = fed.wait(0.01)
    assert changes[LEVEL].value == 6.0
    assert RUNNING not in changes


def test_a_value_grows_stale_though_nothing_arrives(fed):
    fed.feed_all()
    fed.wait(1)
    assert fed.live.readings[LEVEL].quality == Quality.GOOD
    changes = fed.wait(3)
    assert changes[LEVEL].quality == Quality.LAST_USABLE
    assert changes[LEVEL].value == 5.0


def test_when_the_ingest_process_dies_every_value_is_old_within_five_seconds(fed):
    fed.feed_all()
    fed.wait(0.5)
    fed.now += 3_600_000
    fed.feed_all()
    fed.wait(1.0, beating=False)
    assert fed.live.source.state == "dead"
    assert {reading.quality for reading in fed.live.readings.values()} == {Quality.LAST_USABLE}
    assert not fed.live.source.alive


def test_a_restarted_ingest_process_that_counts_anew_has_no_negative_rate(fed):
    fed.live.store.count(500, 0)
    fed.wait(1)
    fed.live.store.count(20, 0)
    fed.wait(1)
    assert fed.live.source.events_per_s == 0


def test_a_lost_source_makes_values_old_after_its_grace_and_good_again_when_it_is_back(fed):
    fed.feed_all()
    fed.wait(1)
    fed.source("lost", "no broker at 127.0.0.1:9092")
    fed.now = fed.live.store.source_since_us
    fed.wait(1)
    assert fed.live.readings[LEVEL].quality == Quality.GOOD
    fed.now = fed.live.store.source_since_us + 3_500_000
    fed.feed_all()
    fed.wait(0.5)
    assert fed.live.readings[LEVEL].quality == Quality.LAST_USABLE
    assert fed.live.source.detail == "no broker at 127.0.0.1:9092"
    fed.source("live")
    fed.feed_all()
    fed.wait(1)
    assert fed.live.readings[LEVEL].quality == Quality.GOOD


def test_values_of_a_source_not_yet_live_are_unsettled_until_it_is_and_they_are_judged_anew(fed):
    fed.source("connecting")
    fed.feed_all()
    fed.wait(1)
    assert LEVEL in fed.live.unsettled
    fed.source("live")
    assert LEVEL in fed.live.unsettled
    fed.feed_all()
    fed.wait(1)
    assert fed.live.unsettled == []
    assert fed.live.readings[LEVEL].quality == Quality.GOOD


def test_a_tag_that_grew_old_is_unsettled_and_a_bad_one_is_not(fed):
    fed.feed_all()
    fed.wait(4)
    assert LEVEL in fed.live.unsettled
    fed.feed_all()
    fed.now += 1000
    fed.feed(LEVEL, None, Quality.SENSOR_FAILURE)
    fed.wait(1)
    assert fed.live.unsettled == []


def test_a_bad_event_keeps_the_last_good_value_with_its_own_time(fed):
    fed.feed(LEVEL, 7.0)
    good_us = fed.now
    fed.wait(0.5)
    fed.feed(LEVEL, None, Quality.COMM_FAILURE)
    fed.wait(0.5)
    reading = fed.live.readings[LEVEL]
    assert (reading.value, reading.time_us, reading.quality) == (7.0, good_us, Quality.LAST_KNOWN)


def test_an_alarm_comes_with_the_reading_and_acknowledging_changes_it(fed):
    fed.feed(LEVEL, 15.5)
    changes = fed.wait(0.1)
    mark = changes[LEVEL].alarm
    assert (mark.limit, mark.priority, mark.state) == ("H", 3, "unacknowledged")
    fed.live.board.acknowledge(LEVEL)
    assert fed.live.mark_again(LEVEL).alarm.state == "acknowledged"


def test_a_fault_bit_rings(fed):
    fed.feed(FAULT, 1.0)
    assert fed.wait(0.1)[FAULT].alarm.limit == "FAULT"


def test_design_deviation_comes_with_the_reading(fed):
    fed.feed(LEVEL, 11.0)
    assert fed.wait(0.1)[LEVEL].deviation_percent == pytest.approx(10)


def test_stock_follows_level_and_temperature_and_is_no_better_than_the_worse_of_them(fed):
    fed.feed(LEVEL, 9.0)
    fed.feed(TEMPERATURE, 15.0)
    fed.wait(0.1)
    [tank] = fed.live.stock()
    assert tank.inventory.tov_m3 == pytest.approx(900)
    assert tank.inventory.vcf == 1.0
    assert tank.reading.quality == Quality.GOOD
    fed.now += 500_000
    fed.feed(TEMPERATURE, None, Quality.SENSOR_FAILURE)
    fed.wait(0.1)
    assert fed.live.stock()[0].reading.quality == Quality.LAST_KNOWN


def test_a_tank_is_found_by_its_level_and_by_its_own_code(fed):
    fed.feed_all()
    fed.wait(0.1)
    assert fed.live.tank_now(LEVEL).tank.kks == "10EGB11BB001"
    assert fed.live.tank_now("10EGB11BB001") is not None
    assert fed.live.tank_now(RUNNING) is None


def test_provenance_names_plc_register_and_topic(fed):
    texts = [text for _, text in fed.live.provenance(LEVEL)]
    assert any("modbus-tcp://127.0.0.1:5020" in text for text in texts)
    assert "input-register:1:REAL" in texts
    assert "sim-t1.tank-farm" in texts


def test_while_the_source_is_away_every_value_keeps_its_time_and_is_old(fed):
    fed.feed_all()
    fed.wait(0.5)
    fed.wait(4, beating=False)
    first = fed.live.readings[LEVEL]
    fed.wait(2, beating=False)
    assert fed.live.readings[LEVEL] == first
    assert first.quality == Quality.LAST_USABLE


def test_a_value_judged_once_still_shows_its_true_age_later(fed):
    fed.feed_all()
    fed.wait(0.1)
    judged = fed.live.readings[RUNNING]
    assert age_s(judged, fed.now) == pytest.approx(0.1, abs=0.01)
    fed.wait(0.8)
    assert fed.live.readings[RUNNING] == judged
    assert age_s(fed.live.readings[RUNNING], fed.now) == pytest.approx(0.9, abs=0.01)
