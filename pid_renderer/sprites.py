"""Small live symbols kept as pixmaps, one for each look they have had at the present zoom."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import replace
from typing import Final

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPixmap

from pid_renderer.drawing import Box
from pid_renderer.symbol import Canvas2D, LiveSymbol, paint_symbol
from pid_renderer.view import View

KEPT: Final = 4000
_LARGEST_PX: Final = 160.0
"""A larger symbol is cheaper to paint than to keep."""


class Sprites:
    """Pixmaps of symbols by symbol, look and phase; void at another zoom, theme or device ratio."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, tuple[QPixmap, float, float]] = OrderedDict()
        self._made_for: Hashable = None

    def paint(self, on: Canvas2D, symbol: LiveSymbol) -> bool:
        """Copy the symbol's picture to its place; False for a symbol that is not worth keeping."""
        view, ratio = on.view, on.painter.device().devicePixelRatioF()
        made_for = (view.scale, view.x % 1.0, view.y % 1.0, id(on.colors), ratio, on.flow, on.alarms, on.design)
        if made_for != self._made_for:
            self._kept.clear()
            self._made_for = made_for
        key = (id(symbol), symbol.shown, symbol.phase(on))
        kept = self._kept.get(key)
        if kept is None:
            box = on.view.box_px(symbol.box)
            if box.width > _LARGEST_PX or box.height > _LARGEST_PX:
                return False
            kept = self._kept[key] = self._make(on, symbol, box, on.painter.device().devicePixelRatioF())
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        pixmap, dx, dy = kept
        on.painter.drawPixmap(QPointF(math.floor(on.view.x) + dx, math.floor(on.view.y) + dy), pixmap)
        return True

    @staticmethod
    def _make(on: Canvas2D, symbol: LiveSymbol, box: Box, ratio: float) -> tuple[QPixmap, float, float]:
        left, top = math.floor(box.left - symbol.reach_px), math.floor(box.top - symbol.reach_px)
        width, height = math.ceil(box.right + symbol.reach_px) - left, math.ceil(box.bottom + symbol.reach_px) - top
        pixmap = QPixmap(math.ceil(width * ratio), math.ceil(height * ratio))
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        view = View(on.view.scale, on.view.x - left, on.view.y - top)
        own = replace(on, painter=painter, view=view)
        paint_symbol(own, symbol)
        painter.end()
        return pixmap, left - math.floor(on.view.x), top - math.floor(on.view.y)
