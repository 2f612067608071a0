"""All symbols of a sheet at one zoom as pictures that are shared by those that look alike.

What a symbol shows is a number: a hash of how its signals look (trust, alarm, value in as many steps as its class tells
apart) and of what it is like. Symbols with the same number have the same picture, so ten thousand of them cost a few
array operations a frame, and Python works only for a number never met before.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QPainter

from contracts.signal_list import Signal
from data.reading_table import ALARM_CODES
from pid_renderer.atlas import LARGEST, SX, SY, Atlas, Fragments, H, W, X, Y, picture
from pid_renderer.bar import Bar
from pid_renderer.drawing import Text
from pid_renderer.live_columns import TRUSTS, LiveColumns
from pid_renderer.live_state import Readings
from pid_renderer.symbol import Canvas2D, Gauge, LiveSymbol
from pid_renderer.vessel import Vessel
from pid_renderer.view import View

Index = NDArray[np.int64]
Paint = Callable[[Canvas2D, LiveSymbol], None]
CUTS: Final = 3
"""Pictures of what has a long gauge: what is beyond its end, what lies there, and what is before it."""
PARTS: Final = CUTS + 1
"""Pictures a symbol has room for: the last shows its marks."""
MARGIN_PX: Final = 40.0
"""How far a badge or an icon may stand out of a symbol's box, px."""
_BODY_MARGIN_PX: Final = 18.0
"""How far its strokes may."""
_LONG_PX: Final = 16.0
"""From here on a gauge is cut at its end instead of having a picture for each length."""
_FAR: Final = 0.5
_SLOT_BITS: Final = 17
_MIX: Final = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))
_TOO_LARGE: Final = -2
_UNKNOWN: Final = "not painted yet"
_AT_A_TIME: Final = 64
"""So many symbols are looked at between two looks at the clock."""


@dataclass
class _Look:
    """One number: what a kind of symbol shows."""

    first: LiveSymbol
    shown: Hashable
    phase: Hashable = _UNKNOWN
    moves: bool = False
    cut: bool = False


class Scale(NamedTuple):
    """What pictures depend on beside their symbols."""

    px_per_mm: float
    """Logical pixels."""
    ratio: float
    zoom: float


