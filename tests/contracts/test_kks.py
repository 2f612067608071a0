import pytest

from contracts.kks import BadKks, Kks, is_kks, parse


def test_a_code_is_taken_apart_by_level():
    assert parse("10EGB11CL001XQ01") == Kks("10", "EGB", "11", "CL", "001", "", "XQ", "01")


@pytest.mark.parametrize("text", ["10EGC11AP001", "10EGB11CL001", "10EGB11CL001XQ01", "10EGC11AP001-M01", "EGB11"])
def test_each_length_is_written_back_as_it_was(text):
    assert str(parse(text)) == text


@pytest.mark.parametrize("text", ["=10EGB11 CL001 XQ01", "10 EGB11.CL001.XQ01", " 10egb11cl001xq01 "])
def test_blanks_dots_and_small_letters_are_read(text):
    assert str(parse(text)) == "10EGB11CL001XQ01"


def test_people_read_it_with_blanks():
    assert parse("10EGB11CL001XQ01").shown == "10EGB11 CL001 XQ01"
    assert parse("10EGC11AP001").shown == "10EGC11 AP001"


def test_a_signals_equipment_is_its_first_two_levels():
    assert parse("10EGB11CL001XQ01").equipment == "10EGB11CL001"


@pytest.mark.parametrize(
    "text", ["", "LT-101", "10EGB11CL01", "10EGB11CL001XQ1", "10EGB11CL001XQ01X", "１０EGB11CL001"]
)
def test_what_is_no_code_is_refused_with_an_example(text):
    with pytest.raises(BadKks, match=r"is not a KKS code.*; expected e.g. 10EGB11CL001XQ01"):
        parse(text)
    assert not is_kks(text)


@pytest.mark.parametrize("text", ["10EIB11CL001", "10EGB11OL001"])
def test_the_letters_i_and_o_are_named_as_the_reason(text):
    with pytest.raises(BadKks, match="letters I and O are not used"):
        parse(text)
