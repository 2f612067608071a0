"""Pipes in which nothing flows, or nobody knows whether: strips of the sheet as it looks with them faint or dotted.

A strip holds all that is drawn where it lies, so copying it over the background harms neither crossing lines nor texts.
Only what crosses and has a flow of its own may look otherwise; where it flows, the crossing is copied as it is.
"""

from __future__ import annotations

import time
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter

from pid_renderer.atlas import Atlas, Fragments, picture
from pid_renderer.drawing import Box, Point
from pid_renderer.flow import FLOWING, PLAIN, STILL, UNKNOWN, Watch
from pid_renderer.paint_box import PaintBox
from pid_renderer.sheet_painter import SheetPainter, pen_px
from pid_renderer.symbol_batch import Index, Scale
from pid_renderer.view import View
from resources.theme import Theme

_BLOCK_PX: Final = 256
"""What is painted at once, and the longest strip."""
_SLANTED_PX: Final = 16.0
"""A slanted pipe is covered by boxes of this size."""
_MARGIN_PX: Final = 48.0
"""How far what is drawn may stand out of the box it is known by, such as a text of wide letters."""
_SMALL_PX: Final = 16
"""A run that is no larger is one strip, corners and all: ten thousand symbols on one screen have thousands of them."""


class Pipes:
    """The straight pieces of all pipes of which a signal may tell: all that no zoom changes."""

    def __init__(self, sheet: SheetPainter, watch: Watch, theme: Theme) -> None:
        self.sheet = sheet
        self.told = tuple(name for name, told in zip(watch.segments, watch.told.tolist(), strict=True) if told)
        number = {name: place for place, name in enumerate(watch.segments)}
        wanted = frozenset(self.told)
        runs = [(run, width_px) for run, width_px in sheet.pipes(theme) if run.owner in wanted]
        table = np.array(
            [
                (*a, *b, width_px, number[run.owner], place)
                for place, (run, width_px) in enumerate(runs)
                for a, b in pairwise(run.points)
                if a != b
            ],
            np.float64,
        ).reshape(-1, 7)
        self.ends, self.width_px = table[:, :4], table[:, 4]
        self.owner, self.run = table[:, 5].astype(np.int64), table[:, 6].astype(np.int64)


class PipeBatch:
    """The strips of one zoom: made when they come into sight, faint and dotted at once, so that no frame waits."""

    def __init__(self, pipes: Pipes, atlas: Atlas, scale: Scale) -> None:
        self._pipes, self._atlas, self._scale = pipes, atlas, scale
        strips, owner = _strips(pipes, scale)
        a, b = _meeting(strips)
        differ = owner[a] != owner[b]
        a, b = a[differ], b[differ]
        shared = np.concatenate(
            [np.maximum(strips[a, :2], strips[b, :2]), np.minimum(strips[a, 2:], strips[b, 2:])], axis=1
        )
        self._owner, self._crossing = owner, (owner[a], owner[b])
        self._boxes = np.concatenate([strips, shared])
        self._waits = np.ones(len(self._boxes), bool)
        self._copied = {look: np.zeros((len(strips), 6), np.int32) for look in (STILL, UNKNOWN)}
        self._crossed = np.zeros((len(shared), 6), np.int32)
        self._seen: Box | None = None
        """What of the sheet `settle` was last done with."""
        self._strips_seen = self._crossings_seen = np.zeros(0, np.int64)

    def settle(self, colors: PaintBox, seen: Box, shift: Point, deadline: float | None) -> bool:
        """Make the strips that meet `seen` (device pixels from the sheet's corner); whether all are, in time.

        `shift`: the part of a pixel by which the background is off that corner. It makes some at least, and goes on
        until the deadline (`time.perf_counter`) if there is one. May raise `Full`.
        """
        if seen == self._seen:
            return True
        boxes = self._boxes
        right_of_begin = boxes[:, 2:] > (seen.left, seen.top)
        left_of_end = boxes[:, :2] < (seen.right, seen.bottom)
        inside = np.all(right_of_begin & left_of_end, axis=1)
        todo = np.flatnonzero(self._waits & inside)
        blocks = boxes[todo, :2] // _BLOCK_PX
        order = np.lexsort((blocks[:, 0], blocks[:, 1]))
        todo, blocks = todo[order], blocks[order]
        for some in np.split(todo, np.flatnonzero((blocks[1:] != blocks[:-1]).any(axis=1)) + 1) if todo.size else ():
            self._make(colors, shift, some)
            if deadline is not None and time.perf_counter() > deadline and some[-1] != todo[-1]:
                return False
        strips = len(self._owner)
        self._seen = seen
        self._strips_seen, self._crossings_seen = np.flatnonzero(inside[:strips]), np.flatnonzero(inside[strips:])
        # What comes next takes time of its own.
        return deadline is None or time.perf_counter() <= deadline

    def _make(self, colors: PaintBox, shift: Point, some: Index) -> None:
        boxes, strips = self._boxes[some], len(self._owner)
        left, top = boxes[:, :2].min(axis=0).tolist()
        right, bottom = boxes[:, 2:].max(axis=0).tolist()
        boxes = boxes - (left, top, left, top)
        scale, ratio, told = self._scale.px_per_mm, self._scale.ratio, self._pipes.told
        own = some < strips
        visible = Box(left - _MARGIN_PX, top - _MARGIN_PX, right + _MARGIN_PX, bottom + _MARGIN_PX)
        visible_mm = Box(*(side / ratio / scale for side in visible))

        def cut(look: int, mine: NDArray[np.bool_]) -> Fragments:
            def paint(painter: QPainter) -> None:
                painter.fillRect(QRect(0, 0, right - left, bottom - top), colors.color("bg.canvas"))
                view = View(scale, (shift[0] - left) / ratio, (shift[1] - top) / ratio)
                self._pipes.sheet.paint(painter, view, visible_mm, colors, flows=dict.fromkeys(told, look))

            image = picture(right - left, bottom - top, ratio, paint)
            return self._atlas.add_parts(image, left, top, boxes[mine].tolist())

        if own.any():
            for look, copied in self._copied.items():
                copied[some[own]] = cut(look, own)
        if not own.all():
            self._crossed[some[~own] - strips] = cut(PLAIN, ~own)
        self._waits[some] = False

    def fragments(self, states: NDArray[np.int8]) -> list[Fragments]:
        """What of the sheet last settled differs from the background with these states, from the sheet's corner.

        `states`: see `Flow.states_of`.
        """
        strips, crossings = self._strips_seen, self._crossings_seen
        state = states[self._owner[strips]]
        one, other = (states[owner[crossings]] for owner in self._crossing)
        flows = (one == FLOWING) | (one == PLAIN) | (other == FLOWING) | (other == PLAIN)
        return [
            *(copied[strips[state == look]] for look, copied in self._copied.items()),
            self._crossed[crossings[flows & (one != other)]],
        ]


