"""All symbols of a sheet at one zoom as pictures that are shared by those that look alike.

What a symbol shows is a number: a hash of how its signals look (trust, alarm, value in as many steps as its class tells
apart) and of what it is like. Symbols with the same number have the same picture, so ten thousand of them cost a few
array operations a frame, and Python works only for a number never met before.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QPainter

from data.reading_table import ALARM_CODES
from pid_renderer.atlas import LARGEST, SY, Atlas, H, X, Y, picture
from pid_renderer.drawing import Box, Text
from pid_renderer.live_columns import TRUSTS, LiveColumns
from pid_renderer.live_state import Readings
from pid_renderer.symbol import Canvas2D, LiveSymbol
from pid_renderer.vessel import Vessel
from pid_renderer.view import View

Index = NDArray[np.int64]
Paint = Callable[[Canvas2D, LiveSymbol], None]
CUTS: Final = 3
"""Pictures of a tall vessel: what is above the surface, the surface, and what is below. All others have one."""
PARTS: Final = CUTS + 1
"""Pictures a symbol has room for: the last shows its marks."""
MARGIN_PX: Final = 40.0
"""How far a badge, an icon or a wide stroke may stand out of a symbol's box, px."""
_TALL_PX: Final = 40.0
"""From here on a vessel is cut at its surface instead of having a picture for each level."""
_SLOT_BITS: Final = 18
_MIX: Final = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))
_TOO_LARGE: Final = -2


@dataclass
class _Kind:
    """All symbols whose pictures are the same when their looks are."""

    first: LiveSymbol
    tall: bool


@dataclass
class _Look:
    """One number: what a kind of symbol shows."""

    kind: _Kind
    shown: Hashable
    phase: Hashable = None
    moves: bool = False
    cut: bool = False


class Scale(NamedTuple):
    """What pictures depend on beside their symbols."""

    px_per_mm: float
    """Logical pixels."""
    ratio: float
    zoom: float


