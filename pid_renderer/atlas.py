"""Small pictures packed into one pixmap, so that thousands of them are copied to the screen in one call."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Final, cast

import numpy as np
import shiboken6
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QImage, QPainter, QPixmap

WIDTH: Final = 2032
"""Not a power of two: rows a multiple of 4096 bytes apart would push each other out of the processor's cache."""
TALLEST: Final = 8160
"""66 MB: four screens full of pictures."""
_FIRST_HEIGHT: Final = 510
_SHELF: Final = 4
LARGEST: Final = 1500
"""Pixels a side. What is larger is painted each time: few of its kind are ever in sight together."""

SX, SY, W, H, X, Y = range(6)
"""Columns of `Atlas.place` and of fragments: where in the atlas, how large, and where it goes from its origin."""
Fragments = NDArray[np.int32]
"""Rows of six whole device pixels, see `SX` and the others; rows with no width are nothing."""


class Full(Exception):
    """No room left: the atlas was emptied, and every picture must be made again."""


class Atlas:
    """Pictures by number. `place[number]` says where each one is and where it goes relative to its origin."""

    def __init__(self) -> None:
        self._buffer = np.zeros((0, 10))
        self.clear()

    def clear(self) -> None:
        """Forget all pictures."""
        self.pixmap = _blank(WIDTH, _FIRST_HEIGHT)
        self._shelves: dict[int, tuple[int, int]] = {}
        self._top = 0
        self._count = 0
        self.place: Fragments = np.zeros((256, 6), np.int32)

    def add(self, image: QImage, x: int, y: int) -> int:
        """Keep the inked part of `image`, whose top left corner goes to (x, y) from the origin. Raises `Full`."""
        return self._add(image, x, y, _inked(image))

    def add_alike(self, images: Sequence[QImage], x: int, y: int) -> int:
        """Keep images of one size, all cut to the same box; the number of the first, the others follow."""
        inked = [_inked(image) for image in images]
        lefts, tops, rights, bottoms = zip(*inked, strict=True)
        box = min(lefts), min(tops), max(rights), max(bottoms)
        numbers = [self._add(image, x, y, box) for image in images]
        return numbers[0]

    def add_parts(self, image: QImage, x: int, y: int, boxes: Sequence[Sequence[int]]) -> Fragments:
        """Keep parts (left, top, right, bottom) of an image whose corner goes to (x, y): how they are copied there.

        They have no numbers. Raises `Full`.
        """
        rooms = [self._room(right - left, bottom - top) for left, top, right, bottom in boxes]
        found = np.zeros((len(boxes), 6), np.int32)
        painter = QPainter(self.pixmap)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
        for row, ((left, top, right, bottom), (column, line)) in enumerate(zip(boxes, rooms, strict=True)):
            painter.drawImage(QPoint(column, line), image, QRect(left, top, right - left, bottom - top))
            found[row] = column, line, right - left, bottom - top, x + left, y + top
        painter.end()
        return found

    def _add(self, image: QImage, x: int, y: int, inked: tuple[int, int, int, int]) -> int:
        left, top, right, bottom = inked
        width, height = right - left, bottom - top
        column, row = self._room(width, height) if width else (0, 0)
        if width:
            painter = QPainter(self.pixmap)
            painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
            painter.drawImage(QPoint(column, row), image, QRect(left, top, width, height))
            painter.end()
        if self._count == len(self.place):
            self.place = np.concatenate([self.place, np.zeros_like(self.place)])
        number = self._count
        self._count += 1
        self.place[number] = (column, row, width, height, x + left, y + top)
        return number

    @property
    def is_empty(self) -> bool:
        """Whether it holds no picture."""
        return self._count == 0

    def _room(self, width: int, height: int) -> tuple[int, int]:
        bucket = -(-height // _SHELF) * _SHELF
        column, row = self._shelves.get(bucket, (WIDTH, 0))
        if column + width > WIDTH:
            column, row = 0, self._top
            if row + bucket > TALLEST:
                self.clear()
                raise Full
            while row + bucket > self.pixmap.height():
                self._grow()
            self._top = row + bucket
        self._shelves[bucket] = column + width, row
        return column, row

    def _grow(self) -> None:
        taller = _blank(WIDTH, min(TALLEST, 2 * self.pixmap.height()))
        painter = QPainter(taller)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
        painter.drawPixmap(0, 0, self.pixmap)
        painter.end()
        self.pixmap = taller

    def paint(self, painter: QPainter, fragments: Fragments) -> None:
        """Copy pictures, one over the other in their order; the painter's unit is the device pixel."""
        copy_fragments(painter, fragments, self.pixmap, self._room_for(len(fragments)))

    def _room_for(self, count: int) -> NDArray[np.float64]:
        if len(self._buffer) < count:
            self._buffer = fragment_buffer(2 * count)
        return self._buffer


def fragment_buffer(count: int) -> NDArray[np.float64]:
    """Room for `count` of Qt's pixmap fragments: ten doubles each, not scaled, not turned, opaque."""
    buffer = np.zeros((count, 10))
    buffer[:, 6] = buffer[:, 7] = buffer[:, 9] = 1.0
    return buffer


def copy_fragments(painter: QPainter, fragments: Fragments, pixmap: QPixmap, buffer: NDArray[np.float64]) -> None:
    """Copy parts of a pixmap in one call. Qt takes the middle of each where it goes."""
    count = len(fragments)
    if not count:
        return
    used = buffer[:count]
    # Column by column: numpy's loops over rows of two or four cost three times as much.
    for place, (begin, size) in enumerate(((X, W), (Y, H))):
        np.multiply(fragments[:, size], 0.5, out=used[:, place])
        used[:, place] += fragments[:, begin]
    for place, column in enumerate((SX, SY, W, H), 2):
        used[:, place] = fragments[:, column]
    # Qt's fragments lie in memory as the rows of the buffer do: no object is made for each.
    first = cast("QPainter.PixmapFragment", shiboken6.Shiboken.wrapInstance(used.ctypes.data, QPainter.PixmapFragment))
    painter.drawPixmapFragments(first, count, pixmap)


def picture(width: int, height: int, ratio: float, paint: Callable[[QPainter], None]) -> QImage:
    """A transparent picture of `width` × `height` device pixels; `paint` works in logical pixels."""
    image = QImage(max(1, width), max(1, height), QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
    paint(painter)
    painter.end()
    image.setDevicePixelRatio(1.0)
    return image


def _inked(image: QImage) -> tuple[int, int, int, int]:
    """The smallest box that holds every pixel that is not transparent."""
    pixels = np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), image.bytesPerLine() // 4)
    rows = np.flatnonzero(pixels.any(axis=1))
    if not rows.size:
        return 0, 0, 0, 0
    columns = np.flatnonzero(pixels[rows[0] : rows[-1] + 1].any(axis=0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def _blank(width: int, height: int) -> QPixmap:
    pixmap = QPixmap(math.ceil(width), math.ceil(height))
    pixmap.fill(Qt.GlobalColor.transparent)
    return pixmap
