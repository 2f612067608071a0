"""Read a P&ID in Proteus XML 3.3–4.2, the exchange format of DEXPI 1.x."""

from __future__ import annotations

from pathlib import Path

from pid_renderer.drawing import Drawing
from pid_renderer.proteus.reader import read_tree
from pid_renderer.xml_document import load, parse


def read(path: Path) -> Drawing:
    """The sheet in `path`. Raises `BadDrawing`: one sentence naming file, line and cause."""
    return read_tree(load(path), path.name)


def read_bytes(content: bytes, name: str) -> Drawing:
    """The sheet in `content`; `name` is how messages call it. Raises `BadDrawing`."""
    return read_tree(parse(content, name), name)
