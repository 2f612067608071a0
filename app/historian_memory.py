"""Views and notes of the historian as files: `historian/<refinery>/` in the user's data folder. No Qt.

Each change reads the file anew first, so two windows of one user do not undo each other. A file that cannot be read is
never written over.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from pid_renderer.beside_file import BesideFile, ChangedMeanwhile
from resources.words import t
from runtime.places import state_folder
from widgets.historian_memory import Note, View

Kept = TypeVar("Kept")
_TRIES: Final = 5


class FiledMemory:
    """A `HistorianMemory` (see there) in files."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder

    def views(self, refinery: str) -> Sequence[View]:
        """The named views, in the order they were kept."""
        return self._read(self._file(refinery, "views"), View)

    def keep_view(self, refinery: str, view: View) -> None:
        """Keep a view in place of an older one of its name."""

        def put(views: list[View]) -> list[View]:
            if any(kept.name == view.name for kept in views):
                return [view if kept.name == view.name else kept for kept in views]
            return [*views, view]

        self._change(self._file(refinery, "views"), View, put)

    def remove_view(self, refinery: str, name: str) -> None:
        """Forget a view."""
        self._change(self._file(refinery, "views"), View, lambda views: [kept for kept in views if kept.name != name])

    def last(self, refinery: str) -> View | None:
        """What was on the screen last; None where nothing was."""
        found = self._read(self._file(refinery, "last"), View)
        return found[0] if found else None

    def keep_last(self, refinery: str, view: View) -> None:
        """Remember what is on the screen. A broken memory of it is not worth keeping."""
        file = self._file(refinery, "last")
        file.write(_text([view]), over=True)

    def notes(self, refinery: str) -> Sequence[Note]:
        """The notes, oldest first."""
        return sorted(self._read(self._file(refinery, "notes"), Note), key=lambda note: note.at_us)

    def put_note(self, refinery: str, note: Note) -> None:
        """Write a note, in place of one with its id."""
        self._change(
            self._file(refinery, "notes"), Note, lambda notes: [*(kept for kept in notes if kept.id != note.id), note]
        )

    def remove_note(self, refinery: str, note_id: str) -> None:
        """Take a note away."""
        self._change(self._file(refinery, "notes"), Note, lambda notes: [kept for kept in notes if kept.id != note_id])

    def _file(self, refinery: str, what: str) -> BesideFile:
        folder = (self._folder or state_folder() / "historian") / refinery
        folder.mkdir(parents=True, exist_ok=True)
        return BesideFile(folder / f"{what}.json")

    def _change(self, file: BesideFile, kind: type[Kept], change: Callable[[list[Kept]], list[Kept]]) -> None:
        for _ in range(_TRIES):
            kept = self._read(file, kind)
            try:
                file.write(_text(change(kept)))
            except ChangedMeanwhile:
                continue
            return
        raise OSError(t("memory.busy", path=str(file.path)))

    def _read(self, file: BesideFile, kind: type[Kept]) -> list[Kept]:
        try:
            text = file.read()
            return msgspec.json.decode(text, type=list[kind]) if text else []  # type: ignore[valid-type]
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise OSError(t("memory.broken", path=str(file.path), why=str(error))) from error


def _text(kept: Sequence[object]) -> str:
    return msgspec.json.format(msgspec.json.encode(kept), indent=1).decode() + "\n"
