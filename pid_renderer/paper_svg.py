"""The printed sheet as SVG: black on white, a group for each element, named by its KKS. No Qt.

An element without a KKS has a group too, with what the file calls it in `data-tag` and `data-class`.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.sax.saxutils import quoteattr

from pid_renderer import paper
from pid_renderer.binding import Binding
from pid_renderer.drawing import Box, Drawing, Element, Primitive, Text
from pid_renderer.paper import PaperInk
from pid_renderer.svg_words import CAP_HEIGHT, clean, id_of, number, path
from resources.theme import tokens

_LINE = 1.2
"""Distance of lines in font sizes."""


def write(drawing: Drawing, binding: Binding | None = None, box: Box | None = None) -> str:
    """The sheet, or the part of it in `box` (mm), as an SVG document of that size in millimetres."""
    return "".join(_document(drawing, binding, box or Box(0.0, 0.0, drawing.width_mm, drawing.height_mm)))


def _document(drawing: Drawing, binding: Binding | None, box: Box) -> Iterator[str]:
    width, height = max(box.width, 1.0), max(box.height, 1.0)
    kind = tokens()["type"]
    fonts = ",".join(f"'{family}'" for family in (kind["family"], *kind["fallback"]))
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="pid paper" width="{number(width)}mm" '
        f'height="{number(height)}mm" viewBox="{number(box.left)} {number(box.top)} {number(width)} {number(height)}" '
        f'fill="none" stroke-linecap="round" font-family="{fonts},sans-serif">\n'
    )
    yield f"<title>{clean(drawing.title or drawing.source)}</title>\n"
    yield (
        '<defs><pattern id="hatch" width="1.5" height="1.5" patternUnits="userSpaceOnUse" '
        f'patternTransform="rotate(45)"><path stroke="{paper.INK}" stroke-width="0.13" d="M0 0V1.5"/></pattern></defs>'
        "\n"
        f'<rect x="{number(box.left)}" y="{number(box.top)}" width="{number(width)}" height="{number(height)}" '
        f'fill="{paper.GROUND}"/>\n'
    )
    codes = {} if binding is None else binding.code_of
    used: set[str] = set()
    owner: str | None = None
    for primitive, ink in paper.inks(drawing):
        if primitive.owner != owner:
            if owner is not None:
                yield "</g>\n"
            owner = primitive.owner
            yield _group(drawing, owner, codes.get(owner, ""), used)
        yield _text(primitive, ink) if isinstance(primitive, Text) else _stroke(primitive, ink)
    yield "</g>\n</svg>\n" if owner is not None else "</svg>\n"


def _group(drawing: Drawing, owner: str, bound: str, used: set[str]) -> str:
    """Groups keep the painting order, so an element may have several; its first has the id."""
    element: Element | None = drawing.elements.get(owner)
    code = bound or (element.kks if element is not None else "")
    if element is None:
        return "<g>"
    marks = f" data-kks={quoteattr(code)}" if code else ""
    if code and id_of(code) not in used and element.family != "label":
        used.add(id_of(code))
        marks += f' id="{id_of(code)}"'
    if element.tag and element.tag != code:
        marks += f" data-tag={quoteattr(clean(element.tag))}"
    if element.component_class:
        marks += f" data-class={quoteattr(clean(element.component_class))}"
    return f"<g{marks}>"


def _stroke(item: Primitive, ink: PaperInk) -> str:
    fill = f' fill="{ink.fill}"' if ink.fill else ' fill="url(#hatch)"' if ink.hatched else ""
    dash = ""
    if ink.dash_mm:
        dash = f' stroke-linecap="butt" stroke-dasharray="{" ".join(number(length) for length in ink.dash_mm)}"'
    return f'<path stroke="{ink.color}" stroke-width="{number(ink.width_mm)}"{fill}{dash} d="{path(item)}"/>'


def _text(text: Text, ink: PaperInk) -> str:
    size, lines = text.height_mm, text.text.split("\n")
    step = _LINE * size
    first = {
        "top": size,
        "center": CAP_HEIGHT / 2 * size - step * (len(lines) - 1) / 2,
        "bottom": -step * (len(lines) - 1),
    }[text.vertical]
    anchor = {"left": "start", "center": "middle", "right": "end"}[text.horizontal]
    x, y = text.at
    turn = f' transform="rotate({number(text.angle_deg)} {number(x)} {number(y)})"' if text.angle_deg else ""
    longest = max(lines, key=len)
    rows = []
    for row, line in enumerate(lines):
        room = ""
        if text.width_mm and line == longest and len(line) > 1:
            room = f' textLength="{number(text.width_mm)}" lengthAdjust="spacingAndGlyphs"'
        rows.append(f'<tspan x="{number(x)}" y="{number(y + first + row * step)}"{room}>{clean(line)}</tspan>')
    return f'<text fill="{ink.color}" font-size="{number(size)}" text-anchor="{anchor}"{turn}>{"".join(rows)}</text>'
