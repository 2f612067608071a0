"""Who may see which refinery in the panel: users and groups are made from the access file, never by hand.

With no access file, the first start makes one with two people, so that the difference can be seen at once.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from contracts import access
from contracts.access import Person

GROUP_PREFIX: Final = "refinery:"
_PASSWORD_BYTES: Final = 12

_FIRST_FILE: Final = """\
# Who may see which refinery. The panel's groups, Kafka's ACLs and Hive's authorization are made from this file.
[[person]]
login = "central"
role = "office"
refineries = [{refineries}]

[[person]]
login = "contrata"
role = "engineer"
refineries = []
"""


def ensure_access_file(path: Path, refineries: Sequence[str]) -> None:
    """Write the first access file if there is none: `central` sees every refinery of this panel, `contrata` none."""
    if not path.exists():
        quoted = ", ".join(f'"{name}"' for name in refineries)
        path.write_text(_FIRST_FILE.format(refineries=quoted), encoding="utf-8")


def synchronise(people: Sequence[Person]) -> dict[str, str]:
    """Make users and groups equal to the access file; returns login → password of the users made now.

    A person no longer in the file, or past their last day, loses every refinery but keeps the account's record.
    """
    from django.contrib.auth.models import Group, User  # after settings are configured
    from django.db import transaction

    today = datetime.now(UTC).date()
    made: dict[str, str] = {}
    # All or nothing: a password that was set and not returned would never be told to anybody.
    with transaction.atomic():
        for person in people:
            user, is_new = User.objects.get_or_create(username=person.login)
            if is_new:
                made[person.login] = set_random_password(user)
            visible = [name for name in person.refineries if person.may_see(name, today)]
            groups = [Group.objects.get_or_create(name=GROUP_PREFIX + name)[0] for name in visible]
            user.groups.set(groups)
        for user in User.objects.exclude(username__in=[person.login for person in people]):
            user.groups.clear()
    return made


def set_random_password(user: Any) -> str:
    """Give `user` a new random password and return it; it is stored only as a hash."""
    password = secrets.token_urlsafe(_PASSWORD_BYTES)
    user.set_password(password)
    user.save()
    return password


def may_see(user: Any, refinery: str) -> bool:
    """Whether a signed-in user's groups open `refinery`."""
    return bool(user.is_authenticated and user.groups.filter(name=GROUP_PREFIX + refinery).exists())


class AccessFile:
    """The access file, read again when it changed or when the day turned."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, str] | None = None

    def synchronise_if_changed(self) -> dict[str, str]:
        """As `synchronise`, or nothing if the file and the day are those of the last call. Raises `BadAccess`."""
        mark = (self._path.stat().st_mtime_ns, datetime.now(UTC).date().isoformat())
        if mark == self._seen:
            return {}
        made = synchronise(access.read(self._path))
        self._seen = mark
        return made
