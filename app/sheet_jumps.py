"""From a sheet through its off-page connectors to the other sheets of the plant. No Qt."""

from __future__ import annotations

from typing import NamedTuple

from app.sheets import Sheet, Sheets
from contracts.plant import Plant
from pid_renderer.drawing import BadDrawing, SheetJump
from pid_renderer.sheet_pairs import Partner, partner


class Destination(NamedTuple):
    """Where a connector leads."""

    jump: SheetJump
    partner: Partner | None
    """None where no drawing of the plant is its other end."""

    @property
    def said(self) -> str:
        """What the drawing itself says of the other end."""
        parts = (self.jump.target_sheet, self.jump.target_connector)
        return " · ".join(part for part in parts if part) or self.jump.label


class SheetJumps:
    """The connectors of all sheets of one plant. Reads the sheets it is asked about, each once."""

    def __init__(self, plant: Plant, sheets: Sheets) -> None:
        self._plant, self._sheets = plant, sheets
        self._found: dict[int, dict[str, Destination]] = {}
        self._unread: list[int] | None = None

    def sheet(self, number: int) -> Sheet | None:
        """A sheet of the plant; None for one that cannot be read, which its own tab says."""
        try:
            return self._sheets.open(self._plant, self._plant.drawings[number])
        except BadDrawing:
            return None

    def title(self, number: int) -> str:
        """What a sheet of the plant is called."""
        return self._plant.drawings[number].title

    def unread(self) -> list[int]:
        """Numbers of the sheets that cannot be read, so what leads to them finds no other end."""
        if self._unread is None:
            self._unread = [number for number in range(len(self._plant.drawings)) if self.sheet(number) is None]
        return self._unread

    def of(self, number: int) -> dict[str, Destination]:
        """By element id: where each connector of a sheet leads."""
        if number in self._found:
            return self._found[number]
        readable = ((other, self.sheet(other)) for other in range(len(self._plant.drawings)))
        sheets = {other: sheet.drawing for other, sheet in readable if sheet is not None}
        here = sheets.get(number)
        if here is None:
            return {}
        found = {jump.element: Destination(jump, partner(jump, number, sheets)) for jump in here.jumps}
        self._found[number] = found
        return found