def _strips(pipes: Pipes, scale: Scale) -> tuple[NDArray[np.int32], Index]:
    """Boxes (device pixels from the sheet's corner) that cover the pipes at one zoom, and the segment each is of."""
    ends = pipes.ends * scale.px_per_mm * scale.ratio
    widths = {width: pen_px(width, scale.zoom) for width in np.unique(pipes.width_px).tolist()}
    # A pixel more: the soft edge of a line between two pixels, and the background's shift.
    half = np.array([widths[width] for width in pipes.width_px.tolist()]) * scale.ratio / 2 + 1.0
    way = ends[:, 2:] - ends[:, :2]
    far = np.abs(way)
    slanted = far.min(axis=1, initial=np.inf) > 1.0
    count = np.ceil(far.max(axis=1, initial=0.0) / np.where(slanted, _SLANTED_PX, float(_BLOCK_PX)))
    count = np.maximum(count, 1.0).astype(np.int64)
    of = np.repeat(np.arange(len(count)), count)
    part = (np.arange(len(of)) - np.repeat(np.cumsum(count) - count, count)) / count[of]
    first = ends[of, :2] + way[of] * part[:, None]
    last = first + way[of] / count[of][:, None]
    around = half[of][:, None]
    corners = np.floor(np.minimum(first, last) - around), np.ceil(np.maximum(first, last) + around)
    boxes, owner, run = np.concatenate(corners, axis=1).astype(np.int32), pipes.owner[of], pipes.run[of]
    if not len(run):
        return boxes, owner
    begin = np.flatnonzero(np.diff(run, prepend=-1))
    whole = np.concatenate([np.minimum.reduceat(boxes[:, :2], begin), np.maximum.reduceat(boxes[:, 2:], begin)], axis=1)
    small = (whole[:, 2:] - whole[:, :2]).max(axis=1) <= _SMALL_PX
    kept = np.repeat(~small, np.diff(begin, append=len(run)))
    return np.concatenate([boxes[kept], whole[small]]), np.concatenate([owner[kept], owner[begin[small]]])


def _meeting(boxes: NDArray[np.int32]) -> tuple[Index, Index]:
    """All pairs of boxes that share room: a sweep from left to right."""
    order = np.argsort(boxes[:, 0], kind="stable")
    left, top, right, bottom = boxes[order].T
    place = np.arange(len(order))
    count = np.searchsorted(left, right, side="left") - place - 1
    one = np.repeat(place, count)
    other = one + 1 + np.arange(len(one)) - np.repeat(np.cumsum(count) - count, count)
    meet = (top[one] < bottom[other]) & (bottom[one] > top[other])
    return order[one[meet]], order[other[meet]]
