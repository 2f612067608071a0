"""Who may see which refinery: one file, from which Kafka ACLs, Hive authorization and the panel's groups are made.

[[person]]
login = "ana"
role = "engineer"
refineries = ["sim-r1"]
until = 2027-12-31
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from contracts.names import checked_id

_LOGIN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")
ROLES: Final = ("engineer", "office", "operator", "instructor", "trainee", "admin")


class BadAccess(ValueError):
    """An access file that cannot be used; says what is wrong and where."""


@dataclass(frozen=True)
class Person:
    """One person: role, the refineries they see, and until when (inclusive; None = no end)."""

    login: str
    role: str
    refineries: tuple[str, ...]
    until: date | None

    def may_see(self, refinery: str, today: date) -> bool:
        """Whether this person sees `refinery` on the day `today`."""
        return refinery in self.refineries and (self.until is None or today <= self.until)


def read(path: Path) -> tuple[Person, ...]:
    """The people in an access file. Raises `BadAccess`."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadAccess(f"{path}: {error}") from error
    tables = document.get("person", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise BadAccess(f"{path}: write one [[person]] a person, in double brackets")
    people = tuple(_person(path, table) for table in tables)
    logins = [person.login for person in people]
    for login in logins:
        if logins.count(login) > 1:
            raise BadAccess(f"{path}: {login} stands twice")
    return people


def _person(path: Path, table: dict[str, Any]) -> Person:
    login = table.get("login")
    if not isinstance(login, str) or not login:
        raise BadAccess(f"{path}: a [[person]] has no login")
    if not _LOGIN.fullmatch(login):
        raise BadAccess(f"{path}: login {login!r}: use letters without accents, digits and . _ - @")
    role = table.get("role", "engineer")
    if role not in ROLES:
        raise BadAccess(f"{path}: {login}: role {role!r} is not one of {', '.join(ROLES)}")
    until = table.get("until")
    if until is not None and (not isinstance(until, date) or isinstance(until, datetime)):
        raise BadAccess(f"{path}: {login}: until must be a date such as 2027-12-31")
    listed = table.get("refineries", [])
    if not isinstance(listed, list):
        raise BadAccess(f'{path}: {login}: refineries must be a list such as ["r1", "r2"]')
    try:
        refineries = tuple(checked_id(str(name), "refinery") for name in listed)
    except ValueError as error:
        raise BadAccess(f"{path}: {login}: {error}") from error
    return Person(login, role, refineries, until)
