import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QStyle, QStyleOptionFrame, QToolButton

from resources import words
from widgets.search import Hit, Search, find

HITS = [
    Hit("r1", "10EGB11CL001XQ01", "10EGB11 CL001 XQ01", "Nivel tanque crudo"),
    Hit("r1", "10EGB12CL001XQ01", "10EGB12 CL001 XQ01", "Nivel tanque nafta"),
    Hit("r1", "10EGC11AP001", "10EGC11 AP001", "Bomba de recepción"),
    Hit("r2", "LT-101", "LT-101", "Tank level"),
]


def codes(text):
    return [hit.code for hit in find(HITS, text)]


def test_a_kks_is_found_with_and_without_blanks_and_in_small_letters():
    assert codes("10EGB11 CL001") == ["10EGB11CL001XQ01"]
    assert codes("10egb11cl") == ["10EGB11CL001XQ01"]


def test_the_middle_of_a_code_finds_it_after_those_that_begin_so():
    assert codes("CL001") == ["10EGB11CL001XQ01", "10EGB12CL001XQ01"]


def test_words_of_the_description_find_it_without_accents():
    assert codes("recepcion") == ["10EGC11AP001"]
    assert codes("nivel nafta") == ["10EGB12CL001XQ01"]


def test_the_meaning_of_a_code_finds_it_after_names():
    pump = Hit("r1", "10EKA10AP001", "10EKA10 AP001", "P-7", more="Bomba Centrifugal pump")
    assert [hit.code for hit in find([pump, *HITS], "bomba")] == ["10EGC11AP001", "10EKA10AP001"]


def test_an_equipment_comes_before_its_signals_that_the_words_describe():
    pump = Hit("r1", "10EGC12AP001", "10EGC12 AP001", "P-8", more="Bomba", signals=("Potencia de crudo", "Disparo"))
    signal = Hit("r1", "10EGC12AP001XQ01", "10EGC12 AP001 XQ01", "Potencia bomba de crudo")
    assert [hit.code for hit in find([pump, signal], "bomba cru")] == [pump.code, signal.code]
    assert [hit.code for hit in find([pump, signal], "potencia")] == [signal.code]
    assert find([pump], "bomba crudo disparo") == []


def test_nothing_is_found_for_nothing():
    assert codes("  ") == []
    assert codes("zzz") == []


def test_enter_takes_the_first_hit(qtbot):
    search = Search()
    qtbot.addWidget(search)
    search.index(HITS)
    search.show()
    with qtbot.waitSignal(search.found) as found:
        qtbot.keyClicks(search, "LT-1")
        qtbot.keyClick(search, Qt.Key.Key_Return)
    assert found.args == ["r2", "LT-101", -1]
    assert search.text() == ""


def test_the_arrow_goes_down_the_hits(qtbot):
    search = Search()
    qtbot.addWidget(search)
    search.index(HITS)
    search.show()
    with qtbot.waitSignal(search.found) as found:
        qtbot.keyClicks(search, "nivel")
        qtbot.keyClick(search, Qt.Key.Key_Down)
        qtbot.keyClick(search, Qt.Key.Key_Return)
    assert found.args == ["r1", "10EGB12CL001XQ01", -1]


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("language", ["es", "en"])
def test_what_the_empty_field_says_is_not_cut(qtbot, narrow, language):
    words.use(language)
    search = Search()
    qtbot.addWidget(search)
    search.show()
    search.fold(narrow=narrow)
    option = QStyleOptionFrame()
    search.initStyleOption(option)
    inside = search.style().subElementRect(QStyle.SubElement.SE_LineEditContents, option, search)
    (glass,) = search.findChildren(QToolButton)
    room = inside.right() - max(inside.left(), glass.geometry().right()) - 12
    assert search.fontMetrics().horizontalAdvance(search.placeholderText()) <= room
    assert search.placeholderText().endswith("(Ctrl F)")
