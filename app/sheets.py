"""Drawings opened and bound, each file read once."""

from __future__ import annotations

from dataclasses import dataclass

from contracts.number_text import number
from contracts.plant import DrawingFile, Plant
from pid_renderer import reading
from pid_renderer.binding import Binding, bind, read_mapping
from pid_renderer.drawing import Drawing
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


def open_sheet(plant: Plant, source: DrawingFile) -> Sheet:
    """Read and bind one drawing. Raises `BadDrawing`."""
    drawing = reading.read(source.file)
    mapping = read_mapping(source.mapping) if source.mapping is not None else None
    binding = bind(drawing, plant, mapping)
    bound = len(plant.signals) - len(binding.unbound_signals)
    percent = number(100 * bound / max(1, len(plant.signals)), 0, language())
    notices = len(binding.notes) + len(binding.unbound_elements) + len(binding.unbound_signals)
    format_ = drawing.exporter.rpartition(", ")[2]
    return Sheet(drawing, binding, format_, t("status.drawing", percent=percent, notices=notices))
