"""`main.py stock`: what each tank holds, as a table."""

from __future__ import annotations

import argparse
import sys

from app.commands import Failed, checked_out, plants, values
from contracts.quality import is_good
from resources.words import t
from widgets.quality_words import quality_word
from widgets.signal_words import shown
from widgets.stock_rows import NUMERIC, headings, rows
from widgets.table_files import write_csv, write_xlsx


def run(options: argparse.Namespace) -> int:
    """Print the table; 1 if a tank's values are not good."""
    loaded = plants(options)
    kind = "" if options.out is None else checked_out(options.out, (".csv", ".xlsx"))
    if not any(plant.tanks for plant in loaded):
        raise Failed("none of these plants has [[tanks]] in its plant.toml", 2)
    with values.live(options, loaded) as session:
        tanks = [tank for live in session.lives for tank in live.stock()]
    cells, titles = rows(tanks), headings()
    texts = [[cell.text for cell in row] for row in cells]
    widths = [max(len(title), *(len(row[i]) for row in texts)) for i, title in enumerate(titles)]
    for row in [titles, *texts]:
        line = (text.rjust(w) if right else text.ljust(w) for text, w, right in zip(row, widths, NUMERIC, strict=True))
        sys.stdout.write("  ".join(line).rstrip() + "\n")
    if options.out is not None:
        try:
            if kind == ".csv":
                write_csv(options.out, titles, cells)
            else:
                write_xlsx(options.out, "stock", titles, cells)
        except OSError as error:
            raise Failed(f"{options.out}: {error.strerror}") from error
    doubtful = [tank for tank in tanks if not is_good(tank.reading.quality)]
    if doubtful:
        named = "; ".join(f"{shown(tank.tank.kks)} {quality_word(tank.reading.quality)}" for tank in doubtful)
        sys.stderr.write(f"{t('stock.not_good', n=len(doubtful), tanks=named)}\n")
    return 1 if doubtful else 0
