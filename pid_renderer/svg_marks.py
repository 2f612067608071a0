"""Marks of what is not normal on an SVG sheet: alarm badges, boxes round values, the design lens, travel bars. No Qt.

Each mark stands hidden in a group of class `says` (the box of a value in one of class `boxed`, before every text) until
the group's attributes ask for it: `data-alarm` (a state of `AlarmMark`, blanks as `-`) with `data-priority` (p1 … p4),
and `data-off` (under3 … over3, see `analysis.deviation`), which shows where the sheet's own `data-lens` is set. A page
sets them as the desktop does. Outlines of badges are in the sheet's `defs`, as `badge-p1` … `badge-p4`, of half size 1.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple
from xml.sax.saxutils import quoteattr

import numpy as np

from contracts.signal_list import Signal
from data.reading import AlarmMark
from pid_renderer.binding import Binding
from pid_renderer.box_pairs import Grid
from pid_renderer.drawing import Box, Drawing, Element, Point
from pid_renderer.free_room import around, room_of
from pid_renderer.ink import mixed
from pid_renderer.live_state import Readings, ValueLook, valve_look, worst_alarm
from pid_renderer.shape import Shape, parts
from pid_renderer.svg_words import clean, number
from pid_renderer.travel import bar_box, upright
from resources.theme import Theme, tokens

PRIORITIES: Final = (1, 2, 3, 4)
_HALF_PX: Final = float(tokens()["symbol"]["badgeHalf"])
_RING: Final = 1.62
_TUCKED: Final = 0.5
_DIGIT: Final = 0.6
"""Of the font size: a figure of IBM Plex Sans."""
_PAD_PX, _PLATE = 5.0, 1.5
"""Beside a value in its box; height of the box in font sizes."""
_PERCENT_PX: Final = 11.0
_MOST_PERCENT: Final = "+100 %"
_TINT: Final = 0.36
_TICK_PX: Final = 2.4
_LETTERS: Final = {"shelved": "A", "suppressed": "D", "out of service": "S"}
_CORNERS: Final[dict[str, tuple[Point, ...]]] = {
    "square": ((-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)),
    "triangle-up": ((0, -1.15), (1.15, 0.9), (-1.15, 0.9)),
    "triangle-down": ((-1.15, -0.9), (1.15, -0.9), (0, 1.15)),
    "diamond": ((0, -1.15), (1.15, 0), (0, 1.15), (-1.15, 0)),
}
_NAMES: Final = {step: f"{'over' if step > 0 else 'under'}{abs(step)}" for step in (-3, -2, -1, 1, 2, 3)}
_LIMITED: Final = ("unacknowledged", "acknowledged", "returned")

TOKENS: Final = (
    *(f"alarm.p{n}{part}" for n in PRIORITIES for part in ("", "Text", "Soft")),
    "hand.setpoint",
)  # fmt: skip


def off_name(step: int) -> str:
    """The word of `data-off` for a step of the deviation scale; empty for none."""
    return _NAMES.get(step, "")


def variables(theme: Theme) -> dict[str, str]:
    """Colours that a theme has by rule, not as tokens."""
    found = {}
    for n in PRIORITIES:
        plain = theme[f"alarm.p{n}"]
        found[f"plate-edge-p{n}"] = theme["alarm.p3Outline"] if n == 3 else plain
        found[f"badge-edge-p{n}"] = theme["alarm.badgeInk"] if theme.name == "light" and n in (2, 3) else plain
    for step in theme.deviation:
        if step.step:
            found[f"off-{_NAMES[step.step]}"] = step.fill
            found[f"off-{_NAMES[step.step]}-ink"] = step.text
            found[f"tint-{_NAMES[step.step]}"] = mixed(step.fill, theme["equip.body"], _TINT)
    return found


def style() -> str:
    """The rules that show the marks, weakest first."""
    rules = [
        ".pid :is(.badge,.plate,.ring,.off,.travel){display:none}",
        ".pid [data-alarm] .badge{display:inline}",
        *(f".pid [data-alarm={state}] .plate{{display:inline;fill:none}}" for state in _LIMITED),
        ".pid [data-alarm=returned] .plate{stroke-dasharray:1.5 1}",
        ".pid [data-alarm=unacknowledged] .ring{display:inline}",
    ]
    for n in PRIORITIES:
        of = f".pid [data-priority=p{n}]"
        rules += [
            f"{of} .plate{{stroke:var(--plate-edge-p{n})}}",
            f"{of} .ring{{stroke:var(--alarm-p{n})}}",
            f"{of} .mark{{fill:var(--alarm-p{n});stroke:var(--badge-edge-p{n})}}",
            f"{of} .numeral{{fill:var(--alarm-p{n}text)}}",
            f"{of}[data-alarm=unacknowledged] .plate{{fill:var(--alarm-p{n}soft)}}",
            f"{of}[data-alarm=returned] .mark{{fill:var(--bg-surface);stroke:var(--plate-edge-p{n})}}",
            f"{of}[data-alarm=returned] .numeral{{fill:var(--text-primary)}}",
        ]
        for state in _LETTERS:
            rules += [
                f"{of}[data-alarm={_word(state)}] .mark{{fill:var(--bg-surface);stroke:var(--line-strong)}}",
                f"{of}[data-alarm={_word(state)}] .numeral{{fill:var(--text-tertiary)}}",
            ]
    for name in _NAMES.values():
        of = f".pid[data-lens] [data-off={name}]"
        rules += [
            f"{of} .plate{{display:inline;fill:var(--off-{name})}}",
            f"{of} .off{{display:inline;fill:var(--off-{name}-ink)}}",
            f"{of} .value{{fill:var(--off-{name}-ink)}}",
            f"{of} .body,{of} .fill{{fill:var(--tint-{name});stroke:var(--off-{name})}}",
        ]
    rules += [
        ".pid .travel[data-look]{display:inline}",
        ".pid .travel .told{fill:var(--hand-setpoint);stroke:none}",
        ".pid .travel[data-look=old] .share{fill:none;stroke:var(--quality-stale);stroke-dasharray:.5 .5}",
    ]
    return "".join(rules)


def defs() -> str:
    """The outlines of the badges, for a page that changes them."""
    return "".join(f'<path id="badge-p{n}" d="{_outline(n, 1.0)}"/>' for n in PRIORITIES)


def _word(state: str) -> str:
    return state.replace(" ", "-")


def _outline(priority: int, half: float) -> str:
    corners = _CORNERS[tokens()["alarmShape"][f"p{priority}"]]
    return "M" + "L".join(f"{number(x * half)} {number(y * half)}" for x, y in corners) + "Z"


def _says(mark: AlarmMark | None, step: int) -> str:
    alarm = "" if mark is None else f' data-priority="p{mark.priority}" data-alarm="{_word(mark.state)}"'
    off = off_name(step)
    return alarm + (f' data-off="{off}"' if off else "")


def _badge(at: Point, mark: AlarmMark | None, mm: float) -> str:
    """A badge round a point (mm); of priority 1 where a page is to say which."""
    priority = 1 if mark is None else mark.priority
    letter = str(priority) if mark is None else _LETTERS.get(mark.state, str(priority))
    kind = tokens()["alarmShape"][f"p{priority}"]
    drop = {"triangle-up": 0.28, "triangle-down": -0.2}.get(kind, 0.0) * _HALF_PX
    size = 1.3 * _HALF_PX
    return (
        f'<g class="badge" transform="translate({number(at[0])} {number(at[1])}) scale({number(mm)})">'
        f'<path class="ring" style="stroke-width:2" d="{_outline(priority, _RING * _HALF_PX)}"/>'
        f'<path class="mark" style="stroke-width:1.2" d="{_outline(priority, _HALF_PX)}"/>'
        f'<text class="numeral" x="0" y="{number(0.35 * size + drop)}" text-anchor="middle" '
        f'style="font-size:{number(size)}px;font-weight:600">{letter}</text></g>'
    )


class Written(NamedTuple):
    """A value as it stands on the sheet, mm."""

    signal: Signal
    text: str
    look: ValueLook | None
    """None on a sheet that waits for a page."""
    at: Point
    """On its middle line."""
    anchor: str
    size: float

    @property
    def box(self) -> Box:
        """What its text takes."""
        wide, half = _DIGIT * self.size * len(self.text), 0.4 * self.size
        left = self.at[0] - {"start": 0.0, "middle": 0.5, "end": 1.0}[self.anchor] * wide
        return Box(left, self.at[1] - half, left + wide, self.at[1] + half)

    def is_below(self, mm: float, edge: float) -> bool:
        """Whether its percent stands below: inside a vessel there is room, as where the sheet ends."""
        return self.anchor == "middle" or self.box.right + _beside(_MOST_PERCENT, mm) > edge

    def percent_box(self, mm: float, edge: float) -> Box:
        """What the longest percent takes."""
        box, wide, half = self.box, _beside(_MOST_PERCENT, mm), 0.5 * _PERCENT_PX * mm
        if not self.is_below(mm, edge):
            return Box(box.right, self.at[1] - half, box.right + wide, self.at[1] + half)
        middle, y = box.centre[0], self.at[1] + _PLATE * self.size / 2 + 4.0 * mm
        return Box(middle - wide / 2, y - half, middle + wide / 2, y + half)


def _beside(percent: str, mm: float) -> float:
    return (18.0 + _DIGIT * _PERCENT_PX * len(percent)) * mm


def crowded(values: Sequence[Written], fixed: Sequence[Box], mm: float, edge: float) -> list[bool]:
    """Which values have no room for a percent: it would lie over another value, or over what is `fixed`."""
    taken = np.array([*(each.box for each in values), *fixed], np.float64).reshape(-1, 4)
    wanted = np.array([each.percent_box(mm, edge) for each in values], np.float64).reshape(-1, 4)
    row, other = Grid(taken, 40.0 * mm).meeting(wanted)
    found = np.zeros(len(values), bool)
    found[row[row != other]] = True
    return [bool(each) for each in found]


def value(written: Written, mm: float, edge: float, *, is_crowded: bool) -> tuple[str, str, str]:
    """The box of a value, to be painted before every text, and what stands before and after its text.

    `edge`: where the sheet ends at the right, mm. Where it is crowded an arrow alone says what is off its design.
    """
    signal, _, look, at, anchor, size = written
    mark, step = (None, 0) if look is None else (look.alarm, look.deviation_step)
    left, _, right, _ = written.box
    wide, pad, high = right - left, _PAD_PX * mm, _PLATE * size
    percent = "" if look is None or is_crowded else look.deviation
    beside = _beside(percent, mm)
    inside = written.is_below(mm, edge)
    more = beside if percent and not inside else 0.0
    below = (_PERCENT_PX + 4.0) * mm if percent and inside else 0.0
    far = (_RING * _HALF_PX + _PAD_PX) * mm
    # Beside a bubble there is room on the far side only.
    x = right + more + far if anchor == "start" else left - far
    y = at[1] if x + far <= edge else at[1] - high / 2 - far
    x = min(x, edge - far)
    turned = -1.0 if step < 0 else 1.0
    says = f"data-kks={quoteattr(signal.kks)}{_says(mark, step)}"
    plate = (
        f'<g class="boxed" {says}>'
        f'<rect class="plate" style="stroke-width:{number(2 * mm)}" x="{number(left - pad)}" '
        f'y="{number(at[1] - high / 2)}" width="{number(wide + 2 * pad + more)}" height="{number(high + below)}" '
        f'rx="{number(3 * mm)}"/></g>\n'
    )
    tight = ' data-crowded="yes"' if is_crowded else ""
    before = f'<g class="says"{tight} {says}>'
    off = ((left + right - beside) / 2, at[1] + high / 2 + 4.0 * mm) if inside else (right, at[1])
    after = (
        f'<g class="off" transform="translate({number(off[0])} {number(off[1])}) scale({number(mm)})">'
        f'<path class="side" style="fill:inherit;stroke:none" d="M5 {number(4 * turned)}h8l-4 {number(-8 * turned)}Z"/>'
        f'<text class="percent" x="16" y="{number(0.35 * _PERCENT_PX)}" text-anchor="start" '
        f'style="font-size:{number(_PERCENT_PX)}px;font-weight:600">{clean(percent)}</text></g>'
        f"{_badge((x, y), mark, mm)}</g>\n"
    )
    return plate, before, after


def equipment(
    drawing: Drawing, binding: Binding, readings: Readings, valued: frozenset[str], mm: float
) -> Iterator[str]:
    """A badge at each symbol some of whose signals have no value on the sheet (`valued` have), for their alarms."""
    for code, id_ in binding.element_ids.items():
        element = drawing.elements[id_]
        own = tuple(signal for signal in binding.signals_at.get(code, ()) if signal.kks not in valued)
        if not own or element.box is None:
            continue
        yield _at_symbol(drawing, element, code, own, worst_alarm(own, readings, valued), mm)


def _at_symbol(
    drawing: Drawing, element: Element, code: str, own: Sequence[Signal], mark: AlarmMark | None, mm: float
) -> str:
    assert element.box is not None
    ring = _RING * _HALF_PX * mm
    places = around(element.box, 2 * ring, 2 * ring, -_TUCKED * ring)
    at = places[room_of(drawing).best(places, parts(drawing, element))].centre
    signals = quoteattr(" ".join(signal.kks for signal in own))
    return (
        f'<g class="says" data-kks={quoteattr(code)} data-signals={signals}{_says(mark, 0)}>'
        f"{_badge(at, mark, mm)}</g>\n"
    )


def travel(
    drawing: Drawing, element: Element, code: str, shape: Shape, binding: Binding, readings: Readings | None, mm: float
) -> str:
    """The travel bar of a control valve, and where it was told to go; empty for another."""
    look = valve_look(binding, code, readings or {})
    if not look.control:
        return ""
    box, stands = bar_box(drawing, element, shape, mm), upright(shape)
    position, over, thick = look.position or 0.0, 1.6 * mm, _TICK_PX * mm
    share = (
        Box(box.left, box.bottom - position * box.height, box.right, box.bottom)
        if stands
        else Box(box.left, box.top, box.left + position * box.width, box.bottom)
    )
    told = ""
    if look.demanded is not None:
        tick = (
            Box(box.left - over, box.bottom - look.demanded * box.height - thick / 2, box.right + over, 0.0)
            if stands
            else Box(box.left + look.demanded * box.width - thick / 2, box.top - over, 0.0, box.bottom + over)
        )
        tick = tick._replace(bottom=tick.top + thick) if stands else tick._replace(right=tick.left + thick)
        told = _rect("told", tick, 0.0)
    seen = "" if readings is None or look.position is None else f' data-look="{"old" if look.stale else "good"}"'
    return (
        f'<g class="travel" data-kks={quoteattr(code)} data-upright="{"yes" if stands else "no"}"{seen}>'
        f"{_rect('track', box, 0.8 * mm)}{_rect('share', share, 0.8 * mm)}{told}</g>"
    )


def _rect(kind: str, box: Box, stroke: float) -> str:
    return (
        f'<rect class="{kind}" style="stroke-width:{number(stroke)}" x="{number(box.left)}" y="{number(box.top)}" '
        f'width="{number(box.width)}" height="{number(box.height)}"/>'
    )
