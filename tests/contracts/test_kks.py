import pytest

from contracts.kks import BadKks, Kks, is_kks, parse, parse_place, suggestion


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


def test_unit_and_train_are_told_apart_where_two_signs_lead():
    assert (parse("12LAC10AP001").total_plant, parse("12LAC10AP001").train) == ("1", "2")
    assert (parse("A1LAC10AP001").total_plant, parse("A1LAC10AP001").train) == ("A", "1")
    assert (parse("1LAC10AP001").total_plant, parse("1LAC10AP001").train) == ("", "1")


@pytest.mark.parametrize(
    ("text", "suffix", "component"),
    [
        ("10EGB11AA101A QB01", "A", "QB"),
        ("10EGB11AA101AQB01", "A", "QB"),
        ("10EGB11AA101QB01", "", "QB"),
        ("10EGB11AA101A", "A", ""),
        ("10EGB11AP001A-M01", "A", "-M"),
    ],
)
def test_a_redundant_units_letter_and_the_component_after_it_are_told_apart(text, suffix, component):
    code = parse(text)
    assert (code.suffix, code.component_key) == (suffix, component)


@pytest.mark.parametrize("text", ["+10EGB11CL001", "10-EGB11", "10EGB11-AA101", "+10P-AA101-M01"])
def test_a_dash_is_only_the_key_of_an_electrical_component_and_a_place_is_no_process_code(text):
    with pytest.raises(BadKks):
        parse(text)


@pytest.mark.parametrize("text", ["+10CJA01.BC012", "+10UBA12R003", "+10UBA12"])
def test_a_place_is_written_back_as_it_was(text):
    assert str(parse_place(text)) == parse_place(text).shown == text


def test_what_is_no_place_is_refused():
    with pytest.raises(BadKks, match="not a KKS code of a place"):
        parse_place("10EGB11CL001")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("1OEGBI1CLO01XQ0I", "10EGB11CL001XQ01"),
        ("IO EGB11 CLOO1", "10EGB11CL001"),
        ("10EGB11AP001-MO1", "10EGB11AP001-M01"),
    ],
)
def test_letters_i_and_o_where_digits_stand_are_suggested_as_digits_and_never_taken_so(typed, meant):
    assert suggestion(typed) == meant
    with pytest.raises(BadKks, match=f"did you mean {meant}"):
        parse(typed)


@pytest.mark.parametrize("text", ["10EIB11CL001", "10EGB11CL001", "LT-101", "OIL"])
def test_nothing_is_suggested_where_no_digit_would_mend_it(text):
    assert suggestion(text) == ""
