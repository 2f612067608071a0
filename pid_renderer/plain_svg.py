"""The sheet's SVG for any reader: the panel's markup with one theme's colours written out, without CSS or clip paths.

Readers such as QtSvg know neither style sheets with variables nor clipping, and place a `tspan` at the sheet's corner.
Here each element has its own attributes, each line its own text, and what was clipped is cut to its shape. No Qt.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from lxml import etree

from pid_renderer.drawing import Point
from pid_renderer.svg_words import number

Advance = Callable[[str, bool], float]
"""Width of a line in font sizes, by our font; the flag asks for its semibold."""

_NS: Final = "{http://www.w3.org/2000/svg}"
_RULE: Final = re.compile(r"([^{}]+)\{([^{}]*)\}")
_MEDIA: Final = re.compile(r"@media[^{]*\{(?:[^{}]*\{[^{}]*\})*\s*\}")
_COMMA: Final = re.compile(r",(?![^(]*\))")
_SPACE: Final = re.compile(r"\s+(?![^(]*\))")
_PART: Final = re.compile(r":is\(([^)]*)\)|\.([\w-]+)|\[([\w-]+)(?:=([^\]]*))?\]|(\w+)")
_VARIABLE: Final = re.compile(r"var\((--[\w-]+)\)")

_RULED: Final = {"underline": 0.14, "line-through": -0.3}
"""Where the line of an untrusted value is, below the baseline, in font sizes."""
_RULE_WIDTH: Final = 0.07
_DASHES: Final = {"dotted": (0.07, 0.1), "dashed": (0.25, 0.15)}


class _Rule(NamedTuple):
    weight: tuple[int, int]
    """Specificity (CSS Selectors 4, § 17): classes and attributes, then elements."""
    parts: list[str]
    """Compound selectors, outermost first."""
    declared: dict[str, str]


def plain(document: str, advance: Advance) -> str:
    """`document`, as `svg.write` makes it, in the theme it was written for, each text as wide as in our font."""
    root = etree.fromstring(document.encode())
    sheet = root.find(f"{_NS}style")
    rules = _rules(sheet.text or "")
    root.remove(sheet)
    variables: dict[str, str] = {}
    for rule in rules:
        variables |= {name: value for name, value in rule.declared.items() if name.startswith("--")}
    # Rules ask for ancestors' attributes, which stay as they are; inline styles go as they are read.
    for node in list(root.iter(f"{_NS}*")):
        _dress(node, rules, variables)
    for node in list(root.iter(f"{_NS}g")):
        if node.get("clip-path"):
            _cut(root, node)
    for clip in list(root.iter(f"{_NS}clipPath")):
        clip.getparent().remove(clip)
    for node in list(root.iter(f"{_NS}text")):
        _one_a_line(node, advance)
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return written.decode()


def _declared(text: str) -> dict[str, str]:
    pairs = (pair.partition(":") for pair in text.split(";") if pair.strip())
    return {name.strip(): value.strip() for name, _, value in pairs}


def _rules(style: str) -> list[_Rule]:
    """The sheet's own rules, weakest first: those of another theme are left out."""
    found = [
        _Rule(_weight(selector), _SPACE.split(selector), _declared(body))
        for selectors, body in _RULE.findall(_MEDIA.sub("", style))
        for selector in _COMMA.split(selectors.strip())
        if not selector.startswith(":root")
    ]
    return sorted(found, key=lambda rule: rule.weight)


def _weight(selector: str) -> tuple[int, int]:
    classes = elements = 0
    for inner, _class, _attribute, _value, tag in _PART.findall(selector):
        if inner:
            of = max(_weight(each) for each in inner.split(","))
            classes, elements = classes + of[0], elements + of[1]
        elif tag:
            elements += 1
        else:
            classes += 1
    return classes, elements


def _is(node: Any, compound: str) -> bool:
    for inner, class_, attribute, value, tag in _PART.findall(compound):
        if inner:
            if not any(_is(node, each) for each in inner.split(",")):
                return False
        elif class_:
            if class_ not in (node.get("class") or "").split():
                return False
        elif attribute:
            if node.get(attribute) is None or (value and node.get(attribute) != value):
                return False
        elif node.tag != f"{_NS}{tag}":
            return False
    return True


