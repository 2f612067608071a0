from datetime import date
from pathlib import Path

import pytest

from contracts.access import BadAccess, read

ANA = '[[person]]\nlogin = "ana"\nrole = "operator"\nrefineries = ["r1", "sim-r1"]\nuntil = 2027-12-31\n'


def write(folder: Path, text: str) -> Path:
    path = folder / "access.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_person_sees_their_refineries_until_their_last_day(tmp_path):
    (ana,) = read(write(tmp_path, ANA))
    assert (ana.login, ana.role) == ("ana", "operator")
    assert ana.may_see("r1", date(2027, 12, 31))
    assert not ana.may_see("r1", date(2028, 1, 1))
    assert not ana.may_see("r2", date(2027, 1, 1))
    assert not ana.may_see("r", date(2027, 1, 1))


def test_a_person_without_a_list_sees_nothing(tmp_path):
    (ana,) = read(write(tmp_path, '[[person]]\nlogin = "ana"\n'))
    assert not ana.may_see("r1", date(2027, 1, 1))


def test_a_file_without_people_lets_nobody_in(tmp_path):
    assert read(write(tmp_path, "")) == ()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (ANA + ANA, "ana stands twice"),
        (ANA.replace('login = "ana"\n', ""), "a [[person]] has no login"),
        (ANA.replace('"ana"', '"ana, User:admin"'), "login 'ana, User:admin': use letters without accents, digits"),
        (ANA.replace('"operator"', '"root"'), "ana: role 'root' is not one of engineer, office"),
        (ANA.replace("2027-12-31", '"soon"'), "ana: until must be a date such as 2027-12-31"),
        (ANA.replace("2027-12-31", "2027-12-31T00:00:00"), "ana: until must be a date such as 2027-12-31"),
        (ANA.replace('["r1", "sim-r1"]', '"r1"'), 'ana: refineries must be a list such as ["r1", "r2"]'),
        (ANA.replace('"r1"', '"*"'), "ana: refinery '*': use 1 to 24"),
        ("[person]\nlogin = 'ana'\n", "write one [[person]] a person, in double brackets"),
        ("[[person]", "access.toml"),
    ],
)
def test_a_mistake_is_named_with_its_place(tmp_path, text, reason):
    path = write(tmp_path, text)
    with pytest.raises(BadAccess) as caught:
        read(path)
    assert str(caught.value).startswith(str(path))
    assert reason in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(BadAccess, match=r"access\.toml"):
        read(tmp_path / "access.toml")
