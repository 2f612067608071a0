import pytest

from contracts import quality
from contracts.quality import PLC_RESPONSE_QUALITY, Quality


@pytest.mark.parametrize("code", range(256))
def test_every_code_has_one_class(code):
    classes = [quality.is_good(code), quality.is_uncertain(code), quality.is_bad(code)]
    assert sum(classes) <= 1
    assert quality.is_good(quality.known(code)) == quality.is_good(code)
    assert quality.is_uncertain(quality.known(code)) == quality.is_uncertain(code)


def test_a_code_of_no_class_never_looks_good():
    # OPC DA reserves 10xxxxxx.
    assert quality.known(0b10_0000_00) is Quality.BAD


@pytest.mark.parametrize("limit", [0, 1, 2, 3])
def test_limit_bits_do_not_change_the_meaning(limit):
    assert quality.known(Quality.LAST_USABLE | limit) is Quality.LAST_USABLE
    assert quality.known(Quality.GOOD | limit) is Quality.GOOD


def test_an_unknown_sub_status_becomes_its_class():
    assert quality.known(0b11_1111_00) is Quality.GOOD
    assert quality.known(0b01_1111_00) is Quality.UNCERTAIN
    assert quality.known(0b00_1111_00) is Quality.BAD


def test_only_ok_of_the_plcs_answers_is_good():
    assert [name for name, code in PLC_RESPONSE_QUALITY.items() if quality.is_good(code)] == ["OK"]
