"""The table of public P&IDs in docs/drawings.md: what each file holds and what of it was not understood.

`python -m benchmarks.drawing_table [FOLDER]` writes it anew. FOLDER holds the public files (default: those beside the
checkout).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pid_renderer import reading
from pid_renderer.drawing import BadDrawing, Drawing
from pid_renderer.tally import tally

ROOT: Final = Path(__file__).resolve().parents[1]
SAMPLES: Final = ROOT.parent / "shared" / "samples" / "dexpi"
PAGE: Final = ROOT / "docs" / "drawings.md"
BEGIN: Final = "<!-- table of files: written by python -m benchmarks.drawing_table -->"
END: Final = "<!-- end of the table of files -->"

_COLUMNS: Final = {
    "equipment": "equip.", "nozzle": "nozzles", "piping system": "lines", "piping segment": "segments",
    "piping component": "piping comp.", "instrument": "instr.", "loop": "loops", "signal line": "signals",
    "actuator": "act.", "connector": "to other sheets", "label": "labels", "text": "texts", "stroke": "strokes",
    "shape used": "shapes",
}  # fmt: skip


def files(folder: Path) -> list[Path]:
    """Every P&ID below `folder`, by name."""
    return sorted((p for p in folder.rglob("*") if p.suffix.lower() == ".xml"), key=lambda p: (p.name, p.parent.name))


def row(drawing: Drawing) -> str:
    """One file as a line of the table."""
    counts = tally(drawing)
    program, _, schema = drawing.exporter.rpartition(", ")
    size = f"{drawing.width_mm:.0f} × {drawing.height_mm:.0f}" if drawing.primitives else "no graphics"
    unread = sum(item.count for item in drawing.unread)
    cells = [drawing.source, program, schema, size, *(str(counts[kind]) for kind in _COLUMNS), str(unread)]
    return f"| {' | '.join(cells)} |"


def table(folder: Path) -> Iterator[str]:
    """The lines of the table, and below it what was not understood, each kind once. Raises `BadDrawing`."""
    drawings = [reading.read_as_written(path) for path in files(folder)]
    yield f"| file | program | format | sheet, mm | {' | '.join(_COLUMNS.values())} | not understood |"
    yield f"|---|---|---|---|{'---:|' * (len(_COLUMNS) + 1)}"
    for drawing in drawings:
        yield row(drawing)
    yield ""
    yield "Not understood, most frequent first:"
    yield ""
    count: dict[str, int] = {}
    where: dict[str, dict[str, None]] = {}
    for drawing in drawings:
        for item in drawing.unread:
            count[item.what] = count.get(item.what, 0) + item.count
            where.setdefault(item.what, {})[drawing.source] = None
    for what in sorted(count, key=lambda what: (-count[what], what)):
        names = list(where[what])
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        yield f"- {count[what]} × {what} ({', '.join(names[:3])}{more})"


def main(arguments: list[str]) -> int:
    """Write the table into the page; 2 if there are no files to list."""
    folder = Path(arguments[0]) if arguments else SAMPLES
    if not files(folder):
        sys.stderr.write(f"{folder}: no P&ID there; name the folder of the public DEXPI files\n")
        return 2
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    try:
        lines = "\n".join(table(folder))
    except BadDrawing as error:
        sys.stderr.write(f"{error}\n")
        return 1
    PAGE.write_text(f"{before}{BEGIN}\n\n{lines}\n\n{END}{after}", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
