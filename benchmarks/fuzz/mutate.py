"""One mutated file from a random generator: the same generator state gives the same bytes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Final, NamedTuple

from benchmarks.fuzz.bases import BIG_SHARE, NEWER_SHARE, Base, Span

MOST_BYTES: Final = 4_000_000
"""A file may grow to this; the readers' own limits on what is larger are tried one by one in their tests."""

HOSTILE: Final[tuple[bytes, ...]] = (
    b"NaN", b"nan", b"inf", b"-Infinity", b"1e308", b"-1e308", b"1e-320", b"1e999", b"0", b"-0", b"-1", b"1e9",
    b"999999999", b"-99999", b"1e5", b"1_000", b"0x10", b"1,5", b"1.2.3", b"9" * 400, b"", b" ", b"x" * 3_000,
    b"10EGB11BB001", b"10EGC11AP001XQ01", b"mm", b"Metre", b"Inch", b"360", b"0.5", b"true", b"None", b"#", b"##",
    b"#T", b"Core/Diagram.Text", b"/", b"[A] [B] [[C]]", b"[" * 40, b"%s%n{0}", b"../../etc/passwd", b"=1+1",
    b"&#10;", b"&#9;&#13;", b"&#x202e;", "ÄЖ中🛢\u200b".encode(), "٣".encode(), b"\xff\xfe", b"\0", b"&nowhere;",
    b"&#0;", b"<", b'"',
    b"Solid", b"RightTop", b"LeftCenter", b"PipingNetworkSegment", b"ValueLabel", b"2 3 4", b"-360", b"1e-9", b"7",
)  # fmt: skip
_ENCODINGS: Final = ("utf-16", "utf-16-le", "utf-8-sig", "utf-32", "latin-1", "cp500", "utf-7")
_DECLARED: Final = (
    b"UTF-16",
    b"ISO-8859-1",
    b"windows-1252",
    b"UTF-32",
    b"EBCDIC-CP-US",
    b"UTF-7",
    b"none",
    b"us-ascii",
)


class Edit(NamedTuple):
    """`base[start:end]` becomes `new`."""

    start: int
    end: int
    new: bytes


class Mutant(NamedTuple):
    """A file to try, and how it came about."""

    content: bytes
    base: str
    ways: tuple[str, ...]


def mutant(random: Random, bases: Sequence[Base]) -> Mutant:
    """One to four edits of a base's structure, or some of its bytes, or both."""
    base = _pick(random, bases)
    edits: list[Edit] = []
    ways: list[str] = []
    if random.random() < 0.85:
        for _ in range(random.choice((1, 1, 1, 2, 2, 3, 4))):
            way = random.choice(_OF_STRUCTURE)
            edits += way(random, base, bases)
            ways.append(way.__name__)
    content = _edited(base.content, edits)
    if not ways or random.random() < 0.12:
        way_of_bytes = random.choice(_OF_BYTES)
        content = way_of_bytes(random, content or b"<", bases)
        ways.append(way_of_bytes.__name__)
    return Mutant(content[:MOST_BYTES], base.name, tuple(ways))


def _pick(random: Random, bases: Sequence[Base]) -> Base:
    big = [base for base in bases if base.big]
    chance = random.random()
    if chance < BIG_SHARE * len(big):
        return big[int(chance / BIG_SHARE)]
    # Nearly all small samples are Proteus XML; the other format's reader is to be tried as well.
    newer = [base for base in bases if not base.big and base.newer]
    if newer and random.random() < NEWER_SHARE:
        return random.choice(newer)
    return random.choice([base for base in bases if not base.big])


def _edited(content: bytes, edits: list[Edit]) -> bytes:
    pieces: list[bytes] = []
    at = 0
    for start, end, new in sorted(edits):
        if start < at:
            continue  # overlaps the edit before
        pieces += [content[at:start], new]
        at = end
    return b"".join([*pieces, content[at:]])


# -- of structure: edits that leave most files well-formed -------------------------------------------------------------


