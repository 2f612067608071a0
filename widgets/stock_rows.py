"""The stock table's cells. No Qt: `main.py stock` prints them."""

from __future__ import annotations

from collections.abc import Sequence

from contracts.number_text import number
from contracts.quality import is_good
from resources.words import language, t
from widgets.plant_now import TankNow
from widgets.quality_words import quality_word, value_token
from widgets.signal_words import shown
from widgets.table_files import Cell

COLUMNS = ("tank", "name", "product", "level", "temperature", "tov", "gsv", "mass", "free", "percent", "state")
NUMERIC = (False, False, False, True, True, True, True, True, True, True, False)


def rows(tanks: Sequence[TankNow]) -> list[list[Cell]]:
    """One row of cells a tank, the columns of `COLUMNS`. What is computed from a doubtful reading is greyed."""
    spoken = language()
    made = []
    for now in tanks:
        held, token = now.inventory, value_token(now.reading.quality)

        def cell(value: float | None, decimals: int, token: str = token) -> Cell:
            return Cell(number(value, decimals, spoken), value, token, strong=True)

        state = quality_word(now.reading.quality)
        made.append(
            [
                Cell(shown(now.tank.kks), now.tank.kks, strong=True),
                Cell(now.tank.name, now.tank.name),
                Cell(now.tank.product, now.tank.product, "text.secondary"),
                cell(held.level_m, 3),
                cell(held.temperature_c, 1),
                cell(held.tov_m3, 0),
                cell(held.gsv_m3, 0),
                cell(held.mass_t, 0),
                cell(held.free_m3, 0),
                cell(held.percent, 1),
                Cell(state, state, "text.secondary" if is_good(now.reading.quality) else "text.primary"),
            ]
        )
    return made


def headings() -> list[str]:
    """The columns' titles with their units."""
    return [t(f"stock.{name}") for name in COLUMNS]
