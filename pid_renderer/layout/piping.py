"""Pipes and signals between placed blocks: their ways, arrows, gaps at crossings and line numbers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from pid_renderer.drawing import Box, Drawing, Point, Polyline, Primitive, Stroke, Text
from pid_renderer.layout import labels
from pid_renderer.layout.block import Block, Cell, Port, Span, mm
from pid_renderer.layout.fittings import arrow_head
from pid_renderer.layout.marks import DASHED, PIPE_MM, SIGNAL_MM, placed
from pid_renderer.layout.part import Hop
from pid_renderer.layout.plan import Plan
from pid_renderer.layout.routing import Router, crossings
from pid_renderer.layout.symbols import LANE_MM
from pid_renderer.layout.topology import Wire

_GAP_MM: Final = 1.3
"""Half the gap in the upright one of two pipes that cross."""
_LAID_AGAIN: Final = 250
"""Pipes up to which each is laid a second time, knowing all others."""
_SIGNAL_CROSSING: Final = 4
_ARROW_RUN_MM: Final = 14.0
"""A stretch shorter than this carries no arrow of its own."""
_ARROW_STEP_MM: Final = 8.0
"""How far an arrow gives way to another."""
_ARROW_FREE_MM: Final = 0.5
_ANGLE: Final = {(1, 0): 0.0, (0, 1): 90.0, (-1, 0): 180.0, (0, -1): 270.0}


@dataclass(frozen=True)
class Laid:
    """One routed pipe or signal, from source to target."""

    owner: str
    way: tuple[Cell, ...]
    points: tuple[Point, ...]
    """The way in millimetres, ending at the strokes of the symbols it joins."""


@dataclass
class Routed:
    """All pipes and signals of a sheet, and those for which there was no way."""

    pipes: list[Laid]
    signals: list[Laid]
    lost: list[str]
    """Ids of segments and signal lines that could not be drawn."""

    @property
    def crossings(self) -> int:
        """How often pipes cross."""
        return len(crossings([pipe.way for pipe in self.pipes]))


def route(plan: Plan, wires: Sequence[Wire], width: int, height: int, reserved: Sequence[Span], most: int) -> Routed:
    """Lay all pipes, then all signals, on a sheet of `width` × `height` lanes, none through `reserved`.

    `most`: states that the search for ways may look at.
    """
    router = Router(width, height, most, hurried=len(plan.hops) > _LAID_AGAIN)
    for span in reserved:
        router.block(span)
    for block in plan.blocks.values():
        for span in block.solid:
            router.block(span)
    ports = {name: block.ports for name, block in plan.blocks.items()}
    for found in ports.values():
        for port in (port for several in found.values() for port in several):
            router.block_cell(port.cell)
    ends = [(ports[hop.source][hop.source_port], ports[hop.target][hop.target_port]) for hop in plan.hops]
    ways = _routed(router, ends, plan.backward)
    lost = [hop.segment for hop, way in zip(plan.hops, ways, strict=True) if way is None]
    pipes = [
        Laid(hop.segment, way, _points(way, *pair))
        for hop, pair, way in zip(plan.hops, ends, ways, strict=True)
        if way is not None
    ]
    where = {port: several for found in ports.values() for port, several in found.items()}
    signals: list[Laid] = []
    known = [wire for wire in wires if wire.source in where and wire.target in where]
    lost += [wire.owner for wire in wires if wire not in known]
    for wire in sorted(known, key=lambda w: _far(where[w.source], where[w.target])):
        pair = where[wire.source], where[wire.target]
        way = router.route(*pair, crossing=_SIGNAL_CROSSING)
        if way is None:
            lost.append(wire.owner)
            continue
        router.lay(way)
        signals.append(Laid(wire.owner, way, _points(way, *pair)))
    return Routed(pipes, signals, lost)


def _routed(
    router: Router, ends: Sequence[tuple[Sequence[Port], Sequence[Port]]], backward: Collection[int]
) -> list[tuple[Cell, ...] | None]:
    """Straight and short ones first, recycles last; then each one that bends or crosses is lifted and laid again."""
    ways: list[tuple[Cell, ...] | None] = [None] * len(ends)
    order = sorted(range(len(ends)), key=lambda i: (not _straight(*ends[i]), i in backward, _far(*ends[i]), i))
    for i in order:
        ways[i] = router.route(*ends[i])
        if (way := ways[i]) is not None:
            router.lay(way)
    for _ in range(2 if len(ends) <= _LAID_AGAIN else 0):
        changed = False
        for i in sorted(order, key=lambda i: (-len(ways[i] or ()), i)):
            before = ways[i]
            if (before is not None and len(before) <= 2) or not router.has_time:
                continue
            if before is not None:
                router.lift(before)
            after = router.route(*ends[i]) or before
            changed |= after != before
            ways[i] = after
            if after is not None:
                router.lay(after)
        if not changed:
            break
    return ways


def _straight(sources: Sequence[Port], targets: Sequence[Port]) -> bool:
    return any(a.cell[0] == b.cell[0] or a.cell[1] == b.cell[1] for a in sources for b in targets)


def _far(sources: Sequence[Port], targets: Sequence[Port]) -> int:
    return min(abs(a.cell[0] - b.cell[0]) + abs(a.cell[1] - b.cell[1]) for a in sources for b in targets)


def _points(way: Sequence[Cell], sources: Sequence[Port], targets: Sequence[Port]) -> tuple[Point, ...]:
    points = [mm(cell) for cell in way]
    first = next(port.exact for port in sources if port.cell == way[0])
    last = next(port.exact for port in targets if port.cell == way[-1])
    return _simple([first, *points, last])


def _simple(points: Sequence[Point]) -> tuple[Point, ...]:
    """Without repeated points and corners that are none."""
    kept: list[Point] = []
    for point in points:
        if kept and abs(point[0] - kept[-1][0]) < 1e-9 and abs(point[1] - kept[-1][1]) < 1e-9:
            continue
        if len(kept) > 1 and _in_line(kept[-2], kept[-1], point):
            kept.pop()
        kept.append(point)
    return tuple(kept)


def _in_line(a: Point, b: Point, c: Point) -> bool:
    return (abs(a[0] - b[0]) < 1e-9 and abs(b[0] - c[0]) < 1e-9) or (
        abs(a[1] - b[1]) < 1e-9 and abs(b[1] - c[1]) < 1e-9
    )


# -- strokes -----------------------------------------------------------------------------------------------------------


def strokes(routed: Routed, arrows_at: Mapping[int, bool], solid: Iterable[Box]) -> Iterator[Primitive]:
    """Pipes with gaps where they pass under another, their arrows, and dashed signals.

    `arrows_at` says for each pipe whether its arrow stands at its end rather than on its longest stretch; on `solid`,
    the filled parts of symbols, stands none.
    """
    cut: dict[int, list[Point]] = defaultdict(list)
    for _, upright, cell in crossings([pipe.way for pipe in routed.pipes]):
        cut[upright].append(mm(cell))
    for i, pipe in enumerate(routed.pipes):
        for points in _broken(pipe.points, cut[i]):
            yield Polyline(pipe.owner, "piping", points, Stroke(PIPE_MM, "", ()), pipe=True)
    taken = _Taken()
    for box in solid:
        taken.add(box)
    for i in sorted(range(len(routed.pipes)), key=lambda i: not arrows_at.get(i, False)):
        yield from _arrow(routed.pipes[i], at_end=arrows_at.get(i, False), gaps=cut[i], taken=taken)
    for signal in routed.signals:
        yield Polyline(signal.owner, "instruments", signal.points, Stroke(SIGNAL_MM, "", DASHED), pipe=True)


def joined(marks: Sequence[Primitive]) -> list[Primitive]:
    """`marks` with stretches of one pipe that meet end to end made one line, so that no joint shows."""
    kept: list[Primitive] = []
    begins: dict[tuple[str, float, float], Polyline] = {}
    pipes = [mark for mark in marks if isinstance(mark, Polyline) and mark.pipe and mark.layer == "piping"]
    for mark in pipes:
        begins.setdefault(_key(mark.owner, mark.points[0]), mark)
    ends = {_key(mark.owner, mark.points[-1]) for mark in pipes}
    done: set[int] = set()
    for mark in sorted(pipes, key=lambda m: _key(m.owner, m.points[0]) in ends):
        if id(mark) in done:
            continue
        done.add(id(mark))
        points, width = [*mark.points], mark.stroke.width_mm
        while True:
            after = begins.get(_key(mark.owner, points[-1]))
            if after is None or id(after) in done or after.stroke.width_mm != width:
                break
            done.add(id(after))
            points += after.points[1:]
        kept.append(replace(mark, points=_simple(points)))
    return kept + [mark for mark in marks if not (isinstance(mark, Polyline) and mark.pipe and mark.layer == "piping")]


def _key(owner: str, point: Point) -> tuple[str, float, float]:
    return owner, round(point[0], 3), round(point[1], 3)


def _broken(points: Sequence[Point], gaps: Sequence[Point]) -> Iterator[tuple[Point, ...]]:
    """The pieces of a line that is interrupted at `gaps` on its upright stretches."""
    piece: list[Point] = [points[0]]
    for a, b in pairwise(points):
        if abs(a[0] - b[0]) < 1e-9:
            down = 1.0 if b[1] > a[1] else -1.0
            met = [y for x, y in gaps if abs(x - a[0]) < 1e-9 and min(a[1], b[1]) < y < max(a[1], b[1])]
            for y in sorted(met, reverse=down < 0):
                yield (*piece, (a[0], y - down * _GAP_MM))
                piece = [(a[0], y + down * _GAP_MM)]
        piece.append(b)
    yield tuple(piece)


def _arrow(pipe: Laid, *, at_end: bool, gaps: Sequence[Point], taken: _Taken) -> list[Primitive]:
    """The pipe's arrow at the first place where it stands on no other and in no gap; none where there is no such."""
    for tip, direction in _tips(pipe, at_end=at_end):
        if any(abs(tip[0] - x) + abs(tip[1] - y) < 5.0 for x, y in gaps):
            continue
        marks = list(placed(arrow_head(_ANGLE[direction]), pipe.owner, "piping", tip))
        if not any(taken.meets(mark.box.grown(_ARROW_FREE_MM)) for mark in marks):
            for mark in marks:
                taken.add(mark.box)
            return marks
    return []


