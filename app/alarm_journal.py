"""Our own record of what people did about alarms: one JSON line an act. It never reaches the plant."""

from __future__ import annotations

import json
from pathlib import Path

from analysis.alarms import Alarm
from contracts.sample import now_us
from runtime.places import state_folder


class AlarmJournal:
    """Appends to `alarms/<refinery>.jsonl` in the state folder."""

    def __init__(self, person: str, folder: Path | None = None) -> None:
        self._person = person
        self._folder = folder or state_folder() / "alarms"

    def write(self, refinery: str, act: str, alarm: Alarm) -> None:
        """Record that a person acknowledged or shelved an alarm."""
        self._folder.mkdir(parents=True, exist_ok=True)
        line = {
            "ts": now_us(),
            "person": self._person,
            "act": act,
            "kks": alarm.kks,
            "limit": alarm.limit,
            "since": alarm.since_us,
            "until": alarm.shelved_until_us or None,
        }
        with (self._folder / f"{refinery}.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