class SymbolKinds:
    """Which symbols of a list are alike, and what they show: all that no zoom changes. Made by `grow`."""

    def __init__(self, symbols: Sequence[LiveSymbol], columns: LiveColumns, *, texts: bool) -> None:
        self.symbols = symbols
        self.firsts: list[LiveSymbol] = []
        """The one of each kind that paints for all."""
        self.gauges: list[Gauge | None] = []
        """By kind."""
        self._columns, self._texts = columns, texts
        self._known: dict[Hashable, int] = {}
        self._of: list[int] = []
        self._gauge_rows: list[int] = []
        self._starts: list[int] = []
        self._pairs: tuple[list[int], ...] = ([], [], [], [], [])
        """Of each signal of each symbol: row, steps, place, symbol, and whether it is its gauge's."""
        self.corner: NDArray[np.float64] = np.zeros((len(symbols), 2))
        self.boxes: NDArray[np.float64] = np.zeros((len(symbols), 4))
        """As the file gives them, mm."""
        self.order: NDArray[np.int64] = np.zeros(len(symbols), np.int64)

    def grow(self, budget_s: float = float("inf")) -> bool:
        """Look at more symbols for so long; whether all were seen, so that the arrays are there."""
        began = time.perf_counter()
        for number in range(len(self._of), len(self.symbols)):
            self._add(number, self.symbols[number])
            if number % _AT_A_TIME == 0 and time.perf_counter() - began > budget_s:
                return False
        if not self.is_grown:
            if time.perf_counter() - began > budget_s / 2:
                # The arrays take about half a slice: the next one has room for them.
                return False
            self._tabulate()
        return True

    @property
    def is_grown(self) -> bool:
        """Whether the arrays are there."""
        return hasattr(self, "of")

    def _add(self, number: int, symbol: LiveSymbol) -> None:
        key = likeness(symbol, texts=self._texts)
        kind = self._known.get(key)
        if kind is None:
            kind = self._known[key] = len(self.firsts)
            self.firsts.append(symbol)
            self.gauges.append(symbol.gauge)
        self._of.append(kind)
        rows = self._columns.rows
        gauge = None if self.gauges[kind] is None else _signal_of_gauge(symbol)
        self._gauge_rows.append(self._columns.none if gauge is None else rows.get(gauge.kks, self._columns.none))
        self._starts.append(len(self._pairs[0]))
        self.corner[number], self.order[number] = symbol.corner, symbol.order
        if symbol.element.box is not None:
            self.boxes[number] = symbol.element.box
        signals = [signal for signal in symbol.signals() if signal.kks in rows]
        for place, signal in enumerate(signals):
            is_gauge = gauge is not None and signal.kks == gauge.kks
            self._pair(rows[signal.kks], symbol.steps(signal), place, number, is_gauge)
        if not signals:
            self._pair(self._columns.none, 0, 0, number, False)

    def _pair(self, *values: int) -> None:
        for column, value in zip(self._pairs, values, strict=True):
            column.append(value)

    def _tabulate(self) -> None:
        self.of = np.array(self._of, np.int64)
        """Number of its kind, by symbol."""
        self.salt = _mixed(self.of.astype(np.uint64) + np.uint64(77))
        ends = [_ends(first, gauge) for first, gauge in zip(self.firsts, self.gauges, strict=True)]
        self.ends = np.array(ends, np.float64).reshape(-1, 2)
        """By kind: where its gauge begins, from its corner, and how long it is, mm; upwards the length is negative."""
        self.gauge_row = np.array(self._gauge_rows, np.int64)
        self.starts = np.array(self._starts, np.int64)
        self.pair_row, steps, places, self.pair_symbol, gauges = (np.array(part, np.int64) for part in self._pairs)
        self.pair_steps, self.pair_is_gauge = steps.astype(np.float64), gauges > 0
        self.pair_salt = _mixed(places.astype(np.uint64) + np.uint64(1))

    def pairs_of(self, index: Index) -> tuple[Index, Index | slice]:
        """Where the pairs of some symbols are, and where each symbol's begin among those."""
        if index.size == self.starts.size:
            return self.starts, slice(None)
        counts = np.diff(self.starts, append=self.pair_row.size)[index]
        ends = np.cumsum(counts)
        starts = ends - counts
        return starts, np.arange(ends[-1]) + np.repeat(self.starts[index] - starts, counts)


