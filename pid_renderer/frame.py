"""The picture behind the window: tiles and live items composed once, then repaired only where an item changed.

Repairs are painted under one clip rectangle each. A widget's own update region would do the same by a clip of many
rectangles, under which every stroke costs several times as much.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import cast

from PySide6.QtCore import QPoint, QRect, QRectF, QSize
from PySide6.QtGui import QPainter, QPixmap, QRegion

Paint = Callable[[QPainter, QRectF], None]
"""Paints all there is inside a rectangle of window pixels."""


class Frame:
    """A pixmap of the window's size."""

    def __init__(self) -> None:
        self._pixmap = QPixmap()
        self._valid = False

    def void(self) -> None:
        """Everything must be painted again."""
        self._valid = False

    def is_whole(self, size: QSize, ratio: float) -> bool:
        """Whether the picture is complete for a window of `size`."""
        return self._valid and self._pixmap.size() == _device_size(size, ratio)

    def compose(self, size: QSize, ratio: float, paint: Paint) -> None:
        """Paint all of it."""
        if self._pixmap.size() != _device_size(size, ratio) or self._pixmap.devicePixelRatio() != ratio:
            self._pixmap = QPixmap(_device_size(size, ratio))
            self._pixmap.setDevicePixelRatio(ratio)
            self._pixmap.fill()
        painter = QPainter(self._pixmap)
        paint(painter, QRectF(0.0, 0.0, size.width(), size.height()))
        painter.end()
        self._valid = True

    @contextmanager
    def repairing(self) -> Iterator[QPainter]:
        """A painter on the picture, to paint parts of it again, each under its own clip rectangle."""
        painter = QPainter(self._pixmap)
        try:
            yield painter
        finally:
            painter.end()

    def scroll(self, by: QPoint, size: QSize, ratio: float, paint: Paint) -> bool:
        """Move the picture and paint the strips that came into sight. False where that saves nothing."""
        if not self.is_whole(size, ratio) or ratio != math.floor(ratio):
            return False
        if abs(by.x()) >= size.width() // 2 or abs(by.y()) >= size.height() // 2:
            return False
        step = round(ratio)
        self._pixmap.scroll(by.x() * step, by.y() * step, self._pixmap.rect())
        painter = QPainter(self._pixmap)
        for device in rects(_strips(by, size, step)):
            rect = QRectF(device.x() / step, device.y() / step, device.width() / step, device.height() / step)
            painter.setClipRect(rect)
            paint(painter, rect)
        painter.end()
        return True

    def show(self, painter: QPainter, region: QRegion) -> None:
        """Copy the rectangles of `region` to the window."""
        ratio = self._pixmap.devicePixelRatio()
        for rect in rects(region):
            source = QRectF(rect.x() * ratio, rect.y() * ratio, rect.width() * ratio, rect.height() * ratio)
            painter.drawPixmap(QRectF(rect), self._pixmap, source)


def rects(region: QRegion) -> list[QRect]:
    """The rectangles of a region; Qt's stubs do not say that it can be iterated."""
    return list(cast("Iterable[QRect]", region))


def _device_size(size: QSize, ratio: float) -> QSize:
    return QSize(math.ceil(size.width() * ratio), math.ceil(size.height() * ratio))


def _strips(by: QPoint, size: QSize, step: int) -> QRegion:
    whole = QRect(0, 0, size.width() * step, size.height() * step)
    return QRegion(whole).subtracted(QRegion(whole.translated(by.x() * step, by.y() * step)))