def _tips(pipe: Laid, *, at_end: bool) -> Iterator[tuple[Point, Cell]]:
    """Where the arrow may end, best first, and which way it looks."""
    stretches = [(abs(a[0] - b[0]) + abs(a[1] - b[1]), a, b) for a, b in pairwise(pipe.points)]
    if at_end:
        length, a, b = stretches[-1]
        steps = [length - k * _ARROW_STEP_MM for k in range(3)]
        yield from ((_along(a, b, step / length), _direction(a, b)) for step in steps if step >= 4.0)
    for length, a, b in sorted(stretches, key=lambda stretch: -stretch[0]):
        if length < _ARROW_RUN_MM:
            return
        for shift in (0.0, _ARROW_STEP_MM, -_ARROW_STEP_MM):
            if 4.0 <= length / 2 + shift <= length - 4.0:
                yield _along(a, b, 0.5 + shift / length), _direction(a, b)


def _along(a: Point, b: Point, part: float) -> Point:
    return a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part


def _direction(a: Point, b: Point) -> Cell:
    dx, dy = b[0] - a[0], b[1] - a[1]
    return int(dx > 1e-9) - int(dx < -1e-9), int(dy > 1e-9) - int(dy < -1e-9)


# -- line numbers ------------------------------------------------------------------------------------------------------


