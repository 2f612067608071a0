"""Equipment of an SVG sheet beyond vessels, drives and valves: heat, profiles, and the signs of what is wrong. No Qt.

Heat equipment and columns show what a picture with readings was made with; a page that animates the sheet leaves them
neutral, since their state is computed from several signals.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from contracts.number_text import Language
from pid_renderer.binding import Binding
from pid_renderer.column_state import ColumnLook, PointLook, Profile, column_look, profiles, sump
from pid_renderer.drawing import Box, Drawing, Element, Point
from pid_renderer.heat_state import FULL_SCALE, HeatLook, heat_look, heat_signals, heat_text
from pid_renderer.live_state import Readings, Trust, drive_look, valve_look
from pid_renderer.shape import Shape, body
from pid_renderer.svg_words import clean, id_of, number

HEAT: Final = frozenset({"exchanger", "furnace"})
DRIVES: Final = frozenset({"pump", "compressor", "agitator"})
_INSET: Final = 0.12
_BAR_PX, _GAP_PX, _DOT_PX, _VALUE_PX = 5.0, 3.0, 3.2, 15.0
_LOOK: Final[dict[Trust, str]] = {
    "good": "good", "uncertain": "uncertain", "stale": "old", "last known": "bad", "bad": "bad", "forced": "forced",
}  # fmt: skip

STYLE: Final = (
    ".pid [data-state=working] .fill,.pid [data-state=lifted] .fill{fill:var(--equip-running)}"
    ".pid [data-state=bypassed] path{stroke-dasharray:6 3}"
    ".pid [data-doubt] path{stroke-dasharray:2 2}"
    ".pid .sign{display:none}"
    ".pid [data-state=tripped] .tripped{display:inline;fill:var(--bg-surface)}"
    ".pid [data-state=unknown] .unknown{display:inline;stroke:var(--quality-bad)}"
    ".pid .flame{fill:none;stroke:var(--text-secondary)}"
    ".pid [data-state=working] .flame{fill:var(--text-primary);stroke:none}"
    ".pid .track{fill:var(--bg-sunken);stroke:var(--equip-line)}.pid .share{fill:var(--value-live)}"
    ".pid .profile{fill:none;stroke:var(--value-live)}.pid .asdesigned{fill:none;stroke:var(--design-mark)}"
    ".pid .point{fill:var(--value-live);stroke:var(--value-live)}"
    ".pid .point[data-look=old]{fill:var(--bg-canvas);stroke:var(--quality-stale)}"
)


def state_of(element: Element, code: str, binding: Binding, readings: Readings | None) -> tuple[str, bool]:
    """What a group's `data-state` says, and whether it is in doubt; empty for what has no state of its own."""
    seen = readings or {}
    if code not in binding.signals_of:
        return "", False
    if element.family in DRIVES:
        drive = drive_look(binding, code, seen)
        return drive.state, drive.stale and readings is not None
    if element.family == "valve":
        valve = valve_look(binding, code, seen)
        return valve.state, valve.stale and readings is not None
    if element.family in HEAT and readings is not None:
        heat = heat_look(heat_signals(element, code, binding), readings)
        return heat.state, heat.trust not in ("good", "forced")
    return "", False


def signs(shape: Shape, mm: float) -> str:
    """The ! and the × of a symbol, hidden until its state asks for one."""
    (x, y), size = shape.box.centre, min(shape.box.width, shape.box.height)
    high, half = 0.56 * size, 0.34 * size
    wide, top = 0.2 * high, y - high / 2
    bang = "".join(
        f'<rect x="{number(x - wide / 2)}" y="{number(at)}" width="{number(wide)}" height="{number(tall)}"/>'
        for at, tall in ((top, 0.64 * high), (top + 0.8 * high, 0.2 * high))
    )
    cross = (
        f"M{number(x - half)} {number(y - half)}L{number(x + half)} {number(y + half)}"
        f"M{number(x - half)} {number(y + half)}L{number(x + half)} {number(y - half)}"
    )
    return (
        f'<g class="sign tripped">{bang}</g>'
        f'<path class="sign unknown" style="stroke-width:{number(2 * mm)};stroke-dasharray:none" d="{cross}"/>'
    )


def blades(shape: Shape) -> Iterator[str]:
    """What of an agitator is light when it turns."""
    for corners in shape.polygons or (shape.silhouette,):
        yield polygon(corners, "fill")


def heater(
    element: Element, code: str, shape: Shape, binding: Binding, readings: Readings, language: Language, mm: float
) -> Iterator[str]:
    """Body, flames and bar of an exchanger or furnace, and its duty where it is computed."""
    of = heat_signals(element, code, binding)
    look = heat_look(of, readings)
    if shape.circle is not None:
        (x, y), r = shape.circle
        yield f'<circle class="fill" cx="{number(x)}" cy="{number(y)}" r="{number(r)}"/>'
    else:
        yield polygon(body(shape), "fill")
    if element.family == "furnace":
        yield from _flames(shape)
    computed = None not in (of.flow, of.inlet, of.outlet, of.capacity_j_kg_k)
    if of.design_w and (of.duty is not None or computed):
        yield _bar(shape.box, look, mm)
    if says_itself(element, code, binding):
        text, size = heat_text(of, readings, language), _VALUE_PX * mm
        below = shape.box.bottom + (_GAP_PX + _BAR_PX) * mm + 1.2 * size
        yield (
            f'<text class="value" data-look="{_LOOK[text.trust]}" x="{number(shape.box.centre[0])}" '
            f'y="{number(below)}" text-anchor="middle" style="font-size:{number(size)}px">'
            f"{clean(f'{text.text} {text.unit}'.strip())}</text>"
        )


