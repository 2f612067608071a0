"""The one door to drawings: it looks at a file's content, never at its suffix, and chooses the reader."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from pid_renderer import dexpi2, layout
from pid_renderer.drawing import BadDrawing, Drawing, Unread
from pid_renderer.proteus.reader import read_tree as read_proteus
from pid_renderer.xml_document import load, parse

MOST_LAID_OUT: Final = 2500
"""Elements up to which a sheet is laid out. The time is bounded by what the layout may look at, not by these: a plant
of 2,155 takes 2.8 s of CPU and leaves 5 of its 1,240 pipes undrawn; 2,400 elements, pipes joined at random, 2.1 s."""


def read(path: Path) -> Drawing:
    """The sheet in `path`, in any format we know; laid out by us where the file has no graphics.

    Raises `BadDrawing`: one sentence naming file, line and cause.
    """
    return _drawn(read_as_written(path))


def read_as_written(path: Path) -> Drawing:
    """What the file itself says and draws, no more: for counting. Raises `BadDrawing`."""
    return _read(load(path), path.name, path.parent)


def read_bytes(content: bytes, name: str) -> Drawing:
    """The sheet in `content`; `name` is how messages call it. Raises `BadDrawing`."""
    return _drawn(_read(parse(content, name), name, None))


def _drawn(drawing: Drawing) -> Drawing:
    if len(drawing.elements) <= MOST_LAID_OUT or layout.has_graphics(drawing):
        return layout.drawn(drawing)
    note = Unread(f"more than {MOST_LAID_OUT} elements without graphics, not laid out", len(drawing.elements), 0)
    return replace(drawing, unread=(*drawing.unread, note))


def _read(root: Any, name: str, folder: Path | None) -> Drawing:
    if root.tag == "PlantModel":
        return read_proteus(root, name)
    if root.tag == "Model":
        return dexpi2.read_tree(root, name, folder)
    raise BadDrawing(
        f"{name}, line {root.sourceline}: the root element is <{root.tag[:60]}>; a P&ID begins with <PlantModel>"
        " (Proteus XML, DEXPI 1.x) or <Model> (DEXPI 2.0)"
    )