def _meets(node: Any, parts: list[str]) -> bool:
    """Whether the rule is of `node`: its last part is, and its other parts are of ancestors in that order."""
    if not _is(node, parts[-1]):
        return False
    wanted = parts[:-1]
    for above in node.iterancestors():
        if wanted and _is(above, wanted[-1]):
            wanted = wanted[:-1]
    return not wanted


def _dress(node: Any, rules: list[_Rule], variables: Mapping[str, str]) -> None:
    declared: dict[str, str] = {}
    for rule in rules:
        if _meets(node, rule.parts):
            declared |= rule.declared
    declared |= _declared(node.attrib.pop("style", ""))
    if declared.pop("display", "") == "none":
        node.getparent().remove(node)
        return
    for name, value in declared.items():
        if name.startswith("--"):
            continue
        plain_value = _VARIABLE.sub(lambda found: variables[found[1]], value)
        node.set(name, plain_value.removesuffix("px") if name in ("font-size", "stroke-width") else plain_value)


def _points(node: Any) -> list[Point]:
    pairs = (pair.split(",") for pair in node.get("points").split())
    return [(float(x), float(y)) for x, y in pairs]


def _cut(root: Any, group: Any) -> None:
    """Put in the place of a clipped rectangle the polygon that is seen of it."""
    clip = root.xpath("//*[@id=$id]", id=group.get("clip-path")[5:-1])[0]
    rect = group[0]
    left, top, width, height = (float(rect.attrib.pop(name)) for name in ("x", "y", "width", "height"))
    seen = _points(clip[0])
    for axis, limit, sign in ((0, left, 1), (0, left + width, -1), (1, top, 1), (1, top + height, -1)):
        seen = _half(seen, axis, limit, sign)
    if len(seen) < 3:
        group.getparent().remove(group)
        return
    rect.tag = f"{_NS}polygon"
    rect.set("points", " ".join(f"{number(x)},{number(y)}" for x, y in seen))
    group.getparent().replace(group, rect)


def _half(points: list[Point], axis: int, limit: float, sign: int) -> list[Point]:
    """What of a polygon lies beyond `limit` along an axis (Sutherland & Hodgman 1974)."""
    kept: list[Point] = []
    for before, point in zip(points[-1:] + points[:-1], points, strict=True):
        was, now = sign * (before[axis] - limit), sign * (point[axis] - limit)
        if (was < 0) != (now < 0):
            part = was / (was - now)
            kept.append((before[0] + part * (point[0] - before[0]), before[1] + part * (point[1] - before[1])))
        if now >= 0:
            kept.append(point)
    return kept


def _one_a_line(text: Any, advance: Advance) -> None:
    lines = list(text)
    size, strong = float(text.get("font-size")), text.get("font-weight") == "600"
    for line in lines:
        for name, value in text.attrib.items():
            if line.get(name) is None and (name != "id" or line is lines[0]):
                line.set(name, value)
        line.tag, line.tail = text.tag, text.tail if line is lines[-1] else None
        text.addprevious(line)
    if lines:
        text.tail = None
        text.getparent().remove(text)
    for line in lines or [text]:
        written = line.text or ""
        if len(written) > 1:
            line.set("textLength", number(size * advance(written, strong)))
            line.set("lengthAdjust", "spacingAndGlyphs")
        _rule_off(line, size, size * advance(written, strong))


def _rule_off(text: Any, size: float, width: float) -> None:
    """The line under or through an untrusted value as a stroke of its own: many readers draw no `text-decoration`."""
    place, _, dash = text.attrib.pop("text-decoration", "").partition(" ")
    if not place:
        return
    x = float(text.get("x")) - {"start": 0.0, "middle": 0.5, "end": 1.0}[text.get("text-anchor")] * width
    y = float(text.get("y")) + _RULED[place] * size
    line = etree.Element(f"{_NS}path", {"d": f"M{number(x)} {number(y)}h{number(width)}", "stroke": text.get("fill")})
    line.set("stroke-width", number(_RULE_WIDTH * size))
    if dash:
        line.set("stroke-dasharray", " ".join(number(part * size) for part in _DASHES[dash]))
    line.tail, text.tail = text.tail, None
    text.addnext(line)