def hostile_values(random: Random, base: Base, _: Sequence[Base]) -> list[Edit]:
    """Attributes and texts that no exporter writes."""
    places = random.choice([spans for spans in (base.values, base.texts) if spans])
    return [Edit(*random.choice(places), random.choice(HOSTILE)) for _ in range(random.choice((1, 1, 2, 5, 20)))]


def every_value_of_a_kind(random: Random, base: Base, _: Sequence[Base]) -> list[Edit]:
    """One attribute, wherever the file has it."""
    name = _name_of(base, random.choice(base.attributes))
    same = [
        (span, value) for span, value in zip(base.attributes, base.values, strict=True) if _name_of(base, span) == name
    ]
    new = random.choice(HOSTILE)
    return [Edit(*value, new) for _, value in same[:200]]


def _name_of(base: Base, attribute: Span) -> bytes:
    return base.content[attribute.start : attribute.end].partition(b"=")[0].strip()


def other_names(random: Random, base: Base, _: Sequence[Base]) -> list[Edit]:
    """Ids and references exchanged: doubles, references to nothing, to itself, in circles."""
    names = base.names or [b"T"]
    count = random.choice((1, 2, 5, 30))
    places = [span for span in base.values if base.content[span.start : span.end].lstrip(b"#") in set(names)]
    edits = []
    for span in random.choices(places or base.values, k=count):
        mark = b"#" if base.content[span.start : span.start + 1] == b"#" else b""
        edits.append(Edit(*span, mark + random.choice(names)))
    return edits


def attributes_gone(random: Random, base: Base, _: Sequence[Base]) -> list[Edit]:
    """Attributes left out."""
    return [Edit(*span, b"") for span in random.choices(base.attributes, k=random.choice((1, 3, 10)))]


def elements_gone(random: Random, base: Base, _: Sequence[Base]) -> list[Edit]:
    """Elements left out."""
    return [Edit(*span, b"") for span in random.choices(base.elements, k=random.choice((1, 1, 3, 10)))]


