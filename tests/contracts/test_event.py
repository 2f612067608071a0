import json

import pytest

from contracts.event import BadEvent, Event, decode, encode
from contracts.quality import Quality
from contracts.sample import Sample

T_US = 1_795_460_000_000_000


@pytest.mark.parametrize("value", [0.0, -1.5, 12.850000381469727, 1e300, 5e-324, 0.1 + 0.2, None])
def test_what_is_sent_is_what_arrives(value):
    sent = Sample(value, T_US, Quality.GOOD if value is not None else Quality.COMM_FAILURE)
    event = decode(encode("10EGB11CL001XQ01", sent))
    assert event.kks == "10EGB11CL001XQ01"
    assert event.sample == sent


def test_an_event_is_json_that_anybody_reads():
    assert encode("K", Sample(1.5, T_US, Quality.GOOD)) == b'{"kks":"K","ts":1795460000000000,"v":1.5,"q":192}'


def test_an_event_sent_again_is_the_same_bytes():
    sample = Sample(0.1, T_US, Quality.GOOD)
    assert encode("K", sample) == encode("K", decode(encode("K", sample)).sample)


@pytest.mark.parametrize("tag", ['LT-101"', "back\\slash", "línea\n2"])
def test_any_plants_tag_survives(tag):
    value = encode(tag, Sample(1.0, T_US, 192))
    assert json.loads(value)["kks"] == tag
    assert decode(value).kks == tag


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_a_number_json_cannot_carry_is_refused(value):
    with pytest.raises(BadEvent, match=r"K: value .* is not finite; send null with a bad quality instead"):
        encode("K", Sample(value, T_US, 192))


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (b"", "not an event"),
        (b"{", "not an event"),
        (b"\xff\xfe", "not an event"),
        (b"null", "not an event"),
        (b"[1,2]", "not an event"),
        (b'{"kks":"K"}', "not an event: .*ts"),
        (b'{"kks":1,"ts":1795460000000000,"v":1,"q":192}', r"not an event: .*\$\.kks"),
        (b'{"kks":"K","ts":"now","v":1,"q":192}', r"not an event: .*\$\.ts"),
        (b'{"kks":"K","ts":1795460000000000,"v":"1","q":192}', r"not an event: .*\$\.v"),
        (b'{"kks":"K","ts":1795460000000000,"v":NaN,"q":192}', "not an event"),
        (b'{"kks":"K","ts":1795460000000000,"v":1e999,"q":192}', "not an event"),
        (b'{"kks":"K","ts":1795460000,"v":1,"q":192}', "K: time 1795460000 is before 2000; .*microseconds"),
        (b'{"kks":"K","ts":1795460000000000000,"v":1,"q":192}', "K: time .* is after 2100; .*microseconds"),
        (b'{"kks":"K","ts":1795460000000000,"v":1,"q":256}', "K: quality 256 is not a code from 0 to 255"),
        (b'{"kks":"K","ts":1795460000000000,"v":1,"q":-1}', "K: quality -1 is not a code"),
        (b"[" * 100_000, "not an event"),
    ],
)
def test_a_broken_record_says_what_is_wrong_with_it(value, reason):
    with pytest.raises(BadEvent, match=reason):
        decode(value)


def test_fields_of_a_later_version_are_passed_over():
    assert decode(b'{"kks":"K","ts":1795460000000000,"v":1,"q":192,"src":"x"}') == Event("K", T_US, 1.0, 192)
