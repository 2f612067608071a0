"""The meaning of KKS keys in two languages."""

import re

import pytest

from contracts import kks_keys
from contracts.kks import BadKks
from contracts.kks_keys import BadKeys, meaning, read, standard, words_of


def test_a_signal_is_explained_part_by_part_in_english_and_spanish():
    english = [(part.text, part.words) for part in meaning("10EGB11CL001XQ01", "en")]
    assert english == [
        ("1", "Unit or site part 1"),
        ("0", "System train 0"),
        ("EGB11", "Liquid fuels: tank farm, section 11"),
        ("CL001", "Measuring circuit, level, number 001"),
        ("XQ01", "Analogue signal, number 01"),
    ]
    assert [part.words for part in meaning("10EGB11CL001XQ01", "es")][3] == "Circuito de medida, nivel, número 001"


def test_one_line_says_what_it_is_before_where_it_belongs():
    assert words_of("10EGC11AP001", "es") == "Bomba, número 001 · Combustibles líquidos: bombeo, tramo 11"
    assert words_of("LT-101", "en") == ""


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("10LAC10DF001", "Closed-loop control circuit, flow"),
        ("10LAC10FF001", "Computed measurement, flow"),
        ("10LAC10CH001", "Measuring circuit, manual input"),
        ("10LAC10AP001-M01", "Motor"),
        ("10LAC10CP001ZV01", "Gated protective logic"),
        ("10LAC10CP001ZH01", "Gated signal, after logic: limit signal from an analogue value"),
    ],
)
def test_circuits_components_and_gated_signals_are_known(code, words):
    assert meaning(code, "en")[-1].words.startswith(words)


def test_a_function_without_an_entry_is_known_by_its_group_and_third_letter():
    assert meaning("10EGV11", "en")[-1].words == "Supply of liquid fuels: lubricant supply system, section 11"
    assert meaning("10RAB11", "en")[-1].words == "Gas generation and treatment, section 11"


def test_an_unknown_key_is_said_to_be_unknown_and_not_guessed():
    part = meaning("10LAC10DH001", "en")[-1]
    assert not part.known
    assert part.words.startswith("not in the key lists")
    assert "DH001" not in words_of("10LAC10DH001", "en")


def test_a_place_is_explained_too():
    assert meaning("+10UBA12R003", "es")[-1].words == "Recinto R003"
    assert meaning("+10CJA01.BC012", "en")[-1].words == "Point of installation BC012"


def test_what_is_no_code_has_no_meaning():
    with pytest.raises(BadKks):
        meaning("LT-101", "en")


def test_every_key_is_well_formed_has_both_languages_and_says_where_it_comes_from():
    shapes = {
        "main": "[A-HJ-NP-Z]", "group": "[A-HJ-NP-Z]{2}", "system": "[A-HJ-NP-Z]{3}", "third": "[A-Z]",
        "unit group": "[A-J]", "unit": "[A-HJ-NP-Z]{2}", "variable": "[A-Z]",
        "component group": "[A-Z-]", "component": "[A-HJ-NP-Z-][A-HJ-NP-Z]",
    }  # fmt: skip
    for (level, key), entry in standard().items():
        assert re.fullmatch(shapes[level], key), (level, key)
        assert entry.source in ("read", "general")
        assert set(entry.words) == {"en", "es"}
    assert len(standard()) > 300
    main = {key for level, key in standard() if level == "main"}
    assert main == set("ABCDEFGHJKLMNPQRSUWXZ")


def test_a_projects_own_keys_stand_over_the_standard_ones(tmp_path):
    path = tmp_path / "keys.csv"
    path.write_text("level;key;en;es\nsystem;RAB;Crude unit: desalter;Unidad de crudo: desalador\nunit;AP;Bomb;\n")
    keys = read(path)
    assert meaning("10RAB11BB001", "es", keys)[2].words == "Unidad de crudo: desalador, tramo 11"
    assert meaning("10RAB11AP001", "es", keys)[-1].words == "Bomb, número 001"
    assert keys["system", "RAB"].source == "project"
    assert keys["main", "E"] == standard()["main", "E"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("key,en,es\nA,a,a\n", "line 1: column level is missing"),
        ("level,key,en,es\nplanet,A,a,a\n", "line 2, column level: 'planet' is not one of main"),
        ("level,key,en,es\nunit,,a,a\n", "line 2: key"),
    ],
)
def test_a_bad_table_of_keys_names_file_and_line(tmp_path, text, words):
    path = tmp_path / "keys.csv"
    path.write_text(text)
    with pytest.raises(BadKeys, match=words):
        read(path)
    with pytest.raises(BadKeys, match="cannot be read"):
        kks_keys.read(tmp_path / "none.csv")
