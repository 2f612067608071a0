"""Open an XML file without trusting it: no entities, no network, bounded size, depth and number of elements.

Namespaces are dropped: some exporters set one, most set none.
"""

from __future__ import annotations

import re
import stat
from pathlib import Path
from typing import Any, Final

from lxml import etree

from pid_renderer.drawing import BadDrawing

MAX_BYTES: Final = 64 * 1024 * 1024
"""The largest public sheet is 1.5 MB; sixty-four is no drawing."""

MAX_DEPTH: Final = 64
MAX_NODES: Final = 1_000_000
MAX_ATTRIBUTES: Final = 2_500_000
"""A parsed element or attribute takes some 200 bytes: counted before they are parsed, since memory would not wait."""

_ENCODINGS: Final = frozenset(
    {"utf-8", "utf8", "utf-16", "utf-16le", "utf-16be", "us-ascii", "ascii", "iso-8859-1", "iso-8859-15", "latin1"}
    | {"windows-1252", "windows-1250", "cp1252"}
)
_MARKS: Final = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_FOREIGN: Final = (
    # First bytes as in each format's own specification.
    (b"\x89PNG", "a PNG picture"), (b"\xff\xd8\xff", "a JPEG picture"), (b"GIF8", "a GIF picture"),
    (b"PK\x03\x04", "a ZIP archive (or an Office file)"), (b"PK\x05\x06", "an empty ZIP archive"),
    (b"\x1f\x8b", "a GZIP archive"), (b"7z\xbc\xaf\x27\x1c", "a 7z archive"), (b"%PDF", "a PDF"),
    (b"AC10", "an AutoCAD drawing (DWG)"), (b"\xd0\xcf\x11\xe0", "an old Office file"), (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
)  # fmt: skip


def load(path: Path) -> Any:
    """The root element of the file at `path`. Raises `BadDrawing` naming file, line and cause."""
    return parse(content_of(path), str(path))


def content_of(path: Path) -> bytes:
    """The bytes of a drawing's file. Raises `BadDrawing` for one that cannot be read or is larger than any sheet."""
    try:
        state = path.stat()
        if not stat.S_ISREG(state.st_mode):  # a pipe or device may keep whoever opens it waiting for ever
            raise BadDrawing(f"{path}: is no file but a folder, pipe or device; name the drawing's file")
        size = state.st_size
        if size > MAX_BYTES:
            raise BadDrawing(f"{path}: {size / 1e6:.0f} MB is more than the {MAX_BYTES / 1e6:.0f} MB a sheet may have")
        with path.open("rb") as file:
            content = file.read(MAX_BYTES)
    except OSError as error:
        raise BadDrawing(f"{path}: cannot be read: {error.strerror}") from error
    return content


def parse(content: bytes, name: str) -> Any:
    """The root element of `content`; `name` is how messages call it. Raises `BadDrawing`."""
    _refuse_other_kinds(content, name)
    _refuse_declarations(content, name)
    _refuse_crowds(content, name)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        cause = re.sub(r"\s*, line \d+, column \d+$", "", error.msg or "")
        where = f"line {error.lineno or 1}"
        raise BadDrawing(f"{name}, {where}: not well-formed XML: {' '.join(cause.split())[:200]}") from error
    except ValueError as error:
        raise BadDrawing(f"{name}, line 1: {error}") from error
    if root.getroottree().docinfo.internalDTD is not None:  # in an encoding in which the search above cannot see it
        raise BadDrawing(f"{name}, line 1: DOCTYPE declarations are not accepted in a drawing")
    _refuse_depth(root, name)
    return root


def _refuse_other_kinds(content: bytes, name: str) -> None:
    if not content.strip():
        raise BadDrawing(f"{name}, line 1: the file is empty")
    for first, what in _FOREIGN:
        if content.startswith(first):
            raise BadDrawing(f"{name}, line 1: this is {what}, not a P&ID in XML")
    head = content[:1024].lower()
    if b"<!doctype html" in head or b"<html" in head:
        raise BadDrawing(f"{name}, line 1: this is a web page (HTML), not a P&ID in XML")
    for mark in _MARKS:
        content = content.removeprefix(mark)
    # The parser also detects encodings that hide declarations from us (EBCDIC); XML for us begins with a plain <.
    if not content[:1024].lstrip(b"\0 \t\r\n").startswith(b"<"):
        raise BadDrawing(f"{name}, line 1: this is no XML: it does not begin with <")


def _refuse_declarations(content: bytes, name: str) -> None:
    """Entities in attributes are expanded by the parser whatever its options say, so none may be declared at all."""
    head = content[:4096].replace(b"\0", b"")
    for mark in _MARKS:
        head = head.removeprefix(mark)
    head = head[: head.find(b"?>") + 1] if head.lstrip().startswith(b"<?xml") else b""
    if b"encoding" in head:
        found = re.search(rb"encoding\s*=\s*[\"']([A-Za-z0-9._-]+)", head)
        encoding = found[1].decode().lower() if found else "?"
        if encoding not in _ENCODINGS:
            raise BadDrawing(f"{name}, line 1: encoding {encoding[:40]} is not read; save the file as UTF-8")
    two_bytes = content[:2] in _MARKS or b"\0" in content[:4]
    plain = content.replace(b"\0", b"") if two_bytes else content
    for mark in (b"<!ENTITY", b"<!DOCTYPE"):
        place = plain.find(mark)
        if place >= 0:
            line = plain.count(b"\n", 0, place) + 1
            raise BadDrawing(f"{name}, line {line}: {mark[2:].decode()} declarations are not accepted in a drawing")


def _refuse_crowds(content: bytes, name: str) -> None:
    # Each element costs one or two <, each attribute one =; text that holds some more changes nothing at these sizes.
    for sign, most, what in ((b"<", 2 * MAX_NODES, "elements"), (b"=", MAX_ATTRIBUTES, "attributes")):
        if content.count(sign) > most:
            limit = MAX_NODES if sign == b"<" else most
            raise BadDrawing(f"{name}, line 1: more than {limit} {what}")


def _refuse_depth(root: Any, name: str) -> None:
    depth = 0
    for event, node in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > MAX_DEPTH:
            raise BadDrawing(f"{name}, line {node.sourceline}: elements nest deeper than {MAX_DEPTH} levels")
        if event == "start" and node.tag[0] == "{":
            node.tag = etree.QName(node).localname
