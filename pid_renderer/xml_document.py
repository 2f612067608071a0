"""Open an XML file without trusting it: no entities, no network, bounded size and depth. Namespaces are dropped."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

from lxml import etree

from pid_renderer.drawing import BadDrawing

MAX_BYTES: Final = 100 * 1024 * 1024
"""The largest public sheet is 1.5 MB; a hundred is no drawing."""

MAX_DEPTH: Final = 64
MAX_NODES: Final = 3_000_000

_ENCODINGS: Final = frozenset(
    {"utf-8", "utf8", "utf-16", "us-ascii", "ascii", "iso-8859-1", "iso-8859-15", "windows-1252", "windows-1250"}
)


def load(path: Path) -> Any:
    """The root element of the file at `path`. Raises `BadDrawing` naming file, line and cause."""
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise BadDrawing(f"{path}: {size / 1e6:.0f} MB is more than the {MAX_BYTES / 1e6:.0f} MB a sheet may have")
        return parse(path.read_bytes(), str(path))
    except OSError as error:
        raise BadDrawing(f"{path}: cannot be read: {error.strerror}") from error


def parse(content: bytes, name: str) -> Any:
    """The root element of `content`; `name` is how messages call it. Raises `BadDrawing`."""
    _refuse_declarations(content, name)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise BadDrawing(f"{name}, line {error.lineno or 1}: not well-formed XML: {error.msg}") from error
    except ValueError as error:
        raise BadDrawing(f"{name}, line 1: {error}") from error
    if root.getroottree().docinfo.internalDTD is not None:  # in an encoding in which the search above cannot see it
        raise BadDrawing(f"{name}, line 1: DOCTYPE declarations are not accepted in a drawing")
    _check(root, name)
    return root


def _refuse_declarations(content: bytes, name: str) -> None:
    """Entities in attributes are expanded by the parser whatever its options say, so none may be declared at all."""
    head = re.match(
        rb"\s*<\?xml[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9._-]+)",
        content[3:] if content[:3] == b"\xef\xbb\xbf" else content,
    )
    encoding = head[1].decode().lower() if head else "utf-8"
    if encoding not in _ENCODINGS:
        raise BadDrawing(f"{name}, line 1: encoding {encoding} is not read; save the file as UTF-8")
    plain = (
        content.replace(b"\0", b"") if content[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in content[:4] else content
    )
    for mark in (b"<!ENTITY", b"<!DOCTYPE"):
        place = plain.find(mark)
        if place >= 0:
            line = plain.count(b"\n", 0, place) + 1
            raise BadDrawing(f"{name}, line {line}: {mark[2:].decode()} declarations are not accepted in a drawing")


def _check(root: Any, name: str) -> None:
    """Refuse what nests too deep or holds too much, and drop namespaces: some exporters set one, most set none."""
    depth = nodes = 0
    for event, node in etree.iterwalk(root, events=("start", "end")):
        if event == "end":
            depth -= 1
            continue
        depth += 1
        nodes += 1
        if depth > MAX_DEPTH:
            raise BadDrawing(f"{name}, line {node.sourceline}: elements nest deeper than {MAX_DEPTH} levels")
        if nodes > MAX_NODES:
            raise BadDrawing(f"{name}, line {node.sourceline}: more than {MAX_NODES} elements")
        if node.tag[0] == "{":
            node.tag = etree.QName(node).localname
