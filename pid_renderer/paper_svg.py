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
from pid_renderer.plain_svg import Advance
from pid_renderer.svg_words import CAP_HEIGHT, clean, id_of, number, path
from resources.theme import tokens

_LINE = 1.2
"""Distance of lines in font sizes."""


def write(
    drawing: Drawing, binding: Binding | None = None, box: Box | None = None, advance: Advance | None = None
) -> str:
    """The sheet, or the part of it in `box` (mm), as an SVG document of that size in millimetres.

    `advance`: widths of our font, which hold those of texts whose width the file does not state.
    """
    return "".join(_document(drawing, binding, box or Box(0.0, 0.0, drawing.width_mm, drawing.height_mm), advance))


def _document(drawing: Drawing, binding: Binding | None, box: Box, advance: Advance | None) -> Iterator[str]:
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
        yield _text(primitive, ink, advance) if isinstance(primitive, Text) else _stroke(primitive, ink)
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


def _text(text: Text, ink: PaperInk, advance: Advance | None) -> str:
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
    natural = {line: advance(line, False) * size * paper.breadth(text) for line in lines} if advance else {}
    written = []
    for row, line in enumerate(lines):
        stated = text.width_mm if line == longest else 0.0
        known = natural.get(line, 0.0)
        # As on the printed sheet: beyond half or double our font's width, the file's is not believed.
        width = stated if stated and (not known or 0.5 <= stated / known <= 2.0) else known
        room = f' textLength="{number(width)}" lengthAdjust="spacingAndGlyphs"' if width and len(line) > 1 else ""
        written.append(
            f'<text x="{number(x)}" y="{number(y + first + row * step)}" fill="{ink.color}" font-size="{number(size)}" '
            f'text-anchor="{anchor}"{turn}{room}>{clean(line)}</text>'
        )
    return "".join(written)
