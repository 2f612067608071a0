"""Puts the layers of one sheet together: the static background, what lives, and the frame that keeps the result.

A frame in which little changed is repaired cell by cell; one in which much did is painted anew, straight into the
window where nothing forbids it. While a large sheet is being zoomed, its last picture stands in, scaled, until the new
one is ready: it is made a few milliseconds at a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import ceil
from typing import Final, cast

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRect, QRectF, QSize
from PySide6.QtGui import QPainter, QPixmap, QRegion

from pid_renderer.atlas import Fragments, X, Y, copy_fragments, fragment_buffer
from pid_renderer.background import Background
from pid_renderer.damage import CELL_PX, Grid, cells, cut, damage, no_damage
from pid_renderer.drawing import Box
from pid_renderer.live_picture import LivePicture, Window
from pid_renderer.live_sheet import Layout, LiveSheet
from pid_renderer.paint_box import PaintBox
from pid_renderer.sheet_layers import Layers
from pid_renderer.sheet_painter import SheetPainter
from pid_renderer.symbol import Canvas2D, LiveSymbol, paint_symbol
from pid_renderer.view import View
from resources.theme import Theme

_EVERYTHING = Box(-1e9, -1e9, 1e9, 1e9)
_MOST_DAMAGE: Final = 0.3
"""Of the window: more than this is painted as a whole."""
_MOST_WAITING: Final = 1500
"""Where so many things may look otherwise, comparing them costs more than painting all."""
_MOST_TOLD: Final = 64
"""Cells: more of them cost more as rectangles of an update than a copy of the whole window."""
_LARGE: Final = 300
"""A sheet with more strokes, symbols and values than this takes longer than one frame to paint at a new zoom."""
_MANY_VALUES: Final = 1000
"""More values than this take longer than one frame to be placed for the lens."""
SLICE_S: Final = 0.006
"""What one turn of making a new picture may take."""
_FOREVER: Final = float("inf")


class Composer:
    """Paints one sheet through one view."""

    def __init__(self, live: LiveSheet, theme: Theme, layers: Layers) -> None:
        self.live = live
        self.lit, self.step = True, 0
        self.view = View(1.0, 0.0, 0.0)
        self._size, self._ratio = QSize(1, 1), 1.0
        self._sheet = SheetPainter(live.drawing, without=live.owners_drawn_live())
        self._is_large = len(live.drawing.primitives) + len(live.symbols) + len(live.plates) > _LARGE
        self._picture = LivePicture(live, self._sheet)
        self._frame = QPixmap()
        self._frame_is_whole = False
        self._shown_lit, self._shown_step = True, 0
        self._layout: Layout | None = None
        self._stand_in: tuple[QPixmap, View] | None = None
        self._tiles = fragment_buffer(0)
        self.layers = layers
        self.set_theme(theme)
        self.set_layers(layers)

    def set_theme(self, theme: Theme) -> None:
        """Paint in another theme."""
        self.colors = PaintBox(theme)
        self._background = Background(self._sheet, self.colors)
        self._background.place(self.view, self._device_size, self._ratio)
        self._picture.void()
        self._small: QPixmap | None = None
        self.void()

    def set_layers(self, layers: Layers) -> None:
        """Show other layers from the next `show` on; with the lens many values are placed anew, which takes longer."""
        stand_in = None
        if self._is_slow(layers):
            self._keep_stand_in()
            stand_in = self._stand_in
        self.layers = layers
        self.live.show_design(layers.design)
        self.live.hidden = layers.hidden
        if layers.hidden != self._sheet.hidden:
            self._sheet.hidden = layers.hidden
            self.set_theme(self.colors.theme)
        self.void()
        self._stand_in = stand_in

    def _is_slow(self, layers: Layers) -> bool:
        """Whether other layers take so long that the picture of the moment, which is ready, is to stand in."""
        return (
            layers.design != self.layers.design
            and layers.hidden == self.layers.hidden
            and len(self.live.plates) > _MANY_VALUES
            and self.is_ready
            and self._picture.is_ready_for(self._on_nothing(), self._ratio)
        )

    def void(self) -> None:
        """Compose everything again at the next `show`."""
        self._frame_is_whole = False
        self._stand_in = None

    # -- view ------------------------------------------------------------------------------------------------------

    @property
    def _device_size(self) -> QSize:
        return QSize(ceil(self._size.width() * self._ratio), ceil(self._size.height() * self._ratio))

    @property
    def _window(self) -> Window:
        size = self._device_size
        return Window(round(self.view.x * self._ratio), round(self.view.y * self._ratio), size.width(), size.height())

    def place(self, view: View, size: QSize, ratio: float) -> None:
        """Look through another view; after a mere pan only the strips that came into sight are painted."""
        before, was_ready = self.view, self.is_ready
        same_kind = size == self._size and ratio == self._ratio
        if self._is_large and same_kind and view.scale != before.scale and was_ready:
            self._keep_stand_in()
        self.view, self._size, self._ratio = view, size, ratio
        strips = self._background.place(view, self._device_size, ratio)
        if strips is None or not same_kind or not self._frame_is_whole:
            self._frame_is_whole = False
            if not same_kind:
                self._stand_in = None
            return
        window = self._window
        dx, dy = round((view.x - before.x) * ratio), round((view.y - before.y) * ratio)
        self._frame.scroll(dx, dy, self._frame.rect())
        grid = no_damage(window.width, window.height)
        new = [(0, 0, r.width(), r.height(), r.x(), r.y()) for r in cast("Iterable[QRect]", strips)]
        damage(grid, np.array(new, np.int32).reshape(-1, 6))
        self._settle(grid)
        self._repair(grid)

    def _keep_stand_in(self) -> None:
        """Remember the picture of the moment, to be scaled while the next one is made."""
        if not self._frame_is_whole:
            self._compose()
        self._stand_in = self._frame, self.view
        self._frame = QPixmap()
        self._frame_is_whole = False

    @property
    def is_ready(self) -> bool:
        """Whether the picture is exact, not a stand-in."""
        return self._stand_in is None and self._background.is_whole

    def work(self) -> bool:
        """Make a part of the new picture; whether it is ready to be shown."""
        if self._stand_in is None:
            return True
        on = self._on_nothing()
        if not self._background.is_whole:
            self._background.work(SLICE_S)
        elif not self._picture.is_grown(on.zoom):
            self._picture.grow(on.zoom, SLICE_S)
        elif self.live.arrange(on.zoom, self.view.scale, SLICE_S) is None:
            pass
        elif not self._picture.is_ready_for(on, self._ratio):
            self._picture.prepare_part(on, self._ratio)
        elif self._picture.settle(on, self._window, SLICE_S, compare=False)[1]:
            self._stand_in = None
        return self._stand_in is None

    # -- what changes ----------------------------------------------------------------------------------------------

    def take(self, news: NDArray[np.bool_]) -> list[QRect] | None:
        """Rows of the columns that changed: repair the picture. The rectangles that differ, None where all may."""
        flows_changed = self._picture.take(news)
        return self._refresh(whole=flows_changed and self.layers.flow)

    def relight(self, *, lit: bool) -> list[QRect] | None:
        """The other part of the blink."""
        self.lit = lit
        return self._refresh(whole=False)

    def turn(self) -> None:
        """One step of what flows and turns."""
        self.step += 1
        self._refresh(whole=True)

    def _refresh(self, *, whole: bool) -> list[QRect] | None:
        if self._stand_in is not None:
            return []
        if whole or not self._background.is_whole:
            self._frame_is_whole = False
            return None
        window = self._window
        self._prepare(self._on_nothing())
        layout = self.live.layout(self.view.scale / self.live.scale_100, self.view.scale)
        if layout is not self._layout:
            # Values that are no longer shown damage nothing by themselves: what they left must be wiped all the same.
            self._layout, self._frame_is_whole = layout, False
            return None
        if self._picture.waiting(window) > _MOST_WAITING:
            self._frame_is_whole = False
            return None
        grid = no_damage(window.width, window.height)
        self._settle(grid)
        if not grid.any():
            return []
        if grid.mean() > _MOST_DAMAGE:
            self._frame_is_whole = False
            return None
        if not self._frame_is_whole:
            self._compose()
            return None
        return self._repair(grid)

    def _settle(self, grid: Grid) -> None:
        on = self._on_nothing()
        self._prepare(on)
        damage(grid, self._picture.settle(on, self._window)[0])

    def _prepare(self, on: Canvas2D) -> None:
        self._picture.prepare(on, self._ratio)
        if (self.lit, self.step) != (self._shown_lit, self._shown_step):
            self._shown_lit, self._shown_step = self.lit, self.step
            self._picture.relight(on)

    # -- painting --------------------------------------------------------------------------------------------------

    def show(self, painter: QPainter, region: QRegion) -> None:
        """Paint the picture, or what stands in for it, on the window."""
        if self._stand_in is not None:
            self._show_stand_in(painter)
            return
        window = QRect(0, 0, self._size.width(), self._size.height())
        if not self._frame_is_whole:
            if self._ratio == 1.0 and region.boundingRect() == window and self._is_large:
                self._paint_all(painter)
                return
            self._compose()
        for rect in cast("Iterable[QRect]", region):
            ratio = self._ratio
            source = QRectF(rect.x() * ratio, rect.y() * ratio, rect.width() * ratio, rect.height() * ratio)
            painter.drawPixmap(QRectF(rect), self._frame, source)

    def _show_stand_in(self, painter: QPainter) -> None:
        assert self._stand_in is not None
        picture, view = self._stand_in
        factor = self.view.scale / view.scale
        painter.save()
        painter.fillRect(QRect(0, 0, self._size.width(), self._size.height()), self.colors.color("bg.canvas"))
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.translate(self.view.x - view.x * factor, self.view.y - view.y * factor)
        painter.scale(factor / self._ratio, factor / self._ratio)
        painter.drawPixmap(0, 0, picture)
        painter.restore()

    def _compose(self) -> None:
        """Make the frame whole."""
        if self._frame.size() != self._device_size:
            self._frame = QPixmap(self._device_size)
        painter = QPainter(self._frame)
        self._paint_all(painter)
        painter.end()
        self._frame_is_whole = True

    def _paint_all(self, painter: QPainter) -> None:
        """Everything in the window, in device pixels."""
        self._background.work(_FOREVER)
        on = self._on_nothing()
        self._prepare(on)
        self._picture.settle(on, self._window, compare=False)
        painter.drawPixmap(0, 0, self._background.pixmap)
        self._paint_live(painter, None)

    def _repair(self, grid: Grid) -> list[QRect] | None:
        """Paint damaged cells again; their rectangles in the window, None for too many to be worth telling."""
        painter = QPainter(self._frame)
        tiles = cells(grid)
        if len(self._tiles) < len(tiles):
            self._tiles = fragment_buffer(2 * len(tiles))
        copy_fragments(painter, tiles, self._background.pixmap, self._tiles)
        self._paint_live(painter, grid)
        painter.end()
        if len(tiles) > _MOST_TOLD:
            return None
        return [
            QRectF(x / self._ratio, y / self._ratio, w / self._ratio, h / self._ratio).toAlignedRect()
            for x, y, w, h in _rows_of(tiles)
        ]

    def _paint_live(self, painter: QPainter, grid: Grid | None) -> None:
        """What lives, in damaged cells only, or all of it."""
        on = self._on(painter, self.view, lit=self.lit)
        if self._picture.hopeless:
            self._paint_strokes(painter, grid)
            return
        for run in self._picture.runs(on, self._window, values=self.layers.values):
            if isinstance(run, LiveSymbol):
                self._clipped(painter, grid, lambda run=run: paint_symbol(on, run))
            else:
                self._picture.atlas.paint(painter, run if grid is None else cut(run, grid))

    def _paint_strokes(self, painter: QPainter, grid: Grid | None) -> None:
        """What lives without any kept picture."""
        on, size = self._on(painter, self.view, lit=self.lit), self._size
        visible = self._visible(self.view, QRectF(0, 0, size.width(), size.height()))

        def paint() -> None:
            if self.layers.flow:
                painter.fillRect(QRectF(0, 0, size.width(), size.height()), self.colors.color("bg.canvas"))
                self._sheet.paint(painter, self.view, visible, self.colors, flows=self._flows())
            self.live.paint(on, visible, values=self.layers.values)

        self._clipped(painter, grid, paint)

    def _flows(self) -> Mapping[str, int]:
        """What pipes are known to flow, where that is shown."""
        return self.live.flow.judge(self.live.readings) if self.layers.flow else {}

    def _clipped(self, painter: QPainter, grid: Grid | None, paint: object) -> None:
        painter.save()
        if grid is not None:
            region = QRegion()
            for x, y, w, h in _rows_of(cells(grid)):
                region = region.united(QRect(x, y, w, h))
            painter.setClipRegion(region)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(self._ratio, self._ratio)
        paint()  # type: ignore[operator]
        painter.restore()

    def paint_direct(self, painter: QPainter, view: View, area: QRectF) -> None:
        """Sheet and values with strokes alone: for pictures, print and PDF.

        No alarm is in its dark phase, and each old value has its own age even where the window folds them.
        """
        visible = self._visible(view, area)
        self._sheet.paint(painter, view, visible, self.colors, everything=True, flows=self._flows())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        on = self._on(painter, view, lit=True)
        on.on_paper = True
        was_folded = self.live.fold(False)
        try:
            self.live.paint(on, visible, values=self.layers.values)
        finally:
            if was_folded:
                self.live.fold(True)
                self.void()

    @staticmethod
    def _visible(view: View, area: QRectF) -> Box:
        return view.box_mm(Box(area.left(), area.top(), area.right(), area.bottom()))

    def _on_nothing(self) -> Canvas2D:
        return self._on(cast("QPainter", None), self.view, lit=self.lit)

    def _on(self, painter: QPainter, view: View, *, lit: bool) -> Canvas2D:
        zoom, layers = view.scale / self.live.scale_100, self.layers
        return Canvas2D(
            painter, view, self.colors, zoom, lit, self.step, layers.flow, layers.alarms, design=layers.design
        )

    def small_picture(self, width: float, height: float, scale: float, origin: QPointF) -> QPixmap:
        """The static sheet for the minimap."""
        if self._small is None:
            self._small = QPixmap(round(width * self._ratio), round(height * self._ratio))
            self._small.setDevicePixelRatio(self._ratio)
            self._small.fill(self.colors.color("bg.surface"))
            painter = QPainter(self._small)
            self._sheet.paint(painter, View(scale, origin.x(), origin.y()), _EVERYTHING, self.colors)
            painter.end()
        return self._small


def _rows_of(tiles: Fragments) -> list[tuple[int, int, int, int]]:
    """Cells side by side as one rectangle each: x, y, width, height."""
    found: list[tuple[int, int, int, int]] = []
    for x, y in tiles[:, X : Y + 1].tolist():
        if found and found[-1][1] == y and found[-1][0] + found[-1][2] == x:
            x0, y0, wide, high = found[-1]
            found[-1] = x0, y0, wide + CELL_PX, high
        else:
            found.append((x, y, CELL_PX, CELL_PX))
    return found