class SymbolBatch:
    """The symbols of a sheet, in painting order, at one zoom."""

    def __init__(self, symbols: Sequence[LiveSymbol], columns: LiveColumns, atlas: Atlas, scale: Scale) -> None:
        self.symbols = symbols
        self._columns, self._atlas, self.scale = columns, atlas, scale
        count = len(symbols)
        self._kinds: list[_Kind] = []
        self._kind_of = self._sort_into_kinds()
        self._pairs(symbols)
        device = scale.px_per_mm * scale.ratio
        origin = np.array([symbol.corner for symbol in symbols]).reshape(count, 2) * device
        self._phases = 8 if count <= 1000 else 2 if scale.zoom >= 0.5 else 1
        whole = np.floor(origin * self._phases + 0.5).astype(np.int64)
        self._base = whole // self._phases
        place = whole - self._base * self._phases
        self._phase_of = place[:, 0] * self._phases + place[:, 1]
        self._looks: list[_Look] = []
        self._moving: list[int] = []
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
        self._cut_data(device)

    # -- what is alike ---------------------------------------------------------------------------------------------

    def _sort_into_kinds(self) -> Index:
        with_texts = self.scale.zoom >= 0.5
        known: dict[Hashable, int] = {}
        kinds = np.zeros(len(self.symbols), np.int64)
        for number, symbol in enumerate(self.symbols):
            key = likeness(symbol, texts=with_texts)
            if key not in known:
                known[key] = len(self._kinds)
                tall = isinstance(symbol, Vessel) and symbol.shape.shell.height * self.scale.px_per_mm > _TALL_PX
                self._kinds.append(_Kind(symbol, tall))
            kinds[number] = known[key]
        return kinds

    def _pairs(self, symbols: Sequence[LiveSymbol]) -> None:
        """Symbol and signal, one row a pair, in the symbols' order; a symbol without signals has the row of none."""
        rows: list[int] = []
        steps: list[int] = []
        salts: list[int] = []
        starts: list[int] = []
        index = self._columns.rows
        for number, symbol in enumerate(symbols):
            starts.append(len(rows))
            kind = self._kinds[self._kind_of[number]]
            level = symbol.level if isinstance(symbol, Vessel) and kind.tall else None
            signals = [signal for signal in symbol.signals() if signal.kks in index]
            for place, signal in enumerate(signals):
                rows.append(index[signal.kks])
                steps.append(0 if signal is level else symbol.steps(signal))
                salts.append(place)
            if not signals:
                rows.append(self._columns.none)
                steps.append(0)
                salts.append(0)
        self._pair_row = np.array(rows, np.int64)
        self._pair_steps = np.array(steps, np.float64)
        self._pair_salt = _mixed(np.array(salts, np.uint64) + np.uint64(1))
        self._starts = np.array(starts, np.int64)
        self._salt = _mixed(self._kind_of.astype(np.uint64) + np.uint64(77))

    def _cut_data(self, device: float) -> None:
        """For vessels that are cut at their surface: their level's row, bottom and height in device pixels."""
        count = len(self.symbols)
        self._level_row = np.full(count, self._columns.none, np.int64)
        self._bottom, self._height = np.zeros(count), np.zeros(count)
        for number in np.flatnonzero(np.array([k.tall for k in self._kinds], bool)[self._kind_of] if count else []):
            symbol = self.symbols[number]
            assert isinstance(symbol, Vessel)
            if symbol.level is not None:
                self._level_row[number] = self._columns.rows.get(symbol.level.kks, self._columns.none)
            # By its kind's first: a shape is computed once for all that are alike.
            first = self._kinds[self._kind_of[number]].first
            shell, (_, top_mm) = first.shape.shell, first.corner
            self._bottom[number] = (shell.bottom - top_mm + symbol.corner[1]) * device
            self._height[number] = shell.height * device

    # -- what is shown ---------------------------------------------------------------------------------------------

    def touched(self, changed: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Which symbols show a signal of the changed rows (a mask)."""
        if not self._starts.size:
            return np.zeros(0, bool)
        return np.logical_or.reduceat(changed[self._pair_row], self._starts)

    def judge(self, readings: Readings, which: NDArray[np.bool_]) -> Index:
        """Find the looks of symbols; those among `which` (a mask) that show something else now."""
        if not self._starts.size:
            return np.zeros(0, np.int64)
        columns = self._columns
        code = (columns.step + 3).astype(np.uint64) * np.uint64(len(TRUSTS)) + columns.trust
        code = code * np.uint64(ALARM_CODES) + columns.alarm
        level = np.floor(columns.fraction[self._pair_row] * self._pair_steps + 0.5).astype(np.uint64)
        single = _mixed(code[self._pair_row] + (level << np.uint64(16)) + self._pair_salt)
        keys = np.add.reduceat(single, self._starts) + self._salt
        index = np.flatnonzero(which)
        keys = keys[index]
        slots = (keys >> np.uint64(64 - _SLOT_BITS)).astype(np.int64)
        looks = np.where(self._slot_key[slots] == keys, self._slot_look[slots], -1)
        before = self.look_of[index]
        ask = np.flatnonzero((looks < 0) | self._transient[looks] | (self._transient[before] & (before >= 0)))
        for place in ask.tolist():
            looks[place] = self._ask(int(index[place]), int(keys[place]), int(slots[place]), readings)
        differs = (looks != before) | self._cut[looks]
        self.look_of[index] = looks
        return index[differs]

    def _ask(self, number: int, key: int, slot: int, readings: Readings) -> int:
        """The look of one symbol, by asking it."""
        known = self._known.get(key)
        kind = self._kinds[self._kind_of[number]]
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

    def _new_look(self, kind: _Kind, shown: Hashable, transient: bool) -> int:
        number = len(self._looks)
        if number == len(self._transient):
            self._transient = _doubled(self._transient, False)
            self.alarmed = _doubled(self.alarmed, False)
            self._marked = _doubled(self._marked, False)
            self._cut = _doubled(self._cut, False)
            self._pictures = _doubled(self._pictures, -1)
        look = _Look(kind, shown)
        look.cut = kind.tall and isinstance(kind.first, Vessel) and kind.first.is_filled(shown)
        self._looks.append(look)
        self._transient[number] = transient
        self.alarmed[number] = getattr(shown, "alarm", None) is not None
        kind.first.shown = shown
        self._marked[number] = kind.first.is_marked()
        self._cut[number] = look.cut
        return number

    # -- pictures --------------------------------------------------------------------------------------------------

    def set_phase(self, on: Canvas2D) -> Index:
        """Take the clock's phase (blink, turning marks); the symbols whose picture depends on it and changed."""
        turned = []
        for number, look in enumerate(self._looks):
            if look.phase is not None or look.moves:
                phase = self._phase(on, look)
                if phase != look.phase:
                    look.phase = phase
                    self._pictures[number] = -1
                    turned.append(number)
        return np.flatnonzero(np.isin(self.look_of, turned)) if turned else np.zeros(0, np.int64)

    @staticmethod
    def _phase(on: Canvas2D, look: _Look) -> Hashable:
        first = look.kind.first
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
        self.too_large[index] = numbers == _TOO_LARGE
        source = self._atlas.place[np.maximum(numbers, 0)]
        source[numbers < 0] = 0
        into = self.fragments
        base = self._base[index]
        into[index, 1:] = 0
        into[index, 0] = source
        into[index, 0, X] += base[:, 0]
        into[index, 0, Y] += base[:, 1]
        for place in np.flatnonzero(self._marked[looks]).tolist():
            self._place_marks(on, int(index[place]), self._looks[looks[place]])
        cut = np.flatnonzero(self._cut[looks] & (numbers >= 0))
        if cut.size:
            self._place_cut(on, index[cut], numbers[cut], base[cut])

    def _place_cut(self, on: Canvas2D, index: Index, numbers: NDArray[np.int32], base: Index) -> None:
        """Three pieces of three pictures, which are equally large: above the surface, the surface, below."""
        whole = [self._atlas.place[numbers + part] for part in range(CUTS)]
        top = whole[0][:, Y] + base[:, 1]
        high = whole[0][:, H]
        device = self.scale.px_per_mm * self.scale.ratio
        rises = np.array([self._looks[look].kind.first.shape.floating_roof for look in self.look_of[index]], bool)
        thick = np.where(rises, max(1, round(on.px(5.0) * device)), max(1, round(on.px(2.0) * device)))
        surface = self._bottom[index] - self._columns.fraction[self._level_row[index]] * self._height[index]
        upper = np.rint(np.where(rises, surface - thick, surface - thick / 2)).astype(np.int64) - top
        first = np.clip(upper, 0, high)
        second = np.clip(upper + thick, 0, high)
        edges = (np.zeros_like(first), first, second, high)
        for part in range(CUTS):
            begin, end = edges[part], edges[part + 1]
            rows = whole[part].copy()
            rows[:, SY] += begin
            rows[:, H] = end - begin
            rows[:, X] += base[:, 0]
            rows[:, Y] += base[:, 1] + begin
            rows[end <= begin] = 0
            self.fragments[index, part] = rows

    def _place_marks(self, on: Canvas2D, number: int, look: _Look) -> None:
        """Badge and icons stand where the very symbol has room for them, so each has a picture of its own."""
        symbol = self.symbols[number]
        symbol.shown = look.shown
        key = (number, look.shown, on.lit)
        made = self._marks.get(key)
        if made is None:
            made = self._marks[key] = self._paint(on, symbol, int(self._phase_of[number]), _paint_marks)
        if made >= 0:
            self.fragments[number, -1] = self._atlas.place[made]
            self.fragments[number, -1, X : Y + 1] += self._base[number]

    def _picture(self, on: Canvas2D, number: int, phase: int) -> int:
        look = self._looks[number]
        if look.phase is None and not look.moves:
            look.moves = self._phase(on, look) != self._phase(on.other_phase(), look)
            look.phase = self._phase(on, look)
        made = self._made.get((number, phase, look.phase))
        if made is None:
            made = self._made[number, phase, look.phase] = self._paint_look(on, look, phase)
        return made

    def _paint_look(self, on: Canvas2D, look: _Look, phase: int) -> int:
        symbol = look.kind.first
        symbol.shown = look.shown
        if not (look.cut and isinstance(symbol, Vessel)):
            return self._paint(on, symbol, phase, _paint_body)
        return self._paint(on, symbol, phase, _paint_body, ("empty", "surface", "full"))

    def _paint(self, on: Canvas2D, symbol: LiveSymbol, phase: int, paint: Paint, parts: Sequence[str] = ()) -> int:
        """Paint a symbol, or its parts, into the atlas; the number of the picture, the first of several."""
        scale, ratio, zoom = self.scale
        box, (x_mm, y_mm) = symbol.box, symbol.corner
        device, margin = scale * ratio, MARGIN_PX * max(1.0, min(zoom, 2.0)) * ratio
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
        assert isinstance(symbol, Vessel)
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


def likeness(symbol: LiveSymbol, *, texts: bool) -> Hashable:
    """Class, strokes, and what the class adds; texts too where they can be read."""
    words = tuple(text_likeness(text, *symbol.corner) for text in symbol.texts) if texts else ()
    return type(symbol), symbol.strokes, symbol.likeness(), words


def text_likeness(text: Text, x: float, y: float) -> Hashable:
    """A text relative to a corner."""
    at = round(text.at[0] - x, 3), round(text.at[1] - y, 3)
    return text.text, at, text.height_mm, text.angle_deg, text.horizontal, text.vertical


def boxes(symbols: Iterable[LiveSymbol]) -> NDArray[np.float64]:
    """Boxes of symbols as the file gives them, mm, one row each: left, top, right, bottom."""
    nothing = Box(0.0, 0.0, 0.0, 0.0)
    return np.array([symbol.element.box or nothing for symbol in symbols], np.float64).reshape(-1, 4)


def _mixed(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Numbers spread over 64 bits (the finaliser of SplitMix64; G. L. Steele et al., OOPSLA 2014)."""
    mixed = numbers * _MIX[0]
    mixed = (mixed ^ (mixed >> np.uint64(30))) * _MIX[1]
    mixed = (mixed ^ (mixed >> np.uint64(27))) * _MIX[2]
    return mixed ^ (mixed >> np.uint64(31))


def _doubled(column: NDArray, empty: object) -> NDArray:  # type: ignore[type-arg]
    return np.concatenate([column, np.full_like(column, empty)])