def line_numbers(
    drawing: Drawing, routed: Routed, blocks: Sequence[Block], arrows: Sequence[Box]
) -> list[tuple[str, Text, bool]]:
    """A label for each line, above a level stretch or beside an upright one where nothing else stands."""
    taken = _Taken()
    for box in arrows:
        taken.add(box)
    for block in blocks:
        for span in block.solid:
            taken.add(Box(span.left * LANE_MM, span.top * LANE_MM, span.right * LANE_MM, span.bottom * LANE_MM))
    for laid in (*routed.pipes, *routed.signals):
        for a, b in pairwise(laid.points):
            taken.add(Box(min(a[0], b[0]), min(a[1], b[1]), max(a[0], b[0]), max(a[1], b[1])))
    by_line: dict[str, list[Laid]] = defaultdict(list)
    for pipe in routed.pipes:
        line = _line_of(drawing, pipe.owner)
        if line:
            by_line[line].append(pipe)
    found: list[tuple[str, Text, bool]] = []
    for line, pipes in by_line.items():
        content = _line_text(drawing, line)
        if not content:
            continue
        stretches = [s for pipe in pipes for s in pairwise(pipe.points)]
        stretches.sort(key=lambda s: -abs(s[0][0] - s[1][0]) - 0.7 * abs(s[0][1] - s[1][1]))
        for a, b in stretches[:6]:
            written = _beside(content, a, b)
            if written is not None and not taken.meets(written.box.grown(0.2)):
                taken.add(written.box)
                found.append((line, written, False))
                break
    return found


