"""What lives on a sheet as one list of small pictures: only what changed and is in sight is touched."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pid_renderer.arrow_batch import ArrowBatch, Runs
from pid_renderer.atlas import Atlas, Fragments, Full, H, W, X, Y
from pid_renderer.bar import Bar
from pid_renderer.bubble import Bubble
from pid_renderer.drawing import Box, Point
from pid_renderer.live_sheet import LiveSheet
from pid_renderer.number_batch import NumberBatch, NumberPlaces, Texts
from pid_renderer.pipe_batch import PipeBatch, Pipes
from pid_renderer.sheet_layers import layer_of_family
from pid_renderer.sheet_painter import SheetPainter
from pid_renderer.symbol import Canvas2D, LiveSymbol
from pid_renderer.symbol_batch import MARGIN_PX, Index, Scale, SymbolBatch, SymbolKinds
from resources.theme import Theme

_NEAR: Final = 0.5
"""The zoom from which bubbles are shown with their letters; under it they are bars."""
_ONLY_VESSELS_UNDER: Final = 0.25
_PLATE_REACH_PX: Final = 240.0
_LOOK_S: Final = 0.002
"""Painting in slices looks at the clock about so often."""

Mask = NDArray[np.bool_]


class Window(NamedTuple):
    """Where the sheet's corner is in the window, and the window's size, in device pixels."""

    x: int
    y: int
    width: int
    height: int


class LivePicture:
    """Symbols, values and arrows of one sheet, at one zoom at a time."""

    def __init__(self, live: LiveSheet, sheet: SheetPainter) -> None:
        self.live, self._sheet = live, sheet
        self._kinds: dict[bool, SymbolKinds] = {}
        self._places: NumberPlaces | None = None
        self._watch = live.flow.watch(live.columns)
        self._runs: Runs | None = None
        self._pipes: dict[str, Pipes] = {}
        """By theme."""
        self._flows = np.zeros(len(self._watch.segments), np.int8)
        self._shows_flow = False
        self.atlas = Atlas()
        self._begun_for: object = None
        self._made_for: object = None
        self._version = 0
        self.symbols: SymbolBatch | None = None
        self._at_a_time = 8
        self.hopeless = False
        """The pictures of one view do not fit into memory: all is to be painted stroke by stroke."""

    def void(self) -> None:
        """Make every picture anew: another theme, other layers."""
        self._begun_for = self._made_for = None

    # -- readiness -------------------------------------------------------------------------------------------------

    def grow(self, zoom: float, budget_s: float) -> None:
        """Learn for so long what is alike at a zoom."""
        self._kinds_at(zoom).grow(budget_s)

    def is_grown(self, zoom: float) -> bool:
        """Whether it is known what is alike at a zoom."""
        return self._kinds_at(zoom).is_grown

    def is_ready_for(self, on: Canvas2D, ratio: float) -> bool:
        """Whether `prepare` would find nothing to do."""
        return self._made_for == self._wanted(on, ratio) and self._version == self.live.version

    def _wanted(self, on: Canvas2D, ratio: float) -> object:
        return on.view.scale, ratio, id(on.colors), on.flow, on.alarms, on.design, self.live.hidden

    def _kinds_at(self, zoom: float) -> SymbolKinds:
        near = zoom >= _NEAR
        if near not in self._kinds:
            symbols = [_at(symbol, near) for symbol in self.live.symbols]
            self._kinds[near] = SymbolKinds(symbols, self.live.columns, texts=near)
        return self._kinds[near]

    def prepare(self, on: Canvas2D, ratio: float) -> None:
        """Be ready for a zoom, a theme and a set of layers: cheap where nothing changed."""
        if on.flow and not self._shows_flow:
            self._judge_flows()
        self._shows_flow = on.flow
        while not self.is_ready_for(on, ratio):
            self.prepare_part(on, ratio)

    def prepare_part(self, on: Canvas2D, ratio: float) -> None:
        """One step of `prepare` where a frame must not wait for all of it: symbols, then numbers."""
        wanted = self._wanted(on, ratio)
        if wanted not in (self._begun_for, self._made_for):
            self.hopeless = False
            self._begin(Scale(on.view.scale, ratio, on.zoom), on.colors.theme)
            self._begun_for = wanted
        else:
            self._begin_numbers()
            self._begun_for, self._made_for, self._version = None, wanted, self.live.version

    def _begin_numbers(self) -> None:
        """All numbers anew: in other words, or with other marks."""
        live = self.live
        assert self._places is not None
        texts = Texts(live.language, live.design, live.folded, live.look)
        layout = live.layout(self._scale.zoom, self._scale.px_per_mm)
        self.numbers = NumberBatch(
            self._places, live.columns, self.atlas, self._scale, texts, layout.small, layout.arranged
        )
        self._old_numbers = np.ones(self.numbers.count, bool)

    def _begin(self, scale: Scale, theme: Theme) -> None:
        live, columns = self.live, self.live.columns
        self.atlas.clear()
        self._scale = scale
        kinds = self._kinds_at(scale.zoom)
        kinds.grow()
        if self._places is None or self._runs is None:
            self._places, self._runs = NumberPlaces(live.plates, columns), Runs(live.flow, self._watch)
        self.symbols = SymbolBatch(kinds, columns, self.atlas, scale)
        self._arrows = ArrowBatch(self._runs, self.atlas, scale)
        if self._shows_flow:
            if theme.name not in self._pipes:
                self._pipes[theme.name] = Pipes(self._sheet, self._watch, theme)
            self._pipe_looks = PipeBatch(self._pipes[theme.name], self.atlas, scale)
        hidden = live.hidden and [layer_of_family(symbol.element.family) in live.hidden for symbol in live.symbols]
        self._left_out = np.array(list(hidden), bool)
        self._old_symbols = np.ones(len(kinds.symbols), bool)
        self._new_symbols = np.ones(len(kinds.symbols), bool)
        device = scale.px_per_mm * scale.ratio
        margin = (MARGIN_PX * max(1.0, min(scale.zoom, 2.0)) + 8.0) * scale.ratio
        self._boxes = kinds.boxes * device + np.array([-margin, -margin, margin, margin])
        places, reach = self._places, _PLATE_REACH_PX * max(1.0, min(scale.zoom, 2.5)) * scale.ratio
        inside = places.bottom > places.top
        top, bottom = np.where(inside, places.top, places.y), np.where(inside, places.bottom, places.y)
        self._seen: tuple[Window, tuple[Mask, Mask]] | None = None
        self._rooms = np.stack([places.x, top, places.x, bottom], axis=1) * device + np.array(
            [-reach, -0.25 * reach, reach, 0.25 * reach]
        )

    def _in_sight(self, window: Window) -> tuple[Mask, Mask]:
        """Which symbols and which rows of numbers may reach into the window; kept for the window."""
        if self._seen is None or self._seen[0] != window:
            self._seen = window, (_meets(self._boxes, window), _meets(self._rooms, window))
        return self._seen[1]

    def take(self, news: Mask) -> bool:
        """Rows of the columns that changed: what shows them is looked at again when it is in sight.

        Whether a flow began or ended, which changes arrows along whole pipes.
        """
        if self.symbols is not None:
            self._old_symbols |= self.symbols.touched(news)
            self._old_numbers |= self.numbers.touched(news)
        if not self._shows_flow or not news.any():
            return False
        before = self._flows
        self._judge_flows()
        return bool((before != self._flows).any())

    def _judge_flows(self) -> None:
        live = self.live
        self._flows = live.flow.states_of(self._watch, live.columns, live.readings)

    # -- painting --------------------------------------------------------------------------------------------------

    def settle(
        self, on: Canvas2D, window: Window, budget_s: float = float("inf"), *, compare: bool = True
    ) -> tuple[Fragments, bool]:
        """Bring what is in sight up to date, for so long.

        What is painted elsewhere or otherwise than before (window pixels, before and after; nothing unless `compare`),
        and whether all is done.
        """
        deadline = None if budget_s == float("inf") else time.perf_counter() + budget_s
        changed: list[Fragments] | None = [] if compare else None
        try:
            if on.flow:
                self._arrows.fragments(on, self._flows)
            done = (
                (not on.flow or self._pipe_looks.settle(on.colors, _seen(window), self._shift(on, window), deadline))
                and self._settle_symbols(on, window, deadline, changed)
                and self._settle_numbers(on, window, deadline, changed)
            )
        except Full:
            if self.hopeless:
                return _whole(window), True
            # Once more with an empty atlas; what still does not fit is more than this view can hold.
            self.hopeless = True
            self._begin(self._scale, on.colors.theme)
            self._begin_numbers()
            _, done = self.settle(on, window, budget_s, compare=False)
            self.hopeless = self.atlas.is_empty
            return _whole(window), done
        found = np.concatenate(changed) if changed else np.zeros((0, 6), np.int32)
        return _moved(found, window), done

    def _shift(self, on: Canvas2D, window: Window) -> Point:
        """By which part of a device pixel the background is off where the window says it is."""
        ratio = self._scale.ratio
        return on.view.x * ratio - window.x, on.view.y * ratio - window.y

    def waiting(self, window: Window) -> int:
        """How many things in sight are to be looked at again."""
        symbols = np.count_nonzero((self._old_symbols | self._new_symbols) & self._in_sight(window)[0])
        return int(symbols) + len(self._numbers_in(window, self._old_numbers))

    def _settle_symbols(
        self, on: Canvas2D, window: Window, deadline: float | None, changed: list[Fragments] | None
    ) -> bool:
        batch = self.symbols
        assert batch is not None
        asked = self._old_symbols & self._in_sight(window)[0]
        if asked.any():
            # What was judged and not painted yet waits as new.
            self._new_symbols[batch.judge(self.live.readings, asked)] = True
            self._old_symbols &= ~asked
        todo = np.flatnonzero(self._new_symbols & self._in_sight(window)[0])
        return self._place(batch, on, todo, self._new_symbols, deadline, changed)

    def _settle_numbers(
        self, on: Canvas2D, window: Window, deadline: float | None, changed: list[Fragments] | None
    ) -> bool:
        return self._place(
            self.numbers, on, self._numbers_in(window, self._old_numbers), self._old_numbers, deadline, changed
        )

    def _place(
        self,
        batch: SymbolBatch | NumberBatch,
        on: Canvas2D,
        todo: Index,
        waiting: Mask,
        deadline: float | None,
        changed: list[Fragments] | None,
    ) -> bool:
        """Write the fragments of `todo`, all at once or until the deadline."""
        begin = 0
        while begin < len(todo):
            began = time.perf_counter()
            some = todo[begin:] if deadline is None else todo[begin : begin + self._at_a_time]
            before = None if changed is None else batch.fragments[some]
            batch.place(on, some)
            waiting[some] = False
            if before is not None and changed is not None:
                after = batch.fragments[some]
                moved = (before != after).any(axis=(1, 2))
                changed += [before[moved].reshape(-1, 6), after[moved].reshape(-1, 6)]
            begin += len(some)
            if deadline is not None:
                now = time.perf_counter()
                # Pictures met before cost microseconds, new ones up to half a millisecond each.
                faster = now - began < _LOOK_S / 2
                self._at_a_time = min(self._at_a_time * 2, 32) if faster else max(self._at_a_time // 2, 8)
                if now > deadline and begin < len(todo):
                    return False
        return True

    def _numbers_in(self, window: Window, of: Mask | None = None) -> Index:
        hidden = self.live.layout(self._scale.zoom, self._scale.px_per_mm).hidden
        assert self._places is not None
        seen = ~hidden[self._places.of] & self._in_sight(window)[1]
        return np.flatnonzero(seen if of is None else seen & of)

    def _symbols_in(self, window: Window) -> Index:
        batch = self.symbols
        assert batch is not None
        seen = self._in_sight(window)[0]
        looks = np.maximum(batch.look_of, 0)
        if self._scale.zoom < _ONLY_VESSELS_UNDER:
            seen = seen & ((batch.kinds.order == 0) | batch.alarmed[looks])
        if self.live.hidden:
            seen = seen & (~self._left_out | batch.alarmed[looks])
        return np.flatnonzero(seen)

    def runs(self, on: Canvas2D, window: Window, *, values: bool) -> Iterator[Fragments | LiveSymbol]:
        """Everything in sight in painting order, in window pixels; a symbol that is too large to keep by itself."""
        batch = self.symbols
        assert batch is not None
        parts: list[Fragments] = []
        if on.flow:
            parts += [*self._pipe_looks.fragments(self._flows), self._arrows.fragments(on, self._flows)]
        seen = self._symbols_in(window)
        begin = 0
        for place in np.flatnonzero(batch.too_large[seen]).tolist():
            parts.append(batch.in_order(seen[begin : place + 1]))
            yield _inside(parts, window)
            parts, begin = [], place + 1
            symbol = batch.symbols[seen[place]]
            symbol.shown = symbol.look(self.live.readings)
            yield symbol
        parts.append(batch.in_order(seen[begin:]))
        if values:
            parts.append(self.numbers.in_order(self._numbers_in(window)))
        yield _inside(parts, window)

    def relight(self, on: Canvas2D) -> None:
        """The blink's other part, or a step of what turns: what shows it is looked at again when it is in sight."""
        if self.symbols is None:
            return
        self._new_symbols[self.symbols.set_phase(on)] = True
        waits = np.zeros(len(self.live.columns.trust), bool)
        waits[self.live.columns.unacknowledged] = True
        self.numbers.relight()
        self._old_numbers |= self.numbers.blinking(waits)


