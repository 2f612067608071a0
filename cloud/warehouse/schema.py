"""The versioned DDL: numbered scripts, applied once each and in order, then the analysts' views (`contracts.views`).

A script that has been applied is never changed; a view is made anew whenever its text has changed. What has been
applied is told by the view `schema_version` (version, script, sha256, lake; version 0 for a view), whose rows stand in
its text: Hive cannot INSERT into a table on gs://. Scripts can be run twice, so a run that died is simply run again.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Final, NamedTuple

from cloud.warehouse.client import HiveClient
from cloud.warehouse.server import WarehouseFailed
from contracts import views as contract

_VIEW: Final = "schema_version"
_NAME: Final = re.compile(r"(\d{4})_[a-z0-9_]+\.sql")


class Script(NamedTuple):
    """One file of `ddl/`, or a view."""

    version: int
    name: str
    text: str

    @property
    def sha256(self) -> str:
        """Of the text, by which a later change is found."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def statements(self, lake: str) -> list[str]:
        """Its statements, with the lake's URL put in and without comments."""
        bare = re.sub(r"^\s*--.*$", "", self.text, flags=re.MULTILINE).replace("${lake}", lake)
        return [part.strip() for part in re.split(r";\s*$", bare, flags=re.MULTILINE) if part.strip()]


def scripts() -> list[Script]:
    """All scripts, in order of version."""
    files = resources.files("cloud.warehouse").joinpath("ddl").iterdir()
    return sorted(
        Script(int(match[1]), file.name, file.read_text(encoding="utf-8"))
        for file in files
        if (match := _NAME.fullmatch(file.name))
    )


def views() -> list[Script]:
    """The analysts' views as scripts."""
    return [
        Script(0, f"view {name}", f"CREATE OR REPLACE VIEW {name} AS\n{contract.select(name, 'hive')};")
        for name in contract.names()
    ]


def lake_url(lake: str) -> str:
    """A lake as Hive's LOCATION names it: `gs://bucket`, or `file:///…` for a folder."""
    return lake.rstrip("/") if "://" in lake else Path(lake).resolve().as_uri()


def apply(client: HiveClient, lake: str) -> list[str]:
    """Apply what has not been applied yet; the names of those scripts and views. Raises `WarehouseFailed`."""
    url = lake_url(lake)
    steps = [*scripts(), *views()]
    done = {name: (sha256, where) for name, sha256, where in _applied(client)}
    for script in steps:
        sha256, where = done.get(script.name, (script.sha256, url))
        if script.version and sha256 != script.sha256:
            raise WarehouseFailed(f"{script.name} was changed after it had been applied; write a new script instead")
        if where != url:
            raise WarehouseFailed(f"this Hive's tables lie at {where}, not at {url}; use another Hive or that lake")
    applied = []
    for script in steps:
        if done.get(script.name) != (script.sha256, url):
            for statement in script.statements(url):
                client.run(statement)
            done[script.name] = (script.sha256, url)
            client.run(_view([each for each in steps if each.name in done], done))
            applied.append(script.name)
    return applied


def _applied(client: HiveClient) -> list[tuple[str, str, str]]:
    if not client.run(f"SHOW VIEWS LIKE '{_VIEW}'"):
        return []
    return [(str(a), str(b), str(c)) for a, b, c in client.run(f"SELECT script, sha256, lake FROM {_VIEW}")]  # noqa: S608


def _view(steps: list[Script], done: Mapping[str, tuple[str, str]]) -> str:
    structs = ", ".join(
        f"struct({step.version}, '{step.name}', '{done[step.name][0]}', '{done[step.name][1]}')" for step in steps
    )
    return f"CREATE OR REPLACE VIEW {_VIEW} AS SELECT inline(array({structs})) AS (version, script, sha256, lake)"
