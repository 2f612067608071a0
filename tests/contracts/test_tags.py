"""Tags after ISA-5.1, KKS and as they are."""

import pytest

from contracts.tags import isa, scheme


@pytest.mark.parametrize(
    ("text", "area", "letters", "number", "suffix", "member"),
    [
        ("LT-101", "", "LT", "101", "", ""),
        ("P4711", "", "P", "4711", "", ""),
        ("PI 4712.01", "", "PI", "4712.01", "", ""),
        ("10-LT-101A", "10", "LT", "101", "A", ""),
        ("PSHH101", "", "PSHH", "101", "", ""),
        ("20-TIC-101.PV", "20", "TIC", "101", "", "PV"),
        ("U12-FV-7_SP", "U12", "FV", "7", "", "SP"),
        ("P-101A/B", "", "P", "101", "A/B", ""),
        ("TI 12", "", "TI", "12", "", ""),
    ],
)
def test_an_isa_tag_is_taken_apart(text, area, letters, number, suffix, member):
    assert isa(text) == (area, letters, number, suffix, member)


@pytest.mark.parametrize("text", ["", "10EGB11CL001", "Nivel", "66KL21-80", "47126-MNc", "LT"])
def test_what_is_not_of_the_form_is_no_isa_tag(text):
    assert isa(text) is None


def test_one_isa_tag_has_one_key_however_it_is_written():
    key = scheme("isa").key
    assert {key(text) for text in ("PI 4712.01", "pi-4712.01", "PI4712.01", "PI_4712.01")} == {"PI-4712.01"}
    assert key("10EGB11 CL001 XQ01") == "10EGB11CL001XQ01"
    assert key("PSV10") == "PSV-10"


def test_a_blocks_member_belongs_to_the_block():
    assert scheme("isa").homes("TIC-101.PV") == ("TIC-101.PV", "TIC-101")
    assert scheme("isa").homes("LT-101") == ("LT-101",)


def test_a_kks_signal_belongs_to_its_circuit_then_to_its_system_in_every_scheme():
    wanted = ("10EGB11CL001XQ01", "10EGB11CL001", "10EGB11")
    assert scheme("kks").homes("10EGB11 CL001 XQ01") == wanted
    assert scheme("isa").homes("10EGB11CL001XQ01") == wanted


def test_free_tags_are_compared_as_they_are_without_blanks_and_case():
    free = scheme("free")
    assert free.key("Nivel 7") == free.key("NIVEL7")
    assert free.key("LT-101") != free.key("LT101")
    assert free.homes("10EGB11CL001XQ01") == ("10EGB11CL001XQ01",)


def test_letters_say_what_is_measured_and_loops_ignore_leading_zeros():
    assert isa("LT-101").measures == "level"
    assert isa("P4711").measures == ""
    assert isa("HS-1").measures == ""
    assert isa("LT-0101").loop == isa("LIC-101").loop


def test_an_unknown_scheme_is_refused_with_those_there_are():
    with pytest.raises(ValueError, match="write one of kks, isa, free"):
        scheme("iso")
