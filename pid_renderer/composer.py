"""Puts the layers of one sheet together: static tiles, living items, and the frame that keeps the result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor
from typing import NamedTuple

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSize
from PySide6.QtGui import QPainter, QPixmap, QRegion

from pid_renderer.drawing import Box
from pid_renderer.frame import Frame
from pid_renderer.live_sheet import LiveSheet, Plate
from pid_renderer.paint_box import PaintBox
from pid_renderer.sheet_layers import SheetLayer
from pid_renderer.sheet_painter import SheetPainter
from pid_renderer.symbol import Canvas2D, LiveSymbol
from pid_renderer.tiles import Piece, Tiles
from pid_renderer.view import View
from resources.theme import Theme

_EVERYTHING = Box(-1e9, -1e9, 1e9, 1e9)


@dataclass(frozen=True)
class Layers:
    """What is shown beside the drawing itself."""

    values: bool = True
    alarms: bool = True
    design: bool = False
    flow: bool = False
    hidden: frozenset[SheetLayer] = frozenset()
    """What of the drawing itself is left out."""


class _Place(NamedTuple):
    """The part of the window an item takes."""

    area: QRect
    visible: Box
    """The same in sheet millimetres."""
    background: list[Piece]
    """What of the static sheet lies under it."""


class Composer:
    """Paints one sheet through one view."""

    def __init__(self, live: LiveSheet, theme: Theme, layers: Layers) -> None:
        self.live = live
        self.lit, self.step = True, 0
        self.view = View(1.0, 0.0, 0.0)
        self._size, self._ratio = QSize(1, 1), 1.0
        self._sheet = SheetPainter(live.drawing, without=live.owners_drawn_live())
        self._frame = Frame()
        self._places: dict[int, tuple[Box, _Place]] = {}
        self.set_theme(theme)
        self.set_layers(layers)

    def set_theme(self, theme: Theme) -> None:
        """Paint in another theme."""
        self.colors = PaintBox(theme)
        self._tiles = Tiles(self._sheet, self.colors)
        self._places.clear()
        self._small: QPixmap | None = None
        self.void()

    def set_layers(self, layers: Layers) -> None:
        """Show other layers from the next `show` on."""
        self.layers = layers
        self.live.show_design(layers.design)
        self.live.hidden = layers.hidden
        if layers.hidden != self._sheet.hidden:
            self._sheet.hidden = layers.hidden
            self.set_theme(self.colors.theme)

    def void(self) -> None:
        """Compose everything again at the next `show`."""
        self._frame.void()

    def place(self, view: View, size: QSize, ratio: float) -> None:
        """Look through another view; after a mere pan only the strips that came into sight are painted."""
        before, self.view = self.view, view
        self._places.clear()
        by = QPoint(round(view.x - before.x), round(view.y - before.y))
        is_pan = view.scale == before.scale and size == self._size and ratio == self._ratio
        self._size, self._ratio = size, ratio
        if not (is_pan and self._frame.scroll(by, size, ratio, self._paint_area)):
            self._frame.void()

    def show(self, painter: QPainter, region: QRegion) -> None:
        """Copy the picture to the window, composing it first where it is not whole."""
        if not self._frame.is_whole(self._size, self._ratio):
            self._frame.compose(self._size, self._ratio, self._paint_area)
        self._frame.show(painter, region)

    def repair(self, items: Sequence[LiveSymbol | Plate]) -> list[QRect] | None:
        """Paint changed items again; the window's rectangles that differ, or None where all of it may."""
        if self.layers.flow or not self._frame.is_whole(self._size, self._ratio):
            # A flow that begins or ends changes arrows along whole pipes.
            self._frame.void()
            return None
        self.live.lay_out(self.view.scale / self.live.scale_100, self.view.scale)
        painted_with = {id(item) for item in items if isinstance(item, LiveSymbol)}
        areas: list[QRect] = []
        clips: dict[int, QRect | QRegion] = {}
        own: dict[int, QRect] = {}
        with self._frame.repairing() as painter:
            for item in items:
                area, visible, background = self._place_of(item)
                own[id(item)] = area
                in_vessel = isinstance(item, Plate) and item.vessel is not None and id(item.vessel) in painted_with
                if in_vessel or area.isEmpty():
                    continue
                painter.setClipRect(area)
                for piece in background:
                    painter.drawPixmap(*piece)
                areas.append(area)
                for other in self.live.round(item, visible, values=self.layers.values):
                    known = clips.get(id(other))
                    clips[id(other)] = area if known is None else _with(known, area)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            on = self._on(painter, self.view, lit=self.lit)
            for item in self.live.in_order(clips):
                # All of a changed item lies in its own area: no other is needed to show it whole.
                clip = own.get(id(item), clips[id(item)])
                if isinstance(clip, QRect):
                    painter.setClipRect(clip)
                else:
                    painter.setClipRegion(clip)
                self.live.paint_item(on, item)
        return areas

    def _place_of(self, item: LiveSymbol | Plate) -> _Place:
        """The part of the window an item takes; kept for the view."""
        extent = self.live.extent(item, self.view.scale)
        kept = self._places.get(id(item))
        if kept is not None and kept[0] is extent:
            return kept[1]
        box = self.view.box_px(extent)
        # One pixel more: the edge of antialiased ink and of letters stands out of the box that was computed.
        area = QRect(QPoint(floor(box.left) - 1, floor(box.top) - 1), QPoint(ceil(box.right) + 1, ceil(box.bottom) + 1))
        area = area.intersected(QRect(QPoint(0, 0), self._size))
        visible = self.view.box_mm(Box(area.left(), area.top(), area.right() + 1, area.bottom() + 1))
        background = [] if area.isEmpty() else self._tiles.pieces(self.view, QRectF(area), self._ratio)
        place = _Place(area, visible, background)
        self._places[id(item)] = extent, place
        return place

    def _paint_area(self, painter: QPainter, area: QRectF) -> None:
        """Tiles and all living items inside a rectangle of the window."""
        self._tiles.paint(painter, self.view, area)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        on = self._on(painter, self.view, lit=self.lit)
        self.live.paint(on, self._visible(self.view, area), values=self.layers.values)

    def paint_direct(self, painter: QPainter, view: View, area: QRectF) -> None:
        """Sheet and values with strokes alone, no tiles: for pictures, print and PDF. No alarm is in its dark phase."""
        visible = self._visible(view, area)
        self._sheet.paint(painter, view, visible, self.colors, everything=True)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        on = self._on(painter, view, lit=True)
        on.on_paper = True
        self.live.paint(on, visible, values=self.layers.values, on_paper=True)

    @staticmethod
    def _visible(view: View, area: QRectF) -> Box:
        return view.box_mm(Box(area.left(), area.top(), area.right(), area.bottom()))

    def _on(self, painter: QPainter, view: View, *, lit: bool) -> Canvas2D:
        zoom, layers = view.scale / self.live.scale_100, self.layers
        return Canvas2D(painter, view, self.colors, zoom, lit, self.step, layers.flow, layers.alarms, layers.design)

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


def _with(clip: QRect | QRegion, area: QRect) -> QRect | QRegion:
    """Both; one rectangle where one holds the other, for a clip of many costs several times as much."""
    if isinstance(clip, QRect):
        if clip.contains(area):
            return clip
        if area.contains(clip):
            return area
        clip = QRegion(clip)
    return clip.united(area)
