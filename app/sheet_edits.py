"""What people decided about a drawing and put on it, and the two files beside it that keep this. No Qt.

The P&ID file itself is only ever read. Where its folder cannot be written, a person chooses another one, which this
machine remembers (there the files' names hold a hash of the drawing's path, for drawings of one name meet in it); a
plant names one for everybody with `edits` in its [[drawings]].
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path

from contracts.plant import DrawingFile
from pid_renderer import annotations as annotation_file
from pid_renderer import decisions as decision_file
from pid_renderer.annotations import Annotations
from pid_renderer.beside_file import BesideFile, ChangedMeanwhile
from pid_renderer.decisions import Decisions
from pid_renderer.drawing import BadDrawing
from runtime.places import state_folder

__all__ = ["ChangedMeanwhile", "Edits", "SheetEdits"]


@dataclass(frozen=True)
class Edits:
    """The state that undo steps between."""

    decisions: Decisions = field(default_factory=Decisions)
    annotations: Annotations = field(default_factory=Annotations)


class SheetEdits:
    """The edits of one drawing file on disk."""

    def __init__(self, source: DrawingFile) -> None:
        self.source = source
        self.saved = Edits()
        """As it stands in the files."""
        self.broken = ""
        """One sentence where a file is there and cannot be read: then nothing is written over it."""
        chosen = None if source.edits else _remembered().get(_name(source.file))
        self._files = _files(source.file, source.edits) if chosen is None else _files(_marked(source.file), chosen)
        self.read()

    @property
    def paths(self) -> tuple[Path, Path]:
        """The file of bindings and the file of overlays."""
        return self._files[0].path, self._files[1].path

    def read(self) -> Edits:
        """Read both files anew; a file that cannot be read counts as empty and `broken` says why."""
        self.broken = ""
        bindings, overlays = self._files
        try:
            decisions = decision_file.parse(bindings.read(), str(bindings.path))
            annotations = annotation_file.parse(overlays.read(), str(overlays.path))
        except BadDrawing as error:
            self.broken = str(error)
        except (OSError, UnicodeDecodeError) as error:
            self.broken = f"{bindings.path.parent}: {error}"
        else:
            self.saved = Edits(decisions, annotations)
            return self.saved
        self.saved = Edits()
        return self.saved

    def write(self, edits: Edits, *, over: bool = False) -> None:
        """Write what differs from the files. Raises `ChangedMeanwhile`, and OSError for a folder that refuses."""
        bindings, overlays = self._files
        if edits.decisions != self.saved.decisions or over:
            bindings.write(edits.decisions.text(), over=over)
            self.saved = Edits(edits.decisions, self.saved.annotations)
        if edits.annotations != self.saved.annotations or over:
            overlays.write(edits.annotations.text(), over=over)
            self.saved = edits
        self.broken = ""

    def changed_meanwhile(self) -> bool:
        """Whether another program wrote one of the files since they were read or written here."""
        try:
            return any(file.changed for file in self._files)
        except OSError:
            return False

    def write_elsewhere(self, folder: Path, edits: Edits) -> None:
        """Keep the edits in another folder from now on.

        Raises `ChangedMeanwhile` where the folder holds other edits of this drawing, and OSError; then nothing changes.
        """
        files = _files(_marked(self.source.file), folder)
        texts = (edits.decisions.text(), edits.annotations.text())
        before = [file.look() for file in files]
        for file, known, text, content in zip(files, self._files, texts, before, strict=True):
            ours = file.path == known.path and not known.changed and not self.broken
            if content not in (None, b"", text.encode()) and not ours:
                raise ChangedMeanwhile(str(file.path))
        written = []
        try:
            for file, text, content in zip(files, texts, before, strict=True):
                file.write(text)
                written.append((file, content))
            _memory().parent.mkdir(parents=True, exist_ok=True)
            places = {**_remembered(), _name(self.source.file): folder}
            BesideFile(_memory()).write(
                json.dumps({name: str(place) for name, place in sorted(places.items())}, indent=1), over=True
            )
        except BaseException:
            for file, content in written:
                with contextlib.suppress(OSError, ChangedMeanwhile):
                    file.put_back(content)
            raise
        self._files, self.saved, self.broken = files, edits, ""


def _files(drawing: Path, folder: Path | None) -> tuple[BesideFile, BesideFile]:
    return (
        BesideFile(decision_file.file_of(drawing, folder)),
        BesideFile(annotation_file.file_of(drawing, folder)),
    )


def _marked(drawing: Path) -> Path:
    mark = hashlib.sha256(_name(drawing).encode()).hexdigest()[:8]
    return drawing.with_name(f"{drawing.stem}-{mark}{drawing.suffix}")


def _name(drawing: Path) -> str:
    return str(drawing.resolve())


def _memory() -> Path:
    return state_folder() / "edits.json"


def _remembered() -> dict[str, Path]:
    """Folder by drawing file, of those whose edits a person keeps elsewhere; what is no such table is left out."""
    try:
        table = json.loads(_memory().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return (
        {name: Path(place) for name, place in table.items() if isinstance(place, str)}
        if isinstance(table, dict)
        else {}
    )
