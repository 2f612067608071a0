"""The flow's arrows on all pipes of a sheet at one zoom, copied like symbols."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter

from pid_renderer.atlas import Atlas, Fragments, X, Y, picture
from pid_renderer.flow import FLOWING, HALF_PX, PITCH_PX, STEPS, Flow, Watch, arrow
from pid_renderer.symbol import Canvas2D
from pid_renderer.symbol_batch import Index, Scale

_PER_TURN: Final = 72
"""Arrows point in as many directions: none is off by more than 2.5°."""


class Runs:
    """The straight pieces of all pipes that may have arrows: all that no zoom changes."""

    def __init__(self, flow: Flow, watch: Watch) -> None:
        pieces: list[tuple[float, ...]] = []
        for owner, name in enumerate(watch.segments):
            for run in flow.runs[name]:
                lengths = [math.dist(a, b) for a, b in pairwise(run.points)]
                total, before = sum(lengths), 0.0
                for (a, b), length in zip(pairwise(run.points), lengths, strict=True):
                    if length > 0:
                        pieces.append((*a, *b, before, length, total, owner))
                    before += length
        table = np.array(pieces, np.float64).reshape(-1, 8)
        self.begin, self.way = table[:, :2], table[:, 2:4] - table[:, :2]
        self.before, self.length, self.total = table[:, 4], table[:, 5], table[:, 6]
        self.owner = table[:, 7].astype(np.int64)
        self.turn = np.rint(np.arctan2(self.way[:, 1], self.way[:, 0]) / (2 * np.pi) * _PER_TURN).astype(np.int64)


class ArrowBatch:
    """Where arrows stand at each step of the flow's pace, and which pipes they belong to."""

    def __init__(self, runs: Runs, atlas: Atlas, scale: Scale) -> None:
        self._atlas, self._scale, self._runs = atlas, scale, runs
        self._numbers: dict[int, int] = {}
        self._at: dict[int, tuple[NDArray[np.float64], Index, Index]] = {}

    def _places(self, step: int) -> tuple[NDArray[np.float64], Index, Index]:
        """Places in device pixels from the sheet's corner, turns and segments; see `flow.along`."""
        if step not in self._at:
            runs, scale = self._runs, self._scale
            usual = PITCH_PX * min(max(scale.zoom, 0.6), 2.0) / scale.px_per_mm
            long = runs.total * scale.px_per_mm >= 2 * HALF_PX
            pitch = runs.total / np.maximum(1.0, np.rint(runs.total / usual))
            shift = (0.5 + step / STEPS) % 1.0
            first = np.ceil(runs.before / pitch - shift).astype(np.int64)
            last = np.ceil((runs.before + runs.length) / pitch - shift).astype(np.int64)
            count = np.where(long, np.maximum(0, last - first), 0)
            piece = np.repeat(np.arange(count.size), count)
            number = np.arange(piece.size) - np.repeat(np.cumsum(count) - count, count) + first[piece]
            part = ((number + shift) * pitch[piece] - runs.before[piece]) / runs.length[piece]
            at = (runs.begin[piece] + runs.way[piece] * part[:, None]) * scale.px_per_mm * scale.ratio
            self._at[step] = at, runs.turn[piece] % _PER_TURN, runs.owner[piece]
        return self._at[step]

    def fragments(self, on: Canvas2D, states: NDArray[np.int8]) -> Fragments:
        """The arrows of the segments that flow (see `Flow.states_of`), from the sheet's corner. May raise `Full`."""
        at, turn, owner = self._places(on.step % STEPS)
        shown = np.flatnonzero(states[owner] == FLOWING) if owner.size else np.zeros(0, np.int64)
        if not shown.size:
            return np.zeros((0, 6), np.int32)
        number = np.zeros(_PER_TURN, np.int64)
        for way in np.unique(turn[shown]).tolist():
            number[way] = self._number(on, way)
        found = self._atlas.place[number[turn[shown]]]
        whole = np.floor(at[shown] + 0.5).astype(np.int32)
        found[:, X] += whole[:, 0]
        found[:, Y] += whole[:, 1]
        return found

    def _number(self, on: Canvas2D, way: int) -> int:
        made = self._numbers.get(way)
        if made is None:
            px, ratio = self._scale.px_per_mm, self._scale.ratio
            half = on.px(HALF_PX) * px
            middle = math.ceil(1.5 * half * ratio) + 1

            def paint(painter: QPainter) -> None:
                painter.translate(middle / ratio, middle / ratio)
                painter.rotate(360.0 * way / _PER_TURN)
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(on.colors.color("equip.line"))
                painter.drawPolygon(arrow(half))

            made = self._atlas.add(picture(2 * middle, 2 * middle, ratio, paint), -middle, -middle)
            self._numbers[way] = made
        return made
