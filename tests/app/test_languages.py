"""The Spanish window says everything in Spanish: Qt's own buttons, and what a historian reports."""

from unittest.mock import Mock

import pytest
from PySide6.QtCore import QTranslator
from PySide6.QtWidgets import QDialogButtonBox, QInputDialog

from app.application import speak_qt
from app.historian_access import HistorianAccess
from app.historian_words import spoken
from data.historians.duckdb import open_duckdb
from data.historians.historian import Cancel, HistorianError
from resources import words
from tests.app.plants import write_plant


@pytest.fixture
def language(qapp):
    before = words.language()
    yield words.use
    words.use(before)
    for translator in qapp.findChildren(QTranslator):
        qapp.removeTranslator(translator)
        translator.deleteLater()


@pytest.mark.parametrize(("of", "texts"), [("es", {"Aceptar", "Cancelar"}), ("en", {"OK", "Cancel"})])
def test_the_buttons_of_a_question_speak_the_window_s_language(qtbot, qapp, language, of, texts):
    language(of)
    speak_qt(qapp)
    question = QInputDialog()
    qtbot.addWidget(question)
    question.setLabelText("?")
    question.show()
    (box,) = question.findChildren(QDialogButtonBox)
    assert {button.text().replace("&", "") for button in box.buttons()} == texts


def test_a_lake_that_is_not_there_is_said_in_the_window_s_language(language, tmp_path):
    with pytest.raises(HistorianError) as raised:
        open_duckdb(tmp_path / "none", "r1")
    language("es")
    assert spoken(str(raised.value)).startswith(f"{tmp_path / 'none'}: no existe esa carpeta del lago; arranque")
    with pytest.raises(HistorianError, match="no existe esa carpeta del lago"):
        HistorianAccess({"sim-t1": str(tmp_path / "none")}).fetch(
            Mock(plant=write_plant(tmp_path / "plant")), [], 0, 1, 1, Mock(), Cancel()
        )
    language("en")
    assert spoken(str(raised.value)) == str(raised.value)


def test_an_engine_s_own_words_stay_as_they_are(language):
    language("es")
    assert spoken("Hive at h:1: SemanticException") == "Hive en h:1: SemanticException"
    assert spoken("anything else") == "anything else"
