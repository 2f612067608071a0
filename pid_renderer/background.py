"""The static sheet behind what lives: one picture of the window, painted block by block, shifted when the sheet is."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import Final, cast

from PySide6.QtCore import QRect, QRectF, QSize
from PySide6.QtGui import QPainter, QPixmap, QRegion

from pid_renderer.drawing import Box
from pid_renderer.paint_box import PaintBox
from pid_renderer.sheet_painter import SheetPainter
from pid_renderer.view import View

BLOCK_PX: Final = 256
_MARGIN_PX: Final = 8.0


class Background:
    """A pixmap of the window's size in device pixels (its own ratio is 1)."""

    def __init__(self, sheet: SheetPainter, colors: PaintBox) -> None:
        self._sheet, self._colors = sheet, colors
        self.pixmap = QPixmap()
        self._view = View(1.0, 0.0, 0.0)
        self._ratio = 1.0
        self._todo: list[QRect] = []

    def place(self, view: View, size: QSize, ratio: float) -> QRegion | None:
        """Show another part of the sheet; what of the window is new (device pixels), None for all of it."""
        before, old_ratio = self._view, self._ratio
        self._view, self._ratio = view, ratio
        window = QRect(0, 0, size.width(), size.height())
        if self.pixmap.size() == size and view.scale == before.scale and ratio == old_ratio and not self._todo:
            dx, dy = round((view.x - before.x) * ratio), round((view.y - before.y) * ratio)
            if abs(dx) < size.width() // 2 and abs(dy) < size.height() // 2:
                self.pixmap.scroll(dx, dy, window)
                strips = QRegion(window).subtracted(QRegion(window.translated(dx, dy)))
                for strip in cast("Iterable[QRect]", strips):
                    self._paint(strip)
                return strips
        if self.pixmap.size() != size:
            self.pixmap = QPixmap(size)
        self._todo = list(_blocks(window))
        return None

    @property
    def is_whole(self) -> bool:
        """Whether all of it is painted."""
        return not self._todo

    def work(self, budget_s: float) -> bool:
        """Paint blocks for so long, one at least; whether it is whole now."""
        deadline = time.perf_counter() + budget_s
        while self._todo:
            self._paint(self._todo.pop())
            if time.perf_counter() > deadline:
                break
        return not self._todo

    def _paint(self, area: QRect) -> None:
        painter = QPainter(self.pixmap)
        painter.setClipRect(area)
        painter.fillRect(area, self._colors.color("bg.canvas"))
        painter.scale(self._ratio, self._ratio)
        near = QRectF(area).adjusted(-_MARGIN_PX, -_MARGIN_PX, _MARGIN_PX, _MARGIN_PX)
        left, top, right, bottom = (
            side / self._ratio for side in (near.left(), near.top(), near.right(), near.bottom())
        )
        self._sheet.paint(painter, self._view, self._view.box_mm(Box(left, top, right, bottom)), self._colors)
        painter.end()


def _blocks(window: QRect) -> Iterator[QRect]:
    """Blocks from the last to the first: they are taken from the end."""
    for y in range(window.height() // BLOCK_PX, -1, -1):
        for x in range(window.width() // BLOCK_PX, -1, -1):
            block = QRect(x * BLOCK_PX, y * BLOCK_PX, BLOCK_PX, BLOCK_PX).intersected(window)
            if not block.isEmpty():
                yield block