def _line_of(drawing: Drawing, segment: str) -> str:
    """The pipe, a segment or the system around it, that has a number of its own."""
    element = drawing.elements.get(segment)
    while element is not None:
        if element.family == "pipe" and (element.tag or element.text("LineNumber")):
            return element.id
        element = drawing.elements.get(element.parent)
    return ""


def _line_text(drawing: Drawing, line: str) -> str:
    element = drawing.elements[line]
    parts = [
        element.text("NominalDiameterRepresentation"),
        element.text("FluidCode"),
        element.tag or element.text("LineNumber"),
    ]
    content = "-".join(dict.fromkeys(part for part in parts if part))
    return element.tag if len(content) > 24 else content


def _beside(content: str, a: Point, b: Point) -> Text | None:
    wide = labels.width(content, labels.NOTE_MM)
    if abs(a[1] - b[1]) < 1e-9:
        if abs(a[0] - b[0]) < wide + 2.0:
            return None
        return labels.text(content, ((a[0] + b[0]) / 2, a[1] - 1.0), labels.NOTE_MM, "center", "bottom")
    if abs(a[1] - b[1]) < wide + 2.0:
        return None
    middle = (a[0] - 1.0, (a[1] + b[1]) / 2)
    return replace(labels.text(content, middle, labels.NOTE_MM, "center", "bottom"), angle_deg=-90.0)


class _Taken:
    """Boxes already on the sheet, found by 16 mm squares."""

    def __init__(self) -> None:
        self._squares: dict[Cell, list[Box]] = defaultdict(list)

    def _keys(self, box: Box) -> Iterator[Cell]:
        for x in range(int(box.left // 16), int(box.right // 16) + 1):
            for y in range(int(box.top // 16), int(box.bottom // 16) + 1):
                yield x, y

    def add(self, box: Box) -> None:
        for key in self._keys(box):
            self._squares[key].append(box)

    def meets(self, box: Box) -> bool:
        return any(box.meets(other) for key in self._keys(box) for other in self._squares.get(key, ()))


def ends_at(drawing: Drawing, hops: Sequence[Hop]) -> dict[int, bool]:
    """For each pipe whether it ends at equipment or a connector, where its arrow stands at the end."""
    return {
        i: hop.target in drawing.elements and drawing.elements[hop.target].family not in ("fitting", "valve")
        for i, hop in enumerate(hops)
    }