def says_itself(element: Element, code: str, binding: Binding) -> bool:
    """Whether an exchanger or furnace writes a computed duty, and so no signal's value."""
    if element.family not in HEAT:
        return False
    of = heat_signals(element, code, binding)
    return of.duty is None and of.inlet is not None and of.outlet is not None


def with_bar(element: Element, mm: float) -> Box:
    """Extent of a symbol, with the room of its bar below it where it has one. The element must draw something."""
    assert element.box is not None
    below = (_GAP_PX + _BAR_PX) * mm if element.family in HEAT else 0.0
    return element.box._replace(bottom=element.box.bottom + below)


def _flames(shape: Shape) -> Iterator[str]:
    box = shape.box
    high, wide, foot = 0.2 * box.height, 0.13 * box.width, box.bottom - 0.06 * box.height
    for part in (0.25, 0.5, 0.75):
        x = box.left + part * box.width
        yield (
            f'<path class="flame" d="M{number(x)} {number(foot - high)}'
            f"C{number(x + wide / 2)} {number(foot - 0.55 * high)} {number(x + wide)} {number(foot)} "
            f"{number(x)} {number(foot)}C{number(x - wide)} {number(foot)} {number(x - wide / 2)} "
            f'{number(foot - 0.55 * high)} {number(x)} {number(foot - high)}Z"/>'
        )


def _bar(box: Box, look: HeatLook, mm: float) -> str:
    top, tall = box.bottom + _GAP_PX * mm, _BAR_PX * mm
    part = 0.0 if look.share is None else look.share / FULL_SCALE
    x = box.left + box.width / FULL_SCALE
    return (
        f'<rect class="track" style="stroke-width:{number(mm)}" x="{number(box.left)}" y="{number(top)}" '
        f'width="{number(box.width)}" height="{number(tall)}"/>'
        f'<rect class="share" x="{number(box.left)}" y="{number(top)}" width="{number(part * box.width)}" '
        f'height="{number(tall)}"/>'
        f'<line style="stroke:var(--design-mark)" x1="{number(x)}" x2="{number(x)}" '
        f'y1="{number(top - 2.5 * mm)}" y2="{number(top + tall + 2.5 * mm)}"/>'
    )


def column(
    drawing: Drawing, element: Element, code: str, shape: Shape, binding: Binding, readings: Readings, mm: float
) -> Iterator[str]:
    """Sump and profiles of a column; its body is drawn before."""
    of, level = profiles(drawing, element, code, binding), binding.signal(code, "level")
    look = column_look(of, level, (), readings)
    if level is not None and look.sump.level is not None:
        yield _sump(shape, sump(element, shape.shell, level), look, code)
    for profile, points in zip(of, look.profiles, strict=True):
        yield from _profile(shape.shell, profile, points, mm)


def _sump(shape: Shape, box: Box, look: ColumnLook, code: str) -> str:
    top = box.bottom - (look.sump.level or 0.0) * box.height
    clip = f"sump-{id_of(code)}"
    seen = "old" if look.sump.trust == "stale" else "good"
    return (
        f'<clipPath id="{clip}">{polygon(shape.silhouette, "")}</clipPath><g clip-path="url(#{clip})">'
        f'<rect class="liquid" data-look="{seen}" x="{number(box.left)}" y="{number(top)}" '
        f'width="{number(box.width)}" height="{number(box.bottom - top)}"/></g>'
    )


def _profile(shell: Box, profile: Profile, points: tuple[PointLook, ...], mm: float) -> Iterator[str]:
    def at(part: float, y: float) -> Point:
        return shell.left + (_INSET + part * (1 - 2 * _INSET)) * shell.width, y

    joined = profile.quantity == "temperature"
    if joined and len(profile.design) >= 2:
        line = " ".join(f"{number(x)},{number(y)}" for x, y in (at(*place) for place in profile.design))
        yield (
            f'<polyline class="asdesigned" style="stroke-width:{number(1.6 * mm)};'
            f'stroke-dasharray:{number(5 * mm)} {number(2.5 * mm)}" points="{line}"/>'
        )
    pairs = list(zip(profile.points, points, strict=True))
    for run in _runs([None if look.part is None else at(look.part, point.y_mm) for point, look in pairs]):
        if joined and len(run) >= 2:
            line = " ".join(f"{number(x)},{number(y)}" for x, y in run)
            yield f'<polyline class="profile" style="stroke-width:{number(1.2 * mm)}" points="{line}"/>'
    for point, look in pairs:
        if look.part is not None:
            yield _point(*at(look.part, point.y_mm), _DOT_PX * mm, look.trust, round_=joined)


def _runs(places: Iterable[Point | None]) -> Iterator[list[Point]]:
    """Pieces without a gap."""
    run: list[Point] = []
    for place in places:
        if place is None:
            yield run
            run = []
        else:
            run.append(place)
    yield run


def _point(x: float, y: float, r: float, trust: Trust, *, round_: bool) -> str:
    seen = "good" if trust in ("good", "forced") else "old"
    if round_:
        return f'<circle class="point" data-look="{seen}" cx="{number(x)}" cy="{number(y)}" r="{number(r)}"/>'
    far = 1.3 * r
    corners = ((x, y - far), (x + far, y), (x, y + far), (x - far, y))
    line = " ".join(f"{number(px)},{number(py)}" for px, py in corners)
    return f'<polygon class="point" data-look="{seen}" points="{line}"/>'


def polygon(points: Iterable[Point], kind: str) -> str:
    """A closed outline of class `kind`; empty for none."""
    corners = " ".join(f"{number(x)},{number(y)}" for x, y in points)
    named = f' class="{kind}"' if kind else ""
    return f'<polygon{named} points="{corners}"/>'
