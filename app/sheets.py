"""Drawings opened and bound, each file read once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from app.sheet_edits import Edits, SheetEdits
from contracts.number_text import number
from contracts.plant import DrawingFile, Plant
from pid_renderer import reading
from pid_renderer.annotations import annotated
from pid_renderer.binding import Binding, bind, read_mapping
from pid_renderer.drawing import BadDrawing, Drawing
from resources.words import language, t


@dataclass(frozen=True)
class Sheet:
    """A drawing with its signals."""

    drawing: Drawing
    binding: Binding
    origin: str
    """The format it is written in: `Proteus 4.1`, `DEXPI 2.0`."""
    health: str
    """How much of it lives."""
    bare: Drawing
    """The drawing as the file has it, without what people put on it."""
    mapping: Mapping[str, str] | None
    store: SheetEdits
    edits: Edits
    """What people decided and put on it; `store` keeps it."""


class Sheets:
    """Opens drawings and remembers them."""

    def __init__(self) -> None:
        self._opened: dict[tuple[str, DrawingFile], Sheet] = {}

    def open(self, plant: Plant, source: DrawingFile) -> Sheet:
        """The sheet of a plant. Raises `BadDrawing`."""
        key = (plant.refinery, source)
        if key not in self._opened:
            self._opened[key] = open_sheet(plant, source)
        return self._opened[key]

    def at_hand(self, plant: Plant) -> dict[int, Sheet]:
        """The sheets of a plant that were read already, by drawing number."""
        keys = ((number, (plant.refinery, source)) for number, source in enumerate(plant.drawings))
        return {number: self._opened[key] for number, key in keys if key in self._opened}

    def read_all(self, plants: Iterable[Plant]) -> None:
        """Read what was not read yet; a file that cannot be read is left for its tab to say so."""
        for plant in plants:
            for source in plant.drawings:
                try:
                    self.open(plant, source)
                except BadDrawing:
                    continue

    def replace(self, plant: Plant, sheet: Sheet) -> None:
        """Show this sheet from now on: somebody edited it."""
        self._opened[plant.refinery, sheet.store.source] = sheet


def open_sheet(plant: Plant, source: DrawingFile) -> Sheet:
    """Read and bind one drawing, with what people edited. Raises `BadDrawing`."""
    drawing = reading.read(source.file)
    mapping = read_mapping(source.mapping) if source.mapping is not None else None
    store = SheetEdits(source)
    return edited_sheet(plant, drawing, mapping, store, store.saved)


def edited_sheet(
    plant: Plant, bare: Drawing, mapping: Mapping[str, str] | None, store: SheetEdits, edits: Edits
) -> Sheet:
    """The sheet as it is with these edits."""
    binding = bind(bare, plant, mapping, edits.decisions)
    drawing, lost = annotated(bare, binding, plant, edits.annotations)
    if lost or store.broken:
        binding = replace(binding, notes=(*binding.notes, *lost, *([store.broken] if store.broken else [])))
    bound = len(plant.signals) - len(binding.unbound_signals)
    percent = number(100 * bound / max(1, len(plant.signals)), 0, language())
    notices = len(binding.notes) + len(binding.unbound_elements) + len(binding.unbound_signals)
    health = t("status.drawing", percent=percent, notices=notices) if plant.signals else t("status.drawing_alone")
    return Sheet(drawing, binding, bare.exporter.rpartition(", ")[2], health, bare, mapping, store, edits)