def _at(symbol: LiveSymbol, near: bool) -> LiveSymbol:
    """What stands for a symbol far from or near to."""
    if near or not isinstance(symbol, Bubble):
        return symbol
    return Bar(symbol.drawing, symbol.element, symbol.code, symbol.binding)


def _meets(boxes: NDArray[np.float64], window: Window) -> Mask:
    left, top, right, bottom = boxes.T
    found: Mask = (
        (left <= window.width - window.x)
        & (right >= -window.x)
        & (top <= window.height - window.y)
        & (bottom >= -window.y)
    )
    return found


def _seen(window: Window) -> Box:
    """The window from the sheet's corner, device pixels."""
    return Box(-window.x, -window.y, window.width - window.x, window.height - window.y)


def _inside(parts: list[Fragments], window: Window) -> Fragments:
    """Fragments from the sheet's corner as those that are in the window, from its corner."""
    found = np.concatenate(parts)
    x, y, wide, high = found[:, X] + window.x, found[:, Y] + window.y, found[:, W], found[:, H]
    seen = np.flatnonzero((wide > 0) & (x < window.width) & (y < window.height) & (x + wide > 0) & (y + high > 0))
    found = found.take(seen, axis=0)
    found[:, X], found[:, Y] = x[seen], y[seen]
    return found


def _moved(fragments: Fragments, window: Window) -> Fragments:
    fragments[:, X] += window.x
    fragments[:, Y] += window.y
    return fragments


def _whole(window: Window) -> Fragments:
    return np.array([[0, 0, window.width, window.height, 0, 0]], np.int32)
