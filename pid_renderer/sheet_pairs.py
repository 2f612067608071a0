"""Which connector of another sheet is the other end of an off-page connector. No Qt.

Files say it in many ways: by identifier, by name of sheet and connector, or only by the same line number on both sides.
The surest is believed first, and where two connectors fit equally well none is taken: a wrong jump is worse than none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from pid_renderer.drawing import Drawing, SheetJump


class Partner(NamedTuple):
    """The other end."""

    sheet: int
    """Key of the sheet in the mapping that was searched."""
    element: str
    """Id of the connector there; empty where only the sheet is known."""


def partner(jump: SheetJump, here: int, sheets: Mapping[int, Drawing]) -> Partner | None:
    """The other end of a connector of the sheet `here`; None where no sheet at hand fits."""
    by_id = _by_identifier(jump, here, sheets)
    if by_id is not None:
        return by_id
    named = [key for key, sheet in sheets.items() if jump.target_sheet and _is_called(sheet, jump.target_sheet)]
    if len(named) == 1:
        return Partner(named[0], _on(sheets[named[0]], jump, sheets[here]))
    if jump.target_sheet and not named:
        return None
    found = [
        Partner(key, id_)
        for key, sheet in sheets.items()
        if (not named or key in named) and (id_ := _on(sheet, jump, sheets[here], strict=True)) and key != here
    ]
    return found[0] if len(found) == 1 else None


def _by_identifier(jump: SheetJump, here: int, sheets: Mapping[int, Drawing]) -> Partner | None:
    if not jump.target_id:
        return None
    for key, sheet in sheets.items():
        id_ = sheet.aliases.get(jump.target_id, "")
        # Plain ids repeat from sheet to sheet; a connector of another one is meant.
        if not id_ and key != here and jump.target_id in sheet.elements:
            id_ = jump.target_id
        if id_ and sheet.elements[id_].family == "connector" and (key, id_) != (here, jump.element):
            return Partner(key, id_)
    return None


def _plain(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())


def _is_called(sheet: Drawing, name: str) -> bool:
    wanted = _plain(name)
    names = [_plain(text) for text in (*sheet.names, sheet.title, sheet.source.rpartition(".")[0]) if text]
    return bool(wanted) and wanted in names


def _on(sheet: Drawing, jump: SheetJump, home: Drawing, *, strict: bool = False) -> str:
    """Id of the connector on `sheet` that is the other end; empty for none or several.

    `strict`: the name of the connector must say so; otherwise the only one that points back to us will do.
    """
    others = [other for other in sheet.jumps if not (sheet is home and other.element == jump.element)]
    others = [other for other in others if not jump.direction or other.direction != jump.direction]
    for wanted in (jump.target_connector, jump.label):
        same = _only(other.element for other in others if wanted and _plain(other.label) == _plain(wanted))
        if same:
            return same
    for wanted in (jump.label, jump.target_connector):
        same = _only(other.element for other in others if wanted and _plain(other.target_connector) == _plain(wanted))
        if same:
            return same
    if strict:
        return ""
    return _only(other.element for other in others if other.target_sheet and _is_called(home, other.target_sheet))


def _only(found: Iterable[str]) -> str:
    ids = list(found)
    return ids[0] if len(ids) == 1 else ""
