"""The static sheet as 512 px tiles: painted once for a zoom and theme, then only copied."""

from __future__ import annotations

import math
from collections import OrderedDict
from typing import Final

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPixmap

from pid_renderer.drawing import Box
from pid_renderer.paint_box import PaintBox
from pid_renderer.sheet_painter import SheetPainter
from pid_renderer.view import View

TILE_PX: Final = 512
KEPT: Final = 96
"""Tiles in memory, 1 MB each at device ratio 1: a 4K screen shows 45."""

Piece = tuple[QRectF, QPixmap, QRectF]
"""A place in the window, a tile, and the part of the tile that belongs there."""


class Tiles:
    """Pixmaps of the sheet by zoom and place. Opaque, so they are copied and not blended."""

    def __init__(self, sheet: SheetPainter, colors: PaintBox) -> None:
        self._sheet = sheet
        self._colors = colors
        self._kept: OrderedDict[tuple[float, float, int, int], QPixmap] = OrderedDict()

    def paint(self, painter: QPainter, view: View, area: QRectF) -> None:
        """Copy the tiles under `area` (window pixels); paint those that are not there yet."""
        for piece in self.pieces(view, area, painter.device().devicePixelRatioF()):
            painter.drawPixmap(*piece)

    def pieces(self, view: View, area: QRectF, ratio: float) -> list[Piece]:
        """What to copy for `area` (window pixels), as `drawPixmap` takes it; good while view and theme stay."""
        columns = range(math.floor((area.left() - view.x) / TILE_PX), math.ceil((area.right() - view.x) / TILE_PX))
        rows = range(math.floor((area.top() - view.y) / TILE_PX), math.ceil((area.bottom() - view.y) / TILE_PX))
        found: list[Piece] = []
        for row in rows:
            for column in columns:
                place = QRectF(view.x + column * TILE_PX, view.y + row * TILE_PX, TILE_PX, TILE_PX)
                part = place.intersected(area)
                # Only the part that is asked for: a clip would still walk over the whole tile.
                source = part.translated(-place.x(), -place.y())
                if ratio != 1.0:
                    source = QRectF(
                        source.x() * ratio, source.y() * ratio, source.width() * ratio, source.height() * ratio
                    )
                found.append((part, self._tile(view.scale, ratio, column, row), source))
        return found

    def _tile(self, scale: float, ratio: float, column: int, row: int) -> QPixmap:
        key = (scale, ratio, column, row)
        tile = self._kept.get(key)
        if tile is not None:
            self._kept.move_to_end(key)
            return tile
        tile = QPixmap(math.ceil(TILE_PX * ratio), math.ceil(TILE_PX * ratio))
        tile.setDevicePixelRatio(ratio)
        tile.fill(self._colors.color("bg.canvas"))
        painter = QPainter(tile)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        view = View(scale, -column * TILE_PX, -row * TILE_PX)
        margin = 8.0
        visible = view.box_mm(Box(-margin, -margin, TILE_PX + margin, TILE_PX + margin))
        self._sheet.paint(painter, view, visible, self._colors)
        painter.end()
        self._kept[key] = tile
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return tile
