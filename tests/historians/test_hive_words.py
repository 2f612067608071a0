"""What goes wrong at Hive, in one sentence, in English and Spanish."""

from __future__ import annotations

import socket
from types import SimpleNamespace

import pytest

from app.historian_words import spoken
from data.historians.historian import HistorianError
from data.historians.hive import open_hive, sentence
from resources import words

APPLY = "python -m cloud.warehouse apply --hive HOST:PORT"


@pytest.mark.parametrize(
    ("theirs", "ours", "spanish"),
    [
        (
            "Error while compiling statement: FAILED: SemanticException [Error 10001]: Table not found 'history'",
            f"Table not found 'history'; bring its tables up to date with: {APPLY}",
            f"no tiene la tabla 'history'; actualice sus tablas con: {APPLY}",
        ),
        ("Error validating the login", "login or password is wrong", "usuario o contraseña incorrectos"),
        (
            "Error while compiling statement: FAILED: HiveAccessControlException Permission denied: Principal "
            "[name=ana, type=USER] does not have following privileges for operation QUERY [[SELECT] on Object "
            "[type=TABLE_OR_VIEW, name=default.history]]",
            "ana may not read default.history",
            "ana no puede leer default.history",
        ),
        (
            "Error while processing statement: FAILED: Execution Error, return code 2 from "
            "org.apache.hadoop.hive.ql.exec.mr.MapRedTask",
            "the server could not run it; its log says why",
            "el servidor no pudo ejecutarlo; su registro dice por qué",
        ),
        (
            "Error while compiling statement: FAILED: SemanticException [Error 10072]: Database does not exist: west",
            "there is no database west",
            "no existe la base de datos west",
        ),
    ],
)
def test_the_servers_words_are_told_in_ours_and_in_spanish(theirs: str, ours: str, spanish: str) -> None:
    answer = SimpleNamespace(
        status=SimpleNamespace(errorMessage=f"{theirs}\n\tat org.apache.hive.Stack.of(Calls.java:1)")
    )
    told = sentence(RuntimeError(answer))
    assert told == ours
    words.use("es")
    try:
        assert spoken(f"Hive at h:1: {told}") == f"Hive en h:1: {spanish}"
    finally:
        words.use("en")


def test_what_the_historian_itself_says_is_told_in_spanish_too() -> None:
    words.use("es")
    try:
        for english in (
            "more than 5 samples; ask for less time, fewer tags or an overview",
            "more than 5 samples near these times; ask for fewer times or equal steps",
            "the span ends before it begins",
            "nan is no limit; give a number",
            "no answer within 3 s; ask for less time or fewer tags",
            "Hive gave no answer within 3 s; ask for less time or fewer tags",
        ):
            assert spoken(english) != english
    finally:
        words.use("en")


def test_a_server_that_is_away_is_told() -> None:
    assert sentence(ConnectionRefusedError(111, "x")) == "it does not answer; is it running, and is the port right?"


def test_a_server_that_says_nothing_is_told_within_the_time_it_may_take() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        historian = open_hive(f"hive://127.0.0.1:{mute.getsockname()[1]}?timeout_s=0.3", "sim-r1")
        with pytest.raises(HistorianError, match="takes connections but says nothing"):
            historian.span()
        historian.close()
