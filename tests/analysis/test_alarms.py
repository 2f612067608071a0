from analysis.alarms import AlarmBoard, counts
from contracts.quality import Quality
from tests.analysis.signals import signal

TAG = "10EGB11CL001XQ01"


def board(**changes) -> AlarmBoard:
    return AlarmBoard([signal(**({"h": 15.0, "hh": 16.0, "l": 3.0, "ll": 2.0} | changes))])


def feed(on: AlarmBoard, *values: float, code: int = Quality.GOOD, start_us: int = 1) -> None:
    for number, value in enumerate(values):
        on.update(TAG, value, code, start_us + number)


def test_a_value_at_its_limit_raises_an_unacknowledged_alarm_with_the_time_of_its_sample():
    on = board()
    feed(on, 14.99, 15.0)
    worst = on.worst(TAG)
    assert (worst.limit, worst.state, worst.since_us) == ("H", "unacknowledged", 2)


def test_an_alarm_ends_only_inside_its_limit_by_the_hysteresis():
    on = board()
    feed(on, 15.1, 14.95)
    assert on.worst(TAG).present
    feed(on, 14.85)
    assert not on.worst(TAG).present


def test_a_return_without_acknowledgement_must_still_be_acknowledged():
    on = board()
    feed(on, 15.1, 10.0)
    assert on.worst(TAG).state == "returned"
    on.acknowledge(TAG)
    assert on.worst(TAG) is None


def test_an_acknowledged_alarm_that_returns_is_normal_and_rings_again_when_it_comes_back():
    on = board()
    feed(on, 15.1)
    on.acknowledge(TAG)
    assert on.worst(TAG).state == "acknowledged"
    feed(on, 10.0)
    assert on.worst(TAG) is None
    feed(on, 15.1)
    assert on.worst(TAG).state == "unacknowledged"


def test_a_returned_alarm_that_comes_back_is_unacknowledged_with_its_new_time():
    on = board()
    feed(on, 15.1, 10.0, 15.2)
    assert (on.worst(TAG).state, on.worst(TAG).since_us) == ("unacknowledged", 3)


def test_a_bad_value_neither_raises_nor_clears_an_alarm():
    on = board()
    feed(on, 19.0, code=Quality.SENSOR_FAILURE)
    assert on.worst(TAG) is None
    feed(on, 15.1)
    feed(on, 10.0, code=Quality.COMM_FAILURE)
    on.update(TAG, None, Quality.COMM_FAILURE, 9)
    assert on.worst(TAG).state == "unacknowledged"


def test_the_outer_limit_is_shown_instead_of_the_inner_one_and_is_acknowledged_with_it():
    on = board()
    feed(on, 16.5)
    assert [alarm.limit for alarm in on.standing()] == ["HH"]
    on.acknowledge(TAG, "HH")
    assert {alarm.state for alarm in on.alarmed[TAG] if alarm.present} == {"acknowledged"}


def test_low_limits_ring_below():
    on = board()
    feed(on, 1.5)
    assert on.worst(TAG).limit == "LL"


def test_an_inner_limit_is_one_step_milder_than_the_outer_one_which_has_the_lists_priority():
    priorities = {alarm.limit: alarm.priority for alarm in board().alarmed[TAG]}
    assert priorities == {"LL": 2, "L": 3, "H": 3, "HH": 2}
    assert {a.limit: a.priority for a in board(hh=None, ll=None).alarmed[TAG]} == {"L": 2, "H": 2}


def test_a_shelved_alarm_is_silent_until_its_time_is_over_and_then_rings_if_still_there():
    on = board()
    feed(on, 15.1)
    on.shelve(TAG, until_us=100)
    assert on.worst(TAG).state == "shelved"
    assert counts(on.standing()) == (0, 0, 0, 0)
    on.end_shelving(99)
    assert on.worst(TAG).state == "shelved"
    on.end_shelving(100)
    assert on.worst(TAG).state == "unacknowledged"


def test_standing_alarms_come_unacknowledged_first_then_by_priority_then_newest_first():
    first, second, third = "10EGB11CL001XQ01", "10EGB12CL001XQ01", "10EGB13CL001XQ01"
    on = AlarmBoard(
        [signal(first, h=1.0, priority=3), signal(second, h=1.0, priority=1), signal(third, h=1.0, priority=1)]
    )
    for number, tag in enumerate((first, second, third), start=1):
        on.update(tag, 2.0, Quality.GOOD, number)
    on.acknowledge(second)
    assert [alarm.kks for alarm in on.standing()] == [third, first, second]


def test_a_binary_fault_is_an_alarm():
    on = AlarmBoard([signal(TAG, kind="binary", role="fault", unit="", low=0, high=1, priority=1)])
    on.update(TAG, 1.0, Quality.GOOD, 5)
    assert (on.worst(TAG).limit, on.worst(TAG).priority) == ("FAULT", 1)
    on.update(TAG, 0.0, Quality.GOOD, 6)
    assert on.worst(TAG).state == "returned"
