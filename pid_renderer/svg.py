"""The whole sheet as SVG: each element's group id is its KKS, each value's text and each liquid can be found by id.

For a page that animates it: `v-<signal KKS>` is the text of a value (attribute `data-look` = good, uncertain, old, bad,
waiting), `liquid-<equipment KKS>` the rectangle of a vessel's contents, clipped to the vessel, full between `data-top`
and `data-top` + `data-height`, `surface-<equipment KKS>` its surface or floating roof; a group's `data-state` (running,
stopped, open, closed …) fills pumps and valves. Alarms, what is off its design and travel: see `svg_marks`, in units of
`data-mm`, the millimetres of a pixel at 100 %.
Colours are CSS custom properties, so a page can give the sheet another theme. No Qt.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final
from xml.sax.saxutils import quoteattr

from contracts.number_text import UNKNOWN, Language
from contracts.sample import now_us
from contracts.signal_list import Signal
from data.reading import Reading
from pid_renderer import ink, svg_equipment, svg_marks
from pid_renderer.binding import LIVE_FAMILIES, Binding
from pid_renderer.drawing import Anchor, Box, Drawing, Element, Point, Primitive, Text
from pid_renderer.heat_state import heat_look, heat_signals
from pid_renderer.ink import Ink
from pid_renderer.live_state import (
    Readings,
    Trust,
    fraction,
    level_look,
    value_look,
)
from pid_renderer.shape import Shape, is_arrow, pointer, roof_parts, shape_of
from pid_renderer.sheet_layers import Layers, layer_of
from pid_renderer.svg_words import CAP_HEIGHT, clean, id_of, number, path
from pid_renderer.value_places import beside
from resources.theme import Theme, tokens
from resources.theme import theme as theme_called

_LOOK: Final[dict[Trust, str]] = {
    "good": "good",
    "uncertain": "uncertain",
    "stale": "old",
    "last known": "bad",
    "bad": "bad",
    "forced": "forced",
}
_TOKENS: Final = (
    "bg.canvas", "bg.surface", "bg.sunken", "line.strong", "text.primary", "text.secondary", "text.tertiary",
    "value.live", "equip.line", "equip.running", "equip.stopped", "equip.body", "equip.liquid", "equip.liquidLine",
    "design.mark", "quality.bad", "quality.badFill", "quality.stale", "quality.uncertain", "quality.forced",
)  # fmt: skip

_ALL: Final = Layers()


def write(
    drawing: Drawing,
    binding: Binding,
    theme: Theme,
    readings: Mapping[str, Reading] | None = None,
    language: Language = "es",
    remark: str = "",
    box: Box | None = None,
    at_us: int | None = None,
    *,
    layers: Layers = _ALL,
) -> str:
    """The sheet, or the part of it in `box` (mm), as an SVG document.

    Without `readings` values are dashes that wait for a page to fill them in.

    `remark` stands in the lower left corner: of which plant and time the values are. `at_us`: ages are those of this
    moment (UTC, µs), now without one. `layers`: as on the canvas, but for the arrows of `flow`.
    """
    return "".join(_Writer(drawing, binding, theme, readings, language, remark, box, at_us, layers).document())


def _css_name(token: str) -> str:
    return "--" + token.replace(".", "-").lower()


class _Writer:
    def __init__(
        self,
        drawing: Drawing,
        binding: Binding,
        theme: Theme,
        readings: Readings | None,
        language: Language,
        remark: str,
        box: Box | None,
        at_us: int | None,
        layers: Layers,
    ) -> None:
        self.drawing, self.binding, self.theme = drawing, binding, theme
        self.readings: Readings = {} if readings is None else readings
        self.is_live = readings is not None
        self.language: Language = language
        self.remark, self.layers = remark, layers
        self.now_us = at_us if at_us is not None else now_us()
        self.box = box or Box(0.0, 0.0, max(drawing.width_mm, 1.0), max(drawing.height_mm, 1.0))
        self.mm = 1.0 / ink.reading_scale(drawing)
        """Millimetres in a pixel at 100 %."""
        self.used: set[str] = set()
        self.clips: list[str] = []
        self.valued: set[str] = set()
        """Signals whose value stands on the sheet."""

    def document(self) -> Iterator[str]:
        left, top, width, height = self.box.left, self.box.top, self.box.width, self.box.height
        lens = ' data-lens="on"' if self.layers.design else ""
        yield '<?xml version="1.0" encoding="UTF-8"?>\n'
        yield (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="pid"{lens} data-mm="{number(self.mm)}" '
            f'width="{number(width)}mm" height="{number(height)}mm" '
            f'viewBox="{number(left)} {number(top)} {number(width)} {number(height)}">\n'
        )
        yield f"<title>{clean(self.drawing.title or self.drawing.source)}</title>\n"
        yield f"<style>{self._style()}</style>\n"
        yield (
            f'<rect class="paper" x="{number(left)}" y="{number(top)}" width="{number(width)}" '
            f'height="{number(height)}"/>\n'
        )
        body = [*self._groups(), *(self._values() if self.layers.values else ())]
        if self.layers.alarms:
            body += svg_marks.equipment(self.drawing, self.binding, self.readings, frozenset(self.valued), self.mm)
        yield f"<defs>{svg_marks.defs()}{''.join(self.clips)}</defs>\n"
        yield from body
        if self.remark:
            size = 12 * self.mm
            yield (
                f'<text class="remark" x="{number(left + size)}" y="{number(self.box.bottom - size)}" '
                f'style="fill:var(--text-primary);font-weight:600;font-size:{number(size)}px">'
                f"{clean(self.remark)}</text>\n"
            )
        yield "</svg>\n"

    def _style(self) -> str:
        other = theme_called("dark" if self.theme.name == "light" else "light")

        def variables(theme: Theme) -> str:
            own = {token: ink.color(theme, token) for token in (*_TOKENS, *svg_marks.TOKENS)}
            own |= {f"service.{name}": service.color for name, service in theme.services.items()}
            own |= {f"liquid.{name}": ink.color(theme, f"liquid.{name}") for name in theme.services}
            named = {_css_name(token): color for token, color in own.items()}
            named |= {f"--{name}": color for name, color in svg_marks.variables(theme).items()}
            return ";".join(f"{name}:{color}" for name, color in named.items())

        kind = tokens()["type"]
        fonts = ",".join(f"'{name}'" for name in (kind["condensed"], kind["family"], *kind["fallback"]))
        width = number(1.8 * self.mm)
        products = "".join(f".pid [data-product={of}]{{fill:var(--liquid-{of})}}" for of in self.theme.services)
        return (
            f".pid{{{variables(self.theme)};font-family:{fonts},sans-serif}}"
            f':root[data-theme="{other.name}"] .pid{{{variables(other)}}}'
            f"@media (prefers-color-scheme:{other.name}){{:root:not([data-theme]) .pid{{{variables(other)}}}}}"
            ".pid .paper{fill:var(--bg-canvas)}"
            f".pid path,.pid line{{fill:none;stroke-width:{width}}}"
            f".pid :is(polygon,circle){{stroke-width:{width}}}"
            ".pid .body{fill:var(--equip-body);stroke:none}"
            ".pid .liquid{fill:var(--equip-liquid)}"
            f"{products}"
            ".pid .surface{fill:var(--equip-liquidline)}.pid .roof{fill:var(--equip-line)}"
            ".pid .liquid[data-look=old]{opacity:.55}"
            ".pid :is(.liquid,.surface,.roof):is([data-look=bad],[data-look=waiting]){opacity:0}"
            ".pid [data-state] .fill{fill:var(--equip-stopped)}"
            ".pid [data-state=running] .fill,.pid [data-state=open] .fill{fill:var(--equip-running)}"
            ".pid [data-state=throttling] .fill,.pid [data-state=travelling] .fill,.pid [data-state=starting] .fill"
            "{fill:var(--bg-sunken)}"
            ".pid [data-state=unknown] .fill{fill:var(--quality-badfill)}"
            ".pid .arrow{fill:none;stroke:var(--text-secondary)}"
            ".pid [data-state=running] .arrow{fill:var(--text-primary);stroke:none}"
            ".pid .design{fill:var(--design-mark)}"
            f"{svg_equipment.STYLE}"
            ".pid .value{fill:var(--value-live);font-weight:600}"
            ".pid .value[data-look=old]{fill:var(--quality-stale);font-style:italic;text-decoration:underline dotted}"
            ".pid .value[data-look=bad],.pid .value[data-look=waiting]{fill:var(--quality-bad);"
            "text-decoration:line-through}"
            ".pid .value[data-look=uncertain]{fill:var(--quality-uncertain);text-decoration:underline dashed}"
            ".pid .value[data-look=forced]{fill:var(--quality-forced);text-decoration:underline}"
            f"{svg_marks.style()}"
        )

    # -- elements --------------------------------------------------------------------------------------------------

    def _code(self, owner: str) -> str:
        """Code of the nearest element upwards that has one; empty for the sheet's own strokes."""
        element = self.drawing.elements.get(owner)
        while element is not None:
            code = self.binding.code_of.get(element.id)
            if code:
                return code
            element = self.drawing.elements.get(element.parent)
        return ""

    def _groups(self) -> Iterator[str]:
        groups: dict[str, list[tuple[Primitive, Ink]]] = {}
        for primitive, stroke in ink.inks(self.drawing):
            if layer_of(primitive, self.drawing) in self.layers.hidden:
                continue
            groups.setdefault(self._code(primitive.owner), []).append((primitive, stroke))
        order = sorted(groups, key=self._rank)
        for code in order:
            yield from self._group(code, groups[code])

    def _rank(self, code: str) -> int:
        """The sheet first, then pipes, vessels, and what stands on them."""
        id_ = self.binding.element_ids.get(code)
        family = self.drawing.elements[id_].family if id_ is not None else "other"
        return 0 if not code else {"pipe": 1, "tank": 2, "vessel": 2, "column": 2, "instrument": 4}.get(family, 3)

    def _group(self, code: str, items: list[tuple[Primitive, Ink]]) -> Iterator[str]:
        id_ = self.binding.element_ids.get(code)
        element = self.drawing.elements[id_] if id_ is not None else None
        state, shape = "", None
        if element is None:
            yield "<g>"
        else:
            state, doubted = svg_equipment.state_of(
                element, code, self.binding, self.readings if self.is_live else None
            )
            off = svg_marks.off_name(self._step(element, code))
            yield (
                f"<g{self._id(code)} data-kks={quoteattr(code)} class={quoteattr(element.family)}"
                + (f' data-state="{state}"' if state else "")
                + (' data-doubt="yes"' if doubted else "")
                + (f' data-off="{off}"' if off else "")
                + ">"
            )
            name = element.text("EquipmentDescription")
            yield f"<title>{clean(f'{code} {name}'.strip())}</title>"
            shape = shape_of(self.drawing, element)
            if shape is not None and code in self.binding.signals_of:
                yield from self._living(element, code, shape)
                if element.family in ("pump", "compressor"):
                    # The pointer stands for the file's arrow, as on the canvas.
                    items = [item for item in items if not is_arrow(item[0], shape)]
            if self.binding.signal(code, "level") is not None:
                hidden = roof_parts(self.drawing, element)
                items = [item for item in items if item[0].owner not in hidden]
        for primitive, stroke in items:
            yield self._primitive(primitive, stroke)
        if element is not None and state and shape is not None:
            if element.family == "valve":
                seen = self.readings if self.is_live else None
                yield svg_marks.travel(self.drawing, element, code, shape, self.binding, seen, self.mm)
            yield svg_equipment.signs(shape, self.mm)
        yield "</g>\n"

    def _step(self, element: Element, code: str) -> int:
        """How far off its design a vessel's level is, or the heat of an exchanger or furnace."""
        if element.family in ("tank", "vessel"):
            return level_look(self.binding.signal(code, "level"), self.readings).deviation_step
        if element.family in svg_equipment.HEAT and code in self.binding.signals_of:
            return heat_look(heat_signals(element, code, self.binding), self.readings).deviation_step
        return 0

    def _id(self, wanted: str) -> str:
        """` id="…"`, once a document; a second element with the same code goes without."""
        name = id_of(wanted)
        if name in self.used:
            return ""
        self.used.add(name)
        return f' id="{name}"'

    def _living(self, element: Element, code: str, shape: Shape) -> Iterator[str]:
        """What lies under the element's own strokes: bodies, contents, fills."""
        match element.family:
            case "column":
                yield self._polygon(shape.silhouette, "body")
                if self.is_live:
                    yield from svg_equipment.column(
                        self.drawing, element, code, shape, self.binding, self.readings, self.mm
                    )
            case "exchanger" | "furnace" if self.is_live:
                yield from svg_equipment.heater(
                    element, code, shape, self.binding, self.readings, self.language, self.mm
                )
            case "agitator":
                yield from svg_equipment.blades(shape)
            case "tank" | "vessel":
                yield self._polygon(shape.silhouette, "body")
                level = self.binding.signal(code, "level")
                if level is not None:
                    yield from self._liquid(code, shape, level)
            case "pump" | "compressor" if shape.circle is not None:
                (x, y), r = shape.circle
                yield f'<circle class="fill" cx="{number(x)}" cy="{number(y)}" r="{number(r)}"/>'
                yield self._polygon(pointer(shape), "arrow")
            case "valve":
                for polygon in shape.polygons:
                    yield self._polygon(polygon, "fill")
            case "instrument" if shape.circle is not None:
                (x, y), r = shape.circle
                yield f'<circle class="body" cx="{number(x)}" cy="{number(y)}" r="{number(r)}"/>'
            case _:
                return

    def _liquid(self, code: str, shape: Shape, signal: Signal) -> Iterator[str]:
        shell, clip = shape.shell, f"in-{id_of(code)}"
        self.clips.append(f'<clipPath id="{clip}">{self._polygon(shape.silhouette, "")}</clipPath>')
        look = level_look(signal, self.readings)
        part = look.level or 0.0
        seen = "waiting" if not self.is_live else _LOOK[look.trust]
        product = ink.product_of(self.drawing, self.drawing.elements[self.binding.element_ids[code]])
        made_of = f' data-product="{product}"' if product else ""
        top = shell.bottom - part * shell.height
        yield (
            f'<g clip-path="url(#{clip})"><rect class="liquid"{self._id(f"liquid-{code}")} data-look="{seen}"{made_of} '
            f'data-top="{number(shell.top)}" data-height="{number(shell.height)}" x="{number(shell.left)}" '
            f'y="{number(top)}" width="{number(shell.width)}" height="{number(part * shell.height)}"/></g>'
        )
        # Surface and roof go with the liquid: `data-above` is how far over it they stand.
        thick = 5 * self.mm if shape.floating_roof else 2 * self.mm
        above = thick if shape.floating_roof else thick / 2
        kind = "roof" if shape.floating_roof else "surface"
        yield (
            f'<g clip-path="url(#{clip})"><rect class="{kind}"{self._id(f"surface-{code}")} data-look="{seen}" '
            f'data-above="{number(above)}" x="{number(shell.left)}" y="{number(top - above)}" '
            f'width="{number(shell.width)}" height="{number(thick)}"/></g>'
        )
        if len(shape.silhouette) == 4:
            yield from self._ticks(shell, signal)

    def _ticks(self, shell: Box, signal: Signal) -> Iterator[str]:
        def height(value: float) -> float:
            return shell.bottom - fraction(signal, value) * shell.height

        if signal.design_min is not None and signal.design_max is not None:
            top, bottom = height(signal.design_max), height(signal.design_min)
            yield (
                f'<rect class="design" x="{number(shell.right - 5.5 * self.mm)}" y="{number(top)}" '
                f'width="{number(3.5 * self.mm)}" height="{number(bottom - top)}"/>'
            )
        for value, length in ((signal.ll, 14), (signal.l, 9), (signal.h, 9), (signal.hh, 14)):
            if value is not None:
                y = number(height(value))
                yield (
                    f'<line style="stroke:var(--equip-line)" x1="{number(shell.right - length * self.mm)}" '
                    f'x2="{number(shell.right)}" y1="{y}" y2="{y}"/>'
                )

    # -- strokes ---------------------------------------------------------------------------------------------------

    @staticmethod
    def _polygon(points: Iterable[Point], kind: str) -> str:
        corners = " ".join(f"{number(x)},{number(y)}" for x, y in points)
        return f'<polygon{f" class={quoteattr(kind)}" if kind else ""} points="{corners}"/>'

    def _primitive(self, primitive: Primitive, stroke: Ink) -> str:
        if isinstance(primitive, Text):
            return self._text(primitive, stroke.token)
        drawn = ink.pipe(self.theme, stroke.pipe_of) if stroke.pipe_of else stroke
        color = f"var({_css_name(drawn.token)})"
        style = f"stroke:{color};stroke-width:{number(drawn.width_px * self.mm)}"
        if primitive.filled:
            style += f";fill:{color}"
        if drawn.dash_px:
            style += f";stroke-dasharray:{' '.join(number(length * self.mm) for length in drawn.dash_px)}"
        return f'<path style="{style}" d="{path(primitive)}"/>'

    def _text(self, text: Text, token: str) -> str:
        if not text.text.strip():
            return ""
        size, lines = text.height_mm, text.text.split("\n")
        step = 1.2 * size
        first = {
            "top": size,
            "center": CAP_HEIGHT / 2 * size - step * (len(lines) - 1) / 2,
            "bottom": -step * (len(lines) - 1),
        }[text.vertical]
        anchor = {"left": "start", "center": "middle", "right": "end"}[text.horizontal]
        x, y = text.at
        turn = f' transform="rotate({number(text.angle_deg)} {number(x)} {number(y)})"' if text.angle_deg else ""
        weight = ";font-weight:600" if token == "text.primary" else ""  # noqa: S105 - a colour token
        rows = "".join(
            f'<tspan x="{number(x)}" y="{number(y + first + row * step)}">{clean(line)}</tspan>'
            for row, line in enumerate(lines)
        )
        return (
            f'<text style="fill:var({_css_name(token)});font-size:{number(size)}px{weight}" '
            f'text-anchor="{anchor}"{turn}>{rows}</text>'
        )

    # -- values ----------------------------------------------------------------------------------------------------

    def _values(self) -> Iterator[str]:
        """A text for each value: in each vessel, at the file's anchors, beside each bubble whose value stands nowhere.

        Where a signal has several, the first, which is the vessel's, has the id; all have its `data-signal`.
        """
        by_kks = {signal.kks: signal for signals in self.binding.signals_of.values() for signal in signals}
        by_kks |= {signal.kks: signal for signal in self.binding.unbound_signals}
        written: list[svg_marks.Written] = []
        texts: list[str] = []
        for signal, box, horizontal, size in sorted(self._places(by_kks), key=lambda place: place[3], reverse=True):
            name = f"v-{id_of(signal.kks)}"
            look = value_look(signal, self.readings, self.language, self.now_us)
            look = look if self.layers.alarms else look._replace(alarm=None)
            text = f"{look.text} {look.unit}".strip() if self.is_live else UNKNOWN
            seen = _LOOK[look.trust] if self.is_live else "waiting"
            x = {"left": box.left, "center": box.centre[0], "right": box.right}[horizontal]
            anchor = {"left": "start", "center": "middle", "right": "end"}[horizontal]
            middle = box.centre[1]
            written.append(svg_marks.Written(signal, text, look if self.is_live else None, (x, middle), anchor, size))
            texts.append(
                f'<text class="value"{self._id(name)} data-signal={quoteattr(signal.kks)} data-look="{seen}" '
                f'x="{number(x)}" y="{number(middle + CAP_HEIGHT / 2 * size)}" text-anchor="{anchor}" '
                f'style="font-size:{number(size)}px">{clean(text)}</text>'
            )
        self.valued.update(each.signal.kks for each in written)
        bubbles = [
            each.box for each in self.drawing.elements.values() if each.family == "instrument" and each.box is not None
        ]
        crowded = svg_marks.crowded(written, bubbles, self.mm, self.box.right)
        marks = [
            svg_marks.value(each, self.mm, self.box.right, is_crowded=tight)
            for each, tight in zip(written, crowded, strict=True)
        ]
        yield from (plate for plate, _, _ in marks)
        yield from (before + text + after for (_, before, after), text in zip(marks, texts, strict=True))

    def _places(self, by_kks: Mapping[str, Signal]) -> Iterator[tuple[Signal, Box, str, float]]:
        kind = tokens()["type"]["px"]
        value_mm, tank_mm = float(kind["value"]) * self.mm, float(kind["valueTank"]) * self.mm
        shown: set[str] = set()
        vessels: set[str] = set()
        anchors = self.drawing.anchors
        elsewhere = {(each.element, each.signal) for each in anchors if each.by_hand in ("moved", "hidden")}
        for code, id_ in self.binding.element_ids.items():
            element = self.drawing.elements[id_]
            level = self.binding.signal(code, "level")
            if element.family in ("tank", "vessel") and level is not None and (id_, level.kks) not in elsewhere:
                shape = shape_of(self.drawing, element)
                if shape is not None:
                    shown.add(level.kks)
                    vessels.add(id_)
                    yield level, self._larger_part(level, shape.shell), "center", tank_mm
        for anchor in anchors:
            code = self.binding.code_of.get(anchor.element, "")
            signal = by_kks.get(anchor.signal) or (None if anchor.signal else self._main(code, anchor))
            if anchor.by_hand:
                if signal is not None and anchor.by_hand != "hidden":
                    shown.update([signal.kks] if anchor.by_hand == "moved" else [])
                    yield signal, anchor.box, anchor.horizontal, value_mm * anchor.size
                continue
            if signal is not None and (anchor.element, signal.kks) in elsewhere:
                continue
            if signal is not None and (signal.kks not in shown or anchor.element not in vessels):
                shown.add(signal.kks)
                yield signal, anchor.box, anchor.horizontal, value_mm
        for code, id_ in self.binding.element_ids.items():
            element, main = self.drawing.elements[id_], self.binding.main(code)
            # A file that keeps room for values says by its silence that none is wanted beside a machine.
            wanted = element.family == "instrument" or (
                element.family in LIVE_FAMILIES and all(each.by_hand for each in anchors)
            )
            if main is not None and (id_, main.kks) in elsewhere:
                continue
            if not wanted or element.box is None or main is None or main.kks in shown or id_ in vessels:
                continue
            own = svg_equipment.says_itself(element, code, self.binding)
            if element.family == "instrument" or (main in self.binding.signals_at.get(code, ()) and not own):
                shown.add(main.kks)
                place = beside(self.drawing, element, svg_equipment.with_bar(element, self.mm))
                yield main, place.box, place.horizontal, value_mm

    def _larger_part(self, signal: Signal, shell: Box) -> Box:
        """Liquid or vapour, whichever has more room for the level's value: it never stands across the surface."""
        level = level_look(signal, self.readings).level
        if level is None:
            return shell
        surface = shell.bottom - level * shell.height
        return shell._replace(top=surface) if level >= 0.5 else shell._replace(bottom=surface)

    def _main(self, code: str, anchor: Anchor) -> Signal | None:
        return self.binding.signal(code, anchor.role) if anchor.role else self.binding.main(code)