class SymbolBatch:
    """The symbols of a sheet, in painting order, at one zoom."""

    def __init__(self, kinds: SymbolKinds, columns: LiveColumns, atlas: Atlas, scale: Scale) -> None:
        self.kinds, self.symbols = kinds, kinds.symbols
        self._columns, self._atlas, self.scale = columns, atlas, scale
        count = len(self.symbols)
        device = scale.px_per_mm * scale.ratio
        self._phases = 8 if count <= 1000 else 2 if scale.zoom >= 0.5 else 1
        whole = np.floor(kinds.corner * (device * self._phases) + 0.5).astype(np.int64)
        self._base = (whole // self._phases).astype(np.int32)
        place = whole - self._base * self._phases
        self._phase_of = place[:, 0] * self._phases + place[:, 1]
        long = np.abs(kinds.ends[:, 1]) * scale.px_per_mm
        self._is_cut = long > _LONG_PX
        self._pair_cut = kinds.pair_is_gauge & self._is_cut[kinds.of][kinds.pair_symbol]
        between = np.array([(-1.0, 2.0) if gauge is None else gauge.between for gauge in kinds.gauges])
        self._between = between.reshape(-1, 2)[kinds.of][kinds.pair_symbol]
        # Finer than a pixel no picture can tell.
        boxes = kinds.boxes[:, 2:] - kinds.boxes[:, :2]
        finest = np.ceil(boxes.max(axis=1, initial=0.0) * device)[kinds.pair_symbol]
        if scale.zoom < _FAR:
            # Far out only what is read by its height is worth a step a pixel: a valve's bar is seven long.
            holds = np.array([isinstance(first, Vessel | Bar) for first in kinds.firsts], bool)[kinds.of]
            finest = np.where(holds[kinds.pair_symbol], finest, np.ceil(finest / 3))
        self._pair_steps = np.minimum(kinds.pair_steps, np.maximum(finest, 1.0))
        pixels = min(max(scale.zoom, 0.6), 2.0) * scale.ratio
        self._thick = np.array([round(gauge.surface_px * pixels) if gauge else 0 for gauge in kinds.gauges], np.int64)
        self._rises = np.array([gauge is not None and gauge.rises for gauge in kinds.gauges], bool)
        """By kind: how thick what lies at the gauge's end is, device pixels, and whether it stands on it."""
        upright = np.array([gauge is None or gauge.upright for gauge in kinds.gauges], bool)[kinds.of]
        self._upright = upright
        corner = np.where(upright, kinds.corner[:, 1], kinds.corner[:, 0])
        self._begin = (corner + kinds.ends[kinds.of, 0]) * device
        self._length = kinds.ends[kinds.of, 1] * device
        self._looks: list[_Look] = []
        self._known: dict[int, int] = {}
        self._slot_key: NDArray[np.uint64] = np.zeros(1 << _SLOT_BITS, np.uint64)
        self._slot_look: NDArray[np.int32] = np.full(1 << _SLOT_BITS, -1, np.int32)
        self.look_of: NDArray[np.int32] = np.full(count, -1, np.int32)
        self._transient: NDArray[np.bool_] = np.zeros(256, bool)
        self.alarmed: NDArray[np.bool_] = np.zeros(256, bool)
        """By look."""
        self._marked: NDArray[np.bool_] = np.zeros(256, bool)
        self._cut: NDArray[np.bool_] = np.zeros(256, bool)
        self._pictures: NDArray[np.int32] = np.full((256, self._phases**2), -1, np.int32)
        """By look and phase: number of the first of its one or three pictures in the atlas."""
        self._made: dict[tuple[int, int, Hashable], int] = {}
        self._marks: dict[Hashable, int] = {}
        self.fragments: NDArray[np.int32] = np.zeros((count, PARTS, 6), np.int32)
        """Where each symbol's pictures are, from the sheet's corner in device pixels."""
        self.too_large: NDArray[np.bool_] = np.zeros(count, bool)
        self._has_parts: NDArray[np.bool_] = np.zeros(count, bool)
        """Which have more than one picture."""

    # -- what is shown ---------------------------------------------------------------------------------------------

    def touched(self, changed: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Which symbols show a signal of the changed rows (a mask)."""
        if not self.kinds.starts.size:
            return np.zeros(0, bool)
        found: NDArray[np.bool_] = np.logical_or.reduceat(changed[self.kinds.pair_row], self.kinds.starts)
        return found

    def judge(self, readings: Readings, which: NDArray[np.bool_]) -> Index:
        """Find the looks of symbols; those among `which` (a mask) that show something else now."""
        kinds, columns = self.kinds, self._columns
        if not kinds.starts.size:
            return np.zeros(0, np.int64)
        index = np.flatnonzero(which)
        if not index.size:
            return index
        starts, pairs = kinds.pairs_of(index)
        row = kinds.pair_row[pairs]
        code = (columns.step[row] + 3).astype(np.uint64) * np.uint64(len(TRUSTS)) + columns.trust[row]
        code = code * np.uint64(ALARM_CODES) + columns.alarm[row]
        part = columns.fraction[row]
        level = np.floor(part * self._pair_steps[pairs] + 0.5)
        cut = np.flatnonzero(self._pair_cut[pairs])
        low, high = self._between[pairs][cut].T
        level[cut] = (part[cut] > low).astype(float) + (part[cut] >= high)
        single = _mixed(code + (level.astype(np.uint64) << np.uint64(16)) + kinds.pair_salt[pairs])
        keys = np.add.reduceat(single, starts) + kinds.salt[index]
        slots = (keys >> np.uint64(64 - _SLOT_BITS)).astype(np.int64)
        looks = np.where(self._slot_key[slots] == keys, self._slot_look[slots], -1)
        before = self.look_of[index]
        new = np.flatnonzero(looks < 0)
        if new.size:
            # One of each number answers for all of it.
            _, first, answer_of = np.unique(keys[new], return_index=True, return_inverse=True)
            one = new[first].tolist()
            answers = [self._ask(int(index[place]), int(keys[place]), int(slots[place]), readings) for place in one]
            looks[new] = np.array(answers, np.int32)[answer_of]
        # What remembers must be asked each by itself.
        ask = np.flatnonzero(self._transient[looks] | (self._transient[before] & (before >= 0)))
        for place in ask.tolist():
            looks[place] = self._ask(int(index[place]), int(keys[place]), int(slots[place]), readings)
        differs = (looks != before) | self._cut[looks]
        self.look_of[index] = looks
        found: Index = index[differs]
        return found

    def _ask(self, number: int, key: int, slot: int, readings: Readings) -> int:
        """The look of one symbol, by asking it."""
        known = self._known.get(key)
        kind = int(self.kinds.of[number])
        before = int(self.look_of[number])
        if known is None or self._transient[known] or (before >= 0 and self._transient[before]):
            shown = self.symbols[number].look(readings)
            if self.symbols[number].transient(shown):
                # What it shows depends on more than its signals.
                key = hash((key, shown))
                known = self._known.get(key)
            if known is None:
                known = self._new_look(kind, shown, self.symbols[number].transient(shown))
                self._known[key] = known
        if not self._transient[known]:
            self._slot_key[slot], self._slot_look[slot] = key, known
        return known

    def _new_look(self, kind: int, shown: Hashable, transient: bool) -> int:
        number = len(self._looks)
        if number == len(self._transient):
            self._transient = _doubled(self._transient, False)
            self.alarmed = _doubled(self.alarmed, False)
            self._marked = _doubled(self._marked, False)
            self._cut = _doubled(self._cut, False)
            self._pictures = _doubled(self._pictures, -1)
        first = self.kinds.firsts[kind]
        look = _Look(first, shown)
        look.cut = bool(self._is_cut[kind]) and first.has_gauge(shown)
        self._looks.append(look)
        self._transient[number] = transient
        self.alarmed[number] = getattr(shown, "alarm", None) is not None
        first.shown = shown
        self._marked[number] = first.is_marked()
        self._cut[number] = look.cut
        return number

    def in_order(self, index: Index) -> Fragments:
        """The fragments of symbols, in their order."""
        if self._has_parts[index].any():
            return self.fragments.take(index, axis=0).reshape(-1, 6)
        found: Fragments = self.fragments.reshape(-1, 6).take(index * PARTS, axis=0)
        return found

    # -- pictures --------------------------------------------------------------------------------------------------

    def set_phase(self, on: Canvas2D) -> Index:
        """Take the clock's phase (blink, turning marks); the symbols whose picture depends on it and changed."""
        turned = []
        for number, look in enumerate(self._looks):
            if look.moves:
                phase = self._phase(on, look)
                if phase != look.phase:
                    look.phase = phase
                    self._pictures[number] = -1
                    turned.append(number)
        return np.flatnonzero(np.isin(self.look_of, turned)) if turned else np.zeros(0, np.int64)

    @staticmethod
    def _phase(on: Canvas2D, look: _Look) -> Hashable:
        first = look.first
        first.shown = look.shown
        return first.phase(on)

    def place(self, on: Canvas2D, index: Index) -> None:
        """Write the fragments of symbols whose looks are known; makes what was never painted. May raise `Full`."""
        looks, phases = self.look_of[index], self._phase_of[index]
        numbers = self._pictures[looks, phases]
        missing = np.flatnonzero(numbers == -1)
        if missing.size:
            wanted = np.unique(looks[missing].astype(np.int64) * self._phases**2 + phases[missing])
            for look, phase in zip(*(part.tolist() for part in np.divmod(wanted, self._phases**2)), strict=True):
                self._pictures[look, phase] = self._picture(on, look, phase)
            numbers = self._pictures[looks, phases]
        source = self._atlas.place.take(numbers, axis=0)
        outside = numbers < 0
        if outside.any():
            source[outside] = 0
        self.too_large[index] = outside
        base = self._base.take(index, axis=0)
        source[:, X] += base[:, 0]
        source[:, Y] += base[:, 1]
        self.fragments[index, 0] = source
        parts = self._marked[looks] | (self._cut[looks] & ~outside)
        several = np.flatnonzero(parts | self._has_parts[index])
        if not several.size:
            return
        self.fragments[index[several], 1:] = 0
        self._has_parts[index] = parts
        for place in np.flatnonzero(self._marked[looks]).tolist():
            self._place_marks(on, int(index[place]), self._looks[looks[place]])
        cut = np.flatnonzero(self._cut[looks] & (numbers >= 0))
        if cut.size:
            self._place_cut(index[cut], numbers[cut], base[cut])

    def _place_cut(self, index: Index, numbers: NDArray[np.int32], base: NDArray[np.int32]) -> None:
        """Pieces of three pictures of one size: beyond the gauge's end, what lies there, and before it."""
        whole = [self._atlas.place[numbers + part] for part in range(CUTS)]
        kind = self.kinds.of[index]
        thick, rises = self._thick[kind], self._rises[kind]
        end = self._begin[index] + self._columns.fraction[self.kinds.gauge_row[index]] * self._length[index]
        for upright in (True, False):
            some = np.flatnonzero(self._upright[index] == upright)
            if not some.size:
                continue
            source, size, at = (SY, H, Y) if upright else (SX, W, X)
            begin = whole[0][some, at] + base[some, 1 if upright else 0]
            length = whole[0][some, size]
            upper = np.rint(end[some] - np.where(rises[some], thick[some], thick[some] / 2)).astype(np.int64) - begin
            first = np.clip(upper, 0, length)
            second = np.clip(upper + thick[some], 0, length)
            edges = (np.zeros_like(first), first, second, length)
            # Upright, what is empty comes first; from left to right, what is full.
            for piece, part in enumerate((0, 1, 2) if upright else (2, 1, 0)):
                rows = whole[part][some]
                rows[:, X] += base[some, 0]
                rows[:, Y] += base[some, 1]
                rows[:, source] += edges[piece]
                rows[:, at] += edges[piece]
                rows[:, size] = edges[piece + 1] - edges[piece]
                rows[edges[piece + 1] <= edges[piece]] = 0
                if part == 1:
                    # What rises may stand out of the picture: a roof over a full tank. It is the same at any height.
                    on_top = np.flatnonzero(rises[some])
                    rows[on_top] = whole[1][some][on_top]
                    rows[on_top, X] += base[some][on_top, 0]
                    rows[on_top, SY] += (length[on_top] // 2).astype(np.int32)
                    rows[on_top, H] = thick[some][on_top]
                    rows[on_top, Y] = begin[on_top] + upper[on_top]
                self.fragments[index[some], part] = rows

    def _place_marks(self, on: Canvas2D, number: int, look: _Look) -> None:
        """Badge and icons stand where the very symbol has room for them, so each has a picture of its own."""
        symbol = self.symbols[number]
        symbol.shown = look.shown
        key = (number, look.shown, on.lit)
        made = self._marks.get(key)
        if made is None:
            made = self._marks[key] = self._paint(on, symbol, int(self._phase_of[number]), _paint_marks)
        if made == _TOO_LARGE:
            self.too_large[number] = True
        else:
            self.fragments[number, -1] = self._atlas.place[made]
            self.fragments[number, -1, X : Y + 1] += self._base[number]

    def _picture(self, on: Canvas2D, number: int, phase: int) -> int:
        look = self._looks[number]
        if look.phase is _UNKNOWN:
            look.phase = self._phase(on, look)
            look.moves = look.phase != self._phase(on.other_phase(), look)
        made = self._made.get((number, phase, look.phase))
        if made is None:
            made = self._made[number, phase, look.phase] = self._paint_look(on, look, phase)
        return made

    def _paint_look(self, on: Canvas2D, look: _Look, phase: int) -> int:
        symbol = look.first
        symbol.shown = look.shown
        if not look.cut:
            return self._paint(on, symbol, phase, _paint_body)
        return self._paint(on, symbol, phase, _paint_body, ("empty", "surface", "full"))

    def _paint(self, on: Canvas2D, symbol: LiveSymbol, phase: int, paint: Paint, parts: Sequence[str] = ()) -> int:
        """Paint a symbol, or its parts, into the atlas; the number of the picture, the first of several."""
        scale, ratio, zoom = self.scale
        box, (x_mm, y_mm) = symbol.box, symbol.corner
        out = MARGIN_PX if paint is _paint_marks else _BODY_MARGIN_PX
        device, margin = scale * ratio, out * max(1.0, min(zoom, 2.0)) * ratio
        left, top = math.floor((box.left - x_mm) * device - margin), math.floor((box.top - y_mm) * device - margin)
        wide = math.ceil((box.right - x_mm) * device + margin) - left
        high = math.ceil((box.bottom - y_mm) * device + margin) - top
        if max(wide, high) > LARGEST * ratio:
            return _TOO_LARGE
        dx, dy = (part / self._phases for part in divmod(phase, self._phases))
        view = View(scale, (dx - left) / ratio - x_mm * scale, (dy - top) / ratio - y_mm * scale)

        def paint_one(painter: QPainter) -> None:
            paint(on.through(painter, view), symbol)

        if not parts:
            return self._atlas.add(picture(wide, high, ratio, paint_one), left, top)
        images = []
        for symbol.part in parts:
            images.append(picture(wide, high, ratio, paint_one))
        symbol.part = ""
        return self._atlas.add_alike(images, left, top)


def _paint_body(on: Canvas2D, symbol: LiveSymbol) -> None:
    on.painter.save()
    on.painter.translate(on.view.x, on.view.y)
    on.painter.scale(on.view.scale, on.view.scale)
    symbol.paint(on)
    on.painter.restore()
    symbol.paint_texts(on)


def _paint_marks(on: Canvas2D, symbol: LiveSymbol) -> None:
    symbol.paint_marks(on)


def _ends(symbol: LiveSymbol, gauge: Gauge | None) -> tuple[float, float]:
    if gauge is None:
        return 0.0, 0.0
    box, (x, y) = gauge.box, symbol.corner
    return (box.bottom - y, -box.height) if gauge.upright else (box.left - x, box.width)


def _signal_of_gauge(symbol: LiveSymbol) -> Signal | None:
    """The signal of a symbol's gauge without the gauge's geometry, which its kind's first has."""
    role = "level" if isinstance(symbol, Vessel) else "position"
    return symbol.binding.signal(symbol.code, role)


def likeness(symbol: LiveSymbol, *, texts: bool) -> Hashable:
    """Class, strokes, and what the class adds; texts too where they can be read."""
    words = tuple(text_likeness(text, *symbol.corner) for text in symbol.texts) if texts else ()
    return type(symbol), symbol.strokes, symbol.likeness(), words


def text_likeness(text: Text, x: float, y: float) -> Hashable:
    """A text relative to a corner."""
    at = round(text.at[0] - x, 3), round(text.at[1] - y, 3)
    return text.text, at, text.height_mm, text.angle_deg, text.horizontal, text.vertical


def _mixed(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Numbers spread over 64 bits (the finaliser of SplitMix64; G. L. Steele et al., OOPSLA 2014)."""
    mixed = numbers * _MIX[0]
    mixed = (mixed ^ (mixed >> np.uint64(30))) * _MIX[1]
    mixed = (mixed ^ (mixed >> np.uint64(27))) * _MIX[2]
    return mixed ^ (mixed >> np.uint64(31))


def _doubled(column: NDArray, empty: object) -> NDArray:  # type: ignore[type-arg]
    return np.concatenate([column, np.full_like(column, empty)])
