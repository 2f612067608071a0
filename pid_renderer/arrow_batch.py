"""The flow's arrows on all pipes of a sheet at one zoom, copied like symbols."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPolygonF

from pid_renderer.atlas import Atlas, Fragments, X, Y, picture
from pid_renderer.flow import HALF_PX, PITCH_PX, STEPS, Flow, Watch
from pid_renderer.symbol import Canvas2D
from pid_renderer.symbol_batch import Index, Scale

_PER_TURN: Final = 72
"""Arrows point in as many directions: none is off by more than 2.5°."""


class ArrowBatch:
    """Where arrows stand at each step of the flow's pace, and which pipes they belong to."""

    def __init__(self, flow: Flow, watch: Watch, atlas: Atlas, scale: Scale) -> None:
        self._atlas, self._scale = atlas, scale
        self._numbers: dict[int, int] = {}
        device = scale.px_per_mm * scale.ratio
        pitch = PITCH_PX * min(max(scale.zoom, 0.6), 2.0) / scale.px_per_mm
        begins, steps, lengths, owners = [], [], [], []
        self._at: list[tuple[NDArray[np.float64], Index, Index]] = []
        for owner, name in enumerate(watch.segments):
            for run in flow.runs[name]:
                pieces = [(a, b, math.dist(a, b)) for a, b in pairwise(run.points)]
                total = sum(length for _, _, length in pieces)
                if total * scale.px_per_mm < 2 * HALF_PX:
                    continue
                own_pitch = total / max(1, round(total / pitch))
                before = 0.0
                for a, b, length in pieces:
                    if length > 0:
                        begins.append((*a, *b))
                        steps.append((before, before + length, own_pitch))
                        lengths.append(length)
                        owners.append(owner)
                    before += length
        place, span = np.array(begins).reshape(-1, 4), np.array(steps).reshape(-1, 3)
        length, owner_ = np.array(lengths), np.array(owners, np.int64)
        turn = np.rint(np.arctan2(place[:, 3] - place[:, 1], place[:, 2] - place[:, 0]) / (2 * np.pi) * _PER_TURN)
        for step in range(STEPS):
            # Evenly along the run, half a pitch from its ends at the first step; each step a part of the pitch on.
            shift = (0.5 + step / STEPS) % 1.0
            first = np.ceil(span[:, 0] / span[:, 2] - shift).astype(np.int64)
            last = np.ceil(span[:, 1] / span[:, 2] - shift).astype(np.int64)
            count = np.maximum(0, last - first)
            piece = np.repeat(np.arange(len(span)), count)
            number = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count) + first[piece]
            along = ((number + shift) * span[piece, 2] - span[piece, 0]) / length[piece]
            at = place[piece, :2] + (place[piece, 2:] - place[piece, :2]) * along[:, None]
            self._at.append((at * device, turn[piece].astype(np.int64) % _PER_TURN, owner_[piece]))

    def fragments(self, on: Canvas2D, flows: NDArray[np.bool_]) -> Fragments:
        """The arrows of the segments that flow (a mask), from the sheet's corner. May raise `Full`."""
        at, turn, owner = self._at[on.step % STEPS]
        shown = np.flatnonzero(flows[owner]) if owner.size else np.zeros(0, np.int64)
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
                painter.drawPolygon(QPolygonF([QPointF(half, 0), QPointF(-half, -half), QPointF(-half, half)]))

            made = self._atlas.add(picture(2 * middle, 2 * middle, ratio, paint), -middle, -middle)
            self._numbers[way] = made
        return made
