"""A traced route over the sheet: its lines marked in the colour of the hand, everything else dimmed.

Kept as one picture of the window for each view: a drawing of thousands of lines must not be stroked again each time a
value changes.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPixmap, QPolygonF

from pid_renderer.drawing import Box, Drawing, Point, Text
from pid_renderer.paint_box import PaintBox
from pid_renderer.route import Line, Route
from pid_renderer.view import View

_DIM: Final = 0.6
_LINE_PX: Final = 7.0
_ARROW_EVERY_PX: Final = 72.0
_ARROW_PX: Final = 6.5
_UPSTREAM_DASH: Final = (1.6, 0.9)
"""In line widths: what comes is dashed, what goes is solid, so the two differ without colour."""


class RouteOverlay:
    """Paints one route, or nothing."""

    def __init__(self) -> None:
        self.route: Route | None = None
        self._boxes: list[Box] | None = None
        self._picture: QPixmap | None = None
        self._made_for: object = None

    def set(self, route: Route | None) -> None:
        """The route from now on."""
        self.route = route
        self._boxes = self._picture = self._made_for = None

    def paint(
        self, painter: QPainter, drawing: Drawing, view: View, size: QSize, ratio: float, colors: PaintBox,
        bright: tuple[Box, ...],
    ) -> None:  # fmt: skip
        """Paint it over the window. `bright` (mm): what must not be dimmed either, such as alarms."""
        if self.route is None:
            return
        key = (view, size.width(), size.height(), ratio, id(colors), bright)
        if key != self._made_for or self._picture is None:
            if self._boxes is None:
                self._boxes = _boxes(drawing, self.route)
            self._picture = _picture(self.route, [*self._boxes, *bright], view, size, ratio, colors)
            self._made_for = key
        painter.drawPixmap(0, 0, self._picture)


def _boxes(drawing: Drawing, route: Route) -> list[Box]:
    """What stays bright beside the lines: the elements on the route and their labels."""
    bright = route.bright
    found = []
    for id_ in bright:
        element = drawing.elements[id_]
        if element.box is not None and element.family != "pipe":
            found.append(element.box)
    for item in drawing.primitives:
        if isinstance(item, Text):
            owner = drawing.elements.get(item.owner)
            while owner is not None and owner.family == "label":
                owner = drawing.elements.get(owner.parent)
            if owner is not None and owner.id in bright:
                found.append(item.box)
    return found


def _picture(route: Route, boxes: list[Box], view: View, size: QSize, ratio: float, colors: PaintBox) -> QPixmap:
    picture = QPixmap(math.ceil(size.width() * ratio), math.ceil(size.height() * ratio))
    picture.setDevicePixelRatio(ratio)
    veil = QColor(colors.color("bg.canvas"))
    veil.setAlphaF(_DIM)
    picture.fill(veil)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    window = Box(-40.0, -40.0, size.width() + 40.0, size.height() + 40.0)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Clear)
    for box in boxes:
        seen = view.box_px(box)
        if seen.meets(window):
            painter.fillRect(QRectF(seen.left - 3, seen.top - 3, seen.width + 6, seen.height + 6), Qt.GlobalColor.black)
    paths = {upstream: _path(route, view, upstream=upstream) for upstream in (False, True)}
    clear = QPen(Qt.GlobalColor.black, _LINE_PX + 4)
    painter.setPen(clear)
    for path in paths.values():
        painter.drawPath(path)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
    for upstream, path in paths.items():
        ink = QColor(colors.color("hand.accent"))
        ink.setAlphaF(0.5)
        pen = QPen(ink, _LINE_PX)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap if upstream else Qt.PenCapStyle.RoundCap)
        if upstream:
            pen.setDashPattern(_UPSTREAM_DASH)
        painter.setPen(pen)
        painter.drawPath(path)
    for line in route.lines:
        _arrows(painter, line, view, window, colors)
    painter.end()
    return picture


def _path(route: Route, view: View, *, upstream: bool) -> QPainterPath:
    path = QPainterPath()
    for line in route.lines:
        if line.upstream == upstream:
            path.addPolygon(QPolygonF([QPointF(*view.to_px(point)) for point in line.points]))
    return path


def _arrows(painter: QPainter, line: Line, view: View, window: Box, colors: PaintBox) -> None:
    """Heads along the flow: hollow on the way here, solid on the way from here."""
    painter.setPen(QPen(colors.color("hand.accent"), 1.5))
    painter.setBrush(colors.color("bg.canvas" if line.upstream else "hand.accent"))
    for a, b in pairwise(view.to_px(point) for point in line.points):
        length = math.dist(a, b)
        if length < 3 * _ARROW_PX:
            continue
        count = max(1, round(length / _ARROW_EVERY_PX))
        for number in range(count):
            part = (number + 0.5) / count
            middle = (a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part)
            if window.meets(Box(*middle, *middle)):
                _head(painter, middle, math.atan2(b[1] - a[1], b[0] - a[0]))


def _head(painter: QPainter, at: Point, angle: float) -> None:
    c, s = math.cos(angle), math.sin(angle)
    corners = ((_ARROW_PX, 0.0), (-_ARROW_PX * 0.7, _ARROW_PX * 0.8), (-_ARROW_PX * 0.7, -_ARROW_PX * 0.8))
    painter.drawPolygon(QPolygonF([QPointF(at[0] + x * c - y * s, at[1] + x * s + y * c) for x, y in corners]))
