import pytest

from contracts import names


@pytest.mark.parametrize("name", ["r1", "sim-r1", "a" * 24, "0"])
def test_an_id_of_small_letters_digits_and_hyphens_names_a_refinery(name):
    assert names.checked_id(name, "refinery") == name


@pytest.mark.parametrize("name", ["", "R1", "a" * 25, "r_1", "r.1", "r/1", "_r1", "r1\n", "ñ"])
def test_any_other_id_is_refused_by_name(name):
    with pytest.raises(ValueError, match=r"refinery .*: use 1 to 24 of the characters a-z, 0-9 and -"):
        names.checked_id(name, "refinery")


def test_our_own_zones_begin_with_an_underscore():
    assert names.checked_id("_alarms", "zone") == "_alarms"
    with pytest.raises(ValueError, match="zone '__x'"):
        names.checked_id("__x", "zone")


def test_a_topic_is_refinery_and_zone():
    assert names.topic("sim-r1", "tank-farm") == "sim-r1.tank-farm"
    assert names.refinery_of_topic("sim-r1.tank-farm") == "sim-r1"


@pytest.mark.parametrize("prefix", [names.topic_prefix, names.raw_prefix])
def test_one_refinerys_prefix_opens_no_other(prefix):
    assert not prefix("r10").startswith(prefix("r1"))


def test_a_partition_prefix_opens_no_other_day_or_refinery():
    assert names.history_prefix("r1", "2026-11-23") == "history/refinery=r1/day=2026-11-23/"


def test_raw_chunks_sort_by_offset_day_after_day():
    days = (names.FIRST_SINCE, "2026-11-23", "2026-11-23", "2026-11-24")
    chunks = [
        names.raw_chunk("r1.z", 0, offset, since=day)
        for offset, day in zip((0, 9, 10, 12_345_678_901), days, strict=True)
    ]
    assert chunks == sorted(chunks)
    assert chunks[1] == "raw/r1/z/p000/2026-11-23/00000000000000000009.parquet"
    assert [names.since_of(name) for name in chunks] == list(days)
    assert {names.log_of(name) for name in chunks} == {names.raw_partition_prefix("r1.z", 0)}


def test_a_chunk_follows_into_the_day_until_which_the_one_before_it_reached_and_never_goes_back():
    midnight = 1_795_478_400_000_000  # 2026-11-24
    assert names.since_after(names.FIRST_SINCE, midnight - 1) == "2026-11-23"
    assert names.since_after("2026-11-23", midnight) == "2026-11-24"
    assert names.since_after("2026-11-24", midnight - 1) == "2026-11-24", "another writer's clock is a little slow"


def test_only_a_training_plant_begins_with_sim():
    assert names.is_training("sim-r1")
    assert not names.is_training("r1")
    assert not names.is_training("simulator")


@pytest.mark.parametrize(
    ("time_us", "day"),
    [(1_795_478_399_999_999, "2026-11-23"), (1_795_478_400_000_000, "2026-11-24"), (0, "1970-01-01")],
)
def test_a_day_is_the_utc_day_to_the_microsecond(time_us, day):
    assert names.day_of(time_us) == day
