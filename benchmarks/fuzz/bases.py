"""What is mutated: public samples where they lie beside the checkout, our reference P&ID, small seeds of our own."""

from __future__ import annotations

import re
from functools import cached_property
from pathlib import Path
from typing import Final, NamedTuple

from benchmarks.fuzz.seeds import SEEDS

ROOT: Final = Path(__file__).parents[2]
SAMPLES: Final = ROOT.parent / "shared" / "samples" / "dexpi"
REFERENCE: Final = ROOT / "resources" / "plants" / "sim-r1" / "tank-farm.xml"
SMALL_BYTES: Final = 50_000
BIG_SHARE: Final = 1 / 800
"""How often each big base is taken: one costs as much time as thirty small ones."""
NEWER_SHARE: Final = 0.2
"""How often a small base is one in DEXPI 2.0."""

_VALUE: Final = re.compile(rb'[\w:.-]+\s*=\s*("[^"]*"|\'[^\']*\')')
_TAG: Final = re.compile(rb"<(/?)([A-Za-z_][\w.:-]*)((?:[^<>\"']|\"[^\"]*\"|'[^']*')*?)(/?)>")
_LEAF: Final = re.compile(rb">([^<>]+)</")
_ID: Final = re.compile(rb'\b(?:ID|id|TagName|ComponentName)\s*=\s*"([^"]+)"')


class Span(NamedTuple):
    """A piece of a file, in bytes."""

    start: int
    end: int


class Base:
    """A file, and where its parts are."""

    def __init__(self, name: str, content: bytes) -> None:
        self.name = name
        self.content = content
        self.big = len(content) > SMALL_BYTES
        self.newer = b"<Model" in content[:2000]

    @cached_property
    def values(self) -> list[Span]:
        """What stands between the quotes of each attribute."""
        return [Span(found.start(1) + 1, found.end(1) - 1) for found in _VALUE.finditer(self.content)]

    @cached_property
    def attributes(self) -> list[Span]:
        """Each attribute, with its name."""
        return [Span(*found.span()) for found in _VALUE.finditer(self.content)]

    @cached_property
    def texts(self) -> list[Span]:
        """The text of each element that holds only text."""
        return [Span(*found.span(1)) for found in _LEAF.finditer(self.content) if found[1].strip()]

    @cached_property
    def elements(self) -> list[Span]:
        """Each element, from its first to its last bracket, in the order of their ends."""
        found: list[Span] = []
        opened: list[tuple[bytes, int]] = []
        for tag in _TAG.finditer(self.content):
            if tag[4]:
                found.append(Span(*tag.span()))
            elif not tag[1]:
                opened.append((tag[2], tag.start()))
            elif opened and opened[-1][0] == tag[2]:
                found.append(Span(opened.pop()[1], tag.end()))
        return found

    @cached_property
    def starts(self) -> list[int]:
        """Where an element may be put: before each start tag."""
        return sorted(span.start for span in self.elements)[1:]

    @cached_property
    def names(self) -> list[bytes]:
        """Ids, tags and names of shapes: what elements refer to."""
        return sorted(set(_ID.findall(self.content)))


def load() -> list[Base]:
    """All bases of this machine, in an order that does not change: a case is its seed and number, and these."""
    found = [Base(name, text.encode()) for name, text in SEEDS.items()]
    if SAMPLES.is_dir():
        paths = sorted(path for path in SAMPLES.rglob("*") if path.suffix.lower() == ".xml")
        big = ("proteus-c01", "dexpi-2.0")
        found += [
            Base(path.relative_to(SAMPLES).as_posix(), path.read_bytes())
            for path in paths
            if path.stat().st_size < SMALL_BYTES or path.parent.name in big
        ]
    found.append(Base(REFERENCE.name, REFERENCE.read_bytes()))
    return found