def elements_again(random: Random, base: Base, _: Sequence[Base]) -> list[Edit]:
    """An element two to many times."""
    span = random.choice(base.elements)
    piece = base.content[span.start : span.end]
    times = min(random.choice((1, 2, 10, 300)), max(1, 200_000 // len(piece)))
    return [Edit(span.end, span.end, piece * times)]


def elements_moved(random: Random, base: Base, _: Sequence[Base]) -> list[Edit]:
    """An element somewhere else."""
    span, place = random.choice(base.elements), random.choice(base.starts or [0])
    if span.start <= place < span.end:
        return []
    return [Edit(*span, b""), Edit(place, place, base.content[span.start : span.end])]


def elements_nested(random: Random, base: Base, _: Sequence[Base]) -> list[Edit]:
    """An element within itself, once or as deep as a stack."""
    span = random.choice(base.elements)
    piece = base.content[span.start : span.end]
    end = piece.rfind(b"</")
    if end < 0 or len(piece) > 20_000:
        return []
    depth = random.choice((1, 2, 5, 40, 300))
    depth = min(depth, max(1, 300_000 // len(piece)))
    return [Edit(*span, piece[:end] * depth + piece + piece[end:] * depth)]


def elements_of_another(random: Random, base: Base, bases: Sequence[Base]) -> list[Edit]:
    """An element of another file, of the other format too."""
    other = random.choice([each for each in bases if not each.big])
    span = random.choice(other.elements)
    place = random.choice(base.starts or [0])
    return [Edit(place, place, other.content[span.start : span.end])]


def elements_renamed(random: Random, base: Base, _: Sequence[Base]) -> list[Edit]:
    """An element under another one's name."""
    span, other = random.choice(base.elements), random.choice(base.elements)
    piece = base.content[span.start : span.end]
    old, new = _tag(piece), _tag(base.content[other.start : other.end])
    if not old or not new or len(piece) > 50_000:
        return []
    renamed = b"<" + new + piece[1 + len(old) :]
    if piece.endswith(b"</" + old + b">"):
        renamed = renamed[: -len(old) - 1] + new + b">"
    return [Edit(*span, renamed)]


def _tag(piece: bytes) -> bytes:
    return piece[1:].split(b">", 1)[0].split(None, 1)[0].rstrip(b"/") if piece[1:2].isalpha() else b""


def namespaces(random: Random, base: Base, _: Sequence[Base]) -> list[Edit]:
    """A default namespace, or a prefix that was never declared."""
    span = base.elements[-1] if random.random() < 0.5 else random.choice(base.elements)
    tag = _tag(base.content[span.start : span.end])
    place = span.start + 1 + len(tag)
    return [
        Edit(place, place, random.choice((b' xmlns="http://www.dexpi.org/x"', b' xmlns:a="b" a:ID="c"', b' a:b="c"')))
    ]


_OF_STRUCTURE: Final[tuple[Callable[[Random, Base, Sequence[Base]], list[Edit]], ...]] = (
    hostile_values, hostile_values, hostile_values, every_value_of_a_kind, other_names, other_names, attributes_gone,
    elements_gone, elements_again, elements_moved, elements_nested, elements_of_another, elements_renamed, namespaces,
)  # fmt: skip


# -- of bytes: most of them end as not well-formed ---------------------------------------------------------------------


def bytes_flipped(random: Random, content: bytes, __: Sequence[Base]) -> bytes:
    """A few bytes changed."""
    changed = bytearray(content)
    for _ in range(random.choice((1, 1, 3, 20))):
        changed[random.randrange(len(changed))] = random.randrange(256)
    return bytes(changed)


def digits_changed(random: Random, content: bytes, __: Sequence[Base]) -> bytes:
    """Digits changed: the file stays well-formed and says something else."""
    changed = bytearray(content)
    for _ in range(200):
        place = random.randrange(len(changed))
        if 48 <= changed[place] <= 57:
            changed[place] = random.choice(b"0123456789.-e")
    return bytes(changed)


def truncated(random: Random, content: bytes, _: Sequence[Base]) -> bytes:
    """The end is missing."""
    return content[: random.randrange(len(content))]


def chunk_gone(random: Random, content: bytes, _: Sequence[Base]) -> bytes:
    """A piece is missing."""
    start = random.randrange(len(content))
    return content[:start] + content[start + random.randrange(2_000) :]


def chunk_of_another(random: Random, content: bytes, bases: Sequence[Base]) -> bytes:
    """A piece of another file."""
    other = random.choice([each for each in bases if not each.big]).content
    start, place = random.randrange(len(other)), random.randrange(len(content))
    return content[:place] + other[start : start + random.randrange(3_000)] + content[place:]


def declarations(random: Random, content: bytes, _: Sequence[Base]) -> bytes:
    """Entities, external and growing, and what else may stand before the root."""
    head = random.choice(
        (
            b'<!DOCTYPE PlantModel [<!ENTITY a "b">]>',
            b'<!DOCTYPE x SYSTEM "file:///etc/passwd">',
            b'<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x"> %p;]>',
            b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;">]>',
            b"<?xml-stylesheet href='x'?>",
            b"<!-- " + b"-" * random.randrange(50) + b" -->",
        )
    )
    end = content.find(b"?>") + 2 if content.startswith(b"<?xml") else 0
    return content[:end] + head + content[end:]


def encoded_otherwise(random: Random, content: bytes, _: Sequence[Base]) -> bytes:
    """Another encoding than the file says, or says another than it has."""
    if random.random() < 0.5:
        start, end = content.find(b'encoding="'), content.find(b'"?>')
        if 0 <= start < end:
            return content[: start + 10] + random.choice(_DECLARED) + content[end:]
        return b'<?xml version="1.0" encoding="' + random.choice(_DECLARED) + b'"?>' + content
    return content.decode("utf-8", "replace").encode(random.choice(_ENCODINGS), "replace")


def noise(random: Random, _: bytes, __: Sequence[Base]) -> bytes:
    """No drawing at all."""
    return random.randbytes(random.randrange(2_000))


_OF_BYTES: Final[tuple[Callable[[Random, bytes, Sequence[Base]], bytes], ...]] = (
    bytes_flipped, bytes_flipped, digits_changed, digits_changed, digits_changed, truncated, chunk_gone,
    chunk_of_another, declarations, encoded_otherwise, noise,
)  # fmt: skip
