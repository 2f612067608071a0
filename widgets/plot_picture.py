"""A plot as a picture for a report: PNG or SVG, with title, span and time zone, and its pens and their units."""

from __future__ import annotations

import base64
import re
from datetime import datetime
from importlib import resources
from pathlib import Path
from typing import Final

from PySide6.QtCore import QBuffer, QIODevice, QPoint, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgGenerator

from resources.words import t
from widgets import style
from widgets.clock_text import local, offset
from widgets.pen_list import paint_pen
from widgets.signal_words import shown
from widgets.time_plot import TimePlot

SCALE: Final = 2.0
"""Pixels of a PNG to one of the screen."""
_FACES: Final = {
    "IBM Plex Sans": {400: "Regular", 500: "Medium", 600: "SemiBold", 700: "Bold"},
    "IBM Plex Sans Condensed": {500: "Medium", 600: "SemiBold"},
}
_EDGE_PX: Final = 16
_TITLE_PX: Final = 46
_ROW_PX: Final = 20
_COLUMN_PX: Final = 420


class BadPlotPicture(Exception):
    """A picture that could not be written; says why and what to do."""


def write_plot_picture(plot: TimePlot, path: Path, title: str) -> None:
    """Write what is shown to `path`, as its suffix says: .png or .svg. Raises `BadPlotPicture`."""
    kind = path.suffix.lower()
    if kind not in (".png", ".svg"):
        raise BadPlotPicture(t("picture.format", name=path.name))
    data = _svg(plot, title) if kind == ".svg" else _png(plot, title)
    try:
        path.write_bytes(data)
    except OSError as error:
        raise BadPlotPicture(t("export.failed", why=str(error))) from error


def size_of(plot: TimePlot) -> QSize:
    """The picture's, in pixels of the screen."""
    return QSize(plot.width() + 2 * _EDGE_PX, _head_px(plot) + plot.height() + _EDGE_PX)


def _png(plot: TimePlot, title: str) -> bytes:
    size = size_of(plot)
    image = QImage(size * SCALE, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(SCALE)
    image.setText("Title", title)
    image.setText("Description", _span_text(plot))
    painter = QPainter(image)
    _paint(painter, plot, title, size, SCALE)
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(buffer.data().data())


def _svg(plot: TimePlot, title: str) -> bytes:
    size = size_of(plot)
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setSize(size)
    generator.setViewBox(QRectF(0, 0, size.width(), size.height()))
    # A pixel of the screen is a pixel of the picture: fonts keep their size against the lines.
    generator.setResolution(96)
    generator.setTitle(title)
    generator.setDescription(_span_text(plot))
    painter = QPainter(generator)
    _paint(painter, plot, title, size)
    painter.end()
    return _with_fonts(bytes(buffer.data().data()))


def _with_fonts(svg: bytes) -> bytes:
    """The same with the interface's fonts in it: elsewhere they are not installed, and words would lie on words."""
    faces = []
    for family, weights in _FACES.items():
        for weight, name in weights.items():
            if re.search(rf'font-family="{family},[^"]*" font-size="[^"]*" font-weight="{weight}"'.encode(), svg):
                file = resources.files("resources") / "fonts" / f"{family.replace(' ', '')}-{name}.woff2"
                data = base64.b64encode(file.read_bytes()).decode()
                source = f"url(data:font/woff2;base64,{data})"
                faces.append(f'@font-face{{font-family:"{family}";font-weight:{weight};src:{source}}}')
    return svg.replace(b"<defs>", b"<defs>\n<style>" + "".join(faces).encode() + b"</style>", 1)


def _head_px(plot: TimePlot) -> int:
    columns = max(1, (plot.width() // _COLUMN_PX))
    return _EDGE_PX + _TITLE_PX + _ROW_PX * -(-len(plot.signals) // columns) + 8


def _moment(moment: datetime) -> str:
    return f"{moment.day} {t('months').split()[moment.month - 1]} {moment.year} {moment:%H:%M:%S}"


def _span_text(plot: TimePlot) -> str:
    from_us, to_us = plot.span_us
    begin, end = local(from_us, plot.zone), local(to_us, plot.zone)
    zones = list(
        dict.fromkeys(
            (f"{begin.tzname()}, {offset(from_us, plot.zone)}", f"{end.tzname()}, {offset(to_us, plot.zone)}")
        )
    )
    return f"{_moment(begin)} → {_moment(end)} · {plot.zone} ({' → '.join(zones)})"


def _paint(painter: QPainter, plot: TimePlot, title: str, size: QSize, scale: float = 1.0) -> None:
    painter.fillRect(QRectF(0, 0, size.width(), size.height()), style.color("bg.surface"))
    painter.setFont(style.font("title", "semibold"))
    painter.setPen(style.color("text.primary"))
    painter.drawText(QPointF(_EDGE_PX, _EDGE_PX + 14), title)
    painter.setFont(style.font("label"))
    painter.setPen(style.color("text.secondary"))
    painter.drawText(QPointF(_EDGE_PX, _EDGE_PX + 34), _span_text(plot))
    columns = max(1, plot.width() // _COLUMN_PX)
    for number, (place, signal) in enumerate(zip(plot.looks, plot.signals, strict=True)):
        left = _EDGE_PX + number % columns * _COLUMN_PX
        top = _EDGE_PX + _TITLE_PX + number // columns * _ROW_PX
        paint_pen(painter, place, left, left + 28, top + 7)
        painter.setFont(style.font("label", "semibold", condensed=True))
        painter.setPen(style.color("text.primary"))
        tag = shown(signal.kks)
        painter.drawText(QPointF(left + 36, top + 11), tag)
        wide = painter.fontMetrics().horizontalAdvance(tag)
        painter.setFont(style.font("label"))
        painter.setPen(style.color("text.secondary"))
        words = " · ".join(part for part in (signal.description, signal.unit) if part)
        room = _COLUMN_PX - wide - 36 - 20
        painter.drawText(
            QPointF(left + 36 + wide + 8, top + 11),
            painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, room),
        )
    plot.paint_on(painter, QPoint(_EDGE_PX, _head_px(plot)), scale)
