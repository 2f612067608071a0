"""Widgets in the interface's fonts and one theme."""

import pytest

from resources import words
from widgets import style


@pytest.fixture(autouse=True)
def dressed(qapp):
    words.use("es")
    style.use("light")
    style.load_fonts()
    if qapp.styleSheet() != style.sheet():
        qapp.setStyleSheet(style.sheet())
