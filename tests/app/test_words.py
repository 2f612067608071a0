import ast
import re
from pathlib import Path

import pytest

from resources import words

ROOT = Path(__file__).parents[2]


def test_both_languages_have_the_same_keys_and_places():
    spanish, english = words.words("es"), words.words("en")
    assert spanish.keys() == english.keys()
    for key, text in spanish.items():
        assert set(re.findall(r"\{(\w+)\}", text)) == set(re.findall(r"\{(\w+)\}", english[key])), key


def test_every_key_used_in_the_code_exists():
    used, missing = 0, []
    for room in ("app", "widgets"):
        for file in (ROOT / room).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "t" and node.args:
                    argument = node.args[0]
                    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                        used += 1
                        if argument.value not in words.words("es"):
                            missing.append(f"{file.name}: {argument.value}")
    assert used > 100
    assert missing == []


def test_the_language_in_use_decides_the_text():
    words.use("en")
    assert words.t("page.alarms") == "Alarms"
    words.use("es")
    assert words.t("page.alarms") == "Alarmas"
    with pytest.raises(ValueError, match="language"):
        words.use("fr")
